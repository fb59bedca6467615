//! What the API answers about organizations.

use std::time::SystemTime;

use bytes::Bytes;
use jiff::Timestamp;
use privlink_core::{CloudProvider, Region};
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{Answer, Refusal};
use super::body::{self, Body, Change};
use super::credential::Caller;
use super::model::{Registration, same_id};
use super::switches::{IdCase, OnAbsent, OnAttached};
use super::{ClickHouseState, render};

const MOST_PER_PAGE: usize = 250;

pub(super) fn whoami(state: &ClickHouseState, caller: &Caller) -> Answer {
    Answer::Result(match caller {
        Caller::Key(key) => json!({
            "actorType": "apiKey",
            "keyId": key.id,
            "name": key.name,
            "organizationId": key.organization.to_string(),
        }),
        Caller::User(user) => {
            let organizations: Vec<Value> = user
                .organizations
                .iter()
                .filter_map(|id| Some((id, state.organizations.get(id)?)))
                .map(|(id, organization)| json!({ "id": id.to_string(), "name": organization.name }))
                .collect();
            json!({
                "actorType": "user",
                "userId": user.id.to_string(),
                "email": user.email,
                "name": user.email,
                "organizations": organizations,
            })
        }
    })
}

pub(super) fn list(state: &ClickHouseState, caller: &Caller, query: &[(String, String)]) -> Result<Answer, Refusal> {
    let limit = match query.iter().find(|(name, _)| name == "limit") {
        None => MOST_PER_PAGE,
        Some((_, text)) => match text.parse() {
            Ok(limit) if (1..=MOST_PER_PAGE).contains(&limit) => limit,
            _ => return Err(Refusal::bad_request("limit must be a number from 1 to 250")),
        },
    };
    let start = match query.iter().find(|(name, _)| name == "cursor") {
        None => 0,
        Some((_, text)) => text
            .strip_prefix("after-")
            .and_then(|text| text.parse::<usize>().ok())
            .ok_or_else(|| Refusal::bad_request("cursor is not one that was handed out"))?,
    };
    let all = caller.organizations();
    let items: Vec<Value> = all
        .iter()
        .skip(start)
        .take(limit)
        .filter_map(|id| Some(render::organization(state, *id, state.organizations.get(id)?)))
        .collect();
    let next = (start + limit < all.len()).then(|| format!("after-{}", start + limit));
    Ok(Answer::Page { items, limit, next })
}

pub(super) fn get(state: &ClickHouseState, id: Uuid) -> Result<Answer, Refusal> {
    let organization = state.organizations.get(&id).ok_or_else(|| Refusal::not_found("organization not found"))?;
    Ok(Answer::Result(render::organization(state, id, organization)))
}

pub(super) fn update(
    state: &mut ClickHouseState,
    now: SystemTime,
    caller: &Caller,
    id: Uuid,
    request: &http::Request<Bytes>,
) -> Result<Answer, Refusal> {
    let json = body::parse(request)?;
    let body = Body::root(&json, state.switches.unknown_request_fields)?.only(&[
        "name",
        "privateEndpoints",
        "enableCoreDumps",
    ])?;
    let name = body.text("name")?.map(str::to_owned);
    let core_dumps = body.flag("enableCoreDumps")?;
    let change = body.change("privateEndpoints", registrations)?;
    let touches_endpoints = change.is_some();
    let Change { add, remove } = change.unwrap_or_default();

    // Judge everything before changing anything: a refused request has no effect.
    let organization = state.organizations.get(&id).ok_or_else(|| Refusal::not_found("organization not found"))?;
    let mut known = organization.registrations.clone();
    let mut detach = Vec::new();
    for gone in &remove {
        let insensitive = gone.provider == CloudProvider::Azure && state.switches.azure_id_case == IdCase::Insensitive;
        let is_gone = |known: &Registration| {
            same_id(&known.id, &gone.id, insensitive) && known.provider == gone.provider && known.region == gone.region
        };
        if !known.iter().any(is_gone) {
            if state.switches.remove_absent == OnAbsent::Reject400 {
                return Err(Refusal::bad_request(format!("private endpoint {} is not registered", gone.id)));
            }
            continue;
        }
        let attached = state
            .services
            .values()
            .any(|service| service.organization == id && service.attached(&gone.id, insensitive));
        if attached {
            if state.switches.organization_remove_while_attached == OnAttached::Reject400 {
                return Err(Refusal::bad_request(format!("private endpoint {} is still used by a service", gone.id)));
            }
            detach.push((gone.id.clone(), insensitive));
        }
        known.retain(|known| !is_gone(known));
    }
    for new in add {
        if known.iter().any(|known| known.id == new.id) {
            return Err(Refusal::bad_request(format!("private endpoint {} is registered already", new.id)));
        }
        known.push(new);
    }

    for service in state.services.values_mut().filter(|service| service.organization == id) {
        service
            .endpoints
            .retain(|attached| !detach.iter().any(|(gone, insensitive)| same_id(&attached.id, gone, *insensitive)));
    }
    if let Some(organization) = state.organizations.get_mut(&id) {
        organization.registrations = known;
        if let Some(name) = name.filter(|name| *name != organization.name) {
            organization.name = name;
        }
        organization.core_dumps = core_dumps.unwrap_or(organization.core_dumps);
    }
    if touches_endpoints {
        state.note(now, "organization_update_private_endpoints", caller, id, None);
    }
    get(state, id)
}

fn registrations(body: &Body<'_>, field: &str) -> Result<Vec<Registration>, Refusal> {
    let Some(objects) = body.objects(field)? else { return Ok(Vec::new()) };
    objects
        .into_iter()
        .map(|object| {
            let object = object.only(&["id", "description", "cloudProvider", "region"])?;
            let provider = object.one_of("cloudProvider", &["aws", "gcp", "azure"])?;
            let provider = provider.and_then(|provider| provider.parse().ok());
            Ok(Registration {
                id: object.required_text("id")?.to_owned(),
                description: object.text("description")?.unwrap_or_default().to_owned(),
                provider: provider.ok_or_else(|| object.missing("cloudProvider"))?,
                region: region(&object)?,
            })
        })
        .collect()
}

/// The region of a body; the document's list is incomplete, so any well-formed region is taken.
pub(super) fn region(body: &Body<'_>) -> Result<Region, Refusal> {
    body.required_text("region")?.parse().map_err(|_| body.refuse("region", "is not a region"))
}

/// The deprecated look-up by region: it needs a service there.
pub(super) fn endpoint_config(
    state: &ClickHouseState,
    id: Uuid,
    query: &[(String, String)],
) -> Result<Answer, Refusal> {
    let wanted = |name: &str| {
        let found = query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty()).ok_or_else(|| Refusal::bad_request(format!("{name} is required")))
    };
    let (provider, region) = (wanted("cloud_provider")?, wanted("region_id")?);
    let service = state.services.values().find(|service| {
        service.organization == id && service.provider.as_str() == provider && service.region.as_str() == region
    });
    let Some(service) = service else {
        return Err(Refusal::bad_request(format!("organization has no created instances in {provider} {region}")));
    };
    state.private_endpoints_allowed(id)?;
    Ok(Answer::Result(json!({ "endpointServiceId": state.endpoint_service(service) })))
}

pub(super) fn activities(state: &ClickHouseState, id: Uuid, query: &[(String, String)]) -> Result<Answer, Refusal> {
    let moment = |name: &str| match query.iter().find(|(known, _)| known == name) {
        None => Ok(None),
        Some((_, text)) => match text.parse::<Timestamp>() {
            Ok(time) => Ok(Some(SystemTime::from(time))),
            Err(_) => Err(Refusal::bad_request(format!("{name} must be a date and time"))),
        },
    };
    let (from, to) = (moment("from_date")?, moment("to_date")?);
    let found: Vec<Value> = state
        .activities
        .iter()
        .filter(|activity| activity.organization == id)
        .filter(|activity| from.is_none_or(|from| activity.at >= from) && to.is_none_or(|to| activity.at <= to))
        .map(render::activity)
        .collect();
    Ok(Answer::Result(found.into()))
}
