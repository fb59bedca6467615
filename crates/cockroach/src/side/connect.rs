//! Letting the endpoint in, and waiting until the cluster answers through it.

use privlink_core::side::{EndpointFacts, Exchange, Outcome, Slot};
use privlink_core::{Error, ErrorKind, Listed, PrivateEndpointId, Result, Severity, Turn};

use super::endpoint::{admission, came_with_its_network, known_admission};
use super::findings;
use super::read::find;
use crate::dialect::{VENDOR, is_busy};
use crate::model::fits;
use crate::wire::brief;
use crate::{Cluster, ClusterDetails, Connection, ConnectionStatus};

/// What both steps look at first.
struct Look<'a> {
    endpoint: &'a EndpointFacts,
    id: PrivateEndpointId,
    details: ClusterDetails,
    listed: Option<Connection>,
    /// Whether it came with its network.
    unasked: bool,
}

pub(super) async fn connect(cluster: &Cluster, known: &Exchange) -> Result<Outcome> {
    let look = match look(cluster, known).await? {
        Ok(look) => look,
        Err(outcome) => return Ok(outcome),
    };
    let polling = &cluster.client().facts().polling;
    let waiting = |stage: &'static str| Outcome::waiting(stage, Turn::Vendor, polling.connection);
    if look.unasked {
        return Ok(Outcome::already(look.known(None)));
    }
    match look.listed.as_ref().map(|entry| &entry.status) {
        Some(ConnectionStatus::Available) => return Ok(Outcome::already(look.known(look.listed.as_ref()))),
        Some(status) if status.is_coming() => return Ok(Outcome::already(look.known(look.listed.as_ref()))),
        Some(ConnectionStatus::Deleting) => return Ok(waiting("an earlier connection is still being taken away")),
        // A failed one is tried again like one that was taken away: the vendor says what comes of it.
        _ => {}
    }
    match cluster.add_private_endpoint_connection(&look.id).await {
        // What it says of the connection is of now; the list may lag behind it.
        Ok(connection) if connection.names(&look.id) => {
            let entry = Some(&connection).filter(|entry| !entry.status.is_inert());
            Ok(Outcome::done(look.known(entry)))
        }
        Ok(_) => Ok(waiting("acknowledged, but for another endpoint")),
        Err(error) if is_busy(&error) => Ok(waiting("the cluster is busy with another operation")),
        Err(error) if matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::Timeout) => {
            Ok(waiting("the answer was lost"))
        }
        // Refused because it is there already, maybe: the list says.
        Err(error) if error.kind() == ErrorKind::Conflict || error.http_status() == Some(400) => {
            match listed(cluster, &look.id).await? {
                Some(entry) if entry.status.is_coming() || entry.status == ConnectionStatus::Available => {
                    Ok(Outcome::already(look.known(Some(&entry))))
                }
                _ => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn await_available(cluster: &Cluster, known: &Exchange) -> Result<Outcome> {
    let look = match look(cluster, known).await? {
        Ok(look) => look,
        Err(outcome) => return Ok(outcome),
    };
    let polling = &cluster.client().facts().polling;
    let waiting = |stage: String| Outcome::waiting(stage, Turn::Vendor, polling.connection);
    let Some(entry) = &look.listed else {
        if look.unasked {
            return Ok(Outcome::already(look.known(None)));
        }
        return Ok(waiting("the list does not show the connection yet".to_owned()));
    };
    Ok(match &entry.status {
        ConnectionStatus::Available => Outcome::already(look.known(Some(entry))),
        // Right after it was added again, the list may still show it as it was taken away.
        ConnectionStatus::Rejected => waiting("the list still shows it as rejected".to_owned()),
        ConnectionStatus::PendingAcceptance => waiting(
            "being accepted; trusted owners of the cluster, if any, must name the endpoint's account".to_owned(),
        ),
        status if findings::connection_is_dead(status) => {
            Outcome::refused(findings::connection_dead(&look.details, entry, Severity::Blocks))
        }
        status => waiting(format!("the connection is {}", brief(status.as_str()))),
    })
}

/// Reads the cluster and its list; an outcome where there is nothing to do with them.
async fn look<'a>(cluster: &Cluster, known: &'a Exchange) -> Result<Result<Look<'a>, Outcome>> {
    let Some(endpoint) = known.endpoints.get(&Slot::main()) else {
        return Ok(Err(Outcome::moved(findings::no_endpoint())));
    };
    let polling = &cluster.client().facts().polling;
    let Some(id) = endpoint.ids.primary() else {
        let stage = "waiting for the connection id of the endpoint";
        return Ok(Err(Outcome::waiting(stage, Turn::Cloud, polling.connection)));
    };
    let (details, connections) = futures_util::future::try_join(cluster.details(), connections(cluster)).await?;
    if details.provider.cloud().is_some_and(|cloud| !fits(&id, cloud)) {
        return Ok(Err(Outcome::refused(findings::other_cloud(&details, id.cloud()))));
    }
    if let Some(finding) = findings::state(&details).filter(|finding| finding.severity == Severity::Blocks) {
        return Ok(Err(Outcome::refused(finding)));
    }
    let unasked = came_with_its_network(cluster, &details, endpoint, &connections, &id);
    let listed = find(&connections, &id).cloned();
    Ok(Ok(Look { endpoint, id, details, listed, unasked }))
}

/// The entry of an endpoint, now.
///
/// # Errors
/// Also when it is not found among connections of which some cannot be read: it may be one of them.
pub(super) async fn listed(cluster: &Cluster, id: &PrivateEndpointId) -> Result<Option<Connection>> {
    let connections = connections(cluster).await?;
    match find(&connections, id) {
        None if connections.unreadable > 0 => {
            let text = format!("{} connections of the list cannot be read", connections.unreadable);
            Err(Error::new(ErrorKind::UnexpectedResponse, text).with_vendor(VENDOR).with_resource(cluster.resource()))
        }
        found => Ok(found.cloned()),
    }
}

async fn connections(cluster: &Cluster) -> Result<Listed<Connection>> {
    Ok(Listed::from_iter(cluster.private_endpoint_connections().await?))
}

impl Look<'_> {
    /// What is known by `entry`; nothing while there is none to go by.
    fn known(&self, entry: Option<&Connection>) -> Exchange {
        match entry {
            None if !self.unasked => Exchange::new(),
            entry => known_admission(admission(&self.details, self.endpoint, entry, &self.id, self.unasked)),
        }
    }
}
