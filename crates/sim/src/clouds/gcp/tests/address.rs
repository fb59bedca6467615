use http::Method;
use serde_json::{Value, json};

use super::super::LabelsAtInsert;
use super::support::{LONG, Lab};

const ONE: &str = "regions/us-central1/addresses/orders";

#[test]
fn an_address_is_reserving_then_reserved_then_in_use() {
    let mut lab = Lab::new();
    lab.address("orders", json!({ "description": "privlink orders-prod" })).fine();
    let fresh = lab.get(ONE).fine().body;
    assert_eq!(fresh["status"], "RESERVING");
    lab.later(LONG);
    let address = lab.get(ONE).fine().body;
    assert_eq!(address["status"], "RESERVED");
    assert_eq!(address["kind"], "compute#address");
    assert_eq!(address["address"], "10.0.0.2");
    assert_eq!(address["addressType"], "INTERNAL");
    assert_eq!(address["purpose"], "GCE_ENDPOINT");
    assert_eq!(address["description"], "privlink orders-prod");
    assert!(address["id"].as_str().unwrap().parse::<u64>().is_ok());
    assert_eq!(address["users"], Value::Null);
    lab.standing("orders", json!({ "IPAddress": "regions/us-central1/addresses/orders" }));
    let used = lab.get(ONE).fine().body;
    assert_eq!(used["status"], "IN_USE");
    let user =
        "https://www.googleapis.com/compute/v1/projects/example-project/regions/us-central1/forwardingRules/orders";
    assert_eq!(used["users"], json!([user]));
}

#[test]
fn an_address_in_use_cannot_be_deleted() {
    let mut lab = Lab::new();
    lab.address("orders", json!({})).fine();
    lab.later(LONG);
    lab.standing("orders", json!({ "IPAddress": "orders" }));
    lab.compute(Method::DELETE, ONE, Value::Null).refused(400, "resourceInUseByAnotherResource");
    lab.compute(Method::DELETE, "regions/us-central1/forwardingRules/orders", Value::Null).fine();
    // The rule is there until its operation is done.
    lab.compute(Method::DELETE, ONE, Value::Null).refused(400, "resourceInUseByAnotherResource");
    lab.later(LONG);
    let back = lab.compute(Method::DELETE, ONE, Value::Null).fine();
    assert_eq!(back.body["operationType"], "delete");
    assert_eq!(lab.get(ONE).status, 200);
    lab.later(LONG);
    lab.get(ONE).refused(404, "notFound");
    lab.compute(Method::DELETE, ONE, Value::Null).refused(404, "notFound");
}

#[test]
fn names_are_taken_and_checked() {
    let mut lab = Lab::new();
    lab.address("orders", json!({})).fine();
    lab.address("orders", json!({})).refused(409, "alreadyExists");
    lab.address("Orders", json!({})).refused(400, "invalid");
    lab.address("orders", json!({ "name": null })).refused(400, "required");
}

#[test]
fn unknown_fields_and_wrong_types_are_refused() {
    let mut lab = Lab::new();
    let seen = lab.address("orders", json!({ "colour": "red" }));
    assert!(seen.refused(400, "badRequest").contains("Unknown name \"colour\" at 'resource'"));
    lab.address("orders", json!({ "description": 7 })).refused(400, "badRequest");
    lab.address("orders", json!({ "addressType": "SECRET" })).refused(400, "invalid");
}

#[test]
fn a_wanted_address_must_be_in_the_subnet_and_free() {
    let mut lab = Lab::new();
    for outside in ["10.0.1.7", "10.0.0.0", "10.0.0.1", "10.0.0.255", "10.0.0.254"] {
        lab.address("orders", json!({ "address": outside })).refused(400, "invalid");
    }
    lab.address("orders", json!({ "address": "10.0.0.7" })).fine();
    // That it is taken shows when the operation runs.
    let operation = lab.address("billing", json!({ "address": "10.0.0.7" })).fine().operation();
    lab.later(LONG);
    let done = lab.get(&format!("regions/us-central1/operations/{operation}")).fine().body;
    assert_eq!(done["error"]["errors"][0]["code"], "IP_IN_USE_BY_ANOTHER_RESOURCE");
    assert_eq!(lab.get("regions/us-central1/addresses/billing").status, 404);
}

#[test]
fn the_subnet_must_be_there_and_of_the_region() {
    let mut lab = Lab::new();
    lab.address("orders", json!({ "subnetwork": "regions/us-central1/subnetworks/z" })).refused(404, "notFound");
    lab.address("orders", json!({ "subnetwork": "regions/us-east1/subnetworks/b" })).refused(400, "invalid");
    lab.address("orders", json!({ "subnetwork": "a" })).refused(400, "invalid");
    lab.address("orders", json!({ "subnetwork": "regions/us-central1/subnetworks/a" })).fine();
}

#[test]
fn labels_at_insert_are_not_to_be_relied_on() {
    let labels = json!({ "labels": { "privlink": "orders" } });
    for (how, kept) in [(LabelsAtInsert::Dropped, Value::Null), (LabelsAtInsert::Kept, labels["labels"].clone())] {
        let mut lab = Lab::new();
        lab.state.behaviour.labels_at_insert = how;
        lab.address("orders", labels.clone()).fine();
        assert_eq!(lab.get(ONE).body["labels"], kept, "{how:?}");
    }
    let mut lab = Lab::new();
    lab.state.behaviour.labels_at_insert = LabelsAtInsert::Refused;
    lab.address("orders", labels).refused(400, "invalid");
}

#[test]
fn labels_are_set_with_their_fingerprint_only() {
    let mut lab = Lab::new();
    lab.address("orders", json!({})).fine();
    lab.later(LONG);
    let path = format!("{ONE}/setLabels");
    let stale = json!({ "labels": { "a": "b" }, "labelFingerprint": "AAAAAAAAAAA=" });
    lab.compute(Method::POST, &path, stale).refused(412, "conditionNotMet");
    lab.compute(Method::POST, &path, json!({ "labels": { "a": "b" } })).refused(400, "required");
    let print = lab.get(ONE).body["labelFingerprint"].clone();
    let wrong = json!({ "labels": { "A": "b" }, "labelFingerprint": print });
    lab.compute(Method::POST, &path, wrong).refused(400, "invalid");
    let right = json!({ "labels": { "a": "b" }, "labelFingerprint": print });
    lab.compute(Method::POST, &path, right.clone()).fine();
    lab.later(LONG);
    let shown = lab.get(ONE).body;
    assert_eq!(shown["labels"], json!({ "a": "b" }));
    assert_ne!(shown["labelFingerprint"], print);
    lab.compute(Method::POST, &path, right).refused(412, "conditionNotMet");
}

#[test]
fn a_full_quota_shows_in_the_operation_or_at_once() {
    let mut lab = Lab::new();
    lab.state.behaviour.address_quota = 1;
    lab.address("orders", json!({})).fine();
    let operation = lab.address("billing", json!({})).fine().operation();
    lab.later(LONG);
    let done = lab.get(&format!("regions/us-central1/operations/{operation}")).fine().body;
    assert_eq!(done["error"]["errors"][0]["code"], "QUOTA_EXCEEDED");
    assert_eq!(done["httpErrorStatusCode"], 403);
    assert_eq!(done["error"]["errors"][0]["errorDetails"][0]["quotaInfo"]["limit"], 1);
    lab.state.behaviour.quota_in_operation = false;
    lab.address("billing", json!({})).refused(403, "quotaExceeded");
}

#[test]
fn lists_have_pages_and_filters() {
    let mut lab = Lab::new();
    let empty = lab.get("regions/us-central1/addresses").fine().body;
    assert_eq!((&empty["kind"], &empty["items"]), (&json!("compute#addressList"), &Value::Null));
    for name in ["a", "b", "c"] {
        lab.address(name, json!({})).fine();
    }
    let names = |body: &Value| -> Vec<String> {
        body["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let first = lab.get("regions/us-central1/addresses?maxResults=2").fine().body;
    assert_eq!(names(&first), ["a", "b"]);
    let token = first["nextPageToken"].as_str().unwrap();
    let second = lab.get(&format!("regions/us-central1/addresses?maxResults=2&pageToken={token}")).fine().body;
    assert_eq!((names(&second), &second["nextPageToken"]), (vec!["c".to_owned()], &Value::Null));
    let found = lab.get("regions/us-central1/addresses?filter=name%20%3D%20b").fine().body;
    assert_eq!(names(&found), ["b"]);
    lab.get("regions/us-central1/addresses?filter=name").refused(400, "invalid");
    lab.get("regions/us-central1/addresses?pageToken=nonsense").refused(400, "invalid");
    lab.get("regions/us-central1/addresses?maxResults=501").refused(400, "invalid");
    assert_eq!(lab.get("regions/us-east1/addresses").fine().body["items"], Value::Null);
}

#[test]
fn a_fresh_address_may_be_unseen_for_some_reads() {
    let mut lab = Lab::new();
    lab.state.behaviour.unseen_reads = 2;
    lab.address("orders", json!({})).fine();
    assert_eq!([lab.get(ONE).status, lab.get(ONE).status, lab.get(ONE).status], [404, 404, 200]);
}
