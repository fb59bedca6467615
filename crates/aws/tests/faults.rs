//! Every fault at every call: the link comes up, or says why, and nothing is made twice.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use privlink_core::ErrorKind;
use privlink_core::side::{Fact, Outcome, Side};
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

/// An answer of EC2 that says `said`, without doing anything.
fn authorized(said: bool) -> http::Response<bytes::Bytes> {
    let body = format!(
        "<AuthorizeSecurityGroupIngressResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>00000000-0000-0000-0000-000000000000</requestId><return>{said}</return>\
         <securityGroupRuleSet/></AuthorizeSecurityGroupIngressResponse>"
    );
    http::Response::builder().status(200).header("content-type", "text/xml").body(body.into()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_rule_counts_only_once_it_is_seen() {
    let world = World::new();
    let fault = world.faults().on("AuthorizeSecurityGroupIngress").times(2).answer(authorized(true));
    comes_up(&world, "acknowledged, and not done").await;
    assert_eq!(fault.hits(), 2);
    let (network, vendor) = (network(&world), vendor(&world));
    let (known, survey) = plan(&network, &vendor).await;
    assert!(holds(&known, Fact::Opened), "{:?}", survey.steps);

    // Acknowledged again and again, it is waited for, and never called done.
    let world = World::new();
    let (network, vendor) = (support::network(&world), support::vendor(&world));
    let (known, survey) = plan(&network, &vendor).await;
    let step = |verb: &str| survey.steps.iter().find(|step| step.verb == verb).unwrap();
    finish(&network, &cx(&world), &known, step("aws.security_group")).await.unwrap();
    world.faults().on("AuthorizeSecurityGroupIngress").always().answer(authorized(true));
    for _ in 0..3 {
        let outcome = network.perform(step("aws.open_ports"), &known, &cx(&world)).await.unwrap();
        assert!(matches!(&outcome, Outcome::Waiting { stage, .. } if stage.contains("8443")), "{outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_is_refused_inside_a_good_answer_is_an_error() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let (known, survey) = plan(&network, &vendor).await;
    let step = |verb: &str| survey.steps.iter().find(|step| step.verb == verb).unwrap();
    finish(&network, &cx(&world), &known, step("aws.security_group")).await.unwrap();
    world.faults().on("AuthorizeSecurityGroupIngress").always().answer(authorized(false));
    let error = network.perform(step("aws.open_ports"), &known, &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_is_given_up_in_time() {
    for operation in ["DescribeVpcEndpoints", "CreateVpcEndpoint", "ChangeResourceRecordSets"] {
        let world = World::new();
        world.faults().on(operation).times(1).hang_after_commit();
        comes_up(&world, operation).await;
    }
}
