use std::num::NonZeroU32;
use std::time::Duration;

/// How the simulated Zilliz Cloud behaves where no public source says, or more than one thing has been
/// seen.
///
/// ```
/// use privlink_sim::World;
///
/// let world = World::new();
/// world.zilliz().switch(|switches| switches.errors_in_200 = false);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Switches {
    /// How many lists do not show an endpoint that was just registered.
    pub unseen_lists: u32,
    /// How many lists show it, and those before, until it is available.
    pub ready_lists: u32,
    /// How many looks at a cluster show it being linked, once an endpoint of its region is available.
    pub link_looks: u32,
    /// How the status of an endpoint is spelt.
    pub spelling: Spelling,
    /// What stands for the project off Google Cloud.
    pub gcp_project_elsewhere: GcpProjectElsewhere,
    /// Whether failures come in HTTP 200.
    pub errors_in_200: bool,
    /// The code of success: 0, or 200 as on older deployments.
    pub success_code: i64,
    /// An id is registered that is on the list.
    pub duplicate: OnDuplicate,
    /// An id is taken off that is not on the list.
    pub unknown_delete: OnUnknownDelete,
    /// An endpoint is registered whose account is not on the list of accounts that the region requires.
    pub missing_whitelist: OnMissingWhitelist,
    /// Whether the calls that switch the public address exist.
    pub public_switch: bool,
    /// How many looks show a cluster being changed while its public address is switched.
    pub switch_looks: u32,
    /// Whether private addresses are taken back with the last endpoint of the region.
    pub clear_address: bool,
    /// Whether private hosts are without their suffix, as in an older guide.
    pub old_hosts: bool,
    /// Whether lists of clusters leave the private address out.
    pub short_lists: bool,
    /// A word that no document has, in place of the states of clusters and endpoints.
    pub unknown_status: Option<&'static str>,
    /// Whether answers carry fields that the document does not know.
    pub unknown_fields: bool,
    /// How many of the next answers are the page of a firewall.
    pub firewall: u32,
    /// Every n-th answer is a 429.
    pub throttle_every: Option<NonZeroU32>,
    /// The budget of one key for one call: so many requests in such a window. `None` is no limit.
    pub rate_limit: Option<(u32, Duration)>,
    /// The largest page; the default is 10 whatever this says.
    pub largest_page: u64,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            unseen_lists: 1,
            ready_lists: 2,
            link_looks: 3,
            spelling: Spelling::Available,
            gcp_project_elsewhere: GcpProjectElsewhere::Absent,
            errors_in_200: true,
            success_code: 0,
            duplicate: OnDuplicate::Echo,
            unknown_delete: OnUnknownDelete::Failure,
            missing_whitelist: OnMissingWhitelist::Pending,
            public_switch: false,
            switch_looks: 2,
            clear_address: true,
            old_hosts: false,
            short_lists: false,
            unknown_status: None,
            unknown_fields: true,
            firewall: 0,
            throttle_every: None,
            rate_limit: Some((20, Duration::from_secs(1))),
            largest_page: 100,
        }
    }
}

/// How the status of an endpoint is spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spelling {
    /// `AVAILABLE`, as in the manual.
    Available,
    /// `Available` and `accepted`, as in the test data of the vendor's Terraform provider.
    Accepted,
}

/// What stands for the project of an endpoint off Google Cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GcpProjectElsewhere {
    /// Nothing.
    Absent,
    /// `null`.
    Null,
    /// An empty text.
    Empty,
}

/// What registering an id again comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnDuplicate {
    /// Success, as the first time.
    Echo,
    /// A failure, and nothing changes.
    Failure,
}

/// What taking off an id comes to that is not on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnUnknownDelete {
    /// A failure.
    Failure,
    /// Success.
    Success,
}

/// What registering comes to without the account on the list that the region requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnMissingWhitelist {
    /// The endpoint stays pending.
    Pending,
    /// A failure.
    Refused,
}
