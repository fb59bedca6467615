//! Where a connection from inside a VPC ends up.

use std::net::{IpAddr, Ipv4Addr};
use std::time::SystemTime;

use privlink_core::{SecurityGroupId, SubnetId, VpcId};

use super::endpoint::EndpointState;
use super::state::{AwsState, Interface, Subnet};
use super::{PathResult, Through};

impl AwsState {
    /// The network of a subnet and the address of a client machine in it.
    pub(crate) fn locate(&self, subnet: &SubnetId) -> Option<(VpcId, IpAddr)> {
        let subnet = self.subnets.get(subnet)?;
        Some((subnet.vpc.clone(), self.client_in(subnet).0))
    }

    /// Where a TCP connection of the client in `from` to `to` and `port` ends up.
    pub(crate) fn connect(&self, now: SystemTime, from: &SubnetId, to: IpAddr, port: u16) -> PathResult {
        let Some((subnet, vpc)) = self.subnets.get(from).and_then(|s| Some((s, self.vpcs.get(&s.vpc)?))) else {
            return PathResult::TimedOut(format!("there is no subnet {from}"));
        };
        let own = self
            .interfaces_at(now)
            .filter(|i| self.subnets.get(&i.subnet).is_some_and(|other| other.vpc == vpc.id))
            .find(|interface| interface.address == to || interface.address6 == Some(to));
        let Some(interface) = own else {
            return match to {
                IpAddr::V4(v4) if vpc.cidr.contains(&v4) => {
                    PathResult::TimedOut(format!("no interface of {} has the address {to}", vpc.id))
                }
                IpAddr::V4(v4) if is_private(v4) => PathResult::TimedOut(format!("{} has no route to {to}", vpc.id)),
                _ => PathResult::Public,
            };
        };
        let (address, groups) = self.client_in(subnet);
        if !groups.is_empty() && !self.any_admits(&groups, true, port, to, &interface.groups) {
            return PathResult::TimedOut(format!(
                "no outbound rule of the client's groups {} lets it reach {to} on port {port}",
                list(&groups)
            ));
        }
        if !self.any_admits(&interface.groups, false, port, address, &groups) {
            return PathResult::TimedOut(format!(
                "no inbound rule of {} lets {address} in on port {port}",
                list(&interface.groups)
            ));
        }
        self.behind(now, interface)
    }

    fn behind(&self, now: SystemTime, interface: &Interface) -> PathResult {
        let Some(endpoint) = interface.endpoint.as_ref().and_then(|id| self.endpoints.get(id)) else {
            return PathResult::Refused(format!("the machine behind {} does not listen", interface.id));
        };
        let state = endpoint.state_at(now);
        // Being changed does not interrupt an endpoint that worked.
        let works =
            state == EndpointState::Available || (state == EndpointState::Pending && endpoint.was_available(now));
        if works {
            PathResult::Endpoint(Through {
                ids: vec![endpoint.id.to_string()],
                service: endpoint.service.clone().into(),
            })
        } else {
            PathResult::TimedOut(format!("{} is {}", endpoint.id, state.as_str()))
        }
    }

    /// The machine a client in `subnet` runs on: a seeded one, or else one at the subnet's last
    /// address that may reach everything.
    fn client_in(&self, subnet: &Subnet) -> (IpAddr, Vec<SecurityGroupId>) {
        let machine = self.interfaces.values().find(|i| i.endpoint.is_none() && i.subnet == subnet.id);
        match machine {
            Some(interface) => (interface.address, interface.groups.clone()),
            None => {
                let last = u32::from(subnet.cidr.broadcast()).saturating_sub(1);
                (Ipv4Addr::from(last).into(), Vec::new())
            }
        }
    }

    fn any_admits(
        &self,
        groups: &[SecurityGroupId],
        egress: bool,
        port: u16,
        peer: IpAddr,
        peer_groups: &[SecurityGroupId],
    ) -> bool {
        groups
            .iter()
            .filter_map(|id| self.groups.get(id))
            .flat_map(|group| group.rules.values())
            .any(|rule| rule.egress == egress && rule.admits(port, peer, peer_groups))
    }
}

fn list(groups: &[SecurityGroupId]) -> String {
    groups.iter().map(SecurityGroupId::as_str).collect::<Vec<_>>().join(", ")
}

/// Private ranges, and the shared one of RFC 6598.
fn is_private(address: Ipv4Addr) -> bool {
    address.is_private() || (address.octets()[0] == 100 && (64..128).contains(&address.octets()[1]))
}
