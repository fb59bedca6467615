//! What the API answers about a cluster's network.

use std::time::SystemTime;

use bytes::Bytes;
use ipnet::Ipv4Net;
use privlink_core::{CloudProvider, EndpointServiceId, PrivateEndpointId, Region};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::Refusal;
use super::model::{Allowed, Cluster, CockroachPlan, Connection, Owner};
use super::switches::{OnLocked, OnRepeat};
use super::{CockroachState, Seen, egress, render};

/// Who owns an endpoint and where it leads, as far as the clouds of the world know.
pub(crate) type FindEndpoint<'a> = &'a dyn Fn(&str) -> Option<(Option<String>, EndpointServiceId)>;

/// Refuses a write while the cluster is busy with something else.
pub(super) fn unlocked(state: &mut CockroachState, now: SystemTime, id: Uuid) -> Result<(), Refusal> {
    if state.switches.locked == 0 && !egress::is_locked(known(state, id)?, now, &state.switches) {
        return Ok(());
    }
    state.switches.locked = state.switches.locked.saturating_sub(1);
    Err(match state.switches.on_locked {
        OnLocked::Unavailable503 => Refusal::new(503, "the cluster is busy with another operation"),
        OnLocked::Text400 => Refusal::new(400, "cluster is locked by another operation").code(9),
    })
}

/// A cluster is looked at, once its services were asked for.
pub(super) fn look(state: &mut CockroachState, id: Uuid) {
    if let Some(cluster) = state.clusters.get_mut(&id).filter(|cluster| !cluster.services.is_empty()) {
        cluster.host_reads = cluster.host_reads.saturating_add(1);
    }
}

pub(super) fn services(state: &mut CockroachState, id: Uuid) -> Result<Value, Refusal> {
    let (unseen, foreign) = (state.switches.services_unseen, state.switches.foreign_service);
    if let Some(cluster) = state.clusters.get_mut(&id).filter(|cluster| !cluster.services.is_empty()) {
        cluster.service_reads = cluster.service_reads.saturating_add(1);
    }
    let cluster = known(state, id)?;
    let mut shown = shown_services(state, cluster, |available_after, reads| {
        available_after == 0 || reads > unseen.min(available_after)
    });
    if foreign {
        let (region, cloud) = ("xx-elsewhere-1", render::provider(cluster.provider));
        shown.push(json!({ "region_name": region, "cloud_provider": cloud, "status": "DELETING", "name": "gone",
            "endpoint_service_id": "gone", "availability_zone_ids": [] }));
    }
    Ok(json!({ "services": shown }))
}

pub(super) fn make_services(state: &mut CockroachState, id: Uuid) -> Result<Value, Refusal> {
    let cluster = known(state, id)?.clone();
    if cluster.plan != CockroachPlan::Advanced {
        return Err(
            Refusal::new(400, "private endpoint services of this plan are managed by CockroachDB Cloud").code(9)
        );
    }
    let (first, mut services) = (state.switches.services_unseen + state.switches.services_creating, cluster.services);
    for (n, region) in (0_u32..).zip(&cluster.regions) {
        if !services.iter().any(|service| service.region == *region) {
            let after = cluster.service_reads + first + n + 1;
            services.push(state.fresh_service(cluster.provider, region, &cluster.account, &cluster.zones, after));
        }
    }
    if let Some(cluster) = state.clusters.get_mut(&id) {
        cluster.services = services;
    }
    let cluster = known(state, id)?;
    // The answer shows what is there, which right after the first call is nothing.
    let shown = shown_services(state, cluster, |available_after, reads| reads >= available_after);
    Ok(json!({ "services": shown }))
}

/// The services that `sees` says are seen, given after how many reads each is available and how many there were.
fn shown_services(state: &CockroachState, cluster: &Cluster, sees: impl Fn(u32, u32) -> bool) -> Vec<Value> {
    let reads = cluster.service_reads;
    state
        .services_of(cluster)
        .into_iter()
        .filter(|service| sees(service.available_after, reads))
        .map(|service| render::service(service, cluster.provider, service.status(reads), &state.switches))
        .collect()
}

pub(super) fn connections(state: &mut CockroachState, now: SystemTime, id: Uuid) -> Result<Value, Refusal> {
    let switches = state.switches.clone();
    let cluster = state.clusters.get_mut(&id).ok_or_else(no_cluster)?;
    let mut shown = Vec::new();
    for connection in &mut cluster.connections {
        if connection.unseen > 0 {
            connection.unseen -= 1;
            continue;
        }
        shown.push(render::connection(connection, cluster.provider, &switches, now));
        connection.stale = connection.stale.saturating_sub(1);
    }
    Ok(json!({ "connections": shown }))
}

pub(super) fn connect(
    state: &mut CockroachState,
    seen: &Seen<'_>,
    id: Uuid,
    find: FindEndpoint<'_>,
) -> Result<Value, Refusal> {
    let (now, switches) = (seen.now, state.switches.clone());
    let body = object(seen.request, &["endpoint_id"])?;
    let endpoint = text(&body, "endpoint_id")?;
    let cluster = known(state, id)?;
    fits(cluster.provider, endpoint)?;
    let services = state.services_of(cluster);
    let found = find(endpoint);
    let leads = |service: &&&super::model::Service| found.as_ref().is_some_and(|(_, id)| service.id == *id);
    let service = services.iter().find(leads).or(services.first());
    let Some(service) = service.filter(|service| service.status(cluster.service_reads) == "AVAILABLE") else {
        return Err(Refusal::new(400, "the cluster has no private endpoint service that is available").code(9));
    };
    let account = found.as_ref().and_then(|(account, _)| account.clone());
    let trusted = |owner: &Owner| owner.owner == "*" || Some(&owner.owner) == account.as_ref();
    let fresh = Connection {
        endpoint: endpoint.to_owned(),
        region: service.region.clone(),
        service: service.id.clone(),
        distrusted: !cluster.owners.is_empty() && !cluster.owners.iter().any(trusted),
        account: account.filter(|_| cluster.provider == CloudProvider::Aws),
        since: now,
        stale: 0,
        unseen: switches.connection_unseen,
        rejected: false,
        stuck: None,
    };
    let cluster = state.clusters.get_mut(&id).ok_or_else(no_cluster)?;
    let provider = cluster.provider;
    let there = cluster.connections.iter_mut().find(|known| known.endpoint.eq_ignore_ascii_case(endpoint));
    let answered = match there {
        Some(known) if known.rejected => {
            *known = Connection { stale: switches.stale_rejected, unseen: 0, ..fresh.clone() };
            fresh
        }
        Some(_) if switches.repeat == OnRepeat::Conflict409 => {
            return Err(Refusal::new(409, "the endpoint is connected already"));
        }
        Some(known) => known.clone(),
        None => {
            cluster.connections.push(fresh.clone());
            fresh
        }
    };
    Ok(render::connection(&answered, provider, &switches, now))
}

pub(super) fn disconnect(state: &mut CockroachState, id: Uuid, endpoint: &str) -> Result<Value, Refusal> {
    let leaves = state.switches.delete_leaves_entry;
    let cluster = state.clusters.get_mut(&id).ok_or_else(no_cluster)?;
    let place = cluster.connections.iter().position(|known| known.endpoint.eq_ignore_ascii_case(endpoint));
    match place.and_then(|place| Some((place, cluster.connections.get_mut(place)?))) {
        None => return Err(Refusal::new(404, "private endpoint connection not found")),
        Some((_, connection)) if leaves => {
            connection.rejected = true;
            connection.stuck = None;
        }
        Some((place, _)) => drop(cluster.connections.remove(place)),
    }
    Ok(json!({}))
}

pub(super) fn owners(state: &CockroachState, id: Uuid) -> Result<Value, Refusal> {
    let cluster = enabled(state, id)?;
    let shown: Vec<Value> = cluster.owners.iter().map(|owner| render::owner(owner, cluster)).collect();
    Ok(json!({ "trusted_owners": shown }))
}

pub(super) fn add_owner(state: &mut CockroachState, seen: &Seen<'_>, id: Uuid) -> Result<Value, Refusal> {
    enabled(state, id)?;
    let body = object(seen.request, &["type", "external_owner_id"])?;
    let owner = text(&body, "external_owner_id")?.to_owned();
    let digits = owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
    if text(&body, "type")? != "AWS_ACCOUNT_ID" || !(digits || owner == "*") {
        return Err(Refusal::new(400, "type must be AWS_ACCOUNT_ID and external_owner_id an account id or `*`"));
    }
    let fresh = Owner { id: state.fresh_uuid("trusted owner"), owner, created_at: seen.now };
    let cluster = state.clusters.get_mut(&id).ok_or_else(no_cluster)?;
    let shown = render::owner(&fresh, cluster);
    cluster.owners.push(fresh);
    Ok(json!({ "trusted_owner": shown }))
}

pub(super) fn owner(state: &CockroachState, id: Uuid, owner: &str) -> Result<Value, Refusal> {
    let cluster = enabled(state, id)?;
    let found = cluster.owners.iter().find(|known| known.id.to_string() == owner);
    let found = found.ok_or_else(|| Refusal::new(404, "trusted owner not found"))?;
    Ok(json!({ "trusted_owner": render::owner(found, cluster) }))
}

pub(super) fn remove_owner(state: &mut CockroachState, id: Uuid, owner: &str) -> Result<Value, Refusal> {
    let shown = self::owner(state, id, owner)?;
    if let Some(cluster) = state.clusters.get_mut(&id) {
        cluster.owners.retain(|known| known.id.to_string() != owner);
    }
    Ok(shown)
}

pub(super) fn put_allowed(
    state: &mut CockroachState,
    seen: &Seen<'_>,
    id: Uuid,
    range: Option<(&str, &str)>,
) -> Result<Value, Refusal> {
    let known =
        if range.is_some() { &["sql", "ui", "name"][..] } else { &["cidr_ip", "cidr_mask", "sql", "ui", "name"] };
    let body = object(seen.request, known)?;
    let range = match range {
        Some(range) => self::range(range)?,
        None => {
            let mask = body.get("cidr_mask").and_then(Value::as_u64).ok_or_else(|| missing("cidr_mask"))?;
            self::range((text(&body, "cidr_ip")?, &mask.to_string()))?
        }
    };
    let flag = |name: &str| body.get(name).and_then(Value::as_bool).ok_or_else(|| missing(name));
    let entry = Allowed {
        range,
        sql: flag("sql")?,
        ui: flag("ui")?,
        name: body.get("name").and_then(Value::as_str).map(str::to_owned),
    };
    let shown = render::allowed(&entry);
    let cluster = state.clusters.get_mut(&id).ok_or_else(no_cluster)?;
    cluster.allowlist.retain(|known| known.range != range);
    cluster.allowlist.push(entry);
    settle_later(state, seen.now, id);
    Ok(shown)
}

/// Changes what is given of an entry that is there.
pub(super) fn patch_allowed(
    state: &mut CockroachState,
    seen: &Seen<'_>,
    id: Uuid,
    range: (&str, &str),
) -> Result<Value, Refusal> {
    let body = object(seen.request, &["sql", "ui", "name"])?;
    let range = self::range(range)?;
    let cluster = state.clusters.get_mut(&id).ok_or_else(no_cluster)?;
    let entry = cluster.allowlist.iter_mut().find(|known| known.range == range);
    let entry = entry.ok_or_else(|| Refusal::new(404, "allowlist entry not found"))?;
    entry.sql = body.get("sql").and_then(Value::as_bool).unwrap_or(entry.sql);
    entry.ui = body.get("ui").and_then(Value::as_bool).unwrap_or(entry.ui);
    if let Some(name) = body.get("name").and_then(Value::as_str) {
        entry.name = Some(name.to_owned());
    }
    let shown = render::allowed(entry);
    settle_later(state, seen.now, id);
    Ok(shown)
}

pub(super) fn delete_allowed(
    state: &mut CockroachState,
    now: SystemTime,
    id: Uuid,
    range: (&str, &str),
) -> Result<Value, Refusal> {
    let range = self::range(range)?;
    let cluster = state.clusters.get_mut(&id).ok_or_else(no_cluster)?;
    let place = cluster.allowlist.iter().position(|known| known.range == range);
    let place = place.ok_or_else(|| Refusal::new(404, "allowlist entry not found"))?;
    let shown = render::allowed(&cluster.allowlist.remove(place));
    settle_later(state, now, id);
    Ok(shown)
}

/// A change of the allowlist is shown at once, and arrives later.
fn settle_later(state: &mut CockroachState, now: SystemTime, id: Uuid) {
    let settles = now + state.switches.allowlist_takes;
    if let Some(cluster) = state.clusters.get_mut(&id) {
        cluster.allowlist_settles = Some(settles);
    }
}

pub(super) fn known(state: &CockroachState, id: Uuid) -> Result<&Cluster, Refusal> {
    state.clusters.get(&id).ok_or_else(no_cluster)
}

pub(super) fn no_cluster() -> Refusal {
    Refusal::new(404, "cluster not found")
}

/// The cluster, where the vendor has enabled what only some organizations have.
fn enabled(state: &CockroachState, id: Uuid) -> Result<&Cluster, Refusal> {
    let cluster = known(state, id)?;
    match state.switches.limited_access && cluster.provider == CloudProvider::Aws {
        true => Ok(cluster),
        false => Err(Refusal::new(403, "trusted owners are not enabled for the organization")),
    }
}

/// Refuses what is no endpoint of the cluster's cloud.
fn fits(cloud: CloudProvider, endpoint: &str) -> Result<(), Refusal> {
    match PrivateEndpointId::parse_for(cloud, endpoint) {
        Ok(PrivateEndpointId::AzureGuid(_)) | Err(_) if cloud == CloudProvider::Azure => {
            Err(Refusal::new(400, "This resource is invalid"))
        }
        Err(_) => Err(Refusal::new(400, format!("invalid endpoint_id: {endpoint}"))),
        Ok(_) => Ok(()),
    }
}

fn range((address, mask): (&str, &str)) -> Result<Ipv4Net, Refusal> {
    let parsed: Option<Ipv4Net> = format!("{address}/{mask}").parse().ok();
    parsed.ok_or_else(|| Refusal::new(400, "cidr_ip and cidr_mask must make an IPv4 range"))
}

/// The object of a request's body, with no other fields than `known`.
pub(super) fn object(request: &http::Request<Bytes>, known: &[&str]) -> Result<Map<String, Value>, Refusal> {
    let body: Option<Map<String, Value>> = serde_json::from_slice(request.body()).ok();
    let body = body.ok_or_else(|| Refusal::new(400, "the body must be a JSON object"))?;
    match body.keys().find(|field| !known.contains(&field.as_str())) {
        Some(field) => Err(Refusal::new(400, format!("unknown field \"{field}\""))),
        None => Ok(body),
    }
}

pub(super) fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Refusal {
    Refusal::new(400, format!("{name} is required"))
}

/// A connection that somebody made behind every client's back.
pub(super) fn attached(endpoint: &str, region: &Region, service: &EndpointServiceId, since: SystemTime) -> Connection {
    Connection {
        endpoint: endpoint.to_owned(),
        region: region.clone(),
        service: service.clone(),
        account: None,
        since,
        stale: 0,
        unseen: 0,
        rejected: false,
        distrusted: false,
        stuck: None,
    }
}
