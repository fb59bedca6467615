//! Looks, acts once, looks. Never sleeps, and never trusts a plan's picture of the world.

mod dns;
mod endpoint;
mod remove;
mod user;

use std::time::{Duration, SystemTime};

use privlink_core::side::{Cx, Exchange, Outcome, Slot, Step, StepKind, TouchKey};
use privlink_core::{Error, ErrorKind, Result, Turn};

use super::mark::Keys;
use super::steps::{
    AwaitConnected, ClearPlace, GlobalAccess, LeaveEndpoint, MakeAddress, MakeEndpoint, MakeZone, ReleaseEndpoint,
    RemoveAddress, RemoveEndpoint, RemoveRecord, RemoveZone, ShowZone, WriteRecord,
};
use super::{Network, findings};
use crate::compute::Compute;
use crate::model::Operation;
use crate::notes::{Begun, Notes};
use crate::problem::Problem;

/// The pause before the next look at something Google is doing.
const SOON: Duration = Duration::from_secs(3);
/// The pause while a vendor has to act.
const LATER: Duration = Duration::from_secs(15);

/// Performs one step.
pub(super) async fn perform(network: &Network, step: &Step, known: &Exchange, cx: &Cx) -> Result<Outcome> {
    let keys = network.keys(cx.instance());
    let act = Act { network, step, known, cx, keys: &keys };
    match &*step.verb {
        MakeAddress::VERB => act.make_address(&step.kind()?).await,
        ClearPlace::VERB => act.clear_place(&step.kind()?).await,
        MakeEndpoint::VERB => Box::pin(act.make_endpoint(&step.kind()?)).await,
        GlobalAccess::VERB => act.global_access(&step.kind()?).await,
        AwaitConnected::VERB => act.await_connected(&step.kind()?).await,
        MakeZone::VERB => act.make_zone(&step.kind()?).await,
        WriteRecord::VERB => Box::pin(act.write_record(&step.kind()?)).await,
        ShowZone::VERB => act.show_zone(&step.kind()?).await,
        RemoveRecord::VERB => Box::pin(act.remove_record(&step.kind()?)).await,
        RemoveZone::VERB => act.remove_zone(&step.kind()?).await,
        RemoveEndpoint::VERB => act.remove_endpoint(&step.kind()?).await,
        LeaveEndpoint::VERB => act.leave_endpoint(&step.kind()?).await,
        ReleaseEndpoint::VERB => act.release_endpoint(&step.kind()?).await,
        RemoveAddress::VERB => act.remove_address(&step.kind()?).await,
        verb => Err(Error::invalid(format!("`{verb}` is not a step of Google Cloud"))),
    }
}

/// One step being performed.
#[derive(Clone, Copy)]
struct Act<'a> {
    network: &'a Network,
    step: &'a Step,
    known: &'a Exchange,
    cx: &'a Cx,
    keys: &'a Keys<'a>,
}

impl Act<'_> {
    fn slot(&self) -> Slot {
        self.step.slot.clone().unwrap_or_default()
    }

    fn compute(&self) -> &Compute {
        self.network.client.compute()
    }

    fn notes(&self) -> &Notes {
        self.network.client.notes()
    }

    fn now(&self) -> SystemTime {
        self.cx.clock().now()
    }

    /// Notes that this process began a change of `thing`.
    fn begun(&self, thing: &str, what: Begun) {
        self.notes().begun(thing, what, self.now());
    }

    /// Refuses a step that was planned for another network, project or instance.
    fn belongs(&self, key: &TouchKey) -> Result<()> {
        if self.step.key == *key {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "the step was planned for `{}`, which is not of {} in project {}",
            self.step.key, self.network.network, self.keys.project
        )))
    }

    /// What the operation of `thing` that this process began has come to, though the thing does
    /// not show it yet. `None` when there is none, or it was lost, or ended long ago.
    async fn under_way(&self, thing: &str) -> Result<Option<Outcome>> {
        let Some(Begun::Known(name)) = self.notes().of(thing) else { return Ok(None) };
        let Some(operation) = self.compute().operation(&self.network.region, &name).await? else { return Ok(None) };
        if operation.is_done() && operation.failure().is_none() {
            let fresh = self.notes().is_fresh(thing, self.now());
            return Ok(fresh.then(|| cloud("Google has done it, and does not show it yet")));
        }
        if let Some(error) = operation.failure() {
            self.notes().ended(thing);
            return self.failed(error).map(Some);
        }
        Ok((!operation.is_done()).then(|| cloud(format!("Google's operation is {}", operation.status))))
    }

    /// The outcome of a write that answers with an operation; `gone` when what was to be deleted
    /// was not there.
    fn began(&self, thing: &str, answer: Result<Option<Operation>>, gone: Outcome) -> Result<Outcome> {
        match answer {
            Ok(Some(operation)) => {
                self.begun(thing, Begun::Known(operation.name));
                Ok(cloud("Google has begun"))
            }
            Ok(None) => Ok(gone),
            Err(error) if is_unknown(&error) => {
                self.begun(thing, Begun::Unknown);
                Ok(cloud("the answer was lost; the next look tells"))
            }
            Err(error) => self.failed(error),
        }
    }

    /// What a refused or failed write means.
    fn failed(&self, error: Error) -> Result<Outcome> {
        match Problem::of(&error) {
            // Another run was first, or another change is under way: the next look tells.
            Problem::Exists | Problem::NotReady | Problem::Stale => Ok(cloud("another change is under way")),
            _ if findings::is_refusal(&error) => Ok(Outcome::refused(findings::refused(&error))),
            _ => Err(error),
        }
    }

    /// Notes that this process has seen a thing of this name made.
    fn made(&self, kind: &str, name: &str) {
        self.begun(&format!("made:{kind}:{name}"), Begun::Unknown);
    }

    /// What it means that a thing is not found: it was made just now and does not show everywhere
    /// yet, or it is gone.
    fn not_found(&self, kind: &str, name: &str) -> Outcome {
        match self.notes().is_fresh(&format!("made:{kind}:{name}"), self.now()) {
            true => cloud(format!("the new {kind} does not show everywhere yet")),
            false => Outcome::moved(findings::gone(kind, name)),
        }
    }

    /// Done, or done before: a change of `thing` that this process began has ended.
    fn settled(&self, thing: &str, known: Exchange) -> Outcome {
        if self.notes().ended(thing) { Outcome::done(known) } else { Outcome::already(known) }
    }
}

/// Whether a write's outcome must be looked at before anything else.
fn is_unknown(error: &Error) -> bool {
    error.kind() == ErrorKind::OutcomeUnknown
}

fn cloud(stage: impl Into<privlink_core::Text>) -> Outcome {
    Outcome::waiting(stage, Turn::Cloud, SOON)
}
