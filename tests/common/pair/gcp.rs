//! A network with a subnetwork in the database's region.

use std::net::IpAddr;
use std::sync::Arc;

use privlink::core::side::{EndpointIds, Naming, NetworkSide, RecordShape};
use privlink::core::{CloudProvider, EndpointServiceId, PrivateEndpointId, Region};
use privlink::gcp;
use privlink_sim::{Seat, World};

use super::cloud::Cloud;
use crate::common::trace;

#[derive(Debug)]
pub(crate) struct Gcp;

fn client(world: &World) -> gcp::Client {
    trace();
    let handle = world.gcp();
    gcp::Client::over(world.transport(), handle.project()).token(handle.token()).clock(world.clock()).build().unwrap()
}

/// The network of a world.
pub(crate) fn network(world: &World) -> gcp::Network {
    let handle = world.gcp();
    let network: gcp::NetworkPath = handle.network().parse().unwrap();
    let subnetwork: gcp::SubnetworkPath = handle.subnetwork().parse().unwrap();
    client(world).network(network.name()).region(handle.region()).subnetwork(subnetwork.name())
}

impl Cloud for Gcp {
    fn cloud(&self) -> CloudProvider {
        CloudProvider::Gcp
    }

    fn name(&self) -> &'static str {
        "gcp"
    }

    /// It is quick as it is.
    fn hurry(&self, _: &World) {}

    fn region(&self, world: &World) -> Region {
        world.gcp().region()
    }

    fn network(&self, world: &World, naming: Option<Naming>) -> Arc<dyn NetworkSide> {
        let network = network(world);
        Arc::new(match naming {
            Some(naming) => network.naming(naming),
            None => network,
        })
    }

    fn network_of_clients(&self, world: &World) -> Arc<dyn NetworkSide> {
        // What the seeded machines are tagged with.
        Arc::new(network(world).client_tags(["client"]))
    }

    fn seat(&self, world: &World) -> Seat {
        world.gcp().seat(&world.gcp().subnetwork())
    }

    fn endpoints(&self, world: &World) -> Vec<PrivateEndpointId> {
        world.gcp().endpoints().into_iter().map(|endpoint| PrivateEndpointId::Gcp(endpoint.connection)).collect()
    }

    fn ids(&self, world: &World, endpoint: &PrivateEndpointId) -> EndpointIds {
        let PrivateEndpointId::Gcp(id) = endpoint else { panic!("{endpoint}") };
        let found = world.gcp().endpoints().into_iter().find(|known| known.connection == *id).unwrap();
        EndpointIds::Gcp { project: found.project, rule: found.name, psc: Some(*id) }
    }

    fn make_endpoint(&self, world: &World, service: EndpointServiceId) -> PrivateEndpointId {
        let EndpointServiceId::Gcp(target) = service else { panic!("{service}") };
        PrivateEndpointId::Gcp(world.gcp().make_endpoint("made-elsewhere", &target).connection)
    }

    fn make_zone(&self, world: &World) {
        let name = "others.example.com".parse().unwrap();
        world.gcp().make_zone("others", &name, &[&world.gcp().network()]);
        world.gcp().put_address("others", &name, &["10.10.0.250".parse().unwrap()]);
    }

    fn delete_endpoint(&self, world: &World, endpoint: &PrivateEndpointId) {
        let PrivateEndpointId::Gcp(id) = endpoint else { panic!("{endpoint}") };
        let all = world.gcp().endpoints();
        let found = all.iter().find(|known| known.connection == *id).unwrap();
        world.gcp().delete_endpoint(&found.project, &found.region, found.name.as_str());
    }

    fn shut(&self, world: &World, address: IpAddr) {
        let to = format!("{address}/32").parse().unwrap();
        world.gcp().deny_egress(&world.gcp().network(), "shut", to, 1..=65_535, 100);
    }

    fn keep_clients_in(&self, world: &World) {
        let gcp = world.gcp();
        gcp.deny_egress(&gcp.network(), "clients-stay", "0.0.0.0/0".parse().unwrap(), 1..=65_535, 900);
        gcp.target_tags(&gcp.network(), "clients-stay", &["client"]);
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
        ["compute.forwardingRules.insert", "dns.managedZones.create"]
    }

    fn secrets(&self, world: &World) -> Vec<String> {
        vec![world.gcp().token()]
    }

    fn debug(&self, world: &World) -> String {
        format!("{:?} {:?}", client(world), network(world))
    }

    fn refuse_key(&self, world: &World) {
        world.gcp().remove_token(&world.gcp().token());
    }
}
