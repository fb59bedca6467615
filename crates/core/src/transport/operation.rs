use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::Error;

/// One operation of an API, declared once: what it is called and whether it may run twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The name in errors and traces: the API's own word.
    pub name: &'static str,
    /// Whether it may run twice.
    pub repeat: Repeat,
}

impl Operation {
    /// An operation that only reads.
    #[must_use]
    pub const fn read(name: &'static str) -> Self {
        Self { name, repeat: Repeat::Read }
    }

    /// A write that may run twice with the effect of once.
    #[must_use]
    pub const fn idempotent(name: &'static str) -> Self {
        Self { name, repeat: Repeat::Idempotent }
    }

    /// A write that must not run twice.
    #[must_use]
    pub const fn once(name: &'static str) -> Self {
        Self { name, repeat: Repeat::Once }
    }
}

/// Whether an operation may run twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repeat {
    /// It only reads.
    Read,
    /// It writes, and running it twice has the effect of once.
    Idempotent,
    /// It writes, and must not run twice: a lost answer is
    /// [`ErrorKind::OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).
    Once,
}

/// How an API says that a call failed: read from the whole response, since some fail inside
/// HTTP 200.
pub trait Dialect: Send + Sync + fmt::Debug {
    /// The other side's name in errors: `ClickHouse Cloud`.
    fn vendor(&self) -> &'static str;

    /// `None` when the call succeeded, otherwise what went wrong.
    fn judge(&self, operation: &Operation, response: &http::Response<Bytes>) -> Option<Failure>;
}

/// A call that was answered, but failed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The error with kind, code, message and request id; the caller adds the rest.
    pub error: Error,
    /// Whether trying again soon may help. The request took no effect when this is set on a
    /// throttled call; on any other it is repeated only if the operation may run twice.
    pub transient: bool,
    /// How long the other side asked to wait; where it is `None`, [`Caller`](super::Caller) reads
    /// the usual headers ([`server_wait`](super::server_wait)).
    pub wait: Option<Duration>,
}

impl Failure {
    /// A failure for good.
    #[must_use]
    pub fn last(error: Error) -> Self {
        Self { error, transient: false, wait: None }
    }

    /// A failure that may pass.
    #[must_use]
    pub fn passing(error: Error, wait: Option<Duration>) -> Self {
        Self { error, transient: true, wait }
    }
}
