//! How many dependent rounds of requests a plan takes: time over one request's latency.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::time::Duration;

use common::{builder, foreign_endpoint, network, set_up, vendor};
use privlink::Link;
use privlink_sim::World;
use tokio::time::Instant;

const LATENCY: Duration = Duration::from_secs(1);

fn world() -> World {
    World::builder().latency(LATENCY).build()
}

/// A link that knows its organization, as most callers do.
fn link_with_organization(world: &World) -> Link {
    let handle = world.clickhouse();
    let service = vendor(world).organization(handle.organization_id().into()).service(handle.service_id().into());
    Link::builder("orders-prod".parse().unwrap(), service, network(world)).clock(world.clock()).build().unwrap()
}

async fn rounds(link: &Link) -> u64 {
    let start = Instant::now();
    link.plan().await.unwrap();
    start.elapsed().as_secs() / LATENCY.as_secs()
}

#[tokio::test(start_paused = true)]
async fn two_rounds_with_the_organization_given() {
    assert_eq!(rounds(&link_with_organization(&world())).await, 2);
}

#[tokio::test(start_paused = true)]
async fn three_rounds_without_the_organization() {
    let world = world();
    assert_eq!(rounds(&builder(&world).build().unwrap()).await, 3);
}

#[tokio::test(start_paused = true)]
async fn a_finished_link_is_planned_in_as_many_rounds() {
    let world = world();
    let link = link_with_organization(&world);
    set_up(&link).await.unwrap();
    assert_eq!(rounds(&link).await, 2);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_of_somebody_else_takes_one_round_more() {
    let world = world();
    foreign_endpoint(&world).await;
    assert!(rounds(&link_with_organization(&world)).await <= 3);
}

#[tokio::test(start_paused = true)]
async fn no_question_is_asked_twice() {
    let world = world();
    link_with_organization(&world).plan().await.unwrap();
    let mut asked: Vec<String> = world
        .requests()
        .iter()
        .map(|request| format!("{} {} {:?} {:?}", request.operation, request.path, request.query, request.body))
        .collect();
    let all = asked.len();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), all, "{asked:#?}");
}
