//! What the other side echoes of the credentials is in no error.

use privlink_aws::{Client, Credentials};
use privlink_core::side::{Cx, Exchange, Side};
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, Error};

const SECRETS: [&str; 2] = ["canary-secret-4f9a77d1c0ffee", "canary/token+4f9a77d1c0ffee=="];

/// Fails every call, and repeats all it was sent, and the secrets, in every form of answer.
#[derive(Clone, Debug)]
struct Echo(u16, &'static str);

impl Transport for Echo {
    fn send(
        &self,
        request: http::Request<bytes::Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> {
        let headers: Vec<_> = request.headers().values().filter_map(|value| value.to_str().ok()).collect();
        let said = format!("{} {}", headers.join(" "), SECRETS.join(" "));
        // Padded, so that what is kept of the text ends within a secret wherever it is cut.
        let body = self.1.replace("SAID", &format!("{said} {}", SECRETS.join(" ").repeat(60)));
        let response = http::Response::builder().status(self.0).header("x-request-id", said);
        Box::pin(async move { Ok(response.body(body.into()).expect("a plain status and header")) })
    }
}

/// The start of a secret is one too.
fn clean(error: &Error) {
    let text = format!("{error} {error:?} {error:#?} {} {:?} {:?}", error.report(), error.api(), error.body());
    for secret in SECRETS {
        assert!(!text.contains(&secret[..10]), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_other_side_echoes_is_in_no_error() {
    for status in [400, 403, 500] {
        for body in [
            "<Response><Errors><Error><Code>AuthFailure</Code><Message>SAID</Message></Error></Errors></Response>",
            "<Response><Errors><Error><Code>SAID</Code><Message>x</Message></Error></Errors></Response>",
            "<html>SAID</html>",
            "SAID",
        ] {
            let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRETS[0]).session_token(SECRETS[1]);
            let client = Client::over(Echo(status, body), "us-east-1".parse().unwrap()).credentials(keys);
            let client = client.clock(privlink_sim::World::new().clock()).build().unwrap();
            let network = client.vpc("vpc-0a1b2c3d4e5f67890".parse().unwrap());
            let cx = Cx::new("orders".parse().unwrap(), "", privlink_sim::World::new().clock());
            clean(&network.survey(&Exchange::new(), &cx).await.unwrap_err());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_signature_is_told_without_what_was_signed() {
    let body = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>it does not match. \
                The Canonical String for this request should have been 'POST x-amz-date:1'</Message></Error></ErrorResponse>";
    let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRETS[0]).session_token(SECRETS[1]);
    let client = Client::over(Echo(403, body), "us-east-1".parse().unwrap()).credentials(keys);
    let client = client.clock(privlink_sim::World::new().clock()).build().unwrap();
    let network = client.vpc("vpc-0a1b2c3d4e5f67890".parse().unwrap());
    let cx = Cx::new("orders".parse().unwrap(), "", privlink_sim::World::new().clock());
    let error = network.survey(&Exchange::new(), &cx).await.unwrap_err();
    assert_eq!(error.api().unwrap().message, "it does not match.");
}
