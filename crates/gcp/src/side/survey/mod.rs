//! What is there, and what has to be done.

mod names;

use std::net::IpAddr;

use futures_util::future;
use privlink_core::side::{
    Acceptance, ConsumerIdentity, Cx, EndpointFacts, EndpointService, EndpointState, Exchange, Fact, Naming, Ownership,
    PortRange, Reach, Slot, StepState, Survey,
};
use privlink_core::{DnsName, EndpointServiceId, ProjectId, Result, ServiceAttachment, Severity};
use privlink_dns::{Collision, RecordPlan, Zone as SeenZone, collide};

use self::names::Zone;
use super::mark::{self, Keys};
use super::read::{Reads, World};
use super::steps::{self, ClearPlace, MakeAddress, MakeEndpoint, Maker};
use super::{Network, facts, findings, naming, place};
use crate::model::{Address, ForwardingRule, ManagedZone, PscConnectionStatus};

/// What a survey finds.
pub(super) async fn survey(network: &Network, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let reads = Reads::new(network, cx);
    let world = Box::pin(reads.world()).await?;
    let mut survey = opening(network.client.project());
    if world.network.is_none() {
        survey.findings.push(findings::no_network(&network.network));
        return Ok(survey);
    }
    survey.known.inside = place::ranges(&network.network, &world.subnetworks);
    let keys = network.keys(cx.instance());
    let parts = known.services.iter().filter_map(|(slot, service)| {
        let EndpointServiceId::Gcp(attachment) = &service.id else { return None };
        let part =
            Part { network, known, user: cx.user(known), reads, world: &world, keys: &keys, slot, service, attachment };
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
    let given = network.zone.as_ref().and_then(|name| world.zones.iter().find(|zone| zone.name == *name));
    let mut plans = Vec::new();
    for name in &known.names {
        let Some(EndpointServiceId::Gcp(service)) = known.services.get(&name.slot).map(|service| &service.id) else {
            continue;
        };
        let Some(mut plan) = naming::plan(name, shape, service)? else { continue };
        if let Some(zone) = given {
            plan.zone.clone_from(&zone.dns_name);
        }
        plans.push(plan);
    }
    let seen = |zone: &ManagedZone| SeenZone::new(zone.dns_name.clone(), zone.name.as_str().to_owned());
    let in_sight = world.zones.iter().filter(|zone| zone.is_seen_by(&network.network));
    let (same, others): (Vec<_>, Vec<_>) =
        in_sight.partition(|zone| plans.iter().any(|plan| plan.zone == zone.dns_name));
    let others: Vec<SeenZone> = others.into_iter().map(seen).collect();
    let mut found = collide(&plans, &others, &[]);
    let caught = |host: &DnsName| plans.iter().any(|plan| host.is_within(&plan.zone));
    let public: Vec<DnsName> = known.public_hosts.iter().filter(|host| caught(host)).cloned().collect();
    if !public.is_empty() {
        let same = same.into_iter().map(|zone| async move {
            let sets = reads.records(&zone.name).await?;
            let answers = naming::addresses(&sets);
            Ok::<_, privlink_core::Error>(answers.fold(seen(zone), |zone, (name, target)| zone.record(name, target)))
        });
        let mut zones = future::try_join_all(same).await?;
        zones.extend(others);
        let breaks = |found: &Collision| matches!(found, Collision::Captured { .. } | Collision::Shadowed { .. });
        found.extend(collide(&plans, &zones, &public).into_iter().filter(breaks));
    }
    Ok(found.iter().map(Collision::finding).collect())
}

/// What every survey says: who asks.
pub(super) fn opening(project: &ProjectId) -> Survey {
    let mut survey = Survey::new();
    survey.known.consumer = Some(ConsumerIdentity::Gcp { project: project.clone() });
    survey.known.hold(None, Fact::Consumer);
    survey
}

/// The endpoint of ours, or taken in, that is used for a service, and the others there are.
#[derive(Debug, Default)]
pub(super) struct Endpoints<'a> {
    pub(super) used: Option<&'a ForwardingRule>,
    /// Taken in, and not used.
    pub(super) spare: Vec<&'a ForwardingRule>,
    /// Ours or taken in, and closed for good.
    pub(super) closed: Vec<&'a ForwardingRule>,
    pub(super) foreign: Vec<&'a ForwardingRule>,
}

/// Sorts the endpoints of a network to one service by whose they are and whether they can be
/// used. Every run chooses the same one.
pub(super) fn sorted<'a>(all: &'a [ForwardingRule], service: &ServiceAttachment, keys: &Keys<'_>) -> Endpoints<'a> {
    let mut sorted = Endpoints::default();
    let mut live: Vec<(&ForwardingRule, bool)> = Vec::new();
    for rule in all.iter().filter(|rule| rule.service_attachment().as_ref() == Some(service)) {
        let whose = mark::of_rule(rule, keys);
        let closed = rule.psc_connection_status == PscConnectionStatus::Closed;
        match (matches!(whose, Ownership::Foreign), closed) {
            (false, false) => live.push((rule, whose.is_ours())),
            (false, true) => sorted.closed.push(rule),
            (true, false) => sorted.foreign.push(rule),
            (true, true) => {}
        }
    }
    let ready = |rule: &ForwardingRule| rule.psc_connection_status == PscConnectionStatus::Accepted;
    live.sort_by_key(|(rule, ours)| (!ready(rule), !ours, &rule.name));
    let mut live = live.into_iter().map(|(rule, _)| rule);
    sorted.used = live.next();
    sorted.spare = live.collect();
    sorted
}

/// What one service attachment takes.
pub(super) struct Part<'a> {
    network: &'a Network,
    known: &'a Exchange,
    /// Whoever will use the endpoint.
    user: Option<String>,
    reads: Reads<'a>,
    world: &'a World,
    keys: &'a Keys<'a>,
    slot: &'a Slot,
    service: &'a EndpointService,
    attachment: &'a ServiceAttachment,
}

impl Part<'_> {
    async fn contribute(self) -> Result<Survey> {
        let mut out = Survey::new();
        let Some(global) = self.reach(&mut out) else { return Ok(out) };
        let dns = self.network.dns();
        let maker = Maker { region: &self.network.region, dns_project: dns.project(), keys: self.keys };
        let endpoints = sorted(&self.world.rules, self.attachment, self.keys);
        let mode = self.mode();
        let written = self.written(mode)?;
        let zones = future::try_join_all(self.zones_to_read(&written).into_iter().map(|zone| {
            let reads = self.reads;
            Box::pin(async move { Ok::<_, privlink_core::Error>((zone, reads.records(&zone.name).await?)) })
        }));
        let zones: Vec<Zone<'_>> = zones.await?;

        let facts = endpoints.used.map(|rule| facts::of(rule, self.keys.project, mark::of_rule(rule, self.keys)));
        self.tell_endpoints(&mut out, &endpoints, facts.as_ref());
        self.address_and_endpoint(&mut out, &maker, &endpoints, global);
        let ready = facts.as_ref().is_some_and(|facts| facts.state == EndpointState::Ready)
            && endpoints.used.is_some_and(facts::complete);
        let by_vendor = self.service.acceptance == Acceptance::ByVendor;
        out.steps.push(maker.await_connected(self.slot, self.attachment, by_vendor).state(done(ready)));
        if self.service.acceptance == Acceptance::ByHand && !ready {
            out.findings.push(findings::acceptance_needed());
        }
        let addresses = self.addresses(&endpoints);
        self.firewalls(&mut out, &addresses);
        self.naming(&mut out, &maker, mode, &written, &addresses, &zones);
        Ok(out)
    }

    /// Whether the service can be reached from here, and then whether by clients of all regions.
    fn reach(&self, out: &mut Survey) -> Option<bool> {
        let ours = &self.network.region;
        // Whatever the vendor says of its reach, Google connects within a region alone.
        if self.attachment.region() != *ours {
            out.findings.push(findings::other_region(self.attachment, ours));
            return None;
        }
        let elsewhere: Vec<_> = self.network.client_regions.iter().filter(|region| *region != ours).collect();
        match (self.network.global_access, elsewhere.is_empty()) {
            (Some(false), false) => {
                out.findings.push(findings::global_access_needed(ours, &elsewhere));
                None
            }
            (Some(false), true) | (None, true) => Some(false),
            (Some(true), _) | (None, false) if self.service.reach == Reach::SameRegion => {
                out.findings.push(findings::global_access_not_offered(ours, self.attachment));
                None
            }
            (Some(true), _) | (None, false) => {
                out.findings.push(findings::global_access_on(ours));
                Some(true)
            }
        }
    }

    /// Whether our user's mark is on the endpoint, so that it may be relied on.
    fn is_taken(&self, rule: &ForwardingRule) -> bool {
        mark::is_taken_by(rule, self.user.as_deref(), self.keys)
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
            if let Some(written) = naming::plan(name, shape, self.attachment)?
                && !all.iter().any(|known| known.zone == written.zone && known.name == written.name)
            {
                all.push(written);
            }
        }
        Ok(all)
    }

    fn tell_endpoints(&self, out: &mut Survey, endpoints: &Endpoints<'_>, facts: Option<&EndpointFacts>) {
        let slot = || Some(self.slot.clone());
        if let (Some(rule), Some(facts)) = (endpoints.used, facts) {
            out.known.endpoints.insert(self.slot.clone(), facts.clone());
            if facts::complete(rule) {
                if self.is_taken(rule) {
                    out.known.hold(slot(), Fact::Endpoint);
                }
                out.known.hold(slot(), Fact::Address);
                if facts.state == EndpointState::Ready {
                    out.known.hold(slot(), Fact::Connected);
                }
            }
            if !endpoints.spare.is_empty() {
                let others: Vec<_> = endpoints.spare.iter().map(|rule| &rule.name).collect();
                out.findings.push(findings::two_endpoints(&rule.name, &others));
            }
            match rule.psc_connection_status {
                PscConnectionStatus::Rejected => out.findings.push(findings::endpoint_dead(rule, Severity::Warning)),
                PscConnectionStatus::NeedsAttention => out.findings.push(findings::needs_attention(rule)),
                _ => {}
            }
        } else {
            out.findings.extend(endpoints.foreign.iter().map(|rule| findings::foreign_endpoint(rule)));
        }
    }

    fn address_and_endpoint(&self, out: &mut Survey, maker: &Maker<'_>, endpoints: &Endpoints<'_>, global: bool) {
        let keys = self.keys;
        let adopted = endpoints.used.is_some_and(|rule| !mark::of_rule(rule, keys).is_ours());
        let closed: Option<&ForwardingRule> =
            endpoints.closed.iter().copied().find(|rule| mark::of_rule(rule, keys).is_ours());
        // An adopted endpoint has its own address; nothing is made for it.
        if !adopted {
            let address = self.address(out, maker, endpoints.used.is_some());
            if let Some(rule) = closed {
                out.findings.push(findings::closed_endpoint(rule));
                let kind = ClearPlace { service: self.attachment.clone(), connection: rule.psc_connection_id };
                out.steps.push(maker.clear_place(self.slot, &kind, &rule.name));
            } else if endpoints.used.is_none() {
                self.judge_name(out);
            }
            let kind = MakeEndpoint {
                service: self.attachment.clone(),
                subnetwork: address.filter(|_| self.network.only_subnetwork),
                global_access: global,
                automate_dns_zone: self.network.automate_dns_zone,
            };
            let step = maker.endpoint(self.slot, &kind, closed.is_some(), self.user.as_deref());
            let taken = endpoints.used.filter(|rule| self.is_taken(rule));
            let step = step.state(done(taken.is_some_and(facts::complete)));
            let step = if self.service.by_invitation { step.needs([Fact::Invited]) } else { step };
            // One without anybody's mark yet was made halfway, in this step as a rule.
            let theirs = |rule: &&ForwardingRule| !mark::other_users(rule, self.user.as_deref()).is_empty();
            out.steps.push(match endpoints.used.filter(|_| taken.is_none()).filter(theirs) {
                Some(rule) => steps::taking(step, &rule.name),
                None => step,
            });
            if self.network.automate_dns_zone {
                out.findings.push(findings::automation(matches!(self.mode(), Naming::PrivateZone(_))));
            }
        }
        for rule in endpoints.closed.iter().filter(|rule| !mark::of_rule(rule, keys).is_ours()) {
            out.findings.push(findings::closed_adopted(rule));
        }
        // A new one is made with it; one that is there is changed.
        if let Some(rule) = endpoints.used.filter(|_| global) {
            if rule.allow_psc_global_access {
                out.known.hold(Some(self.slot.clone()), Fact::Own("gcp.global_access".into()));
            }
            let step = maker.global_access(self.slot, self.attachment);
            out.steps.push(step.state(done(rule.allow_psc_global_access)));
        }
    }

    /// The step of the address; the subnetwork it is from, or will be.
    fn address(&self, out: &mut Survey, maker: &Maker<'_>, has_endpoint: bool) -> Option<crate::ids::SubnetworkPath> {
        let key = self.keys.address(self.attachment);
        let name = self.keys.address_name(self.attachment);
        let found = self.world.addresses.iter().find(|address| address.name == name);
        let ours = found.filter(|address| mark::of_address(address, &key).is_ours());
        let (subnetwork, mut said) = place::place(
            self.network.subnetwork.as_ref(),
            &self.network.network,
            &self.world.subnetworks_in(&self.network.region),
        );
        let subnetwork = match ours {
            Some(address) => {
                self.compare_address(out, address, subnetwork.as_ref());
                address.subnetwork.clone()
            }
            None => {
                // An endpoint that is there needs no subnetwork any more.
                if !has_endpoint {
                    out.findings.append(&mut said);
                }
                subnetwork
            }
        };
        if let (Some(_), None) = (found, ours) {
            out.findings.push(findings::name_taken("address", name.as_str()));
        }
        if ours.is_some() {
            out.known.hold(Some(self.slot.clone()), steps::address_fact());
        }
        let kind = MakeAddress {
            service: self.attachment.clone(),
            subnetwork: subnetwork.clone(),
            address: self.network.address,
        };
        let there = ours.is_some_and(|address| address.address.is_some());
        out.steps.push(maker.address(self.slot, &kind).state(done(there)));
        subnetwork
    }

    fn compare_address(&self, out: &mut Survey, found: &Address, subnetwork: Option<&crate::ids::SubnetworkPath>) {
        if let Some(wanted) = self.network.address.filter(|wanted| found.address.is_some_and(|known| known != *wanted))
        {
            out.findings.push(findings::address_differs(found, &wanted.to_string()));
        } else if self.network.subnetwork.is_some() && subnetwork.is_some() && found.subnetwork.as_ref() != subnetwork {
            out.findings.push(findings::address_differs(found, subnetwork.map_or("", |path| path.as_str())));
        }
    }

    /// The name that our endpoint will have may be somebody's.
    fn judge_name(&self, out: &mut Survey) {
        let name = self.keys.rule_name(self.attachment);
        if self.world.rules.iter().any(|rule| rule.name == name) {
            out.findings.push(findings::name_taken("forwarding rule", name.as_str()));
        }
    }

    /// The addresses of the endpoint that is there, or that of the one that will be: reserved
    /// before it.
    fn addresses(&self, endpoints: &Endpoints<'_>) -> Vec<IpAddr> {
        if let Some(rule) = endpoints.used {
            return rule.ip_address.into_iter().collect();
        }
        let (key, name) = (self.keys.address(self.attachment), self.keys.address_name(self.attachment));
        let reserved = self.world.addresses.iter().filter(|address| address.name == name);
        reserved.filter(|address| mark::of_address(address, &key).is_ours()).filter_map(|found| found.address).collect()
    }

    /// The ports of this service's names, each once; none while the names are unknown.
    fn ports(&self) -> Vec<PortRange> {
        let mut ports: Vec<PortRange> =
            self.names().flat_map(|name| &name.ports).map(|ports| PortRange::range(ports.first, ports.last)).collect();
        ports.sort();
        ports.dedup();
        ports
    }

    /// Whether firewall rules let clients reach the endpoint; said once its address is known.
    fn firewalls(&self, out: &mut Survey, addresses: &[IpAddr]) {
        let ports = self.ports();
        let rules = match &self.world.firewalls {
            Ok(rules) => rules,
            Err(error) => {
                out.findings.push(findings::firewalls_unread(error));
                return;
            }
        };
        let Some(address) = addresses.first() else { return };
        if ports.is_empty() {
            return;
        }
        let stopping = place::stopping(rules, &self.network.network, &self.network.clients, *address, &ports);
        if !stopping.is_empty() {
            let named = self.network.clients != place::Clients::default() && stopping.iter().any(|stop| stop.certain);
            out.findings.push(match named {
                true => findings::clients_kept_in(&stopping),
                false => findings::firewall_stops(&stopping),
            });
        } else {
            out.known.hold(Some(self.slot.clone()), Fact::Opened);
        }
    }
}

fn done(done: bool) -> StepState {
    if done { StepState::AlreadyDone } else { StepState::ToDo }
}
