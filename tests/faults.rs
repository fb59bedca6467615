//! Every fault at every call: the run converges, or ends in a typed error that says what to do,
//! and the next run converges. Nothing is duplicated, nothing is lost.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::collections::HashMap;
use std::time::Duration;

use common::pair::{Pair, assert_same, for_every_other_pair, for_every_pair};
use common::take_down;
use privlink::{ApplyError, Link};
use privlink_sim::{FaultBuilder, Request, World};
use serde_json::Value;

for_every_pair![
    connection_refused,
    reset_before_commit,
    reset_after_commit,
    throttled_with_a_header,
    internal_server_error,
    service_unavailable,
    a_gateway_answers_html,
    a_body_cut_short,
    a_server_that_hangs,
    a_stale_read,
];

/// The clouds' own are tried in their crates.
mod vendor_out_of_order {
    use super::{an_internal_error_that_lasts, busy_for_a_while, refused_for_its_state_for_a_while};

    super::for_every_other_pair![an_internal_error_that_lasts, busy_for_a_while, refused_for_its_state_for_a_while];
}

/// The calls a fault can happen to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    Reads,
}

impl Which {
    /// With the vendors beside the first one, those to the vendor: the clouds' are the same.
    fn holds(self, pair: &Pair, request: &Request) -> bool {
        (self == Self::All || !request.write) && (pair.is_first_vendor() || pair.is_vendors(request))
    }
}

/// The calls of an undisturbed run, each with how often it was made before.
async fn calls(pair: &'static Pair, removal: bool, which: Which) -> Vec<(String, u32)> {
    let world = pair.brisk_world();
    run(&pair.link(&world), false).await.unwrap();
    if removal {
        world.clear_requests();
        run(&pair.link(&world), true).await.unwrap();
    }
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut calls = Vec::new();
    for request in world.requests() {
        let nth = seen.entry(request.operation.clone()).or_insert(0);
        *nth += 1;
        if which.holds(pair, &request) {
            calls.push((request.operation.clone(), *nth));
        }
    }
    let least = if pair.is_first_vendor() { 10 } else { 2 };
    assert!(calls.len() > least, "a run is made of many calls: {calls:?}");
    calls
}

/// Plans and applies, as often as there is more to be planned. What goes wrong must be typed and say what to do.
async fn run(link: &Link, removal: bool) -> Result<(), String> {
    for _ in 0..4 {
        let plan = if removal { link.removal_plan().await } else { link.plan().await };
        let plan = plan.map_err(|error| {
            assert!(!error.help().is_empty());
            error.to_string()
        })?;
        match link.apply(&plan).await {
            Ok(applied) if applied.plan_again => {}
            Ok(_) => return Ok(()),
            Err(error) => {
                assert!(!error.help().is_empty(), "{error:?}");
                assert!(!matches!(error, ApplyError::Stuck { .. }), "{error:?}");
                return Err(error.to_string());
            }
        }
    }
    Err("there is always more to plan".into())
}

/// How many runs a fault at one call may take away: the one it hits.
const RUNS: usize = 2;

async fn survives(pair: &'static Pair, inject: impl Fn(FaultBuilder)) {
    survives_at(pair, Which::All, inject).await;
}

async fn survives_at(pair: &'static Pair, which: Which, inject: impl Fn(FaultBuilder)) {
    let mut failed = Vec::new();
    for (operation, nth) in calls(pair, false, which).await {
        let world = pair.brisk_world();
        let before = pair.everything(&world);
        inject(world.faults().on(&operation).nth(nth));
        let link = pair.link(&world);
        let mut last = Ok(());
        for _ in 0..RUNS {
            last = run(&link, false).await;
            if last.is_ok() {
                break;
            }
        }
        let at = format!("{operation} #{nth}");
        if let Err(error) = last {
            failed.push(format!("{at}: {error}"));
            continue;
        }
        stands_and_goes(pair, &world, &link, &before, &at).await;
    }
    assert!(failed.is_empty(), "these did not converge: {failed:#?}");

    for (operation, nth) in calls(pair, true, which).await {
        let world = pair.brisk_world();
        let before = pair.everything(&world);
        let link = pair.link(&world);
        run(&link, false).await.unwrap();
        inject(world.faults().on(&operation).nth(nth));
        let mut last = Ok(());
        for _ in 0..RUNS {
            last = run(&link, true).await;
            if last.is_ok() {
                break;
            }
        }
        last.unwrap_or_else(|error| panic!("removal, {operation} #{nth}: {error}"));
        assert_same(&pair.everything(&world), &before, &format!("removal, {operation} #{nth}"));
    }
}

/// The end is as without a fault.
async fn stands_and_goes(pair: &'static Pair, world: &World, link: &Link, before: &Value, at: &str) {
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{at}: {verdict}");
    assert_eq!(pair.endpoints(world).len(), 1, "{at}: one endpoint");
    world.clear_requests();
    run(link, false).await.unwrap();
    assert_eq!(world.writes().len(), 0, "{at}: a run after the recovery wrote");
    take_down(link).await;
    assert_same(&pair.everything(world), before, &format!("{at}: removal"));
}

/// A vendor that is out of order for longer than a run tries: the run after that converges.
async fn outlasts(pair: &'static Pair, inject: impl Fn(FaultBuilder)) {
    for (operation, nth) in calls(pair, false, Which::All).await {
        let at = format!("{operation} #{nth}");
        let world = pair.brisk_world();
        let before = pair.everything(&world);
        inject(world.faults().on(&operation).nth(nth));
        let link = pair.link(&world);
        for _ in 0..RUNS {
            if run(&link, false).await.is_ok() {
                break;
            }
        }
        world.faults().clear();
        run(&link, false).await.unwrap_or_else(|error| panic!("{at}: {error}"));
        world.clock().sleep(Duration::from_secs(60)).await;
        stands_and_goes(pair, &world, &link, &before, &at).await;
    }
}

async fn an_internal_error_that_lasts(pair: &'static Pair) {
    outlasts(pair, |fault| drop(fault.times(9).status(500))).await;
}

async fn busy_for_a_while(pair: &'static Pair) {
    outlasts(pair, |fault| drop(fault.times(2).status(503))).await;
}

async fn refused_for_its_state_for_a_while(pair: &'static Pair) {
    outlasts(pair, |fault| drop(fault.times(2).status(409))).await;
}

async fn connection_refused(pair: &'static Pair) {
    survives(pair, |fault| drop(fault.refuse_connection())).await;
}

async fn reset_before_commit(pair: &'static Pair) {
    survives(pair, |fault| drop(fault.reset_before_commit())).await;
}

async fn reset_after_commit(pair: &'static Pair) {
    survives(pair, |fault| drop(fault.reset_after_commit())).await;
}

async fn throttled_with_a_header(pair: &'static Pair) {
    survives(pair, |fault| drop(fault.throttle(Duration::from_millis(3_500)))).await;
}

async fn internal_server_error(pair: &'static Pair) {
    survives(pair, |fault| drop(fault.status(500))).await;
}

async fn service_unavailable(pair: &'static Pair) {
    survives(pair, |fault| drop(fault.status(503))).await;
}

async fn a_gateway_answers_html(pair: &'static Pair) {
    survives(pair, |fault| drop(fault.bad_gateway())).await;
}

async fn a_body_cut_short(pair: &'static Pair) {
    survives(pair, |fault| drop(fault.cut_body(40))).await;
}

async fn a_server_that_hangs(pair: &'static Pair) {
    survives(pair, |fault| drop(fault.hang())).await;
}

async fn a_stale_read(pair: &'static Pair) {
    survives_at(pair, Which::Reads, |fault| drop(fault.read_before_last_write())).await;
}
