//! Time, wall clock included, comes from one place, so that tests can hold it.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::BoxFuture;

/// Where a program's time comes from.
///
/// Signing, token expiry, deadlines, back-off and the age of a proof all ask the same clock.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The wall clock.
    fn now(&self) -> SystemTime;

    /// Ends after `duration`; dropping the future cancels the wait.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The machine's clock, sleeping on tokio's timer.
#[cfg(feature = "client")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

#[cfg(feature = "client")]
impl SystemClock {
    /// The machine's clock.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

#[cfg(feature = "client")]
impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
