//! The endpoint of a link as a cluster lists it.

use privlink_core::side::{
    Admission, EndpointFacts, EndpointState, EntryState, Evidence, Exchange, Ownership, Slot, TouchKey,
};
use privlink_core::{Listed, PrivateEndpointId, Turn};

use super::read::find;
use crate::{Cluster, ClusterDetails, ClusterId, Connection, ConnectionStatus, Provider};

/// The link's endpoint, unless it is gone.
pub(super) fn live(known: &Exchange) -> Option<&EndpointFacts> {
    known.endpoints.get(&Slot::main()).filter(|endpoint| endpoint.state != EndpointState::Gone)
}

/// What a cluster's entry for an endpoint touches. The same key names the entry in a removal
/// step and in the answer to who uses the endpoint.
pub(super) fn entry_key(cluster: ClusterId, endpoint: &PrivateEndpointId) -> TouchKey {
    // Azure's ids differ in letter case only.
    TouchKey::new("cockroach.connection", [&*cluster.to_string(), &endpoint.to_string().to_ascii_lowercase()])
}

/// Whether the vendor let the endpoint in by itself. On Google Cloud, once an Advanced cluster has
/// accepted one endpoint of a network, it takes further ones of that network to the same service without
/// being asked, and does not have to list them (CockroachDB docs, connect-to-an-advanced-cluster, 2026-11).
///
/// So another one has to be on the list. Without any, the endpoint was taken off it, and Google does
/// not show that yet: it has to be let in again.
pub(super) fn came_with_its_network(
    cluster: &Cluster,
    details: &ClusterDetails,
    endpoint: &EndpointFacts,
    connections: &Listed<Connection>,
    id: &PrivateEndpointId,
) -> bool {
    let here = |other: &Connection| match (cluster.region(), other.region.as_deref()) {
        (Some(own), Some(region)) => own.as_str() == region,
        _ => true,
    };
    let accepted = |other: &Connection| other.status == ConnectionStatus::Available && here(other);
    find(connections, id).is_none()
        && cluster.client().facts().has_own_services(&details.plan)
        && details.provider == Provider::Gcp
        && endpoint.state == EndpointState::Ready
        && connections.items.iter().any(accepted)
}

/// What the vendor says of the endpoint. `unasked`: it came with its network.
pub(super) fn admission(
    details: &ClusterDetails,
    endpoint: &EndpointFacts,
    listed: Option<&Connection>,
    id: &PrivateEndpointId,
    unasked: bool,
) -> Admission {
    let Some(connection) = listed else {
        if unasked {
            return Admission::new(EntryState::Served, Turn::Nobody, Ownership::Absent, "accepted without an entry");
        }
        return Admission::new(EntryState::Absent, Turn::You, Ownership::Absent, "not listed");
    };
    let ownership = match &endpoint.ownership {
        Ownership::Ours(_) => Ownership::Ours(Evidence::NamesOur(entry_key(details.id, id))),
        Ownership::Foreign => Ownership::Foreign,
        _ => Ownership::Unattributable,
    };
    let (state, turn) = match &connection.status {
        ConnectionStatus::Available => (EntryState::Served, Turn::Nobody),
        ConnectionStatus::Rejected | ConnectionStatus::Deleted => (EntryState::Inert, Turn::You),
        ConnectionStatus::Failed | ConnectionStatus::Expired => (EntryState::Refused { recreate: false }, Turn::You),
        _ => (EntryState::Pending, Turn::Vendor),
    };
    Admission::new(state, turn, ownership, connection.status.as_str().to_owned())
}

/// An exchange that says only what the vendor says of the endpoint.
pub(super) fn known_admission(admission: Admission) -> Exchange {
    let mut known = Exchange::new();
    known.admissions.insert(Slot::main(), admission);
    known
}
