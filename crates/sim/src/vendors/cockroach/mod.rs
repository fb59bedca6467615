//! CockroachDB Cloud: the control plane and what its data plane lets through.

mod answer;
mod egress;
mod handle;
mod model;
mod networking;
mod render;
mod route;
mod spec;
mod state;
mod switches;

use std::time::SystemTime;

use bytes::Bytes;
use http::{Response, header};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use answer::Refusal;
pub use handle::Cockroach;
pub use model::CockroachPlan;
pub(crate) use networking::FindEndpoint;
pub(crate) use route::operation;
pub use spec::ClusterSpec;
pub(crate) use state::{CockroachState, SQL};
pub use switches::{OnLocked, OnRepeat, RegionKey, Switches};

/// The versions of the API; without the header the newest answers.
const VERSIONS: [&str; 4] = ["2024-09-16", "2023-04-10", "2022-09-20", "latest"];

/// A request at a moment.
struct Seen<'a> {
    now: SystemTime,
    request: &'a http::Request<Bytes>,
}

/// Answers one request.
pub(crate) fn handle(
    state: &mut CockroachState,
    now: SystemTime,
    request: &http::Request<Bytes>,
    find: FindEndpoint<'_>,
) -> Response<Bytes> {
    state.answered += 1;
    let n = state.answered;
    if state.switches.throttle_every.is_some_and(|every| n.is_multiple_of(u64::from(every.get()))) {
        return Refusal::new(429, "rate limit exceeded").wait(2).into_response();
    }
    match perform(state, &Seen { now, request }, find) {
        Ok(body) => answer::respond(200, &body),
        Err(refusal) => refusal.into_response(),
    }
}

fn perform(state: &mut CockroachState, seen: &Seen<'_>, find: FindEndpoint<'_>) -> Result<Value, Refusal> {
    state.identify(seen.now, seen.request)?;
    let headers = seen.request.headers();
    let version = headers.get("cc-version").and_then(|version| version.to_str().ok());
    if version.is_some_and(|version| !VERSIONS.contains(&version)) {
        return Err(Refusal::new(400, "invalid Cc-Version"));
    }
    let route = route::route(seen.request).ok_or_else(|| Refusal::new(404, "Not Found"))?;
    let json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !seen.request.body().is_empty() && !json {
        return Err(Refusal::new(415, "the body must be sent as application/json"));
    }
    let query: Vec<(String, String)> =
        form_urlencoded::parse(seen.request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    if route.name == "ListClusters" {
        let clusters = state.in_order().into_iter().map(|cluster| render::cluster(cluster, &state.switches));
        return page("clusters", clusters.collect(), &query, state.switches.page_size);
    }
    let id = Uuid::try_parse(route.segment(1)).map_err(|_| Refusal::new(400, "invalid cluster ID"))?;
    networking::known(state, id)?;
    let range = (route.segment(4), route.segment(5));
    if seen.request.method() != http::Method::GET {
        networking::unlocked(state, seen.now, id)?;
    }
    match route.name {
        "GetCluster" => {
            networking::look(state, id);
            let cluster = networking::known(state, id)?;
            let mut shown = render::cluster(cluster, &state.switches);
            if egress::is_locked(cluster, seen.now, &state.switches) {
                shown["state"] = "LOCKED".into();
            }
            Ok(shown)
        }
        "GetConnectionString" => connection_string(state, id, &query),
        "ListPrivateEndpointServices" => networking::services(state, id),
        "CreatePrivateEndpointServices" => networking::make_services(state, id),
        "ListPrivateEndpointConnections" => networking::connections(state, seen.now, id),
        "AddPrivateEndpointConnection" => networking::connect(state, seen, id, find),
        "DeletePrivateEndpointConnection" => networking::disconnect(state, id, route.segment(4)),
        "ListPrivateEndpointTrustedOwners" => networking::owners(state, id),
        "AddPrivateEndpointTrustedOwner" => networking::add_owner(state, seen, id),
        "GetPrivateEndpointTrustedOwner" => networking::owner(state, id, route.segment(4)),
        "RemovePrivateEndpointTrustedOwner" => networking::remove_owner(state, id, route.segment(4)),
        "ListAllowlistEntries" => {
            let cluster = networking::known(state, id)?;
            let entries = cluster.allowlist.iter().map(render::allowed).collect();
            let mut shown = page("allowlist", entries, &query, state.switches.page_size)?;
            shown["propagating"] = cluster.allowlist_settles.is_some_and(|settles| seen.now < settles).into();
            Ok(shown)
        }
        "ListEgressPrivateEndpoints" => {
            let endpoints = egress::list(state, seen.now, id)?;
            page("egress_private_endpoints", endpoints, &query, state.switches.page_size)
        }
        "GetEgressPrivateEndpoint" => egress::one(state, seen.now, id, route.segment(4)),
        "CreateEgressPrivateEndpoint" => egress::make(state, seen, id),
        "UpdateEgressPrivateEndpoint" => egress::update(state, seen, id, route.segment(4)),
        "DeleteEgressPrivateEndpoint" => egress::delete(state, seen.now, id, route.segment(4)),
        "AddAllowlistEntry" => networking::put_allowed(state, seen, id, None),
        "AddAllowlistEntry2" => networking::put_allowed(state, seen, id, Some(range)),
        "UpdateAllowlistEntry" => networking::patch_allowed(state, seen, id, range),
        _ => networking::delete_allowed(state, seen.now, id, range),
    }
}

/// Over the public host, whatever private endpoints there are.
fn connection_string(state: &CockroachState, id: Uuid, query: &[(String, String)]) -> Result<Value, Refusal> {
    let cluster = networking::known(state, id)?;
    let given = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let (database, user) = (given("database").unwrap_or("defaultdb"), given("sql_user"));
    let host = cluster.regions.first().map(|region| cluster.public_host(region)).unwrap_or_default();
    let user_part = user.map(|user| format!("{user}@")).unwrap_or_default();
    let mut params = json!({ "Host": host, "Port": SQL.to_string(), "Database": database });
    if let Some(user) = user {
        params["Username"] = user.into();
    }
    let text = format!("postgresql://{user_part}{host}:{SQL}/{database}?sslmode=verify-full");
    Ok(json!({ "connection_string": text, "params": params }))
}

/// One page of a list; its token says where the next one begins.
fn page(name: &str, items: Vec<Value>, query: &[(String, String)], size: usize) -> Result<Value, Refusal> {
    let given = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let read = |name: &str| match given(name) {
        None | Some("") => Ok(None),
        Some(text) => {
            let number: Option<usize> = text.trim_start_matches("page-").parse().ok();
            number.map(Some).ok_or_else(|| Refusal::new(400, format!("invalid {name}")))
        }
    };
    let (from, limit) = (read("pagination.page")?.unwrap_or(0), read("pagination.limit")?.unwrap_or(size).max(1));
    let next = (from + limit < items.len()).then(|| format!("page-{}", from + limit));
    let shown: Vec<Value> = items.into_iter().skip(from).take(limit).collect();
    let mut body = json!({ "pagination": next.map(|next| json!({ "next_page": next })) });
    body[name] = shown.into();
    Ok(body)
}
