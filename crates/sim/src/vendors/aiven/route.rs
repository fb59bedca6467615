//! Paths and methods, by the API's own operation names.

use bytes::Bytes;
use http::Method;
use percent_encoding::percent_decode_str;

/// What a request asks for: the operation's name, and the decoded segments below `/v1`.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) name: &'static str,
    segments: Vec<String>,
}

impl Route {
    /// The `n`-th segment below `/v1`, counted from 0.
    pub(super) fn segment(&self, n: usize) -> &str {
        self.segments.get(n).map_or("", String::as_str)
    }
}

/// The API's own name of the operation, and whether it writes; told by shape alone.
pub(crate) fn operation(request: &http::Request<Bytes>) -> (String, bool) {
    let write = !matches!(*request.method(), Method::GET | Method::HEAD);
    match route(request) {
        // Looking at the cloud again changes nothing that anybody could see at once.
        Some(route) => (route.name.to_owned(), write && !route.name.ends_with("Refresh")),
        None => (format!("{} {}", request.method(), request.uri().path()), write),
    }
}

/// What `request` asks for; `None` when no such path exists for its method.
pub(super) fn route(request: &http::Request<Bytes>) -> Option<Route> {
    let path = request.uri().path().strip_prefix("/v1/")?;
    // Split first: an encoded slash is part of a segment.
    let segments: Vec<String> =
        path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let name = match (request.method().as_str(), parts.as_slice()) {
        ("GET", ["clouds"]) => "ListClouds",
        ("GET", ["tenants", _, "privatelink-availability"]) => "PublicPrivatelinkAvailabilityList",
        (method, ["project", _, rest @ ..]) => match (method, rest) {
            ("GET", ["clouds"]) => "ListProjectClouds",
            ("GET", ["privatelink-availability"]) => "ProjectPrivatelinkAvailabilityList",
            ("GET", ["vpcs"]) => "VpcList",
            ("GET", ["static-ips"]) => "StaticIPList",
            ("GET", ["kms", "ca"]) => "ProjectKmsGetCA",
            ("GET", ["service-types", _]) => "ProjectServiceTypesGet",
            ("GET", ["service", _]) => "ServiceGet",
            ("PUT", ["service", _]) => "ServiceUpdate",
            (method, ["service", _, "privatelink", cloud, rest @ ..]) => privatelink(method, cloud, rest)?,
            _ => return None,
        },
        _ => return None,
    };
    Some(Route { name, segments })
}

fn privatelink(method: &str, cloud: &str, rest: &[&str]) -> Option<&'static str> {
    Some(match (cloud, method, rest) {
        ("aws", "POST", []) => "ServicePrivatelinkAWSCreate",
        ("aws", "GET", []) => "ServicePrivatelinkAWSGet",
        ("aws", "PUT", []) => "ServicePrivatelinkAWSUpdate",
        ("aws", "DELETE", []) => "ServicePrivatelinkAWSDelete",
        ("aws", "GET", ["connections"]) => "ServicePrivatelinkAWSConnectionList",
        ("aws", "POST", ["refresh"]) => "UnpublishedAWSPrivatelinkRefresh",
        ("azure", "POST", []) => "ServicePrivatelinkAzureCreate",
        ("azure", "GET", []) => "ServicePrivatelinkAzureGet",
        ("azure", "PUT", []) => "ServicePrivatelinkAzureUpdate",
        ("azure", "DELETE", []) => "ServicePrivatelinkAzureDelete",
        ("azure", "GET", ["connections"]) => "ServicePrivatelinkAzureConnectionList",
        ("azure", "POST", ["refresh"]) => "UnpublishedAzurePrivatelinkRefresh",
        ("azure", "POST", ["connections", _, "approve"]) => "ServicePrivatelinkAzureConnectionApproval",
        ("azure", "PUT", ["connections", _]) => "ServicePrivatelinkAzureConnectionUpdate",
        ("google", "POST", []) => "ServicePrivatelinkGoogleCreate",
        ("google", "GET", []) => "ServicePrivatelinkGoogleGet",
        ("google", "DELETE", []) => "ServicePrivatelinkGoogleDelete",
        ("google", "GET", ["connections"]) => "ServicePrivatelinkGoogleConnectionList",
        ("google", "POST", ["refresh"]) => "ServicePrivatelinkGoogleRefresh",
        ("google", "POST", ["connections", _, "approve"]) => "ServicePrivatelinkGoogleConnectionCreate",
        _ => return None,
    })
}
