//! What the tests over the simulated world share.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use privlink_aws::{Client, Credentials, Network};
use privlink_core::side::{Cx, Exchange, Fact, NetworkSide, Side, Step, Survey};
use privlink_core::{Finding, Severity};
use privlink_sim::World;
use privlink_sim::contract::{Counterpart, Driver, pending};
pub(crate) use privlink_sim::contract::{End, codes};

/// A client with the world's own key.
pub(crate) fn client(world: &World) -> Client {
    let key = world.aws().key();
    Client::over(world.transport(), world.aws().region())
        .credentials(Credentials::new(key.id, key.secret))
        .clock(world.clock())
        .build()
        .unwrap()
}

/// The seeded VPC with the two subnets that are in zones of the service.
pub(crate) fn network(world: &World) -> Network {
    let subnets = world.aws().subnet_ids();
    client(world).vpc(world.aws().vpc_id()).subnets(subnets.into_iter().take(2))
}

pub(crate) fn cx(world: &World) -> Cx {
    cx_of(world, "orders", "the database orders")
}

/// A run of the link `name` between a database and the seeded VPC.
pub(crate) fn cx_of(world: &World, name: &str, database: &str) -> Cx {
    let network = network(world).subject();
    Cx::new(name.parse().unwrap(), "", world.clock()).between(database.to_owned(), network)
}

/// What is known while the vendor says nothing of the database but which account it was in.
pub(crate) fn untold() -> Exchange {
    let mut known = Exchange::new();
    known.vendor_account = Some("example organization".into());
    known
}

/// Surveys until nothing new comes up.
pub(crate) async fn plan(side: &dyn NetworkSide, vendor: &dyn Counterpart) -> (Exchange, Survey) {
    Driver::new(side, &cx(vendor.world())).plan(vendor, untold()).await
}

/// Performs what is to do, in the order of facts, until done or stopped.
pub(crate) async fn apply(side: &dyn NetworkSide, vendor: &dyn Counterpart, known: Exchange, steps: &[Step]) -> End {
    apply_in(side, vendor, known, steps, &cx(vendor.world())).await
}

/// The same in a run of another link.
pub(crate) async fn apply_in(
    side: &dyn NetworkSide,
    vendor: &dyn Counterpart,
    known: Exchange,
    steps: &[Step],
    cx: &Cx,
) -> End {
    Driver::new(side, cx).apply(vendor, known, steps).await
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

/// The vendor of the service `orders`, which lets every endpoint in that it is told of.
pub(crate) fn vendor(world: &World) -> privlink_sim::contract::ClickHouseVendor {
    vendor_of(world, "orders")
}

pub(crate) fn vendor_of(world: &World, service: &str) -> privlink_sim::contract::ClickHouseVendor {
    let id = world.clickhouse().find_service(service).unwrap();
    privlink_sim::contract::ClickHouseVendor::of(world, id, |_| {})
}

/// What the vendor says of its services before any endpoint is known.
pub(crate) fn services(vendor: &dyn Counterpart) -> Exchange {
    vendor.tell(&Exchange::new())
}

/// The private host of `orders`.
pub(crate) fn host(world: &World) -> privlink_core::DnsName {
    world.clickhouse().private_host(world.clickhouse().find_service("orders").unwrap()).unwrap().name()
}

/// The endpoint service of `orders`.
pub(crate) fn service(world: &World) -> privlink_core::VpcEndpointServiceName {
    let id = world.clickhouse().endpoint_service(world.clickhouse().find_service("orders").unwrap()).unwrap();
    id.as_str().parse().unwrap()
}

/// Plans and applies; what is known in the end.
pub(crate) async fn set_up(side: &dyn NetworkSide, vendor: &dyn Counterpart) -> Exchange {
    set_up_in(side, vendor, &cx(vendor.world())).await
}

/// The same in a run of another link.
pub(crate) async fn set_up_in(side: &dyn NetworkSide, vendor: &dyn Counterpart, cx: &Cx) -> Exchange {
    let (known, survey) = plan(side, vendor).await;
    assert_eq!(blocks(&survey), [""; 0], "{:?}", survey.findings);
    match apply_in(side, vendor, known, &survey.steps, cx).await {
        End::Done(known) => known,
        End::Stopped(verb, finding) => panic!("{verb}: {finding}"),
    }
}

/// The AWS part of the world.
pub(crate) fn snapshot(world: &World) -> serde_json::Value {
    world.snapshot()["aws"].clone()
}

/// The names of the writes to AWS so far.
pub(crate) fn writes(world: &World) -> Vec<String> {
    world
        .writes()
        .into_iter()
        .filter(|request| request.side.as_str() == "aws")
        .map(|request| request.operation)
        .collect()
}
