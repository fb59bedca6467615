//! What the suites ask of a cloud.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use privlink::core::side::{EndpointIds, Naming, NetworkSide};
use privlink::core::{CloudProvider, EndpointServiceId, PrivateEndpointId, Region};
use privlink_sim::{Seat, World};
use serde_json::Value;

/// A world's network in one cloud, and what else there is of that cloud.
pub(crate) trait Cloud: fmt::Debug + Sync {
    /// The cloud.
    fn cloud(&self) -> CloudProvider;

    /// What the cloud is called in snapshots and in requests.
    fn name(&self) -> &'static str;

    /// Makes whatever the cloud takes long for take one look or two.
    fn hurry(&self, world: &World);

    /// Where the seeded network and the seeded databases are.
    fn region(&self, world: &World) -> Region;

    /// The seeded network.
    fn network(&self, world: &World, naming: Option<Naming>) -> Arc<dyn NetworkSide>;

    /// The same, told which machines or groups of machines the clients are.
    fn network_of_clients(&self, world: &World) -> Arc<dyn NetworkSide>;

    /// Where the clients are: in the network's (first) subnet.
    fn seat(&self, world: &World) -> Seat;

    /// The endpoints that are not deleted.
    fn endpoints(&self, world: &World) -> Vec<PrivateEndpointId>;

    /// All that an endpoint is known by.
    fn ids(&self, world: &World, endpoint: &PrivateEndpointId) -> EndpointIds;

    /// Somebody else makes an endpoint to an endpoint service, as far as connected or waiting for
    /// the vendor.
    fn make_endpoint(&self, world: &World, service: EndpointServiceId) -> PrivateEndpointId;

    /// Somebody else makes a zone beside ours, with a record, that the network sees.
    fn make_zone(&self, world: &World);

    /// Somebody deletes an endpoint.
    fn delete_endpoint(&self, world: &World, endpoint: &PrivateEndpointId);

    /// Somebody shuts the way from the clients to an address.
    fn shut(&self, world: &World, address: IpAddr);

    /// Somebody shuts the way out of the clients that [`network_of_clients`](Self::network_of_clients) names.
    fn keep_clients_in(&self, world: &World);

    /// The naming modes that write records of our own.
    fn naming_modes(&self) -> Vec<Naming>;

    /// How many dependent rounds of requests the first plan takes, with the organization given.
    fn rounds(&self) -> u64;

    /// The writes of a set-up that faults of the canary test happen to.
    fn writes(&self) -> [&'static str; 2];

    /// The cloud's secrets.
    fn secrets(&self, world: &World) -> Vec<String>;

    /// What prints the cloud's client and network.
    fn debug(&self, world: &World) -> String;

    /// Takes out of its part of a snapshot what follows an endpoint and is never undone.
    fn forget(&self, _: &mut Value) {}

    /// Takes the cloud's key away.
    fn refuse_key(&self, world: &World);
}
