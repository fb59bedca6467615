use std::fmt;
use std::net::Ipv4Addr;

use privlink_core::{DnsName, IdError, Result};
use serde::{Deserialize, Serialize};

use super::{LinkState, ProvisioningState, Tags};
use crate::ids::{PrivateDnsZoneId, VirtualNetworkId, VirtualNetworkLinkId};
use crate::wire::{self, dns};

/// A private DNS zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PrivateZone {
    /// Its id.
    pub id: PrivateDnsZoneId,
    /// Its name.
    pub name: DnsName,
    /// Its tags.
    pub tags: Tags,
    /// Changes with every change of it.
    pub etag: Option<String>,
    /// How far Azure is with it.
    pub provisioning: Option<ProvisioningState>,
    /// How many record sets it holds, its own SOA among them.
    pub record_sets: Option<u64>,
    /// How many it may hold.
    pub most_record_sets: Option<u64>,
    /// How many networks it is linked to.
    pub links: Option<u64>,
    /// How many it may be linked to.
    pub most_links: Option<u64>,
}

impl PrivateZone {
    pub(crate) fn read(wire: dns::PrivateZone) -> Result<Self> {
        let id: PrivateDnsZoneId = wire::id("private DNS zone", "id", wire.id.as_deref())?;
        let properties = wire.properties.unwrap_or_default();
        Ok(Self {
            name: id.zone(),
            id,
            tags: wire.tags.unwrap_or_default(),
            etag: wire.etag,
            provisioning: properties.provisioning_state.as_deref().map(Into::into),
            record_sets: properties.number_of_record_sets,
            most_record_sets: properties.max_number_of_record_sets,
            links: properties.number_of_virtual_network_links,
            most_links: properties.max_number_of_virtual_network_links,
        })
    }
}

/// A zone's link to a virtual network, which makes the zone answer there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VirtualNetworkLink {
    /// Its id.
    pub id: VirtualNetworkLinkId,
    /// The network.
    #[serde(with = "super::readable::one")]
    pub network: Option<Result<VirtualNetworkId, IdError>>,
    /// Whether machines of the network register themselves in the zone.
    pub registers: bool,
    /// Whether it is in effect.
    pub state: Option<LinkState>,
    /// How far Azure is with it.
    pub provisioning: Option<ProvisioningState>,
    /// Its tags.
    pub tags: Tags,
    /// Changes with every change of it.
    pub etag: Option<String>,
}

impl VirtualNetworkLink {
    pub(crate) fn read(wire: dns::VirtualNetworkLink) -> Result<Self> {
        let properties = wire.properties.unwrap_or_default();
        Ok(Self {
            id: wire::id("virtual network link", "id", wire.id.as_deref())?,
            network: properties.virtual_network.and_then(|network| network.id).map(|id| id.parse()),
            registers: properties.registration_enabled.unwrap_or(false),
            state: properties.virtual_network_link_state.as_deref().map(Into::into),
            provisioning: properties.provisioning_state.as_deref().map(Into::into),
            tags: wire.tags.unwrap_or_default(),
            etag: wire.etag,
        })
    }

    /// Whether it links to `network`.
    #[must_use]
    pub fn is_to(&self, network: &VirtualNetworkId) -> bool {
        matches!(&self.network, Some(Ok(known)) if known == network)
    }

    /// Whether the zone answers in the network by now.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.state == Some(LinkState::Completed) && self.provisioning != Some(ProvisioningState::Deleting)
    }

    /// Whether Azure gave it up: it will not come into effect.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        matches!(self.provisioning, Some(ProvisioningState::Failed | ProvisioningState::Canceled))
            && !self.is_complete()
    }
}

/// A record set of a private zone: all records of one name and type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordSet {
    /// Its name within the zone: `@`, `*` or labels.
    pub name: String,
    /// Its type: `A`, `SOA`, ….
    pub kind: String,
    /// How long answers may be kept, in seconds.
    pub ttl: Option<u64>,
    /// The addresses, of an A set.
    pub addresses: Vec<Ipv4Addr>,
    /// Words of its owner's.
    pub metadata: Tags,
    /// Whether a machine registered itself.
    pub auto_registered: bool,
    /// Changes with every change of it.
    pub etag: Option<String>,
}

impl RecordSet {
    pub(crate) fn read(wire: dns::RecordSet) -> Result<Self> {
        let properties = wire.properties.unwrap_or_default();
        let mut parts = wire.id.as_deref().unwrap_or_default().rsplit('/').map(str::to_owned);
        let (of_id, kind_of_id) = (parts.next().filter(|name| !name.is_empty()), parts.next());
        let kind = wire.kind.as_deref().and_then(|kind| kind.rsplit('/').next()).map(str::to_owned);
        let name = wire.name.or(of_id).ok_or_else(|| wire::missing("record set", "name"))?;
        Ok(Self {
            name: name.to_ascii_lowercase(),
            kind: kind.or(kind_of_id).unwrap_or_default(),
            ttl: properties.ttl,
            addresses: properties
                .a_records
                .into_iter()
                .flatten()
                .filter_map(|record| record.ipv4_address?.parse().ok())
                .collect(),
            metadata: properties.metadata.unwrap_or_default(),
            auto_registered: properties.is_auto_registered.unwrap_or(false),
            etag: wire.etag,
        })
    }

    /// Whether every zone has it and it goes with the zone alone.
    #[must_use]
    pub fn belongs_to_the_zone(&self) -> bool {
        self.kind.eq_ignore_ascii_case("SOA")
    }
}

impl fmt::Display for RecordSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        write!(f, "{} {} {}", self.name, self.kind, addresses.join(" "))
    }
}

/// An A record set to be written.
///
/// ```
/// use privlink_azure::ARecordSet;
///
/// let set = ARecordSet::new(["10.0.0.4".parse()?]).ttl(300).metadata("team", "data");
/// assert_eq!(set.addresses.len(), 1);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[must_use]
pub struct ARecordSet {
    /// The addresses.
    pub addresses: Vec<Ipv4Addr>,
    /// How long answers may be kept, in seconds; 300 unless set.
    pub ttl: u64,
    /// Words of its owner's.
    pub metadata: Tags,
}

impl ARecordSet {
    /// A set of `addresses`.
    pub fn new(addresses: impl IntoIterator<Item = Ipv4Addr>) -> Self {
        Self { addresses: addresses.into_iter().collect(), ttl: 300, metadata: Tags::new() }
    }

    /// Sets how long answers may be kept, in seconds.
    pub fn ttl(mut self, seconds: u64) -> Self {
        self.ttl = seconds;
        self
    }

    /// Adds a word of the owner's.
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    pub(crate) fn body(&self) -> dns::PutRecordSet<'_> {
        let records =
            self.addresses.iter().map(|address| dns::ARecord { ipv4_address: Some(address.to_string()) }).collect();
        dns::PutRecordSet {
            properties: dns::PutRecordSetProperties { ttl: self.ttl, a_records: records, metadata: &self.metadata },
        }
    }
}
