//! Where a connection from inside a virtual network ends up.

use std::net::{IpAddr, Ipv4Addr};
use std::time::SystemTime;

use privlink_core::AzureResourceId;
#[cfg(feature = "data-path")]
use privlink_core::EndpointServiceId;

use super::network::Endpoint;
use super::rule;
use super::state::{AzureState, Subnet, Vnet};
use super::{PathResult, Through};

impl AzureState {
    /// The network of a subnet and the address of a client machine in it.
    pub(crate) fn locate(&self, subnet: &AzureResourceId) -> Option<(String, IpAddr)> {
        let subnet = self.subnets.get(subnet)?;
        Some((subnet.vnet.to_string(), self.client_in(subnet).into()))
    }

    /// Where a TCP connection of the client in `from` to `to` and `port` ends up.
    pub(crate) fn connect(&self, now: SystemTime, from: &AzureResourceId, to: IpAddr, port: u16) -> PathResult {
        let Some((subnet, vnet)) = self.subnets.get(from).and_then(|s| Some((s, self.vnets.get(&s.vnet)?))) else {
            return PathResult::TimedOut(format!("there is no subnet {from}"));
        };
        let reachable = |other: &Vnet| other.id == vnet.id || vnet.peers.contains(&other.id);
        let network_of = |subnet: &AzureResourceId| self.vnets.get(&self.subnets.get(subnet)?.vnet);
        let endpoint = self.endpoints.values().find(|endpoint| {
            endpoint.address == to && !endpoint.work.is_gone(now) && network_of(&endpoint.subnet).is_some_and(reachable)
        });
        let client = IpAddr::V4(self.client_in(subnet));
        if let Some(endpoint) = endpoint {
            return self.through(now, subnet, client, endpoint, port);
        }
        let IpAddr::V4(v4) = to else { return PathResult::Public };
        let machine = self
            .subnets
            .values()
            .find(|other| other.machines.contains(&v4) && self.vnets.get(&other.vnet).is_some_and(reachable));
        let inside = self.vnets.values().filter(|other| reachable(other)).flat_map(|other| &other.ranges);
        match machine {
            Some(_) => PathResult::Refused(format!("the machine at {to} does not listen")),
            None if inside.into_iter().any(|range| range.contains(&v4)) => {
                PathResult::TimedOut(format!("nothing in {} or its peers has the address {to}", vnet.id.name()))
            }
            None if v4.is_private() => PathResult::TimedOut(format!("{} has no route to {to}", vnet.id.name())),
            None => PathResult::Public,
        }
    }

    fn through(&self, now: SystemTime, subnet: &Subnet, client: IpAddr, endpoint: &Endpoint, port: u16) -> PathResult {
        let rules = |group: Option<&AzureResourceId>| {
            let group = group.and_then(|group| self.security_groups.get(group));
            group.map_or(&[][..], |group| group.rules.as_slice())
        };
        // What leaves passes the interface's group first and then the subnet's.
        for (group, whose) in [(&subnet.machine_group, "interface"), (&subnet.security_group, "subnet")] {
            let rules = rules(group.as_ref());
            let passes = rule::decide(rules, false, endpoint.address, port, &endpoint.application_groups, true);
            if let Err(rule) = passes {
                return PathResult::TimedOut(format!(
                    "the outbound rule {rule} of the client's {whose} denies {} on port {port}",
                    endpoint.address
                ));
            }
        }
        let own = self.subnets.get(&endpoint.subnet);
        // Rules bind the endpoints of a subnet only where its network policies say so.
        let bound = own.filter(|own| matches!(own.policies, "Enabled" | "NetworkSecurityGroupEnabled"));
        if let Some(own) = bound
            && let Err(rule) =
                rule::decide(rules(own.security_group.as_ref()), true, client, port, &endpoint.application_groups, true)
        {
            return PathResult::TimedOut(format!(
                "the inbound rule {rule} of the endpoint's subnet denies {client} on port {port}"
            ));
        }
        if !endpoint.works(now) {
            let (status, _) = endpoint.status(now);
            let provisioning = endpoint.work.provisioning(now, false);
            return PathResult::TimedOut(format!(
                "{} is {provisioning} and its connection {}",
                endpoint.id.name(),
                status.as_str()
            ));
        }
        PathResult::Endpoint(Through { ids: endpoint.identities(), service: endpoint.connection.alias.clone().into() })
    }

    /// The machine a client in `subnet` runs on: a seeded one, or else one at the subnet's last
    /// address.
    fn client_in(&self, subnet: &Subnet) -> Ipv4Addr {
        let last = u32::from(subnet.range.broadcast()).saturating_sub(1);
        subnet.machines.first().copied().unwrap_or_else(|| Ipv4Addr::from(last))
    }

    /// The addresses of every endpoint, with the service it leads to.
    #[cfg(feature = "data-path")]
    pub(crate) fn endpoint_addresses(&self, now: SystemTime) -> Vec<(IpAddr, EndpointServiceId)> {
        let there = self.endpoints.values().filter(|endpoint| !endpoint.work.is_gone(now));
        there.map(|endpoint| (endpoint.address, endpoint.connection.alias.clone().into())).collect()
    }
}
