//! The vendor's JSON.

use std::time::SystemTime;

use jiff::Timestamp;
use privlink_core::{CloudProvider, EndpointServiceId};
use serde_json::{Map, Value, json};

use super::model::{Allowed, Cluster, CockroachPlan, Connection, Owner, Service};
use super::switches::{RegionKey, Switches};

pub(super) fn cluster(cluster: &Cluster, switches: &Switches) -> Value {
    let gcp = cluster.provider == CloudProvider::Gcp;
    let regions: Vec<Value> = cluster
        .regions
        .iter()
        .enumerate()
        .map(|(n, region)| {
            let public = cluster.public_host(region);
            let host = |prefix: &str, there: bool| {
                if there && cluster.tells_private_host(switches) { format!("{prefix}{public}") } else { String::new() }
            };
            let dedicated = cluster.plan == CockroachPlan::Advanced;
            let mut shown = json!({
                "name": region,
                "sql_dns": public,
                "ui_dns": if dedicated { format!("admin-{public}") } else { String::new() },
                // On Google Cloud the first is for peering alone.
                "internal_dns": host("internal-", true),
                "private_endpoint_dns": host("private-", gcp),
                "node_count": if dedicated { 3 } else { 0 },
            });
            if !dedicated && cluster.regions.len() > 1 {
                shown["primary"] = (n == 0).into();
            }
            shown
        })
        .collect();
    let config = match cluster.plan {
        CockroachPlan::Advanced => json!({ "dedicated": {
            "machine_type": "m6i.xlarge", "num_virtual_cpus": 4, "storage_gib": 150, "memory_gib": 16.0, "disk_iops": 0,
        } }),
        _ => json!({ "serverless": {
            "routing_id": cluster.label,
            "upgrade_type": "AUTOMATIC",
            // 64-bit numbers are texts.
            "usage_limits": { "provisioned_virtual_cpus": "2" },
        } }),
    };
    let mut shown = json!({
        "id": cluster.id.to_string(),
        "name": cluster.name,
        "plan": cluster.plan.as_str(),
        "cloud_provider": provider(cluster.provider),
        "account_id": cluster.account,
        "state": switches.unknown_status.unwrap_or(&cluster.state),
        "operation_status": "UNSPECIFIED",
        "cockroach_version": "v26.1.2",
        "upgrade_status": "FINALIZED",
        "creator_id": "00000000-0000-0000-0000-00000000c0de",
        "config": config,
        "regions": regions,
        "cidr_range": "",
        "labels": {},
        "network_visibility": "PUBLIC",
        "delete_protection": "DISABLED",
        "sql_dns": format!("{}.crdb.io", cluster.label),
    });
    surprise(&mut shown, switches);
    shown
}

pub(super) fn service(service: &Service, provider_of: CloudProvider, status: &str, switches: &Switches) -> Value {
    let name = match &service.id {
        EndpointServiceId::Gcp(full) if switches.gcp_full_name => full.as_str(),
        _ => &service.name,
    };
    let id = match &service.id {
        EndpointServiceId::Aws(name) => name.service_id().to_string(),
        EndpointServiceId::Gcp(_) => service.name.clone(),
        other => other.as_str().to_owned(),
    };
    let zones: Vec<&str> = service.zones.iter().map(|zone| zone.as_str()).collect();
    let mut shown = json!({
        "region_name": service.region,
        "cloud_provider": provider(provider_of),
        "status": switches.unknown_status.unwrap_or(status),
        "name": name,
        "endpoint_service_id": id,
        "availability_zone_ids": zones,
    });
    if provider_of == CloudProvider::Aws && switches.aws_block {
        shown["aws"] = json!({ "service_name": name, "service_id": id, "availability_zone_ids": zones });
    }
    surprise(&mut shown, switches);
    shown
}

pub(super) fn connection(
    connection: &Connection,
    provider_of: CloudProvider,
    switches: &Switches,
    now: SystemTime,
) -> Value {
    let status = switches.unknown_status.unwrap_or_else(|| connection.status(switches, now));
    let prefix = if switches.status_prefix { "STATUS_" } else { "" };
    let mut shown = json!({
        "cloud_provider": provider(provider_of),
        "endpoint_id": connection.endpoint,
        "endpoint_service_id": connection.service.as_str().rsplit('.').next().unwrap_or_default(),
        "service_name": connection.service.as_str(),
        "status": format!("{prefix}{status}"),
    });
    if switches.region_key != RegionKey::Region {
        shown["region_name"] = connection.region.as_str().into();
    }
    if switches.region_key != RegionKey::RegionName {
        shown["region"] = connection.region.as_str().into();
    }
    if let Some(account) = &connection.account {
        shown["external_owner_id"] = account.as_str().into();
    }
    surprise(&mut shown, switches);
    shown
}

pub(super) fn owner(owner: &Owner, cluster: &Cluster) -> Value {
    json!({
        "id": owner.id.to_string(),
        "cluster_id": cluster.id.to_string(),
        "type": "AWS_ACCOUNT_ID",
        "external_owner_id": owner.owner,
        "created_at": timestamp(owner.created_at),
    })
}

pub(super) fn allowed(entry: &Allowed) -> Value {
    let mut shown = json!({
        "cidr_ip": entry.range.addr().to_string(),
        "cidr_mask": entry.range.prefix_len(),
        "sql": entry.sql,
        "ui": entry.ui,
    });
    if let Some(name) = &entry.name {
        shown["name"] = name.as_str().into();
    }
    shown
}

pub(super) fn provider(cloud: CloudProvider) -> &'static str {
    match cloud {
        CloudProvider::Aws => "AWS",
        CloudProvider::Gcp => "GCP",
        _ => "AZURE",
    }
}

/// A field that no document has.
fn surprise(shown: &mut Value, switches: &Switches) {
    let fields: Option<&mut Map<String, Value>> = shown.as_object_mut().filter(|_| switches.unknown_fields);
    if let Some(fields) = fields {
        fields.insert("not_in_the_document".into(), json!({ "new": [1, null] }));
    }
}

fn timestamp(at: SystemTime) -> String {
    Timestamp::try_from(at).map(|at| at.to_string()).unwrap_or_default()
}
