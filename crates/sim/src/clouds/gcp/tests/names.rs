//! What a network's resolver answers.

use std::net::IpAddr;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::super::DnsAnswer;
use super::support::{LONG, Lab, attachment};

const SUBNET: &str = "projects/example-project/regions/us-central1/subnetworks/a";
const APEX: &str = "us-central1.p.gcp.clickhouse.cloud.";

fn ask(lab: &Lab, name: &str) -> DnsAnswer {
    lab.state.resolve(lab.now, SUBNET, &name.parse().unwrap())
}

fn addresses(last: u8) -> DnsAnswer {
    DnsAnswer::Addresses(vec![IpAddr::from([10, 0, 0, last])])
}

#[test]
fn the_narrowest_zone_answers_with_authority() {
    let mut lab = Lab::new();
    assert_eq!(ask(&lab, "orders.us-central1.p.gcp.clickhouse.cloud"), DnsAnswer::Public);
    lab.zone("wide", APEX).fine();
    lab.record("wide", &format!("*.{APEX}"), &["10.0.0.2"]).fine();
    assert_eq!(ask(&lab, "orders.us-central1.p.gcp.clickhouse.cloud"), addresses(2));
    // The apex has other records, so that the wildcard does not answer for it.
    assert_eq!(ask(&lab, "us-central1.p.gcp.clickhouse.cloud"), DnsAnswer::NoData);
    // A zone named like the host takes it over, records or not.
    lab.zone("narrow", &format!("orders.{APEX}")).fine();
    assert_eq!(ask(&lab, "orders.us-central1.p.gcp.clickhouse.cloud"), DnsAnswer::NoData);
    lab.record("narrow", &format!("orders.{APEX}"), &["10.0.0.3"]).fine();
    assert_eq!(ask(&lab, "orders.us-central1.p.gcp.clickhouse.cloud"), addresses(3));
    assert_eq!(ask(&lab, "x.orders.us-central1.p.gcp.clickhouse.cloud"), DnsAnswer::NoSuchName);
    assert_eq!(ask(&lab, "billing.us-central1.p.gcp.clickhouse.cloud"), addresses(2));
    // An exact record beside the wildcard.
    lab.record("wide", &format!("billing.{APEX}"), &["10.0.0.4"]).fine();
    assert_eq!(ask(&lab, "billing.us-central1.p.gcp.clickhouse.cloud"), addresses(4));
}

#[test]
fn a_zone_without_the_name_hides_public_dns() {
    let mut lab = Lab::new();
    lab.zone("empty", APEX).fine();
    assert_eq!(ask(&lab, "orders.us-central1.p.gcp.clickhouse.cloud"), DnsAnswer::NoSuchName);
    assert_eq!(ask(&lab, "example.com"), DnsAnswer::Public);
}

#[test]
fn only_networks_of_the_zone_see_it() {
    let mut lab = Lab::new();
    lab.zone("z", APEX).fine();
    lab.record("z", APEX, &["10.0.0.2"]).fine();
    assert_eq!(ask(&lab, "us-central1.p.gcp.clickhouse.cloud"), addresses(2));
    // Networks span regions, and so do their zones.
    let east = "projects/example-project/regions/us-east1/subnetworks/b";
    let name = "us-central1.p.gcp.clickhouse.cloud".parse().unwrap();
    assert_eq!(lab.state.resolve(lab.now, east, &name), addresses(2));
    let none = json!({ "privateVisibilityConfig": { "networks": [] } });
    lab.dns(Method::PATCH, "managedZones/z", none).fine();
    assert_eq!(ask(&lab, "us-central1.p.gcp.clickhouse.cloud"), DnsAnswer::Public);
    assert_eq!(lab.state.resolve(lab.now, "nowhere", &name), DnsAnswer::Failed);
}

#[test]
fn name_servers_follow_when_the_change_is_done() {
    let mut lab = Lab::new();
    lab.zone("z", APEX).fine();
    lab.state.behaviour.dns_pending = Duration::from_secs(30);
    lab.record("z", APEX, &["10.0.0.2"]).fine();
    assert_eq!(ask(&lab, "us-central1.p.gcp.clickhouse.cloud"), DnsAnswer::NoData);
    lab.later(30);
    assert_eq!(ask(&lab, "us-central1.p.gcp.clickhouse.cloud"), addresses(2));
}

#[test]
fn another_name_is_followed() {
    let mut lab = Lab::new();
    lab.zone("z", APEX).fine();
    let cname = |from: &str, to: &str| json!({ "name": from, "type": "CNAME", "ttl": 60, "rrdatas": [to] });
    for (from, to) in
        [("a", format!("b.{APEX}")), ("out", "public.example.com.".to_owned()), ("loop", format!("loop.{APEX}"))]
    {
        lab.dns(Method::POST, "managedZones/z/rrsets", cname(&format!("{from}.{APEX}"), &to)).fine();
    }
    lab.record("z", &format!("b.{APEX}"), &["10.0.0.2"]).fine();
    assert_eq!(ask(&lab, "a.us-central1.p.gcp.clickhouse.cloud"), addresses(2));
    let out = DnsAnswer::PublicAlias("public.example.com".parse().unwrap());
    assert_eq!(ask(&lab, "out.us-central1.p.gcp.clickhouse.cloud"), out);
    assert_eq!(ask(&lab, "loop.us-central1.p.gcp.clickhouse.cloud"), DnsAnswer::Failed);
}

#[test]
fn service_directory_names_endpoints_where_the_producer_has_a_domain() {
    let mut lab = Lab::new();
    let domain = "p.example.com".parse().ok();
    lab.state.change_attachment(&attachment(), |known| known.domain = domain).unwrap();
    lab.standing("quiet", json!({ "noAutomateDnsZone": true }));
    let zones = |lab: &mut Lab| lab.dns(Method::GET, "managedZones", Value::Null).fine().body["managedZones"].clone();
    assert_eq!(zones(&mut lab), json!([]));
    lab.standing("orders", json!({}));
    let zone = zones(&mut lab)[0].clone();
    assert_eq!((&zone["name"], &zone["dnsName"]), (&json!("goog-psc-default--us-central1"), &json!("p.example.com.")));
    assert!(zone["serviceDirectoryConfig"]["namespace"]["namespaceUrl"].is_string());
    let ip = lab.shown("orders")["IPAddress"].as_str().unwrap().parse().unwrap();
    assert_eq!(ask(&lab, "orders.p.example.com"), DnsAnswer::Addresses(vec![ip]));
    // Its records are nobody else's to write, and its name is taken in the network.
    let path = "goog-psc-default--us-central1";
    lab.record(path, "x.p.example.com.", &["10.0.0.2"]).refused(400, "invalid");
    lab.zone("mine", "p.example.com.").refused(400, "invalid");
    // The zone is left behind.
    lab.compute(Method::DELETE, "regions/us-central1/forwardingRules/orders", Value::Null).fine();
    lab.later(LONG);
    assert_eq!(ask(&lab, "orders.p.example.com"), DnsAnswer::NoSuchName);
    assert_eq!(zones(&mut lab)[0]["name"], path);
}
