//! A secret has no printable form, and every public future can be sent between threads.

mod support;

use std::fmt::Write as _;

use privlink_clickhouse::Client;
use privlink_core::side::{Cx, DatabaseSide, Exchange, Side};
use privlink_core::{CloudProvider, Error, Result};
use privlink_sim::World;
use privlink_sim::contract::{Echo, renderings};
use support::*;

/// No vendor and no test world holds this anywhere else.
const CANARY: &str = "canary-4f9a77d1c0ffee";

#[tokio::test(start_paused = true)]
async fn no_output_holds_the_secret() {
    let world = World::new();
    let mut out = String::new();
    for client in [
        Client::over(world.transport()).clock(world.clock()).api_key("key-id", CANARY),
        Client::over(world.transport()).clock(world.clock()).bearer(CANARY),
    ] {
        write!(out, "{client:?}").unwrap();
        let client = client.build().unwrap();
        write!(out, "{client:?} {:?}", client.facts()).unwrap();
        let service =
            client.organization(world.clickhouse().organization_id().into()).service(service_id(&world, "orders"));
        write!(out, "{service:?}").unwrap();
        // Refused credentials: the likeliest moment to print them.
        let error = service.details().await.unwrap_err();
        write!(out, "{error} {error:?} {}", error.report()).unwrap();
        let survey = service.survey(&Exchange::new(), &cx(&world)).await;
        write!(out, "{survey:?}").unwrap();
        world.faults().on("instanceGet").bad_gateway();
        write!(out, "{:?}", service.details().await).unwrap();
    }
    let error = Client::over(world.transport()).api_key("key-id", format!("{CANARY}\n")).build().unwrap_err();
    write!(out, "{error:?}").unwrap();
    let error = Client::over(world.transport())
        .api_key("key-id", "x")
        .base_url(format!("https://user:{CANARY}@api.example"))
        .build()
        .unwrap_err();
    write!(out, "{error:?} {}", error.report()).unwrap();
    let builder = Client::over(world.transport()).base_url(format!("https://user:{CANARY}@api.example"));
    write!(out, "{builder:?}").unwrap();
    assert!(out.len() > 500);
    assert!(!out.contains(CANARY), "{out}");
    // Nor in the form it travels in.
    assert!(!out.contains("a2V5LWlkOmNhbmFyeS"), "{out}");
}

const SECRETS: [&str; 2] = ["canary-4f9a77d1c0ffee", "a2V5LWlkOmNhbmFyeS00ZjlhNzdkMWMwZmZlZQ=="];

/// The start of a secret is one too.
fn clean(error: &Error, secrets: &[&str]) {
    let text = renderings(error);
    for secret in secrets {
        assert!(!text.contains(&secret[..10]), "{text}");
    }
}

/// A client with each kind of credentials over `echo`, and what must not show.
fn clients(echo: &Echo) -> [(Client, &'static [&'static str]); 2] {
    let over = || Client::over(echo.clone()).clock(World::new().clock());
    // The encoded key is no secret of a bearer token.
    let (key, token) = (over().api_key("key-id", CANARY), over().bearer(CANARY));
    [(key.build().expect("a client"), &SECRETS[..]), (token.build().expect("a client"), &SECRETS[..1])]
}

#[tokio::test(start_paused = true)]
async fn what_the_other_side_echoes_is_in_no_error() {
    let mut echoes = vec![Echo::losing(SECRETS)];
    for status in [200, 400, 401, 403, 404, 500] {
        for body in [r#"{"status":400,"error":"SAID"}"#, "<html>SAID</html>", r#"{"result":"SAID"}"#] {
            echoes.push(Echo::answering(status, body, SECRETS));
        }
    }
    for (client, secrets) in echoes.iter().flat_map(clients) {
        let organization = client.organization("5f0e9d55-7c1e-4f0e-9d55-0b6f2f3f8a10".parse().unwrap());
        clean(&organization.details().await.unwrap_err(), secrets);
    }
}

#[tokio::test(start_paused = true)]
async fn what_stands_where_an_id_was_due_is_in_no_error() {
    for body in [
        r#"{"requestId":"SAID","result":{"id":"SAID","name":"x"}}"#,
        r#"{"result":{"actorType":"apiKey","organizationId":"SAID"}}"#,
        r#"{"requestId":"SAID"}"#,
    ] {
        for (client, secrets) in clients(&Echo::answering(200, body, SECRETS)) {
            clean(&client.whoami().await.and_then(|who| who.organization()).unwrap_err(), secrets);
            let organization = client.organization("5f0e9d55-7c1e-4f0e-9d55-0b6f2f3f8a10".parse().unwrap());
            clean(&organization.details().await.unwrap_err(), secrets);
            let service = organization.service("9f3c1a52-7c1e-4f0e-9d55-0b6f2f3f8a10".parse().unwrap());
            clean(&service.details().await.unwrap_err(), secrets);
            clean(&service.private_endpoint_config().await.unwrap_err(), secrets);
            clean(&client.organizations().all().await.unwrap_err(), secrets);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn plans_hold_no_secret() {
    let world = World::new();
    let secret = world.clickhouse().key_secret();
    let service = client(&world).service(service_id(&world, "orders"));
    let survey = service.survey(&known(OURS), &cx(&world)).await.unwrap();
    let steps = serde_json::to_string(&survey.steps).unwrap();
    assert!(!steps.contains(&secret) && !format!("{survey:?}").contains(&secret));
}

fn sendable<T: Send>(_: &T) {}

#[test]
fn public_futures_are_send() {
    fn check(client: &Client, known: &Exchange, cx: &Cx) -> Result<()> {
        let organization = client.organization("5f0e9d55-7c1e-4f0e-9d55-0b6f2f3f8a10".parse()?);
        let service = organization.service("9f3c1a52-7c1e-4f0e-9d55-0b6f2f3f8a10".parse()?);
        let region = "us-east-1".parse()?;
        sendable(&client.whoami());
        sendable(&client.organizations());
        sendable(&client.static_addresses());
        sendable(&client.request(http::Method::GET, "/x")?.send());
        sendable(&organization.details());
        sendable(&organization.services());
        sendable(&organization.find_service(CloudProvider::Aws, &region, "orders"));
        sendable(&organization.private_endpoints().patch().send());
        sendable(&service.details());
        sendable(&service.private_endpoint_config());
        sendable(&service.private_endpoints().patch().send());
        sendable(&service.private_endpoints().attach(vpce(OURS)).send());
        sendable(&service.ip_access_list().patch().send());
        sendable(&service.survey(known, cx));
        sendable(&service.removal(known, cx));
        sendable(&service.closing(known, cx));
        sendable(&(client.clone(), organization.clone()));
        Ok(())
    }
    let world = World::new();
    check(&client(&world), &Exchange::new(), &cx(&world)).unwrap();
}
