use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use http::Method;
use ipnet::Ipv4Net;
use privlink_core::{Clock, DnsName, ForwardingRuleName, ProjectId, PscConnectionId, Region, ServiceAttachment};
use serde_json::json;

use crate::World;
use crate::clouds::gcp::link::{ADDRESSES, Global, NETWORKS, RULES, Regional, SUBNETWORKS};
use crate::clouds::gcp::{
    Acceptance, Behaviour, Failure, FirewallSeed, GcpState, Grant, NoSuchThing, PscStatus, Token,
};
use crate::seat::Seat;

/// The simulated Google Cloud of a [`World`]: its names and tokens, and hands to change it behind
/// every client's back.
///
/// The seeded world has one project, [`project`](Self::project), with one VPC network. It has two
/// subnetworks: [`subnetwork`](Self::subnetwork) in `us-central1`, where the ClickHouse service
/// `metrics` is, and one in `us-east1`, from which an endpoint is reached by global access only.
///
/// Networks and subnetworks go by their paths, as the APIs write them behind the version:
/// `projects/example-project/global/networks/main`,
/// `projects/example-project/regions/us-central1/subnetworks/clients`.
///
/// ```
/// use privlink_core::side::RungResult;
/// use privlink_core::{CloudProvider, PrivateEndpointId};
/// use privlink_sim::{PscStatus, World};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let world = World::new();
/// let (gcp, clickhouse) = (world.gcp(), world.clickhouse());
/// let service = clickhouse.service_in(CloudProvider::Gcp);
///
/// let endpoint = gcp.make_endpoint("metrics", &gcp.services()[0]);
/// assert_eq!(endpoint.status, Some(PscStatus::Accepted));
///
/// // Accepted is not allowed: the service's own list decides.
/// let machine = world.vantage(gcp.seat(&gcp.subnetwork()));
/// let host = clickhouse.private_host(service).unwrap().name();
/// assert_eq!(machine.try_tls(endpoint.address, 8443, &host), RungResult::Reset);
/// clickhouse.attach(service, &PrivateEndpointId::Gcp(endpoint.connection));
/// assert_eq!(machine.try_tls(endpoint.address, 8443, &host), RungResult::Held);
/// # }
/// ```
///
/// # Panics
/// Every method that is given a name panics when there is no such thing, and every method that
/// returns one thing of the seeded world panics in a world without: only a test's own mistake
/// can bring that about.
#[derive(Clone, Debug)]
pub struct Gcp {
    world: World,
}

/// What is seeded, so that it can be named.
#[derive(Clone, Debug)]
pub(crate) struct GcpSeeded {
    pub(crate) project: ProjectId,
    pub(crate) region: Region,
    pub(crate) token: String,
    pub(crate) network: String,
    pub(crate) subnetworks: Vec<String>,
}

/// An endpoint, as its network and its vendor see it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GcpEndpoint {
    /// The consumer's project.
    pub project: ProjectId,
    /// Where it is.
    pub region: Region,
    /// The name of its forwarding rule.
    pub name: ForwardingRuleName,
    /// The path of its network.
    pub network: String,
    /// The service attachment it points at.
    pub target: ServiceAttachment,
    /// Its address.
    pub address: IpAddr,
    /// The number of its connection.
    pub connection: PscConnectionId,
    /// Where the connection stands; none while the endpoint is being made.
    pub status: Option<PscStatus>,
}

impl Gcp {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }

    fn seeded<T>(&self, read: impl FnOnce(&GcpSeeded) -> T) -> T {
        let shared = self.world.lock();
        read(shared.state.gcp_seeded.as_ref().expect("the world has a seeded Google Cloud"))
    }

    /// Changes the state; what the test named must exist.
    fn change<T>(&self, change: impl FnOnce(&mut GcpState, SystemTime) -> Result<T, NoSuchThing>) -> T {
        let now = self.world.sim_clock().now();
        match change(&mut self.world.lock().state.gcp, now) {
            Ok(out) => out,
            Err(error) => panic!("{error}"),
        }
    }

    // ── what is there

    /// The project: `example-project`.
    #[must_use]
    pub fn project(&self) -> ProjectId {
        self.seeded(|seeded| seeded.project.clone())
    }

    /// The region of the first subnetwork: `us-central1`.
    #[must_use]
    pub fn region(&self) -> Region {
        self.seeded(|seeded| seeded.region.clone())
    }

    /// The seeded access token, which may do everything and has no end.
    #[must_use]
    pub fn token(&self) -> String {
        self.seeded(|seeded| seeded.token.clone())
    }

    /// The path of the network.
    #[must_use]
    pub fn network(&self) -> String {
        self.seeded(|seeded| seeded.network.clone())
    }

    /// The paths of the subnetworks: the first is in [`region`](Self::region), the second in `us-east1`.
    #[must_use]
    pub fn subnetworks(&self) -> Vec<String> {
        self.seeded(|seeded| seeded.subnetworks.clone())
    }

    /// The path of the first of [`subnetworks`](Self::subnetworks).
    #[must_use]
    pub fn subnetwork(&self) -> String {
        self.seeded(|seeded| seeded.subnetworks.first().expect("two are seeded").clone())
    }

    /// Where a machine in a subnetwork stands, for [`World::vantage`].
    #[must_use]
    pub fn seat(&self, subnetwork: &str) -> Seat {
        let key = subnet(subnetwork);
        Seat::gcp(&key.project, &key.region, &key.name)
    }

    /// The service attachments that producers have published.
    #[must_use]
    pub fn services(&self) -> Vec<ServiceAttachment> {
        self.world.lock().state.gcp.attachment_names()
    }

    /// Every endpoint that is there, also one that is being made or deleted.
    #[must_use]
    pub fn endpoints(&self) -> Vec<GcpEndpoint> {
        let now = self.world.sim_clock().now();
        let views = self.world.lock().state.gcp.endpoints_at(now);
        views
            .into_iter()
            .map(|view| GcpEndpoint {
                project: view.project,
                region: view.region,
                name: view.name,
                network: view.network,
                target: view.target,
                address: view.address,
                connection: view.connection.into(),
                status: view.status,
            })
            .collect()
    }

    // ── how it behaves

    /// Changes how long things take, and how Google Cloud behaves where it is not documented.
    pub fn switch(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.world.lock().state.gcp.behaviour);
    }

    /// How Google Cloud behaves now.
    #[must_use]
    pub fn switches(&self) -> Behaviour {
        self.world.lock().state.gcp.behaviour
    }

    /// Lets the next operation of a type (`insert`, `delete`, `patch`, `setLabels`, or `*` for
    /// any) come to nothing: it is answered as ever, and ends `DONE` with this error.
    pub fn fail_next_operation(&self, kind: &str, code: &str, status: u16, message: &str) {
        let failure = Failure { code: code.to_owned(), message: message.to_owned(), http: status, quota: None };
        self.change(|state, _| {
            state.fail_next(kind, failure);
            Ok(())
        });
    }

    /// Enables an API in a project (`compute`, `dns`, `servicedirectory`), or disables it.
    pub fn enable_api(&self, project: &ProjectId, api: &str, on: bool) {
        self.change(|state, _| state.enable_api(project, api, on));
    }

    // ── putting things in

    /// Adds a project with all APIs enabled.
    pub fn add_project(&self, project: &ProjectId) {
        self.change(|state, _| {
            state.add_project(project);
            Ok(())
        });
    }

    /// Makes a project use the networks of a host project (Shared VPC).
    pub fn share_networks(&self, host: &ProjectId, service: &ProjectId) {
        self.change(|state, _| state.share(host, service));
    }

    /// Adds an access token without an end and returns it.
    ///
    /// `allowed` are permissions, `None` allows all: `compute.addresses.get` or
    /// `compute.addresses.*` in every project, `projects/example-host:compute.subnetworks.use` in
    /// one.
    pub fn add_token(&self, principal: &str, allowed: Option<&[&str]>) -> String {
        let value = format!("ya29.sim-{}", self.world.lock().state.clickhouse.fresh_hex("gcp token"));
        let read = |text: &&str| Grant::parse(text).unwrap_or_else(|| panic!("`{text}` is no permission"));
        let grants = allowed.map(|allowed| allowed.iter().map(read).collect());
        let token = Token { value: value.clone(), principal: principal.to_owned(), expires: None, grants };
        self.change(|state, _| {
            state.add_token(token);
            Ok(())
        });
        value
    }

    /// Lets a token end after a time.
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

    /// Adds a VPC network and returns its path.
    pub fn add_network(&self, project: &ProjectId, name: &str) -> String {
        self.change(|state, now| state.add_network(now, project, name)).to_string()
    }

    /// Adds a subnetwork and returns its path.
    pub fn add_subnetwork(&self, network: &str, region: &Region, name: &str, range: Ipv4Net) -> String {
        self.change(|state, now| state.add_subnet(now, &net(network), region, name, range)).to_string()
    }

    /// Puts a machine with network tags into a subnetwork, from which clients connect; gives its
    /// address.
    pub fn add_machine(&self, subnetwork: &str, tags: &[&str]) -> IpAddr {
        let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        self.change(|state, now| state.add_machine(now, &subnet(subnetwork), tags))
    }

    /// Adds a firewall rule that denies machines of a network what leaves for a range on some TCP
    /// ports. Of several rules that fit the one with the lowest `priority` decides; the network's
    /// own last rule allows all.
    pub fn deny_egress(&self, network: &str, name: &str, to: Ipv4Net, ports: RangeInclusive<u16>, priority: u16) {
        self.firewall(network, name, to, ports, priority, false);
    }

    /// Adds a firewall rule that allows machines of a network what leaves for a range on some TCP
    /// ports; see [`deny_egress`](Self::deny_egress).
    pub fn allow_egress(&self, network: &str, name: &str, to: Ipv4Net, ports: RangeInclusive<u16>, priority: u16) {
        self.firewall(network, name, to, ports, priority, true);
    }

    fn firewall(&self, network: &str, name: &str, to: Ipv4Net, ports: RangeInclusive<u16>, priority: u16, allow: bool) {
        let seed = FirewallSeed {
            name: name.to_owned(),
            allow,
            priority,
            ranges: vec![to],
            ports: vec![(*ports.start(), *ports.end())],
            target_tags: [].into(),
        };
        self.change(|state, now| state.add_firewall(now, &net(network), seed));
    }

    /// Lets a firewall rule be for machines with one of these network tags alone.
    pub fn target_tags(&self, network: &str, name: &str, tags: &[&str]) {
        let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        self.change(|state, _| state.target(&net(network), name, tags, [].into()));
    }

    /// Lets a firewall rule be for machines that run as one of these service accounts alone.
    pub fn target_accounts(&self, network: &str, name: &str, accounts: &[&str]) {
        let accounts = accounts.iter().map(|&account| account.to_owned()).collect();
        self.change(|state, _| state.target(&net(network), name, [].into(), accounts));
    }

    /// Lets the machines of a subnetwork run as a service account.
    pub fn run_as(&self, subnetwork: &str, account: &str) {
        self.change(|state, _| state.run_as(&subnet(subnetwork), account));
    }

    /// Takes a firewall rule away.
    pub fn remove_firewall(&self, network: &str, name: &str) {
        self.change(|state, _| state.remove_firewall(&net(network), name));
    }

    // ── at the producer

    /// A producer publishes a service attachment. Where one of its name was withdrawn, this is
    /// another one: the connections of the earlier one stay closed.
    pub fn publish_service(&self, attachment: &ServiceAttachment) {
        self.change(|state, _| {
            state.offer_attachment(attachment, None, true);
            Ok(())
        });
    }

    /// The producer takes a service attachment away; its connections are `CLOSED` for ever.
    pub fn withdraw_service(&self, attachment: &ServiceAttachment) {
        self.change(|state, now| state.withdraw_attachment(now, attachment));
    }

    /// Sets what accepts new connections to an attachment; with `None` what
    /// [`acceptance`](Behaviour::acceptance) says.
    pub fn set_acceptance(&self, attachment: &ServiceAttachment, acceptance: Option<Acceptance>) {
        self.change(|state, _| state.change_attachment(attachment, |known| known.acceptance = acceptance));
    }

    /// Sets whether the producer supports global access of consumers.
    pub fn support_global_access(&self, attachment: &ServiceAttachment, on: bool) {
        self.change(|state, _| state.change_attachment(attachment, |known| known.global_access = on));
    }

    /// The producer puts a project on its reject list: new connections are `REJECTED`.
    pub fn refuse_project(&self, attachment: &ServiceAttachment, project: &ProjectId) {
        self.change(|state, _| {
            state.change_attachment(attachment, |known| {
                known.refuses.insert(project.clone());
            })
        });
    }

    /// Sets the domain for which Google makes names of new endpoints by itself.
    pub fn set_domain(&self, attachment: &ServiceAttachment, domain: Option<DnsName>) {
        self.change(|state, _| state.change_attachment(attachment, |known| known.domain = domain));
    }

    /// The producer gives a connection another status; one that is closed stays so.
    pub fn set_status(&self, connection: PscConnectionId, status: PscStatus) {
        self.change(|state, now| state.set_status(now, connection.get(), status));
    }

    // ── behind the client's back

    /// Somebody reserves an internal address in the seeded subnetwork; gives it.
    pub fn make_address(&self, name: &str, description: &str) -> IpAddr {
        let (project, region) = (self.project(), self.region());
        let path = format!("/compute/v1/projects/{project}/regions/{region}/addresses");
        let body = json!({
            "name": name,
            "description": description,
            "addressType": "INTERNAL",
            "subnetwork": self.subnetwork(),
        });
        self.change(|state, now| {
            state.act(now, Method::POST, &path, &body)?;
            let shown = state.act(now, Method::GET, &format!("{path}/{name}"), &json!(null))?;
            let address = shown["address"].as_str().and_then(|text| text.parse().ok());
            Ok(address.expect("an address that was just made has one"))
        })
    }

    /// Somebody makes an endpoint in the seeded network, with an ephemeral address, without
    /// automatic names; it stands at once.
    pub fn make_endpoint(&self, name: &str, target: &ServiceAttachment) -> GcpEndpoint {
        let (project, region) = (self.project(), target.region());
        let path = format!("/compute/v1/projects/{project}/regions/{region}/forwardingRules");
        let body = json!({
            "name": name,
            "network": self.network(),
            "target": target.as_str(),
            "noAutomateDnsZone": true,
        });
        self.change(|state, now| state.act(now, Method::POST, &path, &body));
        let made = |endpoint: &GcpEndpoint| endpoint.name.as_str() == name && endpoint.region == region;
        self.endpoints().into_iter().find(made).expect("the endpoint that was just made")
    }

    /// Somebody deletes an endpoint; its address stays reserved.
    pub fn delete_endpoint(&self, project: &ProjectId, region: &Region, name: &str) {
        let key = Regional::new(project, region, RULES, name);
        self.change(|state, now| state.delete_rule(now, &key));
    }

    /// Somebody deletes an address.
    pub fn delete_address(&self, project: &ProjectId, region: &Region, name: &str) {
        let key = Regional::new(project, region, ADDRESSES, name);
        self.change(|state, now| state.delete_address(now, &key));
    }

    /// Somebody makes a private zone in the seeded project.
    pub fn make_zone(&self, name: &str, dns_name: &DnsName, networks: &[&str]) {
        let path = format!("/dns/v1/projects/{}/managedZones", self.project());
        let url = |path: &&str| json!({ "networkUrl": net(path).url() });
        let body = json!({
            "name": name,
            "dnsName": format!("{dns_name}."),
            "description": "",
            "visibility": "private",
            "privateVisibilityConfig": { "networks": networks.iter().map(url).collect::<Vec<_>>() },
        });
        self.change(|state, now| state.act(now, Method::POST, &path, &body));
    }

    /// Somebody writes an `A` record in a zone of the seeded project.
    pub fn put_address(&self, zone: &str, name: &DnsName, addresses: &[Ipv4Addr]) {
        let project = self.project();
        self.change(|state, now| state.put_address(now, (&project, zone), name, addresses));
    }

    /// Somebody deletes a record of a type, such as `A`, in a zone of the seeded project.
    pub fn delete_record(&self, zone: &str, name: &DnsName, kind: &str) {
        let project = self.project();
        self.change(|state, now| state.remove_record(now, (&project, zone), name, kind));
    }

    /// Somebody deletes a zone of the seeded project with everything in it.
    pub fn delete_zone(&self, zone: &str) {
        let project = self.project();
        self.change(|state, _| state.delete_zone((&project, zone)));
    }
}

fn net(path: &str) -> Global {
    Global::parse(path, NETWORKS, None).unwrap_or_else(|| panic!("`{path}` is no path of a network"))
}

fn subnet(path: &str) -> Regional {
    Regional::parse(path, SUBNETWORKS, None).unwrap_or_else(|| panic!("`{path}` is no path of a subnetwork"))
}
