//! Crashes and faults at each of this vendor's calls; the clouds' calls are the same as for every vendor.

use std::collections::HashMap;
use std::future::poll_fn;
use std::num::NonZeroU32;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use privlink::ApplyError;
use privlink_sim::{
    CockroachClusterSpec, CockroachOnLocked, CockroachOnRepeat, CockroachRegionKey, FaultBuilder, World,
};

use super::common::pair::{AWS, AZURE, GCP, Pair};
use super::common::{set_up, take_down};
use super::{ALL, brisk, link};

/// The vendor's calls are these.
const VENDOR: &str = "CockroachCloud_";

/// Drives a set-up until `requests` have been made to the vendor, then drops it. Whether it was dropped.
async fn run_for(pair: &'static dyn Pair, world: &World, cluster: &str, requests: usize) -> bool {
    let link = link(pair, world, cluster);
    let mut run = pin!(set_up(&link));
    let asked = || world.requests().iter().filter(|request| request.operation.starts_with(VENDOR)).count();
    poll_fn(|cx| match run.as_mut().poll(cx) {
        Poll::Ready(end) => {
            end.unwrap();
            Poll::Ready(false)
        }
        Poll::Pending if asked() >= requests => Poll::Ready(true),
        Poll::Pending => Poll::Pending,
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn killed_at_each_request_to_the_vendor_it_converges() {
    for (pair, cluster) in [(AWS, "carts"), (AZURE, "invoices"), (GCP, "tracking")] {
        for requests in 1.. {
            let world = brisk(pair);
            let before = world.snapshot();
            let killed = run_for(pair, &world, cluster, requests).await;
            converges(pair, &world, cluster, &before, &format!("{cluster} killed at request {requests}")).await;
            if !killed {
                assert!(requests > 8, "a run makes more than {requests} requests");
                break;
            }
        }
    }
}

/// Runs twice, proves and takes down; the end is the same as without a disturbance.
async fn converges(pair: &'static dyn Pair, world: &World, cluster: &str, before: &serde_json::Value, at: &str) {
    let link = link(pair, world, cluster);
    set_up(&link).await.unwrap_or_else(|error| panic!("{at}: {error}"));
    world.clock().sleep(Duration::from_secs(60)).await;
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{at}: {verdict}");
    assert_eq!(pair.endpoints(world).len(), 1, "{at}");
    world.clear_requests();
    set_up(&link).await.unwrap();
    assert_eq!(world.writes().len(), 0, "{at}: the run after the recovery wrote");
    take_down(&link).await;
    assert_eq!(&world.snapshot(), before, "{at}");
}

/// The vendor's calls of an undisturbed run, each with how often it was made before.
async fn calls(pair: &'static dyn Pair, cluster: &str) -> Vec<(String, u32)> {
    let world = brisk(pair);
    set_up(&link(pair, &world, cluster)).await.unwrap();
    let mut seen: HashMap<String, u32> = HashMap::new();
    let requests = world.requests().into_iter().filter(|request| request.operation.starts_with(VENDOR));
    let calls: Vec<(String, u32)> = requests
        .map(|request| {
            let nth = seen.entry(request.operation.clone()).or_insert(0);
            *nth += 1;
            (request.operation, *nth)
        })
        .collect();
    assert!(calls.len() > 6, "{calls:?}");
    calls
}

/// The run converges, at once or when it is run again after a typed error that says what to do.
async fn survives(pairs: &[(&'static dyn Pair, &str)], inject: impl Fn(FaultBuilder)) {
    for (pair, cluster) in pairs.iter().copied() {
        for (operation, nth) in calls(pair, cluster).await {
            let at = format!("{cluster}, {operation} #{nth}");
            let world = brisk(pair);
            let before = world.snapshot();
            inject(world.faults().on(&operation).nth(nth));
            let link = link(pair, &world, cluster);
            if let Ok(plan) = link.plan().await
                && let Err(error) = link.apply(&plan).await
            {
                assert!(!error.help().is_empty() && !matches!(error, ApplyError::Stuck { .. }), "{at}: {error:?}");
            }
            converges(pair, &world, cluster, &before, &at).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_lost_after_commit_at_each_call() {
    survives(&ALL, |fault| drop(fault.reset_after_commit())).await;
}

#[tokio::test(start_paused = true)]
async fn an_internal_error_at_each_call() {
    survives(&[(GCP, "tracking")], |fault| drop(fault.times(9).status(500))).await;
}

#[tokio::test(start_paused = true)]
async fn a_busy_cluster_at_each_call() {
    survives(&[(AWS, "shopfront")], |fault| drop(fault.times(2).status(503))).await;
}

#[tokio::test(start_paused = true)]
async fn throttled_at_each_call() {
    survives(&[(AZURE, "invoices")], |fault| drop(fault.throttle(Duration::from_secs(7)))).await;
}

/// The rows of a plan of Plackett and Burman for eleven switches: whichever two of them are taken, all four
/// combinations come up.
fn rows() -> impl Iterator<Item = [bool; 11]> {
    const FIRST: [bool; 11] = [true, true, false, true, true, true, false, false, false, true, false];
    let turned = (0..11).map(|by| {
        let mut row = FIRST;
        row.rotate_right(by);
        row
    });
    turned.chain([[false; 11]])
}

#[test]
fn the_rows_hold_every_pair_of_settings() {
    for (one, other) in (0..11).flat_map(|one| (0..one).map(move |other| (one, other))) {
        let pairs: std::collections::BTreeSet<_> = rows().map(|row| (row[one], row[other])).collect();
        assert_eq!(pairs.len(), 4, "{one} and {other}");
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_no_public_source_says_a_link_comes_up_and_goes() {
    for (n, row) in rows().enumerate() {
        let [slow, waits, stale, unseen, leaves, repeat, full, key, prefix, foreign, busy] = row;
        for (pair, region) in [(AWS, "us-east-1"), (AZURE, "westus3"), (GCP, "us-central1")] {
            let at = format!("{pair:?}, row {n}");
            let world = brisk(pair);
            let spec = CockroachClusterSpec::new("brandnew", pair.cloud(), region.parse().unwrap());
            let id = world.cockroach().add_cluster(spec);
            world.cockroach().switch(|switches| {
                (switches.services_unseen, switches.services_creating) = if slow { (3, 4) } else { (0, 0) };
                switches.pending_acceptance = waits;
                switches.stale_rejected = if stale { 3 } else { 0 };
                switches.connection_unseen = if unseen { 2 } else { 0 };
                switches.delete_leaves_entry = leaves;
                switches.repeat = if repeat { CockroachOnRepeat::Conflict409 } else { CockroachOnRepeat::Same };
                switches.gcp_full_name = full;
                switches.region_key = if key { CockroachRegionKey::Region } else { CockroachRegionKey::Both };
                switches.status_prefix = prefix;
                (switches.foreign_service, switches.aws_block) = (foreign, !foreign);
                switches.locked = if busy { 7 } else { 0 };
                switches.throttle_every = if busy { NonZeroU32::new(6) } else { None };
                switches.on_locked =
                    if n % 2 == 0 { CockroachOnLocked::Text400 } else { CockroachOnLocked::Unavailable503 };
            });
            let link = link(pair, &world, "brandnew");
            // Twice: an id that was rejected before is let in again.
            for _ in 0..2 {
                while set_up(&link).await.unwrap_or_else(|error| panic!("{at}: {error}")).plan_again {}
                world.clock().sleep(Duration::from_secs(60)).await;
                let verdict = link.verify().await.unwrap();
                assert!(verdict.proved, "{at}: {verdict}");
                world.clear_requests();
                set_up(&link).await.unwrap();
                assert_eq!(world.writes().len(), 0, "{at}: a second run wrote");
                take_down(&link).await;
                assert!(pair.endpoints(&world).is_empty() && world.cockroach().connected(id).is_empty(), "{at}");
            }
        }
    }
}
