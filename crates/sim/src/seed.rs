//! The small world that [`World::new`] starts with.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use privlink_core::{
    AwsAccountId, AzureResourceId, CloudProvider, ProjectId, Region, SubnetId, SubscriptionId, ZoneId,
};
use uuid::Uuid;

use crate::aws::AwsSeeded;
use crate::azure::AzureSeeded;
use crate::gcp::GcpSeeded;
use crate::vendors::aiven;
use crate::vendors::clickhouse::{CellSpec, KeySpec, ServiceSpec, Tier};
use crate::vendors::cockroach::{ClusterSpec, CockroachPlan};
use crate::vendors::zilliz::{ClusterSpec as ZillizClusterSpec, ZillizDeployment};
use crate::world::World;

/// Where everything seeded on AWS is.
const REGION: &str = "us-east-1";

/// The vendor's historic zone table for this region: two cells that do not share all zones.
const CELLS: [(&str, [&str; 3]); 2] =
    [("us-east-1-c0", ["use1-az6", "use1-az1", "use1-az2"]), ("us-east-1-c1", ["use1-az6", "use1-az4", "use1-az2"])];

/// The services in the other clouds.
const ELSEWHERE: [(&str, CloudProvider, &str); 2] =
    [("ledger", CloudProvider::Azure, "westus3"), ("metrics", CloudProvider::Gcp, "us-central1")];

/// The consumer's subnets: two in zones of the first cell, one outside it.
const ZONES: [(&str, &str); 3] = [("us-east-1a", "use1-az1"), ("us-east-1b", "use1-az2"), ("us-east-1c", "use1-az4")];

/// The address ranges of the seeded networks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Network {
    /// The range of the VPC, and of the virtual network.
    vpc: Ipv4Net,
    subnets: [Ipv4Net; 3],
    /// Those of Google Cloud.
    subnetworks: [Ipv4Net; 2],
    azure_subnet: Ipv4Net,
}

impl Network {
    /// Private addresses, as networks mostly have.
    pub(crate) const PRIVATE: Self = Self {
        vpc: range([10, 0, 0, 0], 16),
        subnets: [range([10, 0, 0, 0], 20), range([10, 0, 16, 0], 20), range([10, 0, 32, 0], 20)],
        subnetworks: [range([10, 10, 0, 0], 20), range([10, 20, 0, 0], 20)],
        azure_subnet: range([10, 0, 64, 0], 24),
    };

    /// Loopback addresses, the subnets at random, as worlds share the machine's.
    pub(crate) fn on_loopback() -> Self {
        let random = uuid::Uuid::new_v4().into_bytes();
        let (second, third) = (16 + random[0] % 224, random[1]);
        let subnet = |last| range([127, second, third, last], 26);
        // What does not fit there is where no subnet of another world is.
        let apart = |last| range([127, 240 + random[0] % 15, third, last], 26);
        Self {
            vpc: range([127, 0, 0, 0], 8),
            subnets: [subnet(0), subnet(64), subnet(128)],
            subnetworks: [subnet(192), apart(0)],
            azure_subnet: apart(64),
        }
    }
}

const fn range(first: [u8; 4], bits: u8) -> Ipv4Net {
    let [a, b, c, d] = first;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

pub(crate) fn seed(world: &World, network: &Network) {
    seed_clickhouse(world);
    seed_aws(world, network);
    // Last, so that ids on AWS do not depend on what other clouds have.
    for (name, cloud, region) in ELSEWHERE {
        world.clickhouse().add_service(ServiceSpec::new(name, cloud, parsed(region)));
    }
    seed_gcp(world, network);
    seed_azure(world, network);
    seed_cockroach(world);
    seed_aiven(world);
    seed_zilliz(world);
}

fn seed_zilliz(world: &World) {
    let zilliz = world.zilliz();
    zilliz.add_key();
    zilliz.add_project("Default Project");
    let spec = |name: &str, cloud, region: &str| ZillizClusterSpec::new(name, cloud, parsed(region));
    zilliz.add_cluster(spec("articles", CloudProvider::Aws, REGION));
    zilliz.add_cluster(spec("images", CloudProvider::Aws, REGION).private_port(443));
    zilliz.add_cluster(spec("sandbox", CloudProvider::Aws, REGION).deployment(ZillizDeployment::Serverless));
    zilliz.add_cluster(spec("manuals", CloudProvider::Azure, "westus3"));
    zilliz.add_cluster(spec("tickets", CloudProvider::Gcp, "us-central1").private_port(443));
}

fn seed_aiven(world: &World) {
    let aiven = world.aiven();
    aiven.add_project("example-project");
    aiven.add_token();
    for (name, kind, cloud, region) in [
        ("orders-pg", "pg", CloudProvider::Aws, REGION),
        ("events-kafka", "kafka", CloudProvider::Aws, REGION),
        ("stock-mysql", "mysql", CloudProvider::Azure, "westus3"),
        ("cache-valkey", "valkey", CloudProvider::Gcp, "us-central1"),
    ] {
        let spec = aiven::ServiceSpec::new(name, kind, cloud, parsed(region));
        aiven.add_service(if kind == "kafka" { spec.sasl() } else { spec });
    }
}

fn seed_cockroach(world: &World) {
    let cockroach = world.cockroach();
    cockroach.add_key();
    let aws = |name: &str| {
        let zones = CELLS[0].1.into_iter().map(parsed::<ZoneId>);
        ClusterSpec::new(name, CloudProvider::Aws, parsed(REGION)).zones(zones)
    };
    cockroach.add_cluster(aws("shopfront").with_services());
    cockroach.add_cluster(aws("carts").plan(CockroachPlan::Standard));
    cockroach.add_cluster(aws("wishes").plan(CockroachPlan::Standard));
    for (name, cloud, region) in
        [("invoices", CloudProvider::Azure, "westus3"), ("tracking", CloudProvider::Gcp, "us-central1")]
    {
        cockroach.add_cluster(ClusterSpec::new(name, cloud, parsed(region)).with_services());
    }
}

fn seed_clickhouse(world: &World) {
    let region: Region = parsed(REGION);
    let clickhouse = world.clickhouse();
    clickhouse.add_organization("Acme", Tier::Scale);
    clickhouse.add_key(KeySpec::new("terraform"));
    for (name, zones) in CELLS {
        let zones = zones.into_iter().map(parsed::<ZoneId>);
        clickhouse.add_cell(CellSpec::new(name, CloudProvider::Aws, region.clone()).zones(zones));
    }
    for (name, cell) in [("orders", CELLS[0].0), ("billing", CELLS[0].0), ("archive", CELLS[1].0)] {
        clickhouse.add_service(ServiceSpec::new(name, CloudProvider::Aws, region.clone()).cell(cell));
    }
}

fn seed_aws(world: &World, network: &Network) {
    let (account, region): (AwsAccountId, Region) = (parsed("123456789012"), parsed(REGION));
    let aws = world.aws();
    let key = aws.add_key(&account, "operator", None);
    let vpc = aws.add_vpc(&account, &region, network.vpc);
    // Machines come last, so that every client finds both groups.
    let client_group = aws.add_group(&vpc, "clients");
    let subnets: Vec<SubnetId> = ZONES
        .into_iter()
        .zip(network.subnets)
        .map(|((name, zone), cidr)| aws.add_subnet(&vpc, cidr, &parsed::<ZoneId>(zone), name))
        .collect();
    for subnet in &subnets {
        aws.add_machine(subnet, [client_group.clone()]);
    }
    let default_group = aws.find_group(&vpc, "default");
    world.lock().state.aws_seeded = Some(AwsSeeded { account, region, key, vpc, subnets, default_group, client_group });
}

fn seed_gcp(world: &World, network: &Network) {
    let (project, region): (ProjectId, Region) = (parsed("example-project"), parsed("us-central1"));
    let gcp = world.gcp();
    gcp.add_project(&project);
    let token = gcp.add_token("operator@example.com", None);
    let vpc = gcp.add_network(&project, "main");
    let [here, there] = network.subnetworks;
    let subnetworks = vec![
        gcp.add_subnetwork(&vpc, &region, "clients", here),
        gcp.add_subnetwork(&vpc, &parsed("us-east1"), "clients-east", there),
    ];
    for subnetwork in &subnetworks {
        gcp.add_machine(subnetwork, &["client"]);
    }
    world.lock().state.gcp_seeded = Some(GcpSeeded { project, region, token, network: vpc, subnetworks });
}

fn seed_azure(world: &World, network: &Network) {
    let tenant: Uuid = parsed("00000000-0000-0000-0000-00000000aaaa");
    let subscription: SubscriptionId = parsed("00000000-0000-0000-0000-000000000001");
    let (group, location): (_, Region) = ("example".to_owned(), parsed("westus3"));
    let vnet: AzureResourceId = parsed(&format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/main"
    ));
    let subnet: AzureResourceId = parsed(&format!("{vnet}/subnets/default"));
    let token = {
        let state = &mut world.lock().state;
        state.azure.settle_in(tenant, &location);
        state.azure.add_group(&subscription, &group, &location);
        state.azure.add_vnet(&vnet, &location, vec![network.vpc]);
        state.azure.add_user("operator", None)
    };
    let (vnet_id, subnet_id) = (vnet.clone(), subnet.clone());
    world.lock().state.azure_seeded = Some(AzureSeeded { tenant, subscription, group, location, vnet, subnet, token });
    let azure = world.azure();
    assert_eq!(azure.add_subnet(&vnet_id, "default", network.azure_subnet), subnet_id);
    azure.add_machine(&subnet_id);
}

fn parsed<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("a constant of this file that is well-formed")
}
