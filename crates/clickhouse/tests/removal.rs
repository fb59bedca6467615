//! The way back: entries, the register and public access.

mod support;

use std::time::Duration;

use privlink_core::side::{
    DatabaseSide, Effect, Evidence, Exchange, Fact, Outcome, Ownership, Side, StepState, Survey, TouchKey,
};
use privlink_core::{ErrorKind, Severity, Turn};
use privlink_sim::contract::codes;
use privlink_sim::{OnAbsent, OnAttached, World};
use support::*;

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
