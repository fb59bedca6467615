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

/// The links of a set of four, by their numbers.
fn some(world: &World, numbers: &[usize]) -> Links {
    let names = ["orders", "billing", "events", "orders"];
    let one = |number: &usize| builder_of(world, names[*number], *number % 3, network(world)).build().unwrap();
    numbers.iter().map(one).collect()
}

#[tokio::test(start_paused = true)]
async fn a_stored_plan_finds_its_links_in_whatever_order_they_are_given() {
    let world = World::new();
    let stored = serde_json::to_string(&some(&world, &[0, 1, 2]).plan().await).unwrap();
    let plan: LinksPlan = serde_json::from_str(&stored).unwrap();
    let ends = some(&world, &[2, 0, 1]).apply(&plan).await;
    assert_eq!(ends.iter().map(|end| end.link.as_str()).collect::<Vec<_>>(), ["orders", "billing", "events"]);
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    // A link that the plan does not name is left alone.
    let one = LinksPlan::clone(&some(&world, &[1]).removal_plan().await);
    let ends = some(&world, &[0, 1]).apply(&one).await;
    assert!(ends.len() == 1 && ends[0].result.is_ok(), "{ends:?}");
    assert!(some(&world, &[0]).plan().await.is_done());
    let removal = some(&world, &[0, 2]).removal_plan().await;
    let ends = some(&world, &[2, 0]).apply(&removal).await;
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    assert_eq!(endpoints(&world).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_more_links_than_the_set_has_performs_nothing() {
    let world = World::new();
    let plan = some(&world, &[0, 1, 2]).plan().await;
    world.clear_requests();
    let ends = some(&world, &[0, 1]).apply(&plan).await;
    for end in &ends {
        let error = end.result.as_ref().unwrap_err();
        assert_eq!(error.finding().unwrap().code, "LINK-006", "{error:?}");
        assert!(error.report().to_string().contains("the plan of events"), "{error:?}");
    }
    assert_eq!((ends.len(), world.requests().len()), (3, 0));
    assert_eq!(Links::default().apply(&plan).await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_in_a_set_twice_is_told() {
    let world = World::new();
    let plan = some(&world, &[0, 1, 3]).plan().await;
    let blocked: Vec<_> = plan.blockers().map(|(link, finding)| (link.as_str(), &*finding.code)).collect();
    assert_eq!(blocked, [("orders", "LINK-011"), ("orders", "LINK-011")]);
    let ends = some(&world, &[0, 1, 3]).apply(&plan).await;
    assert!(ends[0].result.is_err() && ends[1].result.is_ok() && ends[2].result.is_err(), "{ends:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_done_is_counted_once_for_whoever_did_it() {
    let world = World::new();
    let links = some(&world, &[0, 1]);
    let plan = links.plan().await;
    let steps: Vec<usize> = plan.plans.iter().map(|of| of.result.as_ref().unwrap().steps.len()).collect();
    let ends = links.apply(&plan).await;
    let [first, second] = ends.as_slice() else { panic!("{ends:?}") };
    let (first, second) = (first.result.as_ref().unwrap(), second.result.as_ref().unwrap());
    assert_eq!(first.changed.len() + first.shared.len(), steps[0], "{first}");
    assert_eq!(second.changed.len() + second.shared.len(), steps[1], "{second}");
    assert!(!second.shared.is_empty() && second.before.is_empty() && second.unchanged.is_empty(), "{second}");
    assert_eq!(
        second.to_string(),
        format!(
            "applied: {} steps done, {} by another link of the set, 0 done before",
            second.changed.len(),
            second.shared.len()
        )
    );

    let again = links.plan().await;
    for (end, steps) in links.apply(&again).await.iter().zip(steps) {
        let applied = end.result.as_ref().unwrap();
        assert_eq!((applied.before.len(), applied.changed.len(), applied.shared.len()), (steps, 0, 0), "{applied}");
        assert_eq!(applied.to_string(), format!("applied: 0 steps done, {steps} done before"));
    }
}
