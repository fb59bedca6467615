//! One step of a run, performed once.

use std::sync::Arc;
use std::time::Duration;

use privlink_core::side::{StepId, seconds};
use privlink_core::{Error, Text, Turn};
use serde::{Deserialize, Serialize};

use super::course::{Settled, Stop};
use super::{Run, Trust, objections, stored};
use crate::{ApplyError, Link, plan};

/// How long to leave a step alone whose facts are said to have come, and do not show.
const UNSEEN: Duration = Duration::from_secs(5);

/// What one tick of a step came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tick", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tick {
    /// The step is done.
    Done,
    /// It is not done yet.
    Waiting {
        /// What is going on.
        stage: Text,
        /// Who has to act.
        turn: Turn,
        /// When to look at it again.
        #[serde(with = "seconds")]
        poll_after: Duration,
    },
    /// It failed in a way that may pass.
    Retrying {
        /// The failure.
        error: Error,
        /// When to look at it again.
        #[serde(with = "seconds")]
        after: Duration,
    },
}

impl Tick {
    /// How long to leave the step alone before it is looked at again; `None` once it is done.
    #[must_use]
    pub fn again_after(&self) -> Option<Duration> {
        match self {
            Self::Done => None,
            Self::Waiting { poll_after, .. } => Some(*poll_after),
            Self::Retrying { after, .. } => Some(*after),
        }
    }
}

impl Link {
    /// Performs one [ready](Run::ready) step of a run once: looks, acts once, looks, and never
    /// sleeps. A step that is done already stays so, and nothing is asked.
    ///
    /// Everything that [`Link::apply`] checks is checked: whether the plan is this link's, of a known
    /// version and not blocked; whether the facts have come that the step needs; whether a plan that
    /// closes public access is fresh; who uses an endpoint by now that is to go; how long the step
    /// may take and how often it may fail.
    ///
    /// Dropping the future stops it at once, possibly between a write and its answer; the next tick
    /// sees what happened.
    ///
    /// # Errors
    /// Why the plan is not performed any further, as [`Link::apply`] says it; the run is over then,
    /// but for [`Blocked`](ApplyError::Blocked), which is asked anew each time, and
    /// [`NotReady`](ApplyError::NotReady).
    pub async fn tick(&self, run: &mut Run, step: &StepId) -> Result<Tick, ApplyError> {
        let findings = objections(self, &run.plan);
        if !findings.is_empty() {
            return Err(ApplyError::Blocked { findings });
        }
        if let Some(stopped) = &run.stopped {
            return Err(stopped.error(run));
        }
        let Some(mut place) = run.place(step) else {
            if run.is_finished(step) {
                return Ok(Tick::Done);
            }
            return Err(ApplyError::NotReady { step: step.clone() });
        };
        let clock = &*self.inner.clock;
        let vetted = match Box::pin(self.vet(run)).await {
            Ok(Ok(())) => {
                place = match run.place(step) {
                    Some(place) => place,
                    None if run.is_finished(step) => return Ok(Tick::Done),
                    None => {
                        let stage = "what earlier steps did is not visible yet".into();
                        return Ok(Tick::Waiting { stage, turn: Turn::Cloud, poll_after: UNSEEN });
                    }
                };
                Ok(())
            }
            Ok(Err(Stop::Error(blocked @ ApplyError::Blocked { .. }))) => return Err(blocked),
            Ok(Err(stop)) => return Err(run.stop(stop.told(self, run.plan.direction).await)),
            // As much a failure as that of the step's own look.
            Err(error) => Err(error),
        };
        if !run.has_begun(place) {
            run.course.begin(&run.plan, place, clock);
        }
        let going = &|| Arc::new(plan::taken_away(&run.plan.steps).cloned().collect());
        let result = match vetted {
            Ok(()) => run.course.look(self, &run.plan, place, going).await,
            Err(error) => Err(error),
        };
        match run.course.settle(&run.plan, place, result, clock) {
            Settled::Done { known, how } => {
                run.course.complete(&run.plan, place, &known, how);
                Ok(Tick::Done)
            }
            Settled::Waits { stage, turn, poll_after, .. } => Ok(Tick::Waiting { stage, turn, poll_after }),
            Settled::Fails { error, after } => Ok(Tick::Retrying { error, after }),
            Settled::Stops(stop) => {
                let error = Box::pin(stop.told(self, run.plan.direction)).await;
                Err(run.stop(error))
            }
        }
    }

    /// Holds a run that came from outside against what the link would do now; once is enough.
    async fn vet(&self, run: &mut Run) -> privlink_core::Result<Result<(), Stop>> {
        if run.trust == Trust::Begun && self.inner.made.holds(&run.plan) {
            run.trust = Trust::Vetted;
        }
        if run.trust != Trust::Vetted {
            if let Some(now) = stored::planned_now(self, run.plan.direction).await?
                && let Err(stop) = run.course.renew(&mut run.plan, now)
            {
                return Ok(Err(stop));
            }
            run.trust = Trust::Vetted;
        }
        Ok(Ok(()))
    }
}
