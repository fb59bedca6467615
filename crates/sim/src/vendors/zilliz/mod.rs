//! Zilliz Cloud: the control plane and what its data plane lets through.

mod answer;
mod calls;
mod handle;
mod model;
mod render;
mod route;
mod spec;
mod state;
mod switches;

use std::time::SystemTime;

use bytes::Bytes;
use http::Response;
use serde_json::Value;

pub(crate) use answer::Refusal;
pub(crate) use calls::{FindEndpoint, Found, Wanted};
pub use handle::Zilliz;
pub use model::ZillizDeployment;
pub(crate) use route::operation;
pub use spec::ClusterSpec;
pub(crate) use state::ZillizState;
pub use switches::{GcpProjectElsewhere, OnDuplicate, OnMissingWhitelist, OnUnknownDelete, Spelling, Switches};

/// Answers one request.
pub(crate) fn handle(
    state: &mut ZillizState,
    now: SystemTime,
    request: &http::Request<Bytes>,
    find: FindEndpoint<'_>,
) -> Response<Bytes> {
    state.answered += 1;
    if state.switches.firewall > 0 {
        state.switches.firewall -= 1;
        return answer::blocked();
    }
    let n = state.answered;
    if state.switches.throttle_every.is_some_and(|every| n.is_multiple_of(u64::from(every.get()))) {
        return Refusal::new(429, 49_001, "too many requests").into_response(&state.switches);
    }
    match perform(state, now, request, find) {
        Ok(data) => answer::success(&state.switches, data),
        Err(refusal) => refusal.into_response(&state.switches),
    }
}

fn perform(
    state: &mut ZillizState,
    now: SystemTime,
    request: &http::Request<Bytes>,
    find: FindEndpoint<'_>,
) -> Result<Value, Refusal> {
    let route = route::route(request).ok_or_else(Refusal::no_such_path)?;
    let key = state.identify(now, request, route.name)?;
    let query: Vec<(String, String)> =
        form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    let seen = calls::Seen { now, request, route: &route, query: &query, key: &key };
    match route.name {
        "listClouds" => Ok(render::clouds()),
        "listRegions" => calls::regions(state, &seen),
        "listProjects" => Ok(calls::projects(state, &seen)),
        "describeProject" => calls::project(state, &seen),
        "listClusters" => calls::clusters(state, &seen),
        "describeCluster" => calls::cluster(state, &seen),
        "enableConnectAddress" => calls::switch_public(state, &seen, true),
        "disableConnectAddress" => calls::switch_public(state, &seen, false),
        "listPrivateEndpointServices" => calls::services(state, &seen),
        "listPrivateEndpoints" => calls::endpoints(state, &seen),
        "createPrivateEndpoint" => calls::register(state, &seen, find),
        "deletePrivateEndpoint" => calls::deregister(state, &seen),
        _ => calls::whitelist(state, &seen),
    }
}
