//! Answers and failures in the vendor's form.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::Switches;

/// A request that is refused: an envelope with a code, in a status of its own or in 200.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: Option<i64>,
    text: String,
    /// Whether the status is never 200.
    hard: bool,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: i64, text: impl Into<String>) -> Self {
        Self { status, code: Some(code), text: text.into(), hard: matches!(status, 401 | 429 | 500..=599) }
    }

    /// What a gateway says of a path that is not there.
    pub(super) fn no_such_path() -> Self {
        Self { status: 404, code: None, text: "404 page not found".to_owned(), hard: true }
    }

    /// A failure by its status alone, as a script wants it.
    pub(crate) fn scripted(status: u16) -> Self {
        let code = match status {
            401 => 21_119,
            403 => 96_014,
            404 => 96_018,
            400 => 96_001,
            _ => 49_000,
        };
        Self { hard: true, ..Self::new(status, code, "scripted failure") }
    }

    pub(crate) fn into_response(self, switches: &Switches) -> Response<Bytes> {
        let status = if switches.errors_in_200 && !self.hard { 200 } else { self.status };
        match self.code {
            Some(code) => respond(status, &json!({ "code": code, "message": self.text, "requestId": "req-sim" })),
            None => plain(self.status, "text/plain", self.text),
        }
    }
}

pub(super) fn success(switches: &Switches, data: Value) -> Response<Bytes> {
    let mut body = json!({ "code": switches.success_code, "data": data });
    if switches.unknown_fields {
        body["traceOfTomorrow"] = "x".into();
    }
    respond(200, &body)
}

/// The page of a firewall in front.
pub(super) fn blocked() -> Response<Bytes> {
    plain(403, "text/html", "<html><head><title>403 Forbidden</title></head><body>blocked</body></html>".to_owned())
}

fn respond(status: u16, body: &Value) -> Response<Bytes> {
    let mut response = plain(status, "application/json", body.to_string());
    response.headers_mut().insert(HeaderName::from_static("requestid"), HeaderValue::from_static("req-sim"));
    response
}

fn plain(status: u16, kind: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
