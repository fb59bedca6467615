//! A VPC with three subnets.

use std::net::IpAddr;

use privlink::core::side::{Naming, RecordShape};
use privlink::core::{CloudProvider, EndpointServiceId, LinkName, PrivateEndpointId};
use privlink::{Link, LinkBuilder, clickhouse};
use privlink_sim::{Seat, ServiceSpec, World};
use uuid::Uuid;

use super::Pair;
use crate::common::{cloud, network};

#[derive(Debug)]
pub(crate) struct Aws;

pub(crate) const AWS: &dyn Pair = &Aws;

impl Pair for Aws {
    fn cloud(&self) -> CloudProvider {
        CloudProvider::Aws
    }

    fn name(&self) -> &'static str {
        "aws"
    }

    /// The seeded world has three in AWS.
    fn more_databases(&self, _: &World) {}

    /// It is quick as it is.
    fn hurry(&self, _: &World) {}

    fn theirs(&self, world: &World, organization: Uuid) -> Uuid {
        let spec = ServiceSpec::new("theirs", self.cloud(), world.aws().region());
        world.clickhouse().add_service(spec.organization(organization).cell("us-east-1-c0"))
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
        Seat::from(&world.aws().subnet_ids()[0])
    }

    fn endpoints(&self, world: &World) -> Vec<PrivateEndpointId> {
        world.aws().endpoints().into_iter().map(|endpoint| endpoint.id.into()).collect()
    }

    fn make_endpoint(&self, world: &World, database: Uuid) -> PrivateEndpointId {
        let service = world.clickhouse().endpoint_service(database).unwrap();
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
        let aws = world.aws();
        assert!(aws.endpoints().iter().any(|endpoint| endpoint.addresses.contains(&address)), "{address}");
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

    fn refuse_key(&self, world: &World) {
        world.aws().remove_key(&world.aws().access_key_id());
    }
}
