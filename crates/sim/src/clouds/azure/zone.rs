//! Private DNS zones, their links and their record sets.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use privlink_core::AzureResourceId;
use uuid::Uuid;

use super::work::Work;

/// A private zone.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) id: AzureResourceId,
    /// The name in lower case, without a dot at its end.
    pub(super) name: String,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) etag: Uuid,
    pub(super) work: Work,
    pub(super) links: BTreeMap<AzureResourceId, Link>,
    /// Record sets by relative name and type.
    pub(super) records: BTreeMap<(String, &'static str), RecordSet>,
    /// How many reads still do not see it.
    pub(super) unseen: u32,
}

/// A zone's link to a virtual network.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) id: AzureResourceId,
    pub(super) vnet: AzureResourceId,
    pub(super) registration: bool,
    /// `resolutionPolicy`, where one was sent.
    pub(super) policy: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) etag: Uuid,
    pub(super) work: Work,
    pub(super) unseen: u32,
}

/// A record set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordSet {
    pub(super) ttl: u64,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) etag: Uuid,
    pub(super) data: Data,
}

/// The records of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Data {
    A(Vec<Ipv4Addr>),
    Aaaa(Vec<Ipv6Addr>),
    Cname(Option<String>),
    Txt(Vec<Vec<String>>),
    /// The one that every zone has at its apex; never changed here.
    Soa,
}

impl RecordSet {
    /// The record that every zone has from the beginning.
    pub(super) fn soa(etag: Uuid) -> Self {
        Self { ttl: 3600, metadata: BTreeMap::new(), etag, data: Data::Soa }
    }
}
