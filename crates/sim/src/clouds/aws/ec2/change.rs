//! `ModifyVpcEndpoint` and `DeleteVpcEndpoints`.

use std::net::IpAddr;
use std::time::Duration;

use privlink_core::{NetworkInterfaceId, SubnetId, VpcEndpointId, ZoneId};

use super::super::Call;
use super::super::endpoint::{Endpoint, EndpointState};
use super::super::error::{Answer, ApiError};
use super::super::query::Params;
use super::super::state::{AwsState, Subnet};
use super::super::xml::Xml;
use super::create::{self, Place};
use super::{endpoint, parse_id, subnet, vpc, yes};

pub(super) fn modify(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let old = endpoint::find(state, call, params.required("VpcEndpointId")?)?;
    let private_dns = params.flag("PrivateDnsEnabled")?;
    let current = old.state_at(call.now);
    if current != EndpointState::Available {
        if private_dns == Some(true)
            && current == EndpointState::PendingAcceptance
            && let Some(service) = state.services.get(&old.service)
        {
            return Err(create::not_accepted(service));
        }
        return Err(ApiError::new(
            "IncorrectState",
            format!("VPC endpoint {} is in state {} and cannot be modified.", old.id, current.as_str()),
        ));
    }
    if !params.list("AddRouteTableId").is_empty() || !params.list("RemoveRouteTableId").is_empty() {
        return Err(ApiError::new("InvalidParameter", "Route tables can be changed for Gateway endpoints only."));
    }
    let vpc = vpc::find(state, call, old.vpc.as_str())?.clone();
    let service = state.services.get(&old.service).cloned().ok_or_else(|| {
        ApiError::new("InvalidServiceName", format!("The Vpc Endpoint Service '{}' does not exist", old.service))
    })?;
    let mut new = old.clone();

    let removed = removed_subnets(state, call, params, &old)?;
    new.subnets.retain(|id| !removed.contains(id));
    let added = added_subnets(state, call, params, &new)?;
    for subnet in &added {
        create::fits(&vpc, &service, &call.caller.region, subnet)?;
    }
    let kept: Vec<Subnet> = new.subnets.iter().filter_map(|id| state.subnets.get(id)).cloned().collect();
    let zones: Vec<ZoneId> = kept.iter().map(|subnet| subnet.zone.clone()).collect();
    create::one_for_each_zone(&added.iter().collect::<Vec<_>>(), &zones)?;
    if let Some(ip_type) = create::ip_type(params, &service, kept.iter().chain(&added))? {
        new.ip_type = ip_type;
        new.dns_record_type = ip_type.as_str().to_owned();
    }
    if params.get("DnsOptions.DnsRecordIpType").is_some() {
        new.dns_record_type = create::dns_record_type(params, new.ip_type)?;
    }
    change_groups(state, call, params, &mut new)?;
    if let Some(policy) = create::policy(params)? {
        new.policy = policy;
    }
    if params.flag("ResetPolicy")? == Some(true) {
        new.policy = create::FULL_ACCESS.to_owned();
    }
    match private_dns {
        Some(true) => {
            call.require("route53:AssociateVPCWithHostedZone")?;
            create::private_dns_fits(state, call.now, &vpc, &service, Some(&old.id))?;
            if !old.private_dns {
                new.private_dns = true;
                new.private_dns_from = Some(call.now + state.behaviour.endpoint_changing);
            }
        }
        Some(false) => {
            new.private_dns = false;
            new.private_dns_from = None;
        }
        None => {}
    }
    let second = if new.ip_type.has_v6() { second_addresses(state, call, &old)? } else { Vec::new() };
    let (places, moved) = new_places(state, call, params, &added, &kept, &new)?;

    new.subnets.extend(added.into_iter().map(|subnet| subnet.id));
    let changing = state.behaviour.endpoint_changing;
    new.schedule(call.now, &[(Duration::ZERO, EndpointState::Pending), (changing, EndpointState::Available)]);
    // An interface whose address is asked for is replaced.
    state.interfaces.retain(|_, interface| {
        interface.endpoint.as_ref() != Some(&new.id)
            || !(removed.contains(&interface.subnet) || moved.contains(&interface.subnet))
    });
    for interface in state.interfaces.values_mut().filter(|i| i.endpoint.as_ref() == Some(&new.id)) {
        interface.groups.clone_from(&new.groups);
        if !new.ip_type.has_v6() {
            interface.address6 = None;
        } else if let Some((_, address6)) = second.iter().find(|(id, _)| *id == interface.id) {
            interface.address6 = Some(*address6);
        }
    }
    for place in places {
        create::attach(state, &new, place);
    }
    state.endpoints.insert(new.id.clone(), new);
    Ok(yes())
}

fn removed_subnets(state: &AwsState, call: &Call<'_>, params: &Params, old: &Endpoint) -> Answer<Vec<SubnetId>> {
    let mut removed = Vec::new();
    for text in params.list("RemoveSubnetId") {
        let id = subnet::find(state, call, text)?.id.clone();
        if !old.subnets.contains(&id) {
            return Err(ApiError::new(
                "InvalidParameter",
                format!("The subnet {id} is not associated with the VPC endpoint {}.", old.id),
            ));
        }
        removed.push(id);
    }
    Ok(removed)
}

fn added_subnets(state: &AwsState, call: &Call<'_>, params: &Params, kept: &Endpoint) -> Answer<Vec<Subnet>> {
    let mut added = Vec::new();
    for text in params.list("AddSubnetId") {
        added.push(subnet::find(state, call, text)?.clone());
    }
    for entry in params.entries("SubnetConfiguration") {
        let found = subnet::find(state, call, entry.required("SubnetId")?)?;
        if !kept.subnets.contains(&found.id) && !added.iter().any(|subnet| subnet.id == found.id) {
            added.push(found.clone());
        }
    }
    Ok(added)
}

/// The interfaces to make, and the subnets whose interface is replaced by one of them.
fn new_places(
    state: &AwsState,
    call: &Call<'_>,
    params: &Params,
    added: &[Subnet],
    kept: &[Subnet],
    new: &Endpoint,
) -> Answer<(Vec<Place>, Vec<SubnetId>)> {
    let configurations = params.entries("SubnetConfiguration");
    let (mut places, mut moved) = (Vec::new(), Vec::new());
    for subnet in added.iter().chain(kept) {
        let configuration = configurations.iter().find(|entry| entry.get("SubnetId") == Some(subnet.id.as_str()));
        let is_new = added.iter().any(|other| other.id == subnet.id);
        if !is_new && configuration.is_none() {
            continue;
        }
        let address = |name: &str| {
            let text = configuration.and_then(|entry| entry.get(name));
            text.map(|text| text.parse().map_err(|_| ApiError::value(name, text, "It is not an IP address.")))
                .transpose()
        };
        places.push(create::place(state, call.now, subnet, new.ip_type, address("Ipv4")?, address("Ipv6")?)?);
        if !is_new {
            moved.push(subnet.id.clone());
        }
    }
    Ok((places, moved))
}

/// IPv6 addresses for the interfaces that have none yet.
fn second_addresses(state: &AwsState, call: &Call<'_>, old: &Endpoint) -> Answer<Vec<(NetworkInterfaceId, IpAddr)>> {
    let mut found = Vec::new();
    for interface in state.interfaces.values().filter(|i| i.endpoint.as_ref() == Some(&old.id)) {
        if interface.address6.is_none()
            && let Some(subnet) = state.subnets.get(&interface.subnet).filter(|subnet| subnet.cidr6.is_some())
        {
            found.push((interface.id.clone(), state.free_address6(call.now, subnet, None)?));
        }
    }
    Ok(found)
}

fn change_groups(state: &mut AwsState, call: &Call<'_>, params: &Params, new: &mut Endpoint) -> Answer<()> {
    let added = params.list("AddSecurityGroupId");
    if !added.is_empty() {
        for id in create::groups(state, call, &new.vpc, &added)? {
            if !new.groups.contains(&id) {
                new.groups.push(id);
            }
        }
    }
    for text in params.list("RemoveSecurityGroupId") {
        let before = new.groups.len();
        new.groups.retain(|id| id.as_str() != text);
        if new.groups.len() == before {
            return Err(ApiError::new(
                "InvalidGroup.NotFound",
                format!("The security group '{text}' is not associated with the VPC endpoint {}", new.id),
            ));
        }
    }
    if new.groups.is_empty() {
        return Err(ApiError::new("InvalidParameter", "A VPC endpoint must have at least one security group."));
    }
    create::at_most_five(new.groups.len())
}

pub(super) fn delete(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let texts = params.list("VpcEndpointId");
    if texts.is_empty() {
        return Err(ApiError::missing("VpcEndpointId"));
    }
    let mut ids: Vec<VpcEndpointId> = Vec::new();
    for text in texts {
        ids.push(parse_id(text, "InvalidVpcEndpointId.Malformed", "vpce")?);
    }
    let mut unknown = Vec::new();
    for id in ids {
        let found = state.endpoint(&call.caller.account, &call.caller.region, call.now, &id).is_some();
        if !found || !state.sees(id.as_str()) || !state.start_deleting(call.now, &id) {
            unknown.push(id);
        }
    }
    let mut x = Xml::default();
    // Endpoints that could not be deleted do not make the call fail.
    x.items("unsuccessful", unknown, |x, id| {
        x.node("error", |x| {
            x.text("code", "InvalidVpcEndpoint.NotFound");
            x.text("message", format!("The VPC endpoint {id} does not exist"));
        });
        x.text("resourceId", id);
    });
    Ok(x)
}

impl AwsState {
    /// Lets an endpoint go; `false` when it is gone already.
    pub(in super::super) fn start_deleting(&mut self, now: std::time::SystemTime, id: &VpcEndpointId) -> bool {
        let behaviour = self.behaviour;
        let Some(endpoint) = self.endpoints.get_mut(id) else { return false };
        match endpoint.state_at(now) {
            EndpointState::Deleted | EndpointState::Gone => false,
            EndpointState::Deleting => true,
            _ => {
                let deleted = behaviour.endpoint_deleting;
                endpoint.schedule(
                    now,
                    &[
                        (Duration::ZERO, EndpointState::Deleting),
                        (deleted, EndpointState::Deleted),
                        (deleted + behaviour.endpoint_deleted_visible, EndpointState::Gone),
                    ],
                );
                true
            }
        }
    }
}
