use std::time::Duration;

use privlink_core::side::{Exchange, Plan, Step};
use privlink_core::{Error, Finding, LinkName, Text, Turn};
use thiserror::Error as ThisError;

/// Why a plan was not applied to the end. What was done stays done; applying a new plan goes
/// on from there.
#[derive(Clone, Debug, ThisError)]
#[non_exhaustive]
pub enum ApplyError {
    /// The plan itself says that it cannot work; nothing was done.
    #[error("the plan is blocked: {}", first(.findings))]
    Blocked {
        /// The findings that block.
        findings: Vec<Finding>,
    },
    /// A step will not work.
    #[error("{}: {}", .step.what, .finding.summary)]
    Refused {
        /// The step.
        step: Box<Step>,
        /// Why, and what to do.
        finding: Box<Finding>,
        /// What is known so far.
        known: Box<Exchange>,
    },
    /// The world is no longer as planned.
    #[error("{}: {}; a new plan is needed", .step.what, .finding.summary)]
    Moved {
        /// The step that noticed.
        step: Box<Step>,
        /// What is different.
        finding: Box<Finding>,
        /// The new plan; `None` when it could not be made.
        plan: Option<Box<Plan>>,
    },
    /// A step waits longer than it may. It may still finish by itself: plan again to see.
    #[error("{}: still {stage} after {} s; it is the turn of: {turn}", .step.what, .waited.as_secs())]
    TimedOut {
        /// The step.
        step: Box<Step>,
        /// What it was waiting for.
        stage: Text,
        /// Who has to act.
        turn: Turn,
        /// How long it waited.
        waited: Duration,
        /// What is known so far.
        known: Box<Exchange>,
    },
    /// A step failed.
    #[error("{}: {error}", .step.what)]
    Failed {
        /// The step.
        step: Box<Step>,
        /// The failure.
        error: Error,
        /// What is known so far.
        known: Box<Exchange>,
    },
    /// Steps are left, but the facts they need never came, or other links of the set stopped that
    /// had to be done with them first.
    #[error("{}", stuck(.steps, .stopped))]
    Stuck {
        /// Their verbs.
        steps: Vec<String>,
        /// The links that stopped, where that is why; none otherwise.
        stopped: Vec<LinkName>,
        /// What is known so far.
        known: Box<Exchange>,
    },
}

impl ApplyError {
    /// The finding that explains it, where there is one.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        match self {
            Self::Blocked { findings } => findings.first(),
            Self::Refused { finding, .. } | Self::Moved { finding, .. } => Some(finding),
            Self::TimedOut { .. } | Self::Failed { .. } | Self::Stuck { .. } => None,
        }
    }

    /// The error, what was seen, and what to do, one line each.
    #[must_use]
    pub fn report(&self) -> String {
        let mut lines = vec![self.to_string()];
        if let Self::Failed { error, .. } = self {
            let mut cause = std::error::Error::source(error);
            while let Some(source) = cause {
                let text = source.to_string();
                if !lines.iter().any(|line| line.contains(&text)) {
                    lines.push(format!("  because: {text}"));
                }
                cause = source.source();
            }
        }
        let findings = match self {
            Self::Blocked { findings } => findings.as_slice(),
            Self::Refused { finding, .. } | Self::Moved { finding, .. } => std::slice::from_ref(&**finding),
            Self::TimedOut { .. } | Self::Failed { .. } | Self::Stuck { .. } => &[],
        };
        for finding in findings {
            lines.push(format!("  {}", finding.to_string().replace('\n', "\n  ")));
        }
        if findings.is_empty() {
            lines.push(format!("  help: {}", self.help()));
        }
        lines.join("\n")
    }

    /// What to do about it, in one sentence.
    #[must_use]
    pub fn help(&self) -> Text {
        match self {
            Self::Blocked { findings } => findings.first().map(|finding| finding.next_step.clone()).unwrap_or_default(),
            Self::Refused { finding, .. } => finding.next_step.clone(),
            Self::Moved { .. } => "read the new plan and apply it".into(),
            Self::TimedOut { turn, .. } => format!("see to it that {turn} acts, then plan and apply again").into(),
            Self::Failed { error, .. } => error.help().to_owned().into(),
            Self::Stuck { stopped, .. } if !stopped.is_empty() => {
                format!("see to what stopped {}, then plan again", joined(stopped)).into()
            }
            Self::Stuck { .. } => "plan again; if this repeats, a side states its facts wrongly".into(),
        }
    }
}

fn stuck(steps: &[String], stopped: &[LinkName]) -> String {
    let steps = steps.join(", ");
    match stopped {
        [] => format!("steps are left that nothing can start: {steps}"),
        _ => format!("steps are left that wait for {}, which stopped: {steps}", joined(stopped)),
    }
}

fn joined(links: &[LinkName]) -> String {
    links.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn first(findings: &[Finding]) -> &str {
    findings.first().map_or("", |finding| &finding.summary)
}
