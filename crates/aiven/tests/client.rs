//! The typed client: what it sends and what it takes for an answer, and that no secret is printed.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use std::fmt::Write as _;

use bytes::Bytes;
use privlink_aiven::{Client, Service};
use privlink_core::side::{DatabaseSide, Exchange, Side};
use privlink_core::{BoxFuture, CloudProvider, ErrorKind};
use privlink_sim::{AivenServiceSpec, World};
use serde_json::json;
use support::*;

#[tokio::test(start_paused = true)]
async fn names_are_one_segment_of_a_path_whatever_is_in_them() {
    let world = World::new();
    let client = client(&world);
    let service = client.project("a/b c".parse().unwrap()).service("x/../y".parse().unwrap());
    assert_eq!(service.details().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(world.requests()[0].path, "/v1/project/a%2Fb%20c/service/x%2F..%2Fy");
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
