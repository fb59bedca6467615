//! The endpoint of a link as a cluster lists it.

use privlink_core::side::{
    Admission, EndpointFacts, EndpointState, EntryState, Evidence, Exchange, Ownership, Slot, TouchKey,
};
use privlink_core::{PrivateEndpointId, Turn};

use crate::{ClusterId, Connection, ConnectionStatus};

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

/// What the vendor says of the endpoint.
pub(super) fn admission(
    listed: Option<&Connection>,
    owner: &Ownership,
    cluster: ClusterId,
    id: &PrivateEndpointId,
) -> Admission {
    let Some(connection) = listed else {
        return Admission::new(EntryState::Absent, Turn::You, Ownership::Absent, "not listed");
    };
    let ownership = match owner {
        Ownership::Ours(_) => Ownership::Ours(Evidence::NamesOur(entry_key(cluster, id))),
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
