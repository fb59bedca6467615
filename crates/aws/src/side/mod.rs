//! The network side of a link: one VPC.

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

use ipnet::IpNet;
use privlink_core::render::{Cost, Document, Format, Fragment};
use privlink_core::side::{
    Cx, EndpointFacts, Exchange, Mark, Naming, NetworkSide, Outcome, Ownership, Side, SideId, Step, Survey, TouchKey,
};
use privlink_core::{
    BoxFuture, HostedZoneId, PrivateEndpointId, Region, Result, SecurityGroupId, SubnetId, Text, VpcId,
};

use self::steps::Source;
use crate::Client;
use crate::ec2::SubnetAddress;
use crate::model::{IpAddressType, Tag, ZoneVpc};

/// A VPC as the network side of a link; made by [`Client::vpc`].
///
/// What it makes: a security group that lets the VPC's own address ranges reach exactly the
/// database's ports, an interface endpoint in one subnet a zone, and a private zone named exactly
/// the database's host whose apex leads to the endpoint. Every one of them carries a mark made of
/// what it touches, so that a second run finds it, links that share it meet in it, and removal
/// takes away nothing else.
///
/// What it never does: use the VPC's default group, change a group or a zone it did not make,
/// overwrite a record that leads elsewhere, switch private DNS off, or adopt an endpoint unasked.
/// An endpoint of somebody else to the same service is a note; another one is made beside it.
///
/// ```
/// use privlink_aws::{Client, Credentials};
/// # use privlink_core::{BoxFuture, transport::{Limits, Transport, TransportError}};
/// # #[derive(Debug)] struct Nowhere;
/// # impl Transport for Nowhere {
/// #     fn send(&self, _: http::Request<bytes::Bytes>, _: Limits)
/// #         -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> { unreachable!() }
/// # }
/// # let transport = Nowhere;
/// # let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
/// let network = Client::over(transport, "us-east-1".parse()?)
///     .credentials(keys)
///     .build()?
///     .vpc("vpc-0a1b2c3d4e5f67890".parse()?)
///     .subnets(["subnet-0a1b2c3d4e5f67890".parse()?, "subnet-0b1b2c3d4e5f67890".parse()?])
///     .client_group("sg-0a1b2c3d4e5f67890".parse()?);
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Network {
    client: Client,
    vpc: VpcId,
    subnets: Vec<SubnetId>,
    groups: Vec<SecurityGroupId>,
    sources: Vec<Source>,
    naming: Option<Naming>,
    hosted_zone: Option<HostedZoneId>,
    more_vpcs: Vec<ZoneVpc>,
    tags: Vec<Tag>,
    ip_address_type: Option<IpAddressType>,
    addresses: Vec<SubnetAddress>,
    enable_vpc_dns: bool,
}

impl Network {
    pub(crate) fn new(client: Client, vpc: VpcId) -> Self {
        Self {
            client,
            vpc,
            subnets: Vec::new(),
            groups: Vec::new(),
            sources: Vec::new(),
            naming: None,
            hosted_zone: None,
            more_vpcs: Vec::new(),
            tags: Vec::new(),
            ip_address_type: None,
            addresses: Vec::new(),
            enable_vpc_dns: false,
        }
    }

    /// Sets the endpoint's subnets, at most one a zone. Those in zones where the service is not
    /// are left out with a finding.
    ///
    /// Without any, the plan takes the subnet with the most free addresses in every zone of the
    /// service, and says which: each zone is charged by the hour.
    pub fn subnets(mut self, subnets: impl IntoIterator<Item = SubnetId>) -> Self {
        self.subnets = subnets.into_iter().collect();
        self
    }

    /// Sets the endpoint's security groups; they are used as they are, and a plan says which
    /// rules they lack. Without any, one is made.
    pub fn security_groups(mut self, groups: impl IntoIterator<Item = SecurityGroupId>) -> Self {
        self.groups = groups.into_iter().collect();
        self
    }

    /// Lets the members of a group reach the endpoint, instead of the VPC's address ranges. Adds
    /// up with [`client_range`](Self::client_range).
    pub fn client_group(mut self, group: SecurityGroupId) -> Self {
        self.sources.push(Source::Group(group));
        self
    }

    /// Lets an address range reach the endpoint, instead of the VPC's own: clients of a peered
    /// network. Adds up with [`client_group`](Self::client_group).
    pub fn client_range(mut self, range: IpNet) -> Self {
        self.sources.push(Source::Range(range.trunc()));
        self
    }

    /// Sets how private names come to resolve. Without it, the first mode that the vendor lists;
    /// for ClickHouse Cloud a zone named exactly the host.
    ///
    /// An endpoint whose private DNS is on already and serves the names is left so, unless an own
    /// zone is asked for here.
    pub fn naming(mut self, naming: Naming) -> Self {
        self.naming = Some(naming);
        self
    }

    /// Writes records into this zone instead of one of our own: private, of this account, seen by
    /// the VPC, and covering the host. The zone is never removed.
    pub fn hosted_zone(mut self, zone: HostedZoneId) -> Self {
        self.hosted_zone = Some(zone);
        self
    }

    /// Lets further VPCs of this region resolve the names: the zone is associated with them. They
    /// need a route to the endpoint, and the endpoint's group must let them in.
    pub fn also_resolve_in(self, vpcs: impl IntoIterator<Item = VpcId>) -> Self {
        let region = self.client.region().clone();
        self.also_resolve_in_region(&region, vpcs)
    }

    /// The same for VPCs of another region.
    pub fn also_resolve_in_region(mut self, region: &Region, vpcs: impl IntoIterator<Item = VpcId>) -> Self {
        self.more_vpcs.extend(vpcs.into_iter().map(|vpc| ZoneVpc::new(vpc, region.clone())));
        self
    }

    /// Adds tags to what is made. `Name` replaces ours; the marks cannot be replaced.
    pub fn tags(mut self, tags: impl IntoIterator<Item = Tag>) -> Self {
        self.tags.extend(tags);
        self
    }

    /// Sets which IP versions the endpoint has; AWS decides without it.
    pub fn ip_address_type(mut self, kind: IpAddressType) -> Self {
        self.ip_address_type = Some(kind);
        self
    }

    /// Sets fixed addresses for the endpoint's interfaces; each subnet must be given too.
    pub fn fixed_addresses(mut self, addresses: impl IntoIterator<Item = SubnetAddress>) -> Self {
        self.addresses = addresses.into_iter().collect();
        self
    }

    /// Allows plans to switch the VPC's two DNS attributes on where private names need them. It is
    /// never undone: everything in the VPC notices. Without it their being off is a finding.
    pub fn enable_vpc_dns(mut self, allowed: bool) -> Self {
        self.enable_vpc_dns = allowed;
        self
    }

    /// The VPC.
    #[must_use]
    pub fn vpc(&self) -> &VpcId {
        &self.vpc
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl Side for Network {
    fn id(&self) -> SideId {
        steps::SIDE
    }

    fn subject(&self) -> Text {
        format!("{} in {}", self.vpc, self.client.region()).into()
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

    fn policy(&self, steps: &[&Step], known: &Exchange, cx: &Cx) -> Result<Vec<Document>> {
        render::policy(self, steps, known, cx).map(|policy| vec![policy])
    }

    fn costs(&self, steps: &[&Step], _: &Exchange, _: &Cx) -> Result<Vec<Cost>> {
        render::costs(self, steps)
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
