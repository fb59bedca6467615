use privlink_core::side::{Exchange, Outcome};
use privlink_core::{ErrorKind, Result};

use super::super::steps::{LinkZone, MakeZone, WriteRecord, label_of};
use super::super::{findings, inventory, mark, naming};
use super::{Act, Course, cloud};
use crate::dns::Expect;
use crate::ids::PrivateDnsZoneId;
use crate::model::{ARecordSet, PrivateZone, ProvisioningState};
use crate::problem::Problem;

const MAKING: &str = "Azure is making the zone";
const LINKING: &str = "Azure is linking the zone";

impl Act<'_> {
    pub(super) async fn make_zone(&self, kind: &MakeZone) -> Result<Outcome> {
        let key = mark::zone_key(&self.network.network, &kind.zone);
        self.belongs(&key)?;
        let (dns, id) = (self.network.client.private_dns(), kind.zone.resource());
        let course = self.course(id, |handle| dns.resume_zone(handle), MAKING).await?;
        if let Course::Ends(outcome) = course {
            return Ok(outcome);
        }
        if let Some(zone) = dns.zone(&kind.zone).await? {
            return self.standing_zone(&zone).await;
        }
        let tags = mark::tags(&self.cx.mark(key), &self.network.tags);
        match dns.create_zone(&kind.zone, &tags).await {
            Ok(operation) if operation.is_over() => match dns.zone(&kind.zone).await? {
                Some(zone) if is_built(&zone) => Ok(Outcome::done(Exchange::new())),
                _ => Ok(self.under_way(id, &operation, MAKING.into())),
            },
            Ok(operation) => Ok(self.under_way(id, &operation, MAKING.into())),
            // Another run was first; whose it is, the next look tells.
            Err(error) if is_there_already(&error) => match dns.zone(&kind.zone).await? {
                Some(zone) => Ok(self.zone_there(&zone)),
                None => Ok(cloud("another run is making the zone")),
            },
            Err(error) => self.failed(error, "the zone may have been made"),
        }
    }

    /// A zone that is there: one of ours that failed is asked for again as it is.
    async fn standing_zone(&self, zone: &PrivateZone) -> Result<Outcome> {
        let failed = matches!(zone.provisioning, Some(ProvisioningState::Failed | ProvisioningState::Canceled));
        let ours = mark::of_zone(zone, &self.network.network).is_ours();
        let Some(etag) = zone.etag.as_deref().filter(|_| failed && ours) else { return Ok(self.zone_there(zone)) };
        match self.network.client.private_dns().tag_zone(&zone.id, &zone.tags, etag).await {
            Ok(operation) => Ok(self.under_way(zone.id.resource(), &operation, MAKING.into())),
            Err(error) => self.failed(error, "the zone may have been asked for again"),
        }
    }

    fn zone_there(&self, zone: &PrivateZone) -> Outcome {
        if !mark::of_zone(zone, &self.network.network).is_ours() {
            return Outcome::refused(findings::zone_of_somebody(&zone.id));
        }
        match &zone.provisioning {
            _ if is_built(zone) => {
                let acted = self.over(zone.id.resource());
                self.done(acted, Exchange::new())
            }
            Some(state) => cloud(format!("the zone is {state}")),
            None => cloud(MAKING),
        }
    }

    pub(super) async fn write_record(&self, kind: &WriteRecord) -> Result<Outcome> {
        let key = mark::record_key(&self.network.network, &kind.zone, &kind.record);
        self.belongs(&key)?;
        let label = label_of(&kind.zone, &kind.record)?;
        if let Some(outcome) = self.zone_missing(&kind.zone, kind.given).await? {
            return Ok(outcome);
        }
        // An address is the endpoint's only as long as the endpoint is the same.
        let endpoint = match self.endpoint_of(&kind.service).await? {
            Ok(endpoint) => endpoint,
            Err(outcome) => return Ok(outcome),
        };
        let told = self.known.endpoints.get(&self.slot()).filter(|facts| !facts.addresses.is_empty());
        let wanted = match told {
            Some(facts) => naming::addresses(facts),
            None => naming::addresses_of(inventory::address_of(self.network, &endpoint).await?),
        };
        if wanted.is_empty() {
            return Ok(cloud("the endpoint's interface has no address yet"));
        }
        let dns = self.network.client.private_dns();
        let mark = self.cx.mark(key);
        let mut set = ARecordSet::new(wanted.iter().copied()).ttl(naming::TTL);
        set.metadata = mark::tags(&mark, &crate::model::Tags::new());
        let existing = dns.a(&kind.zone, &label).await?;
        let expect = match &existing {
            Some(there) if naming::says(there, &wanted) => return Ok(Outcome::already(Exchange::new())),
            Some(there) => {
                let whose = mark::of_record(there, &self.network.network, &kind.zone, &kind.record);
                let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
                match (&there.etag, whose.is_ours()) {
                    (Some(etag), true) => Expect::Unchanged(etag),
                    _ => {
                        return Ok(Outcome::refused(findings::record_of_somebody(
                            &kind.zone,
                            there,
                            &wanted.join(" "),
                        )));
                    }
                }
            }
            // Created, not replaced: what somebody writes in between is never overwritten.
            None => Expect::Absent,
        };
        match dns.write_a(&kind.zone, &label, &set, expect).await {
            Ok(_) => Ok(Outcome::done(Exchange::new())),
            Err(error) if is_there_already(&error) => Ok(cloud("another run changed the record at the same time")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(cloud("the zone is not visible everywhere yet")),
            Err(error) => self.failed(error, "the record may have been written"),
        }
    }

    pub(super) async fn link_zone(&self, kind: &LinkZone) -> Result<Outcome> {
        let key = mark::link_key(&self.network.network, &kind.zone, &kind.network);
        self.belongs(&key)?;
        if let Some(outcome) = self.zone_missing(&kind.zone, kind.given).await? {
            return Ok(outcome);
        }
        let dns = self.network.client.private_dns();
        let id = kind.zone.link(&mark::link_name(&key))?;
        let course = self.course(id.resource(), |handle| dns.resume_link(handle), LINKING).await?;
        if let Course::Ends(outcome) = course {
            return Ok(outcome);
        }
        let links = dns.links(&kind.zone).all().await?;
        if let Some(link) = links.iter().find(|link| link.is_to(&kind.network)) {
            if link.is_complete() {
                let acted = self.over(id.resource());
                return Ok(self.done(acted, Exchange::new()));
            }
            // One of ours that failed makes room for another; somebody else's is theirs to mend.
            let ours = mark::of_link(link, &self.network.network, &kind.network).is_ours();
            if !(link.has_failed() && ours) {
                return Ok(cloud(LINKING));
            }
            return match dns.delete_link(&link.id, link.etag.as_deref()).await {
                Ok(_) => Ok(cloud("the link failed, and is made anew")),
                Err(error) => self.failed(error, "the link that failed may have been deleted"),
            };
        }
        // A list may show it later than the link itself.
        if dns.link(&id).await?.is_some() {
            return Ok(cloud(LINKING));
        }
        let tags = mark::tags(&self.cx.mark(key), &self.network.tags);
        match dns.create_link(&id, &kind.network, &tags).await {
            Ok(operation) if operation.is_over() => match dns.link(&id).await? {
                Some(link) if link.is_complete() => Ok(Outcome::done(Exchange::new())),
                _ => Ok(self.under_way(id.resource(), &operation, LINKING.into())),
            },
            Ok(operation) => Ok(self.under_way(id.resource(), &operation, LINKING.into())),
            Err(error) if Problem::of(&error) == Problem::Changed => Ok(cloud("another run is linking the zone")),
            // No link of ours is there, so that it is another zone of this name that stands in the way.
            Err(error) if Problem::of(&error) == Problem::Exists => {
                Ok(Outcome::refused(findings::linked_elsewhere(&kind.zone, error.to_string())))
            }
            Err(error) => self.failed(error, "the link may have been made"),
        }
    }

    /// The outcome when the zone of a record or link is not there to be written into.
    async fn zone_missing(&self, id: &PrivateDnsZoneId, given: bool) -> Result<Option<Outcome>> {
        let found = self.network.client.private_dns().zone(id).await?;
        Ok(match found {
            None => Some(Outcome::moved(findings::endpoint_gone(&format!("the private zone {}", id.name())))),
            Some(_) if given && self.network.zone.as_ref() == Some(id) => None,
            Some(zone) if mark::of_zone(&zone, &self.network.network).is_ours() => None,
            Some(zone) => Some(Outcome::refused(findings::zone_of_somebody(&zone.id))),
        })
    }
}

fn is_built(zone: &PrivateZone) -> bool {
    matches!(zone.provisioning, Some(ProvisioningState::Succeeded) | None)
}

/// A write that was to make something found that it is there.
fn is_there_already(error: &privlink_core::Error) -> bool {
    matches!(Problem::of(error), Problem::Changed | Problem::Exists)
}
