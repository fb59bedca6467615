//! Virtual networks, subnets and security groups, which can only be read here.

use privlink_core::AzureResourceId;
use serde_json::{Value, json};

use super::super::error::Answer;
use super::super::rule;
use super::super::state::{AzureState, Subnet, Vnet};
use super::super::{Call, Reply};

pub(in super::super) fn get(state: &AzureState, call: &Call<'_>) -> Answer<Reply> {
    let vnet = state.vnets.get(&call.route.id()?).ok_or_else(|| call.route.not_found())?;
    Ok(Reply::json(200, render(state, call, vnet)))
}

pub(in super::super) fn list(state: &AzureState, call: &Call<'_>) -> Answer<Reply> {
    let subscription = call.route.subscription_id()?;
    let group = &call.route.group;
    let here = |id: &AzureResourceId| {
        id.subscription() == subscription && (group.is_empty() || id.resource_group().eq_ignore_ascii_case(group))
    };
    let items = state.vnets.values().filter(|vnet| here(&vnet.id)).map(|vnet| render(state, call, vnet)).collect();
    Ok(call.page(state, items))
}

pub(in super::super) fn get_subnet(state: &AzureState, call: &Call<'_>) -> Answer<Reply> {
    let subnet = state.subnets.get(&call.route.id()?).ok_or_else(|| call.route.not_found())?;
    Ok(Reply::json(200, render_subnet(state, call, subnet)))
}

pub(in super::super) fn list_subnets(state: &AzureState, call: &Call<'_>) -> Answer<Reply> {
    let vnet = call.route.parent()?;
    if !state.vnets.contains_key(&vnet) {
        return Err(call.route.not_found());
    }
    let items = state.subnets.values().filter(|subnet| subnet.vnet == vnet);
    let items = items.map(|subnet| render_subnet(state, call, subnet)).collect();
    Ok(call.page(state, items))
}

pub(in super::super) fn get_security_group(state: &AzureState, call: &Call<'_>) -> Answer<Reply> {
    let group = state.security_groups.get(&call.route.id()?).ok_or_else(|| call.route.not_found())?;
    let rules: Vec<Value> = group.rules.iter().map(|rule| rule.render(&group.id)).collect();
    let subnets = state.subnets.values().filter(|subnet| subnet.security_group.as_ref() == Some(&group.id));
    Ok(Reply::json(
        200,
        json!({
            "name": group.id.name(), "id": group.id, "type": "Microsoft.Network/networkSecurityGroups",
            "location": group.location,
            "properties": {
                "provisioningState": "Succeeded",
                "resourceGuid": group.guid.to_string(),
                "securityRules": rules,
                "defaultSecurityRules": rule::defaults(&group.id),
                "subnets": subnets.map(|subnet| json!({ "id": subnet.id })).collect::<Vec<Value>>(),
            },
        }),
    ))
}

pub(in super::super) fn get_application_group(state: &AzureState, call: &Call<'_>) -> Answer<Reply> {
    let group = state.application_groups.get(&call.route.id()?).ok_or_else(|| call.route.not_found())?;
    Ok(Reply::json(
        200,
        json!({
            "name": group.id.name(), "id": group.id, "type": "Microsoft.Network/applicationSecurityGroups",
            "location": group.location,
            "properties": { "provisioningState": "Succeeded", "resourceGuid": group.guid.to_string() },
        }),
    ))
}

fn render(state: &AzureState, call: &Call<'_>, vnet: &Vnet) -> Value {
    let ranges: Vec<String> = vnet.ranges.iter().map(ToString::to_string).collect();
    let servers: Vec<String> = vnet.dns_servers.iter().map(ToString::to_string).collect();
    let subnets = state.subnets.values().filter(|subnet| subnet.vnet == vnet.id);
    let subnets: Vec<Value> = subnets.map(|subnet| render_subnet(state, call, subnet)).collect();
    let peerings = vnet.peers.iter().map(|peer| {
        json!({
            "name": peer.name(),
            "id": format!("{}/virtualNetworkPeerings/{}", vnet.id, peer.name()),
            "properties": {
                "provisioningState": "Succeeded", "peeringState": "Connected", "allowVirtualNetworkAccess": true,
                "remoteVirtualNetwork": { "id": peer },
            },
        })
    });
    json!({
        "name": vnet.id.name(), "id": vnet.id, "type": "Microsoft.Network/virtualNetworks", "location": vnet.location,
        "properties": {
            "provisioningState": "Succeeded",
            "resourceGuid": vnet.guid.to_string(),
            "addressSpace": { "addressPrefixes": ranges },
            "dhcpOptions": { "dnsServers": servers },
            "subnets": subnets,
            "virtualNetworkPeerings": peerings.collect::<Vec<Value>>(),
            "enableDdosProtection": false,
        },
    })
}

fn render_subnet(state: &AzureState, call: &Call<'_>, subnet: &Subnet) -> Value {
    let busy = subnet.busy_until.is_some_and(|until| until > call.now);
    let endpoints = state.endpoints.values().filter(|endpoint| endpoint.subnet == subnet.id);
    let mut properties = json!({
        "provisioningState": if busy { "Updating" } else { "Succeeded" },
        "addressPrefix": subnet.range.to_string(),
        "privateEndpoints": endpoints.map(|endpoint| json!({ "id": endpoint.id })).collect::<Vec<Value>>(),
        "delegations": [],
        "privateEndpointNetworkPolicies": subnet.policies,
        "privateLinkServiceNetworkPolicies": "Enabled",
    });
    if let Some(group) = &subnet.security_group {
        properties["networkSecurityGroup"] = json!({ "id": group });
    }
    json!({
        "name": subnet.id.name(), "id": subnet.id, "type": "Microsoft.Network/virtualNetworks/subnets",
        "properties": properties,
    })
}
