//! Google Cloud: Compute Engine's Private Service Connect and Cloud DNS.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use privlink_core::{DnsName, Region, ServiceAttachment};
use serde_json::{Value, json};

use super::{DnsAnswer, PathResult};

/// Everything that exists in the simulated Google Cloud.
#[derive(Clone, Debug, Default)]
pub(crate) struct GcpState {
    /// The service attachments that endpoints may point at.
    services: std::collections::BTreeMap<ServiceAttachment, Region>,
}

impl GcpState {
    /// The API's own name of the operation that `request` asks for, and whether it writes.
    pub(crate) fn operation(request: &http::Request<Bytes>) -> (String, bool) {
        let write = !matches!(*request.method(), Method::GET | Method::HEAD);
        (format!("{} {}", request.method(), request.uri().path()), write)
    }

    /// Makes a service attachment exist.
    pub(crate) fn offer_service(&mut self, service: ServiceAttachment, region: Region) {
        self.services.insert(service, region);
    }

    /// The network of a subnetwork and the address of a client machine in it.
    pub(crate) fn locate(&self, _subnetwork: &str) -> Option<(String, IpAddr)> {
        None
    }

    /// What the resolver of a subnetwork's network answers for the addresses of `name`.
    pub(crate) fn resolve(&self, _now: SystemTime, _subnetwork: &str, _name: &DnsName) -> DnsAnswer {
        DnsAnswer::Failed
    }

    /// Where a TCP connection of the client in `from` to `to` and `port` ends up.
    pub(crate) fn connect(&self, _now: SystemTime, from: &str, _to: IpAddr, _port: u16) -> PathResult {
        PathResult::TimedOut(format!("there is no subnetwork {from}"))
    }

    /// The addresses of every endpoint.
    #[cfg(feature = "data-path")]
    pub(crate) fn endpoint_addresses(&self, _now: SystemTime) -> Vec<IpAddr> {
        Vec::new()
    }

    /// Everything that exists at `now`, sorted.
    pub(crate) fn snapshot(&self, _now: SystemTime) -> Value {
        json!({})
    }
}

/// Answers one request.
pub(crate) fn handle(_state: &mut GcpState, _now: SystemTime, _request: &http::Request<Bytes>) -> Response<Bytes> {
    failure(404, "notFound", "The requested URL was not found on this server.")
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
    failure(status, reason, "scripted failure")
}

/// Google's way to say "too often"; it seldom says how long to wait.
pub(crate) fn throttled(_wait: Duration) -> Response<Bytes> {
    failure(403, "rateLimitExceeded", "Rate Limit Exceeded")
}

fn failure(status: u16, reason: &str, message: &str) -> Response<Bytes> {
    let body = json!({ "error": {
        "code": status,
        "message": message,
        "errors": [{ "domain": "global", "reason": reason, "message": message }],
    }});
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    response
}
