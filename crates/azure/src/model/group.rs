use ipnet::IpNet;
use privlink_core::Result;
use privlink_core::side::PortRange;
use serde::{Deserialize, Serialize};

use crate::ids::NetworkSecurityGroupId;
use crate::wire::{self, network};

/// A network security group: rules that are asked in the order of their priority, the first that
/// fits decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NetworkSecurityGroup {
    /// Its id.
    pub id: NetworkSecurityGroupId,
    /// Its rules for incoming traffic in the order they are asked, Azure's own defaults last.
    pub incoming: Vec<SecurityRule>,
}

/// One rule for incoming traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SecurityRule {
    /// Its name.
    pub name: String,
    /// Its priority; the lowest is asked first.
    pub priority: u32,
    /// Whether it lets in.
    pub allows: bool,
    /// `Tcp`, `Udp`, `*`, ….
    pub protocol: String,
    /// Where traffic comes from: ranges, `*` or service tags.
    pub sources: Vec<String>,
    /// The ports it goes to: numbers, ranges or `*`.
    pub ports: Vec<String>,
    /// Whether it is about particular destinations or source ports, so that it may not fit here.
    pub narrow: bool,
}

impl NetworkSecurityGroup {
    pub(crate) fn read(wire: network::NetworkSecurityGroup) -> Result<Self> {
        let id = wire::id("network security group", "id", wire.id.as_deref())?;
        let properties = wire.properties.unwrap_or_default();
        let rules = properties.security_rules.into_iter().chain(properties.default_security_rules).flatten();
        let mut incoming: Vec<SecurityRule> = rules.filter_map(SecurityRule::read).collect();
        incoming.sort_by_key(|rule| rule.priority);
        Ok(Self { id, incoming })
    }

    /// Whether TCP from `source` to `port` of `destination` is let in; `None` when that depends on
    /// what is not read here: service tags of the default rules aside, rules for other destinations
    /// or for groups.
    #[must_use]
    pub fn lets_in(&self, source: &IpNet, port: u16, inside: &[IpNet]) -> Option<bool> {
        for rule in &self.incoming {
            match rule.fits(source, port, inside) {
                Some(true) if rule.narrow => return None,
                Some(true) => return Some(rule.allows),
                Some(false) => {}
                None => return None,
            }
        }
        Some(false)
    }

    /// The first port of `ports` that no source range is let in to.
    pub(crate) fn shuts(&self, ports: &[PortRange], sources: &[IpNet]) -> Option<u16> {
        let mut all = ports.iter().flat_map(|ports| [ports.first, ports.last]);
        all.find(|port| sources.iter().any(|source| self.lets_in(source, *port, sources) == Some(false)))
    }
}

impl SecurityRule {
    fn read(wire: network::SecurityRule) -> Option<Self> {
        let name = wire.name.unwrap_or_default();
        let rule = wire.properties?;
        if !rule.direction?.eq_ignore_ascii_case("inbound") {
            return None;
        }
        let list = |one: Option<String>, many: Option<Vec<String>>| -> Vec<String> {
            one.into_iter().chain(many.into_iter().flatten()).filter(|text| !text.is_empty()).collect()
        };
        let any = |list: &[String]| list.is_empty() || list.iter().any(|text| text == "*");
        let destinations = list(rule.destination_address_prefix, rule.destination_address_prefixes);
        let source_ports = list(rule.source_port_range, rule.source_port_ranges);
        let groups = |list: &Option<Vec<wire::SubResource>>| list.as_ref().is_some_and(|list| !list.is_empty());
        let own_network = destinations.iter().any(|text| text.eq_ignore_ascii_case("VirtualNetwork"));
        let narrow = !(any(&destinations) || own_network)
            || !any(&source_ports)
            || groups(&rule.source_application_security_groups)
            || groups(&rule.destination_application_security_groups);
        Some(Self {
            name,
            priority: rule.priority?,
            allows: rule.access?.eq_ignore_ascii_case("allow"),
            protocol: rule.protocol.unwrap_or_else(|| "*".to_owned()),
            sources: list(rule.source_address_prefix, rule.source_address_prefixes),
            ports: list(rule.destination_port_range, rule.destination_port_ranges),
            narrow,
        })
    }

    /// Whether it is about TCP from `source` to `port`; `None` when that cannot be told.
    fn fits(&self, source: &IpNet, port: u16, inside: &[IpNet]) -> Option<bool> {
        if !(self.protocol == "*" || self.protocol.eq_ignore_ascii_case("tcp")) || !self.has_port(port) {
            return Some(false);
        }
        let mut unsure = self.sources.is_empty();
        for from in &self.sources {
            if from == "*" || from.eq_ignore_ascii_case("any") {
                return Some(true);
            }
            if let Some(range) = range(from) {
                if range.contains(source) {
                    return Some(true);
                }
                // A part of the source is let in or kept out.
                unsure |= source.contains(&range);
            } else if from.eq_ignore_ascii_case("VirtualNetwork") {
                if inside.iter().any(|range| range.contains(source)) {
                    return Some(true);
                }
                unsure = true;
            } else if !from.eq_ignore_ascii_case("AzureLoadBalancer") && !from.eq_ignore_ascii_case("Internet") {
                unsure = true;
            }
        }
        if unsure { None } else { Some(false) }
    }

    fn has_port(&self, port: u16) -> bool {
        self.ports.iter().any(|text| match text.split_once('-') {
            Some((first, last)) => {
                matches!((first.trim().parse::<u16>(), last.trim().parse::<u16>()), (Ok(first), Ok(last)) if first <= port && port <= last)
            }
            None => text == "*" || text.trim().parse() == Ok(port),
        })
    }
}

fn range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn group(rules: &str) -> NetworkSecurityGroup {
        let json = format!(
            r#"{{"id":"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/Microsoft.Network/networkSecurityGroups/db",
            "properties":{{"securityRules":[{rules}],"defaultSecurityRules":[
            {{"name":"AllowVnetInBound","properties":{{"protocol":"*","sourceAddressPrefix":"VirtualNetwork","destinationAddressPrefix":"VirtualNetwork",
              "sourcePortRange":"*","destinationPortRange":"*","access":"Allow","priority":65000,"direction":"Inbound"}}}},
            {{"name":"DenyAllInBound","properties":{{"protocol":"*","sourceAddressPrefix":"*","destinationAddressPrefix":"*",
              "sourcePortRange":"*","destinationPortRange":"*","access":"Deny","priority":65500,"direction":"Inbound"}}}}]}}}}"#
        );
        NetworkSecurityGroup::read(serde_json::from_str(&json).unwrap()).unwrap()
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let vnet: IpNet = "10.0.0.0/16".parse().unwrap();
        let lets_in = |rules: &str, source: &str, port| group(rules).lets_in(&source.parse().unwrap(), port, &[vnet]);
        assert_eq!(lets_in("", "10.0.0.0/16", 8443), Some(true), "Azure's default lets the network in");
        assert_eq!(lets_in("", "192.168.0.0/16", 8443), None, "a peered network is part of it too");
        let deny = r#"{"name":"deny","properties":{"protocol":"Tcp","sourceAddressPrefix":"*","destinationAddressPrefix":"*",
            "sourcePortRange":"*","destinationPortRanges":["8443","9000-9100"],"access":"Deny","priority":100,"direction":"Inbound"}}"#;
        assert_eq!(lets_in(deny, "10.0.0.0/16", 8443), Some(false));
        assert_eq!(lets_in(deny, "10.0.0.0/16", 9050), Some(false));
        assert_eq!(lets_in(deny, "10.0.0.0/16", 443), Some(true));
        let udp = deny.replace("Tcp", "Udp");
        assert_eq!(lets_in(&udp, "10.0.0.0/16", 8443), Some(true));
        let part = deny.replace(r#""sourceAddressPrefix":"*""#, r#""sourceAddressPrefix":"10.0.7.0/24""#);
        assert_eq!(lets_in(&part, "10.0.0.0/16", 8443), None, "a part of the source");
        let elsewhere = deny.replace(r#""destinationAddressPrefix":"*""#, r#""destinationAddressPrefix":"10.0.9.9""#);
        assert_eq!(lets_in(&elsewhere, "10.0.0.0/16", 8443), None, "another destination, perhaps");
        assert_eq!(group(deny).shuts(&[PortRange::single(443), PortRange::range(8443, 8444)], &[vnet]), Some(8443));
        assert_eq!(group("").shuts(&[PortRange::single(443)], &[vnet]), None);
    }
}
