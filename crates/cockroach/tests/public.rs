//! Closing the public door to SQL clients, and opening it again exactly as it was; receipts are files,
//! which may be cut, edited, mixed up or outlived.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use std::time::Duration;

use privlink_cockroach::{AllowedRange, Cluster};
use privlink_core::ErrorKind;
use privlink_core::side::{DatabaseSide, Exchange, Outcome, Receipt, Side, Step, StepState};
use privlink_sim::{CockroachOnLocked, World};
use serde_json::{Value, json};
use support::*;

fn range(text: &str) -> AllowedRange {
    AllowedRange::sql(text.parse().unwrap())
}

/// A cluster with ranges for SQL, for both and for the console alone.
async fn opened(world: &World) -> Cluster {
    world.cockroach().switch(|switches| switches.page_size = 2);
    let cluster = cluster(world, "shopfront");
    let mut console = range("192.0.2.0/24").with_ui();
    console.sql = false;
    for entry in [range("203.0.113.7/32"), range("198.51.100.0/24").with_ui().named("office"), console] {
        cluster.add_allowed_range(&entry).await.unwrap();
    }
    world.clear_requests();
    cluster
}

fn open(world: &World, cluster: &Cluster) -> Vec<String> {
    let mut open: Vec<String> =
        world.cockroach().open_to_sql(cluster.id().uuid()).iter().map(ToString::to_string).collect();
    open.sort_unstable();
    open
}

async fn finish(world: &World, cluster: &Cluster, step: &Step) -> Outcome {
    let mut stored = None;
    for _ in 0..50 {
        match cluster.perform(step, &Exchange::new(), &cx(world).resuming(stored)).await.unwrap() {
            Outcome::Waiting { poll_after, resume, .. } => {
                stored = resume;
                world.clock().sleep(poll_after).await;
            }
            outcome => return outcome,
        }
    }
    panic!("{} never ends", step.verb)
}

async fn reopening(world: &World, cluster: &Cluster, receipt: &Value) -> privlink_core::Result<Step> {
    let receipt: Receipt = serde_json::from_value(receipt.clone())
        .map_err(|error| privlink_core::Error::invalid("the receipt cannot be read").with_source(error))?;
    Ok(cluster.reopening(&receipt, &cx(world)).await?.steps.remove(0))
}

#[tokio::test(start_paused = true)]
async fn closing_takes_sql_away_and_leaves_the_console_and_reopening_restores_it() {
    let world = World::new();
    let cluster = opened(&world).await;
    let before = cluster.ip_allowlist().all().await.unwrap();
    let (closing, receipt) = cluster.closing(&Exchange::new(), &cx(&world)).await.unwrap();
    let step = &closing.steps[0];
    assert!(step.why.contains("203.0.113.7/32") && step.why.contains("office") && !step.why.contains("192.0.2.0"));
    assert!(world.writes().is_empty(), "planning wrote");
    assert!(matches!(finish(&world, &cluster, step).await, Outcome::Done(_)));
    assert!(open(&world, &cluster).is_empty());
    let left = cluster.ip_allowlist().all().await.unwrap();
    assert_eq!(left.iter().filter(|entry| entry.ui).count(), 2, "{left:?}");
    assert!(matches!(finish(&world, &cluster, step).await, Outcome::AlreadyDone(_)));
    // A second closing has nothing to close, and must not make an empty receipt.
    let error = cluster.closing(&Exchange::new(), &cx(&world)).await.unwrap_err();
    assert_eq!((error.kind(), &*error.finding().unwrap().code), (ErrorKind::Conflict, "CRDB-019"));

    let receipt = serde_json::to_value(&receipt).unwrap();
    let step = reopening(&world, &cluster, &receipt).await.unwrap();
    assert!(matches!(finish(&world, &cluster, &step).await, Outcome::Done(_)));
    let sorted = |mut entries: Vec<AllowedRange>| {
        entries.sort_by_key(|entry| entry.range);
        entries
    };
    assert_eq!(sorted(cluster.ip_allowlist().all().await.unwrap()), sorted(before));
    assert_eq!(reopening(&world, &cluster, &receipt).await.unwrap().state, StepState::AlreadyDone);
}

#[tokio::test(start_paused = true)]
async fn closing_ends_when_the_cluster_goes_by_the_list() {
    let world = World::new();
    let cluster = opened(&world).await;
    let takes = Duration::from_secs(120);
    world.cockroach().switch(|switches| switches.allowlist_takes = takes);
    let (closing, _) = cluster.closing(&Exchange::new(), &cx(&world)).await.unwrap();
    let started = world.clock().now();
    assert!(matches!(finish(&world, &cluster, &closing.steps[0]).await, Outcome::Done(_)));
    assert!(open(&world, &cluster).is_empty());
    let took = world.clock().now().duration_since(started).unwrap();
    assert!((takes..takes + Duration::from_secs(30)).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_range_that_came_since_the_plan_ends_the_closing() {
    let world = World::new();
    let cluster = opened(&world).await;
    let (closing, _) = cluster.closing(&Exchange::new(), &cx(&world)).await.unwrap();
    cluster.add_allowed_range(&range("192.0.2.128/25")).await.unwrap();
    let before = open(&world, &cluster);
    let Outcome::Moved(finding) = finish(&world, &cluster, &closing.steps[0]).await else { panic!() };
    assert!(finding.code == "CRDB-018" && finding.to_string().contains("192.0.2.128/25"), "{finding}");
    assert_eq!(open(&world, &cluster), before);
}

#[tokio::test(start_paused = true)]
async fn a_busy_cluster_and_lost_answers_are_no_end() {
    for locked in [CockroachOnLocked::Unavailable503, CockroachOnLocked::Text400] {
        let world = World::new();
        let cluster = opened(&world).await;
        let (closing, receipt) = cluster.closing(&Exchange::new(), &cx(&world)).await.unwrap();
        let disturb = || {
            world.cockroach().switch(|switches| {
                switches.on_locked = locked;
                switches.locked = 20;
            });
            world.faults().on("CockroachCloud_AddAllowlistEntry2").nth(1).reset_after_commit();
            world.faults().on("CockroachCloud_DeleteAllowlistEntry").nth(1).reset_after_commit();
        };
        disturb();
        finish(&world, &cluster, &closing.steps[0]).await;
        assert!(open(&world, &cluster).is_empty());
        let step = reopening(&world, &cluster, &serde_json::to_value(&receipt).unwrap()).await.unwrap();
        disturb();
        finish(&world, &cluster, &step).await;
        assert_eq!(open(&world, &cluster), ["198.51.100.0/24", "203.0.113.7/32"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_does_not_fit_opens_nothing() {
    let world = World::new();
    let cluster = opened(&world).await;
    let (closing, receipt) = cluster.closing(&Exchange::new(), &cx(&world)).await.unwrap();
    finish(&world, &cluster, &closing.steps[0]).await;
    world.clear_requests();
    let receipt = serde_json::to_value(receipt).unwrap();
    let changes: [fn(&mut Value); 9] = [
        |receipt| receipt["version"] = json!(2),
        |receipt| receipt["side"] = json!("clickhouse"),
        |receipt| receipt["body"] = json!(null),
        |receipt| receipt["body"]["version"] = json!(2),
        |receipt| receipt["body"]["cluster"] = json!("00000000-0000-0000-0000-000000000000"),
        |receipt| receipt["body"]["cluster"] = json!("../../clusters"),
        |receipt| receipt["body"]["allowlist"] = json!("0.0.0.0/0"),
        |receipt| receipt["body"]["allowlist"][0]["sql"] = json!(false),
        |receipt| receipt["body"]["allowlist"][0]["range"] = json!("9".repeat(1_000_000)),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = receipt.clone();
        change(&mut changed);
        let error = reopening(&world, &cluster, &changed).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{number}: {error:?}");
    }
    // A step that would open more than it says is refused.
    let mut wider = receipt.clone();
    wider["body"]["allowlist"][0]["range"] = json!("0.0.0.0/0");
    let told = reopening(&world, &cluster, &receipt).await.unwrap();
    let mut step = reopening(&world, &cluster, &wider).await.unwrap();
    (step.why, step.what) = (told.why, told.what);
    assert!(matches!(finish(&world, &cluster, &step).await, Outcome::Refused(finding) if finding.code == "LINK-010"));
    assert!(world.writes().is_empty() && open(&world, &cluster).is_empty());
}
