//! Links of zones to virtual networks.

use std::time::SystemTime;

use bytes::Bytes;
use serde_json::{Value, json};

use super::super::body::{self, Fields};
use super::super::error::{Answer, ApiError};
use super::super::network::endpoint::busy;
use super::super::state::AzureState;
use super::super::work::{End, Verb};
use super::super::zone::Link;
use super::super::{Call, Reply};
use super::zone::{accepted, deleted};
use super::{check_conditions, check_location};

pub(in super::super) fn get(state: &mut AzureState, call: &Call<'_>) -> Answer<Reply> {
    let (zone, id) = (call.route.parent()?, call.route.id()?);
    let zone = state.zones.get_mut(&zone).ok_or_else(|| missing_parent(call))?;
    let link = zone.links.get_mut(&id).ok_or_else(|| call.route.not_found())?;
    if link.unseen > 0 {
        link.unseen -= 1;
        return Err(call.route.not_found());
    }
    Ok(Reply::json(200, state.render(call, &id)))
}

pub(in super::super) fn list(state: &mut AzureState, call: &Call<'_>) -> Answer<Reply> {
    let zone = state.zones.get(&call.route.parent()?).ok_or_else(|| missing_parent(call))?;
    let items = zone.links.values().filter(|link| link.unseen == 0).map(|link| render(call.now, link)).collect();
    Ok(call.page(state, items))
}

pub(in super::super) fn put(state: &mut AzureState, call: &Call<'_>, request: &http::Request<Bytes>) -> Answer<Reply> {
    let (zone_id, id) = (call.route.parent()?, call.route.id()?);
    let json = body::parse(request)?;
    let root = Fields::root(&json)?.only(&["id", "name", "type", "etag", "location", "tags", "properties"])?;
    check_location(root.text("location")?, "Microsoft.Network/privateDnsZones/virtualNetworkLinks")?;
    let tags = body::tags(&root)?;
    let missing = |what: &str| ApiError::bad("BadRequest", format!("The required property '{what}' is missing."));
    let properties = root.object("properties")?.ok_or_else(|| missing("properties"))?.only(&[
        "virtualNetwork",
        "registrationEnabled",
        "resolutionPolicy",
        "virtualNetworkLinkState",
        "provisioningState",
    ])?;
    let vnet = properties.reference("virtualNetwork")?.ok_or_else(|| missing("properties.virtualNetwork"))?;
    let registration = properties.flag("registrationEnabled")?.unwrap_or(false);
    let policy = properties.text("resolutionPolicy")?.map(str::to_owned);
    if policy.as_deref().is_some_and(|policy| !["Default", "NxDomainRedirect"].contains(&policy)) {
        return Err(ApiError::bad("BadRequest", "resolutionPolicy must be Default or NxDomainRedirect."));
    }
    call.require_linked("Microsoft.Network/virtualNetworks/join/action", vnet.as_str())?;
    let vnet = state
        .vnets
        .get(&vnet)
        .map(|known| known.id.clone())
        .ok_or_else(|| ApiError::reference(vnet.as_str(), id.as_str()))?;
    let zone = state.zones.get(&zone_id).ok_or_else(|| missing_parent(call))?;
    check_conditions(request, zone.links.get(&id).map(|link| link.etag))?;
    let other = state.zones.values().filter(|other| other.name == zone.name).flat_map(|other| other.links.values());
    if let Some(other) = other.into_iter().find(|link| link.id != id && link.vnet == vnet) {
        return Err(ApiError::new(
            409,
            "Conflict",
            format!(
                "A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link \
                 virtual network with '{}' and '{}' zones.",
                zone.id,
                other.id.parent().map(|zone| zone.to_string()).unwrap_or_default()
            ),
        ));
    }
    let known = zone.links.get(&id).cloned();
    let (verb, status) = match &known {
        Some(link) if link.work.runs(call.now) => return Err(busy(&id)),
        Some(link) if link.vnet != vnet => {
            return Err(ApiError::bad("BadRequest", "The virtual network of a link cannot be changed."));
        }
        Some(link)
            if link.work.end == End::Done
                && (link.registration, &link.policy, &link.tags) == (registration, &policy, &tags) =>
        {
            return Ok(Reply::json(200, state.render(call, &id)));
        }
        Some(link) if link.work.verb != Verb::Create || link.work.end == End::Done => (Verb::Update, 200),
        _ => (Verb::Create, 201),
    };
    let (work, etag) = (state.begin(call, &id, verb), state.ids.guid());
    let unseen = if verb == Verb::Create { state.behaviour.unseen_reads } else { 0 };
    let link = Link { id: id.clone(), vnet, registration, policy, tags, etag, work: work.clone(), unseen };
    if let Some(zone) = state.zones.get_mut(&zone_id) {
        zone.links.insert(id.clone(), link);
    }
    Ok(accepted(state, call, &id, &work, status))
}

pub(in super::super) fn delete(
    state: &mut AzureState,
    call: &Call<'_>,
    request: &http::Request<Bytes>,
) -> Answer<Reply> {
    let (zone_id, id) = (call.route.parent()?, call.route.id()?);
    let Some(link) = state.zones.get(&zone_id).and_then(|zone| zone.links.get(&id)) else {
        return Ok(Reply::empty(204));
    };
    check_conditions(request, Some(link.etag))?;
    let running = link.work.clone();
    if running.runs(call.now) && running.verb != Verb::Delete {
        return Err(busy(&id));
    }
    let work = if running.runs(call.now) { running } else { state.begin(call, &id, Verb::Delete) };
    if let Some(link) = state.zones.get_mut(&zone_id).and_then(|zone| zone.links.get_mut(&id)) {
        link.work = work.clone();
    }
    Ok(deleted(state, call, &work))
}

/// The zone that something is asked of is not there.
pub(super) fn missing_parent(call: &Call<'_>) -> ApiError {
    let name = call.route.names.first().map_or("", String::as_str);
    ApiError::new(
        404,
        "ParentResourceNotFound",
        format!(
            "Failed to perform '{}' on resource(s) of type '{}', because the parent resource '/subscriptions/{}\
             /resourceGroups/{}/providers/Microsoft.Network/privateDnsZones/{name}' could not be found.",
            call.action().rsplit('/').next().unwrap_or_default(),
            call.route.resource_type().trim_start_matches("Microsoft.Network/"),
            call.route.subscription,
            call.route.group
        ),
    )
}

/// The body of a link.
pub(in super::super) fn render(now: SystemTime, link: &Link) -> Value {
    let mut properties = json!({
        "virtualNetwork": { "id": link.vnet },
        "registrationEnabled": link.registration,
        "virtualNetworkLinkState": if link.work.stands(now) { "Completed" } else { "InProgress" },
        "provisioningState": link.work.provisioning(now, true),
    });
    if let Some(policy) = &link.policy {
        properties["resolutionPolicy"] = policy.as_str().into();
    }
    let mut body = json!({
        "id": link.id,
        "name": link.id.name(),
        "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        "etag": link.etag.to_string(),
        "location": "global",
        "properties": properties,
    });
    if !link.tags.is_empty() {
        body["tags"] = json!(link.tags);
    }
    body
}
