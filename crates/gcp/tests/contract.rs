//! The suite that every network side passes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod simulated;

use privlink_sim::World;
use privlink_sim::contract::{self, ClickHouseVendor};
use simulated::network;

fn take_away(world: &World) {
    for endpoint in world.gcp().endpoints() {
        world.gcp().delete_endpoint(&endpoint.project, &endpoint.region, endpoint.name.as_str());
    }
}

#[tokio::test(start_paused = true)]
async fn the_network_keeps_the_contract_of_every_network_side() {
    let world = World::new();
    let vendor = ClickHouseVendor::of(&world, world.clickhouse().find_service("metrics").unwrap(), take_away);
    contract::network(&network(&world), &vendor).await;
}
