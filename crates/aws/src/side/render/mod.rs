//! The steps of this side as text for other tools.

mod cloudformation;
mod guide;
mod policy;
mod removal;
mod shell;
mod terraform;

pub(super) use guide::costs;
pub(super) use policy::policy;

use privlink_core::render::{Datum, Format, Fragment};
use privlink_core::side::{ConsumerIdentity, Cx, Exchange, Ownership, Slot, Step, StepKind};
use privlink_core::{AwsAccountId, DnsName, Error, Result};

use super::Network;
use super::mark::Keys;
use super::steps::{
    AssociateZone, AwaitConnected, EnableVpcDns, MakeEndpoint, MakeGroup, MakeZone, OpenPorts, PrivateDnsOn,
    WriteRecord,
};
use crate::model::Tag;

/// One step as it is rendered.
struct Rendering<'a> {
    network: &'a Network,
    step: &'a Step,
    known: &'a Exchange,
    cx: &'a Cx,
    account: &'a AwsAccountId,
    keys: Keys<'a>,
    slot: Slot,
}

impl Rendering<'_> {
    /// Whether the endpoint was there before, and was taken in.
    fn is_adopted(&self) -> bool {
        let endpoint = self.known.endpoints.get(&self.slot);
        endpoint.is_some_and(|endpoint| matches!(endpoint.ownership, Ownership::Adopted(_)))
    }
}

/// The kinds of steps that set a link up.
enum Kind {
    VpcDns,
    Group(MakeGroup),
    OpenPorts(OpenPorts),
    Endpoint(MakeEndpoint),
    AwaitConnected(AwaitConnected),
    Zone(MakeZone),
    Record(WriteRecord),
    Associate(AssociateZone),
    PrivateDnsOn(PrivateDnsOn),
}

impl Kind {
    fn of(step: &Step) -> Result<Option<Self>> {
        Ok(Some(match &*step.verb {
            EnableVpcDns::VERB => Self::VpcDns,
            MakeGroup::VERB => Self::Group(step.kind()?),
            OpenPorts::VERB => Self::OpenPorts(step.kind()?),
            MakeEndpoint::VERB => Self::Endpoint(step.kind()?),
            AwaitConnected::VERB => Self::AwaitConnected(step.kind()?),
            MakeZone::VERB => Self::Zone(step.kind()?),
            WriteRecord::VERB => Self::Record(step.kind()?),
            AssociateZone::VERB => Self::Associate(step.kind()?),
            PrivateDnsOn::VERB => Self::PrivateDnsOn(step.kind()?),
            _ => return Ok(None),
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
    let account = account_of(known)?;
    let keys = Keys { account, vpc: &network.vpc, instance: cx.instance() };
    let slot = step.slot.clone().unwrap_or_default();
    let rendering = Rendering { network, step, known, cx, account, keys, slot };
    let Some(kind) = Kind::of(step)? else { return removal::render(&rendering, format) };
    Ok(match format {
        Format::Shell => Some(Fragment::Script(rendering.script(&kind))),
        Format::Terraform => rendering.resources(&kind).map(Fragment::Resources),
        Format::CloudFormation => rendering.template(&kind).map(Fragment::Resources),
        Format::Mermaid | Format::Svg => lines(&kind).map(Fragment::Lines),
        Format::RunBook => Some(Fragment::Guidance(guide::guidance(&kind))),
        _ => None,
    })
}

/// What a picture shows of it.
fn lines(kind: &Kind) -> Option<Vec<String>> {
    match kind {
        Kind::Endpoint(kind) => Some(kind.subnets.iter().map(|subnet| format!("in {subnet}")).collect()),
        Kind::Zone(kind) => Some(vec![format!("in the private zone {}", kind.zone)]),
        _ => None,
    }
}

/// The account that the plan is for.
fn account_of(known: &Exchange) -> Result<&AwsAccountId> {
    match &known.consumer {
        Some(ConsumerIdentity::Aws { account, .. }) => Ok(account),
        _ => Err(Error::invalid("the plan does not say which AWS account it is for; plan again")),
    }
}

fn group() -> Datum {
    Datum::Own("aws.security_group".into())
}

fn ip_address_type() -> Datum {
    Datum::Own("aws.ip_address_type".into())
}

fn zone(name: &DnsName) -> Datum {
    Datum::Own(format!("aws.zone:{name}").into())
}

fn json_tags(tags: &[Tag]) -> serde_json::Value {
    tags.iter().map(|tag| serde_json::json!({ "Key": tag.key, "Value": tag.value })).collect()
}
