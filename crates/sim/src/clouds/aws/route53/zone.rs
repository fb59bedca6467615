//! Hosted zones: create, show, delete.

use std::collections::BTreeMap;

use privlink_core::{DnsName, HostedZoneId, Region, VpcId};

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::state::AwsState;
use super::super::xml::Xml;
use super::super::zone::{FullName, Zone};
use super::body::{Element, invalid};
use super::{change, find_zone, same_zone};

pub(super) fn create(state: &mut AwsState, call: &Call<'_>, body: &Element) -> Answer<(HostedZoneId, Xml)> {
    body.only(&["Name", "VPC", "CallerReference", "HostedZoneConfig", "DelegationSetId"])?;
    let text = body.required_text("Name")?;
    let reference = body.required_text("CallerReference")?;
    if reference.chars().count() > 128 {
        return Err(invalid("'CallerReference' must not be longer than 128 characters"));
    }
    let config = body.child("HostedZoneConfig");
    if let Some(config) = config {
        config.only(&["Comment", "PrivateZone"])?;
    }
    let asks_private = config.map(|config| config.flag("PrivateZone")).transpose()?.unwrap_or(false);
    let comment = config.and_then(|config| config.child_text("Comment"));
    let name = FullName::parse(text)
        .filter(|name| name.as_str().trim_end_matches('.').contains('.'))
        .filter(|name| !name.as_str().contains('\\'))
        .ok_or_else(|| ApiError::new("InvalidDomainName", format!("The domain name '{text}' is not valid.")))?;
    let vpc = body.child("VPC").map(|vpc| read_vpc(state, call, vpc)).transpose()?;
    if asks_private && vpc.is_none() {
        return Err(ApiError::new(
            "InvalidInput",
            "When you're creating a private hosted zone (when you specify true for PrivateZone), you must also \
             specify values for VPCId and VPCRegion.",
        ));
    }
    let key = (call.caller.account.clone(), reference.to_owned());
    if let Some(earlier) = state.references.get(&key)
        && (state.zones.contains_key(earlier) || state.behaviour.token_replay_after_delete)
    {
        return Err(ApiError::new(
            "HostedZoneAlreadyExists",
            "A hosted zone has already been created with the specified caller reference.",
        )
        .status(409));
    }
    if let Some((vpc, _)) = &vpc {
        no_conflict(state, call, vpc, &name)?;
    }
    if state.zones.values().filter(|zone| zone.account == call.caller.account).count()
        >= state.behaviour.hosted_zone_quota
    {
        return Err(ApiError::new("TooManyHostedZones", "You have reached the limit of hosted zones."));
    }

    let id: HostedZoneId = state.ids.route53('Z').parse().expect("capital letters and digits");
    let vpcs: BTreeMap<VpcId, Region> = vpc.clone().into_iter().collect();
    let mut zone = Zone::new(id.clone(), call.caller.account.clone(), name, vpcs, call.now);
    zone.caller_reference = reference.to_owned();
    zone.comment = comment.map(str::to_owned);
    state.references.insert(key, id.clone());
    let mut x = Xml::default();
    write(&mut x, &zone);
    state.zones.insert(id.clone(), zone);
    change::start(&mut x, state, call, Some(&id), None);
    match &vpc {
        Some((vpc, region)) => write_vpc(&mut x, vpc, region),
        None => write_servers(&mut x, state, &id),
    }
    Ok((id, x))
}

pub(super) fn get(state: &mut AwsState, call: &Call<'_>, id: &str) -> Answer<Xml> {
    let zone = find_zone(state, call, id)?.clone();
    let mut x = Xml::default();
    write(&mut x, &zone);
    if zone.private {
        x.node("VPCs", |x| {
            for (vpc, region) in &zone.content.vpcs {
                write_vpc(x, vpc, region);
            }
        });
    } else {
        write_servers(&mut x, state, &zone.id);
    }
    Ok(x)
}

pub(super) fn delete(state: &mut AwsState, call: &Call<'_>, id: &str) -> Answer<Xml> {
    let zone = find_zone(state, call, id)?;
    if !zone.is_empty() {
        return Err(ApiError::new(
            "HostedZoneNotEmpty",
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
        ));
    }
    let id = zone.id.clone();
    change::not_too_soon(state, call, &id)?;
    state.zones.remove(&id);
    state.tags.remove(id.as_str());
    let mut x = Xml::default();
    change::start(&mut x, state, call, None, None);
    Ok(x)
}

/// Reads a `VPC` element; the VPC must be the caller's.
pub(super) fn read_vpc(state: &AwsState, call: &Call<'_>, element: &Element) -> Answer<(VpcId, Region)> {
    element.only(&["VPCRegion", "VPCId"])?;
    let (id, region) = (element.required_text("VPCId")?, element.required_text("VPCRegion")?);
    let refuse = || {
        ApiError::new(
            "InvalidVPCId",
            format!("The VPC: {id} in region {region} that you provided is not authorized to make the association."),
        )
    };
    let vpc = id.parse::<VpcId>().ok().zip(region.parse::<Region>().ok());
    vpc.filter(|(vpc, region)| state.vpc(&call.caller.account, region, vpc).is_some()).ok_or_else(refuse)
}

/// Refuses a second zone of one name for one VPC, be it another's, or one AWS keeps for an endpoint.
pub(super) fn no_conflict(state: &AwsState, call: &Call<'_>, vpc: &VpcId, name: &FullName) -> Answer<()> {
    let by_zone = state.zones.values().any(|zone| zone.name == *name && zone.content.vpcs.contains_key(vpc));
    let by_endpoint = state.hidden_zones(call.now, vpc).any(|(_, taken): (_, DnsName)| same_zone(name, &taken));
    if !by_zone && !by_endpoint {
        return Ok(());
    }
    let region = state.vpcs.get(vpc).map(|vpc| vpc.region.as_str()).unwrap_or_default();
    Err(ApiError::new(
        "ConflictingDomainExists",
        format!(
            "The VPC {vpc} in region {region} has already been associated with a hosted zone with the same domain \
             name {name}"
        ),
    ))
}

/// Writes a `HostedZone` element.
pub(super) fn write(x: &mut Xml, zone: &Zone) {
    x.node("HostedZone", |x| {
        x.text("Id", format!("/hostedzone/{}", zone.id));
        x.text("Name", &zone.name);
        x.text("CallerReference", &zone.caller_reference);
        x.node("Config", |x| {
            x.optional("Comment", zone.comment.as_ref());
            x.text("PrivateZone", zone.private);
        });
        x.text("ResourceRecordSetCount", zone.content.records.len());
    });
}

/// Writes a `VPC` element.
fn write_vpc(x: &mut Xml, vpc: &VpcId, region: &Region) {
    x.node("VPC", |x| {
        x.text("VPCRegion", region);
        x.text("VPCId", vpc);
    });
}

/// Writes the `DelegationSet` of a public zone.
fn write_servers(x: &mut Xml, state: &AwsState, id: &HostedZoneId) {
    let Some(zone) = state.zones.get(id) else { return };
    let servers = zone.content.records.get(&(zone.name.clone(), "NS".to_owned()));
    let Some(super::super::zone::Record::Values { values, .. }) = servers else { return };
    x.node("DelegationSet", |x| {
        x.node("NameServers", |x| {
            for server in values {
                x.text("NameServer", server.trim_end_matches('.'));
            }
        });
    });
}
