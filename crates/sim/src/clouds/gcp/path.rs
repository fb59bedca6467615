//! Where a connection from inside a VPC network ends up.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::SystemTime;

#[cfg(feature = "data-path")]
use privlink_core::EndpointServiceId;

use super::link::{Global, Regional, SUBNETWORKS};
use super::psc::PscStatus;
use super::rule::Rule;
use super::state::{Firewall, GcpState, Machine, Subnet};
use super::{PathResult, Through};

impl GcpState {
    /// The network of a subnetwork and the address of a client machine in it.
    pub(crate) fn locate(&self, subnetwork: &str) -> Option<(String, IpAddr)> {
        let subnet = self.subnets.get(&Regional::parse(subnetwork, SUBNETWORKS, None)?)?;
        Some((subnet.network.to_string(), self.client_in(subnet).address.into()))
    }

    /// Where a TCP connection of the client in `from` to `to` and `port` ends up.
    pub(crate) fn connect(&self, now: SystemTime, from: &str, to: IpAddr, port: u16) -> PathResult {
        let subnet = Regional::parse(from, SUBNETWORKS, None).and_then(|key| self.subnets.get(&key));
        let Some(subnet) = subnet else { return PathResult::TimedOut(format!("there is no subnetwork {from}")) };
        let IpAddr::V4(to) = to else {
            return PathResult::TimedOut(format!("{} has no route to {to}", subnet.network));
        };
        let client = self.client_in(subnet);
        if let Some(firewall) = self.blocks(&client, subnet, to, port) {
            return PathResult::TimedOut(format!(
                "the firewall rule {firewall} does not let {} reach {to} on port {port}",
                client.address
            ));
        }
        if let Some(rule) = self.rules.values().find(|r| r.exists(now) && r.network == subnet.network && r.ip == to) {
            return behind(now, subnet, rule);
        }
        if self.machines.iter().any(|m| m.address == to && self.network_of(&m.subnet) == Some(&subnet.network)) {
            return PathResult::Refused(format!("the machine at {to} does not listen"));
        }
        let within = self.subnets.values().any(|own| own.network == subnet.network && own.range.contains(&to));
        match () {
            () if within => PathResult::TimedOut(format!("nothing in {} has the address {to}", subnet.network)),
            () if is_private(to) => PathResult::TimedOut(format!("{} has no route to {to}", subnet.network)),
            () => PathResult::Public,
        }
    }

    /// The addresses of every endpoint, with the service it leads to.
    #[cfg(feature = "data-path")]
    pub(crate) fn endpoint_addresses(&self, now: SystemTime) -> Vec<(IpAddr, EndpointServiceId)> {
        let there = self.rules.values().filter(|rule| rule.exists(now) && rule.ready <= now);
        there.map(|rule| (rule.ip.into(), rule.target.clone().into())).collect()
    }

    fn network_of(&self, subnet: &Regional) -> Option<&Global> {
        self.subnets.get(subnet).map(|subnet| &subnet.network)
    }

    /// The machine a client in `subnet` runs on: one that was put there, or else one at the
    /// subnet's last address, without tags or an account.
    fn client_in(&self, subnet: &Subnet) -> Machine {
        self.machines.iter().find(|machine| machine.subnet == subnet.key).cloned().unwrap_or_else(|| Machine {
            subnet: subnet.key.clone(),
            address: Ipv4Addr::from(u32::from(subnet.range.broadcast()).saturating_sub(2)),
            tags: BTreeSet::new(),
            account: None,
        })
    }

    /// The firewall rule that keeps a packet from leaving: of those that fit the one with the
    /// lowest number decides, of equal ones one that denies. Without one everything may leave; what
    /// comes in at an endpoint is nobody's to filter.
    fn blocks(&self, client: &Machine, subnet: &Subnet, to: Ipv4Addr, port: u16) -> Option<&str> {
        let is_for = |rule: &Firewall| {
            let for_all = rule.target_tags.is_empty() && rule.target_accounts.is_empty();
            let by_account = client.account.as_ref().is_some_and(|account| rule.target_accounts.contains(account));
            for_all || by_account || !rule.target_tags.is_disjoint(&client.tags)
        };
        let fits = |rule: &&Firewall| {
            rule.egress
                && rule.network == subnet.network
                && is_for(rule)
                && rule.ranges.iter().any(|range| range.contains(&to))
                && (rule.ports.is_empty() || rule.ports.iter().any(|(first, last)| (*first..=*last).contains(&port)))
        };
        let first = self.firewalls.values().filter(fits).min_by_key(|rule| (rule.priority, rule.allow))?;
        (!first.allow).then_some(&*first.key.name)
    }
}

fn behind(now: SystemTime, subnet: &Subnet, rule: &Rule) -> PathResult {
    let name = &rule.key.name;
    if subnet.key.region != rule.key.region && !rule.global_access.at(now) {
        return PathResult::TimedOut(format!(
            "{name} is in {}, the client in {}, and global access is off",
            rule.key.region, subnet.key.region
        ));
    }
    match rule.status_at(now) {
        Some(PscStatus::Accepted) => PathResult::Endpoint(Through {
            ids: vec![rule.connection.id.to_string()],
            service: rule.target.clone().into(),
        }),
        Some(status) => PathResult::TimedOut(format!("the connection of {name} is {}", status.as_str())),
        None => PathResult::TimedOut(format!("{name} is being made")),
    }
}

/// Private ranges, and the shared one of RFC 6598.
fn is_private(address: Ipv4Addr) -> bool {
    address.is_private() || (address.octets()[0] == 100 && (64..128).contains(&address.octets()[1]))
}
