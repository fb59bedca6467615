use super::super::{NameState, SubnetSeed, VpcSeed};
use super::support::{Lab, PRIVATE_NAME, SERVICE, key};

#[test]
fn an_endpoint_gets_an_interface_in_each_subnet_and_names() {
    let mut lab = Lab::new();
    let back = lab
        .create(&[
            ("TagSpecification.1.ResourceType", "vpc-endpoint"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
            ("TagSpecification.1.Tag.1.Value", "orders"),
        ])
        .fine();
    let id = back.text("vpcEndpointId");
    assert_eq!(back.text("state"), "pending");
    assert_eq!(back.text("privateDnsEnabled"), "false");
    assert_eq!(back.text("groupId"), lab.group.as_str());
    let names = back.texts("dnsName");
    assert!(names[0].starts_with(&format!("{id}-")) && !names[0].contains("us-east-1a"), "{names:?}");
    assert!(names[0].ends_with(".vpce-svc-0a1b2c3d4e5f67890.us-east-1.vpce.amazonaws.com"));
    let first = |name: &str| name.split('.').next().unwrap().to_owned();
    assert_eq!(first(&names[1]), format!("{}-us-east-1a", first(&names[0])));
    assert_eq!(first(&names[2]), format!("{}-us-east-1b", first(&names[0])));
    assert_eq!(back.texts("hostedZoneId"), ["Z7HUB22UULQXV"; 3]);
    assert!(back.body.contains("<key>Name</key><value>orders</value>"));

    let params = [("Filter.1.Name", "description"), ("Filter.1.Value.1", &*format!("*{id}"))];
    let interfaces = lab.ec2("DescribeNetworkInterfaces", &params).fine();
    let mut addresses = interfaces.texts("privateIpAddress");
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses, ["10.0.0.4", "10.0.1.4"]);
    assert_eq!(interfaces.text("requesterManaged"), "true");
    assert_eq!(interfaces.text("interfaceType"), "vpc_endpoint");
    assert_eq!(interfaces.text("groupId"), lab.group.as_str());
}

#[test]
fn what_is_not_said_has_awss_defaults() {
    let mut lab = Lab::new();
    lab.create(&[("VpcEndpointType", "")]).refused(400, "InvalidParameter");
    let back = lab.create(&[("SecurityGroupId.1", "")]).fine();
    assert_eq!(back.text("groupName"), "default");
    assert_eq!(back.text("ipAddressType"), "ipv4");
    let vpc = lab.vpc.to_string();
    let back =
        lab.ec2("CreateVpcEndpoint", &[("VpcEndpointType", "Interface"), ("VpcId", &vpc), ("ServiceName", SERVICE)]);
    assert_eq!(back.fine().texts("networkInterfaceIdSet"), [""]);
}

#[test]
fn each_wrong_parameter_has_its_own_refusal() {
    let unknown_vpc = "vpc-0123456789abcdef0";
    for (name, value, code) in [
        ("VpcId", unknown_vpc, "InvalidVpcID.NotFound"),
        ("VpcId", "vpc-", "InvalidVpcID.Malformed"),
        ("VpcId", "", "MissingParameter"),
        ("ServiceName", "", "MissingParameter"),
        ("VpcEndpointType", "interface", "InvalidVpcEndpointType"),
        ("SubnetId.1", "subnet-0123456789abcdef0", "InvalidSubnetID.NotFound"),
        ("SubnetId.1", "subnet-x", "InvalidSubnetID.Malformed"),
        ("SecurityGroupId.1", "sg-0123456789abcdef0", "InvalidGroup.NotFound"),
        ("SecurityGroupId.1", "sg-x", "InvalidSecurityGroupID.Malformed"),
        ("RouteTableId.1", "rtb-0123456789abcdef0", "InvalidParameter"),
        ("PrivateDnsEnabled", "maybe", "InvalidParameterValue"),
        ("IpAddressType", "ipv5", "InvalidParameterValue"),
        ("IpAddressType", "dualstack", "InvalidParameter"),
        ("DnsOptions.DnsRecordIpType", "ipv6", "InvalidParameter"),
        ("PolicyDocument", "allow all", "InvalidPolicyDocument"),
        ("TagSpecification.1.ResourceType", "vpc", "InvalidParameterValue"),
        ("ClientToken", &"x".repeat(65), "InvalidParameterValue"),
        ("SubnetIds.1", "subnet-1", "UnknownParameter"),
    ] {
        let mut lab = Lab::new();
        let before = lab.state.snapshot(lab.now);
        lab.create(&[(name, value)]).refused(400, code);
        assert_eq!(lab.state.snapshot(lab.now), before, "{name}={value} left something behind");
    }
}

#[test]
fn subnets_must_be_of_the_vpc_one_for_each_zone_and_in_offered_zones() {
    let mut lab = Lab::new();
    let third = lab.subnets[2].to_string();
    let back = lab.create(&[("SubnetId.2", &third)]);
    back.refused(400, "InvalidParameter");
    assert!(back.text("Message").contains(&format!("does not support the availability zone of the subnet: {third}")));

    let twin = lab.state.add_subnet(subnet(&lab, "10.0.9.0/24", "us-east-1a", "use1-az6")).unwrap();
    lab.create(&[("SubnetId.2", twin.as_str())]).refused(400, "DuplicateSubnetsInSameZone");

    let other = lab.state.add_vpc(VpcSeed {
        id: None,
        account: lab.account.clone(),
        region: "us-east-1".parse().unwrap(),
        cidr: "10.9.0.0/16".parse().unwrap(),
        dns_support: true,
        dns_hostnames: true,
    });
    let mut seed = subnet(&lab, "10.9.0.0/24", "us-east-1b", "use1-az1");
    seed.vpc = other.clone();
    let far = lab.state.add_subnet(seed).unwrap();
    lab.create(&[("SubnetId.2", far.as_str())]).refused(400, "InvalidParameter");
    let group = lab.state.add_group(&other, "far").unwrap();
    lab.create(&[("SecurityGroupId.1", group.as_str())]).refused(400, "InvalidParameter");
}

#[test]
fn more_groups_than_five_are_too_many() {
    let mut lab = Lab::new();
    let ids: Vec<String> =
        (0..6).map(|n| lab.state.add_group(&lab.vpc, &format!("g{n}")).unwrap().to_string()).collect();
    let names: Vec<String> = (1..=6).map(|n| format!("SecurityGroupId.{n}")).collect();
    let params: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(ids.iter().map(String::as_str)).collect();
    lab.create(&params).refused(400, "SecurityGroupsPerInterfaceLimitExceeded");
}

#[test]
fn a_full_subnet_and_a_full_vpc_say_so() {
    let mut lab = Lab::new();
    // A /28 has eleven addresses to give.
    let small = lab.state.add_subnet(subnet(&lab, "10.0.100.0/28", "us-east-1a", "use1-az6")).unwrap();
    for _ in 0..11 {
        lab.create(&[("SubnetId.1", small.as_str()), ("SubnetId.2", "")]).fine();
    }
    lab.create(&[("SubnetId.1", small.as_str())]).refused(400, "InsufficientFreeAddressesInSubnet");
    for _ in 11..50 {
        lab.endpoint();
    }
    lab.create(&[]).refused(400, "VpcEndpointLimitExceeded");
}

#[test]
fn fixed_addresses_are_honoured() {
    let mut lab = Lab::new();
    let a = lab.subnets[0].to_string();
    let wish = |address| [("SubnetConfiguration.1.SubnetId", a.as_str()), ("SubnetConfiguration.1.Ipv4", address)];
    lab.create(&wish("10.0.7.7")).refused(400, "InvalidParameter");
    lab.create(&wish("10.0.0.77")).fine();
    lab.create(&wish("10.0.0.77")).refused(400, "InvalidIPAddress.InUse");
    let found = lab.ec2(
        "DescribeNetworkInterfaces",
        &[("Filter.1.Name", "private-ip-address"), ("Filter.1.Value.1", "10.0.0.77")],
    );
    assert_eq!(found.text("subnetId"), a);
}

#[test]
fn dual_stack_needs_service_and_subnets() {
    let mut lab = Lab::new();
    lab.service(|service| service.dual_stack = true);
    let back = lab.create(&[("IpAddressType", "dualstack")]);
    back.refused(400, "InvalidParameter");
    let mut seed = subnet(&lab, "10.0.50.0/24", "us-east-1a", "use1-az6");
    seed.cidr6 = Some("2600:1f18:1234::/64".parse().unwrap());
    let both = lab.state.add_subnet(seed).unwrap();
    let params = [("IpAddressType", "dualstack"), ("SubnetId.1", both.as_str()), ("SubnetId.2", "")];
    let back = lab.create(&params).fine();
    assert_eq!(back.text("dnsRecordIpType"), "dualstack");
    let id = back.text("networkInterfaceIdSet");
    let id = id.trim_start_matches("<item>").split('<').next().unwrap().to_owned();
    let interface = lab.ec2("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &id)]).fine();
    assert_eq!(interface.text("ipv6Address"), "2600:1f18:1234::4");
}

#[test]
fn private_dns_at_birth_has_the_four_refusals() {
    let on = [("PrivateDnsEnabled", "true")];
    let mut lab = Lab::new();
    lab.state.set_dns_attributes(&lab.vpc.clone(), true, false).unwrap();
    refused_with(&mut lab, "requires both enableDnsSupport and enableDnsHostnames");

    let mut lab = Lab::new();
    lab.service(|service| service.private_dns_name = None);
    refused_with(&mut lab, "does not provide a private DNS name");

    let mut lab = Lab::new();
    lab.service(|service| service.private_dns_state = NameState::Failed);
    refused_with(&mut lab, "has not verified the private DNS name");

    let mut lab = Lab::new();
    lab.create(&on).fine();
    refused_with(&mut lab, "conflicting DNS domain");

    let mut lab = Lab::new();
    lab.zone("us-east-1.vpce.aws.clickhouse.cloud");
    refused_with(&mut lab, "conflicting DNS domain");

    let mut lab = Lab::new();
    lab.service(|service| service.acceptance_required = true);
    refused_with(&mut lab, "has not been accepted");

    fn refused_with(lab: &mut Lab, fragment: &str) {
        let back = lab.create(&[("PrivateDnsEnabled", "true")]);
        back.refused(400, "InvalidParameter");
        assert!(back.text("Message").contains(fragment), "{}", back.body);
    }
}

#[test]
fn private_dns_adds_the_vendors_name_in_a_zone_of_its_own() {
    let mut lab = Lab::new();
    let back = lab.create(&[("PrivateDnsEnabled", "true")]).fine();
    assert_eq!(back.texts("dnsName")[3], PRIVATE_NAME);
    assert_ne!(back.texts("hostedZoneId")[3], "Z7HUB22UULQXV");
    lab.state.behaviour.dns_entries_reversed = true;
    assert_eq!(lab.ec2("DescribeVpcEndpoints", &[]).texts("dnsName")[0], PRIVATE_NAME);
}

#[test]
fn the_default_of_private_dns_is_a_switch() {
    let mut lab = Lab::new();
    assert_eq!(lab.create(&[("PrivateDnsEnabled", "")]).fine().text("privateDnsEnabled"), "false");
    lab.state.behaviour.private_dns_by_default = true;
    assert_eq!(lab.create(&[("PrivateDnsEnabled", "")]).fine().text("privateDnsEnabled"), "true");
}

#[test]
fn a_client_token_repeats_the_answer() {
    let mut lab = Lab::new();
    let token = [("ClientToken", "plan-1")];
    let first = lab.create(&token).fine();
    assert_eq!(first.text("clientToken"), "plan-1");
    lab.later(60);
    let again = lab.create(&token).fine();
    assert_eq!(again.text("vpcEndpointId"), first.text("vpcEndpointId"));
    lab.create(&[("ClientToken", "plan-1"), ("SubnetId.2", "")]).refused(400, "IdempotentParameterMismatch");
    let other = lab.create(&[("ClientToken", "plan-2")]).fine();
    assert_ne!(other.text("vpcEndpointId"), first.text("vpcEndpointId"));
}

#[test]
fn whether_a_token_outlives_its_endpoint_is_a_switch() {
    for outlives in [false, true] {
        let mut lab = Lab::new();
        lab.state.behaviour.token_replay_after_delete = outlives;
        let token = [("ClientToken", "plan-1")];
        let id = lab.create(&token).fine().text("vpcEndpointId");
        lab.ec2("DeleteVpcEndpoints", &[("VpcEndpointId.1", &id)]).fine();
        lab.later(3600);
        let back = lab.create(&token).fine();
        assert_eq!(back.text("vpcEndpointId") == id, outlives);
        assert_eq!(back.text("state"), if outlives { "deleted" } else { "pending" });
    }
}

#[test]
fn side_effects_need_their_own_permissions() {
    let mut lab = Lab::new();
    for (id, allowed, more, missing) in [
        (
            "AKIANOTAGS",
            &["ec2:CreateVpcEndpoint"][..],
            &[("TagSpecification.1.ResourceType", "vpc-endpoint"), ("TagSpecification.1.Tag.1.Key", "a")][..],
            "ec2:CreateTags",
        ),
        (
            "AKIANOZONES",
            &["ec2:CreateVpcEndpoint"][..],
            &[("PrivateDnsEnabled", "true")][..],
            "route53:AssociateVPCWithHostedZone",
        ),
    ] {
        let limited = key(id, &lab.account, Some(allowed));
        lab.state.add_key(limited);
        let (vpc, subnet) = (lab.vpc.to_string(), lab.subnets[0].to_string());
        let mut params = vec![
            ("VpcEndpointType", "Interface"),
            ("VpcId", vpc.as_str()),
            ("ServiceName", SERVICE),
            ("SubnetId.1", subnet.as_str()),
        ];
        params.extend(more);
        let back = lab.ec2_as(id, "us-east-1", "CreateVpcEndpoint", &params);
        back.refused(403, "UnauthorizedOperation");
        assert!(back.body.contains(missing), "{}", back.body);
    }
    assert!(lab.state.endpoints_at(lab.now).is_empty());
}

fn subnet(lab: &Lab, cidr: &str, zone_name: &str, zone: &str) -> SubnetSeed {
    SubnetSeed {
        id: None,
        vpc: lab.vpc.clone(),
        cidr: cidr.parse().unwrap(),
        cidr6: None,
        zone_name: zone_name.to_owned(),
        zone: zone.parse().unwrap(),
    }
}
