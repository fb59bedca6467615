use privlink_core::{Clock, CloudProvider, DnsName, EndpointServiceId, PrivateDnsHostname, PrivateEndpointId, Region};
use uuid::Uuid;

use super::credential::User;
use super::model::{Attachment, Infrastructure, IpEntry, Key, Organization, Service};
use super::spec::KeySpec;
use super::{CellSpec, ClickHouseState, ServiceSpec, Switches, Tier};
use crate::World;

/// The simulated ClickHouse Cloud of a [`World`]: its ids and keys, and hands to change it
/// behind every client's back.
///
/// # Panics
/// Every method that changes a thing panics when there is no such thing, and every method that
/// returns one thing of the seeded world panics in a world without: only a test's own mistake
/// can bring that about.
#[derive(Clone, Debug)]
pub struct ClickHouse {
    world: World,
}

/// An API key's two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClickHouseKey {
    /// The user of HTTP Basic.
    pub id: String,
    /// The password of HTTP Basic.
    pub secret: String,
}

impl ClickHouse {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }

    /// Reads the state.
    fn see<T>(&self, read: impl FnOnce(&ClickHouseState) -> T) -> T {
        read(&self.world.lock().state.clickhouse)
    }

    /// Changes the state; new endpoint services appear in their cloud.
    fn change<T>(&self, change: impl FnOnce(&mut ClickHouseState, std::time::SystemTime) -> T) -> T {
        let now = self.world.sim_clock().now();
        let mut shared = self.world.lock();
        shared.state.clickhouse.settle(now);
        let out = change(&mut shared.state.clickhouse, now);
        shared.state.offer_services(now);
        shared.state.approve_connections(now);
        out
    }

    // ── what is there

    /// The first organization.
    ///
    /// # Panics
    /// In a world without organizations.
    #[must_use]
    pub fn organization_id(&self) -> Uuid {
        self.see(|state| state.first_organization).expect("the world has an organization")
    }

    /// The first API key's id: the user of HTTP Basic.
    ///
    /// # Panics
    /// In a world without keys.
    #[must_use]
    pub fn key_id(&self) -> String {
        self.api_key().id
    }

    /// The first API key's secret: the password of HTTP Basic.
    ///
    /// # Panics
    /// In a world without keys.
    #[must_use]
    pub fn key_secret(&self) -> String {
        self.api_key().secret
    }

    /// The first API key.
    ///
    /// # Panics
    /// In a world without keys.
    #[must_use]
    pub fn api_key(&self) -> ClickHouseKey {
        self.see(|state| {
            let key = state.keys.get(state.first_key.as_deref()?)?;
            Some(ClickHouseKey { id: key.id.clone(), secret: key.secret.clone() })
        })
        .expect("the world has a key")
    }

    /// The services, in the order they were made. In the seeded world: on AWS `orders` and
    /// `billing` behind one endpoint service and `archive` behind another, on Azure `ledger`, on
    /// Google Cloud `metrics`.
    #[must_use]
    pub fn service_ids(&self) -> Vec<Uuid> {
        self.see(|state| state.in_order().map(|service| service.id).collect())
    }

    /// The first of [`service_ids`](Self::service_ids), for what needs just one; `orders` in the
    /// seeded world. [`find`](Self::find_service) takes a name.
    ///
    /// # Panics
    /// In a world without services.
    #[must_use]
    pub fn service_id(&self) -> Uuid {
        *self.service_ids().first().expect("the world has a service")
    }

    /// The services in a cloud, in the order they were made.
    #[must_use]
    pub fn services_in(&self, cloud: CloudProvider) -> Vec<Uuid> {
        self.see(|state| {
            state.in_order().filter(|service| service.provider == cloud).map(|service| service.id).collect()
        })
    }

    /// The first of [`services_in`](Self::services_in): `orders` on AWS, `ledger` on Azure and
    /// `metrics` on Google Cloud in the seeded world.
    ///
    /// # Panics
    /// In a world without services in that cloud.
    #[must_use]
    pub fn service_in(&self, cloud: CloudProvider) -> Uuid {
        *self.services_in(cloud).first().expect("the world has a service in that cloud")
    }

    /// The service of this name.
    #[must_use]
    pub fn find_service(&self, name: &str) -> Option<Uuid> {
        self.see(|state| state.in_order().find(|service| service.name == name).map(|service| service.id))
    }

    /// A service's state, verbatim; `None` when there is no such service.
    #[must_use]
    pub fn state(&self, service: Uuid) -> Option<String> {
        self.change(|state, _| state.services.get(&service).map(|service| service.state.clone()))
    }

    /// The endpoint service that leads to `service`; `None` when there is no such service, or
    /// its own deployment has none yet.
    #[must_use]
    pub fn endpoint_service(&self, service: Uuid) -> Option<EndpointServiceId> {
        self.see(|state| state.endpoint_service(state.services.get(&service)?).parse().ok())
    }

    /// The name private clients use for `service`.
    #[must_use]
    pub fn private_host(&self, service: Uuid) -> Option<PrivateDnsHostname> {
        self.see(|state| state.private_host(state.services.get(&service)?).parse().ok())
    }

    /// The name public clients use for `service`.
    #[must_use]
    pub fn public_host(&self, service: Uuid) -> Option<DnsName> {
        self.see(|state| state.public_host(state.services.get(&service)?).parse().ok())
    }

    /// The endpoint ids on a service's allow list, in the order they were added.
    #[must_use]
    pub fn attached(&self, service: Uuid) -> Vec<String> {
        self.see(|state| {
            let endpoints = state.services.get(&service).map(|service| &service.endpoints);
            endpoints.into_iter().flatten().map(|attached| attached.id.clone()).collect()
        })
    }

    /// The endpoint ids registered with an organization, in the order they were added.
    #[must_use]
    pub fn registered(&self, organization: Uuid) -> Vec<String> {
        self.see(|state| {
            let known = state.organizations.get(&organization).map(|organization| &organization.registrations);
            known.into_iter().flatten().map(|known| known.id.clone()).collect()
        })
    }

    /// The sources that may use a service's public address.
    #[must_use]
    pub fn ip_access_list(&self, service: Uuid) -> Vec<String> {
        self.see(|state| {
            let list = state.services.get(&service).map(|service| &service.ip_access_list);
            list.into_iter().flatten().map(|entry| entry.source.clone()).collect()
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

    /// Adds an organization; the first becomes [`organization_id`](Self::organization_id).
    pub fn add_organization(&self, name: impl Into<String>, tier: Tier) -> Uuid {
        self.change(|state, now| {
            let id = state.fresh_uuid("organization");
            let name = name.into();
            let organization =
                Organization { name, tier, created_at: now, core_dumps: true, registrations: Vec::new() };
            state.organizations.insert(id, organization);
            state.first_organization.get_or_insert(id);
            id
        })
    }

    /// Moves an organization to another tier.
    pub fn set_tier(&self, organization: Uuid, tier: Tier) {
        self.change(|state, _| {
            let organization = known_organization(state, organization);
            organization.tier = tier;
        });
    }

    /// Adds an API key; the first becomes [`api_key`](Self::api_key).
    ///
    /// # Panics
    /// In a world without organizations, unless the key names one.
    pub fn add_key(&self, spec: KeySpec) -> ClickHouseKey {
        let organization = spec.organization.unwrap_or_else(|| self.organization_id());
        self.change(|state, _| {
            // 20 and 40 characters, as the vendor's keys have.
            let (id, secret) = (state.fresh_hex("key")[..20].to_owned(), state.fresh_hex("secret")[..40].to_owned());
            let key = Key {
                id: id.clone(),
                secret: secret.clone(),
                name: spec.name,
                organization,
                permissions: spec.permissions.into_iter().collect(),
                enabled: spec.enabled,
                expires: spec.expires,
                window: None,
            };
            state.first_key.get_or_insert_with(|| id.clone());
            state.keys.insert(id.clone(), key);
            ClickHouseKey { id, secret }
        })
    }

    /// Makes a key active or not.
    pub fn set_key_enabled(&self, id: &str, enabled: bool) {
        self.change(|state, _| {
            let key = state.keys.get_mut(id).unwrap_or_else(|| panic!("there is no key {id} in this world"));
            key.enabled = enabled;
        });
    }

    /// Sets what a key may do.
    pub fn set_key_permissions(&self, id: &str, permissions: impl IntoIterator<Item = super::Permission>) {
        self.change(|state, _| {
            let key = state.keys.get_mut(id).unwrap_or_else(|| panic!("there is no key {id} in this world"));
            key.permissions = permissions.into_iter().collect();
        });
    }

    /// Adds a person and returns the bearer token; such a token reads, but does not write.
    pub fn add_user(&self, email: impl Into<String>, organizations: impl IntoIterator<Item = Uuid>) -> String {
        self.change(|state, _| {
            let (id, token) = (state.fresh_uuid("user"), state.fresh_hex("token"));
            let organizations = organizations.into_iter().collect();
            state.users.push(User { token: token.clone(), id, email: email.into(), organizations, window: None });
            token
        })
    }

    /// Adds a cell and returns its endpoint service, which its cloud offers from now on.
    pub fn add_cell(&self, spec: CellSpec) -> EndpointServiceId {
        self.change(|state, _| state.add_cell(spec))
    }

    /// Adds a service.
    ///
    /// # Panics
    /// In a world without organizations, unless the service names one.
    pub fn add_service(&self, spec: ServiceSpec) -> Uuid {
        let organization = spec.organization.unwrap_or_else(|| self.organization_id());
        self.change(|state, now| {
            let cell = spec.cell.unwrap_or_else(|| state.cell_for(organization, spec.provider, &spec.region));
            let id = state.fresh_uuid("service");
            let label = state.fresh_label();
            let ip_access_list =
                spec.ip_access_list.into_iter().map(|source| IpEntry { source, description: None }).collect();
            let service = Service {
                id,
                number: state.next_number(),
                organization,
                name: spec.name,
                provider: spec.provider,
                region: spec.region,
                label,
                cell,
                infrastructure: spec.infrastructure,
                state: spec.state,
                then: None,
                since: now,
                created_at: now,
                endpoints: Vec::new(),
                ip_access_list,
                mysql: spec.mysql,
                release_channel: "default".into(),
                core_dumps: true,
                tags: spec.tags.into_iter().collect(),
                lag: None,
                settings: std::collections::BTreeMap::new(),
            };
            state.services.insert(id, service);
            id
        })
    }

    /// Adds a deployment in a customer's own cloud account, without private link as yet.
    ///
    /// # Panics
    /// In a world without organizations.
    pub fn add_byoc(&self, provider: CloudProvider, region: &Region, account: impl Into<String>) -> Uuid {
        let organization = self.organization_id();
        self.change(|state, now| {
            let id = state.fresh_uuid("byoc");
            let (label, service) = (state.fresh_label(), state.fresh_endpoint_service(provider, region));
            let infrastructure = Infrastructure {
                organization,
                provider,
                region: region.clone(),
                account: account.into(),
                display_name: format!("byoc-{region}"),
                state: "infra-ready".into(),
                private_link: false,
                private_load_balancer: false,
                public_load_balancer: true,
                psc_subnet: None,
                tags: serde_json::Value::Null,
                label,
                service,
                ready: now,
            };
            state.infrastructures.insert(id, infrastructure);
            id
        })
    }

    // ── behind the client's back

    /// Puts an endpoint on a service's allow list and registers it with the organization, as
    /// the console does.
    pub fn attach(&self, service: Uuid, endpoint: &PrivateEndpointId) {
        self.attach_text(service, &endpoint.to_string());
    }

    /// The same with any text, for what the API stores without looking.
    pub fn attach_text(&self, service: Uuid, endpoint: &str) {
        self.change(|state, now| {
            known_service(state, service);
            state.attach(now, service, endpoint, "");
        });
    }

    /// Takes an endpoint off a service's allow list; the registration stays.
    pub fn detach(&self, service: Uuid, endpoint: &PrivateEndpointId) {
        let endpoint = endpoint.to_string();
        self.change(|state, _| {
            let service = known_service(state, service);
            service.endpoints.retain(|attached: &Attachment| attached.id != endpoint);
        });
    }

    /// Takes an endpoint's registration off an organization; allow lists stay.
    pub fn deregister(&self, organization: Uuid, endpoint: &PrivateEndpointId) {
        let endpoint = endpoint.to_string();
        self.change(|state, _| {
            let organization = known_organization(state, organization);
            organization.registrations.retain(|known| known.id != endpoint);
        });
    }

    /// Sets the sources that may use a service's public address.
    pub fn set_ip_access_list<S: Into<String>>(&self, service: Uuid, sources: impl IntoIterator<Item = S>) {
        let list =
            sources.into_iter().map(|source| IpEntry { source: source.into(), description: None }).collect::<Vec<_>>();
        self.change(|state, _| {
            let service = known_service(state, service);
            service.ip_access_list = list;
        });
    }

    /// Puts a service into a state, one that the API document does not know included.
    pub fn set_state(&self, service: Uuid, to: impl Into<String>) {
        self.change(|state, now| {
            let service = known_service(state, service);
            service.state = to.into();
            service.since = now;
            service.then = None;
        });
    }

    /// Renames a service.
    pub fn rename(&self, service: Uuid, name: impl Into<String>) {
        self.change(|state, _| {
            let service = known_service(state, service);
            service.name = name.into();
        });
    }

    /// Turns a service's MySQL interface on or off.
    pub fn set_mysql(&self, service: Uuid, on: bool) {
        self.change(|state, _| {
            let service = known_service(state, service);
            service.mysql = on;
        });
    }

    /// Moves a service to another cell of its region: its endpoint service becomes another.
    pub fn move_to_cell(&self, service: Uuid, cell: &str) {
        self.change(|state, _| {
            assert!(state.cells.iter().any(|known| known.name == cell), "there is no cell {cell} in this world");
            let service = known_service(state, service);
            service.cell = cell.to_owned();
        });
    }

    /// Deletes a service at once, whatever its state; its endpoints stay registered.
    pub fn delete_service(&self, service: Uuid) {
        self.change(|state, _| {
            state.services.remove(&service);
        });
    }
}

fn known_service(state: &mut ClickHouseState, id: Uuid) -> &mut Service {
    state.services.get_mut(&id).unwrap_or_else(|| panic!("there is no service {id} in this world"))
}

fn known_organization(state: &mut ClickHouseState, id: Uuid) -> &mut Organization {
    state.organizations.get_mut(&id).unwrap_or_else(|| panic!("there is no organization {id} in this world"))
}
