use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::BoxFuture;

/// Sends one request and gives back one whole response: the only door to the network.
///
/// `reqwest` is one implementation, the simulator another; a caller's own is welcome. An
/// implementation must not follow redirects, must stop reading a body at [`Limits::body`], and
/// must give up after [`Limits::time`].
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends `request` within `limits`. Dropping the future aborts it.
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;

    /// Whether it keeps [`Limits::time`] to the letter by itself, so that
    /// [`Caller`](super::Caller) needs no second timer around it.
    fn keeps_time(&self) -> bool {
        false
    }
}

impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        (**self).send(request, limits)
    }

    fn keeps_time(&self) -> bool {
        (**self).keeps_time()
    }
}

/// The bounds of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// From the first byte sent to the last byte read.
    pub time: Duration,
    /// The most bytes of a body that are read.
    pub body: usize,
}

impl Limits {
    /// Bounds of `time` and `body` bytes.
    #[must_use]
    pub fn new(time: Duration, body: usize) -> Self {
        Self { time, body }
    }
}

/// Whether a request may have left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sent {
    /// It certainly did not: sending it again is safe.
    No,
    /// It may have: a write must be looked at before it is repeated.
    Maybe,
}

/// Why no response came.
#[derive(Debug)]
#[non_exhaustive]
pub struct TransportError {
    /// Whether the request may have left.
    pub sent: Sent,
    /// Whether time ran out.
    pub timed_out: bool,
    /// The cause; never holds credentials or a query string.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl TransportError {
    /// A failure with its cause.
    #[must_use]
    pub fn new(sent: Sent, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { sent, timed_out: false, source: source.into() }
    }

    /// The same, because time ran out.
    #[must_use]
    pub fn timed_out(mut self) -> Self {
        self.timed_out = true;
        self
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.sent, self.timed_out) {
            (Sent::No, true) => "timed out before the request was sent",
            (Sent::No, false) => "the request could not be sent",
            (Sent::Maybe, true) => "timed out waiting for the answer",
            (Sent::Maybe, false) => "the answer was lost",
        })
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
