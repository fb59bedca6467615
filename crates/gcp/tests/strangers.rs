//! What others have in the project, and what Google may answer.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod simulated;

use bytes::Bytes;
use http::{Method, Request, Response};
use privlink_core::BoxFuture;
use privlink_core::side::Side;
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_gcp::Client;
use privlink_sim::World;
use simulated::*;

/// The world, with two more zones: a private one for the root, which forwards, and a public one
/// of the database's own host.
#[derive(Debug)]
struct Beside<T> {
    world: T,
    host: String,
    network: String,
}

impl<T: Transport> Transport for Beside<T> {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let lists = request.method() == Method::GET && request.uri().path().ends_with("/managedZones");
        let asked = request.uri().query().unwrap_or_default().to_owned();
        Box::pin(async move {
            let answer = self.world.send(request, limits).await?;
            if !lists || !answer.status().is_success() {
                return Ok(answer);
            }
            let (parts, body) = answer.into_parts();
            let mut list: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let root = serde_json::json!({
                "name": "everything", "dnsName": ".", "description": "", "visibility": "private",
                "forwardingConfig": {"targetNameServers": [{"ipv4Address": "10.0.0.53"}]},
                "privateVisibilityConfig": {"networks": [
                    {"networkUrl": format!("https://www.googleapis.com/compute/v1/{}", self.network)},
                ]},
            });
            let public = serde_json::json!({
                "name": "in-public", "dnsName": format!("{}.", self.host), "description": "", "visibility": "public",
            });
            if list["managedZones"].is_null() {
                list["managedZones"] = serde_json::json!([]);
            }
            let zones = list["managedZones"].as_array_mut().unwrap();
            zones.insert(0, public);
            if !asked.contains("dnsName") {
                zones.insert(0, root);
            }
            Ok(Response::from_parts(parts, list.to_string().into()))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn zones_for_the_root_and_for_the_public_stop_nothing() {
    let world = World::new();
    let beside = Beside { world: world.transport(), host: host(&world).to_string(), network: world.gcp().network() };
    let client = Client::over(beside, world.gcp().project()).token(world.gcp().token()).clock(world.clock());
    let client = client.build().unwrap();
    assert!(client.dns().managed_zones().all().await.is_err(), "the typed list tells of it");
    let (side, vendor) = (network_of(&world, client), vendor(&world));
    let known = set_up(&side, &vendor).await;
    assert_eq!(todo(&plan(&side, &vendor).await.1), [""; 0]);
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    take_down(&side, &world, &known, &removal.steps).await;
    assert!(world.gcp().endpoints().is_empty());
}
