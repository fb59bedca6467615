use std::fmt;
use std::time::Duration;

use privlink_core::side::{Exchange, Plan, Step, StepId, seconds};
use privlink_core::{Error, ErrorKind, Finding, LinkName, Retry, Text, Turn};
use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;

/// Why a plan was not applied to the end. What was done stays done; applying a new plan goes
/// on from there.
///
/// Like an [`Error`] it prints in one line, and whole by [`ApplyError::report`] and `{:?}`; `{:#?}` is
/// the structure. Where `?` makes an [`Error`] of it, [`source`](std::error::Error::source) is this.
///
/// ```no_run
/// # async fn demo(link: privlink::Link) -> privlink::Result<()> {
/// let plan = link.plan().await?;
/// link.apply(&plan).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, ThisError, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ApplyError {
    /// The link of a set could not be planned, so there was nothing to apply.
    #[error("not planned: {error}")]
    Unplanned {
        /// Why not.
        #[source]
        error: Error,
    },
    /// The plan itself says that it cannot work, or is none that this link may perform; nothing was
    /// done, or in a [`Run`](crate::Run) nothing more.
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
        #[serde(with = "seconds")]
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
        #[source]
        error: Error,
        /// What is known so far.
        known: Box<Exchange>,
    },
    /// The caller wanted it to stop, by [`Apply::deadline`](crate::Apply::deadline) or
    /// [`Apply::stop_when`](crate::Apply::stop_when). No look was cut short.
    #[error("{}", interrupted(*.why, .done, .left))]
    Interrupted {
        /// What made it stop.
        why: Interrupt,
        /// The steps that are done, in the plan's order.
        done: Vec<Step>,
        /// The steps that are left, in the plan's order; one that waits may still finish by itself.
        left: Vec<Step>,
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
    /// The step of a [`Run`](crate::Run) cannot be performed now: it is none of the plan's, it waits
    /// for others, or another step is at work on what it touches.
    #[error("step {step} cannot be performed now")]
    NotReady {
        /// The step.
        step: StepId,
    },
    /// The [`Run`](crate::Run) was over before.
    #[error("the run is over: {why}")]
    Stopped {
        /// What ended it, in one line.
        why: Text,
        /// What went wrong.
        of_kind: ErrorKind,
        /// Whether planning and applying again can help.
        retry: Retry,
        /// The step that ended it, where there is one.
        step: Option<Box<Step>>,
        /// The finding that explains it, where there is one.
        finding: Option<Box<Finding>>,
        /// What to do about it.
        help: Text,
    },
}

/// What made an application stop before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Interrupt {
    /// Its deadline passed.
    Deadline,
    /// The caller asked for it.
    Asked,
}

impl fmt::Display for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Deadline => "deadline",
            Self::Asked => "asked",
        })
    }
}

impl ApplyError {
    /// The finding that explains it, where there is one.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        match self {
            Self::Blocked { findings } => findings.first(),
            Self::Refused { finding, .. } | Self::Moved { finding, .. } => Some(finding),
            Self::Failed { error, .. } | Self::Unplanned { error } => error.finding(),
            Self::Stopped { finding, .. } => finding.as_deref(),
            Self::TimedOut { .. } | Self::Interrupted { .. } | Self::Stuck { .. } | Self::NotReady { .. } => None,
        }
    }

    /// The failure of the step or of the planning, where that is why.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed { error, .. } | Self::Unplanned { error } => Some(error),
            _ => None,
        }
    }

    /// What went wrong, in the words of [`Error`]: a failed step's own kind; a blocked plan, a
    /// refusal and a world that moved are a [`Conflict`](ErrorKind::Conflict).
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Blocked { .. } | Self::Refused { .. } | Self::Moved { .. } => ErrorKind::Conflict,
            Self::Stopped { of_kind, .. } => *of_kind,
            Self::NotReady { .. } => ErrorKind::InvalidInput,
            Self::TimedOut { .. } | Self::Interrupted { why: Interrupt::Deadline, .. } => ErrorKind::Timeout,
            Self::Interrupted { why: Interrupt::Asked, .. } => ErrorKind::Cancelled,
            Self::Failed { error, .. } | Self::Unplanned { error } => error.kind(),
            Self::Stuck { stopped, .. } if !stopped.is_empty() => ErrorKind::Conflict,
            Self::Stuck { .. } => ErrorKind::Unsupported,
        }
    }

    /// The step that ended it, where there is one.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        match self {
            Self::Refused { step, .. }
            | Self::Moved { step, .. }
            | Self::TimedOut { step, .. }
            | Self::Failed { step, .. } => Some(step),
            Self::Stopped { step, .. } => step.as_deref(),
            Self::Unplanned { .. }
            | Self::Blocked { .. }
            | Self::Interrupted { .. }
            | Self::Stuck { .. }
            | Self::NotReady { .. } => None,
        }
    }

    /// What is known so far, where anything was done.
    #[must_use]
    pub fn known(&self) -> Option<&Exchange> {
        match self {
            Self::Refused { known, .. }
            | Self::TimedOut { known, .. }
            | Self::Failed { known, .. }
            | Self::Interrupted { known, .. }
            | Self::Stuck { known, .. } => Some(known),
            Self::Moved { plan, .. } => plan.as_deref().map(|plan| &plan.exchange),
            Self::Unplanned { .. } | Self::Blocked { .. } | Self::NotReady { .. } | Self::Stopped { .. } => None,
        }
    }

    /// Whether planning and applying again, with nothing else changed, can help. It is safe at any
    /// time: a new plan holds only what is still to do.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Blocked { .. } | Self::Refused { .. } | Self::Stuck { .. } | Self::NotReady { .. } => Retry::Never,
            Self::Moved { .. } | Self::TimedOut { .. } | Self::Interrupted { .. } => Retry::Safe,
            Self::Stopped { retry, .. } => *retry,
            Self::Failed { error, .. } | Self::Unplanned { error } => match error.retry() {
                Retry::IfIdempotent => Retry::Safe,
                other => other,
            },
        }
    }

    /// The error, what was seen, and what to do, one line each.
    pub fn report(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(move |f| self.write_report(f))
    }

    fn write_report(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![self.to_string()];
        let mut cause = self.error().and_then(std::error::Error::source);
        while let Some(source) = cause {
            let text = source.to_string();
            if !lines.iter().any(|line| line.contains(&text)) {
                lines.push(format!("  because: {text}"));
            }
            cause = source.source();
        }
        let findings = match self {
            Self::Blocked { findings } => findings.as_slice(),
            _ => self.finding().map(std::slice::from_ref).unwrap_or_default(),
        };
        for finding in findings {
            lines.push(format!("  {}", finding.to_string().replace('\n', "\n  ")));
        }
        if findings.is_empty() {
            lines.push(format!("  help: {}", self.help()));
        }
        f.write_str(&lines.join("\n"))
    }

    /// What to do about it, in one sentence.
    #[must_use]
    pub fn help(&self) -> Text {
        match self {
            Self::Blocked { findings } => findings.first().map(|finding| finding.next_step.clone()).unwrap_or_default(),
            Self::Refused { finding, .. } => finding.next_step.clone(),
            Self::Moved { .. } => "read the new plan and apply it".into(),
            Self::TimedOut { turn, .. } => waited_for(*turn).into(),
            Self::Failed { error, .. } | Self::Unplanned { error } => error.help().to_owned().into(),
            Self::Interrupted { .. } => "plan and apply again: it goes on from here".into(),
            Self::NotReady { .. } => "perform a step that the run says is ready".into(),
            Self::Stopped { help, .. } => help.clone(),
            Self::Stuck { stopped, .. } if !stopped.is_empty() => {
                format!("see to what stopped {}, then plan again", joined(stopped)).into()
            }
            Self::Stuck { .. } => "plan again; if this repeats, a side states its facts wrongly".into(),
        }
    }
}

/// What to do when a step waited too long for somebody.
fn waited_for(turn: Turn) -> &'static str {
    match turn {
        Turn::You => "do what the step asks of you, then plan and apply again",
        Turn::Vendor => "plan again, it may be done by now; if not, ask the vendor's support what it waits for",
        Turn::Cloud => "plan again, it may be done by now; if not, look at the resource in the cloud's console",
        Turn::Approver => "ask the owner of the endpoint service to accept the connection, then plan and apply again",
        _ => "plan and apply again; it may be done by now",
    }
}

fn interrupted(why: Interrupt, done: &[Step], left: &[Step]) -> String {
    let why = match why {
        Interrupt::Deadline => "the deadline passed",
        Interrupt::Asked => "stopped as asked",
    };
    let next: Vec<&str> = left.iter().map(|step| &*step.what).collect();
    format!("{why} with {} of {} steps done; left: {}", done.len(), done.len() + left.len(), next.join(", "))
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

/// `{:?}` is the report, so that a `main` that returns this error reads well; `{:#?}` is the structure.
impl fmt::Debug for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return self.write_report(f);
        }
        match self {
            Self::Unplanned { error } => f.debug_struct("Unplanned").field("error", error).finish(),
            Self::Interrupted { why, done, left, known } => f
                .debug_struct("Interrupted")
                .field("why", why)
                .field("done", done)
                .field("left", left)
                .field("known", known)
                .finish(),
            Self::Blocked { findings } => f.debug_struct("Blocked").field("findings", findings).finish(),
            Self::Refused { step, finding, known } => {
                f.debug_struct("Refused").field("step", step).field("finding", finding).field("known", known).finish()
            }
            Self::Moved { step, finding, plan } => {
                f.debug_struct("Moved").field("step", step).field("finding", finding).field("plan", plan).finish()
            }
            Self::TimedOut { step, stage, turn, waited, known } => f
                .debug_struct("TimedOut")
                .field("step", step)
                .field("stage", stage)
                .field("turn", turn)
                .field("waited", waited)
                .field("known", known)
                .finish(),
            Self::Failed { step, error, known } => {
                f.debug_struct("Failed").field("step", step).field("error", error).field("known", known).finish()
            }
            Self::Stuck { steps, stopped, known } => {
                f.debug_struct("Stuck").field("steps", steps).field("stopped", stopped).field("known", known).finish()
            }
            Self::NotReady { step } => f.debug_struct("NotReady").field("step", step).finish(),
            Self::Stopped { why, of_kind, retry, step, finding, help } => f
                .debug_struct("Stopped")
                .field("why", why)
                .field("of_kind", of_kind)
                .field("retry", retry)
                .field("step", step)
                .field("finding", finding)
                .field("help", help)
                .finish(),
        }
    }
}

impl ApplyError {
    /// The one error that says the same, without this one as its source.
    pub(crate) fn told(&self, message: String) -> Error {
        let mut error = Error::new(self.kind(), message).with_retry(self.retry()).with_help(self.help());
        if let Some(finding) = self.finding() {
            error = error.with_finding(finding.clone());
        }
        if let Some(wait) = self.error().and_then(Error::retry_after) {
            error = error.with_retry_after(wait);
        }
        error
    }
}

/// Lets planning and applying share one `?`.
impl From<ApplyError> for Error {
    fn from(stopped: ApplyError) -> Self {
        stopped.told(stopped.to_string()).with_operation("apply the plan").with_source(stopped)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use privlink_core::Severity;
    use privlink_core::side::{SideId, StepKind, TouchKey};

    use super::*;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Dig {}

    impl StepKind for Dig {
        const VERB: &'static str = "garden.dig";
    }

    fn step() -> Box<Step> {
        Box::new(Step::new(SideId::new("garden"), TouchKey::new("hole", ["a"]), &Dig {}, "dig a hole"))
    }

    fn failed() -> ApplyError {
        let error = Error::new(ErrorKind::RateLimited, "too many").with_retry_after(Duration::from_secs(3));
        ApplyError::Failed { step: step(), error, known: Box::new(Exchange::new()) }
    }

    #[test]
    fn it_prints_as_the_one_error_does() {
        let error = failed();
        assert_eq!(format!("{error:?}"), error.report().to_string());
        assert!(format!("{error:?}").starts_with("dig a hole: too many (wait 3 s)\n  help: "), "{error:?}");
        assert!(format!("{error:#?}").starts_with("Failed {\n    step: Step {"), "{error:#?}");
    }

    #[test]
    fn the_failure_of_a_step_is_its_source() {
        let error = failed();
        assert_eq!(error.source().unwrap().downcast_ref::<Error>().unwrap().kind(), ErrorKind::RateLimited);
        assert_eq!(error.step().unwrap().verb, "garden.dig");
        assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, Retry::Safe));
        assert!(error.known().is_some());
    }

    #[test]
    fn planning_and_applying_share_a_question_mark() {
        let both = || -> privlink_core::Result<()> { Err(failed())? };
        let error = both().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!((error.retry(), error.retry_after()), (Retry::Safe, Some(Duration::from_secs(3))));
        assert!(error.source().unwrap().is::<ApplyError>());
        assert_eq!(error.report().to_string().matches("too many").count(), 1, "{error:?}");

        let finding = Finding::new("X-001", Severity::Blocks, "it rains", "wait");
        let error = Error::from(ApplyError::Blocked { findings: vec![finding] });
        assert_eq!((error.kind(), error.help()), (ErrorKind::Conflict, "wait"));
        assert_eq!(error.finding().map(|finding| &*finding.code), Some("X-001"));
    }

    #[test]
    fn whoever_is_waited_for_there_is_a_sentence_about_it() {
        let all = [Turn::Nobody, Turn::You, Turn::Vendor, Turn::Cloud, Turn::Approver].map(|turn| {
            let (stage, waited, known) = ("pending".into(), Duration::from_secs(9), Box::new(Exchange::new()));
            let error = ApplyError::TimedOut { step: step(), stage, turn, waited, known };
            assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, Retry::Safe));
            error.help().into_owned()
        });
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len(), "{all:?}");
    }
}
