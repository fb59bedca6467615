//! The reads of a survey: each asked once a run, whoever asks.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future;
use privlink_core::side::{Cx, Memo};
use privlink_core::{HostedZoneId, NetworkInterfaceId, Region, Result, VpcEndpointId, VpcEndpointServiceName, VpcId};

use super::{Network, naming};
use crate::Client;
use crate::ec2::Filter;
use crate::model::{
    CallerIdentity, HostedZone, HostedZoneSummary, NetworkInterface, RecordSet, SecurityGroup, ServiceDetail, Subnet,
    Vpc, VpcAttribute, VpcEndpoint, VpcEndpointState, ZoneVpc,
};

/// What one VPC looks like, before anything is known of the database.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) identity: CallerIdentity,
    pub(super) vpc: Option<Vpc>,
    pub(super) subnets: Arc<Vec<Subnet>>,
    pub(super) dns_support: bool,
    pub(super) dns_hostnames: bool,
    pub(super) groups: Arc<Vec<SecurityGroup>>,
    pub(super) endpoints: Arc<Vec<VpcEndpoint>>,
    pub(super) zones: Arc<Vec<HostedZoneSummary>>,
}

impl World {
    /// Whether `zone` is in the caller's own account, where its records can be read.
    pub(super) fn is_own(&self, zone: &HostedZoneSummary) -> bool {
        zone.owning_account.as_deref().is_none_or(|account| account == self.identity.account.as_str())
    }
}

/// Memoised reads with one client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reads<'a> {
    client: &'a Client,
    memo: &'a Memo,
}

impl<'a> Reads<'a> {
    pub(super) fn new(client: &'a Client, cx: &'a Cx) -> Self {
        Self { client, memo: cx.memo() }
    }

    fn key(&self, operation: &str, resource: &str) -> String {
        format!("{}|{operation}|{resource}", self.client.scope())
    }

    async fn once<T, F>(&self, operation: &str, resource: &str, read: impl FnOnce(Client) -> F) -> Result<T>
    where
        T: Clone + Send + Sync + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        self.memo.read(self.key(operation, resource), || read(self.client.clone())).await
    }

    /// Everything about a VPC that needs no other answer first, all at once.
    pub(super) async fn world(&self, vpc: &VpcId) -> Result<World> {
        let of_vpc = || Filter::new().vpc(vpc);
        let (support, hostnames) = (VpcAttribute::DnsSupport, VpcAttribute::DnsHostnames);
        let identity = self.identity();
        let the_vpc = self.once("DescribeVpcs", vpc.as_str(), |client| {
            let vpc = vpc.clone();
            async move { client.ec2().vpc(&vpc).await }
        });
        let subnets = self.once("DescribeSubnets", vpc.as_str(), |client| {
            let filter = of_vpc();
            async move { client.ec2().subnets(filter).all().await.map(Arc::new) }
        });
        let groups = self.once("DescribeSecurityGroups", vpc.as_str(), |client| {
            let filter = of_vpc();
            async move { client.ec2().security_groups(filter).all().await.map(Arc::new) }
        });
        let endpoints = self.once("DescribeVpcEndpoints", vpc.as_str(), |client| {
            let filter = of_vpc();
            async move { client.ec2().vpc_endpoints(filter).all().await.map(Arc::new) }
        });
        let zones = self.zones(vpc);
        // Without the VPC the other reads fail or are empty: only that it is missing is then said.
        let (vpc_found, rest) = future::join(
            the_vpc,
            future::try_join5(
                future::try_join(self.attribute(vpc, support), self.attribute(vpc, hostnames)),
                subnets,
                groups,
                endpoints,
                future::try_join(identity, zones),
            ),
        )
        .await;
        let vpc_found = vpc_found?;
        if vpc_found.is_none() {
            return Ok(World {
                identity: self.identity().await?,
                vpc: None,
                subnets: Arc::default(),
                dns_support: false,
                dns_hostnames: false,
                groups: Arc::default(),
                endpoints: Arc::default(),
                zones: Arc::default(),
            });
        }
        let ((dns_support, dns_hostnames), subnets, groups, endpoints, (identity, zones)) = rest?;
        Ok(World { identity, vpc: vpc_found, subnets, dns_support, dns_hostnames, groups, endpoints, zones })
    }

    async fn identity(&self) -> Result<CallerIdentity> {
        self.once("GetCallerIdentity", "", |client| async move { client.sts().caller_identity().await }).await
    }

    async fn attribute(&self, vpc: &VpcId, attribute: VpcAttribute) -> Result<bool> {
        let resource = format!("{vpc}|{}", attribute.as_str());
        self.once("DescribeVpcAttribute", &resource, |client| {
            let vpc = vpc.clone();
            async move { client.ec2().vpc_attribute(&vpc, attribute).await }
        })
        .await
    }

    pub(super) async fn zones(&self, vpc: &VpcId) -> Result<Arc<Vec<HostedZoneSummary>>> {
        self.once("ListHostedZonesByVPC", vpc.as_str(), |client| {
            let vpc = ZoneVpc::new(vpc.clone(), client.region().clone());
            async move { client.route53().zones_of_vpc(&vpc).all().await.map(Arc::new) }
        })
        .await
    }

    pub(super) async fn endpoint(&self, id: &VpcEndpointId) -> Result<Option<VpcEndpoint>> {
        self.once("DescribeVpcEndpoints of one", id.as_str(), |client| {
            let id = id.clone();
            async move { client.ec2().vpc_endpoint(&id).await }
        })
        .await
    }

    pub(super) async fn service(
        &self,
        name: &VpcEndpointServiceName,
        region: Option<&Region>,
    ) -> Result<Option<ServiceDetail>> {
        self.once("DescribeVpcEndpointServices", name.as_str(), |client| {
            let (name, region) = (name.clone(), region.cloned());
            async move { client.ec2().endpoint_service(&name, region.as_ref()).await }
        })
        .await
    }

    pub(super) async fn interfaces(&self, ids: &[NetworkInterfaceId]) -> Result<Arc<Vec<NetworkInterface>>> {
        if ids.is_empty() {
            return Ok(Arc::default());
        }
        let resource = ids.iter().map(NetworkInterfaceId::as_str).collect::<Vec<_>>().join(",");
        self.once("DescribeNetworkInterfaces", &resource, |client| {
            let ids = ids.to_vec();
            async move { interfaces(&client, &ids).await.map(Arc::new) }
        })
        .await
    }

    pub(super) async fn zone(&self, id: &HostedZoneId) -> Result<Option<HostedZone>> {
        self.once("GetHostedZone", id.as_str(), |client| {
            let id = id.clone();
            async move { client.route53().hosted_zone(&id).await }
        })
        .await
    }

    pub(super) async fn records(&self, id: &HostedZoneId) -> Result<Arc<Vec<RecordSet>>> {
        self.once("ListResourceRecordSets", id.as_str(), |client| {
            let id = id.clone();
            async move { client.route53().record_sets(&id).all().await.map(Arc::new) }
        })
        .await
    }

    /// Those of `ids` that certainly exist no more; see [`gone`].
    pub(super) async fn gone(
        &self,
        network: &Network,
        zone: &HostedZone,
        ids: BTreeSet<VpcEndpointId>,
    ) -> Result<BTreeSet<VpcEndpointId>> {
        if ids.is_empty() {
            return Ok(ids);
        }
        let resource = ids.iter().map(VpcEndpointId::as_str).chain([zone.id.as_str()]).collect::<Vec<_>>().join(",");
        self.once("DescribeVpcEndpoints by id", &resource, |_| {
            let (network, zone) = (network.clone(), zone.clone());
            async move { gone(&network, &zone, ids).await }
        })
        .await
    }

    /// A zone and its records, both at once.
    pub(super) async fn zone_with_records(
        &self,
        id: &HostedZoneId,
    ) -> Result<Option<(HostedZone, Arc<Vec<RecordSet>>)>> {
        let (zone, records) = future::join(self.zone(id), self.records(id)).await;
        match zone? {
            Some(zone) => Ok(Some((zone, records?))),
            None => Ok(None),
        }
    }
}

/// Whether an endpoint certainly exists no more: AWS says "not found" of this very id, or lists it
/// as deleted. An empty answer says nothing.
pub(super) async fn is_gone(client: &Client, id: &VpcEndpointId) -> Result<bool> {
    match client.ec2().vpc_endpoints(Filter::new().ids([id])).all().await {
        Ok(found) => Ok(found.iter().any(|found| found.id == *id && found.state == VpcEndpointState::Deleted)),
        Err(error) if crate::Problem::of(&error) == crate::Problem::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// The living endpoints outside the VPC, but of the account, that `sets` lead to; `here` are those of
/// the VPC. Somebody pointed a record at one by hand: it is not ours, whatever zone it is in.
pub(super) async fn elsewhere<'a>(
    client: &Client,
    sets: impl IntoIterator<Item = &'a RecordSet>,
    here: &[VpcEndpoint],
) -> Result<Vec<VpcEndpoint>> {
    let targets: BTreeSet<VpcEndpointId> =
        sets.into_iter().filter_map(|set| naming::leads_to(set)?.parse().ok()).collect();
    let mut found = Vec::new();
    for id in targets.iter().filter(|id| !here.iter().any(|endpoint| endpoint.id == **id)) {
        found.extend(client.ec2().vpc_endpoint(id).await?.filter(|endpoint| !endpoint.state.is_gone()));
    }
    Ok(found)
}

/// Those of `ids` that certainly exist no more, if everybody who sees `zone` is known: a VPC that
/// the link was not told of may be another account's, whose endpoints cannot be looked up.
pub(super) async fn gone(
    network: &Network,
    zone: &HostedZone,
    ids: BTreeSet<VpcEndpointId>,
) -> Result<BTreeSet<VpcEndpointId>> {
    let told = |seen: &ZoneVpc| seen.vpc == network.vpc || network.more_vpcs.iter().any(|more| more.vpc == seen.vpc);
    let mut gone = BTreeSet::new();
    if !zone.vpcs.iter().all(told) {
        return Ok(gone);
    }
    for id in ids {
        if is_gone(&network.client, &id).await? {
            gone.insert(id);
        }
    }
    Ok(gone)
}

/// The interfaces of an endpoint. They can vanish between two reads: what is gone is left out.
pub(super) async fn interfaces(client: &Client, ids: &[NetworkInterfaceId]) -> Result<Vec<NetworkInterface>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    match client.ec2().network_interfaces(Filter::new().ids(ids)).all().await {
        Ok(interfaces) => Ok(interfaces),
        Err(error) if crate::Problem::of(&error) == crate::Problem::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
