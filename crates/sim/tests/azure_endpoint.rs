//! The simulated Azure's private endpoints, from the wire.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::time::Duration;

use common::arm::{Arm, NETWORK, alias_of};
use http::Method;
use privlink_core::{CloudProvider, PrivateEndpointId};
use privlink_sim::{CellSpec, IdCase, OnLongRunning, ServiceSpec, World};
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn an_endpoint_is_made_approved_read_and_deleted() {
    let world = World::new();
    let arm = Arm::new(&world);
    let made = arm.put(&arm.endpoint("orders"), arm.body()).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["properties"]["provisioningState"], "Updating");
    assert_eq!(made.header("retry-after"), Some("5"));
    assert!(made.header("location").is_none(), "an endpoint's creation has a status monitor alone");
    assert!(made.header("x-ms-request-id").is_some() && made.header("x-ms-correlation-request-id").is_some());
    assert_eq!(arm.finish(&made).await, json!({ "status": "Succeeded" }));

    let body = arm.get(&arm.endpoint("orders")).await.body;
    let id = world.azure().id_of("privateEndpoints", "orders");
    assert_eq!(body["id"], id.as_str());
    assert_eq!((&body["location"], &body["tags"]), (&json!("westus3"), &json!({ "owner": "example" })));
    let properties = &body["properties"];
    assert_eq!((&properties["provisioningState"], &properties["customDnsConfigs"]), (&json!("Succeeded"), &json!([])));
    assert_eq!(properties["privateLinkServiceConnections"], json!([]));
    let connection = &properties["manualPrivateLinkServiceConnections"][0];
    assert_eq!(connection["properties"]["privateLinkServiceId"], arm.alias().as_str());
    assert_eq!(connection["properties"]["requestMessage"], "please");
    assert_eq!(connection["properties"]["privateLinkServiceConnectionState"]["status"], "Pending");

    // The address is there before anybody has approved.
    let interface = properties["networkInterfaces"][0]["id"].as_str().unwrap();
    let card = arm.get(&format!("{interface}?api-version={NETWORK}")).await.body;
    let config = &card["properties"]["ipConfigurations"][0]["properties"];
    assert_eq!((&config["primary"], &config["privateIPAddress"]), (&json!(true), &json!("10.0.64.5")));
    assert_eq!(card["properties"]["privateEndpoint"]["id"], id.as_str());
    let (own, cards) = (&properties["resourceGuid"], &card["properties"]["resourceGuid"]);
    assert!(own.is_string() && cards.is_string() && own != cards, "two things, two GUIDs");

    let clickhouse = world.clickhouse();
    clickhouse.attach(clickhouse.service_in(CloudProvider::Azure), &id.to_string().parse().unwrap());
    assert_eq!(arm.status("orders").await, "Approved");

    let gone = arm.delete(&arm.endpoint("orders")).await;
    assert_eq!(gone.status, 202);
    assert!(gone.header("azure-asyncoperation").is_none(), "a deletion has a `Location`");
    let location = gone.header("location").unwrap();
    let poll = arm.get(location).await;
    assert_eq!((poll.status, poll.header("retry-after")), (202, Some("5")));
    assert_eq!(arm.get(&arm.endpoint("orders")).await.body["properties"]["provisioningState"], "Deleting");
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(arm.get(location).await.status, 204);
    let missing = arm.get(&arm.endpoint("orders")).await;
    assert_eq!((missing.status, missing.code()), (404, "ResourceNotFound"));
    assert_eq!(arm.delete(&arm.endpoint("orders")).await.status, 204);
}

#[tokio::test(start_paused = true)]
async fn the_vendor_approves_by_either_identity_and_only_behind_the_same_alias() {
    for by_guid in [false, true] {
        let world = World::new();
        let (arm, clickhouse) = (Arm::new(&world), world.clickhouse());
        let body = arm.make("orders").await;
        let identity = if by_guid { &body["properties"]["resourceGuid"] } else { &body["id"] };
        let identity: PrivateEndpointId = identity.as_str().unwrap().parse().unwrap();
        // Other clouds' services, and other cells', approve nothing.
        clickhouse.attach(clickhouse.service_in(CloudProvider::Aws), &identity);
        let region = "westus3".parse().unwrap();
        clickhouse.add_cell(CellSpec::new("second", CloudProvider::Azure, region));
        let region = "westus3".parse().unwrap();
        let other = ServiceSpec::new("other", CloudProvider::Azure, region).cell("second");
        clickhouse.attach(clickhouse.add_service(other), &identity);
        assert_ne!(alias_of(&world, "other"), arm.alias());
        assert_eq!(arm.status("orders").await, "Pending");
        clickhouse.attach(clickhouse.find_service("ledger").unwrap(), &identity);
        assert_eq!(arm.status("orders").await, "Approved");
        // What was approved stays so when the list changes.
        clickhouse.detach(clickhouse.find_service("ledger").unwrap(), &identity);
        assert_eq!(arm.status("orders").await, "Approved");
    }
}

#[tokio::test(start_paused = true)]
async fn letter_case_of_an_id_counts_at_the_vendor_as_its_switch_says() {
    for (case, status) in [(IdCase::Exact, "Pending"), (IdCase::Insensitive, "Approved")] {
        let world = World::new();
        let (arm, clickhouse) = (Arm::new(&world), world.clickhouse());
        clickhouse.switch(|switches| switches.azure_id_case = case);
        let id = arm.make("orders").await["id"].as_str().unwrap().replace("resourceGroups", "resourcegroups");
        clickhouse.attach_text(clickhouse.service_in(CloudProvider::Azure), &id);
        assert_eq!(arm.status("orders").await, status);
    }
    // Azure itself never minds.
    let world = World::new();
    let arm = Arm::new(&world);
    arm.make("orders").await;
    assert_eq!(arm.get(&arm.endpoint("ORDERS").to_uppercase().replace("API-VERSION", "api-version")).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn approval_takes_its_time_and_can_be_automatic() {
    let world = World::new();
    let (arm, clickhouse) = (Arm::new(&world), world.clickhouse());
    world.azure().switch(|switches| switches.approval = Duration::from_secs(60));
    // Listed before it is there: the id of an endpoint is known beforehand.
    let id = world.azure().id_of("privateEndpoints", "orders");
    clickhouse.attach_text(clickhouse.service_in(CloudProvider::Azure), id.as_str());
    arm.make("orders").await;
    assert_eq!(arm.status("orders").await, "Pending");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(arm.status("orders").await, "Approved");

    world.azure().switch(|switches| switches.auto_approval = true);
    arm.make("billing").await;
    assert_eq!(arm.status("billing").await, "Approved");
}

#[tokio::test(start_paused = true)]
async fn the_owner_can_reject_and_remove_a_connection() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    arm.make("orders").await;
    let id = azure.endpoints()[0].id.clone();
    azure.reject_endpoint(&id, "not today");
    let body = arm.get(&arm.endpoint("orders")).await.body;
    let state = &body["properties"]["manualPrivateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"];
    assert_eq!((&state["status"], &state["description"]), (&json!("Rejected"), &json!("not today")));
    // A rejected connection stays so, whatever the list says.
    let clickhouse = world.clickhouse();
    clickhouse.attach_text(clickhouse.service_in(CloudProvider::Azure), id.as_str());
    assert_eq!(arm.status("orders").await, "Rejected");
    azure.disconnect_endpoint(&id);
    assert_eq!(arm.status("orders").await, "Disconnected");
    azure.approve_endpoint(&id);
    azure.withdraw_service(&arm.alias());
    assert_eq!(arm.status("orders").await, "Disconnected");
}

#[tokio::test(start_paused = true)]
async fn the_same_body_again_changes_nothing_and_tags_can_change() {
    let world = World::new();
    let arm = Arm::new(&world);
    let made = arm.put(&arm.endpoint("orders"), arm.body()).await;
    // A caller whose answer was lost finds the same operation.
    let again = arm.put(&arm.endpoint("orders"), arm.body()).await;
    assert_eq!((again.status, again.header("azure-asyncoperation")), (200, made.header("azure-asyncoperation")));
    let mut tagged = arm.body();
    tagged["tags"] = json!({ "owner": "somebody-else" });
    let busy = arm.put(&arm.endpoint("orders"), tagged.clone()).await;
    assert_eq!((busy.status, busy.code()), (409, "AnotherOperationInProgress"));
    arm.finish(&made).await;
    let before = arm.get(&arm.endpoint("orders")).await.body;
    let same = arm.put(&arm.endpoint("orders"), arm.body()).await;
    assert_eq!((same.status, &same.body["etag"], same.header("azure-asyncoperation")), (200, &before["etag"], None));

    let changed = arm.put(&arm.endpoint("orders"), tagged).await;
    assert_eq!(changed.status, 200);
    arm.finish(&changed).await;
    let after = arm.get(&arm.endpoint("orders")).await.body;
    assert_eq!(after["tags"]["owner"], "somebody-else");
    assert_ne!(after["etag"], before["etag"]);
    assert_eq!(after["properties"]["resourceGuid"], before["properties"]["resourceGuid"]);

    // Deleted and made again it has the same id and another GUID.
    arm.delete(&arm.endpoint("orders")).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    let anew = arm.make("orders").await;
    assert_eq!(anew["id"], before["id"]);
    assert_ne!(anew["properties"]["resourceGuid"], before["properties"]["resourceGuid"]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_change_is_refused() {
    let world = World::new();
    let arm = Arm::new(&world);
    arm.make("orders").await;
    let azure = world.azure();
    let subnet = azure.add_subnet(&azure.vnet_id(), "second", "10.0.65.0/24".parse().unwrap());
    let alias = {
        let clickhouse = world.clickhouse();
        clickhouse.add_cell(CellSpec::new("second", CloudProvider::Azure, "westus3".parse().unwrap()))
    };
    let connection = "/properties/manualPrivateLinkServiceConnections/0";
    for (place, value, status) in [
        ("/location".to_owned(), json!("eastus2"), 400),
        ("/properties/subnet/id".to_owned(), json!(subnet), 400),
        (format!("{connection}/properties/privateLinkServiceId"), json!(alias.as_str()), 400),
        (format!("{connection}/name"), json!("another"), 400),
    ] {
        let mut body = arm.body();
        *body.pointer_mut(&place).unwrap() = value;
        let answer = arm.put(&arm.endpoint("orders"), body).await;
        assert_eq!(answer.status, status, "{place}: {answer:?}");
    }
    let mut body = arm.body();
    body["properties"]["customNetworkInterfaceName"] = json!("own");
    assert_eq!(arm.put(&arm.endpoint("orders"), body).await.code(), "PropertyChangeNotAllowed");
    assert_eq!(azure.endpoints().len(), 1);
}

/// Puts an endpoint whose body `change` spoilt; gives status, code and the first detail.
async fn refused(arm: &Arm, change: impl FnOnce(&mut Value)) -> (u16, String, String) {
    let mut body = arm.body();
    change(&mut body);
    let answer = arm.put(&arm.endpoint("orders"), body).await;
    assert!(arm.world.azure().endpoints().is_empty(), "a refused request made something");
    let detail = answer.body["error"]["details"][0]["message"].as_str().unwrap_or_default().to_owned();
    (answer.status, answer.code().to_owned(), detail)
}

#[tokio::test(start_paused = true)]
async fn malformed_requests_are_refused_by_name() {
    let world = World::new();
    let arm = Arm::new(&world);
    let connections = |body: &mut Value| body["properties"]["manualPrivateLinkServiceConnections"].take();
    let (status, code, detail) = refused(&arm, |body| body["properties"]["colour"] = json!("blue")).await;
    assert_eq!((status, code.as_str()), (400, "InvalidRequestFormat"));
    assert!(detail.contains("'colour'") && detail.contains("properties.colour"), "{detail}");

    let (_, code, _) = refused(&arm, |body| drop(body["location"].take())).await;
    assert_eq!(code, "LocationRequired");
    let (_, code, detail) = refused(&arm, |body| drop(connections(body))).await;
    assert_eq!(code, "InvalidRequestFormat");
    assert!(detail.contains("exactly one connection"), "{detail}");

    // An alias belongs into the manual connections.
    let (_, code, _) = refused(&arm, |body| {
        let manual = connections(body);
        body["properties"]["privateLinkServiceConnections"] = manual;
    })
    .await;
    assert_eq!(code, "LinkedInvalidPropertyId");

    let of = |field: &'static str, value: Value| {
        move |body: &mut Value| {
            body["properties"]["manualPrivateLinkServiceConnections"][0]["properties"][field] = value;
        }
    };
    let (_, _, detail) = refused(&arm, of("requestMessage", json!("x".repeat(141)))).await;
    assert!(detail.contains("140"), "{detail}");
    let (_, _, detail) = refused(&arm, of("groupIds", json!(["sql"]))).await;
    assert!(detail.contains("groupIds"), "{detail}");
    let nowhere = "nowhere.00000000-0000-0000-0000-000000000000.westus3.azure.privatelinkservice";
    let (_, code, _) = refused(&arm, of("privateLinkServiceId", json!(nowhere))).await;
    assert_eq!(code, "ThirdPartyPrivateLinkServiceProvidedDuringPrivateEndpointCreationDoesNotExistOrIsNotVisible");

    let (_, code, _) = refused(&arm, |body| body["properties"]["subnet"]["id"] = json!("default")).await;
    assert_eq!(code, "LinkedInvalidPropertyId");
    let elsewhere = format!("{}/subnets/nowhere", world.azure().vnet_id());
    let (_, code, _) = refused(&arm, |body| body["properties"]["subnet"]["id"] = json!(elsewhere)).await;
    assert_eq!(code, "InvalidResourceReference");
    let (_, code, _) = refused(&arm, |body| body["location"] = json!("eastus2")).await;
    assert_eq!(code, "InvalidResourceReference", "the endpoint is where its network is");
    let (_, code, _) = refused(&arm, |body| body["tags"] = json!({ "privlink/link": "x" })).await;
    assert_eq!(code, "InvalidTagNameCharacters");

    let bad = arm.put(&arm.endpoint("-orders-"), arm.body()).await;
    assert_eq!(bad.code(), "InvalidResourceName");
    let text = arm.call(Method::PUT, &arm.endpoint("orders"), None, &[]).await;
    assert_eq!((text.status, text.code()), (415, "UnsupportedMediaType"));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_not_shown_cannot_be_pointed_at() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    azure.show_service_only_to(&arm.alias(), &[]);
    let hidden = arm.put(&arm.endpoint("orders"), arm.body()).await;
    assert!(hidden.code().ends_with("DoesNotExistOrIsNotVisible"), "{hidden:?}");
    azure.show_service_only_to(&arm.alias(), &[azure.subscription()]);
    assert_eq!(arm.put(&arm.endpoint("orders"), arm.body()).await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn a_service_is_pointed_at_by_resource_id_too() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    let mut body = arm.body();
    let service = azure.private_link_service_id(&arm.alias());
    body["properties"]["manualPrivateLinkServiceConnections"][0]["properties"]["privateLinkServiceId"] = json!(service);
    assert_eq!(arm.put(&arm.endpoint("orders"), body).await.status, 201);
    assert_eq!(azure.endpoints()[0].service, arm.alias());
}

#[tokio::test(start_paused = true)]
async fn addresses_names_and_groups_can_be_wished_for() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    let group = azure.add_application_group("databases");
    let mut body = arm.body();
    body["properties"]["customNetworkInterfaceName"] = json!("orders-nic");
    body["properties"]["ipConfigurations"] =
        json!([{ "name": "static", "properties": { "privateIPAddress": "10.0.64.77" } }]);
    body["properties"]["applicationSecurityGroups"] = json!([{ "id": group }]);
    let made = arm.put(&arm.endpoint("orders"), body.clone()).await;
    assert_eq!(made.status, 201, "{made:?}");
    arm.finish(&made).await;
    let card = arm.get(&arm.network("networkInterfaces", "orders-nic")).await;
    let config = &card.body["properties"]["ipConfigurations"][0]["properties"];
    assert_eq!(
        (&config["privateIPAddress"], &config["privateIPAllocationMethod"]),
        (&json!("10.0.64.77"), &json!("Static"))
    );
    let read = arm.get(&arm.endpoint("orders")).await.body;
    assert_eq!(read["properties"]["applicationSecurityGroups"], json!([{ "id": group }]));
    // What was read can be sent back.
    assert_eq!(arm.put(&arm.endpoint("orders"), read).await.status, 200);
    // A replacement without the groups loses them.
    body["properties"].as_object_mut().unwrap().remove("applicationSecurityGroups");
    arm.put(&arm.endpoint("orders"), body.clone()).await;
    let read = arm.get(&arm.endpoint("orders")).await.body;
    assert_eq!(read["properties"]["applicationSecurityGroups"], json!([]));

    body["properties"]["customNetworkInterfaceName"] = json!("second-nic");
    assert_eq!(arm.put(&arm.endpoint("second"), body.clone()).await.code(), "PrivateIPAddressIsAllocated");
    body["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] = json!("10.9.9.9");
    assert_eq!(arm.put(&arm.endpoint("second"), body).await.code(), "PrivateIPAddressNotInSubnet");
}

#[tokio::test(start_paused = true)]
async fn operations_are_told_in_every_form() {
    let put = |arm: &Arm| {
        let (at, body) = (arm.endpoint("orders"), arm.body());
        let arm = Arm::new(&arm.world);
        async move { arm.put(&at, body).await }
    };
    let world = World::new();
    let arm = Arm::new(&world);
    world.azure().switch(|switches| switches.long_running = OnLongRunning::LocationOnly);
    let made = put(&arm).await;
    assert_eq!((made.status, &made.body), (202, &Value::Null));
    assert!(made.header("azure-asyncoperation").is_none());
    let location = made.header("location").unwrap();
    let poll = arm.get(location).await;
    assert_eq!((poll.status, poll.header("location").is_some()), (202, true));
    tokio::time::sleep(Duration::from_secs(20)).await;
    let done = arm.get(location).await;
    assert_eq!((done.status, &done.body["properties"]["provisioningState"]), (200, &json!("Succeeded")));

    let world = World::new();
    let arm = Arm::new(&world);
    world.azure().switch(|switches| switches.long_running = OnLongRunning::BodyOnly);
    let made = put(&arm).await;
    assert_eq!((made.status, &made.body["properties"]["provisioningState"]), (201, &json!("Updating")));
    assert!(made.header("azure-asyncoperation").is_none() && made.header("location").is_none());
    tokio::time::sleep(Duration::from_secs(20)).await;
    let read = arm.get(&arm.endpoint("orders")).await;
    assert_eq!(read.body["properties"]["provisioningState"], "Succeeded");

    let world = World::new();
    let arm = Arm::new(&world);
    world.azure().switch(|switches| switches.long_running = OnLongRunning::AtOnce);
    let made = put(&arm).await;
    assert_eq!((made.status, &made.body["properties"]["provisioningState"]), (201, &json!("Succeeded")));
    assert_eq!(arm.delete(&arm.endpoint("orders")).await.status, 200);
    assert_eq!(arm.get(&arm.endpoint("orders")).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn operations_fail_and_are_cancelled_inside_a_status_200() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    azure.fail_next_operation("InvalidPrivateLinkServiceId", "Private link service id is invalid.");
    let made = arm.put(&arm.endpoint("orders"), arm.body()).await;
    let end = arm.finish(&made).await;
    assert_eq!((&end["status"], &end["error"]["code"]), (&json!("Failed"), &json!("InvalidPrivateLinkServiceId")));
    let read = arm.get(&arm.endpoint("orders")).await;
    assert_eq!(read.body["properties"]["provisioningState"], "Failed");

    azure.cancel_next_operation();
    let made = arm.put(&arm.endpoint("orders"), arm.body()).await;
    assert_eq!((made.status, &arm.finish(&made).await["status"]), (201, &json!("Canceled")));
    // Made again it works, and is listed by the vendor as ever.
    let clickhouse = world.clickhouse();
    let id = azure.id_of("privateEndpoints", "orders");
    clickhouse.attach_text(clickhouse.service_in(CloudProvider::Azure), id.as_str());
    assert_eq!(arm.status("orders").await, "Pending", "nobody approves what could not be made");
    arm.make("orders").await;
    assert_eq!(arm.status("orders").await, "Approved");

    azure.fail_next_operation("InternalServerError", "An error occurred.");
    let gone = arm.delete(&arm.endpoint("orders")).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(arm.get(gone.header("location").unwrap()).await.code(), "InternalServerError");
    assert_eq!(arm.get(&arm.endpoint("orders")).await.status, 200);
    assert_eq!(arm.delete(&arm.endpoint("orders")).await.status, 202);
}

#[tokio::test(start_paused = true)]
async fn poll_urls_lead_back_to_the_caller_or_elsewhere() {
    let world = World::new();
    let arm = Arm::new(&world);
    let made = arm.put(&arm.endpoint("orders"), arm.body()).await;
    assert!(made.header("azure-asyncoperation").unwrap().starts_with("https://management.azure.com/subscriptions/"));
    world.azure().switch(|switches| switches.poll_origin = Some("https://example.com".to_owned()));
    let made = arm.put(&arm.endpoint("billing"), arm.body()).await;
    assert!(made.header("azure-asyncoperation").unwrap().starts_with("https://example.com/subscriptions/"));
}

#[tokio::test(start_paused = true)]
async fn a_subnet_that_somebody_else_changes_is_worth_another_try() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    azure.hold_subnet(&azure.subnet_id(), Duration::from_secs(30));
    let busy = arm.put(&arm.endpoint("orders"), arm.body()).await;
    assert_eq!((busy.status, busy.code()), (429, "RetryableError"));
    assert_eq!(busy.body["error"]["details"][0]["code"], "ReferencedResourceNotProvisioned");
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(arm.put(&arm.endpoint("orders"), arm.body()).await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn endpoints_are_listed_by_group_and_subscription_in_pages() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    for name in ["a", "b", "c"] {
        arm.put(&arm.endpoint(name), arm.body()).await;
    }
    azure.switch(|switches| switches.page_size = 2);
    let (subscription, group) = (azure.subscription(), azure.resource_group());
    for scope in
        [format!("/subscriptions/{subscription}"), format!("/subscriptions/{subscription}/resourceGroups/{group}")]
    {
        let mut next = Some(format!("{scope}/providers/Microsoft.Network/privateEndpoints?api-version={NETWORK}"));
        let mut names = Vec::new();
        while let Some(at) = next {
            let page = arm.get(&at).await;
            assert_eq!(page.status, 200, "{page:?}");
            names.extend(
                page.body["value"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()),
            );
            next = page.body["nextLink"].as_str().map(str::to_owned);
        }
        assert_eq!(names, ["a", "b", "c"], "{scope}");
    }
}

#[tokio::test(start_paused = true)]
async fn fresh_things_can_be_unseen_and_guids_absent() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    azure.switch(|switches| (switches.unseen_reads, switches.resource_guid) = (2, false));
    arm.put(&arm.endpoint("orders"), arm.body()).await;
    assert_eq!(arm.get(&arm.endpoint("orders")).await.status, 404);
    assert_eq!(arm.get(&arm.endpoint("orders")).await.status, 404);
    let read = arm.get(&arm.endpoint("orders")).await;
    assert_eq!(read.status, 200);
    assert!(read.body["properties"].get("resourceGuid").is_none());
}
