//! A plan performed step by step, in as many processes as it takes.

mod check;
mod course;
mod stored;

use std::sync::Arc;
use std::time::Duration;

use privlink_core::side::{Exchange, Plan, Step, StepId, seconds, versioned};
use privlink_core::{Error, Finding, Text, Turn};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

pub(crate) use self::check::objections;
pub(crate) use self::course::{Course, Settled, State, Stop};
pub(crate) use self::stored::{Made, against, needs_vetting, vetted};
use crate::{Applied, ApplyError, Link, plan};

/// The version of the form that is written and read here.
const VERSION: u16 = 1;

/// How long to leave a step alone whose facts are said to have come, and do not show.
const UNSEEN: Duration = Duration::from_secs(5);

/// A plan that is performed step by step: for operators, durable workflow engines and CI.
///
/// Plain data: store it as JSON after each [`Link::tick`], and go on in another process. What a tick
/// did before a crash kept it from being stored is found again: the next one begins with a look.
/// One process at a time works on a run.
///
/// What was stored is a record of what was agreed to and how far it has come, and is not believed
/// beyond that: a run that was read from JSON is held against a new plan before its next step.
///
/// [`Link::apply`] performs plans by the same rules, with steps side by side.
///
/// ```
/// # #[cfg(all(feature = "clickhouse", feature = "aws"))]
/// # async fn demo(link: privlink::Link, clock: std::sync::Arc<dyn privlink::core::Clock>)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// use privlink::{Run, Tick};
///
/// let mut run = Run::new(link.plan().await?);
/// while let Some(step) = run.ready().first().cloned() {
///     let tick = link.tick(&mut run, &step).await?;
///     std::fs::write("run.json", serde_json::to_vec(&run)?)?;
///     if let Some(pause) = tick.again_after() {
///         clock.sleep(pause).await;
///     }
/// }
/// println!("{:?}", run.end());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Serialize)]
#[must_use = "nothing is performed until its steps are"]
pub struct Run {
    version: u16,
    plan: Plan,
    course: Course,
    stopped: Option<Stopped>,
    #[serde(skip)]
    trust: Trust,
}

/// How far a run is believed; nothing of it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// It was read from outside.
    Stored,
    /// It was begun in this process, with a plan from wherever.
    Begun,
    /// It has been held against a new plan, or its plan was made here.
    Vetted,
}

/// Why a run takes no further step.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stopped {
    why: Text,
    finding: Option<Finding>,
    help: Text,
}

impl Run {
    /// A run of `plan` of which nothing has been performed yet.
    pub fn new(plan: Plan) -> Self {
        Self { version: VERSION, course: Course::new(&plan), plan, stopped: None, trust: Trust::Begun }
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Everything known so far.
    #[must_use]
    pub fn known(&self) -> &Exchange {
        &self.course.known
    }

    /// The steps that [`Link::tick`] may perform now: first those that wait, then those whose facts
    /// have come and that touch nothing another step is at work on. None once the run has ended.
    #[must_use]
    pub fn ready(&self) -> Vec<StepId> {
        let (begun, new): (Vec<_>, Vec<_>) =
            (0..self.plan.steps.len()).filter(|place| self.is_ready(*place)).partition(|place| self.has_begun(*place));
        begun.into_iter().chain(new).map(|place| self.plan.steps[place].id.clone()).collect()
    }

    /// A step of the plan.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.plan.steps.iter().find(|step| step.id == *id)
    }

    /// Whether every step is done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.course.finished() == self.plan.steps.len()
    }

    /// How the run ended; `None` while there is a step to perform.
    #[must_use]
    pub fn end(&self) -> Option<Result<Applied, ApplyError>> {
        if let Some(stopped) = &self.stopped {
            return Some(Err(stopped.error()));
        }
        if self.is_done() {
            return Some(Ok(self.course.clone().applied(&self.plan)));
        }
        if (0..self.plan.steps.len()).any(|place| self.is_ready(place)) {
            return None;
        }
        let steps = self.course.left(&self.plan).map(|step| step.verb.to_string()).collect();
        Some(Err(ApplyError::Stuck { steps, stopped: Vec::new(), known: self.course.boxed() }))
    }

    fn is_ready(&self, place: usize) -> bool {
        self.stopped.is_none()
            && (self.has_begun(place) || self.course.may_begin(&self.plan, place) && !self.is_held(place))
    }

    fn has_begun(&self, place: usize) -> bool {
        matches!(self.course.states[place], State::Running(_))
    }

    /// Whether another step is at work on what this one touches: one writer a key.
    fn is_held(&self, place: usize) -> bool {
        let key = &self.plan.steps[place].key;
        (0..self.plan.steps.len()).any(|other| self.has_begun(other) && self.plan.steps[other].key == *key)
    }

    /// Where a step stands in the plan, if it may be performed now.
    fn place(&self, step: &StepId) -> Option<usize> {
        (0..self.plan.steps.len()).find(|place| self.plan.steps[*place].id == *step && self.is_ready(*place))
    }

    /// Ends the run for good.
    fn stop(&mut self, error: ApplyError) -> ApplyError {
        self.stopped = Some(Stopped::new(&error));
        error
    }

    fn is_finished(&self, step: &StepId) -> bool {
        let mut all = self.plan.steps.iter().zip(&self.course.states);
        all.any(|(of, state)| of.id == *step && matches!(state, State::Done))
    }
}

/// Reads the version before all else, like a plan's; `LINK-007` when it is another one.
impl<'de> Deserialize<'de> for Run {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Body {
            plan: Plan,
            course: Course,
            stopped: Option<Stopped>,
        }
        let advice = "go on with the version of the library that began the run, or plan again with this one";
        let Body { plan, course, stopped } = versioned::read(deserializer, "the run", VERSION, advice)?;
        if course.states.len() != plan.steps.len() {
            return Err(D::Error::custom("the run does not fit its own plan: not one state for each step"));
        }
        Ok(Self { version: VERSION, plan, course, stopped, trust: Trust::Stored })
    }
}

impl Stopped {
    fn new(error: &ApplyError) -> Self {
        Self { why: error.to_string().into(), finding: error.finding().cloned(), help: error.help() }
    }

    fn error(&self) -> ApplyError {
        let Self { why, finding, help } = self.clone();
        ApplyError::Stopped { why, finding: finding.map(Box::new), help }
    }
}

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
            return Err(stopped.error());
        }
        let Some(mut place) = run.place(step) else {
            if run.is_finished(step) {
                return Ok(Tick::Done);
            }
            return Err(ApplyError::NotReady { step: step.clone() });
        };
        let clock = &*self.inner.clock;
        let vetted = Box::pin(self.vet(run)).await;
        if matches!(vetted, Ok(Ok(()))) {
            place = match run.place(step) {
                Some(place) => place,
                None if run.is_finished(step) => return Ok(Tick::Done),
                None => {
                    let stage = "what earlier steps did is not visible yet".into();
                    return Ok(Tick::Waiting { stage, turn: Turn::Cloud, poll_after: UNSEEN });
                }
            };
        }
        if !run.has_begun(place) {
            run.course.begin(&run.plan, place, clock);
        }
        let going = &|| Arc::new(plan::taken_away(&run.plan.steps).cloned().collect());
        let result = match vetted {
            Ok(Ok(())) => run.course.look(self, &run.plan, place, going).await,
            Ok(Err(stop)) => return Err(run.stop(stop.told(self, run.plan.direction).await)),
            // As much a failure as that of the step's own look.
            Err(error) => Err(error),
        };
        match run.course.settle(&run.plan, place, result, clock) {
            Settled::Done { known, changed } => {
                run.course.complete(&run.plan, place, &known, changed);
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
