//! A virtual network with one subnet.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use privlink::azure;
use privlink::core::side::{EndpointIds, Naming, NetworkSide, RecordShape};
use privlink::core::{CloudProvider, EndpointServiceId, PrivateEndpointId, Region};
use privlink_sim::{AzureRule, Seat, World};

use super::cloud::Cloud;
use crate::common::trace;

#[derive(Debug)]
pub(crate) struct Azure;

fn client(world: &World) -> azure::Client {
    trace();
    let handle = world.azure();
    azure::Client::over(world.transport(), handle.subscription())
        .token(handle.token())
        .clock(world.clock())
        .build()
        .unwrap()
}

/// The network of a world.
pub(crate) fn network(world: &World) -> azure::Network {
    let handle = world.azure();
    client(world).network(handle.vnet_id().try_into().unwrap()).subnet(handle.subnet_id().try_into().unwrap())
}

impl Cloud for Azure {
    fn cloud(&self) -> CloudProvider {
        CloudProvider::Azure
    }

    fn name(&self) -> &'static str {
        "azure"
    }

    fn hurry(&self, world: &World) {
        world.azure().switch(|behaviour| {
            behaviour.endpoint_create = Duration::from_secs(6);
            behaviour.endpoint_delete = Duration::from_secs(6);
            behaviour.dns_change = Duration::from_secs(6);
        });
    }

    fn region(&self, world: &World) -> Region {
        world.azure().region()
    }

    fn network(&self, world: &World, naming: Option<Naming>) -> Arc<dyn NetworkSide> {
        let network = network(world);
        Arc::new(match naming {
            Some(naming) => network.naming(naming),
            None => network,
        })
    }

    fn network_of_clients(&self, world: &World) -> Arc<dyn NetworkSide> {
        Arc::new(network(world).client_subnet(world.azure().subnet_id().try_into().unwrap()))
    }

    fn seat(&self, world: &World) -> Seat {
        Seat::from(&world.azure().subnet_id())
    }

    fn endpoints(&self, world: &World) -> Vec<PrivateEndpointId> {
        let endpoints = world.azure().endpoints().into_iter();
        endpoints.map(|endpoint| PrivateEndpointId::AzureResource(endpoint.id)).collect()
    }

    fn ids(&self, world: &World, endpoint: &PrivateEndpointId) -> EndpointIds {
        let PrivateEndpointId::AzureResource(id) = endpoint else { panic!("{endpoint}") };
        let all = world.azure().endpoints();
        let guid = all.iter().find(|known| known.id == *id).map(|known| known.guid);
        EndpointIds::Azure { id: id.clone(), guid }
    }

    fn make_endpoint(&self, world: &World, service: EndpointServiceId) -> PrivateEndpointId {
        PrivateEndpointId::AzureResource(world.azure().make_endpoint("made-elsewhere", &service))
    }

    fn make_zone(&self, world: &World) {
        let name = "others.example.com".parse().unwrap();
        let zone = world.azure().make_zone(&name, &[world.azure().vnet_id()]);
        world.azure().put_address(&zone, &name, &["10.0.0.250".parse().unwrap()]);
    }

    fn delete_endpoint(&self, world: &World, endpoint: &PrivateEndpointId) {
        let PrivateEndpointId::AzureResource(id) = endpoint else { panic!("{endpoint}") };
        world.azure().delete_endpoint(id);
    }

    fn shut(&self, world: &World, address: IpAddr) {
        let handle = world.azure();
        assert!(handle.endpoints().iter().any(|endpoint| endpoint.address == address), "{address} is an endpoint's");
        let group = handle.add_security_group("shut", &handle.subnet_id());
        handle.add_rule(&group, AzureRule::deny_out("nothing-out", 100));
    }

    fn keep_clients_in(&self, world: &World) {
        let group = world.azure().add_security_group("clients", &world.azure().subnet_id());
        world.azure().add_rule(&group, AzureRule::deny_out("nothing-out", 100));
    }

    fn naming_modes(&self) -> Vec<Naming> {
        vec![
            Naming::PrivateZone(RecordShape::Apex),
            Naming::PrivateZone(RecordShape::Exact),
            Naming::PrivateZone(RecordShape::Wildcard),
        ]
    }

    /// Nothing of the cloud is asked by what the vendor says, as long as nothing is there.
    fn rounds(&self) -> u64 {
        1
    }

    fn writes(&self) -> [&'static str; 2] {
        ["PrivateEndpoints_CreateOrUpdate", "PrivateZones_CreateOrUpdate"]
    }

    fn secrets(&self, world: &World) -> Vec<String> {
        vec![world.azure().token()]
    }

    fn debug(&self, world: &World) -> String {
        format!("{:?} {:?}", client(world), network(world))
    }

    fn refuse_key(&self, world: &World) {
        world.azure().remove_token(&world.azure().token());
    }
}
