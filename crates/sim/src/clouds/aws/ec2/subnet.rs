//! Subnets and availability zones.

use privlink_core::SubnetId;

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::filter::{Filters, page};
use super::super::query::Params;
use super::super::state::{AwsState, Subnet};
use super::super::xml::Xml;
use super::{parse_id, tag};

/// The caller's subnet with this id.
pub(super) fn find<'a>(state: &'a AwsState, call: &Call<'_>, text: &str) -> Answer<&'a Subnet> {
    let id: SubnetId = parse_id(text, "InvalidSubnetID.Malformed", "subnet")?;
    state
        .subnets
        .get(&id)
        .filter(|subnet| is_callers(state, call, subnet))
        .ok_or_else(|| ApiError::new("InvalidSubnetID.NotFound", format!("The subnet ID '{text}' does not exist")))
}

fn is_callers(state: &AwsState, call: &Call<'_>, subnet: &Subnet) -> bool {
    state.vpc(&call.caller.account, &call.caller.region, &subnet.vpc).is_some()
}

/// The name under which the caller knows the subnet's zone.
pub(super) fn zone_name(state: &AwsState, call: &Call<'_>, subnet: &Subnet) -> String {
    let name = state.zone_name(&call.caller.account, &call.caller.region, &subnet.zone);
    name.unwrap_or_default().to_owned()
}

pub(super) fn describe(state: &AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let filters = Filters::parse(
        params,
        &[
            "availability-zone",
            "availability-zone-id",
            "availabilityZone",
            "availabilityZoneId",
            "cidr",
            "cidr-block",
            "cidrBlock",
            "default-for-az",
            "owner-id",
            "state",
            "subnet-id",
            "vpc-id",
        ],
    )?;
    let named = params.list("SubnetId");
    let mut chosen = Vec::new();
    for id in &named {
        chosen.push(find(state, call, id)?);
    }
    if named.is_empty() {
        chosen = state.subnets.values().filter(|subnet| is_callers(state, call, subnet)).collect();
    }
    chosen.retain(|subnet| {
        filters.keep(state.tags_of(subnet.id.as_str()), |name| {
            vec![match name {
                "subnet-id" => subnet.id.to_string(),
                "vpc-id" => subnet.vpc.to_string(),
                "owner-id" => call.caller.account.to_string(),
                "state" => "available".to_owned(),
                "default-for-az" => "false".to_owned(),
                "availability-zone" | "availabilityZone" => zone_name(state, call, subnet),
                "availability-zone-id" | "availabilityZoneId" => subnet.zone.to_string(),
                _ => subnet.cidr.to_string(),
            }]
        })
    });
    let (chosen, next) = page(params, 5, chosen, |subnet| subnet.id.to_string())?;
    let mut x = Xml::default();
    x.items("subnetSet", chosen, |x, subnet| {
        let (account, region) = (&call.caller.account, &call.caller.region);
        x.text("subnetId", &subnet.id);
        x.text("subnetArn", super::arn(call, "subnet", subnet.id.as_str()));
        x.text("state", "available");
        x.text("ownerId", account);
        x.text("vpcId", &subnet.vpc);
        x.text("cidrBlock", subnet.cidr);
        x.items("ipv6CidrBlockAssociationSet", subnet.cidr6, |x, cidr| {
            x.text("ipv6CidrBlock", cidr);
            x.text("associationId", subnet.id.as_str().replacen("subnet-", "subnet-cidr-assoc-", 1));
            x.node("ipv6CidrBlockState", |x| x.text("state", "associated"));
        });
        x.text("availableIpAddressCount", state.free_addresses(call.now, subnet));
        x.optional("availabilityZone", state.zone_name(account, region, &subnet.zone));
        x.text("availabilityZoneId", &subnet.zone);
        x.text("defaultForAz", false);
        x.text("mapPublicIpOnLaunch", false);
        x.text("assignIpv6AddressOnCreation", subnet.cidr6.is_some());
        x.text("mapCustomerOwnedIpOnLaunch", false);
        x.text("ipv6Native", false);
        x.text("enableDns64", false);
        tag::write(x, state, subnet.id.as_str());
    });
    x.optional("nextToken", next);
    Ok(x)
}

pub(super) fn describe_zones(state: &AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let filters = Filters::parse(
        params,
        &["group-name", "opt-in-status", "region-name", "state", "zone-id", "zone-name", "zone-type"],
    )?;
    let region = &call.caller.region;
    let known: Vec<(String, String)> = state
        .accounts
        .get(&call.caller.account)
        .into_iter()
        .flat_map(|account| &account.zones)
        .filter(|((r, _), _)| r == region)
        .map(|((_, name), id)| (name.clone(), id.to_string()))
        .collect();
    let (names, ids) = (params.list("ZoneName"), params.list("ZoneId"));
    if let Some(wrong) = names.iter().find(|name| !known.iter().any(|(known, _)| known == *name)) {
        return Err(ApiError::new("InvalidParameterValue", format!("Invalid availability zone: [{wrong}]")));
    }
    if let Some(wrong) = ids.iter().find(|id| !known.iter().any(|(_, known)| known == *id)) {
        return Err(ApiError::new("InvalidParameterValue", format!("Invalid availability zone-id: [{wrong}]")));
    }
    let chosen = known.into_iter().filter(|(name, id)| {
        (names.is_empty() || names.contains(&name.as_str()))
            && (ids.is_empty() || ids.contains(&id.as_str()))
            && filters.keep(None, |filter| {
                vec![match filter {
                    "zone-name" => name.clone(),
                    "zone-id" => id.clone(),
                    "region-name" => region.to_string(),
                    "state" => "available".to_owned(),
                    "zone-type" => "availability-zone".to_owned(),
                    "opt-in-status" => "opt-in-not-required".to_owned(),
                    _ => format!("{region}-zg-1"),
                }]
            })
    });
    let mut x = Xml::default();
    x.items("availabilityZoneInfo", chosen, |x, (name, id)| {
        x.text("optInStatus", "opt-in-not-required");
        x.node("messageSet", |_| ());
        x.text("regionName", region);
        x.text("zoneName", name);
        x.text("zoneId", id);
        x.text("groupName", format!("{region}-zg-1"));
        x.text("networkBorderGroup", region);
        x.text("zoneType", "availability-zone");
        x.text("zoneState", "available");
    });
    Ok(x)
}
