//! A run that is killed, anywhere, and run again converges: nothing duplicated, nothing lost.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use common::{endpoints, link, set_up, take_down};
use privlink::Progress;
use privlink::{EventKind, Link};
use privlink_sim::World;

/// Runs again after a crash, and checks that the end is the same as without one.
async fn converges(world: &World, what: &str, before: &serde_json::Value) {
    let again = link(world);
    set_up(&again).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    // A record written by the killed run may still be spreading, and a new plan does not know its
    // change. A stored run does: tests/run.rs proves at once.
    world.clock().sleep(Duration::from_secs(60)).await;
    let verdict = again.verify().await.unwrap();
    assert!(verdict.proved, "{what}: {verdict}");
    assert_eq!(endpoints(world).len(), 1, "{what}");
    world.clear_requests();
    set_up(&again).await.unwrap();
    assert_eq!(world.writes().len(), 0, "{what}: the run after the recovery wrote");
    take_down(&again).await;
    assert_eq!(&world.snapshot(), before, "{what}");
}

#[tokio::test(start_paused = true)]
async fn killed_after_each_step() {
    for steps in 1.. {
        let world = World::new();
        let before = world.snapshot();
        let killed = {
            let link = link(&world);
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
        converges(&world, &format!("killed after {steps} steps"), &before).await;
        if !killed {
            assert!(steps > 5, "a run has more than {steps} steps");
            return;
        }
    }
}

/// Drives `link` until `requests` have been made, then drops it. Whether it was dropped.
async fn run_for(world: &World, requests: usize, removal: bool) -> bool {
    let link: Link = link(world);
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

#[tokio::test(start_paused = true)]
async fn killed_at_each_request_of_a_set_up() {
    for requests in 1.. {
        let world = World::new();
        let before = world.snapshot();
        let killed = run_for(&world, requests, false).await;
        converges(&world, &format!("killed at request {requests}"), &before).await;
        if !killed {
            assert!(requests > 15, "a run makes more than {requests} requests");
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn killed_at_each_request_of_a_removal() {
    for requests in 1.. {
        let world = World::new();
        let before = world.snapshot();
        set_up(&link(&world)).await.unwrap();
        world.clear_requests();
        let killed = run_for(&world, requests, true).await;
        take_down(&link(&world)).await;
        assert_eq!(world.snapshot(), before, "killed at request {requests}");
        if !killed {
            assert!(requests > 10, "a removal makes more than {requests} requests");
            return;
        }
    }
}
