//! What the workflow does with any two sides: waiting, failing, sharing, stopping.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod scripted;

use std::sync::Arc;
use std::time::Duration;

use Fact::{Connected, Endpoint, Served, Service};
use privlink::core::side::{ConsumerIdentity, EndpointService, Exchange, Fact, Outcome, Slot};
use privlink::core::{EndpointServiceId, Error, ErrorKind, Finding, Severity, Turn};
use privlink::{ApplyError, EventKind, Link, Links, Progress, Run, Tick};
use scripted::{Answer, Script, ScriptedSide, link, own, waves};

fn answers(script: &Script, step: &str, answers: Vec<Answer>) {
    script.answers.lock().unwrap().insert(step.into(), answers);
}

fn calls(script: &Script, step: &str) -> u32 {
    script.calls.lock().unwrap().get(step).copied().unwrap_or(0)
}

fn sides(script: &Arc<Script>) -> (ScriptedSide, ScriptedSide) {
    let database =
        ScriptedSide::new("vendor", script).step("service", &[], &[Service]).step("allow", &[Endpoint], &[Served]);
    let network = ScriptedSide::new("cloud", script).step("endpoint", &[Service], &[Endpoint]);
    (database, network)
}

fn waiting(seconds: u64) -> Answer {
    Box::new(move || Ok(Outcome::waiting("building", Turn::Cloud, Duration::from_secs(seconds))))
}

fn failing(kind: ErrorKind) -> Answer {
    Box::new(move || Err(Error::new(kind, "it failed")))
}

fn finding() -> Finding {
    Finding::new("X-001", Severity::Blocks, "somebody took it", "take another")
}

#[tokio::test(start_paused = true)]
async fn a_second_run_performs_nothing() {
    let script = Arc::new(Script::default());
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let applied = link.apply(&link.plan().await.unwrap()).await.unwrap();
    assert_eq!(applied.changed.len(), 3);
    let again = link.plan().await.unwrap();
    assert!(again.is_done(), "{again}");
    let applied = link.apply(&again).await.unwrap();
    assert!(applied.changed.is_empty());
    assert_eq!(calls(&script, "endpoint"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_step_is_asked_again_and_tells_whose_turn_it_is() {
    let script = Arc::new(Script::default());
    answers(&script, "endpoint", vec![waiting(30), waiting(30)]);
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let plan = link.plan().await.unwrap();
    let mut told = Vec::new();
    link.apply(&plan).observe(|event| told.push(event.to_string())).await.unwrap();
    assert_eq!(calls(&script, "endpoint"), 3);
    assert_eq!(
        told,
        [
            "orders [0/3] vendor: service: started",
            "orders [1/3] vendor: service: done after 1 s",
            "orders [1/3] cloud: endpoint: started",
            "orders [1/3] cloud: endpoint: building, 1 s of usually 1 s, waits for the cloud",
            "orders [1/3] cloud: endpoint: building, 32 s of usually 1 s, waits for the cloud",
            "orders [2/3] cloud: endpoint: done after 63 s",
            "orders [2/3] vendor: allow: started",
            "orders [3/3] vendor: allow: done after 1 s",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn events_can_be_streamed_and_end_with_the_result() {
    let script = Arc::new(Script::default());
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let plan = link.plan().await.unwrap();
    let mut events = link.apply(&plan).events();
    let mut told = 0;
    let end = loop {
        match events.next().await.unwrap() {
            Progress::Event(_) => told += 1,
            Progress::End(end) => break end,
        }
    };
    assert_eq!(told, 6);
    assert_eq!(end.unwrap().changed.len(), 3);
    assert!(events.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_with_whose_turn_it_is() {
    let script = Arc::new(Script::default());
    answers(&script, "endpoint", (0..1000).map(|_| waiting(7)).collect());
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let plan = link.plan().await.unwrap();
    let error = link.apply(&plan).await.unwrap_err();
    let ApplyError::TimedOut { turn, waited, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*turn, Turn::Cloud);
    assert!((600..620).contains(&waited.as_secs()), "{waited:?}");
    assert!(error.to_string().contains("still building"));
    assert_eq!(calls(&script, "allow"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_may_pass_is_looked_at_again() {
    let script = Arc::new(Script::default());
    answers(&script, "endpoint", vec![failing(ErrorKind::OutcomeUnknown), failing(ErrorKind::Unavailable)]);
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    link.apply(&link.plan().await.unwrap()).await.unwrap();
    assert_eq!(calls(&script, "endpoint"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_does_not_pass_ends_the_run_with_its_step() {
    let script = Arc::new(Script::default());
    answers(&script, "endpoint", (0..100).map(|_| failing(ErrorKind::Unavailable)).collect());
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let error = link.apply(&link.plan().await.unwrap()).await.unwrap_err();
    let ApplyError::Failed { step, error: source, known } = error else { panic!() };
    assert_eq!((&*step.what, source.kind()), ("endpoint", ErrorKind::Unavailable));
    assert!(known.holds(None, &Service));
    assert_eq!(calls(&script, "endpoint"), 5);
}

#[tokio::test(start_paused = true)]
async fn a_final_failure_is_not_tried_twice() {
    let script = Arc::new(Script::default());
    answers(&script, "endpoint", vec![failing(ErrorKind::PermissionDenied)]);
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let error = link.apply(&link.plan().await.unwrap()).await.unwrap_err();
    assert!(matches!(error, ApplyError::Failed { .. }));
    assert_eq!(calls(&script, "endpoint"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_world_that_moved_ends_with_a_new_plan() {
    let script = Arc::new(Script::default());
    answers(&script, "endpoint", vec![Box::new(|| Ok(Outcome::moved(finding())))]);
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let error = link.apply(&link.plan().await.unwrap()).await.unwrap_err();
    let ApplyError::Moved { plan: Some(plan), .. } = error else { panic!("{error:?}") };
    assert_eq!(plan.steps.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_blocked_plan_is_not_applied() {
    let script = Arc::new(Script::default());
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let mut plan = link.plan().await.unwrap();
    plan.findings.push(finding());
    let error = link.apply(&plan).await.unwrap_err();
    assert_eq!(error.help(), "take another");
    assert!(script.started.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn only_what_the_plan_lists_is_performed() {
    let script = Arc::new(Script::default());
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let mut plan = link.plan().await.unwrap();
    plan.steps.retain(|step| step.what != "allow");
    link.apply(&plan).await.unwrap();
    assert_eq!(calls(&script, "allow"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_failing_step_lets_the_others_in_flight_finish() {
    let script = Arc::new(Script::default());
    answers(&script, "group", vec![failing(ErrorKind::PermissionDenied)]);
    let (database, network) = sides(&script);
    let network = network.step("group", &[], &[own("group")]);
    let link = link("orders", database, network);
    let plan = link.plan().await.unwrap();
    let mut done = Vec::new();
    link.apply(&plan)
        .observe(|event| {
            if matches!(event.kind, EventKind::Done) {
                done.push(event.what.to_string());
            }
        })
        .await
        .unwrap_err();
    assert_eq!(done, ["service"]);
    assert_eq!(calls(&script, "endpoint"), 0);
}

#[tokio::test(start_paused = true)]
async fn steps_that_links_share_run_once() {
    let script = Arc::new(Script::default());
    let network = ScriptedSide::new("cloud", &script).step("endpoint", &[], &[Endpoint]);
    let of = |name: &'static str| ScriptedSide::new("vendor", &script).step(name, &[Endpoint], &[Served]);
    let links = Links::new([link("one", of("allow-one"), network.clone()), link("two", of("allow-two"), network)]);
    let plan = links.plan().await;
    assert_eq!(plan.pending().count(), 3);
    let ends = links.apply(&plan).await;
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    assert_eq!(calls(&script, "endpoint"), 1);
    assert_eq!(waves(&script), "endpoint > allow-one + allow-two");
}

#[tokio::test(start_paused = true)]
async fn a_shared_thing_goes_only_after_the_last_link_is_done_with_it() {
    let script = Arc::new(Script::default());
    answers(&script, "allow-two", vec![waiting(5)]);
    let network = ScriptedSide::new("cloud", &script).step("endpoint", &[], &[Endpoint]);
    let of = |name: &'static str| ScriptedSide::new("vendor", &script).step(name, &[Endpoint], &[Served]);
    let links = Links::new([link("one", of("allow-one"), network.clone()), link("two", of("allow-two"), network)]);
    let plan = links.removal_plan().await;
    let ends = links.apply(&plan).await;
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    assert_eq!(waves(&script), "allow-one + allow-two > endpoint");
    assert_eq!(calls(&script, "endpoint"), 1);
}

#[tokio::test(start_paused = true)]
async fn one_broken_link_does_not_stop_the_others() {
    let script = Arc::new(Script::default());
    answers(&script, "allow-one", vec![failing(ErrorKind::PermissionDenied)]);
    let network = ScriptedSide::new("cloud", &script).step("endpoint", &[], &[Endpoint]);
    let of = |name: &'static str| ScriptedSide::new("vendor", &script).step(name, &[Endpoint], &[Served]);
    let links = Links::new([link("one", of("allow-one"), network.clone()), link("two", of("allow-two"), network)]);
    let ends = links.apply(&links.plan().await).await;
    assert!(matches!(&ends[0].result, Err(ApplyError::Failed { .. })));
    assert!(ends[1].result.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_waits_for_a_stopped_link_names_it() {
    let script = Arc::new(Script::default());
    answers(&script, "allow-two", vec![failing(ErrorKind::PermissionDenied)]);
    let network = ScriptedSide::new("cloud", &script).step("endpoint", &[], &[Endpoint]);
    let of = |name: &'static str| ScriptedSide::new("vendor", &script).step(name, &[Endpoint], &[Served]);
    let names = ["one", "two", "three"];
    let verbs = ["allow-one", "allow-two", "allow-three"];
    let all = names.into_iter().zip(verbs).map(|(name, verb)| link(name, of(verb), network.clone()));
    let links = Links::new(all);
    let ends = links.apply(&links.removal_plan().await).await;
    assert!(matches!(&ends[1].result, Err(ApplyError::Failed { .. })), "{ends:?}");
    for end in [&ends[0], &ends[2]] {
        let Err(error @ ApplyError::Stuck { steps, stopped, .. }) = &end.result else { panic!("{end:?}") };
        assert_eq!((steps.len(), stopped.iter().map(AsRef::as_ref).collect::<Vec<&str>>()), (1, vec!["two"]));
        let told = format!("{}: steps are left that wait for two, which stopped: endpoint", end.link);
        assert_eq!(end.to_string(), told);
        assert!(
            error.report().to_string().ends_with("help: see to what stopped two, then plan again"),
            "{}",
            error.report()
        );
    }
    assert_eq!(calls(&script, "endpoint"), 0, "another link still holds it");
}

#[tokio::test(start_paused = true)]
async fn two_links_that_want_different_things_of_one_step_are_told() {
    let script = Arc::new(Script::default());
    let network = ScriptedSide::new("cloud", &script).step("endpoint", &[], &[Endpoint]);
    let mut other = network.clone();
    other.steps[0].params = serde_json::json!({"name": "other subnets"});
    let database = ScriptedSide::new("vendor", &script);
    let plan = Links::new([link("one", database.clone(), network), link("two", database, other)]).plan().await;
    let blocked: Vec<_> = plan.blockers().map(|(link, finding)| (link.as_str(), &*finding.code)).collect();
    assert_eq!(blocked, [("one", "LINK-005"), ("two", "LINK-005")]);
}

/// Performs ready steps until the end, storing the run between any two ticks; the ticks in words.
async fn ticks(link: &Link, run: &mut Run) -> Vec<String> {
    let mut told = Vec::new();
    while run.end().is_none() {
        let step = run.step(&run.ready()[0]).unwrap().clone();
        let tick = match link.tick(run, &step.id).await {
            Ok(tick) => tick,
            Err(error) => {
                told.push(format!("{}: {error}", step.what));
                break;
            }
        };
        told.push(match &tick {
            Tick::Done => format!("{}: done", step.what),
            Tick::Waiting { stage, turn, .. } => format!("{}: {stage}, {turn}", step.what),
            Tick::Retrying { error, .. } => format!("{}: again: {error}", step.what),
            other => panic!("{other:?}"),
        });
        *run = serde_json::from_str(&serde_json::to_string(run).unwrap()).unwrap();
        tokio::time::sleep(tick.again_after().unwrap_or_default()).await;
    }
    told
}

#[tokio::test(start_paused = true)]
async fn steps_can_be_driven_by_hand() {
    let script = Arc::new(Script::default());
    answers(&script, "endpoint", vec![waiting(30), failing(ErrorKind::Unavailable)]);
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let mut run = Run::new(link.plan().await.unwrap());
    let told = ticks(&link, &mut run).await;
    assert_eq!(
        told,
        ["service: done", "endpoint: building, cloud", "endpoint: again: it failed", "endpoint: done", "allow: done"]
    );
    assert!(run.is_done());
    assert_eq!(run.end().unwrap().unwrap().changed.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_run_waits_and_fails_no_longer_than_an_application() {
    let script = Arc::new(Script::default());
    answers(&script, "endpoint", (0..1000).map(|_| waiting(7)).collect());
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let mut run = Run::new(link.plan().await.unwrap());
    let told = ticks(&link, &mut run).await;
    assert!(told.last().unwrap().contains("still building after 60"), "{told:?}");
    assert!(matches!(run.end(), Some(Err(ApplyError::Stopped { .. }))));

    let script = Arc::new(Script::default());
    answers(&script, "endpoint", (0..100).map(|_| failing(ErrorKind::Unavailable)).collect());
    let (database, network) = sides(&script);
    let link = scripted::link("orders", database, network);
    ticks(&link, &mut Run::new(link.plan().await.unwrap())).await;
    assert_eq!(calls(&script, "endpoint"), 5);
}

#[tokio::test(start_paused = true)]
async fn what_a_waiting_side_wants_stored_is_handed_back() {
    let script = Arc::new(Script::default());
    let wait = || Outcome::waiting("spreading", Turn::Cloud, Duration::from_secs(1)).resume("change C1".into());
    let answer = move || Ok(wait());
    answers(&script, "endpoint", vec![Box::new(answer), failing(ErrorKind::Unavailable)]);
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let mut run = Run::new(link.plan().await.unwrap());
    ticks(&link, &mut run).await;
    link.apply(run.plan()).await.unwrap();
    let handed = script.handed.lock().unwrap();
    let endpoint: Vec<_> = handed.iter().filter(|(step, _)| step == "endpoint").map(|(_, value)| value).collect();
    let change = Some(serde_json::Value::from("change C1"));
    // A failure in between loses nothing; a new run begins with nothing.
    assert_eq!(endpoint, [&None, &change, &change, &None]);
}

#[test]
fn public_futures_can_be_sent() {
    fn sent<T: Send>(_: impl FnOnce(&'static privlink::Link, &'static privlink::core::side::Plan) -> T) {}
    sent(|link, _| link.plan());
    sent(|link, _| link.removal_plan());
    sent(|link, plan| link.apply(plan).into_future());
    sent(|link, plan| link.apply(plan).events());
    sent(|link, plan| async { link.tick(&mut Run::new(plan.clone()), &plan.steps[0].id).await });
    sent(|link, _| link.verify());
    sent(|link, _| link.expectation());
    fn set<T: Send>(_: impl FnOnce(&'static Links, &'static privlink::LinksPlan) -> T) {}
    set(|links, _| links.plan());
    set(|links, _| links.removal_plan());
    set(|links, plan| links.apply(plan).into_future());
    set(|links, plan| links.apply(plan).events());
    set(|links, _| links.verify());
}

#[tokio::test(start_paused = true)]
async fn a_shared_step_goes_on_when_the_link_that_began_it_stops() {
    let script = Arc::new(Script::default());
    answers(&script, "await", vec![waiting(30), waiting(30)]);
    answers(&script, "allow-one", vec![failing(ErrorKind::PermissionDenied)]);
    let network = ScriptedSide::new("cloud", &script).step("endpoint", &[], &[Endpoint]).step(
        "await",
        &[Endpoint],
        &[Fact::Connected],
    );
    let of = |name: &'static str| ScriptedSide::new("vendor", &script).step(name, &[Endpoint], &[Served]);
    let links = Links::new([link("one", of("allow-one"), network.clone()), link("two", of("allow-two"), network)]);
    let ends = links.apply(&links.plan().await).await;
    assert!(matches!(&ends[0].result, Err(ApplyError::Failed { .. })), "{ends:?}");
    assert!(ends[1].result.is_ok(), "{ends:?}");
    assert_eq!(calls(&script, "await"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_wait_longer_than_a_step_may_take_ends_it_at_once() {
    let script = Arc::new(Script::default());
    let throttled =
        || Err(Error::new(ErrorKind::RateLimited, "slow down").with_retry_after(Duration::from_secs(80_000)));
    answers(&script, "endpoint", vec![Box::new(throttled)]);
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let plan = link.plan().await.unwrap();
    let start = tokio::time::Instant::now();
    let error = link.apply(&plan).await.unwrap_err();
    assert!(matches!(&error, ApplyError::Failed { error, .. } if error.kind() == ErrorKind::RateLimited), "{error}");
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_an_unknown_version_is_not_begun() {
    let script = Arc::new(Script::default());
    let (database, network) = sides(&script);
    let link = link("orders", database, network);
    let mut plan = link.plan().await.unwrap();
    plan.version = 99;
    assert_eq!(link.apply(&plan).await.unwrap_err().finding().unwrap().code, "LINK-007");
    plan.version = 1;
    plan.steps[2].side = privlink::core::side::SideId::new("elsewhere");
    assert_eq!(link.apply(&plan).await.unwrap_err().finding().unwrap().code, "LINK-006");
    assert!(script.started.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn two_steps_that_touch_one_thing_never_run_at_once() {
    let script = Arc::new(Script::default());
    let mut network = ScriptedSide::new("cloud", &script).step("inbound", &[], &[]).step("outbound", &[], &[]);
    network.steps[1].key = network.steps[0].key.clone();
    let link = link("orders", ScriptedSide::new("vendor", &script), network);
    link.apply(&link.plan().await.unwrap()).await.unwrap();
    assert_eq!(waves(&script), "inbound > outbound");
}

#[tokio::test(start_paused = true)]
async fn a_fact_that_a_step_drops_is_waited_for_again() {
    let script = Arc::new(Script::default());
    let mut network = ScriptedSide::new("cloud", &script)
        .step("replace", &[], &[own("new")])
        .step("await", &[own("new")], &[Connected])
        .step("record", &[own("new"), Connected], &[]);
    // Connected still, but through what is about to be replaced.
    network.known = Exchange::new().with(None, Connected);
    network.steps[0] = network.steps[0].clone().drops([Connected]);
    let link = link("orders", ScriptedSide::new("vendor", &script), network);
    link.apply(&link.plan().await.unwrap()).await.unwrap();
    assert_eq!(waves(&script), "replace > await > record");
}

#[tokio::test(start_paused = true)]
async fn a_database_in_another_cloud_than_the_network_is_refused_in_the_plan() {
    let script = Arc::new(Script::default());
    let (mut database, mut network) = sides(&script);
    let service = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0".parse().unwrap();
    let service = EndpointService::new(EndpointServiceId::Aws(service), "us-east-1".parse().unwrap());
    database.known.services.insert(Slot::main(), service);
    let consumer = |project: &str| ConsumerIdentity::Gcp { project: project.parse().unwrap() };
    network.known.consumer = Some(consumer("example-project"));
    let plan = link("orders", database, network).plan().await.unwrap();
    let finding = plan.blockers().next().unwrap();
    assert_eq!(finding.code, "LINK-001");
    assert!(finding.summary.contains("aws") && finding.summary.contains("gcp"), "{finding}");
}
