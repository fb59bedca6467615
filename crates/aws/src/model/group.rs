use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use privlink_core::side::PortRange;
use privlink_core::{Result, SecurityGroupId, VpcId};
use serde::{Deserialize, Serialize};

use super::Tag;
use crate::wire::xml::Element;

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// Its name, unique in the VPC without regard to case.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The VPC it belongs to.
    pub vpc: Option<VpcId>,
    /// What may come in.
    pub ingress: Vec<IpPermission>,
    /// What its members may reach.
    #[serde(default)]
    pub egress: Vec<IpPermission>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl SecurityGroup {
    pub(crate) fn read(item: &Element) -> Result<Self> {
        Ok(Self {
            id: item.required_id("groupId")?,
            name: item.string("groupName").unwrap_or_default(),
            description: item.string("groupDescription").unwrap_or_default(),
            vpc: item.text_of("vpcId").and_then(|id| id.parse().ok()),
            ingress: item.list("ipPermissions").flat_map(IpPermission::read).collect(),
            egress: item.list("ipPermissionsEgress").flat_map(IpPermission::read).collect(),
            tags: Tag::set(item),
        })
    }

    /// Whether it is the group every VPC comes with; never used for an endpoint.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.name == "default"
    }
}

/// A rule: a protocol, ports, and one source; of what members may reach, one destination.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IpPermission {
    /// `tcp`, `udp`, or `-1` for all.
    pub protocol: String,
    /// The ports; `None` for all.
    pub ports: Option<(u16, u16)>,
    /// From where, or to where.
    pub source: PermissionSource,
}

/// Where traffic may come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PermissionSource {
    /// An address range, canonical: host bits are zero.
    Range(IpNet),
    /// The members of a group.
    Group(SecurityGroupId),
    /// A prefix list, or what this library does not know; verbatim.
    Other(String),
}

impl IpPermission {
    /// A rule that lets TCP to `ports` in from `source`; a range is made canonical, as AWS
    /// stores it.
    #[must_use]
    pub fn tcp(ports: PortRange, source: PermissionSource) -> Self {
        let source = match source {
            PermissionSource::Range(range) => PermissionSource::Range(range.trunc()),
            other => other,
        };
        Self { protocol: "tcp".into(), ports: Some((ports.first, ports.last)), source }
    }

    fn read(item: &Element) -> Vec<Self> {
        let protocol = item.string("ipProtocol").unwrap_or_default();
        let ports = item.number("fromPort").zip(item.number("toPort"));
        let ranges = item
            .list("ipRanges")
            .filter_map(|range| range.text_of("cidrIp"))
            .chain(item.list("ipv6Ranges").filter_map(|range| range.text_of("cidrIpv6")))
            .map(|text| match text.parse::<IpNet>() {
                Ok(range) => PermissionSource::Range(range.trunc()),
                Err(_) => PermissionSource::Other(text.to_owned()),
            });
        let groups = item.list("groups").filter_map(|group| group.text_of("groupId")).map(|text| match text.parse() {
            Ok(group) => PermissionSource::Group(group),
            Err(_) => PermissionSource::Other(text.to_owned()),
        });
        let lists = item
            .list("prefixListIds")
            .filter_map(|list| list.text_of("prefixListId"))
            .map(|text| PermissionSource::Other(text.to_owned()));
        ranges.chain(groups).chain(lists).map(|source| Self { protocol: protocol.clone(), ports, source }).collect()
    }

    /// Whether everything `other` lets in is let in by this rule.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let protocol = self.protocol == "-1" || self.protocol == other.protocol;
        let ports = match (self.ports, other.ports) {
            (None, _) => true,
            (Some((first, last)), Some((from, to))) => first <= from && to <= last,
            (Some(_), None) => false,
        };
        let source = match (&self.source, &other.source) {
            (PermissionSource::Range(wide), PermissionSource::Range(narrow)) => wide.contains(narrow),
            (ours, theirs) => ours == theirs,
        };
        protocol && ports && source
    }

    /// Whether it may let TCP out to all of `ports` at `address`, where members of `groups` are. What this library
    /// cannot read, a prefix list, may.
    #[must_use]
    pub fn may_reach(&self, ports: PortRange, address: IpAddr, groups: &[SecurityGroupId]) -> bool {
        let all = |(first, last)| first <= ports.first && ports.last <= last;
        (self.protocol == "-1" || self.protocol == "tcp")
            && self.ports.is_none_or(all)
            && match &self.source {
                PermissionSource::Range(range) => range.contains(&address),
                PermissionSource::Group(group) => groups.contains(group),
                PermissionSource::Other(_) => true,
            }
    }
}

impl fmt::Display for IpPermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ports {
            Some((first, last)) if first == last => write!(f, "{} {first}", self.protocol)?,
            Some((first, last)) => write!(f, "{} {first}-{last}", self.protocol)?,
            None => f.write_str("all")?,
        }
        match &self.source {
            PermissionSource::Range(range) => write!(f, " from {range}"),
            PermissionSource::Group(group) => write!(f, " from {group}"),
            PermissionSource::Other(text) => write!(f, " from {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_canonical_and_wider_rules_cover() {
        let rule = |range: &str, first, last| {
            IpPermission::tcp(PortRange::range(first, last), PermissionSource::Range(range.parse().unwrap()))
        };
        assert_eq!(rule("10.0.3.4/16", 443, 443), rule("10.0.0.0/16", 443, 443));
        assert!(rule("10.0.0.0/8", 1, 65535).covers(&rule("10.0.0.0/16", 443, 443)));
        assert!(!rule("10.0.0.0/16", 443, 443).covers(&rule("10.0.0.0/8", 443, 443)));
        assert!(!rule("10.0.0.0/16", 443, 443).covers(&rule("10.0.0.0/16", 443, 8443)));
        let all = IpPermission { protocol: "-1".into(), ports: None, source: rule("10.0.0.0/16", 1, 1).source };
        assert!(all.covers(&rule("10.0.0.0/16", 443, 443)));
    }

    #[test]
    fn what_a_rule_may_reach_is_told_by_ports_address_and_group() {
        let (endpoint, port): (IpAddr, _) = ("10.0.1.5".parse().unwrap(), PortRange::single(8443));
        let group: SecurityGroupId = "sg-0a1b2c3d4e5f67890".parse().unwrap();
        let groups = std::slice::from_ref(&group);
        let to = |source| IpPermission::tcp(PortRange::range(8000, 9000), source);
        let range = |text: &str| PermissionSource::Range(text.parse().unwrap());
        assert!(to(range("10.0.0.0/16")).may_reach(port, endpoint, &[]));
        assert!(!to(range("10.1.0.0/16")).may_reach(port, endpoint, groups));
        assert!(!to(range("10.0.0.0/16")).may_reach(PortRange::single(9440), endpoint, groups));
        assert!(to(PermissionSource::Group(group.clone())).may_reach(port, endpoint, groups));
        assert!(!to(PermissionSource::Group(group.clone())).may_reach(port, endpoint, &[]));
        assert!(to(PermissionSource::Other("pl-0a1b2c3d".into())).may_reach(port, endpoint, &[]), "who knows");
        let udp = IpPermission { protocol: "udp".into(), ..to(range("10.0.0.0/16")) };
        assert!(!udp.may_reach(port, endpoint, &[]));
    }
}
