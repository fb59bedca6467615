//! Diagnosing a link: one cause, named with its party, out of what is declared and what the wire shows.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::time::Duration;

use common::pair::{Pair, endpoint_of, for_each_pair};
use common::{builder_of, network, set_up};
use privlink::core::CloudProvider;
use privlink::core::side::{Naming, RungResult, Vantage};
use privlink::{DeclaredState, Diagnosis, Link, Turn};
use privlink_sim::{Tier, World};

for_each_pair![
    a_link_that_works_has_no_cause,
    before_anything_is_made_the_endpoint_lacks,
    an_endpoint_that_is_not_listed_is_the_cause_of_the_reset,
    an_endpoint_that_somebody_deleted_is_the_cause,
    a_way_that_is_shut_is_told_by_whoever_declares_it,
    seen_from_outside_no_record_is_missing,
    what_cannot_be_read_is_unknown,
    a_key_that_may_not_read_and_one_that_is_throttled_are_told_apart,
    a_plan_without_private_endpoints_is_the_cause,
    a_proof_from_inside_is_joined_outside,
    what_is_declared_otherwise_is_shown,
];

async fn linked(pair: &'static Pair) -> (World, Link) {
    let world = pair.world();
    let link = pair.link(&world);
    set_up(&link).await.unwrap();
    (world, link)
}

/// Diagnoses; what is said survives being written down, and is printed without a surprise.
async fn diagnose(link: &Link) -> Diagnosis {
    let diagnosis = link.diagnose().await.unwrap();
    let stored: Diagnosis = serde_json::from_str(&serde_json::to_string(&diagnosis).unwrap()).unwrap();
    assert_eq!(stored, diagnosis);
    if let Some(cause) = &diagnosis.cause {
        let text = diagnosis.to_string();
        assert!(text.contains(&format!("cause: blocked {}", cause.code)) || text.contains("cause: warning"), "{text}");
        assert!(!cause.next_step.is_empty() && !cause.evidence.is_empty(), "{text}");
    }
    diagnosis
}

#[track_caller]
fn cause(diagnosis: &Diagnosis) -> (&str, Turn) {
    let cause = diagnosis.cause.as_ref().unwrap_or_else(|| panic!("{diagnosis}"));
    (&cause.code, cause.turn)
}

fn codes(diagnosis: &Diagnosis) -> Vec<&str> {
    diagnosis.notes.iter().map(|note| &*note.code).collect()
}

async fn a_link_that_works_has_no_cause(pair: &'static Pair) {
    let (_, link) = linked(pair).await;
    let diagnosis = diagnose(&link).await;
    assert!(diagnosis.is_proved() && diagnosis.cause.is_none(), "{diagnosis}");
    assert_eq!(codes(&diagnosis), ["NET-008"], "what no proof can show: {diagnosis}");
    assert!(diagnosis.declared.iter().all(|declared| declared.state == DeclaredState::Holding), "{diagnosis}");
}

async fn before_anything_is_made_the_endpoint_lacks(pair: &'static Pair) {
    let world = pair.world();
    let diagnosis = diagnose(&pair.link(&world)).await;
    assert_eq!(cause(&diagnosis), ("LACK-003", Turn::You), "{diagnosis}");
    assert!(diagnosis.verdict.is_none() && diagnosis.unseen.as_ref().unwrap().contains("not set up"), "{diagnosis}");
    assert!(diagnosis.also.iter().any(|finding| finding.code == "LACK-009"), "{diagnosis}");
    assert_eq!(world.writes().len(), 0, "a diagnosis only reads");
}

async fn an_endpoint_that_is_not_listed_is_the_cause_of_the_reset(pair: &'static Pair) {
    let (world, link) = linked(pair).await;
    world.clickhouse().detach(pair.database(&world, 0), &pair.endpoints(&world)[0]);
    let diagnosis = diagnose(&link).await;
    assert_eq!(cause(&diagnosis), ("LACK-005", Turn::You), "{diagnosis}");
    let evidence = &diagnosis.cause.as_ref().unwrap().evidence;
    assert!(evidence.iter().any(|seen| seen.contains("breaks at TLS")), "{diagnosis}");
    assert!(evidence.iter().any(|seen| seen.contains("clickhouse")), "{diagnosis}");
    // The name and the way to it were seen to be right, and both sides say so.
    let ruled_out: Vec<&str> = diagnosis.ruled_out().map(|declared| &*declared.code).collect();
    assert!(ruled_out.contains(&"LACK-003") && ruled_out.contains(&"LACK-009"), "{diagnosis}");
    assert!(diagnosis.also.is_empty() && diagnosis.notes.is_empty(), "{diagnosis}");
    // And what it says to do mends it.
    set_up(&link).await.unwrap();
    assert!(diagnose(&link).await.is_proved());
}

async fn an_endpoint_that_somebody_deleted_is_the_cause(pair: &'static Pair) {
    let (world, link) = linked(pair).await;
    pair.delete_endpoint(&world, &pair.endpoints(&world)[0]);
    let diagnosis = diagnose(&link).await;
    assert_eq!(cause(&diagnosis), ("LACK-003", Turn::You), "{diagnosis}");
}

async fn a_way_that_is_shut_is_told_by_whoever_declares_it(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    let applied = set_up(&link).await.unwrap();
    for (address, _) in &applied.exchange.endpoints.values().next().unwrap().addresses {
        pair.shut(&world, *address);
    }
    let diagnosis = diagnose(&link).await;
    match pair.cloud() {
        // The clients' own rules, of which the link knows nothing.
        CloudProvider::Aws => {
            assert_eq!(cause(&diagnosis), ("NET-001", Turn::You), "{diagnosis}");
            assert_eq!(diagnosis.notes[0].code, "DIAG-001", "{diagnosis}");
            assert!(diagnosis.notes[0].evidence.iter().any(|seen| seen.contains("LACK-008")), "{diagnosis}");
        }
        CloudProvider::Azure => assert_eq!(cause(&diagnosis), ("NET-001", Turn::You), "{diagnosis}"),
        _ => assert_eq!(cause(&diagnosis), ("GCP-007", Turn::You), "{diagnosis}"),
    }
}

async fn seen_from_outside_no_record_is_missing(pair: &'static Pair) {
    let (world, _) = linked(pair).await;
    let outside = world.public_vantage("203.0.113.7".parse().unwrap());
    let link = pair.builder(&world, "orders-prod", 0).vantage(outside).build().unwrap();
    let diagnosis = diagnose(&link).await;
    assert!(diagnosis.cause.is_none() && diagnosis.also.is_empty() && !diagnosis.is_proved(), "{diagnosis}");
    assert_eq!(diagnosis.notes[0].code, "PROOF-002", "{diagnosis}");
    assert!(!diagnosis.to_string().contains("does not work"), "nobody saw that: {diagnosis}");
    // What is declared to be wrong is the cause wherever it is read.
    world.clickhouse().detach(pair.database(&world, 0), &pair.endpoints(&world)[0]);
    let diagnosis = diagnose(&link).await;
    assert_eq!(cause(&diagnosis), ("LACK-005", Turn::You));
    assert_eq!(diagnosis.notes[0].code, "PROOF-002", "{diagnosis}");
}

async fn what_cannot_be_read_is_unknown(pair: &'static Pair) {
    let (world, link) = linked(pair).await;
    let expectation = link.expectation().await.unwrap();
    world.clickhouse().set_key_enabled(&world.clickhouse().key_id(), false);
    let diagnosis = diagnose(&link).await;
    assert!(diagnosis.cause.is_none() && diagnosis.verdict.is_none(), "{diagnosis}");
    assert_eq!((&*diagnosis.notes[0].code, diagnosis.notes[0].turn), ("DIAG-003", Turn::You), "{diagnosis}");
    assert!(diagnosis.to_string().contains("nothing that is declared is wrong"), "{diagnosis}");
    // What the wire shows needs no key.
    let proof = pair.vantage(&world).prove(&expectation).await.unwrap();
    let diagnosis = link.diagnose_with(&expectation, &proof).await.unwrap();
    assert!(diagnosis.is_proved() && diagnosis.notes[0].code == "DIAG-003", "{diagnosis}");

    pair.refuse_key(&world);
    assert!(link.diagnose().await.is_err(), "neither side can be read");
}

async fn a_key_that_may_not_read_and_one_that_is_throttled_are_told_apart(pair: &'static Pair) {
    let (world, link) = linked(pair).await;
    world.faults().on_any().side("clickhouse").always().throttle(Duration::from_secs(900));
    let diagnosis = diagnose(&link).await;
    let note = &diagnosis.notes[0];
    assert_eq!((&*note.code, note.turn), ("DIAG-005", Turn::Nobody), "{diagnosis}");
    // Moments of one form are in the order of their text.
    let told = note.next_step.strip_prefix("diagnose again at ").and_then(|rest| rest.strip_suffix(" or later"));
    let now = serde_json::to_value(&diagnosis).unwrap()["taken_at"].as_str().unwrap().to_owned();
    assert!(told.is_some_and(|at| at.ends_with('Z') && at > now.as_str()), "{now}: {diagnosis}");

    world.faults().clear();
    world.clock().sleep(Duration::from_secs(1_000)).await;
    world.clickhouse().set_key_permissions(&world.clickhouse().key_id(), []);
    let diagnosis = diagnose(&link).await;
    let note = &diagnosis.notes[0];
    assert_eq!((&*note.code, note.turn), ("DIAG-004", Turn::Approver), "{diagnosis}");
    assert!(diagnosis.cause.is_none(), "unknown is not wrong: {diagnosis}");
}

async fn a_plan_without_private_endpoints_is_the_cause(pair: &'static Pair) {
    let (world, link) = linked(pair).await;
    world.clickhouse().set_tier(world.clickhouse().organization_id(), Tier::Basic);
    let diagnosis = diagnose(&link).await;
    let (code, turn) = cause(&diagnosis);
    assert!(code.starts_with("CH-") && turn == Turn::You, "{diagnosis}");
}

async fn a_proof_from_inside_is_joined_outside(pair: &'static Pair) {
    let (world, link) = linked(pair).await;
    world.clickhouse().detach(pair.database(&world, 0), &pair.endpoints(&world)[0]);
    let expectation = link.expectation().await.unwrap();
    let proof = pair.vantage(&world).prove(&expectation).await.unwrap();
    let diagnosis = link.diagnose_with(&expectation, &proof).await.unwrap();
    assert_eq!(cause(&diagnosis), ("LACK-005", Turn::You), "{diagnosis}");
}

async fn what_is_declared_otherwise_is_shown(pair: &'static Pair) {
    let (world, link) = linked(pair).await;
    let expectation = link.expectation().await.unwrap();
    let mut proof = pair.vantage(&world).prove(&expectation).await.unwrap();
    // Somebody's resolver still says no.
    let host = expectation.names[0].host.clone();
    proof.rungs.retain(|rung| rung.host != host || rung.port.is_none());
    for rung in proof.rungs.iter_mut().filter(|rung| rung.host == host) {
        rung.result = RungResult::NoSuchName;
    }
    let diagnosis = link.diagnose_with(&expectation, &proof).await.unwrap();
    assert_eq!(cause(&diagnosis), ("DNS-001", Turn::You), "{diagnosis}");
    assert_eq!(diagnosis.notes[0].code, "DIAG-001", "{diagnosis}");
    assert!(diagnosis.notes[0].evidence.iter().any(|seen| seen.contains("LACK-009")), "{diagnosis}");

    // And a list that lacks the endpoint while the database answers.
    let proof = pair.vantage(&world).prove(&expectation).await.unwrap();
    world.clickhouse().detach(pair.database(&world, 0), &pair.endpoints(&world)[0]);
    let diagnosis = link.diagnose_with(&expectation, &proof).await.unwrap();
    assert!(diagnosis.is_proved() && diagnosis.cause.is_none(), "{diagnosis}");
    assert!(diagnosis.notes[0].evidence.iter().any(|seen| seen.contains("LACK-005")), "{diagnosis}");
}

#[tokio::test(start_paused = true)]
async fn in_aws_each_declared_cause_is_told() {
    type Stage = fn(&World, &privlink::Applied);
    let stages: [(&str, Turn, Stage); 6] = [
        ("LACK-009", Turn::You, |world, applied| {
            let zones = world.snapshot();
            let zone = zones["aws"]["hosted_zones"].as_object().unwrap().keys().next().unwrap().parse().unwrap();
            world.aws().delete_record(&zone, &applied.names()[0].host, "A");
        }),
        ("LACK-008", Turn::You, |world, _| {
            let endpoint = world.aws().endpoints()[0].id.to_string();
            let group = world.snapshot()["aws"]["endpoints"][endpoint]["groups"][0].as_str().unwrap().parse().unwrap();
            world.aws().close_inbound(&group);
        }),
        ("AWS-030", Turn::You, |world, _| world.aws().set_dns(&world.aws().vpc_id(), false, true)),
        ("AWS-015", Turn::You, |world, _| world.aws().reject_endpoint(&world.aws().endpoints()[0].id)),
        // Its endpoint service is another one now.
        ("LACK-003", Turn::You, |world, _| {
            world.clickhouse().move_to_cell(world.clickhouse().service_ids()[0], "us-east-1-c1");
        }),
        ("AWS-004", Turn::You, |world, applied| {
            let service = applied.exchange.services.values().next().unwrap().id.clone();
            let privlink::EndpointServiceId::Aws(service) = service else { panic!("{service}") };
            world.aws().withdraw_service(&service);
        }),
    ];
    for (code, turn, stage) in stages {
        let world = World::new();
        let link = common::link(&world);
        let applied = set_up(&link).await.unwrap();
        stage(&world, &applied);
        let diagnosis = diagnose(&link).await;
        assert_eq!(cause(&diagnosis), (code, turn), "{diagnosis}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_given_group_that_is_closed_is_suspected_only_where_the_wire_breaks_there() {
    let world = World::new();
    let group = world.aws().add_group(&world.aws().vpc_id(), "database");
    world.aws().open_ports(&group, 443..=9440, "10.0.0.0/16".parse().unwrap());
    let network = network(&world).security_groups([group.clone()]);
    let link = builder_of(&world, "orders-prod", 0, network).build().unwrap();
    let applied = set_up(&link).await.unwrap();
    world.aws().close_inbound(&group);
    assert_eq!(cause(&diagnose(&link).await), ("AWS-012", Turn::You));
    world.aws().open_ports(&group, 443..=9440, "10.0.0.0/16".parse().unwrap());
    world.clickhouse().detach(world.clickhouse().service_ids()[0], &endpoint_of(&applied));
    assert_eq!(cause(&diagnose(&link).await), ("LACK-005", Turn::You));
}

#[tokio::test(start_paused = true)]
async fn a_client_group_that_lets_nobody_out_is_the_cause_and_says_what_it_lacks() {
    let world = World::new();
    let clients = world.aws().client_group();
    let link = builder_of(&world, "orders-prod", 0, network(&world).client_group(clients.clone())).build().unwrap();
    set_up(&link).await.unwrap();
    let diagnosis = diagnose(&link).await;
    assert!(diagnosis.is_proved(), "{diagnosis}");
    world.aws().close_outbound(&clients);
    world.aws().close_outbound(&world.aws().default_group());
    let diagnosis = diagnose(&link).await;
    assert_eq!(cause(&diagnosis), ("AWS-050", Turn::You), "{diagnosis}");
    let evidence = &diagnosis.cause.as_ref().unwrap().evidence;
    assert!(
        evidence.iter().any(|seen| seen.contains(clients.as_str()) && seen.contains("tcp 8443 to ")),
        "{diagnosis}"
    );
    assert!(evidence.iter().any(|seen| seen.contains("breaks at TCP")), "{diagnosis}");
}

#[cfg(feature = "azure")]
#[tokio::test(start_paused = true)]
async fn rules_that_could_not_be_read_are_told_beside_the_cause_and_ruled_neither_in_nor_out() {
    use common::pair::{AZURE, azure};
    let world = AZURE.world();
    let elsewhere = world.azure().id_of("networkSecurityGroups", "elsewhere");
    let link = |world: &World| {
        let network = azure::network(world).client_group(elsewhere.clone().try_into().unwrap());
        let database = common::vendor(world).service(AZURE.database(world, 0).into());
        let builder = Link::builder("orders-prod".parse().unwrap(), database, network);
        builder.clock(world.clock()).vantage(AZURE.vantage(world)).build().unwrap()
    };
    let link = link(&world);
    set_up(&link).await.unwrap();
    assert_eq!(codes(&diagnose(&link).await), ["NET-008"], "it works, whatever the rules are");
    AZURE.shut(&world, world.azure().endpoints()[0].address);
    let diagnosis = diagnose(&link).await;
    assert_eq!(cause(&diagnosis), ("NET-001", Turn::You), "{diagnosis}");
    let note = diagnosis.notes.iter().find(|note| note.code == "AZURE-019").unwrap_or_else(|| panic!("{diagnosis}"));
    assert!(note.evidence[0].contains(elsewhere.name()), "{diagnosis}");
}

#[tokio::test(start_paused = true)]
async fn endpoint_private_dns_that_somebody_switched_off_is_the_cause() {
    let world = World::new();
    let private_dns = network(&world).naming(Naming::EndpointPrivateDns);
    let link = builder_of(&world, "orders-prod", 0, private_dns).build().unwrap();
    set_up(&link).await.unwrap();
    assert!(diagnose(&link).await.is_proved());
    let off = privlink::aws::ModifyVpcEndpoint::new().private_dns(false);
    let client = common::cloud(&world);
    client.ec2().modify_vpc_endpoint(&world.aws().endpoints()[0].id, &off).await.unwrap();
    assert_eq!(cause(&diagnose(&link).await), ("LACK-006", Turn::Cloud), "it is being rebuilt");
    world.clock().sleep(Duration::from_secs(600)).await;
    assert_eq!(cause(&diagnose(&link).await), ("LACK-009", Turn::You));
}
