use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Failure, Operation, Repeat, Sent, TransportError};
use crate::error::innermost;
use crate::{Error, ErrorKind, Retry, Text};

/// How long one call may take.
///
/// The time to connect is the transport's own: see `ReqwestTransportBuilder::connect_timeout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadlines {
    /// One attempt, the fetching of its token included; 30 s unless set.
    pub per_try: Duration,
    /// All attempts and the waits between them; 60 s unless set. Time in our own queue for the
    /// request budget does not count: it is bounded by the queue, and told to the observer.
    pub total: Duration,
}

impl Deadlines {
    /// Bounds for one attempt and for the whole.
    #[must_use]
    pub const fn new(per_try: Duration, total: Duration) -> Self {
        Self { per_try, total }
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self::new(Duration::from_secs(30), Duration::from_secs(60))
    }
}

/// How often and how far apart a call is tried.
///
/// The wait before attempt *n* + 1 is the longer of what the server asked for and a random part
/// of `base` · 2ⁿ⁻¹, at most `cap` ("full jitter"). Whether a call may be tried again at all is
/// never a matter of policy: see [`Repeat`].
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// use privlink_core::transport::RetryPolicy;
///
/// let patient = RetryPolicy::new(8, Duration::from_secs(1), Duration::from_secs(30));
/// let steady = patient.clone().jitter(|| 1.0);   // for tests: always the longest wait
/// assert_eq!(steady.backoff(3), Duration::from_secs(4));
/// assert!(patient.backoff(3) <= Duration::from_secs(4));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The most attempts, the first included; at least 1.
    pub attempts: u32,
    /// The longest first wait.
    pub base: Duration,
    /// The longest wait, unless the server asks for more.
    pub cap: Duration,
    jitter: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl RetryPolicy {
    /// At most `attempts`, waiting up to `base` at first and up to `cap` later.
    #[must_use]
    pub fn new(attempts: u32, base: Duration, cap: Duration) -> Self {
        Self { attempts: attempts.max(1), base, cap, jitter: Arc::new(fastrand::f64) }
    }

    /// Never tries twice.
    #[must_use]
    pub fn never() -> Self {
        Self::new(1, Duration::ZERO, Duration::ZERO)
    }

    /// Draws the random part, from 0 to 1, from `jitter`.
    #[must_use]
    pub fn jitter(mut self, jitter: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        self.jitter = Arc::new(jitter);
        self
    }

    /// A wait after the failed attempt number `attempt`; the first is 1.
    #[must_use]
    pub fn backoff(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.checked_pow(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let longest = self.base.saturating_mul(doubled).min(self.cap);
        let part = (self.jitter)();
        longest.mul_f64(if part.is_finite() { part.clamp(0.0, 1.0) } else { 1.0 })
    }
}

impl Default for RetryPolicy {
    /// Five attempts, half a second at first, at most twenty seconds: what AWS and ClickHouse
    /// Cloud take well (their guides and clients, read 2026-11).
    fn default() -> Self {
        Self::new(5, Duration::from_millis(500), Duration::from_secs(20))
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryPolicy")
            .field("attempts", &self.attempts)
            .field("base", &self.base)
            .field("cap", &self.cap)
            .finish_non_exhaustive()
    }
}

/// Why an attempt failed, in the terms that decide what may follow.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) error: Error,
    pub(super) effect: Effect,
    pub(super) transient: bool,
    /// What the server asked for.
    pub(super) wait: Option<Duration>,
    /// The credentials were refreshed because of it.
    pub(super) refreshed: bool,
}

/// What is known about the effect of a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It had none: the request never left, or was turned away unread.
    None,
    /// It may have had its effect: the answer was lost, or was a failure of the server itself.
    Unknown,
    /// The other side answered that it did not do it.
    Refused,
}

impl Trouble {
    /// Before anything was sent.
    pub(super) fn before(error: Error) -> Self {
        let transient = error.retry() == Retry::Safe
            || matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Connect);
        let wait = error.retry_after();
        Self { error, effect: Effect::None, transient, wait, refreshed: false }
    }

    pub(super) fn transport(error: TransportError) -> Self {
        let effect = match error.sent {
            Sent::No => Effect::None,
            Sent::Maybe => Effect::Unknown,
        };
        // A transport that knows better than "no answer" says so with an error of ours.
        let known = error.source.downcast_ref::<Error>().cloned();
        let transient = known.as_ref().is_none_or(|known| known.retry() != Retry::Never);
        let error = match (known, error.sent, error.timed_out) {
            (Some(known), ..) => known,
            (None, Sent::No, _) => {
                let text = match innermost(&*error.source) {
                    Some(cause) => Text::from(format!("could not connect: {cause}")),
                    None => "could not connect".into(),
                };
                Error::new(ErrorKind::Connect, text).with_source(error)
            }
            (None, Sent::Maybe, true) => Error::new(ErrorKind::Timeout, "no answer in time").with_source(error),
            (None, Sent::Maybe, false) => Error::new(ErrorKind::Unavailable, "the answer was lost").with_source(error),
        };
        Self { error, effect, transient, wait: None, refreshed: false }
    }

    pub(super) fn answered(
        failure: Failure,
        status: http::StatusCode,
        hinted: impl FnOnce() -> Option<Duration>,
    ) -> Self {
        let Failure { mut error, transient, wait } = failure;
        if error.http_status().is_none() {
            error = error.with_http_status(status.as_u16());
        }
        // 501 and 505 are refusals; any other 5xx may follow a commit.
        let broke = (status.is_server_error() && !matches!(status.as_u16(), 501 | 505))
            || matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout);
        let effect = match error.retry() {
            Retry::Safe => Effect::None,
            _ if broke => Effect::Unknown,
            _ => Effect::Refused,
        };
        let wait = if transient { wait.or_else(hinted) } else { wait };
        Self { error, effect, transient, wait, refreshed: false }
    }
}

/// What follows a failed attempt.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Trying again cannot help, or must not be done.
    Permanent(Error),
    /// It could be tried again, but attempts or time are used up.
    Exhausted(Error),
    /// Try again after `wait`.
    Continue { wait: Duration, because: ErrorKind },
}

/// One call's way through its attempts.
#[derive(Debug)]
pub(super) struct Progress {
    repeat: Repeat,
    pub(super) attempts: u32,
    pub(super) refreshed: bool,
    /// An earlier attempt may have had its effect.
    may_have_happened: bool,
}

impl Progress {
    pub(super) fn of(operation: &Operation) -> Self {
        Self { repeat: operation.repeat, attempts: 0, refreshed: false, may_have_happened: false }
    }

    /// Decides what follows `trouble`, with `left` of the total deadline for waiting.
    pub(super) fn judge(&mut self, trouble: Trouble, policy: &RetryPolicy, left: Duration) -> Verdict {
        self.may_have_happened |= trouble.effect == Effect::Unknown;
        if trouble.refreshed && !left.is_zero() {
            self.refreshed = true;
            return Verdict::Continue { wait: Duration::ZERO, because: trouble.error.kind() };
        }
        let harmless = trouble.effect == Effect::None || self.repeat != Repeat::Once;
        if !(trouble.transient && harmless) {
            return Verdict::Permanent(self.last(trouble));
        }
        let wait = policy.backoff(self.attempts).max(trouble.wait.unwrap_or_default());
        if self.attempts >= policy.attempts || wait >= left {
            return Verdict::Exhausted(self.last(trouble));
        }
        Verdict::Continue { wait, because: trouble.error.kind() }
    }

    /// The error the call ends with: never less than the truth about a write.
    pub(super) fn last(&self, trouble: Trouble) -> Error {
        let error = match trouble.wait {
            Some(wait) => trouble.error.with_retry_after(wait),
            None => trouble.error,
        };
        let unknown = self.may_have_happened && self.repeat != Repeat::Read && trouble.effect != Effect::Refused;
        if unknown { outcome_unknown(error) } else { error }
    }
}

fn outcome_unknown(error: Error) -> Error {
    let mut unknown =
        Error::new(ErrorKind::OutcomeUnknown, format!("the write may or may not have happened ({})", error.kind()))
            .with_request_id(error.request_id().map(str::to_owned));
    if let Some(status) = error.http_status() {
        unknown = unknown.with_http_status(status);
    }
    if let Some(api) = error.api() {
        unknown = unknown.with_api(api.clone());
    }
    if let Some(wait) = error.retry_after() {
        unknown = unknown.with_retry_after(wait);
    }
    if let Some(body) = error.body() {
        unknown = unknown.with_body(body.as_bytes());
    }
    unknown.with_source(error)
}
