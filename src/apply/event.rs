use std::fmt;
use std::time::{Duration, SystemTime};

use privlink_core::side::{Direction, Plan, SideId, StepId, rfc3339, seconds};
use privlink_core::{Error, Finding, LinkName, Text, Turn};
use serde::{Deserialize, Serialize};

/// Something that happened while a plan is applied.
///
/// Plain data, to draw progress from or to log: it prints as one line, and serialises flat, durations in seconds:
///
/// ```json
/// {"link":"orders-prod","direction":"setup","at":"2027-01-15T08:00:00Z","done":2,"total":7,"number":3,
///  "step":"0f1e2d3c4b5a6978","side":"aws","verb":"aws.endpoint","what":"create VPC endpoint",
///  "place":"vpc-0a1b2c3d4e5f67890","elapsed":15,"usual":90,"at_most":900,"repeats":false,
///  "kind":"waiting","stage":"pending","turn":"cloud","poll_after":5}
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// The link.
    pub link: LinkName,
    /// What its plan is for.
    pub direction: Direction,
    /// When, by the link's clock.
    #[serde(with = "rfc3339")]
    pub at: SystemTime,
    /// How many steps of the plan are done, this one included where it is.
    pub done: usize,
    /// How many steps the plan has.
    pub total: usize,
    /// Which of them this one is, from 1.
    pub number: usize,
    /// The step's identity.
    pub step: StepId,
    /// The side that performs it.
    pub side: SideId,
    /// What kind of step: `aws.endpoint`.
    pub verb: Text,
    /// The step in words: `create VPC endpoint`.
    pub what: Text,
    /// Where: the account, the network, the service.
    pub place: Text,
    /// How long the step has been going on.
    #[serde(with = "seconds")]
    pub elapsed: Duration,
    /// How long it usually takes.
    #[serde(with = "seconds")]
    pub usual: Duration,
    /// How long it may take before it counts as stuck.
    #[serde(with = "seconds")]
    pub at_most: Duration,
    /// Whether this says nothing that the step's last event did not say: it still waits for
    /// the same. A log may skip it, a progress bar moves on.
    pub repeats: bool,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

impl Event {
    /// What happened to the step at `place` of `plan`, of which `done` are done.
    pub(crate) fn new(
        link: &LinkName,
        plan: &Plan,
        place: usize,
        at: SystemTime,
        elapsed: Duration,
        done: usize,
        kind: EventKind,
    ) -> Self {
        let step = &plan.steps[place];
        Self {
            link: link.clone(),
            direction: plan.direction,
            at,
            done,
            total: plan.steps.len(),
            number: place + 1,
            step: step.id.clone(),
            side: step.side.clone(),
            verb: step.verb.clone(),
            what: step.what.clone(),
            place: step.place.clone(),
            elapsed,
            usual: step.usual,
            at_most: step.at_most,
            repeats: false,
            kind,
        }
    }
}

/// What happened to a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// It started.
    Started,
    /// It is not done yet.
    Waiting {
        /// What is going on.
        stage: Text,
        /// Who has to act.
        turn: Turn,
        /// When it is looked at again.
        #[serde(with = "seconds")]
        poll_after: Duration,
    },
    /// It failed in a way that may pass, and is looked at again.
    Retrying {
        /// The failure.
        error: Error,
        /// When it is looked at again.
        #[serde(with = "seconds")]
        after: Duration,
    },
    /// It is done.
    Done,
    /// It was done already.
    AlreadyDone,
    /// It is performed for another link of the set; this link takes over the result.
    Shared,
    /// It will not work, or the world moved.
    Stopped {
        /// Why, and what to do.
        finding: Box<Finding>,
    },
    /// It failed for good, or took too long.
    Failed {
        /// The failure.
        error: Error,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { link, done, total, side, what, .. } = self;
        write!(f, "{link} [{done}/{total}] {side}: {what}: ")?;
        match &self.kind {
            EventKind::Started => write!(f, "started"),
            EventKind::Waiting { stage, turn, .. } => {
                write!(f, "{stage}, {} of usually {}", secs(self.elapsed), secs(self.usual))?;
                match turn {
                    Turn::Nobody => Ok(()),
                    Turn::You => write!(f, ", waits for you"),
                    turn => write!(f, ", waits for the {turn}"),
                }
            }
            EventKind::Retrying { error, after } => write!(f, "looks again in {}: {error}", secs(*after)),
            EventKind::Done if self.elapsed.as_secs() == 0 => write!(f, "done"),
            EventKind::Done => write!(f, "done after {}", secs(self.elapsed)),
            EventKind::AlreadyDone => write!(f, "was done already"),
            EventKind::Shared => write!(f, "shared with another link of the set"),
            EventKind::Stopped { finding } => write!(f, "stopped: {}", finding.summary),
            EventKind::Failed { error } => write!(f, "failed: {error}"),
        }
    }
}

fn secs(duration: Duration) -> String {
    format!("{} s", duration.as_secs())
}

#[cfg(test)]
mod tests {
    use privlink_core::side::{Step, StepKind, TouchKey};
    use privlink_core::{ErrorKind, Severity};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Dig {}

    impl StepKind for Dig {
        const VERB: &'static str = "garden.dig";
    }

    fn event(kind: EventKind) -> Event {
        let link: LinkName = "orders-prod".parse().unwrap();
        let mut plan = Plan::new(Direction::Setup, link.clone(), SystemTime::UNIX_EPOCH);
        let step = |hole: &str| {
            Step::new(SideId::new("garden"), TouchKey::new("hole", [hole]), &Dig {}, format!("dig {hole}"))
        };
        plan.steps = vec![step("one").place("the lawn"), step("two").place("the border")];
        Event::new(&link, &plan, 1, SystemTime::UNIX_EPOCH, Duration::from_millis(2_500), 1, kind)
    }

    #[test]
    fn every_event_survives_json() {
        let error = || Error::new(ErrorKind::RateLimited, "too many").with_retry_after(Duration::from_secs(3));
        let finding = Box::new(Finding::new("X-001", Severity::Blocks, "it rains", "wait"));
        let waiting =
            EventKind::Waiting { stage: "pending".into(), turn: Turn::Cloud, poll_after: Duration::from_millis(100) };
        for kind in [
            EventKind::Started,
            waiting,
            EventKind::Retrying { error: error(), after: Duration::from_secs(2) },
            EventKind::Done,
            EventKind::AlreadyDone,
            EventKind::Shared,
            EventKind::Stopped { finding },
            EventKind::Failed { error: error() },
        ] {
            let before = event(kind);
            let told = serde_json::to_string(&before).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&told).unwrap(), before, "{told}");
        }
    }

    #[test]
    fn an_event_says_as_data_which_step_it_is_and_what_went_wrong() {
        let error = Error::new(ErrorKind::PermissionDenied, "no").with_missing_permission("garden:Dig");
        let told = serde_json::to_value(event(EventKind::Failed { error })).unwrap();
        for (field, value) in [("kind", "failed"), ("verb", "garden.dig"), ("side", "garden"), ("place", "the border")]
        {
            assert_eq!(told[field], value, "{told}");
        }
        assert_eq!((&told["number"], &told["total"], &told["elapsed"]), (&2.into(), &2.into(), &2.5.into()));
        assert_eq!(told["error"]["kind"], "permission_denied");
        assert_eq!(told["error"]["missing_permission"], "garden:Dig");
        assert_eq!(told["error"]["retry"], "never");
    }
}
