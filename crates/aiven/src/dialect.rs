//! How Aiven says that a call failed.

use bytes::Bytes;
use http::StatusCode;
use privlink_core::transport::{Dialect, Failure, Operation};
use privlink_core::{ApiError, Error, ErrorKind};
use serde_json::Value;

/// The vendor's name in errors.
pub(crate) const VENDOR: &str = "Aiven";

/// Failures are told apart by status and `message`: no published code is about privatelink. Of the
/// body nothing but messages and codes is kept, because it may hold credentials.
#[derive(Debug)]
pub(crate) struct AivenDialect;

impl Dialect for AivenDialect {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn judge(&self, _: &Operation, response: &http::Response<Bytes>) -> Option<Failure> {
        let status = response.status();
        if status.is_success() {
            return None;
        }
        let body = serde_json::from_slice::<Value>(response.body()).ok();
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let details = body.as_ref().and_then(|body| body.get("errors")).and_then(Value::as_array);
        let first = details.and_then(|all| all.first());
        let message = body.as_ref().and_then(|body| text(body, "message").or_else(|| text(first?, "message")));
        let code = first.and_then(|first| text(first, "error_code"));
        let told = message.is_some() || code.is_some();
        // A gateway has messages too; Aiven's own answers list their errors.
        let kind = kind(status, code.as_deref(), details.is_some());
        let mut error = Error::new(kind, said(status)).with_http_status(status.as_u16());
        if told {
            error = error.with_api(ApiError::new(code.as_deref(), &message.unwrap_or_default()));
        }
        if kind == ErrorKind::PermissionDenied {
            error = error.with_help(
                "give the token's user the permission service:configuration:write on the project, and \
                 project:services:write to see where privatelink is offered",
            );
        }
        Some(match kind {
            ErrorKind::RateLimited | ErrorKind::Unavailable => Failure::passing(error, None),
            _ => Failure::last(error),
        })
    }
}

/// Whether a failure says that the service does not exist: right after it was made, the part of the
/// API that answers writes may not know it yet.
pub(crate) fn is_unknown_service(error: &Error) -> bool {
    error.kind() == ErrorKind::NotFound
        && error.api().is_some_and(|api| {
            let message = api.message.to_ascii_lowercase();
            message.starts_with("service ") && message.contains("does not exist")
        })
}

fn kind(status: StatusCode, code: Option<&str>, told: bool) -> ErrorKind {
    match (status.as_u16(), code) {
        (_, Some("authentication_failed")) | (401, _) => ErrorKind::Unauthenticated,
        (_, Some("feature_not_enabled")) => ErrorKind::Unsupported,
        (400 | 413 | 414 | 415 | 422, _) => ErrorKind::InvalidInput,
        (403, _) => ErrorKind::PermissionDenied,
        // "Gone" is believed only from the vendor: a proxy's own 404 must not pass for a deleted
        // privatelink.
        (404 | 410, _) if told => ErrorKind::NotFound,
        // 417 is how a deletion is refused while something depends on the thing.
        (409 | 412 | 417 | 423 | 424, _) => ErrorKind::Conflict,
        (429, _) => ErrorKind::RateLimited,
        // The vendor's own tools repeat 501 as well.
        (408 | 425 | 500..=599, _) => ErrorKind::Unavailable,
        _ => ErrorKind::UnexpectedResponse,
    }
}

fn said(status: StatusCode) -> &'static str {
    match status.as_u16() {
        300..=399 => "answered with a redirect, which is not followed",
        401 => "the token was not accepted",
        403 => "the token was not accepted, or its user may not do this",
        409 | 417 => "refused, because of the state it is in",
        429 => "too many requests",
        500..=599 => "the control plane is failing",
        _ => "refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(status: u16, body: &str) -> Failure {
        let response = http::Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        AivenDialect.judge(&crate::operations::SERVICE, &response).expect("a failure")
    }

    fn told(message: &str, code: Option<&str>) -> String {
        let mut body = serde_json::json!({"message": message, "errors": [{"message": message, "status": 400}]});
        if let Some(code) = code {
            body["errors"][0]["error_code"] = code.into();
        }
        body.to_string()
    }

    #[test]
    fn kinds_come_from_the_status_and_a_bad_token_from_its_code() {
        for (status, code, kind) in [
            (400, None, ErrorKind::InvalidInput),
            (401, None, ErrorKind::Unauthenticated),
            (403, None, ErrorKind::PermissionDenied),
            (403, Some("authentication_failed"), ErrorKind::Unauthenticated),
            (404, Some("project_not_found"), ErrorKind::NotFound),
            (409, None, ErrorKind::Conflict),
            (417, None, ErrorKind::Conflict),
            (418, None, ErrorKind::UnexpectedResponse),
        ] {
            let failure = judge(status, &told("no", code));
            assert_eq!((failure.error.kind(), failure.transient), (kind, false), "{status} {code:?}");
            assert_eq!(failure.error.code(), code);
        }
        for status in [408, 429, 500, 501, 503] {
            assert!(judge(status, &told("later", None)).transient, "{status}");
        }
    }

    #[test]
    fn an_unknown_service_is_told_from_a_privatelink_that_is_not_there() {
        assert!(is_unknown_service(&judge(404, &told("Service orders does not exist", None)).error));
        assert!(!is_unknown_service(&judge(404, &told("Privatelink does not exist", None)).error));
        for page in ["<html>404</html>", r#"{"message":"no Route matched with those values"}"#] {
            assert_eq!(judge(404, page).error.kind(), ErrorKind::UnexpectedResponse, "{page}");
        }
    }

    #[test]
    fn nothing_of_a_body_is_kept_but_message_and_code() {
        let body = serde_json::json!({"message": "no", "errors": [], "service_uri": "postgres://avnadmin:hunter2@x"});
        for failure in [judge(500, &body.to_string()), judge(502, "<html>hunter2</html>")] {
            assert!(!format!("{:?} {}", failure.error, failure.error.report()).contains("hunter2"));
        }
    }
}
