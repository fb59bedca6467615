//! What the other side echoes of a token is in no error.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use privlink_azure::{ARecordSet, Client, Expect, OperationError, PrivateDnsZoneId};
use privlink_core::Error;
use privlink_core::transport::RetryPolicy;
use privlink_sim::World;
use privlink_sim::contract::{Echo, renderings};
use support::{Answer, Azure, GROUP, SUBSCRIPTION, endpoint_id, request};

const TOKEN: &str = "canary-token-4f9a77d1c0ffee";

fn client(status: u16, body: &str) -> Client {
    let echo = Echo::answering(status, body, [TOKEN]);
    let client = Client::over(echo, SUBSCRIPTION.parse().unwrap()).token(TOKEN).retry(RetryPolicy::never());
    client.clock(World::new().clock()).build().unwrap()
}

fn zone() -> PrivateDnsZoneId {
    format!("{GROUP}/privateDnsZones/example.com").parse().unwrap()
}

/// The start of a secret is one too.
fn clean(error: &Error) {
    let text = renderings(error);
    assert!(!text.contains(&TOKEN[..14]), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_azure_says_of_a_failure_shows_no_token() {
    for status in [200, 400, 401, 403, 404, 500] {
        for body in [r#"{"error":{"code":"X","message":"SAID"}}"#, r#"{"code":"SAID"}"#, "<html>SAID</html>", "SAID"] {
            let client = client(status, body);
            clean(&client.networking().put_private_endpoint(&request()).await.unwrap_err());
            if let Err(error) = client.networking().private_endpoints().all().await {
                clean(&error);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_stands_where_an_id_was_due_shows_no_token() {
    let one = client(200, r#"{"id":"SAID"}"#);
    clean(&one.networking().private_endpoint(&endpoint_id()).await.unwrap_err());
    clean(&one.networking().put_private_endpoint(&request()).await.unwrap_err());
    clean(&one.private_dns().zone(&zone()).await.unwrap_err());
    let set = ARecordSet::new(["10.0.0.4".parse().unwrap()]);
    let written = client(200, r#"{"name":"@","properties":{"aRecords":[{"ipv4Address":"SAID"}]}}"#);
    if let Err(error) = written.private_dns().write_a(&zone(), "@", &set, Expect::Absent).await {
        clean(&error);
    }
    let list = client(200, r#"{"value":[{"id":"SAID"}]}"#);
    clean(&list.networking().private_endpoints().all().await.unwrap_err());
    clean(&list.private_dns().zones_of(SUBSCRIPTION.parse().unwrap()).all().await.unwrap_err());
}

#[tokio::test(start_paused = true)]
async fn what_an_operation_says_of_its_failure_shows_no_token() {
    for monitor in [
        format!(r#"{{"status":"Failed","error":{{"code":"X","message":"Bearer {TOKEN}"}}}}"#),
        format!(r#"{{"status":"Succeeded","id":"{TOKEN}"}}"#),
    ] {
        let azure = Azure::new(move |seen, _| match seen.method() {
            &http::Method::PUT => {
                Answer::said(202, "").header("azure-asyncoperation", "https://management.azure.com/operations/1")
            }
            _ if seen.uri().path() == "/operations/1" => Answer::said(200, monitor.clone()),
            _ => Answer::said(200, format!(r#"{{"id":"{TOKEN}"}}"#)),
        });
        let client = Client::over(azure, SUBSCRIPTION.parse().unwrap()).token(TOKEN);
        let client = client.clock(World::new().clock()).build().unwrap();
        let making = client.networking().put_private_endpoint(&request()).await.unwrap();
        match making.await.unwrap_err() {
            OperationError::Failed(error) | OperationError::Look { error, .. } => clean(&error),
            other => panic!("{other}"),
        }
    }
}
