//! Google Cloud: Compute Engine's Private Service Connect, and Cloud DNS.
//!
//! Answers are written by hand from the APIs' own documents, never through a client's types.
//! State moves with the moments that are passed in; nothing here looks at a clock.

mod address;
mod auth;
mod body;
mod directory;
mod dns;
mod error;
mod forwarding;
mod id;
mod insert;
mod label;
pub(crate) mod link;
mod list;
mod managed;
mod name;
mod network;
mod operation;
mod path;
mod psc;
mod record;
mod route;
mod rule;
mod seed;
mod snapshot;
mod state;
mod time;
mod zone;

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use privlink_core::{ProjectId, Region};
use serde_json::{Value, json};

use self::auth::Caller;
use self::error::{Answer, ApiError};
use self::link::Regional;
use self::route::{Operation, Route};
use super::{DnsAnswer, PathResult, Through};

pub(crate) use self::auth::{Grant, Token};
pub(crate) use self::operation::Failure;
pub use self::psc::{Acceptance, PscStatus};
pub(crate) use self::seed::{FirewallSeed, NoSuchThing};
pub(crate) use self::state::GcpState;
pub use self::state::{Behaviour, LabelsAtInsert};

/// Answers one request.
pub(crate) fn handle(state: &mut GcpState, now: SystemTime, request: &http::Request<Bytes>) -> Response<Bytes> {
    state.prune(now);
    match answer(state, now, request, auth::identify) {
        Ok(Reply::Json(body)) => response(200, Some(&body)),
        Ok(Reply::Empty(status)) => response(status.as_u16(), None),
        Err(error) => {
            let mut out = response(error.code, Some(&error.body()));
            if error.code == 401 {
                let challenge = HeaderValue::from_static("Bearer realm=\"https://accounts.google.com/\"");
                out.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            out
        }
    }
}

impl GcpState {
    /// The API's own name of the operation that `request` asks for, and whether it writes.
    pub(crate) fn operation(request: &http::Request<Bytes>) -> (String, bool) {
        match Route::of(request.method(), request.uri().path()) {
            Some(route) => (route.name.to_owned(), route.writes(request.method())),
            None => ("Unknown".to_owned(), !matches!(*request.method(), Method::GET | Method::HEAD)),
        }
    }

    /// How long the answer to a request is held back: a wait for an operation ends with it.
    pub(crate) fn holds(&self, now: SystemTime, request: &http::Request<Bytes>) -> Duration {
        let Some(route) = Route::of(request.method(), request.uri().path()) else { return Duration::ZERO };
        let ([region, name], Operation::RegionOperationWait) = (route.rest.as_slice(), route.operation) else {
            return Duration::ZERO;
        };
        let project = self.project(&route.project).map(|(project, _)| project);
        let found = project
            .zip(region.parse().ok())
            .and_then(|(project, region)| operation::find(self, project, &region, name));
        match found {
            Some(operation) if auth::identify(self, now, request).is_ok() => {
                operation.ends().duration_since(now).unwrap_or_default().min(self.behaviour.wait_limit)
            }
            _ => Duration::ZERO,
        }
    }
}

/// A failure with `status` that a script asks for.
pub(crate) fn scripted(status: u16) -> Response<Bytes> {
    let reason = match status {
        400 => "invalid",
        401 => "authError",
        403 => "forbidden",
        404 => "notFound",
        409 => "alreadyExists",
        412 => "conditionNotMet",
        429 => "rateLimitExceeded",
        _ => "backendError",
    };
    response(status, Some(&ApiError::new(status, reason, "scripted failure").body()))
}

/// Google's way to say "too often".
pub(crate) fn throttled(wait: Duration) -> Response<Bytes> {
    let error = ApiError::new(429, "rateLimitExceeded", "Rate Limit Exceeded").status("RESOURCE_EXHAUSTED");
    let mut out = response(error.code, Some(&error.body()));
    // Whole seconds, and none too few.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    out.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    out
}

enum Reply {
    Json(Value),
    Empty(StatusCode),
}

/// One call that was understood, and whose caller is known.
#[derive(Debug)]
struct Call<'a> {
    now: SystemTime,
    caller: Caller,
    project: &'a ProjectId,
    rest: &'a [String],
    request: &'a http::Request<Bytes>,
}

impl Call<'_> {
    /// A parameter of the path behind the project.
    fn name(&self, n: usize) -> &str {
        self.rest.get(n).map_or("", String::as_str)
    }

    /// The region of the path.
    fn region(&self) -> Answer<Region> {
        let text = self.name(0);
        text.parse().map_err(|_| {
            ApiError::new(400, "invalid", format!("Invalid value for field 'region': '{text}'. Unknown region."))
        })
    }

    /// A parameter of the query.
    fn parameter(&self, name: &str) -> Option<String> {
        let query = self.request.uri().query()?;
        form_urlencoded::parse(query.as_bytes()).find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    }

    /// Refuses unless the caller has a permission on a resource.
    fn require(&self, permission: &str, resource: &Regional) -> Answer<()> {
        self.caller.require(self.project, permission, &resource.to_string())
    }

    /// Refuses unless the caller has a permission on the project.
    fn require_in_project(&self, permission: &str) -> Answer<()> {
        self.caller.require(self.project, permission, &format!("projects/{}", self.project))
    }

    /// Refuses as Cloud DNS does, without naming the permission.
    fn require_dns(&self, permission: &str) -> Answer<()> {
        if self.caller.may(self.project, permission) {
            Ok(())
        } else {
            Err(ApiError::new(403, "forbidden", "Forbidden"))
        }
    }
}

/// Says who asks.
type Identify = fn(&GcpState, SystemTime, &http::Request<Bytes>) -> Answer<Caller>;

fn answer(state: &mut GcpState, now: SystemTime, request: &http::Request<Bytes>, identify: Identify) -> Answer<Reply> {
    use Operation as O;

    let Some(route) = Route::of(request.method(), request.uri().path()) else {
        let message = format!("The requested URL {} was not found on this server.", request.uri().path());
        return Err(ApiError::new(404, "notFound", message));
    };
    let caller = identify(state, now, request)?;
    let Some((project, _)) = state.project(&route.project) else {
        let path = format!("projects/{}", route.project);
        return Err(ApiError::new(404, "notFound", format!("The resource '{path}' was not found")));
    };
    let project = project.clone();
    auth::enabled(state, route.api.name(), &project)?;
    limit(state, now, route.api, &project)?;
    let call = Call { now, caller, project: &project, rest: &route.rest, request };
    let body = match route.operation {
        O::AddressInsert => address::insert(state, &call),
        O::AddressGet => address::get(state, &call),
        O::AddressList => address::list(state, &call),
        O::AddressDelete => address::delete(state, &call),
        O::AddressSetLabels => address::set_labels(state, &call),
        O::RuleInsert => insert::insert(state, &call),
        O::RuleGet => forwarding::get(state, &call),
        O::RuleList => forwarding::list(state, &call),
        O::RulePatch => forwarding::patch(state, &call),
        O::RuleDelete => forwarding::delete(state, &call),
        O::RuleSetLabels => forwarding::set_labels(state, &call),
        O::RuleSetTarget => forwarding::set_target(state, &call),
        O::RegionOperationGet | O::RegionOperationWait => operation::get(state, &call),
        O::RegionOperationList => operation::list(state, &call),
        O::SubnetGet => network::get_subnet(state, &call),
        O::SubnetList => network::list_subnets(state, &call),
        O::NetworkGet => network::get(state, &call),
        O::NetworkList => network::list(state, &call),
        O::FirewallGet => network::get_firewall(state, &call),
        O::FirewallList => network::list_firewalls(state, &call),
        O::ProjectGet => managed::project(state, &call),
        O::ZoneCreate => managed::create(state, &call),
        O::ZoneGet => managed::get(state, &call),
        O::ZoneList => managed::list(state, &call),
        O::ZonePatch => managed::patch(state, &call),
        O::ZoneDelete => return managed::delete(state, &call).map(Reply::Empty),
        O::RecordCreate => record::create(state, &call),
        O::RecordGet => record::get(state, &call),
        O::RecordList => record::list(state, &call),
        O::RecordPatch => record::patch(state, &call),
        O::RecordDelete => record::delete(state, &call),
        O::ChangeCreate => record::change(state, &call),
        O::ChangeGet => record::get_change(state, &call),
        O::ChangeList => record::list_changes(state, &call),
    };
    body.map(Reply::Json)
}

/// Counts the request, and refuses it when there were too many within a minute.
fn limit(state: &mut GcpState, now: SystemTime, api: route::Api, project: &ProjectId) -> Answer<()> {
    let Some(most) = state.behaviour.requests_per_minute else { return Ok(()) };
    let minute = Duration::from_secs(60);
    state.recent.retain(|(_, at)| now.duration_since(*at).unwrap_or_default() < minute);
    if state.recent.iter().filter(|(own, _)| own == project).count() < most {
        state.recent.push_back((project.clone(), now));
        return Ok(());
    }
    let number = state.projects.get(project).map_or(0, |project| project.number);
    let message = format!(
        "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service '{}' for consumer \
         'project_number:{number}'.",
        api.service()
    );
    let metadata = json!({
        "service": api.service(),
        "consumer": format!("projects/{number}"),
        "quota_limit_value": most.to_string(),
    });
    Err(ApiError::new(403, "rateLimitExceeded", message).info("RATE_LIMIT_EXCEEDED", metadata))
}

fn response(status: u16, body: Option<&Value>) -> Response<Bytes> {
    // Google's JSON is indented.
    let text = body.map(|body| format!("{body:#}\n")).unwrap_or_default();
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if body.is_some() {
        let kind = HeaderValue::from_static("application/json; charset=UTF-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}
