//! The database side: what a plan reads, what the steps do, and the way back.

mod support;

use std::time::Duration;

use futures_util::future::try_join_all;
use privlink_core::side::{
    Acceptance, ConsumerIdentity, EntryState, Evidence, Exchange, Fact, Naming, Ownership, Reach, RecordShape, Side,
    Slot, StepState,
};
use privlink_core::{CloudProvider, ErrorKind, PrivateEndpointId, Severity, Turn};
use privlink_sim::contract::codes;
use privlink_sim::{OnBasicTier, ServiceSpec, Tier, World};
use support::*;

#[tokio::test(start_paused = true)]
async fn a_survey_reads_service_and_config_at_once_and_nothing_twice() {
    let world = World::builder().latency(Duration::from_secs(1)).build();
    let service = client_with_organization(&world).service(service_id(&world, "orders"));
    let cx = cx(&world);
    let began = tokio::time::Instant::now();
    service.survey(&Exchange::new(), &cx).await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(1), "both reads are in flight together");
    service.survey(&known(OURS), &cx).await.unwrap();
    let mut asked = operations(&world);
    asked.sort();
    assert_eq!(asked, ["instanceGet", "instancePrivateEndpointConfigGet"]);
}

#[tokio::test(start_paused = true)]
async fn the_organization_is_asked_for_first_and_once_when_nobody_gave_it() {
    let world = World::new();
    let service = client(&world).service(service_id(&world, "orders"));
    service.survey(&Exchange::new(), &cx(&world)).await.unwrap();
    service.survey(&Exchange::new(), &cx(&world)).await.unwrap();
    let asked = operations(&world);
    assert_eq!(asked[0], "whoamiGet");
    assert_eq!(asked.iter().filter(|name| *name == "whoamiGet").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_survey_publishes_service_names_and_capabilities() {
    let world = World::new();
    let id = service_id(&world, "orders");
    world.clickhouse().set_mysql(id.uuid(), true);
    let service = client(&world).service(id);
    let survey = service.survey(&Exchange::new(), &cx(&world)).await.unwrap();

    let at = &survey.known.services[&Slot::main()];
    assert_eq!(Some(&at.id), world.clickhouse().endpoint_service(id.uuid()).as_ref());
    assert_eq!((at.acceptance, at.reach, at.zones.as_ref()), (Acceptance::Automatic, Reach::AnyRegion, None));
    let [name] = survey.known.names.as_slice() else { panic!("{:?}", survey.known.names) };
    assert_eq!(Some(name.host.as_str()), world.clickhouse().private_host(id.uuid()).as_ref().map(|host| host.as_str()));
    assert_eq!(name.record, RecordShape::Apex);
    let public: Vec<&str> = survey.known.public_hosts.iter().map(|host| host.as_str()).collect();
    assert_eq!(public, [world.clickhouse().public_host(id.uuid()).unwrap().as_str()]);
    let ports: Vec<u16> = name.ports.iter().map(|port| port.first).collect();
    assert_eq!(ports, [8443, 443, 9440, 3306]);
    let capabilities = survey.known.capabilities.as_ref().unwrap();
    assert_eq!(capabilities.naming[0], Naming::PrivateZone(RecordShape::Apex));
    assert_eq!(capabilities.naming[3], Naming::EndpointPrivateDns);
    assert_eq!(capabilities.private_bypasses_ip_list, Some(true));
    assert!(survey.known.holds(Some(&Slot::main()), &Fact::Service) && survey.known.holds(None, &Fact::Names));

    let allow = step(&survey, "clickhouse.allow");
    assert_eq!(allow.state, StepState::ToDo);
    assert!(allow.needs.contains(&Fact::Endpoint) && allow.gives.contains(&Fact::Served));
    assert!(!allow.needs.contains(&Fact::Connected), "Azure connects only once the vendor lists the endpoint");
    assert!(allow.grants.iter().any(|grant| grant.action == "control-plane:service:manage"));
    assert!(survey.findings.iter().all(|finding| finding.severity != Severity::Blocks));
}

#[tokio::test(start_paused = true)]
async fn links_of_two_networks_to_one_service_are_two_steps() {
    let world = World::new();
    let service = client(&world).service(service_id(&world, "orders"));
    let one = cx(&world);
    let two = one.for_link("orders-prod".parse().unwrap(), "").between(service.subject(), "another network");
    let third = one.for_link("orders-prod".parse().unwrap(), "second").between(service.subject(), NETWORK);
    let id = async |known: &Exchange, cx| {
        let survey = service.survey(known, cx).await.unwrap();
        step(&survey, "clickhouse.allow").id.clone()
    };
    let nothing = Exchange::new();
    assert_ne!(id(&nothing, &one).await, id(&nothing, &two).await);
    assert_ne!(id(&nothing, &one).await, id(&nothing, &third).await, "another instance has another endpoint");
    let endpoint = known(OURS);
    assert_eq!(id(&endpoint, &one).await, id(&endpoint, &two).await, "the same endpoint is the same entry");
}

#[tokio::test(start_paused = true)]
async fn links_of_two_names_between_the_same_two_are_one_step() {
    let world = World::new();
    let service = client(&world).service(service_id(&world, "orders"));
    let one = cx(&world);
    let renamed = one.for_link("renamed".parse().unwrap(), "").between(one.database().to_owned(), NETWORK);
    for known in [Exchange::new(), known(OURS)] {
        let (a, b) = (service.survey(&known, &one).await.unwrap(), service.survey(&known, &renamed).await.unwrap());
        assert_eq!(a.steps, b.steps);
    }
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_is_there_is_served_and_done() {
    let world = World::new();
    let id = service_id(&world, "orders");
    world.clickhouse().attach(id.uuid(), &vpce(OURS));
    let survey = client(&world).service(id).survey(&known(OURS), &cx(&world)).await.unwrap();
    let admission = &survey.known.admissions[&Slot::main()];
    assert_eq!((&admission.state, admission.turn), (&EntryState::Served, Turn::Nobody));
    assert!(matches!(admission.ownership, Ownership::Ours(Evidence::NamesOur(_))));
    assert!(survey.known.holds(Some(&Slot::main()), &Fact::Served));
    assert_eq!(step(&survey, "clickhouse.allow").state, StepState::AlreadyDone);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_work_is_said_in_the_plan() {
    let world = World::new();
    let clickhouse = world.clickhouse();
    let id = service_id(&world, "orders");
    let blocks = async |known: &Exchange| {
        let survey = client(&world).service(id).survey(known, &cx(&world)).await.unwrap();
        codes(&survey, Severity::Blocks).join(" ")
    };

    let mut azure = Exchange::new();
    azure.consumer = Some(ConsumerIdentity::Azure {
        tenant: None,
        subscription: "0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60".parse().unwrap(),
    });
    assert_eq!(blocks(&azure).await, "CH-002");

    clickhouse.set_tier(clickhouse.organization_id(), Tier::Basic);
    for (tier, code) in [
        (OnBasicTier::Forbidden403, "CH-003"),
        (OnBasicTier::BadRequest400, "CH-003"),
        (OnBasicTier::EmptyConfig, "CH-001"),
    ] {
        clickhouse.switch(|switches| switches.basic_tier = tier);
        assert_eq!(blocks(&Exchange::new()).await, code, "{tier:?}");
    }
    clickhouse.set_tier(clickhouse.organization_id(), Tier::Scale);

    for state in ["terminating", "terminated", "softdeleted", "failed"] {
        clickhouse.set_state(id.uuid(), state);
        assert_eq!(blocks(&Exchange::new()).await, "CH-004", "{state}");
    }
    for state in ["running", "idle", "stopped", "hibernating"] {
        clickhouse.set_state(id.uuid(), state);
        assert_eq!(blocks(&Exchange::new()).await, "", "{state}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_worth_knowing_is_said_without_blocking() {
    let world = World::new();
    let id = service_id(&world, "orders");
    world.clickhouse().set_ip_access_list(id.uuid(), ["0.0.0.0/0"]);
    world.clickhouse().attach_text(id.uuid(), "https://console.example/junk");
    world.clickhouse().set_state(id.uuid(), "stopped");
    let survey = client(&world).service(id).survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert_eq!(codes(&survey, Severity::Warning), ["CH-005", "CH-006"]);
    assert_eq!(codes(&survey, Severity::Info), ["CH-007", "CH-008"]);
}

#[tokio::test(start_paused = true)]
async fn a_missing_service_is_an_error_and_not_a_finding() {
    let world = World::new();
    let id = service_id(&world, "orders");
    world.clickhouse().delete_service(id.uuid());
    let error = client(&world).service(id).survey(&Exchange::new(), &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains(&id.to_string()));
    assert_eq!(error.finding().map(|finding| &*finding.code), Some("CH-017"));
    assert!(error.help().contains("plan the removal"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_byoc_service_says_who_accepts_and_takes_its_infrastructures_answer() {
    let world = World::new();
    let region: privlink_core::Region = "us-east-1".parse().unwrap();
    let infrastructure = world.clickhouse().add_byoc(CloudProvider::Aws, &region, "123456789012");
    let id = world.clickhouse().add_service(ServiceSpec::new("own", CloudProvider::Aws, region).byoc(infrastructure));
    let survey = client(&world).service(id.into()).survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert!(survey.findings.iter().any(|finding| finding.code == "CH-009" && finding.turn == Turn::Approver));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_services_cost_one_list_and_one_config_each_within_the_budget() {
    const MANY: usize = 1_000;
    let world = World::new();
    let region: privlink_core::Region = "us-east-1".parse().unwrap();
    for n in world.clickhouse().service_ids().len()..MANY {
        world.clickhouse().add_service(ServiceSpec::new(format!("s{n}"), CloudProvider::Aws, region.clone()));
    }
    let client = client_with_organization(&world);
    let cx = cx(&world).with_breadth(MANY);
    let services: Vec<_> = world.clickhouse().service_ids().into_iter().map(|id| client.service(id.into())).collect();
    let known = Exchange::new();
    let began = tokio::time::Instant::now();
    let surveys = try_join_all(services.iter().map(|service| service.survey(&known, &cx))).await.unwrap();
    let took = began.elapsed();

    assert!(surveys.iter().all(|survey| survey.known.services.len() == 1));
    let requests = world.requests();
    assert_eq!(requests.len(), MANY + 1);
    assert!(requests.iter().all(|request| request.status == Some(200)), "no 429 seen");
    // 1,001 requests at ten in ten seconds: the last ten may start after a hundred windows.
    let bound = Duration::from_secs(10) * ((MANY as u32 + 1).div_ceil(10) - 1);
    assert!(took <= bound.mul_f64(1.05), "{took:?} against {bound:?}");
}

#[test]
fn an_id_of_another_kind_does_not_become_a_service() {
    for text in ["vpce-svc-0a1b2c3d4e5f67890", "us-east-1", "123456789012", ""] {
        assert!(text.parse::<privlink_clickhouse::ServiceId>().is_err(), "{text}");
    }
    assert!(PrivateEndpointId::parse_for(CloudProvider::Aws, "vpce-svc-0a1b2c3d4e5f67890").is_err());
}

#[tokio::test(start_paused = true)]
async fn a_step_that_was_changed_by_hand_takes_nothing_of_others() {
    let world = World::new();
    let id = service_id(&world, "orders");
    let theirs = "vpce-0fedcba9876543210";
    world.clickhouse().attach(id.uuid(), &vpce(OURS));
    world.clickhouse().attach(id.uuid(), &vpce(theirs));
    let service = client(&world).service(id);
    let removal = service.removal(&known(OURS), &cx(&world)).await.unwrap();
    for (verb, field) in [("clickhouse.withdraw", "endpoints"), ("clickhouse.unregister", "endpoint")] {
        let mut changed = step(&removal, verb).clone();
        changed.params[field] =
            if field == "endpoints" { serde_json::json!([OURS, theirs]) } else { serde_json::json!(theirs) };
        let error = service.perform(&changed, &known(OURS), &cx(&world)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{verb}");
    }
    let mut elsewhere = step(&removal, "clickhouse.unregister").clone();
    elsewhere.params["organization"] = serde_json::json!("00000000-0000-4000-8000-000000000000");
    assert!(service.perform(&elsewhere, &known(OURS), &cx(&world)).await.is_err());
    assert!(world.clickhouse().attached(id.uuid()).contains(&theirs.to_owned()));
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_about_another_service_is_not_acted_on() {
    let world = World::new();
    let client = client_with_organization(&world);
    let (asked, other) = (service(&world, &client, "orders"), service_id(&world, "billing"));
    let result = serde_json::json!({"id": other.to_string(), "name": "billing", "provider": "aws",
        "region": "us-east-1", "state": "running", "privateEndpointIds": [OURS], "ipAccessList": []});
    let body = serde_json::json!({"status": 200, "requestId": "x", "result": result}).to_string();
    world.faults().on("instanceGet").always().answer(http::Response::new(body.into()));
    let error = asked.details().await.unwrap_err();
    assert_eq!(error.kind(), privlink_core::ErrorKind::UnexpectedResponse, "{error}");
    assert!(error.to_string().contains(&other.to_string()), "{error}");
}
