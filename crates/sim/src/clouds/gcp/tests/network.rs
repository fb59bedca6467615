use serde_json::{Value, json};

use super::super::FirewallSeed;
use super::support::Lab;

#[test]
fn networks_and_subnets_can_be_read() {
    let mut lab = Lab::new();
    let network = lab.get("global/networks/main").fine().body;
    assert_eq!((&network["kind"], &network["name"]), (&json!("compute#network"), &json!("main")));
    assert_eq!(network["subnetworks"].as_array().unwrap().len(), 2);
    assert_eq!(lab.get("global/networks").fine().body["items"], json!([network]));
    lab.get("global/networks/other").refused(404, "notFound");
    let subnet = lab.get("regions/us-central1/subnetworks/a").fine().body;
    assert_eq!(subnet["network"], network["selfLink"]);
    assert_eq!((&subnet["ipCidrRange"], &subnet["gatewayAddress"]), (&json!("10.0.0.0/24"), &json!("10.0.0.1")));
    assert!(subnet["region"].as_str().unwrap().ends_with("/projects/example-project/regions/us-central1"));
    assert_eq!(lab.get("regions/us-central1/subnetworks").fine().body["items"], json!([subnet]));
    lab.get("regions/us-central1/subnetworks/b").refused(404, "notFound");
    lab.get("regions/Nowhere/subnetworks/b").refused(400, "invalid");
    // By number.
    let by_number = format!("global/networks/{}", network["id"].as_str().unwrap());
    assert_eq!(lab.get(&by_number).fine().body, network);
}

#[test]
fn firewall_rules_can_be_read() {
    let mut lab = Lab::new();
    assert_eq!(lab.get("global/firewalls").fine().body["items"], Value::Null);
    let seed = FirewallSeed {
        name: "deny-out".to_owned(),
        allow: false,
        priority: 900,
        ranges: vec!["10.0.0.0/8".parse().unwrap()],
        ports: vec![(443, 443), (8000, 9000)],
        target_tags: ["client".to_owned()].into(),
    };
    let network = lab.network.clone();
    lab.state.add_firewall(lab.now, &network, seed).unwrap();
    let rule = lab.get("global/firewalls/deny-out").fine().body;
    assert_eq!((&rule["direction"], &rule["priority"]), (&json!("EGRESS"), &json!(900)));
    assert_eq!(rule["denied"], json!([{ "IPProtocol": "tcp", "ports": ["443", "8000-9000"] }]));
    assert_eq!(rule["destinationRanges"], json!(["10.0.0.0/8"]));
    assert_eq!(rule["targetTags"], json!(["client"]));
    assert_eq!(rule["allowed"], Value::Null);
    lab.state.remove_firewall(&network, "deny-out").unwrap();
    lab.get("global/firewalls/deny-out").refused(404, "notFound");
}
