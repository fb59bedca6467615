use privlink_core::side::{Exchange, Expects, Outcome, Ownership};
use privlink_core::{Error, Result, Turn};

use super::super::steps::{ReleaseEndpoint, RemoveAddress, RemoveEndpoint, RemoveRecord, RemoveZone};
use super::super::{findings, mark, naming, read};
use super::{Act, LATER, cloud, is_unknown};
use crate::ids::name_of_link;
use crate::model::{ForwardingRule, RecordSet};
use crate::notes::Begun;
use crate::problem::Problem;

impl Act<'_> {
    /// Deletes records only while they say what they said when the plan was made.
    pub(super) async fn remove_record(&self, kind: &RemoveRecord) -> Result<Outcome> {
        self.belongs(&mark::record_key(&self.network.network, &kind.zone, &kind.record))?;
        let thing = format!("{}|{}", kind.name, kind.record);
        if let Some(outcome) = self.change_under_way(&kind.name, &thing).await? {
            return Ok(outcome);
        }
        let stored = self.records_of(&kind.name, &kind.record).await?;
        let existing = naming::answering(&stored, &kind.record);
        if existing.is_empty() {
            return Ok(self.settled(&thing, Exchange::new()));
        }
        let mut said: Vec<String> = existing.iter().map(ToString::to_string).collect();
        said.sort();
        let Expects::Value(wanted) = &self.step.expects else {
            return Err(Error::invalid("the step does not say what the record is expected to hold"));
        };
        if *wanted != said.join("; ") {
            return Ok(Outcome::moved(findings::record_changed(&kind.record, &said)));
        }
        if !self.may_delete_in(kind, &existing).await? {
            return Ok(Outcome::moved(findings::not_ours("zone", kind.name.as_str())));
        }
        let deletions: Vec<RecordSet> = existing.into_iter().cloned().collect();
        self.change(&kind.name, &thing, &[], &deletions).await
    }

    /// Whether the records may go: the zone is one of ours, or all of them hold addresses of ours
    /// alone. A plan can have been edited; its zone is not taken on trust.
    async fn may_delete_in(&self, kind: &RemoveRecord, sets: &[&RecordSet]) -> Result<bool> {
        match self.network.dns().managed_zone(&kind.name).await? {
            // The next look finds it gone.
            None => return Ok(true),
            Some(zone) if zone.dns_name != kind.zone => return Ok(false),
            Some(zone) if mark::of_zone(&zone, &self.network.network).is_ours() => return Ok(true),
            Some(_) if self.network.zone.as_ref() == Some(&kind.name) => return Ok(true),
            Some(_) => {}
        }
        let addresses = self.addresses().await?;
        Ok(sets.iter().all(|set| addresses.wrote(set, false)))
    }

    pub(super) async fn remove_zone(&self, kind: &RemoveZone) -> Result<Outcome> {
        let key = mark::zone_key(&self.network.network, &kind.zone);
        self.belongs(&key)?;
        let dns = self.network.dns();
        let Some(zone) = dns.managed_zone(&kind.name).await? else {
            return Ok(self.settled(key.as_str(), Exchange::new()));
        };
        if zone.dns_name != kind.zone || !mark::of_zone(&zone, &self.network.network).is_ours() {
            return Ok(Outcome::moved(findings::not_ours("zone", zone.name.as_str())));
        }
        let left: Vec<String> = read::records(&dns, &zone.name)
            .await?
            .iter()
            .filter(|set| !set.belongs_to_the_zone(&zone.dns_name))
            .map(ToString::to_string)
            .collect();
        if !left.is_empty() {
            return Ok(Outcome::moved(findings::zone_not_empty(&zone.dns_name, &left)));
        }
        match dns.delete_managed_zone(&zone.name).await {
            Ok(()) => {
                self.notes().ended(key.as_str());
                Ok(Outcome::done(Exchange::new()))
            }
            Err(error) if is_unknown(&error) => {
                self.begun(key.as_str(), Begun::Unknown);
                Ok(cloud("the zone may have been deleted"))
            }
            Err(error) if Problem::of(&error) == Problem::NotEmpty => {
                Ok(Outcome::moved(findings::zone_not_empty(&zone.dns_name, &[error.to_string()])))
            }
            Err(error) => self.failed(error),
        }
    }

    /// Deletes what is ours and waits until it is gone: only then may its address go.
    pub(super) async fn remove_endpoint(&self, kind: &RemoveEndpoint) -> Result<Outcome> {
        let key = self.keys.endpoint(&kind.service);
        self.belongs(&key)?;
        let thing = format!("delete:{key}");
        let Some(rule) = self.compute().forwarding_rule(&self.network.region, &kind.rule).await? else {
            return Ok(self.settled(&thing, Exchange::new()));
        };
        let is_ours = mark::of_rule(&rule, self.keys).is_ours();
        if !is_ours || rule.service_attachment().as_ref() != Some(&kind.service) {
            return Ok(Outcome::moved(findings::not_ours("endpoint", kind.rule.as_str())));
        }
        // The marks were just read: whoever has come to use it since the plan was made keeps it.
        let others = mark::other_users(&rule, self.user().as_deref());
        if !others.is_empty() {
            return Ok(Outcome::moved(findings::used_by_others(kind.rule.as_str(), &others)));
        }
        self.delete_rule(&thing, &kind.rule).await
    }

    pub(super) async fn release_endpoint(&self, kind: &ReleaseEndpoint) -> Result<Outcome> {
        let own = mark::adopted_label(&self.cx.mark(self.keys.endpoint(&kind.service)));
        let key = self.keys.adopted(&kind.service, &kind.rule, &own);
        self.belongs(&key)?;
        let rule = self.compute().forwarding_rule(&self.network.region, &kind.rule).await?;
        let adopted = |rule: &ForwardingRule| {
            matches!(mark::of_rule(rule, self.keys), Ownership::Adopted(_)) && rule.labels.contains_key(&own)
        };
        let Some(rule) = rule.filter(adopted) else {
            return Ok(self.settled(key.as_str(), Exchange::new()));
        };
        if let Some(outcome) = self.under_way(key.as_str()).await? {
            return Ok(outcome);
        }
        let labels = mark::released(&rule.labels, &own);
        let fingerprint = rule.label_fingerprint.as_deref();
        let answer = self.compute().set_labels(&self.network.region, &kind.rule, &labels, fingerprint).await;
        self.began(key.as_str(), answer.map(Some), cloud("the labels are being taken off"))
    }

    pub(super) async fn remove_address(&self, kind: &RemoveAddress) -> Result<Outcome> {
        let key = self.keys.address(&kind.service);
        self.belongs(&key)?;
        let thing = format!("delete:{key}");
        let Some(address) = self.compute().address(&self.network.region, &kind.name).await? else {
            return Ok(self.settled(&thing, Exchange::new()));
        };
        if !mark::of_address(&address, &key).is_ours() {
            return Ok(Outcome::moved(findings::not_ours("address", kind.name.as_str())));
        }
        if let Some(Begun::Known(_)) = self.notes().of(&thing) {
            match self.under_way(&thing).await {
                Err(error) if Problem::of(&error) == Problem::InUse => return Ok(self.in_use(kind, &address.users)),
                Ok(None) => {}
                answer => return answer.map(|outcome| outcome.unwrap_or_else(|| cloud("the address is going"))),
            }
        }
        match self.compute().delete_address(&self.network.region, &kind.name).await {
            // The endpoint's use of it ends a little after the endpoint.
            Err(error) if Problem::of(&error) == Problem::InUse => Ok(self.in_use(kind, &address.users)),
            answer => self.began(&thing, answer, cloud("the address is gone")),
        }
    }

    /// Who still uses an address of ours: the endpoint that goes, or somebody.
    fn in_use(&self, kind: &RemoveAddress, users: &[String]) -> Outcome {
        let ours = self.keys.rule_name(&kind.service);
        let others: Vec<&str> =
            users.iter().map(|link| name_of_link(link)).filter(|name| *name != ours.as_str()).collect();
        if others.is_empty() {
            return cloud("the deleted endpoint still uses the address");
        }
        let stage = format!("take {} off the address {}, which we did not make", others.join(", "), kind.name);
        Outcome::waiting(stage, Turn::You, LATER)
    }
}
