//! Private zones.

use std::collections::BTreeMap;
use std::time::SystemTime;

use bytes::Bytes;
use privlink_core::{AzureResourceId, DnsName};
use serde_json::{Value, json};

use super::super::body::{self, Fields};
use super::super::error::{Answer, ApiError};
use super::super::network::endpoint::busy;
use super::super::state::{AzureState, OnLongRunning};
use super::super::work::{End, Verb, Work};
use super::super::zone::{RecordSet, Zone};
use super::super::{Call, Reply};
use super::{check_conditions, check_location};

pub(in super::super) fn get(state: &mut AzureState, call: &Call<'_>) -> Answer<Reply> {
    let id = call.route.id()?;
    let zone = state.zones.get_mut(&id).ok_or_else(|| call.route.not_found())?;
    if zone.unseen > 0 {
        zone.unseen -= 1;
        return Err(call.route.not_found());
    }
    Ok(Reply::json(200, state.render(call, &id)))
}

pub(in super::super) fn list(state: &mut AzureState, call: &Call<'_>) -> Answer<Reply> {
    let subscription = call.route.subscription_id()?;
    let group = &call.route.group;
    let here = |id: &AzureResourceId| {
        id.subscription() == subscription && (group.is_empty() || id.resource_group().eq_ignore_ascii_case(group))
    };
    let items = state.zones.values().filter(|zone| here(&zone.id) && zone.unseen == 0);
    let items = items.map(|zone| render(call.now, zone)).collect();
    Ok(call.page(state, items))
}

pub(in super::super) fn put(state: &mut AzureState, call: &Call<'_>, request: &http::Request<Bytes>) -> Answer<Reply> {
    let id = call.route.id()?;
    let name = call.route.name().to_ascii_lowercase();
    let json = body::parse(request)?;
    let root = Fields::root(&json)?.only(&["id", "name", "type", "etag", "location", "tags", "properties"])?;
    check_location(root.text("location")?, "Microsoft.Network/privateDnsZones")?;
    if name.parse::<DnsName>().is_err() || !name.contains('.') || name.starts_with('*') {
        return Err(ApiError::bad("BadRequest", format!("The zone name '{name}' is not valid.")));
    }
    let tags = body::tags(&root)?;
    if let Some(properties) = root.object("properties")? {
        properties.known(&[
            "maxNumberOfRecordSets",
            "numberOfRecordSets",
            "maxNumberOfVirtualNetworkLinks",
            "numberOfVirtualNetworkLinks",
            "maxNumberOfVirtualNetworkLinksWithRegistration",
            "numberOfVirtualNetworkLinksWithRegistration",
            "provisioningState",
            "internalId",
        ])?;
    }
    check_conditions(request, state.zones.get(&id).map(|zone| zone.etag))?;
    let known = state.zones.get(&id).map(|zone| (zone.work.clone(), zone.tags == tags));
    let (work, status) = match known {
        Some((work, _)) if work.runs(call.now) => return Err(busy(&id)),
        Some((work, true)) if work.end == End::Done => return Ok(Reply::json(200, state.render(call, &id))),
        Some((Work { verb: Verb::Create, end: End::Failed(_) | End::Canceled, .. }, _)) | None => {
            let work = state.begin(call, &id, Verb::Create);
            let (etag, soa) = (state.ids.guid(), RecordSet::soa(state.ids.guid()));
            let zone = Zone {
                id: id.clone(),
                name,
                tags,
                etag,
                work: work.clone(),
                links: BTreeMap::new(),
                records: BTreeMap::from([(("@".to_owned(), "SOA"), soa)]),
                unseen: state.behaviour.unseen_reads,
            };
            state.zones.insert(id.clone(), zone);
            (work, 201)
        }
        Some(_) => {
            let (work, etag) = (state.begin(call, &id, Verb::Update), state.ids.guid());
            if let Some(zone) = state.zones.get_mut(&id) {
                zone.tags = tags;
                zone.etag = etag;
                zone.work = work.clone();
            }
            (work, 200)
        }
    };
    Ok(accepted(state, call, &id, &work, status))
}

/// The answer to what was made or changed: nothing but where to ask, or the body.
pub(super) fn accepted(state: &AzureState, call: &Call<'_>, id: &AzureResourceId, work: &Work, status: u16) -> Reply {
    match state.behaviour.long_running {
        OnLongRunning::BodyOnly | OnLongRunning::AtOnce => Reply::json(status, state.render(call, id)),
        _ => Reply::empty(202).headers(state.poll_headers(call, work)),
    }
}

pub(in super::super) fn delete(
    state: &mut AzureState,
    call: &Call<'_>,
    request: &http::Request<Bytes>,
) -> Answer<Reply> {
    let id = call.route.id()?;
    let Some(zone) = state.zones.get(&id) else { return Ok(Reply::empty(204)) };
    check_conditions(request, Some(zone.etag))?;
    if !zone.links.is_empty() {
        return Err(ApiError::new(
            409,
            "CannotDeleteResource",
            "Can not delete resource before nested resources are deleted.",
        ));
    }
    let running = zone.work.clone();
    if running.runs(call.now) && running.verb != Verb::Delete {
        return Err(busy(&id));
    }
    let work = if running.runs(call.now) { running } else { state.begin(call, &id, Verb::Delete) };
    if let Some(zone) = state.zones.get_mut(&id) {
        zone.work = work.clone();
    }
    Ok(deleted(state, call, &work))
}

/// The answer to what is being deleted.
pub(super) fn deleted(state: &mut AzureState, call: &Call<'_>, work: &Work) -> Reply {
    if state.behaviour.long_running == OnLongRunning::AtOnce {
        state.prune(call.now);
        return Reply::empty(200);
    }
    Reply::empty(202).headers(state.poll_headers(call, work))
}

/// The body of a zone.
pub(in super::super) fn render(now: SystemTime, zone: &Zone) -> Value {
    let registering = zone.links.values().filter(|link| link.registration).count();
    let mut body = json!({
        "id": zone.id,
        "name": zone.name,
        "type": "Microsoft.Network/privateDnsZones",
        "etag": zone.etag.to_string(),
        "location": "global",
        "properties": {
            "maxNumberOfRecordSets": 25_000,
            "maxNumberOfVirtualNetworkLinks": 1_000,
            "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
            "numberOfRecordSets": zone.records.len(),
            "numberOfVirtualNetworkLinks": zone.links.len(),
            "numberOfVirtualNetworkLinksWithRegistration": registering,
            "provisioningState": zone.work.provisioning(now, true),
        },
    });
    if !zone.tags.is_empty() {
        body["tags"] = json!(zone.tags);
    }
    body
}
