//! The one error of everything that talks to the outside.

mod api;
mod build;
mod data;
mod kind;
mod report;
mod sanitize;
#[cfg(feature = "client")]
mod scrub;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use api::ApiError;
pub use kind::{ErrorKind, Retry};
pub use report::Report;
#[cfg(feature = "client")]
pub(crate) use report::innermost;
use sanitize::one_line;
#[cfg(feature = "client")]
pub(crate) use scrub::replacement;

use crate::Finding;
use crate::ids::IdError;

/// A `Result` whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything known about a failure. Small to move: one pointer.
///
/// `Display` is one line without the source; [`Error::report`] prints the whole chain and the
/// advice, and so does `{:?}`; `{:#?}` prints the structure. Bodies, headers and URLs never hold credentials here.
///
/// It is data too, for logs and other processes: JSON holds every fact, the line itself as `text`, the sources as
/// `because`. Two errors are equal when they say the same.
///
/// ```
/// use privlink_core::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::RateLimited, "too many requests").with_http_status(429);
/// let told = serde_json::to_value(&error)?;
/// assert_eq!((&told["kind"], &told["text"]), (&"rate_limited".into(), &"too many requests (HTTP 429)".into()));
/// assert_eq!(serde_json::from_value::<Error>(told)?, error);
/// # Ok::<(), serde_json::Error>(())
/// ```
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
    help: Option<Cow<'static, str>>,
    finding: Option<Box<Finding>>,
    missing_permission: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind`, described by `message` in lower case without a full stop.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: one_line(message.into()),
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
            help: None,
            finding: None,
            missing_permission: None,
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
            ErrorKind::Connect | ErrorKind::RateLimited | ErrorKind::Cancelled => Retry::Safe,
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

    /// What to do about it, in one sentence: what [`Error::with_help`] said, the finding's next step,
    /// or the advice of the kind.
    #[must_use]
    pub fn help(&self) -> &str {
        if let Some(help) = self.0.help.as_deref().or(self.finding().map(|finding| &*finding.next_step)) {
            return help;
        }
        match self.0.kind {
            ErrorKind::RateLimited if self.0.retry_after.is_none() => {
                "the other side does not say how long to wait: try again in some seconds; share one client per key"
            }
            kind => kind.help(),
        }
    }

    /// The finding that explains it, where there is one: its code is stable, and explained in
    /// TROUBLESHOOTING.md.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        self.0.finding.as_deref()
    }

    /// The permission that is missing, where the other side names it: `ec2:CreateVpcEndpoint`.
    #[must_use]
    pub fn missing_permission(&self) -> Option<&str> {
        self.0.missing_permission.as_deref()
    }

    /// The error, its sources and the advice, one line each; nothing is said twice.
    #[must_use]
    pub fn report(&self) -> Report<'_> {
        Report(self)
    }
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
        facts.extend(inner.retry_after.map(|wait| format!("wait {:.0} s", wait.as_secs_f64().ceil())));
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        Ok(())
    }
}

/// `{:?}` is the report, so that a `main` that returns this error reads well; `{:#?}` is the structure.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(&self.report(), f);
        }
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

#[cfg(feature = "client")]
impl From<http::Error> for Error {
    fn from(error: http::Error) -> Self {
        Self::invalid("the request cannot be put together").with_source(error)
    }
}

// A `Result` stays as small as its value allows, and errors cross threads.
const _: () = assert!(size_of::<Error>() == size_of::<usize>() && size_of::<Option<Error>>() == size_of::<usize>());
const _: fn() = || {
    fn crosses_threads<T: Send + Sync + 'static>() {}
    crosses_threads::<Error>();
};

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Error {
        Error::new(ErrorKind::RateLimited, "too many requests")
            .with_vendor("ClickHouse Cloud")
            .with_operation("instancePatch")
            .with_resource("0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60")
            .with_http_status(429)
            .with_request_id(Some("req-1".into()))
            .with_api(ApiError::new(Some("TOO_MANY"), "slow down"))
            .with_attempts(3)
            .with_retry_after(Duration::from_millis(2_500))
    }

    #[test]
    fn an_error_is_one_line_with_all_its_facts() {
        assert_eq!(
            refused().to_string(),
            "ClickHouse Cloud: instancePatch on 0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60: too many requests: \
             TOO_MANY: slow down (HTTP 429, request req-1, 3 attempts, wait 3 s)",
        );
        assert_eq!(Error::invalid("no").to_string(), "no");
        assert_eq!(Error::invalid("no").with_resource("x").to_string(), "x: no");
        assert_eq!(Error::invalid("no").with_operation("op").to_string(), "op: no");
    }

    #[test]
    fn text_from_outside_never_breaks_the_line() {
        let foreign = "a\r\nInjected: b\0\u{1b}[31m\u{202e}";
        let error = Error::new(ErrorKind::NotFound, foreign.to_owned())
            .with_vendor(foreign.to_owned())
            .with_operation(foreign.to_owned())
            .with_resource(foreign)
            .with_request_id(Some(foreign.into()))
            .with_api(ApiError::new(Some(foreign), foreign))
            .with_body(foreign.as_bytes())
            .with_source(foreign);
        for printed in [error.to_string(), format!("{error:?}").replace("\n  ", " ")] {
            assert!(!printed.chars().any(|c| c.is_control() || c == '\u{202e}'), "{printed:?}");
        }
        assert!(error.report().to_string().lines().all(|line| !line.starts_with("Injected")));
    }

    #[test]
    fn a_main_that_fails_prints_the_report() {
        let error = refused().with_help("slow down yourself");
        assert_eq!(format!("{error:?}"), error.report().to_string());
        assert!(format!("{error:?}").ends_with("\n  help: slow down yourself"));
        assert!(format!("{error:#?}").starts_with("Error {\n    kind: RateLimited,"));
    }

    #[test]
    fn an_id_that_was_refused_reports_itself_once() {
        let error: Error = "x".parse::<crate::VpcId>().unwrap_err().into();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.report().to_string().matches("it must start with `vpc-`").count(), 1);
        assert!(StdError::source(&error).is_some_and(|source| source.is::<IdError>()));
    }

    #[test]
    fn whether_to_retry_follows_from_the_kind_unless_said_otherwise() {
        assert_eq!(refused().retry(), Retry::Safe);
        assert_eq!(Error::new(ErrorKind::OutcomeUnknown, "lost").retry(), Retry::IfIdempotent);
        assert_eq!(Error::new(ErrorKind::PermissionDenied, "no").retry(), Retry::Never);
        assert_eq!(refused().with_retry(Retry::Never).retry(), Retry::Never);
    }

    #[test]
    fn what_the_other_side_says_decides_the_help() {
        let limited = Error::new(ErrorKind::RateLimited, "slow down");
        assert!(limited.help().contains("does not say how long"), "{limited:?}");
        assert!(limited.with_retry_after(Duration::from_secs(2)).help().starts_with("wait as long as"));
        let denied = Error::new(ErrorKind::PermissionDenied, "no").with_missing_permission("ec2:CreateVpcEndpoint");
        assert_eq!(denied.missing_permission(), Some("ec2:CreateVpcEndpoint"));
        assert_eq!(denied.help(), "grant the permission `ec2:CreateVpcEndpoint` to the key or role");
    }
}
