//! `ChangeResourceRecordSets`: a batch of changes, all or none.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use privlink_core::HostedZoneId;

use super::super::Call;
use super::super::endpoint::{endpoint_domain, endpoint_zone};
use super::super::error::{Answer, ApiError};
use super::super::state::AwsState;
use super::super::xml::Xml;
use super::super::zone::{FullName, Record, Zone};
use super::body::{Element, invalid};
use super::{change, find_zone};

/// Records one batch may change.
const MOST: usize = 1000;

/// The types a record may have.
const TYPES: [&str; 17] = [
    "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB",
    "TLSA", "TXT",
];

type Records = BTreeMap<(FullName, String), Record>;

pub(super) fn apply(state: &mut AwsState, call: &Call<'_>, id: &str, body: &Element) -> Answer<Xml> {
    body.only(&["ChangeBatch"])?;
    let zone = find_zone(state, call, id)?.clone();
    let batch = body.required("ChangeBatch")?;
    batch.only(&["Comment", "Changes"])?;
    let mut changes = Vec::new();
    for element in batch.required("Changes")?.all("Change") {
        changes.push(Change::read(element)?);
    }
    if changes.is_empty() || changes.len() > MOST {
        return Err(invalid(&format!("'Changes' must hold between 1 and {MOST} changes")));
    }
    change::not_too_soon(state, call, &zone.id)?;

    let mut records = zone.content.records.clone();
    let mut problems = repeated(&changes);
    for wanted in &changes {
        if let Err(problem) = wanted.apply(state, call, &zone, &mut records) {
            problems.push(problem);
        }
    }
    problems.extend(cname_conflicts(&zone, &records, &changes));
    if !problems.is_empty() {
        let as_list = state.behaviour.batch_problems_as_list;
        let messages = if as_list { problems.clone() } else { Vec::new() };
        return Err(ApiError { messages, ..refusal(&problems) });
    }
    find_zone(state, call, id)?.content.records = records;
    let mut x = Xml::default();
    change::start(&mut x, state, call, Some(&zone.id), batch.child_text("Comment"));
    Ok(x)
}

/// The refusal of a batch.
fn refusal(problems: &[String]) -> ApiError {
    ApiError::new("InvalidChangeBatch", format!("[{}]", problems.join(", ")))
}

/// One change of a batch.
struct Change {
    action: Action,
    name: FullName,
    kind: String,
    record: Record,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Create,
    Upsert,
    Delete,
}

impl Change {
    fn read(element: &Element) -> Answer<Self> {
        element.only(&["Action", "ResourceRecordSet"])?;
        let action = match element.required_text("Action")? {
            "CREATE" => Action::Create,
            "UPSERT" => Action::Upsert,
            "DELETE" => Action::Delete,
            other => return Err(invalid(&format!("'{other}' is not one of CREATE, DELETE, UPSERT"))),
        };
        let set = element.required("ResourceRecordSet")?;
        // Sets with weights, regions and the like are not part of this world.
        set.only(&["Name", "Type", "TTL", "ResourceRecords", "AliasTarget"])?;
        let text = set.required_text("Name")?;
        let name = FullName::parse(text).ok_or_else(|| {
            refusal(&[format!(
                "FATAL problem: DomainLabelInvalid (Domain label is not valid) encountered with '{text}'"
            )])
        })?;
        let kind = set.required_text("Type")?;
        if !TYPES.contains(&kind) {
            return Err(invalid(&format!("'{kind}' is not a record type")));
        }
        let record = match (set.child("AliasTarget"), set.child("ResourceRecords"), set.child_text("TTL")) {
            (Some(alias), None, None) => read_alias(alias)?,
            (None, Some(values), Some(ttl)) => read_values(values, ttl)?,
            (Some(_), ..) => {
                return Err(ApiError::new(
                    "InvalidInput",
                    format!(
                        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found more than one in Change with [Action={}, Name={name}, Type={kind}, SetIdentifier=null]",
                        action.as_str()
                    ),
                ));
            }
            (None, ..) => {
                return Err(ApiError::new(
                    "InvalidInput",
                    format!(
                        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action={}, Name={name}, Type={kind}, SetIdentifier=null]",
                        action.as_str()
                    ),
                ));
            }
        };
        Ok(Self { action, name, kind: kind.to_owned(), record })
    }

    fn apply(&self, state: &AwsState, call: &Call<'_>, zone: &Zone, records: &mut Records) -> Result<(), String> {
        let Self { action, name, kind, record } = self;
        if !name.is_within(&zone.name) {
            return Err(format!("RRSet with DNS name {name} is not permitted in zone {}", zone.name));
        }
        let key = (name.clone(), kind.clone());
        let set = format!("[name='{name}', type='{kind}']");
        if *action == Action::Delete {
            return match records.get(&key) {
                None => Err(format!("Tried to delete resource record set {set} but it was not found")),
                Some(found) if found != record => Err(format!(
                    "Tried to delete resource record set {set} but the values provided do not match the current values"
                )),
                Some(_) if *name == zone.name && kind == "SOA" => {
                    Err("A HostedZone must contain exactly one SOA record.".to_owned())
                }
                Some(_) if *name == zone.name && kind == "NS" => {
                    Err("A HostedZone must contain at least one NS record for the zone itself.".to_owned())
                }
                Some(_) => {
                    records.remove(&key);
                    Ok(())
                }
            };
        }
        if *action == Action::Create && records.contains_key(&key) {
            return Err(format!("Tried to create resource record set {set} but it already exists"));
        }
        if kind == "CNAME" && *name == zone.name {
            return Err(format!(
                "RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {}",
                zone.name
            ));
        }
        match record {
            Record::Values { values, .. } => {
                for value in values {
                    value_is_fine(kind, value)?;
                }
                if kind == "CNAME" && values.len() != 1 {
                    return Err(format!("RRSet of type CNAME with DNS name {name} must have exactly one value"));
                }
            }
            Record::Alias { zone: target_zone, name: target, .. } => {
                alias_is_fine(state, call, zone, records, kind, target_zone, target)?;
            }
        }
        records.insert(key, record.clone());
        Ok(())
    }
}

impl Action {
    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Upsert => "UPSERT",
            Self::Delete => "DELETE",
        }
    }
}

fn read_alias(alias: &Element) -> Answer<Record> {
    alias.only(&["HostedZoneId", "DNSName", "EvaluateTargetHealth"])?;
    let text = alias.required_text("DNSName")?;
    let name = FullName::parse(text).ok_or_else(|| {
        refusal(&[format!("FATAL problem: DomainLabelInvalid (Domain label is not valid) encountered with '{text}'")])
    })?;
    let zone = alias.required_text("HostedZoneId")?;
    let zone = zone.parse().map_err(|_| ApiError::new("InvalidInput", format!("'{zone}' is not a hosted zone id.")))?;
    alias.required("EvaluateTargetHealth")?;
    Ok(Record::Alias { zone, name, evaluate: alias.flag("EvaluateTargetHealth")? })
}

fn read_values(values: &Element, ttl: &str) -> Answer<Record> {
    values.only(&["ResourceRecord"])?;
    let ttl: u32 = ttl
        .parse()
        .ok()
        .filter(|ttl| *ttl <= 2_147_483_647)
        .ok_or_else(|| invalid(&format!("'{ttl}' is not a time to live")))?;
    let mut found = BTreeSet::new();
    for record in values.all("ResourceRecord") {
        let value = record.required_text("Value")?;
        if !found.insert(value.to_owned()) {
            return Err(refusal(&[format!("Duplicate Resource Record: '{value}'")]));
        }
    }
    if found.is_empty() {
        return Err(invalid("cvc-complex-type.2.4.b: The content of element 'ResourceRecords' is not complete."));
    }
    Ok(Record::Values { ttl, values: found })
}

fn value_is_fine(kind: &str, value: &str) -> Result<(), String> {
    let problem =
        |what: &str| Err(format!("Invalid Resource Record: 'FATAL problem: {what} encountered with '{value}''"));
    match kind {
        "A" if value.parse::<Ipv4Addr>().is_err() => {
            problem("ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)")
        }
        "AAAA" if value.parse::<Ipv6Addr>().is_err() => {
            problem("AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)")
        }
        "CNAME" | "NS" | "PTR" if FullName::parse(value).is_none() => {
            problem("RRDATANotSingleField or DomainNameInvalid (Value is not a valid domain name)")
        }
        "TXT" | "SPF" if value.len() < 2 || !value.starts_with('"') || !value.ends_with('"') => {
            problem("InvalidCharacterString (Value should be enclosed in quotation marks)")
        }
        _ => Ok(()),
    }
}

/// An alias leads to a record of its own zone, or to a name that AWS keeps in a zone of its own.
fn alias_is_fine(
    state: &AwsState,
    call: &Call<'_>,
    zone: &Zone,
    records: &Records,
    kind: &str,
    target_zone: &HostedZoneId,
    target: &FullName,
) -> Result<(), String> {
    let start = format!("Tried to create an alias that targets {target}, type {kind} in zone {target_zone}");
    if *target_zone == zone.id {
        if !target.is_within(&zone.name) {
            return Err(format!("{start}, but the alias target name does not lie within the target zone"));
        }
        return if records.contains_key(&(target.clone(), kind.to_owned())) {
            Ok(())
        } else {
            Err(format!("{start}, but that target was not found"))
        };
    }
    let text = target.as_str().trim_end_matches('.');
    let endpoints = || state.endpoints.values().filter(|e| endpoint_zone(&e.service_region) == *target_zone);
    let known_region = endpoints().any(|e| text.ends_with(&format!(".{}", endpoint_domain(&e.service_region))));
    if !known_region {
        return Err(format!("{start}, but the alias target name does not lie within the target zone"));
    }
    let found = endpoints().any(|e| {
        e.state_at(call.now).has_interfaces()
            && match kind {
                "A" => e.ip_type.has_v4(),
                "AAAA" => e.ip_type.has_v6(),
                _ => false,
            }
            && state.endpoint_names(e).any(|(name, _)| name == text)
    });
    if found { Ok(()) } else { Err(format!("{start}, but that target was not found")) }
}

/// Sets that the batch creates or upserts more than once.
fn repeated(changes: &[Change]) -> Vec<String> {
    let mut seen: BTreeMap<(&FullName, &str), usize> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.action != Action::Delete) {
        *seen.entry((&change.name, &change.kind)).or_default() += 1;
    }
    seen.into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|((name, kind), _)| {
            format!("The request contains an invalid set of changes for a resource record set '{kind} {name}'")
        })
        .collect()
}

/// Names touched by the batch at which a CNAME would stand beside something else.
fn cname_conflicts(zone: &Zone, records: &Records, changes: &[Change]) -> Vec<String> {
    let names: BTreeSet<&FullName> =
        changes.iter().filter(|change| change.action != Action::Delete).map(|change| &change.name).collect();
    names
        .into_iter()
        .filter(|name| {
            let kinds = records.keys().filter(|(n, _)| n == *name);
            kinds.clone().count() > 1 && kinds.clone().any(|(_, kind)| kind == "CNAME")
        })
        .map(|name| {
            format!(
                "RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with \
                 the same DNS name in zone {}",
                zone.name
            )
        })
        .collect()
}
