//! Who may call the simulated Azure, how often, and in which words it refuses.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::arm::{Arm, NETWORK};
use http::{Method, Request};
use privlink_sim::{AzureApp, World};
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn a_token_is_needed_known_and_not_over() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    let at = format!("https://management.azure.com{}", arm.endpoint("orders"));
    let none = arm.send(Request::get(at.as_str()).body(Bytes::new()).unwrap()).await;
    assert_eq!((none.status, none.code()), (401, "AuthenticationFailed"));
    let challenge = none.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer authorization_uri=") && challenge.contains(&azure.tenant().to_string()));

    let wrong = Arm::with(&world, "nobody's".to_owned()).get(&arm.endpoint("orders")).await;
    assert_eq!((wrong.status, wrong.code()), (401, "InvalidAuthenticationToken"));
    let token = azure.add_token("ci", None);
    let ci = Arm::with(&world, token.clone());
    azure.expire_token(&token, Duration::from_secs(60));
    assert_eq!(ci.get(&arm.endpoint("orders")).await.status, 404);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let over = ci.get(&arm.endpoint("orders")).await;
    assert_eq!((over.status, over.code()), (401, "ExpiredAuthenticationToken"));
    assert!(over.header("www-authenticate").unwrap().contains("invalid_token"));
    azure.remove_token(&token);
    assert_eq!(ci.get(&arm.endpoint("orders")).await.code(), "InvalidAuthenticationToken");
}

async fn ask(arm: &Arm, app: &AzureApp, change: (&str, &str)) -> common::arm::Answer {
    let mut form = vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", app.client_id.to_string()),
        ("client_secret", app.client_secret.clone()),
        ("scope", "https://management.azure.com/.default".to_owned()),
    ];
    for (name, value) in &mut form {
        if *name == change.0 {
            *value = change.1.to_owned();
        }
    }
    let body: Vec<String> =
        form.iter().map(|(name, value)| format!("{name}={}", value.replace('/', "%2F").replace(':', "%3A"))).collect();
    let uri = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", app.tenant);
    arm.send(Request::post(uri).body(Bytes::from(body.join("&"))).unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn an_application_gets_tokens_that_end_within_the_hour() {
    let world = World::new();
    let arm = Arm::new(&world);
    let app = world.azure().add_app("deployer", None);
    let answer = ask(&arm, &app, ("", "")).await;
    assert_eq!(
        (answer.status, &answer.body["token_type"], &answer.body["expires_in"]),
        (200, &json!("Bearer"), &json!(3599))
    );
    let token = answer.body["access_token"].as_str().unwrap().to_owned();
    let own = Arm::with(&world, token);
    assert_eq!(own.get(&arm.endpoint("orders")).await.status, 404);
    tokio::time::sleep(Duration::from_secs(3599)).await;
    assert_eq!(own.get(&arm.endpoint("orders")).await.code(), "ExpiredAuthenticationToken");

    for (change, status, error) in [
        (("client_secret", "guess"), 401, "invalid_client"),
        (("client_id", "00000000-0000-0000-0000-000000000000"), 400, "unauthorized_client"),
        (("scope", "https://example.com/.default"), 400, "invalid_scope"),
        (("grant_type", "password"), 400, "unsupported_grant_type"),
    ] {
        let answer = ask(&arm, &app, change).await;
        assert_eq!((answer.status, answer.body["error"].as_str().unwrap()), (status, error));
        assert!(answer.body["error_description"].as_str().unwrap().starts_with("AADSTS"));
    }
    assert!(world.writes().is_empty(), "asking for a token is no change");
}

#[tokio::test(start_paused = true)]
async fn roles_say_what_may_be_done_and_referred_to() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    let reader = Arm::with(&world, azure.add_token("reader", Some(&["*/read"])));
    assert_eq!(reader.get(&arm.endpoint("orders")).await.status, 404);
    let refused = reader.put(&arm.endpoint("orders"), arm.body()).await;
    assert_eq!((refused.status, refused.code()), (403, "AuthorizationFailed"));
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("'Microsoft.Network/privateEndpoints/write'") && message.contains("/privateEndpoints/orders")
    );

    let unjoined = ["*/read", "Microsoft.Network/privateEndpoints/*", "Microsoft.Network/privateDnsZones/*"];
    let writer = Arm::with(&world, azure.add_token("writer", Some(&unjoined)));
    let refused = writer.put(&arm.endpoint("orders"), arm.body()).await;
    assert_eq!((refused.status, refused.code()), (403, "LinkedAuthorizationFailed"));
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("subnets/join/action"));
    writer.put(&arm.dns("example.com", ""), json!({ "location": "global" })).await;
    tokio::time::sleep(Duration::from_secs(15)).await;
    let link = json!({ "location": "global", "properties": { "virtualNetwork": { "id": azure.vnet_id() } } });
    let refused = writer.put(&arm.dns("example.com", "/virtualNetworkLinks/main"), link).await;
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("virtualNetworks/join/action"), "{refused:?}");

    // What is made takes rights of its own to be followed.
    let made = arm.put(&arm.endpoint("orders"), arm.body()).await;
    let blind = Arm::with(&world, azure.add_token("blind", Some(&["Microsoft.Network/privateEndpoints/*"])));
    let refused = blind.get(made.header("azure-asyncoperation").unwrap()).await;
    assert_eq!(refused.code(), "AuthorizationFailed");
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("Microsoft.Network/locations/operations/read"));
}

#[tokio::test(start_paused = true)]
async fn versions_scopes_and_paths_that_are_not_there_are_named() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    let bare = arm.endpoint("orders").split('?').next().unwrap().to_owned();
    assert_eq!(arm.get(&bare).await.code(), "MissingApiVersionParameter");
    let old = arm.get(&format!("{bare}?api-version=2011-01-01")).await;
    assert_eq!((old.status, old.code()), (400, "NoRegisteredProviderFound"));
    assert!(old.body["error"]["message"].as_str().unwrap().contains(NETWORK));
    let dns = arm.dns("example.com", "").replace("2024-06-01", NETWORK);
    assert_eq!(arm.get(&dns).await.code(), "NoRegisteredProviderFound", "each provider has versions of its own");

    let (subscription, group) = (azure.subscription().to_string(), "/resourceGroups/example/");
    let zero = "00000000-0000-0000-0000-000000000000";
    assert_eq!(arm.get(&arm.endpoint("x").replace(&subscription, zero)).await.code(), "SubscriptionNotFound");
    assert_eq!(arm.get(&arm.endpoint("x").replace(&subscription, "mine")).await.code(), "InvalidSubscriptionId");
    assert_eq!(arm.get(&arm.endpoint("x").replace(group, "/resourceGroups/no/")).await.code(), "ResourceGroupNotFound");
    assert_eq!(arm.get(&arm.network("natGateways", "x")).await.code(), "InvalidResourceType");
    let method = arm.call(Method::POST, &arm.endpoint("x"), None, &[]).await;
    assert_eq!((method.status, method.code()), (405, "MethodNotAllowed"));
    let operation = format!(
        "/subscriptions/{subscription}/providers/Microsoft.Network/locations/westus3/operations/{zero}?api-version={NETWORK}"
    );
    assert_eq!(arm.get(&operation).await.code(), "NotFound");
    let who = arm.get(&format!("/subscriptions/{subscription}?api-version=2022-12-01")).await;
    assert_eq!((who.status, who.body["tenantId"].as_str().unwrap()), (200, azure.tenant().to_string().as_str()));
}

#[tokio::test(start_paused = true)]
async fn budgets_are_told_and_fill_up_again() {
    let world = World::new();
    let arm = Arm::new(&world);
    let vnet = arm.network("virtualNetworks", "main");
    let first = arm.get(&vnet).await;
    assert_eq!(first.header("x-ms-ratelimit-remaining-subscription-reads"), Some("249"));
    assert_eq!(first.body["properties"]["addressSpace"]["addressPrefixes"], json!(["10.0.0.0/16"]));
    for _ in 0..249 {
        assert_eq!(arm.get(&vnet).await.status, 200);
    }
    let enough = arm.get(&vnet).await;
    assert_eq!((enough.status, enough.code()), (429, "SubscriptionRequestsThrottled"));
    assert_eq!(enough.header("retry-after"), Some("1"));
    assert_eq!(enough.header("x-ms-ratelimit-remaining-subscription-reads"), Some("0"));
    // Another principal has a budget of its own, and writes are another budget.
    let other = Arm::with(&world, world.azure().add_token("other", None));
    assert_eq!(other.get(&vnet).await.status, 200);
    let made = arm.put(&arm.endpoint("orders"), arm.body()).await;
    assert_eq!(made.header("x-ms-ratelimit-remaining-subscription-writes"), Some("199"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(arm.get(&vnet).await.status, 200);
    world.azure().switch(|switches| switches.throttling = false);
    for _ in 0..300 {
        assert_eq!(arm.get(&vnet).await.status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn scripted_faults_come_in_resource_managers_words() {
    let world = World::new();
    let arm = Arm::new(&world);
    world.faults().on("PrivateEndpoints_Get").status(409);
    world.faults().on("VirtualNetworks_Get").side("azure").throttle(Duration::from_millis(2500));
    assert_eq!(arm.get(&arm.endpoint("orders")).await.code(), "Conflict");
    let throttled = arm.get(&arm.network("virtualNetworks", "main")).await;
    assert_eq!((throttled.status, throttled.header("retry-after")), (429, Some("3")));
    let requests = world.requests();
    assert!(requests.iter().all(|request| request.side.as_str() == "azure" && request.faulted && !request.write));
    arm.put(&arm.endpoint("orders"), arm.body()).await;
    assert_eq!(world.writes().len(), 1);
    assert_eq!(world.writes()[0].operation, "PrivateEndpoints_CreateOrUpdate");
}

#[tokio::test(start_paused = true)]
async fn networks_show_what_binds_their_endpoints() {
    let world = World::new();
    let (arm, azure) = (Arm::new(&world), world.azure());
    let group = azure.add_security_group("closed", &azure.subnet_id());
    azure.add_rule(&group, privlink_sim::AzureRule::allow_in("https", 100).ports(443..=443));
    azure.set_network_policies(&azure.subnet_id(), true);
    let subnet = arm.get(&format!("{}?api-version={NETWORK}", azure.subnet_id())).await.body;
    assert_eq!(subnet["properties"]["privateEndpointNetworkPolicies"], "Enabled");
    assert_eq!(subnet["properties"]["networkSecurityGroup"]["id"], group.as_str());
    let shown = arm.get(&arm.network("networkSecurityGroups", "closed")).await.body;
    let rule = &shown["properties"]["securityRules"][0]["properties"];
    assert_eq!(
        (&rule["destinationPortRange"], &rule["access"], &rule["direction"]),
        (&json!("443"), &json!("Allow"), &json!("Inbound"))
    );
    let list = format!("{}/subnets?api-version={NETWORK}", azure.vnet_id());
    assert_eq!(arm.get(&list).await.body["value"], Value::Array(vec![subnet]));
    let vnets = format!(
        "/subscriptions/{}/providers/Microsoft.Network/virtualNetworks?api-version={NETWORK}",
        azure.subscription()
    );
    assert_eq!(arm.get(&vnets).await.body["value"][0]["id"], azure.vnet_id().as_str());
    let asg = azure.add_application_group("databases");
    assert_eq!(arm.get(&arm.network("applicationSecurityGroups", "databases")).await.body["id"], asg.as_str());
}
