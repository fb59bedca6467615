//! How ClickHouse Cloud says that a call failed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use privlink_core::transport::{Dialect, Failure, Operation, server_wait};
use privlink_core::{ApiError, Clock, Error, ErrorKind};

use crate::wire;

/// The vendor's name in errors.
pub(crate) const VENDOR: &str = "ClickHouse Cloud";

/// Failures are classified by HTTP status first and by the code in front of the text second,
/// never by the text.
#[derive(Debug)]
pub(crate) struct ClickHouseDialect {
    /// What is added to the wait the vendor asks for; its own client adds a second too.
    pub(crate) margin: Duration,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Dialect for ClickHouseDialect {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn judge(&self, _: &Operation, response: &http::Response<Bytes>) -> Option<Failure> {
        let status = response.status();
        if status.is_success() {
            return None;
        }
        let wire = serde_json::from_slice::<wire::Failure>(response.body()).ok().filter(|wire| wire.error.is_some());
        let (code, text) = wire.as_ref().and_then(|wire| wire.error.as_deref()).map_or((None, ""), split);
        let kind = kind(status, code, wire.is_some());
        let mut error = Error::new(kind, said(status)).with_http_status(status.as_u16());
        match &wire {
            Some(wire) => {
                error = error.with_api(ApiError::new(code, text)).with_request_id(wire.request_id.clone());
            }
            // A gateway's page, or nothing: what there is helps to see who answered.
            None if !response.body().is_empty() => error = error.with_body(response.body()),
            None => {}
        }
        if kind == ErrorKind::PermissionDenied {
            error = match named_permission(text) {
                Some(permission) => error.with_missing_permission(permission),
                None => error.with_help(
                    "grant the key the permission this call takes, and check that the organization's plan includes it",
                ),
            };
        }
        let wait = server_wait(response.headers(), self.clock.now()).map(|wait| wait.saturating_add(self.margin));
        if let Some(wait) = wait {
            error = error.with_retry_after(wait);
        }
        Some(match kind {
            ErrorKind::RateLimited | ErrorKind::Unavailable => Failure::passing(error, wait),
            _ => Failure::last(error),
        })
    }
}

/// Takes the code off the text: `NOT_FOUND: no such service`.
fn split(text: &str) -> (Option<&str>, &str) {
    match text.split_once(": ") {
        Some((code, rest))
            if !code.is_empty() && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_') =>
        {
            (Some(code), rest)
        }
        _ => (None, text),
    }
}

/// The permission id that a refusal names, if any.
fn named_permission(text: &str) -> Option<&str> {
    let from = text.find("control-plane:")?;
    let id = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_');
    let rest = &text[from..];
    Some(rest[..rest.find(|c| !id(c)).unwrap_or(rest.len())].trim_end_matches(':'))
}

fn kind(status: StatusCode, code: Option<&str>, enveloped: bool) -> ErrorKind {
    match status.as_u16() {
        400 | 413 | 414 | 415 | 422 => ErrorKind::InvalidInput,
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::PermissionDenied,
        // "Gone" is believed only from the vendor: a proxy's own 404 must not pass for a
        // deleted service.
        404 | 410 if enveloped => ErrorKind::NotFound,
        409 | 412 | 423 | 424 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        501 => ErrorKind::Unsupported,
        408 | 425 | 500..=599 => ErrorKind::Unavailable,
        _ => match code {
            Some("BAD_REQUEST") => ErrorKind::InvalidInput,
            Some("UNAUTHORIZED") => ErrorKind::Unauthenticated,
            Some("FORBIDDEN") => ErrorKind::PermissionDenied,
            Some("NOT_FOUND") => ErrorKind::NotFound,
            Some("CONFLICT" | "FAILED_DEPENDENCY") => ErrorKind::Conflict,
            _ => ErrorKind::UnexpectedResponse,
        },
    }
}

fn said(status: StatusCode) -> &'static str {
    match status.as_u16() {
        300..=399 => "answered with a redirect, which is not followed",
        401 => "the key or token was not accepted",
        403 => "the key or token may not do this, or the organization's plan does not include it",
        429 => "too many requests for this key",
        500..=599 => "the control plane is failing",
        _ => "refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(status: u16, headers: &[(&str, &str)], body: &str) -> Failure {
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let response = response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        ClickHouseDialect { margin: Duration::from_secs(1), clock: Arc::new(privlink_core::SystemClock::new()) }
            .judge(&crate::operations::SERVICE, &response)
            .expect("a failure")
    }

    fn envelope(text: &str) -> String {
        serde_json::json!({"status": 400.0, "error": text, "requestId": "0f0e9d55-7c1e-4f0e-9d55-0b6f2f3f8a10"})
            .to_string()
    }

    #[test]
    fn codes_and_kinds_come_from_status_and_prefix() {
        for (status, text, kind, code) in [
            (400, "BAD_REQUEST: `ipAccessList` is missing", ErrorKind::InvalidInput, Some("BAD_REQUEST")),
            (401, "UNAUTHORIZED: Key is not active", ErrorKind::Unauthenticated, Some("UNAUTHORIZED")),
            (403, "FORBIDDEN: not enabled", ErrorKind::PermissionDenied, Some("FORBIDDEN")),
            (404, "NOT_FOUND: no such service", ErrorKind::NotFound, Some("NOT_FOUND")),
            (409, "CONFLICT: Current state: 'running'", ErrorKind::Conflict, Some("CONFLICT")),
            (424, "FAILED_DEPENDENCY: Current state: idle", ErrorKind::Conflict, Some("FAILED_DEPENDENCY")),
            (400, "something: went wrong", ErrorKind::InvalidInput, None),
            (418, "NOT_FOUND: teapot", ErrorKind::NotFound, Some("NOT_FOUND")),
        ] {
            let failure = judge(status, &[], &envelope(text));
            assert_eq!((failure.error.kind(), failure.error.code(), failure.transient), (kind, code, false), "{text}");
            assert_eq!(failure.error.request_id(), Some("0f0e9d55-7c1e-4f0e-9d55-0b6f2f3f8a10"));
        }
    }

    #[test]
    fn a_page_of_a_gateway_is_transient_and_kept_short() {
        let failure = judge(502, &[], &format!("<html><h1>Bad gateway</h1>{}</html>", "x".repeat(5_000)));
        assert_eq!(failure.error.kind(), ErrorKind::Unavailable);
        assert!(failure.transient);
        assert!(failure.error.body().unwrap().chars().count() <= 401);
    }

    #[test]
    fn not_found_is_believed_only_from_the_vendor() {
        assert_eq!(judge(404, &[], "<html>404</html>").error.kind(), ErrorKind::UnexpectedResponse);
        assert_eq!(judge(404, &[], "").error.kind(), ErrorKind::UnexpectedResponse);
    }

    #[test]
    fn the_wait_is_read_with_a_margin() {
        for (headers, wait) in [
            (vec![("x-ratelimit-reset", "2.5")], Some(Duration::from_millis(3_500))),
            (vec![("retry-after", "4")], Some(Duration::from_secs(5))),
            (vec![("x-ratelimit-reset", "nonsense"), ("retry-after", "4")], Some(Duration::from_secs(5))),
            (vec![("x-ratelimit-reset", "-3")], None),
            (vec![("x-ratelimit-reset", "NaN")], None),
            (vec![], None),
        ] {
            let failure = judge(429, &headers, "");
            assert_eq!((failure.wait, failure.error.retry_after()), (wait, wait), "{headers:?}");
            assert!(failure.transient);
        }
    }

    #[test]
    fn a_redirect_is_not_followed_but_named() {
        let failure = judge(302, &[("location", "https://elsewhere.example/")], "");
        assert_eq!(failure.error.kind(), ErrorKind::UnexpectedResponse);
        assert!(failure.error.to_string().contains("redirect"));
    }
}
