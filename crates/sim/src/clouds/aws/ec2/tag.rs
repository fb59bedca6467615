//! Tags, at birth and later.

use std::collections::BTreeMap;

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::filter::{Filters, page};
use super::super::query::Params;
use super::super::state::AwsState;
use super::super::xml::Xml;
use super::yes;

/// The most tags a resource may carry.
const MOST: usize = 50;

/// What can carry tags: prefix of the id, name of the type, and the code for an unknown id.
const KINDS: [(&str, &str, &str); 6] = [
    ("vpce-", "vpc-endpoint", "InvalidVpcEndpointId.NotFound"),
    ("vpc-", "vpc", "InvalidVpcID.NotFound"),
    ("subnet-", "subnet", "InvalidSubnetID.NotFound"),
    ("sgr-", "security-group-rule", "InvalidSecurityGroupRuleId.NotFound"),
    ("sg-", "security-group", "InvalidGroup.NotFound"),
    ("eni-", "network-interface", "InvalidNetworkInterfaceID.NotFound"),
];

/// The tags that a create call gives to the thing it makes; checks that the caller may.
pub(super) fn at_birth(call: &Call<'_>, params: &Params, kind: &str) -> Answer<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for specification in params.entries("TagSpecification") {
        let found = specification.required("ResourceType")?;
        if found != kind {
            return Err(ApiError::new(
                "InvalidParameterValue",
                format!("'{found}' is not a valid taggable resource type for this operation."),
            ));
        }
        for (key, value) in read(&specification)? {
            if tags.insert(key.clone(), value).is_some() {
                return Err(duplicate(&key));
            }
        }
    }
    if !tags.is_empty() {
        call.require("ec2:CreateTags")?;
    }
    limit(tags.len())?;
    Ok(tags)
}

pub(super) fn create(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let ids = resources(state, call, params)?;
    let new = read(params)?;
    if new.is_empty() {
        return Err(ApiError::missing("Tag"));
    }
    for id in &ids {
        let mut tags = state.tags_of(id).cloned().unwrap_or_default();
        tags.extend(new.clone());
        limit(tags.len())?;
    }
    for id in ids {
        state.tags.entry(id).or_default().extend(new.clone());
    }
    Ok(yes())
}

pub(super) fn delete(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let ids = resources(state, call, params)?;
    let entries = params.entries("Tag");
    for id in ids {
        let Some(tags) = state.tags.get_mut(&id) else { continue };
        if entries.is_empty() {
            tags.retain(|key, _| key.starts_with("aws:"));
        }
        for entry in &entries {
            let key = entry.required("Key")?;
            // With a value, only a tag of that value goes.
            if entry.get("Value").is_none_or(|value| tags.get(key).is_some_and(|found| found == value)) {
                tags.remove(key);
            }
        }
    }
    Ok(yes())
}

pub(super) fn describe(state: &AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let filters = Filters::parse(params, &["key", "resource-id", "resource-type", "value"])?;
    let mut found = Vec::new();
    for (id, tags) in &state.tags {
        let Some((_, kind, _)) = KINDS.iter().find(|(prefix, ..)| id.starts_with(prefix)) else { continue };
        if !exists(state, call, id) {
            continue;
        }
        for (key, value) in tags {
            let own = BTreeMap::from([(key.clone(), value.clone())]);
            let keep = filters.keep(Some(&own), |name| {
                vec![match name {
                    "key" => key.clone(),
                    "value" => value.clone(),
                    "resource-id" => id.clone(),
                    _ => (*kind).to_owned(),
                }]
            });
            if keep {
                found.push((id.clone(), *kind, key.clone(), value.clone()));
            }
        }
    }
    let (found, next) = page(params, 5, found, |(id, _, key, _)| format!("{id} {key}"))?;
    let mut x = Xml::default();
    x.items("tagSet", found, |x, (id, kind, key, value)| {
        x.text("resourceId", id);
        x.text("resourceType", kind);
        x.text("key", key);
        x.text("value", value);
    });
    x.optional("nextToken", next);
    Ok(x)
}

/// Writes the tags of a thing as `tagSet`.
pub(super) fn write(x: &mut Xml, state: &AwsState, id: &str) {
    x.items("tagSet", state.tags_of(id).into_iter().flatten(), |x, (key, value)| {
        x.text("key", key);
        x.text("value", value);
    });
}

/// Reads `Tag.n.Key` and `Tag.n.Value`.
fn read(params: &Params) -> Answer<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for entry in params.entries("Tag") {
        let key = entry.required("Key")?;
        let value = entry.get("Value").unwrap_or_default();
        if key.starts_with("aws:") {
            return Err(ApiError::new(
                "InvalidParameterValue",
                format!("Tag keys starting with 'aws:' are reserved for internal use: {key}"),
            ));
        }
        if key.chars().count() > 127 {
            return Err(ApiError::new(
                "InvalidParameterValue",
                "Tag key exceeds the maximum length of 127 characters".to_owned(),
            ));
        }
        if value.chars().count() > 255 {
            return Err(ApiError::new(
                "InvalidParameterValue",
                "Tag value exceeds the maximum length of 255 characters".to_owned(),
            ));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(duplicate(key));
        }
    }
    Ok(tags)
}

fn duplicate(key: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("Duplicate tag key '{key}' specified."))
}

fn limit(count: usize) -> Answer<()> {
    if count > MOST {
        return Err(ApiError::new("TagLimitExceeded", format!("More than {MOST} tags specified for the resource")));
    }
    Ok(())
}

/// The ids of `ResourceId.n`, all of which must be the caller's.
fn resources(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Vec<String>> {
    let ids: Vec<String> = params.list("ResourceId").into_iter().map(str::to_owned).collect();
    if ids.is_empty() {
        return Err(ApiError::missing("ResourceId"));
    }
    for id in &ids {
        let Some((_, kind, code)) = KINDS.iter().find(|(prefix, ..)| id.starts_with(prefix)) else {
            return Err(ApiError::new("InvalidID", format!("The ID '{id}' is not valid")));
        };
        if !exists(state, call, id) || !state.sees(id) {
            return Err(ApiError::new(code, format!("The {kind} ID '{id}' does not exist")));
        }
    }
    Ok(ids)
}

fn exists(state: &AwsState, call: &Call<'_>, id: &str) -> bool {
    let (account, region) = (&call.caller.account, &call.caller.region);
    let callers = |vpc| state.vpc(account, region, vpc).is_some();
    if let Ok(id) = id.parse() {
        return state.endpoint(account, region, call.now, &id).is_some_and(|e| e.state_at(call.now).has_interfaces());
    }
    if let Ok(id) = id.parse() {
        return callers(&id);
    }
    if let Ok(id) = id.parse() {
        return state.subnets.get(&id).is_some_and(|subnet| callers(&subnet.vpc));
    }
    if let Ok(id) = id.parse() {
        return state.groups.get(&id).is_some_and(|group| callers(&group.vpc));
    }
    if let Ok(id) = id.parse() {
        return state.interfaces_at(call.now).any(|interface| {
            interface.id == id && state.subnets.get(&interface.subnet).is_some_and(|subnet| callers(&subnet.vpc))
        });
    }
    state.groups.values().any(|group| group.rules.contains_key(id) && callers(&group.vpc))
}
