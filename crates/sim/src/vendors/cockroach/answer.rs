//! Answers and failures in the vendor's form.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// A request that is refused: an HTTP status with a gRPC status as its body.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: u8,
    text: String,
    wait: Option<u64>,
}

impl Refusal {
    /// A refusal with the gRPC code that goes with its HTTP status.
    pub(crate) fn new(status: u16, text: impl Into<String>) -> Self {
        let code = match status {
            400 => 3,
            401 => 16,
            403 => 7,
            404 => 5,
            409 => 6,
            429 => 8,
            503 => 14,
            _ => 13,
        };
        Self { status, code, text: text.into(), wait: None }
    }

    pub(super) fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// Says how many seconds to wait.
    pub(crate) fn wait(mut self, seconds: u64) -> Self {
        self.wait = Some(seconds);
        self
    }

    pub(crate) fn into_response(self) -> Response<Bytes> {
        let body = json!({ "code": self.code, "message": self.text, "details": [] });
        let mut response = respond(self.status, &body);
        if let Some(wait) = self.wait {
            response.headers_mut().insert(HeaderName::from_static("retry-after"), HeaderValue::from(wait));
        }
        response
    }
}

pub(super) fn respond(status: u16, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
