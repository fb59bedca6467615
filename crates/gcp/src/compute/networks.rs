use http::Method;
use privlink_core::{Pages, Region, Result};

use super::Compute;
use super::operations::{FIREWALLS_LIST, NETWORKS_GET, NETWORKS_LIST, SUBNETWORKS_GET, SUBNETWORKS_LIST};
use crate::api::Call;
use crate::ids::{NetworkName, SubnetworkName};
use crate::model::{Firewall, Network, Subnetwork};

impl Compute {
    /// One network, or `None` when there is none of this name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn network(&self, name: &NetworkName) -> Result<Option<Network>> {
        let path = ["projects", self.project.as_str(), "global", "networks", name.as_str()];
        let call = Call::new(&NETWORKS_GET, Method::GET, path.join("/"), path);
        self.api.find(call, Network::read).await
    }

    /// The networks of the project.
    pub fn networks(&self) -> Pages<Network> {
        self.list(NETWORKS_LIST, &["projects", self.project.as_str(), "global", "networks"], Network::read)
    }

    /// The firewall rules of the project, of all its networks. Firewall policies are other things.
    pub fn firewalls(&self) -> Pages<Firewall> {
        self.list(FIREWALLS_LIST, &["projects", self.project.as_str(), "global", "firewalls"], Firewall::read)
    }

    /// One subnetwork, or `None` when there is none of this name in the region.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn subnetwork(&self, region: &Region, name: &SubnetworkName) -> Result<Option<Subnetwork>> {
        let path = self.regional(region, "subnetworks", Some(name.as_str()));
        let call = Call::new(&SUBNETWORKS_GET, Method::GET, path.join("/"), path);
        self.api.find(call, Subnetwork::read).await
    }

    /// The subnetworks of a region, of all networks of the project.
    pub fn subnetworks(&self, region: &Region) -> Pages<Subnetwork> {
        self.list(SUBNETWORKS_LIST, &self.regional(region, "subnetworks", None), Subnetwork::read)
    }
}
