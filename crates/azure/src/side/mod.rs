//! The network side of a link: one virtual network.

mod facts;
mod findings;
mod inventory;
mod leading;
mod mark;
mod naming;
mod perform;
mod read;
mod removal;
mod render;
mod steps;
mod survey;

use std::net::Ipv4Addr;

use privlink_core::render::{Cost, Document, Format, Fragment};
use privlink_core::side::{
    Cx, EndpointFacts, Exchange, Mark, Naming, NetworkSide, Outcome, Ownership, Side, SideId, Step, Survey, TouchKey,
};
use privlink_core::{BoxFuture, DnsName, PrivateEndpointId, Region, Result, Text};

use crate::Client;
use crate::ids::{
    ApplicationSecurityGroupId, NetworkSecurityGroupId, PrivateDnsZoneId, ResourceGroup, SubnetId, VirtualNetworkId,
};
use crate::model::Tags;

/// A virtual network as the network side of a link; made by [`Client::network`].
///
/// What it makes: a private endpoint in one subnet that asks the vendor's service for a connection,
/// a private zone named exactly the database's host whose apex leads to the endpoint's address, and
/// the link that makes the zone answer in the network. Every one of them carries a mark made of what
/// it touches, so that a second run finds it, links that share it meet in it, and removal takes away
/// nothing else.
///
/// What it never does: change a zone, record, subnet or security group it did not make, overwrite
/// a record that says something else, link an empty zone, or adopt an endpoint unasked. An endpoint
/// of somebody else to the same service is a note; another one is made beside it.
///
/// The endpoint lives in the network's subscription and region; the service may be in another
/// region where the vendor allows it.
///
/// ```
/// use privlink_azure::{Client, VirtualNetworkId};
/// # use privlink_core::{BoxFuture, transport::{Limits, Transport, TransportError}};
/// # #[derive(Debug)] struct Nowhere;
/// # impl Transport for Nowhere {
/// #     fn send(&self, _: http::Request<bytes::Bytes>, _: Limits)
/// #         -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> { unreachable!() }
/// # }
/// # let transport = Nowhere;
/// let vnet: VirtualNetworkId = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app\
///                               /providers/Microsoft.Network/virtualNetworks/main".parse()?;
/// let network = Client::over(transport, "00000000-0000-0000-0000-000000000000".parse()?)
///     .token("eyJ0.an-access-token")
///     .build()?
///     .network(vnet.clone())
///     .subnet(vnet.subnet("data")?)
///     .resource_group("endpoints")?;
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Network {
    client: Client,
    network: VirtualNetworkId,
    group: ResourceGroup,
    subnet: Option<SubnetId>,
    location: Option<Region>,
    naming: Option<Naming>,
    zone: Option<PrivateDnsZoneId>,
    more_networks: Vec<VirtualNetworkId>,
    security_groups: Vec<ApplicationSecurityGroupId>,
    client_subnets: Vec<SubnetId>,
    client_groups: Vec<NetworkSecurityGroupId>,
    address: Option<Ipv4Addr>,
    request_message: Option<String>,
    tags: Tags,
}

impl Network {
    pub(crate) fn new(client: Client, network: VirtualNetworkId) -> Self {
        Self {
            client,
            group: ResourceGroup::of(network.resource()),
            network,
            subnet: None,
            location: None,
            naming: None,
            zone: None,
            more_networks: Vec::new(),
            security_groups: Vec::new(),
            client_subnets: Vec::new(),
            client_groups: Vec::new(),
            address: None,
            request_message: None,
            tags: Tags::new(),
        }
    }

    /// Sets the subnet that the endpoint takes its address from. Without it, the network's only
    /// subnet is used, and where there are several the plan asks for one.
    pub fn subnet(mut self, subnet: SubnetId) -> Self {
        self.subnet = Some(subnet);
        self
    }

    /// Sets the resource group that the endpoint and a zone of ours are made in; the network's own
    /// unless set. It is in the network's subscription.
    ///
    /// # Errors
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when that is no name of a group.
    pub fn resource_group(mut self, name: &str) -> Result<Self> {
        self.group = ResourceGroup::new(self.network.resource().subscription(), name)?;
        Ok(self)
    }

    /// Says in which region the network is, where Azure cannot be asked or does not say. An endpoint
    /// lives in its network's region; a plan with another one is refused.
    pub fn location(mut self, location: Region) -> Self {
        self.location = Some(location);
        self
    }

    /// Sets how private names come to resolve. Without it, the first mode that the vendor lists;
    /// for ClickHouse Cloud a zone named exactly the host.
    pub fn naming(mut self, naming: Naming) -> Self {
        self.naming = Some(naming);
        self
    }

    /// Writes records into this zone instead of one of our own: it covers the host, and may be in
    /// a hub subscription. The zone is never removed; where the network does not see it, it is
    /// linked.
    pub fn zone(mut self, zone: PrivateDnsZoneId) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Lets further networks resolve the names: the zone is linked to them too. They need a route
    /// to the endpoint: peering as a rule.
    pub fn also_resolve_in(mut self, networks: impl IntoIterator<Item = VirtualNetworkId>) -> Self {
        self.more_networks.extend(networks);
        self
    }

    /// Puts the endpoint into application security groups.
    pub fn security_groups(mut self, groups: impl IntoIterator<Item = ApplicationSecurityGroupId>) -> Self {
        self.security_groups = groups.into_iter().collect();
        self
    }

    /// Says that clients are in this subnet, of this network or of a peered one. The plan and a diagnosis then judge
    /// both ends of their way by its network security group and its range; nothing of it is changed.
    pub fn client_subnet(mut self, subnet: SubnetId) -> Self {
        self.client_subnets.push(subnet);
        self
    }

    /// Names a network security group of the clients' interfaces, which what leaves has to pass besides their
    /// subnet's. It is read and never changed.
    pub fn client_group(mut self, group: NetworkSecurityGroupId) -> Self {
        self.client_groups.push(group);
        self
    }

    /// Sets a fixed address for the endpoint, inside its subnet.
    pub fn address(mut self, address: Ipv4Addr) -> Self {
        self.address = Some(address);
        self
    }

    /// Sets what the owner of the service is shown, in 1 to 140 characters; the link's name unless
    /// set.
    pub fn request_message(mut self, text: impl Into<String>) -> Self {
        self.request_message = Some(text.into());
        self
    }

    /// Adds tags to what is made; the marks cannot be replaced.
    pub fn tags(mut self, tags: impl IntoIterator<Item = (String, String)>) -> Self {
        self.tags.extend(tags);
        self
    }

    /// The virtual network.
    #[must_use]
    pub fn id(&self) -> &VirtualNetworkId {
        &self.network
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The id of a zone of ours.
    fn own_zone(&self, zone: &DnsName) -> Result<PrivateDnsZoneId> {
        Ok(PrivateDnsZoneId::of(self.group.subscription(), self.group.name(), zone)?)
    }

    /// The networks that the names are to resolve in, this one first.
    fn resolving_networks(&self) -> Vec<&VirtualNetworkId> {
        let mut all = vec![&self.network];
        for other in &self.more_networks {
            if !all.contains(&other) {
                all.push(other);
            }
        }
        all
    }
}

impl Side for Network {
    fn id(&self) -> SideId {
        steps::SIDE
    }

    fn subject(&self) -> Text {
        self.network.as_str().to_ascii_lowercase().into()
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

    fn costs(&self, steps: &[&Step], known: &Exchange, _: &Cx) -> Result<Vec<Cost>> {
        render::costs(steps, known)
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
