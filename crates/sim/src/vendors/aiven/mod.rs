//! Aiven: the control plane of privatelink and what its data plane lets through.

mod answer;
mod handle;
mod model;
mod privatelink;
mod render;
mod route;
mod spec;
mod state;
mod switches;

use std::time::SystemTime;

use bytes::Bytes;
use http::Response;
use privlink_core::CloudProvider;
use serde_json::{Map, Value, json};

pub(crate) use answer::Refusal;
pub use handle::Aiven;
pub(crate) use model::{Published, Seen};
use privatelink::{Ask, no_service};
pub(crate) use route::operation;
pub use spec::ServiceSpec;
pub(crate) use state::AivenState;
pub use switches::{Switches, Unset};

/// Answers one request. `seen` are the endpoints in all clouds.
pub(crate) fn handle(
    state: &mut AivenState,
    now: SystemTime,
    request: &http::Request<Bytes>,
    seen: &[Seen],
) -> Response<Bytes> {
    state.settle(now, seen);
    state.answered += 1;
    let n = state.answered;
    if state.switches.throttle_every.is_some_and(|every| n.is_multiple_of(u64::from(every.get()))) {
        return Refusal::new(429, "Too many requests").wait(2).into_response();
    }
    match perform(state, now, request) {
        Ok(body) => answer::respond(200, &body),
        Err(refusal) => refusal.into_response(),
    }
}

fn perform(state: &mut AivenState, now: SystemTime, request: &http::Request<Bytes>) -> Result<Value, Refusal> {
    let route = route::route(request).ok_or_else(|| Refusal::new(404, "The requested resource doesn't exist"))?;
    match route.name {
        "ListClouds" => return Ok(clouds(state)),
        "PublicPrivatelinkAvailabilityList" => return Ok(render::availability(cloud_names(state).into_iter())),
        _ => state.identify(request)?,
    }
    let project = route.segment(1).to_owned();
    if !state.projects.contains(&project) {
        return Err(Refusal::new(404, "Project does not exist").code("project_not_found"));
    }
    let body = body(request)?;
    let key = (project.clone(), route.segment(3).to_owned());
    match route.name {
        "ListProjectClouds" => return Ok(clouds(state)),
        "ProjectPrivatelinkAvailabilityList" => return Ok(render::availability(cloud_names(state).into_iter())),
        "VpcList" => return Ok(vpcs(state, &project)),
        "StaticIPList" => return Ok(static_ips(state, &project)),
        "ProjectKmsGetCA" => {
            return Ok(json!({ "certificate": state.authority() }));
        }
        "ProjectServiceTypesGet" => return Ok(render::service_type(route.segment(3))),
        "ServiceGet" | "ServiceUpdate" => {
            if route.name == "ServiceUpdate" {
                update_service(state, now, &key, body.unwrap_or_default())?;
            }
            let service = state.services.get(&key).ok_or_else(|| no_service(&key.1))?;
            return Ok(render::service(service, now, &state.switches));
        }
        _ => {}
    }
    let service = state.services.get(&key).ok_or_else(|| no_service(&key.1))?;
    if service.word() != route.segment(5) {
        return Err(Refusal::new(400, format!("Service is not in {}", route.segment(5))));
    }
    let ask = Ask { now, key, body, connection: route.segment(7) };
    match route.name {
        name if name.ends_with("ConnectionList") => state.connections(&ask),
        name if name.ends_with("Refresh") => state.refresh(&ask),
        "ServicePrivatelinkAzureConnectionApproval" | "ServicePrivatelinkGoogleConnectionCreate" => state.approve(&ask),
        "ServicePrivatelinkAzureConnectionUpdate" => state.tell_address(&ask),
        name if name.ends_with("Create") => state.make_link(&ask),
        name if name.ends_with("Update") => state.update_link(&ask),
        name if name.ends_with("Delete") => state.delete_link(&ask),
        _ => state.get_link(&ask),
    }
}

/// The object of a request's body, whatever kind it says it is; clients send none, or nothing.
fn body(request: &http::Request<Bytes>) -> Result<Option<Map<String, Value>>, Refusal> {
    if request.body().is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(request.body()).map(Some).map_err(|_| Refusal::new(400, "Invalid JSON in request body"))
}

/// Switches components; what is not named stays as it is.
fn update_service(
    state: &mut AivenState,
    now: SystemTime,
    key: &(String, String),
    body: Map<String, Value>,
) -> Result<(), Refusal> {
    let rebuild = state.switches.azure_rebuild;
    let service = state.services.get_mut(key).ok_or_else(|| no_service(&key.1))?;
    let access = body.get("user_config").and_then(|settings| settings.get("privatelink_access"));
    let Some(access) = access.and_then(Value::as_object) else { return Ok(()) };
    let known = model::components_of(&service.service_type);
    for (component, on) in access {
        let on = on.as_bool().filter(|_| known.contains(&component.as_str()));
        let Some(on) = on else {
            return Err(Refusal::new(400, format!("Invalid 'privatelink_access.{component}' in user_config")));
        };
        if service.is_on(component) != on {
            service.access.insert(component.clone(), (on, now));
            if let Some(link) = service.link.as_mut().filter(|_| service.provider == CloudProvider::Azure) {
                link.active = link.active.max(now + rebuild);
            }
        }
    }
    Ok(())
}

fn cloud_names(state: &AivenState) -> Vec<String> {
    let mut names: Vec<String> = state.services.values().map(|service| service.cloud_name.clone()).collect();
    names.retain(|name| !name.starts_with("custom-"));
    names.sort_unstable();
    names.dedup();
    names
}

fn clouds(state: &AivenState) -> Value {
    let names = cloud_names(state);
    let shown: Vec<Value> =
        names.into_iter().map(|name| json!({ "cloud_name": name, "geo_region": "example" })).collect();
    json!({ "clouds": shown })
}

fn vpcs(state: &AivenState, project: &str) -> Value {
    let mut shown: Vec<Value> = Vec::new();
    for service in state.in_order().into_iter().filter(|service| service.project == project) {
        let Some(id) = &service.vpc else { continue };
        if !shown.iter().any(|vpc| vpc["project_vpc_id"] == **id) {
            // The same range as the consumers': that does no harm.
            shown.push(json!({ "project_vpc_id": id, "cloud_name": service.cloud_name, "network_cidr": "10.0.0.0/24",
                "state": "ACTIVE", "create_time": render::timestamp(service.created),
                "update_time": render::timestamp(service.created) }));
        }
    }
    json!({ "vpcs": shown })
}

fn static_ips(state: &AivenState, project: &str) -> Value {
    let own = state.in_order().into_iter().filter(|service| service.project == project && service.static_ips);
    let shown: Vec<Value> = own
        .flat_map(|service| {
            (0..service.nodes * 2).map(|n| {
                json!({ "static_ip_address_id": format!("ip{:02x}{n:02x}", service.number),
                    "ip_address": format!("203.0.113.{n}"), "cloud_name": service.cloud_name,
                    "service_name": service.name, "state": "assigned", "termination_protection": false })
            })
        })
        .collect();
    json!({ "static_ips": shown })
}
