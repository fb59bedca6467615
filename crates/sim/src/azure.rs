use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ipnet::Ipv4Net;
use privlink_core::{
    AzurePrivateEndpointId, AzureResourceId, Clock, DnsName, PrivateLinkServiceAlias, Region, ResourceGuid,
    SubscriptionId,
};
use serde_json::json;
use uuid::Uuid;

use crate::World;
use crate::clouds::azure::{self, AzureState, Behaviour, NoSuchThing, RuleSeed, Status};

/// The simulated Azure of a [`World`]: its ids and tokens, and hands to change it behind every
/// client's back.
///
/// The seeded world has one tenant with one subscription, a resource group
/// [`resource_group`](Self::resource_group) and in it a virtual network of one subnet, in
/// `westus3`. A machine stands in the subnet. Resource Manager answers on every origin, and so does
/// the tenant's token endpoint, `POST /{tenant}/oauth2/v2.0/token`.
///
/// # Panics
/// Every method that is given an id panics when there is no such thing, and every method that
/// returns one thing of the seeded world panics in a world without: only a test's own mistake
/// can bring that about.
#[derive(Clone, Debug)]
pub struct Azure {
    world: World,
}

/// What is seeded, so that it can be named.
#[derive(Clone, Debug)]
pub(crate) struct AzureSeeded {
    pub(crate) tenant: Uuid,
    pub(crate) subscription: SubscriptionId,
    pub(crate) group: String,
    pub(crate) location: Region,
    pub(crate) vnet: AzureResourceId,
    pub(crate) subnet: AzureResourceId,
    pub(crate) token: String,
}

/// An application of the simulated tenant, which gets tokens by its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AzureApp {
    /// The tenant.
    pub tenant: Uuid,
    /// The application's id.
    pub client_id: Uuid,
    /// Its secret.
    pub client_secret: String,
}

/// A private endpoint, as its network and its vendor see it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AzureEndpoint {
    /// Its ARM id.
    pub id: AzurePrivateEndpointId,
    /// `properties.resourceGuid`.
    pub guid: ResourceGuid,
    /// The Private Link service it points at.
    pub service: PrivateLinkServiceAlias,
    /// The status of its connection: `Pending`, `Approved`, `Rejected`, `Disconnected`.
    pub status: &'static str,
    /// `properties.provisioningState`.
    pub provisioning: &'static str,
    /// The address of its interface.
    pub address: IpAddr,
}

/// A rule to put into a network security group with [`Azure::add_rule`].
#[derive(Clone, Debug)]
#[must_use]
pub struct AzureRule {
    seed: RuleSeed,
}

impl AzureRule {
    /// An inbound rule for everybody and every port that lets in; of rules that cover a
    /// connection the one with the lowest `priority` decides.
    pub fn allow_in(name: &str, priority: u16) -> Self {
        Self::new(name, priority, true, true)
    }

    /// An inbound rule for everybody and every port that keeps out.
    pub fn deny_in(name: &str, priority: u16) -> Self {
        Self::new(name, priority, true, false)
    }

    /// An outbound rule to everybody and every port that keeps inside.
    pub fn deny_out(name: &str, priority: u16) -> Self {
        Self::new(name, priority, false, false)
    }

    fn new(name: &str, priority: u16, inbound: bool, allow: bool) -> Self {
        let name = name.to_owned();
        Self { seed: RuleSeed { name, priority, inbound, allow, peer: None, ports: None, application_group: None } }
    }

    /// Only for this range at the other end.
    pub fn peer(mut self, range: Ipv4Net) -> Self {
        self.seed.peer = Some(range);
        self
    }

    /// Only for these TCP ports.
    pub fn ports(mut self, ports: RangeInclusive<u16>) -> Self {
        self.seed.ports = Some(ports);
        self
    }

    /// Only for endpoints in this application security group.
    pub fn application_group(mut self, group: &AzureResourceId) -> Self {
        self.seed.application_group = Some(group.clone());
        self
    }
}

impl Azure {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }

    fn seeded<T>(&self, read: impl FnOnce(&AzureSeeded) -> T) -> T {
        let shared = self.world.lock();
        read(shared.state.azure_seeded.as_ref().expect("the world has a seeded Azure"))
    }

    /// Changes the state; what the test named must exist.
    fn change<T>(&self, change: impl FnOnce(&mut AzureState, SystemTime) -> Result<T, NoSuchThing>) -> T {
        let now = self.world.sim_clock().now();
        let mut shared = self.world.lock();
        match change(&mut shared.state.azure, now) {
            Ok(out) => {
                shared.state.approve_connections(now);
                out
            }
            Err(error) => panic!("{error}"),
        }
    }

    // ── what is there

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.seeded(|seeded| seeded.tenant)
    }

    /// The subscription.
    #[must_use]
    pub fn subscription(&self) -> SubscriptionId {
        self.seeded(|seeded| seeded.subscription)
    }

    /// The resource group of everything seeded: `example`.
    #[must_use]
    pub fn resource_group(&self) -> String {
        self.seeded(|seeded| seeded.group.clone())
    }

    /// The region of everything seeded: `westus3`.
    #[must_use]
    pub fn region(&self) -> Region {
        self.seeded(|seeded| seeded.location.clone())
    }

    /// The virtual network.
    #[must_use]
    pub fn vnet_id(&self) -> AzureResourceId {
        self.seeded(|seeded| seeded.vnet.clone())
    }

    /// The subnet, for endpoints and machines.
    #[must_use]
    pub fn subnet_id(&self) -> AzureResourceId {
        self.seeded(|seeded| seeded.subnet.clone())
    }

    /// The seeded bearer token, which may do everything and does not end.
    #[must_use]
    pub fn token(&self) -> String {
        self.seeded(|seeded| seeded.token.clone())
    }

    /// The ARM id of something in the seeded resource group: `kind` is a type of
    /// `Microsoft.Network` such as `privateEndpoints`.
    #[must_use]
    pub fn id_of(&self, kind: &str, name: &str) -> AzureResourceId {
        let (subscription, group) = (self.subscription(), self.resource_group());
        format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/{kind}/{name}")
            .parse()
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// The aliases of all Private Link services.
    #[must_use]
    pub fn services(&self) -> Vec<PrivateLinkServiceAlias> {
        self.world.lock().state.azure.aliases()
    }

    /// The ARM id of a Private Link service, by which endpoints may point at it too.
    #[must_use]
    pub fn private_link_service_id(&self, alias: &PrivateLinkServiceAlias) -> AzureResourceId {
        self.change(|state, _| state.service_id(alias))
    }

    /// Every endpoint that is not deleted.
    #[must_use]
    pub fn endpoints(&self) -> Vec<AzureEndpoint> {
        let now = self.world.sim_clock().now();
        let views = self.world.lock().state.azure.endpoints_at(now);
        views
            .into_iter()
            .map(|view| AzureEndpoint {
                id: view.id.try_into().expect("the id of an endpoint"),
                guid: view.guid.into(),
                service: view.service,
                status: view.status.as_str(),
                provisioning: view.provisioning,
                address: view.address,
            })
            .collect()
    }

    // ── how it behaves

    /// Changes how long things take, and how Azure behaves where it can be one way or another.
    pub fn switch(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.world.lock().state.azure.behaviour);
    }

    /// How Azure behaves now.
    #[must_use]
    pub fn switches(&self) -> Behaviour {
        self.world.lock().state.azure.behaviour.clone()
    }

    /// Lets the next long-running operation fail with an error such as `RetryableError`; several
    /// calls are for several operations, in their order.
    pub fn fail_next_operation(&self, code: &str, message: &str) {
        self.world.lock().state.azure.end_next(Some((code, message)));
    }

    /// Lets the next long-running operation be cancelled.
    pub fn cancel_next_operation(&self) {
        self.world.lock().state.azure.end_next(None);
    }

    // ── putting things in

    /// A bearer token of a principal of its own, without an end; `allowed` are the actions of its
    /// roles such as `Microsoft.Network/*/read`, `None` allows all.
    pub fn add_token(&self, name: &str, allowed: Option<&[&str]>) -> String {
        self.change(|state, _| Ok(state.add_user(name, allowed)))
    }

    /// Sets how long a token still lasts.
    pub fn expire_token(&self, token: &str, after: Duration) {
        self.change(|state, now| state.expire_token(token, now + after));
    }

    /// Makes a token unknown.
    pub fn remove_token(&self, token: &str) {
        self.change(|state, _| {
            state.remove_token(token);
            Ok(())
        });
    }

    /// An application that gets its tokens at the tenant's token endpoint.
    pub fn add_app(&self, name: &str, allowed: Option<&[&str]>) -> AzureApp {
        let tenant = self.tenant();
        let (client_id, client_secret) = self.change(|state, _| Ok(state.add_app(name, allowed)));
        AzureApp { tenant, client_id, client_secret }
    }

    /// Adds a resource group, and the subscription where it is new.
    pub fn add_resource_group(&self, subscription: &SubscriptionId, name: &str, location: &Region) {
        self.change(|state, _| {
            state.add_group(subscription, name, location);
            Ok(())
        });
    }

    /// Adds a virtual network to the seeded resource group.
    pub fn add_vnet(&self, name: &str, location: &Region, range: Ipv4Net) -> AzureResourceId {
        let id = self.id_of("virtualNetworks", name);
        self.change(|state, _| {
            state.add_vnet(&id, location, vec![range]);
            Ok(())
        });
        id
    }

    /// Adds a subnet, without rules for its endpoints.
    pub fn add_subnet(&self, vnet: &AzureResourceId, name: &str, range: Ipv4Net) -> AzureResourceId {
        let id: AzureResourceId = format!("{vnet}/subnets/{name}").parse().unwrap_or_else(|error| panic!("{error}"));
        self.change(|state, _| state.add_subnet(&id, range));
        id
    }

    /// Puts a machine into a subnet, from which clients connect; gives its address.
    pub fn add_machine(&self, subnet: &AzureResourceId) -> Ipv4Addr {
        self.change(|state, now| state.add_machine(now, subnet))
    }

    /// Peers two virtual networks: machines of each reach what is in the other. Links of private
    /// zones are not shared by that.
    pub fn peer(&self, one: &AzureResourceId, other: &AzureResourceId) {
        self.change(|state, _| state.peer(one, other));
    }

    /// Gives a virtual network name servers of its own, which know no private zones; none brings
    /// Azure's resolver back.
    pub fn set_dns_servers(&self, vnet: &AzureResourceId, servers: Vec<Ipv4Addr>) {
        self.change(|state, _| state.set_dns_servers(vnet, servers));
    }

    /// Sets a subnet's `privateEndpointNetworkPolicies`: enabled, the rules of its network
    /// security group bind its endpoints too.
    pub fn set_network_policies(&self, subnet: &AzureResourceId, enabled: bool) {
        self.change(|state, _| state.set_policies(subnet, if enabled { "Enabled" } else { "Disabled" }));
    }

    /// Adds a network security group to the seeded resource group and binds a subnet to it.
    /// Without rules it lets everything pass inside the network.
    pub fn add_security_group(&self, name: &str, subnet: &AzureResourceId) -> AzureResourceId {
        let (id, location) = (self.id_of("networkSecurityGroups", name), self.region());
        self.change(|state, _| state.add_security_group(&id, &location, subnet));
        id
    }

    /// Makes a network security group without rules and binds the interfaces of a subnet's machines to it.
    pub fn add_machine_group(&self, name: &str, subnet: &AzureResourceId) -> AzureResourceId {
        let (id, location) = (self.id_of("networkSecurityGroups", name), self.region());
        self.change(|state, _| state.add_machine_group(&id, &location, subnet));
        id
    }

    /// Adds a rule to a network security group.
    pub fn add_rule(&self, group: &AzureResourceId, rule: AzureRule) {
        self.change(|state, _| state.add_rule(group, rule.seed));
    }

    /// Adds an application security group to the seeded resource group.
    pub fn add_application_group(&self, name: &str) -> AzureResourceId {
        let (id, location) = (self.id_of("applicationSecurityGroups", name), self.region());
        self.change(|state, _| {
            state.add_application_group(&id, &location);
            Ok(())
        });
        id
    }

    // ── behind the client's back

    /// Somebody makes an endpoint in the seeded subnet, by a manual connection to the service of this alias or
    /// resource id.
    pub fn make_endpoint(&self, name: &str, service: &impl fmt::Display) -> AzurePrivateEndpointId {
        let id = self.id_of("privateEndpoints", name);
        let body = json!({
            "location": self.region(),
            "properties": {
                "subnet": { "id": self.subnet_id() },
                "manualPrivateLinkServiceConnections": [
                    { "name": name, "properties": { "privateLinkServiceId": service.to_string(), "requestMessage": "by hand" } },
                ],
            },
        });
        let request = http::Request::put(format!("{id}?api-version=2025-05-01"))
            .header("authorization", format!("Bearer {}", self.token()))
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()));
        let request = request.unwrap_or_else(|error| panic!("{error}"));
        let answer = self.change(|state, now| Ok(azure::handle(state, now, &request)));
        assert_eq!(answer.status(), 201, "{}", String::from_utf8_lossy(answer.body()));
        id.try_into().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Somebody else changes a subnet for so long: requests that refer to it answer
    /// `RetryableError`.
    pub fn hold_subnet(&self, subnet: &AzureResourceId, time: Duration) {
        self.change(|state, now| state.set_busy(subnet, now + time));
    }

    /// The vendor lets only these subscriptions see its Private Link service.
    pub fn show_service_only_to(&self, alias: &PrivateLinkServiceAlias, subscriptions: &[SubscriptionId]) {
        let those = subscriptions.iter().cloned().collect();
        self.change(|state, _| state.show_service(alias, Some(those)));
    }

    /// The vendor takes a Private Link service away; its connections are `Disconnected`.
    pub fn withdraw_service(&self, alias: &PrivateLinkServiceAlias) {
        self.change(|state, now| {
            state.withdraw_service(now, alias);
            Ok(())
        });
    }

    /// The vendor approves an endpoint's connection by hand.
    pub fn approve_endpoint(&self, endpoint: &AzurePrivateEndpointId) {
        self.decide(endpoint, Status::Approved, "Approved by hand");
    }

    /// The vendor rejects an endpoint's connection, be it waiting or in use.
    pub fn reject_endpoint(&self, endpoint: &AzurePrivateEndpointId, why: &str) {
        self.decide(endpoint, Status::Rejected, why);
    }

    /// The vendor removes an endpoint's connection: the endpoint is only informative from now on.
    pub fn disconnect_endpoint(&self, endpoint: &AzurePrivateEndpointId) {
        self.decide(endpoint, Status::Disconnected, "The connection was removed by the owner.");
    }

    fn decide(&self, endpoint: &AzurePrivateEndpointId, status: Status, why: &str) {
        self.change(|state, now| state.decide(now, endpoint.resource(), status, why));
    }

    /// Somebody deletes an endpoint.
    pub fn delete_endpoint(&self, endpoint: &AzurePrivateEndpointId) {
        self.change(|state, now| state.delete_endpoint(now, endpoint.resource()));
    }

    /// Somebody tags an endpoint, a zone or a link, or with `None` takes a tag from it.
    pub fn set_tag(&self, id: &AzureResourceId, key: &str, value: Option<&str>) {
        self.change(|state, _| state.set_tag(id, key, value));
    }

    /// Somebody makes a private zone in the seeded resource group that is linked to some networks,
    /// at once.
    pub fn make_zone(&self, name: &DnsName, vnets: &[AzureResourceId]) -> AzureResourceId {
        let id = self.id_of("privateDnsZones", name.as_str());
        self.change(|state, now| state.add_zone(now, &id, vnets));
        id
    }

    /// Somebody writes the addresses of a name into a zone, in place of those that were there.
    pub fn put_address(&self, zone: &AzureResourceId, name: &DnsName, addresses: &[Ipv4Addr]) {
        self.change(|state, _| state.put_address(zone, name, addresses));
    }

    /// Somebody deletes the addresses of a name.
    pub fn delete_record(&self, zone: &AzureResourceId, name: &DnsName) {
        self.change(|state, _| state.remove_address(zone, name));
    }

    /// Somebody takes a network off a zone.
    pub fn unlink_zone(&self, zone: &AzureResourceId, vnet: &AzureResourceId) {
        self.change(|state, _| state.unlink_zone(zone, vnet));
    }

    /// Somebody deletes a zone with everything in it.
    pub fn delete_zone(&self, zone: &AzureResourceId) {
        self.change(|state, _| state.delete_zone(zone));
    }
}
