//! Which names lead to an endpoint: the databases of other organizations, which no vendor's key
//! of this link sees, are known by theirs.

use std::net::IpAddr;

use futures_util::future;
use privlink_core::side::{Cx, EndpointFacts, Exchange, TouchKey};
use privlink_core::{DnsName, ErrorKind, Result};

use super::read::Reads;
use super::{Network, mark, naming};
use crate::model::ManagedZone;

/// The records that lead to `endpoint`, in the zones the network sees where the vendor's names
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
    Ok(future::try_join_all(found).await?.concat())
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
