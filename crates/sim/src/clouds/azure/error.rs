//! Errors in Resource Manager's envelope.

use serde_json::{Value, json};

pub(super) type Answer<T> = Result<T, ApiError>;

/// A request that is refused, or the reason why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    details: Vec<(String, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl ApiError {
    pub(super) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), details: Vec::new(), headers: Vec::new() }
    }

    pub(super) fn bad(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// A body that the network provider cannot read.
    pub(super) fn unreadable(why: impl Into<String>) -> Self {
        Self::bad("InvalidRequestFormat", "Cannot parse the request.").detail("InvalidJson", why)
    }

    /// Something that is referred to is not there.
    pub(super) fn reference(what: &str, by: &str) -> Self {
        Self::bad(
            "InvalidResourceReference",
            format!(
                "Resource {what} referenced by resource {by} was not found. Please make sure that the referenced \
                 resource exists, and that both resources are in the same region."
            ),
        )
    }

    pub(super) fn resource_not_found(kind: &str, name: &str, group: &str) -> Self {
        Self::new(
            404,
            "ResourceNotFound",
            format!(
                "The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please \
                 go to https://aka.ms/ARMResourceNotFoundFix"
            ),
        )
    }

    pub(super) fn detail(mut self, code: &str, message: impl Into<String>) -> Self {
        self.details.push((code.to_owned(), message.into()));
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The inside of the envelope; `details` is there even when it is empty, as the network
    /// provider writes it.
    pub(super) fn body(&self) -> Value {
        let details: Vec<Value> =
            self.details.iter().map(|(code, message)| json!({ "code": code, "message": message })).collect();
        json!({ "code": self.code, "message": self.message, "details": details })
    }
}
