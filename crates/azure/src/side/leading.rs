//! Who else relies on an endpoint: the databases of other organizations, which no vendor's key of
//! this link sees, are known by the marks they left on it, and by the names that lead to it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use futures_util::future;
use privlink_core::side::{Cx, EndpointFacts, EndpointIds, Exchange, TouchKey};
use privlink_core::{DnsName, ErrorKind, Result};

use super::mark::Keys;
use super::read::Reads;
use super::{Network, mark, naming};
use crate::ids::PrivateDnsZoneId;

/// The marks of others on `endpoint`, and the records that lead to it, in the zones where the vendor's names are: beside and
/// above those that are known, or everywhere when none is.
pub(super) async fn leading_to(
    network: &Network,
    endpoint: &EndpointFacts,
    known: &Exchange,
    cx: &Cx,
) -> Result<Vec<TouchKey>> {
    let reads = Reads::new(&network.client, cx);
    let world = Box::pin(reads.world(network)).await?;
    let parents: Vec<DnsName> = known.names.iter().filter_map(|name| name.host.parent()).collect();
    let is_near = |zone: &DnsName| {
        parents.is_empty()
            || parents.iter().any(|parent| parent.is_within(zone) || zone.parent().as_ref() == Some(parent))
    };
    let mut zones: BTreeSet<PrivateDnsZoneId> = network.zone.clone().into_iter().collect();
    zones.extend(world.zones.iter().filter(|zone| is_near(&zone.name)).map(|zone| zone.id.clone()));
    let addresses: Vec<IpAddr> = endpoint.addresses.iter().map(|(address, _)| *address).collect();
    let found = zones.iter().map(|zone| Box::pin(leading_in(network, reads, zone, &addresses)));
    let mut all = marks(network, endpoint, known, cx).await?;
    all.extend(future::try_join_all(found).await?.into_iter().flatten());
    Ok(all)
}

/// The marks of others on an endpoint of ours.
async fn marks(network: &Network, endpoint: &EndpointFacts, known: &Exchange, cx: &Cx) -> Result<Vec<TouchKey>> {
    let EndpointIds::Azure { id, .. } = &endpoint.ids else { return Ok(Vec::new()) };
    let Some(endpoint) = network.client.networking().private_endpoint(id).await? else { return Ok(Vec::new()) };
    let Some(service) = mark::service_of(&endpoint) else { return Ok(Vec::new()) };
    let keys = Keys { network: &network.network, instance: cx.instance() };
    let others = mark::other_users(&endpoint.tags, cx.user(known).as_deref());
    Ok(others.iter().map(|user| keys.user(&service, user)).collect())
}

async fn leading_in(
    network: &Network,
    reads: Reads<'_>,
    zone: &PrivateDnsZoneId,
    addresses: &[IpAddr],
) -> Result<Vec<TouchKey>> {
    let found = match reads.zone(zone).await {
        Ok(found) => found,
        // Not for this principal to see.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => None,
        Err(error) => return Err(error),
    };
    let Some(found) = found else { return Ok(Vec::new()) };
    let leads = |address: &std::net::Ipv4Addr| addresses.contains(&IpAddr::V4(*address));
    let leading = found.records.iter().filter(|set| set.addresses.iter().any(leads));
    let key = |label: &str| match naming::full_name(label, &found.zone.name) {
        Some(name) => mark::record_key(&network.network, zone, &name),
        None => mark::zone_key(&network.network, zone),
    };
    Ok(leading.map(|set| key(&set.name)).collect())
}
