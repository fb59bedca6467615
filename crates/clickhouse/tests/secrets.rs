//! A secret has no printable form, and every public future can be sent between threads.

mod support;

use std::fmt::Write as _;

use privlink_clickhouse::Client;
use privlink_core::side::{Cx, DatabaseSide, Exchange, Side};
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, CloudProvider, Error, Result};
use privlink_sim::World;
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

/// Fails every call, and repeats all it was sent, and the secrets, in every form of answer.
#[derive(Clone, Debug)]
struct Echo(u16, &'static str);

impl Transport for Echo {
    fn send(
        &self,
        request: http::Request<bytes::Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> {
        let headers: Vec<_> = request.headers().values().filter_map(|value| value.to_str().ok()).collect();
        let said = format!("{} {}", headers.join(" "), SECRETS.join(" "));
        // Padded, so that what is kept of the text ends within a secret wherever it is cut.
        let body = self.1.replace("SAID", &format!("{said} {}", SECRETS.join(" ").repeat(60)));
        let response = http::Response::builder().status(self.0).header("x-request-id", said);
        Box::pin(async move { Ok(response.body(body.into()).expect("a plain status and header")) })
    }
}

/// The start of a secret is one too.
fn clean(error: &Error, secrets: &[&str]) {
    let text = format!("{error} {error:?} {error:#?} {} {:?} {:?}", error.report(), error.api(), error.body());
    for secret in secrets {
        assert!(!text.contains(&secret[..10]), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_other_side_echoes_is_in_no_error() {
    for status in [200, 400, 401, 403, 404, 500] {
        for body in [r#"{"status":400,"error":"SAID"}"#, "<html>SAID</html>", r#"{"result":"SAID"}"#] {
            let over = || Client::over(Echo(status, body)).clock(World::new().clock());
            // The encoded key is no secret of a bearer token.
            let (key, token) = (over().api_key("key-id", CANARY), over().bearer(CANARY));
            for (builder, secrets) in [(key, &SECRETS[..]), (token, &SECRETS[..1])] {
                let client = builder.build().unwrap();
                let organization = client.organization("5f0e9d55-7c1e-4f0e-9d55-0b6f2f3f8a10".parse().unwrap());
                clean(&organization.details().await.unwrap_err(), secrets);
            }
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
