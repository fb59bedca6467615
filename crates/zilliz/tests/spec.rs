//! Every request, and every answer of the simulated vendor, against the OpenAPI document that was put together of
//! the vendor's reference, found through the environment variable `PRIVLINK_SPECS` (a directory with
//! `zilliz-cloud.openapi.json`): method, path, query and bodies must be in it, with unknown fields forbidden.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../../../tests/common/openapi.rs"]
mod openapi;
mod support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use openapi::{check, operations_of, validate};
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, CloudProvider, ErrorKind};
use privlink_sim::{SimTransport, World};
use privlink_zilliz::{Client, EndpointId};
use serde_json::{Map, Value};
use support::*;

fn document() -> Option<Value> {
    let document = openapi::document("zilliz-cloud.openapi.json")?;
    Some(plain(&document, &document))
}

/// The document without what the validator does not read: shared parameters and answers where they belong, and
/// objects made of several as one.
fn plain(document: &Value, value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| plain(document, item)).collect(),
        Value::Object(fields) => {
            let shared = fields.get("$ref").and_then(Value::as_str);
            if let Some(name) = shared.filter(|name| !name.contains("/schemas/")) {
                return plain(document, document.pointer(name.trim_start_matches('#')).unwrap());
            }
            if let Some(parts) = fields.get("allOf").and_then(Value::as_array) {
                return joined(document, parts);
            }
            fields.iter().map(|(name, field)| (name.clone(), plain(document, field))).collect()
        }
        other => other.clone(),
    }
}

fn joined(document: &Value, parts: &[Value]) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in parts {
        let part = match part["$ref"].as_str() {
            Some(name) => document.pointer(name.trim_start_matches('#')).unwrap(),
            None => part,
        };
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    serde_json::json!({ "type": "object", "properties": properties, "required": required })
}

/// Keeps the answers, in the order of the requests.
#[derive(Clone, Debug)]
struct Recorder {
    inner: SimTransport,
    answers: Arc<Mutex<Vec<(u16, Bytes)>>>,
}

impl Transport for Recorder {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let response = self.inner.send(request, limits).await?;
            self.answers.lock().unwrap().push((response.status().as_u16(), response.body().clone()));
            Ok(response)
        })
    }
}

fn endpoint_in(cloud: CloudProvider) -> EndpointId {
    match cloud {
        CloudProvider::Aws => vpce(OURS),
        CloudProvider::Azure => {
            EndpointId::Azure { name: "zilliz".into(), guid: "d73e9b55-7b9c-4f8d-8f0a-40e737f1ccbf".parse().unwrap() }
        }
        _ => EndpointId::Gcp { rule: "search".parse().unwrap(), project: "example-project".parse().unwrap() },
    }
}

/// Uses every call there is.
async fn everything(world: &World, client: &Client) {
    let clouds: Vec<_> = client.clouds().await.unwrap().into_iter().map(Result::unwrap).collect();
    let azure = clouds.iter().find(|cloud| cloud.id == "azure").unwrap();
    client.regions().await.unwrap();
    assert_eq!(client.regions_in(azure).await.unwrap().len(), 1, "the cloud's name is not the prefix");
    client.projects().await.unwrap();
    client.clusters().all().await.unwrap();
    client.request(http::Method::GET, "/clusters").unwrap().query("pageSize", "2").send().await.unwrap();
    let project = client.project(world.zilliz().project_id().parse().unwrap());
    project.details().await.unwrap();
    project.endpoint_services().all().await.unwrap();
    for cloud in [CloudProvider::Aws, CloudProvider::Azure, CloudProvider::Gcp] {
        let (region, endpoint) = (region_id(world, cloud), endpoint_in(cloud));
        assert_eq!(project.endpoint_services_in(&region).all().await.unwrap().len(), 1);
        project.whitelist(&region, "123456789012").await.unwrap();
        project.register(&region, &endpoint).await.unwrap();
        for _ in 0..4 {
            project.private_endpoints().all().await.unwrap();
        }
        for cluster in project.clusters_in(&region).all().await.unwrap() {
            let cluster = client.cluster(cluster.id);
            for _ in 0..6 {
                cluster.details().await.unwrap();
            }
            if cluster.id().may_be_dedicated() {
                cluster.disable_public_address().await.unwrap();
                for _ in 0..3 {
                    cluster.details().await.unwrap();
                }
                cluster.enable_public_address().await.unwrap();
            }
        }
        project.deregister(&region, &endpoint).await.unwrap();
        let refused = project.deregister(&region, &endpoint).await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Conflict, Some("90002")), "inside 200");
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_and_every_answer_is_in_the_document_and_every_operation_is_used() {
    let Some(document) = document() else { return };
    for old in [false, true] {
        let world = World::new();
        world.zilliz().switch(|switches| {
            switches.unknown_fields = false;
            switches.public_switch = true;
            switches.success_code = if old { 200 } else { 0 };
        });
        let recorder = Recorder { inner: world.transport(), answers: Arc::default() };
        everything(&world, &client_over(&world, recorder.clone())).await;
        let answers = recorder.answers.lock().unwrap().clone();
        let requests = world.requests();
        assert_eq!(requests.len(), answers.len());
        let mut used = BTreeSet::new();
        for (request, (status, body)) in requests.iter().zip(&answers) {
            let told = format!("{} {} {}", request.method, request.path, String::from_utf8_lossy(&request.body));
            let operation = check(&document, request).unwrap_or_else(|wrong| panic!("{told}: {wrong}"));
            assert_eq!(operation["operationId"], request.operation.as_str());
            used.insert(request.operation.clone());
            let responses = &operation["responses"];
            let answer = responses.get(status.to_string()).unwrap_or(&responses["default"]);
            let mut body: Value = serde_json::from_slice(body).unwrap();
            let failed = ![0, 200].contains(&body["code"].as_i64().unwrap());
            let mut schema = &answer["content"]["application/json"]["schema"];
            if let Some(either) = schema["oneOf"].as_array() {
                schema = &either[usize::from(failed)];
            }
            if failed {
                // Told by the vendor's Terraform provider alone.
                body.as_object_mut().unwrap().remove("requestId");
            }
            assert!(!schema.is_null(), "{told}: the document has no answer {status}");
            validate(&document, schema, &body, "answer").unwrap_or_else(|wrong| panic!("{told}: {wrong}\n{body:#}"));
        }
        let all: BTreeSet<String> =
            operations_of(&document).map(|(_, _, one)| one["operationId"].as_str().unwrap().to_owned()).collect();
        assert_eq!(used, all, "used, and in the document");
    }
}
