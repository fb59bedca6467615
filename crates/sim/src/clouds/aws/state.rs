//! What exists in the simulated AWS.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use ipnet::{Ipv4Net, Ipv6Net};
use privlink_core::{
    AwsAccountId, DnsName, HostedZoneId, NetworkInterfaceId, Region, SecurityGroupId, SubnetId, VpcEndpointId,
    VpcEndpointServiceName, VpcId, ZoneId,
};

use super::endpoint::Endpoint;
use super::error::{Answer, ApiError};
use super::id::IdSource;
use super::rule::Rule;
use super::sign::AccessKey;
use super::zone::{Change, Zone};

/// Everything that exists in the simulated AWS.
#[derive(Clone, Debug, Default)]
pub(crate) struct AwsState {
    /// How it behaves where that can be chosen.
    pub(crate) behaviour: Behaviour,
    pub(super) ids: IdSource,
    pub(super) accounts: BTreeMap<AwsAccountId, Account>,
    pub(super) keys: BTreeMap<String, AccessKey>,
    pub(super) vpcs: BTreeMap<VpcId, Vpc>,
    pub(super) subnets: BTreeMap<SubnetId, Subnet>,
    pub(super) groups: BTreeMap<SecurityGroupId, Group>,
    pub(super) interfaces: BTreeMap<NetworkInterfaceId, Interface>,
    pub(super) services: BTreeMap<VpcEndpointServiceName, EndpointServiceDef>,
    pub(super) endpoints: BTreeMap<VpcEndpointId, Endpoint>,
    pub(super) zones: BTreeMap<HostedZoneId, Zone>,
    pub(super) changes: BTreeMap<String, Change>,
    /// Tags of everything that has an id of its own.
    pub(super) tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Client tokens of `CreateVpcEndpoint`.
    pub(super) tokens: BTreeMap<(AwsAccountId, Region, String), TokenUse>,
    /// Caller references of hosted zones, also of those that are gone.
    pub(super) references: BTreeMap<(AwsAccountId, String), HostedZoneId>,
    /// The machine's own clock, where the world's runs at another pace: signatures may be dated
    /// by either.
    pub(crate) machine_time: Option<SystemTime>,
    /// How many more reads a fresh id answers "not found".
    fresh: BTreeMap<String, u32>,
}

/// What the contract leaves open or lets vary: durations and undocumented behaviour.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Behaviour {
    /// How long an accepted endpoint is being built.
    pub endpoint_pending: Duration,
    /// How long a changed endpoint is `pending` again.
    pub endpoint_changing: Duration,
    /// How long a deleted endpoint is `deleting`, with its interfaces still there.
    pub endpoint_deleting: Duration,
    /// How long a deleted endpoint is still listed as `deleted`.
    pub endpoint_deleted_visible: Duration,
    /// How long after creation an endpoint that nobody accepted expires.
    pub endpoint_expires: Option<Duration>,
    /// How long a Route 53 change stays `PENDING`; name servers follow at its end.
    pub change_pending: Duration,
    /// How long after a change another one of the same zone gets `PriorRequestNotComplete`.
    pub prior_request_window: Duration,
    /// How many reads a fresh EC2 id answers "not found".
    pub unseen_reads: u32,
    /// Whether a client token, or a zone's caller reference, still answers for what has been deleted.
    pub token_replay_after_delete: bool,
    /// What `CreateVpcEndpoint` takes `PrivateDnsEnabled` for when it is not sent.
    pub private_dns_by_default: bool,
    /// Whether several problems of one Route 53 batch come in the API reference's own shape, a list of messages.
    pub batch_problems_as_list: bool,
    /// Lists `DnsEntries` backwards: their order is not documented.
    pub dns_entries_reversed: bool,
    /// How many hosted zones an account may have; 500 unless AWS raised it.
    pub hosted_zone_quota: usize,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            endpoint_pending: Duration::from_secs(30),
            endpoint_changing: Duration::from_secs(20),
            endpoint_deleting: Duration::from_secs(20),
            endpoint_deleted_visible: Duration::from_secs(60),
            endpoint_expires: None,
            change_pending: Duration::from_secs(20),
            prior_request_window: Duration::ZERO,
            unseen_reads: 0,
            token_replay_after_delete: false,
            private_dns_by_default: false,
            batch_problems_as_list: false,
            dns_entries_reversed: false,
            hosted_zone_quota: 500,
        }
    }
}

/// An account: what its zone names mean.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    /// Zone ids by region and the name this account knows them by.
    pub(super) zones: BTreeMap<(Region, String), ZoneId>,
}

/// A VPC.
#[derive(Clone, Debug)]
pub(super) struct Vpc {
    pub(super) id: VpcId,
    pub(super) account: AwsAccountId,
    pub(super) region: Region,
    pub(super) cidr: Ipv4Net,
    pub(super) dns_support: bool,
    pub(super) dns_hostnames: bool,
    pub(super) usage_metrics: bool,
}

/// A subnet.
#[derive(Clone, Debug)]
pub(super) struct Subnet {
    pub(super) id: SubnetId,
    pub(super) vpc: VpcId,
    pub(super) zone: ZoneId,
    pub(super) cidr: Ipv4Net,
    pub(super) cidr6: Option<Ipv6Net>,
}

/// A security group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) id: SecurityGroupId,
    pub(super) vpc: VpcId,
    pub(super) name: String,
    pub(super) description: String,
    /// Rules by their id, inbound and outbound.
    pub(super) rules: BTreeMap<String, Rule>,
}

/// A network interface.
#[derive(Clone, Debug)]
pub(super) struct Interface {
    pub(super) id: NetworkInterfaceId,
    pub(super) subnet: SubnetId,
    pub(super) address: IpAddr,
    pub(super) address6: Option<IpAddr>,
    pub(super) groups: Vec<SecurityGroupId>,
    /// The endpoint it belongs to; a machine's interface has none.
    pub(super) endpoint: Option<VpcEndpointId>,
    pub(super) mac: String,
}

/// An endpoint service that a vendor offers.
#[derive(Clone, Debug)]
pub(crate) struct EndpointServiceDef {
    /// Its name.
    pub(crate) name: VpcEndpointServiceName,
    /// The region it is hosted in.
    pub(crate) region: Region,
    /// The vendor's account.
    pub(crate) owner: AwsAccountId,
    /// The zones its load balancer is in.
    pub(crate) zones: Vec<ZoneId>,
    /// The private DNS name its vendor has set; may start with `*.`.
    pub(crate) private_dns_name: Option<DnsName>,
    /// Whether the vendor has proved that the name is its own.
    pub(crate) private_dns_state: NameState,
    /// Whether a new endpoint waits for the vendor.
    pub(crate) acceptance_required: bool,
    /// Whether endpoints of other regions may point at it.
    pub(crate) cross_region: bool,
    /// The other regions whose endpoints may, if `cross_region`; `None` for all.
    pub(crate) remote_regions: Option<Vec<Region>>,
    /// The consumers' zones in which endpoints of other regions may be; `None` for all.
    pub(crate) remote_zones: Option<Vec<ZoneId>>,
    /// The principals that can see it (`*`, account ids, ARNs); `None` for everybody.
    pub(crate) principals: Option<Vec<String>>,
    /// Whether it carries IPv6 too.
    pub(crate) dual_stack: bool,
    /// Whether endpoint policies have an effect.
    pub(crate) policy_supported: bool,
}

impl EndpointServiceDef {
    /// A service that accepts everybody at once and has no private DNS name.
    pub(crate) fn new(name: VpcEndpointServiceName, zones: Vec<ZoneId>) -> Self {
        Self {
            region: name.region(),
            name,
            owner: "111122223333".parse().expect("twelve digits"),
            zones,
            private_dns_name: None,
            private_dns_state: NameState::Verified,
            acceptance_required: false,
            cross_region: false,
            remote_regions: None,
            remote_zones: None,
            principals: None,
            dual_stack: false,
            policy_supported: false,
        }
    }
}

/// How far the proof of a private DNS name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameState {
    /// Not looked at yet.
    PendingVerification,
    /// Proved.
    Verified,
    /// The proof was not found.
    Failed,
}

impl NameState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::PendingVerification => "pendingVerification",
            Self::Verified => "verified",
            Self::Failed => "failed",
        }
    }
}

/// What a client token was used for.
#[derive(Clone, Debug)]
pub(super) struct TokenUse {
    pub(super) fingerprint: String,
    /// The endpoint as it was made.
    pub(super) made: Endpoint,
}

impl AwsState {
    /// The VPC with this id that `account` has in `region`.
    pub(super) fn vpc(&self, account: &AwsAccountId, region: &Region, id: &VpcId) -> Option<&Vpc> {
        self.vpcs.get(id).filter(|vpc| vpc.account == *account && vpc.region == *region)
    }

    /// The name under which `account` knows a zone.
    pub(super) fn zone_name(&self, account: &AwsAccountId, region: &Region, id: &ZoneId) -> Option<&str> {
        let zones = &self.accounts.get(account)?.zones;
        zones.iter().find(|((r, _), zone)| r == region && *zone == id).map(|((_, name), _)| name.as_str())
    }

    /// The interfaces that exist at `now`: an endpoint's are gone when it is.
    pub(super) fn interfaces_at(&self, now: SystemTime) -> impl Iterator<Item = &Interface> {
        self.interfaces.values().filter(move |interface| match &interface.endpoint {
            None => true,
            Some(id) => self.endpoints.get(id).is_some_and(|endpoint| endpoint.state_at(now).has_interfaces()),
        })
    }

    /// The tags of a thing.
    pub(super) fn tags_of(&self, id: &str) -> Option<&BTreeMap<String, String>> {
        self.tags.get(id)
    }

    /// Remembers that `id` is fresh, so that some reads do not see it yet.
    pub(super) fn remember_fresh(&mut self, id: &str) {
        if self.behaviour.unseen_reads > 0 {
            self.fresh.insert(id.to_owned(), self.behaviour.unseen_reads);
        }
    }

    /// Whether a read sees `id`; counts the read.
    pub(super) fn sees(&mut self, id: &str) -> bool {
        match self.fresh.get_mut(id) {
            None => true,
            Some(0) => {
                self.fresh.remove(id);
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
        }
    }

    /// Takes an address of `subnet` that is free at `now`: the wanted one, or the lowest.
    pub(super) fn free_address(&self, now: SystemTime, subnet: &Subnet, wanted: Option<IpAddr>) -> Answer<IpAddr> {
        let used: Vec<IpAddr> =
            self.interfaces_at(now).filter(|i| i.subnet == subnet.id).map(|interface| interface.address).collect();
        if let Some(wanted) = wanted {
            let IpAddr::V4(wanted4) = wanted else {
                return Err(ApiError::value("Ipv4", &wanted.to_string(), "Must be an IPv4 address."));
            };
            if !usable(subnet.cidr).any(|address| address == wanted4) {
                return Err(ApiError::new(
                    "InvalidParameter",
                    format!("Address {wanted} does not fall within the subnet's address range"),
                ));
            }
            if used.contains(&wanted) {
                return Err(ApiError::new("InvalidIPAddress.InUse", format!("Address {wanted} is in use.")));
            }
            return Ok(wanted);
        }
        usable(subnet.cidr).map(IpAddr::V4).find(|address| !used.contains(address)).ok_or_else(|| {
            ApiError::new(
                "InsufficientFreeAddressesInSubnet",
                format!("Insufficient free addresses in subnet '{}'.", subnet.id),
            )
        })
    }

    /// Takes an IPv6 address of `subnet` that is free at `now`: the wanted one, or the lowest.
    pub(super) fn free_address6(&self, now: SystemTime, subnet: &Subnet, wanted: Option<IpAddr>) -> Answer<IpAddr> {
        let none = || ApiError::new("InvalidParameter", format!("Subnet '{}' has no IPv6 range.", subnet.id));
        let cidr = subnet.cidr6.ok_or_else(none)?;
        let used: Vec<IpAddr> = self.interfaces_at(now).filter_map(|interface| interface.address6).collect();
        if let Some(wanted) = wanted {
            return match wanted {
                IpAddr::V6(v6) if !cidr.contains(&v6) => Err(ApiError::new(
                    "InvalidParameter",
                    format!("Address {wanted} does not fall within the subnet's address range"),
                )),
                IpAddr::V6(_) if used.contains(&wanted) => {
                    Err(ApiError::new("InvalidIPAddress.InUse", format!("Address {wanted} is in use.")))
                }
                IpAddr::V6(_) => Ok(wanted),
                IpAddr::V4(_) => Err(ApiError::value("Ipv6", &wanted.to_string(), "Must be an IPv6 address.")),
            };
        }
        let first = u128::from(cidr.network()).saturating_add(4);
        (first..=u128::from(cidr.broadcast()))
            .map(|number| IpAddr::V6(number.into()))
            .find(|address| !used.contains(address))
            .ok_or_else(none)
    }

    /// How many addresses of `subnet` are free.
    pub(super) fn free_addresses(&self, now: SystemTime, subnet: &Subnet) -> usize {
        let used = self.interfaces_at(now).filter(|interface| interface.subnet == subnet.id).count();
        // AWS keeps the first four addresses and the last one of every subnet.
        let all = 1_usize << (32 - u32::from(subnet.cidr.prefix_len()));
        all.saturating_sub(5).saturating_sub(used)
    }

    /// Forgets what nobody can see any more.
    pub(super) fn prune(&mut self, now: SystemTime) {
        let gone: Vec<VpcEndpointId> =
            self.endpoints.values().filter(|e| e.state_at(now).is_gone()).map(|e| e.id.clone()).collect();
        for id in gone {
            self.endpoints.remove(&id);
            self.tags.remove(id.as_str());
            let tags = &mut self.tags;
            self.interfaces.retain(|interface, found| {
                let stays = found.endpoint.as_ref() != Some(&id);
                if !stays {
                    tags.remove(interface.as_str());
                }
                stays
            });
        }
        for zone in self.zones.values_mut() {
            zone.prune(now);
        }
    }
}

/// The addresses of a subnet that AWS gives away, from the lowest.
fn usable(cidr: Ipv4Net) -> impl Iterator<Item = std::net::Ipv4Addr> {
    let (first, last) = (u32::from(cidr.network()), u32::from(cidr.broadcast()));
    (first.saturating_add(4)..last).map(std::net::Ipv4Addr::from)
}
