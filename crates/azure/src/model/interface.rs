use std::net::IpAddr;

use privlink_core::{AzurePrivateEndpointId, Result};
use serde::{Deserialize, Serialize};

use crate::ids::NetworkInterfaceId;
use crate::wire::{self, network};

/// The network interface of a private endpoint. It has a `resourceGuid` too, which is not the
/// endpoint's and is not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NetworkInterface {
    /// Its id.
    pub id: NetworkInterfaceId,
    /// The endpoint it belongs to, where Azure says so.
    pub endpoint: Option<AzurePrivateEndpointId>,
    /// Its addresses, the primary one first; ranges are left out.
    pub addresses: Vec<IpAddr>,
}

impl NetworkInterface {
    pub(crate) fn read(wire: network::NetworkInterface) -> Result<Self> {
        let id = wire::id("network interface", "id", wire.id.as_deref())?;
        let properties = wire.properties.unwrap_or_default();
        let mut found: Vec<(bool, IpAddr)> = properties
            .ip_configurations
            .into_iter()
            .flatten()
            .filter_map(|one| one.properties)
            // An address prefix, `172.20.2.16/28`, is no address.
            .filter_map(|one| Some((one.primary != Some(true), one.private_ip_address?.parse().ok()?)))
            .collect();
        found.sort_by_key(|(secondary, _)| *secondary);
        let endpoint = properties.private_endpoint.and_then(|endpoint| endpoint.id?.parse().ok());
        Ok(Self { id, endpoint, addresses: found.into_iter().map(|(_, address)| address).collect() })
    }

    /// The address clients connect to: the primary configuration's, or the only one.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.addresses.first().copied()
    }
}
