//! The database side: what a plan reads, what the steps do, and the way back.

mod support;

use std::time::Duration;

use futures_util::future::try_join_all;
use privlink_core::side::{
    Acceptance, ConsumerIdentity, DatabaseSide, Effect, EndpointIds, EndpointState, EntryState, Evidence, Exchange,
    Fact, Naming, Outcome, Ownership, Reach, RecordShape, Side, Slot, Step, StepState, Survey, TouchKey,
};
use privlink_core::{CloudProvider, ErrorKind, PrivateEndpointId, Severity, Turn};
use privlink_sim::{CellSpec, OnAbsent, OnAttached, OnBasicTier, OnDuplicate, ServiceSpec, Tier, World};
use support::*;

fn codes(survey: &Survey, severity: Severity) -> Vec<&str> {
    survey.findings.iter().filter(|finding| finding.severity == severity).map(|finding| &*finding.code).collect()
}

fn step<'a>(survey: &'a Survey, verb: &str) -> &'a Step {
    survey.steps.iter().find(|step| step.verb == verb).unwrap_or_else(|| panic!("no step {verb}: {:?}", survey.steps))
}

async fn perform(service: &privlink_clickhouse::Service, step: &Step, known: &Exchange, world: &World) -> Outcome {
    service.perform(step, known, &cx(world)).await.expect("an outcome")
}

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
async fn allowing_works_under_every_habit_of_the_vendor() {
    for duplicate in [OnDuplicate::Reject400, OnDuplicate::NoOp] {
        for fault in ["none", "lost after", "lost before", "beaten"] {
            let world = World::new();
            let id = service_id(&world, "orders");
            world.clickhouse().switch(|switches| switches.duplicate_add = duplicate);
            let mut client = client(&world);
            match fault {
                "lost after" => drop(world.faults().on("instanceUpdate").reset_after_commit()),
                "lost before" => drop(world.faults().on("instanceUpdate").reset_before_commit()),
                "beaten" => {
                    let act = move |world: &World| world.clickhouse().attach(id.uuid(), &vpce(OURS));
                    client = client_over(&world, Meddler::new(&world, vec![Box::new(act)]));
                }
                _ => {}
            }
            let service = client.service(id);
            let known = known(OURS);
            let survey = service.survey(&known, &cx(&world)).await.unwrap();
            let allow = step(&survey, "clickhouse.allow");
            let mut looks = 0;
            let known = loop {
                looks += 1;
                match perform(&service, allow, &known, &world).await {
                    Outcome::Done(known) | Outcome::AlreadyDone(known) => break known,
                    Outcome::Waiting { poll_after, .. } if looks < 5 => world.clock().sleep(poll_after).await,
                    other => panic!("{duplicate:?} {fault}: {other:?}"),
                }
            };
            assert_eq!(known.admissions[&Slot::main()].state, EntryState::Served, "{duplicate:?} {fault}");
            assert_eq!(world.clickhouse().attached(id.uuid()), [OURS], "{duplicate:?} {fault}");
            let before = world.writes().len();
            assert!(matches!(perform(&service, allow, &support::known(OURS), &world).await, Outcome::AlreadyDone(_)));
            assert_eq!(world.writes().len(), before, "{duplicate:?} {fault}: a second run writes nothing");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn allowing_waits_for_the_list_to_show_it_and_sends_once() {
    for duplicate in [OnDuplicate::Reject400, OnDuplicate::NoOp] {
        let world = World::new();
        let id = service_id(&world, "orders");
        world.clickhouse().switch(|switches| {
            switches.duplicate_add = duplicate;
            switches.visibility_delay = 3;
        });
        let service = client(&world).service(id);
        let known = known(OURS);
        let survey = service.survey(&known, &cx(&world)).await.unwrap();
        let allow = step(&survey, "clickhouse.allow");
        let mut waits = 0;
        loop {
            match perform(&service, allow, &known, &world).await {
                Outcome::Done(_) | Outcome::AlreadyDone(_) => break,
                Outcome::Waiting { turn, poll_after, .. } => {
                    waits += 1;
                    assert_eq!(turn, Turn::Vendor);
                    assert!(poll_after >= Duration::from_secs(1) && waits < 10);
                    world.clock().sleep(poll_after).await;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(waits > 0);
        assert_eq!(world.writes().len(), 1, "{duplicate:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_allowed_on_a_service_that_began_to_go_away() {
    for state in ["terminating", "terminated", "softdeleting", "softdeleted"] {
        let world = World::new();
        let id = service_id(&world, "orders");
        let service = client(&world).service(id);
        let survey = service.survey(&known(OURS), &cx(&world)).await.unwrap();
        world.clickhouse().set_state(id.uuid(), state);
        let outcome = perform(&service, step(&survey, "clickhouse.allow"), &known(OURS), &world).await;
        let Outcome::Refused(finding) = outcome else { panic!("{state}: {outcome:?}") };
        assert_eq!(finding.code, "CH-004", "{state}");
        assert!(world.writes().is_empty(), "{state}");
    }
}

#[tokio::test(start_paused = true)]
async fn allowing_needs_an_endpoint_and_the_right_service() {
    let world = World::new();
    let client = client(&world);
    let orders = client.service(service_id(&world, "orders"));
    let survey = orders.survey(&known(OURS), &cx(&world)).await.unwrap();
    let allow = step(&survey, "clickhouse.allow");
    let Outcome::Moved(finding) = perform(&orders, allow, &Exchange::new(), &world).await else { panic!() };
    assert_eq!(finding.code, "CH-013");
    let billing = client.service(service_id(&world, "billing"));
    let error = billing.perform(allow, &known(OURS), &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(world.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_google_endpoint_without_its_number_is_the_clouds_turn() {
    let world = World::new();
    let id = world.clickhouse().add_service(ServiceSpec::new("g", CloudProvider::Gcp, "us-central1".parse().unwrap()));
    let service = client(&world).service(id.into());
    let ids = |psc: Option<u64>| EndpointIds::Gcp {
        project: "acme-prod".parse().unwrap(),
        rule: "orders".parse().unwrap(),
        psc: psc.map(Into::into),
    };
    let mut endpoint = aws_endpoint(OURS, Ownership::Ours(Evidence::Description));
    endpoint.ids = ids(None);
    let mut known = Exchange::new();
    known.endpoints.insert(Slot::main(), endpoint);
    let survey = service.survey(&known, &cx(&world)).await.unwrap();
    assert_eq!(survey.known.services[&Slot::main()].reach, Reach::SameRegionGlobalAccess);
    let allow = step(&survey, "clickhouse.allow");
    let Outcome::Waiting { turn, .. } = perform(&service, allow, &known, &world).await else { panic!() };
    assert_eq!(turn, Turn::Cloud);
    known.endpoints.get_mut(&Slot::main()).unwrap().ids = ids(Some(u64::MAX));
    assert!(matches!(perform(&service, allow, &known, &world).await, Outcome::Done(_)));
    assert_eq!(world.clickhouse().attached(id), ["18446744073709551615"]);
}

const ARM: &str = "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/prod/providers/Microsoft.Network/privateEndpoints/orders";
const GUID: &str = "7c1e0b5a-7a2d-4c3f-9e8b-1d2c3b4a5f60";

fn azure() -> (World, privlink_clickhouse::Service, Exchange) {
    let world = World::new();
    let region: privlink_core::Region = "westus3".parse().expect("well-formed");
    world.clickhouse().add_cell(CellSpec::new("westus3-c0", CloudProvider::Azure, region.clone()));
    let id = world.clickhouse().add_service(ServiceSpec::new("a", CloudProvider::Azure, region));
    let service = client(&world).service(id.into());
    let mut endpoint = aws_endpoint(OURS, Ownership::Ours(Evidence::Tag));
    endpoint.ids =
        EndpointIds::Azure { id: ARM.parse().expect("well-formed"), guid: Some(GUID.parse().expect("well-formed")) };
    endpoint.state = EndpointState::Requested;
    let mut known = Exchange::new();
    known.endpoints.insert(Slot::main(), endpoint);
    (world, service, known)
}

#[tokio::test(start_paused = true)]
async fn an_azure_endpoint_is_allowed_while_it_still_waits_for_approval() {
    let (world, service, known) = azure();
    let survey = service.survey(&known, &cx(&world)).await.unwrap();
    assert_eq!(survey.known.services[&Slot::main()].reach, Reach::AnyRegion);
    assert!(!survey.known.capabilities.as_ref().unwrap().naming.contains(&Naming::EndpointPrivateDns));
    assert!(matches!(perform(&service, step(&survey, "clickhouse.allow"), &known, &world).await, Outcome::Done(_)));
    assert_eq!(world.clickhouse().attached(service.id().uuid()), [ARM]);
}

#[tokio::test(start_paused = true)]
async fn an_azure_guid_is_served_reported_and_withdrawn_too() {
    let (world, service, known) = azure();
    world.clickhouse().attach_text(service.id().uuid(), GUID);
    let survey = service.survey(&known, &cx(&world)).await.unwrap();
    assert_eq!(step(&survey, "clickhouse.allow").state, StepState::AlreadyDone);
    let finding = survey.findings.iter().find(|finding| finding.code == "CH-010").unwrap();
    assert!(finding.next_step.contains(ARM), "{finding}");

    let removal = service.removal(&known, &cx(&world)).await.unwrap();
    let withdraw = step(&removal, "clickhouse.withdraw");
    assert!(matches!(perform(&service, withdraw, &known, &world).await, Outcome::Done(_)));
    assert!(world.clickhouse().attached(service.id().uuid()).is_empty());
    let unregister = step(&removal, "clickhouse.unregister");
    assert!(matches!(perform(&service, unregister, &known, &world).await, Outcome::Done(_)));
    assert!(world.clickhouse().registered(world.clickhouse().organization_id()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_removal_takes_entry_and_register_back_and_leaves_others_alone() {
    for remove_absent in [OnAbsent::NoOp, OnAbsent::Reject400] {
        for while_attached in [OnAttached::Reject400, OnAttached::Cascade] {
            for fault in ["none", "lost after", "beaten"] {
                let told = format!("{remove_absent:?} {while_attached:?} {fault}");
                let world = World::new();
                let (id, org) = (service_id(&world, "orders"), world.clickhouse().organization_id());
                world.clickhouse().switch(|switches| {
                    switches.remove_absent = remove_absent;
                    switches.organization_remove_while_attached = while_attached;
                });
                world.clickhouse().attach(id.uuid(), &vpce(OURS));
                world.clickhouse().attach(id.uuid(), &vpce(OTHER));
                let mut client = client(&world);
                match fault {
                    "lost after" => {
                        world.faults().on("instanceUpdate").reset_after_commit();
                        world.faults().on("organizationUpdate").reset_after_commit();
                    }
                    "beaten" => {
                        let detach = move |world: &World| world.clickhouse().detach(id.uuid(), &vpce(OURS));
                        let forget = move |world: &World| world.clickhouse().deregister(org, &vpce(OURS));
                        client = client_over(&world, Meddler::new(&world, vec![Box::new(detach), Box::new(forget)]));
                    }
                    _ => {}
                }
                let service = client.service(id);
                let known = known(OURS);
                let removal = service.removal(&known, &cx(&world)).await.unwrap();
                assert!(removal.kept.is_empty(), "{told}: {:?}", removal.kept);
                let (withdraw, unregister) =
                    (step(&removal, "clickhouse.withdraw"), step(&removal, "clickhouse.unregister"));
                // The graph, backwards: the entry before the register before the endpoint.
                assert!(withdraw.needs.iter().any(|fact| unregister.gives.contains(fact)), "{told}");
                assert!(withdraw.gives.contains(&Fact::Served) && unregister.needs.contains(&Fact::Endpoint), "{told}");
                for step in [withdraw, unregister] {
                    let outcome = perform(&service, step, &known, &world).await;
                    assert!(matches!(outcome, Outcome::Done(_) | Outcome::AlreadyDone(_)), "{told}: {outcome:?}");
                    let again = perform(&service, step, &known, &world).await;
                    assert!(matches!(again, Outcome::AlreadyDone(_)), "{told}: {again:?}");
                }
                assert_eq!(world.clickhouse().attached(id.uuid()), [OTHER], "{told}");
                assert_eq!(world.clickhouse().registered(org), [OTHER], "{told}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn withdrawing_waits_for_the_list_to_show_it_and_sends_once() {
    for absent in [OnAbsent::NoOp, OnAbsent::Reject400] {
        let world = World::new();
        let id = service_id(&world, "orders");
        world.clickhouse().attach(id.uuid(), &vpce(OURS));
        world.clickhouse().switch(|switches| {
            switches.remove_absent = absent;
            switches.visibility_delay = 3;
        });
        let service = client(&world).service(id);
        let removal = service.removal(&known(OURS), &cx(&world)).await.unwrap();
        let withdraw = step(&removal, "clickhouse.withdraw");
        let mut waits = 0;
        while let Outcome::Waiting { turn, poll_after, .. } = perform(&service, withdraw, &known(OURS), &world).await {
            waits += 1;
            assert_eq!(turn, Turn::Vendor, "{absent:?}");
            assert!(waits < 10, "{absent:?}");
            world.clock().sleep(poll_after).await;
        }
        assert!(waits > 0, "{absent:?}");
        assert_eq!(world.writes().len(), 1, "{absent:?}");
        assert!(world.clickhouse().attached(id.uuid()).is_empty(), "{absent:?}");

        // The register may lag behind as well, past the limit on requests.
        world.clock().sleep(Duration::from_secs(20)).await;
        let unregister = step(&removal, "clickhouse.unregister");
        let lag = world.faults().on("organizationGet").always().stale_read();
        for _ in 0..3 {
            let outcome = perform(&service, unregister, &known(OURS), &world).await;
            assert!(matches!(outcome, Outcome::Waiting { turn: Turn::Vendor, .. }), "{absent:?}: {outcome:?}");
        }
        lag.lift();
        let outcome = perform(&service, unregister, &known(OURS), &world).await;
        assert!(matches!(outcome, Outcome::AlreadyDone(_)), "{absent:?}: {outcome:?}");
        assert_eq!(world.writes().len(), 2, "{absent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_register_keeps_an_endpoint_that_a_service_nobody_can_read_might_use() {
    let world = World::new();
    let (id, org) = (service_id(&world, "orders"), world.clickhouse().organization_id());
    world.clickhouse().attach(id.uuid(), &vpce(OURS));
    let service = client(&world).service(id);
    let removal = service.removal(&known(OURS), &cx(&world)).await.unwrap();
    let unregister = step(&removal, "clickhouse.unregister");
    world.clickhouse().detach(id.uuid(), &vpce(OURS));
    let before = world.writes().len();
    // One that is none, and one whose allow list was not sent.
    for unreadable in [r#"{"id":"?"}"#.to_owned(), without_a_list(&world, id.uuid()).await] {
        let body = format!(r#"{{"status":200,"requestId":"{}","result":[{unreadable}]}}"#, uuid::Uuid::nil());
        world.faults().on("instanceGetList").answer(http::Response::new(body.into()));
        let outcome = perform(&service, unregister, &known(OURS), &world).await;
        assert!(matches!(outcome, Outcome::AlreadyDone(_)), "{outcome:?}");
        assert_eq!((world.writes().len(), world.clickhouse().registered(org)), (before, vec![OURS.to_owned()]));
    }
    assert!(matches!(perform(&service, unregister, &known(OURS), &world).await, Outcome::Done(_)));
    assert!(world.clickhouse().registered(org).is_empty());
}

/// The service as the vendor sends it, but for its allow list.
async fn without_a_list(world: &World, id: uuid::Uuid) -> String {
    let path = format!("/organizations/{}/services/{id}", world.clickhouse().organization_id());
    let response = client(world).request(http::Method::GET, &path).expect("a good path").send().await;
    let mut service = response.unwrap_or_else(|error| panic!("{}", error.report())).result;
    assert!(service.as_object_mut().is_some_and(|fields| fields.remove("privateEndpointIds").is_some()));
    service.to_string()
}

#[tokio::test(start_paused = true)]
async fn a_register_entry_that_others_use_is_kept_with_the_reason() {
    let world = World::new();
    let id = service_id(&world, "orders");
    for name in ["orders", "billing"] {
        world.clickhouse().attach(service_id(&world, name).uuid(), &vpce(OURS));
    }
    let service = client(&world).service(id);
    let removal = service.removal(&known(OURS), &cx(&world)).await.unwrap();
    assert_eq!(removal.steps.len(), 1, "{:?}", removal.steps);
    let [kept] = removal.kept.as_slice() else { panic!("{:?}", removal.kept) };
    assert!(kept.reason.contains("billing"), "{}", kept.reason);
}

#[tokio::test(start_paused = true)]
async fn in_a_set_the_register_entry_goes_with_the_last_who_used_it() {
    let world = World::new();
    let client = client(&world);
    let cx = cx(&world).with_breadth(2);
    let names = ["orders", "billing"];
    let mut removals = Vec::new();
    for name in names {
        world.clickhouse().attach(service_id(&world, name).uuid(), &vpce(OURS));
    }
    for name in names {
        let service = client.service(service_id(&world, name));
        removals.push((service.removal(&known(OURS), &cx).await.unwrap(), service));
    }
    let unregister = |at: usize| step(&removals[at].0, "clickhouse.unregister");
    assert_eq!(unregister(0).id, unregister(1).id, "one thing, one step");
    let run = async |at: usize, verb: &str| {
        let (removal, service): &(Survey, privlink_clickhouse::Service) = &removals[at];
        perform(service, step(removal, verb), &known(OURS), &world).await
    };
    assert!(matches!(run(0, "clickhouse.withdraw").await, Outcome::Done(_)));
    assert!(matches!(run(0, "clickhouse.unregister").await, Outcome::AlreadyDone(_)), "billing still lists it");
    assert_eq!(world.clickhouse().registered(world.clickhouse().organization_id()), [OURS]);
    assert!(matches!(run(1, "clickhouse.withdraw").await, Outcome::Done(_)));
    assert!(matches!(run(1, "clickhouse.unregister").await, Outcome::Done(_)));
    assert!(world.clickhouse().registered(world.clickhouse().organization_id()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn after_the_service_is_deleted_only_the_register_is_left_to_clean() {
    let world = World::new();
    let id = service_id(&world, "orders");
    world.clickhouse().attach(id.uuid(), &vpce(OURS));
    let organization = client(&world).organization(world.clickhouse().organization_id().into());
    let service = organization.service(id);
    let before = service.removal(&known(OURS), &cx(&world)).await.unwrap();
    world.clickhouse().delete_service(id.uuid());
    let removal = service.removal(&known(OURS), &cx(&world)).await.unwrap();
    assert_eq!(removal.steps.iter().map(|step| &*step.verb).collect::<Vec<_>>(), ["clickhouse.unregister"]);
    let late = perform(&service, step(&before, "clickhouse.withdraw"), &known(OURS), &world).await;
    assert!(matches!(late, Outcome::AlreadyDone(_)), "the list went with the service");
    let (users, complete) =
        service.users(&aws_endpoint(OURS, Ownership::Ours(Evidence::Tag)), &cx(&world)).await.unwrap();
    assert_eq!((users.len(), complete), (0, true));
    // Without the organization's name the service may be another organization's.
    let unnamed = client(&world).service(id);
    let (_, complete) = unnamed.users(&aws_endpoint(OURS, Ownership::Ours(Evidence::Tag)), &cx(&world)).await.unwrap();
    assert!(!complete);
}

#[tokio::test(start_paused = true)]
async fn entries_nobody_can_attribute_are_kept_unless_named() {
    let world = World::new();
    let id = service_id(&world, "orders");
    world.clickhouse().attach(id.uuid(), &vpce(OURS));
    let client = client(&world);
    // The endpoint is gone, and with it the mark.
    let removal = client.service(id).removal(&Exchange::new(), &cx(&world)).await.unwrap();
    assert!(removal.steps.is_empty());
    assert_eq!(removal.kept.len(), 1);
    // An endpoint somebody else made.
    let foreign = known_as(aws_endpoint(OURS, Ownership::Foreign));
    let removal = client.service(id).removal(&foreign, &cx(&world)).await.unwrap();
    assert!(removal.steps.is_empty());
    assert!(removal.kept[0].reason.contains("did not make"), "{:?}", removal.kept);
    assert!(removal.kept[0].what.starts_with("allow-list entry `vpce-"), "{:?}", removal.kept);
    // By explicit id it goes.
    let service = client.service(id).also_withdraw(vpce(OURS));
    let removal = service.removal(&Exchange::new(), &cx(&world)).await.unwrap();
    assert_eq!(removal.steps.len(), 2);
    assert!(removal.kept.is_empty(), "{:?}", removal.kept);
}

#[tokio::test(start_paused = true)]
async fn users_are_told_by_the_keys_of_their_entries_and_only_counted_when_all_are_seen() {
    let world = World::new();
    let client = client(&world);
    for name in ["orders", "billing"] {
        world.clickhouse().attach(service_id(&world, name).uuid(), &vpce(OURS));
    }
    let service = client.service(service_id(&world, "orders"));
    let endpoint = aws_endpoint(OURS, Ownership::Ours(Evidence::Tag));
    let (users, complete) = service.users(&endpoint, &cx(&world)).await.unwrap();
    assert!(complete);
    assert_eq!(users.len(), 2);
    let removal = service.removal(&known(OURS), &cx(&world)).await.unwrap();
    let own: &TouchKey = &step(&removal, "clickhouse.withdraw").key;
    assert!(users.contains(own), "a withdrawn entry is one user less");

    let key = world.clickhouse().key_id();
    world.clickhouse().set_key_permissions(&key, [privlink_sim::Permission::ServiceView]);
    let (_, complete) = service.users(&endpoint, &cx(&world)).await.unwrap();
    assert!(!complete, "a key that may not view the organization may not see every service");
}

#[tokio::test(start_paused = true)]
async fn public_access_is_closed_by_name_and_restored_exactly() {
    let world = World::new();
    let id = service_id(&world, "orders");
    world.clickhouse().set_ip_access_list(id.uuid(), ["203.0.113.7", "198.51.100.0/24"]);
    let service = client(&world).service(id);
    let (closing, receipt) = service.closing(&Exchange::new(), &cx(&world)).await.unwrap();
    let close = step(&closing, "clickhouse.close_public");
    assert!(close.why.contains("203.0.113.7") && close.effects.contains(&Effect::ClosesPublic), "{}", close.why);
    assert!(matches!(perform(&service, close, &Exchange::new(), &world).await, Outcome::Done(_)));
    assert!(world.clickhouse().ip_access_list(id.uuid()).is_empty());
    assert!(matches!(perform(&service, close, &Exchange::new(), &world).await, Outcome::AlreadyDone(_)));
    let error = service.closing(&Exchange::new(), &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "an empty receipt would overwrite the good one");
    assert!(error.to_string().contains("keep the receipt of the first closing"), "{error}");
    assert_eq!(error.finding().map(|finding| &*finding.code), Some("CH-020"));

    let receipt = serde_json::from_str(&serde_json::to_string(&receipt).unwrap()).unwrap();
    let reopening = service.reopening(&receipt, &cx(&world)).await.unwrap();
    let open = step(&reopening, "clickhouse.open_public");
    assert_eq!(open.state, StepState::ToDo);
    assert!(matches!(perform(&service, open, &Exchange::new(), &world).await, Outcome::Done(_)));
    assert_eq!(world.clickhouse().ip_access_list(id.uuid()), ["203.0.113.7", "198.51.100.0/24"]);
    let again = service.reopening(&receipt, &cx(&world)).await.unwrap();
    assert_eq!(step(&again, "clickhouse.open_public").state, StepState::AlreadyDone);

    let other = client(&world).service(service_id(&world, "billing"));
    assert_eq!(other.reopening(&receipt, &cx(&world)).await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn a_removal_behind_a_closed_public_door_warns_that_nobody_will_get_in() {
    let world = World::new();
    let id = service_id(&world, "orders");
    world.clickhouse().attach(id.uuid(), &vpce(OURS));
    let service = client(&world).service(id);
    for (sources, wanted) in [(&["203.0.113.7"][..], &[][..]), (&[], &["CH-016"])] {
        world.clickhouse().set_ip_access_list(id.uuid(), sources.iter().copied());
        let removal = service.removal(&known(OURS), &cx(&world)).await.unwrap();
        assert_eq!(codes(&removal, Severity::Warning), wanted, "{sources:?}");
    }
    world.clickhouse().attach(id.uuid(), &vpce(OTHER));
    let removal = service.removal(&known(OURS), &cx(&world)).await.unwrap();
    assert!(codes(&removal, Severity::Warning).is_empty(), "others still get in over their endpoints");
    world.clickhouse().detach(id.uuid(), &vpce(OTHER));
    world.clickhouse().detach(id.uuid(), &vpce(OURS));
    let removal = service.removal(&known(OURS), &cx(&world)).await.unwrap();
    assert!(codes(&removal, Severity::Warning).is_empty(), "nothing goes, so nobody is shut out");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_came_after_the_receipt_is_not_closed_behind_its_back() {
    let world = World::new();
    let id = service_id(&world, "orders");
    world.clickhouse().set_ip_access_list(id.uuid(), ["203.0.113.7"]);
    let service = client(&world).service(id);
    let (closing, _) = service.closing(&Exchange::new(), &cx(&world)).await.unwrap();
    world.clickhouse().set_ip_access_list(id.uuid(), ["203.0.113.7", "192.0.2.1"]);
    let outcome = perform(&service, step(&closing, "clickhouse.close_public"), &Exchange::new(), &world).await;
    let Outcome::Moved(finding) = outcome else { panic!("{outcome:?}") };
    assert!(finding.to_string().contains("192.0.2.1"));
    assert!(world.writes().is_empty());
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
