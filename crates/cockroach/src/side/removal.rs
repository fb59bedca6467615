//! The way back.

use std::collections::BTreeSet;

use privlink_core::side::{Cx, Exchange, Kept, Slot, Survey, TouchKey};
use privlink_core::{DnsName, ErrorKind, PrivateEndpointId, Result};

use super::endpoint::{admission, came_with_its_network, entry_key, live};
use super::read::{Reader, find};
use super::users::sharers;
use super::{findings, steps};
use crate::wire::brief;
use crate::{Cluster, ClusterDetails, ClusterState, Connection, PrivateEndpointService};

pub(super) async fn removal(cluster: &Cluster, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let (details, services, connections) = Reader::new(cluster, cx).all().await;
    let mut survey = Survey::new();
    // A deleted cluster has taken its lists along.
    let (Some(details), Some(services), Some(connections)) = (still(details)?, still(services)?, still(connections)?)
    else {
        survey.findings.push(findings::gone_or_elsewhere(cluster.id()));
        return Ok(survey);
    };
    if details.state == ClusterState::Deleted {
        survey.findings.push(findings::gone_or_elsewhere(cluster.id()));
        return Ok(survey);
    }
    // On the shared plans clusters that stay on the endpoint may be reached by the link's names, too.
    let shared = shared_hosts(cluster, &details, known, cx).await?;
    for name in known.names.iter().filter(|name| shared.contains(&name.host)) {
        let mut name = name.clone();
        name.shared = true;
        survey.known.names.push(name);
    }
    let going = going(cluster, known);
    let live = |entry: &&Connection| !entry.status.is_inert();
    for id in &going {
        if find(&connections, id).filter(live).is_some() {
            survey.steps.push(steps::withdraw(cluster, &details.name, id));
        }
    }
    for endpoint in known.endpoints.values() {
        let Some(id) = endpoint.ids.primary() else { continue };
        let listed = find(&connections, &id);
        let unasked = came_with_its_network(cluster, &details, endpoint, &connections, &id);
        survey.known.admissions.insert(Slot::main(), admission(&details, endpoint, listed, &id, unasked));
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
    let facts = cluster.client().facts();
    let own = |service: &&PrivateEndpointService| cluster.region().is_none_or(|region| service.region == *region);
    for service in services.items.iter().filter(own).filter(|_| facts.has_own_services(&details.plan)) {
        let key = steps::services_key(details.id, &service.region);
        let reason = "the vendor has no way to take it away; it goes with the cluster";
        let what = format!(
            "private endpoint service in {} of CockroachDB cluster {}",
            service.region,
            findings::told(&details)
        );
        survey.kept.push(Kept::new(key, reason).what(what));
    }
    Ok(survey)
}

/// What was read; `None` when it is not there any more.
pub(super) fn still<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
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
    format!("connection of endpoint `{}` to CockroachDB cluster {}", brief(&entry.endpoint_id), findings::told(details))
}

/// Those of the link's hosts by which clusters that stay on the endpoint are reached, too. On the shared plans the
/// vendor gives some clusters one host, and tells them apart by their routing ids.
async fn shared_hosts(
    cluster: &Cluster,
    details: &ClusterDetails,
    known: &Exchange,
    cx: &Cx,
) -> Result<BTreeSet<DnsName>> {
    let cloud = details.provider.cloud().filter(|_| !cluster.client().facts().has_own_services(&details.plan));
    let id = live(known).and_then(|endpoint| endpoint.ids.primary());
    let (Some(cloud), Some(id)) = (cloud, id) else { return Ok(BTreeSet::new()) };
    let all = sharers(&Reader::new(cluster, cx), Some(details), cloud, &id).await?;
    let others = || all.using.iter().filter(|other| other.id != cluster.id());
    let shared = |host: &&DnsName| {
        let has = |other: &ClusterDetails| {
            let mut hosts = other.regions.iter().filter_map(|region| region.private_host(cloud));
            hosts.any(|theirs| theirs.name() == **host)
        };
        // Where not every list could be read, it may be.
        others().any(has) || !all.complete
    };
    Ok(known.names.iter().map(|name| &name.host).filter(shared).cloned().collect())
}

/// The same, of a cluster that may be gone by now.
pub(super) async fn shared_hosts_now(cluster: &Cluster, known: &Exchange, cx: &Cx) -> Result<BTreeSet<DnsName>> {
    match still(Reader::new(cluster, cx).details().await)? {
        Some(details) => shared_hosts(cluster, &details, known, cx).await,
        // As when the removal was planned: whoever is gone says nothing, and cannot be asked for others.
        None => Ok(BTreeSet::new()),
    }
}
