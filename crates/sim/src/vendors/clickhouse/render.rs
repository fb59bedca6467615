//! Answers as JSON, written from the API document by hand.

use std::time::SystemTime;

use jiff::Timestamp;
use privlink_core::CloudProvider;
use serde_json::{Value, json};
use uuid::Uuid;

use super::ClickHouseState;
use super::model::{Activity, Infrastructure, IpEntry, Organization, Registration, Service};

pub(super) fn organization(state: &ClickHouseState, id: Uuid, organization: &Organization) -> Value {
    let byoc: Vec<Value> = state
        .infrastructures
        .iter()
        .filter(|(_, infrastructure)| infrastructure.organization == id)
        .map(|(id, infrastructure)| deployment(*id, infrastructure))
        .collect();
    let mut out = json!({
        "id": id.to_string(),
        "createdAt": moment(organization.created_at),
        "name": organization.name,
        "privateEndpoints": organization.registrations.iter().map(registration).collect::<Vec<_>>(),
        "byocConfig": byoc,
        "enableCoreDumps": organization.core_dumps,
        "capabilities": { "snapshots": false },
    });
    if state.switches.unknown_fields {
        set(&mut out, "billingEntity", json!({ "kind": "invoice", "since": null }));
    }
    out
}

/// A deployment, as an organization lists it and a change of it answers.
pub(super) fn deployment(id: Uuid, infrastructure: &Infrastructure) -> Value {
    json!({
        "id": id.to_string(),
        "state": infrastructure.state,
        "accountId": infrastructure.account,
        "accountName": infrastructure.display_name,
        "displayName": infrastructure.display_name,
        "regionId": infrastructure.region.as_str(),
        "cloudProvider": infrastructure.provider.as_str(),
    })
}

pub(super) fn registration(registration: &Registration) -> Value {
    json!({
        "id": registration.id,
        "description": registration.description,
        "cloudProvider": registration.provider.as_str(),
        "region": registration.region.as_str(),
    })
}

/// A service; with `lagging` as a read shows it while a change is not visible yet.
pub(super) fn service(state: &ClickHouseState, service: &Service, lagging: bool) -> Value {
    let infrastructure = service.infrastructure.and_then(|id| state.infrastructures.get(&id));
    let host = service.public_host(infrastructure);
    let mut endpoints = vec![
        json!({ "protocol": "https", "host": host, "port": 8443, "username": null }),
        json!({ "protocol": "nativesecure", "host": host, "port": 9440, "username": "default" }),
    ];
    if service.mysql {
        let username = format!("mysql4{}", service.label);
        endpoints.push(json!({ "protocol": "mysql", "host": host, "port": 3306, "username": username }));
    }
    let lag = service.lag.as_ref().filter(|_| lagging);
    let attached: Vec<&str> = match lag {
        Some(lag) => lag.endpoints.iter().map(String::as_str).collect(),
        None => service.endpoints.iter().map(|attached| attached.id.as_str()).collect(),
    };
    let ip_list = lag.map_or(&service.ip_access_list, |lag| &lag.ip_access_list);
    let available: Vec<&str> = state
        .organizations
        .get(&service.organization)
        .map(|organization| {
            let fits = |known: &&Registration| known.provider == service.provider && known.region == service.region;
            organization.registrations.iter().filter(fits).map(|known| known.id.as_str()).collect()
        })
        .unwrap_or_default();
    let mut out = json!({
        "id": service.id.to_string(),
        "name": service.name,
        "provider": service.provider.as_str(),
        "region": service.region.as_str(),
        "state": service.state,
        "clickhouseVersion": "26.8",
        "endpoints": endpoints,
        "minTotalMemoryGb": 24,
        "maxTotalMemoryGb": 360,
        "minReplicaMemoryGb": 8,
        "maxReplicaMemoryGb": 120,
        "numReplicas": 3,
        "autoscalingMode": "vertical",
        "idleScaling": true,
        "idleTimeoutMinutes": 15,
        "ipAccessList": ip_list.iter().map(ip_entry).collect::<Vec<_>>(),
        "createdAt": moment(service.created_at),
        "iamRole": iam_role(service),
        "privateEndpointIds": attached,
        "availablePrivateEndpointIds": available,
        "dataWarehouseId": service.id.to_string(),
        "isPrimary": true,
        "isReadonly": false,
        "releaseChannel": service.release_channel,
        "hasTransparentDataEncryption": false,
        "profile": "v1-default",
        "tags": tags(service),
        "enableCoreDumps": service.core_dumps,
        "currentScaling": {
            "effectiveAutoscalingMode": "vertical",
            "effectiveMinReplicaMemoryGb": 8,
            "effectiveMaxReplicaMemoryGb": 120,
            "effectiveMinReplicas": 3,
            "effectiveMaxReplicas": 3,
            "effectiveIdleScaling": true,
            "effectiveIdleTimeoutMinutes": 15,
        },
    });
    for (field, value) in &service.settings {
        set(&mut out, field, value.clone());
    }
    if let Some(id) = service.infrastructure {
        set(&mut out, "byocId", id.to_string().into());
    }
    if state.switches.unknown_fields {
        set(&mut out, "placementGroup", json!({ "spread": ["a", "b"], "pinned": null }));
    }
    if state.switches.unknown_enum_values {
        set(&mut out, "releaseChannel", "nightly".into());
        set(&mut out, "complianceType", "fedramp".into());
    }
    out
}

pub(super) fn ip_entry(entry: &IpEntry) -> Value {
    json!({ "source": entry.source, "description": entry.description.as_deref().unwrap_or_default() })
}

pub(super) fn activity(activity: &Activity) -> Value {
    let mut out = json!({
        "id": activity.id.to_string(),
        "createdAt": moment(activity.at),
        "type": activity.kind,
        "actorType": "api",
        "actorId": activity.actor,
        "organizationId": activity.organization.to_string(),
    });
    if let Some(service) = activity.service {
        set(&mut out, "serviceId", service.to_string().into());
    }
    out
}

/// A moment as the API writes it.
pub(super) fn moment(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(|_| "1970-01-01T00:00:00Z".to_owned(), |time| format!("{time:.0}"))
}

pub(super) fn set(object: &mut Value, field: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(field.to_owned(), value);
    }
}

fn tags(service: &Service) -> Vec<Value> {
    service
        .tags
        .iter()
        .map(|(key, value)| match value {
            Some(value) => json!({ "key": key, "value": value }),
            None => json!({ "key": key }),
        })
        .collect()
}

fn iam_role(service: &Service) -> Value {
    let label = &service.label;
    match service.provider {
        CloudProvider::Aws => format!("arn:aws:iam::111122223333:role/CH-S3-{label}-{}", service.region).into(),
        CloudProvider::Gcp => format!("ch-{label}@clickhouse-production.iam.gserviceaccount.com").into(),
        _ => format!("ch-{label}").into(),
    }
}
