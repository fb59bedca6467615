use std::sync::Arc;

use privlink_core::transport::RetryPolicy;
use privlink_core::{ForwardingRuleName, WaitError};
use privlink_gcp::{Client, ForwardingRule, Operation};
use serde_json::Value;

use crate::script::{Home, Hurried, Script, TOKEN, checked, run, told};

const HOME: &[Home] = &[
    ("compute.googleapis.com", "/compute/v1/projects/example-project/"),
    ("dns.googleapis.com", "/dns/v1/projects/example-project/"),
];

/// A line that says what is asked for, then Google's answers. An endpoint is read (`rule`), deleted
/// and waited for (`delete`), or an operation is read (`operation`), or endpoints, zones or records
/// are listed (`rules`, `zones`, `records`); then every reader has each body.
pub fn google(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let script = Script::read(input.get(end + 1..).unwrap_or_default(), HOME);
    for body in script.bodies() {
        privlink_gcp::read_as_every_answer(&body);
    }
    let what = String::from_utf8_lossy(&input[..end]);
    run(async { ask(&what, &script).await.expect("the requests themselves are well-formed") });
}

async fn ask(what: &str, script: &Script) -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::over(script.clone(), "example-project".parse()?)
        .token(TOKEN)
        .retry(RetryPolicy::never())
        .clock(Arc::new(Hurried::default()))
        .build()?;
    let (compute, dns) = (client.compute(), client.dns());
    let region = "us-central1".parse()?;
    let name: ForwardingRuleName = "orders".parse()?;
    // None, where what no reader asks for is no JSON value that could be held, such as `1e999`.
    let body = script.bodies().first().and_then(|body| serde_json::from_slice::<Value>(body).ok());
    match what {
        "rule" => {
            if let (Some(Some(rule)), Some(body)) = (checked(compute.forwarding_rule(&region, &name).await), body) {
                said(&rule, &body);
            }
        }
        "delete" => {
            let Some(Some(operation)) = checked(compute.delete_forwarding_rule(&region, &name).await) else {
                return Ok(());
            };
            assert!(operation.failure().is_none());
            match compute.finished(&region, &operation).await {
                Ok(ended) => assert!(ended.is_done() && ended.failure().is_none()),
                Err(WaitError::TimedOut { max_wait, elapsed, polls, .. }) => {
                    assert!(elapsed >= max_wait && polls > 0);
                }
                Err(error) => told(&error.into()),
            }
        }
        "operation" => {
            let operation = checked(compute.operation(&region, "operation-1").await);
            if let (Some(Some(operation)), Some(body)) = (operation, body) {
                judged(&operation, &body);
            }
        }
        "rules" => {
            let mut rules = compute.forwarding_rules(&region);
            while let Some(item) = rules.next().await {
                checked(item);
            }
        }
        "zones" => {
            let mut zones = dns.managed_zones();
            while let Some(item) = zones.next().await {
                checked(item);
            }
        }
        _ => {
            let mut sets = dns.record_sets(&"orders".parse()?);
            while let Some(item) = sets.next().await {
                let Some(set) = checked(item) else { continue };
                assert!(set.says_the_same(&set));
            }
        }
    }
    Ok(())
}

/// A connection's number is exactly the text that came, and never a JSON number; a word stays the word.
fn said(rule: &ForwardingRule, body: &Value) {
    match (&rule.psc_connection_id, &body["pscConnectionId"]) {
        (None, Value::Null) => {}
        (Some(id), Value::String(text)) => {
            assert_eq!(id.to_string().parse::<u64>().ok(), text.parse().ok(), "{id} of `{text}`");
        }
        (read, came) => panic!("{read:?} of {came}"),
    }
    if let Some(word) = body["pscConnectionStatus"].as_str() {
        assert_eq!(rule.psc_connection_status.as_str(), word);
    }
}

/// An operation that says that it failed did not succeed, whatever else it says.
fn judged(operation: &Operation, body: &Value) {
    let says =
        !body["error"].is_null() || body["httpErrorStatusCode"].as_u64().is_some_and(|code| (400..600).contains(&code));
    assert!(!says || operation.failure().is_some(), "{body}");
    assert_eq!(operation.is_done(), body["status"] == "DONE");
}
