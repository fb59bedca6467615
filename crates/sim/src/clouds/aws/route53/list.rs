//! Lists of hosted zones.

use privlink_core::{Region, VpcId};

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::state::AwsState;
use super::super::xml::Xml;
use super::super::zone::{FullName, Zone};
use super::{Query, zone};

/// The service that owns the zones of endpoints' private names.
const OWNING_SERVICE: &str = "vpce.amazonaws.com";

pub(super) fn all(state: &AwsState, call: &Call<'_>, query: &Query) -> Answer<Xml> {
    let most = query.max_items(100)?;
    if let Some(set) = query.get("delegationsetid") {
        return Err(ApiError::new("NoSuchDelegationSet", format!("No delegation set found with ID: {set}")));
    }
    let private_only = match query.get("hostedzonetype") {
        None => false,
        Some("PrivateHostedZone") => true,
        Some(other) => return Err(ApiError::new("InvalidInput", format!("'{other}' is not a hosted zone type."))),
    };
    let marker = query.get("marker");
    let mut found: Vec<&Zone> = state
        .zones
        .values()
        .filter(|zone| zone.account == call.caller.account && (zone.private || !private_only))
        .filter(|zone| marker.is_none_or(|marker| zone.id.as_str() >= marker))
        .collect();
    let next = found.get(most).map(|zone| zone.id.clone());
    found.truncate(most);
    let mut x = Xml::default();
    write_all(&mut x, &found);
    x.optional("Marker", marker);
    x.text("IsTruncated", next.is_some());
    x.optional("NextMarker", next);
    x.text("MaxItems", most);
    Ok(x)
}

pub(super) fn by_name(state: &AwsState, call: &Call<'_>, query: &Query) -> Answer<Xml> {
    let most = query.max_items(100)?;
    let start = query
        .get("dnsname")
        .map(|text| {
            FullName::parse(text)
                .ok_or_else(|| ApiError::new("InvalidDomainName", format!("The domain name '{text}' is not valid.")))
        })
        .transpose()?;
    let id = query.get("hostedzoneid").map(|id| id.trim_start_matches("/hostedzone/"));
    if id.is_some() && start.is_none() {
        return Err(ApiError::new("InvalidInput", "hostedzoneid needs a dnsname beside it."));
    }
    let mut found: Vec<&Zone> = state.zones.values().filter(|zone| zone.account == call.caller.account).collect();
    found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    found.retain(|zone| match (&start, id) {
        (None, _) => true,
        (Some(start), Some(id)) if zone.name == *start => zone.id.as_str() >= id,
        (Some(start), _) => zone.name >= *start,
    });
    let next = found.get(most).copied();
    found.truncate(most);
    let mut x = Xml::default();
    write_all(&mut x, &found);
    x.optional("DNSName", start);
    x.optional("HostedZoneId", id);
    x.text("IsTruncated", next.is_some());
    x.optional("NextDNSName", next.map(|zone| &zone.name));
    x.optional("NextHostedZoneId", next.map(|zone| &zone.id));
    x.text("MaxItems", most);
    Ok(x)
}

pub(super) fn by_vpc(state: &AwsState, call: &Call<'_>, query: &Query) -> Answer<Xml> {
    let most = query.max_items(100)?;
    let text = |name: &str| {
        query.get(name).ok_or_else(|| ApiError::new("InvalidInput", format!("The parameter {name} is missing.")))
    };
    let (vpc, region) = (text("vpcid")?, text("vpcregion")?);
    let (id, region) = vpc
        .parse::<VpcId>()
        .ok()
        .zip(region.parse::<Region>().ok())
        .filter(|(id, region)| state.vpc(&call.caller.account, region, id).is_some())
        .ok_or_else(|| {
            ApiError::new("InvalidInput", format!("The VPC {vpc} in region {region} could not be found."))
        })?;
    // Also zones of other accounts, and those that AWS keeps for endpoints.
    let mut found: Vec<(String, String, &str, String)> = state
        .zones
        .values()
        .filter(|zone| zone.content.vpcs.get(&id) == Some(&region))
        .map(|zone| (zone.id.to_string(), zone.name.to_string(), "OwningAccount", zone.account.to_string()))
        .collect();
    for (endpoint, name) in state.hidden_zones(call.now, &id) {
        let name = format!("{name}.");
        found.push((endpoint.hidden_zone.to_string(), name, "OwningService", OWNING_SERVICE.to_owned()));
    }
    found.sort();
    if let Some(token) = query.get("nexttoken") {
        if !found.iter().any(|(id, ..)| id == token) {
            return Err(ApiError::new("InvalidPaginationToken", "The token is not valid."));
        }
        found.retain(|(id, ..)| id.as_str() >= token);
    }
    let next = found.get(most).map(|(id, ..)| id.clone());
    found.truncate(most);
    let mut x = Xml::default();
    x.node("HostedZoneSummaries", |x| {
        for (id, name, kind, owner) in &found {
            x.node("HostedZoneSummary", |x| {
                x.text("HostedZoneId", id);
                x.text("Name", name);
                x.node("Owner", |x| x.text(kind, owner));
            });
        }
    });
    x.text("MaxItems", most);
    x.optional("NextToken", next);
    Ok(x)
}

fn write_all(x: &mut Xml, zones: &[&Zone]) {
    x.node("HostedZones", |x| {
        for found in zones {
            zone::write(x, found);
        }
    });
}
