//! What is there, and what has to be done.

mod clients;
mod names;

use futures_util::future;
use privlink_core::side::{
    Acceptance, ConsumerIdentity, Cx, EndpointFacts, EndpointService, EndpointState, Exchange, Fact, Naming, Ownership,
    PortRange, PrivateName, Reach, Slot, StepState, Survey,
};
use privlink_core::{CloudProvider, EndpointServiceId, Region, Result};
use privlink_dns::RecordPlan;

use self::clients::Clients;
use super::mark::{self, Keys};
use super::read::{Reads, World, Zone};
use super::steps::{self, MakeEndpoint, Maker};
use super::{Network, facts, findings, naming};
use crate::ids::SubnetId;
use crate::model::{PrivateEndpoint, ProvisioningState, VirtualNetwork};

/// Subnets of these names are Azure's own.
const RESERVED: [&str; 4] = ["GatewaySubnet", "AzureFirewallSubnet", "AzureBastionSubnet", "RouteServerSubnet"];

/// What a survey finds.
pub(super) async fn survey(network: &Network, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let reads = Reads::new(&network.client, cx);
    let world = Box::pin(reads.world(network)).await?;
    let mut survey = opening(network);
    let Some(the_network) = &world.network else {
        survey.findings.push(findings::no_network(&network.network));
        return Ok(survey);
    };
    if !world.has_group {
        survey.findings.push(findings::no_group(network.group.name()));
        return Ok(survey);
    }
    survey.known.inside = the_network.ranges.clone();
    let parts = known.services.iter().filter(|(_, service)| service.id.cloud() == CloudProvider::Azure);
    let parts = parts.map(|(slot, service)| {
        let part = Part { network, known, cx, reads, world: &world, vnet: the_network, slot, service };
        Box::pin(part.contribute())
    });
    for part in future::try_join_all(parts).await? {
        survey.absorb(part);
    }
    Ok(survey)
}

/// What every survey says: who asks.
pub(super) fn opening(network: &Network) -> Survey {
    let mut survey = Survey::new();
    let subscription = network.network.resource().subscription();
    survey.known.consumer = Some(ConsumerIdentity::Azure { tenant: None, subscription });
    survey.known.hold(None, Fact::Consumer);
    survey
}

/// The endpoint of ours, or taken in, that is used for a service, and the others there are.
#[derive(Debug, Default)]
pub(super) struct Endpoints<'a> {
    pub(super) used: Option<&'a PrivateEndpoint>,
    pub(super) spare: Vec<&'a PrivateEndpoint>,
    pub(super) dead: Vec<&'a PrivateEndpoint>,
    pub(super) foreign: Vec<&'a PrivateEndpoint>,
}

/// Sorts the endpoints of a resource group to one service by whose they are and whether they live.
/// Every run chooses the same one.
pub(super) fn sorted<'a>(all: &'a [PrivateEndpoint], service: &EndpointServiceId, keys: &Keys<'_>) -> Endpoints<'a> {
    let mut sorted = Endpoints::default();
    let mut live: Vec<&PrivateEndpoint> = Vec::new();
    for endpoint in all {
        let leads = endpoint.connection().is_some_and(|connection| connection.leads_to(service));
        let here = matches!(&endpoint.subnet, Some(Ok(subnet)) if subnet.virtual_network() == *keys.network);
        let marked = match mark::of_endpoint(endpoint, service, keys) {
            Ownership::Foreign => false,
            // It was seen to lead there when it was taken in: an alias and a resource id tell nothing of each other.
            Ownership::Adopted(_) => leads || is_of_another_kind(endpoint, service),
            _ => leads,
        };
        let lives = !facts::is_dead(endpoint) && !facts::is_going(endpoint);
        match (marked, lives) {
            (true, true) => live.push(endpoint),
            (true, false) => sorted.dead.push(endpoint),
            (false, true) if leads && here => sorted.foreign.push(endpoint),
            (false, _) => {}
        }
    }
    live.sort_by_key(|endpoint| (facts::state(endpoint) != EndpointState::Ready, &endpoint.id));
    let mut live = live.into_iter();
    sorted.used = live.next();
    sorted.spare = live.collect();
    sorted
}

/// Whether an endpoint points at an alias where the service is known by a resource id, or the other way round.
fn is_of_another_kind(endpoint: &PrivateEndpoint, service: &EndpointServiceId) -> bool {
    let target = mark::service_of(endpoint);
    target.is_some_and(|target| std::mem::discriminant(&target) != std::mem::discriminant(service))
}

/// What one endpoint service takes.
struct Part<'a> {
    network: &'a Network,
    known: &'a Exchange,
    cx: &'a Cx,
    reads: Reads<'a>,
    world: &'a World,
    vnet: &'a VirtualNetwork,
    slot: &'a Slot,
    service: &'a EndpointService,
}

impl Part<'_> {
    async fn contribute(self) -> Result<Survey> {
        let mut out = Survey::new();
        let Some(location) = self.location(&mut out) else { return Ok(out) };
        if !self.reach(&mut out, &location) {
            return Ok(out);
        }
        let keys = Keys { network: &self.network.network, instance: self.cx.instance() };
        let maker = Maker { keys, group: self.network.group.name() };
        let endpoints = sorted(&self.world.endpoints, &self.service.id, &keys);
        let mode =
            naming::mode(self.network.naming, self.known.capabilities.as_ref().map(|able| able.naming.as_slice()));
        let written = self.written(mode)?;
        let subnet = self.subnet(&mut out, endpoints.used);

        let address = async {
            match endpoints.used {
                Some(endpoint) => self.reads.address(endpoint).await,
                None => Ok(None),
            }
        };
        let rules = async {
            let clients = Box::pin(self.clients()).await?;
            let shut = match &subnet {
                Some(subnet) => self.shut_port(subnet, &clients).await?,
                None => None,
            };
            Ok((clients, shut))
        };
        let zone_ids = self.zones_to_read(&written)?;
        let zones = future::try_join_all(zone_ids.iter().map(|id| Box::pin(self.reads.zone(id))));
        let (address, (clients, shut), zones) = future::try_join3(address, rules, zones).await?;
        let zones: Vec<Zone> = zones.into_iter().flatten().collect();

        let facts = endpoints
            .used
            .map(|endpoint| facts::of(endpoint, address, mark::of_endpoint(endpoint, &self.service.id, &keys)));
        let user = self.cx.user(self.known);
        let taken = endpoints
            .used
            .is_some_and(|endpoint| mark::is_taken_by(endpoint, user.as_deref(), &self.service.id, &keys));
        self.tell_endpoints(&mut out, &endpoints, facts.as_ref(), taken);
        let lets_out = self.tell_clients(&mut out, &clients, facts.as_ref());
        match shut {
            Some(finding) => out.findings.push(finding),
            None if lets_out && self.names().next().is_some() => {
                out.known.hold(Some(self.slot.clone()), Fact::Opened);
            }
            None => {}
        }
        self.steps_of_endpoint(&mut out, &maker, &endpoints, facts.as_ref(), location, subnet);
        self.naming(&mut out, &maker, mode, &written, facts.as_ref(), &zones)?;
        Ok(out)
    }

    /// The region the endpoint lives in: the network's.
    fn location(&self, out: &mut Survey) -> Option<Region> {
        match (&self.vnet.location, &self.network.location) {
            (Some(real), Some(asked)) if real != asked => {
                out.findings.push(findings::wrong_location(asked, real));
                None
            }
            (Some(real), _) => Some(real.clone()),
            (None, Some(asked)) => Some(asked.clone()),
            (None, None) => {
                out.findings.push(findings::unknown_location(&self.network.network));
                None
            }
        }
    }

    /// Whether the service can be reached from here.
    fn reach(&self, out: &mut Survey, ours: &Region) -> bool {
        let theirs = &self.service.region;
        if ours == theirs {
            return true;
        }
        if cloud_of(ours) != cloud_of(theirs) {
            out.findings.push(findings::other_cloud(&self.service.id, theirs, ours));
            return false;
        }
        if self.service.reach != Reach::AnyRegion {
            out.findings.push(findings::other_region(&self.service.id, theirs, ours));
            return false;
        }
        out.findings.push(findings::cross_region(theirs, ours));
        true
    }

    fn names(&self) -> impl Iterator<Item = &PrivateName> {
        self.known.names.iter().filter(|name| name.slot == *self.slot)
    }

    /// The records of this service's names; none in modes that write none.
    fn written(&self, mode: Naming) -> Result<Vec<RecordPlan>> {
        let Naming::PrivateZone(shape) = mode else { return Ok(Vec::new()) };
        let mut all: Vec<RecordPlan> = Vec::new();
        for name in self.names() {
            if let Some(written) = naming::plan(name, shape, &self.service.id)?
                && !all.iter().any(|known| known.zone == written.zone && known.name == written.name)
            {
                all.push(written);
            }
        }
        Ok(all)
    }

    /// The subnet of the endpoint: the given one, the only one, or where the endpoint is.
    fn subnet(&self, out: &mut Survey, used: Option<&PrivateEndpoint>) -> Option<SubnetId> {
        let given = self.network.subnet.as_ref();
        if let Some(endpoint) = used {
            let is = match &endpoint.subnet {
                Some(Ok(subnet)) => subnet.clone(),
                _ => return given.cloned(),
            };
            if let Some(asked) = given.filter(|asked| **asked != is) {
                out.findings.push(findings::endpoint_differs(endpoint, asked));
            }
            return Some(is);
        }
        let free = |subnet: &&crate::model::Subnet| {
            !subnet.delegated && !RESERVED.iter().any(|name| name.eq_ignore_ascii_case(subnet.id.name()))
        };
        let subnet = match given {
            Some(given) => self.vnet.subnets.iter().find(|subnet| subnet.id == *given),
            None => {
                let candidates: Vec<_> = self.vnet.subnets.iter().filter(free).collect();
                let [only] = candidates[..] else {
                    let names: Vec<String> = candidates.iter().map(|subnet| subnet.id.name().to_owned()).collect();
                    out.findings.push(findings::subnet_needed(&names));
                    return None;
                };
                out.findings.push(findings::subnet_chosen(&only.id));
                Some(only)
            }
        };
        let Some(subnet) = subnet else {
            out.findings.extend(given.map(findings::subnet_not_there));
            return None;
        };
        if let Some(state) = subnet.provisioning.as_ref().filter(|state| **state != ProvisioningState::Succeeded) {
            out.findings.push(findings::subnet_busy(&subnet.id, state.as_str()));
        }
        Some(subnet.id.clone())
    }

    /// What the subnet's network security group keeps clients from, where its rules bind endpoints.
    async fn shut_port(&self, subnet: &SubnetId, clients: &Clients) -> Result<Option<privlink_core::Finding>> {
        let ports: Vec<PortRange> = self.names().flat_map(|name| name.ports.iter().copied()).collect();
        let subnet = self.vnet.subnets.iter().find(|known| known.id == *subnet);
        let Some(Ok(group)) =
            subnet.filter(|subnet| subnet.rules_bind_endpoints()).and_then(|one| one.security_group.as_ref())
        else {
            return Ok(None);
        };
        if ports.is_empty() {
            return Ok(None);
        }
        let read = self.reads.security_group(group).await?;
        Ok(read
            .and_then(|rules| rules.shuts(&ports, &clients.ranges, &self.vnet.ranges))
            .map(|port| findings::rules_shut(group, port)))
    }

    /// `taken`: our user's mark is on the endpoint, so that it may be relied on.
    fn tell_endpoints(&self, out: &mut Survey, endpoints: &Endpoints<'_>, facts: Option<&EndpointFacts>, taken: bool) {
        let slot = || Some(self.slot.clone());
        if let (Some(endpoint), Some(facts)) = (endpoints.used, facts) {
            out.known.endpoints.insert(self.slot.clone(), facts.clone());
            if taken && facts::is_built(endpoint) {
                out.known.hold(slot(), Fact::Endpoint);
            }
            if !facts.addresses.is_empty() {
                out.known.hold(slot(), Fact::Address);
            }
            if facts.state == EndpointState::Ready {
                out.known.hold(slot(), Fact::Connected);
            }
            if !endpoints.spare.is_empty() {
                let others: Vec<_> = endpoints.spare.iter().map(|endpoint| endpoint.id.clone()).collect();
                out.findings.push(findings::two_endpoints(&endpoint.id, &others));
            }
        } else {
            let lost = endpoints.dead.iter().filter(|endpoint| !facts::is_going(endpoint));
            out.findings.extend(lost.map(|endpoint| findings::dead_endpoint(endpoint)));
            out.findings.extend(endpoints.foreign.iter().map(|endpoint| findings::foreign_endpoint(endpoint)));
        }
    }

    fn steps_of_endpoint(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        endpoints: &Endpoints<'_>,
        facts: Option<&EndpointFacts>,
        location: Region,
        subnet: Option<SubnetId>,
    ) {
        let service = &self.service.id;
        // Without a subnet there is a finding that blocks, and nothing to be planned.
        let Some(subnet) = subnet else { return };
        let kind = MakeEndpoint {
            service: service.clone(),
            location,
            subnet,
            security_groups: self.network.security_groups.clone(),
            address: self.network.address,
            request_message: self.network.request_message.clone(),
        };
        let user = self.cx.user(self.known);
        let is_taken = |endpoint: &&PrivateEndpoint| mark::is_taken_by(endpoint, user.as_deref(), service, &maker.keys);
        let taken = endpoints.used.filter(is_taken);
        let built = taken.is_some_and(facts::is_built);
        let by_vendor = self.service.acceptance == Acceptance::ByVendor;
        let has_address = facts.is_some_and(|facts| !facts.addresses.is_empty());
        let connected = facts.is_some_and(|facts| facts.state == EndpointState::Ready);
        let step = maker.endpoint(self.slot, &kind, user.as_deref()).state(done(built));
        let step = if self.service.by_invitation { step.needs([Fact::Invited]) } else { step };
        out.steps.push(match endpoints.used.filter(|_| taken.is_none()) {
            Some(endpoint) => steps::taking(step, &endpoint.id),
            None => step,
        });
        let id = endpoints.used.map(|endpoint| &endpoint.id);
        out.steps.push(maker.address(self.slot, service, id).state(done(has_address)));
        out.steps.push(maker.await_connected(self.slot, service, id, by_vendor).state(done(connected)));
    }
}

/// Which of Azure's clouds a region belongs to.
fn cloud_of(region: &Region) -> &'static str {
    let name = region.as_str();
    if name.starts_with("usgov") || name.starts_with("usdod") {
        "government"
    } else if name.starts_with("china") {
        "china"
    } else {
        "public"
    }
}

fn done(done: bool) -> StepState {
    if done { StepState::AlreadyDone } else { StepState::ToDo }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn regions_tell_their_cloud() {
        for (region, cloud) in [
            ("westus3", "public"),
            ("usgovvirginia", "government"),
            ("usdodeast", "government"),
            ("chinanorth3", "china"),
        ] {
            assert_eq!(cloud_of(&region.parse().unwrap()), cloud, "{region}");
        }
    }
}
