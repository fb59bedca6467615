//! A plan performed step by step, each tick in a fresh process: the run is JSON in between.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use common::{builder_of, endpoints, link, network, set_up};
use privlink::core::side::{Fact, Vantage};
use privlink::{Applied, ApplyError, Link, Run, Tick};
use privlink_sim::World;

/// The run as another process finds it.
fn stored(run: &Run) -> Run {
    serde_json::from_str(&serde_json::to_string(run).unwrap()).unwrap()
}

/// Performs the run to its end, each tick by a link and from a store of its own.
async fn perform(world: &World, mut run: Run, fresh: impl Fn() -> Link) -> Result<Applied, ApplyError> {
    loop {
        run = stored(&run);
        if let Some(end) = run.end() {
            return end;
        }
        let mut pauses = Vec::new();
        for step in run.ready() {
            run = stored(&run);
            pauses.push(fresh().tick(&mut run, &step).await?.again_after());
        }
        // Whatever has become ready is begun before anything is waited for.
        if let Some(pause) = pauses.into_iter().collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().min()) {
            world.clock().sleep(pause).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_is_proved_as_soon_as_its_run_is_done() {
    let world = World::new();
    let before = world.snapshot();
    let run = Run::new(link(&world).plan().await.unwrap());
    let applied = perform(&world, run, || link(&world)).await.unwrap();
    let verdict = link(&world).verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    assert_eq!(applied.changed.len(), link(&world).plan().await.unwrap().steps.len());
    assert_eq!(endpoints(&world).len(), 1);

    let removal = Run::new(link(&world).removal_plan().await.unwrap());
    let removed = perform(&world, removal, || link(&world)).await.unwrap();
    assert!(removed.names().is_empty());
    assert_eq!(world.snapshot(), before);
}

/// Every answer of a write is lost together with the process that asked: only what was stored
/// before is known.
#[tokio::test(start_paused = true)]
async fn a_tick_that_was_never_stored_is_made_up_for() {
    let world = World::new();
    let mut run = Run::new(link(&world).plan().await.unwrap());
    while run.end().is_none() {
        let step = run.ready().remove(0);
        let mut lost = stored(&run);
        link(&world).tick(&mut lost, &step).await.unwrap();
        let tick = link(&world).tick(&mut run, &step).await.unwrap();
        run = stored(&run);
        if let Some(pause) = tick.again_after() {
            world.clock().sleep(pause).await;
        }
    }
    run.end().unwrap().unwrap();
    let verdict = link(&world).verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    assert_eq!(endpoints(&world).len(), 1);
}

/// Performs until `requests` have been made, then drops what is under way. The run as it was last
/// stored, and whether it was cut off.
async fn cut_off(world: &World, requests: usize) -> (Run, bool) {
    // A request takes effect halfway: what is cut off may have been done already.
    world.set_latency(Duration::from_millis(20));
    let link = link(world);
    let mut run = Run::new(link.plan().await.unwrap());
    world.clear_requests();
    while run.end().is_none() {
        let kept = stored(&run);
        let step = run.ready().remove(0);
        let tick = {
            let mut tick = pin!(link.tick(&mut run, &step));
            poll_fn(|cx| match tick.as_mut().poll(cx) {
                Poll::Ready(tick) => Poll::Ready(Some(tick)),
                Poll::Pending if world.requests().len() >= requests => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            })
            .await
        };
        let Some(tick) = tick else { return (kept, true) };
        if let Some(pause) = tick.unwrap().again_after() {
            world.clock().sleep(pause).await;
        }
    }
    (run, false)
}

#[tokio::test(start_paused = true)]
async fn killed_at_any_request_a_run_goes_on_to_a_proved_link() {
    for requests in 1.. {
        let world = World::new();
        let (run, killed) = cut_off(&world, requests).await;
        perform(&world, run, || link(&world)).await.unwrap_or_else(|error| panic!("{requests}: {error}"));
        let verdict = link(&world).verify().await.unwrap();
        assert!(verdict.proved, "killed at request {requests}: {verdict}");
        assert_eq!(endpoints(&world).len(), 1, "killed at request {requests}");
        if !killed {
            assert!(requests > 15, "a run makes more than {requests} requests");
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_thing_that_is_not_visible_yet_is_waited_for_by_another_process() {
    let world = World::new();
    let mut run = Run::new(link(&world).plan().await.unwrap());
    let step = |run: &Run, fact: &Fact| {
        run.plan().steps.iter().find(|step| step.gives.contains(fact)).map(|step| step.id.clone()).unwrap()
    };
    let group = step(&run, &Fact::Own("aws.security_group".into()));
    let endpoint = step(&run, &Fact::Endpoint);
    let fault = world.faults().on("DescribeSecurityGroups").always().read_before_last_write();
    assert!(matches!(link(&world).tick(&mut run, &group).await.unwrap(), Tick::Done));
    while let Some(other) = run.ready().into_iter().find(|id| *id != endpoint) {
        if !matches!(link(&world).tick(&mut run, &other).await.unwrap(), Tick::Done) {
            break;
        }
        if run.ready().contains(&endpoint) {
            break;
        }
    }
    run = stored(&run);
    let tick = link(&world).tick(&mut run, &endpoint).await.unwrap();
    assert!(fault.hits() > 0);
    fault.lift();
    assert!(matches!(&tick, Tick::Waiting { stage, .. } if stage.contains("not visible")), "{tick:?}");
    perform(&world, run, || link(&world)).await.unwrap();
    assert_eq!(endpoints(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_removal_in_steps_spares_an_endpoint_that_another_link_began_to_use() {
    let world = World::new();
    set_up(&link(&world)).await.unwrap();
    let removal = Run::new(link(&world).removal_plan().await.unwrap());
    let billing = builder_of(&world, "billing", 1, network(&world)).build().unwrap();
    set_up(&billing).await.unwrap();
    let error = perform(&world, removal, || link(&world)).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-008", "{error}");
    assert!(matches!(error, ApplyError::Moved { plan: Some(_), .. }), "{error:?}");
    assert_eq!(endpoints(&world).len(), 1);
    assert!(billing.verify().await.unwrap().proved);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_run_stays_stopped_in_the_next_process() {
    let world = World::new();
    set_up(&link(&world)).await.unwrap();
    let mut run = Run::new(link(&world).removal_plan().await.unwrap());
    set_up(&builder_of(&world, "billing", 1, network(&world)).build().unwrap()).await.unwrap();
    let stopped = loop {
        let step = run.ready().remove(0);
        match link(&world).tick(&mut run, &step).await {
            Ok(tick) => world.clock().sleep(tick.again_after().unwrap_or_default()).await,
            Err(error) => break (step, error),
        }
        run = stored(&run);
    };
    let mut run = stored(&run);
    assert_eq!(run.ready(), []);
    world.clear_requests();
    let again = link(&world).tick(&mut run, &stopped.0).await.unwrap_err();
    assert!(matches!(again, ApplyError::Stopped { .. }), "{again:?}");
    assert_eq!(again.finding(), stopped.1.finding());
    assert_eq!(run.end().unwrap().unwrap_err().help(), stopped.1.help());
    assert_eq!(world.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_old_closing_plan_closes_nothing_in_steps_either() {
    let world = World::new();
    let vendor = world.clickhouse();
    let service = vendor.service_id();
    vendor.set_ip_access_list(service, ["203.0.113.7"]);
    let open = vendor.ip_access_list(service);
    set_up(&link(&world)).await.unwrap();
    let expectation = link(&world).expectation().await.unwrap();
    let proof = world.vantage(&world.aws().subnet_ids()[0]).prove(&expectation).await.unwrap();
    let closing = link(&world).closing_plan(&expectation, &proof).await.unwrap();
    let mut run = Run::new(closing.plan);
    let step = run.ready().remove(0);
    world.clock().sleep(Duration::from_secs(4_000)).await;
    world.clear_requests();
    let error = link(&world).tick(&mut run, &step).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "PROOF-005", "{error}");
    assert_eq!(world.writes().len(), 0);
    assert_eq!(vendor.ip_access_list(service), open);
}

#[tokio::test(start_paused = true)]
async fn a_blocked_plan_is_not_begun_in_steps_either() {
    let world = World::new();
    let mut plan = link(&world).plan().await.unwrap();
    let finding = privlink::Finding::new("X-001", privlink::core::Severity::Blocks, "somebody took it", "take another");
    plan.findings.push(finding);
    let mut run = Run::new(plan);
    let step = run.ready().remove(0);
    world.clear_requests();
    let error = link(&world).tick(&mut run, &step).await.unwrap_err();
    assert!(matches!(error, ApplyError::Blocked { .. }), "{error:?}");
    assert_eq!(error.help(), "take another");
    assert_eq!(world.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_run_of_another_link_is_not_performed_and_not_spoilt() {
    let world = World::new();
    let other = || builder_of(&world, "orders-prod", 1, network(&world)).build().unwrap();
    let mut run = Run::new(other().plan().await.unwrap());
    let step = run.ready().remove(0);
    world.clear_requests();
    let error = link(&world).tick(&mut run, &step).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-006");
    assert_eq!(world.requests().len(), 0);
    perform(&world, run, other).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_step_is_performed_only_when_its_facts_have_come() {
    let world = World::new();
    let mut run = Run::new(link(&world).plan().await.unwrap());
    let waits = |step: &&privlink::core::side::Step| step.gives.contains(&Fact::Resolving);
    let record = run.plan().steps.iter().find(waits).unwrap().id.clone();
    world.clear_requests();
    let error = link(&world).tick(&mut run, &record).await.unwrap_err();
    assert!(matches!(error, ApplyError::NotReady { .. }), "{error:?}");
    assert_eq!(world.requests().len(), 0);
    // A step that is done stays so: an engine may ask twice.
    let first = run.ready().remove(0);
    while !matches!(link(&world).tick(&mut run, &first).await.unwrap(), Tick::Done) {}
    world.clear_requests();
    assert!(matches!(link(&world).tick(&mut run, &first).await.unwrap(), Tick::Done));
    assert_eq!(world.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_of_another_version_or_of_broken_form_is_not_read() {
    let world = World::new();
    let run = Run::new(link(&world).plan().await.unwrap());
    let text = serde_json::to_string(&run).unwrap();
    let told = |text: &str| serde_json::from_str::<Run>(text).unwrap_err().to_string();
    let newer = text.replacen("\"version\":1", "\"version\":7", 1).replace("setup", "sideways");
    assert!(told(&newer).contains("LINK-007"), "{}", told(&newer));
    let newer_plan = text.replace("\"plan\":{\"version\":1", "\"plan\":{\"version\":7").replace("setup", "sideways");
    assert!(told(&newer_plan).contains("LINK-007"), "{}", told(&newer_plan));
    let mut value = serde_json::to_value(&run).unwrap();
    value["course"]["states"].as_array_mut().unwrap().pop();
    assert!(told(&value.to_string()).contains("its own plan"), "{}", told(&value.to_string()));
}
