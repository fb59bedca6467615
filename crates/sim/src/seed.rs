//! The small world that [`World::new`] starts with.

use privlink_core::{CloudProvider, Region, ZoneId};

use crate::vendors::clickhouse::{CellSpec, KeySpec, ServiceSpec, Tier};
use crate::world::World;

/// Where everything seeded is.
const REGION: &str = "us-east-1";

/// The vendor's historic zone table for this region: two cells that do not share all zones.
const CELLS: [(&str, [&str; 3]); 2] =
    [("us-east-1-c0", ["use1-az6", "use1-az1", "use1-az2"]), ("us-east-1-c1", ["use1-az6", "use1-az4", "use1-az2"])];

pub(crate) fn seed(world: &World) {
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

fn parsed<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("a constant of this file that is well-formed")
}
