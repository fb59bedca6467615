//! A side under test, driven by the suites: whatever stops it fails the test.

use std::collections::BTreeSet;

use privlink_core::side::{Cx, Exchange, Side, Step, Survey};
use serde_json::Value;

use super::{Counterpart, Driver, End, run};

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
    pub(super) async fn plan(&self, cx: &Cx, known: Exchange) -> (Exchange, Survey) {
        Driver::new(self.side, cx).plan(self.counterpart, known).await
    }

    /// Performs `steps` in the order of their facts; gives what is known in the end.
    pub(super) async fn set_up(&self, cx: &Cx, known: Exchange, steps: &[Step]) -> Exchange {
        match Driver::new(self.side, cx).apply(self.counterpart, known, steps).await {
            End::Done(known) => known,
            End::Stopped(verb, finding) => panic!("{verb}: {finding}"),
        }
    }

    /// Performs `steps` against the order of their facts.
    pub(super) async fn take_down(&self, cx: &Cx, known: &Exchange, steps: &[Step]) {
        Driver::new(self.side, cx).take_down(known, steps).await;
    }

    /// Performs one step until it is done; whether it was done before.
    pub(super) async fn finish(&self, cx: &Cx, known: &Exchange, step: &Step) -> bool {
        match Driver::new(self.side, cx).finish(known, step).await {
            Ok(finished) => finished.before,
            Err(finding) => panic!("{}: {finding}", step.verb),
        }
    }
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
