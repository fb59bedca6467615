//! A run that is killed, anywhere, and run again converges: nothing duplicated, nothing lost.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use common::pair::{Pair, assert_same, for_each_pair, for_every_other_pair, for_every_pair};
use common::{set_up, take_down};
use privlink::{EventKind, Link, Progress};
use privlink_sim::{Request, World};

for_every_pair![killed_after_each_step];

for_each_pair![killed_at_each_request_of_a_set_up, killed_at_each_request_of_a_removal];

/// The clouds' requests are the same as with the first vendor.
mod to_the_vendor {
    use super::{killed_at_each_request_of_a_removal_to_the_vendor, killed_at_each_request_of_a_set_up_to_the_vendor};

    super::for_every_other_pair![
        killed_at_each_request_of_a_set_up_to_the_vendor,
        killed_at_each_request_of_a_removal_to_the_vendor,
    ];
}

/// Runs again after a crash, and checks that the end is the same as without one.
async fn converges(pair: &'static Pair, world: &World, what: &str, before: &serde_json::Value) {
    let again = pair.link(world);
    set_up(&again).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    // A record written by the killed run may still be spreading, and a new plan does not know its
    // change. A stored run does: tests/run.rs proves at once.
    world.clock().sleep(Duration::from_secs(60)).await;
    let verdict = again.verify().await.unwrap();
    assert!(verdict.proved, "{what}: {verdict}");
    assert_eq!(pair.endpoints(world).len(), 1, "{what}");
    world.clear_requests();
    set_up(&again).await.unwrap();
    assert_eq!(world.writes().len(), 0, "{what}: the run after the recovery wrote");
    take_down(&again).await;
    assert_same(&pair.everything(world), before, what);
}

/// Sets a link up until `steps` of it are done, then drops it. Whether it was dropped.
async fn killed_after(pair: &'static Pair, world: &World, steps: usize) -> bool {
    let (link, mut done) = (pair.link(world), 0);
    loop {
        let plan = link.plan().await.unwrap();
        let mut events = link.apply(&plan).events();
        let applied = loop {
            match events.next().await.unwrap() {
                Progress::Event(event) if matches!(event.kind, EventKind::Done) => done += 1,
                Progress::Event(_) => {}
                Progress::End(end) => break end.unwrap(),
            }
            if done == steps {
                return true;
            }
        };
        if !applied.plan_again {
            return false;
        }
    }
}

async fn killed_after_each_step(pair: &'static Pair) {
    for steps in 1.. {
        let world = pair.brisk_world();
        let before = pair.everything(&world);
        let killed = killed_after(pair, &world, steps).await;
        converges(pair, &world, &format!("killed after {steps} steps"), &before).await;
        if !killed {
            assert!(steps > 5, "a run has more than {steps} steps");
            return;
        }
    }
}

/// Which requests are counted.
type Counted = fn(&Pair, &Request) -> bool;

const ALL: Counted = |_, _| true;
const VENDORS: Counted = |pair, request| pair.is_vendors(request);

/// Drives a link until so many requests have been made, then drops it. Whether it was dropped.
async fn run_for(pair: &'static Pair, world: &World, (counted, requests): (Counted, usize), removal: bool) -> bool {
    let link: Link = pair.link(world);
    let mut run = pin!(async {
        if removal {
            take_down(&link).await;
        } else {
            set_up(&link).await.unwrap();
        }
    });
    let made = || world.requests().iter().filter(|request| counted(pair, request)).count();
    poll_fn(|cx| {
        let end = run.as_mut().poll(cx);
        match end {
            Poll::Ready(()) => Poll::Ready(false),
            Poll::Pending if made() >= requests => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

async fn killed_at_each_request_of_a_set_up(pair: &'static Pair) {
    assert!(killed_while_set_up(pair, ALL).await > 15, "a run makes more requests");
}

async fn killed_at_each_request_of_a_set_up_to_the_vendor(pair: &'static Pair) {
    assert!(killed_while_set_up(pair, VENDORS).await > 8, "a run makes more requests");
}

async fn killed_at_each_request_of_a_removal(pair: &'static Pair) {
    assert!(killed_while_taken_down(pair, ALL).await > 10, "a removal makes more requests");
}

async fn killed_at_each_request_of_a_removal_to_the_vendor(pair: &'static Pair) {
    assert!(killed_while_taken_down(pair, VENDORS).await > 2, "a removal makes more requests");
}

/// Kills a set-up at each request; how many those are.
async fn killed_while_set_up(pair: &'static Pair, counted: Counted) -> usize {
    for requests in 1.. {
        let world = pair.brisk_world();
        let before = pair.everything(&world);
        let killed = run_for(pair, &world, (counted, requests), false).await;
        converges(pair, &world, &format!("killed at request {requests}"), &before).await;
        if !killed {
            return requests;
        }
    }
    unreachable!("a run ends")
}

/// Kills a removal at each request; how many those are.
async fn killed_while_taken_down(pair: &'static Pair, counted: Counted) -> usize {
    for requests in 1.. {
        let world = pair.brisk_world();
        let before = pair.everything(&world);
        set_up(&pair.link(&world)).await.unwrap();
        world.clear_requests();
        let killed = run_for(pair, &world, (counted, requests), true).await;
        let mut plan = take_down(&pair.link(&world)).await;
        pair.settled(&world).await;
        // What the vendor still held to be connected stayed.
        if pair.everything(&world) != before {
            plan = take_down(&pair.link(&world)).await;
            pair.settled(&world).await;
        }
        assert_same(&pair.everything(&world), &before, &format!("killed at request {requests}, {plan}"));
        if !killed {
            return requests;
        }
    }
    unreachable!("a removal ends")
}
