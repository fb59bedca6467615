//! Crashes and faults at each of the vendor's calls.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use privlink::ApplyError;
use privlink_sim::{FaultBuilder, World};
use serde_json::Value;

use super::common::pair::{AWS, AZURE, GCP, Pair};
use super::common::take_down;
use super::{ALL, link, proves, set_up, snapshot};

fn brisk(pair: &'static dyn Pair) -> World {
    let world = World::new();
    pair.hurry(&world);
    world.zilliz().switch(|switches| switches.link_looks = 1);
    world
}

fn asked(world: &World) -> usize {
    world.requests().iter().filter(|request| request.side.as_str() == "zilliz").count()
}

/// Drives a set-up until `requests` have been made to the vendor, then drops it. Whether it was dropped.
async fn run_for(pair: &'static dyn Pair, world: &World, requests: usize) -> bool {
    let link = link(pair, world);
    let mut run = pin!(set_up(&link));
    poll_fn(|cx| match run.as_mut().poll(cx) {
        Poll::Ready(end) => {
            end.unwrap();
            Poll::Ready(false)
        }
        Poll::Pending if asked(world) >= requests => Poll::Ready(true),
        Poll::Pending => Poll::Pending,
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn killed_at_each_request_to_the_vendor_it_converges() {
    for pair in ALL {
        for requests in 1.. {
            let world = brisk(pair);
            let before = snapshot(&world);
            let killed = run_for(pair, &world, requests).await;
            converges(pair, &world, &before, &format!("{} killed at request {requests}", pair.name())).await;
            if !killed {
                assert!(requests > 8, "a run makes more than {requests} requests");
                break;
            }
        }
    }
}

/// Runs twice, proves and takes down; the end is the same as without a disturbance.
async fn converges(pair: &'static dyn Pair, world: &World, before: &Value, at: &str) {
    let link = link(pair, world);
    set_up(&link).await.unwrap_or_else(|error| panic!("{at}: {error}"));
    proves(&link, world, at).await;
    assert_eq!(pair.endpoints(world).len(), 1, "{at}");
    world.clear_requests();
    set_up(&link).await.unwrap();
    assert_eq!(world.writes().len(), 0, "{at}: the run after the recovery wrote");
    take_down(&link).await;
    assert_eq!(&snapshot(world), before, "{at}");
}

/// The vendor's calls of an undisturbed run, each with how often it was made before.
async fn calls(pair: &'static dyn Pair) -> Vec<(String, u32)> {
    let world = brisk(pair);
    set_up(&link(pair, &world)).await.unwrap();
    let mut seen: HashMap<String, u32> = HashMap::new();
    let requests = world.requests().into_iter().filter(|request| request.side.as_str() == "zilliz");
    let calls: Vec<(String, u32)> = requests
        .map(|request| {
            let nth = seen.entry(request.operation.clone()).or_insert(0);
            *nth += 1;
            (request.operation, *nth)
        })
        .collect();
    assert!(calls.len() > 12, "{calls:?}");
    calls
}

/// The run converges, at once or when it is run again after a typed error that says what to do.
async fn survives(pairs: &[&'static dyn Pair], inject: impl Fn(&World, FaultBuilder)) {
    for pair in pairs.iter().copied() {
        for (operation, nth) in calls(pair).await {
            let at = format!("{}, {operation} #{nth}", pair.name());
            let world = brisk(pair);
            let before = snapshot(&world);
            inject(&world, world.faults().on(&operation).nth(nth));
            let link = link(pair, &world);
            for _ in 0..2 {
                if let Ok(plan) = link.plan().await
                    && let Err(error) = link.apply(&plan).await
                {
                    assert!(!error.help().is_empty() && !matches!(error, ApplyError::Stuck { .. }), "{at}: {error:?}");
                }
            }
            converges(pair, &world, &before, &at).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_lost_after_commit_at_each_call() {
    survives(&ALL, |_, fault| drop(fault.reset_after_commit())).await;
}

#[tokio::test(start_paused = true)]
async fn an_internal_error_at_each_call() {
    survives(&[GCP], |_, fault| drop(fault.times(9).status(500))).await;
}

#[tokio::test(start_paused = true)]
async fn throttled_at_each_call() {
    survives(&[AZURE], |_, fault| drop(fault.throttle(Duration::from_secs(7)))).await;
}

#[tokio::test(start_paused = true)]
async fn a_page_of_a_gateway_at_each_call() {
    survives(&[AWS], |_, fault| drop(fault.bad_gateway())).await;
}
