//! Every fault at every call: the link comes up and goes down, and nothing is made twice.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod simulated;

use std::time::Duration;

use privlink_core::side::{Fact, Side, StepState};
use privlink_sim::World;
use simulated::*;

const OPERATIONS: [&str; 12] = [
    "compute.networks.get",
    "compute.subnetworks.list",
    "compute.forwardingRules.list",
    "compute.addresses.list",
    "dns.managedZones.list",
    "compute.addresses.insert",
    "compute.addresses.get",
    "compute.forwardingRules.insert",
    "compute.forwardingRules.get",
    "dns.managedZones.create",
    "dns.changes.create",
    "dns.resourceRecordSets.list",
];

const REMOVING: [&str; 4] =
    ["dns.changes.create", "dns.managedZones.delete", "compute.forwardingRules.delete", "compute.addresses.delete"];

/// A world whose operations are still under way at the next look.
fn slow() -> World {
    let world = World::new();
    world.gcp().switch(|how| {
        how.address_operation = Duration::from_secs(20);
        how.rule_operation = Duration::from_secs(40);
        how.dns_pending = Duration::from_secs(30);
    });
    world
}

async fn comes_up(world: &World, what: &str) {
    let network = network(world);
    let known = set_up(&network, &vendor(world)).await;
    assert!(holds(&known, Fact::Resolving), "{what}");
    assert_eq!(world.gcp().endpoints().len(), 1, "{what}: {:?}", writes(world));
    let (_, survey) = plan(&network, &vendor(world)).await;
    assert_eq!(todo(&survey), [""; 0], "{what}");
}

#[tokio::test(start_paused = true)]
async fn throttling_at_any_call_is_waited_out() {
    for operation in OPERATIONS {
        let world = slow();
        let fault = world.faults().on(operation).times(2).throttle(Duration::from_secs(3));
        comes_up(&world, operation).await;
        assert_eq!(fault.hits(), 2, "{operation} is called");
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateways_page_at_any_call_is_tried_again() {
    for operation in OPERATIONS {
        let world = slow();
        let fault = world.faults().on(operation).times(1).bad_gateway();
        comes_up(&world, operation).await;
        assert_eq!(fault.hits(), 1, "{operation} is called");
    }
}

#[tokio::test(start_paused = true)]
async fn why_an_operation_came_to_nothing_is_asked_for_until_it_is_told() {
    for what in ["throttled", "lost", "gateway"] {
        let world = World::new();
        world.gcp().fail_next_operation("insert", "QUOTA_EXCEEDED", 403, "Quota 'X' exceeded.");
        let fault = world.faults().on("compute.regionOperations.get").times(1);
        let fault = match what {
            "throttled" => fault.throttle(Duration::from_secs(3)),
            "lost" => fault.reset_after_commit(),
            _ => fault.bad_gateway(),
        };
        let (network, vendor) = (network(&world), vendor(&world));
        let (known, survey) = plan(&network, &vendor).await;
        let End::Stopped(_, finding) = apply(&network, &vendor, known, &survey.steps).await else { panic!("{what}") };
        assert_eq!((&*finding.code, fault.hits()), ("GCP-023", 1), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_at_any_call_makes_nothing_twice() {
    for operation in OPERATIONS {
        let world = World::new();
        world.faults().on(operation).times(1).reset_after_commit();
        comes_up(&world, operation).await;
        let world = World::new();
        world.faults().on(operation).times(1).cut_body(20);
        comes_up(&world, operation).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_any_call_of_the_way_back_leaves_nothing() {
    for operation in REMOVING {
        for kind in 0..3 {
            let world = World::new();
            let before = snapshot(&world);
            let (network, vendor) = (network(&world), vendor(&world));
            let known = set_up(&network, &vendor).await;
            let fault = world.faults().on(operation).times(1);
            let fault = match kind {
                0 => fault.throttle(Duration::from_secs(3)),
                1 => fault.reset_after_commit(),
                _ => fault.bad_gateway(),
            };
            let removal = network.removal(&known, &cx(&world)).await.unwrap();
            take_down(&network, &world, &known, &removal.steps).await;
            assert_eq!(fault.hits(), 1, "{operation} is called");
            assert!(world.gcp().endpoints().is_empty(), "{operation}");
            let left = network.removal(&known, &cx(&world)).await.unwrap();
            assert_eq!((left.steps.len(), left.kept.len()), (0, 0), "{operation}");
            assert_eq!(snapshot(&world)["zones"], before["zones"], "{operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_stops_after_any_step_is_taken_up_by_another_process() {
    let steps = {
        let world = World::new();
        plan(&network(&world), &vendor(&world)).await.1.steps.len()
    };
    for done in 0..steps {
        let world = World::new();
        let vendor = vendor(&world);
        let first = network(&world);
        let (known, survey) = plan(&first, &vendor).await;
        match apply(&first, &vendor, known, &survey.steps[..done]).await {
            End::Done(_) => {}
            End::Stopped(verb, finding) => panic!("{verb}: {finding}"),
        }
        // The step itself is begun and never looked at again.
        let (known, survey) = plan(&first, &vendor).await;
        if let Some(step) = survey.steps.iter().find(|step| step.state == StepState::ToDo) {
            drop(first.perform(step, &known, &cx(&world)).await.unwrap());
        }
        comes_up(&world, &format!("after {done} steps")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_takes_its_time_and_what_does_not_show_at_once_is_waited_for() {
    comes_up(&slow(), "slow").await;
    for unseen in [1, 3, 8] {
        let world = World::new();
        world.gcp().switch(|how| how.unseen_reads = unseen);
        comes_up(&world, "unseen").await;
        let inserts = writes(&world).iter().filter(|name| name.ends_with(".insert")).count();
        assert_eq!(inserts, 2, "nothing is asked for twice");
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_quota_is_a_finding_however_google_says_it() {
    for in_operation in [true, false] {
        for of_addresses in [true, false] {
            let world = World::new();
            world.gcp().switch(|how| {
                how.quota_in_operation = in_operation;
                *(if of_addresses { &mut how.address_quota } else { &mut how.endpoint_quota }) = 0;
            });
            let (network, vendor) = (network(&world), vendor(&world));
            let (known, survey) = plan(&network, &vendor).await;
            let End::Stopped(verb, finding) = apply(&network, &vendor, known, &survey.steps).await else {
                panic!("made")
            };
            assert_eq!(verb, if of_addresses { "gcp.address" } else { "gcp.endpoint" });
            assert_eq!(&*finding.code, "GCP-023", "{finding}");
        }
    }
    let world = World::new();
    world.gcp().switch(|how| how.zone_quota = 0);
    let (network, vendor) = (network(&world), vendor(&world));
    let (known, survey) = plan(&network, &vendor).await;
    let End::Stopped(verb, finding) = apply(&network, &vendor, known, &survey.steps).await else { panic!("made") };
    assert_eq!((verb.as_str(), &*finding.code), ("gcp.zone", "GCP-023"), "{finding}");
}

#[tokio::test(start_paused = true)]
async fn two_runs_at_once_end_at_one_endpoint() {
    let world = World::new();
    let vendor = vendor(&world);
    let (one, two) = (network(&world), network(&world));
    let (known, survey) = plan(&one, &vendor).await;
    let both = futures_util::future::join(
        apply(&one, &vendor, known.clone(), &survey.steps),
        apply(&two, &vendor, known, &survey.steps),
    )
    .await;
    for end in [both.0, both.1] {
        if let End::Stopped(verb, finding) = end {
            panic!("{verb}: {finding}");
        }
    }
    comes_up(&world, "two at once").await;
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_fetched_anew_and_a_missing_api_is_named() {
    use privlink_core::transport::{Token, TokenSource};
    use privlink_core::{BoxFuture, Result, SecretString};

    #[derive(Debug)]
    struct Tokens(std::sync::Mutex<Vec<String>>, std::time::SystemTime);
    impl TokenSource for Tokens {
        fn token<'a>(&'a self, scope: &'a str, _: Option<&'a SecretString>) -> BoxFuture<'a, Result<Token>> {
            assert_eq!(scope, "https://www.googleapis.com/auth/cloud-platform");
            let next = self.0.lock().unwrap().pop().expect("two tokens are enough");
            Box::pin(async move { Ok(Token::new(next.into(), self.1 + Duration::from_secs(86_400))) })
        }
    }

    let world = World::new();
    let first = world.gcp().add_token("deployer", None);
    let tokens = Tokens(vec![world.gcp().token(), first.clone()].into(), world.clock().now());
    let client = privlink_gcp::Client::over(world.transport(), world.gcp().project())
        .token_source(tokens, "deployer")
        .clock(world.clock())
        .build()
        .unwrap();
    let network = network_of(&world, client);
    plan(&network, &vendor(&world)).await;
    world.gcp().expire_token(&first, Duration::ZERO);
    set_up(&network, &vendor(&world)).await;

    let world = World::new();
    world.gcp().enable_api(&world.gcp().project(), "dns", false);
    let error = simulated::network(&world).survey(&services(&vendor(&world)), &cx(&world)).await.unwrap_err();
    assert_eq!(privlink_gcp::Problem::of(&error), privlink_gcp::Problem::ApiDisabled);
    assert!(error.help().contains("dns.googleapis.com"), "{}", error.help());
}
