//! The simulated Azure's private DNS, from the wire and from inside the network.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::net::IpAddr;
use std::time::Duration;

use common::arm::Arm;
use http::Method;
use privlink_core::DnsName;
use privlink_sim::{OnLongRunning, World};
use serde_json::{Value, json};

const ZONE: &str = "abc.westus3.privatelink.azure.clickhouse.cloud";

fn zone() -> Value {
    json!({ "location": "global", "tags": { "owner": "example" } })
}

fn link(world: &World) -> Value {
    json!({
        "location": "global",
        "properties": { "virtualNetwork": { "id": world.azure().vnet_id() }, "registrationEnabled": false },
    })
}

fn record(address: &str) -> Value {
    json!({ "properties": { "ttl": 300, "aRecords": [{ "ipv4Address": address }], "metadata": { "owner": "example" } } })
}

/// A linked zone.
async fn linked(arm: &Arm, name: &str) {
    for (inside, body) in [("", zone()), ("/virtualNetworkLinks/main", link(&arm.world))] {
        let made = arm.put(&arm.dns(name, inside), body).await;
        assert_eq!(made.status, 202, "{made:?}");
        assert_eq!(arm.finish(&made).await["status"], "Succeeded");
    }
}

fn resolve(world: &World, name: &str) -> Vec<IpAddr> {
    let name: DnsName = name.parse().unwrap();
    world.vantage(&world.azure().subnet_id()).resolve(&name)
}

#[tokio::test(start_paused = true)]
async fn a_name_resolves_once_zone_link_and_record_are_there_and_not_after() {
    let world = World::new();
    let arm = Arm::new(&world);
    let made = arm.put(&arm.dns(ZONE, ""), zone()).await;
    assert_eq!((made.status, &made.body), (202, &Value::Null));
    assert!(made.header("azure-asyncoperation").is_some() && made.header("location").is_some());
    assert_eq!(arm.get(&arm.dns(ZONE, "")).await.body["properties"]["provisioningState"], "Creating");
    arm.finish(&made).await;
    let done = arm.get(made.header("location").unwrap()).await;
    assert_eq!((done.status, &done.body["name"]), (200, &json!(ZONE)));

    let at = arm.dns(ZONE, "/A/@");
    let written = arm.put(&at, record("10.0.64.5")).await;
    assert_eq!((written.status, &written.body["properties"]["fqdn"]), (201, &json!(format!("{ZONE}."))));
    assert_eq!(written.body["properties"]["metadata"], json!({ "owner": "example" }));
    assert!(resolve(&world, ZONE).is_empty(), "the zone is not linked");

    let made = arm.put(&arm.dns(ZONE, "/virtualNetworkLinks/main"), link(&world)).await;
    let fresh = arm.get(&arm.dns(ZONE, "/virtualNetworkLinks/main")).await.body;
    assert_eq!(fresh["properties"]["virtualNetworkLinkState"], "InProgress");
    assert!(resolve(&world, ZONE).is_empty(), "the link is not whole");
    arm.finish(&made).await;
    let fresh = arm.get(&arm.dns(ZONE, "/virtualNetworkLinks/main")).await.body;
    assert_eq!(fresh["properties"]["virtualNetworkLinkState"], "Completed");
    assert_eq!(resolve(&world, ZONE), [IpAddr::from([10, 0, 64, 5])]);
    let counts = arm.get(&arm.dns(ZONE, "")).await.body["properties"].clone();
    assert_eq!((&counts["numberOfRecordSets"], &counts["numberOfVirtualNetworkLinks"]), (&json!(2), &json!(1)));

    let kept = arm.delete(&arm.dns(ZONE, "")).await;
    assert_eq!((kept.status, kept.code()), (409, "CannotDeleteResource"), "a linked zone stays");
    let gone = arm.delete(&arm.dns(ZONE, "/virtualNetworkLinks/main")).await;
    assert_eq!(gone.status, 202);
    arm.finish(&gone).await;
    assert!(resolve(&world, ZONE).is_empty());
    let gone = arm.delete(&arm.dns(ZONE, "")).await;
    assert_eq!(arm.finish(&gone).await["status"], "Succeeded");
    assert_eq!(arm.get(gone.header("location").unwrap()).await.status, 204);
    assert_eq!(arm.get(&arm.dns(ZONE, "")).await.code(), "ResourceNotFound");
    assert_eq!(arm.get(&at).await.code(), "ParentResourceNotFound");
    for inside in ["", "/virtualNetworkLinks/main", "/A/@"] {
        assert_eq!(arm.delete(&arm.dns(ZONE, inside)).await.status, 204, "{inside}");
    }
}

#[tokio::test(start_paused = true)]
async fn apex_exact_and_wildcard_answer_as_dns_does() {
    let world = World::new();
    let arm = Arm::new(&world);
    linked(&arm, "example.com").await;
    for (name, address) in [("@", "10.0.64.10"), ("db", "10.0.64.11"), ("*", "10.0.64.12"), ("a.b", "10.0.64.13")] {
        assert_eq!(
            arm.put(&arm.dns("example.com", &format!("/A/{name}")), record(address)).await.status,
            201,
            "{name}"
        );
    }
    let last = |name: &str| {
        let found = resolve(&world, name);
        found.first().map(|address| match address {
            IpAddr::V4(v4) => v4.octets()[3],
            IpAddr::V6(_) => panic!("an IPv6 address"),
        })
    };
    for (name, found) in [
        ("example.com", Some(10)),
        ("db.example.com", Some(11)),
        ("other.example.com", Some(12)),
        ("x.y.example.com", Some(12)),
        ("a.b.example.com", Some(13)),
        // It exists, as something is below it, and no wildcard reaches past it.
        ("b.example.com", None),
        ("c.b.example.com", None),
        ("example.org", None),
    ] {
        assert_eq!(last(name), found, "{name}");
    }
    // A narrower zone answers with authority, even when it is empty.
    linked(&arm, "db.example.com").await;
    assert_eq!(last("db.example.com"), None);
    assert_eq!(last("other.example.com"), Some(12));
}

#[tokio::test(start_paused = true)]
async fn escaped_names_are_the_names_and_capitals_are_lowered() {
    let world = World::new();
    let arm = Arm::new(&world);
    linked(&arm, "example.com").await;
    assert_eq!(arm.put(&arm.dns("example.com", "/A/%2A"), record("10.0.64.5")).await.body["name"], "*");
    assert_eq!(arm.put(&arm.dns("example.com", "/A/*"), record("10.0.64.6")).await.status, 200);
    let made = arm.put(&arm.dns("example.com", "/a/Orders"), record("10.0.64.7")).await;
    assert_eq!((made.status, &made.body["name"]), (201, &json!("orders")));
    assert!(made.body["id"].as_str().unwrap().ends_with("/privateDnsZones/example.com/A/orders"));
    let listed = arm.get(&arm.dns("example.com", "/A")).await.body;
    let names: Vec<&str> =
        listed["value"].as_array().unwrap().iter().map(|set| set["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["*", "orders"]);
    let all = arm.get(&arm.dns("example.com", "/ALL")).await.body;
    assert_eq!(all["value"].as_array().unwrap().len(), 3, "the zone's SOA is one too");
}

#[tokio::test(start_paused = true)]
async fn conditions_guard_zones_links_and_records() {
    let world = World::new();
    let arm = Arm::new(&world);
    let only_new = [("if-none-match", "*")];
    for (inside, body) in [("", zone()), ("/virtualNetworkLinks/main", link(&world)), ("/A/@", record("10.0.64.5"))] {
        let at = arm.dns(ZONE, inside);
        let early = arm.call(Method::PUT, &at, Some(body.clone()), &[("if-match", "*")]).await;
        assert_eq!(early.code(), "PreconditionFailed", "{inside}: nothing to match yet");
        let made = arm.call(Method::PUT, &at, Some(body.clone()), &only_new).await;
        assert!((200..300).contains(&made.status), "{inside}: {made:?}");
        if made.status == 202 {
            arm.finish(&made).await;
        }
        let again = arm.call(Method::PUT, &at, Some(body.clone()), &only_new).await;
        assert_eq!((again.status, again.code()), (412, "PreconditionFailed"), "{inside}");
        let etag = arm.get(&at).await.body["etag"].as_str().unwrap().to_owned();
        let other = [("if-match", "00000000-0000-0000-0000-000000000000")];
        assert_eq!(arm.call(Method::PUT, &at, Some(body.clone()), &other).await.status, 412, "{inside}");
        assert_eq!(arm.call(Method::DELETE, &at, None, &other).await.status, 412, "{inside}");
        let same = arm.call(Method::PUT, &at, Some(body), &[("if-match", etag.as_str())]).await;
        assert_eq!(same.status, 200, "{inside}: {same:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_record_has_another_etag_and_a_patch_keeps_the_rest() {
    let world = World::new();
    let arm = Arm::new(&world);
    linked(&arm, "example.com").await;
    let at = arm.dns("example.com", "/A/db");
    let first = arm.put(&at, record("10.0.64.5")).await.body;
    let second = arm.put(&at, record("10.0.64.6")).await.body;
    assert_ne!(first["etag"], second["etag"]);
    let patch = json!({ "properties": { "ttl": 60 } });
    let third = arm.call(Method::PATCH, &at, Some(patch), &[]).await.body;
    assert_eq!(third["properties"]["ttl"], 60);
    assert_eq!(third["properties"]["aRecords"], second["properties"]["aRecords"]);
    assert_eq!(third["properties"]["metadata"], json!({ "owner": "example" }));
    let absent = arm.call(Method::PATCH, &arm.dns("example.com", "/A/no"), Some(record("10.0.0.1")), &[]).await;
    assert_eq!(absent.status, 404);
    assert_eq!(arm.delete(&at).await.status, 200);
    assert_eq!(arm.get(&at).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn aliases_are_followed_and_stand_alone() {
    let world = World::new();
    let arm = Arm::new(&world);
    linked(&arm, "example.com").await;
    let cname = |target: &str| json!({ "properties": { "ttl": 60, "cnameRecord": { "cname": target } } });
    arm.put(&arm.dns("example.com", "/A/db"), record("10.0.64.5")).await;
    assert_eq!(arm.put(&arm.dns("example.com", "/CNAME/db"), cname("x.example.com")).await.status, 409);
    arm.put(&arm.dns("example.com", "/CNAME/alias"), cname("db.example.com.")).await;
    arm.put(&arm.dns("example.com", "/CNAME/out"), cname("public.example.org")).await;
    arm.put(&arm.dns("example.com", "/CNAME/ring"), cname("ring.example.com")).await;
    let public = IpAddr::from([198, 51, 100, 7]);
    world.publish_name("public.example.org".parse().unwrap(), vec![public]);
    assert_eq!(resolve(&world, "alias.example.com"), [IpAddr::from([10, 0, 64, 5])]);
    assert_eq!(resolve(&world, "out.example.com"), [public]);
    assert!(resolve(&world, "ring.example.com").is_empty());
    let text = json!({ "properties": { "ttl": 60, "txtRecords": [{ "value": ["v=1"] }] } });
    assert_eq!(arm.put(&arm.dns("example.com", "/TXT/note"), text.clone()).await.status, 201);
    let read = arm.get(&arm.dns("example.com", "/TXT/note")).await.body;
    assert_eq!(read["properties"]["txtRecords"], text["properties"]["txtRecords"]);
    assert!(resolve(&world, "note.example.com").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_network_sees_one_zone_of_a_name() {
    let world = World::new();
    let arm = Arm::new(&world);
    linked(&arm, "example.com").await;
    let azure = world.azure();
    let second = arm.put(&arm.dns("example.com", "/virtualNetworkLinks/second"), link(&world)).await;
    assert_eq!((second.status, second.code()), (409, "Conflict"));
    // The same name in another resource group is another zone, but not for the same network.
    azure.add_resource_group(&azure.subscription(), "hub", &azure.region());
    let hub = |inside: &str| arm.dns("example.com", inside).replace("/resourceGroups/example/", "/resourceGroups/hub/");
    let made = arm.put(&hub(""), zone()).await;
    arm.finish(&made).await;
    assert_eq!(arm.put(&hub("/virtualNetworkLinks/main"), link(&world)).await.code(), "Conflict");
    let other = azure.add_vnet("other", &azure.region(), "10.7.0.0/16".parse().unwrap());
    let body = json!({ "location": "global", "properties": { "virtualNetwork": { "id": other } } });
    assert_eq!(arm.put(&hub("/virtualNetworkLinks/other"), body).await.status, 202);
}

#[tokio::test(start_paused = true)]
async fn what_a_zone_lacks_can_be_redirected_to_public_dns() {
    let world = World::new();
    let arm = Arm::new(&world);
    linked(&arm, "example.com").await;
    let public = IpAddr::from([198, 51, 100, 7]);
    world.publish_name("db.example.com".parse().unwrap(), vec![public]);
    assert!(resolve(&world, "db.example.com").is_empty(), "an empty zone hides public names");
    let mut body = link(&world);
    body["properties"]["resolutionPolicy"] = json!("NxDomainRedirect");
    let changed = arm.put(&arm.dns("example.com", "/virtualNetworkLinks/main"), body).await;
    arm.finish(&changed).await;
    assert_eq!(resolve(&world, "db.example.com"), [public]);
    // Name servers of the network's own know nothing of the zones.
    arm.put(&arm.dns("example.com", "/A/db"), record("10.0.64.5")).await;
    assert_eq!(resolve(&world, "db.example.com"), [IpAddr::from([10, 0, 64, 5])]);
    world.azure().set_dns_servers(&world.azure().vnet_id(), vec![[10, 0, 64, 200].into()]);
    assert_eq!(resolve(&world, "db.example.com"), [public]);
}

#[tokio::test(start_paused = true)]
async fn wrong_requests_are_refused_and_leave_nothing() {
    let world = World::new();
    let arm = Arm::new(&world);
    let before = world.snapshot();
    let west = json!({ "location": "westus3" });
    assert_eq!(arm.put(&arm.dns(ZONE, ""), west).await.code(), "LocationNotAvailableForResourceType");
    assert_eq!(arm.put(&arm.dns(ZONE, ""), json!({})).await.code(), "LocationRequired");
    assert_eq!(arm.put(&arm.dns("single", ""), zone()).await.code(), "BadRequest");
    let unknown = json!({ "location": "global", "colour": "blue" });
    assert_eq!(arm.put(&arm.dns(ZONE, ""), unknown).await.status, 400);
    assert_eq!(arm.put(&arm.dns(ZONE, "/A/@"), record("10.0.0.1")).await.code(), "ParentResourceNotFound");
    assert_eq!(arm.put(&arm.dns(ZONE, "/virtualNetworkLinks/x"), link(&world)).await.code(), "ParentResourceNotFound");
    assert_eq!(world.snapshot(), before);

    linked(&arm, ZONE).await;
    let before = world.snapshot();
    for body in [
        json!({ "properties": { "aRecords": [] } }),
        json!({ "properties": { "ttl": 0, "aRecords": [] } }),
        json!({ "properties": { "ttl": 60, "aRecords": [{ "ipv4Address": "10.0.0" }] } }),
        json!({ "properties": { "ttl": 60, "aRecords": [{ "ipv4Address": "10.0.0.1" }, { "ipv4Address": "10.0.0.1" }] } }),
        json!({ "properties": { "ttl": 60, "aaaaRecords": [{ "ipv6Address": "::1" }] } }),
        json!({ "properties": { "ttl": 60, "aRecords": "10.0.0.1" } }),
    ] {
        let answer = arm.put(&arm.dns(ZONE, "/A/@"), body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
    }
    assert_eq!(arm.put(&arm.dns(ZONE, "/A/a..b"), record("10.0.0.1")).await.status, 400);
    assert_eq!(arm.delete(&arm.dns(ZONE, "/SOA/@")).await.status, 400);
    let nowhere = json!({ "location": "global", "properties": { "virtualNetwork": {
        "id": world.azure().id_of("virtualNetworks", "nowhere") } } });
    assert_eq!(arm.put(&arm.dns(ZONE, "/virtualNetworkLinks/x"), nowhere).await.code(), "InvalidResourceReference");
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(start_paused = true)]
async fn zones_can_be_made_at_once_fail_and_be_busy() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    azure.fail_next_operation("InternalServerError", "An error occurred.");
    let made = arm.put(&arm.dns(ZONE, ""), zone()).await;
    let busy = arm.put(&arm.dns(ZONE, ""), zone()).await;
    assert_eq!(busy.code(), "AnotherOperationInProgress");
    assert_eq!(arm.finish(&made).await["error"]["code"], "InternalServerError");
    assert_eq!(arm.get(&arm.dns(ZONE, "")).await.body["properties"]["provisioningState"], "Failed");
    azure.switch(|switches| switches.long_running = OnLongRunning::AtOnce);
    let made = arm.put(&arm.dns(ZONE, ""), zone()).await;
    assert_eq!((made.status, &made.body["properties"]["provisioningState"]), (201, &json!("Succeeded")));
    let made = arm.put(&arm.dns(ZONE, "/virtualNetworkLinks/main"), link(&world)).await;
    assert_eq!((made.status, &made.body["properties"]["virtualNetworkLinkState"]), (201, &json!("Completed")));
    assert_eq!(arm.delete(&arm.dns(ZONE, "/virtualNetworkLinks/main")).await.status, 200);
    assert_eq!(arm.delete(&arm.dns(ZONE, "")).await.status, 200);
    azure.switch(|switches| switches.long_running = OnLongRunning::LocationOnly);
    let made = arm.put(&arm.dns(ZONE, ""), zone()).await;
    assert!(made.status == 202 && made.header("azure-asyncoperation").is_none());
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert_eq!(arm.get(made.header("location").unwrap()).await.status, 200);
}
