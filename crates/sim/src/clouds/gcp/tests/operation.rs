use http::Method;
use serde_json::{Value, json};

use super::super::operation::Failure;
use super::support::{LONG, Lab};

#[test]
fn an_operation_is_pending_running_and_done() {
    let mut lab = Lab::new();
    let back = lab.rule("orders", json!({})).fine();
    assert_eq!(back.body["status"], "PENDING");
    let path = format!("regions/us-central1/operations/{}", back.operation());
    lab.later(3);
    let running = lab.get(&path).fine().body;
    assert_eq!((&running["status"], &running["error"]), (&json!("RUNNING"), &Value::Null));
    lab.later(LONG);
    let done = lab.get(&path).fine().body;
    assert_eq!((&done["status"], &done["progress"]), (&json!("DONE"), &json!(100)));
    assert_eq!(done["targetId"], lab.shown("orders")["id"]);
    assert!(done["selfLink"].as_str().unwrap().ends_with(&path));
    // By its number, and in a list.
    let number = format!("regions/us-central1/operations/{}", done["id"].as_str().unwrap());
    assert_eq!(lab.get(&number).fine().body, done);
    let list = lab.get("regions/us-central1/operations?filter=status%3DDONE").fine().body;
    assert_eq!(list["items"], json!([done]));
    lab.get("regions/us-central1/operations/operation-1").refused(404, "notFound");
    lab.get(&path.replace("us-central1", "us-east1")).refused(404, "notFound");
}

#[test]
fn a_wait_answers_what_there_is() {
    let mut lab = Lab::new();
    let name = lab.rule("orders", json!({})).fine().operation();
    let path = format!("regions/us-central1/operations/{name}/wait");
    assert_eq!(lab.compute(Method::POST, &path, Value::Null).fine().body["status"], "PENDING");
    lab.later(LONG);
    assert_eq!(lab.compute(Method::POST, &path, Value::Null).fine().body["status"], "DONE");
}

#[test]
fn a_failure_comes_with_status_200() {
    let mut lab = Lab::new();
    lab.state.fail_next("insert", Failure::new("RESOURCE_NOT_FOUND", 404, "The resource 'x' was not found"));
    let back = lab.rule("orders", json!({})).fine();
    assert_eq!(back.body["error"], Value::Null);
    lab.later(LONG);
    let done = lab.get(&format!("regions/us-central1/operations/{}", back.operation()));
    assert_eq!((done.status, &done.body["status"]), (200, &json!("DONE")));
    let error = json!({ "errors": [{ "code": "RESOURCE_NOT_FOUND", "message": "The resource 'x' was not found" }] });
    assert_eq!(done.body["error"], error);
    assert_eq!(done.body["httpErrorStatusCode"], 404);
    assert_eq!(done.body["httpErrorMessage"], "NOT FOUND");
    lab.get("regions/us-central1/forwardingRules/orders").refused(404, "notFound");
    // The next one works.
    assert_eq!(lab.standing("orders", json!({}))["name"], "orders");
}

#[test]
fn a_change_that_fails_leaves_things_as_they_were() {
    let mut lab = Lab::new();
    let print = lab.standing("orders", json!({}))["fingerprint"].clone();
    let fail = |lab: &mut Lab, kind| lab.state.fail_next(kind, Failure::new("INTERNAL_ERROR", 500, "Try again."));
    fail(&mut lab, "patch");
    let patch = json!({ "allowPscGlobalAccess": true, "fingerprint": print });
    lab.compute(Method::PATCH, "regions/us-central1/forwardingRules/orders", patch).fine();
    lab.later(LONG);
    assert_eq!(lab.shown("orders")["allowPscGlobalAccess"], false);
    fail(&mut lab, "delete");
    lab.compute(Method::DELETE, "regions/us-central1/forwardingRules/orders", Value::Null).fine();
    lab.later(LONG);
    assert_eq!(lab.shown("orders")["pscConnectionStatus"], "ACCEPTED");
}

#[test]
fn a_request_id_starts_one_operation() {
    const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let mut lab = Lab::new();
    let body = |name: &str| json!({ "name": name, "addressType": "INTERNAL", "subnetwork": "regions/us-central1/subnetworks/a" });
    let path = |id: &str| format!("regions/us-central1/addresses?requestId={id}");
    let first = lab.compute(Method::POST, &path(ID), body("orders")).fine();
    assert_eq!(first.body["clientOperationId"], ID);
    lab.later(LONG);
    let again = lab.compute(Method::POST, &path(ID), body("orders")).fine();
    assert_eq!(again.operation(), first.operation());
    assert_eq!(again.body["status"], "DONE");
    // Whatever the second request asks for, it is not looked at.
    let other = lab.compute(Method::POST, &path(ID), body("billing")).fine();
    assert_eq!(other.operation(), first.operation());
    lab.get("regions/us-central1/addresses/billing").refused(404, "notFound");
    for wrong in ["00000000-0000-0000-0000-000000000000", "orders"] {
        lab.compute(Method::POST, &path(wrong), body("billing")).refused(400, "invalid");
    }
    let new = lab.compute(Method::POST, &path("7c9e6679-7425-40de-944b-e07fc1f90ae7"), body("orders"));
    new.refused(409, "alreadyExists");
}

#[test]
fn what_is_refused_starts_nothing_and_frees_its_request_id() {
    const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let mut lab = Lab::new();
    let path = format!("regions/us-central1/addresses?requestId={ID}");
    lab.compute(Method::POST, &path, json!({ "name": "Wrong" })).refused(400, "invalid");
    let right = json!({ "name": "a", "addressType": "INTERNAL", "subnetwork": "regions/us-central1/subnetworks/a" });
    lab.compute(Method::POST, &path, right).fine();
}
