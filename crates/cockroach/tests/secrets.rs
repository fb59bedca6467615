//! A secret has no printable form, and every public future can be sent between threads.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use std::fmt::Write as _;

use privlink_cockroach::{Client, Cluster};
use privlink_core::side::{DatabaseSide, Exchange, Side};
use privlink_core::{BoxFuture, ErrorKind};
use privlink_sim::World;
use support::*;

/// No vendor and no test world holds this anywhere else.
const CANARY: &str = "canary-4f9a77d1c0ffee";

#[tokio::test(start_paused = true)]
async fn no_output_holds_the_secret() {
    let world = World::new();
    let mut out = String::new();
    for client in [
        Client::over(world.transport()).clock(world.clock()).api_key(CANARY),
        Client::over(world.transport()).clock(world.clock()).jwt(CANARY, "acme", Some("ci".to_owned())),
    ] {
        write!(out, "{client:?}").unwrap();
        let client = client.build().unwrap();
        write!(out, "{client:?} {:?}", client.facts()).unwrap();
        let cluster = client.cluster(cluster_id(&world, "shopfront"));
        // Refused credentials: the likeliest moment to print them.
        let error = cluster.details().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        write!(out, "{cluster:?} {error} {error:?} {}", error.report()).unwrap();
        write!(out, "{:?}", cluster.survey(&Exchange::new(), &cx(&world)).await).unwrap();
        world.faults().on("CockroachCloud_GetCluster").bad_gateway();
        write!(out, "{:?}", cluster.details().await).unwrap();
        write!(out, "{:?}", client.request(http::Method::GET, "/clusters").unwrap()).unwrap();
    }
    let error = Client::over(world.transport()).api_key(format!("{CANARY}\n")).build().unwrap_err();
    write!(out, "{error:?}").unwrap();
    let builder = Client::over(world.transport()).api_key("x").base_url(format!("https://user:{CANARY}@api.example"));
    write!(out, "{builder:?}").unwrap();
    write!(out, "{:?}", builder.build().unwrap_err()).unwrap();
    assert!(out.len() > 500 && !out.contains(CANARY), "{out}");
}

#[test]
fn every_future_is_send() {
    fn send<'a, T: 'a>(future: impl Future<Output = T> + Send + 'a) -> BoxFuture<'a, T> {
        Box::pin(future)
    }
    async fn all(cluster: &Cluster, world: &World) {
        let (known, cx) = (known(OURS), cx(world));
        let endpoint = known.endpoints.values().next().unwrap();
        drop(send(cluster.details()));
        drop(send(cluster.create_private_endpoint_services()));
        drop(send(cluster.private_endpoint_connections()));
        drop(send(cluster.trusted_owners()));
        drop(send(cluster.ip_allowlist().all()));
        drop(send(cluster.survey(&known, &cx)));
        drop(send(cluster.removal(&known, &cx)));
        drop(send(cluster.users(endpoint, &cx)));
    }
    let world = World::new();
    drop(send(all(&cluster(&world, "shopfront"), &world)));
}
