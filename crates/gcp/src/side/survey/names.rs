//! How the private names of one service come to resolve, and what is in the way.

use std::net::IpAddr;
use std::sync::Arc;

use privlink_core::side::{Fact, Naming, Survey};
use privlink_dns::RecordPlan;

use super::super::naming::{self, Compared};
use super::super::steps::{self, Maker, ShowZone, WriteRecord};
use super::super::{findings, mark};
use super::{Part, done};
use crate::ids::ManagedZoneName;
use crate::model::{ManagedZone, RecordSet};

/// A zone that is there, with its records.
pub(super) type Zone<'a> = (&'a ManagedZone, Arc<Vec<RecordSet>>);

impl Part<'_> {
    /// The zones whose records matter: the given one, or those named like one that is written.
    pub(super) fn zones_to_read(&self, written: &[RecordPlan]) -> Vec<&ManagedZone> {
        let wanted = |zone: &&ManagedZone| match &self.network.zone {
            Some(given) => zone.name == *given && !written.is_empty(),
            None => written.iter().any(|written| written.zone == zone.dns_name),
        };
        self.world.zones.iter().filter(wanted).collect()
    }

    pub(super) fn naming(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        mode: Naming,
        written: &[RecordPlan],
        addresses: &[IpAddr],
        zones: &[Zone<'_>],
    ) {
        let listed = self.known.capabilities.as_ref().is_none_or(|able| able.naming.contains(&mode));
        if !listed && mode != Naming::SelfManaged {
            out.findings.push(findings::naming_not_listed(mode));
        }
        match mode {
            Naming::VendorPublished => out.known.hold(Some(self.slot.clone()), Fact::Resolving),
            Naming::SelfManaged => {
                let mut lines: Vec<String> =
                    self.names().flat_map(|name| naming::printed(&name.host, addresses)).collect();
                if lines.is_empty() {
                    lines.push("the address is known once it is reserved".to_owned());
                }
                out.findings.push(findings::records_to_write(&lines));
            }
            Naming::EndpointPrivateDns => out.findings.push(findings::no_endpoint_dns()),
            _ => self.own_zones(out, maker, written, addresses, zones),
        }
        if !self.network.more_networks.is_empty() && !matches!(mode, Naming::PrivateZone(_)) {
            out.findings.push(findings::other_networks_need_zone());
        }
    }

    fn own_zones(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        written: &[RecordPlan],
        addresses: &[IpAddr],
        zones: &[Zone<'_>],
    ) {
        if written.is_empty() {
            return;
        }
        let mut resolving = true;
        for written in written {
            resolving &= match &self.network.zone {
                Some(given) => {
                    let zone = zones.iter().find(|(zone, _)| zone.name == *given);
                    match self.unfit(zone, written) {
                        Some(why) => {
                            out.findings.push(findings::zone_given_unfit(given, &why));
                            false
                        }
                        None => self.record(out, maker, written, zone, Some(given), addresses),
                    }
                }
                None => self.own_zone(out, maker, written, addresses, zones),
            };
        }
        if resolving {
            out.known.hold(Some(self.slot.clone()), Fact::Resolving);
        }
    }

    /// Why a given zone cannot hold the record.
    fn unfit(&self, zone: Option<&Zone<'_>>, written: &RecordPlan) -> Option<String> {
        let Some((zone, _)) = zone else {
            let project = self.network.dns().project().clone();
            return Some(format!("project {project} has no private zone of this name that the network sees"));
        };
        if zone.answers_from_elsewhere {
            return Some("it answers from elsewhere than from records".to_owned());
        }
        (!written.name.is_within(&zone.dns_name)).then(|| format!("{} does not cover {}", zone.dns_name, written.name))
    }

    /// One zone of ours with its record; whether the name resolves already.
    fn own_zone(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        written: &RecordPlan,
        addresses: &[IpAddr],
        zones: &[Zone<'_>],
    ) -> bool {
        let network = &self.network.network;
        let named = zones.iter().filter(|(zone, _)| zone.dns_name == written.zone);
        let (ours, others): (Vec<_>, Vec<_>) = named.partition(|(zone, _)| mark::of_zone(zone, network).is_ours());
        if let Some((zone, _)) = others.first() {
            out.findings.push(findings::zone_of_somebody(zone));
            return false;
        }
        let found = ours.into_iter().next();
        if written.zone == written.host {
            let wider = self.world.zones.iter().filter(|zone| {
                zone.is_seen_by(network) && zone.dns_name != written.zone && written.host.is_within(&zone.dns_name)
            });
            out.findings.extend(wider.map(|zone| findings::wider_zone(zone, &written.host)));
        } else if found.is_none() {
            out.findings.push(findings::shadows(&written.zone));
        }
        if found.is_some() {
            out.known.hold(Some(self.slot.clone()), steps::zone_fact(&written.zone));
        }
        let step = maker.zone(self.slot, &written.zone, written.zone == written.host);
        out.steps.push(step.state(done(found.is_some())));
        self.record(out, maker, written, found, None, addresses)
    }

    /// The record, and who sees its zone; whether the name resolves already.
    fn record(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        written: &RecordPlan,
        zone: Option<&Zone<'_>>,
        given: Option<&ManagedZoneName>,
        addresses: &[IpAddr],
    ) -> bool {
        let network = &self.network.network;
        let wanted = naming::record_sets(&written.name, addresses);
        let existing = zone.map(|(_, sets)| naming::answering(sets, &written.name)).unwrap_or_default();
        let inside_ours = zone.is_some_and(|(zone, _)| mark::of_zone(zone, network).is_ours());
        let compared = naming::compare(&existing, &wanted, &self.world.owners(self.keys), inside_ours);
        if let Compared::Foreign(set) = compared {
            out.findings.push(findings::record_of_somebody(set, &wanted));
            return false;
        }
        let same = compared == Compared::Same;
        let zone_name = zone.map_or(&written.zone, |(zone, _)| &zone.dns_name);
        let kind = WriteRecord {
            service: self.attachment.clone(),
            zone: zone_name.clone(),
            given: given.cloned(),
            record: written.name.clone(),
        };
        let replaces = !same && !existing.is_empty();
        out.steps.push(maker.record(self.slot, &kind, replaces).state(done(same)));
        let sees = |other| zone.is_some_and(|(zone, _)| zone.is_seen_by(other));
        // A zone of ours that our network does not see any more is shown to it again.
        let lost = (zone.is_some() && !sees(network)).then_some(network);
        let more = self.network.more_networks.iter().filter(|other| *other != network);
        for other in lost.into_iter().chain(more) {
            let kind = ShowZone { zone: zone_name.clone(), given: given.cloned(), network: other.clone() };
            out.steps.push(maker.show_zone(self.slot, &kind).state(done(sees(other))));
        }
        same && lost.is_none()
    }
}
