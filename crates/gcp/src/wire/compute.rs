//! Compute Engine: resources as they come, and bodies as they go.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A page of any list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct List<T> {
    pub(crate) items: Option<Vec<T>>,
    pub(crate) next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Address {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) address_type: Option<String>,
    pub(crate) purpose: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) subnetwork: Option<String>,
    pub(crate) self_link: Option<String>,
    pub(crate) users: Option<Vec<String>>,
    pub(crate) labels: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ForwardingRule {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    #[serde(rename = "IPAddress")]
    pub(crate) ip_address: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) subnetwork: Option<String>,
    pub(crate) self_link: Option<String>,
    pub(crate) self_link_with_id: Option<String>,
    pub(crate) fingerprint: Option<String>,
    pub(crate) label_fingerprint: Option<String>,
    pub(crate) labels: Option<BTreeMap<String, String>>,
    pub(crate) allow_psc_global_access: Option<bool>,
    pub(crate) no_automate_dns_zone: Option<bool>,
    pub(crate) service_directory_registrations: Option<Vec<ServiceDirectoryRegistration>>,
    /// Kept as it came, so that a number is told from the text it has to be.
    pub(crate) psc_connection_id: Option<serde_json::Value>,
    pub(crate) psc_connection_status: Option<String>,
    pub(crate) creation_timestamp: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceDirectoryRegistration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) namespace: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) name: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) operation_type: Option<String>,
    pub(crate) target_link: Option<String>,
    pub(crate) error: Option<OperationFailure>,
    pub(crate) http_error_status_code: Option<i64>,
    pub(crate) http_error_message: Option<String>,
    pub(crate) warnings: Option<Vec<OperationProblem>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OperationFailure {
    pub(crate) errors: Option<Vec<OperationProblem>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationProblem {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) error_details: Option<Vec<ErrorDetail>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorDetail {
    pub(crate) quota_info: Option<QuotaInfo>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuotaInfo {
    pub(crate) limit_name: Option<String>,
    pub(crate) limit: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Network {
    pub(crate) name: Option<String>,
    pub(crate) self_link: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) auto_create_subnetworks: Option<bool>,
    pub(crate) routing_config: Option<RoutingConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoutingConfig {
    pub(crate) routing_mode: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subnetwork {
    pub(crate) name: Option<String>,
    pub(crate) self_link: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) ip_cidr_range: Option<String>,
    pub(crate) secondary_ip_ranges: Option<Vec<SecondaryRange>>,
    pub(crate) purpose: Option<String>,
    pub(crate) stack_type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecondaryRange {
    pub(crate) ip_cidr_range: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Firewall {
    pub(crate) name: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) direction: Option<String>,
    pub(crate) priority: Option<i64>,
    pub(crate) disabled: Option<bool>,
    pub(crate) allowed: Option<Vec<FirewallPorts>>,
    pub(crate) denied: Option<Vec<FirewallPorts>>,
    pub(crate) destination_ranges: Option<Vec<String>>,
    pub(crate) target_tags: Option<Vec<String>>,
    pub(crate) target_service_accounts: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct FirewallPorts {
    #[serde(rename = "IPProtocol")]
    pub(crate) protocol: Option<String>,
    pub(crate) ports: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InsertAddress<'a> {
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'a str>,
    pub(crate) address_type: &'static str,
    pub(crate) subnetwork: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) labels: Option<&'a BTreeMap<String, String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InsertForwardingRule<'a> {
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'a str>,
    pub(crate) target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) network: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subnetwork: Option<&'a str>,
    #[serde(rename = "IPAddress", skip_serializing_if = "Option::is_none")]
    pub(crate) ip_address: Option<&'a str>,
    pub(crate) allow_psc_global_access: bool,
    pub(crate) no_automate_dns_zone: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) service_directory_registrations: Vec<ServiceDirectoryRegistration>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PatchForwardingRule<'a> {
    pub(crate) allow_psc_global_access: bool,
    pub(crate) fingerprint: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetLabels<'a> {
    pub(crate) labels: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label_fingerprint: Option<&'a str>,
}
