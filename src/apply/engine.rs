//! The loop: whatever can start, starts; whatever waits is asked again; shared steps run once.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, FutureExt, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use privlink_core::side::{Direction, Exchange, Outcome, Plan, SideId, Step, StepId, TouchKey};
use privlink_core::{BoxFuture, Clock, Error, LinkName};

use super::{Applied, ApplyError, Event, EventKind, Interrupt};
use crate::run::{Course, How, Settled, State, Stop, objections};
use crate::{Link, plan};

/// How many steps of one side are performed at the same time in a set of links.
const MOST_IN_FLIGHT: usize = 64;

/// One link's part of a run.
pub(crate) struct Job<'a> {
    link: &'a Link,
    plan: &'a Plan,
    course: Course,
    stop: Option<Stop>,
}

impl<'a> Job<'a> {
    pub(crate) fn new(link: &'a Link, plan: &'a Plan) -> Self {
        let findings = objections(link, plan);
        let stop = (!findings.is_empty()).then(|| Stop::Error(ApplyError::Blocked { findings }));
        Self { link, plan, course: Course::new(plan), stop }
    }

    /// How the job ended.
    pub(crate) async fn finish(self) -> Result<Applied, ApplyError> {
        match self.stop {
            None => Ok(self.course.applied(self.plan)),
            Some(stop) => Err(stop.told(self.link, self.plan.direction).await),
        }
    }

    fn left(&self) -> impl Iterator<Item = &Step> {
        self.course.left(self.plan)
    }

    fn clock(&self) -> &'a dyn Clock {
        &*self.link.inner.clock
    }

    /// What a job comes to that is interrupted with steps left.
    fn interrupted(&self, why: Interrupt) -> Option<Stop> {
        let (done, left) = self.course.divided(self.plan);
        let known = self.course.boxed();
        (!left.is_empty()).then(|| Stop::Error(ApplyError::Interrupted { why, done, left, known }))
    }

    /// How long a step has been running.
    fn waited(&self, place: usize) -> Duration {
        self.course.waited(place, self.clock())
    }
}

/// Runs all jobs until each has ended or `interrupt` comes, telling `sink` what happens.
///
/// Steps run in place, so dropping the future stops them at once; an interrupt lets the looks under
/// way come to their end.
pub(crate) async fn run(
    jobs: &mut [Job<'_>],
    mut interrupt: BoxFuture<'_, Interrupt>,
    sink: &mut (dyn FnMut(&Event) + Send),
) {
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
    let mut interrupted = interrupt.as_mut().now_or_never();
    while interrupted.is_none() {
        engine.start_ready();
        match select(&mut interrupt, engine.flight.next()).await {
            Either::Left((why, _)) => interrupted = Some(why),
            Either::Right((Some(landed), _)) => engine.land(landed),
            Either::Right((None, _)) => break,
        }
    }
    while engine.is_looking() {
        match engine.flight.next().await {
            Some(landed) => engine.land(landed),
            None => break,
        }
    }
    if let Some(why) = interrupted {
        for job in engine.jobs.iter_mut().filter(|job| job.stop.is_none()) {
            job.stop = job.interrupted(why);
        }
        return;
    }
    let blamed = blamed(engine.jobs);
    for job in engine.jobs.iter_mut().filter(|job| job.stop.is_none()) {
        let steps: Vec<String> = job.left().map(|step| step.verb.to_string()).collect();
        if !steps.is_empty() {
            let stopped: BTreeSet<_> = job.left().filter_map(|step| blamed.get(&step.id)).flatten().cloned().collect();
            let stopped = stopped.into_iter().collect();
            job.stop = Some(Stop::Error(ApplyError::Stuck { steps, stopped, known: job.course.boxed() }));
        }
    }
}

/// The links that stopped before a step they share with others: those that wait for it, and hold up
/// others in turn, wait for them.
fn blamed(jobs: &[Job<'_>]) -> HashMap<StepId, BTreeSet<LinkName>> {
    let mut blamed: HashMap<StepId, BTreeSet<LinkName>> = HashMap::new();
    for job in jobs.iter().filter(|job| job.stop.is_some()) {
        for step in job.left() {
            blamed.entry(step.id.clone()).or_default().insert(job.link.name().clone());
        }
    }
    let mut grows = true;
    while std::mem::take(&mut grows) {
        for job in jobs.iter().filter(|job| job.stop.is_none()) {
            let who: BTreeSet<_> = job.left().filter_map(|step| blamed.get(&step.id)).flatten().cloned().collect();
            for step in job.left().filter(|_| !who.is_empty()) {
                let of_step = blamed.entry(step.id.clone()).or_default();
                let before = of_step.len();
                of_step.extend(who.iter().cloned());
                grows |= of_step.len() > before;
            }
        }
    }
    blamed
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
    fn land(&mut self, landed: Landed) {
        match landed {
            Landed::Performed(job, place, result) => self.settle(job, place, result),
            Landed::Woke(job, place) => self.lane(job, place).ready.push_front((job, place)),
        }
    }

    /// Whether a look at any step is under way.
    fn is_looking(&self) -> bool {
        self.lanes.values().any(|lane| lane.performing > 0)
    }

    /// Queues the steps of a job whose facts have come.
    fn scan(&mut self, job: usize) {
        if self.jobs[job].stop.is_some() {
            return;
        }
        for place in 0..self.jobs[job].plan.steps.len() {
            let Job { plan, course, .. } = &mut self.jobs[job];
            if course.may_begin(plan, place) {
                course.states[place] = State::Queued;
                self.lane(job, place).ready.push_back((job, place));
            }
        }
    }

    fn start_ready(&mut self) {
        // Starting a shared step may complete it, and so make steps of any lane ready.
        while let Some((job, place)) = self.next() {
            if matches!(self.jobs[job].course.states[place], State::Running(_)) {
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
        let Job { link, plan, course, .. } = &mut self.jobs[job];
        course.begin(plan, place, &*link.inner.clock);
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
                self.jobs[job].course.states[place] = State::Shared;
                None
            }
        };
        self.tell(job, place, EventKind::Shared);
        if let Some(known) = known {
            self.complete(job, place, &known, How::Shared);
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
        self.jobs[heir].course.states[at] = std::mem::replace(&mut self.jobs[job].course.states[place], State::Pending);
        Some((heir, at))
    }

    fn perform(&mut self, job: usize, place: usize) {
        self.lane(job, place).performing += 1;
        let going = &self.going;
        let Job { link, plan, course, .. } = &mut self.jobs[job];
        let look = course.look(link, plan, place, &|| going.clone());
        self.flight.push(Box::pin(async move { Landed::Performed(job, place, look.await) }));
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
        let waited = self.jobs[job].waited(place);
        let Job { link, plan, course, .. } = &mut self.jobs[job];
        match course.settle(plan, place, result, &*link.inner.clock) {
            Settled::Done { known, how } => {
                self.complete(job, place, &known, how);
                self.end(job, place, Ok(known));
            }
            Settled::Waits { stage, turn, poll_after, repeats } => {
                let kind = EventKind::Waiting { stage, turn, poll_after };
                self.tell_after(job, place, waited, kind, repeats);
                self.sleep(job, place, poll_after);
            }
            Settled::Fails { error, after } => {
                self.tell(job, place, EventKind::Retrying { error, after });
                self.sleep(job, place, after);
            }
            Settled::Stops(stop) => {
                self.tell(job, place, last_words(&stop));
                self.end(job, place, Err(stop));
            }
        }
    }

    /// Notes that a step is done for a job.
    fn complete(&mut self, job: usize, place: usize, known: &Exchange, how: How) {
        let waited = self.jobs[job].waited(place);
        let Job { plan, course, .. } = &mut self.jobs[job];
        course.complete(plan, place, known, how);
        let kind = if how == How::Found { EventKind::AlreadyDone } else { EventKind::Done };
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
                Ok(known) => self.complete(follower, at, known, How::Shared),
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
        let (link, now, done) = (this.link.name(), this.clock().now(), this.course.finished());
        let mut event = Event::new(link, this.plan, place, now, waited, done, kind);
        event.repeats = repeats;
        (self.sink)(&event);
    }
}

/// The last event of a step that stops its link.
fn last_words(stop: &Stop) -> EventKind {
    match stop {
        Stop::Moved { finding, .. } | Stop::Error(ApplyError::Refused { finding, .. }) => {
            EventKind::Stopped { finding: finding.clone() }
        }
        Stop::Error(ApplyError::Failed { error, .. }) => EventKind::Failed { error: error.clone() },
        Stop::Error(error @ ApplyError::TimedOut { stage, .. }) => {
            EventKind::Failed { error: error.told(format!("still {stage}")) }
        }
        Stop::Error(error) => EventKind::Failed { error: error.told(error.to_string()) },
    }
}
