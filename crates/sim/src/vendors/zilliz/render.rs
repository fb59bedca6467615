//! The vendor's JSON.

use privlink_core::CloudProvider;
use serde_json::{Value, json};

use super::model::{Cluster, Project, Registration, Service, split};
use super::switches::{GcpProjectElsewhere, Spelling, Switches};

pub(super) fn clouds() -> Value {
    let names = [("aws", "Amazon Web Services"), ("gcp", "Google Cloud Platform"), ("azure", "Microsoft Azure")];
    names.into_iter().map(|(id, name)| json!({ "cloudId": id, "description": name })).collect()
}

/// The vendor's name of a cloud, which is not always what regions begin with.
pub(super) fn cloud(region: &str) -> &'static str {
    match split(region) {
        Some((cloud, _)) => cloud.as_str(),
        None => "ali",
    }
}

pub(super) fn region(id: &str) -> Value {
    json!({
        "cloudId": cloud(id),
        "regionId": id,
        "domain": format!("controller.api.{id}.zillizcloud.com"),
        "supportedClusterTypes": ["Dedicated"],
    })
}

pub(super) fn project(project: &Project, clusters: usize) -> Value {
    json!({
        "projectId": project.id,
        "projectName": project.name,
        "instanceCount": clusters,
        "createTime": "2026-01-15T08:00:00Z",
        "plan": "Enterprise",
    })
}

/// `whole`: as it is described, not as lists show it.
pub(super) fn cluster(cluster: &Cluster, switches: &Switches, whole: bool) -> Value {
    let mut shown = json!({
        "clusterId": cluster.id,
        "clusterName": cluster.name,
        "projectId": cluster.project,
        "description": "",
        "regionId": cluster.region,
        "cuType": "Performance-optimized",
        "plan": cluster.plan,
        "status": cluster.told_status(switches),
        "connectAddress": format!("https://{}:{}", cluster.public_host(), cluster.public_port),
        "cuSize": 1,
        "storageSize": 0,
        "snapshotNumber": 0,
        "createProgress": 100,
        "createTime": "2026-01-15T08:00:00Z",
        "deploymentOption": cluster.deployment.as_str(),
    });
    if whole || !switches.short_lists {
        shown["privateLinkAddress"] = cluster.private_address(switches).into();
    }
    if switches.public_switch {
        shown["connectAddressEnabled"] = cluster.public.into();
    }
    if cluster.global {
        shown["globalClusterMeta"] = json!({ "globalClusterId": "glo-1", "role": "PRIMARY" });
    }
    if switches.unknown_fields {
        shown["colourOfTomorrow"] = "blue".into();
    }
    shown
}

pub(super) fn service(service: &Service) -> Value {
    json!({
        "regionId": service.region,
        "cloudId": service.cloud.as_str(),
        "endpointService": service.id.as_str(),
        "whitelistRequired": service.whitelist_required,
    })
}

pub(super) fn registration(entry: &Registration, ready: bool, switches: &Switches) -> Value {
    let (of_service, of_endpoint) = match (switches.spelling, ready) {
        (Spelling::Available, true) => ("AVAILABLE", "AVAILABLE"),
        (Spelling::Available, false) => ("AVAILABLE", "PENDING"),
        (_, true) => ("Available", "accepted"),
        (_, false) => ("Available", "pendingAcceptance"),
    };
    let status = switches.unknown_status.or(entry.stuck.as_deref()).unwrap_or(of_endpoint);
    let mut shown = json!({
        "regionId": entry.region,
        "cloudId": cloud(&entry.region),
        "endpointService": entry.service.as_str(),
        "endpointServiceStatus": of_service,
        "endpointId": entry.endpoint,
        "endpointStatus": status,
    });
    let on_gcp = split(&entry.region).is_some_and(|(cloud, _)| cloud == CloudProvider::Gcp);
    match switches.gcp_project_elsewhere {
        _ if on_gcp => shown["gcpProjectId"] = entry.gcp_project.clone().into(),
        GcpProjectElsewhere::Null => shown["gcpProjectId"] = Value::Null,
        GcpProjectElsewhere::Empty => shown["gcpProjectId"] = "".into(),
        GcpProjectElsewhere::Absent => {}
    }
    shown
}
