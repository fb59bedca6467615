//! The endpoint of a link as this vendor lists it.

use privlink_core::PrivateEndpointId;
use privlink_core::side::{
    Admission, EndpointFacts, EndpointIds, EndpointState, EntryState, Evidence, Exchange, Ownership, Slot, TouchKey,
};
use privlink_core::{CloudProvider, Turn};

use crate::{ListedEndpoint, ServiceId};

/// An endpoint's identities, the preferred one first.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    /// What is added to an allow list; `None` while Google has given no number.
    pub(super) primary: Option<PrivateEndpointId>,
    /// Everything an allow list may know it by: on Azure its older GUID too.
    pub(super) all: Vec<PrivateEndpointId>,
    pub(super) cloud: CloudProvider,
}

impl Identity {
    pub(super) fn of(ids: &EndpointIds) -> Self {
        let primary = ids.primary();
        let mut all: Vec<PrivateEndpointId> = primary.iter().cloned().collect();
        let cloud = match ids {
            EndpointIds::Azure { guid, .. } => {
                all.extend(guid.map(PrivateEndpointId::AzureGuid));
                CloudProvider::Azure
            }
            EndpointIds::Gcp { .. } => CloudProvider::Gcp,
            _ => all.first().map_or(CloudProvider::Aws, PrivateEndpointId::cloud),
        };
        Self { primary, all, cloud }
    }

    /// Whether a list's entry means this endpoint.
    pub(super) fn is(&self, entry: &ListedEndpoint) -> bool {
        self.all.iter().any(|id| entry.names(id))
    }
}

/// The link's endpoint, unless it is gone.
pub(super) fn live(known: &Exchange) -> Option<&EndpointFacts> {
    known.endpoints.get(&Slot::main()).filter(|endpoint| endpoint.state != EndpointState::Gone)
}

/// What a service's entry for an endpoint touches. The same key names the entry in a removal
/// step and in the answer to who uses the endpoint.
pub(super) fn entry_key(service: ServiceId, endpoint: &PrivateEndpointId) -> TouchKey {
    // Azure's ids differ in letter case only.
    TouchKey::new("clickhouse.entry", [&*service.to_string(), &endpoint.to_string().to_ascii_lowercase()])
}

/// What the vendor says of the endpoint: listed is served, at once.
pub(super) fn admission(listed: bool, owner: &Ownership, service: ServiceId, id: &PrivateEndpointId) -> Admission {
    if !listed {
        return Admission::new(EntryState::Absent, Turn::You, Ownership::Absent, "not on the allow list");
    }
    let ownership = match owner {
        Ownership::Ours(_) => Ownership::Ours(Evidence::NamesOur(entry_key(service, id))),
        Ownership::Foreign => Ownership::Foreign,
        _ => Ownership::Unattributable,
    };
    Admission::new(EntryState::Served, Turn::Nobody, ownership, "on the allow list")
}
