//! The loop: whatever can start, starts; whatever waits is asked again; shared steps run once.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use privlink_core::side::{Direction, Exchange, Fact, Outcome, Plan, SideId, Step, StepId, StepState, TouchKey};
use privlink_core::{BoxFuture, Error, ErrorKind, Finding, LinkName, Retry, Severity, Text};

use super::{Applied, ApplyError, Event, EventKind};
use crate::verify::{MAX_PROOF_AGE, SKEW};
use crate::{Link, plan};

/// How often a step that failed in a way that may pass is looked at again. Each look comes
/// after the transport's own retries, and begins with a read.
const LOOKS_AGAIN: u32 = 4;

/// The least time between two looks at a waiting step, whatever a side asks for.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);

/// How many steps of one side are performed at the same time in a set of links.
const MOST_IN_FLIGHT: usize = 64;

/// One link's part of a run.
pub(crate) struct Job<'a> {
    link: &'a Link,
    plan: &'a Plan,
    exchange: Exchange,
    states: Vec<State>,
    changed: Vec<StepId>,
    unchanged: Vec<StepId>,
    stop: Option<Stop>,
}

/// Where a step of a run stands.
#[derive(Debug)]
enum State {
    /// Its facts have not come yet.
    Pending,
    /// Its facts have come; it starts as soon as nobody else writes what it touches.
    Queued,
    /// It is being performed, or waits to be asked again.
    Running { since: Duration, failures: u32, stage: Option<Text> },
    /// Another link of the set performs it.
    Shared,
    /// It is done.
    Done,
}

/// Why a job takes no further step.
#[derive(Clone)]
enum Stop {
    Error(ApplyError),
    Moved { step: Box<Step>, finding: Box<Finding> },
}

impl<'a> Job<'a> {
    pub(crate) fn new(link: &'a Link, plan: &'a Plan) -> Self {
        let mut findings: Vec<_> = plan.blockers().cloned().collect();
        findings.extend(unfit(link, plan));
        let stop = (!findings.is_empty()).then(|| Stop::Error(ApplyError::Blocked { findings }));
        let mut exchange = plan.exchange.clone();
        let mut states = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            states.push(if step.state == StepState::AlreadyDone {
                give(plan.direction, &mut exchange, step);
                State::Done
            } else {
                State::Pending
            });
        }
        Self { link, plan, exchange, states, changed: Vec::new(), unchanged: Vec::new(), stop }
    }

    /// How the job ended.
    pub(crate) async fn finish(self) -> Result<Applied, ApplyError> {
        match self.stop {
            None => Ok(Applied {
                exchange: rest(self.plan, self.exchange),
                changed: self.changed,
                unchanged: self.unchanged,
            }),
            Some(Stop::Error(error)) => Err(error),
            Some(Stop::Moved { step, finding }) => {
                let plan = match self.plan.direction {
                    Direction::Removal => self.link.removal_plan().await,
                    _ => self.link.plan().await,
                };
                Err(ApplyError::Moved { step, finding, plan: plan.ok().map(Box::new) })
            }
        }
    }

    fn ready(&self, place: usize) -> bool {
        let step = &self.plan.steps[place];
        if !matches!(self.states[place], State::Pending) {
            return false;
        }
        match self.plan.direction {
            Direction::Removal => {
                self.plan.steps.iter().zip(&self.states).all(|(other, state)| {
                    matches!(state, State::Done) || !plan::follows(Direction::Removal, other, step)
                })
            }
            _ => step.needs.iter().all(|fact| self.exchange.holds(step.slot.as_ref(), fact)),
        }
    }

    fn finished(&self) -> usize {
        self.states.iter().filter(|state| matches!(state, State::Done)).count()
    }

    fn left(&self) -> impl Iterator<Item = &Step> {
        let left = self.states.iter().zip(&self.plan.steps).filter(|(state, _)| !matches!(state, State::Done));
        left.map(|(_, step)| step)
    }

    /// The steady clock: a wall clock set back must not keep a step waiting.
    fn now(&self) -> Duration {
        self.link.inner.clock.monotonic()
    }

    /// How long a step has been running.
    fn waited(&self, place: usize) -> Duration {
        match self.states[place] {
            State::Running { since, .. } => self.now().saturating_sub(since),
            _ => Duration::ZERO,
        }
    }

    /// Counts one more failure of a running step, and says how many there were in a row.
    fn failed_again(&mut self, place: usize) -> u32 {
        match &mut self.states[place] {
            State::Running { failures, .. } => {
                *failures += 1;
                *failures
            }
            _ => u32::MAX,
        }
    }

    fn has_waited(&self, place: usize) -> bool {
        matches!(self.states[place], State::Running { stage: Some(_), .. })
    }

    /// Notes what a running step waits for; whether it waited for the same before.
    fn waits(&mut self, place: usize, now: &Text) -> bool {
        let State::Running { failures, stage, .. } = &mut self.states[place] else { return false };
        *failures = 0;
        stage.replace(now.clone()).is_some_and(|before| before == *now)
    }

    fn known(&self) -> Box<Exchange> {
        Box::new(self.exchange.clone())
    }
}

/// Runs all jobs until each has ended, telling `sink` what happens.
///
/// Steps run in place, so dropping the future stops them at once.
pub(crate) async fn run(jobs: &mut [Job<'_>], sink: &mut (dyn FnMut(&Event) + Send)) {
    let mut sharers: HashMap<StepId, usize> = HashMap::new();
    for step in jobs.iter().flat_map(|job| job.left()) {
        *sharers.entry(step.id.clone()).or_default() += 1;
    }
    let going: BTreeSet<TouchKey> = jobs.iter().flat_map(|job| plan::taken_away(&job.plan.steps).cloned()).collect();
    let mut engine = Engine {
        jobs,
        flight: FuturesUnordered::new(),
        lanes: BTreeMap::new(),
        performers: HashMap::new(),
        sharers,
        going: Arc::new(going),
        busy: HashMap::new(),
        sink,
    };
    for job in 0..engine.jobs.len() {
        engine.scan(job);
    }
    loop {
        engine.start_ready();
        match engine.flight.next().await {
            Some(Landed::Performed(job, place, result)) => engine.settle(job, place, result),
            Some(Landed::Woke(job, place)) => engine.lane(job, place).ready.push_front((job, place)),
            None => break,
        }
    }
    let mut stopped: HashMap<StepId, Vec<LinkName>> = HashMap::new();
    for job in engine.jobs.iter().filter(|job| job.stop.is_some()) {
        for step in job.left() {
            stopped.entry(step.id.clone()).or_default().push(job.link.name().clone());
        }
    }
    for job in engine.jobs.iter_mut().filter(|job| job.stop.is_none()) {
        let steps: Vec<String> = job.left().map(|step| step.verb.to_string()).collect();
        if !steps.is_empty() {
            let waited_for: BTreeSet<_> =
                job.left().filter_map(|step| stopped.get(&step.id)).flatten().cloned().collect();
            let stopped = waited_for.into_iter().collect();
            job.stop = Some(Stop::Error(ApplyError::Stuck { steps, stopped, known: job.known() }));
        }
    }
}

/// What comes out of the steps in flight.
enum Landed {
    Performed(usize, usize, Result<Outcome, Error>),
    Woke(usize, usize),
}

/// The one performance of a step that several links may share.
#[derive(Default)]
struct Performer {
    /// The links that wait for its end.
    followers: Vec<(usize, usize)>,
    end: Option<Result<Box<Exchange>, Stop>>,
}

/// The steps of one side.
#[derive(Default)]
struct Lane {
    ready: VecDeque<(usize, usize)>,
    performing: usize,
}

struct Engine<'r, 'a> {
    jobs: &'r mut [Job<'a>],
    flight: FuturesUnordered<BoxFuture<'a, Landed>>,
    /// One lane a side, so that a side with a small request budget does not hold up the other.
    lanes: BTreeMap<SideId, Lane>,
    performers: HashMap<StepId, Performer>,
    /// How many links have a step still to do.
    sharers: HashMap<StepId, usize>,
    /// The vendor entries that this run takes away.
    going: Arc<BTreeSet<TouchKey>>,
    /// Keys being written, with the steps that wait for them: one writer a key.
    busy: HashMap<TouchKey, VecDeque<(usize, usize)>>,
    sink: &'r mut (dyn FnMut(&Event) + Send),
}

impl Engine<'_, '_> {
    /// Queues the steps of a job whose facts have come.
    fn scan(&mut self, job: usize) {
        if self.jobs[job].stop.is_some() {
            return;
        }
        for place in 0..self.jobs[job].plan.steps.len() {
            if self.jobs[job].ready(place) {
                self.jobs[job].states[place] = State::Queued;
                self.lane(job, place).ready.push_back((job, place));
            }
        }
    }

    fn start_ready(&mut self) {
        // Starting a shared step may complete it, and so make steps of any lane ready.
        while let Some((job, place)) = self.next() {
            if matches!(self.jobs[job].states[place], State::Running { .. }) {
                self.again(job, place);
            } else if self.jobs[job].stop.is_none() {
                self.start(job, place);
            }
        }
    }

    /// The next step of any lane that has room.
    fn next(&mut self) -> Option<(usize, usize)> {
        self.lanes.values_mut().filter(|lane| lane.performing < MOST_IN_FLIGHT).find_map(|lane| lane.ready.pop_front())
    }

    fn lane(&mut self, job: usize, place: usize) -> &mut Lane {
        self.lanes.entry(self.jobs[job].plan.steps[place].side.clone()).or_default()
    }

    fn start(&mut self, job: usize, place: usize) {
        let step = &self.jobs[job].plan.steps[place];
        if self.is_shared(job, place) {
            return;
        }
        if let Some(waiting) = self.busy.get_mut(&step.key) {
            waiting.push_back((job, place));
            return;
        }
        self.busy.insert(step.key.clone(), VecDeque::new());
        self.performers.entry(step.id.clone()).or_default();
        let since = self.jobs[job].now();
        self.jobs[job].states[place] = State::Running { since, failures: 0, stage: None };
        let Job { exchange, .. } = &mut self.jobs[job];
        for fact in &step.drops {
            exchange.forget(step.slot.as_ref(), fact);
        }
        self.tell(job, place, EventKind::Started);
        self.perform(job, place);
    }

    /// Whether another link performs this step, or a removal has to wait until every link that
    /// shares the thing is done with it.
    fn is_shared(&mut self, job: usize, place: usize) -> bool {
        let plan = self.jobs[job].plan;
        let step = &plan.steps[place];
        let sharers = self.sharers.get(&step.id).copied().unwrap_or(1);
        if sharers == 1 {
            return false;
        }
        let known = match self.performers.get_mut(&step.id) {
            Some(Performer { end: Some(Err(stop)), .. }) => {
                self.jobs[job].stop = Some(stop.clone());
                return true;
            }
            Some(Performer { end: Some(Ok(known)), .. }) => Some(known.clone()),
            Some(performer) if plan.direction == Direction::Removal && performer.followers.len() + 1 == sharers => {
                return false;
            }
            None if plan.direction != Direction::Removal => return false,
            _ => {
                self.performers.entry(step.id.clone()).or_default().followers.push((job, place));
                self.jobs[job].states[place] = State::Shared;
                None
            }
        };
        self.tell(job, place, EventKind::Shared);
        if let Some(known) = known {
            self.complete(job, place, &known, None);
        }
        true
    }

    /// Looks at a step again that waited, unless its link has stopped meanwhile.
    fn again(&mut self, job: usize, place: usize) {
        match self.jobs[job].stop.clone() {
            None => self.perform(job, place),
            Some(stop) => match self.heir(job, place) {
                Some((heir, at)) => self.perform(heir, at),
                None => self.end(job, place, Err(stop)),
            },
        }
    }

    /// Another link that needs the shared step of a link which stopped, and now goes on with it.
    fn heir(&mut self, job: usize, place: usize) -> Option<(usize, usize)> {
        let step = &self.jobs[job].plan.steps[place];
        let followers = &mut self.performers.get_mut(&step.id)?.followers;
        let found = followers.iter().position(|(follower, _)| self.jobs[*follower].stop.is_none())?;
        let (heir, at) = followers.remove(found);
        self.jobs[heir].states[at] = std::mem::replace(&mut self.jobs[job].states[place], State::Pending);
        Some((heir, at))
    }

    fn perform(&mut self, job: usize, place: usize) {
        self.lane(job, place).performing += 1;
        let Job { link, plan, exchange, .. } = &self.jobs[job];
        let (link, step, known, cx) = (*link, &plan.steps[place], exchange.clone(), link.cx());
        // Who uses the endpoint was asked when the removal was planned; it is asked again at the
        // last moment, since another link may have begun to.
        let ends_endpoint = plan.direction == Direction::Removal && step.gives.contains(&Fact::Endpoint);
        let going = (ends_endpoint && !self.jobs[job].has_waited(place)).then(|| self.going.clone());
        self.flight.push(Box::pin(async move {
            let result = async {
                let side = plan::side_of(step, &*link.inner.database, &*link.inner.network)?;
                if let Some(going) = going
                    && let Some(finding) =
                        plan::still_used(&*link.inner.database, &*link.inner.network, &known, &going, &cx).await?
                {
                    return Ok(Outcome::moved(finding));
                }
                side.perform(step, &known, &cx).await
            };
            let result = result.await;
            Landed::Performed(job, place, result)
        }));
    }

    fn sleep(&mut self, job: usize, place: usize, wait: Duration) {
        let sleep = self.jobs[job].link.inner.clock.sleep(wait);
        self.flight.push(Box::pin(async move {
            sleep.await;
            Landed::Woke(job, place)
        }));
    }

    fn settle(&mut self, job: usize, place: usize, result: Result<Outcome, Error>) {
        self.lane(job, place).performing -= 1;
        let step = &self.jobs[job].plan.steps[place];
        let waited = self.jobs[job].waited(place);
        match result {
            Ok(Outcome::Done(known)) => {
                self.complete(job, place, &known, Some(true));
                self.end(job, place, Ok(known));
            }
            Ok(Outcome::AlreadyDone(known)) => {
                // After waiting it was not done already, whoever did it.
                let waited = self.jobs[job].has_waited(place);
                self.complete(job, place, &known, Some(waited));
                self.end(job, place, Ok(known));
            }
            Ok(Outcome::Waiting { stage, turn, poll_after }) if waited < step.at_most => {
                let repeats = self.jobs[job].waits(place, &stage);
                // The last look comes just when the time is up.
                let wait = poll_after.max(SHORTEST_WAIT).min(step.at_most - waited);
                let kind = EventKind::Waiting { stage, turn, poll_after: wait };
                self.tell_after(job, place, waited, kind, repeats);
                self.sleep(job, place, wait);
            }
            Ok(Outcome::Waiting { stage, turn, .. }) => {
                self.tell(job, place, EventKind::Failed { error: format!("still {stage}") });
                let known = self.jobs[job].known();
                let error = ApplyError::TimedOut { step: Box::new(step.clone()), stage, turn, waited, known };
                self.end(job, place, Err(Stop::Error(error)));
            }
            Ok(Outcome::Moved(finding)) => {
                self.tell(job, place, EventKind::Stopped(finding.clone()));
                self.end(job, place, Err(Stop::Moved { step: Box::new(step.clone()), finding }));
            }
            Ok(Outcome::Refused(finding)) => {
                self.tell(job, place, EventKind::Stopped(finding.clone()));
                let known = self.jobs[job].known();
                let error = ApplyError::Refused { step: Box::new(step.clone()), finding, known };
                self.end(job, place, Err(Stop::Error(error)));
            }
            Ok(other) => {
                let error = Error::new(ErrorKind::Unsupported, format!("an outcome of a newer side: {other:?}"));
                self.fail(job, place, error);
            }
            Err(error) => match self.jobs[job].failed_again(place) {
                failures
                    if failures <= LOOKS_AGAIN
                        && error.retry() != Retry::Never
                        && waited.saturating_add(pause(&error, failures)) < step.at_most =>
                {
                    let after = pause(&error, failures);
                    self.tell(job, place, EventKind::Retrying { error: error.to_string(), after });
                    self.sleep(job, place, after);
                }
                _ => self.fail(job, place, error),
            },
        }
    }

    fn fail(&mut self, job: usize, place: usize, source: Error) {
        self.tell(job, place, EventKind::Failed { error: source.to_string() });
        let step = Box::new(self.jobs[job].plan.steps[place].clone());
        let known = self.jobs[job].known();
        self.end(job, place, Err(Stop::Error(ApplyError::Failed { step, error: source, known })));
    }

    /// Notes that a step is done for a job; `performed` is whether it changed something, or
    /// `None` where another link performed it.
    fn complete(&mut self, job: usize, place: usize, known: &Exchange, performed: Option<bool>) {
        let this = &mut self.jobs[job];
        let step = &this.plan.steps[place];
        let waited = this.waited(place);
        this.exchange.absorb(known.clone());
        give(this.plan.direction, &mut this.exchange, step);
        this.states[place] = State::Done;
        let kind = match performed {
            Some(true) => {
                this.changed.push(step.id.clone());
                EventKind::Done
            }
            Some(false) => {
                this.unchanged.push(step.id.clone());
                EventKind::AlreadyDone
            }
            None => {
                this.unchanged.push(step.id.clone());
                EventKind::Done
            }
        };
        self.tell_after(job, place, waited, kind, false);
        self.scan(job);
    }

    /// Ends a step: frees its key and hands the result to the links that share it.
    fn end(&mut self, job: usize, place: usize, end: Result<Box<Exchange>, Stop>) {
        let step = &self.jobs[job].plan.steps[place];
        for (job, place) in self.busy.remove(&step.key).into_iter().flatten() {
            self.lane(job, place).ready.push_back((job, place));
        }
        if let Err(stop) = &end {
            self.jobs[job].stop.get_or_insert_with(|| stop.clone());
        }
        let followers = match self.performers.get_mut(&step.id) {
            Some(performer) => {
                performer.end = Some(end.clone());
                std::mem::take(&mut performer.followers)
            }
            None => Vec::new(),
        };
        for (follower, at) in followers {
            match &end {
                Ok(known) => self.complete(follower, at, known, None),
                Err(stop) => {
                    self.jobs[follower].stop.get_or_insert_with(|| stop.clone());
                }
            }
        }
    }

    fn tell(&mut self, job: usize, place: usize, kind: EventKind) {
        let waited = self.jobs[job].waited(place);
        self.tell_after(job, place, waited, kind, false);
    }

    fn tell_after(&mut self, job: usize, place: usize, waited: Duration, kind: EventKind, repeats: bool) {
        let this = &self.jobs[job];
        let progress = (this.finished(), this.states.len());
        let (link, step) = (this.link.name(), &this.plan.steps[place]);
        let mut event = Event::new(link, step, this.link.inner.clock.now(), waited, progress, kind);
        event.repeats = repeats;
        (self.sink)(&event);
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

/// Why a plan is not even begun.
fn unfit(link: &Link, plan: &Plan) -> Option<Finding> {
    if plan.version != 1 {
        return Some(
            Finding::new(
                "LINK-007",
                Severity::Blocks,
                "the plan is of a version that this library does not know",
                "plan again with this version of the library",
            )
            .evidence(format!("version {}", plan.version)),
        );
    }
    let sides = [link.inner.database.id(), link.inner.network.id()];
    if plan.subject != link.subject() || plan.steps.iter().any(|step| !sides.contains(&step.side)) {
        return Some(other_link(link, plan));
    }
    let now = link.inner.clock.now();
    let age = now.duration_since(plan.taken_at).unwrap_or_default();
    let ahead = plan.taken_at.duration_since(now).unwrap_or_default();
    (plan.direction == Direction::Closing && (age > MAX_PROOF_AGE || ahead > SKEW)).then(|| {
        Finding::new(
            "PROOF-005",
            Severity::Blocks,
            "the plan to close public access is too old, or of the future: the proof behind it may no longer hold",
            "prove the link again and plan again",
        )
        .evidence(match ahead.as_secs() {
            0 => format!("planned {} s ago, at most {} s are allowed", age.as_secs(), MAX_PROOF_AGE.as_secs()),
            ahead => format!("planned {ahead} s in the future: the clocks differ"),
        })
    })
}

/// A plan made for other sides is not performed at all: half of it might fit.
fn other_link(link: &Link, plan: &Plan) -> Finding {
    Finding::new(
        "LINK-006",
        Severity::Blocks,
        "the plan was made for another link",
        "apply it with the link it was made for, or plan this one",
    )
    .evidence(format!("the plan of {} joins {}", plan.link, plan.subject))
    .evidence(format!("{} joins {}", link.name(), link.subject()))
}

/// Notes what a finished step did to the facts: setting up gives them, taking down ends them.
fn give(direction: Direction, exchange: &mut Exchange, step: &Step) {
    for fact in &step.gives {
        match direction {
            Direction::Removal => exchange.forget(step.slot.as_ref(), fact),
            _ => exchange.hold(step.slot.clone(), fact.clone()),
        }
    }
}
