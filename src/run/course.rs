//! How far a plan has come, and what each look at a step means for it. [`Link::apply`](crate::Link::apply)
//! and [`Link::tick`](crate::Link::tick) both go by this, so that neither can do what the other may not.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use privlink_core::side::{
    Direction, Exchange, Fact, Outcome, Plan, Step, StepId, StepState, TouchKey, rfc3339, seconds,
};
use privlink_core::{Clock, Error, ErrorKind, Finding, LinkName, Result, Retry, Text, Turn};
use serde::{Deserialize, Serialize};
use tracing::{Instrument, Span, debug, info, info_span, warn};

use super::check;
use crate::{Applied, ApplyError, Link, plan};

/// How often a step that failed in a way that may pass is looked at again. Each look comes
/// after the transport's own retries, and begins with a read.
const LOOKS_AGAIN: u32 = 4;

/// The least time between two looks at a waiting step, whatever a side asks for.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);

/// How far one plan has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Course {
    pub(crate) known: Exchange,
    /// One a step of the plan, in its order.
    pub(crate) states: Vec<State>,
    changed: Vec<StepId>,
    unchanged: Vec<StepId>,
    /// Performed by another link of the set. Only while a plan is applied.
    #[serde(skip)]
    shared: Vec<StepId>,
}

/// How a step came to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// It acted, or had to wait.
    Acted,
    /// There was nothing to do.
    Found,
    /// Another link of the set performed it.
    Shared,
}

/// Where a step stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It has not begun.
    Pending,
    /// It begins as soon as nobody else writes what it touches. Only while a plan is applied.
    #[serde(skip)]
    Queued,
    /// It is being performed, or waits to be asked again.
    Running(Running),
    /// Another link of the set performs it. Only while a plan is applied.
    #[serde(skip)]
    Shared,
    /// It is done.
    Done,
}

/// A step that has begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Running {
    /// How long it had been going on at `seen`.
    waited: Duration,
    #[serde(with = "rfc3339")]
    seen: SystemTime,
    /// `seen` by the steady clock of this process: a wall clock set back must not keep a step
    /// waiting. Another process has only the wall clock to go by.
    #[serde(skip)]
    steady: Option<Duration>,
    failures: u32,
    stage: Option<Text>,
    /// What the side wants back when it is asked again.
    resume: Option<serde_json::Value>,
    /// The number of its last look among those of the whole run.
    look: u64,
    /// When that look ended; when it began, while none has.
    #[serde(with = "rfc3339")]
    looked: SystemTime,
    /// How long it is to be left alone since.
    #[serde(with = "seconds")]
    pause: Duration,
    /// What its looks in this process are traced in.
    #[serde(skip)]
    span: Option<Span>,
}

impl State {
    /// The number of the last look at a step that has begun.
    pub(super) fn look(&self) -> Option<u64> {
        match self {
            Self::Running(running) => Some(running.look),
            _ => None,
        }
    }

    /// How long from `now` the step is to be left alone. A clock that was set back tells nothing
    /// about that, and a look too early does no harm.
    pub(super) fn rest(&self, now: SystemTime) -> Duration {
        let Self::Running(Running { looked, pause, .. }) = self else { return Duration::ZERO };
        now.duration_since(*looked).map_or(Duration::ZERO, |passed| pause.saturating_sub(passed))
    }
}

/// What a look at a step came to.
pub(crate) enum Settled {
    /// It is done; [`Course::complete`] has to be told.
    Done { known: Box<Exchange>, how: How },
    /// It is to be looked at again. `repeats`: it waited for the same before.
    Waits { stage: Text, turn: Turn, poll_after: Duration, repeats: bool },
    /// It failed in a way that may pass.
    Fails { error: Error, after: Duration },
    /// The plan is not performed any further.
    Stops(Stop),
}

/// Why a plan is not performed any further.
#[derive(Clone)]
pub(crate) enum Stop {
    Error(ApplyError),
    /// `plan`: the new one, where it is made already.
    Moved {
        step: Box<Step>,
        finding: Box<Finding>,
        plan: Option<Box<Plan>>,
    },
}

impl Course {
    /// Nothing of `plan` has been performed yet.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut known = plan.exchange.clone();
        let mut states = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            states.push(if step.state == StepState::AlreadyDone {
                give(plan.direction, &mut known, step);
                State::Done
            } else {
                State::Pending
            });
        }
        Self { known, states, changed: Vec::new(), unchanged: Vec::new(), shared: Vec::new() }
    }

    /// Whether a step has not begun, and all it has to wait for has come.
    pub(crate) fn may_begin(&self, plan: &Plan, place: usize) -> bool {
        matches!(self.states[place], State::Pending) && self.has_its_turn(plan, place, &BTreeSet::new())
    }

    /// Whether all that a step has to wait for has come, but for the facts that it may have `ended` itself.
    fn has_its_turn(&self, plan: &Plan, place: usize, ended: &BTreeSet<Fact>) -> bool {
        let step = &plan.steps[place];
        match plan.direction {
            Direction::Removal => {
                plan.steps.iter().zip(&self.states).all(|(other, state)| {
                    matches!(state, State::Done) || !plan::follows(Direction::Removal, other, step)
                })
            }
            _ => step.needs.iter().all(|fact| ended.contains(fact) || self.known.holds(step.slot.as_ref(), fact)),
        }
    }

    /// Notes that a step begins.
    pub(crate) fn begin(&mut self, plan: &Plan, place: usize, clock: &dyn Clock) {
        let (seen, steady) = (clock.now(), Some(clock.monotonic()));
        self.states[place] = State::Running(Running {
            waited: Duration::ZERO,
            seen,
            steady,
            failures: 0,
            stage: None,
            resume: None,
            look: self.next_look(),
            looked: seen,
            pause: Duration::ZERO,
            span: None,
        });
        let step = &plan.steps[place];
        for fact in &step.drops {
            self.known.forget(step.slot.as_ref(), fact);
        }
    }

    /// Looks at a step that has begun, once. `going` are the vendor entries and records that are taken
    /// away along with this plan.
    pub(crate) fn look<'a>(
        &mut self,
        link: &'a Link,
        plan: &'a Plan,
        place: usize,
        going: &dyn Fn() -> Arc<BTreeSet<TouchKey>>,
    ) -> impl Future<Output = Result<Outcome>> + Send + use<'a> {
        let step = &plan.steps[place];
        let span = self.span(link.name(), step, place);
        let (resume, waited) = match &self.states[place] {
            State::Running(running) => (running.resume.clone(), running.stage.is_some()),
            _ => (None, false),
        };
        let (known, cx) = (self.known.clone(), link.cx().resuming(resume));
        // Who uses the endpoint was asked when the removal was planned; it is asked again at the
        // last moment, since another link may have begun to.
        let ends_endpoint = plan.direction == Direction::Removal && step.gives.contains(&Fact::Endpoint);
        let going = (ends_endpoint && !waited).then(going);
        // And so is who else is reached by the name that goes.
        let ends_name = plan.direction == Direction::Removal && step.gives.contains(&Fact::Resolving) && !waited;
        let look = async move {
            if let Some(finding) = check::too_old(link, plan) {
                return Ok(Outcome::refused(finding));
            }
            let side = plan::side_of(step, &*link.inner.database, &*link.inner.network)?;
            if let Some(going) = going
                && let Some(finding) =
                    plan::still_used(&*link.inner.database, &*link.inner.network, &known, &going, &cx).await?
            {
                return Ok(Outcome::moved(finding));
            }
            if ends_name && let Some(finding) = plan::still_reached(&*link.inner.database, &known, &cx).await? {
                return Ok(Outcome::moved(finding));
            }
            side.perform(step, &known, &cx).await
        };
        look.instrument(span)
    }

    /// The span of a step that has begun: one in each process.
    fn span(&mut self, link: &LinkName, step: &Step, place: usize) -> Span {
        let Step { id, side, verb, place: at, .. } = step;
        let new = || info_span!("step", %link, step = %id, %side, %verb, place = %at);
        match &mut self.states[place] {
            State::Running(running) => running.span.get_or_insert_with(new).clone(),
            _ => new(),
        }
    }

    /// Takes in what a look came to.
    pub(crate) fn settle(&mut self, plan: &Plan, place: usize, result: Result<Outcome>, clock: &dyn Clock) -> Settled {
        let span = match &self.states[place] {
            State::Running(running) => running.span.clone(),
            _ => None,
        };
        let settled = self.settled(plan, place, result, clock);
        span.unwrap_or_else(Span::none).in_scope(|| settled.trace());
        settled
    }

    fn settled(&mut self, plan: &Plan, place: usize, result: Result<Outcome>, clock: &dyn Clock) -> Settled {
        let step = &plan.steps[place];
        let waited = self.waited(place, clock);
        let refused = |error| Settled::Stops(Stop::Error(error));
        match result {
            Ok(Outcome::Done(known)) => Settled::Done { known, how: How::Acted },
            // After waiting it was not done already, whoever did it.
            Ok(Outcome::AlreadyDone(known)) => {
                let waited = matches!(&self.states[place], State::Running(Running { stage: Some(_), .. }));
                Settled::Done { known, how: if waited { How::Acted } else { How::Found } }
            }
            Ok(Outcome::Waiting { stage, turn, poll_after, resume }) if waited < step.at_most => {
                let repeats = self.waits(place, &stage, resume, waited, clock);
                // The last look comes just when the time is up.
                let poll_after = poll_after.max(SHORTEST_WAIT).min(step.at_most - waited);
                self.rests(place, poll_after, clock);
                Settled::Waits { stage, turn, poll_after, repeats }
            }
            Ok(Outcome::Waiting { stage, turn, .. }) => {
                let (step, known) = (Box::new(step.clone()), self.boxed());
                refused(ApplyError::TimedOut { step, stage, turn, waited, known })
            }
            Ok(Outcome::Moved(finding)) => {
                Settled::Stops(Stop::Moved { step: Box::new(step.clone()), finding, plan: None })
            }
            Ok(Outcome::Refused(finding)) => {
                refused(ApplyError::Refused { step: Box::new(step.clone()), finding, known: self.boxed() })
            }
            Ok(other) => {
                let error = Error::new(ErrorKind::Unsupported, format!("an outcome of a newer side: {other:?}"));
                refused(self.failed(step, error))
            }
            Err(error) => {
                let failures = self.failed_again(place);
                let after = pause(&error, failures);
                if failures <= LOOKS_AGAIN
                    && error.retry() != Retry::Never
                    && waited.saturating_add(after) < step.at_most
                {
                    self.rests(place, after, clock);
                    return Settled::Fails { error, after };
                }
                refused(self.failed(step, error))
            }
        }
    }

    /// Notes that a step is done, by this link or another one.
    pub(crate) fn complete(&mut self, plan: &Plan, place: usize, known: &Exchange, how: How) {
        let step = &plan.steps[place];
        self.known.absorb(known.clone());
        give(plan.direction, &mut self.known, step);
        self.states[place] = State::Done;
        // A step that was done and did not show is done twice, and counted once.
        if self.changed.contains(&step.id) {
            return;
        }
        self.unchanged.retain(|known| *known != step.id);
        let all = match how {
            How::Acted => &mut self.changed,
            How::Found => &mut self.unchanged,
            How::Shared => &mut self.shared,
        };
        all.push(step.id.clone());
    }

    /// Whether any step was begun that the plan did not show as done. One whose looks all failed may
    /// not even have been looked at.
    pub(super) fn has_begun(&self, plan: &Plan) -> bool {
        self.states.iter().zip(&plan.steps).any(|(state, step)| match state {
            State::Pending | State::Queued => false,
            State::Running(running) => running.stage.is_some(),
            State::Shared => true,
            State::Done => step.state != StepState::AlreadyDone,
        })
    }

    /// Notes that nothing is left to do for a step.
    pub(super) fn leave(&mut self, plan: &Plan, place: usize) {
        let how = if matches!(self.states[place], State::Running(_)) { How::Acted } else { How::Found };
        self.complete(plan, place, &Exchange::new(), how);
    }

    /// Takes over what is known `now`, with what the steps `seen` to be done give; of what was known
    /// before only what was made lately, which may not show yet.
    pub(super) fn learn(&mut self, plan: &Plan, now: Exchange, seen: &[usize]) {
        let made = std::mem::take(&mut self.known.made);
        self.known = now;
        self.known.made.extend(made);
        for place in seen {
            give(plan.direction, &mut self.known, &plan.steps[*place]);
        }
        for place in 0..self.states.len() {
            if matches!(self.states[place], State::Running(_))
                && !self.has_its_turn(plan, place, &plan.steps[place].drops)
            {
                self.states[place] = State::Pending;
            }
        }
    }

    /// How many steps are done.
    pub(crate) fn finished(&self) -> usize {
        self.states.iter().filter(|state| matches!(state, State::Done)).count()
    }

    /// The steps that are done, and those that are not.
    pub(crate) fn divided(&self, plan: &Plan) -> (Vec<Step>, Vec<Step>) {
        let mut divided = (Vec::new(), Vec::new());
        for (state, step) in self.states.iter().zip(&plan.steps) {
            let half = if matches!(state, State::Done) { &mut divided.0 } else { &mut divided.1 };
            half.push(step.clone());
        }
        divided
    }

    /// The steps that are not done.
    pub(crate) fn left<'p>(&self, plan: &'p Plan) -> impl Iterator<Item = &'p Step> {
        let left = self.states.iter().zip(&plan.steps).filter(|(state, _)| !matches!(state, State::Done));
        left.map(|(_, step)| step)
    }

    /// How long a step has been going on.
    pub(crate) fn waited(&self, place: usize, clock: &dyn Clock) -> Duration {
        let State::Running(running) = &self.states[place] else { return Duration::ZERO };
        let since = match running.steady {
            Some(steady) => clock.monotonic().saturating_sub(steady),
            None => clock.now().duration_since(running.seen).unwrap_or_default(),
        };
        running.waited.saturating_add(since)
    }

    /// What a plan that was performed to the end came to.
    pub(crate) fn applied(self, plan: &Plan) -> Applied {
        let Self { known, changed, unchanged, shared, .. } = self;
        let performed: BTreeSet<&StepId> = changed.iter().chain(&unchanged).chain(&shared).collect();
        let before = plan.steps.iter().map(|step| &step.id).filter(|id| !performed.contains(id)).cloned().collect();
        let plan_again = plan.later.is_some();
        Applied { exchange: rest(plan, known), changed, unchanged, shared, before, plan_again }
    }

    /// A copy of what is known so far, for an error.
    pub(crate) fn boxed(&self) -> Box<Exchange> {
        Box::new(self.known.clone())
    }

    fn failed(&self, step: &Step, error: Error) -> ApplyError {
        ApplyError::Failed { step: Box::new(step.clone()), error, known: self.boxed() }
    }

    /// Counts one more failure of a running step, and says how many there were in a row.
    fn failed_again(&mut self, place: usize) -> u32 {
        let State::Running(running) = &mut self.states[place] else { return u32::MAX };
        running.failures = running.failures.saturating_add(1);
        running.failures
    }

    /// Notes what a running step waits for; whether it waited for the same before.
    fn waits(
        &mut self,
        place: usize,
        stage: &Text,
        resume: Option<serde_json::Value>,
        waited: Duration,
        clock: &dyn Clock,
    ) -> bool {
        let State::Running(running) = &mut self.states[place] else { return false };
        let repeats = running.stage.as_ref() == Some(stage);
        running.waited = waited;
        (running.seen, running.steady) = (clock.now(), Some(clock.monotonic()));
        (running.failures, running.stage, running.resume) = (0, Some(stage.clone()), resume);
        repeats
    }

    /// Notes that a running step was looked at, and is to be left alone for `pause`.
    fn rests(&mut self, place: usize, pause: Duration, clock: &dyn Clock) {
        let look = self.next_look();
        if let State::Running(running) = &mut self.states[place] {
            (running.look, running.looked, running.pause) = (look, clock.now(), pause);
        }
    }

    /// The number of the next look. Looks are numbered because a wall clock may be set back.
    fn next_look(&self) -> u64 {
        self.states.iter().filter_map(State::look).max().unwrap_or_default().saturating_add(1)
    }
}

impl Settled {
    /// Told in the span of its step.
    fn trace(&self) {
        match self {
            Self::Done { how, .. } => info!(changed = *how == How::Acted, "done"),
            Self::Waits { stage, turn, poll_after, .. } => debug!(%stage, %turn, ?poll_after, "waiting"),
            Self::Fails { error, after } => warn!(%error, ?after, "looks again"),
            Self::Stops(Stop::Error(error)) => warn!(%error, "stopped"),
            Self::Stops(Stop::Moved { finding, .. }) => warn!(error = %finding.summary, "stopped"),
        }
    }
}

impl Stop {
    /// The error that says so, with a new plan where the world has moved.
    pub(crate) async fn told(self, link: &Link, direction: Direction) -> ApplyError {
        match self {
            Self::Error(error) => error,
            Self::Moved { step, finding, plan: Some(plan) } => ApplyError::Moved { step, finding, plan: Some(plan) },
            Self::Moved { step, finding, plan: None } => {
                let plan = match direction {
                    Direction::Removal => link.removal_plan().await,
                    _ => link.plan().await,
                };
                ApplyError::Moved { step, finding, plan: plan.ok().map(Box::new) }
            }
        }
    }
}

/// What is known in the end; after a removal without what it removed.
fn rest(plan: &Plan, mut known: Exchange) -> Exchange {
    if plan.direction == Direction::Removal {
        known.names.clear();
        known.admissions.clear();
        if plan.steps.iter().any(|step| step.gives.contains(&Fact::Endpoint)) {
            known.endpoints.clear();
        }
    }
    known
}

/// How long to leave a step alone that failed for the `failures`-th time in a row.
fn pause(error: &Error, failures: u32) -> Duration {
    error.retry_after().unwrap_or(Duration::from_secs(1 << failures.min(LOOKS_AGAIN)))
}

/// Notes what a finished step did to the facts: setting up gives them, taking down ends them.
fn give(direction: Direction, known: &mut Exchange, step: &Step) {
    for fact in &step.gives {
        match direction {
            Direction::Removal => known.forget(step.slot.as_ref(), fact),
            _ => known.hold(step.slot.clone(), fact.clone()),
        }
    }
}
