//! A VPC endpoint: its states over time and its names.

use std::time::{Duration, SystemTime};

use privlink_core::{
    AwsAccountId, AwsPartition, DnsName, HostedZoneId, Region, SecurityGroupId, SubnetId, VpcEndpointId,
    VpcEndpointServiceName, VpcId,
};
use sha2::{Digest, Sha256};

use super::id::capitals;
use super::state::{AwsState, EndpointServiceDef};

/// A VPC endpoint of type `Interface`.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) id: VpcEndpointId,
    pub(super) account: AwsAccountId,
    pub(super) region: Region,
    pub(super) vpc: VpcId,
    pub(super) service: VpcEndpointServiceName,
    pub(super) service_region: Region,
    pub(super) created: SystemTime,
    /// When it got or will get into which state, in the order of time.
    pub(super) timeline: Vec<(SystemTime, EndpointState)>,
    pub(super) subnets: Vec<SubnetId>,
    pub(super) groups: Vec<SecurityGroupId>,
    pub(super) private_dns: bool,
    /// From when on its private name resolves.
    pub(super) private_dns_from: Option<SystemTime>,
    /// The opaque part of its DNS names.
    pub(super) dns_tag: String,
    /// The zone that AWS keeps for its private name.
    pub(super) hidden_zone: HostedZoneId,
    pub(super) ip_type: IpType,
    pub(super) dns_record_type: String,
    pub(super) policy: String,
    pub(super) last_error: Option<(String, String)>,
}

/// `IpAddressType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IpType {
    V4,
    V6,
    DualStack,
}

impl IpType {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "ipv4" => Some(Self::V4),
            "ipv6" => Some(Self::V6),
            "dualstack" => Some(Self::DualStack),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
            Self::DualStack => "dualstack",
        }
    }

    pub(super) fn has_v4(self) -> bool {
        self != Self::V6
    }

    pub(super) fn has_v6(self) -> bool {
        self != Self::V4
    }
}

/// Where an endpoint is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndpointState {
    /// The vendor has to accept it.
    PendingAcceptance,
    /// It is being built or changed.
    Pending,
    /// It works.
    Available,
    /// The vendor has refused it.
    Rejected,
    /// AWS could not build it.
    Failed,
    /// Nobody accepted it in time.
    Expired,
    /// It is being deleted; its interfaces are still there.
    Deleting,
    /// It is deleted and still listed.
    Deleted,
    /// It is not listed any more.
    Gone,
}

impl EndpointState {
    /// As the API writes it: lower camel case, unlike the API's own model.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::PendingAcceptance => "pendingAcceptance",
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Deleting => "deleting",
            Self::Deleted | Self::Gone => "deleted",
        }
    }

    pub(super) fn is_gone(self) -> bool {
        self == Self::Gone
    }

    pub(super) fn has_interfaces(self) -> bool {
        !matches!(self, Self::Deleted | Self::Gone)
    }

    /// Whether it takes part in anything: not on its way out and not ended.
    pub(super) fn is_alive(self) -> bool {
        matches!(self, Self::PendingAcceptance | Self::Pending | Self::Available)
    }
}

impl Endpoint {
    /// Its state at `now`.
    pub(super) fn state_at(&self, now: SystemTime) -> EndpointState {
        let passed = self.timeline.iter().rev().find(|(at, _)| *at <= now);
        passed.or(self.timeline.first()).map_or(EndpointState::Gone, |(_, state)| *state)
    }

    /// Drops what was to come and puts it into `states`, each after its delay from `now`.
    pub(super) fn schedule(&mut self, now: SystemTime, states: &[(Duration, EndpointState)]) {
        self.timeline.retain(|(at, _)| *at <= now);
        self.timeline.extend(states.iter().map(|(delay, state)| (now + *delay, *state)));
    }

    /// Whether it has carried traffic at least once: from then on its names resolve.
    pub(super) fn was_available(&self, now: SystemTime) -> bool {
        self.timeline.iter().any(|(at, state)| *state == EndpointState::Available && *at <= now)
    }

    /// Whether its private name resolves.
    pub(super) fn serves_private_name(&self, now: SystemTime) -> bool {
        self.private_dns
            && self.private_dns_from.is_some_and(|from| from <= now)
            && matches!(self.state_at(now), EndpointState::Available | EndpointState::Pending)
    }

    /// Whether its private name is taken in its VPC.
    pub(super) fn claims_private_name(&self, now: SystemTime) -> bool {
        self.private_dns && !matches!(self.state_at(now), EndpointState::Deleted | EndpointState::Gone)
    }

    /// `vpce-…-tag.vpce-svc-….region.vpce.amazonaws.com`.
    pub(super) fn regional_name(&self) -> String {
        format!("{}-{}.{}", self.id, self.dns_tag, self.parent_name())
    }

    /// The same for one zone.
    pub(super) fn zonal_name(&self, zone: &str) -> String {
        format!("{}-{}-{zone}.{}", self.id, self.dns_tag, self.parent_name())
    }

    fn parent_name(&self) -> String {
        format!("{}.{}", self.service.service_id(), endpoint_domain(&self.service_region))
    }
}

/// The domain of the endpoint names of a region.
pub(super) fn endpoint_domain(region: &Region) -> String {
    let suffix = match AwsPartition::of(region) {
        AwsPartition::China => "amazonaws.com.cn",
        AwsPartition::EuropeanSovereign => "amazonaws.eu",
        _ => "amazonaws.com",
    };
    format!("{region}.vpce.{suffix}")
}

/// The id of the zone in which AWS keeps the endpoint names of a region: fixed, and not the caller's.
pub(super) fn endpoint_zone(region: &Region) -> HostedZoneId {
    let id = match region.as_str() {
        // As public templates and the contract's samples show them (read 2026-11-21).
        "us-east-1" => "Z7HUB22UULQXV".to_owned(),
        "us-east-2" => "ZC8PG0KIFKBRI".to_owned(),
        "us-west-1" => "Z12I86A8N7VCZO".to_owned(),
        "us-west-2" => "Z1YSA3EXCYUU9Z".to_owned(),
        "eu-west-1" => "Z38GZ743OKFT7T".to_owned(),
        "eu-central-1" => "Z273ZU8SZ5RJPC".to_owned(),
        other => capitals('Z', &Sha256::digest(format!("vpce/{other}")).into())[..14].to_owned(),
    };
    id.parse().expect("capital letters and digits")
}

/// The name of the hidden zone that holds a service's private name: the name without `*.`.
pub(super) fn private_zone_name(service: &EndpointServiceDef) -> Option<DnsName> {
    let name = service.private_dns_name.as_ref()?.as_str();
    name.strip_prefix("*.").unwrap_or(name).parse().ok()
}

impl AwsState {
    /// The endpoint with this id that `account` has in `region`, until it is no longer listed.
    pub(super) fn endpoint(
        &self,
        account: &AwsAccountId,
        region: &Region,
        now: SystemTime,
        id: &VpcEndpointId,
    ) -> Option<&Endpoint> {
        self.endpoints.get(id).filter(|e| e.account == *account && e.region == *region && !e.state_at(now).is_gone())
    }

    /// The private names in use in `vpc` by the endpoint that claims them, with the name of the hidden zone.
    pub(super) fn hidden_zones<'a>(
        &'a self,
        now: SystemTime,
        vpc: &'a VpcId,
    ) -> impl Iterator<Item = (&'a Endpoint, DnsName)> {
        self.endpoints.values().filter(move |e| e.vpc == *vpc && e.claims_private_name(now)).filter_map(|endpoint| {
            let service = self.services.get(&endpoint.service)?;
            Some((endpoint, private_zone_name(service)?))
        })
    }
}
