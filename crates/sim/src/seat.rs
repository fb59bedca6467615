use std::fmt;

use privlink_core::{AzureResourceId, ProjectId, Region, SubnetId};

/// Where a machine stands: in a subnet of one of the simulated clouds.
///
/// ```
/// use privlink_core::SubnetId;
/// use privlink_sim::{Seat, World};
///
/// let world = World::new();
/// let subnet: SubnetId = world.aws().subnet_ids()[0].clone();
/// let seat = Seat::from(&subnet);
/// assert_eq!(seat.to_string(), subnet.as_str());
/// assert!(world.vantage(seat).resolve(&"example.com".parse().unwrap()).is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub(crate) subnet: Subnet,
}

/// A subnet of one of the clouds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subnet {
    Aws(SubnetId),
    /// The ARM id of a subnet.
    Azure(AzureResourceId),
    /// `projects/<project>/regions/<region>/subnetworks/<name>`.
    Gcp(String),
}

impl Seat {
    /// In a subnetwork of Google Cloud, which has no id but its path.
    #[must_use]
    pub fn gcp(project: &ProjectId, region: &Region, subnetwork: &str) -> Self {
        Self { subnet: Subnet::Gcp(format!("projects/{project}/regions/{region}/subnetworks/{subnetwork}")) }
    }
}

impl From<&SubnetId> for Seat {
    fn from(subnet: &SubnetId) -> Self {
        Self { subnet: Subnet::Aws(subnet.clone()) }
    }
}

/// A subnet of a virtual network, by its ARM id.
impl From<&AzureResourceId> for Seat {
    fn from(subnet: &AzureResourceId) -> Self {
        Self { subnet: Subnet::Azure(subnet.clone()) }
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subnet {
            Subnet::Aws(subnet) => f.pad(subnet.as_str()),
            Subnet::Azure(subnet) => f.pad(subnet.as_str()),
            Subnet::Gcp(subnetwork) => f.pad(subnetwork),
        }
    }
}
