use std::time::{Duration, SystemTime};

use privlink_core::side::{StepId, seconds};
use serde::{Deserialize, Serialize};

use super::Run;

/// The next look that a [`Run`] needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Due {
    /// The step to [tick](crate::Link::tick).
    pub step: StepId,
    /// How long to leave it alone before; zero where it can be looked at now.
    #[serde(with = "seconds")]
    pub after: Duration,
}

impl Run {
    /// Which step is to be looked at next, and how long after `now`, the wall clock; `None` once the run has
    /// [ended](Run::end). To be asked anew after each tick.
    ///
    /// Steps that were never looked at come first, then those whose pause is over, then the one whose pause ends
    /// first; among equals the one that was looked at longest ago.
    #[must_use]
    pub fn due(&self, now: SystemTime) -> Option<Due> {
        let next = self.places().into_iter().min_by_key(|place| self.rest(*place, now))?;
        Some(Due { step: self.plan.steps[next].id.clone(), after: self.rest(next, now) })
    }

    /// The steps that [`Link::tick`](crate::Link::tick) may perform now: first those that have not begun, whose facts
    /// have come and that touch nothing another step is at work on, then those that wait, the one looked at longest
    /// ago first. None once the run has ended.
    #[must_use]
    pub fn ready(&self) -> Vec<StepId> {
        self.places().into_iter().map(|place| self.plan.steps[place].id.clone()).collect()
    }

    /// Where the steps that are ready stand in the plan, in their order.
    fn places(&self) -> Vec<usize> {
        let mut ready: Vec<usize> = self.ready_places().collect();
        ready.sort_by_key(|place| self.course.states[*place].look());
        ready
    }

    /// How long to leave a step alone: never longer than it may take, whatever the store says.
    fn rest(&self, place: usize, now: SystemTime) -> Duration {
        self.course.states[place].rest(now).min(self.plan.steps[place].at_most)
    }
}
