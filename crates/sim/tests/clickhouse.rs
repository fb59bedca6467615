//! The simulated ClickHouse Cloud, seen over raw requests.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::time::Duration;

use common::{Caller, VPCE_A, add, code, remove, world};
use http::Method;
use privlink_core::CloudProvider;
use privlink_sim::{CellSpec, KeySpec, Permission, ServiceSpec, Tier, World};
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn a_key_sees_itself_and_its_one_organization() {
    let (world, caller) = world();
    let (status, who) = caller.get("/v1/whoami").await;
    assert_eq!(status, 200);
    assert_eq!(who["result"]["actorType"], "apiKey");
    assert_eq!(who["result"]["organizationId"], world.clickhouse().organization_id().to_string());
    let (_, page) = caller.get("/v1/organizations?limit=5").await;
    assert_eq!(page["result"].as_array().unwrap().len(), 1);
    assert_eq!(page["limit"], 5);
    assert!(page["nextCursor"].is_null());
    assert_eq!(caller.get("/v1/organizations?limit=0").await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn wrong_missing_disabled_and_expired_credentials_are_401() {
    let (world, caller) = world();
    let mut wrong = Caller::new(&world);
    wrong.key.secret.push('x');
    let (status, body) = wrong.get("/v1/whoami").await;
    assert_eq!((status, code(&body)), (401, "UNAUTHORIZED"));
    let bare = http::Request::builder().uri("https://x/v1/whoami").body(bytes::Bytes::new()).unwrap();
    assert_eq!(caller.try_send(bare).await.unwrap().status(), 401);

    world.clickhouse().set_key_enabled(&caller.key.id, false);
    let (status, body) = caller.get("/v1/whoami").await;
    assert_eq!((status, body["error"].as_str().unwrap()), (401, "UNAUTHORIZED: Key is not active"));
    world.clickhouse().set_key_enabled(&caller.key.id, true);
    assert_eq!(caller.get("/v1/whoami").await.0, 200);

    let ends = world.clock().now() + Duration::from_secs(60);
    let short = Caller::with(&world, world.clickhouse().add_key(KeySpec::new("short").expires(ends)));
    assert_eq!(short.get("/v1/whoami").await.0, 200);
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(short.get("/v1/whoami").await.0, 401);
}

#[tokio::test(start_paused = true)]
async fn each_operation_asks_for_its_own_permission() {
    let (world, _) = world();
    let key = world.clickhouse().add_key(
        KeySpec::new("attach only")
            .permissions([Permission::ServiceViewPrivateEndpoints, Permission::ServiceManagePrivateEndpoints]),
    );
    let caller = Caller::with(&world, key);
    assert_eq!(caller.get(&format!("{}/privateEndpointConfig", caller.service())).await.0, 200);
    let attach = format!("{}/privateEndpoint", caller.service());
    assert_eq!(caller.post(&attach, &json!({ "id": VPCE_A, "description": "prod" })).await.0, 200);
    let (status, body) = caller.patch(&caller.service(), &remove(&[VPCE_A])).await;
    assert_eq!((status, code(&body)), (403, "FORBIDDEN"));
    assert_eq!(caller.get(&caller.service()).await.0, 403);
    assert_eq!(caller.get(&caller.org()).await.0, 403);
    assert_eq!(caller.get(&format!("{}/services", caller.org())).await.0, 200);
    assert_eq!(world.clickhouse().attached(world.clickhouse().service_id()), [VPCE_A]);
}

#[tokio::test(start_paused = true)]
async fn a_persons_token_reads_but_does_not_write() {
    let (world, caller) = world();
    let token = world.clickhouse().add_user("ann@example.com", [world.clickhouse().organization_id()]);
    let send = |method: Method, path: String, body: Value| {
        let mut request = caller.request(method, &path, Some(&body));
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        caller.try_send(request)
    };
    assert_eq!(send(Method::GET, caller.service(), json!({})).await.unwrap().status(), 200);
    assert_eq!(send(Method::PATCH, caller.service(), add(&[VPCE_A])).await.unwrap().status(), 403);
    let who: Value =
        serde_json::from_slice(send(Method::GET, "/v1/whoami".into(), json!({})).await.unwrap().body()).unwrap();
    assert_eq!(who["result"]["actorType"], "user");
}

#[tokio::test(start_paused = true)]
async fn malformed_ids_unknown_things_and_wrong_methods_are_told_apart() {
    let (_, caller) = world();
    let org = caller.org();
    assert_eq!(caller.get("/v1/organizations/acme").await.0, 400);
    assert_eq!(caller.get(&format!("{org}/services/orders")).await.0, 400);
    let absent = "00000000-0000-4000-8000-000000000000";
    let (status, body) = caller.get(&format!("{org}/services/{absent}")).await;
    assert_eq!((status, code(&body)), (404, "NOT_FOUND"));
    assert_eq!(caller.get(&format!("/v1/organizations/{absent}")).await.0, 404);
    assert_eq!(caller.get(&format!("{org}/nothing")).await.0, 404);
    let response = caller.try_send(caller.request(Method::DELETE, &org, None)).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["allow"].to_str().unwrap()), (405, "GET, PATCH"));
}

#[tokio::test(start_paused = true)]
async fn another_organizations_service_is_out_of_reach() {
    let (world, caller) = world();
    let other = world.clickhouse().add_organization("Other", Tier::Enterprise);
    let service = world
        .clickhouse()
        .add_service(ServiceSpec::new("theirs", CloudProvider::Aws, "us-east-1".parse().unwrap()).organization(other));
    assert_eq!(caller.get(&format!("/v1/organizations/{other}/services/{service}")).await.0, 403);
    assert_eq!(caller.get(&format!("{}/services/{service}", caller.org())).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn ip_lists_match_on_source_and_keep_others() {
    let (world, caller) = world();
    let service = world.clickhouse().service_id();
    let change = json!({ "ipAccessList": {
        "add": [{ "source": "203.0.113.0/24", "description": "office" }, { "source": "198.51.100.7" }],
        "remove": [{ "source": "0.0.0.0/0" }, { "source": "192.0.2.1" }],
    } });
    assert_eq!(caller.patch(&caller.service(), &change).await.0, 200);
    assert_eq!(world.clickhouse().ip_access_list(service), ["203.0.113.0/24", "198.51.100.7"]);
}

#[tokio::test(start_paused = true)]
async fn the_eleventh_request_of_a_window_is_throttled_until_it_ends() {
    let world = World::new();
    let caller = Caller::new(&world);
    for _ in 0..10 {
        assert_eq!(caller.get("/v1/whoami").await.0, 200);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let response = caller.try_send(caller.request(Method::GET, "/v1/whoami", None)).await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["x-ratelimit-reset"], "7.500");
    let second = Caller::with(&world, world.clickhouse().add_key(KeySpec::new("second")));
    assert_eq!(second.get("/v1/whoami").await.0, 200);
    tokio::time::sleep(Duration::from_millis(7500)).await;
    assert_eq!(caller.get("/v1/whoami").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn every_answer_has_a_fresh_request_id_and_some_statuses_are_floats() {
    let (world, caller) = world();
    let mut ids = std::collections::BTreeSet::new();
    let mut floats = 0;
    for n in 0..9 {
        let path = if n % 2 == 0 { "/v1/whoami".to_owned() } else { "/v1/organizations/x".to_owned() };
        let (_, body) = caller.get(&path).await;
        ids.insert(body["requestId"].as_str().unwrap().to_owned());
        floats += usize::from(body["status"].is_f64());
    }
    assert_eq!(ids.len(), 9);
    assert!(floats > 0);
    world.clickhouse().switch(|switches| {
        switches.float_status = false;
        switches.unknown_fields = false;
        switches.unknown_enum_values = false;
    });
    let (_, service) = caller.get(&caller.service()).await;
    assert!(service["status"].is_u64());
    assert!(service["result"].get("placementGroup").is_none());
    assert_eq!(service["result"]["releaseChannel"], "default");
}

#[tokio::test(start_paused = true)]
async fn a_service_is_made_stopped_and_deleted_and_its_endpoints_stay_registered() {
    let (world, caller) = world();
    let services = format!("{}/services", caller.org());
    let body = json!({ "name": "fresh", "provider": "aws", "region": "eu-west-1", "ipAccessList": [] });
    let (status, made) = caller.post(&services, &body).await;
    assert_eq!((status, made["result"]["service"]["state"].as_str().unwrap()), (200, "provisioning"));
    let path = format!("{services}/{}", made["result"]["service"]["id"].as_str().unwrap());
    let (_, config) = caller.get(&format!("{path}/privateEndpointConfig")).await;
    let name = config["result"]["endpointServiceId"].as_str().unwrap();
    assert!(name.starts_with("com.amazonaws.vpce.eu-west-1.vpce-svc-"), "{name}");
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(caller.get(&path).await.1["result"]["state"], "running");
    caller.patch(&path, &add(&[VPCE_A])).await;

    let delete = || caller.send(Method::DELETE, &path, None);
    let (status, body) = delete().await;
    assert_eq!(status, 409);
    assert!(body["error"].as_str().unwrap().ends_with("Current state: 'running'"));
    assert_eq!(caller.patch(&format!("{path}/state"), &json!({ "command": "stop" })).await.0, 200);
    assert_eq!(delete().await.0, 409);
    tokio::time::sleep(Duration::from_secs(31)).await;
    let (status, body) = delete().await;
    assert_eq!(status, 200);
    assert!(body.get("result").is_none());
    assert_eq!(caller.get(&path).await.1["result"]["state"], "terminating");
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(caller.get(&path).await.0, 404);
    assert_eq!(world.clickhouse().registered(world.clickhouse().organization_id()), [VPCE_A]);
}

#[tokio::test(start_paused = true)]
async fn a_service_needs_name_provider_region_and_ip_list() {
    let (_, caller) = world();
    let whole = json!({ "name": "x", "provider": "aws", "region": "us-east-1", "ipAccessList": [] });
    for field in ["name", "provider", "region", "ipAccessList"] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(field);
        let (status, answer) = caller.post(&format!("{}/services", caller.org()), &body).await;
        assert_eq!(status, 400, "{field}");
        assert!(answer["error"].as_str().unwrap().contains(&format!("request body.{field}")), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_deprecated_configuration_needs_a_service_in_the_region() {
    let (world, caller) = world();
    let path = |region: &str| format!("{}/privateEndpointConfig?cloud_provider=aws&region_id={region}", caller.org());
    let (status, body) = caller.get(&path("us-east-1")).await;
    let service = world.clickhouse().endpoint_service(world.clickhouse().service_id()).unwrap();
    assert_eq!((status, body["result"]["endpointServiceId"].as_str().unwrap()), (200, service.as_str()));
    let (status, body) = caller.get(&path("eu-west-1")).await;
    assert_eq!(status, 400);
    assert!(body["error"].as_str().unwrap().contains("no created instances in aws eu-west-1"));
}

#[tokio::test(start_paused = true)]
async fn two_cells_of_a_region_have_two_endpoint_services_in_one_zone_name() {
    let (world, _) = world();
    let clickhouse = world.clickhouse();
    let [orders, billing, archive] = clickhouse.services_in(CloudProvider::Aws)[..] else { panic!() };
    assert_eq!(clickhouse.endpoint_service(orders), clickhouse.endpoint_service(billing));
    assert_ne!(clickhouse.endpoint_service(orders), clickhouse.endpoint_service(archive));
    assert_eq!(clickhouse.private_host(orders).unwrap().zone(), clickhouse.private_host(archive).unwrap().zone());
}

#[tokio::test(start_paused = true)]
async fn names_and_endpoint_services_have_their_clouds_form() {
    let (world, caller) = world();
    let clickhouse = world.clickhouse();
    for (provider, region, service, zone) in [
        (CloudProvider::Gcp, "us-central1", "projects/", "us-central1.p.gcp.clickhouse.cloud"),
        (CloudProvider::Azure, "westus3", "production-westus3-0-0.", "westus3.privatelink.azure.clickhouse.cloud"),
    ] {
        let id = clickhouse.add_service(ServiceSpec::new("x", provider, region.parse().unwrap()));
        let (_, body) = caller.get(&format!("{}/services/{id}/privateEndpointConfig", caller.org())).await;
        assert!(body["result"]["endpointServiceId"].as_str().unwrap().starts_with(service), "{body}");
        assert_eq!(clickhouse.private_host(id).unwrap().zone().as_str(), zone);
    }
}

#[tokio::test(start_paused = true)]
async fn lists_can_be_filtered_by_tag() {
    let (world, caller) = world();
    let us: privlink_core::Region = "us-east-1".parse().unwrap();
    let spec = |name: &str| ServiceSpec::new(name, CloudProvider::Aws, us.clone());
    world.clickhouse().add_service(spec("a").tag("env", Some("prod")).tag("team", None));
    world.clickhouse().add_service(spec("b").tag("env", Some("dev")));
    let count = async |filter: &str| {
        let (status, body) = caller.get(&format!("{}/services?{filter}", caller.org())).await;
        (status, body["result"].as_array().map_or(0, Vec::len))
    };
    assert_eq!(count("").await, (200, 7));
    assert_eq!(count("filter=tag:env").await, (200, 2));
    assert_eq!(count("filter=tag%3Aenv%3Dprod&filter=tag:team").await, (200, 1));
    assert_eq!(count("filter=name:a").await, (400, 0));
}

#[tokio::test(start_paused = true)]
async fn changes_to_endpoints_and_ip_lists_are_in_the_activity_log() {
    let (_, caller) = world();
    caller.patch(&caller.service(), &add(&[VPCE_A])).await;
    caller.patch(&caller.service(), &json!({ "ipAccessList": { "add": [], "remove": [] } })).await;
    let (_, body) = caller.get(&format!("{}/activities", caller.org())).await;
    let kinds: Vec<&str> =
        body["result"].as_array().unwrap().iter().map(|activity| activity["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["service_update_private_endpoints", "service_update_ip_access_list"]);
    let later = "from_date=2999-01-01T00:00:00Z";
    assert_eq!(caller.get(&format!("{}/activities?{later}", caller.org())).await.1["result"], json!([]));
    assert_eq!(caller.get(&format!("{}/activities?from_date=yesterday", caller.org())).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_of_ones_own_shows_its_endpoint_service_some_time_after_enabling() {
    let (world, caller) = world();
    let clickhouse = world.clickhouse();
    let infra = clickhouse.add_byoc(CloudProvider::Aws, &"us-east-1".parse().unwrap(), "123456789012");
    let path = format!("{}/byocInfrastructure/{infra}", caller.org());
    let config = format!("{path}/privateEndpointConfig");
    assert_eq!(caller.get(&config).await.0, 400);
    assert_eq!(caller.patch(&path, &json!({ "enablePrivateLink": true })).await.0, 400);
    assert_eq!(caller.patch(&path, &json!({ "enablePrivateLoadBalancer": true })).await.0, 200);
    assert_eq!(caller.patch(&path, &json!({ "enablePrivateLink": true })).await.0, 200);
    assert_eq!(caller.get(&config).await.0, 400);
    tokio::time::sleep(Duration::from_secs(61)).await;
    let (status, body) = caller.get(&config).await;
    assert_eq!(status, 200);
    assert!(body["result"]["endpointName"].as_str().unwrap().contains(".vpce-svc-"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn the_vendors_addresses_are_public_and_without_envelope() {
    let (world, caller) = world();
    world.clickhouse().add_cell(CellSpec::new("x", CloudProvider::Gcp, "us-central1".parse().unwrap()));
    let bare = http::Request::builder().uri("https://x/static-ips.json").body(bytes::Bytes::new()).unwrap();
    let response = caller.try_send(bare).await.unwrap();
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["aws"].as_array().unwrap().len(), 2);
    assert_eq!(body["gcp"][0]["region"], "us-central1");
    assert!(body.get("requestId").is_none());
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_operations_by_their_own_names_and_writes_apart() {
    let (world, caller) = world();
    caller.get(&caller.service()).await;
    caller.patch(&caller.service(), &add(&[VPCE_A])).await;
    let log: Vec<(String, bool)> =
        world.requests().into_iter().map(|request| (request.operation, request.write)).collect();
    assert_eq!(log, [("instanceGet".to_owned(), false), ("instanceUpdate".to_owned(), true)]);
    assert_eq!(world.writes().len(), 1);
    assert_eq!(world.writes()[0].status, Some(200));
}

#[tokio::test(start_paused = true)]
async fn equal_worlds_have_equal_snapshots() {
    let epoch = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    let make = || World::builder().starting_at(epoch).build();
    assert_eq!(make().snapshot(), make().snapshot());
}
