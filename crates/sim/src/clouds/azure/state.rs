//! What exists in the simulated Azure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, SystemTime};

use ipnet::Ipv4Net;
use privlink_core::{AzureResourceId, PrivateLinkServiceAlias, SubscriptionId};
use uuid::Uuid;

use super::auth::{App, Token};
use super::id::IdSource;
use super::network::Endpoint;
use super::rule::SecurityRule;
use super::throttle::Bucket;
use super::work::{End, Operation};
use super::zone::Zone;

/// Everything that exists in the simulated Azure.
#[derive(Clone, Debug, Default)]
pub(crate) struct AzureState {
    /// How it behaves where that can be chosen.
    pub(crate) behaviour: Behaviour,
    pub(super) ids: IdSource,
    pub(super) tenant: Uuid,
    /// Where operations say that they run.
    pub(super) location: String,
    pub(super) subscriptions: BTreeSet<SubscriptionId>,
    pub(super) groups: BTreeMap<(SubscriptionId, String), Group>,
    pub(super) tokens: BTreeMap<String, Token>,
    pub(super) apps: Vec<App>,
    pub(super) buckets: BTreeMap<(Uuid, String, &'static str), Bucket>,
    pub(super) vnets: BTreeMap<AzureResourceId, Vnet>,
    pub(super) subnets: BTreeMap<AzureResourceId, Subnet>,
    pub(super) security_groups: BTreeMap<AzureResourceId, SecurityGroup>,
    pub(super) application_groups: BTreeMap<AzureResourceId, ApplicationGroup>,
    pub(super) services: BTreeMap<String, LinkService>,
    pub(super) endpoints: BTreeMap<AzureResourceId, Endpoint>,
    pub(super) zones: BTreeMap<AzureResourceId, Zone>,
    pub(super) operations: BTreeMap<Uuid, Operation>,
    /// How the next operations end.
    pub(super) ends: VecDeque<End>,
}

/// How the simulated Azure behaves: durations, the forms of its long-running operations, and what
/// no public source settles.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Behaviour {
    /// How long a private endpoint is being made.
    pub endpoint_create: Duration,
    /// How long a private endpoint is being changed.
    pub endpoint_update: Duration,
    /// How long a private endpoint is being deleted.
    pub endpoint_delete: Duration,
    /// How long a zone or a link is being made, changed or deleted.
    pub dns_change: Duration,
    /// How long after the vendor lists an endpoint its connection is approved.
    pub approval: Duration,
    /// Whether every connection is approved as soon as its endpoint is made.
    pub auto_approval: bool,
    /// In which form long-running operations are told.
    pub long_running: OnLongRunning,
    /// `Retry-After` of running operations; `None` sends none.
    pub retry_after: Option<Duration>,
    /// The word of a status monitor for "not done yet".
    pub progress_word: &'static str,
    /// The origin of poll URLs, where it is not the one that was called.
    pub poll_origin: Option<String>,
    /// Whether private endpoints show `properties.resourceGuid`, which no specification has.
    pub resource_guid: bool,
    /// How many reads of a fresh private endpoint, zone or link answer "not found".
    pub unseen_reads: u32,
    /// How many items a page of a list has.
    pub page_size: usize,
    /// The `api-version`s of the network provider.
    pub network_versions: Vec<&'static str>,
    /// The `api-version`s of the private DNS provider.
    pub dns_versions: Vec<&'static str>,
    /// Whether a budget of requests is kept: 250 reads and 25 more a second, 200 writes and 10 more
    /// a second, and as many deletes, each for one principal in one subscription.
    pub throttling: bool,
}

/// In which form long-running operations are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnLongRunning {
    /// As the specifications say: a status monitor, for deletions of endpoints a `Location`, for
    /// private DNS both.
    AsDocumented,
    /// A `Location` alone.
    LocationOnly,
    /// For what is made or changed only the body with its `provisioningState`.
    BodyOnly,
    /// Everything is done when it is answered.
    AtOnce,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            endpoint_create: Duration::from_secs(20),
            endpoint_update: Duration::from_secs(10),
            endpoint_delete: Duration::from_secs(20),
            dns_change: Duration::from_secs(15),
            approval: Duration::ZERO,
            auto_approval: false,
            long_running: OnLongRunning::AsDocumented,
            retry_after: Some(Duration::from_secs(5)),
            progress_word: "InProgress",
            poll_origin: None,
            resource_guid: true,
            unseen_reads: 0,
            page_size: 100,
            network_versions: vec![
                // `az network nic show` of azure-cli 2.91.0.
                "2023-11-01",
                "2024-05-01",
                "2024-07-01",
                "2024-10-01",
                "2025-01-01",
                "2025-03-01",
                "2025-05-01",
                "2026-01-01",
                "2026-03-01",
            ],
            dns_versions: vec!["2018-09-01", "2020-01-01", "2020-06-01", "2024-06-01"],
            throttling: true,
        }
    }
}

/// A resource group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) location: String,
}

/// A virtual network.
#[derive(Clone, Debug)]
pub(super) struct Vnet {
    pub(super) id: AzureResourceId,
    pub(super) guid: Uuid,
    pub(super) location: String,
    pub(super) ranges: Vec<Ipv4Net>,
    /// Name servers of its own; without any, machines ask Azure's resolver.
    pub(super) dns_servers: Vec<Ipv4Addr>,
    /// The networks it is peered with.
    pub(super) peers: BTreeSet<AzureResourceId>,
}

/// A subnet.
#[derive(Clone, Debug)]
pub(super) struct Subnet {
    pub(super) id: AzureResourceId,
    pub(super) vnet: AzureResourceId,
    pub(super) range: Ipv4Net,
    pub(super) security_group: Option<AzureResourceId>,
    /// The security group of its machines' interfaces.
    pub(super) machine_group: Option<AzureResourceId>,
    pub(super) policies: &'static str,
    /// The addresses of machines.
    pub(super) machines: Vec<Ipv4Addr>,
    /// Until when somebody else is changing it.
    pub(super) busy_until: Option<SystemTime>,
}

/// A network security group.
#[derive(Clone, Debug)]
pub(super) struct SecurityGroup {
    pub(super) id: AzureResourceId,
    pub(super) guid: Uuid,
    pub(super) location: String,
    pub(super) rules: Vec<SecurityRule>,
}

/// An application security group.
#[derive(Clone, Debug)]
pub(super) struct ApplicationGroup {
    pub(super) id: AzureResourceId,
    pub(super) guid: Uuid,
    pub(super) location: String,
}

/// A Private Link service, as consumers see it.
#[derive(Clone, Debug)]
pub(super) struct LinkService {
    pub(super) alias: PrivateLinkServiceAlias,
    pub(super) id: AzureResourceId,
    /// Its place in the order of making.
    pub(super) number: usize,
    /// The subscriptions that see it; `None` is all.
    pub(super) visible_to: Option<BTreeSet<SubscriptionId>>,
}

impl AzureState {
    pub(super) fn group(&self, subscription: &SubscriptionId, name: &str) -> Option<&Group> {
        self.groups.get(&(*subscription, name.to_ascii_lowercase()))
    }

    /// The Private Link service of an alias or a resource id.
    pub(super) fn service(&self, text: &str) -> Option<&LinkService> {
        self.services
            .get(&text.to_ascii_lowercase())
            .or_else(|| self.services.values().find(|service| service.id.as_str().eq_ignore_ascii_case(text)))
    }

    /// Takes an address of a subnet that is free: the wanted one, or the lowest. Azure keeps the
    /// first four and the last of every subnet for itself.
    pub(super) fn free_address(
        &self,
        now: SystemTime,
        subnet: &Subnet,
        wanted: Option<Ipv4Addr>,
    ) -> Result<Ipv4Addr, &'static str> {
        let taken = |address: &Ipv4Addr| {
            subnet.machines.contains(address)
                || self
                    .endpoints
                    .values()
                    .any(|endpoint| !endpoint.work.is_gone(now) && endpoint.address == IpAddr::V4(*address))
        };
        let (first, last) = (u32::from(subnet.range.network()), u32::from(subnet.range.broadcast()));
        let mut usable = (first.saturating_add(4)..last).map(Ipv4Addr::from);
        match wanted {
            Some(wanted) if !usable.any(|address| address == wanted) => Err("PrivateIPAddressNotInSubnet"),
            Some(wanted) if taken(&wanted) => Err("PrivateIPAddressIsAllocated"),
            Some(wanted) => Ok(wanted),
            None => usable.find(|address| !taken(address)).ok_or("SubnetIsFull"),
        }
    }

    /// Forgets what nobody can see any more.
    pub(super) fn prune(&mut self, now: SystemTime) {
        self.endpoints.retain(|_, endpoint| !endpoint.work.is_gone(now));
        for zone in self.zones.values_mut() {
            zone.links.retain(|_, link| !link.work.is_gone(now));
        }
        self.zones.retain(|_, zone| !zone.work.is_gone(now));
    }
}
