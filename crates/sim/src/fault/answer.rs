//! Failures in each side's own form.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;
use uuid::Uuid;

use crate::clouds::{azure, gcp};
use crate::state::Party;
pub(crate) use crate::vendors::clickhouse::bad_gateway;
use crate::vendors::{aiven, cockroach::Refusal, zilliz};

/// The form an AWS API gives its errors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aws {
    Ec2,
    Route53,
    Sts,
}

impl Aws {
    fn of(request: &http::Request<Bytes>) -> Self {
        if request.uri().path().starts_with("/2013-04-01") {
            return Self::Route53;
        }
        let sts =
            form_urlencoded::parse(request.body()).any(|(name, value)| name == "Version" && value == "2011-06-15");
        if sts { Self::Sts } else { Self::Ec2 }
    }

    fn error(self, status: u16, code: &str, message: &str) -> Response<Bytes> {
        let id = Uuid::new_v4();
        let body = match self {
            Self::Ec2 => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code>\
                 <Message>{message}</Message></Error></Errors><RequestID>{id}</RequestID></Response>"
            ),
            Self::Route53 | Self::Sts => {
                let namespace = if self == Self::Sts {
                    "https://sts.amazonaws.com/doc/2011-06-15/"
                } else {
                    "https://route53.amazonaws.com/doc/2013-04-01/"
                };
                let kind = if status < 500 { "Sender" } else { "Receiver" };
                format!(
                    "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{kind}</Type>\
                     <Code>{code}</Code><Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
                )
            }
        };
        response(status, "text/xml;charset=UTF-8", body)
    }
}

/// A bare failure with `status`.
pub(crate) fn plain_status(party: Party, request: &http::Request<Bytes>, status: u16) -> Response<Bytes> {
    match party {
        Party::ClickHouse => {
            let code = match status {
                400 => "BAD_REQUEST",
                401 => "UNAUTHORIZED",
                403 => "FORBIDDEN",
                404 => "NOT_FOUND",
                409 => "CONFLICT",
                424 => "FAILED_DEPENDENCY",
                429 => "TOO_MANY_REQUESTS",
                503 => "SERVICE_UNAVAILABLE",
                _ => "INTERNAL_ERROR",
            };
            clickhouse(status, code)
        }
        Party::Aws => {
            let code = match status {
                400 => "InvalidParameterValue",
                401 => "AuthFailure",
                403 => "UnauthorizedOperation",
                404 => "NotFound",
                429 => "RequestLimitExceeded",
                503 => "Unavailable",
                _ => "InternalError",
            };
            Aws::of(request).error(status, code, "scripted failure")
        }
        Party::Cockroach => Refusal::new(status, "scripted failure").into_response(),
        Party::Zilliz => zilliz::Refusal::scripted(status).into_response(&zilliz::Switches::default()),
        Party::Aiven => aiven::Refusal::new(status, "scripted failure").into_response(),
        Party::Azure => azure::scripted(status),
        Party::Gcp => gcp::scripted(status),
    }
}

/// The side's way to say "too often".
pub(crate) fn throttled(party: Party, request: &http::Request<Bytes>, wait: Duration) -> Response<Bytes> {
    match party {
        Party::ClickHouse => {
            let mut response = clickhouse(429, "TOO_MANY_REQUESTS");
            if let Ok(value) = HeaderValue::try_from(format!("{:.3}", wait.as_secs_f64())) {
                response.headers_mut().insert("x-ratelimit-reset", value);
            }
            response
        }
        // No AWS API says how long to wait.
        Party::Aws => match Aws::of(request) {
            Aws::Ec2 => Aws::Ec2.error(503, "RequestLimitExceeded", "Request limit exceeded."),
            other => other.error(400, "Throttling", "Rate exceeded"),
        },
        Party::Cockroach => {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Refusal::new(429, "rate limit exceeded").wait(seconds).into_response()
        }
        Party::Aiven => {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            aiven::Refusal::new(429, "Too many requests").wait(seconds).into_response()
        }
        Party::Zilliz => {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let mut response = zilliz::Refusal::scripted(429).into_response(&zilliz::Switches::default());
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        Party::Azure => azure::throttled(wait),
        Party::Gcp => gcp::throttled(wait),
    }
}

fn clickhouse(status: u16, code: &str) -> Response<Bytes> {
    let body = json!({
        "status": status,
        "error": format!("{code}: scripted failure"),
        "requestId": Uuid::new_v4().to_string(),
    });
    response(status, "application/json; charset=utf-8", body.to_string())
}

fn response(status: u16, kind: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
