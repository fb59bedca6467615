use std::net::IpAddr;

use ipnet::IpNet;
use privlink_core::{IdError, Region, Result};
use serde::{Deserialize, Serialize};

use super::{ProvisioningState, location};
use crate::ids::{NetworkSecurityGroupId, SubnetId, VirtualNetworkId};
use crate::wire::{self, network};

/// A virtual network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VirtualNetwork {
    /// Its id.
    pub id: VirtualNetworkId,
    /// The region it lives in.
    pub location: Option<Region>,
    /// How far Azure is with it.
    pub provisioning: Option<ProvisioningState>,
    /// Its address ranges.
    pub ranges: Vec<IpNet>,
    /// DNS servers of its own. With none, Azure's own resolver answers, which sees private zones.
    pub dns_servers: Vec<IpAddr>,
    /// Its subnets, as far as they can be read.
    pub subnets: Vec<Subnet>,
}

impl VirtualNetwork {
    pub(crate) fn read(wire: network::VirtualNetwork) -> Result<Self> {
        let properties = wire.properties.unwrap_or_default();
        let prefixes = properties.address_space.and_then(|space| space.address_prefixes);
        let servers = properties.dhcp_options.and_then(|options| options.dns_servers);
        Ok(Self {
            id: wire::id("virtual network", "id", wire.id.as_deref())?,
            location: wire.location.as_deref().and_then(location),
            provisioning: properties.provisioning_state.as_deref().map(Into::into),
            ranges: prefixes.into_iter().flatten().filter_map(|range| range.parse().ok()).collect(),
            dns_servers: servers.into_iter().flatten().filter_map(|server| server.parse().ok()).collect(),
            subnets: properties.subnets.into_iter().flatten().filter_map(|one| Subnet::read(one).ok()).collect(),
        })
    }
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// How far Azure is with it: an endpoint is refused while something else changes it.
    pub provisioning: Option<ProvisioningState>,
    /// Its address ranges.
    pub ranges: Vec<IpNet>,
    /// The network security group on it.
    #[serde(with = "super::readable::one")]
    pub security_group: Option<Result<NetworkSecurityGroupId, IdError>>,
    /// `privateEndpointNetworkPolicies`, as it came: whether the group's rules bind private endpoints.
    pub endpoint_policies: Option<String>,
    /// Whether it is given over to a service of Azure's.
    pub delegated: bool,
}

impl Subnet {
    pub(crate) fn read(wire: network::Subnet) -> Result<Self> {
        let properties = wire.properties.unwrap_or_default();
        let prefixes = properties.address_prefix.into_iter().chain(properties.address_prefixes.into_iter().flatten());
        let mut ranges: Vec<IpNet> = prefixes.filter_map(|range| range.parse().ok()).collect();
        ranges.dedup();
        Ok(Self {
            id: wire::id("subnet", "id", wire.id.as_deref())?,
            provisioning: properties.provisioning_state.as_deref().map(Into::into),
            ranges,
            security_group: properties.network_security_group.and_then(|group| group.id).map(|id| id.parse()),
            endpoint_policies: properties.private_endpoint_network_policies,
            delegated: properties.delegations.is_some_and(|all| !all.is_empty()),
        })
    }

    /// Whether rules of its network security group bind private endpoints: not by default.
    #[must_use]
    pub fn rules_bind_endpoints(&self) -> bool {
        let words = ["Enabled", "NetworkSecurityGroupEnabled"];
        self.endpoint_policies.as_deref().is_some_and(|set| words.iter().any(|word| word.eq_ignore_ascii_case(set)))
    }
}
