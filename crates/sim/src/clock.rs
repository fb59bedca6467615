use std::time::{Duration, SystemTime};

use privlink_core::{BoxFuture, Clock};
use tokio::time::Instant;

/// The world's time: wall clock and sleep on one tokio instant.
///
/// In a test with `start_paused = true` waits are free and the wall clock moves with them. In
/// real time it can run faster than the machine's clock, see
/// [`WorldBuilder::time_scale`](crate::WorldBuilder::time_scale).
#[derive(Clone, Copy, Debug)]
pub struct SimClock {
    started: Instant,
    epoch: SystemTime,
    scale: u32,
}

impl SimClock {
    pub(crate) fn new(epoch: SystemTime, scale: u32) -> Self {
        Self { started: Instant::now(), epoch, scale: scale.max(1) }
    }

    /// How much faster than the machine's clock it runs.
    #[must_use]
    pub fn scale(&self) -> u32 {
        self.scale
    }
}

impl Clock for SimClock {
    fn now(&self) -> SystemTime {
        let elapsed = Instant::now().saturating_duration_since(self.started);
        self.epoch + elapsed.saturating_mul(self.scale)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration / self.scale))
    }
}
