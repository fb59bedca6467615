use std::time::Duration;

use privlink_core::side::{Cx, Exchange, Outcome, Side, Step, StepState, Survey};
use privlink_core::{ErrorKind, Finding, Severity};

use super::Counterpart;

/// How often a step is asked before it counts as stuck.
const TRIES: u32 = 400;

/// The smallest workflow, for tests of a side: it surveys until nothing new comes up and performs
/// steps one at a time in the order of their facts. It panics where a side leads nowhere, saying what
/// it waits for; what a side refuses is for the test to judge.
///
/// # Examples
/// ```
/// # use privlink_core::side::{Cx, Exchange, Side};
/// use privlink_sim::contract::{Counterpart, Driver, End, pending};
///
/// async fn sets_up_and_takes_down(side: &dyn Side, other: &dyn Counterpart, cx: &Cx) {
///     let driver = Driver::new(side, cx);
///     let (known, survey) = driver.plan(other, Exchange::new()).await;
///     let End::Done(known) = driver.apply(other, known, &survey.steps).await else { panic!("refused") };
///     let (known, survey) = driver.plan(other, known).await;
///     assert!(pending(&survey.steps).is_empty());
///     let removal = side.removal(&known, cx).await.expect("a removal");
///     driver.take_down(&known, &removal.steps).await;
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Driver<'a> {
    side: &'a dyn Side,
    cx: Cx,
}

/// How a run of steps ended.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "complete: steps are done, or one of them was refused")]
pub enum End {
    /// All are done; what is known now.
    Done(Exchange),
    /// The step of this verb was refused, or found that something had moved.
    Stopped(String, Finding),
}

/// What came of one step.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finished {
    /// Whether it was done before.
    pub before: bool,
    /// What was learnt by it.
    pub learnt: Exchange,
}

impl<'a> Driver<'a> {
    /// Drives `side` in the run `cx`, on its clock.
    #[must_use]
    pub fn new(side: &'a dyn Side, cx: &Cx) -> Self {
        Self { side, cx: cx.clone() }
    }

    /// Surveys until nothing new comes up, `other` being heard each time; gives what is known and
    /// the last survey.
    pub async fn plan(&self, other: &dyn Counterpart, mut known: Exchange) -> (Exchange, Survey) {
        for _ in 0..6 {
            known.absorb(other.tell(&known));
            let survey =
                self.side.survey(&known, &self.cx).await.unwrap_or_else(|error| panic!("survey: {}", error.report()));
            let before = known.clone();
            known.absorb(survey.known.clone());
            hold_done(&mut known, &survey.steps);
            if known == before {
                return (known, survey);
            }
        }
        panic!("surveys do not come to rest: each one knows something new");
    }

    /// Performs `steps` in the order of their facts, until all are done or one is refused.
    pub async fn apply(&self, other: &dyn Counterpart, mut known: Exchange, steps: &[Step]) -> End {
        hold_done(&mut known, steps);
        let mut left: Vec<&Step> = steps.iter().filter(|step| step.state != StepState::AlreadyDone).collect();
        while !left.is_empty() {
            known.absorb(other.tell(&known));
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
            match self.finish(&known, step).await {
                Ok(finished) => known.absorb(finished.learnt),
                Err(finding) => return End::Stopped(step.verb.to_string(), *finding),
            }
            hold(&mut known, step);
        }
        End::Done(known)
    }

    /// Performs `steps` of a removal against the order of their facts; none may be refused.
    pub async fn take_down(&self, known: &Exchange, steps: &[Step]) {
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
            if let Err(finding) = self.finish(&known, step).await {
                panic!("{}: {finding}", step.verb);
            }
            for fact in &step.gives {
                known.forget(step.slot.as_ref(), fact);
            }
        }
    }

    /// Performs one step until it is done, or refused.
    ///
    /// # Errors
    /// The finding, when the step was refused or found that something had moved.
    pub async fn finish(&self, known: &Exchange, step: &Step) -> Result<Finished, Box<Finding>> {
        let mut stored = None;
        for _ in 0..TRIES {
            match self.side.perform(step, known, &self.cx.fresh().resuming(stored.clone())).await {
                Ok(Outcome::Done(learnt)) => return Ok(Finished { before: false, learnt: *learnt }),
                Ok(Outcome::AlreadyDone(learnt)) => return Ok(Finished { before: true, learnt: *learnt }),
                Ok(Outcome::Waiting { poll_after, resume, .. }) => {
                    stored = resume;
                    assert!(poll_after > Duration::ZERO, "{}: waiting, but to be asked again at once", step.verb);
                    self.cx.clock().sleep(poll_after).await;
                }
                Ok(Outcome::Moved(finding) | Outcome::Refused(finding)) => return Err(finding),
                Ok(other) => panic!("{}: an outcome that the driver does not know: {other:?}", step.verb),
                // A write of unknown outcome is looked at by the next try.
                Err(error) if error.kind() == ErrorKind::OutcomeUnknown => {}
                Err(error) => panic!("{}: {}", step.verb, error.report()),
            }
        }
        panic!("{}: still waiting after {TRIES} tries", step.verb);
    }
}

/// The verbs of the steps that are still to do.
#[must_use]
pub fn pending(steps: &[Step]) -> Vec<&str> {
    steps.iter().filter(|step| step.state != StepState::AlreadyDone).map(|step| &*step.verb).collect()
}

/// The codes of a survey's findings of one severity.
#[must_use]
pub fn codes(survey: &Survey, severity: Severity) -> Vec<&str> {
    survey.findings.iter().filter(|finding| finding.severity == severity).map(|finding| &*finding.code).collect()
}

fn hold_done(known: &mut Exchange, steps: &[Step]) {
    for step in steps.iter().filter(|step| step.state == StepState::AlreadyDone) {
        hold(known, step);
    }
}

fn hold(known: &mut Exchange, step: &Step) {
    for fact in &step.gives {
        known.hold(step.slot.clone(), fact.clone());
    }
}
