//! A secret has no printable form, and every public future can be sent between threads.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use std::fmt::Write as _;

use privlink_core::side::{DatabaseSide, Exchange, Side};
use privlink_core::{BoxFuture, ErrorKind};
use privlink_sim::World;
use privlink_zilliz::{Client, ProjectRegion};
use support::*;

/// No vendor and no test world holds this anywhere else.
const CANARY: &str = "canary-4f9a77d1c0ffee";

#[tokio::test(start_paused = true)]
async fn no_output_holds_the_secret() {
    let world = World::new();
    let mut out = String::new();
    let builder = Client::over(world.transport()).clock(world.clock()).api_key(CANARY);
    write!(out, "{builder:?}").unwrap();
    let client = builder.build().unwrap();
    write!(out, "{client:?} {:?}", client.facts()).unwrap();
    let side = client.project(project(&world).id().clone()).region(aws(&world).region().clone());
    // Refused credentials: the likeliest moment to print them.
    let error = side.project().details().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthenticated, Some("21119")));
    write!(out, "{side:?} {error} {error:?} {}", error.report()).unwrap();
    write!(out, "{:?}", side.survey(&Exchange::new(), &cx(&world)).await).unwrap();
    world.faults().on("describeProject").bad_gateway();
    write!(out, "{:?}", side.project().details().await).unwrap();
    world.zilliz().switch(|switches| switches.firewall = 1);
    write!(out, "{:?}", side.project().details().await).unwrap();
    write!(out, "{:?}", client.request(http::Method::GET, "/clusters").unwrap()).unwrap();
    let error = Client::over(world.transport()).api_key(format!("{CANARY}\n")).build().unwrap_err();
    write!(out, "{error:?}").unwrap();
    let builder = Client::over(world.transport()).api_key("x").base_url(format!("https://user:{CANARY}@api.example"));
    write!(out, "{builder:?}").unwrap();
    write!(out, "{:?}", builder.build().unwrap_err()).unwrap();
    assert!(out.len() > 500 && !out.contains(CANARY), "{out}");
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_repeats_of_the_secret_is_hidden() {
    use privlink_sim::contract::{Echo, renderings};
    for (status, body) in [
        (200, "<html>SAID</html>"),
        (200, r#"{"code": 4711, "message": "SAID"}"#),
        (403, "SAID"),
        (500, r#"{"code": 1, "message": "SAID", "requestId": "SAID"}"#),
    ] {
        let client = Client::over(Echo::answering(status, body, [CANARY])).api_key(CANARY).build().unwrap();
        let error = client.clusters().all().await.unwrap_err();
        assert!(!renderings(&error).contains(CANARY), "{status} {body}: {}", renderings(&error));
    }
}

#[test]
fn every_future_is_send() {
    fn send<'a, T: 'a>(future: impl Future<Output = T> + Send + 'a) -> BoxFuture<'a, T> {
        Box::pin(future)
    }
    async fn all(side: &ProjectRegion, world: &World) {
        let (known, cx, id) = (known(OURS), cx(world), vpce(OURS));
        let endpoint = known.endpoints.values().next().unwrap();
        let client = side.project().client();
        drop(send(client.projects()));
        drop(send(client.clusters().all()));
        drop(send(client.cluster(cluster_id(world, "articles")).disable_public_address()));
        drop(send(side.project().private_endpoints().all()));
        drop(send(side.project().register(side.region(), &id)));
        drop(send(side.survey(&known, &cx)));
        drop(send(side.removal(&known, &cx)));
        drop(send(side.users(endpoint, &cx)));
    }
    let world = World::new();
    drop(send(all(&aws(&world), &world)));
}
