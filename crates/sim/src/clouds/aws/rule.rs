//! A rule of a security group.

use std::fmt;
use std::net::IpAddr;

use ipnet::{Ipv4Net, Ipv6Net};
use privlink_core::{AwsAccountId, SecurityGroupId};

/// One rule: one range of ports for one peer.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) egress: bool,
    pub(super) ports: Ports,
    pub(super) peer: Peer,
    pub(super) description: Option<String>,
}

/// A protocol and its ports, as EC2 writes them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ports {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    pub(super) protocol: String,
    pub(super) from: Option<i32>,
    pub(super) to: Option<i32>,
}

/// Whom a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Peer {
    V4(Ipv4Net),
    V6(Ipv6Net),
    Group { account: AwsAccountId, id: SecurityGroupId },
    PrefixList(String),
}

impl Rule {
    /// Whether it says the same as another.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.egress == other.egress && self.ports == other.ports && self.peer == other.peer
    }

    /// Whether it lets TCP through to `port`, with `address` and `groups` at the other end.
    pub(super) fn admits(&self, port: u16, address: IpAddr, groups: &[SecurityGroupId]) -> bool {
        self.ports.hold_tcp(port)
            && match (&self.peer, address) {
                (Peer::V4(net), IpAddr::V4(address)) => net.contains(&address),
                (Peer::V6(net), IpAddr::V6(address)) => net.contains(&address),
                (Peer::Group { id, .. }, _) => groups.contains(id),
                // What is in a prefix list is not part of this world.
                _ => false,
            }
    }
}

impl Ports {
    /// Every protocol and port.
    pub(super) fn all() -> Self {
        Self { protocol: "-1".to_owned(), from: None, to: None }
    }

    fn hold_tcp(&self, port: u16) -> bool {
        match self.protocol.as_str() {
            "-1" => true,
            "tcp" => {
                let port = i32::from(port);
                self.from.is_none_or(|from| from <= port) && self.to.is_none_or(|to| port <= to)
            }
            _ => false,
        }
    }
}

/// As EC2 quotes a rule in its refusals.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.peer {
            Peer::V4(net) => write!(f, "peer: {net}")?,
            Peer::V6(net) => write!(f, "peer: {net}")?,
            Peer::Group { id, .. } => write!(f, "peer: {id}")?,
            Peer::PrefixList(id) => write!(f, "peer: {id}")?,
        }
        let protocol = match self.ports.protocol.as_str() {
            "-1" => "ALL".to_owned(),
            other => other.to_ascii_uppercase(),
        };
        write!(f, ", {protocol}")?;
        if let (Some(from), Some(to)) = (self.ports.from, self.ports.to) {
            write!(f, ", from port: {from}, to port: {to}")?;
        }
        f.write_str(", ALLOW")
    }
}
