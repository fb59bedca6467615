use http::Method;
use serde_json::{Value, json};

use super::support::{ATTACHMENT, LONG, Lab, attachment};

const ONE: &str = "regions/us-central1/forwardingRules/orders";

#[test]
fn an_endpoint_is_shown_with_its_exact_connection() {
    let mut lab = Lab::new();
    lab.address("orders", json!({})).fine();
    lab.later(LONG);
    let given = json!({
        "IPAddress": "projects/example-project/regions/us-central1/addresses/orders",
        "description": "privlink orders-prod",
        "noAutomateDnsZone": true,
    });
    let back = lab.rule("orders", given).fine();
    let (kind, target) = (&back.body["operationType"], back.body["targetLink"].as_str().unwrap());
    assert_eq!(kind, "insert");
    assert!(target.ends_with("/projects/example-project/regions/us-central1/forwardingRules/orders"), "{target}");
    // While it is made there is no connection yet.
    assert_eq!(lab.shown("orders")["pscConnectionId"], Value::Null);
    lab.later(LONG);
    let rule = lab.shown("orders");
    let id: u64 = rule["pscConnectionId"].as_str().expect("a string").parse().unwrap();
    assert!(id > 1 << 53, "{id}");
    assert_eq!(rule["pscConnectionStatus"], "ACCEPTED");
    assert_eq!(rule["IPAddress"], "10.0.0.2", "a literal address, whatever it was made with");
    assert_eq!(rule["target"], format!("https://www.googleapis.com/compute/v1/{ATTACHMENT}"));
    assert_eq!(rule["description"], "privlink orders-prod");
    assert_eq!(rule["noAutomateDnsZone"], true);
    assert_eq!(rule["allowPscGlobalAccess"], false);
    assert_eq!(rule["serviceDirectoryRegistrations"], json!([{ "namespace": "goog-psc-default" }]));
    assert_eq!(rule["loadBalancingScheme"], Value::Null);
    let id = rule["id"].as_str().unwrap();
    assert!(rule["selfLinkWithId"].as_str().unwrap().ends_with(&format!("/forwardingRules/{id}")));
    // A resource goes by its number too.
    assert_eq!(lab.get(&format!("regions/us-central1/forwardingRules/{id}")).fine().body["name"], "orders");
}

#[test]
fn the_target_must_be_an_attachment_of_the_region() {
    let mut lab = Lab::new();
    for target in [
        "projects/producer/regions/us-east1/serviceAttachments/production",
        "projects/producer/regions/us-central1/serviceAttachments/unheard-of",
        "projects/producer/regions/us-central1/targetPools/x",
        "production",
    ] {
        let back = lab.rule("orders", json!({ "target": target }));
        assert!(back.refused(400, "invalid").contains("Invalid value for field 'resource.target'"), "{target}");
    }
    lab.rule("orders", json!({ "target": null })).refused(400, "required");
    let url = format!("https://www.googleapis.com/compute/v1/{ATTACHMENT}");
    lab.rule("orders", json!({ "target": url })).fine();
}

#[test]
fn fields_of_load_balancers_are_refused() {
    let mut lab = Lab::new();
    for (field, value) in [
        ("loadBalancingScheme", json!("EXTERNAL")),
        ("loadBalancingScheme", json!("INTERNAL")),
        ("ports", json!(["443"])),
        ("IPProtocol", json!("TCP")),
        ("backendService", json!("x")),
        ("allPorts", json!(true)),
    ] {
        let back = lab.rule("orders", json!({ field: value }));
        assert!(back.refused(400, "invalid").contains(field), "{field}");
    }
    lab.rule("orders", json!({ "pscTarget": "x" })).refused(400, "badRequest");
    lab.rule("orders", json!({ "loadBalancingScheme": "" })).fine();
}

#[test]
fn global_access_needs_the_producer() {
    let mut lab = Lab::new();
    lab.state.change_attachment(&attachment(), |known| known.global_access = false).unwrap();
    let back = lab.rule("orders", json!({ "allowPscGlobalAccess": true }));
    assert!(back.refused(400, "invalid").contains("global access is not supported"));
    lab.standing("orders", json!({}));
    let print = lab.shown("orders")["fingerprint"].clone();
    let patch = json!({ "allowPscGlobalAccess": true, "fingerprint": print });
    lab.compute(Method::PATCH, ONE, patch).refused(400, "invalid");
}

#[test]
fn global_access_is_patched_with_the_fingerprint() {
    let mut lab = Lab::new();
    let print = lab.standing("orders", json!({}))["fingerprint"].clone();
    lab.compute(Method::PATCH, ONE, json!({ "allowPscGlobalAccess": true })).refused(412, "conditionNotMet");
    let stale = json!({ "allowPscGlobalAccess": true, "fingerprint": "AAAAAAAAAAA=" });
    lab.compute(Method::PATCH, ONE, stale).refused(412, "conditionNotMet");
    let patch = json!({ "allowPscGlobalAccess": true, "fingerprint": print });
    let back = lab.compute(Method::PATCH, ONE, patch.clone()).fine();
    assert_eq!(back.body["operationType"], "patch");
    assert_eq!(lab.shown("orders")["allowPscGlobalAccess"], false, "not before the operation is done");
    // One operation at a time.
    lab.compute(Method::PATCH, ONE, patch.clone()).refused(400, "resourceNotReady");
    lab.later(LONG);
    let shown = lab.shown("orders");
    assert_eq!(shown["allowPscGlobalAccess"], true);
    assert_ne!(shown["fingerprint"], print);
    lab.compute(Method::PATCH, ONE, patch).refused(412, "conditionNotMet");
    lab.state.behaviour.patch_needs_fingerprint = false;
    lab.compute(Method::PATCH, ONE, json!({ "allowPscGlobalAccess": false })).fine();
}

#[test]
fn nothing_else_can_be_changed() {
    let mut lab = Lab::new();
    let shown = lab.standing("orders", json!({}));
    let other = "projects/producer/regions/us-central1/serviceAttachments/other";
    for (field, value) in [
        ("target", json!(other)),
        ("description", json!("mine")),
        ("noAutomateDnsZone", json!(true)),
        ("IPAddress", json!("10.0.0.9")),
        ("network", json!("global/networks/other")),
    ] {
        let patch = json!({ field: value, "fingerprint": shown["fingerprint"] });
        assert!(lab.compute(Method::PATCH, ONE, patch).refused(400, "invalid").contains(field), "{field}");
    }
    // What says the same is no change.
    let same = json!({ "target": ATTACHMENT, "allowPscGlobalAccess": true, "fingerprint": shown["fingerprint"] });
    lab.compute(Method::PATCH, ONE, same).fine();
    lab.compute(Method::POST, &format!("{ONE}/setTarget"), json!({ "target": other })).refused(400, "invalid");
}

#[test]
fn an_address_is_used_by_one_endpoint() {
    let mut lab = Lab::new();
    lab.address("orders", json!({})).fine();
    lab.rule("orders", json!({ "IPAddress": "orders" })).refused(400, "resourceNotReady");
    lab.later(LONG);
    lab.rule("orders", json!({ "IPAddress": "nobody" })).refused(400, "invalid");
    lab.rule("orders", json!({ "IPAddress": "regions/us-east1/addresses/orders" })).refused(400, "invalid");
    // By its number, and yet the reserved one.
    lab.rule("orders", json!({ "IPAddress": "10.0.0.2" })).fine();
    assert_eq!(lab.get("regions/us-central1/addresses/orders").body["status"], "IN_USE");
    lab.rule("billing", json!({ "IPAddress": "orders" })).refused(400, "invalid");
    // Without one an ephemeral address is taken.
    assert_eq!(lab.standing("billing", json!({}))["IPAddress"], "10.0.0.3");
    let operation = lab.rule("third", json!({ "IPAddress": "10.0.0.3" })).fine().operation();
    lab.later(LONG);
    let done = lab.get(&format!("regions/us-central1/operations/{operation}")).fine().body;
    assert_eq!(done["error"]["errors"][0]["code"], "IP_IN_USE_BY_ANOTHER_RESOURCE");
}

#[test]
fn the_network_comes_by_itself_or_with_a_subnet() {
    let mut lab = Lab::new();
    // Without either it is the network `default`, which is not there.
    lab.rule("orders", json!({ "network": null })).refused(400, "invalid");
    lab.rule("orders", json!({ "network": "global/networks/nobodys" })).refused(400, "invalid");
    let subnet = json!({ "network": null, "subnetwork": "regions/us-central1/subnetworks/a" });
    lab.rule("orders", subnet).fine();
    let shown = lab.shown("orders");
    assert!(shown["network"].as_str().unwrap().ends_with("/networks/main"));
    assert!(shown["subnetwork"].as_str().unwrap().ends_with("/subnetworks/a"));
}

#[test]
fn a_namespace_is_of_the_rules_project_and_region() {
    let mut lab = Lab::new();
    let with = |text: &str| json!({ "serviceDirectoryRegistrations": [{ "namespace": text }] });
    for wrong in [
        "projects/example-project/locations/us-east1/namespaces/own",
        "projects/other-project/locations/us-central1/namespaces/own",
        "projects/example-project/locations/us-central1",
    ] {
        lab.rule("orders", with(wrong)).refused(400, "invalid");
    }
    let two = json!({ "serviceDirectoryRegistrations": [{ "namespace": "a" }, { "namespace": "b" }] });
    lab.rule("orders", two).refused(400, "invalid");
    lab.rule("orders", with("projects/example-project/locations/us-central1/namespaces/own")).fine();
    assert_eq!(lab.shown("orders")["serviceDirectoryRegistrations"], json!([{ "namespace": "own" }]));
}

#[test]
fn labels_are_set_with_their_fingerprint_only() {
    let mut lab = Lab::new();
    let shown = lab.standing("orders", json!({ "labels": { "a": "b" } }));
    assert_eq!(shown["labels"], Value::Null);
    let path = format!("{ONE}/setLabels");
    lab.compute(Method::POST, &path, json!({ "labels": {}, "labelFingerprint": "xx" })).refused(412, "conditionNotMet");
    let right = json!({ "labels": { "a": "b" }, "labelFingerprint": shown["labelFingerprint"] });
    assert_eq!(lab.compute(Method::POST, &path, right).fine().body["operationType"], "setLabels");
    lab.later(LONG);
    assert_eq!(lab.shown("orders")["labels"], json!({ "a": "b" }));
}

#[test]
fn names_are_taken_until_the_rule_is_gone() {
    let mut lab = Lab::new();
    let first = lab.standing("orders", json!({}));
    lab.rule("orders", json!({})).refused(409, "alreadyExists");
    lab.compute(Method::DELETE, ONE, Value::Null).fine();
    lab.compute(Method::DELETE, ONE, Value::Null).refused(400, "resourceNotReady");
    lab.rule("orders", json!({})).refused(409, "alreadyExists");
    lab.later(LONG);
    lab.get(ONE).refused(404, "notFound");
    // Made again it is another connection.
    assert_ne!(lab.standing("orders", json!({}))["pscConnectionId"], first["pscConnectionId"]);
}

#[test]
fn a_list_is_filtered_by_target() {
    let mut lab = Lab::new();
    let shown = lab.standing("orders", json!({}));
    lab.standing("billing", json!({}));
    let list = lab.get("regions/us-central1/forwardingRules").fine().body;
    assert_eq!(list["kind"], "compute#forwardingRuleList");
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let filter = format!("filter=pscConnectionId%3D{}", shown["pscConnectionId"].as_str().unwrap());
    let list = lab.get(&format!("regions/us-central1/forwardingRules?{filter}")).fine().body;
    assert_eq!(list["items"][0]["name"], "orders");
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[test]
fn the_endpoint_quota_is_per_project() {
    let mut lab = Lab::new();
    lab.state.behaviour.endpoint_quota = 1;
    lab.standing("orders", json!({}));
    let operation = lab.rule("billing", json!({})).fine().operation();
    lab.later(LONG);
    let done = lab.get(&format!("regions/us-central1/operations/{operation}")).fine().body;
    assert_eq!(done["error"]["errors"][0]["code"], "QUOTA_EXCEEDED");
    lab.get("regions/us-central1/forwardingRules/billing").refused(404, "notFound");
}
