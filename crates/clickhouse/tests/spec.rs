//! Every request against the vendor's official OpenAPI document, found through the environment
//! variable `PRIVLINK_SPECS` (a directory with `clickhouse-cloud.openapi.json`): method, path,
//! query and body must be in it, with unknown fields forbidden.

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use privlink_clickhouse::{IpAccessEntry, Registration};
use privlink_core::CloudProvider;
use privlink_core::side::{Exchange, Side};
use privlink_sim::{Request, ServiceSpec, World};
use serde_json::Value;
use support::*;

/// The operations of the document this library uses, by `operationId`.
const USED: [&str; 11] = [
    "instanceGet",
    "instanceGetList",
    "instancePrivateEndpointConfigGet",
    "instancePrivateEndpointCreate",
    "instanceUpdate",
    "organizationByocInfrastructurePrivateEndpointConfigGet",
    "organizationGet",
    "organizationGetList",
    "organizationPrivateEndpointConfigGetList",
    "organizationUpdate",
    "whoamiGet",
];

/// The operations of the document it leaves alone: making, starting and deleting services, the
/// other direction, and audit.
const UNUSED: [&str; 11] = [
    "activityGetList",
    "clickPipeReversePrivateEndpointCreate",
    "clickPipeReversePrivateEndpointDelete",
    "clickPipeReversePrivateEndpointGet",
    "clickPipeReversePrivateEndpointGetList",
    "clickPipeReversePrivateEndpointUpdate",
    "instanceCreate",
    "instanceDelete",
    "instanceStateUpdate",
    "organizationByocInfrastructureGet",
    "organizationByocInfrastructureUpdate",
];

fn document() -> Option<Value> {
    let Ok(directory) = std::env::var("PRIVLINK_SPECS") else {
        eprintln!("skipped: PRIVLINK_SPECS names no directory with the vendors' API documents");
        return None;
    };
    let path = Path::new(&directory).join("clickhouse-cloud.openapi.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_str(&text).expect("the document is JSON"))
}

/// Uses every call there is.
async fn everything() -> Vec<Request> {
    let world = World::new();
    let client = client(&world);
    let organization = organization(&world, &client);
    let service = service(&world, &client, "orders");
    let region: privlink_core::Region = "us-east-1".parse().expect("a region");

    client.whoami().await.expect("whoami");
    client.organizations().all().await.expect("organizations");
    client.request(http::Method::GET, "/organizations").expect("a path").query("limit", "5").send().await.expect("raw");
    organization.details().await.expect("organization");
    organization.find_service(CloudProvider::Aws, &region, "orders").await.expect("services");
    #[expect(deprecated, reason = "kept as a fallback")]
    organization.private_endpoint_service(CloudProvider::Aws, &region).await.expect("organization config");
    // The infrastructure has no private link: only the request matters here.
    let infrastructure = world.clickhouse().add_byoc(CloudProvider::Aws, &region, "123456789012");
    drop(organization.infrastructure_private_endpoint_config(infrastructure.into()).await);
    world.clickhouse().add_service(ServiceSpec::new("own", CloudProvider::Aws, region.clone()).byoc(infrastructure));

    service.private_endpoint_config().await.expect("config");
    service.private_endpoints().attach(vpce(OTHER)).description("prod vpc").send().await.expect("attach");
    service.private_endpoints().patch().add(vpce(OURS)).remove(vpce(OTHER)).send().await.expect("patch");
    let office: IpAccessEntry = "203.0.113.0/24".parse().expect("a range");
    service.ip_access_list().patch().add(office.described("office")).send().await.expect("sources");
    let entry = Registration::new(vpce(THIRD), region.clone()).described("prod");
    organization.private_endpoints().patch().add(entry.clone()).send().await.expect("register");
    organization.private_endpoints().patch().remove(entry).send().await.expect("unregister");

    // And what the steps send.
    let known = known(OURS);
    let removal = service.removal(&known, &cx(&world)).await.expect("removal");
    let closing = privlink_core::side::DatabaseSide::closing(&service, &known, &cx(&world)).await.expect("closing");
    let mut steps = removal.steps;
    steps.extend(closing.0.steps);
    steps.extend(service.survey(&Exchange::new(), &cx(&world)).await.expect("survey").steps);
    for step in &steps {
        service.perform(step, &known, &cx(&world)).await.expect("an outcome");
    }
    world.requests()
}

#[tokio::test(start_paused = true)]
async fn every_request_is_in_the_vendors_document() {
    let Some(document) = document() else { return };
    let requests = everything().await;
    let mut used = BTreeSet::new();
    for request in &requests {
        match check(&document, request) {
            Ok(operation) => drop(used.insert(operation)),
            Err(wrong) => panic!(
                "{} {}{} {}\n{wrong}",
                request.method,
                request.path,
                request.query.as_deref().map(|query| format!("?{query}")).unwrap_or_default(),
                String::from_utf8_lossy(&request.body)
            ),
        }
    }
    assert_eq!(used.iter().map(String::as_str).collect::<Vec<_>>(), USED, "used, and said to be used");
}

#[test]
fn every_operation_of_the_document_is_used_or_left_alone_on_purpose() {
    let Some(document) = document() else { return };
    let all: BTreeSet<&str> =
        operations_of(&document).map(|(_, _, operation)| text(operation, "operationId")).collect();
    let known: BTreeSet<&str> = USED.into_iter().chain(UNUSED).collect();
    assert_eq!(all, known);
}

#[test]
fn the_examples_of_the_document_are_read() {
    let Some(document) = document() else { return };
    // The document has examples of fields, not of answers: an answer is put together of them.
    for (schema, needed) in [("Service", "id"), ("Organization", "id"), ("PrivateEndpointConfig", "endpointServiceId")]
    {
        let made = example(&document, &document["components"]["schemas"][schema], 0);
        assert!(made.get(needed).is_some(), "{schema}: {made}");
    }
}

#[tokio::test(start_paused = true)]
async fn answers_made_of_the_documents_schemas_are_read() {
    let Some(document) = document() else { return };
    let schemas = &document["components"]["schemas"];
    let answers = [
        ("/v1/whoami", example(&document, &schemas["WhoamiApiKey"], 0)),
        ("/services/", example(&document, &schemas["Service"], 0)),
        ("/v1/organizations/", example(&document, &schemas["Organization"], 0)),
    ];
    for (at, result) in answers {
        let transport = Fixed(serde_json::json!({"status": 200, "requestId": UUID, "result": result}).to_string());
        let client = privlink_clickhouse::Client::over(transport).api_key("id", "secret").build().expect("a client");
        let organization = client.organization(UUID.parse().expect("a UUID"));
        let read = match at {
            "/v1/whoami" => client.whoami().await.map(drop),
            "/services/" => organization.service(UUID.parse().expect("a UUID")).details().await.map(drop),
            _ => organization.details().await.map(drop),
        };
        read.unwrap_or_else(|error| panic!("{at}: {error}"));
    }
}

const UUID: &str = "5f0e9d55-7c1e-4f0e-9d55-0b6f2f3f8a10";

/// Answers everything the same.
#[derive(Debug)]
struct Fixed(String);

impl privlink_core::transport::Transport for Fixed {
    fn send(
        &self,
        _: http::Request<bytes::Bytes>,
        _: privlink_core::transport::Limits,
    ) -> privlink_core::BoxFuture<'_, Result<http::Response<bytes::Bytes>, privlink_core::transport::TransportError>>
    {
        let response = http::Response::new(bytes::Bytes::from(self.0.clone()));
        Box::pin(async move { Ok(response) })
    }
}

// ── a validator of as much of OpenAPI as the document uses

fn operations_of(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, methods)| {
        methods
            .as_object()
            .expect("methods")
            .iter()
            .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// The `operationId` a request belongs to, or what is wrong with it.
fn check(document: &Value, request: &Request) -> Result<String, String> {
    let method = request.method.as_str().to_ascii_lowercase();
    let (template, operation) = operations_of(document)
        .find(|(template, of, _)| *of == method && fits(template, &request.path))
        .map(|(template, _, operation)| (template, operation))
        .ok_or("no such method and path in the document")?;
    let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
    let schema_of = |at: &str, name: &str| {
        parameters.iter().find(|one| text(one, "in") == at && text(one, "name") == name).map(|one| &one["schema"])
    };
    for (part, value) in template.split('/').zip(request.path.split('/')) {
        if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            let schema = schema_of("path", name).ok_or(format!("no path parameter {name}"))?;
            validate(document, schema, &Value::from(value), name)?;
        }
    }
    let query: Vec<(String, String)> = match &request.query {
        Some(query) => url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        None => Vec::new(),
    };
    for (name, value) in &query {
        let schema = schema_of("query", name).ok_or(format!("no query parameter {name}"))?;
        let value = if schema["type"] == "integer" {
            value.parse::<i64>().map(Value::from).map_err(|error| format!("{name}: {error}"))?
        } else {
            Value::from(value.as_str())
        };
        validate(document, schema, &value, name)?;
    }
    for wanted in parameters.iter().filter(|one| text(one, "in") == "query" && one["required"] == true) {
        if !query.iter().any(|(name, _)| name == text(wanted, "name")) {
            return Err(format!("the query lacks {}", text(wanted, "name")));
        }
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    match (body.is_null(), request.body.is_empty()) {
        (true, true) => {}
        (true, false) => return Err("a body where none belongs".into()),
        (false, true) => return Err("no body".into()),
        (false, false) => {
            let sent: Value = serde_json::from_slice(&request.body).map_err(|error| error.to_string())?;
            validate(document, body, &sent, "body")?;
        }
    }
    Ok(text(operation, "operationId").to_owned())
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(pointer) => document.pointer(pointer.trim_start_matches('#')).unwrap_or_else(|| panic!("no {pointer}")),
        None => schema,
    }
}

/// Whether `value` is what `schema` says; fields the schema does not name are forbidden.
fn validate(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let schema = resolve(document, schema);
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ if schema["properties"].is_object() => vec!["object"],
        _ => Vec::new(),
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = types.contains(&is) || (is == "integer" && types.contains(&"number"));
    if !(types.is_empty() || fits) {
        return Err(format!("{at} is {is}, not {types:?}"));
    }
    if let Some(allowed) = schema["enum"].as_array().filter(|allowed| !allowed.contains(value)) {
        return Err(format!("{at} is {value}, not one of {allowed:?}"));
    }
    if schema["const"] != Value::Null && schema["const"] != *value {
        return Err(format!("{at} is {value}, not {}", schema["const"]));
    }
    if let Some(text) = value.as_str() {
        let length = text.chars().count() as u64;
        if schema["minLength"].as_u64().is_some_and(|least| length < least)
            || schema["maxLength"].as_u64().is_some_and(|most| length > most)
        {
            return Err(format!("{at} has {length} characters"));
        }
        if schema["format"] == "uuid" && text.parse::<uuid::Uuid>().is_err() {
            return Err(format!("{at} is `{text}`, not a UUID"));
        }
    }
    if let Some(items) = value.as_array() {
        for (place, item) in items.iter().enumerate() {
            validate(document, &schema["items"], item, &format!("{at}[{place}]"))?;
        }
    }
    if let Some(fields) = value.as_object() {
        for (name, field) in fields {
            let of = &schema["properties"][name];
            if of.is_null() {
                return Err(format!("{at} has no field {name}"));
            }
            validate(document, of, field, &format!("{at}.{name}"))?;
        }
        for wanted in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(wanted) {
                return Err(format!("{at} lacks {wanted}"));
            }
        }
    }
    Ok(())
}

/// A value of a schema, from its examples where it has any.
fn example(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolve(document, schema);
    if !schema["example"].is_null() {
        return schema["example"].clone();
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return first.clone();
    }
    if !schema["const"].is_null() {
        return schema["const"].clone();
    }
    if let Some(fields) = schema["properties"].as_object() {
        return fields.iter().map(|(name, field)| (name.clone(), example(document, field, depth + 1))).collect();
    }
    match schema["type"].as_str().or_else(|| schema["type"][0].as_str()) {
        Some("string") if schema["format"] == "uuid" => UUID.into(),
        Some("string") => "text".into(),
        Some("integer" | "number") => 1.into(),
        Some("boolean") => true.into(),
        Some("array") if depth < 6 => vec![example(document, &schema["items"], depth + 1)].into(),
        _ => Value::Null,
    }
}

#[test]
fn the_validator_finds_what_is_wrong() {
    let document = serde_json::json!({"components": {"schemas": {"Entry": {
        "properties": {"source": {"type": "string", "maxLength": 3}, "port": {"type": "number"}}, "required": ["source"]}}}});
    let schema = serde_json::json!({"type": "array", "items": {"$ref": "#/components/schemas/Entry"}});
    let wrong = |value: Value| validate(&document, &schema, &value, "body").err().unwrap_or_default();
    assert_eq!(wrong(serde_json::json!([{"source": "a", "port": 1}])), "");
    assert_eq!(wrong(serde_json::json!([{"source": "a", "ports": 1}])), "body[0] has no field ports");
    assert_eq!(wrong(serde_json::json!([{"port": 1}])), "body[0] lacks source");
    assert_eq!(wrong(serde_json::json!([{"source": "abcd"}])), "body[0].source has 4 characters");
    assert_eq!(wrong(serde_json::json!({})), "body is object, not [\"array\"]");
}
