//! How the private names of one service come to resolve, and what is in the way.

use std::collections::BTreeSet;

use privlink_core::side::{EndpointFacts, EndpointState, Fact, Naming, Ownership, Survey};
use privlink_core::{HostedZoneId, Turn, VpcEndpointId};
use privlink_dns::RecordPlan;

use super::super::naming::{self, Compared};
use super::super::steps::{self, AssociateZone, Maker, WriteRecord};
use super::super::{findings, mark};
use super::{Endpoints, Part, Zone, done};
use crate::model::{RecordSet, ServiceDetail, VerificationState, VpcEndpoint};

/// What the naming of one service is judged by.
pub(super) struct Scene<'a> {
    pub(super) endpoints: &'a Endpoints<'a>,
    pub(super) facts: Option<&'a EndpointFacts>,
    pub(super) detail: Option<&'a ServiceDetail>,
    pub(super) zones: &'a [Zone],
    /// Endpoints that records of a given zone lead to, and that exist no more.
    pub(super) gone: &'a BTreeSet<VpcEndpointId>,
    /// The endpoints of the VPC, and those elsewhere that records lead to.
    pub(super) seen: &'a [VpcEndpoint],
}

impl Part<'_> {
    pub(super) fn naming(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        mode: Naming,
        written: &[RecordPlan],
        scene: &Scene<'_>,
    ) {
        let listed = self.known.capabilities.as_ref().is_none_or(|able| able.naming.contains(&mode));
        if !listed && mode != Naming::SelfManaged {
            out.findings.push(findings::naming_not_listed(mode));
        }
        match mode {
            Naming::VendorPublished => {
                // Whoever publishes a name, the VPC's resolver has to answer for it.
                if !self.world.dns_support {
                    self.vpc_dns(out, maker);
                }
                out.known.hold(Some(self.slot.clone()), Fact::Resolving);
            }
            Naming::SelfManaged => {
                let mut lines: Vec<String> = Vec::new();
                for name in self.names() {
                    lines.extend(scene.facts.map(|facts| naming::printed(&name.host, facts)).unwrap_or_default());
                }
                if lines.is_empty() {
                    lines.push("the addresses are known once the endpoint is connected".to_owned());
                }
                out.findings.push(findings::records_to_write(&lines));
            }
            Naming::EndpointPrivateDns => self.private_dns(out, maker, scene),
            _ if self.served_by_flag(scene) => {
                if let Some(endpoint) = scene.endpoints.used {
                    out.findings.push(findings::private_dns_on_already(&endpoint.id));
                }
                out.known.hold(Some(self.slot.clone()), Fact::Resolving);
            }
            _ => self.own_zones(out, maker, written, scene),
        }
        if !self.network.more_vpcs.is_empty() && !matches!(mode, Naming::PrivateZone(_)) {
            out.findings.push(findings::other_vpcs_need_zone());
        }
    }

    /// Whether the endpoint's private DNS is on and serves every name, and no own zone was asked
    /// for by name: then it is respected.
    fn served_by_flag(&self, scene: &Scene<'_>) -> bool {
        let on = scene.endpoints.used.is_some_and(|endpoint| endpoint.private_dns);
        on && self.network.naming.is_none()
            && self.names().next().is_some()
            && self.names().all(|name| {
                scene.detail.is_some_and(|detail| {
                    detail.private_dns_names.iter().any(|pattern| naming::covers(pattern, &name.host))
                })
            })
    }

    /// The VPC's DNS attributes: a step, a finding, or nothing to say. Whether later steps wait.
    fn vpc_dns(&self, out: &mut Survey, maker: &Maker<'_>) -> bool {
        if self.world.dns_support && self.world.dns_hostnames {
            return false;
        }
        if self.network.enable_vpc_dns {
            out.steps.push(maker.vpc_dns());
            return true;
        }
        out.findings.push(findings::vpc_dns_off(&self.network.vpc, self.world.dns_support, self.world.dns_hostnames));
        false
    }

    fn private_dns(&self, out: &mut Survey, maker: &Maker<'_>, scene: &Scene<'_>) {
        let waits = self.vpc_dns(out, maker);
        let on = scene.endpoints.used.is_some_and(|endpoint| endpoint.private_dns);
        if !on && let Some(detail) = scene.detail {
            self.judge_private_dns(out, detail, scene);
        }
        let ready = scene.facts.is_some_and(|facts| facts.state == EndpointState::Ready);
        if on && ready {
            out.known.hold(Some(self.slot.clone()), Fact::Resolving);
        }
        let step = maker.private_dns_on(self.slot, self.name).state(done(on && ready));
        out.steps.push(if waits { step.needs([steps::vpc_dns_fact()]) } else { step });
    }

    fn judge_private_dns(&self, out: &mut Survey, detail: &ServiceDetail, scene: &Scene<'_>) {
        let mut unfit = |why: String, turn| out.findings.push(findings::private_dns_unfit(why, turn));
        let patterns = &detail.private_dns_names;
        if patterns.is_empty() {
            unfit("the endpoint service has no private DNS name".to_owned(), Turn::You);
            return;
        }
        if let Some(state) = detail.verification.as_ref().filter(|state| **state != VerificationState::Verified) {
            unfit(format!("the vendor's private DNS name is not verified ({state})"), Turn::Vendor);
        }
        for name in self.names() {
            if !patterns.iter().any(|pattern| naming::covers(pattern, &name.host)) {
                unfit(format!("{} does not cover {}", patterns.join(", "), name.host), Turn::You);
            }
        }
        let others = self.world.endpoints.iter().filter(|endpoint| {
            endpoint.private_dns
                && !endpoint.state.is_dead()
                && endpoint.service_name == self.name.as_str()
                && scene.endpoints.used.is_none_or(|used| used.id != endpoint.id)
        });
        for other in others {
            unfit(format!("{} holds the same names in this VPC", other.id), Turn::You);
        }
        let dead = scene.endpoints.dead.iter().find(|endpoint| endpoint.private_dns && !endpoint.state.is_gone());
        for pattern in patterns {
            let taken = self.world.zones.iter().find(|zone| zone.name.as_str() == naming::hidden_zone(pattern));
            match (taken, dead) {
                (Some(zone), Some(dead)) => out.findings.push(findings::private_dns_of_dead(zone, dead)),
                (Some(zone), None) => {
                    let why = format!("the VPC sees a zone {} already ({})", zone.name, zone.id);
                    out.findings.push(findings::private_dns_unfit(why, Turn::You));
                }
                (None, _) => {}
            }
        }
    }

    fn own_zones(&self, out: &mut Survey, maker: &Maker<'_>, written: &[RecordPlan], scene: &Scene<'_>) {
        if written.is_empty() {
            return;
        }
        let waits = self.vpc_dns(out, maker);
        let mut resolving = true;
        for written in written {
            resolving &= match &self.network.hosted_zone {
                Some(id) => {
                    let zone = scene.zones.iter().find(|(zone, _)| zone.id == *id);
                    match self.unfit(id, zone, written) {
                        Some(why) => {
                            out.findings.push(findings::zone_given_unfit(id, &why));
                            false
                        }
                        None => self.record(out, maker, written, zone, true, waits, scene),
                    }
                }
                None => self.own_zone(out, maker, written, waits, scene),
            };
        }
        if resolving {
            out.known.hold(Some(self.slot.clone()), Fact::Resolving);
        }
    }

    /// Why a given zone cannot hold the record.
    fn unfit(&self, id: &HostedZoneId, zone: Option<&Zone>, written: &RecordPlan) -> Option<String> {
        let Some((zone, _)) = zone else { return Some("there is no such zone".to_owned()) };
        if !zone.private {
            return Some("it is public".to_owned());
        }
        if !self.world.zones.iter().any(|seen| seen.id == *id) {
            return Some(format!("{} does not see it", self.network.vpc));
        }
        (!written.name.is_within(&zone.name)).then(|| format!("{} does not cover {}", zone.name, written.name))
    }

    /// One zone of ours with its record; whether the name resolves already.
    fn own_zone(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        written: &RecordPlan,
        waits: bool,
        scene: &Scene<'_>,
    ) -> bool {
        let mut found = None;
        for summary in self.world.zones.iter().filter(|zone| zone.name == written.zone) {
            let zone = scene.zones.iter().find(|(zone, _)| zone.id == summary.id);
            match zone {
                _ if summary.owning_service.is_some() => {
                    let holders = self.world.endpoints.iter().filter(|endpoint| endpoint.private_dns);
                    let holders: Vec<_> = holders.map(|endpoint| endpoint.id.clone()).collect();
                    out.findings.push(findings::zone_of_service(summary, &holders));
                    return false;
                }
                Some(zone) if mark::of_zone(&zone.0, &self.network.vpc).is_ours() => found = Some(zone),
                _ => {
                    out.findings.push(findings::zone_of_somebody(summary));
                    return false;
                }
            }
        }
        if written.zone == written.host {
            self.tell_wider_zones(out, written, scene);
        } else if found.is_none() {
            out.findings.push(findings::shadows(&written.zone));
        }
        if found.is_some() {
            out.known.hold(Some(self.slot.clone()), steps::zone_fact(&written.zone));
        }
        let step = maker.zone(self.slot, &written.zone, written.zone == written.host).state(done(found.is_some()));
        out.steps.push(if waits { step.needs([steps::vpc_dns_fact()]) } else { step });
        self.record(out, maker, written, found, false, waits, scene)
    }

    fn tell_wider_zones(&self, out: &mut Survey, written: &RecordPlan, scene: &Scene<'_>) {
        let wider = self.world.zones.iter().filter(|zone| zone.name != written.zone);
        for zone in wider.filter(|zone| written.host.is_within(&zone.name)) {
            let holder = self.world.endpoints.iter().find(|endpoint| {
                endpoint.private_dns && scene.endpoints.used.is_none_or(|used| used.id != endpoint.id)
            });
            out.findings.push(match (&zone.owning_service, holder) {
                (Some(_), Some(holder)) => findings::private_dns_elsewhere(&holder.id, &written.host),
                _ => findings::wider_zone(zone, &written.host),
            });
        }
    }

    /// The record, and who else sees its zone; whether the name resolves already.
    #[expect(clippy::too_many_arguments, reason = "one call site each; a struct would only rename them")]
    fn record(
        &self,
        out: &mut Survey,
        maker: &Maker<'_>,
        written: &RecordPlan,
        zone: Option<&Zone>,
        given: bool,
        waits: bool,
        scene: &Scene<'_>,
    ) -> bool {
        let wanted = scene.facts.and_then(|facts| naming::record_sets(&written.name, facts)).unwrap_or_default();
        let existing = zone.map(|(_, sets)| naming::answering(sets, &written.name)).unwrap_or_default();
        let keys = maker.keys;
        let inside_ours = zone.is_some_and(|(zone, _)| mark::of_zone(zone, &self.network.vpc).is_ours());
        let is_ours = |endpoint: &VpcEndpoint| !matches!(mark::of_endpoint(endpoint, keys), Ownership::Foreign);
        let compared = naming::compare(&existing, &wanted, scene.seen, is_ours, inside_ours, scene.gone);
        if let Compared::Foreign(set) = compared {
            out.findings.push(findings::record_of_somebody(set, &wanted));
            return false;
        }
        let leads_nowhere = |set: &&&RecordSet| {
            naming::leads_to(set).is_some_and(|target| scene.gone.iter().any(|id| id.as_str() == target))
        };
        out.findings.extend(existing.iter().filter(leads_nowhere).map(|set| findings::record_left_behind(set)));
        let same = compared == Compared::Same;
        let zone_name = zone.map_or(&written.zone, |(zone, _)| &zone.name);
        let zone_id = zone.filter(|_| given).map(|(zone, _)| zone.id.clone());
        let kind = WriteRecord {
            service: self.name.clone(),
            zone: zone_name.clone(),
            zone_id: zone_id.clone(),
            record: written.name.clone(),
        };
        let step = maker.record(self.slot, &kind).state(done(same));
        out.steps.push(if waits { step.needs([steps::vpc_dns_fact()]) } else { step });
        for other in self.network.more_vpcs.iter().filter(|other| other.vpc != self.network.vpc) {
            let kind = AssociateZone {
                zone: zone_name.clone(),
                zone_id: zone_id.clone(),
                vpc: other.vpc.clone(),
                region: other.region.clone(),
            };
            let sees = zone.is_some_and(|(zone, _)| zone.vpcs.iter().any(|vpc| vpc.vpc == other.vpc));
            out.steps.push(maker.associate(self.slot, &kind).state(done(sees)));
        }
        same
    }
}
