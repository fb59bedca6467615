//! `DescribeVpcEndpoints`, and how an endpoint is written.

use std::time::SystemTime;

use privlink_core::VpcEndpointId;

use super::super::Call;
use super::super::endpoint::{Endpoint, endpoint_zone};
use super::super::error::{Answer, ApiError};
use super::super::filter::{Filters, page};
use super::super::query::Params;
use super::super::state::AwsState;
use super::super::time::iso;
use super::super::xml::Xml;
use super::{parse_id, tag};

/// The caller's endpoint with this id, as a read sees it.
pub(super) fn find(state: &mut AwsState, call: &Call<'_>, text: &str) -> Answer<Endpoint> {
    let id: VpcEndpointId = parse_id(text, "InvalidVpcEndpointId.Malformed", "vpce")?;
    let found = state.endpoint(&call.caller.account, &call.caller.region, call.now, &id).cloned();
    match found {
        Some(endpoint) if state.sees(text) => Ok(endpoint),
        _ => Err(not_found(text)),
    }
}

/// The refusal for an endpoint that is not there.
pub(super) fn not_found(id: &str) -> ApiError {
    ApiError::new("InvalidVpcEndpointId.NotFound", format!("The Vpc Endpoint Id '{id}' does not exist"))
}

pub(super) fn describe(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let filters = Filters::parse(
        params,
        &[
            "ip-address-type",
            "service-name",
            "service-region",
            "vpc-endpoint-id",
            "vpc-endpoint-state",
            "vpc-endpoint-type",
            "vpc-id",
        ],
    )?;
    let ids = params.list("VpcEndpointId");
    let mut chosen = Vec::new();
    for id in &ids {
        chosen.push(find(state, call, id)?);
    }
    if ids.is_empty() {
        let (account, region) = (&call.caller.account, &call.caller.region);
        let all: Vec<Endpoint> = state
            .endpoints
            .values()
            .filter(|e| e.account == *account && e.region == *region && !e.state_at(call.now).is_gone())
            .cloned()
            .collect();
        chosen = all.into_iter().filter(|endpoint| state.sees(endpoint.id.as_str())).collect();
    }
    chosen.retain(|endpoint| {
        filters.keep(state.tags_of(endpoint.id.as_str()), |name| {
            vec![match name {
                "ip-address-type" => endpoint.ip_type.as_str().to_owned(),
                "service-name" => endpoint.service.to_string(),
                "service-region" => endpoint.service_region.to_string(),
                "vpc-endpoint-id" => endpoint.id.to_string(),
                "vpc-endpoint-state" => endpoint.state_at(call.now).as_str().to_owned(),
                "vpc-endpoint-type" => "Interface".to_owned(),
                _ => endpoint.vpc.to_string(),
            }]
        })
    });
    chosen.sort_by(|a, b| a.id.cmp(&b.id));
    let (chosen, next) = page(params, 1, chosen, |endpoint| endpoint.id.to_string())?;
    let mut x = Xml::default();
    x.items("vpcEndpointSet", &chosen, |x, endpoint| write(x, state, call.now, endpoint));
    x.optional("nextToken", next);
    Ok(x)
}

/// Writes what is inside of one endpoint's element.
pub(super) fn write(x: &mut Xml, state: &AwsState, now: SystemTime, endpoint: &Endpoint) {
    x.text("vpcEndpointId", &endpoint.id);
    x.text("vpcEndpointType", "Interface");
    x.text("vpcId", &endpoint.vpc);
    x.text("serviceName", &endpoint.service);
    x.text("state", endpoint.state_at(now).as_str());
    x.text("policyDocument", &endpoint.policy);
    x.node("routeTableIdSet", |_| ());
    x.texts("subnetIdSet", &endpoint.subnets);
    x.items("groupSet", &endpoint.groups, |x, id| {
        x.text("groupId", id);
        x.optional("groupName", state.groups.get(id).map(|group| &group.name));
    });
    x.text("ipAddressType", endpoint.ip_type.as_str());
    x.node("dnsOptions", |x| x.text("dnsRecordIpType", &endpoint.dns_record_type));
    x.text("privateDnsEnabled", endpoint.private_dns);
    x.text("requesterManaged", false);
    let interfaces = state.interfaces_at(now).filter(|i| i.endpoint.as_ref() == Some(&endpoint.id));
    x.texts("networkInterfaceIdSet", interfaces.map(|interface| &interface.id));
    x.items("dnsEntrySet", dns_entries(state, endpoint), |x, (name, zone)| {
        x.text("dnsName", name);
        x.text("hostedZoneId", zone);
    });
    x.text("creationTimestamp", iso(endpoint.created));
    tag::write(x, state, endpoint.id.as_str());
    x.text("ownerId", &endpoint.account);
    if let Some((code, message)) = &endpoint.last_error {
        x.node("lastError", |x| {
            x.text("message", message);
            x.text("code", code);
        });
        x.text("failureReason", message);
    }
    x.text("serviceRegion", &endpoint.service_region);
}

/// The regional name, a name for each zone and, with private DNS on, the vendor's own name.
fn dns_entries(state: &AwsState, endpoint: &Endpoint) -> Vec<(String, String)> {
    let zone = endpoint_zone(&endpoint.service_region).to_string();
    let mut entries = vec![(endpoint.regional_name(), zone.clone())];
    let mut zonal: Vec<String> = endpoint
        .subnets
        .iter()
        .filter_map(|id| state.subnets.get(id))
        .filter_map(|subnet| state.zone_name(&endpoint.account, &endpoint.region, &subnet.zone))
        .map(|name| endpoint.zonal_name(name))
        .collect();
    zonal.sort();
    entries.extend(zonal.into_iter().map(|name| (name, zone.clone())));
    let private = state.services.get(&endpoint.service).and_then(|service| service.private_dns_name.as_ref());
    if let Some(name) = private.filter(|_| endpoint.private_dns) {
        entries.push((name.to_string(), endpoint.hidden_zone.to_string()));
    }
    if state.behaviour.dns_entries_reversed {
        entries.reverse();
    }
    entries
}
