use http::Method;
use privlink_core::{DnsName, Error, Pages, Result};

use super::Dns;
use super::operations::{
    CHANGES_CREATE, CHANGES_GET, RECORDS_CREATE, RECORDS_DELETE, RECORDS_GET, RECORDS_LIST, RECORDS_PATCH,
};
use crate::Problem;
use crate::api::{Call, page};
use crate::ids::ManagedZoneName;
use crate::model::{Change, RecordSet, RecordType};
use crate::wire::dns as wire;

impl Dns {
    /// The records of a zone.
    pub fn record_sets(&self, zone: &ManagedZoneName) -> Pages<RecordSet> {
        self.records(zone, None)
    }

    /// The records of one name of a zone.
    pub fn record_sets_of(&self, zone: &ManagedZoneName, name: &DnsName) -> Pages<RecordSet> {
        self.records(zone, Some(format!("{name}.")))
    }

    fn records(&self, zone: &ManagedZoneName, name: Option<String>) -> Pages<RecordSet> {
        let (dns, zone) = (self.clone(), zone.clone());
        Pages::new(move |token| {
            let (dns, zone, name) = (dns.clone(), zone.clone(), name.clone());
            async move {
                let path = dns.path(&[zone.as_str(), "rrsets"]);
                let mut call = Call::new(&RECORDS_LIST, Method::GET, dns.resource(zone.as_str()), path).page(token);
                if let Some(name) = name {
                    call = call.query("name", name);
                }
                let list: wire::RecordSets = dns.api.read(&call).await?;
                Ok(page(list.rrsets, list.next_page_token, |wire| dns.api.told(&call, RecordSet::read(wire))))
            }
        })
    }

    /// The records of one name and type, or `None` when there are none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn record_set(
        &self,
        zone: &ManagedZoneName,
        name: &DnsName,
        kind: &RecordType,
    ) -> Result<Option<RecordSet>> {
        let dotted = format!("{name}.");
        let path = self.path(&[zone.as_str(), "rrsets", &dotted, kind.as_str()]);
        let call = Call::new(&RECORDS_GET, Method::GET, self.resource(&format!("{zone}/{name}/{kind}")), path);
        self.api.find(call, RecordSet::read).await
    }

    /// Writes records of a name and type that has none yet.
    ///
    /// # Errors
    /// [`Problem::Exists`] when there are some.
    pub async fn create_record_set(&self, zone: &ManagedZoneName, set: &RecordSet) -> Result<RecordSet> {
        let path = self.path(&[zone.as_str(), "rrsets"]);
        let call = Call::new(&RECORDS_CREATE, Method::POST, self.resource(&format!("{zone}/{}", set.name)), path);
        self.api.send(&call, &set.wire(), RecordSet::read).await
    }

    /// Replaces the records of a name and type, whatever they say;
    /// [`change_record_sets`](Self::change_record_sets) replaces only what was read.
    ///
    /// # Errors
    /// [`Problem::NotFound`] when there are none.
    pub async fn replace_record_set(&self, zone: &ManagedZoneName, set: &RecordSet) -> Result<RecordSet> {
        let dotted = format!("{}.", set.name);
        let path = self.path(&[zone.as_str(), "rrsets", &dotted, set.kind.as_str()]);
        let call = Call::new(&RECORDS_PATCH, Method::PATCH, self.resource(&format!("{zone}/{}", set.name)), path);
        self.api.send(&call, &set.wire(), RecordSet::read).await
    }

    /// Deletes the records of a name and type, whatever they say; none there is no error.
    ///
    /// # Errors
    /// When it was refused.
    pub async fn delete_record_set(&self, zone: &ManagedZoneName, name: &DnsName, kind: &RecordType) -> Result<()> {
        let dotted = format!("{name}.");
        let path = self.path(&[zone.as_str(), "rrsets", &dotted, kind.as_str()]);
        let call = Call::new(&RECORDS_DELETE, Method::DELETE, self.resource(&format!("{zone}/{name}/{kind}")), path);
        match self.api.tell(call).await {
            Err(error) if Problem::of(&error) == Problem::NotFound => Ok(()),
            answer => answer,
        }
    }

    /// Changes records, all of them or none: `deletions` must say exactly what is there, and of
    /// `additions` nothing may be there. So nobody's record is overwritten unseen.
    ///
    /// # Errors
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) before any request when there is
    /// nothing to change; [`Problem::Exists`] when an addition is there;
    /// [`Problem::Stale`] or [`Problem::NotFound`] when a deletion is not.
    pub async fn change_record_sets(
        &self,
        zone: &ManagedZoneName,
        additions: &[RecordSet],
        deletions: &[RecordSet],
    ) -> Result<Change> {
        if additions.is_empty() && deletions.is_empty() {
            return Err(Error::invalid("there is nothing to change"));
        }
        let body = wire::WriteChange {
            additions: additions.iter().map(RecordSet::wire).collect(),
            deletions: deletions.iter().map(RecordSet::wire).collect(),
        };
        let path = self.path(&[zone.as_str(), "changes"]);
        let call = Call::new(&CHANGES_CREATE, Method::POST, self.resource(zone.as_str()), path);
        self.api.send(&call, &body, Change::read).await
    }

    /// Where a change stands, or `None` when it is not known.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn change(&self, zone: &ManagedZoneName, id: &str) -> Result<Option<Change>> {
        let path = self.path(&[zone.as_str(), "changes", id]);
        let call = Call::new(&CHANGES_GET, Method::GET, self.resource(&format!("{zone}/changes/{id}")), path);
        self.api.find(call, Change::read).await
    }
}
