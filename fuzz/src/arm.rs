use std::sync::Arc;
use std::time::Duration;

use privlink_azure::{Client, CreatePrivateEndpoint, LongRunning, OperationError, OperationHandle, Progress};
use privlink_core::transport::RetryPolicy;

use crate::script::{Home, Hurried, Script, TOKEN, checked, run, told};

const HOME: &[Home] = &[("management.azure.com", "/")];
const NETWORK: &str =
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/example/providers/Microsoft.Network";

const AT_MOST: Duration = Duration::from_secs(90);

/// A line that says what is asked for, then the answers of Azure's resource manager. An endpoint is
/// made (`make`), waited for (`wait`) or deleted (`delete`), or endpoints, zones or records are listed
/// (`list`, `zones`, `records`); then every reader has each body.
pub fn arm(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let script = Script::read(input.get(end + 1..).unwrap_or_default(), HOME);
    for body in script.bodies() {
        privlink_azure::read_as_every_answer(&body);
    }
    let what = String::from_utf8_lossy(&input[..end]);
    run(async { ask(&what, &script).await.expect("the requests themselves are well-formed") });
}

async fn ask(what: &str, script: &Script) -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::over(script.clone(), "00000000-0000-0000-0000-000000000000".parse()?)
        .token(TOKEN)
        .retry(RetryPolicy::never())
        .request_budget(None)
        .clock(Arc::new(Hurried::default()))
        .build()?;
    let (networking, dns) = (client.networking(), client.private_dns());
    let id = format!("{NETWORK}/privateEndpoints/orders").parse()?;
    let zone = format!("{NETWORK}/privateDnsZones/example.com").parse()?;
    match what {
        "make" | "wait" => {
            let subnet = format!("{NETWORK}/virtualNetworks/main/subnets/default").parse()?;
            let service = "example.00000000-0000-0000-0000-000000000000.westus3.azure.privatelinkservice".parse()?;
            let request = CreatePrivateEndpoint::new(id, "westus3".parse()?, subnet, &service)?;
            let Some(making) = checked(networking.put_private_endpoint(&request).await) else { return Ok(()) };
            if let Some(handle) = making.handle() {
                assert!(networking.resume_private_endpoint(handle.clone()).is_ok());
                assert!(networking.resume_deletion(handle.clone()).is_err());
            }
            match what {
                "make" => look_at(making, script).await,
                _ => wait_for(making).await,
            }
        }
        "delete" => {
            let Some(deleting) = checked(networking.delete_private_endpoint(&id).await) else { return Ok(()) };
            if let Some(handle) = deleting.handle() {
                assert!(networking.resume_deletion(handle.clone()).is_ok());
                assert!(networking.resume_private_endpoint(handle.clone()).is_err());
            }
            look_at(deleting, script).await;
        }
        "zones" => {
            let mut zones = dns.zones_of(client.subscription());
            while let Some(item) = zones.next().await {
                checked(item);
            }
        }
        "records" => {
            let mut sets = dns.a_sets(&zone);
            while let Some(item) = sets.next().await {
                checked(item);
            }
        }
        _ => {
            let mut endpoints = networking.private_endpoints();
            while let Some(item) = endpoints.next().await {
                let Some(endpoint) = checked(item) else { continue };
                if let Ok(request) = endpoint.as_request() {
                    assert_eq!(request.id(), &endpoint.id);
                }
            }
        }
    }
    Ok(())
}

/// A wait ends: with the thing, with a typed error, or when its time is up and not before.
async fn wait_for<T: Send + 'static>(under: LongRunning<T>) {
    match under.at_most(AT_MOST).await {
        Ok(_) => {}
        Err(OperationError::TimedOut { elapsed, looks, .. }) => assert!(elapsed >= AT_MOST && looks > 0),
        Err(error) => told(&error.into()),
    }
}

/// Looks until the operation is over or the answers are: every look at one that goes on costs an
/// answer, a handle outlives the process without telling its address, and what is over stays so.
async fn look_at<T: Clone + PartialEq + std::fmt::Debug + Send + 'static>(mut under: LongRunning<T>, script: &Script) {
    loop {
        assert_eq!(under.is_over(), under.handle().is_none());
        if let Some(handle) = under.handle() {
            let stored = serde_json::to_string(handle).expect("a handle is written");
            let again: OperationHandle = serde_json::from_str(&stored).expect("and read");
            assert_eq!(&again, handle);
            assert!(!format!("{handle:?}").contains("://"), "{handle:?}");
        }
        let left = script.left();
        let Some(progress) = checked(under.look().await) else { return };
        match progress {
            Progress::Over(outcome) => {
                assert!(under.is_over());
                let left = script.left();
                assert_eq!(under.look().await.ok(), Some(Progress::Over(outcome)));
                assert_eq!(script.left(), left, "no request is made for what is over");
                return;
            }
            Progress::Pending { .. } => assert!(script.left() < left, "it looked"),
        }
    }
}
