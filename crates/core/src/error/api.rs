use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::sanitize::sanitize;

/// What the other side said about a failure, in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ApiError {
    /// The machine-readable code: `NOT_FOUND`, `InvalidVpcEndpointId.NotFound`.
    pub code: Option<String>,
    /// The message for people, shortened and without control characters.
    pub message: String,
    /// A page of the vendor's documentation, when one is known.
    pub docs: Option<Cow<'static, str>>,
}

impl ApiError {
    /// Puts code and message together; the message is shortened to what fits an error line.
    #[must_use]
    pub fn new(code: Option<&str>, message: &str) -> Self {
        Self { code: code.map(|code| sanitize(code, 120)), message: sanitize(message, 600), docs: None }
    }
}
