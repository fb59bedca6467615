//! The database side: the suite that every one passes, with the vendor's switches in pairs, and what this
//! one finds.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use std::time::Duration;

use privlink_aiven::Service;
use privlink_core::CloudProvider;
use privlink_core::side::{EndpointState, Exchange, Fact, Outcome, Side, Slot, Step};
use privlink_sim::contract::{self, AwsConsumer, AzureConsumer, Counterpart, GcpConsumer};
use privlink_sim::{AivenServiceSpec, AivenUnset, World};
use support::*;

/// A consumer whose endpoint is there as soon as there is a privatelink for it.
struct Consumer<C> {
    inner: C,
    service: &'static str,
    endpoint: privlink_core::PrivateEndpointId,
}

impl<C: Counterpart> Counterpart for Consumer<C> {
    fn world(&self) -> &World {
        self.inner.world()
    }

    fn tell(&self, known: &Exchange) -> Exchange {
        let aiven = self.world().aiven();
        if !known.services.is_empty() && aiven.endpoint_service(self.service).is_some() {
            aiven.make_endpoint(self.service, &self.endpoint);
        }
        let mut told = self.inner.tell(known);
        // Azure and Google show it connected once it is approved; only then is it served.
        for slot in known.services.keys().filter(|slot| known.holds(Some(slot), &Fact::Accepted)) {
            if let Some(endpoint) = told.endpoints.get_mut(slot) {
                endpoint.state = EndpointState::Ready;
            }
            told.hold(Some(slot.clone()), Fact::Connected);
        }
        told
    }

    fn take_away(&self) {
        self.world().aiven().delete_service(self.service);
    }
}

/// Who plays the network in a cloud.
fn consumer(world: &World, service: &'static str, cloud: CloudProvider) -> Box<dyn Counterpart> {
    match cloud {
        CloudProvider::Aws => {
            let inner = AwsConsumer::anywhere(world);
            let endpoint = inner.endpoint().clone().into();
            Box::new(Consumer { inner, service, endpoint })
        }
        CloudProvider::Azure => {
            let inner = AzureConsumer::anywhere(world);
            let endpoint = inner.endpoint().clone().into();
            Box::new(Consumer { inner, service, endpoint })
        }
        _ => {
            let inner = GcpConsumer::anywhere(world);
            let endpoint = inner.endpoint().into();
            Box::new(Consumer { inner, service, endpoint })
        }
    }
}

async fn keeps_the_contract(world: &World, service: &'static str, cloud: CloudProvider) {
    let side = support::service(world, service).delete_privatelink_on_removal();
    contract::database(&side, &*consumer(world, service, cloud)).await;
}

const ALL: [(&str, CloudProvider); 4] = [
    ("orders-pg", CloudProvider::Aws),
    ("events-kafka", CloudProvider::Aws),
    ("stock-mysql", CloudProvider::Azure),
    ("cache-valkey", CloudProvider::Gcp),
];

#[tokio::test(start_paused = true)]
async fn the_service_keeps_the_contract_of_every_database_side() {
    // Every two of the first five meet in every combination in some row; `tests/aiven` has each pair of all of them.
    for (unset, slow, late, outside, unknown, refused) in [
        (AivenUnset::Null, false, 0, false, true, 0),
        (AivenUnset::Null, true, 2, true, false, 1),
        (AivenUnset::Missing, false, 2, true, true, 1),
        (AivenUnset::Missing, true, 0, false, false, 0),
        (AivenUnset::Empty, false, 2, false, false, 0),
        (AivenUnset::Empty, true, 0, true, true, 1),
    ] {
        for (service, cloud) in ALL {
            let world = World::new();
            world.aiven().switch(|switches| {
                switches.unset = unset;
                switches.google_connected = slow;
                switches.azure_connected = slow;
                switches.refresh_lag = Duration::from_secs(if slow { 30 } else { 0 });
                switches.aws_connected = Duration::from_secs(if slow { 30 } else { 0 });
                switches.unknown_to_writes = late;
                switches.lists_empty = late;
                switches.kafka_port_outside = outside;
                switches.unknown_fields = unknown;
                switches.deletions_refused = (refused, if outside { 417 } else { 409 });
            });
            keeps_the_contract(&world, service, cloud).await;
        }
    }
}

/// Performs steps in the order given, as often as they ask for it; what the last one said.
async fn run(world: &World, service: &Service, known: &mut Exchange, steps: &[Step]) -> Option<Outcome> {
    for step in steps {
        let mut stored = None;
        for look in 0.. {
            assert!(look < 100, "{} never ends", step.verb);
            match service.perform(step, known, &cx(world).resuming(stored.clone())).await.unwrap() {
                Outcome::Done(learnt) | Outcome::AlreadyDone(learnt) => {
                    known.absorb(*learnt);
                    break;
                }
                Outcome::Waiting { poll_after, resume, .. } => {
                    stored = resume;
                    world.clock().sleep(poll_after.max(Duration::from_millis(1))).await;
                }
                other => return Some(other),
            }
        }
    }
    None
}

async fn planned(world: &World, service: &Service, known: &Exchange) -> Vec<Step> {
    service.survey(known, &cx(world)).await.unwrap().steps
}

/// The steps of these verbs.
fn only<'a>(steps: &'a [Step], verbs: &'a [&'a str]) -> Vec<Step> {
    steps.iter().filter(|step| verbs.contains(&&*step.verb)).cloned().collect()
}

async fn made(world: &World, service: &Service) {
    let steps = planned(world, service, &asking()).await;
    let outcome = run(world, service, &mut asking(), &only(&steps, &["aiven.privatelink", "aiven.component"])).await;
    assert!(outcome.is_none(), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_or_not_offered_is_told_before_anything_is_made() {
    let region = || "us-east-1".parse().unwrap();
    for (spec, code) in [
        (AivenServiceSpec::new("x", "pg", CloudProvider::Aws, region()).without_vpc(), "AIVEN-005"),
        (AivenServiceSpec::new("x", "flink", CloudProvider::Aws, region()), "AIVEN-006"),
        (AivenServiceSpec::new("x", "pg", CloudProvider::Aws, region()).state("POWEROFF"), "AIVEN-004"),
        (AivenServiceSpec::new("x", "pg", CloudProvider::Aws, region()).cloud_name("custom-acme"), "AIVEN-003"),
        (AivenServiceSpec::new("x", "pg", CloudProvider::Gcp, "us-central1".parse().unwrap()), "AIVEN-002"),
    ] {
        let world = World::new();
        world.aiven().add_service(spec);
        let survey = service(&world, "x").survey(&asking(), &cx(&world)).await.unwrap();
        let blocking: Vec<_> = contract::codes(&survey, privlink_core::Severity::Blocks);
        assert_eq!(blocking, [code]);
    }
    let world = World::new();
    for (spec, code) in [
        (
            AivenServiceSpec::new("x", "pg", CloudProvider::Azure, "westus3".parse().unwrap()).without_static_ips(),
            "AIVEN-009",
        ),
        (
            AivenServiceSpec::new("y", "pg", CloudProvider::Azure, "westus3".parse().unwrap()).state("REBALANCING"),
            "AIVEN-004",
        ),
    ] {
        world.aiven().add_service(spec);
        let name = world.aiven().services().pop().unwrap();
        let survey = service(&world, &name).survey(&Exchange::new(), &cx(&world)).await.unwrap();
        assert_eq!(contract::codes(&survey, privlink_core::Severity::Blocks), [code]);
    }
    let error = service(&world, "nowhere").survey(&asking(), &cx(&world)).await.unwrap_err();
    assert!(error.report().to_string().contains("AIVEN-001"), "{}", error.report());
    let survey = service(&world, "orders-pg").component("kafka").survey(&asking(), &cx(&world)).await.unwrap();
    assert_eq!(contract::codes(&survey, privlink_core::Severity::Blocks), ["AIVEN-008"]);
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn whole_accounts_and_full_lists_are_told() {
    let world = World::new();
    let service = service(&world, "orders-pg");
    let mut account = asking();
    if let Some(privlink_core::side::ConsumerIdentity::Aws { principal, .. }) = &mut account.consumer {
        *principal = None;
    }
    let survey = service.survey(&account, &cx(&world)).await.unwrap();
    assert!(codes(&survey.findings).contains(&"AIVEN-010"), "{:?}", survey.findings);
    assert!(!codes(&service.survey(&asking(), &cx(&world)).await.unwrap().findings).contains(&"AIVEN-010"));

    made(&world, &service).await;
    world.aiven().set_allowed("orders-pg", (0..16).map(|n| role(&format!("r{n}")).to_string()));
    let survey = service.survey(&asking(), &cx(&world)).await.unwrap();
    assert!(codes(&survey.findings).contains(&"AIVEN-011"), "{:?}", survey.findings);
    assert!(survey.known.services.is_empty(), "whoever is not on the list sees no service");
    world.aiven().set_allowed("orders-pg", ["arn:aws:iam::123456789012:root", ROLE]);
    let survey = service.survey(&asking(), &cx(&world)).await.unwrap();
    assert!(survey.known.holds(Some(&Slot::main()), &Fact::Service));
    assert!(codes(&survey.findings).contains(&"AIVEN-010"), "somebody let the whole account in");
}

#[tokio::test(start_paused = true)]
async fn a_second_writer_is_merged_with_and_a_rude_one_is_reported() {
    let world = World::new();
    let service = service(&world, "orders-pg");
    made(&world, &service).await;
    world.aiven().set_allowed("orders-pg", [role("theirs").to_string()]);
    made(&world, &service).await;
    assert_eq!(world.aiven().allowed("orders-pg").unwrap(), [role("theirs").to_string(), ROLE.to_owned()]);

    // Every write is undone before it is looked at.
    world.aiven().set_allowed("orders-pg", [role("theirs").to_string()]);
    let steps = planned(&world, &service, &asking()).await;
    let stale = world.faults().on("ServicePrivatelinkAWSUpdate").always().answer(http::Response::new(
        serde_json::json!({"principals": [role("theirs").to_string()], "state": "active"}).to_string().into(),
    ));
    let outcome = run(&world, &service, &mut asking(), &only(&steps, &["aiven.privatelink"])).await;
    let Some(Outcome::Refused(finding)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(finding.code, "AIVEN-012");
    assert_eq!(stale.hits(), 5, "tried again, and not for ever");
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_was_edited_lets_nobody_else_in() {
    let world = World::new();
    let service = service(&world, "orders-pg");
    let mut step = only(&planned(&world, &service, &asking()).await, &["aiven.privatelink"]).remove(0);
    step.params["consumer"]["principal"] = "arn:aws:iam::999999999999:root".into();
    let error = service.perform(&step, &asking(), &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), privlink_core::ErrorKind::InvalidInput);
    let other = support::service(&world, "events-kafka");
    let steps = planned(&world, &service, &asking()).await;
    assert!(other.perform(&steps[0], &asking(), &cx(&world)).await.is_err(), "a step of another service");
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_connection_is_pinned_and_no_other_is_adopted() {
    let world = World::new();
    let service = service(&world, "orders-pg");
    made(&world, &service).await;
    let endpoint = OURS.parse().unwrap();
    world.aiven().make_endpoint("orders-pg", &endpoint);
    let mut known = known(OURS);
    let steps = planned(&world, &service, &known).await;
    let discover = only(&steps, &["aiven.discover"]);
    assert!(run(&world, &service, &mut known, &discover).await.is_none());
    let handle = known.admissions[&Slot::main()].handle.clone().unwrap();
    assert_eq!(handle, world.aiven().connections("orders-pg")[0].0);

    // Missing from two lists in a row means nothing yet.
    world.aiven().switch(|switches| switches.lists_empty = 2);
    assert!(run(&world, &service, &mut known.clone(), &discover).await.is_none());
    world.aiven().set_connections_forgotten("orders-pg");
    let outcome = run(&world, &service, &mut known.clone(), &discover).await;
    let Some(Outcome::Moved(finding)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(finding.code, "AIVEN-015", "found again under another id");
    world.aiven().delete_endpoint("orders-pg", &endpoint);
    let outcome = run(&world, &service, &mut known.clone(), &discover).await;
    let Some(Outcome::Moved(finding)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(finding.code, "AIVEN-015", "gone");
}

#[tokio::test(start_paused = true)]
async fn each_of_two_connections_has_its_own_names() {
    let world = World::new();
    let kafka = service(&world, "events-kafka").component("kafka").component("schema_registry");
    made(&world, &kafka).await;
    let other = "vpce-0fedcba9876543210";
    for endpoint in [other, OURS] {
        world.aiven().make_endpoint("events-kafka", &endpoint.parse().unwrap());
    }
    world.clock().sleep(Duration::from_secs(60)).await;
    let mut hosts = Vec::new();
    for endpoint in [OURS, other] {
        let survey = kafka.survey(&known(endpoint), &cx(&world)).await.unwrap();
        assert!(to_do(&survey.steps).is_empty(), "{:?}", to_do(&survey.steps));
        let told: Vec<String> = survey.known.names.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2);
        assert!(told[0].contains("10000-31000"), "{told:?}");
        assert_eq!(survey.known.names[0].ports.len(), 3, "one port a way to authenticate, and the brokers'");
        hosts.push(survey.known.names[0].host.clone());
    }
    assert_ne!(hosts[0], hosts[1]);
    // Without the ids nobody can tell which is whose.
    world.aiven().switch(|switches| switches.without_connection_ids = true);
    let survey = kafka.survey(&known(OURS), &cx(&world)).await.unwrap();
    assert_eq!(to_do(&survey.steps), ["aiven.names"]);
    assert!(contract::codes(&survey, privlink_core::Severity::Blocks).contains(&"AIVEN-016"), "{:?}", survey.findings);
    assert!(survey.known.names.is_empty(), "none may be another endpoint's");
}

#[tokio::test(start_paused = true)]
async fn on_google_cloud_an_address_is_for_good() {
    let world = World::new();
    let consumer = GcpConsumer::anywhere(&world);
    let service = service(&world, "cache-valkey");
    let asked = consumer.tell(&Exchange::new());
    let steps = planned(&world, &service, &asked).await;
    assert!(run(&world, &service, &mut asked.clone(), &only(&steps, &["aiven.privatelink"])).await.is_none());
    let endpoint = consumer.endpoint().into();
    world.aiven().make_endpoint("cache-valkey", &endpoint);
    service.privatelink(CloudProvider::Gcp).refresh().await.unwrap();
    world.clock().sleep(Duration::from_secs(10)).await;
    let id = world.aiven().connections("cache-valkey")[0].0.clone();
    world.aiven().approve_connection("cache-valkey", &id, Some("10.9.9.9"));
    let mut known = service.survey(&asked, &cx(&world)).await.unwrap().known;
    let told = consumer.tell(&known);
    known.absorb(told);
    let survey = service.survey(&known, &cx(&world)).await.unwrap();
    assert!(contract::codes(&survey, privlink_core::Severity::Blocks).contains(&"AIVEN-017"));
    world.clear_requests();
    let outcome = run(&world, &service, &mut known, &only(&survey.steps, &["aiven.activate"])).await;
    let Some(Outcome::Refused(finding)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(finding.code, "AIVEN-017");
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_privatelink_stays_unless_it_is_asked_for_and_nobody_else_is_connected() {
    let world = World::new();
    let service = service(&world, "orders-pg");
    made(&world, &service).await;
    world.aiven().make_endpoint("orders-pg", &OURS.parse().unwrap());
    let other = "vpce-0fedcba9876543210".parse().unwrap();
    world.aiven().make_endpoint("orders-pg", &other);
    let known = known(OURS);
    let removal = service.removal(&known, &cx(&world)).await.unwrap();
    let kinds: Vec<&str> = removal.kept.iter().map(|kept| kept.key.kind()).collect();
    assert_eq!((removal.steps.len(), kinds), (0, vec!["aiven.consumer", "aiven.component", "aiven.privatelink"]));

    let asked = service.clone().delete_privatelink_on_removal();
    let removal = asked.removal(&known, &cx(&world)).await.unwrap();
    assert_eq!(removal.steps.len(), 0, "another endpoint is connected");
    world.aiven().delete_endpoint("orders-pg", &other);
    let removal = asked.removal(&known, &cx(&world)).await.unwrap();
    assert_eq!(to_do(&removal.steps), ["aiven.delete_privatelink"]);
    // It came back between the plan and the step.
    world.aiven().make_endpoint("orders-pg", &other);
    let outcome = run(&world, &asked, &mut known.clone(), &removal.steps).await;
    let Some(Outcome::Refused(finding)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(finding.code, "AIVEN-022");
    assert!(world.aiven().allowed("orders-pg").is_some());
}

/// One attempt at the whole way up: what stopped it, if anything did.
async fn attempt(world: &World, service: &Service, consumer: &dyn Counterpart) -> Result<(), privlink_core::Error> {
    let mut known = consumer.tell(&Exchange::new());
    for verbs in [
        &["aiven.privatelink"][..],
        &["aiven.component"],
        &["aiven.discover", "aiven.approve"],
        &["aiven.activate"],
        &["aiven.names"],
    ] {
        let told = consumer.tell(&known);
        known.absorb(told);
        let survey = service.survey(&known, &cx(world)).await?;
        known.absorb(survey.known);
        for step in only(&survey.steps, verbs) {
            for _ in 0..60 {
                match service.perform(&step, &known, &cx(world)).await? {
                    Outcome::Done(learnt) | Outcome::AlreadyDone(learnt) => {
                        known.absorb(*learnt);
                        break;
                    }
                    Outcome::Waiting { poll_after, .. } => world.clock().sleep(poll_after).await,
                    _ => return Ok(()),
                }
            }
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn hostile_answers_end_in_errors_that_say_what_to_do_and_do_no_harm() {
    let bodies = [
        "",
        "[]",
        "{}",
        "null",
        "7",
        "\"active\"",
        "<html>502</html>",
        "{\"service\": []}",
        "{\"connections\": {}}",
        "{\"connections\": [7, {}, {\"state\": \"active\"}]}",
        "{\"state\": \"thawing\", \"principals\": [7]}",
        "{\"state\": \"active\", \"principals\": [\"x\"], \"user_subscription_ids\": [], \"aws_service_name\": \"vpce-0a1b2c3d4e5f67890\"}",
        "{\"message\": \"no\", \"errors\": 7}",
    ];
    for (name, cloud) in [ALL[0], ALL[2], ALL[3]] {
        let calls = {
            let world = World::new();
            let side = support::service(&world, name);
            attempt(&world, &side, &*consumer(&world, name, cloud)).await.unwrap();
            let mut calls: Vec<String> = world.requests().into_iter().map(|request| request.operation).collect();
            calls.sort_unstable();
            calls.dedup();
            calls
        };
        assert!(calls.len() >= 6, "{calls:?}");
        for operation in &calls {
            for body in bodies {
                let at = format!("{name}, {operation}: {body}");
                let world = World::new();
                let side = support::service(&world, name);
                let played = consumer(&world, name, cloud);
                let answer = http::Response::new(bytes::Bytes::from_static(body.as_bytes()));
                world.faults().on(operation.clone()).times(2).answer(answer);
                if let Err(error) = attempt(&world, &side, &*played).await {
                    assert!(!error.help().is_empty(), "{at}: {error:?}");
                }
                world.faults().clear();
                attempt(&world, &side, &*played).await.unwrap_or_else(|error| panic!("{at}: {}", error.report()));
                let mut known = played.tell(&Exchange::new());
                let survey = side.survey(&known, &cx(&world)).await.unwrap();
                known.absorb(survey.known);
                let told = played.tell(&known);
                known.absorb(told);
                let survey = side.survey(&known, &cx(&world)).await.unwrap();
                assert!(to_do(&survey.steps).is_empty(), "{at}: {:?}", to_do(&survey.steps));
                assert_eq!(world.aiven().connections(name).len(), 1, "{at}");
            }
        }
    }
}
