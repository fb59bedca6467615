//! The reads of a survey: each asked once a run, whoever asks.

use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future;
use privlink_core::side::{Cx, Memo};
use privlink_core::{ErrorKind, Result};

use super::Network;
use crate::Client;
use crate::ids::{
    NetworkInterfaceId, NetworkSecurityGroupId, PrivateDnsZoneId, ResourceGroup, SubnetId, VirtualNetworkId,
};
use crate::model::{
    NetworkInterface, NetworkSecurityGroup, PrivateEndpoint, PrivateZone, RecordSet, Subnet, VirtualNetwork,
    VirtualNetworkLink,
};

/// What one network looks like, before anything is known of the database.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) network: Option<VirtualNetwork>,
    /// Whether the resource group for endpoint and zone exists.
    pub(super) has_group: bool,
    /// The endpoints of the subscription, as far as they may be listed.
    pub(super) endpoints: Arc<Vec<PrivateEndpoint>>,
    /// The private zones of the subscription, as far as they may be listed.
    pub(super) zones: Arc<Vec<PrivateZone>>,
}

/// A zone that is there, with its links and A records.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) zone: PrivateZone,
    pub(super) links: Arc<Vec<VirtualNetworkLink>>,
    pub(super) records: Arc<Vec<RecordSet>>,
}

impl Zone {
    pub(super) fn link_to(&self, network: &VirtualNetworkId) -> Option<&VirtualNetworkLink> {
        self.links.iter().find(|link| link.is_to(network))
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

    async fn once<T, F>(&self, operation: &str, resource: &str, read: impl FnOnce(Client) -> F) -> Result<T>
    where
        T: Clone + Send + Sync + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let key = format!("{}|{operation}|{}", self.client.scope(), resource.to_ascii_lowercase());
        self.memo.read(key, || read(self.client.clone())).await
    }

    /// Everything about a network that needs no other answer first, all at once.
    pub(super) async fn world(&self, network: &Network) -> Result<World> {
        let the_network = self.once("VirtualNetworks_Get", network.network.as_str(), |client| {
            let id = network.network.clone();
            async move { client.networking().virtual_network(&id).await }
        });
        let group = network.group.to_string();
        let endpoints = self.once("endpoints", &group, |client| {
            let group = network.group.clone();
            async move { endpoints(&client, &group).await.map(Arc::new) }
        });
        let zones = self.once("zones", &group, |client| {
            let group = network.group.clone();
            async move { zones(&client, &group).await.map(Arc::new) }
        });
        // The network's own group is there with the network.
        let elsewhere = network.group != ResourceGroup::of(network.network.resource());
        let has_group = async {
            match elsewhere {
                true => self.has_group(&network.group).await,
                false => Ok(true),
            }
        };
        let (the_network, endpoints, zones, has_group) =
            future::try_join4(the_network, endpoints, zones, has_group).await?;
        Ok(World { network: the_network, has_group, endpoints, zones })
    }

    async fn has_group(&self, group: &ResourceGroup) -> Result<bool> {
        self.once("PrivateEndpoints_List", &group.to_string(), |client| {
            let group = group.clone();
            async move { there(client.networking().private_endpoints_in(&group).all().await).map(|list| list.is_some()) }
        })
        .await
    }

    pub(super) async fn security_group(&self, id: &NetworkSecurityGroupId) -> Result<Option<NetworkSecurityGroup>> {
        self.once("NetworkSecurityGroups_Get", id.as_str(), |client| {
            let id = id.clone();
            async move { client.networking().network_security_group(&id).await }
        })
        .await
    }

    pub(super) async fn subnet(&self, id: &SubnetId) -> Result<Option<Subnet>> {
        self.once("Subnets_Get", id.as_str(), |client| {
            let id = id.clone();
            async move { client.networking().subnet(&id).await }
        })
        .await
    }

    pub(super) async fn interface(&self, id: &NetworkInterfaceId) -> Result<Option<NetworkInterface>> {
        self.once("NetworkInterfaces_Get", id.as_str(), |client| {
            let id = id.clone();
            async move { client.networking().network_interface(&id).await }
        })
        .await
    }

    /// The address of an endpoint's interface.
    pub(super) async fn address(&self, endpoint: &PrivateEndpoint) -> Result<Option<IpAddr>> {
        match endpoint.interfaces.iter().flatten().next() {
            Some(id) => Ok(self.interface(id).await?.and_then(|interface| interface.address())),
            None => Ok(None),
        }
    }

    /// A zone with its links and its A records, all at once.
    pub(super) async fn zone(&self, id: &PrivateDnsZoneId) -> Result<Option<Zone>> {
        let zone = self.once("PrivateZones_Get", id.as_str(), |client| {
            let id = id.clone();
            async move { client.private_dns().zone(&id).await }
        });
        let (zone, inside) = future::join(zone, self.inside(id)).await;
        let Some(zone) = zone? else { return Ok(None) };
        let (links, records) = inside?;
        Ok(Some(Zone { zone, links, records }))
    }

    async fn inside(&self, id: &PrivateDnsZoneId) -> Result<(Arc<Vec<VirtualNetworkLink>>, Arc<Vec<RecordSet>>)> {
        let links = self.once("VirtualNetworkLinks_List", id.as_str(), |client| {
            let id = id.clone();
            async move { client.private_dns().links(&id).all().await.map(Arc::new) }
        });
        let records = self.once("RecordSets_ListByType", id.as_str(), |client| {
            let id = id.clone();
            async move { client.private_dns().a_sets(&id).all().await.map(Arc::new) }
        });
        future::try_join(links, records).await
    }
}

/// The endpoints of the group's subscription, for one that was taken in may be in another group;
/// those of the group alone where the credentials' rights end with it.
pub(super) async fn endpoints(client: &Client, group: &ResourceGroup) -> Result<Vec<PrivateEndpoint>> {
    let networking = client.networking();
    match networking.legible_endpoints_of(group.subscription()).all().await {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Ok(there(networking.private_endpoints_in(group).all().await)?.unwrap_or_default())
        }
        listed => Ok(listed?.into_iter().flatten().collect()),
    }
}

/// The zones of the group's subscription, for a network sees but one of a name; those of the group
/// alone where the credentials' rights end with it.
pub(super) async fn zones(client: &Client, group: &ResourceGroup) -> Result<Vec<PrivateZone>> {
    let dns = client.private_dns();
    match dns.legible_zones_of(group.subscription()).all().await {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Ok(there(dns.zones_in(group).all().await)?.unwrap_or_default())
        }
        listed => Ok(listed?.into_iter().flatten().collect()),
    }
}

/// A list of what is in a resource group; `None` when there is no such group.
fn there<T>(list: Result<Vec<T>>) -> Result<Option<Vec<T>>> {
    match list {
        Ok(list) => Ok(Some(list)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
