//! Whether the clients' own network security groups let them out to the endpoint.

use futures_util::future;
use ipnet::IpNet;
use privlink_core::side::{EndpointFacts, PortRange, Survey};
use privlink_core::{Error, ErrorKind, Result};

use super::super::findings;
use super::Part;
use crate::ids::{NetworkSecurityGroupId, SubnetId};
use crate::model::NetworkSecurityGroup;

/// Where clients are, and what they have to pass when they leave.
#[derive(Debug, Default)]
pub(super) struct Clients {
    /// The ranges that they are in: their subnets', or all of the network's.
    pub(super) ranges: Vec<IpNet>,
    groups: Vec<(NetworkSecurityGroup, Vec<IpNet>)>,
    /// What could not be read, and why.
    unread: Vec<(String, String)>,
}

impl Part<'_> {
    /// What can be read of the clients that were named. What cannot be is unknown, and no reason to fail.
    pub(super) async fn clients(&self) -> Result<Clients> {
        let mut clients = Clients::default();
        let mut bound: Vec<(NetworkSecurityGroupId, Vec<IpNet>)> = Vec::new();
        let subnets = self.network.client_subnets.iter().map(|id| async move { (id, self.client_subnet(id).await) });
        for (id, subnet) in future::join_all(subnets).await {
            let Some(subnet) = known(subnet, id.as_str(), &mut clients.unread)? else { continue };
            let four: Vec<IpNet> = subnet.ranges.iter().filter(|range| range.addr().is_ipv4()).copied().collect();
            clients.ranges.extend(&four);
            match subnet.security_group {
                Some(Ok(group)) => bound.push((group, four)),
                Some(Err(error)) => clients.unread.push((id.to_string(), error.to_string())),
                None => {}
            }
        }
        if self.network.client_subnets.is_empty() {
            clients.ranges = self.four();
        }
        bound.extend(self.network.client_groups.iter().map(|group| (group.clone(), clients.ranges.clone())));
        let groups = bound.iter().map(|(id, _)| self.reads.security_group(id));
        for ((id, ranges), group) in bound.iter().zip(future::join_all(groups).await) {
            if let Some(group) = known(group, id.as_str(), &mut clients.unread)? {
                clients.groups.push((group, ranges.clone()));
            }
        }
        Ok(clients)
    }

    /// A subnet of this network is known with it, one of a peered network is asked for.
    async fn client_subnet(&self, id: &SubnetId) -> Result<Option<crate::model::Subnet>> {
        match self.vnet.subnets.iter().find(|subnet| subnet.id == *id) {
            Some(subnet) => Ok(Some(subnet.clone())),
            None => self.reads.subnet(id).await,
        }
    }

    /// Tells of each group that keeps clients from the endpoint, once it has its address; gives whether none does.
    pub(super) fn tell_clients(&self, out: &mut Survey, clients: &Clients, facts: Option<&EndpointFacts>) -> bool {
        out.findings.extend(clients.unread.iter().map(|(what, why)| findings::clients_unread(what, why)));
        let ports: Vec<PortRange> = self.names().flat_map(|name| name.ports.iter().copied()).collect();
        let addresses = facts.iter().flat_map(|facts| &facts.addresses).map(|(address, _)| *address);
        let mut open = true;
        for address in addresses.filter(std::net::IpAddr::is_ipv4) {
            for (group, ranges) in &clients.groups {
                let shut = group.keeps_from(&ports, ranges, address, &self.vnet.ranges);
                if !shut.is_empty() {
                    open = false;
                    out.findings.push(findings::clients_kept_in(&group.id, address, &shut));
                }
            }
        }
        open
    }

    /// The network's IPv4 ranges; endpoints have no other addresses.
    pub(super) fn four(&self) -> Vec<IpNet> {
        self.vnet.ranges.iter().filter(|range| range.addr().is_ipv4()).copied().collect()
    }
}

/// What was read; `None`, and a note, of what is not there or may not be read.
fn known<T>(read: Result<Option<T>, Error>, what: &str, unread: &mut Vec<(String, String)>) -> Result<Option<T>> {
    match read {
        Ok(Some(found)) => Ok(Some(found)),
        Ok(None) => {
            unread.push((what.to_owned(), "it is not found".to_owned()));
            Ok(None)
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            unread.push((what.to_owned(), error.to_string()));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
