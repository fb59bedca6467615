//! Endpoint services, as a consumer sees them.

use privlink_core::{Region, VpcEndpointServiceName};

use super::super::Call;
use super::super::endpoint::endpoint_domain;
use super::super::error::{Answer, ApiError};
use super::super::filter::{Filters, page};
use super::super::query::Params;
use super::super::sign::Caller;
use super::super::state::{AwsState, EndpointServiceDef};
use super::super::xml::Xml;

/// The service of this name that the caller can use from its region, looked for in `service_region`.
pub(super) fn find<'a>(
    state: &'a AwsState,
    caller: &Caller,
    name: &str,
    service_region: &Region,
) -> Answer<&'a EndpointServiceDef> {
    // Whatever the reason, the answer is the same: nobody learns what exists for others.
    let unknown = || ApiError::new("InvalidServiceName", format!("The Vpc Endpoint Service '{name}' does not exist"));
    let name: VpcEndpointServiceName = name.parse().map_err(|_| unknown())?;
    let service = state.services.get(&name).ok_or_else(unknown)?;
    if is_visible(service, caller, service_region) { Ok(service) } else { Err(unknown()) }
}

fn is_visible(service: &EndpointServiceDef, caller: &Caller, service_region: &Region) -> bool {
    let remote = || service.remote_regions.as_ref().is_none_or(|regions| regions.contains(&caller.region));
    let reachable = service.region == caller.region || (service.cross_region && remote());
    service.region == *service_region && reachable && admits(service, caller)
}

fn admits(service: &EndpointServiceDef, caller: &Caller) -> bool {
    let Some(principals) = &service.principals else { return true };
    let account = caller.account.as_str();
    // A session of a role is known by the role's own ARN.
    let role = caller.principal.split(":assumed-role/").nth(1).and_then(|rest| rest.split('/').next());
    principals.iter().any(|principal| {
        principal == "*"
            || principal == account
            || *principal == caller.principal
            || (principal.ends_with(":root") && principal.split(':').nth(4) == Some(account))
            || role.is_some_and(|role| {
                principal.split(':').nth(4) == Some(account) && principal.ends_with(&format!(":role/{role}"))
            })
    })
}

pub(super) fn describe(state: &AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let filters = Filters::parse(
        params,
        &["owner", "service-name", "service-region", "service-type", "supported-ip-address-types"],
    )?;
    let caller = &call.caller;
    let mut regions = Vec::new();
    for text in params.list("ServiceRegion") {
        let region: Region = text.parse().map_err(|_| ApiError::value("ServiceRegion", text, "It is not a region."))?;
        regions.push(region);
    }
    if regions.is_empty() {
        regions.push(caller.region.clone());
    }
    let names = params.list("ServiceName");
    let mut services = Vec::new();
    for name in &names {
        let found = regions.iter().find_map(|region| find(state, caller, name, region).ok());
        services.push(found.ok_or_else(|| {
            ApiError::new("InvalidServiceName", format!("The Vpc Endpoint Service '{name}' does not exist"))
        })?);
    }
    if names.is_empty() {
        services = state
            .services
            .values()
            .filter(|service| regions.iter().any(|region| is_visible(service, caller, region)))
            .collect();
    }
    services.retain(|service| {
        filters.keep(None, |name| match name {
            "owner" => vec![service.owner.to_string()],
            "service-name" => vec![service.name.to_string()],
            "service-region" => vec![service.region.to_string()],
            "service-type" => vec!["Interface".to_owned()],
            _ => ip_types(service).map(str::to_owned).collect(),
        })
    });
    services.sort_by(|a, b| a.name.cmp(&b.name));
    services.dedup_by(|a, b| a.name == b.name);
    let (services, next) = page(params, 1, services, |service| service.name.to_string())?;
    let mut x = Xml::default();
    x.texts("serviceNameSet", services.iter().map(|service| &service.name));
    x.items("serviceDetailSet", services, |x, service| write(x, state, caller, service));
    x.optional("nextToken", next);
    Ok(x)
}

fn ip_types(service: &EndpointServiceDef) -> impl Iterator<Item = &'static str> {
    std::iter::once("ipv4").chain(service.dual_stack.then_some("ipv6"))
}

fn write(x: &mut Xml, state: &AwsState, caller: &Caller, service: &EndpointServiceDef) {
    x.text("serviceName", &service.name);
    x.text("serviceId", service.name.service_id());
    x.items("serviceType", ["Interface"], |x, kind| x.text("serviceType", kind));
    x.text("serviceRegion", &service.region);
    // The zones both sides have, by the caller's own names; from another region there are none.
    if service.region == caller.region {
        let zones: Vec<(&str, _)> = service
            .zones
            .iter()
            .filter_map(|zone| Some((state.zone_name(&caller.account, &caller.region, zone)?, zone)))
            .collect();
        x.texts("availabilityZoneSet", zones.iter().map(|(name, _)| name));
        x.texts("availabilityZoneIdSet", zones.iter().map(|(_, id)| id));
    }
    x.text("owner", &service.owner);
    x.texts("baseEndpointDnsNameSet", [format!("{}.{}", service.name.service_id(), endpoint_domain(&service.region))]);
    if let Some(name) = &service.private_dns_name {
        x.text("privateDnsName", name);
        x.items("privateDnsNameSet", [name], |x, name| x.text("privateDnsName", name));
        x.text("privateDnsNameVerificationState", service.private_dns_state.as_str());
    }
    x.text("vpcEndpointPolicySupported", service.policy_supported);
    x.text("acceptanceRequired", service.acceptance_required);
    x.text("managesVpcEndpoints", false);
    x.node("tagSet", |_| ());
    x.texts("supportedIpAddressTypeSet", ip_types(service));
}
