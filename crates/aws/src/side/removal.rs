//! The way back: what is ours here, told by marks, even when the vendor says nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future;
use privlink_core::side::{Cx, Exchange, Expects, Kept, Mark, Ownership, Slot, Survey, TouchKey};
use privlink_core::{
    DnsName, EndpointServiceId, HostedZoneId, Result, SecurityGroupId, Severity, VpcEndpointServiceName, VpcId,
};

use super::mark::{self, Keys};
use super::read::{self, Reads, World};
use super::steps::{Maker, RemoveRecord, RemoveZone};
use super::survey::{Endpoints, opening, sorted};
use super::{Network, facts, findings, naming};
use crate::model::{HostedZone, RecordSet, Tag, VpcEndpoint};

/// What goes, and what stays.
pub(super) async fn removal(network: &Network, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let reads = Reads::new(&network.client, cx);
    let world = Box::pin(reads.world(&network.vpc)).await?;
    let mut survey = opening(&world);
    if world.vpc.is_none() {
        // Everything of ours was inside it; what is gone needs no removal.
        let mut finding = findings::no_vpc(&network.vpc, network.client.region());
        finding.severity = Severity::Warning;
        survey.findings.push(finding);
        return Ok(survey);
    }
    let keys = Keys { account: &world.identity.account, vpc: &network.vpc, instance: cx.instance() };
    let maker = Maker { partition: network.client.partition(), region: network.client.region(), keys: &keys };
    let mark = cx.mark(keys.endpoint(""));
    let (user, elsewhere) = (cx.user(known), Vec::new());
    let mut leaving = Leaving { network, known, reads, world: &world, keys: &keys, maker, mark, user, elsewhere };
    let zones = leaving.zones().await?;
    let ours = zones.iter().filter(|(zone, _)| mark::of_zone(zone, &network.vpc).is_ours());
    let sets: Vec<&RecordSet> = ours.flat_map(|(_, sets)| sets.iter()).collect();
    leaving.elsewhere = Box::pin(read::elsewhere(&network.client, sets, &world.endpoints)).await?;
    let services = leaving.services(&zones);
    for (slot, service) in &services {
        leaving.service(&mut survey, slot, service).await?;
    }
    for zone in &zones {
        leaving.zone(&mut survey, zone, &services);
    }
    leaving.given(&mut survey);
    Ok(survey)
}

struct Leaving<'a> {
    network: &'a Network,
    known: &'a Exchange,
    reads: Reads<'a>,
    world: &'a World,
    keys: &'a Keys<'a>,
    maker: Maker<'a>,
    /// The link's mark, for what it says of the database.
    mark: Mark,
    /// Whoever uses the link's endpoint.
    user: Option<String>,
    /// Endpoints outside the VPC that records in zones of ours lead to.
    elsewhere: Vec<VpcEndpoint>,
}

type Zone = (HostedZone, Arc<Vec<RecordSet>>);

impl Leaving<'_> {
    /// The services of the link: those the vendor names, or, when it says nothing, those that
    /// things made for this link's database lead to: an endpoint, a group, or the record in a zone.
    /// The zone is the database's own where the endpoint was first made for another one.
    fn services(&self, zones: &[Zone]) -> Vec<(Slot, VpcEndpointServiceName)> {
        let told: Vec<(Slot, VpcEndpointServiceName)> = self
            .known
            .services
            .iter()
            .filter_map(|(slot, service)| match &service.id {
                EndpointServiceId::Aws(name) => Some((slot.clone(), name.clone())),
                _ => None,
            })
            .collect();
        if !told.is_empty() {
            return told;
        }
        let mut found = BTreeSet::new();
        let of_database = |tags: &[Tag]| mark::is_of_database(tags, &self.mark);
        let leads: BTreeSet<&str> = zones
            .iter()
            .filter(|zone| self.zone_is_of_database(&zone.0) && is_of_one_host(zone))
            .flat_map(|(_, sets)| sets.iter().filter_map(naming::leads_to))
            .collect();
        for endpoint in self.world.endpoints.iter() {
            let is_ours = !matches!(mark::of_endpoint(endpoint, self.keys), Ownership::Foreign);
            if is_ours && (of_database(&endpoint.tags) || leads.contains(endpoint.id.as_str())) {
                found.extend(endpoint.service_name.parse::<VpcEndpointServiceName>().ok());
            }
        }
        for group in self.world.groups.iter().filter(|group| of_database(&group.tags)) {
            // The group's description names the service; its mark proves it.
            let named = group.description.split_whitespace().find_map(|word| word.parse().ok());
            found.extend(named.filter(|name| mark::of_group(group, &self.keys.group(name)).is_ours()));
        }
        let several = found.len() > 1;
        let slot = |name: &VpcEndpointServiceName| match several {
            true => Slot::named(name.service_id().as_str().to_owned()),
            false => Slot::main(),
        };
        found.into_iter().map(|name| (slot(&name), name)).collect()
    }

    async fn service(&self, survey: &mut Survey, slot: &Slot, service: &VpcEndpointServiceName) -> Result<()> {
        let Endpoints { used, spare, dead, foreign } = sorted(&self.world.endpoints, service.as_str(), self.keys);
        if let Some(endpoint) = used {
            let interfaces = self.reads.interfaces(&endpoint.interfaces).await?;
            let whose = mark::of_endpoint(endpoint, self.keys);
            let facts = facts::of(endpoint, &interfaces, &self.world.subnets, self.keys.account, whose);
            survey.known.endpoints.insert(slot.clone(), facts);
            // Where nobody else's mark is on it, ours goes with the endpoint.
            if let Some(user) = &self.user
                && mark::of_endpoint(endpoint, self.keys).is_ours()
                && Tag::find(&endpoint.tags, &mark::user_tag(user).key).is_some()
                && mark::other_users(&endpoint.tags, Some(user)).next().is_some()
            {
                survey.steps.push(self.maker.leave_endpoint(slot, service.as_str(), &endpoint.id, user));
            }
        }
        // Who uses a second endpoint of ours cannot be asked: the vendor's side is told of one.
        // It stays, and is the one that the next removal asks about.
        let (spare, adopted_spare): (Vec<_>, Vec<_>) =
            spare.into_iter().partition(|endpoint| mark::of_endpoint(endpoint, self.keys).is_ours());
        for endpoint in &spare {
            let reason = format!(
                "it is a second endpoint to the same service, and others may use it; once {} is gone, plan the \
                 removal again to remove it too",
                used.map_or("the first", |used| used.id.as_str()),
            );
            survey.kept.push(self.kept_endpoint(service, endpoint, reason));
        }
        let marked: Vec<&VpcEndpoint> = used.into_iter().chain(adopted_spare).chain(dead).collect();
        let (adopted, ours): (Vec<_>, Vec<_>) = marked
            .into_iter()
            .partition(|endpoint| matches!(mark::of_endpoint(endpoint, self.keys), Ownership::Adopted(_)));
        let ours: Vec<_> = ours.into_iter().filter(|endpoint| endpoint.state.as_str() != "deleted").collect();
        if !ours.is_empty() {
            let ids: Vec<_> = ours.iter().map(|endpoint| &endpoint.id).collect();
            survey.steps.push(self.maker.remove_endpoint(slot, service.as_str(), &ids));
        }
        for endpoint in adopted.into_iter().filter(|endpoint| !endpoint.state.is_gone()) {
            let own = mark::adopted_tag(&self.mark);
            let reason = if Tag::find(&endpoint.tags, &own).is_some() {
                survey.steps.push(self.maker.release_endpoint(slot, service.as_str(), &endpoint.id, &own));
                match endpoint.private_dns {
                    false => "it was there before and was adopted; only our marks are taken off",
                    // The flag has no mark, and others may go by the names it answers.
                    true => {
                        "it was there before and was adopted; only our marks are taken off. Its private DNS is on and \
                         stays on, since nothing tells who switched it on: switch it off yourself if nobody needs it"
                    }
                }
            } else {
                "it was there before and was adopted for another database, whose link takes the marks off"
            };
            survey.kept.push(self.kept_endpoint(service, endpoint, reason));
        }
        for endpoint in foreign {
            survey.kept.push(self.kept_endpoint(service, endpoint, "it leads to the same service and is not ours"));
        }
        let key = self.keys.group(service);
        let group = self.world.groups.iter().find(|group| mark::of_group(group, &key).is_ours());
        if let Some(group) = group {
            let stays = |endpoint: &&VpcEndpoint| !endpoint.state.is_gone() && !ours.contains(endpoint);
            let mut staying = self.world.endpoints.iter().filter(stays);
            match staying.find(|endpoint| endpoint.groups.contains(&group.id)) {
                Some(user) => survey.kept.push(kept_group(key, &group.id, format!("{} stays and uses it", user.id))),
                None => survey.steps.push(self.maker.remove_group(slot, service, &group.id)),
            }
        }
        Ok(())
    }

    fn kept_endpoint(
        &self,
        service: &VpcEndpointServiceName,
        endpoint: &VpcEndpoint,
        reason: impl Into<privlink_core::Text>,
    ) -> Kept {
        Kept::new(self.keys.endpoint(service.as_str()), reason).what(format!("VPC endpoint {}", endpoint.id))
    }

    /// The zones that may hold something of this link.
    fn zones_to_read(&self) -> Vec<HostedZoneId> {
        let hosts: Vec<&DnsName> = self.known.names.iter().map(|name| &name.host).collect();
        self.world
            .zones
            .iter()
            .filter(|zone| zone.owning_service.is_none() && self.world.is_own(zone))
            .filter(|zone| {
                let of_names =
                    hosts.iter().any(|host| **host == zone.name || host.parent().as_ref() == Some(&zone.name));
                hosts.is_empty() || of_names || self.network.hosted_zone.as_ref() == Some(&zone.id)
            })
            .map(|zone| zone.id.clone())
            .collect()
    }

    async fn zones(&self) -> Result<Vec<Zone>> {
        let ids = self.zones_to_read();
        let zones = future::try_join_all(ids.iter().map(|id| Box::pin(self.reads.zone_with_records(id)))).await?;
        Ok(zones.into_iter().flatten().collect())
    }

    fn zone_is_of_database(&self, zone: &HostedZone) -> bool {
        mark::of_zone(zone, &self.network.vpc).is_ours() && mark::zone_is_of_database(zone, &self.mark)
    }

    fn zone(&self, survey: &mut Survey, seen: &Zone, services: &[(Slot, VpcEndpointServiceName)]) {
        let (zone, sets) = seen;
        let ours = mark::of_zone(zone, &self.network.vpc).is_ours();
        let untold = self.known.names.is_empty();
        if untold && !self.zone_is_of_database(zone) {
            return;
        }
        let exact = match untold {
            true => is_of_one_host(seen),
            false => self.known.names.iter().any(|name| name.host == zone.name),
        };
        let leaves =
            |set: &RecordSet| self.is_of_ours(set, ours) && (exact || !untold || self.leads_into(set, services));
        let mut by_name: BTreeMap<&str, Vec<&RecordSet>> = BTreeMap::new();
        for set in sets.iter().filter(|set| !set.belongs_to_the_zone(&zone.name)) {
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
                let key = mark::record_key(&self.network.vpc, &zone.name, &record);
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
            let kind = RemoveRecord { zone: zone.name.clone(), zone_id: zone.id.clone(), record };
            let step = self.maker.remove_record(&slot, &kind, shared);
            survey.steps.push(step.expects(Expects::Value(said.join("; ").into())));
        }
        let key = mark::zone_key(&self.network.vpc, &zone.name);
        let what = format!("hosted zone {} ({})", zone.name, zone.id);
        if ours && stays.is_empty() {
            let slot = self.slot_of(&zone.name).unwrap_or_default();
            let told =
                |vpc: &VpcId| *vpc == self.network.vpc || self.network.more_vpcs.iter().any(|known| known.vpc == *vpc);
            let others: Vec<&VpcId> = zone.vpcs.iter().map(|seen| &seen.vpc).filter(|vpc| !told(vpc)).collect();
            if !others.is_empty() {
                survey.findings.push(findings::zone_seen_elsewhere(&zone.name, &others));
            }
            let kind = RemoveZone { zone: zone.name.clone(), zone_id: zone.id.clone() };
            survey.steps.push(self.maker.remove_zone(&slot, &kind, !exact || self.is_shared(&zone.name)));
        } else if ours {
            survey.kept.push(Kept::new(key, format!("it holds other records: {}", stays.join(", "))).what(what));
        } else {
            survey.kept.push(Kept::new(key, "it is not ours").what(what));
        }
    }

    /// Whether another database that uses the endpoint is reached by what `record` answers for.
    fn is_shared(&self, record: &DnsName) -> bool {
        self.known.names.iter().any(|name| name.shared && naming::covers(record.as_str(), &name.host))
    }

    /// The slot of the link's name that this record answers for; when the vendor says nothing, any
    /// record in a zone of its database counts.
    fn slot_of(&self, record: &DnsName) -> Option<Slot> {
        if self.known.names.is_empty() {
            return Some(Slot::main());
        }
        self.known
            .names
            .iter()
            .find(|name| name.host == *record || (record.is_wildcard() && naming::covers(record.as_str(), &name.host)))
            .map(|name| name.slot.clone())
    }

    /// Whether a set was written by us: it leads to an endpoint of ours, or, in a zone of ours, to
    /// an adopted one or to one that is no more.
    fn is_of_ours(&self, set: &RecordSet, zone_is_ours: bool) -> bool {
        let Some(target) = naming::leads_to(set) else { return false };
        let mut seen = self.world.endpoints.iter().chain(&self.elsewhere);
        match seen.find(|endpoint| endpoint.id.as_str() == target) {
            Some(endpoint) => match mark::of_endpoint(endpoint, self.keys) {
                Ownership::Ours(_) => true,
                Ownership::Adopted(_) => zone_is_ours,
                _ => false,
            },
            None => zone_is_ours,
        }
    }

    /// Whether a set leads to an endpoint of one of the services, or to one that is no more.
    fn leads_into(&self, set: &RecordSet, services: &[(Slot, VpcEndpointServiceName)]) -> bool {
        let target = naming::leads_to(set);
        let endpoint = self.world.endpoints.iter().find(|endpoint| Some(endpoint.id.as_str()) == target);
        endpoint.is_none_or(|endpoint| services.iter().any(|(_, name)| name.as_str() == endpoint.service_name))
    }

    /// What the caller gave is the caller's.
    fn given(&self, survey: &mut Survey) {
        for group in &self.network.groups {
            let key = TouchKey::new("aws.group", [self.network.vpc.as_str(), group.as_str()]);
            survey.kept.push(kept_group(key, group, "it was given, not made"));
        }
    }
}

fn kept_group(key: TouchKey, group: &SecurityGroupId, reason: impl Into<privlink_core::Text>) -> Kept {
    Kept::new(key, reason).what(format!("security group {group}"))
}

/// Whether a zone answers for its own name alone, as one named exactly the host does. Any other
/// may hold the names of several databases.
fn is_of_one_host((zone, sets): &Zone) -> bool {
    sets.iter().all(|set| set.belongs_to_the_zone(&zone.name) || set.name == zone.name.as_str())
}
