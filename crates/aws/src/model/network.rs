use std::net::IpAddr;

use ipnet::IpNet;
use privlink_core::{
    AwsAccountId, AwsPrincipal, NetworkInterfaceId, Result, SecurityGroupId, SubnetId, VpcEndpointId, VpcId, ZoneId,
};
use serde::{Deserialize, Serialize};

use super::Tag;
use crate::wire::xml::Element;

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Vpc {
    /// Its id.
    pub id: VpcId,
    /// Its address ranges of both versions, those associated now.
    pub ranges: Vec<IpNet>,
    /// Its account.
    pub owner: Option<AwsAccountId>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl Vpc {
    pub(crate) fn read(item: &Element) -> Result<Self> {
        let mut ranges: Vec<IpNet> = Vec::new();
        let mut add = |text: Option<&str>| {
            if let Some(range) = text.and_then(|text| text.parse::<IpNet>().ok())
                && !ranges.contains(&range.trunc())
            {
                ranges.push(range.trunc());
            }
        };
        add(item.text_of("cidrBlock"));
        for (set, block, state) in [
            ("cidrBlockAssociationSet", "cidrBlock", "cidrBlockState"),
            ("ipv6CidrBlockAssociationSet", "ipv6CidrBlock", "ipv6CidrBlockState"),
        ] {
            for association in item.list(set) {
                let word = association.child(state).and_then(|state| state.text_of("state")).unwrap_or("associated");
                if matches!(word, "associated" | "associating") {
                    add(association.text_of(block));
                }
            }
        }
        Ok(Self {
            id: item.required_id("vpcId")?,
            ranges,
            owner: item.text_of("ownerId").and_then(|id| id.parse().ok()),
            tags: Tag::set(item),
        })
    }
}

/// One of a VPC's two DNS switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VpcAttribute {
    /// Whether the VPC's own resolver answers; on unless switched off.
    DnsSupport,
    /// Whether private zones and private DNS work; off unless switched on.
    DnsHostnames,
}

impl VpcAttribute {
    /// The name `DescribeVpcAttribute` asks by.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DnsSupport => "enableDnsSupport",
            Self::DnsHostnames => "enableDnsHostnames",
        }
    }

    pub(crate) fn parameter(self) -> &'static str {
        match self {
            Self::DnsSupport => "EnableDnsSupport.Value",
            Self::DnsHostnames => "EnableDnsHostnames.Value",
        }
    }
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// The VPC it belongs to.
    pub vpc: Option<VpcId>,
    /// Its zone, by the id that means the same in every account.
    pub zone: Option<ZoneId>,
    /// Its zone, by the name this account uses.
    pub zone_name: Option<String>,
    /// How many addresses are free.
    pub free_addresses: Option<u32>,
    /// Its IPv4 and IPv6 ranges.
    pub ranges: Vec<IpNet>,
    /// Whether it has IPv6 alone.
    pub ipv6_native: bool,
}

impl Subnet {
    pub(crate) fn read(item: &Element) -> Result<Self> {
        let ipv6 = item.list("ipv6CidrBlockAssociationSet").filter_map(|block| block.text_of("ipv6CidrBlock"));
        Ok(Self {
            id: item.required_id("subnetId")?,
            vpc: item.text_of("vpcId").and_then(|id| id.parse().ok()),
            zone: item.text_of("availabilityZoneId").and_then(|id| id.parse().ok()),
            zone_name: item.string("availabilityZone"),
            free_addresses: item.number("availableIpAddressCount"),
            ranges: item.text_of("cidrBlock").into_iter().chain(ipv6).filter_map(|range| range.parse().ok()).collect(),
            ipv6_native: item.boolean("ipv6Native").unwrap_or(false),
        })
    }
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NetworkInterface {
    /// Its id.
    pub id: NetworkInterfaceId,
    /// Its subnet.
    pub subnet: Option<SubnetId>,
    /// Its zone.
    pub zone: Option<ZoneId>,
    /// The zone as this account names it.
    pub zone_name: Option<String>,
    /// Its private addresses of both versions.
    pub addresses: Vec<IpAddr>,
    /// Its groups.
    pub groups: Vec<SecurityGroupId>,
    /// `in-use`, `available`, …, verbatim.
    pub status: Option<String>,
    /// Its description; an endpoint's interface says `VPC Endpoint Interface vpce-…`.
    pub description: String,
}

impl NetworkInterface {
    pub(crate) fn read(item: &Element) -> Result<Self> {
        let mut addresses: Vec<IpAddr> = Vec::new();
        let more = item.list("privateIpAddressesSet").filter_map(|address| address.text_of("privateIpAddress"));
        let six = item.list("ipv6AddressesSet").filter_map(|address| address.text_of("ipv6Address"));
        for text in item.text_of("privateIpAddress").into_iter().chain(more).chain(six) {
            if let Ok(address) = text.parse()
                && !addresses.contains(&address)
            {
                addresses.push(address);
            }
        }
        Ok(Self {
            id: item.required_id("networkInterfaceId")?,
            subnet: item.text_of("subnetId").and_then(|id| id.parse().ok()),
            zone: item.text_of("availabilityZoneId").and_then(|id| id.parse().ok()),
            zone_name: item.string("availabilityZone"),
            addresses,
            groups: item.list("groupSet").filter_map(|group| group.text_of("groupId")?.parse().ok()).collect(),
            status: item.string("status"),
            description: item.string("description").unwrap_or_default(),
        })
    }

    /// The endpoint it belongs to, told by its description.
    #[must_use]
    pub fn endpoint(&self) -> Option<VpcEndpointId> {
        self.description.split_whitespace().find_map(|word| word.parse().ok())
    }
}

/// Who the credentials belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallerIdentity {
    /// The account.
    pub account: AwsAccountId,
    /// The ARN of the user or of the role's session.
    pub arn: String,
}

impl CallerIdentity {
    /// An identity: for tests and doubles.
    #[must_use]
    pub fn new(account: AwsAccountId, arn: impl Into<String>) -> Self {
        Self { account, arn: arn.into() }
    }

    pub(crate) fn read(result: &Element) -> Result<Self> {
        Ok(Self::new(result.required_id("Account")?, result.text_of("Arn").unwrap_or_default()))
    }

    /// The principal as an allow list names it: for a role's session the role itself, since a
    /// session's ARN matches no list.
    ///
    /// A role with a path has lost it in the session's ARN; then the result lacks the path too.
    ///
    /// ```
    /// use privlink_aws::CallerIdentity;
    ///
    /// let identity = CallerIdentity::new(
    ///     "123456789012".parse()?,
    ///     "arn:aws:sts::123456789012:assumed-role/deploy/session-7",
    /// );
    /// assert_eq!(identity.principal().unwrap().as_str(), "arn:aws:iam::123456789012:role/deploy");
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    #[must_use]
    pub fn principal(&self) -> Option<AwsPrincipal> {
        let parts: Vec<&str> = self.arn.splitn(6, ':').collect();
        if let ["arn", partition, "sts", _, account, resource] = parts.as_slice()
            && let Some(role) = resource.strip_prefix("assumed-role/")
        {
            let role = role.split('/').next().unwrap_or(role);
            return format!("arn:{partition}:iam::{account}:role/{role}").parse().ok();
        }
        self.arn.parse().ok()
    }
}
