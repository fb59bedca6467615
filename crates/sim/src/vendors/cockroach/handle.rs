use privlink_core::{Clock, CloudProvider, DnsName, EndpointServiceId, PrivateDnsHostname, PrivateEndpointId, Region};
use uuid::Uuid;

use super::model::{Allowed, Cluster, CockroachPlan, Owner};
use super::state::SHARED_PROJECT;
use super::{ClusterSpec, CockroachState, Switches, networking};
use crate::World;
use crate::vendors::clickhouse::region_zones;

/// The simulated CockroachDB Cloud of a [`World`]: its ids and its key, and hands to change it
/// behind every client's back.
///
/// # Panics
/// Every method that changes a thing panics when there is no such thing, and every method that
/// returns one thing of the seeded world panics in a world without: only a test's own mistake
/// can bring that about.
#[derive(Clone, Debug)]
pub struct Cockroach {
    world: World,
}

impl Cockroach {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }

    /// Reads the state.
    fn see<T>(&self, read: impl FnOnce(&CockroachState) -> T) -> T {
        read(&self.world.lock().state.cockroach)
    }

    /// Changes the state; new endpoint services appear in their cloud.
    fn change<T>(&self, change: impl FnOnce(&mut CockroachState, std::time::SystemTime) -> T) -> T {
        let now = self.world.sim_clock().now();
        let mut shared = self.world.lock();
        let out = change(&mut shared.state.cockroach, now);
        shared.state.offer_services(now);
        shared.state.approve_connections(now);
        out
    }

    // ── what is there

    /// The first service account's secret key.
    ///
    /// # Panics
    /// In a world without keys.
    #[must_use]
    pub fn api_key(&self) -> String {
        self.see(|state| state.first_key.clone()).expect("the world has a key")
    }

    /// The clusters, in the order they were made. In the seeded world: on AWS `shopfront`
    /// (Advanced) and, behind one shared endpoint service, `carts` and `wishes` (Standard), on Azure
    /// `invoices` and on Google Cloud `tracking` (both Advanced); all with endpoint services.
    #[must_use]
    pub fn cluster_ids(&self) -> Vec<Uuid> {
        self.see(|state| state.in_order().into_iter().map(|cluster| cluster.id).collect())
    }

    /// The first of [`cluster_ids`](Self::cluster_ids).
    ///
    /// # Panics
    /// In a world without clusters.
    #[must_use]
    pub fn cluster_id(&self) -> Uuid {
        *self.cluster_ids().first().expect("the world has a cluster")
    }

    /// The first cluster in a cloud.
    ///
    /// # Panics
    /// In a world without clusters in that cloud.
    #[must_use]
    pub fn cluster_in(&self, cloud: CloudProvider) -> Uuid {
        self.see(|state| state.in_order().into_iter().find(|known| known.provider == cloud).map(|known| known.id))
            .expect("the world has a cluster in that cloud")
    }

    /// The cluster of this name.
    #[must_use]
    pub fn find_cluster(&self, name: &str) -> Option<Uuid> {
        self.see(|state| state.in_order().into_iter().find(|known| known.name == name).map(|known| known.id))
    }

    /// The endpoint service that leads to a cluster in its first region; `None` until there is one.
    #[must_use]
    pub fn endpoint_service(&self, cluster: Uuid) -> Option<EndpointServiceId> {
        self.see(|state| {
            let services = state.services_of(state.clusters.get(&cluster)?);
            services.first().map(|service| service.id.clone())
        })
    }

    /// The name private clients use for a cluster in a region.
    #[must_use]
    pub fn private_host(&self, cluster: Uuid, region: &Region) -> Option<PrivateDnsHostname> {
        self.see(|state| state.clusters.get(&cluster)?.private_host(region)?.parse().ok())
    }

    /// The name public clients use for a cluster in a region.
    #[must_use]
    pub fn public_host(&self, cluster: Uuid, region: &Region) -> Option<DnsName> {
        self.see(|state| state.clusters.get(&cluster)?.public_host(region).parse().ok())
    }

    /// The endpoint ids on a cluster's list that are not rejected, in the order they were added.
    #[must_use]
    pub fn connected(&self, cluster: Uuid) -> Vec<String> {
        self.see(|state| {
            let connections = state.clusters.get(&cluster).map(|cluster| &cluster.connections);
            let live = connections.into_iter().flatten().filter(|connection| !connection.rejected);
            live.map(|connection| connection.endpoint.clone()).collect()
        })
    }

    // ── how it behaves

    /// Changes how it behaves where no public source says.
    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        self.change(|state, _| change(&mut state.switches));
    }

    /// How it behaves now.
    #[must_use]
    pub fn switches(&self) -> Switches {
        self.see(|state| state.switches.clone())
    }

    /// Lifts the rate limit of every key.
    pub fn lift_rate_limit(&self) {
        self.switch(|switches| switches.rate_limit = None);
    }

    // ── putting things in

    /// Adds a service account with every role and returns its secret key; the first becomes
    /// [`api_key`](Self::api_key).
    pub fn add_key(&self) -> String {
        self.change(|state, _| {
            let secret = format!("CCDB1_{}", &state.fresh_hex("key")[..40]);
            state.keys.insert(secret.clone(), None);
            state.first_key.get_or_insert_with(|| secret.clone());
            secret
        })
    }

    /// Takes a key away.
    pub fn remove_key(&self, secret: &str) {
        self.change(|state, _| {
            assert!(state.keys.remove(secret).is_some(), "there is no such key in this world");
        });
    }

    /// Adds a cluster.
    pub fn add_cluster(&self, spec: ClusterSpec) -> Uuid {
        self.change(|state, _| {
            let id = state.fresh_uuid("cluster");
            let number = state.next_number();
            let hex = state.fresh_hex("cluster");
            let account = match spec.provider {
                CloudProvider::Aws => "111122223333".to_owned(),
                // The project that holds what clusters of the region share.
                CloudProvider::Gcp if spec.plan != CockroachPlan::Advanced => SHARED_PROJECT.to_owned(),
                CloudProvider::Gcp => format!("crl-prod-{}", &hex[..3]),
                _ => state.fresh_uuid("subscription").to_string(),
            };
            let zones = match (spec.zones.is_empty(), spec.regions.first()) {
                (true, Some(region)) if spec.provider == CloudProvider::Aws => region_zones(region),
                _ => spec.zones,
            };
            let label = match spec.plan {
                CockroachPlan::Advanced => format!("{}-{}", spec.name, &hex[..4]),
                _ => format!("{}-{number}", spec.name),
            };
            let mut services = Vec::new();
            for region in &spec.regions {
                match spec.plan {
                    CockroachPlan::Advanced if spec.with_services => {
                        services.push(state.fresh_service(spec.provider, region, &account, &zones, 0));
                    }
                    CockroachPlan::Standard => state.share(spec.provider, region, &zones),
                    _ => {}
                }
            }
            // Advanced clusters are closed at first; the others are open.
            let everybody = || Allowed { range: ipnet::Ipv4Net::default(), sql: true, ui: false, name: None };
            let allowlist = if spec.plan == CockroachPlan::Advanced { Vec::new() } else { vec![everybody()] };
            let cluster = Cluster {
                id,
                number,
                name: spec.name,
                plan: spec.plan,
                provider: spec.provider,
                state: spec.state,
                account,
                label,
                regions: spec.regions,
                zones,
                services,
                service_reads: 0,
                host_reads: 0,
                connections: Vec::new(),
                owners: Vec::new(),
                allowlist,
                allowlist_settles: None,
                egress: Vec::new(),
                without_private_host: spec.without_private_host,
                shared_host: spec.shared_host,
            };
            state.clusters.insert(id, cluster);
            id
        })
    }

    // ── behind the client's back

    /// Connects an endpoint to a cluster in its first region, as the console does.
    ///
    /// # Panics
    /// When the cluster has no endpoint service.
    pub fn connect(&self, cluster: Uuid, endpoint: &PrivateEndpointId) {
        self.change(|state, now| {
            let services = state.services_of(state.clusters.get(&cluster).expect("there is such a cluster"));
            let service = services.first().expect("the cluster has an endpoint service");
            let since = now - state.switches.pending - state.switches.acceptance;
            let fresh = networking::attached(&endpoint.to_string(), &service.region, &service.id, since);
            known_cluster(state, cluster).connections.push(fresh);
        });
    }

    /// Puts an account, or `*`, onto the list of trusted owners of a cluster; connections that were asked for before
    /// stay as they are.
    pub fn trust(&self, cluster: Uuid, owner: &str) {
        let now = self.world.sim_clock().now();
        let state = &mut self.world.lock().state.cockroach;
        let id = state.fresh_uuid("trusted owner");
        let cluster = state.clusters.get_mut(&cluster).expect("the cluster exists");
        cluster.owners.push(Owner { id, owner: owner.to_owned(), created_at: now });
    }

    /// Takes an endpoint off a cluster's list without a trace.
    pub fn disconnect(&self, cluster: Uuid, endpoint: &PrivateEndpointId) {
        let endpoint = endpoint.to_string();
        self.change(|state, _| known_cluster(state, cluster).connections.retain(|known| known.endpoint != endpoint));
    }

    /// Leaves a connection in a state that it does not get out of, such as `FAILED`; `None` lets it go on.
    pub fn set_connection_status(&self, cluster: Uuid, endpoint: &PrivateEndpointId, status: Option<&str>) {
        let endpoint = endpoint.to_string();
        self.change(|state, _| {
            let connection =
                known_cluster(state, cluster).connections.iter_mut().find(|known| known.endpoint == endpoint);
            connection.expect("there is such a connection").stuck = status.map(str::to_owned);
        });
    }

    /// Leaves an egress private endpoint in a state, such as `REJECTED`; `None` lets it go on.
    pub fn set_egress_state(&self, cluster: Uuid, endpoint: Uuid, state: Option<&str>) {
        self.change(|known, _| {
            let endpoint = known_cluster(known, cluster).egress.iter_mut().find(|known| known.id == endpoint);
            endpoint.expect("there is such an endpoint").stuck = state.map(str::to_owned);
        });
    }

    /// The ranges of a cluster's allowlist that let SQL clients in, in the order they were added.
    #[must_use]
    pub fn open_to_sql(&self, cluster: Uuid) -> Vec<ipnet::Ipv4Net> {
        self.see(|state| {
            let entries = state.clusters.get(&cluster).map(|cluster| &cluster.allowlist);
            entries.into_iter().flatten().filter(|entry| entry.sql).map(|entry| entry.range).collect()
        })
    }

    /// Leaves the endpoint services of an Advanced cluster in a state, such as `CREATE_FAILED`.
    pub fn set_service_status(&self, cluster: Uuid, status: Option<&str>) {
        self.change(|state, _| {
            for service in &mut known_cluster(state, cluster).services {
                service.stuck = status.map(str::to_owned);
            }
        });
    }

    /// Puts a cluster into a state, one that the API document does not know included.
    pub fn set_state(&self, cluster: Uuid, to: impl Into<String>) {
        self.change(|state, _| known_cluster(state, cluster).state = to.into());
    }

    /// Deletes a cluster; what it listed goes with it.
    pub fn delete_cluster(&self, cluster: Uuid) {
        self.change(|state, _| {
            assert!(state.clusters.remove(&cluster).is_some(), "there is no cluster {cluster} in this world");
        });
    }
}

fn known_cluster(state: &mut CockroachState, cluster: Uuid) -> &mut Cluster {
    state.clusters.get_mut(&cluster).unwrap_or_else(|| panic!("there is no cluster {cluster} in this world"))
}
