//! Paths and methods, by the operation names of the vendor's document.

use bytes::Bytes;
use http::Method;
use percent_encoding::percent_decode_str;

/// What a request asks for: the operation's name, and the decoded segments below `/v2`.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) name: &'static str,
    segments: Vec<String>,
}

impl Route {
    /// The `n`-th segment below `/v2`, counted from 0.
    pub(super) fn segment(&self, n: usize) -> &str {
        self.segments.get(n).map_or("", String::as_str)
    }
}

/// The operation's name, and whether it writes; told by shape alone.
pub(crate) fn operation(request: &http::Request<Bytes>) -> (String, bool) {
    let write = !matches!(*request.method(), Method::GET | Method::HEAD);
    let name = match route(request) {
        Some(route) => route.name.to_owned(),
        None => format!("{} {}", request.method(), request.uri().path()),
    };
    (name, write)
}

/// What `request` asks for; `None` when no such path exists for its method.
pub(super) fn route(request: &http::Request<Bytes>) -> Option<Route> {
    let path = request.uri().path().strip_prefix("/v2/")?;
    // Split first: an encoded slash is part of a segment.
    let segments: Vec<String> =
        path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let name = match (request.method().as_str(), parts.as_slice()) {
        ("GET", ["clouds"]) => "listClouds",
        ("GET", ["regions"]) => "listRegions",
        ("GET", ["projects"]) => "listProjects",
        ("GET", ["projects", _]) => "describeProject",
        ("GET", ["clusters"]) => "listClusters",
        ("GET", ["clusters", _]) => "describeCluster",
        ("POST", ["clusters", _, "enableConnectAddress"]) => "enableConnectAddress",
        ("POST", ["clusters", _, "disableConnectAddress"]) => "disableConnectAddress",
        ("GET", ["privateEndpointServices"]) => "listPrivateEndpointServices",
        ("GET", ["projects", _, "privateEndpoints"]) => "listPrivateEndpoints",
        ("POST", ["projects", _, "privateEndpoints"]) => "createPrivateEndpoint",
        ("DELETE", ["projects", _, "privateEndpoints", _]) => "deletePrivateEndpoint",
        ("POST", ["projects", _, "privateEndpointWhitelist"]) => "addPrivateEndpointWhitelistEntry",
        _ => return None,
    };
    Some(Route { name, segments })
}
