//! The permissions a plan names are enough to carry it out.

mod support;

use std::collections::BTreeSet;

use privlink_aws::{Client, Credentials};
use privlink_core::side::{Side, Step};
use privlink_sim::World;
use support::*;

/// What a plan reads; the reads of EC2 accept no narrower resource than `*`.
const LOOK: [&str; 10] = [
    "ec2:DescribeVpcs",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcEndpointServices",
    "route53:ListHostedZonesByVPC",
    "route53:GetHostedZone",
    "route53:ListResourceRecordSets",
];

fn actions(steps: &[Step]) -> BTreeSet<String> {
    let granted = steps.iter().flat_map(|step| &step.grants);
    granted.map(|grant| grant.action.to_string()).chain(LOOK.map(str::to_owned)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_key_with_just_the_permissions_of_the_plan_carries_it_out() {
    let world = World::new();
    let vendor = vendor(&world);
    let whole = network(&world);
    let (_, survey) = plan(&whole, &vendor).await;
    let allowed = actions(&survey.steps);
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let known = set_up(&restricted(&world, &allowed), &vendor).await;
    let removal = whole.removal(&known, &cx(&world)).await.unwrap();
    let allowed = actions(&removal.steps);
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    take_down(&restricted(&world, &allowed), &world, &known, &removal.steps).await;
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
