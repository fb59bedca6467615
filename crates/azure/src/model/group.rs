use std::net::IpAddr;

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
    /// Its rules for what leaves, likewise.
    #[serde(default)]
    pub outgoing: Vec<SecurityRule>,
}

/// One rule, for what comes in or for what leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SecurityRule {
    /// Its name.
    pub name: String,
    /// Its priority; the lowest is asked first.
    pub priority: u32,
    /// Whether it lets pass.
    pub allows: bool,
    /// `Tcp`, `Udp`, `*`, ….
    pub protocol: String,
    /// Where traffic comes from: ranges, `*` or service tags.
    pub sources: Vec<String>,
    /// Where it goes to, likewise.
    #[serde(default)]
    pub destinations: Vec<String>,
    /// The ports it goes to: numbers, ranges or `*`.
    pub ports: Vec<String>,
    /// Whether it is about source ports or application security groups, or, for what comes in, about particular
    /// destinations, so that it may not fit here.
    pub narrow: bool,
}

/// What of the ports of an endpoint a group does not let pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shut {
    pub(crate) port: u16,
    /// The rule that stops it.
    pub(crate) rule: String,
}

impl NetworkSecurityGroup {
    pub(crate) fn read(wire: network::NetworkSecurityGroup) -> Result<Self> {
        let id = wire::id("network security group", "id", wire.id.as_deref())?;
        let properties = wire.properties.unwrap_or_default();
        let rules = properties.security_rules.into_iter().chain(properties.default_security_rules).flatten();
        let (mut incoming, mut outgoing) = (Vec::new(), Vec::new());
        for (inbound, rule) in rules.filter_map(SecurityRule::read) {
            if inbound { &mut incoming } else { &mut outgoing }.push(rule);
        }
        incoming.sort_by_key(|rule: &SecurityRule| rule.priority);
        outgoing.sort_by_key(|rule: &SecurityRule| rule.priority);
        Ok(Self { id, incoming, outgoing })
    }

    /// Whether TCP from `source` to `port` of an endpoint is let in, where `inside` are the network's ranges; `None`
    /// when that depends on what is not read here: service tags of the default rules aside, rules for other
    /// destinations or for groups.
    #[must_use]
    pub fn lets_in(&self, source: &IpNet, port: u16, inside: &[IpNet]) -> Option<bool> {
        decided(&self.incoming, |rule| rule.fits(source, port, inside)).map(|rule| rule.is_some_and(|rule| rule.allows))
    }

    /// Whether TCP from `source` may leave to `port` of `destination`, likewise.
    #[must_use]
    pub fn lets_out(&self, source: &IpNet, destination: IpAddr, port: u16, inside: &[IpNet]) -> Option<bool> {
        let fits = |rule: &SecurityRule| rule.fits_to(source, destination, port, inside);
        decided(&self.outgoing, fits).map(|rule| rule.is_some_and(|rule| rule.allows))
    }

    /// The first port of `ports` that some of `sources` are certainly not let in to.
    pub(crate) fn shuts(&self, ports: &[PortRange], sources: &[IpNet], inside: &[IpNet]) -> Option<u16> {
        ends(ports).find(|port| sources.iter().any(|source| self.lets_in(source, *port, inside) == Some(false)))
    }

    /// The ends of `ports` that some of `sources` may certainly not leave to.
    pub(crate) fn keeps_from(
        &self,
        ports: &[PortRange],
        sources: &[IpNet],
        destination: IpAddr,
        inside: &[IpNet],
    ) -> Vec<Shut> {
        let mut all = Vec::new();
        for port in ends(ports) {
            let stopped = sources.iter().find_map(|source| {
                let decided = decided(&self.outgoing, |rule| rule.fits_to(source, destination, port, inside))?;
                match decided {
                    Some(rule) => (!rule.allows).then(|| rule.name.clone()),
                    None => Some("no rule".to_owned()),
                }
            });
            all.extend(stopped.map(|rule| Shut { port, rule }));
        }
        all.dedup();
        all
    }
}

/// The first rule that fits, and `None` in it where none does; `None` when that cannot be told.
fn decided(rules: &[SecurityRule], fits: impl Fn(&SecurityRule) -> Option<bool>) -> Option<Option<&SecurityRule>> {
    for rule in rules {
        match fits(rule) {
            Some(true) if rule.narrow => return None,
            Some(true) => return Some(Some(rule)),
            Some(false) => {}
            None => return None,
        }
    }
    Some(None)
}

fn ends(ports: &[PortRange]) -> impl Iterator<Item = u16> {
    ports.iter().flat_map(|ports| [ports.first, ports.last])
}

impl SecurityRule {
    /// Whether it is for what comes in, and the rule.
    fn read(wire: network::SecurityRule) -> Option<(bool, Self)> {
        let name = wire.name.unwrap_or_default();
        let rule = wire.properties?;
        let direction = rule.direction?;
        let inbound = direction.eq_ignore_ascii_case("inbound");
        if !inbound && !direction.eq_ignore_ascii_case("outbound") {
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
        let narrow = (inbound && !(any(&destinations) || own_network))
            || !any(&source_ports)
            || groups(&rule.source_application_security_groups)
            || groups(&rule.destination_application_security_groups);
        let rule = Self {
            name,
            priority: rule.priority?,
            allows: rule.access?.eq_ignore_ascii_case("allow"),
            protocol: rule.protocol.unwrap_or_else(|| "*".to_owned()),
            sources: list(rule.source_address_prefix, rule.source_address_prefixes),
            destinations,
            ports: list(rule.destination_port_range, rule.destination_port_ranges),
            narrow,
        };
        Some((inbound, rule))
    }

    /// Whether it is about TCP from `source` to `port`; `None` when that cannot be told.
    fn fits(&self, source: &IpNet, port: u16, inside: &[IpNet]) -> Option<bool> {
        if self.is_about(port) { covers(&self.sources, source, inside) } else { Some(false) }
    }

    /// The same for what goes to one address.
    fn fits_to(&self, source: &IpNet, destination: IpAddr, port: u16, inside: &[IpNet]) -> Option<bool> {
        if !self.is_about(port) {
            return Some(false);
        }
        // A rule that names groups says nothing of addresses.
        let either =
            |list: &[String], what: &IpNet| if list.is_empty() { Some(true) } else { covers(list, what, inside) };
        match (either(&self.sources, source), either(&self.destinations, &destination.into())) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }

    fn is_about(&self, port: u16) -> bool {
        (self.protocol == "*" || self.protocol.eq_ignore_ascii_case("tcp")) && self.has_port(port)
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

/// Whether ranges and tags cover a range; `None` when that cannot be told, as of a part of it.
fn covers(list: &[String], what: &IpNet, inside: &[IpNet]) -> Option<bool> {
    let mut unsure = list.is_empty();
    for from in list {
        if from == "*" || from.eq_ignore_ascii_case("any") {
            return Some(true);
        }
        if let Some(range) = range(from) {
            if range.contains(what) {
                return Some(true);
            }
            // A part of it is let through or kept back.
            unsure |= what.contains(&range);
        } else if from.eq_ignore_ascii_case("VirtualNetwork") {
            if inside.iter().any(|range| range.contains(what)) {
                return Some(true);
            }
            unsure = true;
        } else if !from.eq_ignore_ascii_case("AzureLoadBalancer") && !from.eq_ignore_ascii_case("Internet") {
            unsure = true;
        }
    }
    if unsure { None } else { Some(false) }
}

fn range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
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
              "sourcePortRange":"*","destinationPortRange":"*","access":"Deny","priority":65500,"direction":"Inbound"}}}},
            {{"name":"AllowVnetOutBound","properties":{{"protocol":"*","sourceAddressPrefix":"VirtualNetwork","destinationAddressPrefix":"VirtualNetwork",
              "sourcePortRange":"*","destinationPortRange":"*","access":"Allow","priority":65000,"direction":"Outbound"}}}},
            {{"name":"DenyAllOutBound","properties":{{"protocol":"*","sourceAddressPrefix":"*","destinationAddressPrefix":"*",
              "sourcePortRange":"*","destinationPortRange":"*","access":"Deny","priority":65500,"direction":"Outbound"}}}}]}}}}"#
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
        assert_eq!(
            group(deny).shuts(&[PortRange::single(443), PortRange::range(8443, 8444)], &[vnet], &[vnet]),
            Some(8443)
        );
        assert_eq!(group("").shuts(&[PortRange::single(443)], &[vnet], &[vnet]), None);
    }

    #[test]
    fn what_leaves_is_judged_by_where_it_comes_from_and_goes_to() {
        let vnet: IpNet = "10.0.0.0/16".parse().unwrap();
        let endpoint: IpAddr = "10.0.9.9".parse().unwrap();
        let lets_out =
            |rules: &str, source: &str, port| group(rules).lets_out(&source.parse().unwrap(), endpoint, port, &[vnet]);
        assert_eq!(lets_out("", "10.0.1.0/24", 8443), Some(true), "Azure's default lets the network's traffic go");
        assert_eq!(lets_out("", "192.168.0.0/24", 8443), None, "a peered network is part of it too");
        let deny = r#"{"name":"deny","properties":{"protocol":"Tcp","sourceAddressPrefix":"*","destinationAddressPrefix":"10.0.9.0/24",
            "sourcePortRange":"*","destinationPortRange":"8443","access":"Deny","priority":100,"direction":"Outbound"}}"#;
        assert_eq!(lets_out(deny, "10.0.1.0/24", 8443), Some(false));
        assert_eq!(lets_out(deny, "10.0.1.0/24", 443), Some(true));
        let elsewhere = deny.replace("10.0.9.0/24", "10.0.8.0/24");
        assert_eq!(lets_out(&elsewhere, "10.0.1.0/24", 8443), Some(true), "to another place");
        let internet = deny.replace("10.0.9.0/24", "Internet");
        assert_eq!(lets_out(&internet, "10.0.1.0/24", 8443), Some(true));
        let others = deny.replace(r#""sourceAddressPrefix":"*""#, r#""sourceAddressPrefix":"10.0.2.0/24""#);
        assert_eq!(lets_out(&others, "10.0.1.0/24", 8443), Some(true), "of another subnet");
        assert_eq!(lets_out(&others, "10.0.0.0/16", 8443), None, "of a part of the clients");
        let inbound = deny.replace("Outbound", "Inbound");
        assert_eq!(lets_out(&inbound, "10.0.1.0/24", 8443), Some(true));
        let ports = [PortRange::single(443), PortRange::single(8443)];
        let kept = group(deny).keeps_from(&ports, &["10.0.1.0/24".parse().unwrap()], endpoint, &[vnet]);
        assert_eq!(kept, [Shut { port: 8443, rule: "deny".to_owned() }]);
    }
}
