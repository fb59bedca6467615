//! Looks, acts once, looks. Never sleeps, and never trusts a plan's picture of the world.

mod dns;
mod endpoint;
mod group;
mod remove;
mod resume;
mod user;

use std::time::{Duration, SystemTime};

use privlink_core::side::{ConsumerIdentity, Cx, Exchange, Outcome, Slot, Step, StepKind, TouchKey};
use privlink_core::{AwsAccountId, Error, ErrorKind, Result, Turn};

use self::resume::Resume;
use super::Network;
use super::mark::Keys;
use super::steps::{
    AssociateZone, AwaitConnected, EnableVpcDns, LeaveEndpoint, MakeEndpoint, MakeGroup, MakeZone, OpenPorts,
    PrivateDnsOn, ReleaseEndpoint, RemoveEndpoint, RemoveGroup, RemoveRecord, RemoveZone, WriteRecord,
};
use crate::notes;

/// The pause before the next look at something AWS is doing.
const SOON: Duration = Duration::from_secs(5);
/// The pause while a vendor has to act.
const LATER: Duration = Duration::from_secs(15);

/// Performs one step.
pub(super) async fn perform(network: &Network, step: &Step, known: &Exchange, cx: &Cx) -> Result<Outcome> {
    let account = match &known.consumer {
        Some(ConsumerIdentity::Aws { account, .. }) => account.clone(),
        _ => network.client.sts().caller_identity().await?.account,
    };
    let keys = Keys { account: &account, vpc: &network.vpc, instance: cx.instance() };
    let resume = Resume::read(cx.resume());
    let act = Act { network, step, known, cx, account: &account, keys: &keys, resume: &resume };
    match &*step.verb {
        EnableVpcDns::VERB => act.vpc_dns(step.kind()?).await,
        MakeGroup::VERB => act.make_group(&step.kind()?).await,
        OpenPorts::VERB => act.open_ports(&step.kind()?).await,
        MakeEndpoint::VERB => Box::pin(act.make_endpoint(&step.kind()?)).await,
        AwaitConnected::VERB => act.await_connected(&step.kind()?).await,
        PrivateDnsOn::VERB => act.private_dns_on(&step.kind()?).await,
        MakeZone::VERB => Box::pin(act.make_zone(&step.kind()?)).await,
        WriteRecord::VERB => Box::pin(act.write_record(&step.kind()?)).await,
        AssociateZone::VERB => act.associate_zone(&step.kind()?).await,
        RemoveRecord::VERB => act.remove_record(&step.kind()?).await,
        RemoveZone::VERB => act.remove_zone(&step.kind()?).await,
        RemoveEndpoint::VERB => act.remove_endpoint(&step.kind()?).await,
        LeaveEndpoint::VERB => act.leave_endpoint(&step.kind()?).await,
        ReleaseEndpoint::VERB => act.release_endpoint(&step.kind()?).await,
        RemoveGroup::VERB => act.remove_group(&step.kind()?).await,
        verb => Err(Error::invalid(format!("`{verb}` is not a step of AWS"))),
    }
}

/// One step being performed.
#[derive(Clone, Copy)]
struct Act<'a> {
    network: &'a Network,
    step: &'a Step,
    known: &'a Exchange,
    cx: &'a Cx,
    account: &'a AwsAccountId,
    keys: &'a Keys<'a>,
    resume: &'a Resume,
}

impl Act<'_> {
    fn slot(&self) -> Slot {
        self.step.slot.clone().unwrap_or_default()
    }

    fn now(&self) -> SystemTime {
        self.cx.clock().now()
    }

    /// Whether `thing` was made so recently, by this process or this run, that it may not be visible
    /// yet.
    fn is_new(&self, thing: &str) -> bool {
        let now = self.now();
        self.network.client.notes().is_fresh(thing, now)
            || self.known.made.get(thing).is_some_and(|at| notes::is_young(*at, now))
    }

    /// Notes that `thing` was made now, for this process and, in `known`, for the run.
    fn made(&self, thing: &str, known: Exchange) -> Outcome {
        let now = self.now();
        self.network.client.notes().made(thing, now);
        Outcome::done(known.with_made(thing.to_owned(), now))
    }

    /// Refuses a step that was planned for another network, account or instance.
    fn belongs(&self, key: &TouchKey) -> Result<()> {
        if self.step.key == *key {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "the step was planned for `{}`, which is not of {} in account {}",
            self.step.key, self.network.vpc, self.account
        )))
    }

    fn done(&self, changed: bool, known: Exchange) -> Outcome {
        if changed { Outcome::done(known) } else { Outcome::already(known) }
    }
}

/// Whether a write's outcome must be looked at before anything else.
fn is_unknown(error: &Error) -> bool {
    error.kind() == ErrorKind::OutcomeUnknown
}

fn cloud(stage: impl Into<privlink_core::Text>) -> Outcome {
    Outcome::waiting(stage, Turn::Cloud, SOON)
}
