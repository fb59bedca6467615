//! What is there, and what has to be done.

mod clients;
mod names;

use std::collections::BTreeSet;

use futures_util::future;
use privlink_core::side::{
    Acceptance, ConsumerIdentity, Cx, EndpointFacts, EndpointService, EndpointState, Exchange, Fact, Naming, Ownership,
    PortRange, Reach, Slot, StepState, Survey,
};
use privlink_core::{
    DnsName, EndpointServiceId, Region, Result, SecurityGroupId, VpcEndpointId, VpcEndpointServiceName,
};
use privlink_dns::{Collision, RecordPlan, Zone as SeenZone, collide};

use self::names::Scene;
use super::mark::{self, Keys};
use super::naming;
use super::read::{self, Reads, World};
use super::steps::{self, FixedAddress, MakeEndpoint, Maker, Source};
use super::{Network, facts, findings, place};
use crate::endpoint::partition_name;
use crate::model::{
    HostedZone, HostedZoneSummary, IpAddressType, IpPermission, RecordSet, SecurityGroup, ServiceDetail, VpcEndpoint,
    VpcEndpointState,
};

/// What a survey finds.
pub(super) async fn survey(network: &Network, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let reads = Reads::new(&network.client, cx);
    let world = Box::pin(reads.world(&network.vpc)).await?;
    let mut survey = opening(&world);
    let Some(vpc) = &world.vpc else {
        survey.findings.push(findings::no_vpc(&network.vpc, network.client.region()));
        return Ok(survey);
    };
    survey.known.inside = vpc.ranges.clone();
    let parts = known.services.iter().filter_map(|(slot, service)| {
        let EndpointServiceId::Aws(name) = &service.id else { return None };
        let part = Part { network, known, cx, reads, world: &world, slot, service, name };
        Some(Box::pin(part.contribute()))
    });
    for part in future::try_join_all(parts).await? {
        survey.absorb(part);
    }
    survey.findings.extend(colliding(network, known, &world, reads).await?);
    Ok(survey)
}

/// Names that want one record for two endpoints, zones more specific than the one written into,
/// which would answer instead of it, and public hosts that would cease to resolve. What zones of
/// the very name hold already is judged with their records.
async fn colliding(
    network: &Network,
    known: &Exchange,
    world: &World,
    reads: Reads<'_>,
) -> Result<Vec<privlink_core::Finding>> {
    let offered = known.capabilities.as_ref().map(|able| able.naming.as_slice());
    let Naming::PrivateZone(shape) = naming::mode(network.naming, offered) else { return Ok(Vec::new()) };
    let given = network.hosted_zone.as_ref().and_then(|id| world.zones.iter().find(|zone| zone.id == *id));
    let mut plans = Vec::new();
    for name in &known.names {
        let Some(EndpointServiceId::Aws(service)) = known.services.get(&name.slot).map(|service| &service.id) else {
            continue;
        };
        let Some(mut plan) = naming::plan(name, shape, service)? else { continue };
        if let Some(zone) = given {
            plan.zone.clone_from(&zone.name);
        }
        plans.push(plan);
    }
    let seen = |zone: &HostedZoneSummary| SeenZone::new(zone.name.clone(), zone.id.as_str().to_owned());
    let (same, others): (Vec<_>, Vec<_>) =
        world.zones.iter().partition(|zone| plans.iter().any(|plan| plan.zone == zone.name));
    let others: Vec<SeenZone> = others.into_iter().map(seen).collect();
    let mut found = collide(&plans, &others, &[]);
    let caught = |host: &DnsName| plans.iter().any(|plan| host.is_within(&plan.zone));
    let public: Vec<DnsName> = known.public_hosts.iter().filter(|host| caught(host)).cloned().collect();
    if !public.is_empty() {
        let same = same.into_iter().map(|zone| async move {
            let readable = zone.owning_service.is_none() && world.is_own(zone);
            if !readable {
                return Ok::<_, privlink_core::Error>(seen(zone));
            }
            let sets = reads.records(&zone.id).await?;
            Ok(naming::addresses(&sets).fold(seen(zone), |zone, (name, target)| zone.record(name, target)))
        });
        let mut zones = future::try_join_all(same).await?;
        zones.extend(others);
        let breaks = |found: &Collision| matches!(found, Collision::Captured { .. } | Collision::Shadowed { .. });
        found.extend(collide(&plans, &zones, &public).into_iter().filter(breaks));
    }
    Ok(found.iter().map(Collision::finding).collect())
}

/// What every survey says: who asks.
pub(super) fn opening(world: &World) -> Survey {
    let mut survey = Survey::new();
    survey.known.consumer =
        Some(ConsumerIdentity::Aws { account: world.identity.account.clone(), principal: world.identity.principal() });
    survey.known.hold(None, Fact::Consumer);
    survey
}

/// The endpoint of ours, or taken in, that is used for a service, and the others there are.
#[derive(Debug, Default)]
pub(super) struct Endpoints<'a> {
    pub(super) used: Option<&'a VpcEndpoint>,
    pub(super) spare: Vec<&'a VpcEndpoint>,
    pub(super) dead: Vec<&'a VpcEndpoint>,
    pub(super) foreign: Vec<&'a VpcEndpoint>,
}

/// Sorts the endpoints of a VPC to one service by whose they are and whether they live. Every
/// run chooses the same one.
pub(super) fn sorted<'a>(all: &'a [VpcEndpoint], service: &str, keys: &Keys<'_>) -> Endpoints<'a> {
    let mut sorted = Endpoints::default();
    let mut live: Vec<&VpcEndpoint> = Vec::new();
    for endpoint in all.iter().filter(|endpoint| endpoint.service_name == service && endpoint.is_interface()) {
        let marked = !matches!(mark::of_endpoint(endpoint, keys), Ownership::Foreign);
        match (marked, endpoint.state.is_dead()) {
            (true, false) => live.push(endpoint),
            (true, true) => sorted.dead.push(endpoint),
            (false, false) => sorted.foreign.push(endpoint),
            (false, true) => {}
        }
    }
    live.sort_by_key(|endpoint| (endpoint.state != VpcEndpointState::Available, &endpoint.created, &endpoint.id));
    let mut live = live.into_iter();
    sorted.used = live.next();
    sorted.spare = live.collect();
    sorted
}

/// What one endpoint service takes.
pub(super) struct Part<'a> {
    network: &'a Network,
    known: &'a Exchange,
    cx: &'a Cx,
    reads: Reads<'a>,
    world: &'a World,
    slot: &'a Slot,
    service: &'a EndpointService,
    name: &'a VpcEndpointServiceName,
}

/// A zone that is there, with its records.
type Zone = (HostedZone, std::sync::Arc<Vec<RecordSet>>);

/// The groups of the endpoint.
enum Groups<'a> {
    /// One of ours, made or still to be made.
    Own(Option<&'a SecurityGroup>),
    /// Somebody else's: given, or those of an endpoint that is there.
    Fixed(Vec<SecurityGroupId>),
}

impl Part<'_> {
    async fn contribute(self) -> Result<Survey> {
        let mut out = Survey::new();
        let region = self.network.client.region();
        let Some(service_region) = self.reach(&mut out) else { return Ok(out) };
        let keys = Keys { account: &self.world.identity.account, vpc: &self.network.vpc, instance: self.cx.instance() };
        let user = self.cx.user(self.known);
        let maker = Maker { partition: self.network.client.partition(), region, keys: &keys };
        let endpoints = sorted(&self.world.endpoints, self.name.as_str(), &keys);
        let mode = self.mode();
        let written = self.written(mode)?;

        let interfaces = endpoints.used.map(|endpoint| endpoint.interfaces.as_slice()).unwrap_or_default();
        let zone_ids: BTreeSet<_> = self.zones_to_read(&written);
        let (detail, interfaces, zones) = future::try_join3(
            self.reads.service(self.name, service_region.as_ref()),
            self.reads.interfaces(interfaces),
            future::try_join_all(zone_ids.iter().map(|id| Box::pin(self.reads.zone_with_records(id)))),
        )
        .await?;
        let zones: Vec<Zone> = zones.into_iter().flatten().collect();
        let gone = self.left_behind(&written, &zones).await?;
        let seen = self.seen(&written, &zones).await?;

        self.judge_service(&mut out, detail.as_ref(), service_region.is_some(), endpoints.used.is_some());
        let facts = endpoints.used.map(|endpoint| {
            let whose = mark::of_endpoint(endpoint, &keys);
            facts::of(endpoint, &interfaces, &self.world.subnets, keys.account, whose)
        });
        let taken = endpoints.used.is_some_and(|endpoint| mark::is_taken_by(endpoint, user.as_deref(), &keys));
        self.tell_endpoints(&mut out, &endpoints, facts.as_ref(), taken);

        let groups = self.groups(&mut out, endpoints.used, &keys);
        self.group_and_rules(&mut out, &maker, &groups);
        self.clients(&mut out, &groups, facts.as_ref());
        let kind = self.endpoint(&mut out, &endpoints, &groups, detail.as_ref(), service_region);
        let step = maker.endpoint(self.slot, &kind, user.as_deref()).state(done(taken));
        let step = if self.service.by_invitation { step.needs([Fact::Invited]) } else { step };
        out.steps.push(match endpoints.used.filter(|_| !taken) {
            Some(endpoint) => steps::taking(step, &endpoint.id),
            None => step,
        });
        let connected = facts
            .as_ref()
            .zip(endpoints.used)
            .is_some_and(|(facts, endpoint)| facts.state == EndpointState::Ready && facts::complete(endpoint, facts));
        let by_vendor = self.service.acceptance == Acceptance::ByVendor;
        out.steps.push(maker.await_connected(self.slot, self.name, by_vendor).state(done(connected)));

        let (facts, detail) = (facts.as_ref(), detail.as_ref());
        let scene = Scene { endpoints: &endpoints, facts, detail, zones: &zones, gone: &gone, seen: &seen };
        self.naming(&mut out, &maker, mode, &written, &scene);
        Ok(out)
    }

    /// Whether the service can be reached from here; the region to name when it is another one.
    fn reach(&self, out: &mut Survey) -> Option<Option<Region>> {
        let (ours, theirs) = (self.network.client.region(), self.name.region());
        if *ours == theirs {
            return Some(None);
        }
        if partition_name(ours) != partition_name(&theirs) {
            out.findings.push(findings::other_partition(self.name.as_str(), partition_name(ours)));
            return None;
        }
        if self.service.reach != Reach::AnyRegion {
            out.findings.push(findings::other_region(self.name.as_str(), &theirs, ours));
            return None;
        }
        out.findings.push(findings::cross_region(&theirs, ours));
        Some(Some(theirs))
    }

    fn mode(&self) -> Naming {
        naming::mode(self.network.naming, self.known.capabilities.as_ref().map(|able| able.naming.as_slice()))
    }

    fn names(&self) -> impl Iterator<Item = &privlink_core::side::PrivateName> {
        self.known.names.iter().filter(|name| name.slot == *self.slot)
    }

    /// The records of this service's names; none in modes that write none.
    fn written(&self, mode: Naming) -> Result<Vec<RecordPlan>> {
        let Naming::PrivateZone(shape) = mode else { return Ok(Vec::new()) };
        let mut all: Vec<RecordPlan> = Vec::new();
        for name in self.names() {
            if let Some(written) = naming::plan(name, shape, self.name)?
                && !all.iter().any(|known| known.zone == written.zone && known.name == written.name)
            {
                all.push(written);
            }
        }
        Ok(all)
    }

    fn zones_to_read(&self, written: &[RecordPlan]) -> BTreeSet<privlink_core::HostedZoneId> {
        if written.is_empty() {
            return BTreeSet::new();
        }
        if let Some(given) = &self.network.hosted_zone {
            return BTreeSet::from([given.clone()]);
        }
        self.world
            .zones
            .iter()
            .filter(|zone| zone.owning_service.is_none() && self.world.is_own(zone))
            .filter(|zone| written.iter().any(|written| written.zone == zone.name))
            .map(|zone| zone.id.clone())
            .collect()
    }

    /// The endpoints of this service that records of a given zone lead to, and that exist no more.
    /// In a zone of ours nobody needs to look: what leads nowhere there is ours.
    async fn left_behind(&self, written: &[RecordPlan], zones: &[Zone]) -> Result<BTreeSet<VpcEndpointId>> {
        let mut gone = BTreeSet::new();
        for (zone, sets) in zones.iter().filter(|_| self.network.hosted_zone.is_some()) {
            let existing: Vec<_> = written.iter().flat_map(|written| naming::answering(sets, &written.name)).collect();
            let strays = naming::strays(&existing, self.name, &self.world.endpoints);
            gone.extend(self.reads.gone(self.network, zone, strays).await?);
        }
        Ok(gone)
    }

    /// The endpoints of the VPC, and those elsewhere that records of our names in zones of ours lead to.
    async fn seen(&self, written: &[RecordPlan], zones: &[Zone]) -> Result<Vec<VpcEndpoint>> {
        let ours = zones.iter().filter(|(zone, _)| mark::of_zone(zone, &self.network.vpc).is_ours());
        let sets: Vec<&RecordSet> = ours
            .flat_map(|(_, sets)| written.iter().flat_map(|written| naming::answering(sets, &written.name)))
            .collect();
        let mut seen = self.world.endpoints.to_vec();
        seen.extend(Box::pin(read::elsewhere(&self.network.client, sets, &seen)).await?);
        Ok(seen)
    }

    fn judge_service(&self, out: &mut Survey, detail: Option<&ServiceDetail>, cross_region: bool, has_endpoint: bool) {
        let Some(detail) = detail else {
            // An endpoint that works needs no look-up; only a new one does.
            if !has_endpoint {
                out.findings.push(findings::service_not_visible(self.name.as_str(), cross_region));
            }
            return;
        };
        if detail.acceptance_required == Some(true) && self.service.acceptance == Acceptance::Automatic && !has_endpoint
        {
            out.findings.push(findings::acceptance_needed());
        }
        if let Some(wanted) = &self.network.ip_address_type
            && !detail.ip_address_types.is_empty()
        {
            let offers = |kind: &IpAddressType| detail.ip_address_types.contains(kind);
            let fits = match wanted {
                IpAddressType::Dualstack => offers(&IpAddressType::Ipv4) && offers(&IpAddressType::Ipv6),
                kind => offers(kind),
            };
            if !fits {
                let offered: Vec<&str> = detail.ip_address_types.iter().map(IpAddressType::as_str).collect();
                out.findings.push(findings::ip_type_unsupported(wanted.as_str(), &offered.join(", ")));
            }
        }
    }

    /// `taken`: our user's mark is on the endpoint, so that it may be relied on.
    fn tell_endpoints(&self, out: &mut Survey, endpoints: &Endpoints<'_>, facts: Option<&EndpointFacts>, taken: bool) {
        let slot = || Some(self.slot.clone());
        if let (Some(endpoint), Some(facts)) = (endpoints.used, facts) {
            out.known.endpoints.insert(self.slot.clone(), facts.clone());
            if taken {
                out.known.hold(slot(), Fact::Endpoint);
            }
            let complete = facts::complete(endpoint, facts);
            if complete {
                out.known.hold(slot(), Fact::Address);
            }
            if complete && facts.state == EndpointState::Ready {
                out.known.hold(slot(), Fact::Connected);
            }
            if !endpoints.spare.is_empty() {
                let others: Vec<_> = endpoints.spare.iter().map(|endpoint| endpoint.id.clone()).collect();
                out.findings.push(findings::two_endpoints(&endpoint.id, &others));
            }
        } else {
            let lost = endpoints.dead.iter().filter(|endpoint| !endpoint.state.is_gone());
            out.findings.extend(lost.map(|endpoint| findings::dead_endpoint(endpoint)));
            out.findings.extend(endpoints.foreign.iter().map(|endpoint| findings::foreign_endpoint(endpoint)));
        }
    }

    fn groups(&self, out: &mut Survey, used: Option<&VpcEndpoint>, keys: &Keys<'_>) -> Groups<'_> {
        let own_key = keys.group(self.name);
        let own = self.world.groups.iter().find(|group| mark::of_group(group, &own_key).is_ours());
        if let Some(endpoint) = used {
            return match own.filter(|own| endpoint.groups.contains(&own.id)) {
                Some(own) => Groups::Own(Some(own)),
                None => Groups::Fixed(endpoint.groups.clone()),
            };
        }
        if self.network.groups.is_empty() {
            return Groups::Own(own);
        }
        for id in &self.network.groups {
            match self.world.groups.iter().find(|group| group.id == *id) {
                None => out.findings.push(findings::group_not_in_vpc(id)),
                Some(group) if group.is_default() => out.findings.push(findings::default_group(id)),
                Some(_) => {}
            }
        }
        Groups::Fixed(self.network.groups.clone())
    }

    /// The ports of this service's names, each once; none while the names are unknown.
    fn ports(&self) -> Vec<PortRange> {
        let ports: BTreeSet<PortRange> =
            self.names().flat_map(|name| &name.ports).map(|ports| PortRange::range(ports.first, ports.last)).collect();
        ports.into_iter().collect()
    }

    fn sources(&self) -> Vec<Source> {
        let mut sources = self.network.sources.clone();
        if sources.is_empty() {
            let six = matches!(self.network.ip_address_type, Some(IpAddressType::Dualstack | IpAddressType::Ipv6));
            let ranges = self.world.vpc.iter().flat_map(|vpc| &vpc.ranges);
            sources = ranges.filter(|range| six || range.addr().is_ipv4()).map(|range| Source::Range(*range)).collect();
        }
        sources.sort();
        sources.dedup();
        sources
    }

    fn group_and_rules(&self, out: &mut Survey, maker: &Maker<'_>, groups: &Groups<'_>) {
        let (ports, sources) = (self.ports(), self.sources());
        let rules = steps::rules(&ports, &sources);
        let open = |ingress: &mut dyn Iterator<Item = &IpPermission>| -> Vec<IpPermission> {
            let ingress: Vec<&IpPermission> = ingress.collect();
            rules.iter().filter(|rule| !ingress.iter().any(|known| known.covers(rule))).cloned().collect()
        };
        match groups {
            Groups::Own(found) => {
                out.steps.push(maker.group(self.slot, self.name).state(done(found.is_some())));
                let state = match found {
                    _ if ports.is_empty() => StepState::Undecided,
                    Some(group) => done(open(&mut group.ingress.iter()).is_empty()),
                    None => StepState::ToDo,
                };
                if found.is_some() {
                    out.known.hold(Some(self.slot.clone()), steps::group_fact());
                }
                if state == StepState::AlreadyDone {
                    out.known.hold(Some(self.slot.clone()), Fact::Opened);
                }
                out.steps.push(maker.open_ports(self.slot, self.name, ports, sources).state(state));
            }
            Groups::Fixed(ids) => {
                let given = self.world.groups.iter().filter(|group| ids.contains(&group.id));
                let missing = open(&mut given.flat_map(|group| &group.ingress));
                if !missing.is_empty() {
                    out.findings.push(findings::group_lacks_rules(ids, &missing));
                } else if !ports.is_empty() {
                    out.known.hold(Some(self.slot.clone()), Fact::Opened);
                }
            }
        }
    }

    fn endpoint(
        &self,
        out: &mut Survey,
        endpoints: &Endpoints<'_>,
        groups: &Groups<'_>,
        detail: Option<&ServiceDetail>,
        service_region: Option<Region>,
    ) -> MakeEndpoint {
        let groups = match groups {
            Groups::Own(_) => Vec::new(),
            Groups::Fixed(ids) => ids.clone(),
        };
        // The zones of a service in another region are not translated: unknown, not none.
        let zones = detail.and_then(|detail| detail.zones.as_ref()).or(self.service.zones.as_ref());
        let zones = zones.filter(|_| service_region.is_none());
        let placement = place::place(&self.network.subnets, &self.world.subnets, zones);
        let subnets = match endpoints.used {
            Some(endpoint) => {
                let wanted: BTreeSet<_> = placement.subnets.iter().collect();
                if !self.network.subnets.is_empty() && wanted != endpoint.subnets.iter().collect() {
                    out.findings.push(findings::endpoint_differs(endpoint, &placement.subnets));
                }
                let mut subnets = endpoint.subnets.clone();
                subnets.sort();
                subnets
            }
            None => {
                out.findings.extend(placement.findings);
                placement.subnets
            }
        };
        MakeEndpoint {
            service: self.name.clone(),
            service_region,
            subnets,
            groups,
            ip_address_type: self.network.ip_address_type.as_ref().map(|kind| kind.as_str().to_owned()),
            addresses: self
                .network
                .addresses
                .iter()
                .map(|fixed| FixedAddress { subnet: fixed.subnet.clone(), ipv4: fixed.ipv4, ipv6: fixed.ipv6 })
                .collect(),
        }
    }
}

fn done(done: bool) -> StepState {
    if done { StepState::AlreadyDone } else { StepState::ToDo }
}
