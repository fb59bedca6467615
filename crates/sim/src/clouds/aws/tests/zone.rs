use http::Method;

use super::super::VpcSeed;
use super::support::{Lab, key, zone_request};

const NS: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

fn vpc_request(root: &str, vpc: &str) -> String {
    format!("<{root} xmlns=\"{NS}\"><VPC><VPCRegion>us-east-1</VPCRegion><VPCId>{vpc}</VPCId></VPC></{root}>")
}

fn second_vpc(lab: &mut Lab) -> String {
    let seed = VpcSeed {
        id: None,
        account: lab.account.clone(),
        region: "us-east-1".parse().unwrap(),
        cidr: "10.9.0.0/16".parse().unwrap(),
        dns_support: true,
        dns_hostnames: true,
    };
    lab.state.add_vpc(seed).to_string()
}

#[test]
fn a_zone_is_created_pending_and_gets_in_sync() {
    let mut lab = Lab::new();
    let back = lab.create_zone("abc.example.com", "one");
    assert_eq!(back.status, 201);
    let id = back.texts("Id")[0].clone();
    let change = back.texts("Id")[1].clone();
    assert!(id.starts_with("/hostedzone/Z") && change.starts_with("/change/C"), "{}", back.body);
    assert!(back.headers["location"].to_str().unwrap().ends_with(id.trim_start_matches('/')));
    assert_eq!(back.text("Name"), "abc.example.com.");
    assert_eq!(back.text("Comment"), "for orders");
    assert_eq!(back.text("PrivateZone"), "true");
    assert_eq!(back.text("ResourceRecordSetCount"), "2");
    assert_eq!(back.text("Status"), "PENDING");
    let path = change.trim_start_matches('/').to_owned();
    assert_eq!(lab.route53(Method::GET, &path, "").fine().text("Status"), "PENDING");
    lab.later(20);
    assert_eq!(lab.route53(Method::GET, &path, "").fine().text("Status"), "INSYNC");
    lab.route53(Method::GET, "change/C0000000000000000000", "").refused(404, "NoSuchChange");

    let zone = lab.route53(Method::GET, id.trim_start_matches('/'), "").fine();
    assert_eq!(zone.text("VPCId"), lab.vpc.as_str());
    assert!(zone.texts("DelegationSet").is_empty());
}

#[test]
fn zones_that_cannot_be_are_refused() {
    let mut lab = Lab::new();
    let vpc = lab.vpc.to_string();
    lab.zone("taken.example.com");
    for (body, status, code) in [
        (zone_request("bad..name", "r1", &vpc), 400, "InvalidDomainName"),
        (zone_request("com", "r1", &vpc), 400, "InvalidDomainName"),
        (zone_request("*.example.com", "r1", &vpc), 400, "InvalidDomainName"),
        (zone_request("a.example.com", "", &vpc), 400, "InvalidInput"),
        (zone_request("a.example.com", "r1", "vpc-0123456789abcdef0"), 400, "InvalidVPCId"),
        (zone_request("a.example.com", "reference-of-taken.example.com", &vpc), 409, "HostedZoneAlreadyExists"),
        (zone_request("Taken.Example.com.", "r1", &vpc), 400, "ConflictingDomainExists"),
        (zone_request("a.example.com", "r1", &vpc).replace("us-east-1", "eu-west-1"), 400, "InvalidVPCId"),
        (zone_request("a.example.com", "r1", &vpc).replace("Comment", "Remark"), 400, "InvalidInput"),
        (zone_request("a.example.com", "r1", &vpc).replace(NS, "urn:other"), 400, "InvalidInput"),
        (
            format!(
                "<CreateHostedZoneRequest xmlns=\"{NS}\"><Name>a.example.com</Name><CallerReference>r</CallerReference>\
                 <HostedZoneConfig><PrivateZone>true</PrivateZone></HostedZoneConfig></CreateHostedZoneRequest>"
            ),
            400,
            "InvalidInput",
        ),
        ("<CreateHostedZoneRequest".to_owned(), 400, "InvalidInput"),
        ("<a></b>".to_owned(), 400, "InvalidInput"),
        (String::new(), 400, "InvalidInput"),
    ] {
        lab.route53(Method::POST, "hostedzone", &body).refused(status, code);
    }
}

#[test]
fn a_zone_without_a_vpc_is_public() {
    let mut lab = Lab::new();
    let body = format!(
        "<CreateHostedZoneRequest xmlns=\"{NS}\"><Name>example.com</Name><CallerReference>r</CallerReference>\
         </CreateHostedZoneRequest>"
    );
    let back = lab.route53(Method::POST, "hostedzone", &body).fine();
    assert_eq!(back.text("PrivateZone"), "false");
    assert_eq!(back.texts("NameServer").len(), 4);
    let id = back.text("Id").trim_start_matches("/hostedzone/").to_owned();
    let second = second_vpc(&mut lab);
    let body = vpc_request("AssociateVPCWithHostedZoneRequest", &second);
    lab.route53(Method::POST, &format!("hostedzone/{id}/associatevpc"), &body).refused(400, "PublicZoneVPCAssociation");
}

#[test]
fn whether_a_reference_outlives_its_zone_is_a_switch() {
    for outlives in [false, true] {
        let mut lab = Lab::new();
        lab.state.behaviour.token_replay_after_delete = outlives;
        let id = lab.create_zone("abc.example.com", "one").fine().text("Id");
        lab.route53(Method::DELETE, id.trim_start_matches('/'), "").fine();
        assert_eq!(lab.create_zone("abc.example.com", "one").status, if outlives { 409 } else { 201 });
    }
}

#[test]
fn a_zone_conflicts_with_an_endpoints_private_name() {
    let mut lab = Lab::new();
    lab.create(&[("PrivateDnsEnabled", "true")]).fine();
    lab.create_zone("us-east-1.vpce.aws.clickhouse.cloud", "one").refused(400, "ConflictingDomainExists");
    // A narrower one does not.
    lab.zone("abc.us-east-1.vpce.aws.clickhouse.cloud");

    let path = format!("hostedzonesbyvpc?vpcid={}&vpcregion=us-east-1", lab.vpc);
    let back = lab.route53(Method::GET, &path, "").fine();
    let mut names = back.texts("Name");
    names.sort();
    assert_eq!(names, ["abc.us-east-1.vpce.aws.clickhouse.cloud.", "us-east-1.vpce.aws.clickhouse.cloud."]);
    assert_eq!(back.texts("OwningService"), ["vpce.amazonaws.com"]);
    assert_eq!(back.texts("OwningAccount"), [lab.account.as_str()]);
    let all = lab.route53(Method::GET, "hostedzone", "").fine();
    assert_eq!(all.texts("Name").len(), 1, "the hidden zone is not the customer's: {}", all.body);
}

#[test]
fn zones_by_vpc_need_a_vpc_of_the_caller() {
    let mut lab = Lab::new();
    lab.route53(Method::GET, "hostedzonesbyvpc?vpcid=vpc-0123456789abcdef0&vpcregion=us-east-1", "")
        .refused(400, "InvalidInput");
    lab.route53(Method::GET, &format!("hostedzonesbyvpc?vpcid={}", lab.vpc), "").refused(400, "InvalidInput");
}

#[test]
fn vpcs_come_and_go_but_never_the_last() {
    let mut lab = Lab::new();
    let zone = lab.zone("abc.example.com");
    let second = second_vpc(&mut lab);
    let associate = vpc_request("AssociateVPCWithHostedZoneRequest", &second);
    let disassociate = vpc_request("DisassociateVPCFromHostedZoneRequest", &second);
    let (path_in, path_out) = (format!("hostedzone/{zone}/associatevpc"), format!("hostedzone/{zone}/disassociatevpc"));
    lab.route53(Method::POST, &path_out, &disassociate).refused(404, "VPCAssociationNotFound");
    assert_eq!(lab.route53(Method::POST, &path_in, &associate).fine().text("Status"), "PENDING");
    lab.route53(Method::POST, &path_in, &associate).refused(400, "ConflictingDomainExists");
    assert_eq!(lab.route53(Method::GET, &format!("hostedzone/{zone}"), "").texts("VPCId").len(), 2);
    lab.route53(Method::POST, &path_out, &disassociate).fine();
    let last = vpc_request("DisassociateVPCFromHostedZoneRequest", lab.vpc.as_str());
    lab.route53(Method::POST, &path_out, &last).refused(400, "LastVPCAssociation");
    let nobodys = vpc_request("AssociateVPCWithHostedZoneRequest", "vpc-0123456789abcdef0");
    lab.route53(Method::POST, &path_in, &nobodys).refused(400, "InvalidVPCId");
}

#[test]
fn only_an_empty_zone_is_deleted() {
    let mut lab = Lab::new();
    let zone = lab.zone("abc.example.com");
    let record = "<Change><Action>CREATE</Action><ResourceRecordSet><Name>a.abc.example.com</Name><Type>A</Type>\
                  <TTL>60</TTL><ResourceRecords><ResourceRecord><Value>10.0.0.4</Value></ResourceRecord>\
                  </ResourceRecords></ResourceRecordSet></Change>";
    lab.change(&zone, record).fine();
    let path = format!("hostedzone/{zone}");
    lab.route53(Method::DELETE, &path, "").refused(400, "HostedZoneNotEmpty");
    lab.change(&zone, &record.replace("CREATE", "DELETE")).fine();
    assert_eq!(lab.route53(Method::DELETE, &path, "").fine().text("Status"), "PENDING");
    lab.route53(Method::GET, &path, "").refused(404, "NoSuchHostedZone");
    lab.route53(Method::DELETE, &path, "").refused(404, "NoSuchHostedZone");
}

#[test]
fn zones_are_listed_in_pages_by_id_and_by_name() {
    let mut lab = Lab::new();
    let mut ids: Vec<String> = ["b.example.com", "example.org", "a.example.com"].map(|n| lab.zone(n)).into();
    ids.sort();
    let first = lab.route53(Method::GET, "hostedzone?maxitems=2", "").fine();
    assert_eq!(first.text("IsTruncated"), "true");
    let rest = lab.route53(Method::GET, &format!("hostedzone?marker={}", first.text("NextMarker")), "").fine();
    assert_eq!(rest.text("IsTruncated"), "false");
    let found: Vec<String> = [first.texts("Id"), rest.texts("Id")]
        .concat()
        .iter()
        .map(|id| id.trim_start_matches("/hostedzone/").to_owned())
        .collect();
    assert_eq!(found, ids);

    let back = lab.route53(Method::GET, "hostedzonesbyname?dnsname=b.example.com&maxitems=1", "").fine();
    assert_eq!(back.text("Name"), "b.example.com.");
    assert_eq!(back.text("NextDNSName"), "example.org.");
    let next = format!(
        "hostedzonesbyname?dnsname={}&hostedzoneid={}",
        back.text("NextDNSName"),
        back.text("NextHostedZoneId")
    );
    assert_eq!(lab.route53(Method::GET, &next, "").fine().texts("Name"), ["example.org."]);
    let all = lab.route53(Method::GET, "hostedzonesbyname", "").fine();
    assert_eq!(all.texts("Name"), ["a.example.com.", "b.example.com.", "example.org."]);
    lab.route53(Method::GET, "hostedzone?maxitems=none", "").refused(400, "InvalidInput");
}

#[test]
fn a_zone_of_another_account_does_not_exist() {
    let mut lab = Lab::new();
    let zone = lab.zone("abc.example.com");
    let other = key("AKIAOTHER", &"999999999999".parse().unwrap(), None);
    lab.state.add_key(other);
    lab.route53_as("AKIAOTHER", Method::GET, &format!("hostedzone/{zone}"), "").refused(404, "NoSuchHostedZone");
    assert!(lab.route53_as("AKIAOTHER", Method::GET, "hostedzone", "").fine().texts("Name").is_empty());
}

#[test]
fn tags_of_zones_have_operations_of_their_own() {
    let mut lab = Lab::new();
    let zone = lab.zone("abc.example.com");
    let path = format!("tags/hostedzone/{zone}");
    let body =
        |inner: &str| format!("<ChangeTagsForResourceRequest xmlns=\"{NS}\">{inner}</ChangeTagsForResourceRequest>");
    let add = body("<AddTags><Tag><Key>managed-by</Key><Value>a &amp; b</Value></Tag></AddTags>");
    lab.route53(Method::POST, &path, &add).fine();
    let back = lab.route53(Method::GET, &path, "").fine();
    assert_eq!((back.text("Key"), back.text("Value")), ("managed-by".to_owned(), "a &amp; b".to_owned()));
    let many = format!(
        "<ListTagsForResourcesRequest xmlns=\"{NS}\"><ResourceIds><ResourceId>{zone}</ResourceId></ResourceIds>\
         </ListTagsForResourcesRequest>"
    );
    assert_eq!(lab.route53(Method::POST, "tags/hostedzone", &many).fine().text("ResourceId"), zone);
    lab.route53(Method::POST, &path, &body("<RemoveTagKeys><Key>managed-by</Key></RemoveTagKeys>")).fine();
    assert!(lab.route53(Method::GET, &path, "").fine().texts("Key").is_empty());
    lab.route53(Method::POST, &path, &body("")).refused(400, "InvalidInput");
    lab.route53(Method::GET, "tags/hostedzone/ZUNKNOWN", "").refused(404, "NoSuchHostedZone");
}

#[test]
fn calls_about_a_vpc_need_the_permission_to_look_it_up() {
    let mut lab = Lab::new();
    let limited = key("AKIALIMITED", &lab.account, Some(&["route53:*"]));
    lab.state.add_key(limited);
    let body = zone_request("a.example.com", "r", lab.vpc.as_str());
    let back = lab.route53_as("AKIALIMITED", Method::POST, "hostedzone", &body);
    back.refused(403, "AccessDenied");
    assert!(back.body.contains("ec2:DescribeVpcs"), "{}", back.body);
    let public = body.replace(&format!("<VPC><VPCRegion>us-east-1</VPCRegion><VPCId>{}</VPCId></VPC>", lab.vpc), "");
    let public = public.replace("<PrivateZone>true", "<PrivateZone>false");
    lab.route53_as("AKIALIMITED", Method::POST, "hostedzone", &public).fine();
}

#[test]
fn a_body_that_nests_without_end_is_refused() {
    let mut lab = Lab::new();
    let deep = "<a>".repeat(100_000);
    lab.route53(Method::POST, "hostedzone", &deep).refused(400, "InvalidInput");
}
