//! Stopping an application before its end: gracefully, between two looks, and what the next run does.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod scripted;

use std::sync::Arc;
use std::time::Duration;

use Fact::{Endpoint, Served, Service};
use privlink::core::side::{Fact, Outcome};
use privlink::core::{Error, ErrorKind, Retry, Turn};
use privlink::{ApplyError, Interrupt, Link, Links, Progress};
use scripted::{Answer, Script, ScriptedSide, link, own};
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

#[tokio::test(start_paused = true)]
async fn a_deadline_of_nothing_begins_nothing_and_the_longest_is_no_deadline() {
    let script = Arc::new(Script::default());
    let link = slow(&script, "orders");
    let plan = link.plan().await.unwrap();
    for stored in [false, true] {
        let again: privlink::core::side::Plan =
            if stored { serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap() } else { plan.clone() };
        let error = link.apply(&again).deadline(Duration::ZERO).await.unwrap_err();
        assert!(matches!(&error, ApplyError::Interrupted { why: Interrupt::Deadline, left, .. } if left.len() == 3));
        assert_eq!(calls(&script, "service"), 0, "stored: {stored}");
    }
    let applied = link.apply(&plan).deadline(Duration::MAX).await.unwrap();
    assert_eq!(applied.changed.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_answer_or_a_failure_that_asks_for_the_longest_pause_is_waited_for_within_the_steps_time() {
    let longest = || Ok(Outcome::waiting("building", Turn::Cloud, Duration::MAX));
    let failing = || Err(Error::new(ErrorKind::Unavailable, "later").with_retry_after(Duration::MAX));
    let answers: [Answer; 2] = [Box::new(longest), Box::new(failing)];
    for (answer, ends) in answers.into_iter().zip([true, false]) {
        let script = Arc::new(Script::default());
        let link = slow(&script, "orders");
        script.answers.lock().unwrap().insert("endpoint".into(), vec![answer]);
        let plan = link.plan().await.unwrap();
        let began = Instant::now();
        assert_eq!(link.apply(&plan).await.is_ok(), ends);
        assert!(began.elapsed() < Duration::from_secs(700), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_removal_held_up_by_one_that_waits_itself_names_who_stopped() {
    let script = Arc::new(Script::default());
    let refused: Answer = Box::new(|| Err(Error::new(ErrorKind::PermissionDenied, "no")));
    script.answers.lock().unwrap().insert("allow-one".into(), vec![refused]);
    let cloud = || ScriptedSide::new("cloud", &script);
    let shared = || cloud().step("endpoint", &[own("group")], &[Endpoint]);
    let networks = [
        ("one", "allow-one", shared()),
        ("two", "allow-two", shared().step("group", &[], &[own("group")])),
        ("three", "allow-three", cloud().step("group", &[], &[own("group")])),
    ];
    let of = |name: &'static str, verb: &'static str, network| {
        link(name, ScriptedSide::new("vendor", &script).step(verb, &[Endpoint], &[Served]), network)
    };
    let links: Links = networks.into_iter().map(|(name, verb, network)| of(name, verb, network)).collect();
    let ends = links.apply(&links.removal_plan().await).await;
    assert!(matches!(&ends[0].result, Err(ApplyError::Failed { .. })), "{ends:?}");
    for end in &ends[1..] {
        let Err(ApplyError::Stuck { stopped, .. }) = &end.result else { panic!("{end:?}") };
        assert_eq!(stopped.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), ["one"], "{end:?}");
    }
    assert_eq!((calls(&script, "endpoint"), calls(&script, "group")), (0, 0));
}
