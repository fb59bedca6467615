//! How an endpoint gets onto the allow list.

mod support;

use std::time::Duration;

use privlink_core::side::{
    EndpointIds, EndpointState, EntryState, Evidence, Exchange, Naming, Outcome, Ownership, Reach, Side, Slot,
    StepState,
};
use privlink_core::{CloudProvider, ErrorKind, Turn};
use privlink_sim::{CellSpec, OnDuplicate, ServiceSpec, World};
use support::*;

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
