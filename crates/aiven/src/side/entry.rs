//! The endpoint of a link as a service lists it.

use std::net::{IpAddr, Ipv4Addr};

use privlink_core::side::{
    Admission, EndpointFacts, EndpointState, EntryState, Evidence, Exchange, Ownership, Slot, TouchKey,
};
use privlink_core::{CloudProvider, PrivateEndpointId, Turn};

use crate::{Connection, ConnectionId, ConnectionState, Service};

/// The link's endpoint, unless it is gone.
pub(super) fn live(known: &Exchange) -> Option<&EndpointFacts> {
    known.endpoints.get(&Slot::main()).filter(|endpoint| endpoint.state != EndpointState::Gone)
}

/// The endpoint's address: Aiven takes IPv4 alone.
pub(super) fn address(endpoint: &EndpointFacts) -> Option<Ipv4Addr> {
    endpoint.addresses.iter().find_map(|(address, _)| match address {
        IpAddr::V4(address) => Some(*address),
        IpAddr::V6(_) => None,
    })
}

/// The connection that the link has settled on: by the caller, or by an earlier step.
pub(super) fn pinned(service: &Service, known: &Exchange) -> Option<ConnectionId> {
    service.options.connection.clone().or_else(|| known.admissions.get(&Slot::main())?.handle.as_deref()?.parse().ok())
}

/// What the vendor says of the endpoint.
pub(super) fn admission(
    service: &Service,
    cloud: CloudProvider,
    listed: Option<&Connection>,
    owner: &Ownership,
    id: &PrivateEndpointId,
) -> Admission {
    let Some(connection) = listed else {
        // On AWS it comes by itself; elsewhere nothing is known before a refresh.
        let (state, turn) = match cloud {
            CloudProvider::Aws => (EntryState::Absent, Turn::Vendor),
            _ => (EntryState::Unseen, Turn::You),
        };
        return Admission::new(state, turn, Ownership::Absent, "not listed");
    };
    let ownership = match owner {
        Ownership::Ours(_) => {
            let parts = [service.project().as_str(), service.name().as_str(), &id.to_string().to_ascii_lowercase()];
            Ownership::Ours(Evidence::NamesOur(TouchKey::new("aiven.connection", parts)))
        }
        Ownership::Foreign => Ownership::Foreign,
        _ => Ownership::Unattributable,
    };
    let (state, turn) = match &connection.state {
        ConnectionState::Active => (EntryState::Served, Turn::Nobody),
        ConnectionState::PendingUserApproval => (EntryState::Pending, Turn::You),
        _ => (EntryState::Pending, Turn::Vendor),
    };
    let mut admission = Admission::new(state, turn, ownership, connection.state.as_str().to_owned());
    admission.handle = connection.id.as_ref().map(|id| id.as_str().to_owned().into());
    admission
}

/// An exchange that says only what the vendor says of the endpoint.
pub(super) fn known_admission(admission: Admission) -> Exchange {
    let mut known = Exchange::new();
    known.admissions.insert(Slot::main(), admission);
    known
}
