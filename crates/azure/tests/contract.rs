//! The suite that every network side passes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use privlink_azure::Network;
use privlink_core::side::{Naming, RecordShape};
use privlink_sim::contract::{self, ClickHouseVendor};
use privlink_sim::{AzureSwitches, OnLongRunning, World};
use world::*;

fn take_away(world: &World) {
    for endpoint in world.azure().endpoints() {
        world.azure().delete_endpoint(&endpoint.id);
    }
}

async fn keeps_the_contract(adjust: impl FnOnce(&mut AzureSwitches), choose: impl FnOnce(Network) -> Network) {
    let world = World::new();
    world.azure().switch(adjust);
    let vendor = ClickHouseVendor::of(&world, world.clickhouse().find_service("ledger").unwrap(), take_away);
    contract::network(&choose(network(&world)), &vendor).await;
}

#[tokio::test(start_paused = true)]
async fn the_virtual_network_keeps_the_contract_of_every_network_side() {
    keeps_the_contract(|_| {}, |network| network).await;
}

#[tokio::test(start_paused = true)]
async fn it_does_in_every_form_of_long_running_operations() {
    for form in [OnLongRunning::LocationOnly, OnLongRunning::BodyOnly, OnLongRunning::AtOnce] {
        keeps_the_contract(|switches| switches.long_running = form, |network| network).await;
    }
}

#[tokio::test(start_paused = true)]
async fn it_does_with_shared_names_too() {
    for shape in [RecordShape::Exact, RecordShape::Wildcard] {
        keeps_the_contract(|_| {}, |network| network.naming(Naming::PrivateZone(shape))).await;
    }
}

#[tokio::test(start_paused = true)]
async fn it_does_when_fresh_things_are_not_visible_at_once() {
    keeps_the_contract(|switches| switches.unseen_reads = 2, |network| network).await;
}
