//! Long-running operations, as the resource manager really runs them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use privlink_azure::{OperationError, OperationHandle, Problem, Progress, ProvisioningState};
use privlink_core::{Clock, ErrorKind, SystemClock};
use support::*;

const MONITOR: &str = "https://management.azure.com/subscriptions/x/providers/Microsoft.Network/locations/westeurope/operations/1?api-version=2020-01-01&t=signed";
const LOCATION: &str = "https://management.azure.com/subscriptions/x/operationResults/1?api-version=2020-01-01";

fn in_progress() -> Answer {
    Answer::said(200, r#"{"status":"InProgress"}"#)
}

fn created() -> Answer {
    Answer::said(201, endpoint("Updating", "Pending"))
        .header("Azure-AsyncOperation", MONITOR)
        .header("Retry-After", "10")
}

#[tokio::test(start_paused = true)]
async fn the_status_monitor_is_asked_and_then_the_resource_in_our_version() {
    let azure = Azure::script([
        created().header("Location", LOCATION),
        in_progress(),
        Answer::said(200, r#"{"status":"succeeded"}"#),
        Answer::said(200, endpoint("Succeeded", "Pending")),
    ]);
    let operation = azure.client().networking().put_private_endpoint(&request()).await.unwrap();
    assert_eq!(operation.seen().unwrap().id, endpoint_id(), "the id is known at once");
    let made = operation.await.unwrap();
    assert_eq!(made.provisioning, Some(ProvisioningState::Succeeded));
    let uris: Vec<String> = azure.seen().iter().map(|request| request.uri().to_string()).collect();
    assert_eq!((uris[1].as_str(), uris[2].as_str()), (MONITOR, MONITOR), "opaque, and never the location");
    assert_eq!(uris[3], format!("https://management.azure.com{}?api-version=2025-05-01", endpoint_id()));
}

#[tokio::test(start_paused = true)]
async fn the_bodys_word_counts_and_any_unknown_word_is_progress() {
    let failed = r#"{"status":"FAILED","error":{"code":"RetryableError","message":"later",
        "details":[{"code":"ReferencedResourceNotProvisioned","message":"subnet is Updating"}]}}"#;
    let azure = Azure::script([created(), Answer::said(202, r#"{"status":"Thawing"}"#), Answer::said(200, failed)]);
    let operation = azure.client().networking().put_private_endpoint(&request()).await.unwrap();
    let OperationError::Failed(error) = operation.await.unwrap_err() else { panic!("failed") };
    assert_eq!(Problem::of(&error), Problem::NotProvisioned);
    assert_eq!(error.code(), Some("RetryableError"));
    assert!(error.to_string().contains("subnet is Updating"), "{error}");
    assert_eq!(error.resource(), Some(endpoint_id().as_str()));
}

#[tokio::test(start_paused = true)]
async fn it_looks_when_azure_says_so_and_otherwise_in_growing_intervals() {
    let azure = Azure::script([
        created(),
        in_progress(),
        in_progress(),
        Answer::said(200, r#"{"status":"Succeeded"}"#),
        Answer::said(200, endpoint("Succeeded", "Approved")),
    ]);
    let clock = SystemClock::new();
    let began = clock.monotonic();
    azure.client().networking().put_private_endpoint(&request()).await.unwrap().await.unwrap();
    let took = clock.monotonic() - began;
    // Ten seconds as told, then 3 and 4.5 of our own.
    assert!(took >= Duration::from_millis(17_000) && took < Duration::from_millis(18_500), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_location_is_followed_while_it_moves_and_a_deletion_ends_with_it() {
    let azure = Azure::script([
        Answer::said(202, "").header("Location", LOCATION),
        Answer::said(202, "").header("Location", format!("{LOCATION}&moved")),
        Answer::said(204, ""),
    ]);
    azure.client().networking().delete_private_endpoint(&endpoint_id()).await.unwrap().await.unwrap();
    assert!(azure.seen()[2].uri().to_string().ends_with("&moved"));
    assert_eq!(azure.seen().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_deleted() {
    for answer in [Answer::said(204, ""), Answer::said(404, r#"{"error":{"code":"ResourceNotFound","message":""}}"#)] {
        let azure = Azure::script([answer]);
        let gone = azure.client().networking().delete_private_endpoint(&endpoint_id()).await.unwrap();
        assert!(gone.is_over());
        gone.await.unwrap();
        assert_eq!(azure.seen().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_address_the_resource_itself_is_looked_at() {
    let azure = Azure::script([
        Answer::said(200, endpoint("Updating", "Pending")),
        Answer::said(200, endpoint("Updating", "Pending")),
        Answer::said(200, endpoint("Succeeded", "Pending")),
    ]);
    azure.client().networking().put_private_endpoint(&request()).await.unwrap().await.unwrap();
    assert_eq!(
        azure.lines(),
        ["PUT …/privateEndpoints/orders", "GET …/privateEndpoints/orders", "GET …/privateEndpoints/orders"]
    );

    let over = Azure::script([Answer::said(200, endpoint("Succeeded", "Pending"))]);
    assert!(over.client().networking().put_private_endpoint(&request()).await.unwrap().is_over());

    let failed =
        Azure::script([Answer::said(200, endpoint("Updating", "")), Answer::said(200, endpoint("Failed", ""))]);
    let operation = failed.client().networking().put_private_endpoint(&request()).await.unwrap();
    assert!(matches!(operation.await, Err(OperationError::Failed(_))));
}

#[tokio::test(start_paused = true)]
async fn credentials_never_follow_an_address_to_another_host() {
    for foreign in [
        "https://management.azure.com.evil.example/op",
        "https://evil.example/op",
        "https://management.azure.com@evil.example/op",
        "https://management.azure.com:8443/op",
        "https://management.azure.com./op",
    ] {
        let azure = Azure::new(move |request, _| match request.uri().host() {
            _ if request.method() == http::Method::PUT => {
                Answer::said(201, endpoint("Updating", "Pending")).header("Azure-AsyncOperation", foreign)
            }
            _ => Answer::said(401, r#"{"error":{"code":"AuthenticationFailed","message":"no token"}}"#),
        });
        let operation = azure.client().networking().put_private_endpoint(&request()).await.unwrap();
        let error = operation.await.unwrap_err();
        assert!(error.handle().is_some(), "the operation goes on, and can be looked at again");
        for request in azure.seen().iter().skip(1) {
            assert!(!has_credentials(request), "{foreign}");
            assert!(!format!("{:?}", request.headers()).contains(TOKEN));
        }
        assert!(has_credentials(&azure.seen()[0]));
    }
    // Unless the caller says so.
    let azure = Azure::script([
        Answer::said(201, endpoint("Updating", "")).header("Azure-AsyncOperation", "https://regional.example/op"),
        Answer::said(200, r#"{"status":"Succeeded"}"#),
        Answer::said(200, endpoint("Succeeded", "Pending")),
    ]);
    let client = azure.builder().trust_host("regional.example").build().unwrap();
    client.networking().put_private_endpoint(&request()).await.unwrap().await.unwrap();
    assert!(has_credentials(&azure.seen()[1]));
}

#[tokio::test(start_paused = true)]
async fn plain_http_to_another_host_is_not_even_asked() {
    let azure = Azure::script([
        Answer::said(201, endpoint("Updating", "")).header("Azure-AsyncOperation", "http://management.azure.com/op"),
        in_progress(),
    ]);
    let operation = azure.client().networking().put_private_endpoint(&request()).await.unwrap();
    assert!(matches!(operation.await, Err(OperationError::Look { .. })));
    assert_eq!(azure.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_ran_out_is_taken_up_again_from_its_handle() {
    let azure = Azure::script([
        created(),
        in_progress(),
        in_progress(),
        Answer::said(200, r#"{"status":"Succeeded"}"#),
        Answer::said(200, endpoint("Succeeded", "Approved")),
    ]);
    let client = azure.client();
    let operation = client.networking().put_private_endpoint(&request()).await.unwrap();
    let error = operation.at_most(Duration::from_secs(12)).await.unwrap_err();
    let OperationError::TimedOut { handle, looks, elapsed, .. } = &error else { panic!("{error}") };
    assert_eq!((*looks, elapsed.as_secs()), (2, 12), "the last look is when the time is up");
    assert!(!format!("{handle:?} {error:?}").contains("signed"), "a signed address is not printed");

    let written = serde_json::to_string(handle).unwrap();
    let read: OperationHandle = serde_json::from_str(&written).unwrap();
    assert!(client.networking().resume_deletion(read.clone()).is_err());
    let made = client.networking().resume_private_endpoint(read).unwrap().await.unwrap();
    assert_eq!(made.id, endpoint_id());
    let error = privlink_core::Error::from(error);
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn a_monitor_that_is_no_more_leaves_the_resource_to_look_at() {
    let azure = Azure::new(|request, _| match request.uri().path() {
        path if path.ends_with("/operations/1") => Answer::said(404, "{}"),
        _ if is_get(request) => Answer::said(200, endpoint("Succeeded", "Pending")),
        _ => created(),
    });
    azure.client().networking().put_private_endpoint(&request()).await.unwrap().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_look_at_a_time_is_possible() {
    let azure = Azure::script([
        created(),
        in_progress().header("Retry-After", "7"),
        Answer::said(200, r#"{"status":"Succeeded"}"#),
        Answer::said(200, endpoint("Succeeded", "Pending")),
    ]);
    let mut operation = azure.client().networking().put_private_endpoint(&request()).await.unwrap();
    let first = operation.look().await.unwrap();
    assert_eq!(first, Progress::Pending { stage: "InProgress".into(), retry_after: Some(Duration::from_secs(7)) });
    assert!(matches!(operation.look().await.unwrap(), Progress::Over(_)) && operation.is_over());
    assert!(matches!(operation.look().await.unwrap(), Progress::Over(_)));
    assert_eq!(azure.seen().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_passes_is_tried_again_and_one_that_stays_is_told() {
    let retryable =
        r#"{"error":{"code":"RetryableError","message":"x","details":[{"code":"ReferencedResourceNotProvisioned"}]}}"#;
    let fresh_alias = r#"{"error":{"code":"InvalidPrivateLinkServiceId","message":"not found"}}"#;
    for passing in [Answer::said(429, retryable), Answer::said(400, fresh_alias), Answer::said(503, "<html>")] {
        let azure = Azure::script([passing, Answer::said(200, endpoint("Succeeded", "Pending"))]);
        assert!(azure.client().networking().put_private_endpoint(&request()).await.unwrap().is_over());
        assert_eq!(azure.seen().len(), 2);
    }
    let not_visible = r#"{"error":{"code":"ThirdPartyPrivateLinkServiceProvidedDuringPrivateEndpointCreationDoesNotExistOrIsNotVisible","message":"no"}}"#;
    let azure = Azure::script([Answer::said(400, not_visible)]);
    let error = azure.client().networking().put_private_endpoint(&request()).await.unwrap_err();
    assert_eq!((Problem::of(&error), azure.seen().len()), (Problem::ServiceNotVisible, 1));
    assert!(error.help().contains("subscription"), "{}", error.help());
}

#[tokio::test(start_paused = true)]
async fn what_was_made_and_is_not_visible_yet_is_waited_for() {
    let azure = Azure::script([
        created(),
        Answer::said(200, r#"{"status":"Succeeded"}"#),
        Answer::said(404, r#"{"error":{"code":"ResourceNotFound","message":""}}"#),
        Answer::said(200, r#"{"status":"Succeeded"}"#),
        Answer::said(200, endpoint("Succeeded", "Pending")),
    ]);
    azure.client().networking().put_private_endpoint(&request()).await.unwrap().await.unwrap();
    assert_eq!(azure.seen().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_readers_take_for_different_hosts_is_not_even_asked() {
    for odd in [
        r"https://management.azure.com\@evil.example/op",
        "https:management.azure.com/op",
        "https:///management.azure.com/op",
        "https://user:secret@management.azure.com/op",
        "//management.azure.com/op",
        "/subscriptions/x/operations/1",
        "ftp://management.azure.com/op",
        "https://management.azure.com:99999/op",
        "",
    ] {
        let azure = Azure::script([
            Answer::said(201, endpoint("Updating", "")).header("Azure-AsyncOperation", odd),
            Answer::said(200, endpoint("Succeeded", "Pending")),
        ]);
        let operation = azure.client().networking().put_private_endpoint(&request()).await.unwrap();
        let ended = operation.await;
        for request in azure.seen().iter().skip(1) {
            assert!(odd.is_empty() && request.uri().path() == endpoint_id().as_str(), "{odd}: {}", request.uri());
        }
        assert_eq!(ended.is_ok(), odd.is_empty(), "{odd}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_asks_to_be_asked_without_end_is_not() {
    for wait in ["0", "0.001", "Sun, 06 Nov 1994 08:49:37 GMT"] {
        let azure = Azure::script([created(), in_progress().header("Retry-After", wait)]);
        let client = azure.builder().request_budget(None).build().unwrap();
        let operation = client.networking().put_private_endpoint(&request()).await.unwrap();
        let error = operation.at_most(Duration::from_secs(60)).await.unwrap_err();
        let OperationError::TimedOut { looks, .. } = error else { panic!("{error}") };
        assert!((20..=60).contains(&looks), "{wait}: {looks} looks in a minute");
    }
    // What is asked for without measure is waited for no longer than the caller wants.
    for wait in ["86400", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let azure = Azure::script([created(), in_progress().header("Retry-After", wait)]);
        let operation = azure.client().networking().put_private_endpoint(&request()).await.unwrap();
        let error = operation.at_most(Duration::from_secs(60)).await.unwrap_err();
        let OperationError::TimedOut { elapsed, .. } = error else { panic!("{error}") };
        assert_eq!(elapsed.as_secs(), 60, "{wait}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_monitor_that_flaps_never_ends_by_itself_and_one_that_says_no_word_is_told() {
    let words = ["InProgress", "Updating", "Thawing", "Canceling", "Succeeding", ""];
    let azure = Azure::new(move |request, before| match is_get(request) {
        true => Answer::said(200, format!(r#"{{"status":"{}"}}"#, words[before % words.len()])),
        false => created(),
    });
    let operation = azure.client().networking().put_private_endpoint(&request()).await.unwrap();
    let error = operation.at_most(Duration::from_secs(600)).await.unwrap_err();
    assert!(matches!(error, OperationError::TimedOut { .. }), "{error}");
    for body in ["{}", "[]", r#"{"status":null}"#, r#"{"status":7}"#, "<html>"] {
        let azure = Azure::script([created(), Answer::said(200, body)]);
        let operation = azure.client().networking().put_private_endpoint(&request()).await.unwrap();
        let OperationError::Look { error, handle } = operation.await.unwrap_err() else { panic!("{body}") };
        assert_eq!((error.kind(), handle.deletes), (ErrorKind::UnexpectedResponse, false), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_goes_round_or_leads_elsewhere_ends() {
    let page = |next: &str| format!(r#"{{"value":[{}],"nextLink":"{next}"}}"#, endpoint("Succeeded", "Approved"));
    let here = format!(
        "https://management.azure.com/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/privateEndpoints?api-version=2025-05-01&$skiptoken="
    );
    let itself = Azure::script([Answer::said(200, page(&format!("{here}1")))]);
    let error = itself.client().networking().private_endpoints().all().await.unwrap_err();
    assert_eq!((error.kind(), itself.seen().len()), (ErrorKind::UnexpectedResponse, 2));
    let other = here.clone();
    let in_turn = Azure::new(move |_, before| Answer::said(200, page(&format!("{other}{}", before % 2))));
    let error = in_turn.client().networking().private_endpoints().all().await.unwrap_err();
    assert_eq!((error.kind(), in_turn.seen().len()), (ErrorKind::UnexpectedResponse, 3));
    for elsewhere in [here.replace("management.azure.com", "evil.example"), here.replace("https", "http")] {
        let azure = Azure::script([Answer::said(200, page(&elsewhere))]);
        let error = azure.client().networking().private_endpoints().all().await.unwrap_err();
        assert_eq!((error.kind(), azure.seen().len()), (ErrorKind::UnexpectedResponse, 1), "{elsewhere}");
    }
}
