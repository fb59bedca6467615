//! The envelopes of answers and errors.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A request that is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    code: &'static str,
    text: String,
    header: Option<(&'static str, String)>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, text: impl Into<String>) -> Self {
        Self { status, code, text: text.into(), header: None }
    }

    pub(super) fn header(mut self, name: &'static str, value: String) -> Self {
        self.header = Some((name, value));
        self
    }

    pub(super) fn bad_request(text: impl Into<String>) -> Self {
        Self::new(400, "BAD_REQUEST", text)
    }

    pub(super) fn unauthorized(text: impl Into<String>) -> Self {
        Self::new(401, "UNAUTHORIZED", text)
    }

    pub(super) fn forbidden(text: impl Into<String>) -> Self {
        Self::new(403, "FORBIDDEN", text)
    }

    pub(super) fn not_found(text: impl Into<String>) -> Self {
        Self::new(404, "NOT_FOUND", text)
    }

    pub(super) fn conflict(text: impl Into<String>) -> Self {
        Self::new(409, "CONFLICT", text)
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        let body = json!({
            "status": self.status,
            "error": format!("{}: {}", self.code, self.text),
            "requestId": Uuid::new_v4().to_string(),
        });
        let mut response = json_response(self.status, &body);
        if let Some((name, value)) = self.header
            && let Ok(value) = HeaderValue::try_from(value)
        {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
        response
    }
}

/// What an operation answers when it works.
#[derive(Debug)]
pub(super) enum Answer {
    /// An envelope around a result.
    Result(Value),
    /// An envelope without a result.
    Empty,
    /// An envelope around one page of a list.
    Page { items: Vec<Value>, limit: usize, next: Option<String> },
    /// No envelope.
    Bare(Value),
}

impl Answer {
    pub(super) fn into_response(self, float_status: bool) -> Response<Bytes> {
        let status = if float_status { json!(200.0) } else { json!(200) };
        let mut envelope = Map::new();
        envelope.insert("status".into(), status);
        envelope.insert("requestId".into(), Uuid::new_v4().to_string().into());
        match self {
            Self::Bare(body) => return json_response(200, &body),
            Self::Empty => {}
            Self::Result(result) => {
                envelope.insert("result".into(), result);
            }
            Self::Page { items, limit, next } => {
                envelope.insert("result".into(), items.into());
                envelope.insert("limit".into(), limit.into());
                envelope.insert("nextCursor".into(), next.map_or(Value::Null, Value::String));
            }
        }
        json_response(200, &Value::Object(envelope))
    }
}

pub(super) fn json_response(status: u16, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}
