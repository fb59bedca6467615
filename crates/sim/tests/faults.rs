//! Scripted faults, in memory and over sockets.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::num::NonZeroU32;
use std::time::Duration;

use common::Caller;
use http::Method;
use privlink_core::transport::{Limits, Sent, Transport};
use privlink_sim::World;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const VPCE: &str = "vpce-0aaaaaaaaaaaaaaaa";

fn world() -> (World, Caller) {
    let world = World::new();
    world.clickhouse().lift_rate_limit();
    let caller = Caller::new(&world);
    (world, caller)
}

fn attached(world: &World) -> Vec<String> {
    world.clickhouse().attached(world.clickhouse().service_id())
}

async fn attach(caller: &Caller) -> Result<u16, (Sent, bool)> {
    let body = json!({ "privateEndpointIds": { "add": [VPCE] } });
    match caller.try_send(caller.request(Method::PATCH, &caller.service(), Some(&body))).await {
        Ok(response) => Ok(response.status().as_u16()),
        Err(error) => Err((error.sent, error.timed_out)),
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_never_left_and_is_not_in_the_log() {
    let (world, caller) = world();
    let fault = world.faults().on("instanceUpdate").refuse_connection();
    assert_eq!(attach(&caller).await, Err((Sent::No, false)));
    assert!(world.requests().is_empty());
    assert_eq!(fault.hits(), 1);
    assert_eq!(attach(&caller).await, Ok(200));
}

#[tokio::test(start_paused = true)]
async fn a_reset_is_unknown_to_the_caller_whether_before_or_after_the_effect() {
    let (world, caller) = world();
    world.faults().on("instanceUpdate").reset_before_commit();
    assert_eq!(attach(&caller).await, Err((Sent::Maybe, false)));
    assert!(attached(&world).is_empty());
    world.faults().on("instanceUpdate").reset_after_commit();
    assert_eq!(attach(&caller).await, Err((Sent::Maybe, false)));
    assert_eq!(attached(&world), [VPCE]);
    let log = world.writes();
    assert_eq!((log[0].status, log[1].status), (None, Some(200)));
    assert!(log.iter().all(|request| request.faulted));
}

#[tokio::test(start_paused = true)]
async fn a_hanging_call_ends_at_the_callers_limit_in_virtual_time() {
    let (world, caller) = world();
    world.faults().on("instanceUpdate").hang();
    let start = world.clock().now();
    assert_eq!(attach(&caller).await, Err((Sent::Maybe, true)));
    assert_eq!(world.clock().now().duration_since(start).unwrap(), Duration::from_secs(30));
    assert!(attached(&world).is_empty());
    world.faults().on("instanceUpdate").hang_after_commit();
    assert_eq!(attach(&caller).await, Err((Sent::Maybe, true)));
    assert_eq!(attached(&world), [VPCE]);
}

#[tokio::test(start_paused = true)]
async fn answers_come_in_place_of_the_call_and_it_has_no_effect() {
    let (world, caller) = world();
    let faults = world.faults();
    faults.on("instanceUpdate").status(503);
    faults.on("instanceUpdate").nth(2).throttle(Duration::from_millis(2500));
    faults.on("instanceUpdate").nth(3).bad_gateway();
    faults.on("instanceUpdate").nth(4).answer(http::Response::builder().status(418).body("tea".into()).unwrap());
    let mut seen = Vec::new();
    for _ in 0..4 {
        let body = json!({ "privateEndpointIds": { "add": [VPCE] } });
        let response = caller.try_send(caller.request(Method::PATCH, &caller.service(), Some(&body))).await.unwrap();
        if response.status() == 429 {
            assert_eq!(response.headers()["x-ratelimit-reset"], "2.500");
        }
        if response.status() == 502 {
            assert_eq!(response.headers()["content-type"], "text/html");
        }
        seen.push(response.status().as_u16());
    }
    assert_eq!(seen, [503, 429, 502, 418]);
    assert!(attached(&world).is_empty());
}

#[tokio::test(start_paused = true)]
async fn aws_failures_have_the_form_of_their_api() {
    let (world, caller) = world();
    let send = async |uri: &str, body: &'static str| {
        world.faults().on_any().side("aws").throttle(Duration::from_secs(1));
        let request = http::Request::builder().method("POST").uri(uri).body(body.into()).unwrap();
        let response = caller.try_send(request).await.unwrap();
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    };
    let (status, body) = send("https://x/", "Action=DescribeVpcs&Version=2016-11-15").await;
    assert_eq!(status, 503);
    assert!(body.contains("<Response><Errors><Error><Code>RequestLimitExceeded</Code>"), "{body}");
    let (status, body) = send("https://x/2013-04-01/hostedzone", "<CreateHostedZoneRequest/>").await;
    assert_eq!(status, 400);
    assert!(body.contains("<ErrorResponse") && body.contains("<Code>Throttling</Code>"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn rules_count_their_own_calls_and_can_be_lifted() {
    let (world, caller) = world();
    let reads = world.faults().on("instanceGet").nth(2).times(2).status(500);
    let any = world.faults().on_any().writes().always().status(500);
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(caller.get(&caller.service()).await.0);
    }
    assert_eq!(seen, [200, 500, 500, 200, 200]);
    assert_eq!(reads.hits(), 2);
    assert_eq!(attach(&caller).await, Ok(500));
    assert_eq!(attach(&caller).await, Ok(500));
    any.lift();
    assert_eq!(attach(&caller).await, Ok(200));
    assert_eq!(any.hits(), 2);
    world.faults().on_any().always().status(500);
    world.faults().clear();
    assert_eq!(caller.get("/v1/whoami").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_cut_body_fails_although_the_request_took_effect() {
    let (world, caller) = world();
    world.faults().on("instanceUpdate").cut_body(20);
    assert_eq!(attach(&caller).await, Err((Sent::Maybe, false)));
    assert_eq!(attached(&world), [VPCE]);
}

#[tokio::test(start_paused = true)]
async fn delays_and_latency_pass_on_the_worlds_clock() {
    let (world, caller) = world();
    world.set_latency(Duration::from_millis(80));
    world.faults().on("whoamiGet").delay(Duration::from_secs(3));
    let start = world.clock().now();
    caller.get("/v1/whoami").await;
    assert_eq!(world.clock().now().duration_since(start).unwrap(), Duration::from_millis(3080));
    caller.get("/v1/whoami").await;
    assert_eq!(world.clock().now().duration_since(start).unwrap(), Duration::from_millis(3160));
}

#[tokio::test(start_paused = true)]
async fn a_stale_read_shows_the_world_when_the_rule_was_added() {
    let (world, caller) = world();
    world.faults().on("instanceGet").nth(2).stale_read();
    attach(&caller).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (_, body) = caller.get(&caller.service()).await;
        seen.push(body["result"]["privateEndpointIds"].as_array().unwrap().len());
    }
    assert_eq!(seen, [1, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_read_can_miss_just_the_latest_write() {
    let (world, caller) = world();
    world.faults().on("instanceGet").read_before_last_write();
    attach(&caller).await.unwrap();
    caller.patch(&caller.service(), &json!({ "name": "renamed" })).await;
    let (_, body) = caller.get(&caller.service()).await;
    assert_eq!(
        (body["result"]["privateEndpointIds"].clone(), body["result"]["name"].clone()),
        (json!([VPCE]), json!("orders"))
    );
    assert_eq!(caller.get(&caller.service()).await.1["result"]["name"], "renamed");
}

#[tokio::test(start_paused = true)]
async fn an_older_answer_can_come_after_a_newer_one() {
    let (world, caller) = world();
    let fault = world.faults().on("instanceGet").nth(3).repeat_first_answer();
    let service = world.clickhouse().service_id();
    let mut seen = Vec::new();
    for state in ["provisioning", "running", "running", "running"] {
        world.clickhouse().set_state(service, state);
        seen.push(caller.get(&caller.service()).await.1["result"]["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen, ["provisioning", "running", "provisioning", "running"]);
    assert_eq!(fault.hits(), 1);
}

#[tokio::test(start_paused = true)]
async fn switches_lose_answers_and_show_gateway_pages_at_a_rate() {
    let (world, caller) = world();
    world.clickhouse().switch(|switches| switches.drop_answer_every = NonZeroU32::new(2));
    assert_eq!(caller.patch(&caller.service(), &json!({ "name": "one" })).await.0, 200);
    assert_eq!(attach(&caller).await, Err((Sent::Maybe, false)));
    assert_eq!(attached(&world), [VPCE]);
    world.clickhouse().switch(|switches| {
        switches.drop_answer_every = None;
        switches.html_502_every = NonZeroU32::new(3);
    });
    let mut bad = 0;
    for _ in 0..9 {
        bad += u32::from(caller.get("/v1/whoami").await.0 == 502);
    }
    assert_eq!(bad, 3);
}

#[tokio::test(start_paused = true)]
async fn the_transport_bounds_the_body() {
    let (world, caller) = world();
    let request = caller.request(Method::GET, &caller.service(), None);
    let error = world.transport().send(request, Limits::new(Duration::from_secs(1), 64)).await.unwrap_err();
    assert_eq!(error.sent, Sent::Maybe);
    assert!(error.source.to_string().contains("64 bytes"), "{}", error.source);
}

/// Sends one request over a fresh connection and reads until the other side closes.
async fn raw(address: std::net::SocketAddr, request: &http::Request<bytes::Bytes>) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut text =
        format!("{} {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n", request.method(), request.uri().path());
    for (name, value) in request.headers() {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n", request.body().len()));
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.write_all(request.body()).await.unwrap();
    let mut answer = Vec::new();
    // A reset is an error here, and what was read before it counts.
    let _closed = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_served_world_answers_and_breaks_as_scripted() {
    let (world, caller) = world();
    let server = world.serve("127.0.0.1:0").await.unwrap();
    let get = caller.request(Method::GET, "/v1/whoami", None);
    let answer = raw(server.address(), &get).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\"actorType\":\"apiKey\""), "{answer}");

    world.faults().on("whoamiGet").reset_before_commit();
    assert_eq!(raw(server.address(), &get).await, "");
    world.faults().on("whoamiGet").refuse_connection();
    assert_eq!(raw(server.address(), &get).await, "");
    world.faults().on("whoamiGet").cut_body(10);
    let cut = raw(server.address(), &get).await;
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), 10);
    let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(promised.parse::<usize>().unwrap() > 10);
    assert!(raw(server.address(), &get).await.starts_with("HTTP/1.1 200"));
    server.stop().await;
}

#[tokio::test]
async fn a_stopped_server_leaves_its_port() {
    let (world, _) = world();
    let server = world.serve("127.0.0.1:0").await.unwrap();
    let (address, url) = (server.address(), server.url());
    assert_eq!(url, format!("http://{address}"));
    world.faults().on("whoamiGet").hang();
    let hanging = Caller::new(&world).request(Method::GET, "/v1/whoami", None);
    let client = tokio::spawn(async move { raw(address, &hanging).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.stop().await;
    assert_eq!(client.await.unwrap(), "");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn only_loopback_is_served() {
    let (world, _) = world();
    let error = world.serve("0.0.0.0:0").await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn scaled_time_runs_faster_than_the_machines() {
    let world = World::builder().time_scale(1000).build();
    let (start, real) = (world.clock().now(), std::time::Instant::now());
    world.clock().sleep(Duration::from_secs(20)).await;
    assert!(world.clock().now().duration_since(start).unwrap() >= Duration::from_secs(20));
    assert!(real.elapsed() < Duration::from_secs(5));
}
