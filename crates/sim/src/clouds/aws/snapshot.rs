//! Everything that exists, for comparing two moments.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::state::AwsState;
use super::zone::Record;

impl AwsState {
    /// Everything that exists at `now`, sorted. What is deleted and only still listed is left
    /// out, and so are counters and dates: equal worlds have equal snapshots.
    pub(crate) fn snapshot(&self, now: SystemTime) -> Value {
        let vpcs = map(self.vpcs.values().map(|vpc| {
            let value = json!({
                "account": vpc.account, "region": vpc.region, "cidr": vpc.cidr.to_string(),
                "enableDnsSupport": vpc.dns_support, "enableDnsHostnames": vpc.dns_hostnames,
            });
            (vpc.id.to_string(), value)
        }));
        let subnets = map(self.subnets.values().map(|subnet| {
            let value = json!({ "vpc": subnet.vpc, "zone": subnet.zone, "cidr": subnet.cidr.to_string() });
            (subnet.id.to_string(), value)
        }));
        let groups = map(self.groups.values().map(|group| {
            let mut rules: Vec<String> =
                group.rules.values().map(|rule| format!("{} {rule}", if rule.egress { "out" } else { "in" })).collect();
            rules.sort();
            let value =
                json!({ "vpc": group.vpc, "name": group.name, "description": group.description, "rules": rules });
            (group.id.to_string(), value)
        }));
        let endpoints = map(self.endpoints.values().filter(|e| e.state_at(now).has_interfaces()).map(|endpoint| {
            let value = json!({
                "vpc": endpoint.vpc, "service": endpoint.service, "state": endpoint.state_at(now).as_str(),
                "subnets": endpoint.subnets, "groups": endpoint.groups, "privateDns": endpoint.private_dns,
                "policy": endpoint.policy, "ipAddressType": endpoint.ip_type.as_str(),
            });
            (endpoint.id.to_string(), value)
        }));
        let interfaces = map(self.interfaces_at(now).map(|interface| {
            let value = json!({
                "subnet": interface.subnet, "address": interface.address, "endpoint": interface.endpoint,
                "groups": interface.groups,
            });
            (interface.id.to_string(), value)
        }));
        let zones = map(self.zones.values().map(|zone| {
            let records = map(zone.content.records.iter().map(|((name, kind), record)| {
                let value = match record {
                    Record::Values { ttl, values } => json!({ "ttl": ttl, "values": values }),
                    Record::Alias { zone, name, .. } => json!({ "alias": name.as_str(), "zone": zone }),
                };
                (format!("{name} {kind}"), value)
            }));
            let value = json!({
                "account": zone.account, "name": zone.name.as_str(), "private": zone.private,
                "comment": zone.comment, "vpcs": zone.content.vpcs.keys().collect::<Vec<_>>(), "records": records,
            });
            (zone.id.to_string(), value)
        }));
        let gone = |id: &str| {
            id.parse().is_ok_and(|id| self.endpoints.get(&id).is_some_and(|e| !e.state_at(now).has_interfaces()))
        };
        let tags = map(self
            .tags
            .iter()
            .filter(|(id, tags)| !tags.is_empty() && !gone(id))
            .map(|(id, tags)| (id.clone(), json!(tags))));
        json!({
            "vpcs": vpcs, "subnets": subnets, "security_groups": groups, "endpoints": endpoints,
            "interfaces": interfaces, "hosted_zones": zones, "tags": tags,
            "endpoint_services": self.services.keys().collect::<Vec<_>>(),
        })
    }
}

fn map(entries: impl Iterator<Item = (String, Value)>) -> Map<String, Value> {
    entries.collect()
}
