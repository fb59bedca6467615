//! Who else relies on an endpoint: the databases of other organizations, which no vendor's key of
//! this link sees, are known by the marks they left on it, and by the names that lead to it.

use std::net::IpAddr;

use futures_util::future;
use privlink_core::side::{Cx, EndpointFacts, EndpointIds, Exchange, TouchKey};
use privlink_core::{DnsName, ErrorKind, Result};

use super::read::Reads;
use super::{Network, mark, naming};
use crate::model::ManagedZone;

/// The marks of others on `endpoint`, and the records that lead to it, in the zones the network sees where the vendor's names
/// are: beside and above those that are known, or everywhere when none is.
pub(super) async fn leading_to(
    network: &Network,
    endpoint: &EndpointFacts,
    known: &Exchange,
    cx: &Cx,
) -> Result<Vec<TouchKey>> {
    let reads = Reads::new(network, cx);
    let world = Box::pin(reads.world()).await?;
    let parents: Vec<DnsName> = known.names.iter().filter_map(|name| name.host.parent()).collect();
    let is_near = |zone: &&ManagedZone| {
        let near =
            |parent: &DnsName| parent.is_within(&zone.dns_name) || zone.dns_name.parent().as_ref() == Some(parent);
        parents.is_empty() || network.zone.as_ref() == Some(&zone.name) || parents.iter().any(near)
    };
    let addresses: Vec<IpAddr> = endpoint.addresses.iter().map(|(address, _)| *address).collect();
    let near = world.zones.iter().filter(is_near);
    let found = near.map(|zone| Box::pin(leading_in(network, reads, zone, &addresses)));
    let mut all = marks(network, endpoint, known, cx).await?;
    all.extend(future::try_join_all(found).await?.into_iter().flatten());
    Ok(all)
}

/// The marks of others on an endpoint of ours.
async fn marks(network: &Network, endpoint: &EndpointFacts, known: &Exchange, cx: &Cx) -> Result<Vec<TouchKey>> {
    let EndpointIds::Gcp { rule, .. } = &endpoint.ids else { return Ok(Vec::new()) };
    let compute = network.client.compute();
    let Some(rule) = compute.forwarding_rule(&network.region, rule).await? else { return Ok(Vec::new()) };
    let Some(service) = rule.service_attachment() else { return Ok(Vec::new()) };
    let keys = network.keys(cx.instance());
    let others = mark::other_users(&rule, cx.user(known).as_deref());
    Ok(others.iter().map(|user| keys.user(&service, user)).collect())
}

async fn leading_in(
    network: &Network,
    reads: Reads<'_>,
    zone: &ManagedZone,
    addresses: &[IpAddr],
) -> Result<Vec<TouchKey>> {
    let sets = match reads.records(&zone.name).await {
        Ok(sets) => sets,
        // Deleted since it was listed, or not for this principal to see.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let leading = sets.iter().filter(|set| naming::leads_to(set).iter().any(|address| addresses.contains(address)));
    let key = |name: &str| match name.parse() {
        Ok(name) => mark::record_key(&network.network, &zone.dns_name, &name),
        Err(_) => mark::zone_key(&network.network, &zone.dns_name),
    };
    Ok(leading.map(|set| key(&set.name)).collect())
}
