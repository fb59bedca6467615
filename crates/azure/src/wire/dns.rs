//! Private DNS zones, their links and their record sets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SubResource;

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PrivateZone {
    pub(crate) id: Option<String>,
    pub(crate) tags: Option<BTreeMap<String, String>>,
    pub(crate) etag: Option<String>,
    pub(crate) properties: Option<PrivateZoneProperties>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PrivateZoneProperties {
    pub(crate) provisioning_state: Option<String>,
    pub(crate) number_of_record_sets: Option<u64>,
    pub(crate) max_number_of_record_sets: Option<u64>,
    pub(crate) number_of_virtual_network_links: Option<u64>,
    pub(crate) max_number_of_virtual_network_links: Option<u64>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct PutPrivateZone<'a> {
    pub(crate) location: &'static str,
    pub(crate) tags: &'a BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct VirtualNetworkLink {
    pub(crate) id: Option<String>,
    pub(crate) tags: Option<BTreeMap<String, String>>,
    pub(crate) etag: Option<String>,
    pub(crate) properties: Option<VirtualNetworkLinkProperties>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VirtualNetworkLinkProperties {
    pub(crate) provisioning_state: Option<String>,
    pub(crate) virtual_network: Option<SubResource>,
    pub(crate) registration_enabled: Option<bool>,
    pub(crate) virtual_network_link_state: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct PutVirtualNetworkLink<'a> {
    pub(crate) location: &'static str,
    pub(crate) tags: &'a BTreeMap<String, String>,
    pub(crate) properties: PutVirtualNetworkLinkProperties,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutVirtualNetworkLinkProperties {
    pub(crate) virtual_network: SubResource,
    pub(crate) registration_enabled: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RecordSet {
    pub(crate) id: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) properties: Option<RecordSetProperties>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordSetProperties {
    pub(crate) metadata: Option<BTreeMap<String, String>>,
    pub(crate) ttl: Option<u64>,
    pub(crate) is_auto_registered: Option<bool>,
    pub(crate) a_records: Option<Vec<ARecord>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ARecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ipv4_address: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct PutRecordSet<'a> {
    pub(crate) properties: PutRecordSetProperties<'a>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutRecordSetProperties<'a> {
    pub(crate) ttl: u64,
    pub(crate) a_records: Vec<ARecord>,
    pub(crate) metadata: &'a BTreeMap<String, String>,
}
