//! Signature Version 4, checked: every signature is computed again from the key's secret.
//!
//! Written out from the rules of AWS's guide "Create a signed AWS API request" (read 2026-11-21), on purpose
//! without the code that signs in any client.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use privlink_core::{AwsAccountId, AwsPartition, Region};
use sha2::{Digest, Sha256};

use super::error::{Answer, ApiError};
use super::id::hex;
use super::{Api, time};

/// How far a request's date may be from the world's clock.
const TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A key that may call.
#[derive(Clone)]
pub(crate) struct AccessKey {
    /// The key's id.
    pub(crate) id: String,
    /// Its secret.
    pub(crate) secret: String,
    /// The session token that must come with it, if it is a temporary key.
    pub(crate) session_token: Option<String>,
    /// The account it belongs to.
    pub(crate) account: AwsAccountId,
    /// The ARN of the user or role session it stands for.
    pub(crate) principal: String,
    /// The actions it may use (`ec2:Describe*`); `None` for all.
    pub(crate) allowed: Option<Vec<String>>,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("principal", &self.principal)
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

/// Who calls, and where: what a checked signature proves.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) account: AwsAccountId,
    pub(super) principal: String,
    pub(super) region: Region,
    api: Api,
    allowed: Option<Vec<String>>,
}

impl Caller {
    /// The account itself, without a signature: for what is done behind the clients' backs.
    pub(super) fn root(account: AwsAccountId, region: Region) -> Self {
        let principal = format!("arn:aws:iam::{account}:root");
        Self { account, principal, region, api: Api::Ec2, allowed: None }
    }

    /// Refuses unless the key may use `action` (`ec2:CreateVpcEndpoint`).
    pub(super) fn require(&self, action: &str) -> Answer<()> {
        let Some(allowed) = &self.allowed else { return Ok(()) };
        if allowed.iter().any(|pattern| matches_action(pattern, action)) {
            return Ok(());
        }
        let who = format!(
            "User: {} is not authorized to perform: {action} because no identity-based policy allows the {action} action",
            self.principal
        );
        Err(match self.api {
            Api::Ec2 => ApiError::new(
                "UnauthorizedOperation",
                format!("You are not authorized to perform this operation. {who}"),
            ),
            Api::Route53 | Api::Sts => ApiError::new("AccessDenied", who),
        }
        .status(403))
    }

    /// The unique id that STS tells along with the ARN.
    pub(super) fn user_id(&self) -> String {
        let kind = if self.principal.contains(":assumed-role/") { "AROA" } else { "AIDA" };
        let digest = hex(&Sha256::digest(&self.principal)).to_ascii_uppercase();
        let session = self.principal.split(":assumed-role/").nth(1).and_then(|rest| rest.split('/').nth(1));
        match session {
            Some(session) => format!("{kind}{}:{session}", &digest[..17]),
            None => format!("{kind}{}", &digest[..17]),
        }
    }
}

/// Whether `pattern` (`*`, `ec2:Describe*`, `ec2:CreateTags`) covers `action`; without case, as IAM compares.
fn matches_action(pattern: &str, action: &str) -> bool {
    super::filter::wildcard(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

/// Checks the signature of `request` against the known keys.
pub(super) fn verify(
    keys: &BTreeMap<String, AccessKey>,
    now: SystemTime,
    api: Api,
    request: &http::Request<Bytes>,
) -> Answer<Caller> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let Some(authorization) = header("authorization") else { return Err(no_token(api)) };
    let parts = Parts::parse(authorization)?;
    let date = header("x-amz-date").ok_or_else(|| {
        incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    })?;
    let at = time::parse_basic(date).ok_or_else(|| incomplete("Date must be in ISO-8601 'basic format'."))?;

    if parts.service != api.signing_name() {
        return Err(bad_scope(
            api,
            &format!("Credential should be scoped to correct service: '{}'.", api.signing_name()),
        ));
    }
    if parts.terminator != "aws4_request" {
        return Err(bad_scope(api, "Credential should be scoped with a valid terminator: 'aws4_request'."));
    }
    if !date.starts_with(parts.date) {
        return Err(bad_scope(
            api,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
        ));
    }
    let region: Region =
        parts.region.parse().map_err(|_| bad_scope(api, "Credential should be scoped to a valid region."))?;
    if api == Api::Route53 && region.as_str() != route53_region(&region) {
        return Err(bad_scope(
            api,
            &format!(
                "Credential should be scoped to a valid region, not '{region}'. It must be '{}'.",
                route53_region(&region)
            ),
        ));
    }
    let key = keys.get(parts.key_id).ok_or_else(|| unknown_key(api))?;
    if key.session_token.as_deref() != header("x-amz-security-token") {
        return Err(unknown_key(api));
    }
    if !parts.signed_headers.contains(&"host") || !parts.signed_headers.contains(&"x-amz-date") {
        return Err(incomplete("'Host' and 'X-Amz-Date' must be signed headers."));
    }
    if key.session_token.is_some() && !parts.signed_headers.contains(&"x-amz-security-token") {
        return Err(incomplete("'X-Amz-Security-Token' must be a signed header."));
    }
    let signature = signature(request, date, &parts, &key.secret)
        .ok_or_else(|| incomplete("A header named in SignedHeaders is not in the request."))?;
    if signature != parts.signature {
        return Err(wrong_signature(api));
    }
    check_age(api, at, now, date)?;
    Ok(Caller {
        account: key.account.clone(),
        principal: key.principal.clone(),
        region,
        api,
        allowed: key.allowed.clone(),
    })
}

/// The one region in which a partition's Route 53 is signed for.
fn route53_region(region: &Region) -> &'static str {
    match AwsPartition::of(region) {
        AwsPartition::China => "cn-northwest-1",
        AwsPartition::GovCloud => "us-gov-west-1",
        AwsPartition::EuropeanSovereign => "eusc-de-east-1",
        _ => "us-east-1",
    }
}

/// The parts of an `Authorization` header.
struct Parts<'a> {
    key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    terminator: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn parse(text: &'a str) -> Answer<Self> {
        let rest = text
            .strip_prefix("AWS4-HMAC-SHA256")
            .ok_or_else(|| incomplete("Unsupported authorization type; it must be AWS4-HMAC-SHA256."))?;
        let (mut credential, mut headers, mut signature) = (None, None, None);
        for part in rest.split(',') {
            match part.trim().split_once('=') {
                Some(("Credential", value)) => credential = Some(value),
                Some(("SignedHeaders", value)) => headers = Some(value),
                Some(("Signature", value)) => signature = Some(value),
                _ => return Err(incomplete("Authorization header holds something that is not key=value.")),
            }
        }
        let missing = |what: &str| incomplete(&format!("Authorization header requires '{what}' parameter."));
        let credential = credential.ok_or_else(|| missing("Credential"))?;
        let headers = headers.ok_or_else(|| missing("SignedHeaders"))?;
        let signature = signature.ok_or_else(|| missing("Signature"))?;
        let scope: Vec<&str> = credential.split('/').collect();
        let [key_id, date, region, service, terminator] = scope.as_slice() else {
            return Err(incomplete("Credential must have exactly 5 slash-delimited elements."));
        };
        Ok(Self { key_id, date, region, service, terminator, signed_headers: headers.split(';').collect(), signature })
    }
}

/// The signature that `secret` makes; `None` when a signed header is missing.
fn signature(request: &http::Request<Bytes>, date: &str, parts: &Parts<'_>, secret: &str) -> Option<String> {
    let scope = format!("{}/{}/{}/{}", parts.date, parts.region, parts.service, parts.terminator);
    let canonical = canonical_request(request, &parts.signed_headers)?;
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(&canonical)));
    Some(hex(&hmac(&signing_key(secret, parts), to_sign.as_bytes())))
}

fn canonical_request(request: &http::Request<Bytes>, signed: &[&str]) -> Option<String> {
    let uri = request.uri();
    // The path as it was sent is encoded once more; only S3 does without.
    let path: Vec<String> =
        uri.path().split('/').map(|segment| utf8_percent_encode(segment, RESERVED).to_string()).collect();
    let mut query: Vec<(String, String)> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode_again(name), encode_again(value))
        })
        .collect();
    query.sort();
    let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();

    let mut headers = String::new();
    for name in signed {
        let mut values: Vec<String> = request
            .headers()
            .get_all(*name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        if values.is_empty() && *name == "host" {
            // A request that never met a socket has its host in the URI only.
            values.push(uri.authority()?.as_str().to_owned());
        }
        if values.is_empty() {
            return None;
        }
        headers.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    Some(format!(
        "{}\n{}\n{}\n{headers}\n{}\n{}",
        request.method(),
        path.join("/"),
        query.join("&"),
        signed.join(";"),
        hex(&Sha256::digest(request.body()))
    ))
}

fn encode_again(text: &str) -> String {
    let plain: Vec<u8> = percent_decode_str(text).collect();
    percent_encoding::percent_encode(&plain, RESERVED).to_string()
}

fn signing_key(secret: &str, parts: &Parts<'_>) -> [u8; 32] {
    let mut key = hmac(format!("AWS4{secret}").as_bytes(), parts.date.as_bytes());
    for part in [parts.region, parts.service, parts.terminator] {
        key = hmac(&key, part.as_bytes());
    }
    key
}

/// HMAC of RFC 2104 with SHA-256.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().into()
}

fn check_age(api: Api, at: SystemTime, now: SystemTime, date: &str) -> Answer<()> {
    let late = now.duration_since(at).unwrap_or_default() > TOLERANCE;
    let early = at.duration_since(now).unwrap_or_default() > TOLERANCE;
    if !late && !early {
        return Ok(());
    }
    let clock = time::basic(now);
    Err(match (api, late) {
        (Api::Ec2, _) => ApiError::new("RequestExpired", "Request has expired."),
        (_, true) => ApiError::new(
            "SignatureDoesNotMatch",
            format!(
                "Signature expired: {date} is now earlier than {} ({clock} - 15 min.)",
                time::basic(now - TOLERANCE)
            ),
        )
        .status(403),
        (_, false) => ApiError::new(
            "SignatureDoesNotMatch",
            format!(
                "Signature not yet current: {date} is still later than {} ({clock} + 15 min.)",
                time::basic(now + TOLERANCE)
            ),
        )
        .status(403),
    })
}

fn auth_failure() -> ApiError {
    ApiError::new("AuthFailure", "AWS was not able to validate the provided access credentials").status(401)
}

fn no_token(api: Api) -> ApiError {
    match api {
        Api::Ec2 => auth_failure(),
        Api::Route53 | Api::Sts => {
            ApiError::new("MissingAuthenticationToken", "Request is missing Authentication Token").status(403)
        }
    }
}

fn unknown_key(api: Api) -> ApiError {
    match api {
        Api::Ec2 => auth_failure(),
        Api::Route53 | Api::Sts => {
            ApiError::new("InvalidClientTokenId", "The security token included in the request is invalid.").status(403)
        }
    }
}

fn wrong_signature(api: Api) -> ApiError {
    match api {
        Api::Ec2 => auth_failure(),
        Api::Route53 | Api::Sts => ApiError::new(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        )
        .status(403),
    }
}

fn bad_scope(api: Api, why: &str) -> ApiError {
    match api {
        Api::Ec2 => auth_failure(),
        Api::Route53 | Api::Sts => ApiError::new("SignatureDoesNotMatch", why).status(403),
    }
}

fn incomplete(why: &str) -> ApiError {
    ApiError::new("IncompleteSignature", why)
}

/// Signs `request` the way [`verify`] wants it, for this module's own tests.
#[cfg(test)]
pub(super) fn sign(request: &mut http::Request<Bytes>, id: &str, secret: &str, region: &str, api: Api, at: SystemTime) {
    let date = time::basic(at);
    request.headers_mut().insert("x-amz-date", date.parse().unwrap());
    let mut signed = vec!["host", "x-amz-date"];
    if request.headers().contains_key("x-amz-security-token") {
        signed.push("x-amz-security-token");
    }
    let parts = Parts {
        key_id: id,
        date: &date[..8],
        region,
        service: api.signing_name(),
        terminator: "aws4_request",
        signed_headers: signed.clone(),
        signature: "",
    };
    let signature = signature(request, &date, &parts, secret).unwrap();
    let scope = format!("{}/{region}/{}/aws4_request", parts.date, parts.service);
    let value =
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={}, Signature={signature}", signed.join(";"));
    request.headers_mut().insert("authorization", value.parse().unwrap());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `get-vanilla-query-order-key-case` and `post-x-www-form-urlencoded` of AWS's published
    /// signing test vectors (read 2026-11-21).
    #[test]
    fn the_published_vectors_come_out() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let parts = |signed: &'static str| Parts {
            key_id: "AKIDEXAMPLE",
            date: "20150830",
            region: "us-east-1",
            service: "service",
            terminator: "aws4_request",
            signed_headers: signed.split(';').collect(),
            signature: "",
        };
        let vanilla = http::Request::builder()
            .uri("https://example.amazonaws.com/?Param2=value2&Param1=value1")
            .header("x-amz-date", "20150830T123600Z")
            .body(Bytes::new())
            .unwrap();
        assert_eq!(
            signature(&vanilla, "20150830T123600Z", &parts("host;x-amz-date"), secret).unwrap(),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        );
        let form = http::Request::builder()
            .method("POST")
            .uri("https://example.amazonaws.com/")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-amz-date", "20150830T123600Z")
            .body(Bytes::from_static(b"Param1=value1"))
            .unwrap();
        assert_eq!(
            signature(&form, "20150830T123600Z", &parts("content-type;host;x-amz-date"), secret).unwrap(),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
        );
    }
}
