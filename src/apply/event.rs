use std::fmt;
use std::time::{Duration, SystemTime};

use privlink_core::side::{SideId, Step, StepId};
use privlink_core::{Finding, LinkName, Text, Turn};

/// Something that happened while a plan is applied; fit for a line of text or a progress bar.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The link.
    pub link: LinkName,
    /// When, by the link's clock.
    pub at: SystemTime,
    /// Steps finished so far, this one included where it finished.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
    /// The step's identity.
    pub step: StepId,
    /// The side that performs it.
    pub side: SideId,
    /// The step in words.
    pub what: Text,
    /// How long the step has been going on.
    pub elapsed: Duration,
    /// How long it usually takes.
    pub usual: Duration,
    /// Whether this says nothing that the step's last event did not say: it still waits for
    /// the same. A log may skip it, a progress bar moves on.
    pub repeats: bool,
    /// What happened.
    pub kind: EventKind,
}

impl Event {
    pub(crate) fn new(
        link: &LinkName,
        step: &Step,
        at: SystemTime,
        elapsed: Duration,
        (done, total): (usize, usize),
        kind: EventKind,
    ) -> Self {
        Self {
            link: link.clone(),
            at,
            done,
            total,
            step: step.id.clone(),
            side: step.side.clone(),
            what: step.what.clone(),
            elapsed,
            usual: step.usual,
            repeats: false,
            kind,
        }
    }
}

/// What happened to a step.
#[derive(Clone, Debug)]
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
        poll_after: Duration,
    },
    /// It failed in a way that may pass, and is looked at again.
    Retrying {
        /// The failure in one line.
        error: String,
        /// When it is looked at again.
        after: Duration,
    },
    /// It is done.
    Done,
    /// It was done already.
    AlreadyDone,
    /// It is performed for another link of the set; this link takes over the result.
    Shared,
    /// It will not work, or the world moved.
    Stopped(Box<Finding>),
    /// It failed for good.
    Failed {
        /// The failure in one line.
        error: String,
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
            EventKind::Stopped(finding) => write!(f, "stopped: {}", finding.summary),
            EventKind::Failed { error } => write!(f, "failed: {error}"),
        }
    }
}

fn secs(duration: Duration) -> String {
    format!("{} s", duration.as_secs())
}
