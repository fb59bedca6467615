//! Answers and failures in the vendor's form.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// A request that is refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(super) status: u16,
    text: String,
    code: Option<&'static str>,
    wait: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(status: u16, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), code: None, wait: None }
    }

    /// Names the failure with one of the codes that the vendor has.
    pub(super) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Says how many seconds to wait.
    pub(crate) fn wait(mut self, seconds: u64) -> Self {
        self.wait = Some(seconds);
        self
    }

    pub(crate) fn into_response(self) -> Response<Bytes> {
        let mut detail = json!({ "message": self.text, "status": self.status });
        if let Some(code) = self.code {
            detail["error_code"] = code.into();
        }
        let mut response = respond(self.status, &json!({ "message": self.text, "errors": [detail] }));
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
