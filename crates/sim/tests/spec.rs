//! Every answer of the simulated ClickHouse Cloud against the vendor's official OpenAPI document,
//! found through the environment variable `PRIVLINK_SPECS` (a directory with
//! `clickhouse-cloud.openapi.json`).

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use common::Caller;
use http::Method;
use privlink_core::CloudProvider;
use privlink_sim::{ServiceSpec, World};
use serde_json::{Value, json};

/// What the document has and the world does not.
const NOT_SIMULATED: &str = "clickPipe";

fn document() -> Option<Value> {
    let Ok(directory) = std::env::var("PRIVLINK_SPECS") else {
        eprintln!("skipped: PRIVLINK_SPECS names no directory with the vendors' API documents");
        return None;
    };
    let path = Path::new(&directory).join("clickhouse-cloud.openapi.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_str(&text).unwrap())
}

/// Says where `value` is not what `schema` asks for; fields that the document does not know count.
fn check(document: &Value, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let target = document.pointer(name.strip_prefix('#').unwrap()).unwrap();
        return check(document, target, value, place, wrong);
    }
    for some in ["oneOf", "anyOf"] {
        let Some(choices) = schema[some].as_array() else { continue };
        let fits = choices.iter().any(|choice| {
            let mut found = Vec::new();
            check(document, choice, value, place, &mut found);
            found.is_empty()
        });
        if !fits {
            wrong.push(format!("{place}: fits none of {some}: {value}"));
        }
        return;
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        Value::String(kind) => vec![kind],
        _ => vec![],
    };
    let fits = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "null" => value.is_null(),
        other => panic!("{place}: the document has the type {other}"),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| fits(kind)) {
        wrong.push(format!("{place}: is {value}, not {}", kinds.join(" or ")));
        return;
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        wrong.push(format!("{place}: {value} is not in the enum"));
    }
    if let Some(constant) = schema.get("const")
        && constant != value
    {
        wrong.push(format!("{place}: is {value}, not {constant}"));
    }
    if schema["format"] == "uuid" && uuid::Uuid::try_parse(value.as_str().unwrap_or_default()).is_err() {
        wrong.push(format!("{place}: {value} is no UUID"));
    }
    if schema["format"] == "date-time" && value.as_str().is_none_or(|text| text.parse::<jiff::Timestamp>().is_err()) {
        wrong.push(format!("{place}: {value} is no date and time"));
    }
    for item in value.as_array().into_iter().flatten() {
        check(document, &schema["items"], item, &format!("{place}[]"), wrong);
    }
    if let (Some(fields), Some(known)) = (value.as_object(), schema["properties"].as_object()) {
        for (name, field) in fields {
            match known.get(name) {
                Some(schema) => check(document, schema, field, &format!("{place}.{name}"), wrong),
                None => wrong.push(format!("{place}.{name}: the document does not know it")),
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                wrong.push(format!("{place}.{name}: missing"));
            }
        }
    }
}

/// The operation of the document behind a method and a path: its id and its answers.
fn operation<'a>(document: &'a Value, method: &Method, path: &str) -> (&'a str, &'a Value) {
    let path = path.split('?').next().unwrap();
    let fits = |pattern: &str| {
        pattern.split('/').count() == path.split('/').count()
            && pattern.split('/').zip(path.split('/')).all(|(wanted, found)| wanted.starts_with('{') || wanted == found)
    };
    let paths = document["paths"].as_object().unwrap();
    let (_, methods) = paths.iter().find(|(pattern, _)| fits(pattern)).unwrap_or_else(|| panic!("no path fits {path}"));
    let operation = &methods[method.as_str().to_ascii_lowercase()];
    (operation["operationId"].as_str().unwrap(), &operation["responses"])
}

#[tokio::test(start_paused = true)]
async fn every_answer_is_as_the_document_says() {
    let Some(document) = document() else { return };
    let world = World::new();
    let clickhouse = world.clickhouse();
    clickhouse.switch(|switches| {
        switches.rate_limit = None;
        switches.unknown_fields = false;
        switches.unknown_enum_values = false;
    });
    let aws = "us-east-1".parse().unwrap();
    let infra = clickhouse.add_byoc(CloudProvider::Aws, &aws, "123456789012");
    clickhouse.add_service(ServiceSpec::new("own", CloudProvider::Aws, aws).byoc(infra).mysql().tag("env", Some("ci")));
    clickhouse.add_service(ServiceSpec::new("gcp", CloudProvider::Gcp, "us-central1".parse().unwrap()));
    clickhouse.add_service(ServiceSpec::new("azure", CloudProvider::Azure, "westus3".parse().unwrap()).tag("x", None));
    let caller = Caller::new(&world);
    let (org, service) = (caller.org(), caller.service());
    let byoc = format!("{org}/byocInfrastructure/{infra}");
    let new =
        json!({ "name": "new", "provider": "aws", "region": "us-east-1", "ipAccessList": [], "tier": "production" });
    let endpoint = json!({ "id": "vpce-0a1b2c3d4e5f67890", "description": "d" });
    let gone = json!({ "id": "vpce-1", "cloudProvider": "aws", "region": "us-east-1" });
    let calls: Vec<(Method, String, Option<Value>, u16)> = vec![
        (Method::GET, "/v1/whoami".into(), None, 200),
        (Method::GET, "/v1/organizations?limit=1".into(), None, 200),
        (Method::GET, org.clone(), None, 200),
        (Method::GET, format!("{org}/services"), None, 200),
        (Method::POST, format!("{org}/services"), Some(new), 200),
        (Method::POST, format!("{org}/services"), Some(json!({})), 400),
        (Method::POST, format!("{service}/privateEndpoint"), Some(endpoint.clone()), 200),
        (Method::POST, format!("{service}/privateEndpoint"), Some(endpoint), 400),
        (Method::GET, service.clone(), None, 200),
        (Method::PATCH, service.clone(), Some(json!({ "privateEndpointIds": { "add": ["vpce-1"] } })), 200),
        (Method::PATCH, service.clone(), Some(json!({ "privateEndpointIds": { "remove": ["vpce-1"] } })), 200),
        (Method::PATCH, org.clone(), Some(json!({ "privateEndpoints": { "remove": [gone] } })), 200),
        (Method::GET, format!("{service}/privateEndpointConfig"), None, 200),
        (Method::GET, format!("{org}/privateEndpointConfig?cloud_provider=aws&region_id=us-east-1"), None, 200),
        (Method::GET, format!("{org}/privateEndpointConfig?cloud_provider=aws&region_id=eu-west-1"), None, 400),
        (Method::GET, format!("{org}/activities"), None, 200),
        (Method::GET, byoc.clone(), None, 200),
        (Method::GET, format!("{byoc}/privateEndpointConfig"), None, 400),
        (
            Method::PATCH,
            byoc.clone(),
            Some(json!({ "enablePrivateLoadBalancer": true, "enablePrivateLink": true })),
            200,
        ),
        (Method::PATCH, format!("{service}/state"), Some(json!({ "command": "stop" })), 200),
        (Method::DELETE, service.clone(), None, 409),
    ];
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let mut try_call = async |method: Method, path: &str, body: Option<&Value>, wanted: u16| {
        let (name, answers) = operation(&document, &method, path);
        let (status, answer) = caller.send(method.clone(), path, body).await;
        assert_eq!(status, wanted, "{method} {path}: {answer}");
        seen.insert(name.to_owned());
        // The document declares 400 for every refusal; what else is observed has the same form.
        let declared = if status == 200 { "200" } else { "400" };
        let schema = &answers[declared]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{name}: the document has no answer {declared}");
        check(&document, schema, &answer, name, &mut wrong);
    };
    for (method, path, body, wanted) in calls {
        try_call(method, &path, body.as_ref(), wanted).await;
    }
    tokio::time::sleep(Duration::from_secs(90)).await;
    try_call(Method::GET, &format!("{byoc}/privateEndpointConfig"), None, 200).await;
    try_call(Method::DELETE, &service, None, 200).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let all: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|methods| methods.as_object().unwrap().values())
        .filter_map(|operation| operation["operationId"].as_str())
        .filter(|name| !name.starts_with(NOT_SIMULATED))
        .map(str::to_owned)
        .collect();
    assert_eq!(seen, all, "operations that are simulated and those that are not");
}
