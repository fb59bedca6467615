//! Time, wall clock included, comes from one place, so that tests can hold it.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::BoxFuture;

/// Where a program's time comes from.
///
/// Signing, token expiry, deadlines, back-off and the age of a proof all ask the same clock.
///
/// # Examples
/// A clock for tests, whose waits are over at once and move the time:
///
/// ```
/// use std::sync::Mutex;
/// use std::time::{Duration, SystemTime};
///
/// use privlink_core::{BoxFuture, Clock};
///
/// #[derive(Debug)]
/// struct Leaping(Mutex<SystemTime>);
///
/// impl Clock for Leaping {
///     fn now(&self) -> SystemTime {
///         *self.0.lock().unwrap()
///     }
///
///     fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
///         *self.0.lock().unwrap() += duration;
///         Box::pin(async {})
///     }
/// }
///
/// let clock = Leaping(Mutex::new(SystemTime::UNIX_EPOCH));
/// drop(clock.sleep(Duration::from_secs(300)));
/// assert_eq!(clock.monotonic(), Duration::from_secs(300));
/// ```
pub trait Clock: Send + Sync + fmt::Debug {
    /// The wall clock.
    fn now(&self) -> SystemTime;

    /// Ends after `duration`; dropping the future cancels the wait.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// Time since some fixed moment, which never runs backwards: what deadlines, back-off and
    /// request budgets are measured with. Follows the wall clock unless implemented.
    fn monotonic(&self) -> Duration {
        self.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }

    /// A name of the time this clock tells: clocks with the same name share request budgets.
    /// Without one, only the very same clock does, so that simulated worlds stay apart.
    fn timeline(&self) -> Option<&'static str> {
        None
    }
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

    fn monotonic(&self) -> Duration {
        static ORIGIN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        // A day back, so that a runtime whose paused time began earlier is after it too.
        let origin = ORIGIN.get_or_init(|| {
            let now = std::time::Instant::now();
            now.checked_sub(Duration::from_secs(86_400)).unwrap_or(now)
        });
        tokio::time::Instant::now().into_std().saturating_duration_since(*origin)
    }

    fn timeline(&self) -> Option<&'static str> {
        Some("system")
    }
}
