//! Every operation as it goes over the wire: method, path, headers and body, against a real
//! HTTP server. Whatever else arrives is explained by a catch-all.
#![cfg(feature = "reqwest")]

use futures_util::TryStreamExt;
use privlink_clickhouse::{Client, IpAccessEntry, OrganizationId, Registration, ServiceId, Whoami};
use privlink_core::{CloudProvider, ErrorKind, VpcEndpointId};
use serde_json::{Value, json};
use wiremock::matchers::{any, body_json, header, method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockBuilder, MockServer, Request, ResponseTemplate};

const ORG: &str = "5f0e9d55-7c1e-4f0e-9d55-0b6f2f3f8a10";
const SVC: &str = "9f3c1a52-7c1e-4f0e-9d55-0b6f2f3f8a10";
const INFRA: &str = "0b6f2f3f-7c1e-4f0e-9d55-0b6f2f3f8a10";
const REQUEST: &str = "d0c0ffee-7c1e-4f0e-9d55-0b6f2f3f8a10";
const OURS: &str = "vpce-0a1b2c3d4e5f67890";
/// `key id:key secret`.
const BASIC: &str = "Basic a2V5IGlkOmtleSBzZWNyZXQ=";

/// A server that answers what is mounted and says what was wrong with anything else.
struct Api {
    server: MockServer,
}

impl Api {
    async fn start() -> Self {
        Self { server: MockServer::start().await }
    }

    async fn answers(&self, request: MockBuilder, result: Value) {
        let body = json!({"status": 200.0, "requestId": REQUEST, "result": result, "somethingNew": [1, null]});
        request.respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&self.server).await;
    }

    /// Mounted last: whatever nobody expected.
    async fn client(&self) -> Client {
        Mock::given(any())
            .respond_with(|request: &Request| {
                let seen = format!(
                    "nobody expected {} {} with {:?} and {}",
                    request.method,
                    request.url,
                    request.headers,
                    String::from_utf8_lossy(&request.body)
                );
                ResponseTemplate::new(418).set_body_json(json!({"error": format!("BAD_REQUEST: {seen}")}))
            })
            .with_priority(255)
            .mount(&self.server)
            .await;
        Client::builder().base_url(self.server.uri()).api_key("key id", "key secret").build().expect("a client")
    }

    async fn writes(&self) -> usize {
        let all = self.server.received_requests().await.expect("recording is on");
        all.iter().filter(|request| request.method != "GET").count()
    }
}

fn get(at: &str) -> MockBuilder {
    Mock::given(method("GET"))
        .and(path(at))
        .and(header("authorization", BASIC))
        .and(header("accept", "application/json"))
}

fn patch(at: &str, body: Value) -> MockBuilder {
    Mock::given(method("PATCH"))
        .and(path(at))
        .and(header("authorization", BASIC))
        .and(header("content-type", "application/json"))
        .and(body_json(body))
}

fn at_org(rest: &str) -> String {
    format!("/v1/organizations/{ORG}{rest}")
}

fn at_svc(rest: &str) -> String {
    at_org(&format!("/services/{SVC}{rest}"))
}

fn org() -> OrganizationId {
    ORG.parse().expect("a UUID")
}

fn svc() -> ServiceId {
    SVC.parse().expect("a UUID")
}

fn ours() -> VpcEndpointId {
    OURS.parse().expect("a VPC endpoint id")
}

fn service(endpoints: &[&str], sources: &[&str]) -> Value {
    let sources: Vec<Value> = sources.iter().map(|source| json!({"source": source})).collect();
    json!({"id": SVC, "name": "orders", "provider": "aws", "region": "us-east-1", "state": "running",
        "endpoints": [{"protocol": "https", "host": "abc123defg.us-east-1.aws.clickhouse.cloud", "port": 8443}],
        "ipAccessList": sources, "privateEndpointIds": endpoints, "availablePrivateEndpointIds": [OURS],
        "autoscalingMode": "diagonal", "currentScaling": {}})
}

#[tokio::test]
async fn whoami() {
    let api = Api::start().await;
    let key = json!({"actorType": "apiKey", "keyId": "k", "name": "ci", "organizationId": ORG});
    api.answers(get("/v1/whoami"), key).await;
    let Whoami::ApiKey { organization, .. } = api.client().await.whoami().await.unwrap() else { panic!() };
    assert_eq!(organization, org());
}

#[tokio::test]
async fn organizations_page_by_page() {
    let api = Api::start().await;
    let page = |items: Value, next: Value| {
        ResponseTemplate::new(200).set_body_json(
            json!({"status": 200, "requestId": REQUEST, "result": items, "limit": 1, "nextCursor": next}),
        )
    };
    get("/v1/organizations")
        .and(query_param_is_missing("cursor"))
        .respond_with(page(json!([{"id": ORG, "name": "Acme"}]), json!("a+b/c=&d")))
        .mount(&api.server)
        .await;
    get("/v1/organizations")
        .and(query_param("cursor", "a+b/c=&d"))
        .respond_with(page(json!([{"name": "no id"}, {"id": INFRA}]), Value::Null))
        .mount(&api.server)
        .await;
    let client = api.client().await;
    let mut all = client.organizations();
    let mut seen = Vec::new();
    loop {
        match all.try_next().await {
            Ok(Some(one)) => seen.push(one.id.to_string()),
            Ok(None) => break,
            Err(error) => seen.push(error.to_string()),
        }
    }
    assert_eq!((seen[0].as_str(), seen[2].as_str()), (ORG, INFRA));
    assert!(seen[1].contains("`id`") && seen[1].contains("organizationGetList"), "{}", seen[1]);
}

#[tokio::test]
async fn organization() {
    let api = Api::start().await;
    let registered = json!([{"id": OURS, "cloudProvider": "aws", "region": "us-east-1", "description": ""},
        {"id": "x", "cloudProvider": "aws"}]);
    api.answers(get(&at_org("")), json!({"id": ORG, "name": "Acme", "privateEndpoints": registered})).await;
    let details = api.client().await.organization(org()).details().await.unwrap();
    let all = details.private_endpoints().unwrap();
    assert_eq!(all[0].as_ref().unwrap().endpoint.as_str(), OURS);
    assert!(all[1].as_ref().unwrap_err().to_string().contains("`region`"));
}

#[tokio::test]
async fn organization_register() {
    let api = Api::start().await;
    let registered = json!([{"id": OURS, "cloudProvider": "aws", "region": "us-east-1"}]);
    api.answers(get(&at_org("/services")), json!([])).await;
    api.answers(get(&at_org("")), json!({"id": ORG, "privateEndpoints": registered})).await;
    let body = json!({"privateEndpoints": {
        "remove": [{"id": OURS, "cloudProvider": "aws", "region": "us-east-1"}],
        "add": [{"id": "vpce-0fedcba9876543210", "cloudProvider": "aws", "region": "us-east-1", "description": "new"}]}});
    let now = json!([{"id": "vpce-0fedcba9876543210", "cloudProvider": "aws", "region": "us-east-1"}]);
    api.answers(patch(&at_org(""), body), json!({"id": ORG, "privateEndpoints": now})).await;
    let entry = |id: &str| Registration::new(id.parse().unwrap(), "us-east-1".parse().unwrap());
    let register = api.client().await.organization(org()).private_endpoints();
    let outcome = register
        .patch()
        .add(entry("vpce-0fedcba9876543210").described("new"))
        .remove(entry(OURS))
        .send()
        .await
        .unwrap();
    assert!(outcome.visible);
    assert_eq!((outcome.added.len(), outcome.removed.len(), api.writes().await), (1, 1, 1));
}

#[tokio::test]
async fn deprecated_organization_config() {
    let api = Api::start().await;
    let request = get(&at_org("/privateEndpointConfig"))
        .and(query_param("cloud_provider", "aws"))
        .and(query_param("region_id", "us-east-1"));
    let name = "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890";
    api.answers(request, json!({"endpointServiceId": name})).await;
    #[expect(deprecated, reason = "kept as a fallback")]
    let found = api
        .client()
        .await
        .organization(org())
        .private_endpoint_service(CloudProvider::Aws, &"us-east-1".parse().unwrap())
        .await;
    assert_eq!(found.unwrap().as_str(), name);
}

#[tokio::test]
async fn byoc_config() {
    let api = Api::start().await;
    let config = json!({"endpointName": "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890",
        "privateDnsHostname": "infra.vpce.us-east-1.aws.clickhouse-byoc.com"});
    api.answers(get(&at_org(&format!("/byocInfrastructure/{INFRA}/privateEndpointConfig"))), config).await;
    let organization = api.client().await.organization(org());
    let config = organization.infrastructure_private_endpoint_config(INFRA.parse().unwrap()).await.unwrap();
    assert_eq!(config.private_dns_hostname.as_str(), "infra.vpce.us-east-1.aws.clickhouse-byoc.com");
}

#[tokio::test]
async fn services() {
    let api = Api::start().await;
    let list = json!([service(&[], &[]), {"id": "junk"}, 7]);
    api.answers(get(&at_org("/services")), list).await;
    let all = api.client().await.organization(org()).services().await.unwrap();
    assert_eq!(all.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, false]);
}

#[tokio::test]
async fn find_service_wants_exactly_one() {
    let api = Api::start().await;
    let mut twin = service(&[], &[]);
    twin["id"] = json!(INFRA);
    let mut other = service(&[], &[]);
    (other["id"], other["name"]) = (json!(ORG), json!("billing"));
    api.answers(get(&at_org("/services")), json!([service(&[], &[]), twin, other])).await;
    let organization = api.client().await.organization(org());
    let region = "us-east-1".parse().unwrap();
    let found = organization.find_service(CloudProvider::Aws, &region, "billing").await.unwrap();
    assert_eq!(found.id().to_string(), ORG);
    let several = organization.find_service(CloudProvider::Aws, &region, "orders").await.unwrap_err();
    assert_eq!(several.kind(), ErrorKind::Conflict);
    assert!(several.to_string().contains(SVC) && several.to_string().contains(INFRA), "{several}");
    let none = organization.find_service(CloudProvider::Aws, &region, "Billing").await.unwrap_err();
    assert_eq!(none.kind(), ErrorKind::NotFound);
    assert!(none.to_string().contains("`billing`"), "{none}");
}

#[tokio::test]
async fn service_and_config() {
    let api = Api::start().await;
    api.answers(get(&at_svc("")), service(&[OURS], &[])).await;
    let config = json!({"endpointServiceId": "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890",
        "privateDnsHostname": "abc123defg.us-east-1.vpce.aws.clickhouse.cloud"});
    api.answers(get(&at_svc("/privateEndpointConfig")), config).await;
    let service = api.client().await.organization(org()).service(svc());
    assert!(service.details().await.unwrap().allows(&ours().into()).unwrap());
    assert_eq!(service.private_endpoints().available().await.unwrap().len(), 1);
    let config = service.private_endpoint_config().await.unwrap();
    assert_eq!(config.private_dns_hostname.zone().as_str(), "us-east-1.vpce.aws.clickhouse.cloud");
}

#[tokio::test]
async fn a_config_that_is_not_filled_is_not_available_yet() {
    for result in [json!({}), json!({"endpointServiceId": "", "privateDnsHostname": null})] {
        let api = Api::start().await;
        api.answers(get(&at_svc("/privateEndpointConfig")), result).await;
        let service = api.client().await.organization(org()).service(svc());
        let error = service.private_endpoint_config().await.unwrap_err();
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.downcast_ref::<privlink_clickhouse::NotAvailableYet>().is_some());
        assert_eq!(error.operation(), Some("instancePrivateEndpointConfigGet"));
        assert!(service.private_endpoint_config_if_available().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn allow_list_patch() {
    let api = Api::start().await;
    api.answers(get(&at_svc("")), service(&["vpce-0fedcba9876543210"], &[])).await;
    let body = json!({"privateEndpointIds": {"remove": ["vpce-0fedcba9876543210"], "add": [OURS]}});
    api.answers(patch(&at_svc(""), body), service(&[OURS], &[])).await;
    let endpoints = api.client().await.organization(org()).service(svc()).private_endpoints();
    let stale: VpcEndpointId = "vpce-0fedcba9876543210".parse().unwrap();
    let outcome = endpoints.patch().add(ours()).remove(stale).send().await.unwrap();
    assert!(outcome.visible && outcome.changed());
    assert_eq!(api.writes().await, 1);
}

#[tokio::test]
async fn allow_list_patch_leaves_out_what_is_empty() {
    let api = Api::start().await;
    api.answers(get(&at_svc("")), service(&[], &[])).await;
    api.answers(patch(&at_svc(""), json!({"privateEndpointIds": {"add": [OURS]}})), service(&[OURS], &[])).await;
    let endpoints = api.client().await.organization(org()).service(svc()).private_endpoints();
    assert!(endpoints.patch().add(ours()).send().await.unwrap().changed());
}

#[tokio::test]
async fn ip_access_list_patch() {
    let api = Api::start().await;
    api.answers(get(&at_svc("")), service(&[], &["0.0.0.0/0"])).await;
    let body = json!({"ipAccessList": {"remove": [{"source": "0.0.0.0/0"}],
        "add": [{"source": "203.0.113.0/24", "description": "office"}]}});
    api.answers(patch(&at_svc(""), body), service(&[], &["203.0.113.0/24"])).await;
    let list = api.client().await.organization(org()).service(svc()).ip_access_list();
    let entry = |text: &str| text.parse::<IpAccessEntry>().unwrap();
    let outcome =
        list.patch().add(entry("203.0.113.0/24").described("office")).remove(entry("0.0.0.0/0")).send().await.unwrap();
    assert!(outcome.visible && outcome.changed());
}

#[tokio::test]
async fn attach() {
    let api = Api::start().await;
    api.answers(get(&at_svc("")), service(&[], &[])).await;
    let request = Mock::given(method("POST"))
        .and(path(at_svc("/privateEndpoint")))
        .and(header("authorization", BASIC))
        .and(header("content-type", "application/json"))
        .and(body_json(json!({"id": OURS, "description": "prod vpc"})));
    let entry = json!({"id": OURS, "description": "prod vpc", "cloudProvider": "aws", "region": "us-east-1"});
    api.answers(request, entry).await;
    let endpoints = api.client().await.organization(org()).service(svc()).private_endpoints();
    endpoints.attach(ours()).description("prod vpc").send().await.unwrap();
}

#[tokio::test]
async fn static_addresses_are_asked_for_without_credentials() {
    let api = Api::start().await;
    let document = json!({"aws": [{"region": "us-east-1", "egress_ips": ["203.0.113.1"]}]});
    Mock::given(method("GET"))
        .and(path("/static-ips.json"))
        .respond_with(move |request: &Request| match request.headers.get("authorization") {
            None => ResponseTemplate::new(200).set_body_json(&document),
            Some(_) => ResponseTemplate::new(400),
        })
        .mount(&api.server)
        .await;
    assert_eq!(api.client().await.static_addresses().await.unwrap().entries.len(), 1);
}

#[tokio::test]
async fn a_bearer_token_is_the_other_way_in() {
    let api = Api::start().await;
    let user = json!({"actorType": "user", "userId": SVC, "email": "a@example.com", "name": "A",
        "organizations": [{"organizationId": ORG, "organizationName": "Acme"}]});
    let request = Mock::given(method("GET")).and(path("/v1/whoami")).and(header("authorization", "Bearer the-token"));
    api.answers(request, user).await;
    let client = Client::builder().base_url(format!("{}/v1", api.server.uri())).bearer("the-token").build().unwrap();
    assert_eq!(client.whoami().await.unwrap().organization().unwrap(), org());
}

#[tokio::test]
async fn raw_requests_reach_what_has_no_method() {
    let api = Api::start().await;
    let request = get(&at_org("/activities")).and(query_param("from_date", "2026-11-01T00:00:00+01:00"));
    api.answers(request, json!([{"type": "service_update_private_endpoints"}])).await;
    let client = api.client().await;
    let raw = client.request(http::Method::GET, &at_org("/activities")).unwrap();
    let answer = raw.query("from_date", "2026-11-01T00:00:00+01:00").send().await.unwrap();
    assert_eq!(answer.result[0]["type"], "service_update_private_endpoints");
    assert_eq!(answer.request_id.as_deref(), Some(REQUEST));
    for bad in ["organizations", "//evil.example/v1", "/../static-ips.json", "/a?b=c", "/a#b", "/a b"] {
        assert_eq!(client.request(http::Method::GET, bad).unwrap_err().kind(), ErrorKind::InvalidInput, "{bad}");
    }
}

#[tokio::test]
async fn an_error_says_what_was_attempted_on_what_and_what_the_vendor_said() {
    let api = Api::start().await;
    let body = json!({"status": 404, "error": "NOT_FOUND: no such service", "requestId": REQUEST});
    get(&at_svc("")).respond_with(ResponseTemplate::new(404).set_body_json(body)).mount(&api.server).await;
    let error = api.client().await.organization(org()).service(svc()).details().await.unwrap_err();
    assert_eq!((error.kind(), error.code(), error.http_status()), (ErrorKind::NotFound, Some("NOT_FOUND"), Some(404)));
    assert_eq!((error.operation(), error.request_id()), (Some("instanceGet"), Some(REQUEST)));
    assert_eq!((error.vendor(), error.resource()), (Some("ClickHouse Cloud"), Some(&*format!("service {SVC}"))));
}

#[tokio::test]
async fn missing_fields_are_named_with_operation_and_request() {
    let api = Api::start().await;
    api.answers(get(&at_svc("")), json!({"id": SVC, "name": "orders"})).await;
    let error = api.client().await.organization(org()).service(svc()).details().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    for part in ["`provider`", "`region`", "`state`", "instanceGet", REQUEST] {
        assert!(error.to_string().contains(part), "{error}");
    }
}
