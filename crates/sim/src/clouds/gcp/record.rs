//! `resourceRecordSets` and `changes` of Cloud DNS.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Map, Value, json};

use super::Call;
use super::body::{Fields, object};
use super::error::{Answer, ApiError};
use super::managed::{find, invalid, missing, page, text, unknown};
use super::name::FullName;
use super::state::GcpState;
use super::zone::{Change, Record, Zone};

/// The fields of a set of records that the API's document has.
const FIELDS: &[&str] = &["kind", "name", "routingPolicy", "rrdatas", "signatureRrdatas", "ttl", "type"];

/// The types that a zone may hold here.
const TYPES: &[&str] = &["A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "NS", "PTR", "SOA", "SRV", "SVCB", "TXT"];

type Key = (FullName, String);

pub(super) fn create(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.resourceRecordSets.create")?;
    let zone = find(state, call)?;
    let body = object(call.request)?;
    let (key, record) = read(zone, "entity.rrset", "resource_record_set", &body, None)?;
    let mut records = zone.content.records.clone();
    add(zone, &mut records, "entity.rrset", &key, &record)?;
    let shown = record.render(&key.0, &key.1);
    write(state, call, records, vec![shown.clone()], Vec::new())?;
    Ok(shown)
}

pub(super) fn get(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.resourceRecordSets.get")?;
    let zone = find(state, call)?;
    let (key, record) = present(zone, call)?;
    Ok(record.render(&key.0, &key.1))
}

pub(super) fn list(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.resourceRecordSets.list")?;
    let zone = find(state, call)?;
    let name = call.parameter("name").filter(|name| !name.is_empty());
    let kind = call.parameter("type").filter(|kind| !kind.is_empty());
    if kind.is_some() && name.is_none() {
        return Err(missing("parameters.name"));
    }
    let records = zone
        .content
        .records
        .iter()
        .filter(|((own, _), _)| name.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(own.as_str())))
        .filter(|((_, own), _)| kind.as_ref().is_none_or(|kind| kind == own))
        .map(|((name, kind), record)| record.render(name, kind))
        .collect();
    let key = |record: &Value| format!("{} {}", text(record, "name"), text(record, "type"));
    page(call, "dns#resourceRecordSetsListResponse", "rrsets", records, key)
}

pub(super) fn patch(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.resourceRecordSets.update")?;
    let zone = find(state, call)?;
    let (key, old) = present(zone, call)?;
    let body = object(call.request)?;
    let (wanted, record) = read(zone, "entity.rrset", "resource_record_set", &body, Some((&key, &old)))?;
    let mut records = zone.content.records.clone();
    if wanted != key {
        fixed(zone, &key)?;
    }
    records.remove(&key);
    add(zone, &mut records, "entity.rrset", &wanted, &record)?;
    let shown = record.render(&wanted.0, &wanted.1);
    write(state, call, records, vec![shown.clone()], vec![old.render(&key.0, &key.1)])?;
    Ok(shown)
}

pub(super) fn delete(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.resourceRecordSets.delete")?;
    let zone = find(state, call)?;
    let (key, old) = present(zone, call)?;
    fixed(zone, &key)?;
    let mut records = zone.content.records.clone();
    records.remove(&key);
    write(state, call, records, Vec::new(), vec![old.render(&key.0, &key.1)])?;
    Ok(json!({}))
}

pub(super) fn change(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.changes.create")?;
    let zone = find(state, call)?;
    let body = object(call.request)?;
    let known = ["kind", "id", "startTime", "status", "isServing", "additions", "deletions"];
    let fields = Fields::of("change", &body, &known)?;
    let empty = Map::new();
    let mut records = zone.content.records.clone();
    let (mut additions, mut deletions) = (Vec::new(), Vec::new());
    for (n, entry) in fields.list("deletions")?.unwrap_or_default().iter().enumerate() {
        let place = format!("entity.change.deletions[{n}]");
        let (key, record) = read(zone, &place, "change.deletions", entry.as_object().unwrap_or(&empty), None)?;
        call.require_dns("dns.resourceRecordSets.delete")?;
        match records.remove(&key) {
            Some(present) if present.same(&record) => deletions.push((key, record)),
            _ => return Err(ApiError::new(412, "conditionNotMet", format!("Precondition not met for '{place}'"))),
        }
    }
    for (n, entry) in fields.list("additions")?.unwrap_or_default().iter().enumerate() {
        let place = format!("entity.change.additions[{n}]");
        let (key, record) = read(zone, &place, "change.additions", entry.as_object().unwrap_or(&empty), None)?;
        call.require_dns("dns.resourceRecordSets.create")?;
        add(zone, &mut records, &place, &key, &record)?;
        additions.push((key, record));
    }
    if additions.is_empty() && deletions.is_empty() {
        return Err(missing("entity.change"));
    }
    for (key, _) in &deletions {
        if !records.contains_key(key) {
            fixed(zone, key)?;
        }
    }
    let shown = |list: &[(Key, Record)]| list.iter().map(|(key, record)| record.render(&key.0, &key.1)).collect();
    let (additions, deletions) = (shown(&additions), shown(&deletions));
    write(state, call, records, additions, deletions)
}

pub(super) fn get_change(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.changes.get")?;
    let zone = find(state, call)?;
    let key = (zone.project.clone(), zone.name.clone(), call.name(1).to_owned());
    match state.changes.get(&key) {
        Some(change) => Ok(change.render(call.now)),
        None => {
            let message = format!("The 'parameters.changeId' resource named '{}' does not exist.", call.name(1));
            Err(ApiError::new(404, "notFound", message))
        }
    }
}

pub(super) fn list_changes(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    call.require_dns("dns.changes.list")?;
    let zone = find(state, call)?;
    let own = |key: &&(privlink_core::ProjectId, String, String)| (&key.0, &key.1) == (&zone.project, &zone.name);
    let keys = state.changes.keys().filter(own);
    let changes = keys.filter_map(|key| state.changes.get(key)).map(|change| change.render(call.now)).collect();
    // By number, not by text.
    page(call, "dns#changesListResponse", "changes", changes, |change| format!("{:0>20}", text(change, "id")))
}

/// Reads a set of records; of a patch, what it leaves out is as it was.
fn read(
    zone: &Zone,
    place: &str,
    message: &str,
    map: &Map<String, Value>,
    old: Option<(&Key, &Record)>,
) -> Answer<(Key, Record)> {
    let fields = Fields::of(message, map, FIELDS)?;
    let at = |name: &str| format!("{place}.{name}");
    let name = match (fields.text("name")?, old) {
        (Some(text), _) => FullName::parse(text).ok_or_else(|| invalid(&at("name"), text))?,
        (None, Some((key, _))) => key.0.clone(),
        (None, None) => return Err(missing(&at("name"))),
    };
    if !name.is_within(&zone.apex) {
        return Err(invalid(&at("name"), name.as_str()));
    }
    let kind = match (fields.text("type")?, old) {
        (Some(kind), _) if TYPES.contains(&kind) => kind.to_owned(),
        (Some(other), _) => return Err(invalid(&at("type"), other)),
        (None, Some((key, _))) => key.1.clone(),
        (None, None) => return Err(missing(&at("type"))),
    };
    let ttl = match (fields.number("ttl")?, old) {
        (Some(ttl @ 0..=2_147_483_647), _) => ttl,
        (Some(other), _) => return Err(invalid(&at("ttl"), &other.to_string())),
        (None, Some((_, record))) => record.ttl,
        (None, None) => return Err(missing(&at("ttl"))),
    };
    if fields.get("routingPolicy").is_some() {
        return Err(invalid(&at("routingPolicy"), "this world has plain records only"));
    }
    let data = match (fields.texts("rrdatas")?, old) {
        (Some(data), _) if !data.is_empty() => data,
        (None, Some((_, record))) => record.data.clone(),
        _ => return Err(missing(&at("rrdata"))),
    };
    for (n, value) in data.iter().enumerate() {
        let fits = match kind.as_str() {
            "A" => value.parse::<Ipv4Addr>().is_ok(),
            "AAAA" => value.parse::<Ipv6Addr>().is_ok(),
            "CNAME" | "NS" | "PTR" => FullName::parse(value).is_some(),
            _ => !value.is_empty(),
        };
        if !fits || (kind == "CNAME" && data.len() > 1) {
            return Err(invalid(&at(&format!("rrdata[{n}]")), value));
        }
    }
    Ok(((name, kind), Record { ttl, data }))
}

/// Adds a set of records where there is none yet.
fn add(zone: &Zone, records: &mut BTreeMap<Key, Record>, place: &str, key: &Key, record: &Record) -> Answer<()> {
    let (name, kind) = key;
    if zone.namespace.is_some() {
        return Err(ApiError::new(
            400,
            "invalid",
            format!("The zone '{}' is backed by Service Directory; its records cannot be changed.", zone.name),
        ));
    }
    if records.contains_key(key) {
        let message = format!("The resource '{place}' named '{name} ({kind})' already exists");
        return Err(ApiError::new(409, "alreadyExists", message));
    }
    let neighbours = records.keys().filter(|(own, _)| own == name);
    if neighbours.into_iter().any(|(_, own)| own == "CNAME" || kind == "CNAME") {
        return Err(ApiError::new(
            400,
            "cnameResourceRecordSetConflict",
            format!(
                "The resource record set '{place}' is invalid because the DNS name '{name}' may have either one CNAME \
                 resource record set or resource record sets of other types, but not both."
            ),
        ));
    }
    records.insert(key.clone(), record.clone());
    Ok(())
}

/// Refuses to take away what every zone has.
fn fixed(zone: &Zone, key: &Key) -> Answer<()> {
    if key.0 == zone.apex && matches!(key.1.as_str(), "NS" | "SOA") {
        let message = format!("The resource record set '{} ({})' of the zone's apex cannot be deleted.", key.0, key.1);
        return Err(ApiError::new(400, "invalidZoneApex", message));
    }
    Ok(())
}

/// The set of records that a path names.
fn present(zone: &Zone, call: &Call<'_>) -> Answer<(Key, Record)> {
    let (name, kind) = (call.name(1), call.name(2));
    let key = FullName::of(name).map(|name| (name, kind.to_owned()));
    let found = key.and_then(|key| zone.content.records.get(&key).map(|record| (key.clone(), record.clone())));
    found.ok_or_else(|| {
        ApiError::new(
            404,
            "notFound",
            format!("The 'parameters.name' resource named '{name} ({kind})' does not exist."),
        )
    })
}

/// Puts records in place of those of the zone, as one change; gives the change.
fn write(
    state: &mut GcpState,
    call: &Call<'_>,
    records: BTreeMap<Key, Record>,
    additions: Vec<Value>,
    deletions: Vec<Value>,
) -> Answer<Value> {
    let zone = find(state, call)?;
    let key = (zone.project.clone(), zone.name.clone());
    let done = call.now + state.behaviour.dns_pending;
    let zone = state.zones.get_mut(&key).ok_or_else(|| unknown(&key.1))?;
    zone.content.records = records;
    zone.publish(done);
    zone.changes += 1;
    let id = zone.changes;
    let change = Change { id: id.to_string(), additions, deletions, began: call.now, done };
    let shown = change.render(call.now);
    state.changes.insert((key.0, key.1, id.to_string()), change);
    Ok(shown)
}
