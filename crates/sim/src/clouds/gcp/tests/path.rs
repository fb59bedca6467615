use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::json;

use super::super::{FirewallSeed, PathResult, PscStatus, Through};
use super::support::{ATTACHMENT, LONG, Lab};

const HERE: &str = "projects/example-project/regions/us-central1/subnetworks/a";
const EAST: &str = "projects/example-project/regions/us-east1/subnetworks/b";

fn dial(lab: &Lab, from: &str, to: &str) -> PathResult {
    lab.state.connect(lab.now, from, to.parse().unwrap(), 8443)
}

#[track_caller]
fn times_out(result: &PathResult, why: &str) {
    assert!(matches!(result, PathResult::TimedOut(text) if text.contains(why)), "{result:?}");
}

fn standing(lab: &mut Lab, more: serde_json::Value) -> (String, String) {
    let shown = lab.standing("orders", more);
    let text = |name: &str| shown[name].as_str().unwrap().to_owned();
    (text("IPAddress"), text("pscConnectionId"))
}

fn egress(lab: &mut Lab, name: &str, allow: bool, priority: u16, range: &str, tags: &[&str]) {
    let seed = FirewallSeed {
        name: name.to_owned(),
        allow,
        priority,
        ranges: vec![range.parse().unwrap()],
        ports: vec![(8000, 9000)],
        target_tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
    };
    let network = lab.network.clone();
    lab.state.add_firewall(lab.now, &network, seed).unwrap();
}

#[test]
fn an_open_path_ends_at_the_attachment() {
    let mut lab = Lab::new();
    let (ip, id) = standing(&mut lab, json!({}));
    let expected = PathResult::Endpoint(Through { ids: vec![id], service: ATTACHMENT.parse().unwrap() });
    assert_eq!(dial(&lab, HERE, &ip), expected);
    let (network, client) = lab.state.locate(HERE).unwrap();
    assert_eq!(network, "projects/example-project/global/networks/main");
    assert_eq!(client, IpAddr::from([10, 0, 0, 253]));
    assert_eq!(lab.state.locate("nowhere"), None);
}

#[test]
fn other_regions_need_global_access() {
    let mut lab = Lab::new();
    let (ip, _) = standing(&mut lab, json!({}));
    times_out(&dial(&lab, EAST, &ip), "global access is off");
    let mut lab = Lab::new();
    let (ip, _) = standing(&mut lab, json!({ "allowPscGlobalAccess": true }));
    assert!(matches!(dial(&lab, EAST, &ip), PathResult::Endpoint(_)));
}

#[test]
fn other_networks_do_not_reach_it() {
    let mut lab = Lab::new();
    let (ip, _) = standing(&mut lab, json!({ "allowPscGlobalAccess": true }));
    let (now, project) = (lab.now, lab.project.clone());
    let other = lab.state.add_network(now, &project, "other").unwrap();
    let region = "us-central1".parse().unwrap();
    let subnet = lab.state.add_subnet(now, &other, &region, "c", "10.9.0.0/24".parse().unwrap()).unwrap();
    times_out(&dial(&lab, &subnet.to_string(), &ip), "no route");
}

#[test]
fn only_an_accepted_connection_carries_traffic() {
    let mut lab = Lab::new();
    lab.rule("orders", json!({})).fine();
    times_out(&dial(&lab, HERE, "10.0.0.2"), "being made");
    lab.later(LONG);
    let id = lab.shown("orders")["pscConnectionId"].as_str().unwrap().parse().unwrap();
    for status in
        [PscStatus::Pending, PscStatus::NeedsAttention, PscStatus::Rejected, PscStatus::Other("NEW"), PscStatus::Closed]
    {
        lab.state.set_status(lab.now, id, status).unwrap();
        times_out(&dial(&lab, HERE, "10.0.0.2"), status.as_str());
    }
}

#[test]
fn of_the_firewall_rules_that_fit_the_lowest_number_decides() {
    let mut lab = Lab::new();
    let (ip, _) = standing(&mut lab, json!({}));
    let open = |lab: &Lab| matches!(dial(lab, HERE, &ip), PathResult::Endpoint(_));
    egress(&mut lab, "elsewhere", false, 10, "172.16.0.0/12", &[]);
    egress(&mut lab, "tagged", false, 20, "10.0.0.0/8", &["batch"]);
    assert!(open(&lab));
    egress(&mut lab, "all", false, 1000, "0.0.0.0/0", &[]);
    times_out(&dial(&lab, HERE, &ip), "all");
    // Ports outside of the rule's are not its business.
    assert!(matches!(lab.state.connect(lab.now, HERE, ip.parse().unwrap(), 443), PathResult::Endpoint(_)));
    // Of equal numbers denial wins.
    egress(&mut lab, "a-hole", true, 1000, "10.0.0.0/24", &[]);
    assert!(!open(&lab));
    egress(&mut lab, "a-hole", true, 900, "10.0.0.0/24", &[]);
    assert!(open(&lab));
    // And the rule for tagged machines holds for those.
    let key = super::super::link::Regional::parse(HERE, "subnetworks", None).unwrap();
    lab.state.add_machine(lab.now, &key, BTreeSet::from(["batch".to_owned()])).unwrap();
    times_out(&dial(&lab, HERE, &ip), "tagged");
}

#[test]
fn a_rule_for_a_service_account_holds_for_the_machines_that_run_as_it() {
    let mut lab = Lab::new();
    let (ip, _) = standing(&mut lab, json!({}));
    let key = super::super::link::Regional::parse(HERE, "subnetworks", None).unwrap();
    lab.state.add_machine(lab.now, &key, BTreeSet::new()).unwrap();
    egress(&mut lab, "batch", false, 900, "0.0.0.0/0", &[]);
    let account = "batch@example-project.iam.gserviceaccount.com";
    let network = lab.network.clone();
    lab.state.target(&network, "batch", [].into(), [account.to_owned()].into()).unwrap();
    assert!(matches!(dial(&lab, HERE, &ip), PathResult::Endpoint(_)));
    lab.state.run_as(&key, account).unwrap();
    times_out(&dial(&lab, HERE, &ip), "batch");
    let rule = lab.get("global/firewalls/batch").fine().body;
    assert_eq!(rule["targetServiceAccounts"], json!([account]));
}

#[test]
fn nobody_answers_elsewhere() {
    let mut lab = Lab::new();
    times_out(&dial(&lab, HERE, "10.0.0.99"), "nothing in");
    times_out(&dial(&lab, HERE, "192.168.7.7"), "no route");
    times_out(&dial(&lab, "nowhere", "10.0.0.2"), "no subnetwork");
    assert_eq!(dial(&lab, HERE, "198.51.100.10"), PathResult::Public);
    let key = super::super::link::Regional::parse(HERE, "subnetworks", None).unwrap();
    let machine = lab.state.add_machine(lab.now, &key, BTreeSet::new()).unwrap();
    assert!(matches!(dial(&lab, HERE, &machine.to_string()), PathResult::Refused(_)));
}
