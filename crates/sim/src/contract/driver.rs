//! The smallest workflow: what the suites drive a side with.

use std::collections::BTreeSet;
use std::time::Duration;

use privlink_core::side::{Cx, Exchange, Outcome, Side, Step, StepState, Survey};
use privlink_core::{Clock, ErrorKind};
use serde_json::Value;

use super::{Counterpart, run};

/// How often a step is asked before it counts as stuck.
const TRIES: u32 = 400;

/// A side under test, with who plays the other side.
pub(super) struct Case<'a> {
    pub(super) side: &'a dyn Side,
    pub(super) counterpart: &'a dyn Counterpart,
}

impl Case<'_> {
    pub(super) fn cx(&self) -> Cx {
        run(self.counterpart.world())
    }

    /// How many requests and how many writes there have been.
    pub(super) fn seen(&self) -> (usize, usize) {
        self.counterpart.seen()
    }

    /// What is there of the side's own system.
    pub(super) fn snapshot(&self) -> Value {
        self.counterpart.snapshot(&self.side.id())
    }

    /// Surveys until nothing new comes up; gives what is known and the last survey.
    pub(super) async fn plan(&self, cx: &Cx, mut known: Exchange) -> (Exchange, Survey) {
        for _ in 0..6 {
            known.absorb(self.counterpart.tell(&known));
            let survey =
                self.side.survey(&known, cx).await.unwrap_or_else(|error| panic!("survey: {}", error.report()));
            let before = known.clone();
            known.absorb(survey.known.clone());
            for step in survey.steps.iter().filter(|step| step.state == StepState::AlreadyDone) {
                hold(&mut known, step);
            }
            if known == before {
                return (known, survey);
            }
        }
        panic!("surveys do not come to rest: each one knows something new");
    }

    /// Performs `steps` in the order of their facts; gives what is known in the end.
    pub(super) async fn set_up(&self, cx: &Cx, mut known: Exchange, steps: &[Step]) -> Exchange {
        let mut left: Vec<&Step> = steps.iter().filter(|step| step.state != StepState::AlreadyDone).collect();
        while !left.is_empty() {
            known.absorb(self.counterpart.tell(&known));
            let ready =
                left.iter().position(|step| step.needs.iter().all(|fact| known.holds(step.slot.as_ref(), fact)));
            let Some(place) = ready else {
                let stuck: Vec<String> =
                    left.iter().map(|step| format!("{} needs {:?}", step.verb, step.needs)).collect();
                panic!("no step can be performed: {}; what holds: {:?}", stuck.join("; "), known.holds);
            };
            let step = left.remove(place);
            for fact in &step.drops {
                known.forget(step.slot.as_ref(), fact);
            }
            let (_, learnt) = self.finish(cx, &known, step).await;
            known.absorb(learnt);
            hold(&mut known, step);
        }
        known
    }

    /// Performs `steps` against the order of their facts.
    pub(super) async fn take_down(&self, cx: &Cx, known: &Exchange, steps: &[Step]) {
        let mut known = known.clone();
        let mut left: Vec<&Step> = steps.iter().filter(|step| step.state != StepState::AlreadyDone).collect();
        while !left.is_empty() {
            let free = left.iter().position(|step| {
                let built_on =
                    |other: &&Step| other.id != step.id && other.needs.iter().any(|f| step.gives.contains(f));
                !left.iter().any(built_on)
            });
            let Some(place) = free else {
                let verbs: Vec<&str> = left.iter().map(|step| &*step.verb).collect();
                panic!("removal steps wait for one another: {}", verbs.join(", "));
            };
            let step = left.remove(place);
            self.finish(cx, &known, step).await;
            for fact in &step.gives {
                known.forget(step.slot.as_ref(), fact);
            }
        }
    }

    /// Performs one step until it is done; whether it was done before, and what was learnt.
    pub(super) async fn finish(&self, cx: &Cx, known: &Exchange, step: &Step) -> (bool, Exchange) {
        let mut stored = None;
        for _ in 0..TRIES {
            match self.side.perform(step, known, &cx.fresh().resuming(stored.clone())).await {
                Ok(Outcome::Done(learnt)) => return (false, *learnt),
                Ok(Outcome::AlreadyDone(learnt)) => return (true, *learnt),
                Ok(Outcome::Waiting { poll_after, resume, .. }) => {
                    stored = resume;
                    assert!(poll_after > Duration::ZERO, "{}: waiting, but to be asked again at once", step.verb);
                    self.counterpart.world().sim_clock().sleep(poll_after).await;
                }
                Ok(Outcome::Moved(finding) | Outcome::Refused(finding)) => panic!("{}: {finding}", step.verb),
                Ok(other) => panic!("{}: an outcome that the suite does not know: {other:?}", step.verb),
                // A write of unknown outcome is looked at by the next try.
                Err(error) if error.kind() == ErrorKind::OutcomeUnknown => {}
                Err(error) => panic!("{}: {}", step.verb, error.report()),
            }
        }
        panic!("{}: still waiting after {TRIES} tries", step.verb);
    }
}

fn hold(known: &mut Exchange, step: &Step) {
    for fact in &step.gives {
        known.hold(step.slot.clone(), fact.clone());
    }
}

/// The steps that are still to do.
pub(super) fn pending(steps: &[Step]) -> Vec<&str> {
    steps.iter().filter(|step| step.state != StepState::AlreadyDone).map(|step| &*step.verb).collect()
}

/// Fails unless every step is `side`'s own, told apart by its id, and survives JSON.
pub(super) fn well_formed(side: &dyn Side, steps: &[Step]) {
    let prefix = format!("{}.", side.id());
    let mut ids = BTreeSet::new();
    for step in steps {
        assert!(step.verb.starts_with(&prefix), "the verb {} does not start with {prefix}", step.verb);
        assert_eq!(step.side, side.id(), "{}: a step of another side", step.verb);
        assert!(ids.insert(&step.id), "{}: two steps with the id {}", step.verb, step.id);
        assert!(!step.what.is_empty(), "{}: does not say what it does", step.verb);
        assert!(step.params.is_object(), "{}: parameters are no object: {}", step.verb, step.params);
        let json = serde_json::to_string(step).unwrap_or_else(|error| panic!("{}: {error}", step.verb));
        let back: Step = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{}: {error}", step.verb));
        assert_eq!(&back, step, "{}: changed by JSON", step.verb);
    }
}
