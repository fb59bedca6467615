use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::support::{Lab, TOKEN, token};

const APEX: &str = "us-central1.p.gcp.clickhouse.cloud.";

#[test]
fn a_private_zone_is_there_at_once() {
    let mut lab = Lab::new();
    let made = lab.zone("orders", APEX).fine().body;
    assert_eq!(made["kind"], "dns#managedZone");
    assert_eq!((&made["dnsName"], &made["visibility"]), (&json!(APEX), &json!("private")));
    assert_eq!(made["privateVisibilityConfig"]["networks"][0]["networkUrl"], lab.network.url());
    assert_eq!(lab.dns(Method::GET, "managedZones/orders", Value::Null).fine().body, made);
    let by_number = format!("managedZones/{}", made["id"].as_str().unwrap());
    assert_eq!(lab.dns(Method::GET, &by_number, Value::Null).fine().body, made);
    let records = lab.dns(Method::GET, "managedZones/orders/rrsets", Value::Null).fine().body;
    let kinds: Vec<&str> = records["rrsets"].as_array().unwrap().iter().map(|r| r["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["NS", "SOA"]);
    let gone = lab.dns(Method::DELETE, "managedZones/orders", Value::Null);
    assert_eq!((gone.status, gone.body), (204, Value::Null));
    let message = "The 'parameters.managedZone' resource named 'orders' does not exist.";
    assert_eq!(lab.dns(Method::GET, "managedZones/orders", Value::Null).refused(404, "notFound"), message);
    lab.dns(Method::DELETE, "managedZones/orders", Value::Null).refused(404, "notFound");
}

#[test]
fn name_dns_name_and_description_are_required() {
    let mut lab = Lab::new();
    for field in ["name", "dnsName", "description"] {
        let mut body = lab.zone_body("orders", APEX);
        body.as_object_mut().unwrap().remove(field);
        let message = format!("The 'entity.managedZone.{field}' parameter is required but was missing.");
        assert_eq!(lab.dns(Method::POST, "managedZones", body).refused(400, "required"), message);
    }
    let mut body = lab.zone_body("orders", APEX);
    body["description"] = json!("");
    lab.dns(Method::POST, "managedZones", body).fine();
}

#[test]
fn values_are_checked() {
    let mut lab = Lab::new();
    for (field, value) in [
        ("name", json!("Orders")),
        ("dnsName", json!("us-central1.p.gcp.clickhouse.cloud")),
        ("dnsName", json!("*.example.com.")),
        ("visibility", json!("secret")),
        ("labels", json!({ "A": "b" })),
    ] {
        let mut body = lab.zone_body("orders", APEX);
        body[field] = value;
        assert!(lab.dns(Method::POST, "managedZones", body).refused(400, "invalid").contains(field), "{field}");
    }
    for url in [
        "projects/example-project/global/networks/main",
        "https://www.googleapis.com/compute/v1/projects/example-project/global/networks/z",
    ] {
        let mut body = lab.zone_body("orders", APEX);
        body["privateVisibilityConfig"]["networks"][0]["networkUrl"] = json!(url);
        lab.dns(Method::POST, "managedZones", body).refused(400, "invalid");
    }
    let mut body = lab.zone_body("orders", APEX);
    body["colour"] = json!("red");
    lab.dns(Method::POST, "managedZones", body).refused(400, "badRequest");
}

#[test]
fn no_network_sees_two_zones_of_one_name() {
    let mut lab = Lab::new();
    lab.zone("orders", APEX).fine();
    lab.zone("orders", "other.example.com.").refused(409, "alreadyExists");
    assert!(lab.zone("second", APEX).refused(400, "invalid").contains("already sees"));
    // Another network may.
    let (now, project) = (lab.now, lab.project.clone());
    let other = lab.state.add_network(now, &project, "other").unwrap();
    let mut body = lab.zone_body("second", APEX);
    body["privateVisibilityConfig"]["networks"][0]["networkUrl"] = json!(other.url());
    lab.dns(Method::POST, "managedZones", body.clone()).fine();
    // And neither may take the other's network.
    let patch = lab.dns(
        Method::PATCH,
        "managedZones/orders",
        json!({ "privateVisibilityConfig": { "networks": [
            { "networkUrl": lab.network.url() }, { "networkUrl": other.url() },
        ]}}),
    );
    patch.refused(400, "invalid");
    // A zone may be visible to several networks, below or above another.
    body["name"] = json!("third");
    body["dnsName"] = json!("p.gcp.clickhouse.cloud.");
    let both = json!([{ "networkUrl": lab.network.url() }, { "networkUrl": other.url() }]);
    body["privateVisibilityConfig"]["networks"] = both;
    let third = lab.dns(Method::POST, "managedZones", body).fine().body;
    assert_eq!(third["privateVisibilityConfig"]["networks"].as_array().unwrap().len(), 2);
}

#[test]
fn zones_are_found_by_their_dns_name() {
    let mut lab = Lab::new();
    for (name, apex) in [("a", APEX), ("b", "b.example.com."), ("c", "c.example.com.")] {
        lab.zone(name, apex).fine();
    }
    let names = |body: &Value| -> Vec<String> {
        body["managedZones"].as_array().unwrap().iter().map(|zone| zone["name"].as_str().unwrap().to_owned()).collect()
    };
    let found = lab.dns(Method::GET, &format!("managedZones?dnsName={APEX}"), Value::Null).fine().body;
    assert_eq!(names(&found), ["a"]);
    let none = lab.dns(Method::GET, "managedZones?dnsName=z.example.com.", Value::Null).fine().body;
    assert_eq!(none["managedZones"], json!([]));
    let first = lab.dns(Method::GET, "managedZones?maxResults=2", Value::Null).fine().body;
    assert_eq!(names(&first), ["a", "b"]);
    let next = format!("managedZones?maxResults=2&pageToken={}", first["nextPageToken"].as_str().unwrap());
    assert_eq!(names(&lab.dns(Method::GET, &next, Value::Null).fine().body), ["c"]);
    lab.dns(Method::GET, "managedZones?pageToken=nonsense", Value::Null).refused(400, "invalid");
}

#[test]
fn a_patch_answers_an_operation() {
    let mut lab = Lab::new();
    lab.zone("orders", APEX).fine();
    let back = lab.dns(Method::PATCH, "managedZones/orders", json!({ "labels": { "a": "b" }, "description": "mine" }));
    let body = back.fine().body;
    assert_eq!(
        (&body["kind"], &body["type"], &body["status"]),
        (&json!("dns#operation"), &json!("update"), &json!("done"))
    );
    assert_eq!(body["zoneContext"]["newValue"]["labels"], json!({ "a": "b" }));
    assert_eq!(body["zoneContext"]["oldValue"]["description"], "for orders");
    let shown = lab.dns(Method::GET, "managedZones/orders", Value::Null).fine().body;
    assert_eq!((&shown["description"], &shown["dnsName"]), (&json!("mine"), &json!(APEX)));
    let message = "The field 'entity.managedZone.dnsName' cannot be modified.";
    let patch = json!({ "dnsName": "b.example.com." });
    assert_eq!(lab.dns(Method::PATCH, "managedZones/orders", patch).refused(400, "invalid"), message);
}

#[test]
fn a_zone_binds_networks_by_permission_in_their_project() {
    let mut lab = Lab::new();
    let path = "/dns/v1/projects/example-project/managedZones";
    lab.state.add_token(token("ya29.dns", Some(&["dns.managedZones.*"])));
    let body = lab.zone_body("orders", APEX);
    let back = lab.send(Some("ya29.dns"), Method::POST, path, body.clone());
    assert_eq!(back.refused(403, "forbidden"), "Forbidden");
    let both = ["dns.managedZones.*", "projects/example-project:dns.networks.bindPrivateDNSZone"];
    lab.state.add_token(token("ya29.both", Some(&both)));
    lab.send(Some("ya29.both"), Method::POST, path, body).fine();
}

#[test]
fn a_zone_with_records_cannot_be_deleted() {
    let mut lab = Lab::new();
    lab.zone("orders", APEX).fine();
    lab.record("orders", APEX, &["10.0.0.2"]).fine();
    let message = "The resource named 'orders' cannot be deleted because it contains one or more 'resource records'.";
    assert_eq!(lab.dns(Method::DELETE, "managedZones/orders", Value::Null).refused(400, "containerNotEmpty"), message);
}

#[test]
fn the_project_shows_its_quota() {
    let mut lab = Lab::new();
    lab.state.behaviour.zone_quota = 1;
    let body = lab.send(Some(TOKEN), Method::GET, "/dns/v1/projects/example-project", Value::Null).fine().body;
    assert_eq!((&body["kind"], &body["quota"]["managedZones"]), (&json!("dns#project"), &json!(1)));
    lab.zone("orders", APEX).fine();
    lab.zone("billing", "b.example.com.").refused(403, "quotaExceeded");
}

#[test]
fn a_pending_patch_says_so() {
    let mut lab = Lab::new();
    lab.state.behaviour.dns_pending = Duration::from_secs(30);
    lab.zone("orders", APEX).fine();
    let networks = json!({ "privateVisibilityConfig": { "networks": [] } });
    let body = lab.dns(Method::PATCH, "managedZones/orders", networks).fine().body;
    assert_eq!(body["status"], "pending");
}
