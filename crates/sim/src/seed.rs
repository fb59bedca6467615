//! The small world that [`World::new`] starts with.

use privlink_core::{AwsAccountId, CloudProvider, Region, SubnetId, ZoneId};

use crate::aws::AwsSeeded;
use crate::vendors::clickhouse::{CellSpec, KeySpec, ServiceSpec, Tier};
use crate::world::World;

/// Where everything seeded is.
const REGION: &str = "us-east-1";

/// The vendor's historic zone table for this region: two cells that do not share all zones.
const CELLS: [(&str, [&str; 3]); 2] =
    [("us-east-1-c0", ["use1-az6", "use1-az1", "use1-az2"]), ("us-east-1-c1", ["use1-az6", "use1-az4", "use1-az2"])];

/// The consumer's subnets: two in zones of the first cell, one outside it.
const SUBNETS: [(&str, &str, &str); 3] = [
    ("10.0.0.0/20", "us-east-1a", "use1-az1"),
    ("10.0.16.0/20", "us-east-1b", "use1-az2"),
    ("10.0.32.0/20", "us-east-1c", "use1-az4"),
];

pub(crate) fn seed(world: &World) {
    seed_clickhouse(world);
    seed_aws(world);
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

fn seed_aws(world: &World) {
    let (account, region): (AwsAccountId, Region) = (parsed("123456789012"), parsed(REGION));
    let aws = world.aws();
    let key = aws.add_key(&account, "operator", None);
    let vpc = aws.add_vpc(&account, &region, parsed("10.0.0.0/16"));
    // Machines come last, so that every client finds both groups.
    let client_group = aws.add_group(&vpc, "clients");
    let subnets: Vec<SubnetId> = SUBNETS
        .into_iter()
        .map(|(cidr, name, zone)| aws.add_subnet(&vpc, parsed(cidr), &parsed::<ZoneId>(zone), name))
        .collect();
    for subnet in &subnets {
        aws.add_machine(subnet, [client_group.clone()]);
    }
    let default_group = aws.find_group(&vpc, "default");
    world.lock().state.aws_seeded = Some(AwsSeeded { account, region, key, vpc, subnets, default_group, client_group });
}

fn parsed<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("a constant of this file that is well-formed")
}
