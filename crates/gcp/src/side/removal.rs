//! The way back: what is ours here, told by marks, even when the vendor says nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future;
use privlink_core::side::{Cx, Exchange, Expects, Kept, Mark, Ownership, Slot, Survey, TouchKey};
use privlink_core::{DnsName, EndpointServiceId, Error, Result, ServiceAttachment, Severity};

use super::mark::{self, Keys};
use super::naming::Addresses;
use super::read::{Reads, World};
use super::steps::{LeaveEndpoint, Maker, ReleaseEndpoint, RemoveAddress, RemoveEndpoint, RemoveRecord, RemoveZone};
use super::survey::{Endpoints, opening, sorted};
use super::{Network, facts, findings, naming};
use crate::ids::NetworkPath;
use crate::model::{ForwardingRule, ManagedZone, RecordSet};

/// What goes, and what stays.
pub(super) async fn removal(network: &Network, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let reads = Reads::new(network, cx);
    let world = Box::pin(reads.world()).await?;
    let mut survey = opening(network.client.project());
    if world.network.is_none() {
        // Everything of ours was inside it; what is gone needs no removal.
        let mut finding = findings::no_network(&network.network);
        finding.severity = Severity::Warning;
        survey.findings.push(finding);
        return Ok(survey);
    }
    let keys = network.keys(cx.instance());
    let dns = network.dns();
    let maker = Maker { region: &network.region, dns_project: dns.project(), keys: &keys };
    let addresses = world.owners(&keys);
    // The key is of nothing: only what the mark says of the database is asked.
    let mark = cx.mark(TouchKey::new("gcp.link", []));
    let user = cx.user(known);
    let leaving = Leaving { network, known, reads, world: &world, keys: &keys, maker, addresses, mark, user };
    let zones = leaving.zones().await?;
    let services = leaving.services(&zones);
    for (slot, service) in &services {
        leaving.service(&mut survey, slot, service);
    }
    for zone in &zones {
        leaving.zone(&mut survey, zone, &services);
    }
    Ok(survey)
}

struct Leaving<'a> {
    network: &'a Network,
    known: &'a Exchange,
    reads: Reads<'a>,
    world: &'a World,
    keys: &'a Keys<'a>,
    maker: Maker<'a>,
    addresses: Addresses,
    /// The link's mark, for what it says of the database.
    mark: Mark,
    /// Whoever uses the link's endpoint.
    user: Option<String>,
}

/// A zone with its records.
type Zone<'a> = (&'a ManagedZone, Arc<Vec<RecordSet>>);

impl Leaving<'_> {
    /// The services of the link: those the vendor names, or, when it says nothing, those that
    /// things made for this link's database lead to: an endpoint, an address, or the record in a
    /// zone. The zone is the database's own where the endpoint was first made for another one.
    fn services(&self, zones: &[Zone<'_>]) -> Vec<(Slot, ServiceAttachment)> {
        let told: Vec<(Slot, ServiceAttachment)> = self
            .known
            .services
            .iter()
            .filter_map(|(slot, service)| match &service.id {
                EndpointServiceId::Gcp(attachment) => Some((slot.clone(), attachment.clone())),
                _ => None,
            })
            .collect();
        if !told.is_empty() {
            return told;
        }
        let led: BTreeSet<IpAddr> = zones
            .iter()
            .filter(|zone| self.is_of_database(zone.0) && is_of_one_host(zone))
            .flat_map(|(_, sets)| sets.iter().flat_map(naming::leads_to))
            .collect();
        let mut found = BTreeSet::new();
        for rule in &self.world.rules {
            let marked = !matches!(mark::of_rule(rule, self.keys), Ownership::Foreign);
            let led_to = rule.ip_address.is_some_and(|address| led.contains(&address));
            if marked && (led_to || mark::rule_is_of_database(rule, &self.mark)) {
                found.extend(rule.service_attachment());
            }
        }
        for address in self.world.addresses.iter() {
            // The description names the service; the mark beside it proves it.
            let named = mark::word(&address.description, "service").and_then(|service| service.parse().ok());
            let led_to = address.address.is_some_and(|address| led.contains(&address));
            let of_database = led_to || mark::is_of_database(&address.description, &self.mark);
            found.extend(
                named.filter(|service| of_database && mark::of_address(address, &self.keys.address(service)).is_ours()),
            );
        }
        let several = found.len() > 1;
        let slot = |service: &ServiceAttachment| match several {
            true => Slot::named(service.name().to_owned()),
            false => Slot::main(),
        };
        found.into_iter().map(|service| (slot(&service), service)).collect()
    }

    fn service(&self, survey: &mut Survey, slot: &Slot, service: &ServiceAttachment) {
        let Endpoints { used, spare, closed, foreign } = sorted(&self.world.rules, service, self.keys);
        if let Some(rule) = used {
            let facts = facts::of(rule, self.keys.project, mark::of_rule(rule, self.keys));
            survey.known.endpoints.insert(slot.clone(), facts);
        }
        for rule in used.into_iter().chain(spare).chain(closed) {
            self.endpoint(survey, slot, service, rule);
        }
        for rule in foreign {
            let reason = "it leads to the same service, but is not ours";
            survey.kept.push(self.kept_endpoint(service, rule, reason));
        }
        let key = self.keys.address(service);
        let name = self.keys.address_name(service);
        let address = self.world.addresses.iter().find(|address| address.name == name);
        if address.is_some_and(|address| mark::of_address(address, &key).is_ours()) {
            survey.steps.push(self.maker.remove_address(slot, &RemoveAddress { service: service.clone(), name }));
        }
    }

    fn endpoint(&self, survey: &mut Survey, slot: &Slot, service: &ServiceAttachment, rule: &ForwardingRule) {
        if mark::of_rule(rule, self.keys).is_ours() {
            // Where nobody else's mark is on it, ours goes with the endpoint.
            if let Some(user) = self.user.as_deref().filter(|user| rule.labels.contains_key(&mark::user_label(user)))
                && !mark::other_users(rule, Some(user)).is_empty()
            {
                let kind = LeaveEndpoint { service: service.clone(), rule: rule.name.clone() };
                survey.steps.push(self.maker.leave_endpoint(slot, &kind, user));
            }
            let kind = RemoveEndpoint { service: service.clone(), rule: rule.name.clone() };
            survey.steps.push(self.maker.remove_endpoint(slot, &kind));
            if !rule.namespaces.is_empty() {
                survey.findings.push(findings::service_directory_stays(rule));
            }
            return;
        }
        let own = mark::adopted_label(&self.mark);
        let reason = if rule.labels.contains_key(&own) {
            let kind = ReleaseEndpoint { service: service.clone(), rule: rule.name.clone() };
            survey.steps.push(self.maker.release_endpoint(slot, &kind, &own));
            "it was there before and was adopted; only our marks are taken off"
        } else {
            "it was there before and was adopted for another database, whose link takes the marks off"
        };
        survey.kept.push(self.kept_endpoint(service, rule, reason));
    }

    fn kept_endpoint(&self, service: &ServiceAttachment, rule: &ForwardingRule, reason: &'static str) -> Kept {
        Kept::new(self.keys.adopted(service, &rule.name, ""), reason).what(format!("forwarding rule {}", rule.name))
    }

    /// The zones that may hold something of this link.
    fn zones_to_read(&self) -> Vec<&ManagedZone> {
        let hosts: Vec<&DnsName> = self.known.names.iter().map(|name| &name.host).collect();
        let concerns = |zone: &&ManagedZone| match hosts.is_empty() {
            true => self.is_of_database(zone),
            false => {
                let named = |host: &&DnsName| **host == zone.dns_name || host.parent().as_ref() == Some(&zone.dns_name);
                hosts.iter().any(named) || self.network.zone.as_ref() == Some(&zone.name)
            }
        };
        self.world.zones.iter().filter(concerns).collect()
    }

    async fn zones(&self) -> Result<Vec<Zone<'_>>> {
        let reads = self.reads;
        let zones = self
            .zones_to_read()
            .into_iter()
            .map(|zone| Box::pin(async move { Ok::<_, Error>((zone, reads.records(&zone.name).await?)) }));
        future::try_join_all(zones).await
    }

    fn is_of_database(&self, zone: &ManagedZone) -> bool {
        mark::of_zone(zone, &self.network.network).is_ours() && mark::is_of_database(&zone.description, &self.mark)
    }

    fn zone(&self, survey: &mut Survey, seen: &Zone<'_>, services: &[(Slot, ServiceAttachment)]) {
        let (zone, sets) = seen;
        let network = &self.network.network;
        let ours = mark::of_zone(zone, network).is_ours();
        let untold = self.known.names.is_empty();
        let exact = match untold {
            true => is_of_one_host(seen),
            false => self.known.names.iter().any(|name| name.host == zone.dns_name),
        };
        let leaves =
            |set: &RecordSet| self.addresses.wrote(set, ours) && (exact || !untold || self.leads_into(set, services));
        let mut by_name: BTreeMap<&str, Vec<&RecordSet>> = BTreeMap::new();
        for set in sets.iter().filter(|set| !set.belongs_to_the_zone(&zone.dns_name)) {
            by_name.entry(&set.name).or_default().push(set);
        }
        let mut stays: Vec<String> = Vec::new();
        for (name, sets) in by_name {
            let parsed: Option<DnsName> = name.parse().ok();
            let slot = parsed.as_ref().and_then(|name| self.slot_of(name));
            let (Some(record), Some(slot)) = (parsed, slot) else {
                stays.extend(sets.iter().map(ToString::to_string));
                continue;
            };
            let (going, staying): (Vec<_>, Vec<_>) = sets.into_iter().partition(|set| leaves(set));
            stays.extend(staying.iter().map(ToString::to_string));
            if !staying.is_empty() {
                let key = mark::record_key(network, &zone.dns_name, &record);
                let kept = Kept::new(key, "it does not lead to an endpoint of ours");
                survey.kept.push(kept.what(format!("record {record}")));
            }
            // Two sets of one name go together, or not at all.
            if going.is_empty() || !staying.is_empty() {
                stays.extend(going.iter().map(ToString::to_string));
                continue;
            }
            let mut said: Vec<String> = going.iter().map(ToString::to_string).collect();
            said.sort();
            let shared = record.is_wildcard() || (untold && !exact) || self.is_shared(&record);
            let kind = RemoveRecord { zone: zone.dns_name.clone(), name: zone.name.clone(), record };
            let step = self.maker.remove_record(&slot, &kind, shared);
            survey.steps.push(step.expects(Expects::Value(said.join("; ").into())));
        }
        self.zone_itself(survey, zone, exact, &stays);
    }

    fn zone_itself(&self, survey: &mut Survey, zone: &ManagedZone, exact: bool, stays: &[String]) {
        let network = &self.network.network;
        let key = mark::zone_key(network, &zone.dns_name);
        let kept =
            |reason: String| Kept::new(key, reason).what(format!("managed zone {} ({})", zone.dns_name, zone.name));
        if !mark::of_zone(zone, network).is_ours() {
            survey.kept.push(kept("it is not ours".to_owned()));
            return;
        }
        if !stays.is_empty() {
            survey.kept.push(kept(format!("it holds other records: {}", stays.join(", "))));
            return;
        }
        let told = |other: &NetworkPath| other == network || self.network.more_networks.contains(other);
        let others: Vec<&NetworkPath> = zone.networks.iter().filter(|other| !told(other)).collect();
        if !others.is_empty() {
            survey.findings.push(findings::zone_seen_elsewhere(&zone.dns_name, &others));
        }
        let slot = self.slot_of(&zone.dns_name).unwrap_or_default();
        let kind = RemoveZone { zone: zone.dns_name.clone(), name: zone.name.clone() };
        survey.steps.push(self.maker.remove_zone(&slot, &kind, !exact || self.is_shared(&zone.dns_name)));
    }

    /// Whether another database that uses the endpoint is reached by what `record` answers for.
    fn is_shared(&self, record: &DnsName) -> bool {
        self.known.names.iter().any(|name| name.shared && naming::covers(record, &name.host))
    }

    /// The slot of the link's name that this record answers for; when the vendor says nothing, any
    /// record in a zone of its database counts.
    fn slot_of(&self, record: &DnsName) -> Option<Slot> {
        if self.known.names.is_empty() {
            return Some(Slot::main());
        }
        self.known.names.iter().find(|name| naming::covers(record, &name.host)).map(|name| name.slot.clone())
    }

    /// Whether a set leads to an endpoint of one of the services, or to one that is no more.
    fn leads_into(&self, set: &RecordSet, services: &[(Slot, ServiceAttachment)]) -> bool {
        let elsewhere = |address: IpAddr| {
            let rule = self.world.rules.iter().find(|rule| rule.ip_address == Some(address));
            rule.and_then(ForwardingRule::service_attachment)
                .is_some_and(|service| !services.iter().any(|(_, known)| *known == service))
        };
        !naming::leads_to(set).into_iter().any(elsewhere)
    }
}

/// Whether a zone answers for its own name alone, as one named exactly the host does. Any other
/// may hold the names of several databases.
fn is_of_one_host((zone, sets): &Zone<'_>) -> bool {
    sets.iter().all(|set| set.belongs_to_the_zone(&zone.dns_name) || set.name == zone.dns_name.as_str())
}
