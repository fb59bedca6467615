//! Cloud DNS: resources as they come, and bodies as they go.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Zones {
    pub(crate) managed_zones: Option<Vec<ManagedZone>>,
    pub(crate) next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordSets {
    pub(crate) rrsets: Option<Vec<RecordSet>>,
    pub(crate) next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ManagedZone {
    pub(crate) name: Option<String>,
    pub(crate) dns_name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) visibility: Option<String>,
    pub(crate) labels: Option<BTreeMap<String, String>>,
    pub(crate) private_visibility_config: Option<Visibility>,
    /// Present on zones that answer otherwise than from records.
    pub(crate) forwarding_config: Option<serde_json::Value>,
    pub(crate) peering_config: Option<serde_json::Value>,
    pub(crate) service_directory_config: Option<serde_json::Value>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Visibility {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) networks: Option<Vec<VisibleNetwork>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gke_clusters: Option<Vec<serde_json::Value>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisibleNetwork {
    pub(crate) network_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordSet {
    pub(crate) name: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) ttl: Option<i64>,
    pub(crate) rrdatas: Option<Vec<String>>,
    pub(crate) routing_policy: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    pub(crate) id: Option<String>,
    pub(crate) status: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateZone<'a> {
    pub(crate) name: &'a str,
    pub(crate) dns_name: String,
    pub(crate) description: &'a str,
    pub(crate) visibility: &'static str,
    pub(crate) private_visibility_config: Visibility,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) labels: Option<&'a BTreeMap<String, String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PatchZone {
    pub(crate) private_visibility_config: Visibility,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WriteRecordSet<'a> {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    pub(crate) ttl: u32,
    pub(crate) rrdatas: &'a [String],
}

#[derive(Debug, Serialize)]
pub(crate) struct WriteChange<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) additions: Vec<WriteRecordSet<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) deletions: Vec<WriteRecordSet<'a>>,
}
