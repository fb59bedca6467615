//! Who is on the endpoint.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future;
use privlink_core::side::{Cx, EndpointFacts, TouchKey};
use privlink_core::{CloudProvider, ErrorKind, PrivateEndpointId, Result, Retry, Text};

use super::endpoint::entry_key;
use super::findings::told;
use super::read::{Reader, find};
use super::removal::still;
use crate::{Cluster, ClusterDetails, ClusterId, ClusterState};

/// The clusters that list the endpoint, and whether that is all of them.
///
/// An Advanced cluster has an endpoint service to itself. Behind a shared one are all clusters of
/// the region: those the key sees are asked one by one. What other organizations do is told by the
/// marks on the endpoint.
pub(super) async fn users(cluster: &Cluster, endpoint: &EndpointFacts, cx: &Cx) -> Result<(Vec<TouchKey>, bool)> {
    let Some(id) = endpoint.ids.primary() else { return Ok((Vec::new(), false)) };
    let reader = Reader::new(cluster, cx);
    let own = still(reader.details().await)?.filter(|own| own.state != ClusterState::Deleted);
    if own.as_ref().is_some_and(|own| cluster.client().facts().has_own_services(&own.plan)) {
        // Deleted in between: the list went with it.
        let Some(connections) = still(reader.connections().await)? else { return Ok((Vec::new(), true)) };
        let uses = find(&connections, &id).is_some_and(|entry| !entry.status.is_inert());
        return Ok((uses.then(|| entry_key(cluster.id(), &id)).into_iter().collect(), connections.unreadable == 0));
    }
    let cloud = own.as_ref().and_then(|own| own.provider.cloud()).unwrap_or(id.cloud());
    let all = sharers(&reader, own.as_deref(), cloud, &id).await?;
    let seen = own.is_none() || all.asked.contains(&cluster.id());
    let users = all.using.iter().map(|user| entry_key(user.id, &id)).collect();
    Ok((users, all.complete && seen))
}

/// The clusters of `users` by name.
pub(super) async fn in_words(
    cluster: &Cluster,
    users: &BTreeSet<TouchKey>,
    cx: &Cx,
) -> Result<BTreeMap<TouchKey, Text>> {
    let clusters = Reader::new(cluster, cx).clusters().await?;
    let words = |key: &TouchKey| {
        let id: ClusterId = key.as_str().split('|').nth(1)?.parse().ok()?;
        let known = clusters.items.iter().find(|known| known.id == id)?;
        Some((key.clone(), format!("CockroachDB cluster {}", told(known)).into()))
    };
    Ok(users.iter().filter_map(words).collect())
}

/// The clusters of a cloud that list an endpoint.
#[derive(Debug)]
pub(super) struct Sharers {
    pub(super) using: Vec<ClusterDetails>,
    asked: BTreeSet<ClusterId>,
    /// Whether every cluster was seen, and the list of each.
    pub(super) complete: bool,
}

/// Asks the clusters that may be behind the same service as `own`; all of the cloud, where it is gone.
pub(super) async fn sharers(
    reader: &Reader<'_>,
    own: Option<&ClusterDetails>,
    cloud: CloudProvider,
    id: &PrivateEndpointId,
) -> Result<Sharers> {
    let clusters = reader.clusters().await?;
    let mut all = Sharers { using: Vec::new(), asked: BTreeSet::new(), complete: clusters.unreadable == 0 };
    let neighbours = clusters.items.iter().filter(|known| {
        known.provider.cloud() == Some(cloud)
            && !reader.facts().has_own_services(&known.plan)
            && own.is_none_or(|own| own.id == known.id || own.regions.iter().any(|at| known.region(&at.name).is_some()))
    });
    let asked = neighbours.map(|known| async move { (known, reader.connections_of(known.id).await) });
    for (neighbour, connections) in future::join_all(asked).await {
        all.asked.insert(neighbour.id);
        match connections {
            Ok(connections) => {
                all.complete &= connections.unreadable == 0;
                if find(&connections, id).is_some_and(|entry| !entry.status.is_inert()) {
                    all.using.push(neighbour.clone());
                }
            }
            // Deleted in between.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            // Asked again it would say the same, and this link is not to wait for another's cluster.
            Err(error) if error.retry() == Retry::Never => all.complete = false,
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}
