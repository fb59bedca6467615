use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use privlink_core::{Clock, DnsName};

use crate::aws::Aws;
use crate::azure::Azure;
use crate::clock::SimClock;
use crate::fault::{Faults, Script};
use crate::gcp::Gcp;
use crate::log::Request;
use crate::seed::{Network, seed};
use crate::state::State;
use crate::transport::SimTransport;
use crate::vendors::aiven::Aiven;
use crate::vendors::clickhouse::ClickHouse;
use crate::vendors::cockroach::Cockroach;
use crate::vendors::zilliz::Zilliz;

/// A whole world in memory: vendors, clouds, DNS and the data path. Cheap to clone; clones are
/// the same world.
#[derive(Clone)]
pub struct World {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<SimClock>,
    state: Mutex<Shared>,
}

/// What is behind the one lock.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) state: State,
    pub(crate) log: Vec<Request>,
    pub(crate) script: Script,
    pub(crate) latency: Duration,
}

impl World {
    /// A small seeded world.
    ///
    /// - ClickHouse Cloud: one organization on the Scale tier with an all-powerful key, and five services: `orders` and
    ///   `billing` behind one endpoint service in AWS `us-east-1`, `archive` behind another, `ledger` in Azure `westus3`
    ///   and `metrics` in Google Cloud `us-central1`.
    /// - CockroachDB Cloud with five clusters, Aiven with four services and Zilliz Cloud with five clusters, in the same
    ///   regions.
    /// - One AWS account with a VPC of three subnets, one Azure subscription with a virtual network of one, and one
    ///   Google Cloud project with a network of two subnetworks.
    ///
    /// See [`ClickHouse`], [`Cockroach`], [`Aiven`], [`Zilliz`], [`Aws`], [`Azure`] and [`Gcp`].
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Builds a world.
    pub fn builder() -> WorldBuilder {
        WorldBuilder { epoch: None, scale: 1, latency: Duration::ZERO, seeded: true, network: Network::PRIVATE }
    }

    /// The world's clock: the same one every time, by which clients of one key know that they
    /// share its request budget.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::<SimClock>::clone(&self.inner.clock)
    }

    /// A transport into this world, whatever host a request names.
    #[must_use]
    pub fn transport(&self) -> SimTransport {
        SimTransport::new(self.clone())
    }

    /// Every request so far, in the order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.lock().log.clone()
    }

    /// The requests so far that change something.
    #[must_use]
    pub fn writes(&self) -> Vec<Request> {
        self.lock().log.iter().filter(|request| request.write).cloned().collect()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.lock().log.clear();
    }

    /// Everything that exists, sorted: equal worlds have equal snapshots.
    #[must_use]
    pub fn snapshot(&self) -> serde_json::Value {
        self.lock().state.snapshot(self.inner.clock.now())
    }

    /// The simulated ClickHouse Cloud.
    #[must_use]
    pub fn clickhouse(&self) -> ClickHouse {
        ClickHouse::new(self.clone())
    }

    /// The simulated CockroachDB Cloud.
    #[must_use]
    pub fn cockroach(&self) -> Cockroach {
        Cockroach::new(self.clone())
    }

    /// The simulated Aiven.
    #[must_use]
    pub fn aiven(&self) -> Aiven {
        Aiven::new(self.clone())
    }

    /// The simulated Zilliz Cloud.
    #[must_use]
    pub fn zilliz(&self) -> Zilliz {
        Zilliz::new(self.clone())
    }

    /// The faults, by script.
    #[must_use]
    pub fn faults(&self) -> Faults {
        Faults::new(self.clone())
    }

    /// The simulated AWS.
    #[must_use]
    pub fn aws(&self) -> Aws {
        Aws::new(self.clone())
    }

    /// The simulated Azure.
    #[must_use]
    pub fn azure(&self) -> Azure {
        Azure::new(self.clone())
    }

    /// The simulated Google Cloud.
    #[must_use]
    pub fn gcp(&self) -> Gcp {
        Gcp::new(self.clone())
    }

    /// Publishes a name in public DNS; no addresses take it off again.
    pub fn publish_name(&self, name: DnsName, addresses: Vec<IpAddr>) {
        let mut shared = self.lock();
        if addresses.is_empty() {
            shared.state.public_names.remove(&name);
        } else {
            shared.state.public_names.insert(name, addresses);
        }
    }

    /// Sets how long every request takes from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.lock().latency = latency;
    }

    pub(crate) fn sim_clock(&self) -> SimClock {
        *self.inner.clock
    }

    /// The one lock; never held across an await. A panic inside leaves the state readable.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Shared> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("clock", &self.inner.clock).finish_non_exhaustive()
    }
}

/// Builds a [`World`]. What exists in it is put in through the handles afterwards.
///
/// ```
/// use std::time::Duration;
///
/// use privlink_core::CloudProvider;
/// use privlink_sim::{KeySpec, ServiceSpec, Tier, World};
///
/// let world = World::builder().latency(Duration::from_millis(20)).empty().build();
/// let clickhouse = world.clickhouse();
/// clickhouse.add_organization("Acme", Tier::Enterprise);
/// clickhouse.add_key(KeySpec::new("ci"));
/// let region = "westus3".parse().unwrap();
/// let service = clickhouse.add_service(ServiceSpec::new("orders", CloudProvider::Azure, region).mysql());
/// assert!(clickhouse.private_host(service).unwrap().as_str().ends_with(".privatelink.azure.clickhouse.cloud"));
/// ```
#[derive(Debug)]
#[must_use]
pub struct WorldBuilder {
    epoch: Option<SystemTime>,
    scale: u32,
    latency: Duration,
    seeded: bool,
    network: Network,
}

impl WorldBuilder {
    /// Leaves the world empty: nothing exists but what the handles add.
    pub fn empty(mut self) -> Self {
        self.seeded = false;
        self
    }

    /// Sets the wall clock the world starts at; the machine's unless set.
    pub fn starting_at(mut self, epoch: SystemTime) -> Self {
        self.epoch = Some(epoch);
        self
    }

    /// Makes the world's time run `times` as fast as the machine's.
    pub fn time_scale(mut self, times: u32) -> Self {
        self.scale = times;
        self
    }

    /// Sets how long every request takes; nothing unless set.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Puts the seeded VPC on loopback addresses, so that real listeners can stand for its
    /// endpoints. The VPC's range is all of `127.0.0.0/8`, where clients on this machine are;
    /// its subnets differ from world to world.
    pub fn loopback_network(mut self) -> Self {
        self.network = Network::on_loopback();
        self
    }

    /// The world.
    #[must_use]
    pub fn build(self) -> World {
        let epoch = self.epoch.unwrap_or_else(SystemTime::now);
        let world = World {
            inner: Arc::new(Inner {
                clock: Arc::new(SimClock::new(epoch, self.scale)),
                state: Mutex::new(Shared {
                    state: State::default(),
                    log: Vec::new(),
                    script: Script::default(),
                    latency: self.latency,
                }),
            }),
        };
        if self.seeded {
            seed(&world, &self.network);
        }
        world
    }
}
