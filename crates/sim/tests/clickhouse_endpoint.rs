//! Allow lists and registrations of the simulated ClickHouse Cloud, seen over raw requests.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use common::{Caller, VPCE_A, VPCE_B, add, code, remove, world};
use http::Method;
use privlink_core::{CloudProvider, PrivateEndpointId};
use privlink_sim::{
    IdCase, OnAbsent, OnAttached, OnBasicTier, OnDuplicate, OnStopped, OnUnknownField, ServiceSpec, Tier,
};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn attaching_registers_with_the_organization_and_detaching_does_not_take_it_back() {
    let (world, caller) = world();
    let (status, body) = caller.patch(&caller.service(), &add(&[VPCE_A, VPCE_B])).await;
    assert_eq!(status, 200);
    assert_eq!(body["result"]["privateEndpointIds"], json!([VPCE_A, VPCE_B]));
    let (_, org) = caller.get(&caller.org()).await;
    let registered = json!({ "id": VPCE_A, "description": "", "cloudProvider": "aws", "region": "us-east-1" });
    assert_eq!(org["result"]["privateEndpoints"][0], registered);

    caller.patch(&caller.service(), &remove(&[VPCE_A, VPCE_B])).await;
    let (_, service) = caller.get(&caller.service()).await;
    assert_eq!(service["result"]["privateEndpointIds"], json!([]));
    assert_eq!(service["result"]["availablePrivateEndpointIds"], json!([VPCE_A, VPCE_B]));

    let gone = json!({ "id": VPCE_A, "cloudProvider": "aws", "region": "us-east-1" });
    caller.patch(&caller.org(), &json!({ "privateEndpoints": { "remove": [gone] } })).await;
    assert_eq!(world.clickhouse().registered(world.clickhouse().organization_id()), [VPCE_B]);
}

#[tokio::test(start_paused = true)]
async fn removals_come_before_additions_in_one_request() {
    let (world, caller) = world();
    caller.patch(&caller.service(), &add(&[VPCE_A])).await;
    let both = json!({ "privateEndpointIds": { "add": [VPCE_A], "remove": [VPCE_A] } });
    assert_eq!(caller.patch(&caller.service(), &both).await.0, 200);
    assert_eq!(world.clickhouse().attached(world.clickhouse().service_id()), [VPCE_A]);
}

#[tokio::test(start_paused = true)]
async fn adding_twice_is_refused_whole_or_ignored_as_switched() {
    let (world, caller) = world();
    let service = world.clickhouse().service_id();
    caller.patch(&caller.service(), &add(&[VPCE_A])).await;
    let (status, body) = caller.patch(&caller.service(), &add(&[VPCE_B, VPCE_A])).await;
    assert_eq!((status, code(&body)), (400, "BAD_REQUEST"));
    assert_eq!(world.clickhouse().attached(service), [VPCE_A]);
    assert_eq!(caller.post(&format!("{}/privateEndpoint", caller.service()), &json!({ "id": VPCE_A })).await.0, 400);

    world.clickhouse().switch(|switches| switches.duplicate_add = OnDuplicate::NoOp);
    assert_eq!(caller.patch(&caller.service(), &add(&[VPCE_B, VPCE_A, VPCE_B])).await.0, 200);
    assert_eq!(world.clickhouse().attached(service), [VPCE_A, VPCE_B]);
}

#[tokio::test(start_paused = true)]
async fn removing_what_is_absent_is_ignored_or_refused_as_switched() {
    let (world, caller) = world();
    assert_eq!(caller.patch(&caller.service(), &remove(&[VPCE_A])).await.0, 200);
    let gone =
        json!({ "privateEndpoints": { "remove": [{ "id": VPCE_A, "cloudProvider": "aws", "region": "us-east-1" }] } });
    assert_eq!(caller.patch(&caller.org(), &gone).await.0, 200);
    world.clickhouse().switch(|switches| switches.remove_absent = OnAbsent::Reject400);
    assert_eq!(caller.patch(&caller.service(), &remove(&[VPCE_A])).await.0, 400);
    assert_eq!(caller.patch(&caller.org(), &gone).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn an_attached_endpoint_leaves_the_organization_only_as_switched() {
    let (world, caller) = world();
    let service = world.clickhouse().service_id();
    world.clickhouse().attach(service, &VPCE_A.parse::<PrivateEndpointId>().unwrap());
    let gone =
        json!({ "privateEndpoints": { "remove": [{ "id": VPCE_A, "cloudProvider": "aws", "region": "us-east-1" }] } });
    assert_eq!(caller.patch(&caller.org(), &gone).await.0, 400);
    assert_eq!(world.clickhouse().attached(service), [VPCE_A]);
    world.clickhouse().switch(|switches| switches.organization_remove_while_attached = OnAttached::Cascade);
    assert_eq!(caller.patch(&caller.org(), &gone).await.0, 200);
    assert!(world.clickhouse().attached(service).is_empty());
    assert!(world.clickhouse().registered(world.clickhouse().organization_id()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn removing_a_registration_needs_id_provider_and_region() {
    let (_, caller) = world();
    for body in [
        json!({ "id": VPCE_A, "cloudProvider": "aws" }),
        json!({ "id": VPCE_A, "region": "us-east-1" }),
        json!({ "cloudProvider": "aws", "region": "us-east-1" }),
        json!({ "id": "", "cloudProvider": "aws", "region": "us-east-1" }),
    ] {
        let body = json!({ "privateEndpoints": { "remove": [body] } });
        assert_eq!(caller.patch(&caller.org(), &body).await.0, 400, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_shows_after_as_many_reads_as_switched() {
    let (world, caller) = world();
    world.clickhouse().switch(|switches| switches.visibility_delay = 2);
    let (_, patched) = caller.patch(&caller.service(), &add(&[VPCE_A])).await;
    assert_eq!(patched["result"]["privateEndpointIds"], json!([VPCE_A]));
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (_, body) = caller.get(&caller.service()).await;
        seen.push(body["result"]["privateEndpointIds"].as_array().unwrap().len());
    }
    assert_eq!(seen, [0, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn the_basic_tier_has_no_private_endpoints() {
    let (world, caller) = world();
    let clickhouse = world.clickhouse();
    clickhouse.set_tier(clickhouse.organization_id(), Tier::Basic);
    let config = format!("{}/privateEndpointConfig", caller.service());
    assert_eq!(caller.get(&config).await.0, 403);
    assert_eq!(caller.patch(&caller.service(), &add(&[VPCE_A])).await.0, 403);
    clickhouse.switch(|switches| switches.basic_tier = OnBasicTier::BadRequest400);
    assert_eq!(caller.get(&config).await.0, 400);
    clickhouse.switch(|switches| switches.basic_tier = OnBasicTier::EmptyConfig);
    let (status, body) = caller.get(&config).await;
    assert_eq!((status, &body["result"]["endpointServiceId"]), (200, &json!("")));
    assert_eq!(caller.patch(&caller.service(), &add(&[VPCE_A])).await.0, 400);
    assert_eq!(caller.patch(&caller.service(), &json!({ "name": "still editable" })).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn azure_ids_compare_by_case_as_switched() {
    let (world, _) = world();
    let clickhouse = world.clickhouse();
    let id = clickhouse.add_service(ServiceSpec::new("az", CloudProvider::Azure, "westus3".parse().unwrap()));
    let caller = Caller::new(&world);
    let path = format!("{}/services/{id}", caller.org());
    let arm = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe";
    assert_eq!(caller.patch(&path, &add(&[arm])).await.0, 200);
    assert_eq!(caller.patch(&path, &remove(&[&arm.to_uppercase()])).await.0, 200);
    assert_eq!(clickhouse.attached(id), [arm]);
    clickhouse.switch(|switches| switches.azure_id_case = IdCase::Insensitive);
    assert_eq!(caller.patch(&path, &remove(&[&arm.to_uppercase()])).await.0, 200);
    assert!(clickhouse.attached(id).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stopped_service_can_be_changed_as_switched_and_its_config_always_read() {
    let (world, caller) = world();
    let service = world.clickhouse().service_id();
    for state in ["stopped", "idle", "provisioning", "hibernating"] {
        world.clickhouse().set_state(service, state);
        assert_eq!(caller.get(&format!("{}/privateEndpointConfig", caller.service())).await.0, 200, "{state}");
    }
    world.clickhouse().set_state(service, "stopped");
    assert_eq!(caller.patch(&caller.service(), &add(&[VPCE_A])).await.0, 200);
    world.clickhouse().switch(|switches| switches.stopped_service_patch = OnStopped::Conflict409);
    let (status, body) = caller.patch(&caller.service(), &add(&[VPCE_B])).await;
    assert_eq!(status, 409);
    assert!(body["error"].as_str().unwrap().ends_with("Current state: 'stopped'"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn any_text_is_taken_as_an_endpoint_id_but_no_empty_one() {
    let (world, caller) = world();
    assert_eq!(caller.patch(&caller.service(), &add(&["not an id at all"])).await.0, 200);
    assert_eq!(caller.patch(&caller.service(), &add(&[""])).await.0, 400);
    assert_eq!(world.clickhouse().attached(world.clickhouse().service_id()), ["not an id at all"]);
}

#[tokio::test(start_paused = true)]
async fn wrong_bodies_are_refused_and_change_nothing() {
    let (world, caller) = world();
    let before = world.snapshot();
    for body in [
        json!([]),
        json!({ "privateEndpointIds": { "add": VPCE_A } }),
        json!({ "privateEndpointIds": { "add": [VPCE_A], "adds": [] } }),
        json!({ "privateEndpointIds": null }),
        json!({ "privateEndpointIds": { "add": [7] } }),
        json!({ "privateEndpointIds": { "add": [VPCE_A] }, "colour": "red" }),
        json!({ "name": "" }),
        json!({ "ipAccessList": { "add": [{ "source": "::1" }] } }),
        json!({ "ipAccessList": { "add": ["10.0.0.1"] } }),
        json!({ "endpoints": [{ "protocol": "https", "enabled": true }] }),
    ] {
        let (status, answer) = caller.patch(&caller.service(), &body).await;
        assert_eq!((status, code(&answer)), (400, "BAD_REQUEST"), "{body}");
    }
    let mut plain = caller.request(Method::PATCH, &caller.service(), Some(&add(&[VPCE_A])));
    plain.headers_mut().remove("content-type");
    assert_eq!(caller.try_send(plain).await.unwrap().status(), 400);
    assert_eq!(world.snapshot(), before);

    world.clickhouse().switch(|switches| switches.unknown_request_fields = OnUnknownField::Ignore);
    assert_eq!(caller.patch(&caller.service(), &json!({ "colour": "red" })).await.0, 200);
}
