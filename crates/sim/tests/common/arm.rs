//! Raw requests to the simulated Resource Manager, written by hand.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use privlink_core::transport::{Limits, Transport};
use privlink_core::{EndpointServiceId, PrivateLinkServiceAlias};
use privlink_sim::World;
use serde_json::{Value, json};

pub(crate) const NETWORK: &str = "2025-05-01";
pub(crate) const DNS: &str = "2024-06-01";

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }
}

/// Calls Resource Manager with one token.
pub(crate) struct Arm {
    pub(crate) world: World,
    pub(crate) token: String,
}

impl Arm {
    pub(crate) fn new(world: &World) -> Self {
        Self { world: world.clone(), token: world.azure().token() }
    }

    pub(crate) fn with(world: &World, token: String) -> Self {
        Self { world: world.clone(), token }
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Answer {
        let limits = Limits::new(Duration::from_secs(30), 1 << 20);
        let response = self.world.transport().send(request, limits).await.unwrap();
        let (head, body) = response.into_parts();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    /// A request to a path, or to a whole URL.
    pub(crate) async fn call(
        &self,
        method: Method,
        at: &str,
        body: Option<Value>,
        conditions: &[(&str, &str)],
    ) -> Answer {
        let url = if at.starts_with('/') { format!("https://management.azure.com{at}") } else { at.to_owned() };
        let mut request =
            Request::builder().method(method).uri(url).header("authorization", format!("Bearer {}", self.token));
        for (name, value) in conditions {
            request = request.header(*name, *value);
        }
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(Bytes::from(body.to_string())),
            None => request.body(Bytes::new()),
        };
        self.send(request.unwrap()).await
    }

    pub(crate) async fn get(&self, at: &str) -> Answer {
        self.call(Method::GET, at, None, &[]).await
    }

    pub(crate) async fn put(&self, at: &str, body: Value) -> Answer {
        self.call(Method::PUT, at, Some(body), &[]).await
    }

    pub(crate) async fn delete(&self, at: &str) -> Answer {
        self.call(Method::DELETE, at, None, &[]).await
    }

    /// The path of something in the seeded resource group.
    pub(crate) fn network(&self, kind: &str, name: &str) -> String {
        format!("{}?api-version={NETWORK}", self.world.azure().id_of(kind, name))
    }

    pub(crate) fn endpoint(&self, name: &str) -> String {
        self.network("privateEndpoints", name)
    }

    /// The path of a zone, or of what is in it.
    pub(crate) fn dns(&self, zone: &str, inside: &str) -> String {
        let group = self.world.azure().id_of("privateDnsZones", "x");
        let group = group.as_str().trim_end_matches("/x");
        format!("{group}/{zone}{inside}?api-version={DNS}")
    }

    /// Follows a status monitor to its end; gives its last body.
    pub(crate) async fn finish(&self, answer: &Answer) -> Value {
        let url = answer.header("azure-asyncoperation").expect("an operation to follow").to_owned();
        for _ in 0..100 {
            let poll = self.get(&url).await;
            assert_eq!(poll.status, 200, "a monitor answers 200 even of a failure: {poll:?}");
            if poll.body["status"] != "InProgress" {
                return poll.body;
            }
            let wait = poll.header("retry-after").map_or(1, |text| text.parse().unwrap());
            tokio::time::sleep(Duration::from_secs(wait)).await;
        }
        panic!("the operation does not end");
    }

    /// The alias of the Private Link service of `ledger`.
    pub(crate) fn alias(&self) -> PrivateLinkServiceAlias {
        alias_of(&self.world, "ledger")
    }

    /// The body of an endpoint to `ledger`.
    pub(crate) fn body(&self) -> Value {
        json!({
            "location": "westus3",
            "tags": { "owner": "example" },
            "properties": {
                "subnet": { "id": self.world.azure().subnet_id() },
                "manualPrivateLinkServiceConnections": [{
                    "name": "ledger-conn",
                    "properties": { "privateLinkServiceId": self.alias(), "requestMessage": "please" },
                }],
            },
        })
    }

    /// Makes an endpoint to `ledger` and waits until it is made.
    pub(crate) async fn make(&self, name: &str) -> Value {
        let answer = self.put(&self.endpoint(name), self.body()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(self.finish(&answer).await["status"], "Succeeded");
        self.get(&self.endpoint(name)).await.body
    }

    /// The status of an endpoint's connection.
    pub(crate) async fn status(&self, name: &str) -> String {
        let body = self.get(&self.endpoint(name)).await.body;
        let connection = &body["properties"]["manualPrivateLinkServiceConnections"][0];
        connection["properties"]["privateLinkServiceConnectionState"]["status"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn alias_of(world: &World, service: &str) -> PrivateLinkServiceAlias {
    let clickhouse = world.clickhouse();
    match clickhouse.endpoint_service(clickhouse.find_service(service).unwrap()) {
        Some(EndpointServiceId::AzureAlias(alias)) => alias,
        other => panic!("{service} has no alias: {other:?}"),
    }
}
