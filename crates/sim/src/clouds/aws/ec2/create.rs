//! `CreateVpcEndpoint`: every check first, then everything at once.

use std::net::IpAddr;
use std::time::SystemTime;

use privlink_core::{NetworkInterfaceId, Region, SecurityGroupId, SubnetId, VpcEndpointId, VpcId, ZoneId};

use super::super::Call;
use super::super::endpoint::{Endpoint, EndpointState, IpType, private_zone_name};
use super::super::error::{Answer, ApiError};
use super::super::query::Params;
use super::super::route53::same_zone;
use super::super::state::{AwsState, EndpointServiceDef, Interface, NameState, Subnet, TokenUse, Vpc};
use super::super::xml::Xml;
use super::{endpoint, group, parse_id, service, subnet, tag, vpc};

/// Interface endpoints of one VPC.
const MOST_ENDPOINTS: usize = 50;
/// Groups of one interface.
const MOST_GROUPS: usize = 5;
/// What an endpoint's policy is when none is given.
pub(super) const FULL_ACCESS: &str = "{\n\t\"Statement\": [\n\t\t{\n\t\t\t\"Action\": \"*\", \n\t\t\t\"Effect\": \"Allow\", \n\t\t\t\"Principal\": \"*\", \n\t\t\t\"Resource\": \"*\"\n\t\t}\n\t]\n}";

pub(super) fn create(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let token = client_token(params)?;
    if let Some(token) = token
        && let Some(x) = replay(state, call, params, token)?
    {
        return Ok(x);
    }
    let new = check(state, call, params)?;
    let made = build(state, call, new)?;
    if let Some(token) = token {
        let key = (made.account.clone(), made.region.clone(), token.to_owned());
        let fingerprint = fingerprint(params);
        state.tokens.insert(key, TokenUse { fingerprint, made: made.clone() });
    }
    Ok(respond(state, call, &made, token))
}

/// A checked wish.
struct Wish {
    vpc: VpcId,
    service: EndpointServiceDef,
    places: Vec<Place>,
    groups: Vec<SecurityGroupId>,
    private_dns: bool,
    ip_type: IpType,
    dns_record_type: String,
    policy: String,
    tags: std::collections::BTreeMap<String, String>,
}

/// A subnet and the addresses an interface in it gets.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) subnet: SubnetId,
    pub(super) address: IpAddr,
    pub(super) address6: Option<IpAddr>,
}

fn client_token(params: &Params) -> Answer<Option<&str>> {
    let token = params.get("ClientToken");
    if let Some(token) = token
        && (token.len() > 64 || !token.is_ascii())
    {
        return Err(ApiError::value("ClientToken", token, "It must have up to 64 ASCII characters."));
    }
    Ok(token)
}

fn fingerprint(params: &Params) -> String {
    params.fingerprint(&["Action", "Version", "ClientToken", "DryRun"])
}

/// What the call with this token answered before, if there was one.
fn replay(state: &mut AwsState, call: &Call<'_>, params: &Params, token: &str) -> Answer<Option<Xml>> {
    let key = (call.caller.account.clone(), call.caller.region.clone(), token.to_owned());
    let Some(used) = state.tokens.get(&key).cloned() else { return Ok(None) };
    let found = state.endpoints.get(&used.made.id).filter(|e| !e.state_at(call.now).is_gone()).cloned();
    let lives = found.as_ref().is_some_and(|e| e.state_at(call.now).has_interfaces());
    if !lives && !state.behaviour.token_replay_after_delete {
        state.tokens.remove(&key);
        return Ok(None);
    }
    if used.fingerprint != fingerprint(params) {
        return Err(ApiError::new(
            "IdempotentParameterMismatch",
            "The request uses the same client token as a previous, but non-identical request.",
        ));
    }
    let endpoint = found.unwrap_or_else(|| {
        let mut gone = used.made;
        gone.timeline = vec![(call.now, EndpointState::Deleted)];
        gone
    });
    Ok(Some(respond(state, call, &endpoint, Some(token))))
}

fn respond(state: &AwsState, call: &Call<'_>, made: &Endpoint, token: Option<&str>) -> Xml {
    let mut x = Xml::default();
    x.node("vpcEndpoint", |x| endpoint::write(x, state, call.now, made));
    x.optional("clientToken", token);
    x
}

fn check(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Wish> {
    let kind = params.get("VpcEndpointType").unwrap_or("Gateway");
    if !["Interface", "Gateway", "GatewayLoadBalancer", "Resource", "ServiceNetwork", "Tunnel"].contains(&kind) {
        return Err(ApiError::new("InvalidVpcEndpointType", format!("The VPC endpoint type '{kind}' is not valid")));
    }
    let vpc = vpc::find(state, call, params.required("VpcId")?)?.clone();
    let name = params.required("ServiceName")?;
    let own = &call.caller.region;
    let service_region: Region = match params.get("ServiceRegion") {
        None => own.clone(),
        Some(text) => text.parse().map_err(|_| ApiError::value("ServiceRegion", text, "It is not a region."))?,
    };
    if service_region != *own {
        call.require("vpce:AllowMultiRegion")?;
    }
    let service = service::find(state, &call.caller, name, &service_region)?.clone();
    if kind != "Interface" {
        return Err(ApiError::new(
            "InvalidParameter",
            format!("Endpoint type ({kind}) does not match available service types ([Interface])."),
        ));
    }
    if !params.list("RouteTableId").is_empty() {
        return Err(ApiError::new("InvalidParameter", "Route table IDs are only supported for Gateway endpoints."));
    }
    let places_wanted = wanted_places(state, call, params)?;
    for (wanted, ..) in &places_wanted {
        fits(&vpc, &service, own, wanted)?;
    }
    one_for_each_zone(&places_wanted.iter().map(|(subnet, ..)| subnet).collect::<Vec<_>>(), &[])?;
    let groups = groups(state, call, &vpc.id, &params.list("SecurityGroupId"))?;
    let ip_type = ip_type(params, &service, places_wanted.iter().map(|(subnet, ..)| subnet))?.unwrap_or(IpType::V4);
    let dns_record_type = dns_record_type(params, ip_type)?;
    let private_dns = params.flag("PrivateDnsEnabled")?.unwrap_or(state.behaviour.private_dns_by_default);
    if private_dns {
        call.require("route53:AssociateVPCWithHostedZone")?;
        if service.acceptance_required {
            return Err(not_accepted(&service));
        }
        private_dns_fits(state, call.now, &vpc, &service, None)?;
    }
    let policy = policy(params)?.unwrap_or_else(|| FULL_ACCESS.to_owned());
    let in_vpc = state.endpoints.values().filter(|e| e.vpc == vpc.id && e.state_at(call.now).has_interfaces()).count();
    if in_vpc >= MOST_ENDPOINTS {
        return Err(ApiError::new(
            "VpcEndpointLimitExceeded",
            format!("The maximum number of VPC endpoints has been reached for VPC {}.", vpc.id),
        ));
    }
    let mut places = Vec::new();
    for (subnet, v4, v6) in &places_wanted {
        places.push(place(state, call.now, subnet, ip_type, *v4, *v6)?);
    }
    let tags = tag::at_birth(call, params, "vpc-endpoint")?;
    Ok(Wish { vpc: vpc.id, service, places, groups, private_dns, ip_type, dns_record_type, policy, tags })
}

fn build(state: &mut AwsState, call: &Call<'_>, wish: Wish) -> Answer<Endpoint> {
    let now = call.now;
    let id: VpcEndpointId = state.ids.ec2("vpce").parse().expect("hex digits behind the prefix");
    let hidden_zone = state.ids.route53('Z').parse().expect("capital letters and digits");
    let behaviour = state.behaviour;
    let mut endpoint = Endpoint {
        id: id.clone(),
        account: call.caller.account.clone(),
        region: call.caller.region.clone(),
        vpc: wish.vpc,
        service: wish.service.name.clone(),
        service_region: wish.service.region.clone(),
        created: now,
        timeline: Vec::new(),
        subnets: wish.places.iter().map(|place| place.subnet.clone()).collect(),
        groups: wish.groups,
        private_dns: wish.private_dns,
        private_dns_from: wish.private_dns.then(|| now + behaviour.endpoint_pending),
        dns_tag: state.ids.dns_tag(),
        hidden_zone,
        ip_type: wish.ip_type,
        dns_record_type: wish.dns_record_type,
        policy: wish.policy,
        last_error: None,
    };
    if wish.service.acceptance_required {
        endpoint.schedule(now, &[(std::time::Duration::ZERO, EndpointState::PendingAcceptance)]);
        if let Some(after) = behaviour.endpoint_expires {
            endpoint.timeline.push((now + after, EndpointState::Expired));
        }
    } else {
        endpoint.schedule(
            now,
            &[
                (std::time::Duration::ZERO, EndpointState::Pending),
                (behaviour.endpoint_pending, EndpointState::Available),
            ],
        );
    }
    for place in wish.places {
        attach(state, &endpoint, place);
    }
    state.tags.insert(id.to_string(), wish.tags);
    state.remember_fresh(id.as_str());
    state.endpoints.insert(id, endpoint.clone());
    Ok(endpoint)
}

/// Puts an interface of `endpoint` into a subnet.
pub(super) fn attach(state: &mut AwsState, endpoint: &Endpoint, place: Place) {
    let id: NetworkInterfaceId = state.ids.ec2("eni").parse().expect("hex digits behind the prefix");
    let interface = Interface {
        id: id.clone(),
        subnet: place.subnet,
        address: place.address,
        address6: place.address6,
        groups: endpoint.groups.clone(),
        endpoint: Some(endpoint.id.clone()),
        mac: state.ids.mac(),
    };
    state.interfaces.insert(id, interface);
}

/// A subnet with the addresses asked for in it.
type Wanted = (Subnet, Option<IpAddr>, Option<IpAddr>);

/// The subnets of `SubnetId.n` and `SubnetConfiguration.n`.
fn wanted_places(state: &AwsState, call: &Call<'_>, params: &Params) -> Answer<Vec<Wanted>> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for id in params.list("SubnetId") {
        wanted.push((subnet::find(state, call, id)?.clone(), None, None));
    }
    for entry in params.entries("SubnetConfiguration") {
        let found = subnet::find(state, call, entry.required("SubnetId")?)?.clone();
        let (v4, v6) = (address(&entry, "Ipv4")?, address(&entry, "Ipv6")?);
        match wanted.iter_mut().find(|(subnet, ..)| subnet.id == found.id) {
            Some(place) => (place.1, place.2) = (v4, v6),
            None => wanted.push((found, v4, v6)),
        }
    }
    Ok(wanted)
}

fn address(entry: &Params, name: &str) -> Answer<Option<IpAddr>> {
    entry
        .get(name)
        .map(|text| text.parse().map_err(|_| ApiError::value(name, text, "It is not an IP address.")))
        .transpose()
}

/// Whether an endpoint to `service` may be in `subnet`.
pub(super) fn fits(vpc: &Vpc, service: &EndpointServiceDef, own: &Region, subnet: &Subnet) -> Answer<()> {
    if subnet.vpc != vpc.id {
        return Err(ApiError::new(
            "InvalidParameter",
            format!("The subnet ID '{}' does not belong to the VPC '{}'", subnet.id, vpc.id),
        ));
    }
    if service.region == *own {
        if !service.zones.contains(&subnet.zone) {
            return Err(ApiError::new(
                "InvalidParameter",
                format!(
                    "The VPC endpoint service {} does not support the availability zone of the subnet: {}.",
                    service.name, subnet.id
                ),
            ));
        }
    } else if let Some(zones) = &service.remote_zones
        && !zones.contains(&subnet.zone)
    {
        let zones: Vec<&str> = zones.iter().map(ZoneId::as_str).collect();
        return Err(ApiError::new(
            "InvalidParameter",
            format!(
                "Subnet {} is in an unsupported availability zone. Only the following availability zones are \
                 supported for remote access: {}",
                subnet.id,
                zones.join(", ")
            ),
        ));
    }
    Ok(())
}

/// Whether no zone is named twice, counting the zones already in use.
pub(super) fn one_for_each_zone(new: &[&Subnet], used: &[ZoneId]) -> Answer<()> {
    let mut zones: Vec<&ZoneId> = used.iter().collect();
    for subnet in new {
        if zones.contains(&&subnet.zone) {
            return Err(ApiError::new(
                "DuplicateSubnetsInSameZone",
                format!("Found another VPC endpoint subnet in the availability zone of {}.", subnet.id),
            ));
        }
        zones.push(&subnet.zone);
    }
    Ok(())
}

/// The groups named, all of this VPC; its default group when none is.
pub(super) fn groups(
    state: &mut AwsState,
    call: &Call<'_>,
    vpc: &VpcId,
    named: &[&str],
) -> Answer<Vec<SecurityGroupId>> {
    if named.is_empty() {
        let default = state.groups.values().find(|group| group.vpc == *vpc && group.name == "default");
        return Ok(default.map(|group| group.id.clone()).into_iter().collect());
    }
    let mut groups = Vec::new();
    for text in named {
        let _: SecurityGroupId = parse_id(text, "InvalidSecurityGroupID.Malformed", "sg")?;
        let id = group::find(state, call, text)?;
        if state.groups.get(&id).is_some_and(|group| group.vpc != *vpc) {
            return Err(ApiError::new(
                "InvalidParameter",
                format!("Security group {id} and VPC {vpc} belong to different networks."),
            ));
        }
        if !groups.contains(&id) {
            groups.push(id);
        }
    }
    at_most_five(groups.len())?;
    Ok(groups)
}

/// Refuses more groups than an interface may have.
pub(super) fn at_most_five(count: usize) -> Answer<()> {
    if count > MOST_GROUPS {
        return Err(ApiError::new(
            "SecurityGroupsPerInterfaceLimitExceeded",
            "You have exceeded the maximum number of security groups allowed per network interface.",
        ));
    }
    Ok(())
}

/// The address type asked for, if it suits the service and the subnets.
pub(super) fn ip_type<'a>(
    params: &Params,
    service: &EndpointServiceDef,
    subnets: impl IntoIterator<Item = &'a Subnet>,
) -> Answer<Option<IpType>> {
    let Some(text) = params.get("IpAddressType") else { return Ok(None) };
    let wanted = IpType::parse(text)
        .ok_or_else(|| ApiError::value("IpAddressType", text, "Must be ipv4, dualstack or ipv6."))?;
    if wanted.has_v6() {
        if !service.dual_stack {
            return Err(ApiError::new(
                "InvalidParameter",
                format!("IP address type '{text}' is not supported by the service {}.", service.name),
            ));
        }
        if let Some(subnet) = subnets.into_iter().find(|subnet| subnet.cidr6.is_none()) {
            return Err(ApiError::new(
                "InvalidParameter",
                format!("IP address type '{text}' is not supported by the subnet {}.", subnet.id),
            ));
        }
    }
    Ok(Some(wanted))
}

/// The DNS record type asked for, or the one that follows from the address type.
pub(super) fn dns_record_type(params: &Params, ip_type: IpType) -> Answer<String> {
    let Some(wanted) = params.get("DnsOptions.DnsRecordIpType") else { return Ok(ip_type.as_str().to_owned()) };
    let fits = match wanted {
        "ipv4" => ip_type.has_v4(),
        "ipv6" => ip_type.has_v6(),
        "dualstack" => ip_type == IpType::DualStack,
        "service-defined" => true,
        _ => {
            let rule = "Must be ipv4, dualstack, ipv6 or service-defined.";
            return Err(ApiError::value("DnsRecordIpType", wanted, rule));
        }
    };
    if !fits {
        return Err(ApiError::new(
            "InvalidParameter",
            format!("DNS record IP type '{wanted}' is not compatible with IP address type '{}'.", ip_type.as_str()),
        ));
    }
    Ok(wanted.to_owned())
}

/// The policy document asked for.
pub(super) fn policy(params: &Params) -> Answer<Option<String>> {
    let Some(text) = params.get("PolicyDocument") else { return Ok(None) };
    if text.chars().count() > 20_480 {
        return Err(ApiError::new("InvalidPolicyDocument", "The policy exceeds 20480 characters."));
    }
    if serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_err() {
        return Err(ApiError::new("InvalidPolicyDocument", "The policy document is not a JSON object."));
    }
    Ok(Some(text.to_owned()))
}

/// Addresses for an interface in `subnet`.
pub(super) fn place(
    state: &AwsState,
    now: SystemTime,
    subnet: &Subnet,
    ip_type: IpType,
    wanted: Option<IpAddr>,
    wanted6: Option<IpAddr>,
) -> Answer<Place> {
    let address = state.free_address(now, subnet, wanted)?;
    let address6 = if ip_type.has_v6() { Some(state.free_address6(now, subnet, wanted6)?) } else { None };
    Ok(Place { subnet: subnet.id.clone(), address, address6 })
}

/// Whether the private name of `service` can be served in `vpc`.
pub(super) fn private_dns_fits(
    state: &AwsState,
    now: SystemTime,
    vpc: &Vpc,
    service: &EndpointServiceDef,
    itself: Option<&VpcEndpointId>,
) -> Answer<()> {
    let refuse = |text: String| Err(ApiError::new("InvalidParameter", text));
    if !vpc.dns_support || !vpc.dns_hostnames {
        return refuse(format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {}",
            vpc.id
        ));
    }
    let Some(name) = private_zone_name(service) else {
        return refuse(format!(
            "Private DNS can't be enabled because the service {} does not provide a private DNS name.",
            service.name
        ));
    };
    if service.private_dns_state != NameState::Verified {
        return refuse(format!(
            "Private DNS can't be enabled because the service {} has not verified the private DNS name.",
            service.name
        ));
    }
    let by_endpoint = state.hidden_zones(now, &vpc.id).any(|(other, taken)| Some(&other.id) != itself && taken == name);
    let by_zone =
        state.zones.values().any(|zone| zone.content.vpcs.contains_key(&vpc.id) && same_zone(&zone.name, &name));
    if by_endpoint || by_zone {
        return refuse(format!(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name} in the VPC {}",
            vpc.id
        ));
    }
    Ok(())
}

/// The refusal of private DNS before the vendor has accepted.
pub(super) fn not_accepted(service: &EndpointServiceDef) -> ApiError {
    ApiError::new(
        "InvalidParameter",
        format!(
            "Private DNS can't be enabled because the connection to the service {} has not been accepted yet.",
            service.name
        ),
    )
}
