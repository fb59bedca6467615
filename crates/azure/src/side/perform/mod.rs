//! Looks, acts once, looks. Never sleeps, and never trusts a plan's picture of the world.

mod dns;
mod endpoint;
mod remove;
mod user;

use std::time::Duration;

use privlink_core::side::{Cx, Exchange, Outcome, Slot, Step, StepKind, TouchKey};
use privlink_core::{AzureResourceId, Error, ErrorKind, Result, Text, Turn};

use super::mark::Keys;
use super::steps::{
    AwaitConnected, LeaveEndpoint, LinkZone, MakeEndpoint, MakeZone, ReadAddress, ReleaseEndpoint, RemoveEndpoint,
    RemoveLink, RemoveRecord, RemoveZone, WriteRecord,
};
use super::{Network, findings};
use crate::lro::{LongRunning, OperationError, Progress};
use crate::problem::Problem;

/// The pause before the next look at something Azure is doing, where it names none.
const SOON: Duration = Duration::from_secs(5);
/// The pause while a vendor has to act.
const LATER: Duration = Duration::from_secs(15);

/// Performs one step.
pub(super) async fn perform(network: &Network, step: &Step, known: &Exchange, cx: &Cx) -> Result<Outcome> {
    let keys = Keys { network: &network.network, instance: cx.instance() };
    let act = Act { network, step, known, cx, keys };
    match &*step.verb {
        MakeEndpoint::VERB => Box::pin(act.make_endpoint(&step.kind()?)).await,
        ReadAddress::VERB => act.read_address(&step.kind()?).await,
        AwaitConnected::VERB => act.await_connected(&step.kind()?).await,
        MakeZone::VERB => Box::pin(act.make_zone(&step.kind()?)).await,
        WriteRecord::VERB => Box::pin(act.write_record(&step.kind()?)).await,
        LinkZone::VERB => Box::pin(act.link_zone(&step.kind()?)).await,
        RemoveLink::VERB => act.remove_link(&step.kind()?).await,
        RemoveRecord::VERB => act.remove_record(&step.kind()?).await,
        RemoveZone::VERB => Box::pin(act.remove_zone(&step.kind()?)).await,
        RemoveEndpoint::VERB => Box::pin(act.remove_endpoint(&step.kind()?)).await,
        LeaveEndpoint::VERB => Box::pin(act.leave_endpoint(&step.kind()?)).await,
        ReleaseEndpoint::VERB => Box::pin(act.release_endpoint(&step.kind()?)).await,
        verb => Err(Error::invalid(format!("`{verb}` is not a step of Azure"))),
    }
}

/// One step being performed.
#[derive(Clone, Copy)]
struct Act<'a> {
    network: &'a Network,
    step: &'a Step,
    known: &'a Exchange,
    cx: &'a Cx,
    keys: Keys<'a>,
}

/// What is known of an operation that this process began.
enum Course {
    /// None was begun, or it is over.
    Over,
    /// It goes on, or has failed for good.
    Ends(Outcome),
    /// It failed in a way that passes: the same may be asked again.
    Passes(Error),
}

impl Act<'_> {
    fn slot(&self) -> Slot {
        self.step.slot.clone().unwrap_or_default()
    }

    /// Refuses a step that was planned for another network or instance.
    fn belongs(&self, key: &TouchKey) -> Result<()> {
        if self.step.key == *key {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "the step was planned for `{}`, which is not of {}",
            self.step.key, self.network.network
        )))
    }

    fn done(&self, changed: bool, known: Exchange) -> Outcome {
        if changed { Outcome::done(known) } else { Outcome::already(known) }
    }

    /// Whether this process began an operation on `thing` that it has not seen the end of.
    fn begun(&self, thing: &AzureResourceId) -> bool {
        self.network.client.notes().of(thing.as_str()).is_some()
    }

    /// Forgets the operation on `thing`; whether there was one.
    fn over(&self, thing: &AzureResourceId) -> bool {
        let notes = self.network.client.notes();
        let begun = notes.of(thing.as_str()).is_some();
        notes.over(thing.as_str());
        begun
    }

    /// Remembers an operation that was begun, and says when to look again.
    fn under_way<T: Send + 'static>(
        &self,
        thing: &AzureResourceId,
        operation: &LongRunning<T>,
        stage: Text,
    ) -> Outcome {
        if let Some(handle) = operation.handle() {
            self.network.client.notes().begun(thing.as_str(), handle);
        }
        Outcome::waiting(stage, Turn::Cloud, operation.asked_to_wait().unwrap_or(SOON).max(Duration::from_secs(1)))
    }

    /// Looks once at the operation that this process began on `thing`.
    async fn course<T: Clone + Send + 'static>(
        &self,
        thing: &AzureResourceId,
        resume: impl FnOnce(crate::OperationHandle) -> Result<LongRunning<T>>,
        stage: &'static str,
    ) -> Result<Course> {
        let notes = self.network.client.notes();
        let Some(handle) = notes.of(thing.as_str()) else { return Ok(Course::Over) };
        let Ok(mut operation) = resume(handle) else {
            notes.over(thing.as_str());
            return Ok(Course::Over);
        };
        match operation.look().await {
            Ok(Progress::Over(_)) => Ok(Course::Over),
            Ok(Progress::Pending { .. }) => Ok(Course::Ends(self.under_way(thing, &operation, stage.into()))),
            Err(OperationError::Failed(error)) => {
                notes.over(thing.as_str());
                Ok(match Problem::of(&error) {
                    problem if problem.passes() => Course::Passes(error),
                    _ => Course::Ends(Outcome::refused(findings::refused(&error))),
                })
            }
            // The operation cannot be looked at; the resource itself still can.
            Err(OperationError::Look { error, .. }) => {
                tracing::debug!(%error, resource = thing.as_str(), "the operation could not be looked at");
                notes.over(thing.as_str());
                Ok(Course::Over)
            }
            Err(OperationError::TimedOut { .. }) => Ok(Course::Over),
        }
    }

    /// What came of a change of an endpoint that was just read, which is never repeated by itself.
    fn changing<T: Send + 'static>(
        &self,
        thing: &AzureResourceId,
        answer: Result<LongRunning<T>>,
        stage: &'static str,
    ) -> Result<Outcome> {
        match answer {
            Ok(operation) => Ok(self.under_way(thing, &operation, stage.into())),
            // The next look reads it again, and asks for what is right by then.
            Err(error) if Problem::of(&error) == Problem::Throttled => {
                let wait = error.retry_after().unwrap_or(LATER).max(SOON);
                Ok(Outcome::waiting("Azure is asked too often, and asks to wait", Turn::Cloud, wait))
            }
            Err(error) => self.failed(error, stage),
        }
    }

    /// What a failed write means: look again, give up with a finding, or an error.
    fn failed(&self, error: Error, stage: &'static str) -> Result<Outcome> {
        match error.kind() {
            // The next look tells.
            ErrorKind::OutcomeUnknown => Ok(cloud(stage)),
            _ if Problem::of(&error) == Problem::Changed => Ok(cloud("it was changed by another run at the same time")),
            _ if matches!(Problem::of(&error), Problem::Busy | Problem::NotProvisioned) => {
                Ok(Outcome::waiting(format!("Azure asks to wait: {error}"), Turn::Cloud, LATER))
            }
            _ if findings::is_refusal(&error) => Ok(Outcome::refused(findings::refused(&error))),
            _ => Err(error),
        }
    }
}

fn cloud(stage: impl Into<Text>) -> Outcome {
    Outcome::waiting(stage, Turn::Cloud, SOON)
}
