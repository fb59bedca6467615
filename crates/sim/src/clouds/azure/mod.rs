//! Microsoft Azure: Resource Manager's private endpoints and private DNS, name resolution in a
//! virtual network and the path of a packet.
//!
//! Answers are written by hand from the published specifications and from what the service is
//! known to answer beyond them, never through a client's types. State moves with the moments that
//! are passed in; nothing here looks at a clock.

mod auth;
mod body;
mod dns;
mod error;
mod id;
mod network;
mod path;
mod resolve;
mod route;
mod rule;
mod seed;
mod snapshot;
mod state;
mod throttle;
mod work;
mod zone;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Value, json};

use self::auth::Principal;
use self::error::{Answer, ApiError};
use self::route::{Kind, Route};
use super::{DnsAnswer, PathResult, Through};

pub(crate) use self::network::Status;
pub(crate) use self::seed::{NoSuchThing, RuleSeed};
pub(crate) use self::state::AzureState;
pub use self::state::{Behaviour, OnLongRunning};

impl AzureState {
    /// The specification's name of the operation that `request` asks for, and whether it writes.
    pub(crate) fn operation(request: &http::Request<Bytes>) -> (String, bool) {
        route::operation(request)
    }
}

/// Answers one request.
pub(crate) fn handle(state: &mut AzureState, now: SystemTime, request: &http::Request<Bytes>) -> Response<Bytes> {
    state.prune(now);
    let route = Route::of(request.uri().path());
    if let Some(route) = route.as_ref().filter(|route| route.kind == Kind::Token) {
        return match route.operation(request.method()) {
            Some(_) => state.issue_token(now, route, request),
            None => Reply::error(ApiError::new(405, "MethodNotAllowed", "POST is due here.")).into_response(),
        };
    }
    let answer = answer(state, now, route.as_ref(), request);
    let mut response = answer.unwrap_or_else(Reply::error).into_response();
    let id = state.ids.guid().to_string();
    let mut texts = vec![("x-ms-request-id", id.clone()), ("x-ms-correlation-request-id", id.clone())];
    texts.push(("x-ms-routing-request-id", format!("{}:{id}", state.location.to_ascii_uppercase())));
    for (name, text) in texts {
        insert(response.headers_mut(), name, &text);
    }
    response
}

fn answer(
    state: &mut AzureState,
    now: SystemTime,
    route: Option<&Route>,
    request: &http::Request<Bytes>,
) -> Answer<Reply> {
    let principal = state.identify(now, request)?;
    let path = request.uri().path();
    let nothing = || {
        ApiError::new(
            404,
            "InvalidResourceType",
            format!("The resource type could not be found for the path '{path}'."),
        )
    };
    let route = route.ok_or_else(nothing)?;
    let method = request.method();
    if route.operation(method).is_none() {
        let text = format!("The requested resource does not support http method '{method}'.");
        return Err(ApiError::new(405, "MethodNotAllowed", text));
    }
    let query: Vec<(String, String)> = match request.uri().query() {
        Some(query) => form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        None => Vec::new(),
    };
    let version = api_version(state, route, &query)?;
    let subscription = route.subscription_id()?;
    if !state.subscriptions.contains(&subscription) {
        let text = format!("The subscription '{subscription}' could not be found.");
        return Err(ApiError::new(404, "SubscriptionNotFound", text));
    }
    let call = Call { now, method, route, principal, version: &version, origin: origin(request), query: &query };
    let left = throttle::spend(state, &call)?;
    call.principal.require(&call.action(), &route.scope())?;
    if !route.group.is_empty() && state.group(&subscription, &route.group).is_none() {
        let text = format!("Resource group '{}' could not be found.", route.group);
        return Err(ApiError::new(404, "ResourceGroupNotFound", text));
    }
    let reply = perform(state, &call, request)?;
    Ok(reply.headers([left]))
}

fn perform(state: &mut AzureState, call: &Call<'_>, request: &http::Request<Bytes>) -> Answer<Reply> {
    let reads = *call.method == Method::GET;
    let deletes = *call.method == Method::DELETE;
    match call.route.kind {
        // Handled before anybody is asked who they are.
        Kind::Token => Err(call.route.not_found()),
        Kind::Subscription => {
            let (id, tenant) = (&call.route.subscription, state.tenant);
            Ok(Reply::json(
                200,
                json!({
                    "id": format!("/subscriptions/{id}"), "subscriptionId": id, "tenantId": tenant.to_string(),
                    "displayName": "Example", "state": "Enabled", "authorizationSource": "RoleBased",
                    "subscriptionPolicies": {
                        "locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off",
                    },
                }),
            ))
        }
        Kind::Group => {
            let group =
                state.group(&call.route.subscription_id()?, &call.route.group).ok_or_else(|| call.route.not_found())?;
            Ok(Reply::json(
                200,
                json!({
                    "id": format!("/subscriptions/{}/resourceGroups/{}", call.route.subscription, group.name),
                    "name": group.name, "type": "Microsoft.Resources/resourceGroups", "location": group.location,
                    "properties": { "provisioningState": "Succeeded" },
                }),
            ))
        }
        Kind::Endpoints => network::endpoint::list(state, call),
        Kind::Endpoint if reads => network::endpoint::get(state, call),
        Kind::Endpoint if deletes => network::endpoint::delete(state, call),
        Kind::Endpoint => network::create::put(state, call, request),
        Kind::Interface => network::interface::get(state, call),
        Kind::Vnets => network::vnet::list(state, call),
        Kind::Vnet => network::vnet::get(state, call),
        Kind::Subnets => network::vnet::list_subnets(state, call),
        Kind::Subnet => network::vnet::get_subnet(state, call),
        Kind::SecurityGroup => network::vnet::get_security_group(state, call),
        Kind::ApplicationGroup => network::vnet::get_application_group(state, call),
        Kind::Zones => dns::zone::list(state, call),
        Kind::Zone if reads => dns::zone::get(state, call),
        Kind::Zone if deletes => dns::zone::delete(state, call, request),
        Kind::Zone => dns::zone::put(state, call, request),
        Kind::Links => dns::link::list(state, call),
        Kind::Link if reads => dns::link::get(state, call),
        Kind::Link if deletes => dns::link::delete(state, call, request),
        Kind::Link => dns::link::put(state, call, request),
        Kind::Records => dns::record::list(state, call),
        Kind::Record if reads => dns::record::get(state, call),
        Kind::Record if deletes => dns::record::delete(state, call, request),
        Kind::Record => dns::record::put(state, call, request),
        Kind::NetworkStatus | Kind::NetworkResult | Kind::DnsStatus | Kind::DnsResult => work::poll(state, call),
    }
}

/// The `api-version` of a request, if its provider knows it.
fn api_version(state: &AzureState, route: &Route, query: &[(String, String)]) -> Answer<String> {
    let given = query.iter().find(|(name, _)| name.eq_ignore_ascii_case("api-version")).map(|(_, value)| value.clone());
    let Some(version) = given.filter(|version| !version.is_empty()) else {
        return Err(ApiError::bad(
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        ));
    };
    if matches!(route.kind, Kind::Subscription | Kind::Group) {
        return Ok(version);
    }
    let known = if route.is_dns() { &state.behaviour.dns_versions } else { &state.behaviour.network_versions };
    if known.contains(&version.as_str()) {
        return Ok(version);
    }
    let kind = route.resource_type();
    let kind = kind.split_once('/').map_or("", |(_, kind)| kind);
    Err(ApiError::bad(
        "NoRegisteredProviderFound",
        format!(
            "No registered resource provider found for location '{}' and API version '{version}' for type '{kind}'. \
             The supported api-versions are '{}'.",
            if route.is_dns() { "global" } else { &state.location },
            known.join(", ")
        ),
    ))
}

/// Where the caller reached Resource Manager: poll URLs lead there again.
fn origin(request: &http::Request<Bytes>) -> String {
    let uri = request.uri();
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => format!("{scheme}://{authority}"),
        _ => {
            let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
            format!("http://{}", host.unwrap_or("localhost"))
        }
    }
}

/// One call whose token was right.
#[derive(Debug)]
struct Call<'a> {
    now: SystemTime,
    method: &'a Method,
    route: &'a Route,
    principal: Principal,
    version: &'a str,
    origin: String,
    query: &'a [(String, String)],
}

impl Call<'_> {
    /// The permission that the call takes.
    fn action(&self) -> String {
        let verb = match *self.method {
            Method::GET => "read",
            Method::DELETE => "delete",
            _ => "write",
        };
        format!("{}/{verb}", self.route.resource_type())
    }

    /// Refuses unless the caller may also use `action` on what the request refers to.
    fn require_linked(&self, action: &str, linked: &str) -> Answer<()> {
        self.principal.require_linked(&self.action(), &self.route.scope(), action, linked)
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// One page of `items`, with the way to the next.
    fn page(&self, state: &AzureState, items: Vec<Value>) -> Reply {
        let size = match self.parameter("$top").and_then(|top| top.parse::<usize>().ok()) {
            Some(top) => top.min(state.behaviour.page_size),
            None => state.behaviour.page_size,
        };
        let size = size.max(1);
        let start = self.parameter("$skipToken").and_then(|token| token.parse::<usize>().ok()).unwrap_or(0);
        let total = items.len();
        let mut body = json!({ "value": items.into_iter().skip(start).take(size).collect::<Vec<Value>>() });
        if start + size < total {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in self.query.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("$skipToken")) {
                query.append_pair(name, value);
            }
            query.append_pair("$skipToken", &(start + size).to_string());
            let path = self.list_path();
            body["nextLink"] = format!("{}{path}?{}", self.origin, query.finish()).into();
        }
        Reply::json(200, body)
    }

    fn list_path(&self) -> String {
        let Route { subscription, group, names, .. } = self.route;
        let mut path = format!("/subscriptions/{subscription}");
        if !group.is_empty() {
            path.push_str(&format!("/resourceGroups/{group}"));
        }
        let kind = self.route.resource_type();
        let mut types = kind.split('/');
        path.push_str(&format!("/providers/{}", types.next().unwrap_or_default()));
        let mut names = names.iter();
        for kind in types {
            path.push_str(&format!("/{kind}"));
            if let Some(name) = names.next() {
                path.push_str(&format!("/{name}"));
            }
        }
        // Of record sets the type is in the path already.
        match self.route.kind {
            Kind::Records => path.trim_end_matches(&format!("/{}", self.route.names[1])).to_owned(),
            _ => path,
        }
    }
}

/// What goes back.
#[derive(Debug)]
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl Reply {
    fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: None }
    }

    fn error(error: ApiError) -> Self {
        let body = json!({ "error": error.body() });
        Self { status: error.status, headers: error.headers, body: Some(body) }
    }

    fn headers(mut self, headers: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.headers.extend(headers);
        self
    }

    fn into_response(self) -> Response<Bytes> {
        let text = self.body.map(|body| body.to_string());
        let typed = text.is_some();
        let mut response = Response::new(text.map(Bytes::from).unwrap_or_default());
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if typed {
            let kind = HeaderValue::from_static("application/json; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        for (name, text) in &self.headers {
            insert(response.headers_mut(), name, text);
        }
        response
    }
}

fn insert(headers: &mut http::HeaderMap, name: &'static str, text: &str) {
    // Every text is ours, or a URL that was read as one.
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// A failure with `status` that a script asks for.
pub(crate) fn scripted(status: u16) -> Response<Bytes> {
    let code = match status {
        400 => "InvalidRequestFormat",
        401 => "InvalidAuthenticationToken",
        403 => "AuthorizationFailed",
        404 => "ResourceNotFound",
        409 => "Conflict",
        412 => "PreconditionFailed",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        _ => "InternalServerError",
    };
    Reply::error(ApiError::new(status, code, "scripted failure")).into_response()
}

/// Resource Manager's way to say "too often", which says how long to wait in whole seconds.
pub(crate) fn throttled(wait: Duration) -> Response<Bytes> {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let error = ApiError::new(429, "TooManyRequests", "The request is being throttled.");
    Reply::error(error.header("retry-after", seconds.to_string())).into_response()
}
