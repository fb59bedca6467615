//! What only AWS has: subnets in zones that the service lacks, and security groups.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use common::{builder_of, link, network, set_up, take_down};
use privlink::core::side::StepState;
use privlink_sim::World;

#[tokio::test(start_paused = true)]
async fn a_subnet_left_out_is_left_out_again_and_nobody_is_told_to_mend_that() {
    let world = World::new();
    let link = link(&world);
    let applied = set_up(&link).await.unwrap();
    let endpoint = applied.exchange.endpoints.values().next().unwrap();
    assert!(endpoint.addresses.len() < world.aws().subnet_ids().len(), "the service lacks the zone of one subnet");
    let again = link.plan().await.unwrap();
    assert!(again.is_done(), "{again}");
    assert!(!again.findings.iter().any(|finding| finding.code == "AWS-017"), "{again}");
}

#[tokio::test(start_paused = true)]
async fn a_given_security_group_is_used_and_stays() {
    let world = World::new();
    let group = world.aws().client_group();
    let before = world.snapshot();
    let network = network(&world).security_groups([group]);
    let link = builder_of(&world, "orders-prod", 0, network).build().unwrap();
    let plan = link.plan().await.unwrap();
    assert!(
        !plan.steps.iter().any(|step| step.verb.contains("security_group") && step.state == StepState::ToDo),
        "{plan}"
    );
    link.apply(&plan).await.unwrap();
    take_down(&link).await;
    assert_eq!(world.snapshot(), before);
}
