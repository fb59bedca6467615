//! Microsoft Azure: Resource Manager's private endpoints and private DNS.

mod error;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Method, Response, header};
use privlink_core::{AzureResourceId, DnsName, PrivateLinkServiceAlias, Region};
use serde_json::{Value, json};

use self::error::ApiError;
use super::{DnsAnswer, PathResult};

/// Everything that exists in the simulated Azure.
#[derive(Clone, Debug, Default)]
pub(crate) struct AzureState {
    /// The Private Link services that endpoints may point at.
    services: BTreeMap<PrivateLinkServiceAlias, Region>,
}

impl AzureState {
    /// The API's own name of the operation that `request` asks for, and whether it writes.
    pub(crate) fn operation(request: &http::Request<Bytes>) -> (String, bool) {
        let write = !matches!(*request.method(), Method::GET | Method::HEAD);
        (format!("{} {}", request.method(), request.uri().path()), write)
    }

    /// Makes a Private Link service exist.
    pub(crate) fn offer_service(&mut self, alias: PrivateLinkServiceAlias, region: Region) {
        self.services.insert(alias, region);
    }

    /// The network of a subnet and the address of a client machine in it.
    pub(crate) fn locate(&self, _subnet: &AzureResourceId) -> Option<(String, IpAddr)> {
        None
    }

    /// What the resolver of a subnet's network answers for the addresses of `name`.
    pub(crate) fn resolve(&self, _now: SystemTime, _subnet: &AzureResourceId, _name: &DnsName) -> DnsAnswer {
        DnsAnswer::Failed
    }

    /// Where a TCP connection of the client in `from` to `to` and `port` ends up.
    pub(crate) fn connect(&self, _now: SystemTime, from: &AzureResourceId, _to: IpAddr, _port: u16) -> PathResult {
        PathResult::TimedOut(format!("there is no subnet {from}"))
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
pub(crate) fn handle(_state: &mut AzureState, _now: SystemTime, _request: &http::Request<Bytes>) -> Response<Bytes> {
    ApiError::new(404, "NotFound", "Nothing was found at this path.").into_response()
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
    ApiError::new(status, code, "scripted failure").into_response()
}

/// Resource Manager's way to say "too often", which says how long to wait in whole seconds.
pub(crate) fn throttled(wait: Duration) -> Response<Bytes> {
    let mut response = ApiError::new(429, "TooManyRequests", "The request is being throttled.").into_response();
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
