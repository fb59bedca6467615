//! Receipts are files: what a reopening takes from one that was cut, edited, mixed up or outlived.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use privlink_clickhouse::Service;
use privlink_core::ErrorKind;
use privlink_core::side::{DatabaseSide, Exchange, Outcome, Receipt, Side, Step, StepState};
use privlink_sim::World;
use serde_json::{Value, json};
use support::*;

/// A service whose public door was closed, and the receipt as JSON.
async fn closed(world: &World) -> (Service, Value) {
    let id = service_id(world, "orders");
    world.clickhouse().set_ip_access_list(id.uuid(), ["203.0.113.7", "198.51.100.0/24"]);
    let service = client(world).service(id);
    let (closing, receipt) = service.closing(&Exchange::new(), &cx(world)).await.unwrap();
    let outcome = service.perform(&closing.steps[0], &Exchange::new(), &cx(world)).await.unwrap();
    assert!(matches!(outcome, Outcome::Done(_)));
    world.clear_requests();
    (service, serde_json::to_value(receipt).unwrap())
}

/// The only step of a reopening.
async fn reopening(world: &World, service: &Service, receipt: &Value) -> privlink_core::Result<Step> {
    let receipt: Receipt = serde_json::from_value(receipt.clone())
        .map_err(|error| privlink_core::Error::invalid("the receipt cannot be read").with_source(error))?;
    Ok(service.reopening(&receipt, &cx(world)).await?.steps.remove(0))
}

fn open(world: &World) -> Vec<String> {
    world.clickhouse().ip_access_list(service_id(world, "orders").uuid())
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_does_not_fit_opens_nothing() {
    let world = World::new();
    let (service, receipt) = closed(&world).await;
    let changes: [fn(&mut Value); 11] = [
        |receipt| receipt["version"] = json!(2),
        |receipt| receipt["side"] = json!("somebody"),
        |receipt| receipt["body"] = json!(null),
        |receipt| receipt["body"]["version"] = json!(2),
        |receipt| receipt["body"]["version"] = json!(1.0e300),
        |receipt| receipt["body"]["service"] = json!("00000000-0000-0000-0000-000000000000"),
        |receipt| receipt["body"]["service"] = json!("../../organizations"),
        |receipt| receipt["body"]["ip_access_list"] = json!("0.0.0.0/0"),
        |receipt| receipt["body"]["ip_access_list"][0]["source"] = json!("203.0.113.7\n0.0.0.0/0"),
        |receipt| receipt["body"]["ip_access_list"][0]["source"] = json!(""),
        |receipt| receipt["body"]["ip_access_list"][0]["source"] = json!("9".repeat(10_000_000)),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = receipt.clone();
        change(&mut changed);
        let error = reopening(&world, &service, &changed).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{number}: {error:?}");
        assert!(error.report().to_string().len() < 2_000, "{number}");
    }
    assert!(world.writes().is_empty() && open(&world).is_empty());
    // The one that was kept still opens.
    let step = reopening(&world, &service, &receipt).await.unwrap();
    service.perform(&step, &Exchange::new(), &cx(&world)).await.unwrap();
    assert_eq!(open(&world), ["203.0.113.7", "198.51.100.0/24"]);
}

#[tokio::test(start_paused = true)]
async fn a_source_named_twice_is_opened_once_and_what_was_opened_since_stays() {
    let world = World::new();
    let (service, mut receipt) = closed(&world).await;
    let entries = receipt["body"]["ip_access_list"].as_array_mut().unwrap();
    entries.extend(entries.clone());
    entries.push(json!({"source": "203.0.113.7/32", "description": "the same"}));
    world.clickhouse().set_ip_access_list(service.id().uuid(), ["192.0.2.1", "198.51.100.9/24"]);
    let step = reopening(&world, &service, &receipt).await.unwrap();
    assert_eq!(step.state, StepState::ToDo);
    let outcome = service.perform(&step, &Exchange::new(), &cx(&world)).await.unwrap();
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    assert_eq!(open(&world), ["192.0.2.1", "198.51.100.9/24", "203.0.113.7"]);
    assert_eq!(world.writes().len(), 1);
    // Stale by now: there is nothing left to open.
    let again = reopening(&world, &service, &receipt).await.unwrap();
    assert_eq!(again.state, StepState::AlreadyDone);
}

#[tokio::test(start_paused = true)]
async fn a_description_cannot_write_lines_of_its_own_into_a_plan() {
    let world = World::new();
    let (service, mut receipt) = closed(&world).await;
    let text = "office)\u{1b}[2J\n  2. nothing else \u{202e}";
    receipt["body"]["ip_access_list"][0]["description"] = json!(text);
    let step = reopening(&world, &service, &receipt).await.unwrap();
    assert!(!step.why.chars().any(|c| c.is_control() || c == '\u{202e}'), "{:?}", step.why);
    // What is sent is what was there.
    let outcome = service.perform(&step, &Exchange::new(), &cx(&world)).await.unwrap();
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    let listed = service.ip_access_list().list().await.unwrap();
    assert_eq!(listed[0].description.as_deref(), Some(text));
    let (closing, _) = service.closing(&Exchange::new(), &cx(&world)).await.unwrap();
    let why = &closing.steps[0].why;
    assert!(why.contains("office") && !why.chars().any(char::is_control), "{why:?}");
}
