//! Everything that exists, for comparing two moments.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::state::GcpState;

impl GcpState {
    /// Everything that exists at `now`, sorted. Operations, numbers and dates are left out: equal
    /// worlds have equal snapshots.
    pub(crate) fn snapshot(&self, now: SystemTime) -> Value {
        let networks = map(self.networks.keys().map(|key| (key.to_string(), json!({}))));
        let subnets = map(self.subnets.values().map(|subnet| {
            let value = json!({ "network": subnet.network.to_string(), "range": subnet.range.to_string() });
            (subnet.key.to_string(), value)
        }));
        let firewalls = map(self.firewalls.values().map(|firewall| {
            let ranges: Vec<String> = firewall.ranges.iter().map(ToString::to_string).collect();
            let value = json!({
                "network": firewall.network.to_string(), "egress": firewall.egress, "allow": firewall.allow,
                "priority": firewall.priority, "ranges": ranges, "ports": firewall.ports,
                "target_tags": firewall.target_tags, "target_accounts": firewall.target_accounts,
            });
            (firewall.key.to_string(), value)
        }));
        let addresses = map(self.addresses.values().filter(|address| address.exists(now)).map(|address| {
            let value = json!({
                "address": address.ip, "subnetwork": address.subnet.as_ref().map(ToString::to_string),
                "description": address.description, "labels": address.labels.at(now),
            });
            (address.key.to_string(), value)
        }));
        let rules = map(self.rules.values().filter(|rule| rule.exists(now)).map(|rule| {
            let value = json!({
                "target": rule.target, "network": rule.network.to_string(), "address": rule.ip,
                "description": rule.description, "labels": rule.labels.at(now),
                "status": rule.status_at(now).map(super::PscStatus::as_str),
                "allowPscGlobalAccess": rule.global_access.at(now), "noAutomateDnsZone": rule.no_automate_dns_zone,
            });
            (rule.key.to_string(), value)
        }));
        let zones = map(self.zones.values().filter(|zone| zone.made <= now).map(|zone| {
            let records = map(zone.content.records.iter().map(|((name, kind), record)| {
                (format!("{name} {kind}"), json!({ "ttl": record.ttl, "rrdatas": record.data }))
            }));
            let networks: Vec<String> = zone.content.networks.iter().map(ToString::to_string).collect();
            let value = json!({
                "dnsName": zone.apex.as_str(), "private": zone.private, "description": zone.description,
                "labels": zone.labels, "networks": networks, "records": records,
            });
            (format!("projects/{}/managedZones/{}", zone.project, zone.name), value)
        }));
        json!({
            "networks": networks, "subnetworks": subnets, "firewalls": firewalls, "addresses": addresses,
            "forwarding_rules": rules, "managed_zones": zones,
            "service_attachments": self.attachments.keys().collect::<Vec<_>>(),
        })
    }
}

fn map(entries: impl Iterator<Item = (String, Value)>) -> Map<String, Value> {
    entries.collect()
}
