//! What exists in the simulated Google Cloud.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime};

use ipnet::Ipv4Net;
use privlink_core::{DnsName, ProjectId, ServiceAttachment};

use super::address::Address;
use super::auth::Token;
use super::error::{Answer, ApiError};
use super::id::IdSource;
use super::link::{Global, Regional};
use super::operation::{Failure, Operation};
use super::psc::Acceptance;
use super::rule::Rule;
use super::zone::{Change, Zone};

/// Everything that exists in the simulated Google Cloud.
#[derive(Clone, Debug, Default)]
pub(crate) struct GcpState {
    /// How it behaves where that can be chosen.
    pub(crate) behaviour: Behaviour,
    pub(super) ids: IdSource,
    pub(super) tokens: BTreeMap<String, Token>,
    pub(super) projects: BTreeMap<ProjectId, Project>,
    pub(super) networks: BTreeMap<Global, Network>,
    pub(super) firewalls: BTreeMap<Global, Firewall>,
    pub(super) subnets: BTreeMap<Regional, Subnet>,
    pub(super) machines: Vec<Machine>,
    pub(super) attachments: BTreeMap<ServiceAttachment, Attachment>,
    pub(super) addresses: BTreeMap<Regional, Address>,
    pub(super) rules: BTreeMap<Regional, Rule>,
    pub(super) operations: BTreeMap<Regional, Operation>,
    /// The operation that a request id has started.
    pub(super) request_ids: BTreeMap<(ProjectId, String), Regional>,
    /// The failures that the next operations of a type come to.
    pub(super) failures: VecDeque<(String, Failure)>,
    pub(super) zones: BTreeMap<(ProjectId, String), Zone>,
    pub(super) changes: BTreeMap<(ProjectId, String, String), Change>,
    /// When the requests of the current minute came, for the rate limit.
    pub(super) recent: VecDeque<(ProjectId, SystemTime)>,
    /// How many more reads a fresh thing answers "not found".
    pub(super) fresh: BTreeMap<Regional, u32>,
}

/// What the contract leaves open or lets vary: durations and undocumented behaviour.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Behaviour {
    /// How long an operation on an address takes.
    pub address_operation: Duration,
    /// How long an operation on a forwarding rule takes.
    pub rule_operation: Duration,
    /// The longest that `regionOperations.wait` blocks; zero answers at once, as an overloaded
    /// server does.
    pub wait_limit: Duration,
    /// How long after its forwarding rule stands a connection that needs nobody is `PENDING`.
    pub accept_after: Duration,
    /// What makes the connections to an attachment of the vendor `ACCEPTED`.
    ///
    /// ClickHouse's guide says that a connection can be accepted and established, and still not
    /// be served before it is on the allow list (page "GCP Private Service Connect", read
    /// 2026-11-21): that is the default.
    pub acceptance: Acceptance,
    /// What becomes of labels that are given when an address or a rule is made.
    pub labels_at_insert: LabelsAtInsert,
    /// Whether `forwardingRules.patch` refuses a body without a fingerprint.
    pub patch_needs_fingerprint: bool,
    /// How long a change to Cloud DNS is `pending`; the name servers follow at its end.
    pub dns_pending: Duration,
    /// How many endpoints of published services a project may have.
    pub endpoint_quota: usize,
    /// How many internal addresses a project may have reserved.
    pub address_quota: usize,
    /// Whether a quota is found to be full by the operation, as Compute mostly does it, or by the
    /// request.
    pub quota_in_operation: bool,
    /// How many managed zones a project may have.
    pub zone_quota: usize,
    /// How many requests a minute a project is answered; unlimited unless set.
    pub requests_per_minute: Option<usize>,
    /// How many reads a fresh address or rule answers "not found".
    pub unseen_reads: u32,
    /// Whether requests without credentials are answered, as the project's owner's: for clients
    /// that are told to leave credentials out.
    pub anonymous: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            address_operation: Duration::from_secs(2),
            rule_operation: Duration::from_secs(6),
            wait_limit: Duration::from_secs(120),
            accept_after: Duration::from_secs(5),
            acceptance: Acceptance::Automatic,
            labels_at_insert: LabelsAtInsert::Dropped,
            patch_needs_fingerprint: true,
            dns_pending: Duration::ZERO,
            endpoint_quota: 50,
            address_quota: 200,
            quota_in_operation: true,
            zone_quota: 10_000,
            requests_per_minute: None,
            unseen_reads: 0,
            anonymous: false,
        }
    }
}

/// What becomes of labels that are given when an address or a rule is made: the API's document
/// says that only `setLabels` sets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LabelsAtInsert {
    /// They are left out without a word.
    Dropped,
    /// They are set.
    Kept,
    /// The request is refused.
    Refused,
}

/// A project.
#[derive(Clone, Debug)]
pub(super) struct Project {
    pub(super) number: u64,
    /// The project whose networks it shares, if it is a service project.
    pub(super) host: Option<ProjectId>,
    /// The APIs that are not enabled: `compute`, `dns`, `servicedirectory`.
    pub(super) disabled: BTreeSet<String>,
}

/// A VPC network.
#[derive(Clone, Debug)]
pub(super) struct Network {
    pub(super) key: Global,
    pub(super) id: u64,
    pub(super) made: SystemTime,
}

/// A subnet.
#[derive(Clone, Debug)]
pub(super) struct Subnet {
    pub(super) key: Regional,
    pub(super) id: u64,
    pub(super) network: Global,
    pub(super) range: Ipv4Net,
    pub(super) made: SystemTime,
}

/// A machine that clients run on.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) subnet: Regional,
    pub(super) address: Ipv4Addr,
    pub(super) tags: BTreeSet<String>,
    /// The service account it runs as, by its address.
    pub(super) account: Option<String>,
}

/// A VPC firewall rule.
#[derive(Clone, Debug)]
pub(crate) struct Firewall {
    pub(crate) key: Global,
    pub(crate) id: u64,
    pub(crate) network: Global,
    pub(crate) egress: bool,
    pub(crate) allow: bool,
    /// Of several rules that fit the lowest number decides.
    pub(crate) priority: u16,
    /// What it is about: destinations of an egress rule, sources of an ingress rule.
    pub(crate) ranges: Vec<Ipv4Net>,
    /// The TCP ports, first and last; none is every port and protocol.
    pub(crate) ports: Vec<(u16, u16)>,
    /// The machines it is for, by tag or by service account; neither is all of them.
    pub(crate) target_tags: BTreeSet<String>,
    pub(crate) target_accounts: BTreeSet<String>,
    pub(crate) made: SystemTime,
}

/// A service attachment that a producer has published.
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    pub(crate) name: ServiceAttachment,
    /// Tells an attachment from one of the same name that was there before.
    pub(crate) generation: u64,
    /// Who accepts its connections; `None` is as [`Behaviour::acceptance`] says.
    pub(crate) acceptance: Option<Acceptance>,
    /// Whether consumers may turn on global access.
    pub(crate) global_access: bool,
    /// The projects whose connections it refuses.
    pub(crate) refuses: BTreeSet<ProjectId>,
    /// The domain for which Google makes names by itself.
    pub(crate) domain: Option<DnsName>,
}

impl GcpState {
    /// The project that a path names by its id or its number.
    pub(super) fn project(&self, text: &str) -> Option<(&ProjectId, &Project)> {
        match text.parse::<u64>() {
            Ok(number) => self.projects.iter().find(|(_, project)| project.number == number),
            Err(_) => self.projects.get_key_value(&text.parse::<ProjectId>().ok()?),
        }
    }

    /// The networks that a project may use are its own and its host's.
    pub(super) fn shares(&self, project: &ProjectId, owner: &ProjectId) -> bool {
        project == owner || self.projects.get(project).is_some_and(|known| known.host.as_ref() == Some(owner))
    }

    /// Every IPv4 address of a network that is taken at `now`.
    pub(super) fn taken(&self, now: SystemTime, network: &Global) -> BTreeSet<Ipv4Addr> {
        let in_network = |subnet: &Regional| self.subnets.get(subnet).is_some_and(|s| s.network == *network);
        let machines = self.machines.iter().filter(|m| in_network(&m.subnet)).map(|machine| machine.address);
        let reserved = self
            .addresses
            .values()
            .filter(|address| address.exists(now) && address.subnet.as_ref().is_some_and(in_network))
            .map(|address| address.ip);
        let rules = self.rules.values().filter(|r| r.exists(now) && r.network == *network).map(|rule| rule.ip);
        machines.chain(reserved).chain(rules).collect()
    }

    /// An address of `subnet` that is free at `now`, the lowest.
    pub(super) fn free_address(&self, now: SystemTime, subnet: &Subnet) -> Answer<Ipv4Addr> {
        let taken = self.taken(now, &subnet.network);
        usable(subnet.range)
            .find(|address| !taken.contains(address))
            .ok_or_else(|| ApiError::new(400, "invalid", format!("IP space of '{}' is exhausted.", subnet.key)))
    }

    /// Remembers that a thing is fresh, so that some reads do not see it yet.
    pub(super) fn remember_fresh(&mut self, key: &Regional) {
        if self.behaviour.unseen_reads > 0 {
            self.fresh.insert(key.clone(), self.behaviour.unseen_reads);
        }
    }

    /// Whether a read sees a thing; counts the read.
    pub(super) fn sees(&mut self, key: &Regional) -> bool {
        match self.fresh.get_mut(key) {
            None => true,
            Some(0) => {
                self.fresh.remove(key);
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
        }
    }

    /// Forgets what nobody can see any more.
    pub(super) fn prune(&mut self, now: SystemTime) {
        self.addresses.retain(|_, address| address.exists(now));
        self.rules.retain(|_, rule| rule.exists(now));
        for zone in self.zones.values_mut() {
            zone.prune(now);
        }
    }

    /// The connections that wait for the vendor's allow list, with the attachment each leads to.
    pub(crate) fn waiting(&self) -> Vec<(u64, ServiceAttachment)> {
        let waits = |rule: &&Rule| rule.connection.waits() && self.acceptance_of(rule) == Acceptance::WhenListed;
        self.rules.values().filter(waits).map(|rule| (rule.connection.id, rule.target.clone())).collect()
    }

    /// The other connections of a connection's network to the same attachment.
    pub(crate) fn beside(&self, now: SystemTime, connection: u64) -> Vec<u64> {
        let Some(rule) = self.rules.values().find(|rule| rule.connection.id == connection) else { return Vec::new() };
        let beside = |other: &&Rule| {
            other.exists(now)
                && other.connection.id != connection
                && (&other.network, &other.target) == (&rule.network, &rule.target)
        };
        self.rules.values().filter(beside).map(|other| other.connection.id).collect()
    }

    fn acceptance_of(&self, rule: &Rule) -> Acceptance {
        let attachment = self.attachments.get(&rule.target);
        attachment.and_then(|attachment| attachment.acceptance).unwrap_or(self.behaviour.acceptance)
    }
}

/// The addresses of a subnet that Google gives away: all but the first two and the last two.
pub(super) fn usable(range: Ipv4Net) -> impl Iterator<Item = Ipv4Addr> {
    let (first, last) = (u32::from(range.network()), u32::from(range.broadcast()));
    (first.saturating_add(2)..last.saturating_sub(1)).map(Ipv4Addr::from)
}
