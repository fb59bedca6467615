//! Every request, and every answer of the simulated vendor, against the vendor's own `OpenAPI` document,
//! found through the environment variable `PRIVLINK_SPECS` (a directory with `aiven.openapi.json`), with
//! unknown fields forbidden.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../../../tests/common/openapi.rs"]
mod openapi;
mod support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use openapi::{check, operations_of, validate};
use privlink_aiven::{Client, ConnectionState, PrivatelinkState, Service};
use privlink_core::side::Side;
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, CloudProvider, ErrorKind};
use privlink_sim::{SimTransport, World};
use serde_json::{Map, Value, json};
use support::*;

/// The operations of the document this library uses.
const USED: [&str; 28] = [
    "ProjectKmsGetCA",
    "ProjectPrivatelinkAvailabilityList",
    "PublicPrivatelinkAvailabilityList",
    "ServiceGet",
    "ServicePrivatelinkAWSConnectionList",
    "ServicePrivatelinkAWSCreate",
    "ServicePrivatelinkAWSDelete",
    "ServicePrivatelinkAWSGet",
    "ServicePrivatelinkAWSUpdate",
    "ServicePrivatelinkAzureConnectionApproval",
    "ServicePrivatelinkAzureConnectionList",
    "ServicePrivatelinkAzureConnectionUpdate",
    "ServicePrivatelinkAzureCreate",
    "ServicePrivatelinkAzureDelete",
    "ServicePrivatelinkAzureGet",
    "ServicePrivatelinkAzureUpdate",
    "ServicePrivatelinkGoogleConnectionCreate",
    "ServicePrivatelinkGoogleConnectionList",
    "ServicePrivatelinkGoogleCreate",
    "ServicePrivatelinkGoogleDelete",
    "ServicePrivatelinkGoogleGet",
    "ServicePrivatelinkGoogleRefresh",
    "ServiceUpdate",
    "StaticIPList",
    "UnpublishedAWSPrivatelinkRefresh",
    "UnpublishedAzurePrivatelinkRefresh",
    "VpcList",
    "ListClouds",
];

/// The operations it leaves alone: making services, VPCs and static addresses, and what only tools for
/// people want.
const UNUSED: [&str; 10] = [
    "ListProjectClouds",
    "ProjectServiceTypesGet",
    "ProjectStaticIPAssociate",
    "ProjectStaticIPDissociate",
    "ServiceCreate",
    "ServiceDelete",
    "StaticIPCreate",
    "VpcCreate",
    "VpcDelete",
    "VpcGet",
];

/// With objects that name no fields, such as a service's own settings, as what they are: free.
fn document() -> Option<Value> {
    let mut document = openapi::document("aiven.openapi.json")?;
    free(&mut document);
    Some(document)
}

fn free(value: &mut Value) {
    let names_none = |fields: &Map<String, Value>| {
        let named = fields.get("properties").and_then(Value::as_object).is_some_and(|names| !names.is_empty());
        fields.get("type").is_some_and(|kind| kind == "object")
            && !named
            && !fields.contains_key("additionalProperties")
    };
    match value {
        Value::Array(items) => items.iter_mut().for_each(free),
        Value::Object(fields) => {
            if names_none(fields) {
                fields.insert("additionalProperties".into(), json!({}));
            }
            fields.values_mut().for_each(free);
        }
        _ => {}
    }
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
        let scheme = request.headers()["authorization"].to_str().unwrap().to_owned();
        assert!(scheme.starts_with("aivenv1 "), "on every request");
        Box::pin(async move {
            let response = self.inner.send(request, limits).await?;
            self.answers.lock().unwrap().push((response.status().as_u16(), response.body().clone()));
            Ok(response)
        })
    }
}

/// Uses every call there is.
async fn everything(world: &World, client: &Client) {
    let project = client.project(world.aiven().project().parse().unwrap());
    client.public_privatelink_availability("aiven").await.unwrap();
    client.request(http::Method::GET, "/clouds").unwrap().send().await.unwrap();
    let offers = project.privatelink_availability().await.unwrap();
    assert_eq!(offers[0].as_ref().unwrap().price_usd, "0.0600");
    assert_eq!(project.vpcs().await.unwrap().len(), 3);
    assert!(project.ca().await.unwrap().starts_with("-----BEGIN CERTIFICATE-----\n"));
    assert!(project.static_ips().await.unwrap().iter().all(|one| one.as_ref().unwrap().is_usable()));

    let aws = service_of(world, client, "orders-pg");
    let link = aws.privatelink(CloudProvider::Aws);
    assert_eq!(link.get().await.unwrap(), None);
    let made = link.create(&[role("deploy").into()]).await.unwrap();
    assert_eq!((made.state, made.service), (PrivatelinkState::Creating, None));
    assert_eq!(link.create(&[role("deploy").into()]).await.unwrap_err().kind(), ErrorKind::Conflict);
    active(world, &aws, CloudProvider::Aws).await;
    assert!(link.patch_allow_list().add(role("test")).send().await.unwrap().changed);
    active(world, &aws, CloudProvider::Aws).await;
    let named = link.set_supported_regions(&["us-west-2".parse().unwrap()]).await.unwrap();
    assert_eq!(named.allowed.unwrap().len(), 2, "whom it lets in stays");
    aws.set_privatelink_access(&[("pg", true), ("pgbouncer", false)]).await.unwrap();
    let endpoint: privlink_core::PrivateEndpointId = OURS.parse().unwrap();
    world.aiven().make_endpoint("orders-pg", &endpoint);
    link.refresh().await.unwrap();
    world.clock().sleep(Duration::from_secs(60)).await;
    let connection = link.connections().await.unwrap().remove(0).unwrap();
    assert!(connection.names(&endpoint) && connection.state == ConnectionState::Active);
    let details = aws.details().await.unwrap();
    let found = details.over_privatelink(connection.id.as_ref()).unwrap();
    assert_eq!(found.iter().map(|one| &*one.component).collect::<Vec<_>>(), ["pg"]);
    assert!(link.approve(connection.id.as_ref().unwrap(), None).await.is_err(), "not on AWS, and without a request");

    let azure = service_of(world, client, "stock-mysql");
    let link = azure.privatelink(CloudProvider::Azure);
    let subscription: privlink_core::SubscriptionId = "00000000-0000-0000-0000-000000000001".parse().unwrap();
    link.create(&[subscription.into()]).await.unwrap();
    active(world, &azure, CloudProvider::Azure).await;
    let other: privlink_core::SubscriptionId = "00000000-0000-0000-0000-000000000002".parse().unwrap();
    link.patch_allow_list().add(other).remove(subscription).send().await.unwrap();
    active(world, &azure, CloudProvider::Azure).await;
    let arm = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/app/providers/Microsoft.Network/\
               privateEndpoints/stock";
    let (id, address) = (connected(world, &azure, CloudProvider::Azure, arm).await, "10.0.0.7".parse().unwrap());
    assert_eq!(link.set_address(&id, address).await.unwrap_err().kind(), ErrorKind::Conflict, "not approved");
    assert!(link.approve(&id, None).await.unwrap().state.is_approved());
    assert_eq!(link.approve(&id, None).await.unwrap_err().kind(), ErrorKind::Conflict, "twice");
    refreshed(world, &azure, CloudProvider::Azure).await;
    assert_eq!(link.set_address(&id, address).await.unwrap().state, ConnectionState::Active);

    let google = service_of(world, client, "cache-valkey");
    let link = google.privatelink(CloudProvider::Gcp);
    link.create(&[]).await.unwrap();
    active(world, &google, CloudProvider::Gcp).await;
    let id = connected(world, &google, CloudProvider::Gcp, "12345678901234567").await;
    assert!(link.approve(&id, None).await.is_err(), "the address is missing, and no request is made");
    assert_eq!(link.approve(&id, Some(address)).await.unwrap().address, Some(address));
    refreshed(world, &google, CloudProvider::Gcp).await;
    for (service, cloud) in [(aws, CloudProvider::Aws), (azure, CloudProvider::Azure), (google, CloudProvider::Gcp)] {
        service.privatelink(cloud).delete().await.unwrap();
        assert_eq!(service.privatelink(cloud).get().await.unwrap().unwrap().state, PrivatelinkState::Deleting);
        world.clock().sleep(Duration::from_secs(60)).await;
        assert_eq!(service.privatelink(cloud).get().await.unwrap(), None);
        assert!(service.survey(&asking(), &cx(world)).await.is_ok());
    }
}

async fn refreshed(world: &World, service: &Service, cloud: CloudProvider) {
    service.privatelink(cloud).refresh().await.unwrap();
    world.clock().sleep(Duration::from_secs(10)).await;
}

/// An endpoint that Aiven sees only when it is told to look.
async fn connected(
    world: &World,
    service: &Service,
    cloud: CloudProvider,
    endpoint: &str,
) -> privlink_aiven::ConnectionId {
    world.aiven().make_endpoint(service.name().as_str(), &endpoint.parse().unwrap());
    let link = service.privatelink(cloud);
    assert!(link.connections().await.unwrap().is_empty(), "nobody has looked");
    refreshed(world, service, cloud).await;
    let connection = link.connections().await.unwrap().remove(0).unwrap();
    assert_eq!(connection.state, ConnectionState::PendingUserApproval);
    connection.id.unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_request_and_every_answer_is_in_the_vendors_document() {
    let world = World::new();
    world.aiven().switch(|switches| switches.unknown_fields = false);
    let recorder = Recorder { inner: world.transport(), answers: Arc::default() };
    everything(&world, &client_over(&world, recorder.clone())).await;
    let Some(document) = document() else { return };
    let answers = recorder.answers.lock().unwrap().clone();
    let requests = world.requests();
    assert_eq!(requests.len(), answers.len());
    let mut used = BTreeSet::new();
    for (request, (status, body)) in requests.iter().zip(&answers) {
        let told = format!("{} {} {}", request.method, request.path, String::from_utf8_lossy(&request.body));
        // The document's paths are below its server's `/v1`.
        let mut request = request.clone();
        request.path = request.path.trim_start_matches("/v1").to_owned();
        let operation = check(&document, &request).unwrap_or_else(|wrong| panic!("{told}: {wrong}"));
        used.insert(operation["operationId"].as_str().unwrap());
        if *status != 200 {
            // The document has no form for failures; the contract has.
            let body: Value = serde_json::from_slice(body).unwrap();
            assert_eq!(body["errors"][0]["status"], *status, "{told}");
            continue;
        }
        let body: Value = serde_json::from_slice(body).unwrap();
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        validate(&document, schema, &body, "answer").unwrap_or_else(|wrong| panic!("{told}: {wrong}\n{body:#}"));
    }
    assert_eq!(used, USED.into_iter().collect(), "used, and said to be used");
}

#[test]
fn every_operation_of_the_document_is_used_or_left_alone_on_purpose() {
    let Some(document) = document() else { return };
    let all: BTreeSet<&str> =
        operations_of(&document).filter_map(|(_, _, operation)| operation["operationId"].as_str()).collect();
    assert_eq!(all, USED.into_iter().chain(UNUSED).collect());
}
