//! The steps of this side as text for other tools.

mod guide;
mod policy;
mod removal;
mod shell;
mod terraform;
#[cfg(test)]
mod tests;

pub(super) use guide::costs;
pub(super) use policy::policy;

use privlink_core::render::{Datum, Format, Fragment};
use privlink_core::side::{Cx, EndpointIds, Exchange, Ownership, Slot, Step, StepKind, TouchKey};
use privlink_core::{DnsName, Error, ForwardingRuleName, Result, ServiceAttachment};

use super::mark::{self, Keys};
use super::steps::{
    AwaitConnected, ClearPlace, GlobalAccess, LeaveEndpoint, MakeAddress, MakeEndpoint, MakeZone, ReleaseEndpoint,
    RemoveAddress, RemoveEndpoint, RemoveRecord, RemoveZone, ShowZone, WriteRecord,
};
use super::{Network, steps};
use crate::ids::{ManagedZoneName, NetworkPath};

/// One step as it is rendered.
struct Rendering<'a> {
    network: &'a Network,
    step: &'a Step,
    known: &'a Exchange,
    cx: &'a Cx,
    keys: Keys<'a>,
    slot: Slot,
}

/// The kinds of steps that set a link up.
enum Kind {
    Address(MakeAddress),
    ClearPlace(ClearPlace),
    Endpoint(MakeEndpoint),
    GlobalAccess(GlobalAccess),
    AwaitConnected(AwaitConnected),
    Zone(MakeZone),
    Record(WriteRecord),
    ShowZone(ShowZone),
}

impl Kind {
    /// `None` for a step that takes a link down.
    fn of(step: &Step) -> Result<Option<Self>> {
        Ok(Some(match &*step.verb {
            MakeAddress::VERB => Self::Address(step.kind()?),
            ClearPlace::VERB => Self::ClearPlace(step.kind()?),
            MakeEndpoint::VERB => Self::Endpoint(step.kind()?),
            GlobalAccess::VERB => Self::GlobalAccess(step.kind()?),
            AwaitConnected::VERB => Self::AwaitConnected(step.kind()?),
            MakeZone::VERB => Self::Zone(step.kind()?),
            WriteRecord::VERB => Self::Record(step.kind()?),
            ShowZone::VERB => Self::ShowZone(step.kind()?),
            RemoveRecord::VERB
            | RemoveZone::VERB
            | RemoveEndpoint::VERB
            | LeaveEndpoint::VERB
            | ReleaseEndpoint::VERB
            | RemoveAddress::VERB => return Ok(None),
            verb => return Err(Error::invalid(format!("`{verb}` is not a step of Google Cloud"))),
        }))
    }
}

pub(super) fn render(
    network: &Network,
    step: &Step,
    known: &Exchange,
    cx: &Cx,
    format: Format,
) -> Result<Option<Fragment>> {
    let keys = network.keys(cx.instance());
    let slot = step.slot.clone().unwrap_or_default();
    let rendering = Rendering { network, step, known, cx, keys, slot };
    let Some(kind) = Kind::of(step)? else { return removal::render(&rendering, format) };
    if step.side != steps::SIDE || step.key != rendering.key(&kind) {
        return Err(Error::invalid(format!(
            "the step was planned for `{}`, which is not of {}",
            step.key, network.network
        )));
    }
    Ok(match format {
        Format::Shell => Some(Fragment::Script(rendering.script(&kind))),
        Format::Terraform => rendering.resources(&kind).map(Fragment::Resources),
        Format::Mermaid | Format::Svg => lines(&kind).map(Fragment::Lines),
        Format::RunBook => Some(Fragment::Guidance(guide::guidance(&kind))),
        _ => None,
    })
}

/// What a picture shows of it.
fn lines(kind: &Kind) -> Option<Vec<String>> {
    let zone = |zone: &DnsName| format!("in the private zone {zone}");
    Some(vec![match kind {
        Kind::Address(kind) => format!("in the subnetwork {}", kind.subnetwork.as_ref()?.name()),
        Kind::Endpoint(kind) if kind.global_access => "for clients of any region".to_owned(),
        Kind::GlobalAccess(_) => "for clients of any region".to_owned(),
        Kind::Zone(kind) => zone(&kind.zone),
        Kind::Record(kind) if kind.given.is_some() => zone(&kind.zone),
        Kind::ShowZone(kind) => format!("answered in {} too", kind.network.name()),
        _ => return None,
    }])
}

impl Rendering<'_> {
    /// The key that the step has when it is of this network.
    fn key(&self, kind: &Kind) -> TouchKey {
        let (keys, network) = (&self.keys, &self.network.network);
        match kind {
            Kind::Address(kind) => keys.address(&kind.service),
            Kind::ClearPlace(kind) => keys.closed(&kind.service),
            Kind::Endpoint(kind) => keys.taken(&kind.service, self.cx.user(self.known).as_deref()),
            Kind::GlobalAccess(kind) => keys.global_access(&kind.service),
            Kind::AwaitConnected(kind) => keys.connection(&kind.service),
            Kind::Zone(kind) => mark::zone_key(network, &kind.zone),
            Kind::Record(kind) => mark::record_key(network, &kind.zone, &kind.record),
            Kind::ShowZone(kind) => mark::showing_key(network, &kind.zone, &kind.network),
        }
    }

    /// The endpoint's name: one that was taken in has its own.
    fn rule(&self, service: &ServiceAttachment) -> ForwardingRuleName {
        match self.known.endpoints.get(&self.slot).map(|endpoint| &endpoint.ids) {
            Some(EndpointIds::Gcp { rule, .. }) => rule.clone(),
            _ => self.keys.rule_name(service),
        }
    }

    /// Whether the endpoint was there before, and was taken in.
    fn is_adopted(&self) -> bool {
        let endpoint = self.known.endpoints.get(&self.slot);
        endpoint.is_some_and(|endpoint| matches!(endpoint.ownership, Ownership::Adopted(_)))
    }

    fn zone_name(&self, given: Option<&ManagedZoneName>, zone: &DnsName) -> ManagedZoneName {
        given.cloned().unwrap_or_else(|| mark::zone_name(&self.network.network, zone))
    }

    /// The networks that see a zone of ours.
    fn zone_networks(&self) -> Vec<&NetworkPath> {
        let own = &self.network.network;
        std::iter::once(own).chain(self.network.more_networks.iter().filter(|other| *other != own)).collect()
    }

    /// The labels of our user on an endpoint of ours.
    fn user_labels(&self) -> Vec<String> {
        self.cx
            .user(self.known)
            .filter(|_| !self.is_adopted())
            .map(|user| mark::user_label(&user))
            .into_iter()
            .collect()
    }
}

/// The reserved address as a resource.
fn address_link() -> Datum {
    Datum::Own("gcp.address".into())
}

fn zone(name: &DnsName) -> Datum {
    Datum::Own(format!("gcp.zone:{name}").into())
}
