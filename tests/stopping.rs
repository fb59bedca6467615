//! Stopping an application before its end: gracefully, between two looks, and what the next run does.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod scripted;

use std::sync::Arc;
use std::time::Duration;

use Fact::{Endpoint, Served, Service};
use privlink::core::side::{Fact, Outcome};
use privlink::core::{Error, ErrorKind, Retry, Turn};
use privlink::{ApplyError, Interrupt, Link, Links, Progress};
use scripted::{Answer, Script, ScriptedSide, link};
use tokio::time::Instant;

fn waiting(seconds: u64) -> Answer {
    Box::new(move || Ok(Outcome::waiting("building", Turn::Cloud, Duration::from_secs(seconds))))
}

fn calls(script: &Script, step: &str) -> u32 {
    script.calls.lock().unwrap().get(step).copied().unwrap_or(0)
}

/// A service, an endpoint that takes two waits of half a minute, and an entry for it.
fn slow(script: &Arc<Script>, name: &str) -> Link {
    script.answers.lock().unwrap().insert("endpoint".into(), vec![waiting(30), waiting(30)]);
    let database =
        ScriptedSide::new("vendor", script).step("service", &[], &[Service]).step("allow", &[Endpoint], &[Served]);
    link(name, database, ScriptedSide::new("cloud", script).step("endpoint", &[Service], &[Endpoint]))
}

fn names(steps: &[privlink::core::side::Step]) -> Vec<&str> {
    steps.iter().map(|step| &*step.what).collect()
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_a_wait_and_says_what_is_done_and_left() {
    let script = Arc::new(Script::default());
    let link = slow(&script, "orders");
    let plan = link.plan().await.unwrap();
    let began = Instant::now();
    let error = link.apply(&plan).deadline(Duration::from_secs(45)).await.unwrap_err();
    assert_eq!(began.elapsed().as_secs(), 45);
    let ApplyError::Interrupted { why, done, left, known } = &error else { panic!("{error:?}") };
    assert_eq!((*why, names(done), names(left)), (Interrupt::Deadline, vec!["service"], vec!["endpoint", "allow"]));
    assert!(known.holds(None, &Service) && !known.holds(None, &Endpoint));
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, Retry::Safe));
    assert_eq!(error.to_string(), "the deadline passed with 1 of 3 steps done; left: endpoint, allow");

    let applied = link.apply(&link.plan().await.unwrap()).await.unwrap();
    assert_eq!((applied.changed.len(), calls(&script, "service"), calls(&script, "allow")), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_look_under_way_comes_to_its_end() {
    let script = Arc::new(Script::default());
    let link = slow(&script, "orders");
    let plan = link.plan().await.unwrap();
    script.answers.lock().unwrap().clear();
    let began = Instant::now();
    let error = link.apply(&plan).deadline(Duration::from_millis(1_500)).await.unwrap_err();
    assert_eq!(began.elapsed().as_secs(), 2, "each look takes a second");
    let ApplyError::Interrupted { done, left, known, .. } = &error else { panic!("{error:?}") };
    assert_eq!((names(done), names(left)), (vec!["service", "endpoint"], vec!["allow"]));
    assert!(known.holds(None, &Endpoint));
}

#[tokio::test(start_paused = true)]
async fn a_signal_ends_it_and_begins_no_step() {
    let script = Arc::new(Script::default());
    let link = slow(&script, "orders");
    let plan = link.plan().await.unwrap();
    let error = link.apply(&plan).stop_when(std::future::ready(())).await.unwrap_err();
    let ApplyError::Interrupted { why: Interrupt::Asked, done, left, .. } = &error else { panic!("{error:?}") };
    assert_eq!((done.len(), left.len(), error.kind()), (0, 3, ErrorKind::Cancelled));
    assert_eq!(Error::from(error).kind(), ErrorKind::Cancelled);
    assert_eq!(calls(&script, "service"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_application_that_is_over_in_time_is_not_interrupted() {
    let script = Arc::new(Script::default());
    let link = slow(&script, "orders");
    let plan = link.plan().await.unwrap();
    let later = tokio::time::sleep(Duration::from_secs(3_600));
    let applied = link.apply(&plan).deadline(Duration::from_secs(70)).stop_when(later).await.unwrap();
    assert_eq!(applied.changed.len(), 3);
    let again = link.plan().await.unwrap();
    link.apply(&again).stop_when(async {}).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_events_end_with_the_interrupt() {
    let script = Arc::new(Script::default());
    let link = slow(&script, "orders");
    let plan = link.plan().await.unwrap();
    let mut events = link.apply(&plan).deadline(Duration::from_secs(10)).events();
    let mut last = None;
    while let Some(progress) = events.next().await {
        last = Some(progress);
    }
    assert!(matches!(last, Some(Progress::End(Err(ApplyError::Interrupted { .. })))), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn every_link_of_a_set_says_what_is_left_of_it() {
    let script = Arc::new(Script::default());
    let database = ScriptedSide::new("vendor", &script).step("quick", &[], &[Service]);
    let quick = link("quick", database, ScriptedSide::new("cloud", &script));
    let links: Links = [slow(&script, "slow"), quick].into_iter().collect();
    let plan = links.plan().await;
    let ends = links.apply(&plan).deadline(Duration::from_millis(1_500)).await;
    assert!(matches!(&ends[0].result, Err(ApplyError::Interrupted { left, .. }) if left.len() == 2), "{ends:?}");
    assert!(ends[1].result.is_ok(), "{ends:?}");
}
