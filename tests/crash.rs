//! A run that is killed, anywhere, and run again converges: nothing duplicated, nothing lost.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use common::pair::{Pair, for_each_pair};
use common::{set_up, take_down};
use privlink::{EventKind, Link, Progress};
use privlink_sim::World;

for_each_pair![killed_after_each_step, killed_at_each_request_of_a_set_up, killed_at_each_request_of_a_removal,];

/// Runs again after a crash, and checks that the end is the same as without one.
async fn converges(pair: &'static dyn Pair, world: &World, what: &str, before: &serde_json::Value) {
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
    assert_eq!(&world.snapshot(), before, "{what}");
}

async fn killed_after_each_step(pair: &'static dyn Pair) {
    for steps in 1.. {
        let world = pair.brisk_world();
        let before = world.snapshot();
        let killed = {
            let link = pair.link(&world);
            let plan = link.plan().await.unwrap();
            let mut events = link.apply(&plan).events();
            let mut done = 0;
            loop {
                match events.next().await.unwrap() {
                    Progress::Event(event) if matches!(event.kind, EventKind::Done) => done += 1,
                    Progress::Event(_) => {}
                    Progress::End(end) => break end.map(|_| false).unwrap(),
                }
                if done == steps {
                    break true;
                }
            }
        };
        converges(pair, &world, &format!("killed after {steps} steps"), &before).await;
        if !killed {
            assert!(steps > 5, "a run has more than {steps} steps");
            return;
        }
    }
}

/// Drives `link` until `requests` have been made, then drops it. Whether it was dropped.
async fn run_for(pair: &'static dyn Pair, world: &World, requests: usize, removal: bool) -> bool {
    let link: Link = pair.link(world);
    let mut run = pin!(async {
        let plan = if removal { link.removal_plan().await.unwrap() } else { link.plan().await.unwrap() };
        link.apply(&plan).await.unwrap();
    });
    poll_fn(|cx| {
        let end = run.as_mut().poll(cx);
        match end {
            Poll::Ready(()) => Poll::Ready(false),
            Poll::Pending if world.requests().len() >= requests => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

async fn killed_at_each_request_of_a_set_up(pair: &'static dyn Pair) {
    for requests in 1.. {
        let world = pair.brisk_world();
        let before = world.snapshot();
        let killed = run_for(pair, &world, requests, false).await;
        converges(pair, &world, &format!("killed at request {requests}"), &before).await;
        if !killed {
            assert!(requests > 15, "a run makes more than {requests} requests");
            return;
        }
    }
}

async fn killed_at_each_request_of_a_removal(pair: &'static dyn Pair) {
    for requests in 1.. {
        let world = pair.brisk_world();
        let before = world.snapshot();
        set_up(&pair.link(&world)).await.unwrap();
        world.clear_requests();
        let killed = run_for(pair, &world, requests, true).await;
        take_down(&pair.link(&world)).await;
        assert_eq!(world.snapshot(), before, "killed at request {requests}");
        if !killed {
            assert!(requests > 10, "a removal makes more than {requests} requests");
            return;
        }
    }
}
