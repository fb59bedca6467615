//! The endpoint of a link as a project lists it.

use privlink_core::side::{
    Admission, ConsumerIdentity, EndpointFacts, EndpointState, EntryState, Evidence, Exchange, Ownership, Slot,
    TouchKey,
};
use privlink_core::{CloudProvider, Turn};

use crate::{EndpointId, EndpointStatus, PrivateEndpoint, ProjectId, ProjectRegion, RegionId};

/// The link's endpoint, unless it is gone.
pub(super) fn live(known: &Exchange) -> Option<&EndpointFacts> {
    known.endpoints.get(&Slot::main()).filter(|endpoint| endpoint.state != EndpointState::Gone)
}

/// What a project's entry for an endpoint touches. The same key names the entry in a removal
/// step and in the answer to who uses the endpoint.
pub(super) fn entry_key(project: &ProjectId, region: &RegionId, endpoint: &EndpointId) -> TouchKey {
    let id = endpoint.to_string().to_ascii_lowercase();
    let gcp = endpoint.gcp_project().unwrap_or_default();
    TouchKey::new("zilliz.endpoint", [project.as_str(), region.as_str(), &id, gcp])
}

/// What the vendor says of the endpoint.
pub(super) fn admission(
    listed: Option<&PrivateEndpoint>,
    owner: &Ownership,
    side: &ProjectRegion,
    id: &EndpointId,
) -> Admission {
    let Some(entry) = listed else {
        return Admission::new(EntryState::Absent, Turn::You, Ownership::Absent, "not listed");
    };
    let ownership = match owner {
        Ownership::Ours(_) => Ownership::Ours(Evidence::NamesOur(entry_key(side.project().id(), side.region(), id))),
        Ownership::Foreign => Ownership::Foreign,
        _ => Ownership::Unattributable,
    };
    let (state, turn) = match &entry.status {
        Some(EndpointStatus::Available) => (EntryState::Served, Turn::Nobody),
        Some(status) if status.is_dead() => (EntryState::Refused { recreate: true }, Turn::You),
        _ => (EntryState::Pending, Turn::Vendor),
    };
    let raw = entry.status.as_ref().map_or("no status", EndpointStatus::as_str);
    Admission::new(state, turn, ownership, raw.to_owned())
}

/// An exchange that says only what the vendor says of the endpoint.
pub(super) fn known_admission(admission: Admission) -> Exchange {
    let mut known = Exchange::new();
    known.admissions.insert(Slot::main(), admission);
    known
}

/// Whether the entry lets the endpoint in by now.
pub(super) fn is_ready(entry: &PrivateEndpoint) -> bool {
    entry.status == Some(EndpointStatus::Available)
}

/// Whether the entry will not let the endpoint in any more.
pub(super) fn is_dead(entry: &PrivateEndpoint) -> bool {
    entry.status.as_ref().is_some_and(EndpointStatus::is_dead)
}

/// The account of the consumer, as the vendor's list of accounts names it.
pub(super) fn account(known: &Exchange) -> Option<String> {
    Some(match known.consumer.as_ref()? {
        ConsumerIdentity::Aws { account, .. } => account.to_string(),
        ConsumerIdentity::Azure { subscription, .. } => subscription.to_string(),
        // Documented nowhere; it is what an endpoint is registered with.
        ConsumerIdentity::Gcp { project } => project.to_string(),
        _ => return None,
    })
}

/// The cloud the consumer's identity is of.
pub(super) fn consumer_cloud(known: &Exchange) -> Option<CloudProvider> {
    match known.consumer.as_ref()? {
        ConsumerIdentity::Aws { .. } => Some(CloudProvider::Aws),
        ConsumerIdentity::Azure { .. } => Some(CloudProvider::Azure),
        ConsumerIdentity::Gcp { .. } => Some(CloudProvider::Gcp),
        _ => None,
    }
}
