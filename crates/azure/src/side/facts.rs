//! An endpoint as the other side sees it.

use std::net::IpAddr;

use privlink_core::side::{EndpointFacts, EndpointIds, EndpointState, Ownership};

use crate::model::{ConnectionStatus, PrivateEndpoint, ProvisioningState};

/// The facts of `endpoint`, with the address of its interface.
pub(super) fn of(endpoint: &PrivateEndpoint, address: Option<IpAddr>, ownership: Ownership) -> EndpointFacts {
    let ids = EndpointIds::Azure { id: endpoint.id.clone(), guid: endpoint.guid };
    let mut facts = EndpointFacts::new(ids, state(endpoint), ownership);
    facts.addresses.extend(address.map(|address| (address, None)));
    facts
}

/// Azure's two states in the words common to all clouds.
pub(super) fn state(endpoint: &PrivateEndpoint) -> EndpointState {
    match &endpoint.provisioning {
        Some(ProvisioningState::Deleting) => return EndpointState::Gone,
        Some(state @ (ProvisioningState::Failed | ProvisioningState::Canceled)) => {
            // Asked for again as it was, it may be built.
            return EndpointState::Dead { text: state.to_string().into(), revivable: true };
        }
        Some(ProvisioningState::Succeeded) | None => {}
        Some(_) => return EndpointState::Building,
    }
    let Some(connection) = endpoint.connection() else { return EndpointState::Building };
    match &connection.status {
        Some(ConnectionStatus::Approved) => EndpointState::Ready,
        Some(ConnectionStatus::Pending) => EndpointState::Requested,
        Some(status) if status.is_dead() => {
            EndpointState::Dead { text: connection.to_string().into(), revivable: false }
        }
        Some(other) => EndpointState::Unknown { text: other.as_str().to_owned().into() },
        None => EndpointState::Building,
    }
}

/// Whether Azure has built it, so that its ids and its interface are there.
pub(super) fn is_built(endpoint: &PrivateEndpoint) -> bool {
    matches!(endpoint.provisioning, Some(ProvisioningState::Succeeded) | None)
}

/// Whether its connection will never come to life: rejected, or removed by its owner.
pub(super) fn is_dead(endpoint: &PrivateEndpoint) -> bool {
    endpoint.connection().and_then(|connection| connection.status.as_ref()).is_some_and(ConnectionStatus::is_dead)
}

/// Whether it is going.
pub(super) fn is_going(endpoint: &PrivateEndpoint) -> bool {
    endpoint.provisioning == Some(ProvisioningState::Deleting)
}
