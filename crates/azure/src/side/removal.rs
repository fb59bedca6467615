//! The way back: what is ours here, told by marks, even when the vendor says nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use futures_util::future;
use privlink_core::side::{Cx, Exchange, Expects, Kept, Mark, Ownership, Slot, Survey, TouchKey};
use privlink_core::{CloudProvider, DnsName, EndpointServiceId, Error, Result};

use super::mark::{self, Keys};
use super::read::{Reads, World, Zone};
use super::steps::{Maker, RemoveRecord};
use super::survey::{Endpoints, opening, sorted};
use super::{Network, facts, findings, naming};
use crate::ids::PrivateDnsZoneId;
use crate::model::{PrivateEndpoint, RecordSet, VirtualNetworkLink, tag};

/// What goes, and what stays.
pub(super) async fn removal(network: &Network, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let reads = Reads::new(&network.client, cx);
    let world = Box::pin(reads.world(network)).await?;
    let mut survey = opening(network);
    if world.network.is_none() {
        // A network with an endpoint in it cannot be deleted; the zone may be left.
        let mut finding = findings::no_network(&network.network);
        finding.severity = privlink_core::Severity::Warning;
        survey.findings.push(finding);
    }
    let keys = Keys { network: &network.network, instance: cx.instance() };
    let maker = Maker { keys, group: network.group.name() };
    // The key is of nothing: only what the mark says of the database is asked.
    let mark = cx.mark(TouchKey::new("azure.link", []));
    let user = cx.user(known);
    let leaving = Leaving { network, known, reads, world: &world, keys, maker, mark, user };
    let zones = leaving.zones().await?;
    for (slot, service) in leaving.services(&zones).await? {
        leaving.service(&mut survey, &slot, &service).await?;
    }
    for zone in &zones {
        leaving.zone(&mut survey, zone);
    }
    Ok(survey)
}

struct Leaving<'a> {
    /// Whoever uses the link's endpoint.
    user: Option<String>,
    network: &'a Network,
    known: &'a Exchange,
    reads: Reads<'a>,
    world: &'a World,
    keys: Keys<'a>,
    maker: Maker<'a>,
    /// The link's mark, for what it says of the database.
    mark: Mark,
}

impl Leaving<'_> {
    /// The services of the link: those the vendor names, or, when it says nothing, those that
    /// endpoints made for this link's database lead to, or that its records lead to. A record is the
    /// database's own where the endpoint was first made for another one.
    async fn services(&self, zones: &[Zone]) -> Result<Vec<(Slot, EndpointServiceId)>> {
        let told: Vec<(Slot, EndpointServiceId)> = self
            .known
            .services
            .iter()
            .filter(|(_, service)| service.id.cloud() == CloudProvider::Azure)
            .map(|(slot, service)| (slot.clone(), service.id.clone()))
            .collect();
        if !told.is_empty() {
            return Ok(told);
        }
        let led: BTreeSet<IpAddr> = zones
            .iter()
            .flat_map(|zone| zone.records.iter().filter(|set| self.is_of_database(zone, set)))
            .flat_map(|set| set.addresses.iter().map(|address| IpAddr::V4(*address)))
            .collect();
        let marked = self.world.endpoints.iter().filter_map(|endpoint| {
            let service = mark::service_of(endpoint)?;
            let foreign = mark::of_endpoint(endpoint, &service, &self.keys) == Ownership::Foreign;
            (!foreign).then_some((endpoint, service))
        });
        let looked = marked.map(|(endpoint, service)| {
            Box::pin(async move { Ok::<_, Error>((endpoint, service, self.reads.address(endpoint).await?)) })
        });
        let mut found = BTreeSet::new();
        for (endpoint, service, address) in future::try_join_all(looked).await? {
            if mark::is_of_database(&endpoint.tags, &self.mark) || address.is_some_and(|at| led.contains(&at)) {
                found.insert(service);
            }
        }
        let several = found.len() > 1;
        let slot = |service: &EndpointServiceId| match several {
            true => Slot::named(service.to_string()),
            false => Slot::main(),
        };
        Ok(found.into_iter().map(|service| (slot(&service), service)).collect())
    }

    async fn service(&self, survey: &mut Survey, slot: &Slot, service: &EndpointServiceId) -> Result<()> {
        let Endpoints { used, spare, dead, foreign } = sorted(&self.world.endpoints, service, &self.keys);
        let whose = |endpoint: &PrivateEndpoint| mark::of_endpoint(endpoint, service, &self.keys);
        if let Some(endpoint) = used {
            let address = self.reads.address(endpoint).await?;
            survey.known.endpoints.insert(slot.clone(), facts::of(endpoint, address, whose(endpoint)));
            // Where nobody else's mark is on it, ours goes with the endpoint.
            if let Some(user) = &self.user
                && whose(endpoint).is_ours()
                && tag(&endpoint.tags, &mark::user_tag(user)).is_some()
                && !mark::other_users(&endpoint.tags, Some(user)).is_empty()
            {
                survey.steps.push(self.maker.leave_endpoint(slot, service, &endpoint.id, user));
            }
        }
        // Who uses a second endpoint of ours cannot be asked: the vendor's side is told of one.
        let (spare, adopted_spare): (Vec<_>, Vec<_>) =
            spare.into_iter().partition(|endpoint| whose(endpoint).is_ours());
        for endpoint in &spare {
            let reason = "it is a second endpoint to the same service, and others may use it; once the first is gone, \
                          plan the removal again to remove it too";
            survey.kept.push(self.kept_endpoint(service, endpoint, reason));
        }
        let marked = used.into_iter().chain(adopted_spare).chain(dead);
        let (ours, adopted): (Vec<_>, Vec<_>) = marked.partition(|endpoint| whose(endpoint).is_ours());
        if !ours.is_empty() {
            let ids: Vec<_> = ours.iter().map(|endpoint| &endpoint.id).collect();
            survey.steps.push(self.maker.remove_endpoint(slot, service, &ids));
        }
        for endpoint in adopted.into_iter().filter(|endpoint| !facts::is_going(endpoint)) {
            let own = mark::adopted_tag(&self.mark);
            let reason = if tag(&endpoint.tags, &own).is_some() {
                survey.steps.push(self.maker.release_endpoint(slot, service, &endpoint.id, &own));
                "it was there before and was adopted; only our marks are taken off"
            } else {
                "it was there before and was adopted for another database, whose link takes the marks off"
            };
            survey.kept.push(self.kept_endpoint(service, endpoint, reason));
        }
        for endpoint in foreign {
            survey.kept.push(self.kept_endpoint(service, endpoint, "it leads to the same service and is not ours"));
        }
        Ok(())
    }

    fn kept_endpoint(&self, service: &EndpointServiceId, endpoint: &PrivateEndpoint, reason: &'static str) -> Kept {
        let what = format!("private endpoint {}", endpoint.id.resource().name());
        Kept::new(self.keys.endpoint(service), reason).what(what)
    }

    /// The zones that may hold something of this link; every one of ours when the vendor says
    /// nothing.
    fn zones_to_read(&self) -> BTreeSet<PrivateDnsZoneId> {
        let mut ids: BTreeSet<PrivateDnsZoneId> = self.network.zone.clone().into_iter().collect();
        let hosts: Vec<&DnsName> = self.known.names.iter().map(|name| &name.host).collect();
        for zone in self.world.zones.iter().filter(|zone| mark::of_zone(zone, &self.network.network).is_ours()) {
            let of_names = hosts.iter().any(|host| **host == zone.name || host.parent().as_ref() == Some(&zone.name));
            if of_names || hosts.is_empty() {
                ids.insert(zone.id.clone());
            }
        }
        ids
    }

    async fn zones(&self) -> Result<Vec<Zone>> {
        let ids = self.zones_to_read();
        let zones = future::try_join_all(ids.iter().map(|id| Box::pin(self.reads.zone(id)))).await?;
        Ok(zones.into_iter().flatten().filter(|zone| self.concerns(zone)).collect())
    }

    /// Whether a zone has to do with this link: with its names, or, when the vendor says nothing,
    /// with its database.
    fn concerns(&self, zone: &Zone) -> bool {
        !self.known.names.is_empty()
            || mark::is_of_database(&zone.zone.tags, &self.mark)
            || zone.records.iter().any(|set| self.is_of_database(zone, set))
    }

    /// Whether a record was written by us for this link's database.
    fn is_of_database(&self, zone: &Zone, set: &RecordSet) -> bool {
        let name = naming::full_name(&set.name, &zone.zone.name);
        let id = &zone.zone.id;
        mark::is_of_database(&set.metadata, &self.mark)
            && name.is_some_and(|name| mark::of_record(set, &self.network.network, id, &name).is_ours())
    }

    fn zone(&self, survey: &mut Survey, zone: &Zone) {
        let id = &zone.zone.id;
        let ours = mark::of_zone(&zone.zone, &self.network.network).is_ours();
        let mut going: BTreeMap<DnsName, (Slot, &RecordSet)> = BTreeMap::new();
        let mut stays: Vec<String> = Vec::new();
        let mut ours_stay = false;
        for set in zone.records.iter() {
            let name = naming::full_name(&set.name, &zone.zone.name);
            let of_ours =
                name.as_ref().is_some_and(|name| mark::of_record(set, &self.network.network, id, name).is_ours());
            let slot = name.as_ref().and_then(|name| self.slot_of(name, set));
            match (name, slot) {
                (Some(name), Some(slot)) if of_ours => drop(going.insert(name, (slot, set))),
                (name, slot) => {
                    ours_stay |= of_ours;
                    stays.push(set.to_string());
                    if let (Some(name), Some(_)) = (name, slot) {
                        let key = mark::record_key(&self.network.network, id, &name);
                        survey.kept.push(Kept::new(key, "it was not written by us").what(format!("record {name}")));
                    }
                }
            }
        }
        let hidden = zone.zone.record_sets.and_then(|all| all.checked_sub(1 + zone.records.len() as u64));
        if hidden.is_some_and(|hidden| hidden > 0) {
            stays.push(format!("{} record sets of other types", hidden.unwrap_or_default()));
        }
        // A zone that is named other than its hosts is one that several may share.
        let exact = match self.known.names.is_empty() {
            true => going.keys().all(|name| *name == zone.zone.name),
            false => self.known.names.iter().any(|name| name.host == zone.zone.name),
        };
        let shared = !exact || self.is_shared(&zone.zone.name);
        let slot = going.values().next().map(|(slot, _)| slot.clone()).unwrap_or_default();
        for (name, (slot, set)) in &going {
            let kind = RemoveRecord { zone: id.clone(), record: name.clone() };
            let step = self.maker.remove_record(slot, &kind, name.is_wildcard() || self.is_shared(name));
            survey.steps.push(step.expects(Expects::Value(set.to_string().into())));
        }
        let names: Vec<DnsName> = going.keys().cloned().collect();
        let (links, foreign_links): (Vec<_>, Vec<_>) = zone.links.iter().partition(|link| self.is_of_ours(link));
        let zone_goes = ours && stays.is_empty() && foreign_links.is_empty();
        // In a zone that stays, a link goes when nothing of ours is left to be found through it.
        let links_go = zone_goes || (!ours && !ours_stay && !names.is_empty());
        for link in links {
            let Some(Ok(other)) = &link.network else { continue };
            if links_go {
                survey.steps.push(self.maker.remove_link(&slot, &link.id, other, &names, shared && ours));
            } else {
                let key = mark::link_key(&self.network.network, id, other);
                let what = format!("link of zone {} to {}", zone.zone.name, other.name());
                survey.kept.push(Kept::new(key, "the zone stays, and other names are found through it").what(what));
            }
        }
        let key = mark::zone_key(&self.network.network, id);
        let what = format!("private zone {}", zone.zone.name);
        if zone_goes {
            survey.steps.push(self.maker.remove_zone(&slot, id, shared));
        } else if ours {
            stays.extend(foreign_links.iter().map(|link| format!("link {}", link.id.name())));
            survey.kept.push(Kept::new(key, format!("it holds other things: {}", stays.join(", "))).what(what));
        } else {
            survey.kept.push(Kept::new(key, "it was given, not made").what(what));
        }
    }

    fn is_of_ours(&self, link: &VirtualNetworkLink) -> bool {
        matches!(&link.network, Some(Ok(other)) if mark::of_link(link, &self.network.network, other).is_ours())
    }

    /// Whether another database that uses the endpoint is reached by what `record` answers for.
    fn is_shared(&self, record: &DnsName) -> bool {
        self.known.names.iter().any(|name| name.shared && naming::covers(record, &name.host))
    }

    /// The slot of the link's name that this record answers for; when the vendor says nothing, a
    /// record that was written for this link's database counts.
    fn slot_of(&self, record: &DnsName, set: &RecordSet) -> Option<Slot> {
        if self.known.names.is_empty() {
            return mark::is_of_database(&set.metadata, &self.mark).then(Slot::main);
        }
        let name = self.known.names.iter().find(|name| naming::covers(record, &name.host));
        name.map(|name| name.slot.clone())
    }
}
