//! Every answer of the simulated Google Cloud against Google's discovery documents, found through
//! the environment variable `PRIVLINK_SPECS` (a directory with `gcp/compute.v1.trimmed.json` and
//! `gcp/dns.v1.trimmed.json`).

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use privlink_core::transport::{Limits, Transport};
use privlink_sim::World;
use serde_json::{Value, json};

/// Compute's document and Cloud DNS's.
fn documents() -> Option<[Value; 2]> {
    let Ok(directory) = std::env::var("PRIVLINK_SPECS") else {
        eprintln!("skipped: PRIVLINK_SPECS names no directory with the vendors' API documents");
        return None;
    };
    let read = |name: &str| {
        let path = Path::new(&directory).join("gcp").join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap()
    };
    Some([read("compute.v1.trimmed.json"), read("dns.v1.trimmed.json")])
}

/// Says where `value` is not what `schema` asks for; fields that the document does not know count.
fn check(document: &Value, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        return check(document, &document["schemas"][name], value, place, wrong);
    }
    let text = value.as_str();
    let fits = match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string"), Some("uint64")) => text.is_some_and(|text| text.parse::<u64>().is_ok()),
        (Some("string"), _) => text.is_some(),
        (Some("integer"), _) => value.is_i64() || value.is_u64(),
        (Some("number"), _) => value.is_number(),
        (Some("boolean"), _) => value.is_boolean(),
        (Some("array"), _) => value.is_array(),
        (Some("object"), _) => value.is_object(),
        (Some("any") | None, _) => true,
        (Some(other), _) => panic!("{place}: the document has the type {other}"),
    };
    if !fits {
        wrong.push(format!("{place}: is {value}, not {}", schema["type"]));
        return;
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        wrong.push(format!("{place}: {value} is not in the enum"));
    }
    for item in value.as_array().into_iter().flatten() {
        check(document, &schema["items"], item, &format!("{place}[]"), wrong);
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        let known = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
        match known {
            Some(schema) => check(document, schema, field, &format!("{place}.{name}"), wrong),
            None => wrong.push(format!("{place}.{name}: the document does not know it")),
        }
    }
}

/// The methods of a document, by their ids.
fn methods(document: &Value) -> Vec<&Value> {
    let resources = document["resources"].as_object().unwrap().values();
    resources.flat_map(|resource| resource["methods"].as_object().unwrap().values()).collect()
}

/// The method of a document behind a path.
fn method<'a>(document: &'a Value, verb: &Method, path: &str) -> &'a Value {
    let base = document["servicePath"].as_str().unwrap();
    let path = path.split('?').next().unwrap();
    let fits = |found: &&&Value| {
        let pattern =
            format!("/{base}{}", found["flatPath"].as_str().unwrap_or_else(|| found["path"].as_str().unwrap()));
        found["httpMethod"] == verb.as_str()
            && pattern.split('/').count() == path.split('/').count()
            && pattern.split('/').zip(path.split('/')).all(|(wanted, seen)| wanted.starts_with('{') || wanted == seen)
    };
    methods(document).iter().find(fits).copied().unwrap_or_else(|| panic!("no method fits {verb} {path}"))
}

struct Caller<'a> {
    world: World,
    documents: &'a [Value; 2],
    seen: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Caller<'_> {
    /// Makes a call that works, checks the answer against the documents and gives it.
    async fn call(&mut self, verb: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.send(&verb, path, &body).await;
        assert!(status < 300, "{verb} {path}: {answer}");
        let document = &self.documents[usize::from(path.starts_with("/dns/"))];
        let method = method(document, &verb, path);
        let id = method["id"].as_str().unwrap();
        self.seen.insert(id.to_owned());
        assert_eq!(self.world.requests().last().unwrap().operation, id);
        match method.get("response") {
            Some(schema) => check(document, schema, &answer, id, &mut self.wrong),
            None => assert!(answer.is_null(), "{id}: {answer}"),
        }
        answer
    }

    async fn send(&self, verb: &Method, path: &str, body: &Value) -> (u16, Value) {
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request::builder()
            .method(verb)
            .uri(format!("https://www.googleapis.com{path}"))
            .header("authorization", format!("Bearer {}", self.world.gcp().token()))
            .body(bytes)
            .unwrap();
        let answer =
            self.world.transport().send(request, Limits::new(Duration::from_secs(150), 1 << 20)).await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
    }
}

#[tokio::test(start_paused = true)]
async fn every_answer_is_as_the_documents_say() {
    let Some(documents) = documents() else { return };
    let world = World::new();
    let gcp = world.gcp();
    let region = "/compute/v1/projects/example-project/regions/us-central1";
    let dns = "/dns/v1/projects/example-project";
    let settle = || tokio::time::sleep(Duration::from_secs(60));
    let mut caller = Caller { world: world.clone(), documents: &documents, seen: BTreeSet::new(), wrong: Vec::new() };

    let address = json!({
        "name": "a", "description": "d", "addressType": "INTERNAL", "purpose": "GCE_ENDPOINT",
        "subnetwork": gcp.subnetwork(),
    });
    caller.call(Method::POST, &format!("{region}/addresses"), address).await;
    settle().await;
    let rule = json!({
        "name": "r", "description": "d", "network": gcp.network(), "target": gcp.services()[0],
        "IPAddress": "a", "noAutomateDnsZone": true, "allowPscGlobalAccess": true,
    });
    let made = caller.call(Method::POST, &format!("{region}/forwardingRules"), rule).await;
    let operation = format!("{region}/operations/{}", made["name"].as_str().unwrap());
    caller.call(Method::GET, &operation, Value::Null).await;
    caller.call(Method::GET, &format!("{region}/forwardingRules/r"), Value::Null).await;
    caller.call(Method::POST, &format!("{operation}/wait"), Value::Null).await;
    settle().await;
    for (kind, name) in [("addresses", "a"), ("forwardingRules", "r")] {
        let shown = caller.call(Method::GET, &format!("{region}/{kind}/{name}"), Value::Null).await;
        let labels = json!({ "labels": { "a": "b" }, "labelFingerprint": shown["labelFingerprint"] });
        caller.call(Method::POST, &format!("{region}/{kind}/{name}/setLabels"), labels).await;
        settle().await;
        caller.call(Method::GET, &format!("{region}/{kind}"), Value::Null).await;
    }
    let shown = caller.call(Method::GET, &format!("{region}/forwardingRules/r"), Value::Null).await;
    let patch = json!({ "allowPscGlobalAccess": false, "fingerprint": shown["fingerprint"] });
    caller.call(Method::PATCH, &format!("{region}/forwardingRules/r"), patch).await;
    settle().await;
    gcp.fail_next_operation("delete", "INTERNAL_ERROR", 500, "Try again.");
    caller.call(Method::DELETE, &format!("{region}/forwardingRules/r"), Value::Null).await;
    settle().await;
    caller.call(Method::GET, &format!("{region}/operations"), Value::Null).await;
    caller.call(Method::DELETE, &format!("{region}/forwardingRules/r"), Value::Null).await;
    settle().await;
    caller.call(Method::DELETE, &format!("{region}/addresses/a"), Value::Null).await;
    for (collection, name) in [("regions/us-central1/subnetworks", "clients"), ("global/networks", "main")] {
        let path = format!("/compute/v1/projects/example-project/{collection}");
        caller.call(Method::GET, &path, Value::Null).await;
        caller.call(Method::GET, &format!("{path}/{name}"), Value::Null).await;
    }

    caller.call(Method::GET, dns, Value::Null).await;
    let network = format!("https://www.googleapis.com/compute/v1/{}", gcp.network());
    let zone = json!({
        "name": "z", "dnsName": "z.example.com.", "description": "d", "visibility": "private", "labels": { "a": "b" },
        "privateVisibilityConfig": { "networks": [{ "networkUrl": network }] },
    });
    caller.call(Method::POST, &format!("{dns}/managedZones"), zone).await;
    caller.call(Method::PATCH, &format!("{dns}/managedZones/z"), json!({ "description": "e" })).await;
    let record = |data: &str| json!({ "name": "z.example.com.", "type": "A", "ttl": 300, "rrdatas": [data] });
    caller.call(Method::POST, &format!("{dns}/managedZones/z/rrsets"), record("10.0.0.2")).await;
    let one = format!("{dns}/managedZones/z/rrsets/z.example.com./A");
    caller.call(Method::GET, &one, Value::Null).await;
    caller.call(Method::PATCH, &one, record("10.0.0.3")).await;
    let change = json!({ "deletions": [record("10.0.0.3")], "additions": [record("10.0.0.4")] });
    let change = caller.call(Method::POST, &format!("{dns}/managedZones/z/changes"), change).await;
    let change = format!("{dns}/managedZones/z/changes/{}", change["id"].as_str().unwrap());
    for path in [&change, &format!("{dns}/managedZones/z"), &format!("{dns}/managedZones")] {
        caller.call(Method::GET, path, Value::Null).await;
    }
    caller.call(Method::GET, &format!("{dns}/managedZones/z/changes"), Value::Null).await;
    caller.call(Method::GET, &format!("{dns}/managedZones/z/rrsets"), Value::Null).await;
    caller.call(Method::DELETE, &one, Value::Null).await;
    caller.call(Method::DELETE, &format!("{dns}/managedZones/z"), Value::Null).await;

    assert!(caller.wrong.is_empty(), "{}", caller.wrong.join("\n"));
    let all: BTreeSet<String> =
        documents.iter().flat_map(methods).map(|method| method["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(caller.seen, all, "operations that are simulated and those that are not");
}

/// A field of the document may be refused for its value, but is known; any other is not.
#[tokio::test(start_paused = true)]
async fn the_fields_of_requests_are_the_documents() {
    let Some(documents) = documents() else { return };
    let world = World::new();
    let caller = Caller { world, documents: &documents, seen: BTreeSet::new(), wrong: Vec::new() };
    for (n, schema, path) in [
        (0, "Address", "/compute/v1/projects/example-project/regions/us-central1/addresses"),
        (0, "ForwardingRule", "/compute/v1/projects/example-project/regions/us-central1/forwardingRules"),
        (1, "ManagedZone", "/dns/v1/projects/example-project/managedZones"),
    ] {
        let mut names: Vec<&str> =
            documents[n]["schemas"][schema]["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        names.push("nobodysField");
        for name in names {
            let (_, answer) = caller.send(&Method::POST, path, &json!({ name: "x" })).await;
            let unknown = answer["error"]["message"].as_str().is_some_and(|text| text.contains("Unknown name"));
            assert_eq!(unknown, name == "nobodysField", "{schema}.{name}: {answer}");
        }
    }
}
