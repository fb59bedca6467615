//! The one error of everything that talks to the outside.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::ids::IdError;

/// A `Result` whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, coarse enough to choose a path by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller gave something that cannot be right; nothing was sent.
    ///
    /// *Troubleshooting:* the message names the value and the rule it breaks.
    InvalidInput,
    /// The credentials are missing, wrong, expired or disabled.
    ///
    /// *Troubleshooting:* check which variables or profile the client read; static keys are
    /// never tried twice, so make a new key if this one is disabled.
    Unauthenticated,
    /// The credentials are fine, but may not do this.
    ///
    /// *Troubleshooting:* grant the permission named in the message to the key or role.
    PermissionDenied,
    /// The resource does not exist, or is hidden from these credentials.
    ///
    /// *Troubleshooting:* check the id, the region and the account or organization.
    NotFound,
    /// The state of the resource forbids it, or somebody else changed it at the same time.
    ///
    /// *Troubleshooting:* read the resource again and plan again.
    Conflict,
    /// Too many requests in the vendor's window.
    ///
    /// *Troubleshooting:* wait [`Error::retry_after`]; share one client per key.
    RateLimited,
    /// A quota is used up; waiting does not help.
    ///
    /// *Troubleshooting:* raise the quota named in the message.
    QuotaExceeded,
    /// No connection could be made; the request did not leave.
    ///
    /// *Troubleshooting:* check name resolution, proxy and firewall of this machine.
    Connect,
    /// The deadline passed; a read, or a write known not to have left.
    ///
    /// *Troubleshooting:* try again, or raise the deadline.
    Timeout,
    /// A write may or may not have happened: its answer was lost.
    ///
    /// *Troubleshooting:* read the resource before anything else; never repeat blindly.
    OutcomeUnknown,
    /// The other side is failing for now.
    ///
    /// *Troubleshooting:* try again later; quote the request id to the vendor's support.
    Unavailable,
    /// The answer was not what the contract says.
    ///
    /// *Troubleshooting:* a proxy in between, a wrong base URL, or a changed API.
    UnexpectedResponse,
    /// The other side, or this library, cannot do it.
    ///
    /// *Troubleshooting:* the message says what is missing.
    Unsupported,
}

impl ErrorKind {
    /// The troubleshooting advice of this kind in one sentence.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::InvalidInput => "correct the value named in the message; nothing was sent",
            Self::Unauthenticated => "check the credentials the client read; make a new key if this one is disabled",
            Self::PermissionDenied => "grant the permission named in the message to the key or role",
            Self::NotFound => "check the id, the region and the account or organization",
            Self::Conflict => "read the resource again and plan again",
            Self::RateLimited => "wait as long as the error says; share one client per key",
            Self::QuotaExceeded => "raise the quota named in the message; waiting does not help",
            Self::Connect => "check name resolution, proxy and firewall of this machine; the request did not leave",
            Self::Timeout => "try again, or raise the deadline",
            Self::OutcomeUnknown => "read the resource before anything else; the write may have happened",
            Self::Unavailable => "try again later; quote the request id to the vendor's support",
            Self::UnexpectedResponse => "look for a proxy in between, a wrong base URL, or a changed API",
            Self::Unsupported => "the message says what is missing",
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid input",
            Self::Unauthenticated => "not authenticated",
            Self::PermissionDenied => "permission denied",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate limited",
            Self::QuotaExceeded => "quota exceeded",
            Self::Connect => "cannot connect",
            Self::Timeout => "timed out",
            Self::OutcomeUnknown => "outcome unknown",
            Self::Unavailable => "unavailable",
            Self::UnexpectedResponse => "unexpected response",
            Self::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether doing it again can help, and whether it is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retry {
    /// It would fail again.
    Never,
    /// It may succeed, and repeating does no harm: the request never took effect.
    Safe,
    /// It may succeed, but only an operation that may run twice should be repeated.
    IfIdempotent,
}

/// What the other side said about a failure, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// Everything known about a failure. Small to move: one pointer.
///
/// `Display` is one line without the source; [`Error::report`] prints the whole chain and the
/// advice. Bodies, headers and URLs never hold credentials here.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    operation: Option<Cow<'static, str>>,
    vendor: Option<Cow<'static, str>>,
    resource: Option<String>,
    http_status: Option<u16>,
    request_id: Option<String>,
    api: Option<ApiError>,
    attempts: u32,
    retry: Option<Retry>,
    retry_after: Option<Duration>,
    body: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind`, described by `message` in lower case without a full stop.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            vendor: None,
            resource: None,
            http_status: None,
            request_id: None,
            api: None,
            attempts: 0,
            retry: None,
            retry_after: None,
            body: None,
            source: None,
        }))
    }

    /// An [`ErrorKind::InvalidInput`].
    #[must_use]
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// What went wrong, coarsely.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What was attempted: the name of the operation.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The other side: `ClickHouse Cloud`, `Amazon EC2`.
    #[must_use]
    pub fn vendor(&self) -> Option<&str> {
        self.0.vendor.as_deref()
    }

    /// What it was attempted on: the id or name of the resource.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        self.0.resource.as_deref()
    }

    /// The HTTP status of the answer, if one came.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The vendor's id of the request, for its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The other side's own code and message.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        self.0.api.as_ref()
    }

    /// The other side's own code.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.api.as_ref()?.code.as_deref()
    }

    /// How many requests were sent, the first included; 0 when none was.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the other side asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The start of a body that could not be read, without control characters.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// Whether doing it again can help.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry.unwrap_or(match self.0.kind {
            ErrorKind::Connect | ErrorKind::RateLimited => Retry::Safe,
            ErrorKind::Timeout | ErrorKind::OutcomeUnknown | ErrorKind::Unavailable => Retry::IfIdempotent,
            ErrorKind::InvalidInput
            | ErrorKind::Unauthenticated
            | ErrorKind::PermissionDenied
            | ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::QuotaExceeded
            | ErrorKind::UnexpectedResponse
            | ErrorKind::Unsupported => Retry::Never,
        })
    }

    /// What to do about it, in one sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        self.0.kind.help()
    }

    /// The error, its sources and the advice, one line each; nothing is said twice.
    #[must_use]
    pub fn report(&self) -> Report<'_> {
        Report(self)
    }

    /// Changes the kind.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Names the operation.
    #[must_use]
    pub fn with_operation(mut self, operation: impl Into<Cow<'static, str>>) -> Self {
        self.0.operation = Some(operation.into());
        self
    }

    /// Names the other side.
    #[must_use]
    pub fn with_vendor(mut self, vendor: impl Into<Cow<'static, str>>) -> Self {
        self.0.vendor = Some(vendor.into());
        self
    }

    /// Names the resource.
    #[must_use]
    pub fn with_resource(mut self, resource: impl Into<String>) -> Self {
        self.0.resource = Some(resource.into());
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

/// One line of printable text: white space folded, control characters escaped, at most `most`
/// characters.
fn sanitize(text: &str, most: usize) -> String {
    let mut out = String::new();
    let words = text.split_whitespace();
    for (place, word) in words.enumerate() {
        if place > 0 {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }));
        if out.len() > most * 4 {
            break;
        }
    }
    if out.chars().nth(most).is_some() {
        out = out.chars().take(most).chain(['…']).collect();
    }
    out
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(vendor) = &inner.vendor {
            write!(f, "{vendor}: ")?;
        }
        if let Some(operation) = &inner.operation {
            write!(f, "{operation}")?;
            match &inner.resource {
                Some(resource) => write!(f, " on {resource}: ")?,
                None => write!(f, ": ")?,
            }
        } else if let Some(resource) = &inner.resource {
            write!(f, "{resource}: ")?;
        }
        write!(f, "{}", inner.message)?;
        if let Some(api) = &inner.api {
            write!(f, ": ")?;
            if let Some(code) = &api.code {
                write!(f, "{code}: ")?;
            }
            write!(f, "{}", api.message)?;
        }
        let mut facts = Vec::new();
        facts.extend(inner.http_status.map(|status| format!("HTTP {status}")));
        facts.extend(inner.request_id.as_ref().map(|id| format!("request {id}")));
        if inner.attempts > 1 {
            facts.push(format!("{} attempts", inner.attempts));
        }
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("text", &format_args!("{self}"))
            .field("body", &self.0.body)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<IdError> for Error {
    fn from(error: IdError) -> Self {
        Self::new(ErrorKind::InvalidInput, error.to_string()).with_source(error)
    }
}

/// An error printed whole; made by [`Error::report`].
#[derive(Debug)]
pub struct Report<'a>(&'a Error);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = self.0.to_string();
        writeln!(f, "{last}")?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !last.contains(&text) {
                writeln!(f, "  because: {text}")?;
                last = text;
            }
            source = cause.source();
        }
        if let Some(body) = self.0.body() {
            writeln!(f, "  answer: {body}")?;
        }
        write!(f, "  help: {}", self.0.help())
    }
}
