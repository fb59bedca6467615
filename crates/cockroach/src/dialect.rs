//! How CockroachDB Cloud says that a call failed.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use privlink_core::transport::{Dialect, Failure, Operation};
use privlink_core::{ApiError, Error, ErrorKind, Retry};
use serde_json::Value;

/// The vendor's name in errors.
pub(crate) const VENDOR: &str = "CockroachDB Cloud";

/// How long a cluster that is busy with another operation is left alone. Such an operation takes from
/// seconds to minutes; who has more time asks again when the call ends.
const BUSY: Duration = Duration::from_secs(5);

/// Failures are classified by HTTP status; the body is a gRPC status, whose `code` is told and not
/// trusted. One text is: what is refused with a word of a lock is a cluster that is busy with another operation; so
/// is a 503 in the vendor's own form (vendor's Terraform provider 1.22).
#[derive(Debug)]
pub(crate) struct CockroachDialect;

impl Dialect for CockroachDialect {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn judge(&self, _: &Operation, response: &http::Response<Bytes>) -> Option<Failure> {
        let status = response.status();
        if status.is_success() {
            return None;
        }
        let body = serde_json::from_slice::<Value>(response.body()).ok();
        let message = body.as_ref().and_then(|body| body.get("message")).and_then(Value::as_str);
        let code = body.as_ref().and_then(|body| body.get("code")).and_then(Value::as_i64);
        let told = message.is_some() || code.is_some();
        // A gateway has messages too; the vendor's own answers say a gRPC code.
        let by_vendor = code.is_some();
        let locked = (may_be_locked(status) && message.is_some_and(speaks_of_a_lock))
            || (told && status == StatusCode::SERVICE_UNAVAILABLE);
        let kind = if locked { ErrorKind::Unavailable } else { kind(status, by_vendor) };
        let mut error = Error::new(kind, said(status, locked)).with_http_status(status.as_u16());
        error = match told {
            true => error.with_api(ApiError::new(code.map(grpc_name).as_deref(), message.unwrap_or_default())),
            // A gateway's page, or nothing: what there is helps to see who answered.
            false if !response.body().is_empty() => error.with_body(response.body()),
            false => error,
        };
        if locked {
            // It was refused unread: writes may be repeated too (vendor's Terraform provider 1.22).
            error = error.with_retry(Retry::Safe).with_help("wait until the cluster's other operation has ended");
        } else if kind == ErrorKind::PermissionDenied {
            error = error.with_help(
                "give the service account the role Cluster Admin or Cluster Operator; trusted owners and egress \
                 endpoints have to be enabled by the vendor too",
            );
        }
        Some(match kind {
            ErrorKind::Unavailable if locked => Failure::passing(error, Some(BUSY)),
            ErrorKind::RateLimited | ErrorKind::Unavailable => Failure::passing(error, None),
            _ => Failure::last(error),
        })
    }
}

/// Whether a failure is a cluster that is busy with another operation.
pub(crate) fn is_busy(error: &Error) -> bool {
    let spoken = || error.api().is_some_and(|api| speaks_of_a_lock(&api.message));
    match error.http_status().and_then(|status| StatusCode::from_u16(status).ok()) {
        Some(StatusCode::SERVICE_UNAVAILABLE) => true,
        Some(status) => may_be_locked(status) && spoken(),
        None => spoken(),
    }
}

/// Whether a text may tell of a lock: these statuses mean what they say whatever the text, which may name a cluster
/// `clockwork`, a policy that blocks, or a deadlock of the vendor's own.
fn may_be_locked(status: StatusCode) -> bool {
    match status.as_u16() {
        401 | 403 | 404 | 410 | 429 => false,
        500..=599 => status == StatusCode::SERVICE_UNAVAILABLE,
        _ => true,
    }
}

fn speaks_of_a_lock(message: &str) -> bool {
    message.to_ascii_lowercase().contains("lock")
}

fn kind(status: StatusCode, by_vendor: bool) -> ErrorKind {
    match status.as_u16() {
        400 | 413 | 414 | 415 | 422 => ErrorKind::InvalidInput,
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::PermissionDenied,
        // "Gone" is believed only from the vendor: a proxy's own 404 must not pass for a deleted
        // cluster.
        404 | 410 if by_vendor => ErrorKind::NotFound,
        409 | 412 | 423 | 424 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        501 => ErrorKind::Unsupported,
        408 | 425 | 500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::UnexpectedResponse,
    }
}

fn said(status: StatusCode, locked: bool) -> &'static str {
    match status.as_u16() {
        _ if locked => "the cluster is busy with another operation",
        300..=399 => "answered with a redirect, which is not followed",
        401 => "the key or token was not accepted",
        403 => "the service account may not do this, or the vendor has not enabled it for the organization",
        429 => "too many requests for this user",
        503 => "the cluster is busy with another operation, or the control plane is failing",
        500..=599 => "the control plane is failing",
        _ => "refused",
    }
}

/// The name of a gRPC code, or its number.
fn grpc_name(code: i64) -> String {
    let name = match code {
        3 => "INVALID_ARGUMENT",
        5 => "NOT_FOUND",
        6 => "ALREADY_EXISTS",
        7 => "PERMISSION_DENIED",
        8 => "RESOURCE_EXHAUSTED",
        9 => "FAILED_PRECONDITION",
        13 => "INTERNAL",
        14 => "UNAVAILABLE",
        16 => "UNAUTHENTICATED",
        other => return other.to_string(),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(status: u16, body: &str) -> Failure {
        let response = http::Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        CockroachDialect.judge(&crate::operations::CLUSTER, &response).expect("a failure")
    }

    fn status(code: i64, message: &str) -> String {
        serde_json::json!({"code": code, "message": message, "details": []}).to_string()
    }

    #[test]
    fn kinds_come_from_the_http_status_and_codes_from_the_body() {
        for (http, code, kind, name) in [
            (400, 3, ErrorKind::InvalidInput, "INVALID_ARGUMENT"),
            (401, 16, ErrorKind::Unauthenticated, "UNAUTHENTICATED"),
            (403, 7, ErrorKind::PermissionDenied, "PERMISSION_DENIED"),
            (404, 5, ErrorKind::NotFound, "NOT_FOUND"),
            (409, 6, ErrorKind::Conflict, "ALREADY_EXISTS"),
            (418, 99, ErrorKind::UnexpectedResponse, "99"),
        ] {
            let failure = judge(http, &status(code, "no"));
            assert_eq!((failure.error.kind(), failure.error.code(), failure.transient), (kind, Some(name), false));
        }
    }

    #[test]
    fn a_busy_cluster_is_waited_for_whatever_its_status_and_writes_may_be_repeated() {
        for http in [400, 409, 503] {
            let failure = judge(http, &status(9, "cluster is Locked by another operation"));
            assert!(failure.transient && is_busy(&failure.error), "{http}");
            assert_eq!(failure.error.retry(), Retry::Safe, "{http}");
        }
        let failure = judge(503, &status(14, "another operation is running"));
        assert!(failure.transient && failure.error.retry() == Retry::Safe);
        for page in ["", "<html>Service Unavailable</html>"] {
            let failure = judge(503, page);
            assert!(failure.transient && is_busy(&failure.error));
            assert_eq!(failure.error.retry(), Retry::IfIdempotent, "a gateway's: the vendor may have read it");
        }
        assert!(!is_busy(&judge(500, &status(13, "internal")).error));
    }

    #[test]
    fn a_text_with_the_letters_of_a_lock_hides_no_other_failure() {
        for (http, code, text, kind) in [
            (401, 16, "the key is blocked", ErrorKind::Unauthenticated),
            (403, 7, "blocked by policy", ErrorKind::PermissionDenied),
            (404, 5, "cluster clockwork not found", ErrorKind::NotFound),
            (429, 8, "blocked for some seconds", ErrorKind::RateLimited),
            (500, 13, "deadlock detected", ErrorKind::Unavailable),
        ] {
            let failure = judge(http, &status(code, text));
            assert_eq!(failure.error.kind(), kind, "{text}");
            assert!(!is_busy(&failure.error), "{text}");
        }
        assert_eq!(judge(500, &status(13, "deadlock detected")).error.retry(), Retry::IfIdempotent);
    }

    #[test]
    fn a_page_of_a_gateway_is_transient_and_not_found_is_believed_only_from_the_vendor() {
        let failure = judge(502, &format!("<html>{}</html>", "x".repeat(5_000)));
        assert!(failure.transient && failure.error.body().unwrap().chars().count() <= 401);
        for page in ["<html>404</html>", r#"{"message":"no Route matched with those values"}"#] {
            assert_eq!(judge(404, page).error.kind(), ErrorKind::UnexpectedResponse, "{page}");
        }
        assert_eq!(judge(429, &status(8, "rate limit exceeded")).error.kind(), ErrorKind::RateLimited);
    }
}
