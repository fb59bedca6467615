use std::time::Duration;

use super::{Exchange, Kept, Step};
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
}

impl Survey {
    /// Nothing found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
        Self::Waiting { stage: stage.into(), turn, poll_after, resume: None }
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
