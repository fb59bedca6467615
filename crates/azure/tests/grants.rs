//! The permissions a plan names are enough to carry it out.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::collections::BTreeSet;

use privlink_azure::{Client, Network};
use privlink_core::ErrorKind;
use privlink_core::side::{Side, Step};
use privlink_sim::{OnLongRunning, World};
use world::*;

fn actions(steps: &[Step]) -> BTreeSet<String> {
    steps.iter().flat_map(|step| &step.grants).map(|grant| grant.action.to_string()).collect()
}

fn restricted(world: &World, allowed: &BTreeSet<String>) -> Network {
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let token = world.azure().add_token("deployer", Some(&allowed));
    let client = Client::over(world.transport(), world.azure().subscription()).token(token);
    client.clock(world.clock()).build().unwrap().network(vnet(world)).subnet(subnet(world))
}

/// A world where rules bind endpoints, so that their group is read too.
fn with_rules() -> World {
    let world = World::new();
    world.azure().add_security_group("rules", &world.azure().subnet_id());
    world.azure().set_network_policies(&world.azure().subnet_id(), true);
    world
}

#[tokio::test(start_paused = true)]
async fn a_principal_with_just_the_permissions_of_the_plan_carries_it_out() {
    for form in [OnLongRunning::AsDocumented, OnLongRunning::LocationOnly] {
        let world = with_rules();
        world.azure().switch(|switches| switches.long_running = form);
        let (whole, vendor) = (network(&world), vendor(&world));
        let (_, survey) = plan(&whole, &vendor).await;
        let listed = restricted(&world, &actions(&survey.steps));
        let seen = plan(&listed, &vendor).await.1;
        assert_eq!((&seen.steps, &seen.known), (&survey.steps, &survey.known), "as much as with all rights");
        let known = set_up(&listed, &vendor).await;
        let refused = world.requests().iter().filter(|request| request.status == Some(403)).count();
        assert_eq!(refused, 0, "operations are followed too");
        let removal = whole.removal(&known, &cx(&world)).await.unwrap();
        let listed = restricted(&world, &actions(&removal.steps));
        assert_eq!(listed.removal(&known, &cx(&world)).await.unwrap().steps, removal.steps);
        take_down(&listed, &world, &known, &removal.steps).await;
        assert_eq!(world.requests().iter().filter(|request| request.status == Some(403)).count(), 0);
        assert!(world.azure().endpoints().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_right_to_read_is_an_error_that_names_it() {
    let world = with_rules();
    let (known, survey) = plan(&network(&world), &vendor(&world)).await;
    let all = actions(&survey.steps);
    for left_out in ["virtualNetworks", "networkSecurityGroups", "privateEndpoints", "privateDnsZones"] {
        let left_out = format!("Microsoft.Network/{left_out}/read");
        let mut fewer = all.clone();
        assert!(fewer.remove(&left_out), "{left_out}");
        let error = restricted(&world, &fewer).survey(&known, &cx(&world)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{left_out}");
        assert!(error.to_string().contains(&left_out), "{error}");
    }
}
