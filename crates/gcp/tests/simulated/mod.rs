//! What the tests over the simulated world share.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use privlink_core::side::{Cx, Exchange, Fact, NetworkSide, Step, Survey};
use privlink_core::{Finding, Severity};
use privlink_gcp::{Client, Network, NetworkPath, SubnetworkPath};
use privlink_sim::World;
use privlink_sim::contract::{Counterpart, Driver, pending};
pub(crate) use privlink_sim::contract::{End, codes};

/// A client with the world's own token.
pub(crate) fn client(world: &World) -> Client {
    client_with(world, &world.gcp().token())
}

pub(crate) fn client_with(world: &World, token: &str) -> Client {
    Client::over(world.transport(), world.gcp().project()).token(token).clock(world.clock()).build().unwrap()
}

/// The seeded network in the region of the service `metrics`, with the subnetwork there.
pub(crate) fn network(world: &World) -> Network {
    network_of(world, client(world))
}

pub(crate) fn network_of(world: &World, client: Client) -> Network {
    let network: NetworkPath = world.gcp().network().parse().unwrap();
    let subnetwork: SubnetworkPath = world.gcp().subnetwork().parse().unwrap();
    client.network(network.name()).region(world.gcp().region()).subnetwork(subnetwork.name())
}

pub(crate) fn cx(world: &World) -> Cx {
    cx_named(world, "orders", "")
}

/// A run of a link of another name or instance between the same two sides.
pub(crate) fn cx_named(world: &World, link: &str, instance: &'static str) -> Cx {
    Cx::new(link.parse().unwrap(), instance, world.clock()).between("the database metrics", "the network")
}

/// Surveys until nothing new comes up.
pub(crate) async fn plan(side: &dyn NetworkSide, vendor: &dyn Counterpart) -> (Exchange, Survey) {
    Driver::new(side, &cx(vendor.world())).plan(vendor, Exchange::new()).await
}

/// Performs what is to do, in the order of facts, until done or stopped.
pub(crate) async fn apply(side: &dyn NetworkSide, vendor: &dyn Counterpart, known: Exchange, steps: &[Step]) -> End {
    Driver::new(side, &cx(vendor.world())).apply(vendor, known, steps).await
}

/// Performs one step until it ends.
pub(crate) async fn finish(
    side: &dyn NetworkSide,
    cx: &Cx,
    known: &Exchange,
    step: &Step,
) -> Result<Exchange, Box<Finding>> {
    Driver::new(side, cx).finish(known, step).await.map(|finished| finished.learnt)
}

/// Performs removal steps against the order of their facts.
pub(crate) async fn take_down(side: &dyn NetworkSide, world: &World, known: &Exchange, steps: &[Step]) {
    Driver::new(side, &cx(world)).take_down(known, steps).await;
}

/// The verbs still to do.
pub(crate) fn todo(survey: &Survey) -> Vec<&str> {
    pending(&survey.steps)
}

/// The codes of the findings that block.
pub(crate) fn blocks(survey: &Survey) -> Vec<&str> {
    codes(survey, Severity::Blocks)
}

/// Whether a fact holds for the only slot.
pub(crate) fn holds(known: &Exchange, fact: Fact) -> bool {
    known.holds(Some(&privlink_core::side::Slot::main()), &fact)
}

/// The vendor of the service `metrics`, which lets every endpoint in that it is told of.
pub(crate) fn vendor(world: &World) -> privlink_sim::contract::ClickHouseVendor {
    vendor_of(world, "metrics")
}

pub(crate) fn vendor_of(world: &World, service: &str) -> privlink_sim::contract::ClickHouseVendor {
    let id = world.clickhouse().find_service(service).unwrap();
    privlink_sim::contract::ClickHouseVendor::of(world, id, |_| {})
}

/// What the vendor says of its services before any endpoint is known.
pub(crate) fn services(vendor: &dyn Counterpart) -> Exchange {
    vendor.tell(&Exchange::new())
}

/// The private host of `metrics`.
pub(crate) fn host(world: &World) -> privlink_core::DnsName {
    world.clickhouse().private_host(world.clickhouse().find_service("metrics").unwrap()).unwrap().name()
}

/// The service attachment of `metrics`.
pub(crate) fn service(world: &World) -> privlink_core::ServiceAttachment {
    let id = world.clickhouse().endpoint_service(world.clickhouse().find_service("metrics").unwrap()).unwrap();
    id.as_str().parse().unwrap()
}

/// Plans and applies; what is known in the end.
pub(crate) async fn set_up(side: &dyn NetworkSide, vendor: &dyn Counterpart) -> Exchange {
    let (known, survey) = plan(side, vendor).await;
    assert_eq!(blocks(&survey), [""; 0], "{:?}", survey.findings);
    match apply(side, vendor, known, &survey.steps).await {
        End::Done(known) => known,
        End::Stopped(verb, finding) => panic!("{verb}: {finding}"),
    }
}

/// The Google part of the world.
pub(crate) fn snapshot(world: &World) -> serde_json::Value {
    world.snapshot()["gcp"].clone()
}

/// The names of the writes to Google so far.
pub(crate) fn writes(world: &World) -> Vec<String> {
    world
        .writes()
        .into_iter()
        .filter(|request| request.side.as_str() == "gcp")
        .map(|request| request.operation)
        .collect()
}
