//! The permissions a plan names are enough to carry it out.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::collections::BTreeSet;

use privlink_azure::{Client, CreatePrivateEndpoint, Network};
use privlink_core::side::{NetworkSide, Side, Step, StepState};
use privlink_core::{AzurePrivateEndpointId, ErrorKind};
use privlink_sim::contract::End;
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

/// An endpoint of another resource group, taken in and not yet approved.
async fn taken_in_elsewhere(world: &World) -> AzurePrivateEndpointId {
    let azure = world.azure();
    azure.add_resource_group(&azure.subscription(), "elsewhere", &azure.region());
    let id = azure.id_of("privateEndpoints", "existing").to_string().replace("/example/", "/elsewhere/");
    let id: AzurePrivateEndpointId = id.parse().unwrap();
    let request =
        CreatePrivateEndpoint::new(id.clone(), azure.region(), subnet(world), &azure.services().remove(0).into());
    client(world).networking().put_private_endpoint(&request.unwrap()).await.unwrap().await.unwrap();
    let (known, _) = plan(&network(world), &vendor(world)).await;
    network(world).adopt(&id.clone().into(), &known, &cx(world)).await.unwrap();
    id
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_of_another_group_is_read_and_changed_where_it_is() {
    let world = World::new();
    let id = taken_in_elsewhere(&world).await;
    let (whole, vendor) = (network(&world), vendor(&world));
    let (known, survey) = plan(&whole, &vendor).await;
    let own = format!("/subscriptions/{}/resourceGroups/example", world.azure().subscription());
    let (theirs, all) =
        (own.replace("/example", "/elsewhere"), format!("/subscriptions/{}", world.azure().subscription()));

    let pending: Vec<Step> = survey.steps.iter().filter(|step| step.state == StepState::ToDo).cloned().collect();
    let wait = pending.iter().find(|step| step.verb == "azure.await_connected").unwrap();
    let granted = |step: &Step, action: &str| -> Vec<String> {
        let grants = step.grants.iter().filter(|grant| grant.action == format!("Microsoft.Network/{action}"));
        grants.map(|grant| grant.resource.to_string()).collect()
    };
    assert_eq!(granted(wait, "privateEndpoints/read"), [&*all], "only the list of all shows it");
    assert_eq!(granted(wait, "networkInterfaces/read"), [&*theirs]);
    let roles = whole.policy(&pending.iter().collect::<Vec<_>>(), &known, &cx(&world)).unwrap();
    for (name, scope, told, action) in [
        ("azure-role.json", &own, "in the resource group example:", "privateDnsZones/write"),
        ("azure-role-2.json", &all, "in the subscription 00000000-", "privateEndpoints/read"),
        ("azure-role-3.json", &theirs, "in the resource group elsewhere:", "networkInterfaces/read"),
    ] {
        let role = roles.iter().find(|role| role.name == name).unwrap();
        let said = |what: &str| assert!(role.text.contains(what), "{name}: {what}: {}", role.text);
        said(&format!("\"AssignableScopes\": [\n    \"{scope}\"\n  ]"));
        said(told);
        said(&format!("\"Microsoft.Network/{action}\""));
    }
    assert_eq!(roles.len(), 3);

    let known = set_up(&whole, &vendor).await;
    let removal = whole.removal(&known, &cx(&world)).await.unwrap();
    let release = removal.steps.iter().find(|step| step.verb == "azure.release_endpoint").unwrap();
    assert_eq!(granted(release, "privateEndpoints/write"), [id.to_string()]);
    for action in ["networkInterfaces/read", "locations/operations/read", "locations/operationResults/read"] {
        assert_eq!(granted(release, action), [&*theirs], "{action}");
    }
    assert_eq!(granted(release, "privateEndpoints/read"), [&*all]);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_to_do_with_an_endpoint_taken_in_names_all_that_it_takes() {
    let world = World::new();
    taken_in_elsewhere(&world).await;
    let vendor = vendor(&world);
    let (known, survey) = plan(&network(&world), &vendor).await;
    let pending: Vec<Step> = survey.steps.iter().filter(|step| step.state == StepState::ToDo).cloned().collect();
    let listed = restricted(&world, &actions(&pending));
    let asked = world.requests().len();
    assert!(matches!(apply(&listed, &vendor, known, &pending).await, End::Done(_)));
    let refused: Vec<_> =
        world.requests().into_iter().skip(asked).filter(|request| request.status == Some(403)).collect();
    assert!(refused.is_empty(), "{refused:?}");
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
