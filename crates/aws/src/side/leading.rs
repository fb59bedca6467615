//! Who else relies on an endpoint: the databases of other organizations, which no vendor's key of
//! this link sees, are known by the marks they left on it, and by the names that lead to it.

use futures_util::future;
use privlink_core::side::{Cx, EndpointFacts, EndpointIds, Exchange, TouchKey};
use privlink_core::{AwsAccountId, DnsName, ErrorKind, Result, VpcEndpointId};

use super::mark::Keys;
use super::read::Reads;
use super::{Network, mark, naming};
use crate::model::HostedZoneSummary;
use crate::problem::Problem;

/// How many zones are read at the same time: Route 53 takes five requests a second.
const AT_ONCE: usize = 4;

/// The marks of others on `endpoint`, and the records that lead to it, in the zones the VPC sees where the vendor's names are:
/// beside and above those that are known, or everywhere when none is.
pub(super) async fn leading_to(
    network: &Network,
    endpoint: &EndpointFacts,
    known: &Exchange,
    cx: &Cx,
) -> Result<Vec<TouchKey>> {
    let EndpointIds::Aws { id, account } = &endpoint.ids else { return Ok(Vec::new()) };
    let reads = Reads::new(&network.client, cx);
    let parents: Vec<DnsName> = known.names.iter().filter_map(|name| name.host.parent()).collect();
    let is_near = |zone: &HostedZoneSummary| {
        parents.is_empty()
            || network.hosted_zone.as_ref() == Some(&zone.id)
            || parents.iter().any(|parent| parent.is_within(&zone.name) || zone.name.parent().as_ref() == Some(parent))
    };
    let zones = reads.zones(&network.vpc).await?;
    let of_account = |zone: &&HostedZoneSummary| {
        zone.owning_service.is_none() && zone.owning_account.as_deref().is_none_or(|owner| owner == account.as_str())
    };
    let near: Vec<&HostedZoneSummary> = zones.iter().filter(of_account).filter(|zone| is_near(zone)).collect();
    let mut all = marks(network, id, account, known, reads, cx).await?;
    for some in near.chunks(AT_ONCE) {
        let found = some.iter().map(|zone| Box::pin(leading_in(network, reads, zone, id)));
        all.extend(future::try_join_all(found).await?.into_iter().flatten());
    }
    Ok(all)
}

/// The marks of others on an endpoint of ours.
async fn marks(
    network: &Network,
    id: &VpcEndpointId,
    account: &AwsAccountId,
    known: &Exchange,
    reads: Reads<'_>,
    cx: &Cx,
) -> Result<Vec<TouchKey>> {
    let Some(endpoint) = reads.endpoint(id).await? else { return Ok(Vec::new()) };
    let keys = Keys { account, vpc: &network.vpc, instance: cx.instance() };
    let user = cx.user(known);
    let others = mark::other_users(&endpoint.tags, user.as_deref());
    Ok(others.map(|other| keys.user(&endpoint.service_name, other)).collect())
}

async fn leading_in(
    network: &Network,
    reads: Reads<'_>,
    zone: &HostedZoneSummary,
    id: &VpcEndpointId,
) -> Result<Vec<TouchKey>> {
    let sets = match reads.records(&zone.id).await {
        Ok(sets) => sets,
        // Deleted since it was listed, or not for this principal to see.
        Err(error) if Problem::of(&error) == Problem::NotFound => return Ok(Vec::new()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let leading = sets.iter().filter(|set| naming::leads_to(set) == Some(id.as_str()));
    let key = |name: &str| match name.parse() {
        Ok(name) => mark::record_key(&network.vpc, &zone.name, &name),
        Err(_) => mark::zone_key(&network.vpc, &zone.name),
    };
    Ok(leading.map(|set| key(&set.name)).collect())
}
