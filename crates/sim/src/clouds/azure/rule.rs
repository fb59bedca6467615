//! Rules of network security groups.

use std::net::IpAddr;

use ipnet::Ipv4Net;
use privlink_core::AzureResourceId;
use serde_json::{Value, json};

/// One rule, for TCP or for everything.
#[derive(Clone, Debug)]
pub(super) struct SecurityRule {
    pub(super) name: String,
    /// Lower numbers are asked first.
    pub(super) priority: u16,
    pub(super) inbound: bool,
    pub(super) allow: bool,
    /// The other end; `None` is everybody.
    pub(super) peer: Option<Ipv4Net>,
    /// The ports of the end that listens, both included; `None` is all.
    pub(super) ports: Option<(u16, u16)>,
    /// Only for interfaces in this application security group, of the end that listens.
    pub(super) application_group: Option<AzureResourceId>,
}

impl SecurityRule {
    fn covers(&self, inbound: bool, peer: IpAddr, port: u16, groups: &[AzureResourceId]) -> bool {
        let peer = match (&self.peer, peer) {
            (None, _) => true,
            (Some(range), IpAddr::V4(v4)) => range.contains(&v4),
            (Some(_), IpAddr::V6(_)) => false,
        };
        self.inbound == inbound
            && peer
            && self.ports.is_none_or(|(first, last)| (first..=last).contains(&port))
            && self.application_group.as_ref().is_none_or(|group| groups.contains(group))
    }

    pub(super) fn render(&self, group: &AzureResourceId) -> Value {
        let any = || "*".to_owned();
        let peer = self.peer.map_or_else(any, |range| range.to_string());
        let ports = self.ports.map_or_else(any, |(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        });
        let (source, destination) = if self.inbound { (peer, any()) } else { (any(), peer) };
        let mut properties = json!({
            "provisioningState": "Succeeded",
            "protocol": if self.ports.is_some() { "Tcp" } else { "*" },
            "sourcePortRange": "*",
            "destinationPortRange": ports,
            "sourceAddressPrefix": source,
            "destinationAddressPrefix": destination,
            "access": if self.allow { "Allow" } else { "Deny" },
            "priority": self.priority,
            "direction": if self.inbound { "Inbound" } else { "Outbound" },
        });
        if let Some(application) = &self.application_group {
            properties["destinationApplicationSecurityGroups"] = json!([{ "id": application }]);
        }
        json!({
            "name": self.name,
            "id": format!("{group}/securityRules/{}", self.name),
            "type": "Microsoft.Network/networkSecurityGroups/securityRules",
            "properties": properties,
        })
    }
}

/// The rules that every group ends with, which nobody can take away (Microsoft Learn, "Network security groups",
/// default rules, read 2026-11-21).
pub(super) fn defaults(group: &AzureResourceId) -> Vec<Value> {
    let rules = [
        ("AllowVnetInBound", 65_000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
        ("AllowAzureLoadBalancerInBound", 65_001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
        ("DenyAllInBound", 65_500, "Inbound", "Deny", "*", "*"),
        ("AllowVnetOutBound", 65_000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
        ("AllowInternetOutBound", 65_001, "Outbound", "Allow", "*", "Internet"),
        ("DenyAllOutBound", 65_500, "Outbound", "Deny", "*", "*"),
    ];
    let render = |(name, priority, direction, access, source, destination)| {
        json!({
            "name": name,
            "id": format!("{group}/defaultSecurityRules/{name}"),
            "type": "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
            "properties": {
                "provisioningState": "Succeeded",
                "protocol": "*",
                "sourcePortRange": "*",
                "destinationPortRange": "*",
                "sourceAddressPrefix": source,
                "destinationAddressPrefix": destination,
                "access": access,
                "priority": priority,
                "direction": direction,
            },
        })
    };
    rules.map(render).to_vec()
}

/// Whether rules let a connection pass, the one with the lowest number that covers it deciding;
/// without one what is inside of the virtual network passes, and everything may go out (Microsoft
/// Learn, "Network security groups", default rules, read 2026-11-21). Gives the rule that denied.
pub(super) fn decide(
    rules: &[SecurityRule],
    inbound: bool,
    peer: IpAddr,
    port: u16,
    groups: &[AzureResourceId],
    within: bool,
) -> Result<(), String> {
    let covering = rules.iter().filter(|rule| rule.covers(inbound, peer, port, groups));
    match covering.min_by_key(|rule| rule.priority) {
        Some(rule) if rule.allow => Ok(()),
        Some(rule) => Err(rule.name.clone()),
        None if within || !inbound => Ok(()),
        None => Err("DenyAllInBound".to_owned()),
    }
}
