//! What exists in the simulated CockroachDB Cloud.

use std::time::{Duration, SystemTime};

use ipnet::Ipv4Net;
use privlink_core::{CloudProvider, EndpointServiceId, PrivateLinkServiceAlias, Region, ZoneId};
use uuid::Uuid;

use super::egress::Egress;
use super::switches::Switches;

/// What a cluster is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CockroachPlan {
    /// Shared, by use.
    Basic,
    /// Shared, provisioned.
    Standard,
    /// A cluster of its own.
    Advanced,
}

impl CockroachPlan {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "BASIC",
            Self::Standard => "STANDARD",
            Self::Advanced => "ADVANCED",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    pub(super) id: Uuid,
    /// Its place in the order of making.
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) plan: CockroachPlan,
    pub(crate) provider: CloudProvider,
    pub(super) state: String,
    /// The vendor's account, project or subscription.
    pub(super) account: String,
    /// The first label of its public hosts.
    pub(super) label: String,
    pub(super) regions: Vec<Region>,
    pub(super) zones: Vec<ZoneId>,
    /// Advanced: its own services, in the order of its regions; empty until they are asked for.
    pub(super) services: Vec<Service>,
    /// How often the list of services has been read since they were asked for.
    pub(super) service_reads: u32,
    /// How often the cluster itself has been looked at since then.
    pub(super) host_reads: u32,
    pub(super) connections: Vec<Connection>,
    pub(super) owners: Vec<Owner>,
    pub(super) allowlist: Vec<Allowed>,
    /// When the last change of the allowlist has arrived.
    pub(super) allowlist_settles: Option<SystemTime>,
    pub(super) egress: Vec<Egress>,
    /// Whether it has no private host.
    pub(super) without_private_host: bool,
    /// Whether all clusters of its kind have one host in a region.
    pub(super) shared_host: bool,
}

/// An endpoint service in a region.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(super) region: Region,
    pub(crate) id: EndpointServiceId,
    /// On Azure, where the id is a resource: its alias.
    pub(crate) alias: Option<PrivateLinkServiceAlias>,
    /// What is told as its name, where that is not the id.
    pub(super) name: String,
    pub(crate) zones: Vec<ZoneId>,
    /// How many reads of the list after it was asked for it is available; 0 is from the start.
    pub(super) available_after: u32,
    /// A state that it stays in.
    pub(super) stuck: Option<String>,
}

/// An endpoint on a cluster's list.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(super) endpoint: String,
    pub(super) region: Region,
    pub(super) service: EndpointServiceId,
    pub(super) account: Option<String>,
    pub(super) since: SystemTime,
    /// How many lists still show it as rejected, and how many do not show it.
    pub(super) stale: u32,
    pub(super) unseen: u32,
    /// Whether it is taken away and still listed.
    pub(super) rejected: bool,
    /// Whether the cluster's trusted owners leave its account out.
    pub(super) distrusted: bool,
    /// A state that it stays in.
    pub(super) stuck: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) id: Uuid,
    pub(super) owner: String,
    pub(super) created_at: SystemTime,
}

#[derive(Clone, Debug)]
pub(super) struct Allowed {
    pub(super) range: Ipv4Net,
    pub(super) sql: bool,
    pub(super) ui: bool,
    pub(super) name: Option<String>,
}

impl std::fmt::Display for Allowed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.name.as_deref().unwrap_or_default();
        write!(f, "{} sql={} ui={} {name}", self.range, self.sql, self.ui)
    }
}

impl Cluster {
    /// Whether it takes the endpoints of a network as one: once one of them is let in, all are.
    pub(super) fn takes_networks(&self) -> bool {
        self.provider == CloudProvider::Gcp && self.plan == CockroachPlan::Advanced
    }

    /// The public host of a region.
    pub(crate) fn public_host(&self, region: &Region) -> String {
        let cloud = self.provider.as_str();
        match self.plan {
            _ if self.shared_host => format!("shared-tier7.{cloud}-{region}.cockroachlabs.cloud"),
            CockroachPlan::Advanced => format!("{}.{cloud}-{region}.crdb.io", self.label),
            // Shared infrastructure has a label of its own.
            _ => format!("{}.j77.{cloud}-{region}.cockroachlabs.cloud", self.label),
        }
    }

    /// Whether the private host is told: some time after the services were asked for.
    pub(super) fn tells_private_host(&self, switches: &Switches) -> bool {
        let asked_for = self.services.iter().any(|service| service.available_after > 0);
        let is_late = asked_for && switches.hosts_unseen > 0 && self.host_reads <= switches.hosts_unseen;
        !self.without_private_host && !is_late
    }

    /// The host over private endpoints, where there is one.
    pub(crate) fn private_host(&self, region: &Region) -> Option<String> {
        let prefix = if self.provider == CloudProvider::Gcp { "private-" } else { "internal-" };
        (!self.without_private_host).then(|| format!("{prefix}{}", self.public_host(region)))
    }

    /// The region that a private host is of.
    pub(crate) fn region_of(&self, host: &str) -> Option<&Region> {
        self.regions.iter().find(|region| self.private_host(region).as_deref() == Some(host))
    }
}

impl Service {
    pub(super) fn status(&self, reads: u32) -> &str {
        match &self.stuck {
            Some(stuck) => stuck,
            None if reads >= self.available_after => "AVAILABLE",
            None => "CREATING",
        }
    }
}

impl Connection {
    /// From when on the cluster answers through the endpoint.
    pub(super) fn effective(&self, switches: &Switches) -> Option<SystemTime> {
        let takes = switches.pending + switches.acceptance;
        (!self.rejected && !self.distrusted && self.stuck.is_none()).then(|| self.since + takes)
    }

    pub(super) fn status(&self, switches: &Switches, now: SystemTime) -> &str {
        if let Some(stuck) = &self.stuck {
            return stuck;
        }
        if self.rejected || self.stale > 0 {
            return "REJECTED";
        }
        let age = now.duration_since(self.since).unwrap_or(Duration::ZERO);
        match self.effective(switches) {
            Some(at) if at <= now => "AVAILABLE",
            _ if age >= switches.pending && switches.pending_acceptance => "PENDING_ACCEPTANCE",
            _ => "PENDING",
        }
    }
}
