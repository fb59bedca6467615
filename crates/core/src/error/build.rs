//! Making an error, fact by fact.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use super::sanitize::{one_line, sanitize};
use super::{ApiError, Error, ErrorKind, Retry};
use crate::Finding;

impl Error {
    /// Changes the kind.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Names the operation.
    #[must_use]
    pub fn with_operation(mut self, operation: impl Into<Cow<'static, str>>) -> Self {
        self.0.operation = Some(one_line(operation.into()));
        self
    }

    /// Names the other side.
    #[must_use]
    pub fn with_vendor(mut self, vendor: impl Into<Cow<'static, str>>) -> Self {
        self.0.vendor = Some(one_line(vendor.into()));
        self
    }

    /// Names the resource.
    #[must_use]
    pub fn with_resource(mut self, resource: impl Into<String>) -> Self {
        self.0.resource = Some(sanitize(&resource.into(), 300));
        self
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn with_http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// Adds the vendor's request id.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id.map(|id| sanitize(&id, 120));
        self
    }

    /// Adds the other side's words.
    #[must_use]
    pub fn with_api(mut self, api: ApiError) -> Self {
        self.0.api = Some(api);
        self
    }

    /// Sets how many requests were sent.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Overrules what [`Error::retry`] answers for this kind.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = Some(retry);
        self
    }

    /// Sets how long to wait.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Overrules the advice of the kind, where the one who made the error knows better.
    ///
    /// ```
    /// use privlink_core::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Unauthenticated, "EXAMPLE_API_KEY is not set")
    ///     .with_help("set the variable, or give the key to the builder");
    /// assert_eq!(error.help(), "set the variable, or give the key to the builder");
    /// ```
    #[must_use]
    pub fn with_help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.0.help = Some(one_line(help.into()));
        self
    }

    /// Explains it by a finding with a stable code.
    ///
    /// ```
    /// use privlink_core::{Error, ErrorKind, Finding, Severity};
    ///
    /// let finding = Finding::new("X-001", Severity::Blocks, "the door is locked", "unlock it first");
    /// let error = Error::new(ErrorKind::Conflict, "cannot go in").with_finding(finding);
    /// assert_eq!(error.report().to_string(), "cannot go in\n  finding: X-001: the door is locked\n  help: unlock it first");
    /// ```
    #[must_use]
    pub fn with_finding(mut self, finding: Finding) -> Self {
        self.0.finding = Some(Box::new(finding));
        self
    }

    /// Names the permission that is missing.
    #[must_use]
    pub fn with_missing_permission(mut self, permission: &str) -> Self {
        let permission = sanitize(permission, 120);
        self.0.help = Some(format!("grant the permission `{permission}` to the key or role").into());
        self.0.missing_permission = Some(permission);
        self
    }

    /// Keeps the start of a body that could not be read.
    #[must_use]
    pub fn with_body(mut self, body: &[u8]) -> Self {
        self.0.body = Some(sanitize(&String::from_utf8_lossy(&body[..body.len().min(2_000)]), 400));
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }
}
