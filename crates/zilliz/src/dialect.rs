//! How Zilliz Cloud says that a call failed.

use bytes::Bytes;
use http::StatusCode;
use privlink_core::transport::{Dialect, Failure, Operation};
use privlink_core::{ApiError, Error, ErrorKind};
use serde_json::Value;

/// The vendor's name in errors.
pub(crate) const VENDOR: &str = "Zilliz Cloud";

/// The codes that say success: older deployments have the second one.
const SUCCESS: [i64; 2] = [0, 200];

/// Failures are an envelope `{"code", "message"}`, often inside HTTP 200, so the code is looked at whatever the status.
/// A code without a published meaning is classified by the status, and kept.
#[derive(Debug)]
pub(crate) struct ZillizDialect;

impl Dialect for ZillizDialect {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn judge(&self, _: &Operation, response: &http::Response<Bytes>) -> Option<Failure> {
        let status = response.status();
        let body = serde_json::from_slice::<Value>(response.body()).ok();
        let code = body.as_ref().and_then(|body| body.get("code")).and_then(Value::as_i64);
        // Without a code, success is for the caller to judge: it wants the data.
        if status.is_success() && code.is_none_or(|code| SUCCESS.contains(&code)) {
            return None;
        }
        let message = body.as_ref().and_then(|body| body.get("message")).and_then(Value::as_str);
        let code = code.filter(|code| !SUCCESS.contains(code));
        let kind = code.and_then(kind_of_code).unwrap_or_else(|| kind_of_status(status, code.is_some()));
        let mut error = Error::new(kind, said(status, code.is_some())).with_http_status(status.as_u16());
        error = match code {
            Some(code) => error.with_api(ApiError::new(Some(&code.to_string()), message.unwrap_or_default())),
            // A firewall's page, or nothing: what there is helps to see who answered.
            None if !response.body().is_empty() => error.with_body(response.body()),
            None => error,
        };
        if let Some(id) = request_id(response, body.as_ref()) {
            error = error.with_request_id(Some(id));
        }
        if let Some(help) = help(kind, status, code) {
            error = error.with_help(help);
        }
        Some(match kind {
            ErrorKind::RateLimited | ErrorKind::Unavailable => Failure::passing(error, None),
            _ => Failure::last(error),
        })
    }
}

/// Support asks for it.
fn request_id(response: &http::Response<Bytes>, body: Option<&Value>) -> Option<String> {
    let header = response.headers().get("requestid").and_then(|id| id.to_str().ok());
    let told = || body?.get("requestId")?.as_str();
    header.or_else(told).filter(|id| !id.is_empty()).map(str::to_owned)
}

/// What a published code means.
///
/// Source: zilliztech/zdoc, error codes v2, and the vendor's Terraform provider, read 2026-11.
fn kind_of_code(code: i64) -> Option<ErrorKind> {
    Some(match code {
        1800 | 21_119 => ErrorKind::Unauthenticated,
        30_010 | 21_146 | 96_012..=96_016 | 96_027 => ErrorKind::PermissionDenied,
        96_000 | 96_001 | 96_005 | 96_008 | 96_009 | 96_036 => ErrorKind::InvalidInput,
        96_018 => ErrorKind::NotFound,
        96_021 | 96_022 | 96_028 | 63_104 => ErrorKind::Unsupported,
        40_013 => ErrorKind::Conflict,
        _ => return None,
    })
}

/// Whether a code of an error means something that is published.
pub(crate) fn is_published(code: &str) -> bool {
    code.parse().ok().and_then(kind_of_code).is_some()
}

/// `told`: the vendor itself said so, by a code that means nothing published.
fn kind_of_status(status: StatusCode, told: bool) -> ErrorKind {
    match status.as_u16() {
        200..=299 => ErrorKind::Conflict,
        400 | 413 | 414 | 415 | 422 => ErrorKind::InvalidInput,
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::PermissionDenied,
        // "Gone" is believed only from the vendor: a proxy's own 404, or an address of another generation, must not
        // pass for a thing that is gone.
        404 | 410 if told => ErrorKind::NotFound,
        409 | 412 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        501 => ErrorKind::Unsupported,
        408 | 425 | 500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::UnexpectedResponse,
    }
}

fn said(status: StatusCode, told: bool) -> &'static str {
    match status.as_u16() {
        300..=399 => "answered with a redirect, which is not followed",
        401 => "the API key was not accepted",
        404 if !told => "the address has no such call",
        429 => "too many requests for this key",
        500..=599 => "the control plane is failing",
        _ => "refused",
    }
}

fn help(kind: ErrorKind, status: StatusCode, code: Option<i64>) -> Option<&'static str> {
    Some(match (kind, code) {
        (_, Some(30_010 | 21_146)) => "let this machine's address onto the access list of the API key",
        (ErrorKind::PermissionDenied, _) => {
            "give the key's owner the role Project Admin, and let the key cover the project"
        }
        (ErrorKind::Unsupported, Some(_)) => {
            "private endpoints are of Dedicated clusters; move the cluster to such a plan"
        }
        (_, None) if status.as_u16() == 404 => {
            "check the address: regions in mainland China have https://api.cloud.zilliz.com.cn, and calls of other \
             generations of the API are gone"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(status: u16, body: &str) -> Option<Failure> {
        let response = http::Response::builder()
            .status(status)
            .header("requestid", "req-1")
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap();
        ZillizDialect.judge(&crate::operations::CLUSTER, &response)
    }

    fn envelope(code: i64) -> String {
        serde_json::json!({"code": code, "message": "no"}).to_string()
    }

    #[test]
    fn both_codes_of_success_are_success_and_no_other() {
        assert!(judge(200, &envelope(0)).is_none() && judge(200, &envelope(200)).is_none());
        assert!(judge(200, &envelope(1)).is_some() && judge(500, &envelope(0)).is_some());
    }

    #[test]
    fn published_codes_are_judged_inside_200_and_outside() {
        for (code, kind) in [
            (1800, ErrorKind::Unauthenticated),
            (21_119, ErrorKind::Unauthenticated),
            (30_010, ErrorKind::PermissionDenied),
            (96_027, ErrorKind::PermissionDenied),
            (96_001, ErrorKind::InvalidInput),
            (96_018, ErrorKind::NotFound),
            (96_021, ErrorKind::Unsupported),
            (40_013, ErrorKind::Conflict),
        ] {
            for status in [200, 400, 403] {
                let failure = judge(status, &envelope(code)).unwrap();
                assert_eq!((failure.error.kind(), failure.transient), (kind, false), "{code} in {status}");
                assert_eq!(failure.error.code(), Some(&*code.to_string()));
                assert_eq!(failure.error.request_id(), Some("req-1"));
            }
        }
    }

    #[test]
    fn an_unknown_code_goes_by_its_status_and_is_kept() {
        for (status, kind) in [
            (200, ErrorKind::Conflict),
            (401, ErrorKind::Unauthenticated),
            (404, ErrorKind::NotFound),
            (500, ErrorKind::Unavailable),
        ] {
            let failure = judge(status, &envelope(4711)).unwrap();
            assert_eq!((failure.error.kind(), failure.error.code()), (kind, Some("4711")));
        }
    }

    #[test]
    fn a_page_of_a_firewall_is_kept_short_and_its_404_is_not_believed() {
        let failure = judge(502, &format!("<html>{}</html>", "x".repeat(5_000))).unwrap();
        assert!(failure.transient && failure.error.body().unwrap().chars().count() <= 401);
        assert_eq!(judge(403, "<html>blocked</html>").unwrap().error.kind(), ErrorKind::PermissionDenied);
        let error = judge(404, "<html>404</html>").unwrap().error;
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert!(error.help().contains(".com.cn"), "{}", error.help());
    }
}
