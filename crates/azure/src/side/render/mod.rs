//! The steps of this side as text for other tools.

mod bicep;
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
use privlink_core::{AzurePrivateEndpointId, Error, Result};

use super::mark::{self, Keys};
use super::steps::{
    AwaitConnected, LeaveEndpoint, LinkZone, MakeEndpoint, MakeZone, ReadAddress, ReleaseEndpoint, RemoveEndpoint,
    RemoveLink, RemoveRecord, RemoveZone, WriteRecord,
};
use super::{Network, steps};
use crate::ids::PrivateDnsZoneId;

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
    Endpoint(MakeEndpoint),
    Address(ReadAddress),
    AwaitConnected(AwaitConnected),
    Zone(MakeZone),
    Record(WriteRecord),
    Link(LinkZone),
}

impl Kind {
    /// `None` for a step that takes a link down.
    fn of(step: &Step) -> Result<Option<Self>> {
        Ok(Some(match &*step.verb {
            MakeEndpoint::VERB => Self::Endpoint(step.kind()?),
            ReadAddress::VERB => Self::Address(step.kind()?),
            AwaitConnected::VERB => Self::AwaitConnected(step.kind()?),
            MakeZone::VERB => Self::Zone(step.kind()?),
            WriteRecord::VERB => Self::Record(step.kind()?),
            LinkZone::VERB => Self::Link(step.kind()?),
            RemoveLink::VERB
            | RemoveRecord::VERB
            | RemoveZone::VERB
            | RemoveEndpoint::VERB
            | LeaveEndpoint::VERB
            | ReleaseEndpoint::VERB => return Ok(None),
            verb => return Err(Error::invalid(format!("`{verb}` is not a step of Azure"))),
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
    let keys = Keys { network: &network.network, instance: cx.instance() };
    let slot = step.slot.clone().unwrap_or_default();
    let rendering = Rendering { network, step, known, cx, keys, slot };
    let foreign =
        || Error::invalid(format!("the step was planned for `{}`, which is not of {}", step.key, network.network));
    if step.side != steps::SIDE {
        return Err(foreign());
    }
    let Some(kind) = Kind::of(step)? else { return removal::render(&rendering, format) };
    if step.key != rendering.key(&kind) {
        return Err(foreign());
    }
    Ok(match format {
        Format::Shell => Some(Fragment::Script(rendering.script(&kind)?)),
        Format::Terraform => rendering.resources(&kind)?.map(Fragment::Resources),
        Format::Bicep => rendering.bicep(&kind)?.map(Fragment::Resources),
        Format::Mermaid | Format::Svg => rendering.lines(&kind).map(Fragment::Lines),
        Format::RunBook => Some(Fragment::Guidance(guide::guidance(&kind))),
        _ => None,
    })
}

impl Rendering<'_> {
    /// The key that the step has when it is of this network.
    fn key(&self, kind: &Kind) -> TouchKey {
        let network = &self.network.network;
        match kind {
            Kind::Endpoint(kind) => self.keys.taken(&kind.service, self.cx.user(self.known).as_deref()),
            Kind::Address(kind) => self.keys.address(&kind.service),
            Kind::AwaitConnected(kind) => self.keys.connection(&kind.service),
            Kind::Zone(kind) => mark::zone_key(network, &kind.zone),
            Kind::Record(kind) => mark::record_key(network, &kind.zone, &kind.record),
            Kind::Link(kind) => mark::link_key(network, &kind.zone, &kind.network),
        }
    }

    /// What a picture shows of it.
    fn lines(&self, kind: &Kind) -> Option<Vec<String>> {
        let zone = |id: &PrivateDnsZoneId| format!("in the private zone {}", id.zone());
        Some(vec![match kind {
            Kind::Endpoint(kind) => format!("in the subnet {}", kind.subnet.name()),
            Kind::Zone(kind) => zone(&kind.zone),
            Kind::Record(kind) if kind.given => zone(&kind.zone),
            Kind::Link(kind) if kind.network != self.network.network => {
                format!("answered in {} too", kind.network.name())
            }
            _ => return None,
        }])
    }

    /// The endpoint that is known, of whatever name.
    fn known_endpoint(&self) -> Option<&AzurePrivateEndpointId> {
        match &self.known.endpoints.get(&self.slot)?.ids {
            EndpointIds::Azure { id, .. } => Some(id),
            _ => None,
        }
    }

    /// Whether the endpoint was there before, and was taken in.
    fn is_adopted(&self) -> bool {
        let endpoint = self.known.endpoints.get(&self.slot);
        endpoint.is_some_and(|endpoint| matches!(endpoint.ownership, Ownership::Adopted(_)))
    }

    /// The tag of our user on an endpoint of ours.
    fn user_tag(&self) -> Option<String> {
        self.cx.user(self.known).filter(|_| !self.is_adopted()).map(|user| mark::user_tag(&user))
    }
}

fn zone(id: &PrivateDnsZoneId) -> Datum {
    Datum::Own(format!("azure.zone:{}", id.as_str().to_ascii_lowercase()).into())
}
