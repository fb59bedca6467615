//! How many dependent rounds of requests a plan takes: time over one request's latency.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::time::Duration;

use common::pair::{Pair, for_each_pair};
use common::set_up;
use privlink::Link;
use privlink_sim::World;
use tokio::time::Instant;

for_each_pair![
    at_most_two_rounds_with_the_organization_given,
    one_more_without_the_organization,
    a_finished_link_takes_no_more,
    an_endpoint_of_somebody_else_takes_one_round_more,
    no_question_is_asked_twice,
];

const LATENCY: Duration = Duration::from_secs(1);

fn world(pair: &'static Pair) -> World {
    pair.world_of(World::builder().latency(LATENCY))
}

/// A link that knows its organization, as most callers do.
fn link_with_organization(pair: &'static Pair, world: &World) -> Link {
    pair.with_organization(world, "orders-prod", 0).build().unwrap()
}

async fn rounds(link: &Link) -> u64 {
    let start = Instant::now();
    link.plan().await.unwrap();
    start.elapsed().as_secs() / LATENCY.as_secs()
}

async fn at_most_two_rounds_with_the_organization_given(pair: &'static Pair) {
    assert!(pair.rounds() <= 2);
    assert_eq!(rounds(&link_with_organization(pair, &world(pair))).await, pair.rounds());
}

async fn one_more_without_the_organization(pair: &'static Pair) {
    assert_eq!(rounds(&pair.link(&world(pair))).await, pair.rounds() + 1);
}

async fn a_finished_link_takes_no_more(pair: &'static Pair) {
    let world = world(pair);
    let link = link_with_organization(pair, &world);
    set_up(&link).await.unwrap();
    assert_eq!(rounds(&link).await, 2);
}

async fn an_endpoint_of_somebody_else_takes_one_round_more(pair: &'static Pair) {
    let world = world(pair);
    pair.make_endpoint(&world, pair.database(&world, 0));
    world.clock().sleep(Duration::from_secs(600)).await;
    assert!(rounds(&link_with_organization(pair, &world)).await <= 3);
}

async fn no_question_is_asked_twice(pair: &'static Pair) {
    let world = world(pair);
    link_with_organization(pair, &world).plan().await.unwrap();
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
