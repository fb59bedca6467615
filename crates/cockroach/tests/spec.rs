//! Every request, and every answer of the simulated vendor, against the official OpenAPI document,
//! found through the environment variable `PRIVLINK_SPECS` (a directory with
//! `cockroachdb-cloud.openapi.json`): method, path, query and bodies must be in it, with unknown
//! fields forbidden.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../../../tests/common/openapi.rs"]
mod openapi;
mod support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use openapi::{check, operations_of, validate};
use privlink_cockroach::{AllowedRange, Client, EgressTarget};
use privlink_core::side::Side;
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, CloudProvider};
use privlink_sim::{CockroachClusterSpec, SimTransport, World};
use serde_json::{Value, json};
use support::*;

/// What the names of the document's operations begin with.
const PREFIX: &str = "CockroachCloud_";

/// The operations of the document this library uses.
const USED: [&str; 20] = [
    "AddAllowlistEntry2",
    "AddPrivateEndpointConnection",
    "AddPrivateEndpointTrustedOwner",
    "CreateEgressPrivateEndpoint",
    "CreatePrivateEndpointServices",
    "DeleteAllowlistEntry",
    "DeleteEgressPrivateEndpoint",
    "DeletePrivateEndpointConnection",
    "GetCluster",
    "GetConnectionString",
    "GetEgressPrivateEndpoint",
    "GetPrivateEndpointTrustedOwner",
    "ListAllowlistEntries",
    "ListClusters",
    "ListEgressPrivateEndpoints",
    "ListPrivateEndpointConnections",
    "ListPrivateEndpointServices",
    "ListPrivateEndpointTrustedOwners",
    "RemovePrivateEndpointTrustedOwner",
    "UpdateEgressPrivateEndpoint",
];

/// The operations it leaves alone: making clusters, looking at nodes, the older calls for AWS alone and for
/// domain names, and two ways to write what `PUT` writes.
const UNUSED: [&str; 8] = [
    "AddAllowlistEntry",
    "CreateCluster",
    "ListAvailableRegions",
    "ListAwsEndpointConnections",
    "ListClusterNodes",
    "SetAwsEndpointConnectionState",
    "UpdateAllowlistEntry",
    "UpdateEgressPrivateEndpointDomainNames",
];

fn document() -> Option<Value> {
    openapi::document("cockroachdb-cloud.openapi.json")
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
        assert_eq!(request.headers()["cc-version"], "2024-09-16", "on every request");
        Box::pin(async move {
            let response = self.inner.send(request, limits).await?;
            self.answers.lock().unwrap().push((response.status().as_u16(), response.body().clone()));
            Ok(response)
        })
    }
}

/// Uses every call there is.
async fn everything(world: &World, client: &Client) {
    let cloud = world.cockroach();
    let spec = CockroachClusterSpec::new("brandnew", CloudProvider::Aws, "us-east-1".parse().unwrap());
    let fresh = cloud.add_cluster(spec.region("us-west-2".parse().unwrap()));
    client.clusters().all().await.unwrap();
    client.request(http::Method::GET, "/clusters").unwrap().query("pagination.limit", "2").send().await.unwrap();
    let fresh = client.cluster(fresh.into()).in_region("us-west-2".parse().unwrap());
    fresh.create_private_endpoint_services().await.unwrap();
    for _ in 0..5 {
        fresh.private_endpoint_services().await.unwrap();
    }
    let refused = client.cluster(cluster_id(world, "carts")).create_private_endpoint_services().await.unwrap_err();
    assert_eq!(refused.code(), Some("FAILED_PRECONDITION"));
    for name in ["shopfront", "carts", "invoices", "tracking"] {
        let cluster = client.cluster(cluster_id(world, name));
        let details = cluster.details().await.unwrap();
        let public = cluster.public_connection_string("app", "shop").await.unwrap();
        assert!(!public.text.contains("internal-") && details.regions.len() == 1);
        let endpoint = match details.provider.cloud().unwrap() {
            CloudProvider::Azure => {
                "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/\
                                     Microsoft.Network/privateEndpoints/orders"
            }
            CloudProvider::Gcp => "6133183410995353",
            _ => OURS,
        };
        let endpoint = endpoint.parse().unwrap();
        cluster.add_private_endpoint_connection(&endpoint).await.unwrap();
        assert_eq!(cluster.private_endpoint_connections().await.unwrap().len(), 1);
        cluster.delete_private_endpoint_connection(&endpoint).await.unwrap();
        cluster.delete_private_endpoint_connection(&vpce(OTHER)).await.unwrap();
        cluster.survey(&known(OURS), &cx(world)).await.unwrap();
    }
    let cluster = client.cluster(cluster_id(world, "shopfront"));
    let office = AllowedRange::sql("203.0.113.0/24".parse().unwrap()).with_ui().named("office");
    cluster.add_allowed_range(&office).await.unwrap();
    assert_eq!(cluster.ip_allowlist().all().await.unwrap(), std::slice::from_ref(&office));
    cluster.remove_allowed_range(&office.range).await.unwrap();
    cluster.remove_allowed_range(&office.range).await.unwrap();
    let owner = cluster.add_trusted_owner(&"123456789012".parse().unwrap()).await.unwrap();
    assert_eq!(cluster.trusted_owner(owner.id).await.unwrap(), owner);
    assert_eq!(cluster.trusted_owners().await.unwrap().len(), 1);
    cluster.remove_trusted_owner(owner.id).await.unwrap();
    let target = EgressTarget::private_service("com.amazonaws.us-east-1.s3");
    let made = cluster.create_egress_private_endpoint(&"us-east-1".parse().unwrap(), &target).await.unwrap();
    cluster.egress_available(made.id).await.unwrap();
    cluster.set_egress_domain_names(made.id, &["*.example.com".parse().unwrap()]).await.unwrap();
    cluster.egress_named(made.id).await.unwrap();
    assert_eq!(cluster.egress_private_endpoints().all().await.unwrap().len(), 1);
    cluster.delete_egress_private_endpoint(made.id).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn every_request_and_every_answer_is_in_the_vendors_document() {
    let Some(document) = document() else { return };
    let world = World::new();
    world.cockroach().switch(|switches| {
        switches.unknown_fields = false;
        switches.page_size = 2;
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
        used.insert(operation["operationId"].as_str().unwrap().trim_start_matches(PREFIX));
        let responses = &operation["responses"];
        let answer = responses.get(status.to_string()).unwrap_or(&responses["default"]);
        let mut body: Value = serde_json::from_slice(body).unwrap();
        // Documented as an object, and said to be null at times.
        if body["pagination"] == json!(null)
            && let Some(fields) = body.as_object_mut()
        {
            fields.remove("pagination");
        }
        let schema = &answer["content"]["application/json"]["schema"];
        assert!(!schema.is_null(), "{told}: the document has no answer {status}");
        validate(&document, schema, &body, "answer").unwrap_or_else(|wrong| panic!("{told}: {wrong}\n{body:#}"));
    }
    assert_eq!(used.into_iter().collect::<Vec<_>>(), USED, "used, and said to be used");
}

#[test]
fn every_operation_of_the_document_is_used_or_left_alone_on_purpose() {
    let Some(document) = document() else { return };
    let ids = operations_of(&document).filter_map(|(_, _, operation)| operation["operationId"].as_str());
    let all: BTreeSet<&str> = ids.map(|id| id.trim_start_matches(PREFIX)).collect();
    assert_eq!(all, USED.into_iter().chain(UNUSED).collect());
}

#[tokio::test(start_paused = true)]
async fn the_documents_own_sample_of_a_cluster_is_read() {
    let Some(document) = document() else { return };
    let sample = &document["components"]["schemas"]["Cluster"]["example"];
    let client = Client::over(Fixed(sample.to_string())).api_key("secret").build().unwrap();
    let details = client.cluster(sample["id"].as_str().unwrap().parse().unwrap()).details().await.unwrap();
    let string = details.private_connection_string(&"us-central1".parse().unwrap(), "app", "shop", 26257).unwrap();
    assert_eq!(string.host.as_str(), "private-free-tier7.gcp-us-central1.crdb.io");
    assert!(string.to_string().ends_with("&options=--cluster%3Dexample-cluster-1533"), "{string}");
}

/// Answers everything the same.
#[derive(Debug)]
struct Fixed(String);

impl Transport for Fixed {
    fn send(&self, _: http::Request<Bytes>, _: Limits) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let response = http::Response::new(Bytes::from(self.0.clone()));
        Box::pin(async move { Ok(response) })
    }
}
