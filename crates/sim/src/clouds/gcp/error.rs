//! Refusals, in the envelope of Google's JSON APIs.

use serde_json::{Map, Value, json};

/// What an operation answers.
pub(super) type Answer<T> = Result<T, ApiError>;

/// A refusal: HTTP status, reason and text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ApiError {
    pub(super) code: u16,
    pub(super) reason: &'static str,
    pub(super) message: String,
    /// The gRPC status name. Compute's own refusals have none; the front end's do.
    pub(super) status: Option<&'static str>,
    pub(super) details: Vec<Value>,
    /// What the refusal is about: its kind (`header`, `parameter`) and its name.
    pub(super) location: Option<(&'static str, &'static str)>,
}

impl ApiError {
    pub(super) fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), status: None, details: Vec::new(), location: None }
    }

    /// Adds the gRPC status name.
    pub(super) fn status(mut self, status: &'static str) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds a `google.rpc.ErrorInfo`.
    pub(super) fn info(mut self, reason: &str, metadata: Value) -> Self {
        self.details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
            "metadata": metadata,
        }));
        self
    }

    /// A field of the body that does not hold what it should.
    pub(super) fn value(field: &str, value: &str, why: &str) -> Self {
        Self::new(400, "invalid", format!("Invalid value for field '{field}': '{value}'. {why}"))
    }

    /// A field of the body that is not there.
    pub(super) fn required(field: &str) -> Self {
        Self::new(400, "required", format!("Required field '{field}' not specified"))
    }

    /// Compute's "there is no such thing".
    pub(super) fn not_found(path: &str) -> Self {
        Self::new(404, "notFound", format!("The resource '{path}' was not found"))
    }

    /// Compute's "the name is taken".
    pub(super) fn exists(path: &str) -> Self {
        Self::new(409, "alreadyExists", format!("The resource '{path}' already exists"))
    }

    /// Something is being done to the thing.
    pub(super) fn not_ready(path: &str) -> Self {
        Self::new(400, "resourceNotReady", format!("The resource '{path}' is not ready"))
    }

    /// The caller knows an older state than the present one.
    pub(super) fn stale(message: &str) -> Self {
        Self::new(412, "conditionNotMet", message)
    }

    /// A body or parameter that the front end cannot map to the API.
    pub(super) fn unmapped(message: impl Into<String>) -> Self {
        Self::new(400, "badRequest", message).status("INVALID_ARGUMENT")
    }

    /// The body of the answer.
    pub(super) fn body(&self) -> Value {
        let mut first = Map::new();
        first.insert("message".to_owned(), json!(self.message));
        first.insert("domain".to_owned(), json!(if self.is_quota() { "usageLimits" } else { "global" }));
        first.insert("reason".to_owned(), json!(self.reason));
        if let Some((kind, name)) = self.location {
            first.insert("location".to_owned(), json!(name));
            first.insert("locationType".to_owned(), json!(kind));
        }
        let mut error = Map::new();
        error.insert("code".to_owned(), json!(self.code));
        error.insert("message".to_owned(), json!(self.message));
        error.insert("errors".to_owned(), json!([first]));
        if let Some(status) = self.status {
            error.insert("status".to_owned(), json!(status));
        }
        if !self.details.is_empty() {
            error.insert("details".to_owned(), json!(self.details));
        }
        json!({ "error": error })
    }

    fn is_quota(&self) -> bool {
        matches!(self.reason, "accessNotConfigured" | "quotaExceeded" | "rateLimitExceeded" | "userRateLimitExceeded")
    }
}
