//! How both services say that a call failed.

use bytes::Bytes;
use privlink_core::transport::{Dialect, Failure, Operation};
use privlink_core::{ApiError, Error, ErrorKind};
use serde::Deserialize;

use crate::endpoint::Service;
use crate::problem::Problem;

impl Dialect for Service {
    fn vendor(&self) -> &'static str {
        (*self).vendor()
    }

    fn judge(&self, _: &Operation, response: &http::Response<Bytes>) -> Option<Failure> {
        let status = response.status();
        if status.is_success() {
            return None;
        }
        let said = Said::read(response.body());
        let problem = Problem::told(said.reason.as_deref().unwrap_or_default(), &said.message);
        // "Gone" is believed only from Google: a proxy's own 404 must not pass for a deleted thing.
        let kind = match (problem.kind(status.as_u16()), said.enveloped) {
            (ErrorKind::NotFound, false) => ErrorKind::UnexpectedResponse,
            (kind, _) => kind,
        };
        let what = match problem {
            Problem::NotFound => "there is no such thing",
            Problem::ApiDisabled => "an API is not enabled in the project",
            Problem::NotAllowed => "the credentials may not do this",
            _ => "Google refused the call",
        };
        let mut error = Error::new(kind, what).with_http_status(status.as_u16());
        if !said.enveloped {
            error = error.with_body(response.body());
        } else {
            error = error.with_api(ApiError::new(said.reason.as_deref(), &said.message));
        }
        if let Some(help) = help(problem, &said, *self) {
            error = error.with_help(help);
        }
        Some(match problem {
            Problem::Throttled | Problem::Server | Problem::NotReady => Failure::passing(error, None),
            Problem::Other if matches!(status.as_u16(), 408 | 429 | 500 | 502..=599) => Failure::passing(error, None),
            _ => Failure::last(error),
        })
    }
}

fn help(problem: Problem, said: &Said, service: Service) -> Option<String> {
    match problem {
        Problem::ApiDisabled => {
            let api = said.service.as_deref().unwrap_or(service.api());
            Some(format!("enable the API {api} in the project, wait a few minutes and try again"))
        }
        Problem::NotAllowed => permission(&said.message)
            .map(|permission| format!("grant the permission {permission} to the caller on the resource named")),
        _ => None,
    }
}

/// The permission in `Required 'compute.x.y' permission for 'projects/…'`.
fn permission(message: &str) -> Option<&str> {
    let (before, _) = message.split_once("' permission")?;
    let (_, permission) = before.rsplit_once('\'')?;
    let plain = permission.contains('.') && permission.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    plain.then_some(permission)
}

/// What an error body says, as far as it says anything.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// `errors[0].reason`, else what the details or the status say.
    pub(crate) reason: Option<String>,
    pub(crate) message: String,
    /// The API that the details are about.
    pub(crate) service: Option<String>,
    /// Whether it was Google's envelope at all.
    pub(crate) enveloped: bool,
}

impl Said {
    /// A body of another shape says nothing.
    pub(crate) fn read(body: &[u8]) -> Self {
        let Some(error) = serde_json::from_slice::<Envelope>(body).ok().and_then(|envelope| envelope.error) else {
            return Self::default();
        };
        let first = error.errors.into_iter().flatten().next();
        let details = error.details.unwrap_or_default();
        let info = details.into_iter().find(|detail| detail.reason.is_some());
        let message = error.message.filter(|message| !message.is_empty());
        let (listed, listed_message) = first.map_or((None, None), |first| (first.reason, first.message));
        Self {
            reason: listed.or_else(|| info.as_ref()?.reason.clone()).or(error.status),
            message: message.or(listed_message).unwrap_or_default(),
            service: info.and_then(|info| info.metadata?.service),
            enveloped: true,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Envelope {
    error: Option<Body>,
}

#[derive(Debug, Deserialize)]
struct Body {
    message: Option<String>,
    errors: Option<Vec<Listed>>,
    status: Option<String>,
    details: Option<Vec<Detail>>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    reason: Option<String>,
    message: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Detail {
    reason: Option<String>,
    metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    service: Option<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const OPERATION: Operation = Operation::read("compute.addresses.get");

    fn judged(status: u16, body: &str) -> Failure {
        let response = http::Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap();
        Service::Compute.judge(&OPERATION, &response).unwrap()
    }

    #[test]
    fn an_envelope_is_read_by_its_first_reason() {
        let failure = judged(
            404,
            r#"{"error":{"code":404,"message":"The resource 'projects/example-project/regions/us-central1/addresses/a' was not found",
               "errors":[{"domain":"global","reason":"notFound","message":"x"}]}}"#,
        );
        assert_eq!(failure.error.kind(), ErrorKind::NotFound);
        assert_eq!(failure.error.code(), Some("notFound"));
        assert!(failure.error.api().unwrap().message.contains("addresses/a"));
        assert!(!failure.transient);
    }

    #[test]
    fn a_disabled_api_and_a_missing_permission_are_named() {
        let failure = judged(
            403,
            r#"{"error":{"code":403,"message":"Service Directory API has not been used","status":"PERMISSION_DENIED",
               "errors":[{"domain":"usageLimits","reason":"accessNotConfigured"}],
               "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED",
               "metadata":{"service":"servicedirectory.googleapis.com"}}]}}"#,
        );
        assert!(failure.error.help().contains("servicedirectory.googleapis.com"), "{}", failure.error.help());
        let failure = judged(
            403,
            r#"{"error":{"code":403,"message":"Required 'compute.forwardingRules.pscCreate' permission for 'projects/example-project'",
               "errors":[{"reason":"forbidden"}]}}"#,
        );
        assert_eq!(failure.error.kind(), ErrorKind::PermissionDenied);
        assert!(failure.error.help().contains("compute.forwardingRules.pscCreate"), "{}", failure.error.help());
    }

    #[test]
    fn a_rate_limit_passes_and_a_quota_does_not() {
        let body = |reason| format!(r#"{{"error":{{"code":403,"errors":[{{"reason":"{reason}"}}]}}}}"#);
        for (reason, transient) in [
            ("rateLimitExceeded", true),
            ("userRateLimitExceeded", true),
            ("quotaExceeded", false),
            ("resourceNotReady", true),
            ("alreadyExists", false),
        ] {
            let response = http::Response::builder().status(403).body(Bytes::from(body(reason))).unwrap();
            assert_eq!(Service::Dns.judge(&OPERATION, &response).unwrap().transient, transient, "{reason}");
        }
        for status in [429, 500, 503] {
            assert!(judged(status, "").transient, "{status}");
        }
    }

    #[test]
    fn a_body_of_another_shape_keeps_status_and_text() {
        let failure = judged(502, "<html><h1>Bad Gateway</h1>");
        assert_eq!(failure.error.kind(), ErrorKind::Unavailable);
        assert!(failure.error.body().unwrap().contains("Bad Gateway"));
        for body in [r#"{"error":7}"#, r#"{"error":null}"#, "[]", r#"{"error":{"errors":[]}}"#] {
            assert_eq!(judged(400, body).error.kind(), ErrorKind::InvalidInput);
        }
    }
}
