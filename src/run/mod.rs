//! A plan performed step by step, in as many processes as it takes.

mod check;
mod course;
mod due;
mod stored;
mod tick;

use std::collections::BTreeSet;

use privlink_core::side::{Exchange, Plan, Step, StepId, TouchKey, versioned};
use privlink_core::{ErrorKind, Finding, Retry, Text};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

pub(crate) use self::check::objections;
pub(crate) use self::course::{Course, How, Settled, State, Stop};
pub use self::due::Due;
pub(crate) use self::stored::{Made, against, needs_vetting, vetted};
pub use self::tick::Tick;
use crate::{Applied, ApplyError};

/// The version of the form that is written and read here.
const VERSION: u16 = 1;

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
/// # The loop
/// [`Run::due`] says which step to look at next and how long that is away. What has become ready comes before
/// anything is waited for: a step may wait for what another one brings, as the endpoint on Azure waits for the
/// approval that comes with the vendor's allow list.
///
/// ```
/// # #[cfg(all(feature = "clickhouse", feature = "aws"))]
/// # async fn demo(link: privlink::Link, clock: std::sync::Arc<dyn privlink::core::Clock>)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// use privlink::Run;
///
/// let mut run = Run::new(link.plan().await?);
/// while let Some(next) = run.due(clock.now()) {
///     clock.sleep(next.after).await;
///     let tick = link.tick(&mut run, &next.step).await;
///     std::fs::write("run.json", serde_json::to_vec(&run)?)?;
///     tick?;
/// }
/// println!("{:?}", run.end());
/// # Ok(()) }
/// ```
///
/// An engine with timers of its own ticks all of [`Run::ready`], each again after [`Tick::again_after`].
///
/// # Cancelling
/// Stop ticking, and forget the run: nothing goes on by itself but what a cloud or vendor has begun. What was
/// done stays done; a new plan goes on from there, and [`Link::removal_plan`] takes it away.
///
/// # A process a tick
/// works, and costs requests: each new process holds the run against a new plan first, which reads all that
/// planning reads. So let a process go on for as long as it has something to do, and end where [`Due::after`] is
/// long.
///
/// [`Link::apply`]: crate::Link::apply
/// [`Link::removal_plan`]: crate::Link::removal_plan
/// [`Link::tick`]: crate::Link::tick
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
    kind: ErrorKind,
    retry: Retry,
    /// The step that ended it.
    step: Option<StepId>,
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
            return Some(Err(stopped.error(self)));
        }
        if self.is_done() {
            return Some(Ok(self.course.clone().applied(&self.plan)));
        }
        if self.ready_places().next().is_some() {
            return None;
        }
        let steps = self.course.left(&self.plan).map(|step| step.verb.to_string()).collect();
        Some(Err(ApplyError::Stuck { steps, stopped: Vec::new(), known: self.course.boxed() }))
    }

    /// Where the steps stand that may be performed now: of those that touch the same thing one at a
    /// time, one writer a key.
    fn ready_places(&self) -> impl Iterator<Item = usize> {
        // None once the run has ended.
        let all = 0..if self.stopped.is_some() { 0 } else { self.plan.steps.len() };
        let begun = all.clone().filter(|place| self.has_begun(*place));
        let held: BTreeSet<&TouchKey> = begun.map(|place| &self.plan.steps[place].key).collect();
        all.filter(move |place| {
            self.has_begun(*place)
                || self.course.may_begin(&self.plan, *place) && !held.contains(&self.plan.steps[*place].key)
        })
    }

    fn has_begun(&self, place: usize) -> bool {
        matches!(self.course.states[place], State::Running(_))
    }

    /// Where a step stands in the plan, if it may be performed now.
    fn place(&self, step: &StepId) -> Option<usize> {
        self.ready_places().find(|place| self.plan.steps[*place].id == *step)
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
        Self {
            why: error.to_string().into(),
            kind: error.kind(),
            retry: error.retry(),
            step: error.step().map(|step| step.id.clone()),
            finding: error.finding().cloned(),
            help: error.help(),
        }
    }

    fn error(&self, run: &Run) -> ApplyError {
        let Self { why, kind, retry, step, finding, help } = self.clone();
        ApplyError::Stopped {
            why,
            of_kind: kind,
            retry,
            step: step.and_then(|step| run.step(&step)).cloned().map(Box::new),
            finding: finding.map(Box::new),
            help,
        }
    }
}
