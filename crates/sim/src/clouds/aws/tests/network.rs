use super::super::VpcSeed;
use super::support::{KEY, Lab};

#[test]
fn a_vpc_of_another_account_or_region_does_not_exist() {
    let mut lab = Lab::new();
    let vpc = lab.vpc.to_string();
    lab.ec2("DescribeVpcs", &[("VpcId.1", &vpc)]).fine();
    lab.ec2_as(KEY, "eu-west-1", "DescribeVpcs", &[("VpcId.1", &vpc)]).refused(400, "InvalidVpcID.NotFound");
    let other = lab.state.add_vpc(VpcSeed {
        id: None,
        account: "999999999999".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        cidr: "10.9.0.0/16".parse().unwrap(),
        dns_support: true,
        dns_hostnames: false,
    });
    lab.ec2("DescribeVpcs", &[("VpcId.1", other.as_str())]).refused(400, "InvalidVpcID.NotFound");
    assert_eq!(lab.ec2("DescribeVpcs", &[]).texts("vpcId"), [vpc]);
}

#[test]
fn ids_that_cannot_be_are_malformed_not_missing() {
    let mut lab = Lab::new();
    for (action, parameter, id, code) in [
        ("DescribeVpcs", "VpcId.1", "vpc-XYZ", "InvalidVpcID.Malformed"),
        ("DescribeSubnets", "SubnetId.1", "subnet-1", "InvalidSubnetID.Malformed"),
        ("DescribeSubnets", "SubnetId.1", "subnet-0123456789abcdef0", "InvalidSubnetID.NotFound"),
        ("DescribeSecurityGroups", "GroupId.1", "group", "InvalidGroupId.Malformed"),
        ("DescribeSecurityGroups", "GroupId.1", "sg-0123456789abcdef0", "InvalidGroup.NotFound"),
        ("DescribeVpcEndpoints", "VpcEndpointId.1", "vpce-svc-0123456789abcdef0", "InvalidVpcEndpointId.Malformed"),
        ("DescribeVpcEndpoints", "VpcEndpointId.1", "vpce-0123456789abcdef0", "InvalidVpcEndpointId.NotFound"),
        ("DeleteVpcEndpoints", "VpcEndpointId.1", "vpce-x", "InvalidVpcEndpointId.Malformed"),
        ("DescribeNetworkInterfaces", "NetworkInterfaceId.1", "eni-x", "InvalidNetworkInterfaceId.Malformed"),
        (
            "DescribeNetworkInterfaces",
            "NetworkInterfaceId.1",
            "eni-0123456789abcdef0",
            "InvalidNetworkInterfaceID.NotFound",
        ),
    ] {
        lab.ec2(action, &[(parameter, id)]).refused(400, code);
    }
}

#[test]
fn one_attribute_is_read_or_changed_at_a_time() {
    let mut lab = Lab::new();
    let vpc = lab.vpc.to_string();
    let read = |lab: &mut Lab, attribute: &str| {
        lab.ec2("DescribeVpcAttribute", &[("VpcId", &vpc), ("Attribute", attribute)]).fine().text("value")
    };
    assert_eq!(read(&mut lab, "enableDnsHostnames"), "true");
    let off = [("VpcId", vpc.as_str()), ("EnableDnsHostnames.Value", "false")];
    lab.ec2("ModifyVpcAttribute", &off).fine();
    assert_eq!(read(&mut lab, "enableDnsHostnames"), "false");
    let both = [("VpcId", vpc.as_str()), ("EnableDnsHostnames.Value", "true"), ("EnableDnsSupport.Value", "true")];
    lab.ec2("ModifyVpcAttribute", &both).refused(400, "InvalidParameterCombination");
    lab.ec2("ModifyVpcAttribute", &both[..1]).refused(400, "MissingParameter");
    lab.ec2("ModifyVpcAttribute", &[("VpcId", &vpc), ("EnableDnsSupport.Value", "false")]).fine();
    lab.ec2("ModifyVpcAttribute", &both[..2]).refused(400, "InvalidParameter");
    lab.ec2("DescribeVpcAttribute", &[("VpcId", &vpc), ("Attribute", "dns")]).refused(400, "InvalidParameterValue");
}

#[test]
fn subnets_tell_zone_name_and_zone_id_and_free_addresses() {
    let mut lab = Lab::new();
    let id = lab.subnets[0].to_string();
    let back = lab.ec2("DescribeSubnets", &[("SubnetId.1", &id)]).fine();
    assert_eq!(back.text("availabilityZone"), "us-east-1a");
    assert_eq!(back.text("availabilityZoneId"), "use1-az6");
    assert_eq!(back.text("availableIpAddressCount"), "251");
    lab.endpoint();
    let back = lab.ec2("DescribeSubnets", &[("SubnetId.1", &id)]).fine();
    assert_eq!(back.text("availableIpAddressCount"), "250");
}

#[test]
fn filters_join_by_and_and_their_values_by_or() {
    let mut lab = Lab::new();
    let params = [
        ("Filter.1.Name", "availability-zone-id"),
        ("Filter.1.Value.1", "use1-az6"),
        ("Filter.1.Value.2", "use1-az2"),
        ("Filter.2.Name", "cidr-block"),
        ("Filter.2.Value.1", "10.0.2.*"),
    ];
    assert_eq!(lab.ec2("DescribeSubnets", &params).fine().texts("subnetId"), [lab.subnets[2].to_string()]);
    let upper = [("Filter.1.Name", "availability-zone-id"), ("Filter.1.Value.1", "USE1-AZ6")];
    assert!(lab.ec2("DescribeSubnets", &upper).fine().texts("subnetId").is_empty());
    let unknown = [("Filter.1.Name", "zone"), ("Filter.1.Value.1", "x")];
    lab.ec2("DescribeSubnets", &unknown).refused(400, "InvalidParameterValue");
}

#[test]
fn zones_are_told_by_the_callers_names() {
    let mut lab = Lab::new();
    let back = lab.ec2("DescribeAvailabilityZones", &[]).fine();
    assert_eq!(back.texts("zoneName"), ["us-east-1a", "us-east-1b", "us-east-1c"]);
    assert_eq!(back.texts("zoneId"), ["use1-az6", "use1-az1", "use1-az2"]);
    let back = lab.ec2("DescribeAvailabilityZones", &[("ZoneId.1", "use1-az1")]).fine();
    assert_eq!(back.texts("zoneName"), ["us-east-1b"]);
    lab.ec2("DescribeAvailabilityZones", &[("ZoneName.1", "us-east-1x")]).refused(400, "InvalidParameterValue");
}

#[test]
fn a_dry_run_changes_nothing_and_says_so() {
    let mut lab = Lab::new();
    lab.create(&[("DryRun", "true")]).refused(412, "DryRunOperation");
    assert!(lab.ec2("DescribeVpcEndpoints", &[]).texts("vpcEndpointId").is_empty());
}

#[test]
fn tags_are_written_read_and_taken_away() {
    let mut lab = Lab::new();
    let id = lab.endpoint().to_string();
    let tag = |key, value| [("ResourceId.1", id.as_str()), ("Tag.1.Key", key), ("Tag.1.Value", value)];
    lab.ec2("CreateTags", &tag("owner", "data")).fine();
    lab.ec2("CreateTags", &tag("owner", "platform")).fine();
    let by_tag = [("Filter.1.Name", "tag:owner"), ("Filter.1.Value.1", "platform")];
    assert_eq!(lab.ec2("DescribeVpcEndpoints", &by_tag).fine().texts("vpcEndpointId"), [id.as_str()]);
    let back = lab.ec2("DescribeTags", &[("Filter.1.Name", "resource-id"), ("Filter.1.Value.1", &id)]).fine();
    assert_eq!((back.text("key"), back.text("value")), ("owner".to_owned(), "platform".to_owned()));
    lab.ec2("DeleteTags", &tag("owner", "somebody else")).fine();
    assert_eq!(lab.ec2("DescribeVpcEndpoints", &by_tag).fine().texts("vpcEndpointId").len(), 1);
    lab.ec2("DeleteTags", &[("ResourceId.1", &id), ("Tag.1.Key", "owner")]).fine();
    assert!(lab.ec2("DescribeVpcEndpoints", &by_tag).fine().texts("vpcEndpointId").is_empty());
    lab.ec2("CreateTags", &tag("aws:owner", "x")).refused(400, "InvalidParameterValue");
    lab.ec2("CreateTags", &[("ResourceId.1", "vpce-0123456789abcdef0"), ("Tag.1.Key", "a")])
        .refused(400, "InvalidVpcEndpointId.NotFound");
    lab.ec2("CreateTags", &[("ResourceId.1", "i-0123"), ("Tag.1.Key", "a")]).refused(400, "InvalidID");
    let many: Vec<(String, String)> = (1..=51).map(|n| (format!("Tag.{n}.Key"), format!("k{n}"))).collect();
    let mut params = vec![("ResourceId.1", id.as_str())];
    params.extend(many.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    lab.ec2("CreateTags", &params).refused(400, "TagLimitExceeded");
}

#[test]
fn every_action_of_the_table_is_answered() {
    // An action in the table of names but not in the list of answers would say `InvalidAction`.
    let mut lab = Lab::new();
    for action in super::super::ec2::actions() {
        let back = lab.ec2(action, &[]);
        assert!(!back.body.contains("InvalidAction"), "{action}: {}", back.body);
    }
}
