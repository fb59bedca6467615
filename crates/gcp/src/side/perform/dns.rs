use privlink_core::side::{Exchange, Outcome};
use privlink_core::{DnsName, Error, ErrorKind, Result};

use super::super::naming::{self, Compared};
use super::super::steps::{MakeZone, ShowZone, WriteRecord};
use super::super::{findings, mark, read};
use super::{Act, cloud, is_unknown};
use crate::dns::CreateManagedZone;
use crate::ids::ManagedZoneName;
use crate::model::{ChangeStatus, ManagedZone, RecordSet};
use crate::notes::Begun;
use crate::problem::Problem;

/// One word for the whole wait, from the first answer on: an unchanged wait is told once.
const SPREADING: &str = "Cloud DNS is spreading the change to its servers";

impl Act<'_> {
    pub(super) async fn make_zone(&self, kind: &MakeZone) -> Result<Outcome> {
        let key = mark::zone_key(&self.network.network, &kind.zone);
        self.belongs(&key)?;
        if let Some(outcome) = self.zone_there(&kind.zone).await? {
            return Ok(outcome);
        }
        let dns = self.network.dns();
        let name = mark::zone_name(&self.network.network, &kind.zone);
        let description = mark::description(&self.cx.mark(key.clone()), None);
        let own = &self.network.network;
        let more = self.network.more_networks.iter().filter(|other| *other != own);
        let networks = std::iter::once(own).chain(more).cloned().collect();
        let request = CreateManagedZone::new(name, kind.zone.clone(), description, networks);
        match dns.create_managed_zone(&request).await {
            Ok(_) => Ok(Outcome::done(Exchange::new())),
            Err(error) if is_unknown(&error) => {
                self.begun(key.as_str(), Begun::Unknown);
                Ok(cloud("the zone may have been made"))
            }
            Err(error) if Problem::of(&error) == Problem::Exists => match self.zone_there(&kind.zone).await? {
                Some(outcome) => Ok(outcome),
                None => Ok(Outcome::refused(findings::zone_conflict(&kind.zone, &error))),
            },
            // A zone of another project that the network sees shows in no list, only in this.
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::InvalidInput) => {
                Ok(Outcome::refused(findings::zone_conflict(&kind.zone, &error)))
            }
            Err(error) => self.failed(error),
        }
    }

    /// The outcome when a zone of this name is there: ours, or somebody's that the network sees.
    async fn zone_there(&self, dns_name: &DnsName) -> Result<Option<Outcome>> {
        let network = &self.network.network;
        let key = mark::zone_key(network, dns_name);
        let zones = self.network.dns().managed_zones_named(dns_name).all().await?;
        if let Some(zone) =
            zones.iter().find(|zone| zone.is_seen_by(network) && !mark::of_zone(zone, network).is_ours())
        {
            return Ok(Some(Outcome::refused(findings::zone_of_somebody(zone))));
        }
        let ours = zones.iter().any(|zone| mark::of_zone(zone, network).is_ours());
        Ok(ours.then(|| self.settled(key.as_str(), Exchange::new())))
    }

    /// The zone a record goes into: the given one, or the one of ours with this name.
    async fn zone_for(
        &self,
        given: Option<&ManagedZoneName>,
        dns_name: &DnsName,
    ) -> Result<Result<ManagedZone, Outcome>> {
        let network = &self.network.network;
        let name = given.cloned().unwrap_or_else(|| mark::zone_name(network, dns_name));
        Ok(match self.network.dns().managed_zone(&name).await? {
            Some(zone) if zone.dns_name != *dns_name || !zone.private => {
                Err(Outcome::moved(findings::gone("private zone", dns_name.as_str())))
            }
            Some(zone) if given.is_none() && !mark::of_zone(&zone, network).is_ours() => {
                Err(Outcome::refused(findings::zone_of_somebody(&zone)))
            }
            Some(zone) => Ok(zone),
            None => Err(Outcome::moved(findings::gone("private zone", dns_name.as_str()))),
        })
    }

    pub(super) async fn write_record(&self, kind: &WriteRecord) -> Result<Outcome> {
        let network = &self.network.network;
        self.belongs(&mark::record_key(network, &kind.zone, &kind.record))?;
        let zone = match self.zone_for(kind.given.as_ref(), &kind.zone).await? {
            Ok(zone) => zone,
            Err(outcome) => return Ok(outcome),
        };
        let thing = format!("{}|{}", zone.name, kind.record);
        if let Some(outcome) = self.change_under_way(&zone.name, &thing).await? {
            return Ok(outcome);
        }
        // An address is the endpoint's only as long as the endpoint is the same.
        let rule = match self.rule_of(&kind.service).await? {
            Ok(rule) => rule,
            Err(outcome) => return Ok(outcome),
        };
        let addresses: Vec<_> = rule.ip_address.into_iter().collect();
        let wanted = naming::record_sets(&kind.record, &addresses);
        if wanted.is_empty() {
            return Ok(cloud("the endpoint's address is not known yet"));
        }
        let stored = self.records_of(&zone.name, &kind.record).await?;
        let existing = naming::answering(&stored, &kind.record);
        let inside_ours = mark::of_zone(&zone, network).is_ours();
        let owners = match existing.is_empty() {
            true => naming::Addresses::default(),
            false => self.addresses().await?,
        };
        match naming::compare(&existing, &wanted, &owners, inside_ours) {
            Compared::Same => Ok(self.settled(&thing, Exchange::new())),
            Compared::Foreign(set) => Ok(Outcome::refused(findings::record_of_somebody(set, &wanted))),
            // Added, not replaced: what somebody writes in between is never overwritten.
            Compared::Absent => self.change(&zone.name, &thing, &wanted, &[]).await,
            Compared::Stale(sets) => {
                let old: Vec<RecordSet> = sets.into_iter().cloned().collect();
                self.change(&zone.name, &thing, &wanted, &old).await
            }
        }
    }

    /// Whose addresses are whose, now.
    pub(super) async fn addresses(&self) -> Result<naming::Addresses> {
        let rules = read::endpoints(self.network).await?;
        let reserved = self.compute().addresses(&self.network.region).all().await?;
        Ok(read::owners(&rules, &reserved, self.keys))
    }

    /// The records of one name; a zone that is gone has none.
    pub(super) async fn records_of(&self, zone: &ManagedZoneName, record: &DnsName) -> Result<Vec<RecordSet>> {
        match self.network.dns().record_sets_of(zone, record).all().await {
            Err(error) if Problem::of(&error) == Problem::NotFound => Ok(Vec::new()),
            answer => answer,
        }
    }

    /// Changes records of one name, and remembers the change to wait for.
    pub(super) async fn change(
        &self,
        zone: &ManagedZoneName,
        thing: &str,
        additions: &[RecordSet],
        deletions: &[RecordSet],
    ) -> Result<Outcome> {
        match self.network.dns().change_record_sets(zone, additions, deletions).await {
            Ok(change) if change.status == ChangeStatus::Done => {
                self.notes().ended(thing);
                Ok(Outcome::done(Exchange::new()))
            }
            Ok(change) => {
                self.begun(thing, Begun::Known(change.id));
                Ok(cloud(SPREADING))
            }
            // The next look compares what is stored with what is wanted.
            Err(error) if is_unknown(&error) => {
                self.begun(thing, Begun::Unknown);
                Ok(cloud("the record may have been changed"))
            }
            Err(error) => self.unchanged(error),
        }
    }

    /// Refused because another run was first, which the next look finds; or as such.
    fn unchanged(&self, error: Error) -> Result<Outcome> {
        match Problem::of(&error) {
            Problem::Exists | Problem::Stale | Problem::NotFound => {
                Ok(cloud("another run changed the record at the same time"))
            }
            Problem::Invalid => Ok(Outcome::refused(findings::record_refused(&error))),
            _ => self.failed(error),
        }
    }

    /// The outcome while a change this process made is on its way, or just arrived.
    pub(super) async fn change_under_way(&self, zone: &ManagedZoneName, thing: &str) -> Result<Option<Outcome>> {
        let Some(Begun::Known(id)) = self.notes().of(thing) else { return Ok(None) };
        match self.network.dns().change(zone, &id).await? {
            Some(change) if change.status == ChangeStatus::Done => {
                self.notes().ended(thing);
                Ok(Some(Outcome::done(Exchange::new())))
            }
            Some(_) => Ok(Some(cloud(SPREADING))),
            // Not known any more: what is stored tells.
            None => {
                self.begun(thing, Begun::Unknown);
                Ok(None)
            }
        }
    }

    pub(super) async fn show_zone(&self, kind: &ShowZone) -> Result<Outcome> {
        let key = mark::showing_key(&self.network.network, &kind.zone, &kind.network);
        self.belongs(&key)?;
        let zone = match self.zone_for(kind.given.as_ref(), &kind.zone).await? {
            Ok(zone) => zone,
            Err(outcome) => return Ok(outcome),
        };
        match self.network.dns().show_to(&zone, std::slice::from_ref(&kind.network)).await {
            Ok(false) => Ok(self.settled(key.as_str(), Exchange::new())),
            Ok(true) => {
                self.begun(key.as_str(), Begun::Unknown);
                Ok(cloud("the zone is being shown to the network"))
            }
            Err(error) if is_unknown(&error) => {
                self.begun(key.as_str(), Begun::Unknown);
                Ok(cloud("the zone may have been shown to the network"))
            }
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::InvalidInput) => {
                Ok(Outcome::refused(findings::zone_conflict(&kind.zone, &error)))
            }
            Err(error) => self.failed(error),
        }
    }
}
