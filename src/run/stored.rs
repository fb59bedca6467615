//! What a plan or a run is worth that was stored: it says what was agreed to, and nothing else.
//!
//! Both are plain JSON, so that people and programs can read them; whoever can write the file can
//! write anything. So the sides are asked again, and what is performed is what they say now. The
//! stored plan only limits it: a step that it does not list is not performed, and one that it lists
//! in other words ends the run with the new plan.

use std::borrow::Cow;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeSet, VecDeque};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::sync::{Mutex, PoisonError};

use privlink_core::side::{Direction, Fact, Plan, Step, StepId, StepState};
use privlink_core::{ErrorKind, Finding, Result};

use super::course::{Course, State, Stop};
use super::objections;
use crate::{ApplyError, Link, plan};

/// How many plans a link remembers to have made.
const REMEMBERED: usize = 32;

/// The plans that a link made in this process, by their contents: they need not be asked for
/// again, and one that was changed since is none of them.
#[derive(Debug, Default)]
pub(crate) struct Made {
    hashes: RandomState,
    plans: Mutex<VecDeque<u64>>,
}

impl Made {
    /// Notes that `plan` was made here.
    pub(crate) fn note(&self, plan: &Plan) {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        plans.extend(self.hash(plan));
        if plans.len() > REMEMBERED {
            plans.pop_front();
        }
    }

    /// Whether `plan` was made here, and says what it said then.
    pub(crate) fn holds(&self, plan: &Plan) -> bool {
        let hash = self.hash(plan);
        let plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        hash.is_some_and(|hash| plans.contains(&hash))
    }

    fn hash(&self, plan: &Plan) -> Option<u64> {
        struct Sink<H>(H);

        impl<H: Hasher> io::Write for Sink<H> {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.write(bytes);
                Ok(bytes.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let mut sink = Sink(self.hashes.build_hasher());
        // What cannot be written cannot be told from another plan either.
        serde_json::to_writer(&mut sink, plan).ok()?;
        Some(sink.0.finish())
    }
}

/// The plan that is performed where `agreed` was agreed to.
pub(crate) async fn vetted<'p>(link: &Link, agreed: &'p Plan) -> Result<Cow<'p, Plan>, ApplyError> {
    if !needs_vetting(link, agreed)? {
        return Ok(Cow::Borrowed(agreed));
    }
    let now = Box::pin(planned_now(link, agreed.direction)).await;
    against(agreed, now)
}

/// Whether the sides have to be asked before anything of `plan` is performed.
///
/// # Errors
/// When nothing of it may be performed at all.
pub(crate) fn needs_vetting(link: &Link, plan: &Plan) -> Result<bool, ApplyError> {
    let findings = objections(link, plan);
    if !findings.is_empty() {
        return Err(ApplyError::Blocked { findings });
    }
    Ok(!plan.is_done() && !link.inner.made.holds(plan))
}

/// What is performed of `now`, the plan that the link makes by itself, where `agreed` was agreed to.
pub(crate) fn against(agreed: &Plan, now: Result<Option<Plan>>) -> Result<Cow<'_, Plan>, ApplyError> {
    let mut now = match (now, agreed.pending().next()) {
        (Ok(Some(now)), _) => now,
        (Ok(None), _) | (Err(_), None) => return Ok(Cow::Borrowed(agreed)),
        (Err(error), Some(first)) => {
            let (step, known) = (Box::new(first.clone()), Box::new(agreed.exchange.clone()));
            return Err(ApplyError::Failed { step, error, known });
        }
    };
    match strays(agreed, &now) {
        None => {
            now.steps.retain(|step| listed(agreed, step));
            look_again(agreed, &mut now);
            if agreed.direction == Direction::Closing {
                // It ages like the proof behind it, however often it is looked at.
                now.taken_at = agreed.taken_at;
            }
            Ok(Cow::Owned(now))
        }
        Some((step, finding)) => {
            let (step, finding) = (Box::new(step), Box::new(finding));
            Err(ApplyError::Moved { step, finding, plan: Some(Box::new(now)) })
        }
    }
}

/// What was agreed to be done and is to be seen by now is looked at all the same, as in a run: it may
/// not have come to its end, as a record that is on its way to the servers.
fn look_again(agreed: &Plan, now: &mut Plan) {
    let seen: Vec<(StepId, StepState)> =
        agreed.pending().filter_map(|step| Some((counterpart(agreed, step, now)?.id.clone(), step.state))).collect();
    for (id, state) in seen {
        for step in now.steps.iter_mut().filter(|step| step.id == id && step.state == StepState::AlreadyDone) {
            step.state = state;
        }
    }
}

/// The plan that the link makes by itself; `None` where only the caller can know what is wanted.
pub(super) async fn planned_now(link: &Link, direction: Direction) -> Result<Option<Plan>> {
    match direction {
        Direction::Setup => link.plan().await.map(Some),
        Direction::Removal => link.removal_plan().await.map(Some),
        Direction::Closing => {
            let standing = link.plan().await?;
            // What is left to do there was not agreed to, and so ends it.
            if !standing.is_done() || standing.blockers().next().is_some() {
                return Ok(Some(standing));
            }
            match link.inner.database.closing(&standing.exchange, &link.cx()).await {
                Ok((survey, _)) => Ok(Some(link.plan_of(Direction::Closing, survey))),
                // Closed by now: nothing is left to do.
                Err(error) if error.kind() == ErrorKind::Conflict => Ok(Some(link.blank(Direction::Closing))),
                Err(error) => Err(error),
            }
        }
        // What a receipt holds is the caller's; the step says it, and its side that it says all.
        _ => Ok(None),
    }
}

/// The first step that was agreed to otherwise than it would be performed, or not at all.
fn strays(agreed: &Plan, now: &Plan) -> Option<(Step, Finding)> {
    if let Some(spared) = spared(agreed.pending(), now) {
        return Some(spared);
    }
    let mut matched: BTreeSet<&StepId> = BTreeSet::new();
    for step in agreed.pending() {
        match counterpart(agreed, step, now) {
            Some(other) => {
                if other.state != StepState::AlreadyDone
                    && let Some(seen) = difference(step, other)
                {
                    return Some((step.clone(), step.altered(seen)));
                }
                matched.insert(&other.id);
            }
            None => {
                if let Some(finding) = missing(step, agreed.direction, now) {
                    return Some((step.clone(), finding));
                }
            }
        }
    }
    let unlisted = |step: &&Step| !matched.contains(&step.id) && must_be_listed(agreed, step);
    let unlisted = now.pending().find(unlisted)?;
    Some((unlisted.clone(), unlisted.altered(UNLISTED)))
}

const UNLISTED: &str = "the plan does not list it as a step that is to be done";

/// Whether a step that nobody agreed to ends the run. Setting up, what was left out is not done, and
/// what needs it does not begin; taking down, what comes after it must not go first.
fn must_be_listed(agreed: &Plan, step: &Step) -> bool {
    agreed.direction != Direction::Setup || listed(agreed, step)
}

/// Whether `step` of a new plan is one that was spoken of.
fn listed(agreed: &Plan, step: &Step) -> bool {
    agreed.steps.iter().any(|known| known.id == step.id || is_alike(known, step))
}

fn is_alike(one: &Step, other: &Step) -> bool {
    (&one.side, &one.verb, &one.slot) == (&other.side, &other.verb, &other.slot)
}

/// The endpoint that was to go, and is used by others by now.
fn spared<'s>(mut steps: impl Iterator<Item = &'s Step>, now: &Plan) -> Option<(Step, Finding)> {
    steps.find_map(|step| {
        let kept = now.kept.iter().find(|kept| kept.key == step.key && step.gives.contains(&Fact::Endpoint))?;
        let stays = !now.steps.iter().any(|other| other.id == step.id);
        stays.then(|| (step.clone(), plan::others_use_it(kept.reason.clone())))
    })
}

/// Why a step that the link would not take must end the run. A removal need not take away what is
/// gone; what is kept by now is told.
fn missing(step: &Step, direction: Direction, now: &Plan) -> Option<Finding> {
    if let Some(kept) = now.kept.iter().find(|kept| kept.key == step.key) {
        return Some(step.altered(format!("it stays: {}", kept.reason)));
    }
    (direction == Direction::Setup).then(|| step.altered("the link has no such step to take"))
}

/// The step of `now` that does what `step` was agreed to do.
fn counterpart<'n>(agreed: &Plan, step: &Step, now: &'n Plan) -> Option<&'n Step> {
    let alike = |other: &&Step| is_alike(step, other);
    let mut candidates = now.steps.iter().filter(alike);
    // The key of a step may tell what was not known yet when it was planned.
    let renamed = |other: &&Step| !agreed.steps.iter().any(|known| known.id == other.id);
    candidates.clone().find(|other| other.id == step.id).or_else(|| {
        let same = candidates.clone().filter(renamed).find(|other| other.params == step.params);
        same.or_else(|| {
            let only = candidates.next().filter(|_| candidates.next().is_none());
            only.filter(|_| agreed.steps.iter().filter(alike).nth(1).is_none())
        })
    })
}

/// In what `now` is another step than the one agreed to.
fn difference(agreed: &Step, now: &Step) -> Option<String> {
    if agreed.state == StepState::Undecided {
        // That it would be decided later was agreed to; it is the side that decides.
        return None;
    }
    let told = |what: &str, agreed: &dyn std::fmt::Debug, now: &dyn std::fmt::Debug| {
        Some(format!("{what}: the plan says {agreed:?}, and it would be {now:?}"))
    };
    if agreed.params != now.params {
        return Some(format!("the plan says {}, and it would be {}", agreed.params, now.params));
    }
    if agreed.expects != now.expects {
        return told("expects", &agreed.expects, &now.expects);
    }
    // What came to hold since need not be waited for any more.
    if !now.needs.is_subset(&agreed.needs) {
        return told("needs", &agreed.needs, &now.needs);
    }
    if agreed.gives != now.gives || agreed.drops != now.drops {
        return told("gives and drops", &(&agreed.gives, &agreed.drops), &(&now.gives, &now.drops));
    }
    if agreed.effects != now.effects || agreed.undo != now.undo {
        return told("effects", &(&agreed.effects, agreed.undo), &(&now.effects, now.undo));
    }
    if agreed.id != now.id {
        return None;
    }
    // The same thing is told in the same words: they are what was agreed to.
    let words = |step: &Step| {
        let Step { key, what, thing, place, why, .. } = step;
        [key.as_str(), what, thing, place, why].map(str::to_owned)
    };
    let (said, says) = (words(agreed), words(now));
    let other = said.iter().zip(&says).find(|(said, says)| said != says)?;
    told("words", other.0, other.1)
}

impl Course {
    /// Takes in what the link says by itself, `now`, in place of what was stored: facts, and the
    /// content of the steps. What was done and is not to be seen is done again; what is to be seen
    /// and was not done is looked at; what is said to be at work and may not begin, waits.
    pub(super) fn renew(&mut self, agreed: &mut Plan, now: Plan) -> Result<(), Stop> {
        let moved = |step: Step, finding: Finding, now: Plan| Stop::Moved {
            step: Box::new(step),
            finding: Box::new(finding),
            plan: Some(Box::new(now)),
        };
        let findings: Vec<Finding> = now.blockers().cloned().collect();
        if !findings.is_empty() {
            return Err(Stop::Error(ApplyError::Blocked { findings }));
        }
        if !self.has_begun(agreed)
            && let Some((step, finding)) = strays(agreed, &now)
        {
            return Err(moved(step, finding, now));
        }
        let open = agreed.steps.iter().zip(&self.states).filter(|(_, state)| !matches!(state, State::Done));
        if let Some((step, finding)) = spared(open.map(|(step, _)| step), &now) {
            return Err(moved(step, finding, now));
        }
        let mut seen = Vec::new();
        for place in 0..agreed.steps.len() {
            let step = &agreed.steps[place];
            let done = matches!(self.states[place], State::Done);
            let Some(other) = counterpart(agreed, step, &now) else {
                if !done {
                    let left = agreed.direction != Direction::Setup || has_come(step, &now);
                    let direction = if left { Direction::Removal } else { Direction::Setup };
                    if let Some(finding) = missing(step, direction, &now) {
                        return Err(moved(step.clone(), finding, now));
                    }
                    self.leave(agreed, place);
                }
                continue;
            };
            let is_seen = other.state == StepState::AlreadyDone;
            if !is_seen && done && step.state == StepState::AlreadyDone {
                // Nobody agreed to do it.
                continue;
            }
            if !is_seen && let Some(seen) = difference(step, other) {
                return Err(moved(step.clone(), step.altered(seen), now));
            }
            match (done, is_seen) {
                (true, true) => seen.push(place),
                (true, false) => self.states[place] = State::Pending,
                (false, _) => {}
            }
            // Known to the caller by its id.
            let mut renewed = other.clone();
            renewed.id.clone_from(&step.id);
            renewed.state = step.state;
            agreed.steps[place] = renewed;
        }
        let unlisted = |step: &&Step| !listed(agreed, step) && must_be_listed(agreed, step);
        let unlisted = now.pending().find(unlisted).cloned();
        if let Some(unlisted) = unlisted {
            let finding = unlisted.altered(UNLISTED);
            return Err(moved(unlisted, finding, now));
        }
        self.learn(agreed, now.exchange, &seen);
        Ok(())
    }
}

/// Whether all that a step would give is there without it.
fn has_come(step: &Step, now: &Plan) -> bool {
    let given = |fact: &Fact| {
        let mut done = now.steps.iter().filter(|other| other.state == StepState::AlreadyDone);
        now.exchange.holds(step.slot.as_ref(), fact) || done.any(|other| other.gives.contains(fact))
    };
    !step.gives.is_empty() && step.gives.iter().all(given)
}
