use std::time::Duration;

use privlink_core::side::{Exchange, Outcome, Ownership, StepState};
use privlink_core::{DnsName, HostedZoneId, Result};

use super::super::naming::{self, Compared};
use super::super::steps::{AssociateZone, MakeZone, WriteRecord};
use super::super::{findings, mark, read};
use super::resume::Resume;
use super::{Act, cloud, is_unknown};
use crate::model::{Change, ChangeAction, ChangeStatus, HostedZone, HostedZoneSummary, VpcEndpoint, ZoneVpc};
use crate::problem::Problem;

/// How many references of one zone are counted before the date is used instead.
const COUNTED: u32 = 8;

/// One word for the whole wait, from the first answer on: an unchanged wait is told once.
const SPREADING: &str = "Route 53 is spreading the change to its servers";

/// How long a change takes to reach all servers.
/// Source: Route 53 API reference, `ChangeResourceRecordSets`, "generally within 60 seconds", read
/// 2026-11-21.
const PROPAGATION: Duration = Duration::from_secs(60);

/// The zone of a name in this VPC.
pub(super) enum Found {
    None,
    Ours(HostedZone),
    Somebodys(HostedZoneSummary),
}

impl Act<'_> {
    fn zone_vpc(&self) -> ZoneVpc {
        ZoneVpc::new(self.network.vpc.clone(), self.network.client.region().clone())
    }

    /// Looks for the zone of exactly this name that the VPC sees, among the account's own:
    /// the same few requests however many zones there are.
    pub(super) async fn find_zone(&self, name: &DnsName) -> Result<Found> {
        let route53 = self.network.client.route53();
        for listed in route53.zones_named(name).await? {
            let zone = match route53.hosted_zone(&listed.id).await? {
                Some(zone) if zone.vpcs.iter().any(|vpc| vpc.vpc == self.network.vpc) => zone,
                Some(_) | None => continue,
            };
            return Ok(match mark::of_zone(&zone, &self.network.vpc).is_ours() {
                true => Found::Ours(zone),
                false => Found::Somebodys(HostedZoneSummary::own(zone)),
            });
        }
        Ok(Found::None)
    }

    /// Looks for a zone of this name that belongs to another account or to an AWS service:
    /// those show only in the list of all zones the VPC sees.
    async fn foreign_zone(&self, name: &DnsName) -> Result<Found> {
        let mut seen = self.network.client.route53().zones_of_vpc(&self.zone_vpc());
        while let Some(zone) = seen.next().await {
            let zone = zone?;
            if zone.name == *name {
                return Ok(Found::Somebodys(zone));
            }
        }
        Ok(Found::None)
    }

    pub(super) async fn make_zone(&self, kind: &MakeZone) -> Result<Outcome> {
        let key = mark::zone_key(&self.network.vpc, &kind.zone);
        self.belongs(&key)?;
        if let Some(outcome) = self.zone_there(&kind.zone, false).await? {
            return Ok(outcome);
        }
        let client = &self.network.client;
        if self.is_new(key.as_str()) {
            return Ok(cloud("the new zone is not visible yet"));
        }
        let comment = mark::zone_comment(&self.cx.mark(key.clone()));
        // A reference is used for ever, and those of the date never run out. Racing runs make no two
        // zones of different references: the VPC takes one zone of a name.
        let dated = self.now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
        let dated = u32::try_from(dated).unwrap_or(u32::MAX).max(COUNTED);
        for n in (0..COUNTED).chain([dated]) {
            let reference = mark::zone_reference(&key, n);
            let made = client.route53().create_hosted_zone(&kind.zone, &self.zone_vpc(), &reference, &comment).await;
            match made {
                Ok(_) => return Ok(self.made(key.as_str(), Exchange::new())),
                Err(error) if error.code() == Some("HostedZoneAlreadyExists") => {
                    // Ours from another run, or one since deleted: a reference is used for ever.
                    if let Some(outcome) = self.zone_there(&kind.zone, true).await? {
                        return Ok(outcome);
                    }
                    if self.is_alive(&kind.zone, &reference).await? {
                        return Ok(cloud("the zone was made by another run; the VPC does not see it yet"));
                    }
                }
                Err(error) if error.code() == Some("ConflictingDomainExists") => {
                    let there = match self.zone_there(&kind.zone, true).await? {
                        Some(there) => Some(there),
                        None => self.told(self.foreign_zone(&kind.zone).await?, true),
                    };
                    return Ok(there.unwrap_or_else(|| Outcome::refused(findings::zone_conflict(&kind.zone, &error))));
                }
                Err(error) if is_unknown(&error) => {
                    let there = self.zone_there(&kind.zone, true).await?;
                    return Ok(there.unwrap_or_else(|| cloud("the zone may have been made; it is not visible yet")));
                }
                Err(error) if findings::is_refusal(&error) => return Ok(Outcome::refused(findings::refused(&error))),
                Err(error) => return Err(error),
            }
        }
        Ok(cloud("the references of the zone are used; the next second has a new one"))
    }

    /// The outcome when a zone of this name is there.
    async fn zone_there(&self, name: &DnsName, acted: bool) -> Result<Option<Outcome>> {
        Ok(self.told(self.find_zone(name).await?, acted))
    }

    fn told(&self, found: Found, acted: bool) -> Option<Outcome> {
        match found {
            Found::None => None,
            Found::Ours(_) => Some(self.done(acted, Exchange::new())),
            Found::Somebodys(zone) if zone.owning_service.is_some() => {
                Some(Outcome::refused(findings::zone_of_service(&zone, &[])))
            }
            Found::Somebodys(zone) => Some(Outcome::refused(findings::zone_of_somebody(&zone))),
        }
    }

    /// Whether a zone with this reference exists in the account.
    async fn is_alive(&self, name: &DnsName, reference: &str) -> Result<bool> {
        let zones = self.network.client.route53().zones_named(name).await?;
        Ok(zones.iter().any(|zone| zone.caller_reference == reference))
    }

    /// The zone a record goes into: the given one, or the one of ours with this name.
    async fn zone_for(&self, id: Option<&HostedZoneId>, name: &DnsName) -> Result<Result<HostedZone, Outcome>> {
        let found = match id {
            Some(id) => match self.network.client.route53().hosted_zone(id).await? {
                Some(zone) => Found::Ours(zone),
                None => Found::None,
            },
            None => self.find_zone(name).await?,
        };
        Ok(match found {
            Found::Ours(zone) => Ok(zone),
            Found::Somebodys(zone) => Err(Outcome::refused(findings::zone_of_somebody(&zone))),
            Found::None => {
                let key = mark::zone_key(&self.network.vpc, name);
                Err(if self.is_new(key.as_str()) {
                    cloud("the new zone is not visible yet")
                } else {
                    Outcome::moved(findings::zone_gone(name))
                })
            }
        })
    }

    pub(super) async fn write_record(&self, kind: &WriteRecord) -> Result<Outcome> {
        self.belongs(&mark::record_key(&self.network.vpc, &kind.zone, &kind.record))?;
        let zone = match self.zone_for(kind.zone_id.as_ref(), &kind.zone).await? {
            Ok(zone) => zone,
            Err(outcome) => return Ok(outcome),
        };
        let thing = format!("{}|{}", zone.id, kind.record);
        let in_sync = match self.change_under_way(&thing).await? {
            Ok(in_sync) => in_sync,
            Err(outcome) => {
                self.note_arrival(&thing, &outcome);
                return Ok(outcome);
            }
        };
        let endpoint = match self.endpoint_of(&kind.service).await? {
            Ok(endpoint) => endpoint,
            Err(outcome) => return Ok(outcome),
        };
        let known = self.with_endpoint(&endpoint).await?;
        let wanted = known.endpoints.get(&self.slot()).and_then(|facts| naming::record_sets(&kind.record, facts));
        let Some(wanted) = wanted else { return Ok(cloud("the endpoint's names are not visible yet")) };
        let stored = self.network.client.route53().record_sets_of(&zone.id, &kind.record).await?;
        let existing = naming::answering(&stored, &kind.record);
        let inside_ours = mark::of_zone(&zone, &self.network.vpc).is_ours();
        let mut endpoints = if existing.is_empty() { Vec::new() } else { self.endpoints_of_vpc().await? };
        if inside_ours {
            let sets = existing.iter().copied();
            endpoints.extend(read::elsewhere(&self.network.client, sets, &endpoints).await?);
        }
        let is_ours = |endpoint: &VpcEndpoint| !matches!(mark::of_endpoint(endpoint, self.keys), Ownership::Foreign);
        let strays = naming::strays(&existing, &kind.service, &endpoints);
        let gone = read::gone(self.network, &zone, strays).await?;
        match naming::compare(&existing, &wanted, &endpoints, is_ours, inside_ours, &gone) {
            Compared::Same if in_sync => {
                self.network.client.notes().arrived(&thing);
                Ok(Outcome::done(known))
            }
            Compared::Same => Ok(self.arriving(&thing).unwrap_or_else(|| Outcome::already(known))),
            Compared::Foreign(set) => Ok(Outcome::refused(findings::record_of_somebody(set, &wanted))),
            Compared::Absent => {
                // Created, not upserted: what somebody writes in between is never overwritten.
                let changes: Vec<Change> =
                    wanted.into_iter().map(|set| Change::new(ChangeAction::Create, set)).collect();
                self.apply(&zone.id, &kind.record, &changes).await
            }
            Compared::Stale(sets) => {
                // What does not fit any more goes in the same batch: all of it, or none.
                let mut changes: Vec<Change> = sets
                    .into_iter()
                    .filter(|set| !wanted.iter().any(|wanted| wanted.kind == set.kind))
                    .map(|set| Change::new(ChangeAction::Delete, set.clone()))
                    .collect();
                changes.extend(wanted.into_iter().map(|set| Change::new(ChangeAction::Upsert, set)));
                self.apply(&zone.id, &kind.record, &changes).await
            }
        }
    }

    pub(super) async fn endpoints_of_vpc(&self) -> Result<Vec<VpcEndpoint>> {
        let filter = crate::ec2::Filter::new().vpc(&self.network.vpc);
        self.network.client.ec2().vpc_endpoints(filter).all().await
    }

    /// Applies changes of one name, and stores the change to wait for.
    pub(super) async fn apply(&self, zone: &HostedZoneId, record: &DnsName, changes: &[Change]) -> Result<Outcome> {
        let route53 = self.network.client.route53();
        let thing = format!("{zone}|{record}");
        self.network.client.notes().changes(&thing);
        match route53.change_record_sets(zone, changes).await {
            Ok(info) if info.status == ChangeStatus::Insync => {
                if !only_deletes(changes) {
                    self.network.client.notes().arrived(&thing);
                }
                Ok(Outcome::done(Exchange::new()))
            }
            Ok(info) => Ok(self.sent(&thing, &info.id)),
            // The next look compares what is stored with what is wanted.
            Err(error) if is_unknown(&error) => Ok(self.wait("the record may have been changed", &self.since(&thing))),
            // The zone is gone, and with it what was to be deleted.
            Err(error) if only_deletes(changes) && Problem::of(&error) == Problem::NotFound => {
                Ok(Outcome::already(Exchange::new()))
            }
            Err(error) if error.code() == Some("InvalidChangeBatch") => {
                // Refused because another run was first, or as such: what is stored now tells.
                let stored = match route53.record_sets_of(zone, record).await {
                    Ok(stored) => stored,
                    Err(gone) if only_deletes(changes) && Problem::of(&gone) == Problem::NotFound => {
                        return Ok(Outcome::already(Exchange::new()));
                    }
                    Err(error) => return Err(error),
                };
                let there = naming::answering(&stored, record);
                let creates = changes.iter().any(|change| change.action == ChangeAction::Create);
                let moved = if creates {
                    !there.is_empty()
                } else {
                    let deletes = changes.iter().filter(|change| change.action == ChangeAction::Delete);
                    deletes.clone().count() > 0
                        && deletes.clone().any(|gone| !there.iter().any(|set| **set == gone.set))
                };
                Ok(if moved {
                    cloud("another run changed the record at the same time")
                } else {
                    Outcome::refused(findings::record_refused(&error))
                })
            }
            Err(error) if findings::is_refusal(&error) => Ok(Outcome::refused(findings::refused(&error))),
            Err(error) => Err(error),
        }
    }

    /// Where a change to `thing` stands that was stored for this step: its outcome, unless a look has to
    /// tell; then whether the change is on all servers.
    pub(super) async fn change_under_way(&self, thing: &str) -> Result<Result<bool, Outcome>> {
        let Some(change) = &self.resume.change else { return Ok(Ok(false)) };
        match self.network.client.route53().change(change).await {
            // What this process did not send itself may be the change of something else.
            Ok(info) if info.status == ChangeStatus::Insync => {
                let notes = self.network.client.notes();
                let is_own = notes.is_fresh(&change_of(thing, change), self.now());
                Ok(if is_own { Err(Outcome::done(Exchange::new())) } else { Ok(true) })
            }
            Ok(_) => Ok(Err(self.still(SPREADING))),
            // Not known yet, or not any more: what is stored tells, after the time it takes.
            Err(error) if Problem::of(&error) == Problem::NotFound => Ok(Err(self.wait(SPREADING, &Resume::default()))),
            Err(error) => Err(error),
        }
    }

    /// The wait for a change to `thing` that this step has just sent.
    fn sent(&self, thing: &str, change: &str) -> Outcome {
        self.network.client.notes().made(&change_of(thing, change), self.now());
        self.wait(SPREADING, &Resume::of_change(change))
    }

    fn note_arrival(&self, thing: &str, outcome: &Outcome) {
        if matches!(outcome, Outcome::Done(_)) {
            self.network.client.notes().arrived(thing);
        }
    }

    /// The outcome while `thing`, which is as wanted, may not be on all servers yet.
    ///
    /// It was to be written when the step was planned, so somebody wrote it since: another run, or
    /// this one, and the change to ask about was lost with the answer or the process. Nothing at
    /// Route 53 tells when a record was written; it gets the time it takes.
    fn arriving(&self, thing: &str) -> Option<Outcome> {
        let notes = self.network.client.notes();
        if self.step.state == StepState::AlreadyDone || notes.has_arrived(thing) {
            return None;
        }
        if self.waited_for(thing, PROPAGATION) {
            notes.arrived(thing);
            return None;
        }
        Some(self.wait(SPREADING, &self.since(thing)))
    }

    pub(super) async fn associate_zone(&self, kind: &AssociateZone) -> Result<Outcome> {
        self.belongs(&mark::association_key(&self.network.vpc, &kind.zone, &kind.vpc))?;
        let zone = match self.zone_for(kind.zone_id.as_ref(), &kind.zone).await? {
            Ok(zone) => zone,
            Err(outcome) => return Ok(outcome),
        };
        let thing = format!("{}|{}", zone.id, kind.vpc);
        let in_sync = match self.change_under_way(&thing).await? {
            Ok(in_sync) => in_sync,
            Err(outcome) => {
                self.note_arrival(&thing, &outcome);
                return Ok(outcome);
            }
        };
        let sees = |zone: &HostedZone| zone.vpcs.iter().any(|vpc| vpc.vpc == kind.vpc);
        if sees(&zone) && in_sync {
            self.network.client.notes().arrived(&thing);
            return Ok(Outcome::done(Exchange::new()));
        }
        if sees(&zone) {
            return Ok(self.arriving(&thing).unwrap_or_else(|| Outcome::already(Exchange::new())));
        }
        let route53 = self.network.client.route53();
        let other = ZoneVpc::new(kind.vpc.clone(), kind.region.clone());
        match route53.associate_vpc(&zone.id, &other).await {
            Ok(info) if info.status == ChangeStatus::Insync => {
                self.network.client.notes().arrived(&thing);
                Ok(Outcome::done(Exchange::new()))
            }
            Ok(info) => Ok(self.sent(&thing, &info.id)),
            Err(error) if is_unknown(&error) || Problem::of(&error) == Problem::Exists => {
                match route53.hosted_zone(&zone.id).await? {
                    Some(zone) if sees(&zone) => Ok(self.wait(SPREADING, &self.since(&thing))),
                    _ if is_unknown(&error) => Ok(cloud("the association may have been made")),
                    _ => Ok(Outcome::refused(findings::zone_conflict(&kind.zone, &error))),
                }
            }
            Err(error) if findings::is_refusal(&error) => Ok(Outcome::refused(findings::refused(&error))),
            Err(error) => Err(error),
        }
    }
}

/// A change by what it changes and its id.
fn change_of(thing: &str, change: &str) -> String {
    format!("{thing}|{change}")
}

/// Whether a batch takes away and writes nothing.
fn only_deletes(changes: &[Change]) -> bool {
    changes.iter().all(|change| change.action == ChangeAction::Delete)
}
