//! What is sent, and how answers are understood.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use futures_util::StreamExt;
use privlink_core::{ErrorKind, Polled, WaitError};
use privlink_gcp::{
    AddressName, CreateManagedZone, InsertAddress, InsertForwardingRule, ManagedZoneName, NetworkPath, OperationStatus,
    Problem, RecordSet, RecordType,
};
use serde_json::{Value, json};
use support::{Answer, Google, query, region};

const STARTED: &str = r#"{"name":"operation-1","status":"RUNNING","operationType":"insert"}"#;
const DONE: &str = r#"{"name":"operation-1","status":"DONE","operationType":"insert","progress":100}"#;

fn address() -> InsertAddress {
    InsertAddress::new(
        "orders".parse().unwrap(),
        "projects/host-project/regions/us-central1/subnetworks/apps".parse().unwrap(),
    )
}

fn rule() -> InsertForwardingRule {
    InsertForwardingRule::new(
        "orders".parse().unwrap(),
        "projects/producer/regions/us-central1/serviceAttachments/clickhouse".parse().unwrap(),
        network(),
        "orders".parse().unwrap(),
    )
}

fn network() -> NetworkPath {
    "projects/host-project/global/networks/prod".parse().unwrap()
}

fn zone() -> ManagedZoneName {
    "orders".parse().unwrap()
}

fn body(google: &Google, place: usize) -> Value {
    serde_json::from_slice(google.seen()[place].body()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_is_asked_for_as_gcloud_does() {
    let google = Google::script(&[(200, STARTED)]);
    let client = google.client();
    client.compute().insert_address(&region(), &address()).await.unwrap();
    client.compute().insert_forwarding_rule(&region(), &rule()).await.unwrap();
    let front = "POST https://compute.googleapis.com/compute/v1/projects/example-project/regions/us-central1";
    let lines = google.lines();
    assert!(lines[0].starts_with(&format!("{front}/addresses?requestId=")), "{lines:?}");
    assert!(lines[1].starts_with(&format!("{front}/forwardingRules?requestId=")), "{lines:?}");
    assert_eq!(
        body(&google, 0),
        json!({
            "name": "orders",
            "addressType": "INTERNAL",
            "subnetwork": "projects/host-project/regions/us-central1/subnetworks/apps",
        })
    );
    assert_eq!(
        body(&google, 1),
        json!({
            "name": "orders",
            "target": "projects/producer/regions/us-central1/serviceAttachments/clickhouse",
            "network": "projects/host-project/global/networks/prod",
            "IPAddress": "projects/example-project/regions/us-central1/addresses/orders",
            "allowPscGlobalAccess": false,
            "noAutomateDnsZone": true,
        })
    );
    assert_eq!(google.seen()[1].headers()["authorization"], "Bearer canary-token");
}

#[tokio::test(start_paused = true)]
async fn a_subnetwork_takes_the_networks_place_and_a_namespace_is_named() {
    let google = Google::script(&[(200, STARTED)]);
    let mut rule = rule();
    rule.subnetwork = "projects/host-project/regions/us-central1/subnetworks/apps".parse().ok();
    rule.namespace = Some("orders".to_owned());
    rule.allow_psc_global_access = true;
    rule.no_automate_dns_zone = false;
    rule.description = Some("for orders".to_owned());
    google.client().compute().insert_forwarding_rule(&region(), &rule).await.unwrap();
    let body = body(&google, 0);
    assert_eq!(body.get("network"), None);
    assert_eq!(body["subnetwork"], "projects/host-project/regions/us-central1/subnetworks/apps");
    assert_eq!(body["serviceDirectoryRegistrations"], json!([{ "namespace": "orders" }]));
    assert_eq!((&body["allowPscGlobalAccess"], &body["noAutomateDnsZone"]), (&json!(true), &json!(false)));
    assert_eq!(body["description"], "for orders");
}

#[tokio::test(start_paused = true)]
async fn an_attachment_of_another_region_is_refused_before_any_request() {
    let google = Google::script(&[(200, STARTED)]);
    let elsewhere = "europe-west4".parse().unwrap();
    let error = google.client().compute().insert_forwarding_rule(&elsewhere, &rule()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("us-central1") && error.to_string().contains("europe-west4"), "{error}");
    assert!(google.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn all_attempts_of_one_write_carry_one_request_id_and_two_writes_two() {
    let google = Google::new(|_, before| match before {
        0 => Answer::Lost,
        1 => Answer::Said(503, String::new()),
        _ => STARTED.into(),
    });
    let client = google.client();
    client.compute().insert_address(&region(), &address()).await.unwrap();
    client.compute().insert_address(&region(), &address()).await.unwrap();
    let ids: Vec<String> = google.seen().iter().map(|request| query(request, "requestId").unwrap()).collect();
    assert_eq!(ids.len(), 4);
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
    let id: uuid::Uuid = ids[0].parse().unwrap();
    assert!(!id.is_nil());

    let mut given = address();
    given.request_id = Some(id);
    client.compute().insert_address(&region(), &given).await.unwrap();
    assert_eq!(query(&google.seen()[4], "requestId"), Some(ids[0].clone()));
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_fails_inside_http_200_is_an_error() {
    let google = Google::script(&[
        (200, STARTED),
        (
            200,
            r#"{"name":"operation-1","status":"DONE","operationType":"insert","httpErrorStatusCode":400,
                "error":{"errors":[{"code":"INVALID_USAGE","message":"Global access is not supported by the producer."}]}}"#,
        ),
    ]);
    let client = google.client();
    let operation = client.compute().insert_forwarding_rule(&region(), &rule()).await.unwrap();
    assert_eq!(operation.status, OperationStatus::Running);
    let failed = client.compute().operation(&region(), &operation.name).await.unwrap().unwrap();
    assert!(failed.is_done());
    assert_eq!(Problem::of(&failed.failure().unwrap()), Problem::GlobalAccessUnsupported);
    let Err(WaitError::Poll(error)) = client.compute().finished(&region(), &operation).await else {
        panic!("it failed");
    };
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unsupported, Some("INVALID_USAGE")));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_failed_at_once_is_an_error_though_it_was_answered_with_200() {
    let google = Google::script(&[(
        200,
        r#"{"name":"o","status":"DONE","error":{"errors":[{"code":"QUOTA_EXCEEDED","message":"m"}]},"httpErrorStatusCode":403}"#,
    )]);
    let error = google.client().compute().insert_address(&region(), &address()).await.unwrap_err();
    assert_eq!((error.kind(), Problem::of(&error)), (ErrorKind::QuotaExceeded, Problem::Quota));
}

#[tokio::test(start_paused = true)]
async fn an_early_answer_of_the_waiting_call_is_not_the_end() {
    let google = Google::script(&[(200, STARTED), (200, STARTED), (200, STARTED), (200, DONE)]);
    let client = google.client();
    let operation = client.compute().insert_address(&region(), &address()).await.unwrap();
    let ended = client.compute().finished(&region(), &operation).await.unwrap();
    assert!(ended.is_done());
    let waits = google.lines().iter().filter(|line| line.ends_with("/operations/operation-1/wait")).count();
    assert_eq!(waits, 3);
    assert!(google.lines()[1].starts_with("POST "));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_the_waiting_call_is_followed_by_a_look() {
    let google = Google::new(|request, _| match request.uri().path() {
        path if path.ends_with("/wait") => Answer::Lost,
        path if path.ends_with("/operation-1") => DONE.into(),
        _ => STARTED.into(),
    });
    let client = google.client();
    let operation = client.compute().insert_address(&region(), &address()).await.unwrap();
    assert!(client.compute().finished(&region(), &operation).await.unwrap().is_done());
    let lines: Vec<String> = google.lines().into_iter().skip(1).collect();
    assert_eq!(lines.len(), 2, "the waiting call is not repeated: {lines:?}");
    assert!(lines[1].starts_with("GET ") && lines[1].ends_with("/operations/operation-1"), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn acceptance_is_waited_for_and_a_closed_connection_ends_the_wait() {
    let google = Google::script(&[
        (200, r#"{"name":"orders","pscConnectionStatus":"PENDING","pscConnectionId":"102600141743718403"}"#),
        (200, r#"{"name":"orders","pscConnectionStatus":"NEEDS_ATTENTION","pscConnectionId":"102600141743718403"}"#),
        (200, r#"{"name":"orders","pscConnectionStatus":"ACCEPTED","pscConnectionId":"102600141743718403"}"#),
        (200, r#"{"name":"orders","pscConnectionStatus":"CLOSED"}"#),
    ]);
    let client = google.client();
    let name = "orders".parse().unwrap();
    let mut wait = client.compute().endpoint_accepted(&region(), &name);
    let mut stages = Vec::new();
    let rule = loop {
        match wait.next().await.unwrap().unwrap() {
            Polled::Pending { stage, .. } => stages.push(stage),
            Polled::Ready(rule) => break rule,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(stages, ["PENDING", "NEEDS_ATTENTION"]);
    assert_eq!(rule.psc_connection_id.unwrap().get(), 102_600_141_743_718_403);
    let closed = client.compute().endpoint_accepted(&region(), &name).await;
    assert!(matches!(&closed, Err(WaitError::Failed(why)) if why.contains("CLOSED")), "{closed:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_none_and_deleting_it_no_error() {
    let google = Google::script(&[(
        404,
        r#"{"error":{"code":404,"message":"was not found","errors":[{"domain":"global","reason":"notFound"}]}}"#,
    )]);
    let client = google.client();
    let (compute, dns) = (client.compute(), client.dns());
    let name: AddressName = "orders".parse().unwrap();
    assert_eq!(compute.address(&region(), &name).await.unwrap(), None);
    assert_eq!(compute.forwarding_rule(&region(), &"orders".parse().unwrap()).await.unwrap(), None);
    assert_eq!(compute.network(&"prod".parse().unwrap()).await.unwrap(), None);
    assert_eq!(compute.operation(&region(), "operation-1").await.unwrap(), None);
    assert_eq!(compute.delete_address(&region(), &name).await.unwrap(), None);
    assert_eq!(compute.delete_forwarding_rule(&region(), &"orders".parse().unwrap()).await.unwrap(), None);
    assert_eq!(dns.managed_zone(&zone()).await.unwrap(), None);
    dns.delete_managed_zone(&zone()).await.unwrap();
    dns.delete_record_set(&zone(), &"orders.example.com".parse().unwrap(), &RecordType::A).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_missing_proxy_page_is_not_taken_for_a_missing_resource() {
    let google = Google::script(&[(404, "<html>no such page</html>")]);
    let error = google.client().compute().address(&region(), &"orders".parse().unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::UnexpectedResponse, Some(404)));
}

#[tokio::test(start_paused = true)]
async fn a_wildcard_travels_encoded_and_names_end_with_a_dot() {
    let google = Google::script(&[
        (200, r#"{"name":"*.us-central1.p.gcp.clickhouse.cloud.","type":"A","ttl":300,"rrdatas":["10.0.0.7"]}"#),
        (200, r#"{"name":"*.us-central1.p.gcp.clickhouse.cloud.","type":"A","ttl":300,"rrdatas":["10.0.0.7"]}"#),
        (200, "{}"),
    ]);
    let dns = google.client().dns().clone();
    let name = "*.us-central1.p.gcp.clickhouse.cloud".parse().unwrap();
    let set = RecordSet::new(&name, RecordType::A, 300, vec!["10.0.0.7".into()]);
    let made = dns.create_record_set(&zone(), &set).await.unwrap();
    assert_eq!(made, set);
    assert_eq!(dns.record_set(&zone(), &name, &RecordType::A).await.unwrap(), Some(set));
    dns.delete_record_set(&zone(), &name, &RecordType::A).await.unwrap();
    let front = "https://dns.googleapis.com/dns/v1/projects/example-project/managedZones/orders/rrsets";
    assert_eq!(
        google.lines(),
        [
            format!("POST {front}"),
            format!("GET {front}/%2A.us-central1.p.gcp.clickhouse.cloud./A"),
            format!("DELETE {front}/%2A.us-central1.p.gcp.clickhouse.cloud./A"),
        ]
    );
    assert_eq!(
        body(&google, 0),
        json!({"name": "*.us-central1.p.gcp.clickhouse.cloud.", "type": "A", "ttl": 300, "rrdatas": ["10.0.0.7"]})
    );
}

#[tokio::test(start_paused = true)]
async fn a_zone_is_made_for_one_or_several_networks_and_shown_to_more() {
    const ZONE: &str = r#"{"name":"orders","dnsName":"orders.example.com.","description":"d","visibility":"private",
        "privateVisibilityConfig":{"networks":[{"networkUrl":"https://www.googleapis.com/compute/v1/projects/host-project/global/networks/prod"}],
        "gkeClusters":[{"gkeClusterName":"projects/x/locations/y/clusters/z"}]}}"#;
    let google = Google::script(&[(200, ZONE), (200, r#"{"id":"1","status":"done"}"#)]);
    let dns = google.client().dns().clone();
    let test: NetworkPath = "projects/host-project/global/networks/test".parse().unwrap();
    let request =
        CreateManagedZone::new(zone(), "orders.example.com".parse().unwrap(), "d", vec![network(), test.clone()]);
    let made = dns.create_managed_zone(&request).await.unwrap();
    assert_eq!(
        body(&google, 0)["privateVisibilityConfig"]["networks"],
        json!([
            {"networkUrl": "https://www.googleapis.com/compute/v1/projects/host-project/global/networks/prod"},
            {"networkUrl": "https://www.googleapis.com/compute/v1/projects/host-project/global/networks/test"},
        ])
    );
    assert!(!dns.show_to(&made, &[network()]).await.unwrap(), "it sees the zone already: nothing is sent");
    assert_eq!(google.seen().len(), 1);
    assert!(dns.show_to(&made, &[network(), test]).await.unwrap());
    assert_eq!(
        body(&google, 1),
        json!({"privateVisibilityConfig": {
            "networks": [
                {"networkUrl": "https://www.googleapis.com/compute/v1/projects/host-project/global/networks/prod"},
                {"networkUrl": "https://www.googleapis.com/compute/v1/projects/host-project/global/networks/test"},
            ],
            "gkeClusters": [{"gkeClusterName": "projects/x/locations/y/clusters/z"}],
        }}),
        "what others added stays"
    );
}

#[tokio::test(start_paused = true)]
async fn a_zone_without_description_or_network_is_refused_before_any_request() {
    let google = Google::script(&[(200, "{}")]);
    let dns = google.client().dns().clone();
    for (description, networks) in [(" ", vec![network()]), ("d", Vec::new())] {
        let zone = CreateManagedZone::new(zone(), "orders.example.com".parse().unwrap(), description, networks);
        assert_eq!(dns.create_managed_zone(&zone).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(google.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_record_write_whose_answer_was_lost_is_not_repeated() {
    let google = Google::new(|_, _| Answer::Lost);
    let dns = google.client().dns().clone();
    let name = "orders.example.com".parse().unwrap();
    let set = RecordSet::new(&name, RecordType::A, 300, vec!["10.0.0.7".into()]);
    let error = dns.change_record_sets(&zone(), &[set], &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(google.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_cannot_be_read_is_of_unknown_outcome() {
    let google = Google::script(&[(200, "{\"name\":")]);
    let error = google.client().compute().insert_address(&region(), &address()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
}

#[tokio::test(start_paused = true)]
async fn lists_are_followed_page_by_page() {
    let google = Google::new(|request, _| match query(request, "pageToken").as_deref() {
        None => {
            r#"{"items":[{"name":"a","status":"RESERVED"},{"status":"RESERVED"}],"nextPageToken":"a b/c+d=="}"#.into()
        }
        Some("a b/c+d==") => r#"{"items":[{"name":"c","status":"IN_USE"}]}"#.into(),
        Some(other) => panic!("{other}"),
    });
    let client = google.client();
    let items: Vec<_> = client.compute().addresses(&region()).collect().await;
    let names: Vec<_> = items.iter().map(|item| item.as_ref().ok().map(|address| address.name.to_string())).collect();
    assert_eq!(names, [Some("a".into()), None, Some("c".into())], "one that cannot be read is not the end");
    assert_eq!(google.seen().len(), 2);
    let empty = Google::script(&[(200, "{}")]);
    assert_eq!(empty.client().compute().forwarding_rules(&region()).all().await.unwrap(), []);
    assert_eq!(empty.client().dns().managed_zones().all().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_is_waited_out_and_a_quota_is_not() {
    const LIMITED: &str = r#"{"error":{"code":403,"message":"m","errors":[{"reason":"rateLimitExceeded"}]}}"#;
    let google = Google::script(&[(403, LIMITED), (403, LIMITED), (200, STARTED)]);
    google.client().compute().insert_address(&region(), &address()).await.unwrap();
    assert_eq!(google.seen().len(), 3);
    let google =
        Google::script(&[(403, r#"{"error":{"code":403,"message":"m","errors":[{"reason":"quotaExceeded"}]}}"#)]);
    let error = google.client().compute().insert_address(&region(), &address()).await.unwrap_err();
    assert_eq!((error.kind(), google.seen().len()), (ErrorKind::QuotaExceeded, 1));
}

#[tokio::test(start_paused = true)]
async fn the_waiting_call_has_the_time_it_takes() {
    #[derive(Debug)]
    struct Slow;
    impl privlink_core::transport::Transport for Slow {
        fn send(
            &self,
            _: http::Request<bytes::Bytes>,
            _: privlink_core::transport::Limits,
        ) -> privlink_core::BoxFuture<'_, Result<http::Response<bytes::Bytes>, privlink_core::transport::TransportError>>
        {
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(119)).await;
                Ok(http::Response::new(DONE.into()))
            })
        }
    }
    let client = privlink_gcp::Client::over(Slow, "example-project".parse().unwrap()).anonymous().build().unwrap();
    assert!(client.compute().wait_operation(&region(), "operation-1").await.unwrap().is_done());
}
