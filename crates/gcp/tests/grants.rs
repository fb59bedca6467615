//! The permissions a plan names are enough to carry it out.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod simulated;

use std::collections::BTreeSet;

use privlink_core::side::{Side, Step};
use privlink_sim::World;
use simulated::*;

fn actions(steps: &[Step]) -> BTreeSet<String> {
    steps.iter().flat_map(|step| &step.grants).map(|grant| grant.action.to_string()).collect()
}

fn restricted(world: &World, allowed: &BTreeSet<String>) -> privlink_gcp::Network {
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    network_of(world, client_with(world, &world.gcp().add_token("deployer", Some(&allowed))))
}

#[tokio::test(start_paused = true)]
async fn a_token_with_just_the_permissions_of_the_plan_carries_it_out() {
    let world = World::new();
    let vendor = vendor(&world);
    let whole = network(&world);
    let (_, survey) = plan(&whole, &vendor).await;
    let listed = restricted(&world, &actions(&survey.steps));
    let seen = plan(&listed, &vendor).await.1;
    assert_eq!((&seen.steps, &seen.known), (&survey.steps, &survey.known), "as much as with all rights");
    let known = set_up(&listed, &vendor).await;
    let removal = whole.removal(&known, &cx(&world)).await.unwrap();
    let listed = restricted(&world, &actions(&removal.steps));
    assert_eq!(listed.removal(&known, &cx(&world)).await.unwrap().steps, removal.steps);
    take_down(&listed, &world, &known, &removal.steps).await;
    assert!(world.gcp().endpoints().is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_the_right_to_read_firewalls_that_alone_is_said() {
    let world = World::new();
    let mut allowed = actions(&plan(&network(&world), &vendor(&world)).await.1.steps);
    assert!(allowed.remove("compute.firewalls.list"));
    let survey = plan(&restricted(&world, &allowed), &vendor(&world)).await.1;
    assert_eq!(codes(&survey, privlink_core::Severity::Info), ["GCP-008"], "{:?}", survey.findings);
    assert_eq!(blocks(&survey), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_is_an_error_that_names_it() {
    let world = World::new();
    let mut allowed = actions(&plan(&network(&world), &vendor(&world)).await.1.steps);
    allowed.retain(|action| action != "compute.forwardingRules.pscCreate");
    let network = restricted(&world, &allowed);
    let vendor = vendor(&world);
    let (known, survey) = plan(&network, &vendor).await;
    let known = match apply(&network, &vendor, known, &survey.steps[..1]).await {
        End::Done(known) => known,
        End::Stopped(verb, finding) => panic!("{verb}: {finding}"),
    };
    let step = survey.steps.iter().find(|step| step.verb == "gcp.endpoint").unwrap();
    let error = network.perform(step, &known, &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), privlink_core::ErrorKind::PermissionDenied);
    assert!(error.help().contains("compute.forwardingRules.pscCreate"), "{}", error.report());
}
