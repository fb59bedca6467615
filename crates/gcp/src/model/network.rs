use ipnet::IpNet;
use privlink_core::{Region, Result};
use serde::{Deserialize, Serialize};

use crate::ids::{NetworkPath, SubnetworkPath};
use crate::wire::{compute as wire, required, unreadable};

/// A VPC network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Network {
    /// Its path, with its project.
    pub path: NetworkPath,
    /// Its description.
    pub description: String,
    /// Whether it makes a subnetwork in every region by itself.
    pub automatic_subnetworks: bool,
    /// `REGIONAL` or `GLOBAL`: how far its routers tell their routes.
    pub routing_mode: Option<String>,
}

impl Network {
    pub(crate) fn read(wire: wire::Network) -> Result<Self> {
        let link = required("network", "selfLink", wire.self_link)?;
        required("network", "name", wire.name)?;
        Ok(Self {
            path: link.parse().map_err(|error| unreadable("network", "selfLink", error))?,
            description: wire.description.unwrap_or_default(),
            automatic_subnetworks: wire.auto_create_subnetworks.unwrap_or(false),
            routing_mode: wire.routing_config.and_then(|routing| routing.routing_mode),
        })
    }
}

/// A subnetwork: a range of a network in one region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subnetwork {
    /// Its path, with project and region.
    pub path: SubnetworkPath,
    /// The network it belongs to.
    pub network: Option<NetworkPath>,
    /// Its primary range.
    pub range: Option<IpNet>,
    /// Further ranges of it.
    pub secondary_ranges: Vec<IpNet>,
    /// What it is for: `PRIVATE` takes endpoints; proxies and producers have their own.
    pub purpose: Option<String>,
    /// `IPV4_ONLY`, `IPV4_IPV6` or `IPV6_ONLY`.
    pub stack_type: Option<String>,
}

impl Subnetwork {
    pub(crate) fn read(wire: wire::Subnetwork) -> Result<Self> {
        const OF: &str = "subnetwork";
        required(OF, "name", wire.name)?;
        let link = required(OF, "selfLink", wire.self_link)?;
        let range = |text: &String| text.parse().ok();
        Ok(Self {
            path: link.parse().map_err(|error| unreadable(OF, "selfLink", error))?,
            network: wire.network.and_then(|link| link.parse().ok()),
            range: wire.ip_cidr_range.as_ref().and_then(range),
            secondary_ranges: wire
                .secondary_ip_ranges
                .into_iter()
                .flatten()
                .filter_map(|secondary| secondary.ip_cidr_range.as_ref().and_then(range))
                .collect(),
            purpose: wire.purpose,
            stack_type: wire.stack_type,
        })
    }

    /// Whether an endpoint's address can be reserved in it.
    #[must_use]
    pub fn takes_endpoints(&self) -> bool {
        matches!(self.purpose.as_deref(), None | Some("PRIVATE" | "PRIVATE_RFC_1918"))
    }

    /// The region, as its path says it.
    #[must_use]
    pub fn region(&self) -> Region {
        self.path.region()
    }

    /// All its ranges.
    pub fn ranges(&self) -> impl Iterator<Item = IpNet> + '_ {
        self.range.iter().chain(&self.secondary_ranges).copied()
    }
}
