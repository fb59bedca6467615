//! The network side of a link: one VPC network in one region.

mod facts;
mod findings;
mod inventory;
mod leading;
mod mark;
mod naming;
mod perform;
mod place;
mod read;
mod removal;
mod render;
mod steps;
mod survey;

use std::net::IpAddr;

use privlink_core::render::{Cost, Document, Format, Fragment};
use privlink_core::side::{
    Cx, EndpointFacts, Exchange, Mark, Naming, NetworkSide, Outcome, Ownership, Side, SideId, Step, Survey, TouchKey,
};
use privlink_core::{BoxFuture, PrivateEndpointId, ProjectId, Region, Result, Text};

use self::place::Clients;
use crate::Client;
use crate::dns::Dns;
use crate::ids::{ManagedZoneName, NetworkName, NetworkPath, SubnetworkName};

/// A VPC network of which no region is chosen yet; made by [`Client::network`].
#[derive(Clone, Debug)]
#[must_use = "choose the region with `region(…)`"]
pub struct Vpc {
    client: Client,
    network: NetworkPath,
}

impl Vpc {
    pub(crate) fn new(client: Client, name: &NetworkName) -> Self {
        let network = NetworkPath::new(client.project(), name);
        Self { client, network }
    }

    /// Says that the network is a Shared VPC of another project. Endpoint and address stay in the
    /// client's own; the caller needs `compute.networkUser` on the host.
    pub fn host_project(mut self, host: &ProjectId) -> Self {
        self.network = NetworkPath::new(host, &self.network.name());
        self
    }

    /// The network in one region: that of the database's service attachment, for an endpoint
    /// lives in no other. Clients elsewhere: [`Network::client_regions`].
    pub fn region(self, region: Region) -> Network {
        Network {
            client: self.client,
            network: self.network,
            region,
            subnetwork: None,
            only_subnetwork: false,
            address: None,
            naming: None,
            zone: None,
            dns_project: None,
            more_networks: Vec::new(),
            client_regions: Vec::new(),
            clients: Clients::default(),
            global_access: None,
            automate_dns_zone: false,
        }
    }
}

/// A VPC network in one region as the network side of a link; made by [`Client::network`] and
/// [`Vpc::region`].
///
/// What it makes: a reserved internal address, a forwarding rule from it to the database's service
/// attachment, and a private zone named exactly the database's host whose apex is that address.
/// Every one of them carries a mark made of what it touches in its description, so that a second
/// run finds it, links that share it meet in it, and removal takes away nothing else.
///
/// What it never does: change a zone or a record it did not make, touch a firewall, adopt an
/// endpoint unasked, or let Google make a zone of its own beside ours. An endpoint of somebody else
/// to the same service is a note; another one is made beside it.
///
/// ```
/// use privlink_gcp::Client;
/// # use privlink_core::{BoxFuture, transport::{Limits, Transport, TransportError}};
/// # #[derive(Debug)] struct Nowhere;
/// # impl Transport for Nowhere {
/// #     fn send(&self, _: http::Request<bytes::Bytes>, _: Limits)
/// #         -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> { unreachable!() }
/// # }
/// # let transport = Nowhere;
/// let network = Client::over(transport, "example-project".parse()?)
///     .token("ya29.an-access-token")
///     .build()?
///     .network("prod".parse()?)
///     .region("us-central1".parse()?)
///     .subnetwork("apps".parse()?)
///     .client_regions(["europe-west4".parse()?]);
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Network {
    client: Client,
    network: NetworkPath,
    region: Region,
    subnetwork: Option<SubnetworkName>,
    only_subnetwork: bool,
    address: Option<IpAddr>,
    naming: Option<Naming>,
    zone: Option<ManagedZoneName>,
    dns_project: Option<ProjectId>,
    more_networks: Vec<NetworkPath>,
    client_regions: Vec<Region>,
    clients: Clients,
    global_access: Option<bool>,
    automate_dns_zone: bool,
}

impl Network {
    /// Sets the subnetwork of the region that the endpoint's address is taken from.
    ///
    /// Without one, the plan takes the widest that takes endpoints, and says which.
    pub fn subnetwork(mut self, name: SubnetworkName) -> Self {
        self.subnetwork = Some(name);
        self
    }

    /// Makes the endpoint with its subnetwork instead of with the whole network, where the caller
    /// may use only some subnetworks of a Shared VPC.
    pub fn only_subnetwork(mut self, only: bool) -> Self {
        self.only_subnetwork = only;
        self
    }

    /// Sets the endpoint's address, one of its subnetwork; Google chooses one otherwise.
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Says in which regions of the network clients are. One that is not the endpoint's makes the
    /// plan switch global access on, or blocks it where the vendor does not let them in.
    pub fn client_regions(mut self, regions: impl IntoIterator<Item = Region>) -> Self {
        self.client_regions = regions.into_iter().collect();
        self
    }

    /// Says which network tags the clients' machines have, so that firewall rules are judged as they hold for these.
    /// Of clients that have none, give none.
    pub fn client_tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.clients.tags = Some(tags.into_iter().map(Into::into).collect());
        self
    }

    /// Says which service account the clients' machines run as, by its address, likewise.
    pub fn client_service_account(mut self, address: impl Into<String>) -> Self {
        self.clients.account = Some(address.into());
        self
    }

    /// Lets clients of other regions use the endpoint, or insists that they may not. Without it,
    /// what [`client_regions`](Self::client_regions) asks for.
    pub fn global_access(mut self, allowed: bool) -> Self {
        self.global_access = Some(allowed);
        self
    }

    /// Sets how private names come to resolve. Without it, the first mode of the vendor's that
    /// Google can do; for ClickHouse Cloud a zone named exactly the host.
    pub fn naming(mut self, naming: Naming) -> Self {
        self.naming = Some(naming);
        self
    }

    /// Writes records into this zone instead of one of our own: private, seen by the network, and
    /// covering the host. The zone is never removed.
    pub fn zone(mut self, zone: ManagedZoneName) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Sets the project whose Cloud DNS keeps the zone; the client's own unless set.
    pub fn dns_project(mut self, project: ProjectId) -> Self {
        self.dns_project = Some(project);
        self
    }

    /// Lets further networks resolve the names. They need a way to the endpoint: a peered network
    /// has none.
    pub fn also_resolve_in(mut self, networks: impl IntoIterator<Item = NetworkPath>) -> Self {
        self.more_networks.extend(networks);
        self
    }

    /// Lets Google make a Service Directory zone of its own when the producer configured a domain.
    /// Such a zone collides with one of ours for the same domain.
    pub fn automate_dns_zone(mut self, allowed: bool) -> Self {
        self.automate_dns_zone = allowed;
        self
    }

    /// The network with its project.
    #[must_use]
    pub fn path(&self) -> &NetworkPath {
        &self.network
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    fn dns(&self) -> Dns {
        match &self.dns_project {
            Some(project) => self.client.dns().of(project),
            None => self.client.dns().clone(),
        }
    }

    fn keys<'a>(&'a self, instance: &'a str) -> mark::Keys<'a> {
        mark::Keys { project: self.client.project(), network: &self.network, instance }
    }
}

impl Side for Network {
    fn id(&self) -> SideId {
        steps::SIDE
    }

    fn subject(&self) -> Text {
        format!("{} of project {} in {}", self.network, self.client.project(), self.region).into()
    }

    fn survey<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(survey::survey(self, known, cx))
    }

    fn perform<'a>(&'a self, step: &'a Step, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(perform::perform(self, step, known, cx))
    }

    fn removal<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(removal::removal(self, known, cx))
    }

    fn render(&self, step: &Step, known: &Exchange, cx: &Cx, format: Format) -> Result<Option<Fragment>> {
        render::render(self, step, known, cx, format)
    }

    fn policy(&self, steps: &[&Step], _: &Exchange, cx: &Cx) -> Result<Vec<Document>> {
        render::policy(self, steps, cx)
    }

    fn costs(&self, steps: &[&Step], _: &Exchange, _: &Cx) -> Result<Vec<Cost>> {
        render::costs(steps)
    }
}

impl NetworkSide for Network {
    fn owned<'a>(&'a self, mark: &'a Mark, cx: &'a Cx) -> BoxFuture<'a, Result<Vec<(TouchKey, Ownership)>>> {
        Box::pin(inventory::owned(self, mark, cx))
    }

    fn adopt<'a>(
        &'a self,
        id: &'a PrivateEndpointId,
        known: &'a Exchange,
        cx: &'a Cx,
    ) -> BoxFuture<'a, Result<EndpointFacts>> {
        Box::pin(inventory::adopt(self, id, known, cx))
    }

    fn leading_to<'a>(
        &'a self,
        endpoint: &'a EndpointFacts,
        known: &'a Exchange,
        cx: &'a Cx,
    ) -> BoxFuture<'a, Result<Vec<TouchKey>>> {
        Box::pin(leading::leading_to(self, endpoint, known, cx))
    }
}
