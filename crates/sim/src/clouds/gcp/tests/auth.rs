use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::support::{LONG, Lab, PROJECT, TOKEN, token};

const LIST: &str = "/compute/v1/projects/example-project/regions/us-central1/addresses";

#[test]
fn a_request_needs_a_token_that_is_known_and_not_over() {
    let mut lab = Lab::new();
    let none = lab.send(None, Method::GET, LIST, Value::Null);
    none.refused(401, "required");
    assert_eq!(none.body["error"]["status"], "UNAUTHENTICATED");
    assert!(none.headers.contains_key("www-authenticate"));
    lab.send(Some("ya29.wrong"), Method::GET, LIST, Value::Null).refused(401, "authError");
    lab.state.expire_token(TOKEN, lab.now + Duration::from_secs(1)).unwrap();
    lab.send(Some(TOKEN), Method::GET, LIST, Value::Null).fine();
    lab.later(1);
    let over = lab.send(Some(TOKEN), Method::GET, LIST, Value::Null);
    over.refused(401, "authError");
    assert!(!over.body.to_string().contains(TOKEN));
    lab.state.remove_token(TOKEN);
    lab.send(Some(TOKEN), Method::GET, LIST, Value::Null).refused(401, "authError");
}

#[test]
fn requests_without_credentials_are_answered_when_told_to() {
    let mut lab = Lab::new();
    lab.state.behaviour.anonymous = true;
    lab.send(None, Method::GET, LIST, Value::Null).fine();
    lab.send(Some("ya29.wrong"), Method::GET, LIST, Value::Null).refused(401, "authError");
}

#[test]
fn a_missing_permission_is_named() {
    let mut lab = Lab::new();
    let limited = lab.limited(&["compute.addresses.list", "compute.addresses.createInternal"]);
    lab.compute_as(limited, Method::GET, "regions/us-central1/addresses", Value::Null).fine();
    let back = lab.compute_as(limited, Method::GET, "regions/us-central1/addresses/orders", Value::Null);
    let wanted = "Required 'compute.addresses.get' permission for \
                  'projects/example-project/regions/us-central1/addresses/orders'";
    assert_eq!(back.refused(403, "forbidden"), wanted);
    let body = json!({ "name": "a", "addressType": "INTERNAL", "subnetwork": "regions/us-central1/subnetworks/a" });
    let back = lab.compute_as(limited, Method::POST, "regions/us-central1/addresses", body);
    assert!(back.refused(403, "forbidden").contains("'compute.subnetworks.use'"));
    // Cloud DNS keeps to one word.
    let back = lab.send(Some(limited), Method::GET, "/dns/v1/projects/example-project/managedZones", Value::Null);
    assert_eq!(back.refused(403, "forbidden"), "Forbidden");
}

#[test]
fn an_endpoint_takes_what_the_documentation_lists() {
    let all = [
        "compute.forwardingRules.create",
        "compute.forwardingRules.pscCreate",
        "compute.networks.use",
        "compute.addresses.use",
        "servicedirectory.namespaces.create",
        "servicedirectory.services.create",
    ];
    let body = json!({
        "name": "orders", "network": "global/networks/main", "target": super::support::ATTACHMENT,
        "IPAddress": "orders",
    });
    for left_out in 0..=all.len() {
        let mut lab = Lab::new();
        lab.address("orders", json!({})).fine();
        lab.later(LONG);
        let some: Vec<&str> = all.iter().enumerate().filter(|(n, _)| *n != left_out).map(|(_, name)| *name).collect();
        let limited = lab.limited(&some);
        let back = lab.compute_as(limited, Method::POST, "regions/us-central1/forwardingRules", body.clone());
        match all.get(left_out) {
            Some(name) => assert!(back.refused(403, "forbidden").contains(&format!("'{name}'"))),
            None => drop(back.fine()),
        }
    }
}

#[test]
fn an_api_that_is_not_enabled_is_named() {
    let mut lab = Lab::new();
    let project = lab.project.clone();
    for (api, path) in [
        ("compute", "/compute/v1/projects/example-project/regions/us-central1/addresses"),
        ("dns", "/dns/v1/projects/example-project/managedZones"),
    ] {
        lab.state.enable_api(&project, api, false).unwrap();
        let back = lab.send(Some(TOKEN), Method::GET, path, Value::Null);
        assert!(back.refused(403, "accessNotConfigured").contains("Enable it by visiting"));
        let detail = &back.body["error"]["details"][0];
        assert_eq!(detail["reason"], "SERVICE_DISABLED");
        assert_eq!(detail["metadata"]["service"], format!("{api}.googleapis.com"));
        lab.state.enable_api(&project, api, true).unwrap();
        lab.send(Some(TOKEN), Method::GET, path, Value::Null).fine();
    }
    lab.state.enable_api(&project, "servicedirectory", false).unwrap();
    let back = lab.rule("orders", json!({}));
    back.refused(403, "accessNotConfigured");
    assert_eq!(back.body["error"]["details"][0]["metadata"]["service"], "servicedirectory.googleapis.com");
}

#[test]
fn too_many_requests_are_refused_until_the_minute_is_over() {
    let mut lab = Lab::new();
    lab.state.behaviour.requests_per_minute = Some(2);
    for _ in 0..2 {
        lab.get("regions/us-central1/addresses").fine();
    }
    let back = lab.get("regions/us-central1/addresses");
    back.refused(403, "rateLimitExceeded");
    assert_eq!(back.body["error"]["details"][0]["reason"], "RATE_LIMIT_EXCEEDED");
    assert_eq!(back.body["error"]["errors"][0]["domain"], "usageLimits");
    lab.later(60);
    lab.get("regions/us-central1/addresses").fine();
}

#[test]
fn a_service_project_uses_its_hosts_network_with_permission_there() {
    let mut lab = Lab::new();
    let (host, service) = (lab.project.clone(), "example-service".parse().unwrap());
    lab.state.add_project(&service);
    let subnet = format!("projects/{PROJECT}/regions/us-central1/subnetworks/a");
    let path = "/compute/v1/projects/example-service/regions/us-central1";
    let body = json!({ "name": "orders", "addressType": "INTERNAL", "subnetwork": subnet });
    let back = lab.send(Some(TOKEN), Method::POST, &format!("{path}/addresses"), body.clone());
    assert!(back.refused(400, "invalid").contains("service project"));
    lab.state.share(&host, &service).unwrap();
    // The permission has to hold in the host project.
    lab.state.add_token(token("ya29.here", Some(&["projects/example-service:*"])));
    let back = lab.send(Some("ya29.here"), Method::POST, &format!("{path}/addresses"), body.clone());
    assert!(back.refused(403, "forbidden").contains("compute.subnetworks.use"));
    let both = ["projects/example-service:*", "projects/example-project:compute.subnetworks.use"];
    lab.state.add_token(token("ya29.both", Some(&both)));
    lab.send(Some("ya29.both"), Method::POST, &format!("{path}/addresses"), body).fine();
    lab.later(LONG);
    let rule = json!({
        "name": "orders", "subnetwork": subnet, "target": super::support::ATTACHMENT, "IPAddress": "orders",
    });
    lab.send(Some("ya29.both"), Method::POST, &format!("{path}/forwardingRules"), rule.clone()).fine();
    let mut by_network = rule;
    by_network["name"] = json!("billing");
    by_network["subnetwork"] = Value::Null;
    by_network["IPAddress"] = Value::Null;
    by_network["network"] = json!(lab.network.to_string());
    let back = lab.send(Some("ya29.both"), Method::POST, &format!("{path}/forwardingRules"), by_network);
    assert!(back.refused(403, "forbidden").contains("compute.networks.use"));
}

#[test]
fn nothing_is_found_in_projects_and_at_paths_that_are_not_there() {
    let mut lab = Lab::new();
    let path = "/compute/v1/projects/unheard-of/regions/us-central1/addresses";
    lab.send(Some(TOKEN), Method::GET, path, Value::Null).refused(404, "notFound");
    lab.get("regions/us-central1/instances").refused(404, "notFound");
    // A project goes by its number too.
    let number = lab.state.projects[&lab.project].number;
    lab.send(Some(TOKEN), Method::GET, &LIST.replace(PROJECT, &number.to_string()), Value::Null).fine();
}
