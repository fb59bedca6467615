//! `managedZones` and `projects` of Cloud DNS.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::Call;
use super::body::{Fields, check_labels, object};
use super::error::{Answer, ApiError};
use super::link::{Global, NETWORKS, is_name};
use super::name::FullName;
use super::state::GcpState;
use super::time::rfc3339;
use super::zone::{Zone, ZoneSeed};

/// The fields of a zone that the API's document has.
const FIELDS: &[&str] = &[
    "cloudLoggingConfig",
    "creationTime",
    "description",
    "dnsName",
    "dnssecConfig",
    "forwardingConfig",
    "id",
    "kind",
    "labels",
    "name",
    "nameServerSet",
    "nameServers",
    "peeringConfig",
    "privateVisibilityConfig",
    "reverseLookupConfig",
    "serviceDirectoryConfig",
    "visibility",
];

/// A value that Cloud DNS does not take.
pub(super) fn invalid(field: &str, value: &str) -> ApiError {
    ApiError::new(400, "invalid", format!("Invalid value for '{field}': '{value}'"))
}

/// A value that Cloud DNS misses.
pub(super) fn missing(field: &str) -> ApiError {
    ApiError::new(400, "required", format!("The '{field}' parameter is required but was missing."))
}

/// The zone that a path names by its name or its number.
pub(super) fn find<'a>(state: &'a GcpState, call: &Call<'_>) -> Answer<&'a Zone> {
    let name = call.name(0);
    let own = |zone: &&Zone| zone.project == *call.project && zone.made <= call.now;
    let mut zones = state.zones.values().filter(own);
    zones.find(|zone| zone.name == name || zone.id.to_string() == name).ok_or_else(|| unknown(name))
}

/// There is no such zone.
pub(super) fn unknown(name: &str) -> ApiError {
    let message = format!("The 'parameters.managedZone' resource named '{name}' does not exist.");
    ApiError::new(404, "notFound", message)
}

pub(super) fn create(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.managedZones.create")?;
    let body = object(call.request)?;
    let fields = Fields::of("managed_zone", &body, FIELDS)?;
    let name = fields.text("name")?.ok_or_else(|| missing("entity.managedZone.name"))?;
    if !is_name(name) {
        return Err(invalid("entity.managedZone.name", name));
    }
    let text = fields.text("dnsName")?.ok_or_else(|| missing("entity.managedZone.dnsName"))?;
    let apex = FullName::parse(text).filter(|apex| !apex.as_str().starts_with('*'));
    let apex = apex.ok_or_else(|| invalid("entity.managedZone.dnsName", text))?;
    // It may be empty, but it has to be there.
    let description = match fields.get("description") {
        None => return Err(missing("entity.managedZone.description")),
        Some(_) => fields.text("description")?.unwrap_or_default().to_owned(),
    };
    let labels = fields.labels("labels")?.unwrap_or_default();
    check_labels("entity.managedZone.labels", &labels)?;
    let private = match fields.text("visibility")? {
        None | Some("public") => false,
        Some("private") => true,
        Some(other) => return Err(invalid("entity.managedZone.visibility", other)),
    };
    for other in ["forwardingConfig", "peeringConfig", "reverseLookupConfig", "serviceDirectoryConfig"] {
        if fields.get(other).is_some() {
            return Err(invalid(&format!("entity.managedZone.{other}"), "this world has zones with records only"));
        }
    }
    let networks = networks(state, call, &fields)?.unwrap_or_default();
    if !private && !networks.is_empty() {
        return Err(invalid("entity.managedZone.privateVisibilityConfig", "a public zone is visible to all"));
    }
    if state.zones.contains_key(&(call.project.clone(), name.to_owned())) {
        return Err(ApiError::new(
            409,
            "alreadyExists",
            format!("The resource 'entity.managedZone' named '{name}' already exists"),
        ));
    }
    taken(state, None, &apex, &networks)?;
    let limit = state.behaviour.zone_quota;
    if state.zones.values().filter(|zone| zone.project == *call.project).count() >= limit {
        let message = format!("The number of managed zones in the project exceeds the limit of {limit}.");
        return Err(ApiError::new(403, "quotaExceeded", message));
    }
    let id = state.ids.number();
    let seed = ZoneSeed {
        project: call.project.clone(),
        name: name.to_owned(),
        id,
        apex,
        description,
        private,
        labels,
        networks,
        namespace: None,
    };
    let zone = Zone::new(seed, call.now, call.now + state.behaviour.dns_pending);
    let shown = zone.render();
    state.zones.insert((call.project.clone(), name.to_owned()), zone);
    Ok(shown)
}

/// The networks that a zone is to be visible to; none when the request says nothing.
fn networks(state: &GcpState, call: &Call<'_>, fields: &Fields<'_>) -> Answer<Option<BTreeSet<Global>>> {
    let Some(config) = fields.map("privateVisibilityConfig")? else { return Ok(None) };
    let config = Fields::of("managed_zone.private_visibility_config", config, &["kind", "gkeClusters", "networks"])?;
    let mut found = BTreeSet::new();
    for (n, entry) in config.list("networks")?.unwrap_or_default().iter().enumerate() {
        let field = format!("entity.managedZone.privateVisibilityConfig.networks[{n}].networkUrl");
        let empty = Map::new();
        let entry = entry.as_object().unwrap_or(&empty);
        let entry = Fields::of("managed_zone.private_visibility_config.networks", entry, &["kind", "networkUrl"])?;
        let url = entry.text("networkUrl")?.ok_or_else(|| missing(&field))?;
        // Fully qualified: Cloud DNS does not complete it by the caller's project.
        let network = Global::parse(url, NETWORKS, None).filter(|_| url.starts_with("http"));
        let network = network.ok_or_else(|| invalid(&field, url))?;
        if !call.caller.may(&network.project, "dns.networks.bindPrivateDNSZone") {
            return Err(ApiError::new(403, "forbidden", "Forbidden"));
        }
        if !state.networks.contains_key(&network) {
            return Err(invalid(&field, url));
        }
        found.insert(network);
    }
    Ok(Some(found))
}

/// Refuses a zone whose name another one has that a network of it sees.
fn taken(state: &GcpState, own: Option<u64>, apex: &FullName, networks: &BTreeSet<Global>) -> Answer<()> {
    let other = state.zones.values().filter(|zone| zone.private && zone.apex == *apex && Some(zone.id) != own);
    match other
        .flat_map(|zone| zone.content.networks.iter().map(move |network| (zone, network)))
        .find(|(_, network)| networks.contains(network))
    {
        None => Ok(()),
        Some((zone, network)) => Err(ApiError::new(
            400,
            "invalid",
            format!(
                "Invalid value for 'entity.managedZone.privateVisibilityConfig.networks': '{}'. The network already sees \
                 the zone '{}' of the project '{}' with the name '{apex}'.",
                network.url(),
                zone.name,
                zone.project
            ),
        )),
    }
}

pub(super) fn get(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.managedZones.get")?;
    find(state, call).map(Zone::render)
}

pub(super) fn list(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.managedZones.list")?;
    let wanted = call.parameter("dnsName").filter(|name| !name.is_empty());
    let zones: Vec<Value> = state
        .zones
        .values()
        .filter(|zone| zone.project == *call.project && zone.made <= call.now)
        .filter(|zone| wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(zone.apex.as_str())))
        .map(Zone::render)
        .collect();
    page(call, "dns#managedZonesListResponse", "managedZones", zones, |zone| text(zone, "name"))
}

/// One page of a list of Cloud DNS; the token names the last one given out.
pub(super) fn page(
    call: &Call<'_>,
    kind: &str,
    field: &str,
    mut items: Vec<Value>,
    key: impl Fn(&Value) -> String,
) -> Answer<Value> {
    const MOST: usize = 1000;
    let most = match call.parameter("maxResults") {
        None => MOST,
        Some(text) => match text.parse::<usize>() {
            Ok(most @ 1..) => most.min(MOST),
            _ => return Err(invalid("parameters.maxResults", &text)),
        },
    };
    if let Some(token) = call.parameter("pageToken").filter(|token| !token.is_empty()) {
        let Some(last) = token.strip_prefix("after-").map(str::to_owned) else {
            return Err(invalid("parameters.pageToken", &token));
        };
        items.retain(|item| key(item) > last);
    }
    items.sort_by_key(&key);
    let more = items.len() > most;
    items.truncate(most);
    let mut out = Map::new();
    out.insert("kind".to_owned(), json!(kind));
    if more && let Some(last) = items.last() {
        out.insert("nextPageToken".to_owned(), json!(format!("after-{}", key(last))));
    }
    out.insert(field.to_owned(), json!(items));
    Ok(Value::Object(out))
}

pub(super) fn text(item: &Value, name: &str) -> String {
    item[name].as_str().unwrap_or_default().to_owned()
}

pub(super) fn patch(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.managedZones.update")?;
    let zone = find(state, call)?;
    let (key, old) = ((zone.project.clone(), zone.name.clone()), zone.render());
    let body = object(call.request)?;
    let fields = Fields::of("managed_zone", &body, FIELDS)?;
    for name in ["name", "dnsName", "visibility", "id"] {
        if fields.get(name).is_some_and(|value| *value != old[name]) {
            let message = format!("The field 'entity.managedZone.{name}' cannot be modified.");
            return Err(ApiError::new(400, "invalid", message));
        }
    }
    let labels = fields.labels("labels")?;
    if let Some(labels) = &labels {
        check_labels("entity.managedZone.labels", labels)?;
    }
    let description = match fields.get("description") {
        None => None,
        Some(_) => Some(fields.text("description")?.unwrap_or_default().to_owned()),
    };
    let networks = networks(state, call, &fields)?;
    if let Some(networks) = &networks {
        if !zone.private {
            return Err(invalid("entity.managedZone.privateVisibilityConfig", "a public zone is visible to all"));
        }
        taken(state, Some(zone.id), &zone.apex, networks)?;
    }
    let done = call.now + state.behaviour.dns_pending;
    let id = state.ids.hex("dns operation");
    let zone = state.zones.get_mut(&key).ok_or_else(|| unknown(&key.1))?;
    if let Some(description) = description {
        zone.description = description;
    }
    if let Some(labels) = labels {
        zone.labels = labels;
    }
    if let Some(networks) = networks {
        zone.content.networks = networks;
        zone.publish(done);
    }
    Ok(json!({
        "kind": "dns#operation",
        "id": &id[..32],
        "startTime": rfc3339(call.now),
        "status": if done > call.now { "pending" } else { "done" },
        "type": "update",
        "user": call.caller.principal,
        "zoneContext": { "oldValue": old, "newValue": zone.render() },
    }))
}

/// Answers nothing, with status 204.
pub(super) fn delete(state: &mut GcpState, call: &Call<'_>) -> Answer<StatusCode> {
    call.require_dns("dns.managedZones.delete")?;
    let zone = find(state, call)?;
    if zone.has_records() {
        return Err(ApiError::new(
            400,
            "containerNotEmpty",
            format!(
                "The resource named '{}' cannot be deleted because it contains one or more 'resource records'.",
                zone.name
            ),
        ));
    }
    let key = (zone.project.clone(), zone.name.clone());
    state.changes.retain(|(project, name, _), _| (project, name) != (&key.0, &key.1));
    state.zones.remove(&key);
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn project(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.projects.get")?;
    let number = state.projects.get(call.project).map(|project| project.number.to_string());
    Ok(json!({
        "kind": "dns#project",
        "id": call.project.as_str(),
        "number": number,
        "quota": {
            "kind": "dns#quota",
            "managedZones": state.behaviour.zone_quota,
            "managedZonesPerNetwork": 10_000,
            "networksPerManagedZone": 100,
            "resourceRecordsPerRrset": 100,
            "rrsetsPerManagedZone": 10_000,
            "rrsetAdditionsPerChange": 1000,
            "rrsetDeletionsPerChange": 1000,
            "totalRrdataSizePerChange": 100_000,
        },
    }))
}
