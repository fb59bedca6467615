//! Proving a link: the layer that breaks is named, and the public door closes only behind a proof.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::time::Duration;

use common::pair::{Pair, endpoint_of as pair_endpoint_of, for_each_pair, for_every_pair};
use common::{builder_of, endpoint_of, link, network, set_up};
use privlink::Link;
use privlink::core::side::{Layer, Naming, PortRange, Protocol, RungResult, Vantage};
use privlink::core::{ErrorKind, Severity};
use privlink_sim::{Permission, World};

for_every_pair![
    nothing_is_proved_before_anything_is_there,
    a_proof_travels_as_a_file_and_is_judged_elsewhere,
    a_way_that_is_shut_is_a_port_that_does_not_answer,
    an_endpoint_that_is_turned_away_is_not_proved,
];

for_each_pair![
    nothing_is_proved_before_it_is_set_up,
    an_endpoint_missing_on_the_allow_list_is_a_reset_in_tls,
    a_missing_zone_is_told_by_the_zone_above_it,
    nothing_is_proved_that_the_expectation_does_not_name,
    a_proof_of_something_else_proves_nothing,
    public_access_closes_only_behind_a_fresh_proof_and_reopens_exactly,
    public_access_is_not_closed_with_the_proof_of_another_link,
    the_address_of_another_endpoint_is_no_proof,
    public_access_is_not_closed_with_a_proof_of_an_endpoint_that_was_made_anew,
];

async fn finding(link: &Link) -> String {
    let verdict = link.verify().await.unwrap();
    assert!(!verdict.proved);
    verdict.findings[0].code.to_string()
}

async fn nothing_is_proved_before_anything_is_there(pair: &'static Pair) {
    let world = pair.world();
    let error = pair.link(&world).verify().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.help().starts_with("apply the plan first"), "{error:?}");
}

async fn an_endpoint_that_is_turned_away_is_not_proved(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    set_up(&link).await.unwrap();
    let (expectation, proof) = link.prove().await.unwrap();
    assert!(link.judge(&expectation, &proof).proved);
    let code = pair.turn_away(&world);
    let proof = pair.vantage(&world).prove(&expectation).await.unwrap();
    let verdict = link.judge(&expectation, &proof);
    assert!(!verdict.proved && verdict.findings[0].code == code, "{verdict}");
}

async fn nothing_is_proved_before_it_is_set_up(pair: &'static Pair) {
    let world = pair.world();
    let error = pair.link(&world).verify().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.help().starts_with("apply the plan first"), "{error:?}");
    world.clickhouse().set_key_permissions(&world.clickhouse().key_id(), [Permission::ServiceView]);
    let error = pair.link(&world).verify().await.unwrap_err();
    assert_eq!(error.finding().map(|finding| &*finding.code), Some("CH-003"), "{error:?}");
    assert!(error.help().contains("control-plane:service:view-private-endpoints"), "{error:?}");
}

async fn an_endpoint_missing_on_the_allow_list_is_a_reset_in_tls(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    set_up(&link).await.unwrap();
    world.clickhouse().detach(pair.database(&world, 0), &pair.endpoints(&world)[0]);
    assert_eq!(finding(&link).await, "TLS-001");
}

async fn a_missing_zone_is_told_by_the_zone_above_it(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.named(&world, "orders-prod", 0, Some(Naming::SelfManaged)).build().unwrap();
    set_up(&link).await.unwrap();
    assert_eq!(finding(&link).await, "DNS-009");
}

async fn a_way_that_is_shut_is_a_port_that_does_not_answer(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    let applied = set_up(&link).await.unwrap();
    let addresses = applied.exchange.endpoints.values().next().unwrap().addresses.clone();
    assert!(link.verify().await.unwrap().proved);
    for (address, _) in addresses {
        pair.shut(&world, address);
    }
    assert_eq!(finding(&link).await, "NET-001");
}

async fn the_address_of_another_endpoint_is_no_proof(pair: &'static Pair) {
    let world = pair.world();
    let (link, other) = (pair.link(&world), pair.builder(&world, "other", 2).build().unwrap());
    set_up(&link).await.unwrap();
    set_up(&other).await.unwrap();
    let mut elsewhere = link.expectation().await.unwrap();
    elsewhere.addresses = other.expectation().await.unwrap().addresses;
    let proof = pair.vantage(&world).prove(&elsewhere).await.unwrap();
    let verdict = link.judge(&elsewhere, &proof);
    assert!(!verdict.proved, "{verdict}");
    assert_eq!(verdict.findings[0].code, "DNS-005", "{verdict}");
}

#[tokio::test(start_paused = true)]
async fn a_closed_group_is_a_port_that_does_not_answer() {
    let world = World::new();
    let group = world.aws().add_group(&world.aws().vpc_id(), "database");
    world.aws().open_ports(&group, 443..=9440, "10.0.0.0/16".parse().unwrap());
    let network = network(&world).security_groups([group.clone()]);
    let link = builder_of(&world, "orders-prod", 0, network).build().unwrap();
    set_up(&link).await.unwrap();
    assert!(link.verify().await.unwrap().proved);
    world.aws().close_inbound(&group);
    assert_eq!(finding(&link).await, "NET-001");
}

async fn a_proof_travels_as_a_file_and_is_judged_elsewhere(pair: &'static Pair) {
    let world = pair.world();
    set_up(&pair.link(&world)).await.unwrap();
    let expectation = serde_json::to_string(&pair.link(&world).expectation().await.unwrap()).unwrap();
    // Inside, without keys.
    let expected = serde_json::from_str(&expectation).unwrap();
    let proof = pair.vantage(&world).prove(&expected).await.unwrap();
    let proof = serde_json::to_string(&proof).unwrap();
    // Outside again.
    let verdict = pair.link(&world).judge(&expected, &serde_json::from_str(&proof).unwrap());
    assert!(verdict.proved, "{verdict}");
}

async fn nothing_is_proved_that_the_expectation_does_not_name(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    set_up(&link).await.unwrap();
    let whole = link.expectation().await.unwrap();
    let (mut anywhere, mut anyone, mut nothing) = (whole.clone(), whole.clone(), whole);
    anywhere.inside.clear();
    anyone.addresses.clear();
    nothing.names.clear();
    for (expectation, missing) in [(anywhere, "network"), (anyone, "endpoint"), (nothing, "name")] {
        let proof = pair.vantage(&world).prove(&expectation).await.unwrap();
        let verdict = link.judge(&expectation, &proof);
        assert!(!verdict.proved && !verdict.is_fresh(), "{verdict}");
        assert_eq!(verdict.findings[0].code, "PROOF-006", "{verdict}");
        assert!(verdict.findings[0].evidence[0].contains(missing), "{verdict}");
        let refused = link.closing_plan(&expectation, &proof).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Conflict, "{refused:?}");
    }
}

async fn a_proof_of_something_else_proves_nothing(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    set_up(&link).await.unwrap();
    let (one, two) = (link.expectation().await.unwrap(), link.expectation().await.unwrap());
    let proof = pair.vantage(&world).prove(&one).await.unwrap();
    assert_eq!(link.judge(&two, &proof).findings[0].code, "PROOF-001");
    let mut outside = proof.clone();
    outside.local = vec!["192.0.2.1".parse().unwrap()];
    assert_eq!(link.judge(&one, &outside).findings[0].code, "PROOF-002");
    let refused = link.closing_plan(&one, &outside).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict, "the public door stays open: {refused:?}");
    let mut nowhere = proof.clone();
    nowhere.local.clear();
    assert_eq!(link.judge(&one, &nowhere).findings[0].code, "PROOF-002");
    let mut partly = proof.clone();
    partly.rungs.retain(|rung| rung.port != Some(9440));
    assert_eq!(link.judge(&one, &partly).findings[0].code, "PROOF-003");
    for layer in [Layer::Name, Layer::Address, Layer::Tcp, Layer::Tls, Layer::Protocol] {
        let mut partly = proof.clone();
        partly.rungs.retain(|rung| rung.layer != layer);
        let verdict = link.judge(&one, &partly);
        assert_eq!(verdict.findings[0].code, "PROOF-003", "{verdict}");
        assert!(verdict.findings[0].evidence.iter().all(|told| told.ends_with(&layer.to_string())), "{verdict}");
    }
}

async fn public_access_closes_only_behind_a_fresh_proof_and_reopens_exactly(pair: &'static Pair) {
    let world = pair.world();
    let vendor = world.clickhouse();
    let service = pair.database(&world, 0);
    vendor.set_ip_access_list(service, ["203.0.113.7", "198.51.100.0/24"]);
    let open = vendor.ip_access_list(service);
    let link = pair.link(&world);
    set_up(&link).await.unwrap();
    let expectation = link.expectation().await.unwrap();
    let proof = pair.vantage(&world).prove(&expectation).await.unwrap();

    let mut broken = proof.clone();
    broken.rungs.pop();
    let error = link.closing_plan(&expectation, &broken).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);

    let closing = link.closing_plan(&expectation, &proof).await.unwrap();
    assert_eq!(vendor.ip_access_list(service), open, "planning closes nothing");
    let told = closing.plan.to_string();
    assert!(told.contains("203.0.113.7") && told.contains("198.51.100.0/24"), "{told}");
    link.apply(&closing.plan).await.unwrap();
    assert!(vendor.ip_access_list(service).is_empty());
    assert!(link.verify().await.unwrap().proved, "private traffic goes on");

    let receipt = serde_json::from_str(&serde_json::to_string(&closing.receipt).unwrap()).unwrap();
    let plan = link.reopening_plan(&receipt).await.unwrap();
    link.apply(&plan).await.unwrap();
    let mut reopened = vendor.ip_access_list(service);
    reopened.sort();
    let mut open = open;
    open.sort();
    assert_eq!(reopened, open);

    world.clock().sleep(Duration::from_secs(601)).await;
    let error = link.closing_plan(&expectation, &proof).await.unwrap_err();
    assert!(error.to_string().contains("s old"), "{error}");
}

async fn public_access_is_not_closed_with_the_proof_of_another_link(pair: &'static Pair) {
    let world = pair.world();
    let proved = pair.link(&world);
    set_up(&proved).await.unwrap();
    let (expectation, proof) = proved.prove().await.unwrap();
    let other = pair.builder(&world, "other", 2).build().unwrap();
    assert_eq!(other.closing_plan(&expectation, &proof).await.unwrap_err().kind(), ErrorKind::Conflict);
    set_up(&other).await.unwrap();
    assert_eq!(other.closing_plan(&expectation, &proof).await.unwrap_err().kind(), ErrorKind::Conflict);
    // Through the same endpoint, but by another name.
    let beside = pair.builder(&world, "beside", 1).build().unwrap();
    set_up(&beside).await.unwrap();
    assert!(beside.judge(&expectation, &proof).is_fresh());
    let error = beside.closing_plan(&expectation, &proof).await.unwrap_err();
    assert!(error.to_string().contains("proof is of another link"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn public_access_is_not_closed_with_a_proof_of_an_endpoint_that_was_replaced() {
    let world = World::new();
    let link = link(&world);
    let endpoint = endpoint_of(&set_up(&link).await.unwrap());
    let (expectation, proof) = link.prove().await.unwrap();
    world.aws().delete_endpoint(&endpoint);
    world.clock().sleep(Duration::from_secs(60)).await;
    // Others take the addresses that came free.
    for subnet in world.aws().subnet_ids() {
        world.aws().add_machine(&subnet, []);
    }
    assert_ne!(endpoint_of(&set_up(&link).await.unwrap()), endpoint);
    assert!(link.judge(&expectation, &proof).is_fresh(), "only what it proves has changed");
    let error = link.closing_plan(&expectation, &proof).await.unwrap_err();
    assert!(error.to_string().contains("earlier state"), "{error}");
}

/// On AWS and Google it has another id, on Azure the same one with another GUID.
async fn public_access_is_not_closed_with_a_proof_of_an_endpoint_that_was_made_anew(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    let endpoint = pair_endpoint_of(&set_up(&link).await.unwrap());
    let (expectation, proof) = link.prove().await.unwrap();
    assert_eq!(expectation.endpoints[0], endpoint);
    pair.delete_endpoint(&world, &endpoint);
    world.clock().sleep(Duration::from_secs(60)).await;
    set_up(&link).await.unwrap();
    let again = link.expectation().await.unwrap();
    assert_eq!((&again.names, &again.addresses), (&expectation.names, &expectation.addresses), "all else is the same");
    assert_ne!(again.endpoints, expectation.endpoints);
    assert!(link.judge(&expectation, &proof).is_fresh(), "only what it proves has changed");
    let error = link.closing_plan(&expectation, &proof).await.unwrap_err();
    assert!(error.to_string().contains("earlier state"), "{error}");
    // One that does not say which endpoint it is about proves none.
    let mut written = serde_json::to_value(&again).unwrap();
    written.as_object_mut().unwrap().remove("endpoints");
    let untold = serde_json::from_value(written).unwrap();
    let proof = pair.vantage(&world).prove(&untold).await.unwrap();
    assert!(link.judge(&untold, &proof).is_fresh());
    assert_eq!(link.closing_plan(&untold, &proof).await.unwrap_err().kind(), ErrorKind::Conflict);
    link.closing_plan(&again, &proof).await.unwrap();
}

/// Ports that a vendor hands out later, as Aiven's for Kafka.
const LATER: PortRange = PortRange::range(10_000, 31_000);

#[tokio::test(start_paused = true)]
async fn a_wide_range_is_proved_by_tcp_at_its_ends_and_by_a_port_that_is_reached() {
    let world = World::new();
    let link = link(&world);
    set_up(&link).await.unwrap();
    let mut expectation = link.expectation().await.unwrap();
    expectation.names[0].ports.push(LATER);
    let vantage = world.vantage(&world.aws().subnet_ids()[0]);
    let proof = vantage.prove(&expectation).await.unwrap();
    let ends = |result| {
        let mut proof = proof.clone();
        for rung in proof.rungs.iter_mut().filter(|rung| rung.port.is_some_and(|port| LATER.contains(port))) {
            assert_eq!((rung.layer, rung.result), (Layer::Tcp, RungResult::TimedOut));
            rung.result = result;
        }
        link.judge(&expectation, &proof)
    };
    for result in [RungResult::Held, RungResult::Refused] {
        let verdict = ends(result);
        assert!(verdict.proved && verdict.findings.is_empty(), "{verdict}");
    }
    let verdict = ends(RungResult::TimedOut);
    assert!(verdict.proved && !verdict.to_string().contains("BROKEN"), "{verdict}");
    let [finding] = verdict.findings.as_slice() else { panic!("{verdict}") };
    assert_eq!((&*finding.code, finding.severity, finding.evidence.len()), ("NET-003", Severity::Warning, 2));
    let verdict = ends(RungResult::Reset);
    assert!(!verdict.proved && verdict.findings[0].code == "NET-007", "{verdict}");

    for end in [LATER.first, LATER.last] {
        let mut partly = proof.clone();
        partly.rungs.retain(|rung| rung.port != Some(end));
        let verdict = link.judge(&expectation, &partly);
        assert!(!verdict.proved && verdict.findings[0].code == "PROOF-003", "{verdict}");
    }
    // A port that is named by itself is promised, range or not.
    let mut named = expectation.clone();
    named.names[0].ports.push(PortRange::single(LATER.last));
    assert!(!link.judge(&named, &proof).proved);
    // Where nothing else is reached, silence proves nothing.
    expectation.names[0].ports = vec![LATER];
    let proof = vantage.prove(&expectation).await.unwrap();
    let verdict = link.judge(&expectation, &proof);
    assert!(!verdict.proved && verdict.findings[0].code == "NET-001", "{verdict}");
}

#[tokio::test(start_paused = true)]
async fn a_closing_is_refused_for_what_blocks_it_and_not_for_a_warning() {
    let world = World::new();
    let link = link(&world);
    set_up(&link).await.unwrap();
    let mut expectation = link.expectation().await.unwrap();
    expectation.names[0].ports.insert(0, LATER);
    let mut proof = world.vantage(&world.aws().subnet_ids()[0]).prove(&expectation).await.unwrap();
    let tls = proof.rungs.iter_mut().find(|rung| rung.layer == Layer::Tls).unwrap();
    tls.result = RungResult::Reset;
    let codes: Vec<_> = link.judge(&expectation, &proof).findings.iter().map(|told| told.code.to_string()).collect();
    assert!(codes.contains(&"NET-003".to_owned()), "{codes:?}");
    let error = link.closing_plan(&expectation, &proof).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "TLS-001", "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn every_port_of_a_small_range_has_to_be_proved() {
    let world = World::new();
    let link = link(&world);
    set_up(&link).await.unwrap();
    let (mut expectation, mut proof) = link.prove().await.unwrap();
    expectation.names[0].ports = vec![PortRange::range(9_440, 9_455).speaking(Protocol::Tls)];
    let tls: Vec<_> = proof.rungs.iter().filter(|rung| rung.port == Some(9_440)).cloned().collect();
    for port in 9_441..=9_455 {
        proof.rungs.extend(tls.iter().cloned().map(|mut rung| {
            rung.port = Some(port);
            rung
        }));
    }
    assert!(link.judge(&expectation, &proof).proved);
    for (port, layer) in [(9_440, Layer::Tls), (9_447, Layer::Tls), (9_455, Layer::Tls), (9_447, Layer::Tcp)] {
        let mut partly = proof.clone();
        partly.rungs.retain(|rung| (rung.port, rung.layer) != (Some(port), layer));
        let verdict = link.judge(&expectation, &partly);
        assert_eq!(verdict.findings[0].code, "PROOF-003", "{verdict}");
        assert!(verdict.findings[0].evidence.iter().all(|told| told.contains(&port.to_string())), "{verdict}");
    }
}

#[tokio::test(start_paused = true)]
async fn both_ends_of_a_range_have_to_be_proved() {
    let world = World::new();
    let link = link(&world);
    set_up(&link).await.unwrap();
    let (mut expectation, proof) = link.prove().await.unwrap();
    expectation.names[0].ports = vec![PortRange::range(8443, 9440).speaking(Protocol::Tls)];
    assert!(link.judge(&expectation, &proof).proved, "{}", link.judge(&expectation, &proof));
    for end in [8443, 9440] {
        let mut partly = proof.clone();
        partly.rungs.retain(|rung| rung.port != Some(end));
        let verdict = link.judge(&expectation, &partly);
        assert_eq!(verdict.findings[0].code, "PROOF-003", "{verdict}");
        assert!(verdict.findings[0].evidence.iter().all(|told| told.contains(&end.to_string())), "{verdict}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_plan_to_close_is_not_begun() {
    let world = World::new();
    let link = link(&world);
    set_up(&link).await.unwrap();
    let (expectation, proof) = link.prove().await.unwrap();
    let closing = link.closing_plan(&expectation, &proof).await.unwrap();
    world.clock().sleep(Duration::from_secs(601)).await;
    assert_eq!(link.apply(&closing.plan).await.unwrap_err().finding().unwrap().code, "PROOF-005");
    let mut tomorrow = expectation;
    tomorrow.issued_at += Duration::from_secs(86_400);
    assert_eq!(link.judge(&tomorrow, &proof).findings[0].code, "PROOF-004");
}

/// Each age at its edge: that of the proof, that of the plan, and how far clocks may be apart.
#[tokio::test(start_paused = true)]
async fn ten_minutes_are_young_enough_and_five_seconds_near_enough() {
    let world = World::new();
    let link = link(&world);
    set_up(&link).await.unwrap();
    let (expectation, proof) = link.prove().await.unwrap();
    let issued = |ahead: i64| {
        let mut expectation = expectation.clone();
        let by = Duration::from_secs(ahead.unsigned_abs());
        expectation.issued_at = if ahead < 0 { expectation.issued_at - by } else { expectation.issued_at + by };
        link.judge(&expectation, &proof)
    };
    assert!(issued(-600).is_fresh() && !issued(-601).is_fresh());
    assert!(issued(-601).proved, "old, and still a proof");
    assert!(issued(5).is_fresh() && !issued(6).proved);
    let plan = link.closing_plan(&expectation, &proof).await.unwrap().plan;
    let blocked = |by: Duration, ahead: bool| {
        let mut plan = plan.clone();
        let now = world.clock().now();
        plan.taken_at = if ahead { now + by } else { now - by };
        let link = link.clone();
        async move { matches!(link.apply(&plan).await, Err(privlink::ApplyError::Blocked { .. })) }
    };
    assert!(blocked(Duration::from_secs(601), false).await);
    assert!(blocked(Duration::from_secs(6), true).await);
    assert!(!world.clickhouse().ip_access_list(world.clickhouse().service_id()).is_empty());
    assert!(!blocked(Duration::from_secs(5), true).await);
    let age = world.clock().now().duration_since(plan.taken_at).unwrap();
    world.clock().sleep(Duration::from_secs(600) - age).await;
    link.apply(&plan).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_closing_plan_of_the_future_is_not_applied() {
    let world = World::new();
    let link = link(&world);
    set_up(&link).await.unwrap();
    let (expectation, proof) = link.prove().await.unwrap();
    let mut plan = link.closing_plan(&expectation, &proof).await.unwrap().plan;
    // Made while the clock was ahead: its age could not be told for as long.
    plan.taken_at += Duration::from_secs(86_400);
    let error = link.apply(&plan).await.unwrap_err();
    let privlink::ApplyError::Blocked { findings } = &error else { panic!("{error:?}") };
    assert_eq!(findings[0].code, "PROOF-005");
    assert!(!world.clickhouse().ip_access_list(world.clickhouse().service_id()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_expectation_that_lost_its_ranges_closes_nothing() {
    let world = World::new();
    let link = link(&world);
    set_up(&link).await.unwrap();
    let (mut expectation, mut proof) = link.prove().await.unwrap();
    expectation.inside.clear();
    proof.local = vec!["203.0.113.9".parse().unwrap()];
    let error = link.closing_plan(&expectation, &proof).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
}
