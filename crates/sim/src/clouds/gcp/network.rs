//! Networks, subnets and firewall rules: what can be read of them.

use serde_json::{Map, Value, json};

use super::Call;
use super::error::{Answer, ApiError};
use super::label::short;
use super::link::{FIREWALLS, Global, NETWORKS, Regional, SUBNETWORKS};
use super::list;
use super::state::{Firewall, GcpState, Network, Subnet};
use super::time::rfc3339;

pub(super) fn get(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    let key = Global::new(call.project, NETWORKS, call.name(0));
    call.caller.require(call.project, "compute.networks.get", &key.to_string())?;
    let found = state.networks.get(&key).or_else(|| {
        let own = state.networks.values().filter(|network| network.key.project == *call.project);
        own.into_iter().find(|network| network.id.to_string() == key.name)
    });
    found.map(|network| render(state, network)).ok_or_else(|| ApiError::not_found(&key.to_string()))
}

pub(super) fn list(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_in_project("compute.networks.list")?;
    let own = state.networks.values().filter(|network| network.key.project == *call.project);
    let items = own.map(|network| render(state, network)).collect();
    list::page(call, "compute#networkList", &format!("projects/{}/global/networks", call.project), items)
}

fn render(state: &GcpState, network: &Network) -> Value {
    let subnets: Vec<String> =
        state.subnets.values().filter(|subnet| subnet.network == network.key).map(|subnet| subnet.key.url()).collect();
    let mut out = json!({
        "kind": "compute#network",
        "id": network.id.to_string(),
        "creationTimestamp": rfc3339(network.made),
        "name": network.key.name,
        "selfLink": network.key.url(),
        "autoCreateSubnetworks": false,
        "mtu": 1460,
        "routingConfig": { "routingMode": "REGIONAL" },
        "networkFirewallPolicyEnforcementOrder": "AFTER_CLASSIC_FIREWALL",
    });
    if !subnets.is_empty() {
        out["subnetworks"] = json!(subnets);
    }
    out
}

pub(super) fn get_subnet(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    let key = Regional::new(call.project, &call.region()?, SUBNETWORKS, call.name(1));
    call.require("compute.subnetworks.get", &key)?;
    let found = state.subnets.get(&key).or_else(|| {
        let own = state.subnets.values().filter(|s| s.key.project == key.project && s.key.region == key.region);
        own.into_iter().find(|subnet| subnet.id.to_string() == key.name)
    });
    found.map(render_subnet).ok_or_else(|| ApiError::not_found(&key.to_string()))
}

pub(super) fn list_subnets(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    let region = call.region()?;
    call.require_in_project("compute.subnetworks.list")?;
    let own = state.subnets.values().filter(|s| s.key.project == *call.project && s.key.region == region);
    let items = own.map(render_subnet).collect();
    let path = format!("projects/{}/regions/{region}/subnetworks", call.project);
    list::page(call, "compute#subnetworkList", &path, items)
}

fn render_subnet(subnet: &Subnet) -> Value {
    json!({
        "kind": "compute#subnetwork",
        "id": subnet.id.to_string(),
        "creationTimestamp": rfc3339(subnet.made),
        "name": subnet.key.name,
        "network": subnet.network.url(),
        "ipCidrRange": subnet.range.to_string(),
        "gatewayAddress": subnet.range.hosts().next().map(|first| first.to_string()),
        "region": subnet.key.region_url(),
        "selfLink": subnet.key.url(),
        "privateIpGoogleAccess": false,
        "fingerprint": short(&subnet.key.to_string()),
        "purpose": "PRIVATE",
        "stackType": "IPV4_ONLY",
    })
}

pub(super) fn get_firewall(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    let key = Global::new(call.project, FIREWALLS, call.name(0));
    call.caller.require(call.project, "compute.firewalls.get", &key.to_string())?;
    let found = state.firewalls.get(&key).map(render_firewall);
    found.ok_or_else(|| ApiError::not_found(&key.to_string()))
}

pub(super) fn list_firewalls(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_in_project("compute.firewalls.list")?;
    let items = state.firewalls.values().filter(|f| f.key.project == *call.project).map(render_firewall).collect();
    list::page(call, "compute#firewallList", &format!("projects/{}/global/firewalls", call.project), items)
}

fn render_firewall(firewall: &Firewall) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    put("kind", json!("compute#firewall"));
    put("id", json!(firewall.id.to_string()));
    put("creationTimestamp", json!(rfc3339(firewall.made)));
    put("name", json!(firewall.key.name));
    put("description", json!(""));
    put("network", json!(firewall.network.url()));
    put("priority", json!(firewall.priority));
    put("direction", json!(if firewall.egress { "EGRESS" } else { "INGRESS" }));
    let ranges: Vec<String> = firewall.ranges.iter().map(ToString::to_string).collect();
    put(if firewall.egress { "destinationRanges" } else { "sourceRanges" }, json!(ranges));
    if !firewall.target_tags.is_empty() {
        put("targetTags", json!(firewall.target_tags));
    }
    if !firewall.target_accounts.is_empty() {
        put("targetServiceAccounts", json!(firewall.target_accounts));
    }
    let ports: Vec<String> = firewall
        .ports
        .iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") })
        .collect();
    let traffic = if ports.is_empty() {
        json!([{ "IPProtocol": "all" }])
    } else {
        json!([{ "IPProtocol": "tcp", "ports": ports }])
    };
    put(if firewall.allow { "allowed" } else { "denied" }, traffic);
    put("logConfig", json!({ "enable": false }));
    put("disabled", json!(false));
    put("selfLink", json!(firewall.key.url()));
    Value::Object(out)
}
