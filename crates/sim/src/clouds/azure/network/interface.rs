//! The interface of a private endpoint, which can only be read.

use serde_json::json;

use super::super::error::Answer;
use super::super::state::AzureState;
use super::super::{Call, Reply};

pub(in super::super) fn get(state: &AzureState, call: &Call<'_>) -> Answer<Reply> {
    let id = call.route.id()?;
    let endpoint = state.endpoints.values().find(|endpoint| endpoint.interface.id == id);
    let endpoint = endpoint.ok_or_else(|| call.route.not_found())?;
    let interface = &endpoint.interface;
    let name = endpoint.static_address.as_deref().unwrap_or("privateEndpointIpConfig");
    let method = if endpoint.static_address.is_some() { "Static" } else { "Dynamic" };
    let etag = format!("W/\"{}\"", endpoint.etag);
    Ok(Reply::json(
        200,
        json!({
            "name": interface.id.name(),
            "id": interface.id,
            "etag": etag,
            "type": "Microsoft.Network/networkInterfaces",
            "location": endpoint.location,
            "properties": {
                "provisioningState": "Succeeded",
                "resourceGuid": interface.guid.to_string(),
                "ipConfigurations": [{
                    "name": name,
                    "id": format!("{}/ipConfigurations/{name}", interface.id),
                    "etag": etag,
                    "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
                    "properties": {
                        "provisioningState": "Succeeded",
                        "privateIPAddress": endpoint.address.to_string(),
                        "privateIPAllocationMethod": method,
                        "subnet": { "id": endpoint.subnet },
                        "primary": true,
                        "privateIPAddressVersion": "IPv4",
                        "privateLinkConnectionProperties": { "groupId": "", "requiredMemberName": "", "fqdns": [] },
                    },
                }],
                "dnsSettings": { "dnsServers": [], "appliedDnsServers": [] },
                "macAddress": interface.mac,
                "enableAcceleratedNetworking": false,
                "enableIPForwarding": false,
                "privateEndpoint": { "id": endpoint.id },
                "primary": true,
                "hostedWorkloads": [],
                "tapConfigurations": [],
                "nicType": "Standard",
            },
        }),
    ))
}
