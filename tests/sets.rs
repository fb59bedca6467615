//! Sets of links: planned, applied with events, proved and stored together.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use common::{builder_of, endpoints, network};
use privlink::{Event, Link, Links, LinksPlan, Progress};
use privlink_sim::World;

/// The services `orders` and `billing`, behind one endpoint, looked at from inside.
fn links(world: &World) -> Links {
    let of = |name: &str, number| -> Link {
        let vantage = world.vantage(&world.aws().subnet_ids()[0]);
        builder_of(world, name, number, network(world)).vantage(vantage).build().unwrap()
    };
    [of("orders", 0), of("billing", 1)].into_iter().collect()
}

#[tokio::test(start_paused = true)]
async fn a_set_tells_its_events_and_is_proved_as_a_whole() {
    let world = World::new();
    let links = links(&world);
    let unset = links.verify().await;
    assert!(unset.iter().all(|link| link.result.is_err()), "nothing is set up: {unset:?}");

    let plan = links.plan().await;
    assert!(!plan.is_done() && plan.blockers().next().is_none(), "{plan}");
    let mut events = links.apply(&plan).events();
    let (mut told, mut ends): (Vec<Event>, _) = (Vec::new(), None);
    while let Some(progress) = events.next().await {
        match progress {
            Progress::Event(event) => told.push(event),
            Progress::End(end) => ends = Some(end),
        }
    }
    let ends = ends.unwrap();
    assert_eq!(ends.iter().map(|end| end.link.as_str()).collect::<Vec<_>>(), ["orders", "billing"]);
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    assert!(told.iter().all(|event| (1..=event.total).contains(&event.number) && event.done <= event.total));
    assert!(told.iter().any(|event| event.verb == "aws.endpoint" && event.link.as_str() == "orders"), "{told:?}");

    assert!(links.plan().await.is_done());
    for link in links.verify().await {
        assert!(link.result.as_ref().is_ok_and(|verdict| verdict.proved), "{link}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stored_plan_of_a_set_is_applied_by_another_process() {
    let world = World::new();
    let stored = serde_json::to_string(&links(&world).plan().await).unwrap();
    let plan: LinksPlan = serde_json::from_str(&stored).unwrap();
    let ends = links(&world).apply(&plan).await;
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    assert_eq!(endpoints(&world).len(), 1, "they share it");
}
