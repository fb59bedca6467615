//! ClickHouse Cloud: the control plane and what its data plane lets through.

mod answer;
mod body;
mod byoc;
mod credential;
mod handle;
mod model;
mod organizations;
mod permission;
mod render;
mod route;
mod services;
mod spec;
mod state;
mod static_ips;
mod switches;

use std::time::SystemTime;

use bytes::Bytes;
use http::{Response, StatusCode, header};

use answer::{Answer, Refusal};
use route::Operation;

pub use handle::{ClickHouse, ClickHouseKey};
pub use permission::{Permission, Tier};
pub(crate) use route::operation;
pub use spec::{CellSpec, KeySpec, ServiceSpec};
pub(crate) use state::{Admission, ClickHouseState, LISTENERS, region_zones};
pub use switches::{IdCase, OnAbsent, OnAttached, OnBasicTier, OnDuplicate, OnStopped, OnUnknownField, Switches};

/// Answers one request.
pub(crate) fn handle(state: &mut ClickHouseState, now: SystemTime, request: &http::Request<Bytes>) -> Response<Bytes> {
    state.settle(now);
    state.answered += 1;
    let n = state.answered;
    if state.switches.html_502_every.is_some_and(|every| n.is_multiple_of(u64::from(every.get()))) {
        return bad_gateway();
    }
    match perform(state, now, request) {
        Ok(answer) => answer.into_response(state.switches.float_status && n.is_multiple_of(3)),
        Err(refusal) => refusal.into_response(),
    }
}

/// What a gateway answers in place of the API.
pub(crate) fn bad_gateway() -> Response<Bytes> {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>\
                </center>\r\n</body>\r\n</html>\r\n";
    let mut response = Response::new(Bytes::from_static(page.as_bytes()));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("text/html"));
    response
}

fn perform(state: &mut ClickHouseState, now: SystemTime, request: &http::Request<Bytes>) -> Result<Answer, Refusal> {
    use Permission as P;

    if request.uri().path() == "/static-ips.json" {
        route::route(request)?;
        return Ok(static_ips::answer(state));
    }
    let caller = credential::identify(state, now, request)?;
    let operation = route::route(request)?;
    let query: Vec<(String, String)> = match request.uri().query() {
        Some(query) => form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        None => Vec::new(),
    };
    let check =
        |state: &ClickHouseState, organization, needed: &[P], write| caller.check(state, organization, needed, write);
    match operation {
        Operation::StaticIps => Ok(static_ips::answer(state)),
        Operation::Whoami => Ok(organizations::whoami(state, &caller)),
        Operation::OrganizationList => organizations::list(state, &caller, &query),
        Operation::OrganizationGet(org) => {
            check(state, org, &[P::OrganizationView], false)?;
            organizations::get(state, org)
        }
        Operation::OrganizationUpdate(org) => {
            check(state, org, &[P::OrganizationManage], true)?;
            organizations::update(state, now, &caller, org, request)
        }
        Operation::OrganizationEndpointConfig(org) => {
            check(state, org, &[P::OrganizationView], false)?;
            organizations::endpoint_config(state, org, &query)
        }
        Operation::ActivityList(org) => {
            check(state, org, &[P::OrganizationViewActivities], false)?;
            organizations::activities(state, org, &query)
        }
        Operation::ServiceList(org) => {
            check(state, org, &[], false)?;
            services::list(state, org, &query)
        }
        Operation::ServiceCreate(org) => {
            check(state, org, &[P::OrganizationCreateService, P::ServiceManage], true)?;
            services::create(state, now, &caller, org, request)
        }
        Operation::ServiceGet(org, id) => {
            check(state, org, &[P::ServiceView], false)?;
            state.owned(org, id)?;
            services::get(state, id)
        }
        Operation::ServiceUpdate(org, id) => {
            check(state, org, &[P::ServiceManage], true)?;
            state.owned(org, id)?;
            services::update(state, now, &caller, id, request)
        }
        Operation::ServiceDelete(org, id) => {
            check(state, org, &[P::ServiceDelete], true)?;
            state.owned(org, id)?;
            services::delete(state, now, &caller, id)
        }
        Operation::ServiceState(org, id) => {
            check(state, org, &[], true)?;
            state.owned(org, id)?;
            services::change_state(state, now, id, request, |state, awake| {
                check(state, org, &[if awake { P::ServiceView } else { P::ServiceManage }], true)
            })
        }
        Operation::ServiceEndpointConfig(org, id) => {
            check(state, org, &[P::ServiceViewPrivateEndpoints], false)?;
            state.owned(org, id)?;
            services::endpoint_config(state, id)
        }
        Operation::ServiceEndpointCreate(org, id) => {
            check(state, org, &[P::ServiceManagePrivateEndpoints], true)?;
            state.owned(org, id)?;
            services::endpoint_create(state, now, &caller, id, request)
        }
        Operation::ByocGet(org, id) => {
            check(state, org, &[P::OrganizationView], false)?;
            byoc::get(state, org, id)
        }
        Operation::ByocUpdate(org, id) => {
            check(state, org, &[P::OrganizationManage], true)?;
            byoc::update(state, now, org, id, request)
        }
        Operation::ByocEndpointConfig(org, id) => {
            check(state, org, &[P::OrganizationView], false)?;
            byoc::endpoint_config(state, now, org, id)
        }
    }
}
