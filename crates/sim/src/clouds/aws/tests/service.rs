use super::super::NameState;
use super::support::{KEY, Lab, SERVICE, key, service};

const FAR: &str = "com.amazonaws.vpce.eu-west-1.vpce-svc-0f9e8d7c6b5a43210";

#[test]
fn a_service_is_described_with_the_zones_both_sides_have() {
    let mut lab = Lab::new();
    let back = lab.ec2("DescribeVpcEndpointServices", &[("ServiceName.1", SERVICE)]).fine();
    // The vendor has `use1-az4` too, which this account has no name for.
    assert!(back.body.contains("<availabilityZoneSet><item>us-east-1a</item><item>us-east-1b</item>"));
    assert!(back.body.contains("<availabilityZoneIdSet><item>use1-az6</item><item>use1-az1</item>"));
    assert_eq!(back.text("privateDnsNameVerificationState"), "verified");
    assert_eq!(back.text("acceptanceRequired"), "false");
    assert_eq!(back.text("serviceRegion"), "us-east-1");
}

#[test]
fn a_name_that_is_unknown_hidden_or_elsewhere_is_the_same_refusal() {
    let mut lab = Lab::new();
    lab.state.offer_service(service(FAR));
    let hidden = "com.amazonaws.vpce.us-east-1.vpce-svc-0aaaaaaaaaaaaaaaa";
    let mut for_others = service(hidden);
    for_others.principals = Some(vec!["arn:aws:iam::999999999999:root".to_owned()]);
    lab.state.offer_service(for_others);
    for name in ["com.amazonaws.vpce.us-east-1.vpce-svc-0bbbbbbbbbbbbbbbb", "not a name", FAR, hidden] {
        let back = lab.ec2("DescribeVpcEndpointServices", &[("ServiceName.1", name)]);
        back.refused(400, "InvalidServiceName");
        assert!(back.body.contains("does not exist"), "{}", back.body);
        lab.create(&[("ServiceName", name)]).refused(400, "InvalidServiceName");
    }
    let all = lab.ec2("DescribeVpcEndpointServices", &[]).fine();
    assert_eq!(all.texts("serviceName"), [SERVICE]);
}

#[test]
fn principals_let_an_account_a_user_or_a_role_in() {
    for (principal, sees) in [
        ("*", true),
        ("123456789012", true),
        ("arn:aws:iam::123456789012:root", true),
        ("arn:aws:iam::123456789012:user/operator", true),
        ("arn:aws:iam::123456789012:user/somebody", false),
        ("arn:aws:iam::123456789012:role/deploy", false),
    ] {
        let mut lab = Lab::new();
        lab.service(|service| service.principals = Some(vec![principal.to_owned()]));
        let back = lab.ec2("DescribeVpcEndpointServices", &[("ServiceName.1", SERVICE)]);
        assert_eq!(back.status == 200, sees, "{principal}");
    }
    let mut lab = Lab::new();
    let mut session = key("AKIASESSION", &lab.account, None);
    session.principal = "arn:aws:sts::123456789012:assumed-role/deploy/run-7".to_owned();
    lab.state.add_key(session);
    lab.service(|service| service.principals = Some(vec!["arn:aws:iam::123456789012:role/deploy".to_owned()]));
    let params = [("ServiceName.1", SERVICE)];
    lab.ec2_as("AKIASESSION", "us-east-1", "DescribeVpcEndpointServices", &params).fine();
    lab.ec2_as(KEY, "us-east-1", "DescribeVpcEndpointServices", &params).refused(400, "InvalidServiceName");
}

#[test]
fn across_regions_a_service_is_seen_only_when_asked_for_and_without_zones() {
    let mut lab = Lab::new();
    let mut far = service(FAR);
    far.cross_region = true;
    far.remote_regions = Some(vec!["us-east-1".parse().unwrap()]);
    lab.state.offer_service(far);
    lab.ec2("DescribeVpcEndpointServices", &[("ServiceName.1", FAR)]).refused(400, "InvalidServiceName");
    let asked = [("ServiceName.1", FAR), ("ServiceRegion.1", "eu-west-1")];
    let back = lab.ec2("DescribeVpcEndpointServices", &asked).fine();
    assert_eq!(back.text("serviceRegion"), "eu-west-1");
    assert!(!back.body.contains("availabilityZone"), "{}", back.body);
    lab.ec2_as(KEY, "us-west-2", "DescribeVpcEndpointServices", &asked).refused(400, "InvalidServiceName");

    // Any zone of the consumer will do, and the names carry the service's region.
    let third = lab.subnets[2].to_string();
    let params = [("ServiceName", FAR), ("ServiceRegion", "eu-west-1"), ("SubnetId.2", third.as_str())];
    let back = lab.create(&params).fine();
    assert!(back.text("dnsName").ends_with(".eu-west-1.vpce.amazonaws.com"), "{}", back.body);
    assert_eq!(back.text("hostedZoneId"), "Z38GZ743OKFT7T");
    assert_eq!(back.text("serviceRegion"), "eu-west-1");

    let limited = key("AKIALIMITED", &lab.account, Some(&["ec2:*"]));
    lab.state.add_key(limited);
    let (vpc, subnet) = (lab.vpc.to_string(), lab.subnets[0].to_string());
    let params = [
        ("VpcEndpointType", "Interface"),
        ("VpcId", vpc.as_str()),
        ("ServiceName", FAR),
        ("ServiceRegion", "eu-west-1"),
        ("SubnetId.1", subnet.as_str()),
    ];
    let back = lab.ec2_as("AKIALIMITED", "us-east-1", "CreateVpcEndpoint", &params);
    back.refused(403, "UnauthorizedOperation");
    assert!(back.body.contains("vpce:AllowMultiRegion"), "{}", back.body);
}

#[test]
fn across_regions_the_refusal_of_a_zone_lists_the_usable_ones() {
    let mut lab = Lab::new();
    let mut far = service(FAR);
    far.cross_region = true;
    far.remote_zones = Some(vec!["use1-az1".parse().unwrap()]);
    lab.state.offer_service(far);
    let back = lab.create(&[("ServiceName", FAR), ("ServiceRegion", "eu-west-1")]);
    back.refused(400, "InvalidParameter");
    assert!(back.text("Message").contains("availability zones are supported for remote access: use1-az1"));
}

#[test]
fn services_are_filtered_and_paged() {
    let mut lab = Lab::new();
    let second = "com.amazonaws.vpce.us-east-1.vpce-svc-0ccccccccccccccc0";
    let mut other = service(second);
    other.owner = "888888888888".parse().unwrap();
    other.private_dns_name = Some("db.example.com".parse().unwrap());
    other.private_dns_state = NameState::PendingVerification;
    lab.state.offer_service(other);
    let owner = [("Filter.1.Name", "owner"), ("Filter.1.Value.1", "888888888888")];
    let back = lab.ec2("DescribeVpcEndpointServices", &owner).fine();
    assert_eq!(back.texts("serviceName"), [second]);
    assert_eq!(back.text("privateDnsNameVerificationState"), "pendingVerification");
    let first = lab.ec2("DescribeVpcEndpointServices", &[("MaxResults", "1")]).fine();
    let token = first.text("nextToken");
    let rest = lab.ec2("DescribeVpcEndpointServices", &[("MaxResults", "1"), ("NextToken", &token)]).fine();
    assert_eq!([first.texts("serviceName"), rest.texts("serviceName")].concat(), [SERVICE, second]);
    assert!(rest.texts("nextToken").is_empty());
    lab.ec2("DescribeVpcEndpointServices", &[("NextToken", "nonsense")]).refused(400, "InvalidNextToken");
}
