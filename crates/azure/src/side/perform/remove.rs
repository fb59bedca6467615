use privlink_core::side::{Exchange, Expects, Outcome, Ownership};
use privlink_core::{Error, ErrorKind, Result};

use super::super::steps::{ReleaseEndpoint, RemoveEndpoint, RemoveLink, RemoveRecord, RemoveZone, label_of};
use super::super::{findings, mark};
use super::{Act, Course, cloud};
use crate::ids::PrivateDnsZoneId;
use crate::model::tag;
use crate::problem::Problem;

const DELETING: &str = "Azure is deleting it";
const RELEASING: &str = "the marks are being taken off";

impl Act<'_> {
    pub(super) async fn remove_link(&self, kind: &RemoveLink) -> Result<Outcome> {
        let zone = kind.link.zone();
        self.belongs(&mark::link_key(&self.network.network, &zone, &kind.network))?;
        let (dns, id) = (self.network.client.private_dns(), kind.link.resource());
        if let Course::Ends(outcome) = self.course(id, |handle| dns.resume_deletion(handle), DELETING).await? {
            return Ok(outcome);
        }
        let Some(link) = dns.link(&kind.link).await? else {
            let acted = self.over(id);
            return Ok(self.done(acted, Exchange::new()));
        };
        if !mark::of_link(&link, &self.network.network, &kind.network).is_ours() {
            return Ok(Outcome::moved(findings::not_ours(&format!("the link {}", kind.link.name()))));
        }
        match dns.delete_link(&kind.link, link.etag.as_deref()).await {
            Ok(operation) => Ok(self.under_way(id, &operation, DELETING.into())),
            Err(error) => self.failed(error, "the link may have been deleted"),
        }
    }

    /// Deletes a record only while it says what it said when the plan was made.
    pub(super) async fn remove_record(&self, kind: &RemoveRecord) -> Result<Outcome> {
        self.belongs(&mark::record_key(&self.network.network, &kind.zone, &kind.record))?;
        let label = label_of(&kind.zone, &kind.record)?;
        let Expects::Value(wanted) = &self.step.expects else {
            return Err(Error::invalid("the step does not say what the record is expected to hold"));
        };
        let dns = self.network.client.private_dns();
        let Some(set) = dns.a(&kind.zone, &label).await? else { return Ok(Outcome::already(Exchange::new())) };
        if *wanted != set.to_string() {
            return Ok(Outcome::moved(findings::record_changed(kind.record.as_str(), &set.to_string())));
        }
        if !mark::of_record(&set, &self.network.network, &kind.zone, &kind.record).is_ours() {
            return Ok(Outcome::moved(findings::not_ours(&format!("the record {}", kind.record))));
        }
        match dns.delete_a(&kind.zone, &label, set.etag.as_deref()).await {
            Ok(()) => Ok(Outcome::done(Exchange::new())),
            Err(error) => self.failed(error, "the record may have been deleted"),
        }
    }

    pub(super) async fn remove_zone(&self, kind: &RemoveZone) -> Result<Outcome> {
        self.belongs(&mark::zone_key(&self.network.network, &kind.zone))?;
        let (dns, id) = (self.network.client.private_dns(), kind.zone.resource());
        if let Course::Ends(outcome) = self.course(id, |handle| dns.resume_deletion(handle), DELETING).await? {
            return Ok(outcome);
        }
        let Some(zone) = dns.zone(&kind.zone).await? else {
            let acted = self.over(id);
            return Ok(self.done(acted, Exchange::new()));
        };
        if !mark::of_zone(&zone, &self.network.network).is_ours() {
            return Ok(Outcome::moved(findings::not_ours(&format!("the zone {}", zone.name))));
        }
        if self.begun(id) {
            return Ok(cloud(DELETING));
        }
        let left = self.left_in(&kind.zone).await?;
        let counted = zone.record_sets.filter(|sets| *sets > 1).map(|sets| format!("{} record sets", sets - 1));
        if let Some(left) = left.or(counted) {
            return Ok(Outcome::moved(findings::zone_not_empty(&kind.zone, &left)));
        }
        match dns.delete_zone(&kind.zone, zone.etag.as_deref()).await {
            Ok(operation) => Ok(self.under_way(id, &operation, DELETING.into())),
            Err(error) if matches!(Problem::of(&error), Problem::InUse | Problem::Exists) => {
                Ok(Outcome::moved(findings::zone_not_empty(&kind.zone, &error.to_string())))
            }
            Err(error) => self.failed(error, "the zone may have been deleted"),
        }
    }

    /// What a zone still holds: records of the types that can be listed, and links.
    async fn left_in(&self, zone: &PrivateDnsZoneId) -> Result<Option<String>> {
        let dns = self.network.client.private_dns();
        let gone = |error: Error| if error.kind() == ErrorKind::NotFound { Ok(Vec::new()) } else { Err(error) };
        let links = match dns.links(zone).all().await {
            Ok(links) => links,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let sets = dns.a_sets(zone).all().await.or_else(gone)?;
        let mut left: Vec<String> = links.iter().map(|link| format!("link {}", link.id.name())).collect();
        left.extend(sets.iter().map(ToString::to_string));
        Ok((!left.is_empty()).then(|| left.join(", ")))
    }

    /// Deletes what is ours and waits until it is gone.
    pub(super) async fn remove_endpoint(&self, kind: &RemoveEndpoint) -> Result<Outcome> {
        self.belongs(&self.keys.endpoint(&kind.service))?;
        let networking = self.network.client.networking();
        let (mut acted, mut waiting) = (false, None);
        for id in &kind.endpoints {
            let thing = id.resource();
            if let Course::Ends(outcome) =
                self.course(thing, |handle| networking.resume_deletion(handle), DELETING).await?
            {
                match outcome {
                    Outcome::Waiting { .. } => {
                        waiting = Some(outcome);
                        continue;
                    }
                    other => return Ok(other),
                }
            }
            let Some(endpoint) = networking.private_endpoint(id).await? else {
                acted |= self.over(thing);
                continue;
            };
            if super::super::facts::is_going(&endpoint) {
                waiting = Some(cloud(DELETING));
                continue;
            }
            if !mark::of_endpoint(&endpoint, &kind.service, &self.keys).is_ours() {
                return Ok(Outcome::moved(findings::not_ours(&format!("the endpoint {}", thing.name()))));
            }
            // The marks were just read: whoever has come to use it since the plan was made keeps it.
            let others = mark::other_users(&endpoint.tags, self.user().as_deref());
            if !others.is_empty() {
                return Ok(Outcome::moved(findings::used_by_others(thing.name(), &others)));
            }
            waiting = Some(self.changing(thing, networking.delete_just_read(id).await, DELETING)?);
        }
        Ok(waiting.unwrap_or_else(|| self.done(acted, Exchange::new())))
    }

    pub(super) async fn release_endpoint(&self, kind: &ReleaseEndpoint) -> Result<Outcome> {
        let mark = self.cx.mark(self.keys.endpoint(&kind.service));
        let own = mark::adopted_tag(&mark);
        self.belongs(&self.keys.adopted(&kind.service, kind.endpoint.as_str(), &own))?;
        let (networking, id) = (self.network.client.networking(), kind.endpoint.resource());
        let course = self.course(id, |handle| networking.resume_private_endpoint(handle), RELEASING).await?;
        if let Course::Ends(outcome) = course {
            return Ok(outcome);
        }
        let released = match networking.private_endpoint(&kind.endpoint).await? {
            None => None,
            Some(endpoint) => {
                let whose = mark::of_endpoint(&endpoint, &kind.service, &self.keys);
                let by_us = tag(&endpoint.tags, &own).is_some();
                (by_us && matches!(whose, Ownership::Adopted(_))).then_some(endpoint)
            }
        };
        let Some(endpoint) = released else {
            let acted = self.over(id);
            return Ok(self.done(acted, Exchange::new()));
        };
        let going = mark::released(&mark, &endpoint.tags);
        let request = going.iter().fold(endpoint.as_request()?, |request, name| request.without_tag(name));
        self.changing(id, networking.put_private_endpoint(&request).await, RELEASING)
    }
}
