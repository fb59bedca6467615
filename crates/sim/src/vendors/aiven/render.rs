//! The vendor's JSON.

use std::time::SystemTime;

use jiff::Timestamp;
use privlink_core::CloudProvider;
use serde_json::{Map, Value, json};

use super::model::{Connection, Link, Service, components_of};
use super::switches::{Switches, Unset};

pub(super) fn service(service: &Service, now: SystemTime, switches: &Switches) -> Value {
    let mut settings = json!({ "static_ips": service.static_ips });
    if !service.access.is_empty() {
        let access: Map<String, Value> =
            service.access.iter().map(|(component, (on, _))| (component.clone(), (*on).into())).collect();
        settings["privatelink_access"] = access.into();
    }
    let dynamic = service.dynamic_host();
    let mut components: Vec<Value> = Vec::new();
    for component in components_of(&service.service_type).iter().filter(|component| usual(component)) {
        let method = (*component == "kafka").then_some("certificate");
        let port = service.port(component, method, switches);
        let mut shown =
            json!({ "component": component, "host": dynamic, "port": port, "route": "dynamic", "usage": "primary" });
        if let Some(method) = method {
            shown["kafka_authentication_method"] = method.into();
        }
        components.push(shown);
    }
    for door in service.doors(now, switches) {
        let mut shown = json!({ "component": door.component, "host": door.host, "port": door.port,
            "route": "privatelink", "usage": door.usage });
        if let Some(method) = door.method {
            shown["kafka_authentication_method"] = method.into();
        }
        if !switches.without_connection_ids {
            shown["privatelink_connection_id"] = door.connection.into();
        }
        components.push(shown);
    }
    let created = timestamp(service.created);
    let (password, port) = (&service.password, service.port(components_of(&service.service_type)[0], None, switches));
    let mut shown = json!({
        "service_name": service.name,
        "service_type": service.service_type,
        "service_type_description": service.service_type,
        "cloud_name": service.cloud_name,
        "plan": "business-4",
        "state": service.state,
        "node_count": service.nodes,
        "group_list": ["default"],
        "create_time": created,
        "update_time": created,
        "termination_protection": false,
        "service_integrations": [],
        "service_uri": format!("{}://avnadmin:{password}@{dynamic}:{port}/defaultdb", service.service_type),
        "connection_info": { format!("{}_password", service.service_type): password },
        "user_config": settings,
        "users": [{ "username": "avnadmin", "password": password, "type": "primary",
            "access_cert": "-----BEGIN CERTIFICATE-----", "access_key": "-----BEGIN PRIVATE KEY-----" }],
        "components": components,
    });
    shown["project_vpc_id"] = service.vpc.clone().into();
    if switches.unknown_fields {
        shown["something_new"] = true.into();
    }
    json!({ "service": shown })
}

/// What has an address by the usual route without being asked for.
fn usual(component: &str) -> bool {
    !matches!(component, "prometheus" | "jolokia" | "kafka_connect" | "kafka_rest" | "schema_registry")
}

pub(super) fn privatelink(service: &Service, link: &Link, now: SystemTime, switches: &Switches) -> Value {
    let mut shown = json!({ "state": switches.unknown_state.unwrap_or(link.state(now)) });
    let made = link.is_made(now);
    let id = link.service.as_str().to_owned();
    match service.provider {
        CloudProvider::Aws => {
            shown["principals"] = json!(link.allowed);
            let last = id.rsplit('.').next().unwrap_or_default().to_owned();
            set(&mut shown, "aws_service_id", made.then_some(last), switches);
            set(&mut shown, "aws_service_name", made.then_some(id), switches);
        }
        CloudProvider::Azure => {
            shown["user_subscription_ids"] = json!(link.allowed);
            set(&mut shown, "azure_service_id", made.then_some(id), switches);
            let alias = link.alias.as_ref().filter(|_| made).map(ToString::to_string);
            set(&mut shown, "azure_service_alias", alias, switches);
        }
        _ => set(&mut shown, "google_service_attachment", made.then_some(id), switches),
    }
    surprise(&mut shown, switches);
    shown
}

pub(super) fn connection(of: CloudProvider, connection: &Connection, switches: &Switches) -> Value {
    let mut shown = json!({ "state": switches.unknown_state.unwrap_or(connection.state.as_str()) });
    let id = connection.ids.first().cloned().unwrap_or_default();
    if !switches.without_connection_ids || of == CloudProvider::Gcp {
        shown["privatelink_connection_id"] = connection.id.clone().into();
    }
    match of {
        CloudProvider::Aws => {
            shown["vpc_endpoint_id"] = id.into();
            shown["dns_name"] = connection.dns_name.clone().unwrap_or_default().into();
        }
        CloudProvider::Azure => {
            shown["private_endpoint_id"] = id.into();
            set(&mut shown, "user_ip_address", connection.address.clone(), switches);
        }
        _ => {
            shown["psc_connection_id"] = id.into();
            set(&mut shown, "user_ip_address", connection.address.clone(), switches);
        }
    }
    surprise(&mut shown, switches);
    shown
}

pub(super) fn availability(cloud_names: impl Iterator<Item = String>) -> Value {
    let offers: Vec<Value> = cloud_names.map(|name| json!({ "cloud_name": name, "price_usd": "0.0600" })).collect();
    json!({ "privatelink_availability": offers })
}

/// The schema of a type's settings, as far as privatelink goes.
pub(super) fn service_type(name: &str) -> Value {
    let properties: Map<String, Value> = components_of(name)
        .iter()
        .map(|component| {
            let title = format!("Enable {component}");
            ((*component).to_owned(), json!({ "type": "boolean", "title": title }))
        })
        .collect();
    json!({
        "description": name,
        "user_config_schema": { "type": "object", "title": "Settings", "additionalProperties": false, "properties": {
            "privatelink_access": { "type": "object", "title": "Allow access over privatelink",
                "additionalProperties": false, "properties": properties },
            "static_ips": { "type": "boolean", "title": "Use static public IP addresses" },
        } },
    })
}

pub(super) fn timestamp(at: SystemTime) -> String {
    Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// A text, or whatever stands for none.
fn set(shown: &mut Value, name: &str, value: Option<String>, switches: &Switches) {
    match (value, switches.unset) {
        (Some(value), _) => shown[name] = value.into(),
        (None, Unset::Null) => shown[name] = Value::Null,
        (None, Unset::Empty) => shown[name] = "".into(),
        (None, Unset::Missing) => {}
    }
}

fn surprise(shown: &mut Value, switches: &Switches) {
    if switches.unknown_fields {
        shown["something_new"] = json!({ "since": "2027" });
    }
}
