use std::num::NonZeroU32;
use std::time::Duration;

/// How the simulated CockroachDB Cloud behaves where no public source says, or more than one thing
/// has been seen.
///
/// ```
/// use privlink_sim::World;
///
/// let world = World::new();
/// world.cockroach().switch(|switches| switches.delete_leaves_entry = false);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Switches {
    /// How many lists of services are empty after they were asked for.
    pub services_unseen: u32,
    /// How many lists then show the first region's service being made; each region takes one more.
    pub services_creating: u32,
    /// How many looks at a cluster whose services were asked for still tell no private host.
    pub hosts_unseen: u32,
    /// How long a change of the allowlist is on its way to the cluster.
    pub allowlist_takes: Duration,
    /// Whether a connection shows `STATUS_PENDING_ACCEPTANCE` on its way.
    pub pending_acceptance: bool,
    /// How long a connection is `STATUS_PENDING`.
    pub pending: Duration,
    /// How long after that it takes until the cluster answers.
    pub acceptance: Duration,
    /// How many lists still show `STATUS_REJECTED` after a rejected id was added again.
    pub stale_rejected: u32,
    /// How many lists do not show a connection that was just added.
    pub connection_unseen: u32,
    /// Whether a deleted connection stays listed as rejected.
    pub delete_leaves_entry: bool,
    /// An id is added that is connected, or about to be.
    pub repeat: OnRepeat,
    /// Whether the name of a service on Google Cloud is the whole path.
    pub gcp_full_name: bool,
    /// Where a connection's region is.
    pub region_key: RegionKey,
    /// Whether the states of connections begin with `STATUS_`.
    pub status_prefix: bool,
    /// Whether services on AWS repeat themselves in the deprecated block `aws`.
    pub aws_block: bool,
    /// How many writes about the network are refused from now on, because the cluster is busy with
    /// another operation.
    pub locked: u32,
    /// In which form they are.
    pub on_locked: OnLocked,
    /// How long the vendor is at work on an egress private endpoint; the cluster is locked as long.
    pub egress_takes: Duration,
    /// Whether calls about trusted owners and egress private endpoints are enabled.
    pub limited_access: bool,
    /// Whether answers carry fields that the API document does not know.
    pub unknown_fields: bool,
    /// A word that no document has, in place of the states of clusters, services and connections.
    pub unknown_status: Option<&'static str>,
    /// Whether lists of services hold one of a region that the cluster is not in.
    pub foreign_service: bool,
    /// Every n-th answer is a 429 with a wait.
    pub throttle_every: Option<NonZeroU32>,
    /// The budget of one user: so many requests in such a window. `None` is no limit.
    pub rate_limit: Option<(u32, Duration)>,
    /// How many items a page of a list has, unless asked for.
    pub page_size: usize,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            services_unseen: 1,
            services_creating: 2,
            hosts_unseen: 0,
            allowlist_takes: Duration::from_secs(5),
            pending_acceptance: true,
            pending: Duration::from_secs(5),
            acceptance: Duration::from_secs(10),
            stale_rejected: 1,
            connection_unseen: 0,
            delete_leaves_entry: true,
            repeat: OnRepeat::Same,
            gcp_full_name: false,
            region_key: RegionKey::RegionName,
            status_prefix: true,
            aws_block: true,
            locked: 0,
            on_locked: OnLocked::Unavailable503,
            egress_takes: Duration::from_secs(20),
            limited_access: true,
            unknown_fields: true,
            unknown_status: None,
            foreign_service: false,
            throttle_every: None,
            rate_limit: Some((10, Duration::from_secs(1))),
            page_size: 500,
        }
    }
}

/// What adding an id again comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnRepeat {
    /// Status 200 with what is there.
    Same,
    /// Status 409, and nothing changes.
    Conflict409,
}

/// By which name a connection tells its region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegionKey {
    /// `region_name`, as the vendor's client reads it.
    RegionName,
    /// `region`, as the document's own sample has it.
    Region,
    /// Both.
    Both,
}

/// How a busy cluster refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnLocked {
    /// Status 503.
    Unavailable503,
    /// Status 400 with a text that speaks of a lock.
    Text400,
}
