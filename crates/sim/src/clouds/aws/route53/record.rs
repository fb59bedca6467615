//! `ListResourceRecordSets`.

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::state::AwsState;
use super::super::xml::Xml;
use super::super::zone::{FullName, Record};
use super::{Query, find_zone};

pub(super) fn list(state: &mut AwsState, call: &Call<'_>, id: &str, query: &Query) -> Answer<Xml> {
    let most = query.max_items(300)?;
    let zone = find_zone(state, call, id)?;
    let name = query
        .get("name")
        .map(|text| {
            FullName::parse(text)
                .ok_or_else(|| ApiError::new("InvalidInput", format!("The name '{text}' is not valid.")))
        })
        .transpose()?;
    let kind = query.get("type");
    if kind.is_some() && name.is_none() {
        return Err(ApiError::new("InvalidInput", "The input is not valid: a type needs a name beside it."));
    }
    if query.get("identifier").is_some() && kind.is_none() {
        return Err(ApiError::new("InvalidInput", "The input is not valid: an identifier needs a name and a type."));
    }
    let mut found: Vec<(&(FullName, String), &Record)> = zone
        .content
        .records
        .iter()
        .filter(|((n, k), _)| match (&name, kind) {
            (None, _) => true,
            (Some(name), Some(kind)) if n == name => k.as_str() >= kind,
            (Some(name), _) => n >= name,
        })
        .collect();
    let next = found.get(most).map(|(key, _)| *key);
    found.truncate(most);
    let mut x = Xml::default();
    x.node("ResourceRecordSets", |x| {
        for ((name, kind), record) in found {
            x.node("ResourceRecordSet", |x| {
                x.text("Name", name);
                x.text("Type", kind);
                write(x, record);
            });
        }
    });
    x.text("IsTruncated", next.is_some());
    x.optional("NextRecordName", next.map(|(name, _)| name));
    x.optional("NextRecordType", next.map(|(_, kind)| kind));
    x.text("MaxItems", most);
    Ok(x)
}

fn write(x: &mut Xml, record: &Record) {
    match record {
        Record::Values { ttl, values } => {
            x.text("TTL", ttl);
            x.node("ResourceRecords", |x| {
                for value in values {
                    x.node("ResourceRecord", |x| x.text("Value", value));
                }
            });
        }
        Record::Alias { zone, name, evaluate } => x.node("AliasTarget", |x| {
            x.text("HostedZoneId", zone);
            x.text("DNSName", name);
            x.text("EvaluateTargetHealth", evaluate);
        }),
    }
}
