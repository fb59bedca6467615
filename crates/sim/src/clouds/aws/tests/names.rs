use privlink_core::{DnsName, VpcEndpointId};

use super::super::{DnsAnswer, RecordSeed, VpcSeed};
use super::support::Lab;

const HOST: &str = "abc.us-east-1.vpce.aws.clickhouse.cloud";

fn ask(lab: &Lab, name: &str) -> DnsAnswer {
    lab.state.resolve(lab.now, &lab.vpc, &name.parse().unwrap())
}

fn addresses(list: &[&str]) -> DnsAnswer {
    DnsAnswer::Addresses(list.iter().map(|text| text.parse().unwrap()).collect())
}

fn values(kind: &str, list: &[&str]) -> RecordSeed {
    RecordSeed::Values { kind: kind.to_owned(), ttl: 60, values: list.iter().map(|v| (*v).to_owned()).collect() }
}

/// A zone in sync, with records.
fn zone(lab: &mut Lab, name: &str, records: &[(&str, RecordSeed)]) {
    let apex: DnsName = name.parse().unwrap();
    let id = lab.state.add_zone(lab.now, &lab.account.clone(), &apex, std::slice::from_ref(&lab.vpc)).unwrap();
    for (name, record) in records {
        lab.state.put_record(lab.now, &id, &name.parse().unwrap(), record.clone()).unwrap();
    }
}

fn available(lab: &mut Lab) -> (VpcEndpointId, String) {
    let id = lab.endpoint();
    lab.later(30);
    let name = lab.ec2("DescribeVpcEndpoints", &[]).text("dnsName");
    (id, name)
}

#[test]
fn endpoint_names_lead_to_the_interfaces_once_it_works() {
    let mut lab = Lab::new();
    lab.endpoint();
    let names = lab.ec2("DescribeVpcEndpoints", &[]).texts("dnsName");
    assert_eq!(ask(&lab, &names[0]), DnsAnswer::NoSuchName);
    lab.later(30);
    assert_eq!(ask(&lab, &names[0]), addresses(&["10.0.0.4", "10.0.1.4"]));
    assert_eq!(ask(&lab, &names[1]), addresses(&["10.0.0.4"]));
    assert_eq!(ask(&lab, &names[2]), addresses(&["10.0.1.4"]));
}

#[test]
fn an_apex_alias_leads_to_the_endpoint_when_the_change_is_in_sync() {
    let mut lab = Lab::new();
    let (_, target) = available(&mut lab);
    let zone = lab.zone(HOST);
    lab.later(20);
    assert_eq!(ask(&lab, HOST), DnsAnswer::NoData, "the zone is there, its record is not");
    let change = format!(
        "<Change><Action>UPSERT</Action><ResourceRecordSet><Name>{HOST}</Name><Type>A</Type><AliasTarget>\
         <HostedZoneId>Z7HUB22UULQXV</HostedZoneId><DNSName>{target}</DNSName>\
         <EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet></Change>"
    );
    lab.change(&zone, &change).fine();
    assert_eq!(ask(&lab, HOST), DnsAnswer::NoData, "the change is still pending");
    lab.later(20);
    assert_eq!(ask(&lab, HOST), addresses(&["10.0.0.4", "10.0.1.4"]));
}

#[test]
fn without_a_private_zone_public_dns_is_asked() {
    let lab = Lab::new();
    assert_eq!(ask(&lab, HOST), DnsAnswer::Public);
}

#[test]
fn a_private_zone_hides_every_public_name_in_it() {
    let mut lab = Lab::new();
    zone(&mut lab, "clickhouse.cloud", &[("x.clickhouse.cloud", values("A", &["10.0.0.9"]))]);
    assert_eq!(ask(&lab, "x.clickhouse.cloud"), addresses(&["10.0.0.9"]));
    assert_eq!(ask(&lab, "public.clickhouse.cloud"), DnsAnswer::NoSuchName);
    assert_eq!(ask(&lab, "clickhouse.cloud"), DnsAnswer::NoData);
    assert_eq!(ask(&lab, "clickhouse.com"), DnsAnswer::Public);
}

#[test]
fn the_narrowest_zone_answers_alone() {
    let mut lab = Lab::new();
    zone(&mut lab, "example.com", &[("a.b.example.com", values("A", &["10.0.0.1"]))]);
    zone(&mut lab, "b.example.com", &[]);
    assert_eq!(ask(&lab, "a.b.example.com"), DnsAnswer::NoSuchName);
}

#[test]
fn a_zone_of_another_vpc_is_not_seen() {
    let mut lab = Lab::new();
    zone(&mut lab, "example.com", &[("a.example.com", values("A", &["10.0.0.1"]))]);
    let other = lab.state.add_vpc(VpcSeed {
        id: None,
        account: lab.account.clone(),
        region: "us-east-1".parse().unwrap(),
        cidr: "10.9.0.0/16".parse().unwrap(),
        dns_support: true,
        dns_hostnames: true,
    });
    assert_eq!(lab.state.resolve(lab.now, &other, &"a.example.com".parse().unwrap()), DnsAnswer::Public);
}

#[test]
fn the_two_attributes_of_the_vpc_switch_resolution() {
    let mut lab = Lab::new();
    zone(&mut lab, "example.com", &[("a.example.com", values("A", &["10.0.0.1"]))]);
    lab.state.set_dns_attributes(&lab.vpc.clone(), true, false).unwrap();
    assert_eq!(ask(&lab, "a.example.com"), DnsAnswer::Public, "private zones are not consulted");
    lab.state.set_dns_attributes(&lab.vpc.clone(), false, false).unwrap();
    assert_eq!(ask(&lab, "a.example.com"), DnsAnswer::Failed);
}

#[test]
fn a_wildcard_answers_below_the_closest_name_that_exists() {
    let mut lab = Lab::new();
    zone(
        &mut lab,
        "example.com",
        &[
            ("*.example.com", values("A", &["10.0.0.1"])),
            ("deep.sub.example.com", values("A", &["10.0.0.2"])),
            ("mail.example.com", values("TXT", &["\"x\""])),
        ],
    );
    assert_eq!(ask(&lab, "any.example.com"), addresses(&["10.0.0.1"]));
    assert_eq!(ask(&lab, "any.thing.example.com"), addresses(&["10.0.0.1"]));
    assert_eq!(ask(&lab, "mail.example.com"), DnsAnswer::NoData, "the name exists, without an address");
    assert_eq!(ask(&lab, "sub.example.com"), DnsAnswer::NoData, "a name with something below it exists");
    assert_eq!(ask(&lab, "other.sub.example.com"), DnsAnswer::NoSuchName, "the wildcard stops at sub");
}

#[test]
fn cnames_are_followed_inside_and_handed_out_at_the_edge() {
    let mut lab = Lab::new();
    let (_, target) = available(&mut lab);
    zone(
        &mut lab,
        "example.com",
        &[
            ("in.example.com", values("CNAME", &[&target])),
            ("out.example.com", values("CNAME", &["db.example.org"])),
            ("loop.example.com", values("CNAME", &["loop.example.com"])),
        ],
    );
    assert_eq!(ask(&lab, "in.example.com"), addresses(&["10.0.0.4", "10.0.1.4"]));
    assert_eq!(ask(&lab, "out.example.com"), DnsAnswer::PublicAlias("db.example.org".parse().unwrap()));
    assert_eq!(ask(&lab, "loop.example.com"), DnsAnswer::Failed);
}

#[test]
fn aliases_are_followed_through_their_own_zone() {
    let mut lab = Lab::new();
    let (_, target) = available(&mut lab);
    let alias = |zone: &str, name: &str| RecordSeed::Alias {
        kind: "A".to_owned(),
        zone: zone.parse().unwrap(),
        name: name.parse().unwrap(),
    };
    zone(
        &mut lab,
        "example.com",
        &[
            ("a.example.com", alias("ZOWN", "b.example.com")),
            ("b.example.com", alias("Z7HUB22UULQXV", &target)),
            ("ring.example.com", alias("ZOWN", "ring.example.com")),
        ],
    );
    assert_eq!(ask(&lab, "a.example.com"), addresses(&["10.0.0.4", "10.0.1.4"]));
    assert_eq!(ask(&lab, "ring.example.com"), DnsAnswer::NoData);
}

#[test]
fn endpoint_private_dns_answers_for_the_whole_wildcard_after_the_change() {
    let mut lab = Lab::new();
    let (id, _) = available(&mut lab);
    lab.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", id.as_str()), ("PrivateDnsEnabled", "true")]).fine();
    assert_eq!(ask(&lab, HOST), DnsAnswer::Public);
    lab.later(20);
    assert_eq!(ask(&lab, HOST), addresses(&["10.0.0.4", "10.0.1.4"]));
    // An own, narrower zone wins.
    zone(&mut lab, HOST, &[(HOST, values("A", &["10.0.0.99"]))]);
    assert_eq!(ask(&lab, HOST), addresses(&["10.0.0.99"]));
    assert_eq!(ask(&lab, "other.us-east-1.vpce.aws.clickhouse.cloud"), addresses(&["10.0.0.4", "10.0.1.4"]));
    // Another change of the endpoint does not interrupt its names.
    lab.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", id.as_str()), ("PrivateDnsEnabled", "true")]).fine();
    assert_eq!(ask(&lab, "other.us-east-1.vpce.aws.clickhouse.cloud"), addresses(&["10.0.0.4", "10.0.1.4"]));
    lab.later(20);
    lab.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", id.as_str()), ("PrivateDnsEnabled", "false")]).fine();
    assert_eq!(ask(&lab, "other.us-east-1.vpce.aws.clickhouse.cloud"), DnsAnswer::Public);
}

#[test]
fn an_alias_to_a_deleted_endpoint_leads_nowhere() {
    let mut lab = Lab::new();
    let (id, target) = available(&mut lab);
    let record = RecordSeed::Alias {
        kind: "A".to_owned(),
        zone: "Z7HUB22UULQXV".parse().unwrap(),
        name: target.parse().unwrap(),
    };
    zone(&mut lab, HOST, &[(HOST, record)]);
    assert_eq!(ask(&lab, HOST), addresses(&["10.0.0.4", "10.0.1.4"]));
    lab.state.delete_endpoint(lab.now, &id).unwrap();
    lab.later(20);
    assert_eq!(ask(&lab, HOST), DnsAnswer::NoData);
}
