//! Everything that exists, for comparing two moments; and the bodies of resources.

use std::time::SystemTime;

use privlink_core::AzureResourceId;
use serde_json::{Map, Value, json};

use super::Call;
use super::dns::{link, zone};
use super::network::endpoint;
use super::state::AzureState;
use super::zone::Data;

impl AzureState {
    /// Everything that exists at `now`, sorted; without what differs between equal worlds.
    pub(crate) fn snapshot(&self, now: SystemTime) -> Value {
        let vnets = map(self.vnets.values().map(|vnet| {
            let ranges: Vec<String> = vnet.ranges.iter().map(ToString::to_string).collect();
            (&vnet.id, json!({ "ranges": ranges, "dnsServers": vnet.dns_servers, "peers": vnet.peers }))
        }));
        let subnets = map(self.subnets.values().map(|subnet| {
            let shown = json!({
                "range": subnet.range.to_string(), "policies": subnet.policies, "securityGroup": subnet.security_group,
                "machineGroup": subnet.machine_group,
            });
            (&subnet.id, shown)
        }));
        let groups = map(self.security_groups.values().map(|group| {
            let rules: Vec<Value> = group.rules.iter().map(|rule| rule.render(&group.id)).collect();
            (&group.id, json!({ "rules": rules }))
        }));
        let there = self.endpoints.values().filter(|endpoint| !endpoint.work.is_gone(now));
        let endpoints = map(there.map(|endpoint| {
            let shown = json!({
                "subnet": endpoint.subnet, "service": endpoint.connection.alias, "tags": endpoint.tags,
                "status": endpoint.status(now).0.as_str(),
                "provisioningState": endpoint.work.provisioning(now, false),
                "applicationSecurityGroups": endpoint.application_groups, "interface": endpoint.interface.id,
            });
            (&endpoint.id, shown)
        }));
        let zones = map(self.zones.values().filter(|zone| !zone.work.is_gone(now)).map(|zone| {
            let links = map(zone.links.values().filter(|link| !link.work.is_gone(now)).map(|link| {
                (&link.id, json!({ "vnet": link.vnet, "registration": link.registration, "tags": link.tags }))
            }));
            let records: Map<String, Value> = zone
                .records
                .iter()
                .map(|((name, kind), set)| {
                    let data = match &set.data {
                        Data::A(list) => json!(list),
                        Data::Aaaa(list) => json!(list),
                        Data::Cname(target) => json!(target),
                        Data::Txt(texts) => json!(texts),
                        Data::Soa => Value::Null,
                    };
                    (format!("{name} {kind}"), json!({ "data": data, "ttl": set.ttl, "metadata": set.metadata }))
                })
                .collect();
            (&zone.id, json!({ "tags": zone.tags, "links": links, "records": records }))
        }));
        json!({
            "virtualNetworks": vnets, "subnets": subnets, "networkSecurityGroups": groups,
            "privateEndpoints": endpoints, "privateDnsZones": zones,
        })
    }

    /// The body of an endpoint, a zone or a link; `null` when there is none.
    pub(super) fn render(&self, call: &Call<'_>, id: &AzureResourceId) -> Value {
        if let Some(found) = self.endpoints.get(id) {
            return endpoint::render(self, call.now, found);
        }
        if let Some(found) = self.zones.get(id) {
            return zone::render(call.now, found);
        }
        let found = self.zones.values().find_map(|zone| zone.links.get(id));
        found.map_or(Value::Null, |found| link::render(call.now, found))
    }
}

fn map<'a>(items: impl Iterator<Item = (&'a AzureResourceId, Value)>) -> Map<String, Value> {
    items.map(|(id, value)| (id.to_string(), value)).collect()
}
