//! `Microsoft.Network/privateDnsZones`: private zones, their links and their records.

pub(crate) mod operations;

use privlink_core::transport::Operation;
use privlink_core::{AzureResourceId, Error, ErrorKind, Pages, Result, SubscriptionId};

use self::operations::{
    CREATE_LINK, CREATE_ZONE, DELETE_LINK, DELETE_RECORD_SET, DELETE_ZONE, GET_LINK, GET_RECORD_SET, GET_ZONE,
    LIST_LINKS, LIST_RECORD_SETS, LIST_ZONES, LIST_ZONES_OF_SUBSCRIPTION, PUT_ZONE, WRITE_RECORD_SET,
};
use crate::api::{Arm, Condition, Provider, found};
use crate::ids::{PrivateDnsZoneId, ResourceGroup, VirtualNetworkId, VirtualNetworkLinkId};
use crate::lro::{self, Kind, LongRunning, OperationHandle};
use crate::model::{ARecordSet, PrivateZone, RecordSet, Tags, VirtualNetworkLink};
use crate::wire::{self, SubResource, dns};

const DNS: Provider = Provider::PrivateDns;
/// Zones and links live in no region.
const GLOBAL: &str = "global";

const ZONE: Kind<PrivateZone> = Kind {
    get: GET_ZONE,
    provider: DNS,
    read: |arm, path, response| PrivateZone::read(arm.read(&GET_ZONE, path, response)?),
    provisioning: |zone| zone.provisioning.as_ref(),
    deletes: false,
};
const LINK: Kind<VirtualNetworkLink> = Kind {
    get: GET_LINK,
    provider: DNS,
    read: |arm, path, response| VirtualNetworkLink::read(arm.read(&GET_LINK, path, response)?),
    provisioning: |link| link.provisioning.as_ref(),
    deletes: false,
};
const NO_ZONE: Kind<()> = lro::deletion(GET_ZONE, DNS);
const NO_LINK: Kind<()> = lro::deletion(GET_LINK, DNS);

/// When a write is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: HTTP has these two conditions on what is there")]
pub enum Expect<'a> {
    /// Nothing is there yet: `If-None-Match: *`.
    Absent,
    /// It has not changed since it was read with this `etag`: `If-Match`.
    Unchanged(&'a str),
}

impl<'a> From<Expect<'a>> for Condition<'a> {
    fn from(expect: Expect<'a>) -> Self {
        match expect {
            Expect::Absent => Self::Absent,
            Expect::Unchanged(etag) => Self::Unchanged(etag),
        }
    }
}

/// The calls of private DNS; see [`Client::private_dns`](crate::Client::private_dns).
///
/// Every write says what must be there for it to be right, so that nobody's change is overwritten.
#[derive(Clone, Debug)]
pub struct PrivateDns {
    arm: Arm,
}

impl PrivateDns {
    pub(crate) fn new(arm: Arm) -> Self {
        Self { arm }
    }

    /// Makes a private zone; it answers nowhere before it is linked.
    ///
    /// # Errors
    /// [`Conflict`](privlink_core::ErrorKind::Conflict) when it is there already.
    pub async fn create_zone(&self, id: &PrivateDnsZoneId, tags: &Tags) -> Result<LongRunning<PrivateZone>> {
        self.put_zone(&CREATE_ZONE, id, tags, Condition::Absent).await
    }

    /// Replaces the tags of a zone that was read with this `etag`.
    ///
    /// # Errors
    /// [`Conflict`](privlink_core::ErrorKind::Conflict) when it has changed since.
    pub async fn tag_zone(&self, id: &PrivateDnsZoneId, tags: &Tags, etag: &str) -> Result<LongRunning<PrivateZone>> {
        self.put_zone(&PUT_ZONE, id, tags, Condition::Unchanged(etag)).await
    }

    async fn put_zone(
        &self,
        operation: &Operation,
        id: &PrivateDnsZoneId,
        tags: &Tags,
        condition: Condition<'_>,
    ) -> Result<LongRunning<PrivateZone>> {
        let body = dns::PutPrivateZone { location: GLOBAL, tags };
        let answer = self.arm.put(operation, DNS, id.as_str(), &body, condition).await?;
        LongRunning::begun(&self.arm, ZONE, operation, id.resource(), &answer)
    }

    /// A private zone, or `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn zone(&self, id: &PrivateDnsZoneId) -> Result<Option<PrivateZone>> {
        self.one(&GET_ZONE, id.as_str(), PrivateZone::read).await
    }

    /// Deletes a zone with all its records; one that is gone is no error.
    ///
    /// # Errors
    /// [`Conflict`](privlink_core::ErrorKind::Conflict) while it is linked to a network.
    pub async fn delete_zone(&self, id: &PrivateDnsZoneId, etag: Option<&str>) -> Result<LongRunning<()>> {
        self.delete(&DELETE_ZONE, NO_ZONE, id.resource(), etag).await
    }

    /// The private zones of a resource group.
    pub fn zones_in(&self, group: &ResourceGroup) -> Pages<PrivateZone> {
        let path = format!("{group}/providers/Microsoft.Network/privateDnsZones");
        self.arm.list(LIST_ZONES, DNS, path, PrivateZone::read)
    }

    /// The private zones of a subscription, in whatever group.
    pub fn zones_of(&self, subscription: SubscriptionId) -> Pages<PrivateZone> {
        let path = format!("/subscriptions/{subscription}/providers/Microsoft.Network/privateDnsZones");
        self.arm.list(LIST_ZONES_OF_SUBSCRIPTION, DNS, path, PrivateZone::read)
    }

    /// The same without those in groups whose names [`ResourceGroup`] does not take: they are somebody else's.
    pub(crate) fn legible_zones_of(&self, subscription: SubscriptionId) -> Pages<Option<PrivateZone>> {
        let path = format!("/subscriptions/{subscription}/providers/Microsoft.Network/privateDnsZones");
        self.arm.list(LIST_ZONES_OF_SUBSCRIPTION, DNS, path, |wire: dns::PrivateZone| {
            match wire::is_foreign_id(wire.id.as_deref()) {
                true => Ok(None),
                false => PrivateZone::read(wire).map(Some),
            }
        })
    }

    /// Takes the wait for a zone up again, here or in another process.
    ///
    /// # Errors
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when the handle is of something else.
    pub fn resume_zone(&self, handle: OperationHandle) -> Result<LongRunning<PrivateZone>> {
        LongRunning::resumed(&self.arm, ZONE, handle)
    }

    /// Takes the wait for a link up again.
    ///
    /// # Errors
    /// As [`PrivateDns::resume_zone`].
    pub fn resume_link(&self, handle: OperationHandle) -> Result<LongRunning<VirtualNetworkLink>> {
        LongRunning::resumed(&self.arm, LINK, handle)
    }

    /// Takes the wait for the deletion of a zone or link up again.
    ///
    /// # Errors
    /// As [`PrivateDns::resume_zone`].
    pub fn resume_deletion(&self, handle: OperationHandle) -> Result<LongRunning<()>> {
        LongRunning::resumed(&self.arm, NO_LINK, handle)
    }

    /// Links a zone to a network, which may be in another subscription; machines do not register
    /// themselves.
    ///
    /// # Errors
    /// [`Conflict`](privlink_core::ErrorKind::Conflict) when a link of this name is there, or the
    /// network is linked to another zone of the same name.
    pub async fn create_link(
        &self,
        id: &VirtualNetworkLinkId,
        network: &VirtualNetworkId,
        tags: &Tags,
    ) -> Result<LongRunning<VirtualNetworkLink>> {
        let properties = dns::PutVirtualNetworkLinkProperties {
            virtual_network: SubResource::of(network),
            registration_enabled: false,
        };
        let body = dns::PutVirtualNetworkLink { location: GLOBAL, tags, properties };
        let answer = self.arm.put(&CREATE_LINK, DNS, id.as_str(), &body, Condition::Absent).await?;
        LongRunning::begun(&self.arm, LINK, &CREATE_LINK, id.resource(), &answer)
    }

    /// A link, or `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn link(&self, id: &VirtualNetworkLinkId) -> Result<Option<VirtualNetworkLink>> {
        self.one(&GET_LINK, id.as_str(), VirtualNetworkLink::read).await
    }

    /// Deletes a link; one that is gone is no error.
    ///
    /// # Errors
    /// When it was refused.
    pub async fn delete_link(&self, id: &VirtualNetworkLinkId, etag: Option<&str>) -> Result<LongRunning<()>> {
        self.delete(&DELETE_LINK, NO_LINK, id.resource(), etag).await
    }

    /// The links of a zone.
    pub fn links(&self, zone: &PrivateDnsZoneId) -> Pages<VirtualNetworkLink> {
        self.arm.list(LIST_LINKS, DNS, format!("{zone}/virtualNetworkLinks"), VirtualNetworkLink::read)
    }

    /// Writes the A record set `name` of a zone: `@` for the zone itself, `*`, or labels.
    ///
    /// # Errors
    /// [`Conflict`](privlink_core::ErrorKind::Conflict) when what is there is not as expected.
    pub async fn write_a(
        &self,
        zone: &PrivateDnsZoneId,
        name: &str,
        set: &ARecordSet,
        expect: Expect<'_>,
    ) -> Result<RecordSet> {
        let path = record(zone, name)?;
        let answer = self.arm.put(&WRITE_RECORD_SET, DNS, &path, &set.body(), expect.into()).await?;
        let read = self.arm.read(&WRITE_RECORD_SET, &path, &answer).and_then(RecordSet::read);
        // It was written all the same; what came of it must be looked at.
        read.map_err(|error| self.arm.told(&WRITE_RECORD_SET, &path, error.with_kind(ErrorKind::OutcomeUnknown)))
    }

    /// The A record set `name` of a zone, or `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn a(&self, zone: &PrivateDnsZoneId, name: &str) -> Result<Option<RecordSet>> {
        self.one(&GET_RECORD_SET, &record(zone, name)?, RecordSet::read).await
    }

    /// Deletes the A record set `name` of a zone; one that is gone is no error.
    ///
    /// # Errors
    /// [`Conflict`](privlink_core::ErrorKind::Conflict) when it has changed since it was read with `etag`.
    pub async fn delete_a(&self, zone: &PrivateDnsZoneId, name: &str, etag: Option<&str>) -> Result<()> {
        let path = record(zone, name)?;
        let condition = etag.map_or(Condition::None, Condition::Unchanged);
        self.arm.delete(&DELETE_RECORD_SET, DNS, &path, condition).await.map(drop)
    }

    /// The A record sets of a zone.
    pub fn a_sets(&self, zone: &PrivateDnsZoneId) -> Pages<RecordSet> {
        self.arm.list(LIST_RECORD_SETS, DNS, format!("{zone}/A"), RecordSet::read)
    }

    async fn delete(
        &self,
        operation: &Operation,
        kind: Kind<()>,
        id: &AzureResourceId,
        etag: Option<&str>,
    ) -> Result<LongRunning<()>> {
        let condition = etag.map_or(Condition::None, Condition::Unchanged);
        match self.arm.delete(operation, DNS, id.as_str(), condition).await? {
            Some(answer) => LongRunning::begun(&self.arm, kind, operation, id, &answer),
            None => Ok(LongRunning::over(&self.arm, kind, ())),
        }
    }

    async fn one<W: serde::de::DeserializeOwned, T>(
        &self,
        operation: &Operation,
        path: &str,
        read: impl FnOnce(W) -> Result<T>,
    ) -> Result<Option<T>> {
        let wire = found(self.arm.get(operation, DNS, path).await)?;
        let read = wire.map(read).transpose();
        read.map_err(|error| self.arm.told(operation, path, error))
    }
}

/// The path of an A record set, whose name is checked like every part of an id.
fn record(zone: &PrivateDnsZoneId, name: &str) -> Result<String> {
    let path = format!("{zone}/A/{name}");
    match path.parse::<AzureResourceId>() {
        Ok(_) if name != "." && !name.is_empty() => Ok(path),
        Ok(_) => Err(Error::invalid("a record set has a name: `@`, `*` or labels")),
        Err(error) => Err(error.into()),
    }
}
