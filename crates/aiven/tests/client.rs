//! The typed client: every request, and every answer of the simulated vendor, against the vendor's own
//! `OpenAPI` document, found through the environment variable `PRIVLINK_SPECS` (a directory with
//! `aiven.openapi.json`), with unknown fields forbidden; that no secret is printed; and that the list
//! that is replaced whole loses nothing.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../../../tests/common/openapi.rs"]
mod openapi;
mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use openapi::{check, operations_of, validate};
use privlink_aiven::{Client, ConnectionState, Consumer, PrivatelinkState, Service};
use privlink_core::side::{DatabaseSide, Exchange, Side};
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, CloudProvider, ErrorKind};
use privlink_sim::{AivenServiceSpec, SimTransport, World};
use proptest::prelude::*;
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

async fn active(world: &World, service: &Service, cloud: CloudProvider) {
    while service.privatelink(cloud).get().await.unwrap().unwrap().state != PrivatelinkState::Active {
        world.clock().sleep(Duration::from_secs(10)).await;
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

#[tokio::test(start_paused = true)]
async fn names_are_one_segment_of_a_path_whatever_is_in_them() {
    let world = World::new();
    let client = client(&world);
    let service = client.project("a/b c".parse().unwrap()).service("x/../y".parse().unwrap());
    assert_eq!(service.details().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(world.requests()[0].path, "/v1/project/a%2Fb%20c/service/x%2F..%2Fy");
}

#[tokio::test(start_paused = true)]
async fn lists_of_a_wrong_length_or_cloud_are_refused_before_any_request() {
    let world = World::new();
    let service = service(&world, "orders-pg");
    let link = service.privatelink(CloudProvider::Aws);
    let many: Vec<Consumer> = (0..17).map(|n| role(&format!("r{n}")).into()).collect();
    let stranger: privlink_core::SubscriptionId = "00000000-0000-0000-0000-000000000001".parse().unwrap();
    for list in [&[][..], &many, &[stranger.into()]] {
        assert_eq!(link.create(list).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    for patch in [link.patch_allow_list().add(stranger), link.patch_allow_list().add(role("a")).remove(role("a"))] {
        assert_eq!(patch.send().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let regions: Vec<privlink_core::Region> = (0..17).map(|n| format!("us-west-{n}").parse().unwrap()).collect();
    for (cloud, regions) in [(CloudProvider::Aws, &regions[..]), (CloudProvider::Azure, &[]), (CloudProvider::Gcp, &[])]
    {
        let refused = service.privatelink(cloud).set_supported_regions(regions).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(world.requests().is_empty());
}

/// No vendor and no test world holds this anywhere else.
const CANARY: &str = "canary-4f9a77d1c0ffee";

#[tokio::test(start_paused = true)]
async fn no_output_holds_a_secret() {
    let world = World::new();
    let mut out = String::new();
    let builder = Client::over(world.transport()).clock(world.clock()).token(CANARY);
    write!(out, "{builder:?}").unwrap();
    let client = builder.build().unwrap();
    let refused = service_of(&world, &client, "orders-pg");
    // Refused credentials: the likeliest moment to print them.
    let error = refused.details().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    write!(out, "{client:?} {refused:?} {error} {error:?} {}", error.report()).unwrap();
    write!(out, "{:?}", refused.survey(&Exchange::new(), &cx(&world)).await).unwrap();
    let error = Client::over(world.transport()).token(format!("{CANARY}\n")).build().unwrap_err();
    write!(out, "{error:?}").unwrap();
    let builder = Client::over(world.transport()).token("x").base_url(format!("https://user:{CANARY}@api.example"));
    write!(out, "{builder:?}").unwrap();
    write!(out, "{:?}", builder.build().unwrap_err()).unwrap();
    assert!(out.len() > 500 && !out.contains(CANARY), "{out}");

    // What an answer about a service holds, read whole, cut off, and from a failing gateway.
    let service = service(&world, "orders-pg");
    write!(out, "{:?}", service.details().await.unwrap()).unwrap();
    let whole = json!({ "service": { "service_uri": world.aiven().password("orders-pg") } }).to_string();
    let cut = Bytes::from(whole).slice(..40);
    world.faults().on("ServiceGet").answer(http::Response::new(cut));
    let error = service.details().await.unwrap_err();
    write!(out, "{error:?} {}", error.report()).unwrap();
    world.faults().on("ServiceGet").bad_gateway();
    write!(out, "{:?}", service.details().await).unwrap();
    assert!(!out.contains(&world.aiven().password("orders-pg")), "{out}");
}

#[test]
fn every_future_is_send() {
    fn send<'a, T: 'a>(future: impl Future<Output = T> + Send + 'a) -> BoxFuture<'a, T> {
        Box::pin(future)
    }
    async fn all(service: &Service, world: &World) {
        let (known, cx) = (known(OURS), cx(world));
        let endpoint = known.endpoints.values().next().unwrap();
        let link = service.privatelink(CloudProvider::Aws);
        drop(send(service.details()));
        drop(send(service.set_privatelink_access(&[("pg", true)])));
        drop(send(link.get()));
        drop(send(link.connections()));
        drop(send(link.patch_allow_list().add(role("a")).send()));
        drop(send(service.survey(&known, &cx)));
        drop(send(service.removal(&known, &cx)));
        drop(send(service.users(endpoint, &cx)));
    }
    let world = World::new();
    drop(send(all(&service(&world, "orders-pg"), &world)));
}

/// Stands for a tool that owns the whole list.
const RUDE: u8 = 99;

/// Changes the list as somebody else before the n-th request, and keeps what went over the wire.
#[derive(Debug)]
struct Meddler {
    inner: SimTransport,
    world: World,
    script: Vec<(usize, bool, u8)>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    requests: usize,
    /// What the last look showed.
    last: Vec<String>,
    /// Each write, with the look before it.
    writes: Vec<(Vec<String>, Vec<String>)>,
}

impl Transport for Meddler {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let n = {
            let mut seen = self.seen.lock().unwrap();
            seen.requests += 1;
            if request.method() == http::Method::PUT {
                let body: Value = serde_json::from_slice(request.body()).unwrap();
                let last = seen.last.clone();
                seen.writes.push((last, texts(&body["principals"])));
            }
            seen.requests
        };
        for (_, add, who) in self.script.iter().filter(|(at, ..)| *at == n) {
            let mut list = self.world.aiven().allowed("orders-pg").unwrap();
            if *who == RUDE {
                self.world.aiven().set_allowed("orders-pg", [role("first").to_string()]);
                continue;
            }
            let entry = role(&format!("other{who}")).to_string();
            list.retain(|known| *known != entry);
            if *add {
                list.push(entry);
            }
            self.world.aiven().set_allowed("orders-pg", list);
        }
        let looks = request.method() == http::Method::GET;
        Box::pin(async move {
            let response = self.inner.send(request, limits).await?;
            if looks {
                let body: Value = serde_json::from_slice(response.body()).unwrap();
                self.seen.lock().unwrap().last = texts(&body["principals"]);
            }
            Ok(response)
        })
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// However a second writer comes in between: what the last look before a write showed is in the
    /// write, but for what was to go; nothing else is new; and whoever was overwritten is told.
    #[test]
    fn no_entry_that_was_seen_is_lost(
        script in prop::collection::vec((1_usize..9, any::<bool>(), 0_u8..4), 0..6),
        ours in prop::collection::vec((any::<bool>(), 0_u8..3), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            let made = service(&world, "orders-pg");
            made.privatelink(CloudProvider::Aws).create(&[role("first").into()]).await.unwrap();
            active(&world, &made, CloudProvider::Aws).await;
            let seen = Mutex::default();
            let meddler =
                Arc::new(Meddler { inner: world.transport(), world: world.clone(), script: script.clone(), seen });
            let service = service_of(&world, &client_over(&world, Shared(meddler.clone())), "orders-pg");
            for (add, who) in &ours {
                let (list, principal) = (service.privatelink(CloudProvider::Aws).patch_allow_list(), role(&format!("our{who}")));
                let entry = principal.to_string();
                let list = if *add { list.add(principal) } else { list.remove(principal) };
                let before = meddler.seen.lock().unwrap().writes.len();
                let came = list.send().await;
                let writes = meddler.seen.lock().unwrap().writes.clone();
                for (look, write) in &writes[before..] {
                    let mut wanted: BTreeSet<&String> = look.iter().collect();
                    if *add { wanted.insert(&entry) } else { wanted.remove(&entry) };
                    assert_eq!(write.iter().collect::<BTreeSet<_>>(), wanted);
                }
                assert!(writes.len() <= before + 1, "one change is one write");
                match came {
                    Ok(outcome) => assert_eq!(outcome.after.allowed.unwrap().contains(&entry), *add),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict),
                }
                active(&world, &made, CloudProvider::Aws).await;
            }
        });
    }
}

/// A transport that is looked into afterwards.
#[derive(Clone, Debug)]
struct Shared(Arc<Meddler>);

impl Transport for Shared {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        self.0.send(request, limits)
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_overwritten_at_once_is_told_and_not_repeated() {
    let world = World::new();
    let made = service(&world, "orders-pg");
    made.privatelink(CloudProvider::Aws).create(&[role("first").into()]).await.unwrap();
    active(&world, &made, CloudProvider::Aws).await;
    world.clear_requests();
    // Another tool that owns the whole list writes between our write and our second look.
    let script = vec![(3, false, RUDE)];
    let meddler = Meddler { inner: world.transport(), world: world.clone(), script, seen: Mutex::default() };
    let service = service_of(&world, &client_over(&world, Shared(Arc::new(meddler))), "orders-pg");
    let sent = service.privatelink(CloudProvider::Aws).patch_allow_list().add(role("ours")).send().await;
    let error = sent.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Conflict, None));
    assert!(error.help().contains("role/first"), "{}", error.help());
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn answers_about_something_else_or_without_sense_are_refused() {
    let world = World::new();
    let service = service(&world, "orders-pg");
    for (body, words) in [
        (
            json!({"service": {"service_name": "billing-pg", "service_type": "pg", "cloud_name": "aws-us-east-1",
            "state": "RUNNING"}}),
            "billing-pg",
        ),
        (json!({"service": {}}), "service_name"),
        (json!([]), "no object"),
        (json!({"service": {"service_name": "orders-pg"}}), "service_type"),
    ] {
        world.faults().on("ServiceGet").answer(http::Response::new(Bytes::from(body.to_string())));
        let error = service.details().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert!(error.to_string().contains(words) || error.report().to_string().contains(words), "{error}");
    }
    let spec = AivenServiceSpec::new("ha-pg", "pg", CloudProvider::Aws, "us-east-1".parse().unwrap()).replica();
    world.aiven().add_service(spec);
    assert!(service_of(&world, &client(&world), "ha-pg").details().await.is_ok());
}
