use privlink_core::{DnsName, Error, HostedZoneId, Page, Pages, Result};

use super::operations::{CHANGE_RECORD_SETS, GET_CHANGE, LIST_RECORD_SETS, NAMESPACE, UPSERT_RECORD_SETS, VERSION};
use super::{Route53, zone_path};
use crate::api::Rest;
use crate::model::{Change, ChangeAction, ChangeInfo, RecordSet};
use crate::wire::xml::{Element, Writer};

/// Where the next page of record sets starts: name, type, set identifier.
type Marker = (String, String, Option<String>);

impl Route53 {
    /// Applies a batch of changes to a zone, all or none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](privlink_core::ErrorKind::InvalidInput) (`InvalidChangeBatch`) with every reason
    /// Route 53 gives; `PriorRequestNotComplete` while another change is under way is tried again.
    pub async fn change_record_sets(&self, zone: &HostedZoneId, changes: &[Change]) -> Result<ChangeInfo> {
        if changes.is_empty() {
            return Err(Error::invalid("a batch of changes must not be empty"));
        }
        let body = Writer::document("ChangeResourceRecordSetsRequest", NAMESPACE, |to| {
            to.element("ChangeBatch", |to| {
                to.element("Changes", |to| {
                    for change in changes {
                        to.element("Change", |to| {
                            to.text("Action", change.action.as_str());
                            change.set.write(to);
                        });
                    }
                });
            });
        });
        let upserts = changes.iter().all(|change| change.action == ChangeAction::Upsert);
        let operation = if upserts { &UPSERT_RECORD_SETS } else { &CHANGE_RECORD_SETS };
        let path = format!("{}/rrset/", zone_path(zone));
        let answer = self.api.rest(operation, zone.as_str(), Rest::post(&path, body)).await?;
        ChangeInfo::read(&answer).map_err(|error| self.api.tell(operation, error))
    }

    /// The record sets of a zone.
    pub fn record_sets(&self, zone: &HostedZoneId) -> Pages<RecordSet> {
        self.record_sets_from(zone, None)
    }

    /// The record sets of one name; `None` beyond it is not read.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn record_sets_of(&self, zone: &HostedZoneId, name: &DnsName) -> Result<Vec<RecordSet>> {
        let wanted = crate::model::normal_name(name.as_str());
        let mut listing = self.record_sets_from(zone, Some(name));
        let mut found = Vec::new();
        while let Some(set) = listing.next().await {
            let set = set?;
            if set.name != wanted {
                break;
            }
            found.push(set);
        }
        Ok(found)
    }

    fn record_sets_from(&self, zone: &HostedZoneId, from: Option<&DnsName>) -> Pages<RecordSet> {
        let (api, zone) = (self.api.clone(), zone.clone());
        let from = from.map(|name| name.as_str().to_owned());
        Pages::new(move |marker: Option<Marker>| {
            let (api, zone, from) = (api.clone(), zone.clone(), from.clone());
            async move {
                let mut query: Vec<(&str, &str)> = Vec::new();
                match &marker {
                    Some((name, kind, identifier)) => {
                        query.extend([("name", name.as_str()), ("type", kind.as_str())]);
                        query.extend(identifier.as_deref().map(|identifier| ("identifier", identifier)));
                    }
                    None => query.extend(from.as_deref().map(|name| ("name", name))),
                }
                let path = format!("{}/rrset", zone_path(&zone));
                let answer = api.rest(&LIST_RECORD_SETS, zone.as_str(), Rest::get(&path).query(&query)).await?;
                let items = answer
                    .list("ResourceRecordSets")
                    .map(|set| RecordSet::read(set).map_err(|error| api.tell(&LIST_RECORD_SETS, error)));
                Ok(Page::new(items, next(&answer)))
            }
        })
    }

    /// How far a change has come; usually [`Insync`](crate::ChangeStatus::Insync) within a minute.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](privlink_core::ErrorKind::NotFound) when there is no such change.
    pub async fn change(&self, id: &str) -> Result<ChangeInfo> {
        let Some(id) = change_id(id) else {
            return Err(Error::invalid("the id of a change holds letters and digits only"));
        };
        let path = format!("/{VERSION}/change/{id}");
        let answer = self.api.rest(&GET_CHANGE, id, Rest::get(&path)).await?;
        ChangeInfo::read(&answer).map_err(|error| self.api.tell(&GET_CHANGE, error))
    }
}

/// The id of a change, without what the API puts before it; `None` when it is none.
pub(crate) fn change_id(text: &str) -> Option<&str> {
    let id = text.strip_prefix("/change/").unwrap_or(text);
    (!id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(id)
}

fn next(answer: &Element) -> Option<Marker> {
    if !answer.boolean("IsTruncated").unwrap_or(false) {
        return None;
    }
    Some((answer.string("NextRecordName")?, answer.string("NextRecordType")?, answer.string("NextRecordIdentifier")))
}
