use privlink_core::{Clock, CloudProvider, EndpointServiceId, PrivateEndpointId};

use super::model::{Seen, Service};
use super::{AivenState, ServiceSpec, Switches};
use crate::World;

/// The simulated Aiven of a [`World`]: its ids and its token, and hands to change it behind every
/// client's back.
///
/// # Panics
/// Every method that changes a thing panics when there is no such thing, and every method that
/// returns one thing of the seeded world panics in a world without: only a test's own mistake
/// can bring that about.
#[derive(Clone, Debug)]
pub struct Aiven {
    world: World,
}

impl Aiven {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }

    /// Reads the state as it is by now.
    fn see<T>(&self, read: impl FnOnce(&AivenState) -> T) -> T {
        let now = self.world.sim_clock().now();
        let mut shared = self.world.lock();
        shared.state.settle_aiven(now);
        read(&shared.state.aiven)
    }

    fn change<T>(&self, change: impl FnOnce(&mut AivenState, std::time::SystemTime) -> T) -> T {
        let now = self.world.sim_clock().now();
        let mut shared = self.world.lock();
        let out = change(&mut shared.state.aiven, now);
        shared.state.settle_aiven(now);
        out
    }

    // ── what is there

    /// A token that may do everything.
    ///
    /// # Panics
    /// In a world without tokens.
    #[must_use]
    pub fn token(&self) -> String {
        self.see(|state| state.tokens.first().cloned()).expect("the world has a token")
    }

    /// The first project.
    ///
    /// # Panics
    /// In a world without projects.
    #[must_use]
    pub fn project(&self) -> String {
        self.see(|state| state.projects.first().cloned()).expect("the world has a project")
    }

    /// The services, in the order they were made. In the seeded world: on AWS `orders-pg` and
    /// `events-kafka`, on Azure `stock-mysql` and on Google Cloud `cache-valkey`, none with a privatelink.
    #[must_use]
    pub fn services(&self) -> Vec<String> {
        self.see(|state| state.in_order().into_iter().map(|service| service.name.clone()).collect())
    }

    /// The first service in a cloud.
    ///
    /// # Panics
    /// In a world without services in that cloud.
    #[must_use]
    pub fn service_in(&self, cloud: CloudProvider) -> String {
        self.see(|state| state.in_order().into_iter().find(|known| known.provider == cloud).map(|one| one.name.clone()))
            .expect("the world has a service in that cloud")
    }

    /// The endpoint service of a service's privatelink: on Azure the resource id; `None` until there is one.
    #[must_use]
    pub fn endpoint_service(&self, service: &str) -> Option<EndpointServiceId> {
        let now = self.world.sim_clock().now();
        self.see(|state| {
            let link = known(state, service).link.as_ref().filter(|link| link.is_made(now));
            link.map(|link| link.service.clone())
        })
    }

    /// Whom a service's privatelink lets in; `None` when it has none.
    #[must_use]
    pub fn allowed(&self, service: &str) -> Option<Vec<String>> {
        self.see(|state| known(state, service).link.as_ref().map(|link| link.allowed.clone()))
    }

    /// The connections of a service: the id, the endpoint, and the state in Aiven's word.
    #[must_use]
    pub fn connections(&self, service: &str) -> Vec<(String, String, String)> {
        self.see(|state| {
            let all = known(state, service).link.iter().flat_map(|link| &link.connections);
            all.map(|one| {
                let endpoint = one.ids.first().cloned().unwrap_or_default();
                (one.id.clone(), endpoint, one.state.as_str().to_owned())
            })
            .collect()
        })
    }

    /// The components of a service that are switched on for privatelink.
    #[must_use]
    pub fn switched_on(&self, service: &str) -> Vec<String> {
        self.see(|state| {
            let all = known(state, service).access.iter().filter(|(_, (on, _))| *on);
            all.map(|(component, _)| component.clone()).collect()
        })
    }

    /// The password of a service, which nothing of a client may show.
    #[must_use]
    pub fn password(&self, service: &str) -> String {
        self.see(|state| known(state, service).password.clone())
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

    // ── putting things in

    /// Adds a project.
    pub fn add_project(&self, name: impl Into<String>) {
        self.change(|state, _| state.projects.push(name.into()));
    }

    /// Adds a token that may do everything and returns it.
    pub fn add_token(&self) -> String {
        self.change(|state, _| {
            let token = format!("aiven-{}", &state.fresh_hex("token")[..40]);
            state.tokens.push(token.clone());
            token
        })
    }

    /// Adds a service to the first project.
    pub fn add_service(&self, spec: ServiceSpec) {
        let project = self.project();
        self.change(|state, now| {
            let number = u16::try_from(state.services.len()).unwrap_or(u16::MAX);
            let same = |known: &&Service| known.provider == spec.provider && known.region == spec.region;
            let vpc = match state.services.values().filter(same).find_map(|known| known.vpc.clone()) {
                Some(vpc) => vpc,
                None => {
                    let hex = state.fresh_hex("vpc");
                    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
                }
            };
            let word = match spec.provider {
                CloudProvider::Aws => "aws",
                CloudProvider::Azure => "azure",
                _ => "google",
            };
            let password = format!("AVNS_{}", &state.fresh_hex("password")[..18]);
            let cloud_name = spec.cloud_name.unwrap_or_else(|| format!("{word}-{}", spec.region));
            let service = Service {
                number,
                project: project.clone(),
                name: spec.name.clone(),
                service_type: spec.service_type,
                provider: spec.provider,
                region: spec.region,
                cloud_name,
                state: spec.state,
                vpc: spec.in_vpc.then_some(vpc),
                nodes: spec.nodes,
                static_ips: spec.static_ips,
                sasl: spec.sasl,
                replica: spec.replica,
                password,
                created: now,
                access: std::collections::BTreeMap::new(),
                link: None,
                apparitions: Vec::new(),
            };
            state.services.insert((project, spec.name), service);
        });
    }

    // ── behind the client's back

    /// Lets an endpoint appear at a service's privatelink that no simulated cloud has, as if its
    /// cloud showed it connected.
    pub fn make_endpoint(&self, service: &str, endpoint: &PrivateEndpointId) {
        self.change(|state, _| {
            let service = known_mut(state, service);
            let id = service.link.as_ref().expect("the service has a privatelink").service.clone();
            let dns_name = Some(format!("{endpoint}-abcd1234.vpce-svc.example.vpce.amazonaws.com"))
                .filter(|_| service.provider == CloudProvider::Aws);
            let ids = vec![endpoint.to_string()];
            service.apparitions.retain(|seen| seen.ids != ids);
            service.apparitions.push(Seen { ids, service: id, owner: None, ready: true, dns_name });
        });
    }

    /// Takes such an endpoint away.
    pub fn delete_endpoint(&self, service: &str, endpoint: &PrivateEndpointId) {
        let id = endpoint.to_string();
        self.change(|state, _| known_mut(state, service).apparitions.retain(|seen| !seen.ids.contains(&id)));
    }

    /// Replaces whom a privatelink lets in, as another tool does.
    pub fn set_allowed(&self, service: &str, allowed: impl IntoIterator<Item = impl Into<String>>) {
        self.change(|state, _| {
            let link = known_mut(state, service).link.as_mut().expect("the service has a privatelink");
            link.allowed = allowed.into_iter().map(Into::into).collect();
        });
    }

    /// Approves a connection as somebody else, on Google Cloud with the address given.
    pub fn approve_connection(&self, service: &str, connection: &str, address: Option<&str>) {
        self.change(|state, now| {
            let link = known_mut(state, service).link.as_mut().expect("the service has a privatelink");
            let found = link.connections.iter_mut().find(|known| known.id == connection);
            let found = found.expect("there is such a connection");
            found.state = super::model::ConnectionState::Approved;
            found.approved = Some(now);
            found.address = address.map(str::to_owned);
        });
    }

    /// Makes Aiven forget its connections: each is found again, with another id.
    pub fn set_connections_forgotten(&self, service: &str) {
        self.change(|state, _| known_mut(state, service).link.iter_mut().for_each(|link| link.connections.clear()));
    }

    /// Switches a component on or off.
    pub fn set_access(&self, service: &str, component: &str, on: bool) {
        self.change(|state, now| {
            known_mut(state, service).access.insert(component.to_owned(), (on, now));
        });
    }

    /// Puts a service into a state, one that no document has included.
    pub fn set_state(&self, service: &str, to: impl Into<String>) {
        self.change(|state, _| known_mut(state, service).state = to.into());
    }

    /// Deletes a service; its privatelink goes with it.
    pub fn delete_service(&self, service: &str) {
        self.change(|state, _| {
            let key = state.services.values().find(|known| known.name == service);
            let key = key.map(|known| (known.project.clone(), known.name.clone()));
            let gone = key.and_then(|key| state.services.remove(&key));
            let gone = gone.unwrap_or_else(|| panic!("there is no service {service} in this world"));
            state.withdrawn.extend(gone.link.map(|link| link.alias.map_or(link.service, Into::into)));
        });
    }
}

fn known<'a>(state: &'a AivenState, service: &str) -> &'a Service {
    let found = state.services.values().find(|known| known.name == service);
    found.unwrap_or_else(|| panic!("there is no service {service} in this world"))
}

fn known_mut<'a>(state: &'a mut AivenState, service: &str) -> &'a mut Service {
    let found = state.services.values_mut().find(|known| known.name == service);
    found.unwrap_or_else(|| panic!("there is no service {service} in this world"))
}
