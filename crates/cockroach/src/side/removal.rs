//! The way back, and who else is on the endpoint.

use futures_util::future;
use privlink_core::side::{Cx, EndpointFacts, Exchange, Kept, Slot, Survey, TouchKey};
use privlink_core::{ErrorKind, PrivateEndpointId, Result};

use super::endpoint::{admission, entry_key};
use super::read::Reader;
use super::{findings, steps};
use crate::{Cluster, ClusterDetails, Connection, Plan};

pub(super) async fn removal(cluster: &Cluster, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let (details, services, connections) = Reader::new(cluster, cx).all().await;
    let mut survey = Survey::new();
    // A deleted cluster has taken its list along.
    let details = match details {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            survey.findings.push(findings::gone_or_elsewhere(cluster.id()));
            return Ok(survey);
        }
        other => other?,
    };
    let (services, connections) = (services?, connections?);
    let going = going(cluster, known);
    let live = |entry: &&Connection| !entry.status.is_inert();
    for id in &going {
        if connections.find(id).filter(live).is_some() {
            survey.steps.push(steps::withdraw(cluster, &details.name, id));
        }
    }
    for endpoint in known.endpoints.values() {
        let Some(id) = endpoint.ids.primary() else { continue };
        let listed = connections.find(&id);
        survey.known.admissions.insert(Slot::main(), admission(listed, &endpoint.ownership, details.id, &id));
        if let Some(entry) = listed.filter(live).filter(|_| !going.contains(&id)) {
            let reason = "it is of an endpoint that this link did not make; withdraw it by its id";
            survey.kept.push(Kept::new(entry_key(details.id, &id), reason).what(entry_of(&details, entry)));
        }
    }
    if known.endpoints.is_empty() && going.is_empty() {
        for entry in connections.items.iter().filter(|entry| !entry.status.is_inert()) {
            let key = TouchKey::new("cockroach.connection", [&*details.id.to_string(), &entry.endpoint_id]);
            let reason = "no endpoint of this link is left, so it cannot be told whose connection this is; withdraw it by its id";
            survey.kept.push(Kept::new(key, reason).what(entry_of(&details, entry)));
        }
    }
    if details.plan == Plan::Advanced && !services.items.is_empty() {
        survey.kept.push(
            Kept::new(
                TouchKey::new("cockroach.services", [&*cluster.id().to_string()]),
                "the vendor has no way to take it away; it goes with the cluster",
            )
            .what(format!("private endpoint service of CockroachDB cluster {}", told(&details))),
        );
    }
    Ok(survey)
}

/// The endpoints that are taken back here: those of ours, and those the caller named.
fn going(cluster: &Cluster, known: &Exchange) -> Vec<PrivateEndpointId> {
    let ours = known.endpoints.values().filter(|endpoint| endpoint.ownership.is_ours());
    let mut going: Vec<PrivateEndpointId> = ours.filter_map(|endpoint| endpoint.ids.primary()).collect();
    for id in cluster.withdrawn_on_request() {
        if !going.contains(id) {
            going.push(id.clone());
        }
    }
    going
}

fn entry_of(details: &ClusterDetails, entry: &Connection) -> String {
    format!("connection of endpoint `{}` to CockroachDB cluster {}", entry.endpoint_id, told(details))
}

fn told(details: &ClusterDetails) -> String {
    format!("`{}` ({})", details.name.escape_debug(), details.id)
}

/// The clusters that list the endpoint, and whether that is all of them.
///
/// An Advanced cluster has an endpoint service to itself. Behind a shared one are all clusters of
/// the region: those the key sees are asked one by one. What other organizations do is told by the
/// marks on the endpoint.
pub(super) async fn users(cluster: &Cluster, endpoint: &EndpointFacts, cx: &Cx) -> Result<(Vec<TouchKey>, bool)> {
    let Some(id) = endpoint.ids.primary() else { return Ok((Vec::new(), false)) };
    let reader = Reader::new(cluster, cx);
    let own = match reader.details().await {
        Ok(details) => Some(details),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if own.as_ref().is_some_and(|own| own.plan == Plan::Advanced) {
        let connections = reader.connections().await?;
        let uses = connections.find(&id).is_some_and(|entry| !entry.status.is_inert());
        return Ok((uses.then(|| entry_key(cluster.id(), &id)).into_iter().collect(), connections.unreadable == 0));
    }
    let clusters = reader.clusters().await?;
    let cloud = own.as_ref().map_or(id.cloud(), |own| own.provider.cloud().unwrap_or(id.cloud()));
    let mut complete = clusters.unreadable == 0;
    if own.is_some() {
        complete &= clusters.items.iter().any(|known| known.id == cluster.id());
    }
    let neighbours = clusters.items.iter().filter(|known| known.provider.cloud() == Some(cloud));
    let asked = neighbours.map(|known| async { (known.id, reader.connections_of(known.id).await) });
    let mut users = Vec::new();
    for (neighbour, connections) in future::join_all(asked).await {
        match connections {
            Ok(connections) => {
                complete &= connections.unreadable == 0;
                if connections.find(&id).is_some_and(|entry| !entry.status.is_inert()) {
                    users.push(entry_key(neighbour, &id));
                }
            }
            // Deleted in between.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) if error.kind() == ErrorKind::PermissionDenied => complete = false,
            Err(error) => return Err(error),
        }
    }
    Ok((users, complete))
}
