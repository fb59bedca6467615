use std::time::SystemTime;

use privlink_core::{CloudProvider, DnsName, EndpointServiceId, PrivateDnsHostname, Region};

use super::model::{Cluster, Project, joined};
use super::state::Key;
use super::{ClusterSpec, Switches, ZillizState};
use crate::World;
use crate::vendors::clickhouse::region_zones;

/// The simulated Zilliz Cloud of a [`World`]: its ids and its key, and hands to change it behind
/// every client's back.
///
/// # Panics
/// Every method that changes a thing panics when there is no such thing, and every method that
/// returns one thing of the seeded world panics in a world without: only a test's own mistake
/// can bring that about.
#[derive(Clone, Debug)]
pub struct Zilliz {
    world: World,
}

impl Zilliz {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }

    /// Reads the state.
    fn see<T>(&self, read: impl FnOnce(&ZillizState) -> T) -> T {
        read(&self.world.lock().state.zilliz)
    }

    /// Changes the state; what follows from it in the clouds, follows.
    fn change<T>(&self, change: impl FnOnce(&mut ZillizState) -> T) -> T {
        let now: SystemTime = privlink_core::Clock::now(&self.world.sim_clock());
        let mut shared = self.world.lock();
        let out = change(&mut shared.state.zilliz);
        shared.state.zilliz.settle_links();
        shared.state.offer_services(now);
        shared.state.approve_connections(now);
        out
    }

    // ── what is there

    /// The first API key.
    #[must_use]
    pub fn api_key(&self) -> String {
        self.see(|state| state.first_key.clone()).expect("the world has a key")
    }

    /// The projects, in the order they were made; one in the seeded world.
    #[must_use]
    pub fn project_ids(&self) -> Vec<String> {
        self.see(|state| state.projects_in_order().into_iter().map(|project| project.id.clone()).collect())
    }

    /// The first of [`project_ids`](Self::project_ids).
    #[must_use]
    pub fn project_id(&self) -> String {
        self.project_ids().into_iter().next().expect("the world has a project")
    }

    /// The clusters, in the order they were made. In the seeded world: on AWS `articles` and `images`, both
    /// Dedicated, and `sandbox`, which is Serverless; on Azure `manuals` and on Google Cloud `tickets`, both
    /// Dedicated.
    #[must_use]
    pub fn cluster_ids(&self) -> Vec<String> {
        self.see(|state| state.clusters_in_order().into_iter().map(|cluster| cluster.id.clone()).collect())
    }

    /// The cluster of this name.
    #[must_use]
    pub fn find_cluster(&self, name: &str) -> Option<String> {
        self.see(|state| {
            state.clusters_in_order().into_iter().find(|known| known.name == name).map(|known| known.id.clone())
        })
    }

    /// The vendor's name of the first region in a cloud.
    #[must_use]
    pub fn region_in(&self, cloud: CloudProvider) -> String {
        self.see(|state| state.services.iter().find(|known| known.cloud == cloud).map(|known| known.region.clone()))
            .expect("the world has a region in that cloud")
    }

    /// The endpoint service of a region, by the vendor's name of it.
    #[must_use]
    pub fn endpoint_service(&self, region: &str) -> Option<EndpointServiceId> {
        self.see(|state| state.service(region).map(|service| service.id.clone()))
    }

    /// The name private clients use for a cluster, once it has one.
    #[must_use]
    pub fn private_host(&self, cluster: &str) -> Option<PrivateDnsHostname> {
        self.see(|state| {
            let cluster = state.clusters.get(cluster).filter(|cluster| cluster.linked)?;
            cluster.private_host(&state.switches).parse().ok()
        })
    }

    /// The name public clients use for a cluster.
    #[must_use]
    pub fn public_host(&self, cluster: &str) -> Option<DnsName> {
        self.see(|state| state.clusters.get(cluster)?.public_host().parse().ok())
    }

    /// Whether the public address of a cluster is on.
    #[must_use]
    pub fn is_public(&self, cluster: &str) -> bool {
        self.see(|state| state.clusters.get(cluster).is_some_and(|cluster| cluster.public))
    }

    /// The endpoints that a project lists, in the order they were registered.
    #[must_use]
    pub fn registered(&self, project: &str) -> Vec<String> {
        self.see(|state| {
            let entries = state.projects.get(project).map(|project| &project.registrations);
            entries.into_iter().flatten().map(|entry| entry.endpoint.clone()).collect()
        })
    }

    /// The accounts that a project has let see endpoint services, each behind its region.
    #[must_use]
    pub fn whitelisted(&self, project: &str) -> Vec<(String, String)> {
        self.see(|state| {
            state.projects.get(project).map(|known| known.whitelist.iter().cloned().collect()).unwrap_or_default()
        })
    }

    // ── how it behaves

    /// Changes how it behaves where no public source says.
    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        self.change(|state| change(&mut state.switches));
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

    /// Sets whether accounts must be on a list before they make an endpoint in a region; on Azure they must, unless set.
    pub fn require_whitelist(&self, region: &str, required: bool) {
        self.change(|state| known_service(state, region).whitelist_required = required);
    }

    /// Lets endpoints in other regions of AWS point at the service of a region: what a support ticket brings about.
    pub fn allow_cross_region(&self, region: &str) {
        self.change(|state| known_service(state, region).cross_region = true);
    }

    // ── putting things in

    /// Adds an API key that covers everything; the first becomes [`api_key`](Self::api_key).
    pub fn add_key(&self) -> String {
        self.change(|state| {
            let secret = state.fresh_hex("key")[..64].to_owned();
            state.keys.insert(secret.clone(), Key::default());
            state.first_key.get_or_insert_with(|| secret.clone());
            secret
        })
    }

    /// Adds an API key that covers these projects alone.
    pub fn add_key_for(&self, projects: &[String]) -> String {
        self.change(|state| {
            let secret = state.fresh_hex("key")[..64].to_owned();
            state.keys.insert(secret.clone(), Key { projects: Some(projects.iter().cloned().collect()) });
            secret
        })
    }

    /// Takes a key away.
    pub fn remove_key(&self, secret: &str) {
        self.change(|state| assert!(state.keys.remove(secret).is_some(), "there is no such key in this world"));
    }

    /// Adds a project and gives its id.
    pub fn add_project(&self, name: impl Into<String>) -> String {
        self.change(|state| {
            let id = format!("proj-{}", &state.fresh_hex("project")[..22]);
            let (number, name) = (state.next_number(), name.into());
            let project =
                Project { id: id.clone(), number, name, registrations: Vec::new(), whitelist: Default::default() };
            state.projects.insert(id.clone(), project);
            id
        })
    }

    /// Adds a cluster, with the endpoint service of its region, and gives its id.
    ///
    /// # Panics
    /// In a world without projects.
    pub fn add_cluster(&self, spec: ClusterSpec) -> String {
        self.change(|state| {
            let first = state.projects_in_order().first().map(|project| project.id.clone());
            let project = spec.project.or(first).expect("the world has a project");
            let id = format!("{}-{}", spec.deployment.prefix(), &state.fresh_hex("cluster")[..15]);
            let number = state.next_number();
            let zones = if spec.cloud == CloudProvider::Aws { region_zones(&spec.region) } else { Vec::new() };
            state.serve(spec.cloud, &spec.region, zones);
            let cluster = Cluster {
                id: id.clone(),
                number,
                name: spec.name,
                project,
                region: joined(spec.cloud, &spec.region),
                deployment: spec.deployment,
                plan: spec.plan,
                status: spec.status,
                public_port: 19_530,
                private_port: spec.private_port,
                link_looks: None,
                linked: false,
                public: true,
                switching: 0,
                global: spec.global,
                odd_address: None,
            };
            state.clusters.insert(id.clone(), cluster);
            id
        })
    }

    /// Opens a region in which there are no clusters yet.
    pub fn add_region(&self, cloud: CloudProvider, region: &Region) {
        self.change(|state| state.serve(cloud, region, Vec::new()));
    }

    // ── behind the client's back

    /// Takes an endpoint off a project's list.
    pub fn deregister(&self, project: &str, endpoint: &str) {
        self.change(|state| known_project(state, project).registrations.retain(|entry| entry.endpoint != endpoint));
    }

    /// Registers an endpoint that nobody in this world has, long ago: it is available.
    pub fn register(&self, project: &str, region: &str, endpoint: &str, gcp_project: Option<&str>) {
        self.change(|state| {
            let service = state.service(region).expect("there is such a region").id.clone();
            let entry = super::model::Registration {
                region: region.to_owned(),
                endpoint: endpoint.to_owned(),
                gcp_project: gcp_project.map(str::to_owned),
                service,
                lists: u32::MAX,
                stuck: None,
                cloud_id: endpoint.to_owned(),
                account: None,
                since: SystemTime::UNIX_EPOCH,
            };
            known_project(state, project).registrations.push(entry);
        });
    }

    /// Leaves an endpoint in a status that it does not get out of, such as `rejected`; `None` lets it go on.
    pub fn set_endpoint_status(&self, project: &str, endpoint: &str, status: Option<&str>) {
        self.change(|state| {
            let mut entries = known_project(state, project).registrations.iter_mut();
            let entry = entries.find(|entry| entry.endpoint == endpoint).expect("there is such an endpoint");
            entry.stuck = status.map(str::to_owned);
        });
    }

    /// Puts a cluster into a state, one that the document does not know included.
    pub fn set_status(&self, cluster: &str, status: impl Into<String>) {
        self.change(|state| known_cluster(state, cluster).status = status.into());
    }

    /// Lets the vendor say this in place of a cluster's private address, once it has one.
    pub fn set_private_address(&self, cluster: &str, address: impl Into<String>) {
        self.change(|state| known_cluster(state, cluster).odd_address = Some(address.into()));
    }

    /// Deletes a cluster.
    pub fn delete_cluster(&self, cluster: &str) {
        self.change(|state| {
            assert!(state.clusters.remove(cluster).is_some(), "there is no cluster {cluster} in this world");
        });
    }

    /// Deletes a project with its clusters; what it listed goes with it.
    pub fn delete_project(&self, project: &str) {
        self.change(|state| {
            assert!(state.projects.remove(project).is_some(), "there is no project {project} in this world");
            state.clusters.retain(|_, cluster| cluster.project != project);
        });
    }
}

fn known_project<'s>(state: &'s mut ZillizState, id: &str) -> &'s mut Project {
    state.projects.get_mut(id).unwrap_or_else(|| panic!("there is no project {id} in this world"))
}

fn known_cluster<'s>(state: &'s mut ZillizState, id: &str) -> &'s mut Cluster {
    state.clusters.get_mut(id).unwrap_or_else(|| panic!("there is no cluster {id} in this world"))
}

fn known_service<'s>(state: &'s mut ZillizState, region: &str) -> &'s mut super::model::Service {
    let found = state.services.iter_mut().find(|service| service.region == region);
    found.unwrap_or_else(|| panic!("there is no region {region} in this world"))
}
