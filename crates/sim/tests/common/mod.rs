//! Raw requests, written by hand: no client of this family takes part.

#![allow(dead_code, clippy::unwrap_used, reason = "test helpers; not every test file uses each")]

pub(crate) mod arm;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response};
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_sim::{ClickHouseKey, World};
use serde_json::{Value, json};

pub(crate) const VPCE_A: &str = "vpce-0aaaaaaaaaaaaaaaa";
pub(crate) const VPCE_B: &str = "vpce-0bbbbbbbbbbbbbbbb";

/// Calls the simulated ClickHouse Cloud of a world with one key.
pub(crate) struct Caller {
    pub(crate) world: World,
    pub(crate) key: ClickHouseKey,
}

impl Caller {
    pub(crate) fn new(world: &World) -> Self {
        Self { world: world.clone(), key: world.clickhouse().api_key() }
    }

    pub(crate) fn with(world: &World, key: ClickHouseKey) -> Self {
        Self { world: world.clone(), key }
    }

    pub(crate) fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Request<Bytes> {
        let basic = STANDARD.encode(format!("{}:{}", self.key.id, self.key.secret));
        let request = Request::builder()
            .method(method)
            .uri(format!("https://api.clickhouse.cloud{path}"))
            .header("authorization", format!("Basic {basic}"));
        match body {
            Some(body) => {
                request.header("content-type", "application/json").body(Bytes::from(body.to_string())).unwrap()
            }
            None => request.body(Bytes::new()).unwrap(),
        }
    }

    pub(crate) async fn try_send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.world.transport().send(request, Limits::new(Duration::from_secs(30), 1 << 20)).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let response = self.try_send(self.request(method, path, body)).await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(response.body()).unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) fn org(&self) -> String {
        format!("/v1/organizations/{}", self.world.clickhouse().organization_id())
    }

    pub(crate) fn service(&self) -> String {
        format!("{}/services/{}", self.org(), self.world.clickhouse().service_id())
    }
}

/// The code in front of an error's text.
pub(crate) fn code(body: &Value) -> &str {
    body["error"].as_str().and_then(|text| text.split(": ").next()).unwrap_or("")
}

/// A world without a request budget, and a caller with its first key.
pub(crate) fn world() -> (World, Caller) {
    let world = World::new();
    world.clickhouse().lift_rate_limit();
    let caller = Caller::new(&world);
    (world, caller)
}

/// The change that adds these to an allow list.
pub(crate) fn add(ids: &[&str]) -> Value {
    json!({ "privateEndpointIds": { "add": ids } })
}

/// The change that takes these off.
pub(crate) fn remove(ids: &[&str]) -> Value {
    json!({ "privateEndpointIds": { "remove": ids } })
}
