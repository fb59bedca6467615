//! What of a link exists, told without a plan: in every cloud, before and after, whatever the link
//! is called and whoever is gone.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use privlink::core::side::{Mark, Ownership, TouchKey};
use privlink_sim::World;

#[tokio::test(start_paused = true)]
async fn what_carries_the_mark_and_no_removal_would_touch_is_told_too() {
    let world = World::new();
    let link = common::link(&world);
    let group = world.aws().add_group(&world.aws().vpc_id(), "left behind");
    let subject = format!("ClickHouse service {}", world.clickhouse().service_id());
    let mark = Mark::new(TouchKey::new("aws.group", ["elsewhere"]), "", "orders-prod".parse().unwrap()).of(subject);
    let database = mark.database_digest().unwrap();
    let tags =
        [("managed-by", Mark::MANAGED_BY), ("privlink:key", &mark.key.digest()), ("privlink:database", &database)];
    for (key, value) in tags {
        world.aws().set_tag(group.as_str(), key, Some(value));
    }
    assert!(link.removal_plan().await.unwrap().is_done());
    let inventory = link.inventory().await.unwrap();
    let [left] = inventory.things.as_slice() else { panic!("{inventory}") };
    assert!(left.what.contains(group.as_str()), "{inventory}");
    assert!(left.ownership.as_ref().is_some_and(Ownership::is_ours), "{inventory}");
}
