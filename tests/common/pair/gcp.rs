//! A network with a subnetwork in the database's region.

use std::net::IpAddr;

use privlink::core::side::{Naming, RecordShape};
use privlink::core::{CloudProvider, EndpointServiceId, LinkName, PrivateEndpointId};
use privlink::{Link, LinkBuilder, clickhouse, gcp};
use privlink_sim::{CellSpec, Seat, ServiceSpec, World};
use uuid::Uuid;

use super::Pair;
use crate::common::trace;

#[derive(Debug)]
pub(crate) struct Gcp;

pub(crate) const GCP: &dyn Pair = &Gcp;

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

impl Pair for Gcp {
    fn cloud(&self) -> CloudProvider {
        CloudProvider::Gcp
    }

    fn name(&self) -> &'static str {
        "gcp"
    }

    fn more_databases(&self, world: &World) {
        let (vendor, region) = (world.clickhouse(), world.gcp().region());
        vendor.add_service(ServiceSpec::new("second", self.cloud(), region.clone()));
        vendor.add_cell(CellSpec::new("us-central1-c1", self.cloud(), region.clone()));
        vendor.add_service(ServiceSpec::new("third", self.cloud(), region).cell("us-central1-c1"));
    }

    /// It is quick as it is.
    fn hurry(&self, _: &World) {}

    fn theirs(&self, world: &World, organization: Uuid) -> Uuid {
        let spec = ServiceSpec::new("theirs", self.cloud(), world.gcp().region());
        world.clickhouse().add_service(spec.organization(organization))
    }

    fn link_to(
        &self,
        world: &World,
        name: LinkName,
        database: clickhouse::Service,
        naming: Option<Naming>,
    ) -> LinkBuilder {
        let network = network(world);
        let network = match naming {
            Some(naming) => network.naming(naming),
            None => network,
        };
        Link::builder(name, database, network)
    }

    fn seat(&self, world: &World) -> Seat {
        world.gcp().seat(&world.gcp().subnetwork())
    }

    fn endpoints(&self, world: &World) -> Vec<PrivateEndpointId> {
        world.gcp().endpoints().into_iter().map(|endpoint| PrivateEndpointId::Gcp(endpoint.connection)).collect()
    }

    fn make_endpoint(&self, world: &World, database: Uuid) -> PrivateEndpointId {
        let service = world.clickhouse().endpoint_service(database).unwrap();
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
