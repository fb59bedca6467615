//! The loops that people write around a run end, whatever a step has to wait for: on Azure, and where Google's
//! producer accepts whom the vendor lists, a step waits for what another one brings.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;
mod scripted;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use common::pair::{GCP, Pair, for_each_pair};
use common::set_up;
use privlink::core::side::{Fact, Outcome};
use privlink::core::{Clock, ErrorKind, Retry, Severity, Turn};
use privlink::{ApplyError, Finding, Link, Run};
use privlink_sim::{GcpAcceptance, World};
use scripted::{Answer, Script, ScriptedSide, TokioClock};

for_each_pair![
    the_documented_loop_ends,
    the_plainest_loop_ends,
    what_is_new_begins_before_anything_is_waited_for,
    a_removal_comes_to_its_end_too,
];

/// The run as another process finds it.
fn stored(run: &Run) -> Run {
    serde_json::from_str(&serde_json::to_string(run).unwrap()).unwrap()
}

/// The loop of the documentation of [`Run`]; how many ticks it took.
async fn documented(link: &Link, world: &World, run: &mut Run) -> Result<u32, ApplyError> {
    let clock = world.clock();
    let mut ticks = 0;
    while let Some(next) = run.due(clock.now()) {
        clock.sleep(next.after).await;
        let tick = link.tick(run, &next.step).await;
        *run = stored(run);
        tick?;
        ticks += 1;
    }
    Ok(ticks)
}

async fn ends(pair: &'static Pair, world: &World) {
    let begun = world.clock().now();
    let link = pair.link(world);
    let mut run = Run::new(link.plan().await.unwrap());
    let ticks = documented(&link, world, &mut run).await.unwrap();
    assert!(ticks < 60, "{ticks} ticks");
    run.end().unwrap().unwrap();
    assert!(link.verify().await.unwrap().proved);
    let stepwise = world.clock().now().duration_since(begun).unwrap();

    // One step at a time takes hardly longer than all side by side.
    let other = pair.world();
    if pair.name() == "gcp" {
        other.gcp().switch(|gcp| gcp.acceptance = GcpAcceptance::WhenListed);
    }
    let begun = other.clock().now();
    set_up(&pair.link(&other)).await.unwrap();
    let applied = other.clock().now().duration_since(begun).unwrap();
    assert!(stepwise <= applied + Duration::from_secs(60), "{stepwise:?} against {applied:?}");
}

async fn the_documented_loop_ends(pair: &'static Pair) {
    ends(pair, &pair.world()).await;
}

#[tokio::test(start_paused = true)]
async fn the_documented_loop_ends_where_the_producer_accepts_whom_the_vendor_lists() {
    let world = GCP.world();
    world.gcp().switch(|gcp| gcp.acceptance = GcpAcceptance::WhenListed);
    ends(GCP, &world).await;
}

/// Whoever takes the first ready step each time, and sleeps as long as its tick says, gets there too.
async fn the_plainest_loop_ends(pair: &'static Pair) {
    let world = pair.world();
    if pair.name() == "gcp" {
        world.gcp().switch(|gcp| gcp.acceptance = GcpAcceptance::WhenListed);
    }
    let link = pair.link(&world);
    let mut run = Run::new(link.plan().await.unwrap());
    let mut ticks = 0;
    while let Some(step) = run.ready().first().cloned() {
        let tick = link.tick(&mut run, &step).await.unwrap();
        run = stored(&run);
        if let Some(pause) = tick.again_after() {
            world.clock().sleep(pause).await;
        }
        ticks += 1;
    }
    assert!(ticks < 60, "{ticks} ticks");
    run.end().unwrap().unwrap();
    assert!(link.verify().await.unwrap().proved);
}

async fn what_is_new_begins_before_anything_is_waited_for(pair: &'static Pair) {
    let world = pair.world();
    let clock = world.clock();
    let link = pair.link(&world);
    let mut run = Run::new(link.plan().await.unwrap());
    let served = run.plan().steps.iter().find(|step| step.gives.contains(&Fact::Served)).unwrap().id.clone();
    let mut could_begin = None;
    loop {
        if run.ready().contains(&served) {
            could_begin.get_or_insert(clock.now());
        }
        let next = run.due(clock.now()).unwrap();
        clock.sleep(next.after).await;
        if next.step == served {
            break;
        }
        link.tick(&mut run, &next.step).await.unwrap();
        run = stored(&run);
    }
    assert_eq!(could_begin, Some(clock.now()), "waited before it");
}

async fn a_removal_comes_to_its_end_too(pair: &'static Pair) {
    let world = pair.world();
    let before = world.snapshot();
    let link = pair.link(&world);
    set_up(&link).await.unwrap();
    let mut run = Run::new(link.removal_plan().await.unwrap());
    documented(&link, &world, &mut run).await.unwrap();
    run.end().unwrap().unwrap();
    assert_eq!(world.snapshot(), before);
}

/// A link whose endpoint waits for ever, to be asked every 30 s.
fn waiting(most: u64) -> (Link, Arc<Script>) {
    let script = Arc::new(Script::default());
    let answer = || Outcome::waiting("building", Turn::Cloud, Duration::from_secs(30));
    let answers = (0..1_000).map(|_| Box::new(move || Ok(answer())) as Answer).collect();
    script.answers.lock().unwrap().insert("endpoint".to_owned(), answers);
    let mut network = ScriptedSide::new("cloud", &script).step("endpoint", &[], &[Fact::Endpoint]);
    network.steps[0].at_most = Duration::from_secs(most);
    let database = ScriptedSide::new("vendor", &script).step("allow", &[Fact::Endpoint], &[Fact::Served]);
    (scripted::link("orders", database, network), script)
}

/// What ended a run is told by the next process as it was told by the one that saw it.
#[tokio::test(start_paused = true)]
async fn a_stopped_run_keeps_why_and_where() {
    let (link, script) = waiting(600);
    let mut run = Run::new(link.plan().await.unwrap());
    let told = timed(&link, &mut run).await.unwrap_err();
    assert!(matches!(told, ApplyError::TimedOut { .. }), "{told:?}");
    let again = stored(&run).end().unwrap().unwrap_err();
    assert!(matches!(again, ApplyError::Stopped { .. }), "{again:?}");
    assert_eq!((again.kind(), again.retry(), again.step()), (ErrorKind::Timeout, Retry::Safe, told.step()));
    assert_eq!(again.step().unwrap().what, "endpoint");
    assert_eq!(stored(&run).due(SystemTime::now()), None);
    let survives: ApplyError = serde_json::from_str(&serde_json::to_string(&again).unwrap()).unwrap();
    assert_eq!(survives, again);

    script.calls.lock().unwrap().clear();
    let refuse = || Outcome::refused(Finding::new("X-001", Severity::Blocks, "it rains", "wait"));
    script.answers.lock().unwrap().insert("endpoint".to_owned(), vec![Box::new(move || Ok(refuse()))]);
    let mut run = Run::new(link.plan().await.unwrap());
    timed(&link, &mut run).await.unwrap_err();
    let again = stored(&run).end().unwrap().unwrap_err();
    assert_eq!(
        (again.kind(), again.retry(), again.finding().unwrap().code.as_ref()),
        (ErrorKind::Conflict, Retry::Never, "X-001")
    );
}

/// When a waiting step is looked at again is known to every process, and a clock that was set back keeps
/// nobody waiting.
#[tokio::test(start_paused = true)]
async fn a_stored_run_says_when_its_next_look_is_due() {
    let (link, _) = waiting(600);
    let mut run = Run::new(link.plan().await.unwrap());
    let now = TokioClock::new().now();
    let first = run.due(now).unwrap();
    assert_eq!((first.after, run.step(&first.step).unwrap().what.as_ref()), (Duration::ZERO, "endpoint"));
    link.tick(&mut run, &first.step).await.unwrap();
    let looked = now + Duration::from_secs(1);
    let run = stored(&run);
    for (later, after) in [(0, 30), (12, 18), (30, 0), (500, 0)] {
        let due = run.due(looked + Duration::from_secs(later)).unwrap();
        assert_eq!((due.step == first.step, due.after), (true, Duration::from_secs(after)), "{later} s later");
    }
    assert_eq!(run.due(looked - Duration::from_secs(3_600)).unwrap().after, Duration::ZERO);
    // Whatever the file says, a step is looked at within its time.
    let mut edited = serde_json::to_value(&run).unwrap();
    edited["course"]["states"][0]["running"]["pause"] = 1e9.into();
    let edited: Run = serde_json::from_value(edited).unwrap();
    assert_eq!(edited.due(looked).unwrap().after, Duration::from_secs(600));
}

/// The documented loop on tokio's time.
async fn timed(link: &Link, run: &mut Run) -> Result<(), ApplyError> {
    let clock = TokioClock::new();
    let begun = tokio::time::Instant::now();
    while let Some(next) = run.due(clock.now()) {
        clock.sleep(next.after).await;
        let tick = link.tick(run, &next.step).await;
        *run = stored(run);
        tick?;
        assert!(begun.elapsed() < Duration::from_secs(2_000), "it does not end");
    }
    Ok(())
}
