//! Paths and methods, by the API's own operation names.

use bytes::Bytes;
use http::Method;
use percent_encoding::percent_decode_str;

/// What a request asks for: the operation's name without its prefix, and the decoded segments
/// below `/api/v1`.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) name: &'static str,
    segments: Vec<String>,
}

impl Route {
    /// The `n`-th segment below `/api/v1`, counted from 0.
    pub(super) fn segment(&self, n: usize) -> &str {
        self.segments.get(n).map_or("", String::as_str)
    }
}

/// The API's own name of the operation, and whether it writes; told by shape alone.
pub(crate) fn operation(request: &http::Request<Bytes>) -> (String, bool) {
    let write = !matches!(*request.method(), Method::GET | Method::HEAD);
    let name = match route(request) {
        Some(route) => format!("CockroachCloud_{}", route.name),
        None => format!("{} {}", request.method(), request.uri().path()),
    };
    (name, write)
}

/// What `request` asks for; `None` when no such path exists for its method.
pub(super) fn route(request: &http::Request<Bytes>) -> Option<Route> {
    let path = request.uri().path().strip_prefix("/api/v1/")?;
    // Split first: an encoded slash is part of a segment.
    let segments: Vec<String> =
        path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let name = match (request.method().as_str(), parts.as_slice()) {
        ("GET", ["clusters"]) => "ListClusters",
        ("GET", ["clusters", _]) => "GetCluster",
        ("GET", ["clusters", _, "connection-string"]) => "GetConnectionString",
        (method, ["clusters", _, "networking", rest @ ..]) => match (method, rest) {
            ("GET", ["private-endpoint-services"]) => "ListPrivateEndpointServices",
            ("POST", ["private-endpoint-services"]) => "CreatePrivateEndpointServices",
            ("GET", ["private-endpoint-connections"]) => "ListPrivateEndpointConnections",
            ("POST", ["private-endpoint-connections"]) => "AddPrivateEndpointConnection",
            ("DELETE", ["private-endpoint-connections", _]) => "DeletePrivateEndpointConnection",
            ("GET", ["private-endpoint-trusted-owners"]) => "ListPrivateEndpointTrustedOwners",
            ("POST", ["private-endpoint-trusted-owners"]) => "AddPrivateEndpointTrustedOwner",
            ("GET", ["private-endpoint-trusted-owners", _]) => "GetPrivateEndpointTrustedOwner",
            ("DELETE", ["private-endpoint-trusted-owners", _]) => "RemovePrivateEndpointTrustedOwner",
            ("GET", ["egress-private-endpoints"]) => "ListEgressPrivateEndpoints",
            ("POST", ["egress-private-endpoints"]) => "CreateEgressPrivateEndpoint",
            ("GET", ["egress-private-endpoints", _]) => "GetEgressPrivateEndpoint",
            ("PATCH", ["egress-private-endpoints", _]) => "UpdateEgressPrivateEndpoint",
            ("DELETE", ["egress-private-endpoints", _]) => "DeleteEgressPrivateEndpoint",
            ("GET", ["allowlist"]) => "ListAllowlistEntries",
            ("POST", ["allowlist"]) => "AddAllowlistEntry",
            ("PUT", ["allowlist", _, _]) => "AddAllowlistEntry2",
            ("PATCH", ["allowlist", _, _]) => "UpdateAllowlistEntry",
            ("DELETE", ["allowlist", _, _]) => "DeleteAllowlistEntry",
            _ => return None,
        },
        _ => return None,
    };
    Some(Route { name, segments })
}
