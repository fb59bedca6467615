use super::support::Lab;

#[test]
fn a_group_is_made_found_by_its_tag_and_deleted() {
    let mut lab = Lab::new();
    let vpc = lab.vpc.to_string();
    let params = [
        ("GroupName", "orders"),
        ("GroupDescription", "private endpoint of orders"),
        ("VpcId", &vpc),
        ("TagSpecification.1.ResourceType", "security-group"),
        ("TagSpecification.1.Tag.1.Key", "managed-by"),
        ("TagSpecification.1.Tag.1.Value", "privlink"),
    ];
    let id = lab.ec2("CreateSecurityGroup", &params).fine().text("groupId");
    let found = lab
        .ec2("DescribeSecurityGroups", &[("Filter.1.Name", "tag:managed-by"), ("Filter.1.Value.1", "privlink")])
        .fine();
    assert_eq!(found.texts("groupName"), ["orders"]);
    assert!(found.body.contains("<ipPermissions></ipPermissions>"), "{}", found.body);
    assert!(found.body.contains("<cidrIp>0.0.0.0/0</cidrIp>"), "everything may go out: {}", found.body);
    lab.ec2("DeleteSecurityGroup", &[("GroupId", &id)]).fine();
    lab.ec2("DescribeSecurityGroups", &[("GroupId.1", &id)]).refused(400, "InvalidGroup.NotFound");
    assert!(lab.ec2("DescribeTags", &[]).fine().texts("key").is_empty());
}

#[test]
fn names_of_groups_have_rules() {
    let mut lab = Lab::new();
    let vpc = lab.vpc.to_string();
    let long = "x".repeat(256);
    for (name, description, vpc, code) in [
        ("Endpoints", "twin but for case", vpc.as_str(), "InvalidGroup.Duplicate"),
        ("sg-mine", "d", &vpc, "InvalidParameterValue"),
        ("SG-mine", "d", &vpc, "InvalidParameterValue"),
        ("default", "d", &vpc, "InvalidGroup.Reserved"),
        (&long, "d", &vpc, "InvalidParameterValue"),
        ("a<b", "d", &vpc, "InvalidParameterValue"),
        ("a", "what?", &vpc, "InvalidParameterValue"),
        ("a", "", &vpc, "MissingParameter"),
        ("", "d", &vpc, "MissingParameter"),
        ("a", "d", "", "VPCIdNotSpecified"),
        ("a", "d", "vpc-0123456789abcdef0", "InvalidVpcID.NotFound"),
    ] {
        let params = [("GroupName", name), ("GroupDescription", description), ("VpcId", vpc)];
        lab.ec2("CreateSecurityGroup", &params).refused(400, code);
    }
}

fn rule<'a>(group: &'a str, port: &'a str, cidr: &'a str) -> [(&'static str, &'a str); 5] {
    [
        ("GroupId", group),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", port),
        ("IpPermissions.1.ToPort", port),
        ("IpPermissions.1.IpRanges.1.CidrIp", cidr),
    ]
}

#[test]
fn ranges_are_kept_in_canonical_form_and_compared_in_it() {
    let mut lab = Lab::new();
    let group = lab.group.to_string();
    let back = lab.ec2("AuthorizeSecurityGroupIngress", &rule(&group, "8443", "10.20.3.4/16")).fine();
    assert_eq!(back.text("cidrIpv4"), "10.20.0.0/16");
    let back = lab.ec2("AuthorizeSecurityGroupIngress", &rule(&group, "8443", "10.20.0.0/16"));
    back.refused(400, "InvalidPermission.Duplicate");
    assert!(back.text("Message").contains("peer: 10.20.0.0/16, TCP, from port: 8443, to port: 8443, ALLOW"));
}

#[test]
fn several_rules_are_all_answered_and_one_duplicate_refuses_them_all() {
    let mut lab = Lab::new();
    let group = lab.group.to_string();
    let mut params = rule(&group, "8443", "10.0.0.0/16").to_vec();
    params.extend([
        ("IpPermissions.2.IpProtocol", "tcp"),
        ("IpPermissions.2.FromPort", "9440"),
        ("IpPermissions.2.ToPort", "9440"),
        ("IpPermissions.2.Groups.1.GroupId", &group),
    ]);
    let back = lab.ec2("AuthorizeSecurityGroupIngress", &params).fine();
    assert_eq!(back.texts("fromPort"), ["8443", "9440"]);
    params[2].1 = "443";
    params[3].1 = "443";
    lab.ec2("AuthorizeSecurityGroupIngress", &params).refused(400, "InvalidPermission.Duplicate");
    let found =
        lab.ec2("DescribeSecurityGroupRules", &[("Filter.1.Name", "group-id"), ("Filter.1.Value.1", &group)]).fine();
    let mut ports = found.texts("fromPort");
    ports.sort();
    // The one with -1 is the outbound rule.
    assert_eq!(ports, ["-1", "8443", "9440"]);
}

#[test]
fn rules_that_cannot_be_are_refused() {
    let mut lab = Lab::new();
    let group = lab.group.to_string();
    lab.ec2("AuthorizeSecurityGroupIngress", &rule(&group, "70000", "10.0.0.0/8"))
        .refused(400, "InvalidParameterValue");
    lab.ec2("AuthorizeSecurityGroupIngress", &rule(&group, "443", "10.0.0.0/33")).refused(400, "InvalidParameterValue");
    lab.ec2("AuthorizeSecurityGroupIngress", &[("GroupId", &group)]).refused(400, "MissingParameter");
    // The name in the SDKs is not the one on the wire.
    let mut pairs = rule(&group, "443", "10.0.0.0/8").to_vec();
    pairs.push(("IpPermissions.1.UserIdGroupPairs.1.GroupId", &group));
    lab.ec2("AuthorizeSecurityGroupIngress", &pairs).refused(400, "UnknownParameter");
    let unknown = [
        ("GroupId", group.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.Groups.1.GroupId", "sg-0123456789abcdef0"),
    ];
    lab.ec2("AuthorizeSecurityGroupIngress", &unknown).refused(400, "InvalidGroup.NotFound");
    lab.ec2("AuthorizeSecurityGroupIngress", &rule("sg-0123456789abcdef0", "443", "10.0.0.0/8"))
        .refused(400, "InvalidGroup.NotFound");
}

#[test]
fn a_group_holds_sixty_inbound_rules() {
    let mut lab = Lab::new();
    let group = lab.group.to_string();
    for port in 1000..1060 {
        lab.ec2("AuthorizeSecurityGroupIngress", &rule(&group, &port.to_string(), "10.0.0.0/16")).fine();
    }
    lab.ec2("AuthorizeSecurityGroupIngress", &rule(&group, "2000", "10.0.0.0/16"))
        .refused(400, "RulesPerSecurityGroupLimitExceeded");
}

#[test]
fn rules_are_revoked_by_content_or_id() {
    let mut lab = Lab::new();
    let group = lab.group.to_string();
    lab.ec2("AuthorizeSecurityGroupIngress", &rule(&group, "443", "10.0.0.0/16")).fine();
    lab.ec2("RevokeSecurityGroupIngress", &rule(&group, "443", "10.0.0.9/16")).fine();
    lab.ec2("RevokeSecurityGroupIngress", &rule(&group, "443", "10.0.0.0/16"))
        .refused(400, "InvalidPermission.NotFound");
    let id = lab
        .ec2("AuthorizeSecurityGroupIngress", &rule(&group, "443", "10.0.0.0/16"))
        .fine()
        .text("securityGroupRuleId");
    let by_id = [("GroupId", group.as_str()), ("SecurityGroupRuleId.1", id.as_str())];
    lab.ec2("RevokeSecurityGroupIngress", &by_id).fine();
    lab.ec2("RevokeSecurityGroupIngress", &by_id).refused(400, "InvalidSecurityGroupRuleId.NotFound");
}

#[test]
fn the_default_group_and_a_group_that_others_name_stay() {
    let mut lab = Lab::new();
    let default = lab
        .ec2("DescribeSecurityGroups", &[("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "default")])
        .text("groupId");
    lab.ec2("DeleteSecurityGroup", &[("GroupId", &default)]).refused(400, "CannotDelete");
    let client = lab.state.add_group(&lab.vpc.clone(), "clients").unwrap().to_string();
    let group = lab.group.to_string();
    let params = [
        ("GroupId", group.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        ("IpPermissions.1.Groups.1.GroupId", client.as_str()),
    ];
    lab.ec2("AuthorizeSecurityGroupIngress", &params).fine();
    lab.ec2("DeleteSecurityGroup", &[("GroupId", &client)]).refused(400, "DependencyViolation");
    lab.ec2("DeleteSecurityGroup", &[("GroupId", &group)]).fine();
    lab.ec2("DeleteSecurityGroup", &[("GroupId", &client)]).fine();
}
