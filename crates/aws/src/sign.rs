//! Signature version 4, with the clock corrected by what the services say.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::header::{AUTHORIZATION, DATE};
use privlink_core::transport::Authorize;
use privlink_core::{BoxFuture, Error, ErrorKind, Result};

use crate::credential::Keys;
use crate::endpoint::Service;
use crate::wire::error::Said;

/// A clock this far from the service's is corrected; AWS refuses at 15 minutes.
const TOLERATED: Duration = Duration::from_secs(240);

/// Signs the requests of one service.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    service: Service,
    region: String,
    keys: Arc<Keys>,
    /// Seconds that the services' clock is ahead of ours; shared by all services of a client.
    ahead: Arc<AtomicI64>,
}

impl Signer {
    pub(crate) fn new(service: Service, region: String, keys: Arc<Keys>, ahead: Arc<AtomicI64>) -> Self {
        Self { service, region, keys, ahead }
    }

    fn corrected(&self, now: SystemTime) -> SystemTime {
        shift(now, self.ahead.load(Ordering::Relaxed))
    }

    async fn sign(&self, request: &mut http::Request<Bytes>, now: SystemTime) -> Result<()> {
        let keys = self.keys.at(now).await?;
        // A request that is tried again carries the last attempt's signature.
        for name in [AUTHORIZATION.as_str(), "x-amz-date", "x-amz-security-token"] {
            request.headers_mut().remove(name);
        }
        let identity = keys.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service.signing_name())
            .time(self.corrected(now))
            .settings(SigningSettings::default())
            .build()
            .map_err(unsigned)?
            .into();
        let mut headers = Vec::with_capacity(request.headers().len());
        for (name, value) in request.headers() {
            let value = value.to_str().map_err(unsigned)?;
            headers.push((name.as_str(), value));
        }
        let uri = request.uri().to_string();
        let signable = SignableRequest::new(
            request.method().as_str(),
            uri.as_str(),
            headers.into_iter(),
            SignableBody::Bytes(request.body()),
        )
        .map_err(unsigned)?;
        let (instructions, _) = sign(signable, &params).map_err(unsigned)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }

    async fn mended(&self, response: &http::Response<Bytes>, now: SystemTime) -> bool {
        let code = Said::read(response.body()).code.unwrap_or_default();
        let about_time = matches!(
            code.as_str(),
            "RequestExpired"
                | "RequestTimeTooSkewed"
                | "SignatureDoesNotMatch"
                | "InvalidSignatureException"
                | "AuthFailure"
                | "RequestInTheFuture"
        );
        if about_time && let Some(theirs) = date(response) {
            let ours = self.corrected(now);
            let apart = theirs.duration_since(ours).unwrap_or_else(|error| error.duration());
            if apart > TOLERATED {
                self.ahead.store(seconds_between(now, theirs), Ordering::Relaxed);
                return true;
            }
        }
        let about_keys = matches!(
            code.as_str(),
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "InvalidClientTokenId" | "AuthFailure"
        );
        about_keys && self.keys.forget().await
    }
}

impl Authorize for Signer {
    fn authorize<'a>(&'a self, request: &'a mut http::Request<Bytes>, now: SystemTime) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.sign(request, now))
    }

    fn refused<'a>(
        &'a self,
        _request: &'a http::Request<Bytes>,
        response: &'a http::Response<Bytes>,
        now: SystemTime,
    ) -> BoxFuture<'a, bool> {
        Box::pin(self.mended(response, now))
    }

    fn identity(&self) -> String {
        // EC2 throttles per account and region, Route 53 per account: a limiter a service.
        format!("{}/{}/{}", self.service.signing_name(), self.region, self.keys.identity())
    }

    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.keys.scrub(text)
    }
}

fn unsigned(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::InvalidInput, "the request cannot be signed").with_source(error)
}

fn date(response: &http::Response<Bytes>) -> Option<SystemTime> {
    let text = response.headers().get(DATE)?.to_str().ok()?;
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(zoned.timestamp().into())
}

fn seconds_between(ours: SystemTime, theirs: SystemTime) -> i64 {
    let whole = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match theirs.duration_since(ours) {
        Ok(ahead) => whole(ahead),
        Err(behind) => -whole(behind.duration()),
    }
}

fn shift(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let shifted = if seconds < 0 { time.checked_sub(by) } else { time.checked_add(by) };
    shifted.unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Credentials;

    fn signer() -> Signer {
        let keys = Credentials::new("AKIDEXAMPLE", "canary-secret");
        Signer::new(Service::Ec2, "us-east-1".into(), Arc::new(Keys::fixed(&keys)), Arc::default())
    }

    fn request() -> http::Request<Bytes> {
        http::Request::post("https://ec2.us-east-1.amazonaws.com/")
            .header("content-type", crate::wire::query::CONTENT_TYPE)
            .body(Bytes::from_static(b"Action=DescribeVpcs&Version=2016-11-15"))
            .unwrap()
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[tokio::test]
    async fn signing_twice_leaves_one_signature_of_the_latest_moment() {
        let signer = signer();
        let mut request = request();
        signer.authorize(&mut request, at(1_700_000_000)).await.unwrap();
        let first = request.headers()[AUTHORIZATION].clone();
        signer.authorize(&mut request, at(1_700_000_100)).await.unwrap();
        assert_eq!(request.headers().get_all(AUTHORIZATION).iter().count(), 1);
        assert_ne!(request.headers()[AUTHORIZATION], first);
        assert_eq!(request.headers()["x-amz-date"], "20231114T221500Z");
        let text = request.headers()[AUTHORIZATION].to_str().unwrap().to_owned();
        assert!(text.contains("AKIDEXAMPLE/20231114/us-east-1/ec2/aws4_request"), "{text}");
        assert!(text.contains("content-type;host;x-amz-date"), "{text}");
    }

    fn refusal(code: &str, date: &str) -> http::Response<Bytes> {
        http::Response::builder()
            .status(400)
            .header(DATE, date)
            .body(
                format!("<Response><Errors><Error><Code>{code}</Code><Message>m</Message></Error></Errors></Response>")
                    .into(),
            )
            .unwrap()
    }

    #[tokio::test]
    async fn a_clock_that_is_off_is_corrected_once() {
        let signer = signer();
        let ours = at(1_700_000_000); // Tue, 14 Nov 2023 22:13:20 GMT
        let response = refusal("RequestExpired", "Tue, 14 Nov 2023 23:13:20 GMT");
        assert!(signer.refused(&request(), &response, ours).await);
        let mut again = request();
        signer.authorize(&mut again, ours).await.unwrap();
        assert_eq!(again.headers()["x-amz-date"], "20231114T231320Z");
        assert!(!signer.refused(&request(), &response, ours).await, "the same answer again is final");
    }

    #[tokio::test]
    async fn a_wrong_key_under_a_right_clock_is_final() {
        let signer = signer();
        let ours = at(1_700_000_000);
        let response = refusal("SignatureDoesNotMatch", "Tue, 14 Nov 2023 22:13:25 GMT");
        assert!(!signer.refused(&request(), &response, ours).await);
        let response = refusal("AuthFailure", "Tue, 14 Nov 2023 22:13:25 GMT");
        assert!(!signer.refused(&request(), &response, ours).await, "static keys are never tried twice");
    }
}
