//! How the private names of one service come to resolve, and what is in the way.

use std::collections::BTreeSet;

use privlink_core::side::{EndpointFacts, Fact, Naming, Survey};
use privlink_core::{DnsName, Result};
use privlink_dns::{Collision, RecordPlan, Zone as SeenZone, collide};

use super::super::read::Zone;
use super::super::steps::{self, LinkZone, Maker, WriteRecord};
use super::super::{findings, mark, naming};
use super::{Part, done};
use crate::ids::PrivateDnsZoneId;
use crate::model::{ProvisioningState, VirtualNetworkLink};

/// The zone that a record goes into, and whether it was given.
struct Target {
    zone: PrivateDnsZoneId,
    given: bool,
}

impl Part<'_> {
    /// The zones that may hold a record of ours, or may stand in its way.
    pub(super) fn zones_to_read(&self, written: &[RecordPlan]) -> Result<BTreeSet<PrivateDnsZoneId>> {
        let mut ids = BTreeSet::new();
        if written.is_empty() {
            return Ok(ids);
        }
        ids.extend(self.network.zone.clone());
        let near = |zone: &DnsName| {
            written.iter().any(|written| written.host.is_within(zone) || zone.is_within(&written.zone))
        };
        ids.extend(self.world.zones.iter().filter(|zone| near(&zone.name)).map(|zone| zone.id.clone()));
        Ok(ids)
    }

    pub(super) fn naming(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        mode: Naming,
        written: &[RecordPlan],
        facts: Option<&EndpointFacts>,
        zones: &[Zone],
    ) -> Result<()> {
        let listed = self.known.capabilities.as_ref().is_none_or(|able| able.naming.contains(&mode));
        if !listed && mode != Naming::SelfManaged {
            out.findings.push(findings::naming_not_listed(mode));
        }
        if !self.network.more_networks.is_empty() && !matches!(mode, Naming::PrivateZone(_)) {
            out.findings.push(findings::other_networks_need_zone());
        }
        match mode {
            Naming::VendorPublished => out.known.hold(Some(self.slot.clone()), Fact::Resolving),
            Naming::SelfManaged => {
                let mut lines: Vec<String> = Vec::new();
                for name in self.names() {
                    lines.extend(facts.map(|facts| naming::printed(&name.host, facts)).unwrap_or_default());
                }
                if lines.is_empty() {
                    lines.push("the address is known once the endpoint is made".to_owned());
                }
                out.findings.push(findings::records_to_write(&lines));
            }
            Naming::PrivateZone(_) => return self.zones(out, maker, written, facts, zones),
            other => out.findings.push(findings::naming_not_here(other)),
        }
        Ok(())
    }

    fn zones(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        written: &[RecordPlan],
        facts: Option<&EndpointFacts>,
        zones: &[Zone],
    ) -> Result<()> {
        if written.is_empty() {
            return Ok(());
        }
        let own: Vec<String> = self.vnet.dns_servers.iter().map(ToString::to_string).collect();
        if own.iter().any(|server| server != "168.63.129.16") {
            out.findings.push(findings::own_resolvers(&self.network.network, &own));
        }
        self.collisions(out, written, zones);
        // One zone after the other, each with all of its records.
        let mut names: Vec<&DnsName> = written.iter().map(|written| &written.zone).collect();
        names.dedup();
        let mut resolving = true;
        for zone in names {
            let records: Vec<&RecordPlan> = written.iter().filter(|written| written.zone == *zone).collect();
            let target = match &self.network.zone {
                Some(given) => Target { zone: given.clone(), given: true },
                None => Target { zone: self.network.own_zone(zone)?, given: false },
            };
            resolving &= self.one_zone(out, maker, &target, &records, facts, zones)?;
        }
        if resolving {
            out.known.hold(Some(self.slot.clone()), Fact::Resolving);
        }
        Ok(())
    }

    /// Records that want one name for two endpoints, zones more specific than the one written into,
    /// and public hosts that would cease to resolve.
    fn collisions(&self, out: &mut Survey, written: &[RecordPlan], zones: &[Zone]) {
        let mut plans = written.to_vec();
        if let Some(given) = &self.network.zone {
            for plan in &mut plans {
                plan.zone = given.zone();
            }
        }
        let in_sight = zones.iter().filter(|zone| zone.link_to(&self.network.network).is_some());
        let (same, others): (Vec<_>, Vec<_>) =
            in_sight.partition(|zone| plans.iter().any(|plan| plan.zone == zone.zone.name));
        let unread = |zone: &Zone| SeenZone::new(zone.zone.name.clone(), zone.zone.id.to_string());
        let mut seen: Vec<SeenZone> = others.into_iter().map(unread).collect();
        let mut found = collide(&plans, &seen, &[]);
        let caught = |host: &DnsName| plans.iter().any(|plan| host.is_within(&plan.zone));
        let public: Vec<DnsName> = self.known.public_hosts.iter().filter(|host| caught(host)).cloned().collect();
        if !public.is_empty() {
            seen.extend(same.into_iter().map(as_seen));
            let breaks = |found: &Collision| matches!(found, Collision::Captured { .. } | Collision::Shadowed { .. });
            found.extend(collide(&plans, &seen, &public).into_iter().filter(breaks));
        }
        out.findings.extend(found.iter().map(Collision::finding));
    }

    /// One zone with its records and links; whether the names resolve already.
    fn one_zone(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        target: &Target,
        records: &[&RecordPlan],
        facts: Option<&EndpointFacts>,
        zones: &[Zone],
    ) -> Result<bool> {
        let found = zones.iter().find(|zone| zone.zone.id == target.zone);
        let zone_name = target.zone.zone();
        let exact = records.iter().all(|record| record.host == zone_name);
        let sees = |zone: &&Zone| zone.link_to(&self.network.network).is_some();
        // A network can be linked to one zone of a name alone.
        let another = zones.iter().filter(sees).find(|zone| zone.zone.name == zone_name);
        if let Some(another) = another.filter(|another| another.zone.id != target.zone) {
            out.findings.push(findings::linked_elsewhere(&target.zone, another.zone.id.to_string()));
            return Ok(false);
        }
        if target.given {
            let outside = records.iter().find(|record| !record.name.is_within(&zone_name));
            let why = match (found, outside) {
                (None, _) => Some("there is no such zone, or the credentials may not read it".to_owned()),
                (_, Some(record)) => Some(format!("{zone_name} does not cover {}", record.name)),
                _ => None,
            };
            if let Some(why) = why {
                out.findings.push(findings::zone_given_unfit(&target.zone, &why));
                return Ok(false);
            }
        } else if let Some(zone) = found {
            if !mark::of_zone(&zone.zone, &self.network.network).is_ours() {
                out.findings.push(findings::zone_of_somebody(&target.zone));
                return Ok(false);
            }
        } else if !exact {
            out.findings.push(findings::shadows(&zone_name));
        }
        if !target.given {
            self.tell_wider_zones(out, records, zones);
            let made = found.is_some_and(zone_is_built);
            if made {
                out.known.hold(Some(self.slot.clone()), steps::zone_fact(&target.zone));
            }
            out.steps.push(maker.zone(self.slot, &target.zone, exact).state(done(made)));
        }
        self.records_and_links(out, maker, target, records, facts, found, exact)
    }

    #[expect(clippy::too_many_arguments, reason = "one call site; a struct would only rename them")]
    fn records_and_links(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        target: &Target,
        records: &[&RecordPlan],
        facts: Option<&EndpointFacts>,
        found: Option<&Zone>,
        exact: bool,
    ) -> Result<bool> {
        let zone_name = target.zone.zone();
        let wanted = facts.map(naming::addresses).unwrap_or_default();
        let link = found.and_then(|zone| zone.link_to(&self.network.network));
        let linked = link.is_some_and(VirtualNetworkLink::is_complete);
        let mut all_written = true;
        for record in records {
            let label = naming::label(&record.name, &zone_name).unwrap_or_default();
            let existing = found.and_then(|zone| zone.records.iter().find(|set| set.name == label));
            let same = existing.is_some_and(|set| !wanted.is_empty() && naming::says(set, &wanted));
            if let Some(set) = existing.filter(|_| !same) {
                let whose = mark::of_record(set, &self.network.network, &target.zone, &record.name);
                if !whose.is_ours() {
                    let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
                    out.findings.push(findings::record_of_somebody(&target.zone, set, &wanted.join(" ")));
                    return Ok(false);
                }
            }
            if same {
                out.known.hold(Some(self.slot.clone()), steps::record_fact(&target.zone, &record.name));
            }
            all_written &= same;
            let kind = WriteRecord {
                service: self.service.id.clone(),
                zone: target.zone.clone(),
                given: target.given,
                record: record.name.clone(),
            };
            out.steps.push(maker.record(self.slot, &kind, linked).state(done(same)));
        }
        let names: Vec<DnsName> = records.iter().map(|record| record.name.clone()).collect();
        for (place, other) in self.network.resolving_networks().into_iter().enumerate() {
            let there = found.and_then(|zone| zone.link_to(other));
            let complete = there.is_some_and(VirtualNetworkLink::is_complete);
            let ours = there.is_some_and(|link| mark::of_link(link, &self.network.network, other).is_ours());
            // A link of somebody else's does as well as ours, and is not ours to speak of.
            if complete && !ours {
                continue;
            }
            if there.is_none() && target.given && place == 0 {
                out.findings.push(findings::zone_link_there(&target.zone));
            }
            let kind = LinkZone { zone: target.zone.clone(), given: target.given, network: other.clone() };
            let resolves = place == 0 && !linked;
            out.steps.push(maker.link(self.slot, &kind, &names, resolves, exact || target.given).state(done(complete)));
        }
        Ok(all_written && linked)
    }

    fn tell_wider_zones(&self, out: &mut Survey, records: &[&RecordPlan], zones: &[Zone]) {
        let seen = zones.iter().filter(|zone| zone.link_to(&self.network.network).is_some());
        for zone in seen {
            let narrower = records.iter().find(|record| {
                record.zone == record.host && record.zone != zone.zone.name && record.host.is_within(&zone.zone.name)
            });
            out.findings.extend(narrower.map(|record| findings::wider_zone(&zone.zone.id, &record.host)));
        }
    }
}

/// A zone with the names it answers.
fn as_seen(zone: &Zone) -> SeenZone {
    let seen = SeenZone::new(zone.zone.name.clone(), zone.zone.id.to_string());
    zone.records.iter().fold(seen, |seen, set| match naming::full_name(&set.name, &zone.zone.name) {
        Some(name) => seen.record(name, set.to_string()),
        None => seen,
    })
}

fn zone_is_built(zone: &Zone) -> bool {
    matches!(zone.zone.provisioning, Some(ProvisioningState::Succeeded) | None)
}
