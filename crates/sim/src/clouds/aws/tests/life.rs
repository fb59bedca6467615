use std::time::Duration;

use privlink_core::VpcEndpointId;

use super::support::{Lab, SERVICE};

#[test]
fn an_accepted_endpoint_is_pending_and_then_available() {
    let mut lab = Lab::new();
    let id = lab.endpoint();
    assert_eq!(lab.state_of(&id), "pending");
    lab.later(29);
    assert_eq!(lab.state_of(&id), "pending");
    lab.later(1);
    assert_eq!(lab.state_of(&id), "available");
}

#[test]
fn with_acceptance_nothing_moves_until_the_vendor_does() {
    let mut lab = Lab::new();
    lab.service(|service| service.acceptance_required = true);
    let id = lab.endpoint();
    lab.later(100_000);
    assert_eq!(lab.state_of(&id), "pendingAcceptance");
    let modify = [("VpcEndpointId", id.as_str()), ("PrivateDnsEnabled", "true")];
    lab.ec2("ModifyVpcEndpoint", &modify).refused(400, "InvalidParameter");
    lab.state.accept_endpoint(lab.now, &id).unwrap();
    assert_eq!(lab.state_of(&id), "pending");
    lab.later(30);
    assert_eq!(lab.state_of(&id), "available");
    lab.state.reject_endpoint(lab.now, &id).unwrap();
    assert_eq!(lab.state_of(&id), "rejected");
    lab.ec2("ModifyVpcEndpoint", &modify).refused(400, "IncorrectState");
}

#[test]
fn a_request_nobody_accepts_can_expire() {
    let mut lab = Lab::new();
    lab.service(|service| service.acceptance_required = true);
    lab.state.behaviour.endpoint_expires = Some(Duration::from_secs(600));
    let id = lab.endpoint();
    lab.later(600);
    assert_eq!(lab.state_of(&id), "expired");
}

#[test]
fn a_failed_endpoint_says_why() {
    let mut lab = Lab::new();
    let id = lab.endpoint();
    lab.state.fail_endpoint(lab.now, &id, "InternalError", "no capacity").unwrap();
    let back = lab.ec2("DescribeVpcEndpoints", &[("VpcEndpointId.1", id.as_str())]);
    assert_eq!(back.text("state"), "failed");
    assert_eq!((back.text("code"), back.text("message")), ("InternalError".to_owned(), "no capacity".to_owned()));
    assert_eq!(back.text("failureReason"), "no capacity");
}

#[test]
fn a_withdrawn_service_refuses_its_endpoints_and_is_not_seen() {
    let mut lab = Lab::new();
    let id = lab.endpoint();
    lab.state.withdraw_service(lab.now, &SERVICE.parse().unwrap());
    assert_eq!(lab.state_of(&id), "rejected");
    lab.ec2("DescribeVpcEndpointServices", &[("ServiceName.1", SERVICE)]).refused(400, "InvalidServiceName");
}

#[test]
fn deletion_takes_time_and_leaves_the_interfaces_until_its_end() {
    let mut lab = Lab::new();
    let id = lab.endpoint();
    let group = lab.group.to_string();
    let delete = [("VpcEndpointId.1", id.as_str())];
    assert!(lab.ec2("DeleteVpcEndpoints", &delete).fine().texts("item").is_empty());
    assert_eq!(lab.state_of(&id), "deleting");
    lab.ec2("DeleteSecurityGroup", &[("GroupId", &group)]).refused(400, "DependencyViolation");
    // Asking again while it goes is no problem.
    assert!(lab.ec2("DeleteVpcEndpoints", &delete).fine().texts("item").is_empty());
    lab.later(20);
    assert_eq!(lab.state_of(&id), "deleted");
    lab.ec2("DeleteSecurityGroup", &[("GroupId", &group)]).fine();
    let back = lab.ec2("DeleteVpcEndpoints", &delete).fine();
    assert_eq!(back.text("code"), "InvalidVpcEndpoint.NotFound");
    assert_eq!(back.text("resourceId"), id.as_str());
    lab.later(60);
    lab.ec2("DescribeVpcEndpoints", &delete).refused(400, "InvalidVpcEndpointId.NotFound");
    assert!(lab.ec2("DescribeVpcEndpoints", &[]).fine().texts("vpcEndpointId").is_empty());
}

#[test]
fn deleting_some_that_are_unknown_deletes_the_others() {
    let mut lab = Lab::new();
    let id = lab.endpoint();
    let params = [("VpcEndpointId.1", "vpce-0123456789abcdef0"), ("VpcEndpointId.2", id.as_str())];
    let back = lab.ec2("DeleteVpcEndpoints", &params);
    assert_eq!(back.status, 200);
    assert_eq!(back.texts("resourceId"), ["vpce-0123456789abcdef0"]);
    assert_eq!(lab.state_of(&id), "deleting");
}

#[test]
fn a_change_sends_an_available_endpoint_through_pending() {
    let mut lab = Lab::new();
    let id = lab.endpoint();
    let on = [("VpcEndpointId", id.as_str()), ("PrivateDnsEnabled", "true")];
    lab.ec2("ModifyVpcEndpoint", &on).refused(400, "IncorrectState");
    lab.later(30);
    lab.ec2("ModifyVpcEndpoint", &on).fine();
    assert_eq!(lab.state_of(&id), "pending");
    lab.later(20);
    assert_eq!(lab.state_of(&id), "available");
    let back = lab.ec2("DescribeVpcEndpoints", &[]);
    assert_eq!(back.text("privateDnsEnabled"), "true");
    // Once more is harmless, and goes through pending again.
    lab.ec2("ModifyVpcEndpoint", &on).fine();
    assert_eq!(lab.state_of(&id), "pending");
}

#[test]
fn subnets_and_groups_follow_a_change() {
    let mut lab = Lab::new();
    let id = lab.endpoint();
    lab.later(30);
    let (a, b, c) = (lab.subnets[0].to_string(), lab.subnets[1].to_string(), lab.subnets[2].to_string());
    let second = lab.state.add_group(&lab.vpc.clone(), "second").unwrap().to_string();
    let first = lab.group.to_string();
    let modify = |lab: &mut Lab, params: &[(&str, &str)]| {
        let mut all = vec![("VpcEndpointId", id.as_str())];
        all.extend(params);
        lab.ec2("ModifyVpcEndpoint", &all)
    };
    modify(&mut lab, &[("AddSubnetId.1", &c)]).refused(400, "InvalidParameter");
    modify(&mut lab, &[("AddSubnetId.1", &a)]).refused(400, "DuplicateSubnetsInSameZone");
    modify(&mut lab, &[("RemoveSubnetId.1", &c)]).refused(400, "InvalidParameter");
    modify(&mut lab, &[("RemoveSecurityGroupId.1", &first)]).refused(400, "InvalidParameter");
    modify(&mut lab, &[("RemoveSecurityGroupId.1", &second)]).refused(400, "InvalidGroup.NotFound");
    assert_eq!(lab.state_of(&id), "available", "a refused change changes nothing");

    let change = [("RemoveSubnetId.1", &*b), ("AddSecurityGroupId.1", &*second), ("RemoveSecurityGroupId.1", &*first)];
    modify(&mut lab, &change).fine();
    lab.later(20);
    let interfaces = lab.ec2("DescribeNetworkInterfaces", &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", "*")]);
    assert_eq!(interfaces.texts("subnetId"), [a.as_str()]);
    assert_eq!(interfaces.texts("groupId"), [second]);
    modify(&mut lab, &[("AddSubnetId.1", &b)]).fine();
    let endpoint = lab.ec2("DescribeVpcEndpoints", &[]);
    assert_eq!(endpoint.text("subnetIdSet"), format!("<item>{a}</item><item>{b}</item>"));
    assert_eq!(endpoint.text("networkInterfaceIdSet").matches("<item>").count(), 2);
}

#[test]
fn endpoints_are_filtered_by_everything_the_api_offers() {
    let mut lab = Lab::new();
    let id = lab.endpoint();
    let vpc = lab.vpc.to_string();
    for (name, value) in [
        ("vpc-id", vpc.as_str()),
        ("vpc-endpoint-id", id.as_str()),
        ("vpc-endpoint-state", "pending"),
        ("vpc-endpoint-type", "Interface"),
        ("service-name", SERVICE),
        ("service-region", "us-east-1"),
        ("ip-address-type", "ipv4"),
    ] {
        let found = lab.ec2("DescribeVpcEndpoints", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]).fine();
        assert_eq!(found.texts("vpcEndpointId").len(), 1, "{name}");
        let found = lab.ec2("DescribeVpcEndpoints", &[("Filter.1.Name", name), ("Filter.1.Value.1", "other")]).fine();
        assert!(found.texts("vpcEndpointId").is_empty(), "{name}");
    }
    // Upper camel case, as the API's model has it, matches nothing.
    let upper = [("Filter.1.Name", "vpc-endpoint-state"), ("Filter.1.Value.1", "Pending")];
    assert!(lab.ec2("DescribeVpcEndpoints", &upper).fine().texts("vpcEndpointId").is_empty());
}

#[test]
fn endpoints_come_in_pages_that_miss_none() {
    let mut lab = Lab::new();
    let mut made: Vec<String> = (0..5).map(|_| lab.endpoint().to_string()).collect();
    made.sort();
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let mut params = vec![("MaxResults", "2")];
        if !token.is_empty() {
            params.push(("NextToken", &token));
        }
        let page = lab.ec2("DescribeVpcEndpoints", &params).fine();
        found.extend(page.texts("vpcEndpointId"));
        match page.texts("nextToken").pop() {
            Some(next) => token = next,
            None => break,
        }
    }
    assert_eq!(found, made);
}

#[test]
fn a_fresh_id_is_not_found_for_some_reads() {
    let mut lab = Lab::new();
    lab.state.behaviour.unseen_reads = 2;
    let id: VpcEndpointId = lab.create(&[]).fine().text("vpcEndpointId").parse().unwrap();
    let params = [("VpcEndpointId.1", id.as_str())];
    lab.ec2("DescribeVpcEndpoints", &params).refused(400, "InvalidVpcEndpointId.NotFound");
    assert!(lab.ec2("DescribeVpcEndpoints", &[]).fine().texts("vpcEndpointId").is_empty());
    lab.ec2("DescribeVpcEndpoints", &params).fine();
    assert_eq!(lab.ec2("DescribeVpcEndpoints", &[]).fine().texts("vpcEndpointId").len(), 1);
}

#[test]
fn a_snapshot_forgets_what_is_deleted() {
    let mut lab = Lab::new();
    let before = lab.state.snapshot(lab.now);
    let id = lab.endpoint();
    lab.state.set_tag(id.as_str(), "owner", Some("data"));
    assert_ne!(lab.state.snapshot(lab.now), before);
    lab.state.delete_endpoint(lab.now, &id).unwrap();
    lab.later(20);
    assert_eq!(lab.state.snapshot(lab.now), before);
}
