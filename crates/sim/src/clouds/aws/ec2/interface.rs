//! Network interfaces.

use std::net::IpAddr;

use privlink_core::NetworkInterfaceId;

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::filter::{Filters, page};
use super::super::query::Params;
use super::super::state::{AwsState, Interface};
use super::super::xml::Xml;
use super::{parse_id, subnet, tag};

pub(super) fn describe(state: &AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let filters = Filters::parse(
        params,
        &[
            "addresses.private-ip-address",
            "availability-zone",
            "availability-zone-id",
            "description",
            "group-id",
            "interface-type",
            "network-interface-id",
            "owner-id",
            "private-ip-address",
            "requester-managed",
            "status",
            "subnet-id",
            "vpc-id",
        ],
    )?;
    let (account, region) = (&call.caller.account, &call.caller.region);
    let all: Vec<&Interface> = state
        .interfaces_at(call.now)
        .filter(|i| state.subnets.get(&i.subnet).is_some_and(|s| state.vpc(account, region, &s.vpc).is_some()))
        .collect();
    let ids = params.list("NetworkInterfaceId");
    let mut chosen = Vec::new();
    for text in &ids {
        let id: NetworkInterfaceId = parse_id(text, "InvalidNetworkInterfaceId.Malformed", "eni")?;
        chosen.push(*all.iter().find(|interface| interface.id == id).ok_or_else(|| {
            ApiError::new(
                "InvalidNetworkInterfaceID.NotFound",
                format!("The networkInterface ID '{text}' does not exist"),
            )
        })?);
    }
    if ids.is_empty() {
        chosen = all;
    }
    chosen.retain(|i| filters.keep(state.tags_of(i.id.as_str()), |name| filter_values(state, call, i, name)));
    chosen.sort_by(|a, b| a.id.cmp(&b.id));
    let (chosen, next) = page(params, 5, chosen, |interface| interface.id.to_string())?;
    let mut x = Xml::default();
    x.items("networkInterfaceSet", chosen, |x, interface| write(x, state, call, interface));
    x.optional("nextToken", next);
    Ok(x)
}

fn filter_values(state: &AwsState, call: &Call<'_>, interface: &Interface, name: &str) -> Vec<String> {
    let subnet = state.subnets.get(&interface.subnet);
    match name {
        "network-interface-id" => vec![interface.id.to_string()],
        "subnet-id" => vec![interface.subnet.to_string()],
        "vpc-id" => subnet.map(|subnet| subnet.vpc.to_string()).into_iter().collect(),
        "group-id" => interface.groups.iter().map(ToString::to_string).collect(),
        "interface-type" => vec![kind(interface).to_owned()],
        "requester-managed" => vec![interface.endpoint.is_some().to_string()],
        "status" => vec!["in-use".to_owned()],
        "description" => vec![description(interface)],
        "owner-id" => vec![call.caller.account.to_string()],
        "availability-zone" => subnet.map(|subnet| subnet::zone_name(state, call, subnet)).into_iter().collect(),
        "availability-zone-id" => subnet.map(|subnet| subnet.zone.to_string()).into_iter().collect(),
        _ => vec![interface.address.to_string()],
    }
}

fn kind(interface: &Interface) -> &'static str {
    if interface.endpoint.is_some() { "vpc_endpoint" } else { "interface" }
}

fn description(interface: &Interface) -> String {
    interface.endpoint.as_ref().map(|id| format!("VPC Endpoint Interface {id}")).unwrap_or_default()
}

fn write(x: &mut Xml, state: &AwsState, call: &Call<'_>, interface: &Interface) {
    let Some(subnet) = state.subnets.get(&interface.subnet) else { return };
    x.text("networkInterfaceId", &interface.id);
    x.text("subnetId", &interface.subnet);
    x.text("vpcId", &subnet.vpc);
    x.text("availabilityZone", subnet::zone_name(state, call, subnet));
    x.text("availabilityZoneId", &subnet.zone);
    x.text("description", description(interface));
    x.text("ownerId", &call.caller.account);
    if interface.endpoint.is_some() {
        x.text("requesterId", "vpce-service");
    }
    x.text("requesterManaged", interface.endpoint.is_some());
    x.text("status", "in-use");
    x.text("macAddress", &interface.mac);
    x.text("privateIpAddress", interface.address);
    x.items("groupSet", &interface.groups, |x, id| {
        x.text("groupId", id);
        x.optional("groupName", state.groups.get(id).map(|group| &group.name));
    });
    x.node("attachment", |x| {
        x.text("attachmentId", interface.id.as_str().replacen("eni-", "eni-attach-", 1));
        x.text("deviceIndex", 1);
        x.text(
            "instanceOwnerId",
            if interface.endpoint.is_some() { "amazon-aws" } else { call.caller.account.as_str() },
        );
        x.text("status", "attached");
        x.text("deleteOnTermination", false);
    });
    x.text("sourceDestCheck", true);
    x.items("privateIpAddressesSet", [interface.address], |x, address| {
        x.text("privateIpAddress", address);
        x.text("primary", true);
    });
    x.items("ipv6AddressesSet", interface.address6, |x, address: IpAddr| x.text("ipv6Address", address));
    x.text("interfaceType", kind(interface));
    tag::write(x, state, interface.id.as_str());
}
