//! The permissions a plan names are enough to carry it out.

mod support;

use std::collections::BTreeSet;

use privlink_aws::{Client, Credentials};
use privlink_core::side::{Side, Step};
use privlink_sim::World;
use support::*;

fn actions(steps: &[Step]) -> BTreeSet<String> {
    let granted = steps.iter().flat_map(|step| &step.grants);
    granted.map(|grant| grant.action.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_key_with_just_the_permissions_of_the_plan_carries_it_out() {
    let world = World::new();
    let vendor = vendor(&world);
    let whole = network(&world);
    let (_, survey) = plan(&whole, &vendor).await;
    let allowed = actions(&survey.steps);
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let (_, again) = plan(&restricted(&world, &allowed), &vendor).await;
    assert_eq!(again.steps, survey.steps, "planned with no more than the plan names");
    let known = set_up(&restricted(&world, &allowed), &vendor).await;
    let removal = whole.removal(&known, &cx(&world)).await.unwrap();
    let allowed = actions(&removal.steps);
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let restricted = restricted(&world, &allowed);
    let again = restricted.removal(&known, &cx(&world)).await.unwrap();
    assert_eq!(again.steps, removal.steps, "planned with no more than the plan names");
    take_down(&restricted, &world, &known, &again.steps).await;
    assert!(world.aws().endpoints().is_empty());
}

fn restricted(world: &World, allowed: &[&str]) -> privlink_aws::Network {
    let key = world.aws().add_key(&world.aws().account(), "deployer", Some(allowed));
    let subnets = world.aws().subnet_ids();
    Client::over(world.transport(), world.aws().region())
        .credentials(Credentials::new(key.id, key.secret))
        .clock(world.clock())
        .build()
        .expect("a client")
        .vpc(world.aws().vpc_id())
        .subnets(subnets.into_iter().take(2))
}
