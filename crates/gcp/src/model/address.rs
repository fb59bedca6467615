use std::collections::BTreeMap;
use std::net::IpAddr;

use privlink_core::Result;
use serde::{Deserialize, Serialize};

use super::AddressStatus;
use crate::ids::{AddressName, SubnetworkPath};
use crate::wire::{compute as wire, missing, required, unreadable};

/// A reserved internal address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Address {
    /// Its name, unique in the project and region.
    pub name: AddressName,
    /// Its description, set once.
    pub description: String,
    /// The address, once there is one.
    pub address: Option<IpAddr>,
    /// Where it stands.
    pub status: AddressStatus,
    /// Whether it is `INTERNAL`; an endpoint takes no other.
    pub internal: bool,
    /// What it was reserved for, where that is said.
    pub purpose: Option<String>,
    /// The subnetwork it is from.
    pub subnetwork: Option<SubnetworkPath>,
    /// Links of what uses it.
    pub users: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its link.
    pub self_link: Option<String>,
}

impl Address {
    pub(crate) fn read(wire: wire::Address) -> Result<Self> {
        const OF: &str = "address";
        let name = required(OF, "name", wire.name)?;
        let status = wire.status.ok_or_else(|| missing(OF, "status"))?;
        Ok(Self {
            name: name.parse().map_err(|error| unreadable(OF, "name", error))?,
            description: wire.description.unwrap_or_default(),
            address: wire.address.and_then(|text| text.parse().ok()),
            status: AddressStatus::from(status.as_str()),
            internal: wire.address_type.as_deref() == Some("INTERNAL"),
            purpose: wire.purpose,
            subnetwork: wire.subnetwork.and_then(|link| link.parse().ok()),
            users: wire.users.unwrap_or_default(),
            labels: wire.labels.unwrap_or_default(),
            self_link: wire.self_link,
        })
    }
}
