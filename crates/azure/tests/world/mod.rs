//! What the tests over the simulated world share.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use privlink_azure::{Client, Network, SubnetId, VirtualNetworkId};
use privlink_core::side::{Cx, Exchange, NetworkSide, Step, Survey};
use privlink_core::{Finding, Severity};
use privlink_sim::World;
use privlink_sim::contract::{ClickHouseVendor, Counterpart, Driver, pending};
pub(crate) use privlink_sim::contract::{End, codes};

/// A client with the world's own token.
pub(crate) fn client(world: &World) -> Client {
    let azure = world.azure();
    Client::over(world.transport(), azure.subscription()).token(azure.token()).clock(world.clock()).build().unwrap()
}

pub(crate) fn vnet(world: &World) -> VirtualNetworkId {
    world.azure().vnet_id().try_into().unwrap()
}

pub(crate) fn subnet(world: &World) -> SubnetId {
    world.azure().subnet_id().try_into().unwrap()
}

/// The seeded network and its subnet.
pub(crate) fn network(world: &World) -> Network {
    client(world).network(vnet(world)).subnet(subnet(world))
}

pub(crate) fn cx(world: &World) -> Cx {
    Cx::new("ledger".parse().unwrap(), "", world.clock())
}

/// The vendor of the service `ledger`, which lets every endpoint in that it is told of.
pub(crate) fn vendor(world: &World) -> ClickHouseVendor {
    ClickHouseVendor::of(world, world.clickhouse().find_service("ledger").unwrap(), |_| {})
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

/// Plans and applies; what is known in the end.
pub(crate) async fn set_up(side: &dyn NetworkSide, vendor: &dyn Counterpart) -> Exchange {
    let (known, survey) = plan(side, vendor).await;
    assert_eq!(blocks(&survey), [""; 0], "{:?}", survey.findings);
    match apply(side, vendor, known, &survey.steps).await {
        End::Done(known) => known,
        End::Stopped(verb, finding) => panic!("{verb}: {finding}"),
    }
}

/// The Azure part of the world.
pub(crate) fn snapshot(world: &World) -> serde_json::Value {
    world.snapshot()["azure"].clone()
}

/// The private host of `ledger`.
pub(crate) fn host(world: &World) -> privlink_core::DnsName {
    world.clickhouse().private_host(world.clickhouse().find_service("ledger").unwrap()).unwrap().name()
}
