//! Paths and methods, by the API's own operation names.

use bytes::Bytes;
use http::Method;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use super::answer::Refusal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    StaticIps,
    Whoami,
    OrganizationList,
    OrganizationGet(Uuid),
    OrganizationUpdate(Uuid),
    OrganizationEndpointConfig(Uuid),
    ActivityList(Uuid),
    ServiceList(Uuid),
    ServiceCreate(Uuid),
    ServiceGet(Uuid, Uuid),
    ServiceUpdate(Uuid, Uuid),
    ServiceDelete(Uuid, Uuid),
    ServiceState(Uuid, Uuid),
    ServiceEndpointConfig(Uuid, Uuid),
    ServiceEndpointCreate(Uuid, Uuid),
    ByocGet(Uuid, Uuid),
    ByocUpdate(Uuid, Uuid),
    ByocEndpointConfig(Uuid, Uuid),
}

/// The API's own name of the operation, and whether it writes; told by shape alone, so that a
/// call with a malformed id has its name too.
pub(crate) fn operation(request: &http::Request<Bytes>) -> (String, bool) {
    let write = !matches!(*request.method(), Method::GET | Method::HEAD);
    let name = match name(&segments(request.uri().path()), request.method()) {
        Shape::Known(name) => name.to_owned(),
        Shape::OtherMethod(_) | Shape::Unknown => format!("{} {}", request.method(), request.uri().path()),
    };
    (name, write)
}

enum Shape {
    Known(&'static str),
    /// The path exists, for these methods.
    OtherMethod(&'static str),
    Unknown,
}

fn name(segments: &[String], method: &Method) -> Shape {
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let table: &[(&Method, &'static str)] = match parts.as_slice() {
        ["static-ips.json"] => &[(&Method::GET, "staticIps")],
        ["v1", "whoami"] => &[(&Method::GET, "whoamiGet")],
        ["v1", "organizations"] => &[(&Method::GET, "organizationGetList")],
        ["v1", "organizations", _] => &[(&Method::GET, "organizationGet"), (&Method::PATCH, "organizationUpdate")],
        ["v1", "organizations", _, "privateEndpointConfig"] => {
            &[(&Method::GET, "organizationPrivateEndpointConfigGetList")]
        }
        ["v1", "organizations", _, "activities"] => &[(&Method::GET, "activityGetList")],
        ["v1", "organizations", _, "services"] => {
            &[(&Method::GET, "instanceGetList"), (&Method::POST, "instanceCreate")]
        }
        ["v1", "organizations", _, "services", _] => {
            &[(&Method::GET, "instanceGet"), (&Method::PATCH, "instanceUpdate"), (&Method::DELETE, "instanceDelete")]
        }
        ["v1", "organizations", _, "services", _, "state"] => &[(&Method::PATCH, "instanceStateUpdate")],
        ["v1", "organizations", _, "services", _, "privateEndpointConfig"] => {
            &[(&Method::GET, "instancePrivateEndpointConfigGet")]
        }
        ["v1", "organizations", _, "services", _, "privateEndpoint"] => {
            &[(&Method::POST, "instancePrivateEndpointCreate")]
        }
        ["v1", "organizations", _, "byocInfrastructure", _] => &[
            (&Method::GET, "organizationByocInfrastructureGet"),
            (&Method::PATCH, "organizationByocInfrastructureUpdate"),
        ],
        ["v1", "organizations", _, "byocInfrastructure", _, "privateEndpointConfig"] => {
            &[(&Method::GET, "organizationByocInfrastructurePrivateEndpointConfigGet")]
        }
        _ => return Shape::Unknown,
    };
    match table.iter().find(|(known, _)| *known == method) {
        Some((_, name)) => Shape::Known(name),
        None => Shape::OtherMethod(match table {
            [(m, _)] if **m == Method::PATCH => "PATCH",
            [(m, _)] if **m == Method::POST => "POST",
            [(m, _)] if **m == Method::GET => "GET",
            [_, (m, _)] if **m == Method::POST => "GET, POST",
            [_, _] => "GET, PATCH",
            _ => "GET, PATCH, DELETE",
        }),
    }
}

/// What `request` asks for.
pub(super) fn route(request: &http::Request<Bytes>) -> Result<Operation, Refusal> {
    let segments = segments(request.uri().path());
    let name = match name(&segments, request.method()) {
        Shape::Known(name) => name,
        Shape::OtherMethod(allowed) => {
            return Err(Refusal::new(405, "METHOD_NOT_ALLOWED", "the path exists, but not for this method")
                .header("allow", allowed.to_owned()));
        }
        Shape::Unknown => return Err(Refusal::not_found("no such path")),
    };
    let organization = || uuid(&segments, 2, "organizationId");
    let service = || uuid(&segments, 4, "serviceId");
    let infrastructure = || uuid(&segments, 4, "byocInfrastructureId");
    Ok(match name {
        "staticIps" => Operation::StaticIps,
        "whoamiGet" => Operation::Whoami,
        "organizationGetList" => Operation::OrganizationList,
        "organizationGet" => Operation::OrganizationGet(organization()?),
        "organizationUpdate" => Operation::OrganizationUpdate(organization()?),
        "organizationPrivateEndpointConfigGetList" => Operation::OrganizationEndpointConfig(organization()?),
        "activityGetList" => Operation::ActivityList(organization()?),
        "instanceGetList" => Operation::ServiceList(organization()?),
        "instanceCreate" => Operation::ServiceCreate(organization()?),
        "instanceGet" => Operation::ServiceGet(organization()?, service()?),
        "instanceUpdate" => Operation::ServiceUpdate(organization()?, service()?),
        "instanceDelete" => Operation::ServiceDelete(organization()?, service()?),
        "instanceStateUpdate" => Operation::ServiceState(organization()?, service()?),
        "instancePrivateEndpointConfigGet" => Operation::ServiceEndpointConfig(organization()?, service()?),
        "instancePrivateEndpointCreate" => Operation::ServiceEndpointCreate(organization()?, service()?),
        "organizationByocInfrastructureGet" => Operation::ByocGet(organization()?, infrastructure()?),
        "organizationByocInfrastructureUpdate" => Operation::ByocUpdate(organization()?, infrastructure()?),
        _ => Operation::ByocEndpointConfig(organization()?, infrastructure()?),
    })
}

fn segments(path: &str) -> Vec<String> {
    path.trim_start_matches('/')
        .split('/')
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect()
}

fn uuid(segments: &[String], place: usize, name: &str) -> Result<Uuid, Refusal> {
    let text = segments.get(place).map_or("", String::as_str);
    match Uuid::try_parse(text) {
        Ok(uuid) if text.len() == 36 => Ok(uuid),
        _ => Err(Refusal::bad_request(format!("{name} must be a UUID"))),
    }
}
