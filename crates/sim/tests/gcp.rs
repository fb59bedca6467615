//! Google Cloud beside ClickHouse Cloud, by raw requests through the world.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use common::Caller;
use http::{Method, Request, Response};
use privlink_core::side::RungResult;
use privlink_core::transport::{Limits, Sent, Transport, TransportError};
use privlink_core::{CloudProvider, DnsName, PrivateEndpointId, PscConnectionId, ServiceAttachment};
use privlink_sim::{CellSpec, GcpAcceptance, PscStatus, World};
use serde_json::{Value, json};

const RULE: &str = "regions/us-central1/forwardingRules/metrics";

/// Calls Compute and Cloud DNS with the seeded token.
struct Google {
    world: World,
    token: String,
}

impl Google {
    fn new(world: &World) -> Self {
        Self { world: world.clone(), token: world.gcp().token() }
    }

    async fn try_send(&self, method: Method, path: &str, body: &Value) -> Result<Response<Bytes>, TransportError> {
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request::builder()
            .method(method)
            .uri(format!("https://compute.googleapis.com{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .body(bytes)
            .unwrap();
        self.world.transport().send(request, Limits::new(Duration::from_secs(150), 1 << 20)).await
    }

    async fn compute(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let path = format!("/compute/v1/projects/{}/{path}", self.world.gcp().project());
        parts(&self.try_send(method, &path, &body).await.unwrap())
    }

    async fn dns(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let path = format!("/dns/v1/projects/{}/{path}", self.world.gcp().project());
        parts(&self.try_send(method, &path, &body).await.unwrap())
    }

    /// Makes a call and waits for its operation, which has to work.
    async fn done(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, started) = self.compute(method, path, body).await;
        assert_eq!(status, 200, "{started}");
        let wait = format!("regions/us-central1/operations/{}/wait", started["name"].as_str().unwrap());
        let (_, operation) = self.compute(Method::POST, &wait, Value::Null).await;
        assert_eq!((&operation["status"], &operation["error"]), (&json!("DONE"), &Value::Null), "{operation}");
        operation
    }

    /// An address and an endpoint at it; gives the rule.
    async fn endpoint(&self, more: Value) -> Value {
        let gcp = self.world.gcp();
        let address = json!({ "name": "metrics", "addressType": "INTERNAL", "subnetwork": gcp.subnetwork() });
        self.done(Method::POST, "regions/us-central1/addresses", address).await;
        let mut rule = json!({
            "name": "metrics",
            "network": gcp.network(),
            "target": attachment(&self.world).as_str(),
            "IPAddress": "regions/us-central1/addresses/metrics",
            "noAutomateDnsZone": true,
        });
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.done(Method::POST, "regions/us-central1/forwardingRules", rule).await;
        self.rule().await
    }

    async fn rule(&self) -> Value {
        let (status, rule) = self.compute(Method::GET, RULE, Value::Null).await;
        assert_eq!(status, 200, "{rule}");
        rule
    }

    /// Waits until the connection is accepted; gives the polls it took.
    async fn accepted(&self) -> u32 {
        for polls in 1..60 {
            if self.rule().await["pscConnectionStatus"] == "ACCEPTED" {
                return polls;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        panic!("the connection is not accepted: {}", self.rule().await);
    }

    /// A zone named like the private host, with an `A` record at its apex.
    async fn name_it(&self, address: &str) {
        let host = host(&self.world);
        let network = format!("https://www.googleapis.com/compute/v1/{}", self.world.gcp().network());
        let zone = json!({
            "name": "metrics", "dnsName": format!("{host}."), "description": "x", "visibility": "private",
            "privateVisibilityConfig": { "networks": [{ "networkUrl": network }] },
        });
        assert_eq!(self.dns(Method::POST, "managedZones", zone).await.0, 200);
        let record = json!({ "name": format!("{host}."), "type": "A", "ttl": 300, "rrdatas": [address] });
        assert_eq!(self.dns(Method::POST, "managedZones/metrics/rrsets", record).await.0, 200);
    }
}

fn parts(response: &Response<Bytes>) -> (u16, Value) {
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or(Value::Null))
}

fn attachment(world: &World) -> ServiceAttachment {
    let of_the_service = world.clickhouse().endpoint_service(world.clickhouse().service_in(CloudProvider::Gcp));
    of_the_service.unwrap().try_into().expect("an attachment")
}

fn host(world: &World) -> DnsName {
    let clickhouse = world.clickhouse();
    clickhouse.private_host(clickhouse.service_in(CloudProvider::Gcp)).unwrap().name()
}

/// Lists the connection at ClickHouse Cloud, by its API.
async fn list(world: &World, rule: &Value) {
    let caller = Caller::new(world);
    let service = format!("{}/services/{}", caller.org(), world.clickhouse().service_in(CloudProvider::Gcp));
    let body = json!({ "privateEndpointIds": { "add": [rule["pscConnectionId"]] } });
    let (status, answer) = caller.patch(&service, &body).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer["result"]["privateEndpointIds"].as_array().unwrap().contains(&rule["pscConnectionId"]));
}

#[tokio::test(start_paused = true)]
async fn a_link_by_hand_there_and_back() {
    let world = World::new();
    let before = world.snapshot();
    let google = Google::new(&world);
    let rule = google.endpoint(json!({})).await;
    assert_eq!(rule["pscConnectionStatus"], "PENDING");
    assert!(google.accepted().await > 1);
    let ip: IpAddr = rule["IPAddress"].as_str().unwrap().parse().unwrap();
    let gcp = world.gcp();
    let machine = world.vantage(gcp.seat(&gcp.subnetwork()));

    // Accepted is not allowed.
    assert_eq!(machine.try_tls(ip, 8443, &host(&world)), RungResult::Reset);
    assert_eq!(machine.resolve(&host(&world)), Vec::<IpAddr>::new());
    list(&world, &rule).await;
    google.name_it(rule["IPAddress"].as_str().unwrap()).await;
    assert_eq!(machine.resolve(&host(&world)), [ip]);
    assert_eq!(machine.try_tls(ip, 8443, &host(&world)), RungResult::Held);
    // The other name is somebody else's, and the port has no listener.
    assert_eq!(machine.try_tls(ip, 8443, &"other.example.com".parse().unwrap()), RungResult::Reset);
    assert_eq!(machine.try_tls(ip, 8444, &host(&world)), RungResult::TimedOut);

    let seen: Vec<String> =
        world.writes().iter().filter(|r| r.side.as_str() == "gcp").map(|r| r.operation.clone()).collect();
    let wanted = [
        "compute.addresses.insert",
        "compute.forwardingRules.insert",
        "dns.managedZones.create",
        "dns.resourceRecordSets.create",
    ];
    assert_eq!(seen, wanted);

    let record = format!("managedZones/metrics/rrsets/{}./A", host(&world));
    assert_eq!(google.dns(Method::DELETE, &record, Value::Null).await.0, 200);
    assert_eq!(google.dns(Method::DELETE, "managedZones/metrics", Value::Null).await.0, 204);
    google.done(Method::DELETE, RULE, Value::Null).await;
    assert_eq!(machine.try_tls(ip, 8443, &host(&world)), RungResult::TimedOut);
    google.done(Method::DELETE, "regions/us-central1/addresses/metrics", Value::Null).await;
    assert_eq!(world.snapshot()["gcp"], before["gcp"]);
}

#[tokio::test(start_paused = true)]
async fn another_region_gets_there_by_global_access() {
    let world = World::new();
    let google = Google::new(&world);
    let rule = google.endpoint(json!({})).await;
    google.accepted().await;
    list(&world, &rule).await;
    let ip: IpAddr = rule["IPAddress"].as_str().unwrap().parse().unwrap();
    let gcp = world.gcp();
    let [_, east] = gcp.subnetworks().try_into().unwrap();
    let east = world.vantage(gcp.seat(&east));
    assert_eq!(east.try_tls(ip, 8443, &host(&world)), RungResult::TimedOut);
    let patch = json!({ "allowPscGlobalAccess": true, "fingerprint": rule["fingerprint"] });
    google.done(Method::PATCH, RULE, patch).await;
    assert_eq!(east.try_tls(ip, 8443, &host(&world)), RungResult::Held);
    // Egress rules hold in every region.
    gcp.deny_egress(&gcp.network(), "none", "10.0.0.0/8".parse().unwrap(), 1..=65535, 1000);
    assert_eq!(east.try_tls(ip, 8443, &host(&world)), RungResult::TimedOut);
    gcp.allow_egress(&gcp.network(), "one", format!("{ip}/32").parse().unwrap(), 8443..=8443, 999);
    assert_eq!(east.try_tls(ip, 8443, &host(&world)), RungResult::Held);
    assert_eq!(east.try_tls(ip, 9440, &host(&world)), RungResult::TimedOut);
    gcp.remove_firewall(&gcp.network(), "none");
    assert_eq!(east.try_tls(ip, 9440, &host(&world)), RungResult::Held);
}

#[tokio::test(start_paused = true)]
async fn the_vendors_list_accepts_where_the_switch_says_so() {
    let world = World::new();
    world.gcp().switch(|gcp| gcp.acceptance = GcpAcceptance::WhenListed);
    let google = Google::new(&world);
    let rule = google.endpoint(json!({})).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(google.rule().await["pscConnectionStatus"], "PENDING");
    // The number of another connection does not help.
    world.clickhouse().attach(
        world.clickhouse().service_in(CloudProvider::Gcp),
        &PrivateEndpointId::Gcp("102600141743718403".parse().unwrap()),
    );
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(google.rule().await["pscConnectionStatus"], "PENDING");
    list(&world, &rule).await;
    google.accepted().await;
    // Taken off the list it stays accepted, but is not served.
    let service = world.clickhouse().service_in(CloudProvider::Gcp);
    let id: PscConnectionId = rule["pscConnectionId"].as_str().unwrap().parse().unwrap();
    world.clickhouse().detach(service, &PrivateEndpointId::Gcp(id));
    assert_eq!(google.rule().await["pscConnectionStatus"], "ACCEPTED");
}

#[tokio::test(start_paused = true)]
async fn a_cell_that_wants_acceptance_waits_for_somebody() {
    let world = World::new();
    let region = "europe-west4".parse().unwrap();
    let cell = CellSpec::new("eu", CloudProvider::Gcp, region).acceptance_required().same_region_only();
    let service = world.clickhouse().add_cell(cell);
    let target: ServiceAttachment = service.as_str().parse().unwrap();
    let gcp = world.gcp();
    gcp.add_subnetwork(&gcp.network(), &target.region(), "eu", "10.30.0.0/20".parse().unwrap());
    let endpoint = gcp.make_endpoint("metrics", &target);
    assert_eq!(endpoint.status, Some(PscStatus::Pending));
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(gcp.endpoints()[0].status, Some(PscStatus::Pending));
    gcp.set_status(endpoint.connection, PscStatus::Accepted);
    assert_eq!(gcp.endpoints()[0].status, Some(PscStatus::Accepted));
    // And its producer does not support global access.
    let google = Google::new(&world);
    let rule = json!({
        "name": "far", "network": gcp.network(), "target": target.as_str(), "allowPscGlobalAccess": true,
    });
    let (status, answer) = google.compute(Method::POST, "regions/europe-west4/forwardingRules", rule).await;
    assert_eq!(status, 400, "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_its_operation_or_with_its_limit() {
    let world = World::new();
    let google = Google::new(&world);
    let address =
        |name: &str| json!({ "name": name, "addressType": "INTERNAL", "subnetwork": world.gcp().subnetwork() });
    let insert = async |name: &str| {
        let (_, started) = google.compute(Method::POST, "regions/us-central1/addresses", address(name)).await;
        format!("regions/us-central1/operations/{}/wait", started["name"].as_str().unwrap())
    };
    let took = async |path: &str| {
        let began = tokio::time::Instant::now();
        let (_, operation) = google.compute(Method::POST, path, Value::Null).await;
        (began.elapsed(), operation["status"].as_str().unwrap().to_owned())
    };
    let first = insert("a").await;
    assert_eq!(took(&first).await, (Duration::from_secs(2), "DONE".to_owned()));
    assert_eq!(took(&first).await, (Duration::ZERO, "DONE".to_owned()));
    world.gcp().switch(|gcp| gcp.address_operation = Duration::from_secs(300));
    let slow = insert("b").await;
    assert_eq!(took(&slow).await, (Duration::from_secs(120), "RUNNING".to_owned()));
    world.gcp().switch(|gcp| gcp.wait_limit = Duration::ZERO);
    assert_eq!(took(&slow).await, (Duration::ZERO, "RUNNING".to_owned()));
    // Nothing is waited for that is not there.
    assert_eq!(google.compute(Method::POST, "regions/us-central1/operations/x/wait", Value::Null).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn an_insert_whose_answer_is_lost_is_repeated_by_its_request_id() {
    let world = World::new();
    let google = Google::new(&world);
    world.faults().on("compute.addresses.insert").reset_after_commit();
    let path = "/compute/v1/projects/example-project/regions/us-central1/addresses\
                ?requestId=0f8fad5b-d9cb-469f-a165-70867728950e";
    let body = json!({ "name": "a", "addressType": "INTERNAL", "subnetwork": world.gcp().subnetwork() });
    let lost = google.try_send(Method::POST, path, &body).await.unwrap_err();
    assert_eq!(lost.sent, Sent::Maybe);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let (status, operation) = parts(&google.try_send(Method::POST, path, &body).await.unwrap());
    assert_eq!((status, &operation["status"]), (200, &json!("DONE")));
    assert_eq!(world.writes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn scripted_failures_have_googles_form() {
    let world = World::new();
    let google = Google::new(&world);
    let read = async || {
        let path = "/compute/v1/projects/example-project/regions/us-central1/addresses";
        google.try_send(Method::GET, path, &Value::Null).await.unwrap()
    };
    for (status, reason) in [(400, "invalid"), (403, "forbidden"), (409, "alreadyExists"), (503, "backendError")] {
        world.faults().on("compute.addresses.list").status(status);
        let (seen, body) = parts(&read().await);
        assert_eq!((seen, &body["error"]["errors"][0]["reason"]), (status, &json!(reason)));
        assert_eq!(body["error"]["code"], status);
    }
    world.faults().on_any().side("gcp").throttle(Duration::from_millis(1500));
    let answer = read().await;
    assert_eq!(answer.headers()["retry-after"], "2");
    let (status, body) = parts(&answer);
    assert_eq!((status, &body["error"]["errors"][0]["reason"]), (429, &json!("rateLimitExceeded")));
    assert_eq!(parts(&read().await).0, 200);
}

#[tokio::test(start_paused = true)]
async fn operations_fail_and_apis_are_off_by_the_handle() {
    let world = World::new();
    let (google, gcp) = (Google::new(&world), world.gcp());
    gcp.fail_next_operation("insert", "QUOTA_EXCEEDED", 403, "Quota exceeded.");
    let address = json!({ "name": "a", "addressType": "INTERNAL", "subnetwork": gcp.subnetwork() });
    let (status, started) = google.compute(Method::POST, "regions/us-central1/addresses", address).await;
    assert_eq!(status, 200);
    let wait = format!("regions/us-central1/operations/{}/wait", started["name"].as_str().unwrap());
    let (status, operation) = google.compute(Method::POST, &wait, Value::Null).await;
    assert_eq!((status, &operation["error"]["errors"][0]["code"]), (200, &json!("QUOTA_EXCEEDED")));
    gcp.enable_api(&gcp.project(), "dns", false);
    assert_eq!(google.dns(Method::GET, "managedZones", Value::Null).await.0, 403);
    gcp.enable_api(&gcp.project(), "dns", true);
    assert_eq!(google.dns(Method::GET, "managedZones", Value::Null).await.0, 200);
    gcp.expire_token(&google.token, Duration::ZERO);
    assert_eq!(google.dns(Method::GET, "managedZones", Value::Null).await.0, 401);
    let google = Google { token: gcp.add_token("reader@example.com", Some(&["dns.managedZones.list"])), ..google };
    assert_eq!(google.dns(Method::GET, "managedZones", Value::Null).await.0, 200);
    assert_eq!(google.dns(Method::GET, "managedZones/x", Value::Null).await.0, 403);
    gcp.remove_token(&google.token);
    assert_eq!(google.dns(Method::GET, "managedZones", Value::Null).await.0, 401);
}

#[tokio::test(start_paused = true)]
async fn others_make_and_take_things_behind_the_clients_back() {
    let world = World::new();
    let before = world.snapshot();
    let (google, gcp) = (Google::new(&world), world.gcp());
    let (project, region, target) = (gcp.project(), gcp.region(), attachment(&world));
    let address = gcp.make_address("theirs", "made by hand");
    let endpoint = gcp.make_endpoint("theirs", &target);
    assert_eq!((endpoint.status, endpoint.target.clone()), (Some(PscStatus::Accepted), target.clone()));
    assert_ne!(endpoint.address, address);
    let (_, shown) = google.compute(Method::GET, "regions/us-central1/forwardingRules/theirs", Value::Null).await;
    assert_eq!(shown["pscConnectionId"], endpoint.connection.to_string());
    gcp.make_zone("theirs", &host(&world), &[&gcp.network()]);
    let IpAddr::V4(v4) = endpoint.address else { panic!("an IPv4 address") };
    gcp.put_address("theirs", &host(&world), &[v4]);
    let machine = world.vantage(gcp.seat(&gcp.subnetwork()));
    assert_eq!(machine.resolve(&host(&world)), [endpoint.address]);
    gcp.delete_record("theirs", &host(&world), "A");
    assert_eq!(machine.resolve(&host(&world)), Vec::<IpAddr>::new());

    gcp.withdraw_service(&target);
    gcp.publish_service(&target);
    gcp.set_status(endpoint.connection, PscStatus::Accepted);
    assert_eq!(gcp.endpoints()[0].status, Some(PscStatus::Closed));
    gcp.refuse_project(&target, &project);
    assert_eq!(gcp.make_endpoint("refused", &target).status, Some(PscStatus::Rejected));
    for name in ["theirs", "refused"] {
        gcp.delete_endpoint(&project, &region, name);
    }
    gcp.delete_address(&project, &region, "theirs");
    gcp.delete_zone("theirs");
    assert!(gcp.endpoints().is_empty());
    assert_eq!(world.snapshot()["gcp"], before["gcp"]);
}

#[tokio::test(start_paused = true)]
async fn a_producer_sets_what_its_attachment_does() {
    let world = World::new();
    let (google, gcp, target) = (Google::new(&world), world.gcp(), attachment(&world));
    gcp.support_global_access(&target, false);
    let rule = json!({
        "name": "metrics", "network": gcp.network(), "target": target.as_str(), "allowPscGlobalAccess": true,
    });
    let (status, answer) = google.compute(Method::POST, "regions/us-central1/forwardingRules", rule.clone()).await;
    assert_eq!(status, 400, "{answer}");
    gcp.support_global_access(&target, true);
    gcp.set_acceptance(&target, Some(GcpAcceptance::Manual));
    gcp.set_domain(&target, "p.example.com".parse().ok());
    google.done(Method::POST, "regions/us-central1/forwardingRules", rule).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let [endpoint] = gcp.endpoints().try_into().unwrap();
    assert_eq!(endpoint.status, Some(PscStatus::Pending));
    // Google names it by itself, accepted or not.
    let machine = world.vantage(gcp.seat(&gcp.subnetwork()));
    assert_eq!(machine.resolve(&"metrics.p.example.com".parse().unwrap()), [endpoint.address]);
    assert!(world.snapshot()["gcp"]["managed_zones"].to_string().contains("goog-psc-default--us-central1"));
}

#[tokio::test(start_paused = true)]
async fn a_shared_network_is_used_from_a_service_project() {
    let world = World::new();
    let gcp = world.gcp();
    let service = "example-service".parse().unwrap();
    gcp.add_project(&service);
    gcp.share_networks(&gcp.project(), &service);
    let google = Google::new(&world);
    let path = "/compute/v1/projects/example-service/regions/us-central1/forwardingRules";
    let rule = json!({ "name": "metrics", "network": gcp.network(), "target": attachment(&world).as_str() });
    let (status, answer) = parts(&google.try_send(Method::POST, path, &rule).await.unwrap());
    assert_eq!(status, 200, "{answer}");
    tokio::time::sleep(Duration::from_secs(60)).await;
    let endpoint = gcp.endpoints().remove(0);
    assert_eq!((endpoint.project, endpoint.network), (service, gcp.network()));
    // It is in the host's network, and machines there reach it.
    let clickhouse = world.clickhouse();
    clickhouse.attach(clickhouse.service_in(CloudProvider::Gcp), &PrivateEndpointId::Gcp(endpoint.connection));
    let machine = world.vantage(gcp.seat(&gcp.subnetwork()));
    assert_eq!(machine.try_tls(endpoint.address, 8443, &host(&world)), RungResult::Held);
}

#[tokio::test(start_paused = true)]
async fn stale_reads_show_the_world_of_before() {
    let world = World::new();
    let google = Google::new(&world);
    world.faults().on("compute.forwardingRules.get").stale_read();
    let (google_rule, wanted) = (google.endpoint_unread().await, "notFound");
    assert_eq!(google_rule["error"]["errors"][0]["reason"], wanted);
    assert_eq!(google.rule().await["name"], "metrics");
}

impl Google {
    /// Makes an endpoint, and gives whatever the first read of it says.
    async fn endpoint_unread(&self) -> Value {
        let target = attachment(&self.world);
        self.world.gcp().make_endpoint("metrics", &target);
        self.compute(Method::GET, RULE, Value::Null).await.1
    }
}
