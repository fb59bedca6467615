//! A run that is taken up again: from a file that somebody changed, in a world that moved on, and by
//! two processes at once.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use common::{builder_of, endpoints, link, network, set_up};
use privlink::core::side::Plan;
use privlink::{Applied, ApplyError, Run, Tick};
use privlink_sim::World;
use serde_json::{Value, json};

/// The run as another process reads it, after `change` was made to its JSON.
fn reread(run: &Run, change: impl FnOnce(&mut Value)) -> Run {
    let mut value = serde_json::to_value(run).unwrap();
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

/// Where the step of this verb stands in a plan.
fn place(plan: &Plan, verb: &str) -> usize {
    plan.steps.iter().position(|step| step.verb == verb).unwrap_or_else(|| panic!("no {verb}"))
}

/// Says in the JSON of a run that the step of this verb is at work, and wants `resume` back.
fn say_running(run: &mut Value, place: usize, resume: &Value) {
    let seen = run["plan"]["taken_at"].clone();
    let waited = json!({"secs": 0, "nanos": 0});
    let stage = if resume.is_null() { Value::Null } else { json!("at work") };
    run["course"]["states"][place] = json!({"running": {"waited": waited, "seen": seen, "failures": 0, "stage": stage, "resume": resume,
            "look": 1, "looked": seen, "pause": 0}});
}

/// Performs the run to its end, each tick by a link and from a store of its own.
async fn to_the_end(world: &World, run: &mut Run) -> Result<Applied, ApplyError> {
    until(world, run, |_| false).await.unwrap()
}

/// The same until `enough`; `None` when it stopped there.
async fn until(world: &World, run: &mut Run, enough: impl Fn(&Run) -> bool) -> Option<Result<Applied, ApplyError>> {
    for _ in 0..400 {
        *run = reread(run, |_| {});
        if enough(run) {
            return None;
        }
        if let Some(end) = run.end() {
            return Some(end);
        }
        let step = run.ready().remove(0);
        match link(world).tick(run, &step).await {
            Ok(tick) => world.clock().sleep(tick.again_after().unwrap_or_default()).await,
            Err(error) => return Some(Err(error)),
        }
    }
    panic!("the run does not end: {:?}", run.ready());
}

fn is_done(run: &Run, verb: &str) -> bool {
    let states = serde_json::to_value(run).unwrap()["course"]["states"].clone();
    states[place(run.plan(), verb)] == "done"
}

/// A run that has come as far as the endpoint.
async fn begun(world: &World) -> Run {
    let mut run = Run::new(link(world).plan().await.unwrap());
    assert!(until(world, &mut run, |run| is_done(run, "aws.endpoint")).await.is_none());
    run
}

#[tokio::test(start_paused = true)]
async fn a_run_does_not_end_well_in_a_world_where_the_link_cannot_work_any_more() {
    let world = World::new();
    let mut run = begun(&world).await;
    let host = world.clickhouse().private_host(world.clickhouse().service_id()).unwrap().name();
    // Somebody else's zone of the very name, with a record that leads elsewhere.
    let zone = world.aws().make_zone(&host, &[world.aws().vpc_id()]);
    world.aws().put_address(&zone, &host, &["10.0.9.9".parse().unwrap()]);
    let plan = link(&world).plan().await.unwrap();
    assert!(plan.blockers().next().is_some(), "{plan}");
    let error = to_the_end(&world, &mut run).await.unwrap_err();
    assert!(matches!(error, ApplyError::Blocked { .. }), "{error:?}");
    // Once it is gone, the same run goes on.
    world.aws().delete_record(&zone, &host, "A");
    world.aws().delete_zone(&zone);
    to_the_end(&world, &mut run).await.unwrap();
    assert!(link(&world).verify().await.unwrap().proved);
    assert_eq!(endpoints(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_was_deleted_under_a_run_is_made_again() {
    let world = World::new();
    let mut run = begun(&world).await;
    world.aws().delete_endpoint(&endpoints(&world)[0]);
    world.clock().sleep(std::time::Duration::from_secs(3_600)).await;
    to_the_end(&world, &mut run).await.unwrap();
    let verdict = link(&world).verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    assert_eq!(endpoints(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_said_to_be_done_gives_what_the_link_says_and_nothing_else() {
    let world = World::new();
    for invented in [false, true] {
        let run = begun(&world).await;
        let (at, record) = (place(run.plan(), "aws.security_group"), place(run.plan(), "aws.record"));
        let mut run = reread(&run, |run| {
            let gives = run["plan"]["steps"][record]["needs"].clone();
            if invented {
                let mut step = run["plan"]["steps"][at].clone();
                step["verb"] = json!("aws.wait");
                step["id"] = json!("0123456789abcdef");
                step["gives"] = gives;
                run["plan"]["steps"].as_array_mut().unwrap().push(step);
                run["course"]["states"].as_array_mut().unwrap().push(json!("done"));
            } else {
                run["plan"]["steps"][at]["gives"] = gives;
            }
        });
        let record = run.plan().steps[record].id.clone();
        world.clear_requests();
        let first = run.ready().remove(0);
        let _ = link(&world).tick(&mut run, &first).await;
        assert!(!run.ready().contains(&record), "{invented}: written before the endpoint is served");
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_said_to_be_at_work_does_not_go_before_its_time() {
    let world = World::new();
    set_up(&link(&world)).await.unwrap();
    let removal = Run::new(link(&world).removal_plan().await.unwrap());
    let at = place(removal.plan(), "aws.remove_endpoint");
    let step = removal.plan().steps[at].id.clone();
    let mut run = reread(&removal, |run| say_running(run, at, &json!({"acted": true})));
    world.clear_requests();
    let tick = link(&world).tick(&mut run, &step).await;
    assert_eq!(world.writes().len(), 0, "{tick:?}: {:?}", world.writes());
    assert!(link(&world).verify().await.unwrap().proved);
    to_the_end(&world, &mut run).await.unwrap();
    assert_eq!(endpoints(&world).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_said_to_be_under_way_is_not_taken_for_the_record() {
    let world = World::new();
    // A change long in sync: that of another record.
    set_up(&builder_of(&world, "billing", 1, network(&world)).build().unwrap()).await.unwrap();
    let old = world
        .requests()
        .iter()
        .filter_map(|request| request.path.split_once("/change/").map(|(_, id)| id.to_owned()))
        .next_back();
    let mut run = Run::new(link(&world).plan().await.unwrap());
    let ready = |run: &Run| run.ready().contains(&run.plan().steps[place(run.plan(), "aws.record")].id);
    assert!(until(&world, &mut run, ready).await.is_none());
    let at = place(run.plan(), "aws.record");
    for change in [old.unwrap(), "../../hostedzone".to_owned(), "a".repeat(1_000_000)] {
        let mut run = reread(&run, |run| say_running(run, at, &json!({"change": change})));
        to_the_end(&world, &mut run).await.unwrap();
        let verdict = link(&world).verify().await.unwrap();
        assert!(verdict.proved, "{verdict}");
        let host = world.clickhouse().private_host(world.clickhouse().service_id()).unwrap().name();
        let zone = common::cloud(&world).route53().zones_named(&host).await.unwrap().remove(0).id;
        world.aws().delete_record(&zone, &host, "A");
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_run_is_held_against_the_link_again_after_a_reading_that_failed() {
    let world = World::new();
    let run = Run::new(link(&world).plan().await.unwrap());
    let at = place(run.plan(), "aws.record");
    let mut run = reread(&run, |run| {
        let mut step = run["plan"]["steps"][at].clone();
        step["verb"] = json!("aws.something");
        step["needs"] = json!([]);
        run["plan"]["steps"].as_array_mut().unwrap().push(step);
        run["course"]["states"].as_array_mut().unwrap().push(json!("pending"));
    });
    let fault = world.faults().on("DescribeVpcs").always().status(503);
    let step = run.ready().remove(0);
    let tick = link(&world).tick(&mut run, &step).await.unwrap();
    assert!(matches!(tick, Tick::Retrying { .. }), "{tick:?}");
    fault.lift();
    world.clear_requests();
    let error = link(&world).tick(&mut run, &step).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-010", "{error:?}");
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn steps_written_twice_are_done_once() {
    let world = World::new();
    let run = Run::new(link(&world).plan().await.unwrap());
    let mut twice = reread(&run, |run| {
        for part in ["plan", "course"] {
            let list = if part == "plan" { &mut run["plan"]["steps"] } else { &mut run["course"]["states"] };
            let list = list.as_array_mut().unwrap();
            list.extend(list.clone());
            list.reverse();
        }
    });
    to_the_end(&world, &mut twice).await.unwrap();
    assert!(link(&world).verify().await.unwrap().proved);
    assert_eq!(endpoints(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_processes_that_tick_one_run_at_once_make_everything_once() {
    let world = World::new();
    world.set_latency(std::time::Duration::from_millis(20));
    let mut run = Run::new(link(&world).plan().await.unwrap());
    for _ in 0..400 {
        let Some(step) = run.ready().first().cloned() else { break };
        let (mut one, mut other) = (reread(&run, |_| {}), reread(&run, |_| {}));
        let (here, there) = (link(&world), link(&world));
        let (one_tick, other_tick) = tokio::join!(here.tick(&mut one, &step), there.tick(&mut other, &step));
        let (first, second) = (one_tick.unwrap(), other_tick.unwrap());
        // The one that was stored last.
        run = if matches!(second, Tick::Done) { other } else { one };
        let pause = first.again_after().max(second.again_after()).unwrap_or_default();
        world.clock().sleep(pause).await;
    }
    run.end().unwrap().unwrap();
    assert!(link(&world).verify().await.unwrap().proved);
    assert_eq!(endpoints(&world).len(), 1);
    let host = world.clickhouse().private_host(world.clickhouse().service_id()).unwrap().name();
    assert_eq!(common::cloud(&world).route53().zones_named(&host).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_of_a_hundred_thousand_steps_is_read_and_refused() {
    let world = World::new();
    let run = Run::new(link(&world).plan().await.unwrap());
    let mut run = reread(&run, |run| {
        let step = run["plan"]["steps"][0].clone();
        let steps = run["plan"]["steps"].as_array_mut().unwrap();
        for number in 0..100_000 {
            let mut step = step.clone();
            step["id"] = json!(format!("{number:016x}"));
            step["key"] = json!(format!("aws.group|{number}"));
            steps.push(step);
        }
        let states = vec![json!("pending"); steps.len()];
        run["course"]["states"] = json!(states);
    });
    let step = run.ready().remove(0);
    world.clear_requests();
    let error = link(&world).tick(&mut run, &step).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-010");
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn stopped_after_any_second_the_next_run_goes_on_and_nothing_is_made_twice() {
    let secret = |world: &World| [world.aws().secret_access_key(), world.clickhouse().key_secret()];
    for second in (0..).step_by(3) {
        let world = World::new();
        let before = world.snapshot();
        let limit = std::time::Duration::from_secs(second);
        let mut interrupted = 0;
        for removal in [false, true] {
            let of_link = link(&world);
            let plan = if removal { of_link.removal_plan().await } else { of_link.plan().await }.unwrap();
            // As another process reads it, so that the vetting is stopped too.
            let plan: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
            if let Err(error) = link(&world).apply(&plan).deadline(limit).await {
                assert!(matches!(&error, ApplyError::Interrupted { .. }), "{second}: {error:?}");
                let told = format!("{error} {error:?} {error:#?} {}", serde_json::to_string(&error).unwrap());
                assert!(secret(&world).iter().all(|secret| !told.contains(secret)), "{told}");
                interrupted += 1;
                link(&world).apply(&plan).await.unwrap_or_else(|error| panic!("{second}: {error:?}"));
            }
            if !removal {
                let verdict = link(&world).verify().await.unwrap();
                assert!(verdict.proved, "{second}: {verdict}");
                assert_eq!(endpoints(&world).len(), 1, "{second}");
            }
        }
        assert_eq!(world.snapshot(), before, "{second}");
        if interrupted == 0 {
            assert!(second > 10, "{second} s are too few to try");
            return;
        }
    }
}
