//! Private endpoints and what they need of a network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SubResource;

/// A private endpoint as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PrivateEndpoint {
    pub(crate) id: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) tags: Option<BTreeMap<String, String>>,
    pub(crate) etag: Option<String>,
    pub(crate) properties: Option<PrivateEndpointProperties>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PrivateEndpointProperties {
    pub(crate) provisioning_state: Option<String>,
    /// Answered, and in no published document.
    pub(crate) resource_guid: Option<String>,
    pub(crate) subnet: Option<SubResource>,
    pub(crate) ip_version_type: Option<String>,
    pub(crate) network_interfaces: Option<Vec<SubResource>>,
    pub(crate) private_link_service_connections: Option<Vec<Connection>>,
    pub(crate) manual_private_link_service_connections: Option<Vec<Connection>>,
    pub(crate) custom_dns_configs: Option<Vec<CustomDnsConfig>>,
    pub(crate) application_security_groups: Option<Vec<SubResource>>,
    pub(crate) ip_configurations: Option<Vec<IpConfiguration>>,
    pub(crate) custom_network_interface_name: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) properties: Option<ConnectionProperties>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionProperties {
    pub(crate) provisioning_state: Option<String>,
    pub(crate) private_link_service_id: Option<String>,
    pub(crate) group_ids: Option<Vec<String>>,
    pub(crate) request_message: Option<String>,
    pub(crate) private_link_service_connection_state: Option<ConnectionState>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionState {
    pub(crate) status: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) actions_required: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomDnsConfig {
    pub(crate) fqdn: Option<String>,
    pub(crate) ip_addresses: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct IpConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) properties: Option<IpConfigurationProperties>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IpConfigurationProperties {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member_name: Option<String>,
    #[serde(rename = "privateIPAddress", skip_serializing_if = "Option::is_none")]
    pub(crate) private_ip_address: Option<String>,
}

/// A private endpoint as it is asked for: the whole of it, since a PUT replaces.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct PutPrivateEndpoint {
    pub(crate) location: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) properties: PutProperties,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutProperties {
    pub(crate) subnet: SubResource,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ip_version_type: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) private_link_service_connections: Vec<PutConnection>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) manual_private_link_service_connections: Vec<PutConnection>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) application_security_groups: Vec<SubResource>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ip_configurations: Vec<IpConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custom_network_interface_name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct PutConnection {
    pub(crate) name: String,
    pub(crate) properties: PutConnectionProperties,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutConnectionProperties {
    pub(crate) private_link_service_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) group_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_message: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NetworkInterface {
    pub(crate) id: Option<String>,
    pub(crate) properties: Option<NetworkInterfaceProperties>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NetworkInterfaceProperties {
    pub(crate) private_endpoint: Option<SubResource>,
    pub(crate) ip_configurations: Option<Vec<InterfaceIpConfiguration>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct InterfaceIpConfiguration {
    pub(crate) properties: Option<InterfaceIpProperties>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InterfaceIpProperties {
    #[serde(rename = "privateIPAddress")]
    pub(crate) private_ip_address: Option<String>,
    pub(crate) primary: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct VirtualNetwork {
    pub(crate) id: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) properties: Option<VirtualNetworkProperties>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VirtualNetworkProperties {
    pub(crate) provisioning_state: Option<String>,
    pub(crate) address_space: Option<AddressSpace>,
    pub(crate) subnets: Option<Vec<Subnet>>,
    pub(crate) dhcp_options: Option<DhcpOptions>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddressSpace {
    pub(crate) address_prefixes: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DhcpOptions {
    pub(crate) dns_servers: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Subnet {
    pub(crate) id: Option<String>,
    pub(crate) properties: Option<SubnetProperties>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubnetProperties {
    pub(crate) provisioning_state: Option<String>,
    pub(crate) address_prefix: Option<String>,
    pub(crate) address_prefixes: Option<Vec<String>>,
    pub(crate) network_security_group: Option<SubResource>,
    pub(crate) private_endpoint_network_policies: Option<String>,
    pub(crate) delegations: Option<Vec<serde_json::Value>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NetworkSecurityGroup {
    pub(crate) id: Option<String>,
    pub(crate) properties: Option<NetworkSecurityGroupProperties>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NetworkSecurityGroupProperties {
    pub(crate) security_rules: Option<Vec<SecurityRule>>,
    pub(crate) default_security_rules: Option<Vec<SecurityRule>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SecurityRule {
    pub(crate) name: Option<String>,
    pub(crate) properties: Option<SecurityRuleProperties>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecurityRuleProperties {
    pub(crate) protocol: Option<String>,
    pub(crate) access: Option<String>,
    pub(crate) direction: Option<String>,
    pub(crate) priority: Option<u32>,
    pub(crate) source_address_prefix: Option<String>,
    pub(crate) source_address_prefixes: Option<Vec<String>>,
    pub(crate) source_application_security_groups: Option<Vec<SubResource>>,
    pub(crate) source_port_range: Option<String>,
    pub(crate) source_port_ranges: Option<Vec<String>>,
    pub(crate) destination_address_prefix: Option<String>,
    pub(crate) destination_address_prefixes: Option<Vec<String>>,
    pub(crate) destination_application_security_groups: Option<Vec<SubResource>>,
    pub(crate) destination_port_range: Option<String>,
    pub(crate) destination_port_ranges: Option<Vec<String>>,
}
