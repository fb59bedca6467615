use std::time::Duration;

use super::{Exchange, Kept, Step};
use crate::printable::printable;
use crate::{Finding, Text, Turn};

/// What a side found and contributes.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Survey {
    /// What the side knows and the other side may need.
    pub known: Exchange,
    /// What has to be done, and what is done already.
    pub steps: Vec<Step>,
    /// What stands in the way, or is worth knowing.
    pub findings: Vec<Finding>,
    /// What stays, and why; in a removal.
    pub kept: Vec<Kept>,
    /// What the side can tell only once its steps are done, in words: names that the vendor gives out
    /// later. Then the plan is a first part; see [`Plan::later`](super::Plan::later).
    pub later: Option<Text>,
}

impl Survey {
    /// Nothing found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what a part of the same side contributes. Parts for several databases may share a
    /// step or a thing that stays, told by its id or key, or a finding; each is kept once, the first.
    pub fn absorb(&mut self, part: Self) {
        let Self { known, steps, findings, kept, later } = part;
        self.known.absorb(known);
        self.later = [self.later.take(), later].into_iter().flatten().reduce(|a, b| format!("{a}; {b}").into());
        for step in steps {
            if !self.steps.iter().any(|other| other.id == step.id) {
                self.steps.push(step);
            }
        }
        for finding in findings {
            if !self.findings.contains(&finding) {
                self.findings.push(finding);
            }
        }
        for thing in kept {
            if !self.kept.iter().any(|other| other.key == thing.key) {
                self.kept.push(thing);
            }
        }
    }
}

/// What performing a step came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Done now; with what has become known.
    Done(Box<Exchange>),
    /// It was done before; with what is known.
    AlreadyDone(Box<Exchange>),
    /// Not done yet: ask again after a while.
    Waiting {
        /// What is going on.
        stage: Text,
        /// Who has to act.
        turn: Turn,
        /// When to ask again.
        poll_after: Duration,
        /// What the side needs when it is asked again, as it likes it; no secrets. Whoever drives
        /// the step stores it and hands it back by [`Cx::resuming`](super::Cx::resuming), so that
        /// another process can go on where this one stopped.
        resume: Option<serde_json::Value>,
    },
    /// The world is no longer as planned: plan again.
    Moved(Box<Finding>),
    /// It will not work: the finding says why and what to do.
    Refused(Box<Finding>),
}

impl Outcome {
    /// Done, with what has become known.
    #[must_use]
    pub fn done(known: Exchange) -> Self {
        Self::Done(Box::new(known))
    }

    /// Done before, with what is known.
    #[must_use]
    pub fn already(known: Exchange) -> Self {
        Self::AlreadyDone(Box::new(known))
    }

    /// Not yet.
    #[must_use]
    pub fn waiting(stage: impl Into<Text>, turn: Turn, poll_after: Duration) -> Self {
        Self::Waiting { stage: printable(stage), turn, poll_after, resume: None }
    }

    /// Says what the side needs when it is asked again; nothing unless it is a wait.
    #[must_use]
    pub fn resume(mut self, value: serde_json::Value) -> Self {
        if let Self::Waiting { resume, .. } = &mut self {
            *resume = Some(value);
        }
        self
    }

    /// The world moved.
    #[must_use]
    pub fn moved(finding: Finding) -> Self {
        Self::Moved(Box::new(finding))
    }

    /// It will not work.
    #[must_use]
    pub fn refused(finding: Finding) -> Self {
        Self::Refused(Box::new(finding))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity;
    use crate::side::{SideId, StepKind, TouchKey};

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Dig;

    impl StepKind for Dig {
        const VERB: &'static str = "garden.dig";
    }

    /// One database's part: a hole and a stone of its own, with the fence that all share.
    fn part(own: &str) -> Survey {
        let key = |kind: &str, name: &str| TouchKey::new(kind, [name]);
        let step = |key| Step::new(SideId::new("garden"), key, &Dig, "dig");
        let finding = |summary: &str| Finding::new("GARDEN-001", Severity::Warning, summary.to_owned(), "water it");
        let mut part = Survey::new();
        part.steps = vec![step(key("fence", "shared")), step(key("hole", own))];
        part.findings = vec![finding("dry"), finding(own)];
        part.kept = vec![Kept::new(key("gate", "shared"), own.to_owned()), Kept::new(key("stone", own), "heavy")];
        part
    }

    #[test]
    fn parts_share_what_is_the_same_and_keep_what_is_theirs() {
        let mut whole = Survey::new();
        whole.absorb(part("one"));
        whole.absorb(part("two"));

        let keys: Vec<&str> = whole.steps.iter().map(|step| step.key.as_str()).collect();
        assert_eq!(keys, ["fence|shared", "hole|one", "hole|two"]);
        let summaries: Vec<&str> = whole.findings.iter().map(|finding| &*finding.summary).collect();
        assert_eq!(summaries, ["dry", "one", "two"]);
        let kept: Vec<(&str, &str)> = whole.kept.iter().map(|kept| (kept.key.as_str(), &*kept.reason)).collect();
        assert_eq!(kept, [("gate|shared", "one"), ("stone|one", "heavy"), ("stone|two", "heavy")]);
    }
}
