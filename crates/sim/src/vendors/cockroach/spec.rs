use privlink_core::{CloudProvider, Region, ZoneId};

use super::CockroachPlan;

/// A cluster to put into the world with [`Cockroach::add_cluster`](super::Cockroach::add_cluster).
#[derive(Clone, Debug)]
#[must_use]
pub struct ClusterSpec {
    pub(super) name: String,
    pub(super) plan: CockroachPlan,
    pub(super) provider: CloudProvider,
    pub(super) regions: Vec<Region>,
    pub(super) zones: Vec<ZoneId>,
    pub(super) state: String,
    pub(super) with_services: bool,
    pub(super) without_private_host: bool,
    pub(super) shared_host: bool,
}

impl ClusterSpec {
    /// A cluster that is ready, on the plan *Advanced*, in one region, without endpoint services.
    pub fn new(name: impl Into<String>, provider: CloudProvider, region: Region) -> Self {
        Self {
            name: name.into(),
            plan: CockroachPlan::Advanced,
            provider,
            regions: vec![region],
            zones: Vec::new(),
            state: "CREATED".into(),
            with_services: false,
            without_private_host: false,
            shared_host: false,
        }
    }

    /// Puts it on another plan.
    pub fn plan(mut self, plan: CockroachPlan) -> Self {
        self.plan = plan;
        self
    }

    /// Puts it into one more region.
    pub fn region(mut self, region: Region) -> Self {
        self.regions.push(region);
        self
    }

    /// Sets the zones its services are in on AWS; three of the region unless set.
    pub fn zones(mut self, zones: impl IntoIterator<Item = ZoneId>) -> Self {
        self.zones = zones.into_iter().collect();
        self
    }

    /// Gives it endpoint services from the start, as if somebody had asked for them long ago.
    pub fn with_services(mut self) -> Self {
        self.with_services = true;
        self
    }

    /// Sets its state, one that the API document does not know included.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = state.into();
        self
    }

    /// Gives it the one host that all such clusters of a region have, as the API document's sample shows:
    /// clients tell the server which they mean by the routing id.
    pub fn shared_host(mut self) -> Self {
        self.shared_host = true;
        self
    }

    /// Leaves it without a private host, as has been seen.
    pub fn without_private_host(mut self) -> Self {
        self.without_private_host = true;
        self
    }
}
