//! Every limit of the workflow at its edge: one less and one more come to something else.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod scripted;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use privlink::core::side::Outcome;
use privlink::core::{Error, ErrorKind, Turn};
use privlink::{ApplyError, EventKind, Links, Run, Tick};
use scripted::{Answer, Script, ScriptedSide, link};

/// A link of one step, which takes at most `most` and answers `answers` before it is done. Each
/// look takes a second.
fn one_step(most: u64, answers: Vec<Answer>) -> (privlink::Link, Arc<Script>) {
    let script = Arc::new(Script::default());
    script.answers.lock().unwrap().insert("build".into(), answers);
    let mut network = ScriptedSide::new("cloud", &script).step("build", &[], &[]);
    network.steps[0].at_most = Duration::from_secs(most);
    (link("orders", ScriptedSide::new("vendor", &script), network), script)
}

fn waiting(pause: Duration) -> Answer {
    Box::new(move || Ok(Outcome::waiting("building", Turn::Cloud, pause)))
}

fn looks(script: &Script) -> u32 {
    script.calls.lock().unwrap().get("build").copied().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn time_is_up_the_moment_it_is() {
    // Looks end after 1, 9 and 17 seconds.
    for (most, looked) in [(8, 2), (9, 2), (10, 3)] {
        let (link, script) = one_step(most, (0..9).map(|_| waiting(Duration::from_secs(7))).collect());
        let error = link.apply(&link.plan().await.unwrap()).await.unwrap_err();
        let ApplyError::TimedOut { waited, .. } = error else { panic!("{error:?}") };
        assert_eq!(looks(&script), looked, "at most {most} s, waited {waited:?}");
        assert!(waited >= Duration::from_secs(most) && waited <= Duration::from_secs(most + 1), "{waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_look_comes_when_the_time_is_up_however_long_a_side_wants_to_wait() {
    let (link, script) = one_step(60, vec![waiting(Duration::from_secs(10_000))]);
    let start = tokio::time::Instant::now();
    link.apply(&link.plan().await.unwrap()).await.unwrap();
    assert_eq!((looks(&script), start.elapsed().as_secs()), (2, 61));
}

#[tokio::test(start_paused = true)]
async fn a_side_that_wants_to_be_asked_at_once_is_given_a_pause() {
    let (link, _) = one_step(60, vec![waiting(Duration::ZERO)]);
    let mut run = Run::new(link.plan().await.unwrap());
    let step = run.ready().remove(0);
    let tick = link.tick(&mut run, &step).await.unwrap();
    assert_eq!(tick.again_after(), Some(Duration::from_millis(100)), "{tick:?}");
}

fn failing(after: Option<u64>) -> Answer {
    Box::new(move || {
        let error = Error::new(ErrorKind::Unavailable, "it failed");
        Err(match after {
            Some(after) => error.with_retry_after(Duration::from_secs(after)),
            None => error,
        })
    })
}

#[tokio::test(start_paused = true)]
async fn failures_are_left_alone_longer_and_longer_and_four_times_at_most() {
    let (link, script) = one_step(600, (0..9).map(|_| failing(None)).collect());
    let plan = link.plan().await.unwrap();
    let mut pauses = Vec::new();
    let watch = |event: &privlink::Event| {
        if let EventKind::Retrying { after, .. } = &event.kind {
            pauses.push(after.as_secs());
        }
    };
    link.apply(&plan).observe(watch).await.unwrap_err();
    assert_eq!((pauses.as_slice(), looks(&script)), ([2, 4, 8, 16].as_slice(), 5));
    // In a row: a look that came to something begins the count anew.
    let answers = |_| vec![failing(None), failing(None), failing(None), waiting(Duration::from_secs(1))];
    let (link, script) = one_step(600, (0..3).flat_map(answers).collect());
    link.apply(&link.plan().await.unwrap()).await.unwrap();
    assert_eq!(looks(&script), 13);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_ends_with_the_time_is_not_waited_for() {
    // The first look fails after one second.
    for (most, looked) in [(10, 1), (11, 1), (12, 2)] {
        let (link, script) = one_step(most, vec![failing(Some(10))]);
        let end = link.apply(&link.plan().await.unwrap()).await;
        assert_eq!((looks(&script), end.is_ok()), (looked, looked == 2), "at most {most} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_side_performs_sixty_four_steps_at_a_time_and_the_other_is_not_held_up() {
    let script = Arc::new(Script::default());
    let links = Links::new((0..100).map(|number| {
        let database = ScriptedSide::new("vendor", &script).step(&format!("allow-{number}"), &[], &[]);
        let network = ScriptedSide::new("cloud", &script).step(&format!("build-{number}"), &[], &[]);
        link(&format!("link-{number}"), database, network)
    }));
    let plan = links.plan().await;
    let ends = links.apply(&plan).await;
    assert!(ends.iter().all(|end| end.result.is_ok()));
    let mut started: BTreeMap<(String, u64), u32> = BTreeMap::new();
    for (at, name) in script.started.lock().unwrap().iter() {
        *started.entry((name.split('-').next().unwrap().to_owned(), *at)).or_default() += 1;
    }
    let told: Vec<_> = started.iter().map(|((side, at), count)| (side.as_str(), *at, *count)).collect();
    assert_eq!(told, [("allow", 0, 64), ("allow", 1, 36), ("build", 0, 64), ("build", 1, 36)]);
}

#[tokio::test(start_paused = true)]
async fn a_stored_run_counts_its_failures_and_its_time_on() {
    let (link, script) = one_step(600, (0..9).map(|_| failing(None)).collect());
    let mut run = Run::new(link.plan().await.unwrap());
    let step = run.ready().remove(0);
    let mut pauses = Vec::new();
    while let Ok(Tick::Retrying { after, .. }) = link.tick(&mut run, &step).await {
        pauses.push(after.as_secs());
        run = serde_json::from_str(&serde_json::to_string(&run).unwrap()).unwrap();
        tokio::time::sleep(after).await;
    }
    assert_eq!((pauses.as_slice(), looks(&script)), ([2, 4, 8, 16].as_slice(), 5));
}
