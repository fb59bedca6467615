//! Record sets.

use bytes::Bytes;
use serde_json::{Value, json};

use super::super::body::{self, Fields};
use super::super::error::{Answer, ApiError};
use super::super::state::AzureState;
use super::super::zone::{Data, RecordSet, Zone};
use super::super::{Call, Reply};
use super::check_conditions;
use super::link::missing_parent;

/// The most metadata entries of a record set (Microsoft Learn, "Azure DNS FAQ", by hearsay).
const MOST_METADATA: usize = 10;

pub(in super::super) fn get(state: &AzureState, call: &Call<'_>) -> Answer<Reply> {
    let zone = state.zones.get(&call.route.parent()?).ok_or_else(|| missing_parent(call))?;
    let key = key(call);
    let set = zone.records.get(&key).ok_or_else(|| call.route.not_found())?;
    Ok(Reply::json(200, render(zone, &key, set)))
}

pub(in super::super) fn list(state: &AzureState, call: &Call<'_>) -> Answer<Reply> {
    let zone = state.zones.get(&call.route.parent()?).ok_or_else(|| missing_parent(call))?;
    let kind = call.route.record_type();
    let suffix = call.parameter("$recordsetnamesuffix").unwrap_or_default().to_ascii_lowercase();
    let here = |(name, own): &(String, &'static str)| (kind == "ALL" || kind == *own) && name.ends_with(&suffix);
    let items = zone.records.iter().filter(|(key, _)| here(key));
    let items = items.map(|(key, set)| render(zone, key, set)).collect();
    Ok(call.page(state, items))
}

pub(in super::super) fn put(state: &mut AzureState, call: &Call<'_>, request: &http::Request<Bytes>) -> Answer<Reply> {
    let (zone_id, key) = (call.route.parent()?, key(call));
    let json = body::parse(request)?;
    let root = Fields::root(&json)?.only(&["id", "name", "type", "etag", "properties"])?;
    let (name, kind) = (key.0.as_str(), key.1);
    if kind == "SOA" || !valid(name) {
        return Err(ApiError::bad("BadRequest", format!("The record set '{name}' of type {kind} cannot be written.")));
    }
    let etag = state.ids.guid();
    let zone = state.zones.get_mut(&zone_id).filter(|zone| zone.work.stands(call.now));
    let zone = zone.ok_or_else(|| missing_parent(call))?;
    let known = zone.records.get(&key);
    check_conditions(request, known.map(|set| set.etag))?;
    if *call.method == http::Method::PATCH && known.is_none() {
        return Err(call.route.not_found());
    }
    let older = known.filter(|_| *call.method == http::Method::PATCH);
    let set = read(&root, kind, etag, older)?;
    let rivals = zone.records.keys().filter(|(other, own)| other == name && *own != kind);
    if rivals.into_iter().any(|(_, own)| kind == "CNAME" || *own == "CNAME") {
        let text = format!("The CNAME record set '{name}' cannot stand beside other record sets of its name.");
        return Err(ApiError::new(409, "Conflict", text));
    }
    let status = if known.is_some() { 200 } else { 201 };
    zone.records.insert(key.clone(), set.clone());
    Ok(Reply::json(status, render(zone, &key, &set)))
}

pub(in super::super) fn delete(
    state: &mut AzureState,
    call: &Call<'_>,
    request: &http::Request<Bytes>,
) -> Answer<Reply> {
    let (zone_id, key) = (call.route.parent()?, key(call));
    let Some(zone) = state.zones.get_mut(&zone_id) else { return Ok(Reply::empty(204)) };
    let Some(set) = zone.records.get(&key) else { return Ok(Reply::empty(204)) };
    check_conditions(request, Some(set.etag))?;
    if set.data == Data::Soa {
        return Err(ApiError::bad("BadRequest", "The SOA record set cannot be deleted."));
    }
    zone.records.remove(&key);
    Ok(Reply::empty(200))
}

fn key(call: &Call<'_>) -> (String, &'static str) {
    (call.route.name().to_ascii_lowercase(), call.route.record_type())
}

/// Whether this is the apex, a wildcard, or labels with perhaps a wildcard in front.
fn valid(name: &str) -> bool {
    if matches!(name, "@" | "*") {
        return true;
    }
    name.strip_prefix("*.").unwrap_or(name).split('.').all(|label| {
        (1..=63).contains(&label.len()) && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    })
}

fn read(root: &Fields<'_>, kind: &str, etag: uuid::Uuid, older: Option<&RecordSet>) -> Answer<RecordSet> {
    let missing = |what: &str| ApiError::bad("BadRequest", format!("The required property '{what}' is missing."));
    let properties = root.object("properties")?.ok_or_else(|| missing("properties"))?;
    let records = match kind {
        "A" => "aRecords",
        "AAAA" => "aaaaRecords",
        "CNAME" => "cnameRecord",
        _ => "txtRecords",
    };
    let properties = properties.only(&["metadata", "ttl", "fqdn", "isAutoRegistered", records])?;
    let ttl = match (properties.number("ttl")?, older) {
        (Some(ttl), _) if (1..=2_147_483_647).contains(&ttl) => ttl,
        (None, Some(older)) => older.ttl,
        (Some(ttl), _) => return Err(ApiError::bad("BadRequest", format!("The TTL value '{ttl}' is not valid."))),
        (None, None) => return Err(missing("properties.ttl")),
    };
    let metadata = match (properties.map("metadata")?, older) {
        (Some(metadata), _) => metadata,
        (None, Some(older)) => older.metadata.clone(),
        (None, None) => std::collections::BTreeMap::new(),
    };
    if metadata.len() > MOST_METADATA {
        let text = format!("A record set can have at most {MOST_METADATA} metadata entries.");
        return Err(ApiError::bad("BadRequest", text));
    }
    let wrong = |text: &str| ApiError::bad("BadRequest", format!("The record value '{text}' is not valid."));
    let given = properties.objects_or_object(records)?;
    let data = match (given, older) {
        (None, Some(older)) => older.data.clone(),
        (given, _) => {
            let given = given.unwrap_or_default();
            match kind {
                "A" => Data::A(
                    given
                        .iter()
                        .map(|record| {
                            let text = record.known(&["ipv4Address"])?.text("ipv4Address")?.unwrap_or_default();
                            text.parse().map_err(|_| wrong(text))
                        })
                        .collect::<Answer<_>>()?,
                ),
                "AAAA" => Data::Aaaa(
                    given
                        .iter()
                        .map(|record| {
                            let text = record.known(&["ipv6Address"])?.text("ipv6Address")?.unwrap_or_default();
                            text.parse().map_err(|_| wrong(text))
                        })
                        .collect::<Answer<_>>()?,
                ),
                "CNAME" => Data::Cname(match given.first() {
                    Some(record) => record.known(&["cname"])?.text("cname")?.map(str::to_owned),
                    None => None,
                }),
                _ => Data::Txt(
                    given.iter().map(|record| record.known(&["value"])?.texts("value")).collect::<Answer<_>>()?,
                ),
            }
        }
    };
    if let Data::A(addresses) = &data
        && (1..addresses.len()).any(|n| addresses[..n].contains(&addresses[n]))
    {
        return Err(ApiError::bad("BadRequest", "The record set has the same record twice."));
    }
    Ok(RecordSet { ttl, metadata, etag, data })
}

/// The body of a record set.
pub(in super::super) fn render(zone: &Zone, (name, kind): &(String, &'static str), set: &RecordSet) -> Value {
    let fqdn = if name == "@" { format!("{}.", zone.name) } else { format!("{name}.{}.", zone.name) };
    let mut properties = json!({ "fqdn": fqdn, "ttl": set.ttl, "isAutoRegistered": false });
    if !set.metadata.is_empty() {
        properties["metadata"] = json!(set.metadata);
    }
    match &set.data {
        Data::A(addresses) => {
            properties["aRecords"] = addresses.iter().map(|a| json!({ "ipv4Address": a.to_string() })).collect();
        }
        Data::Aaaa(addresses) => {
            properties["aaaaRecords"] = addresses.iter().map(|a| json!({ "ipv6Address": a.to_string() })).collect();
        }
        Data::Cname(target) => {
            if let Some(target) = target {
                properties["cnameRecord"] = json!({ "cname": target });
            }
        }
        Data::Txt(texts) => {
            properties["txtRecords"] = texts.iter().map(|value| json!({ "value": value })).collect();
        }
        Data::Soa => {
            properties["soaRecord"] = json!({
                "host": "azureprivatedns.net", "email": "azureprivatedns-host.microsoft.com", "serialNumber": 1,
                "refreshTime": 3600, "retryTime": 300, "expireTime": 2_419_200, "minimumTtl": 10,
            });
        }
    }
    json!({
        "id": format!("{}/{kind}/{name}", zone.id),
        "name": name,
        "type": format!("Microsoft.Network/privateDnsZones/{kind}"),
        "etag": set.etag.to_string(),
        "properties": properties,
    })
}
