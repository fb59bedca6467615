//! A VPC with three subnets.

use std::net::IpAddr;
use std::sync::Arc;

use privlink::core::side::{EndpointIds, Naming, NetworkSide, RecordShape};
use privlink::core::{CloudProvider, EndpointServiceId, PrivateEndpointId, Region};
use privlink_sim::{Seat, World};
use serde_json::Value;

use super::cloud::Cloud;
use crate::common::{cloud, network};

#[derive(Debug)]
pub(crate) struct Aws;

impl Cloud for Aws {
    fn cloud(&self) -> CloudProvider {
        CloudProvider::Aws
    }

    fn name(&self) -> &'static str {
        "aws"
    }

    /// It is quick as it is.
    fn hurry(&self, _: &World) {}

    fn region(&self, world: &World) -> Region {
        world.aws().region()
    }

    fn network(&self, world: &World, naming: Option<Naming>) -> Arc<dyn NetworkSide> {
        let network = network(world);
        Arc::new(match naming {
            Some(naming) => network.naming(naming),
            None => network,
        })
    }

    fn network_of_clients(&self, world: &World) -> Arc<dyn NetworkSide> {
        Arc::new(network(world).client_group(world.aws().client_group()))
    }

    fn seat(&self, world: &World) -> Seat {
        Seat::from(&world.aws().subnet_ids()[0])
    }

    fn endpoints(&self, world: &World) -> Vec<PrivateEndpointId> {
        world.aws().endpoints().into_iter().map(|endpoint| endpoint.id.into()).collect()
    }

    fn ids(&self, world: &World, endpoint: &PrivateEndpointId) -> EndpointIds {
        let PrivateEndpointId::Aws(id) = endpoint else { panic!("{endpoint}") };
        EndpointIds::Aws { id: id.clone(), account: world.aws().account() }
    }

    fn make_endpoint(&self, world: &World, service: EndpointServiceId) -> PrivateEndpointId {
        let EndpointServiceId::Aws(service) = service else { panic!("{service}") };
        let aws = world.aws();
        let group = aws.add_group(&aws.vpc_id(), "made elsewhere");
        aws.open_ports(&group, 1..=65_535, "10.0.0.0/16".parse().unwrap());
        aws.make_endpoint(&service, &aws.subnet_ids()[..1], &[group]).into()
    }

    fn make_zone(&self, world: &World) {
        let name = "others.example.com".parse().unwrap();
        let zone = world.aws().make_zone(&name, &[world.aws().vpc_id()]);
        world.aws().put_address(&zone, &name, &["10.0.0.250".parse().unwrap()]);
    }

    fn delete_endpoint(&self, world: &World, endpoint: &PrivateEndpointId) {
        let PrivateEndpointId::Aws(id) = endpoint else { panic!("{endpoint}") };
        world.aws().delete_endpoint(id);
    }

    fn shut(&self, world: &World, address: IpAddr) {
        let endpoints = world.aws().endpoints();
        assert!(endpoints.iter().any(|endpoint| endpoint.addresses.contains(&address)), "{address}");
        self.keep_clients_in(world);
    }

    fn keep_clients_in(&self, world: &World) {
        let aws = world.aws();
        aws.close_outbound(&aws.client_group());
        aws.close_outbound(&aws.default_group());
    }

    fn naming_modes(&self) -> Vec<Naming> {
        vec![
            Naming::PrivateZone(RecordShape::Apex),
            Naming::PrivateZone(RecordShape::Exact),
            Naming::PrivateZone(RecordShape::Wildcard),
            Naming::EndpointPrivateDns,
        ]
    }

    /// What the endpoint service is like is asked once it is known.
    fn rounds(&self) -> u64 {
        2
    }

    fn writes(&self) -> [&'static str; 2] {
        ["CreateVpcEndpoint", "CreateHostedZone"]
    }

    fn secrets(&self, world: &World) -> Vec<String> {
        vec![world.aws().secret_access_key()]
    }

    fn debug(&self, world: &World) -> String {
        format!("{:?} {:?}", cloud(world), network(world))
    }

    /// Private DNS that was switched on at an endpoint of somebody else's stays on.
    fn forget(&self, snapshot: &mut Value) {
        for endpoint in snapshot["endpoints"].as_object_mut().unwrap().values_mut() {
            endpoint["privateDns"] = Value::Null;
        }
    }

    fn refuse_key(&self, world: &World) {
        world.aws().remove_key(&world.aws().access_key_id());
    }
}
