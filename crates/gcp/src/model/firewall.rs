use ipnet::IpNet;
use privlink_core::Result;
use serde::{Deserialize, Serialize};

use crate::ids::NetworkPath;
use crate::wire::{compute as wire, required};

/// A firewall rule of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Firewall {
    /// Its name.
    pub name: String,
    /// The network it belongs to.
    pub network: Option<NetworkPath>,
    /// Whether it is about what leaves machines, not what reaches them.
    pub egress: bool,
    /// Of two rules that fit, the one with the smaller number counts; of equals a denying one.
    pub priority: u16,
    /// Whether it is switched off.
    pub disabled: bool,
    /// What it lets through.
    pub allowed: Vec<FirewallPorts>,
    /// What it stops; a rule either lets through or stops.
    pub denied: Vec<FirewallPorts>,
    /// To where; empty for anywhere.
    pub destinations: Vec<IpNet>,
    /// Whether it holds for some machines alone: by tag or service account.
    pub targeted: bool,
    /// The network tags of the machines that it holds for.
    #[serde(default)]
    pub target_tags: Vec<String>,
    /// The service accounts of the machines that it holds for.
    #[serde(default)]
    pub target_service_accounts: Vec<String>,
}

/// A protocol with ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FirewallPorts {
    /// `tcp`, `udp`, `all`, a number.
    pub protocol: String,
    /// The ports, both ends included; empty for all.
    pub ports: Vec<(u16, u16)>,
}

impl Firewall {
    pub(crate) fn read(wire: wire::Firewall) -> Result<Self> {
        let some = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
        let targeted = some(&wire.target_tags) || some(&wire.target_service_accounts);
        Ok(Self {
            name: required("firewall", "name", wire.name)?,
            network: wire.network.and_then(|link| link.parse().ok()),
            egress: wire.direction.as_deref() == Some("EGRESS"),
            // What the API takes where nothing is said.
            priority: wire.priority.and_then(|number| u16::try_from(number).ok()).unwrap_or(1_000),
            disabled: wire.disabled.unwrap_or(false),
            allowed: ports(wire.allowed),
            denied: ports(wire.denied),
            destinations: wire
                .destination_ranges
                .into_iter()
                .flatten()
                .filter_map(|range| range.parse().ok())
                .collect(),
            targeted,
            target_tags: wire.target_tags.unwrap_or_default(),
            target_service_accounts: wire.target_service_accounts.unwrap_or_default(),
        })
    }
}

impl FirewallPorts {
    /// Whether it is about the TCP port.
    #[must_use]
    pub fn covers_tcp(&self, port: u16) -> bool {
        matches!(self.protocol.to_ascii_lowercase().as_str(), "tcp" | "all" | "6")
            && (self.ports.is_empty() || self.ports.iter().any(|(first, last)| (*first..=*last).contains(&port)))
    }
}

fn ports(wire: Option<Vec<wire::FirewallPorts>>) -> Vec<FirewallPorts> {
    let range = |text: &String| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
    };
    let read = |wire: wire::FirewallPorts| {
        Some(FirewallPorts { protocol: wire.protocol?, ports: wire.ports.iter().flatten().filter_map(range).collect() })
    };
    wire.into_iter().flatten().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_rule_knows_its_ports_and_places() {
        let json = r#"{"name":"deny-out","network":"https://www.googleapis.com/compute/v1/projects/example-project/global/networks/prod",
            "direction":"EGRESS","priority":65000,"denied":[{"IPProtocol":"tcp","ports":["8443","9000-9999"]},{"IPProtocol":"udp"}],
            "destinationRanges":["10.0.0.0/8"]}"#;
        let rule = Firewall::read(serde_json::from_str(json).unwrap()).unwrap();
        assert!(rule.egress && !rule.disabled && !rule.targeted);
        assert_eq!((rule.priority, rule.destinations.len()), (65_000, 1));
        let stops = |port| rule.denied.iter().any(|ports| ports.covers_tcp(port));
        assert!(stops(8443) && stops(9440) && !stops(443));
        let all = FirewallPorts { protocol: "all".into(), ports: Vec::new() };
        assert!(all.covers_tcp(443));
    }
}
