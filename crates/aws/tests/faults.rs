//! Every fault at every call: the link comes up, or says why, and nothing is made twice.

mod support;

use std::time::Duration;

use privlink_core::side::Fact;
use privlink_sim::World;
use support::*;

const OPERATIONS: [&str; 14] = [
    "DescribeVpcs",
    "DescribeSubnets",
    "DescribeVpcAttribute",
    "DescribeSecurityGroups",
    "DescribeVpcEndpoints",
    "DescribeVpcEndpointServices",
    "DescribeNetworkInterfaces",
    "ListHostedZonesByVPC",
    "GetCallerIdentity",
    "CreateSecurityGroup",
    "AuthorizeSecurityGroupIngress",
    "CreateVpcEndpoint",
    "CreateHostedZone",
    "ChangeResourceRecordSets",
];

async fn comes_up(world: &World, what: &str) {
    let network = network(world);
    let known = set_up(&network, &vendor(world)).await;
    assert!(holds(&known, Fact::Resolving), "{what}");
    assert_eq!(world.aws().endpoints().len(), 1, "{what}: {:?}", writes(world));
    let (_, survey) = plan(&network, &vendor(world)).await;
    assert_eq!(todo(&survey), [""; 0], "{what}");
}

#[tokio::test(start_paused = true)]
async fn throttling_at_any_call_is_waited_out() {
    for operation in OPERATIONS {
        let world = World::new();
        let fault = world.faults().on(operation).times(2).throttle(Duration::from_secs(3));
        comes_up(&world, operation).await;
        assert_eq!(fault.hits(), 2, "{operation} is called");
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateways_page_at_any_call_is_tried_again() {
    for operation in OPERATIONS {
        // A create without a token is never repeated blindly: it ends as unknown, and is looked at.
        let world = World::new();
        world.faults().on(operation).times(1).bad_gateway();
        comes_up(&world, operation).await;
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
async fn a_server_that_hangs_is_given_up_in_time() {
    for operation in ["DescribeVpcEndpoints", "CreateVpcEndpoint", "ChangeResourceRecordSets"] {
        let world = World::new();
        world.faults().on(operation).times(1).hang_after_commit();
        comes_up(&world, operation).await;
    }
}
