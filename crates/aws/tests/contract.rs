//! The suite that every network side passes.

mod support;

use privlink_sim::World;
use privlink_sim::contract::{self, ClickHouseVendor};
use support::network;

fn take_away(world: &World) {
    for endpoint in world.aws().endpoints() {
        world.aws().delete_endpoint(&endpoint.id);
    }
}

#[tokio::test(start_paused = true)]
async fn the_vpc_keeps_the_contract_of_every_network_side() {
    let world = World::new();
    let vendor = ClickHouseVendor::of(&world, world.clickhouse().find_service("orders").unwrap(), take_away);
    contract::network(&network(&world), &vendor).await;
}
