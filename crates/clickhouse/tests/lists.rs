//! Changing allow list, register and IP access list, whatever the vendor does with what nobody
//! has documented.

mod support;

use std::time::Duration;

use privlink_clickhouse::{Attached, IpAccessEntry, PatchOutcome, Registration};
use privlink_core::{CloudProvider, ErrorKind};
use privlink_sim::{OnAbsent, OnAttached, OnDuplicate, World};
use support::*;

/// Every combination of the vendor's undocumented habits.
fn worlds() -> Vec<(String, World)> {
    let mut worlds = Vec::new();
    for add in [OnDuplicate::Reject400, OnDuplicate::NoOp] {
        for remove in [OnAbsent::NoOp, OnAbsent::Reject400] {
            for attached in [OnAttached::Reject400, OnAttached::Cascade] {
                let world = World::new();
                world.clickhouse().switch(|switches| {
                    switches.duplicate_add = add;
                    switches.remove_absent = remove;
                    switches.organization_remove_while_attached = attached;
                });
                worlds.push((format!("{add:?} {remove:?} {attached:?}"), world));
            }
        }
    }
    assert_eq!(worlds.len(), 8);
    worlds
}

fn texts<T: ToString>(items: &[T]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

fn attached(world: &World, name: &str) -> Vec<String> {
    world.clickhouse().attached(service_id(world, name).uuid())
}

#[tokio::test(start_paused = true)]
async fn a_patch_adds_and_removes_its_own_entries_and_no_others() {
    for (habits, world) in worlds() {
        let orders = service_id(&world, "orders").uuid();
        world.clickhouse().attach(orders, &vpce(OTHER));
        world.clickhouse().attach(orders, &vpce(THIRD));
        let service = service(&world, &client(&world), "orders");

        let outcome = service.private_endpoints().patch().add(vpce(OURS)).remove(vpce(THIRD)).send().await.unwrap();
        assert_eq!(
            (texts(&outcome.added), texts(&outcome.removed)),
            (vec![OURS.into()], vec![THIRD.into()]),
            "{habits}"
        );
        assert!(outcome.changed() && outcome.visible, "{habits}");
        assert_eq!(attached(&world, "orders"), [OTHER, OURS], "{habits}");
        assert_eq!(world.writes().len(), 1, "{habits}: one request for both");
    }
}

#[tokio::test(start_paused = true)]
async fn a_patch_with_nothing_to_do_sends_no_write() {
    for (habits, world) in worlds() {
        world.clickhouse().attach(service_id(&world, "orders").uuid(), &vpce(OURS));
        let service = service(&world, &client(&world), "orders");
        let outcome = service.private_endpoints().patch().add(vpce(OURS)).remove(vpce(OTHER)).send().await.unwrap();
        assert!(!outcome.changed(), "{habits}");
        assert_eq!(
            (texts(&outcome.already_there), texts(&outcome.already_gone)),
            (vec![OURS.into()], vec![OTHER.into()]),
            "{habits}"
        );
        assert!(world.writes().is_empty(), "{habits}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_patch_sends_nothing_at_all() {
    let world = World::new();
    let service = service(&world, &client(&world), "orders");
    assert!(!service.private_endpoints().patch().send().await.unwrap().changed());
    assert!(world.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn somebody_else_adding_the_same_at_the_same_time_is_no_failure() {
    for (habits, world) in worlds() {
        let orders = service_id(&world, "orders").uuid();
        let meddler = Meddler::new(&world, vec![Box::new(move |world| world.clickhouse().attach(orders, &vpce(OURS)))]);
        let service = service(&world, &client_over(&world, meddler), "orders");
        let outcome = service.private_endpoints().patch().add(vpce(OURS)).add(vpce(OTHER)).send().await;
        let outcome = outcome.unwrap_or_else(|error| panic!("{habits}: {error}"));
        assert!(texts(&outcome.added).contains(&OTHER.to_owned()), "{habits}");
        let mut all = attached(&world, "orders");
        all.sort();
        assert_eq!(all, [OURS, OTHER], "{habits}");
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_else_removing_the_same_at_the_same_time_is_no_failure() {
    for (habits, world) in worlds() {
        let orders = service_id(&world, "orders").uuid();
        world.clickhouse().attach(orders, &vpce(OURS));
        world.clickhouse().attach(orders, &vpce(OTHER));
        let meddler = Meddler::new(&world, vec![Box::new(move |world| world.clickhouse().detach(orders, &vpce(OURS)))]);
        let service = service(&world, &client_over(&world, meddler), "orders");
        let outcome = service.private_endpoints().patch().remove(vpce(OURS)).remove(vpce(OTHER)).send().await;
        outcome.unwrap_or_else(|error| panic!("{habits}: {error}"));
        assert!(attached(&world, "orders").is_empty(), "{habits}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_settled_by_looking() {
    for (habits, world) in worlds() {
        world.faults().on("instanceUpdate").reset_after_commit();
        let service = service(&world, &client(&world), "orders");
        let outcome = service.private_endpoints().patch().add(vpce(OURS)).send().await.unwrap();
        assert_eq!(texts(&outcome.added), [OURS], "{habits}");
        assert_eq!(world.writes().len(), 1, "{habits}: it was there, so it is not sent again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_got_lost_on_the_way_is_sent_again_after_a_look() {
    for (habits, world) in worlds() {
        world.faults().on("instanceUpdate").reset_before_commit();
        let service = service(&world, &client(&world), "orders");
        let outcome = service.private_endpoints().patch().add(vpce(OURS)).send().await.unwrap();
        assert_eq!(texts(&outcome.added), [OURS], "{habits}");
        let operations = operations(&world);
        let first = operations.iter().position(|name| name == "instanceUpdate").unwrap();
        assert_eq!(operations[first..first + 3], ["instanceUpdate", "instanceGet", "instanceUpdate"], "{habits}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_does_not_show_yet_is_reported_and_not_repeated() {
    for (habits, world) in worlds() {
        world.clickhouse().switch(|switches| switches.visibility_delay = 20);
        let client = client(&world);
        let service = service(&world, &client, "orders");
        let patch = || service.private_endpoints().patch().add(vpce(OURS));
        let outcome = patch().send().await.unwrap();
        assert_eq!(texts(&outcome.added), [OURS], "{habits}");
        // The list still lags behind for the second call.
        patch().send().await.unwrap_or_else(|error| panic!("{habits}: {error}"));
        assert_eq!(attached(&world, "orders"), [OURS], "{habits}");
    }
}

/// Whoever adds the entry again after it was removed: a refusal to remove it once more is one.
#[tokio::test(start_paused = true)]
async fn a_refusal_is_not_taken_for_an_earlier_removal() {
    for by_us in [true, false] {
        let world = World::new();
        let client = client(&world);
        let service = service(&world, &client, "orders");
        let list = service.private_endpoints();
        list.patch().add(vpce(OURS)).send().await.unwrap();
        list.patch().remove(vpce(OURS)).send().await.unwrap();
        if by_us {
            list.attach(vpce(OURS)).send().await.unwrap();
        } else {
            assert_eq!(list.list().await.unwrap().len(), 0, "the removal was seen");
            world.clickhouse().attach(service_id(&world, "orders").uuid(), &vpce(OURS));
        }

        world.faults().on("instanceUpdate").always().status(409);
        let error = list.patch().remove(vpce(OURS)).send().await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Conflict, Some(409)), "by us: {by_us}");
        assert_eq!(attached(&world, "orders"), [OURS]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_always_refuses_is_believed() {
    let world = World::new();
    world.faults().on("instanceUpdate").always().status(400);
    let service = service(&world, &client(&world), "orders");
    let error = service.private_endpoints().patch().add(vpce(OURS)).send().await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::InvalidInput, Some(400)));
    assert_eq!(error.operation(), Some("instanceUpdate"));
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_id_in_both_lists_is_refused_before_any_request() {
    let world = World::new();
    let service = service(&world, &client(&world), "orders");
    let error = service.private_endpoints().patch().add(vpce(OURS)).remove(vpce(OURS)).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains(OURS));
    assert!(world.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_id_of_another_cloud_is_never_sent() {
    let world = World::new();
    let service = service(&world, &client(&world), "orders");
    let psc = privlink_core::PscConnectionId::from(102_600_141_743_718_403);
    for error in [
        service.private_endpoints().patch().add(psc).send().await.unwrap_err(),
        service.private_endpoints().attach(psc).send().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("gcp") && error.to_string().contains("aws"), "{error}");
    }
    assert!(world.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn duplicates_are_sent_once() {
    let world = World::new();
    let service = service(&world, &client(&world), "orders");
    service.private_endpoints().patch().add(vpce(OURS)).add(vpce(OURS)).send().await.unwrap();
    assert_eq!(attached(&world, "orders"), [OURS]);
}

#[tokio::test(start_paused = true)]
async fn junk_is_removed_as_it_was_read() {
    let world = World::new();
    let orders = service_id(&world, "orders").uuid();
    world.clickhouse().attach_text(orders, "arn:aws:oops");
    world.clickhouse().attach(orders, &vpce(OTHER));
    let service = service(&world, &client(&world), "orders");
    let listed = service.private_endpoints().list().await.unwrap();
    let junk = listed.into_iter().find(|entry| entry.id().is_err()).unwrap();
    let outcome = service.private_endpoints().patch().remove(junk).send().await.unwrap();
    assert_eq!(texts(&outcome.removed), ["arn:aws:oops"]);
    assert_eq!(attached(&world, "orders"), [OTHER]);
}

const ARM: &str = "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/Prod/providers/Microsoft.Network/privateEndpoints/orders";

#[tokio::test(start_paused = true)]
async fn azure_ids_are_sent_as_given_and_compared_without_case() {
    let world = World::new();
    let id = world.clickhouse().service_in(CloudProvider::Azure);
    let service = service(&world, &client(&world), "ledger");
    let given = privlink_core::PrivateEndpointId::parse_for(CloudProvider::Azure, ARM).unwrap();
    service.private_endpoints().patch().add(given).send().await.unwrap();
    assert_eq!(world.clickhouse().attached(id), [ARM]);

    let shouted =
        privlink_core::PrivateEndpointId::parse_for(CloudProvider::Azure, &ARM.replace("Prod", "PROD")).unwrap();
    let again = service.private_endpoints().patch().add(shouted.clone()).send().await.unwrap();
    assert!(!again.changed(), "the same endpoint in other letters");
    let gone = service.private_endpoints().patch().remove(shouted).send().await.unwrap();
    assert_eq!(texts(&gone.removed), [ARM], "removed as the list spells it");
    assert!(world.clickhouse().attached(id).is_empty());
}

#[tokio::test(start_paused = true)]
async fn attaching_carries_a_description_and_happens_once() {
    for (habits, world) in worlds() {
        let client = client(&world);
        let service = service(&world, &client, "orders");
        let attach = || service.private_endpoints().attach(vpce(OURS)).description("prod vpc");
        let Attached::Now(Some(entry)) = attach().send().await.unwrap() else { panic!("{habits}") };
        assert_eq!((entry.region.as_str(), entry.description.as_deref()), ("us-east-1", Some("prod vpc")), "{habits}");
        assert_eq!(attach().send().await.unwrap(), Attached::Before, "{habits}");
        assert_eq!(world.writes().len(), 1, "{habits}");

        let register = organization(&world, &client).private_endpoints().list().await.unwrap();
        let names: Vec<_> = register.iter().flatten().map(|entry| entry.endpoint.as_str()).collect();
        assert_eq!(names, [OURS], "{habits}");
    }
}

#[tokio::test(start_paused = true)]
async fn attaching_survives_a_lost_answer() {
    let world = World::new();
    world.faults().on("instancePrivateEndpointCreate").reset_after_commit();
    let service = service(&world, &client(&world), "orders");
    assert_eq!(service.private_endpoints().attach(vpce(OURS)).send().await.unwrap(), Attached::Now(None));
    assert_eq!(attached(&world, "orders"), [OURS]);
}

#[tokio::test(start_paused = true)]
async fn the_register_is_changed_with_provider_and_region_and_only_when_unused() {
    for (habits, world) in worlds() {
        let client = client(&world);
        let organization = organization(&world, &client);
        let org = world.clickhouse().organization_id();
        let orders = service_id(&world, "orders").uuid();
        world.clickhouse().attach(orders, &vpce(OURS));
        world.clickhouse().attach(orders, &vpce(OTHER));

        let entry = || Registration::new(vpce(OURS), "us-east-1".parse().unwrap());
        let error = organization.private_endpoints().patch().remove(entry()).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{habits}");
        assert!(error.to_string().contains("orders"), "{error}");
        assert_eq!(attached(&world, "orders").len(), 2, "{habits}: nothing cascaded");
        assert!(world.writes().is_empty(), "{habits}");

        world.clickhouse().detach(orders, &vpce(OURS));
        let gone: PatchOutcome<_> = organization.private_endpoints().patch().remove(entry()).send().await.unwrap();
        assert_eq!(gone.removed.len(), 1, "{habits}");
        assert_eq!(world.clickhouse().registered(org), [OTHER], "{habits}");
        let again = organization.private_endpoints().patch().remove(entry()).send().await.unwrap();
        assert!(!again.changed(), "{habits}");

        let back = organization.private_endpoints().patch().add(entry().described("prod")).send().await.unwrap();
        assert_eq!(back.added.len(), 1, "{habits}");
        let writes = world.writes();
        let body: serde_json::Value = serde_json::from_slice(&writes[0].body).unwrap();
        assert_eq!(
            body,
            serde_json::json!({"privateEndpoints": {"remove": [{"id": OURS, "cloudProvider": "aws", "region": "us-east-1"}]}}),
            "{habits}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_ip_access_list_changes_by_source() {
    for (habits, world) in worlds() {
        let orders = service_id(&world, "orders").uuid();
        world.clickhouse().set_ip_access_list(orders, ["0.0.0.0/0", "203.0.113.7"]);
        let service = service(&world, &client(&world), "orders");
        let entry = |text: &str| text.parse::<IpAccessEntry>().unwrap();
        let outcome = service
            .ip_access_list()
            .patch()
            .remove(entry("0.0.0.0/0"))
            .add(entry("198.51.100.0/24").described("office"))
            .add(entry("203.0.113.7/32"))
            .send()
            .await
            .unwrap();
        assert_eq!(texts(&outcome.removed), ["0.0.0.0/0"], "{habits}");
        assert_eq!(texts(&outcome.added), ["198.51.100.0/24 (office)"], "{habits}");
        assert_eq!(outcome.already_there.len(), 1, "{habits}");
        assert_eq!(world.clickhouse().ip_access_list(orders), ["203.0.113.7", "198.51.100.0/24"], "{habits}");
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_out_and_seen_by_the_observer() {
    let world = World::new();
    let fault = world.faults().on("instanceGet").throttle(Duration::from_secs(7));
    let began = tokio::time::Instant::now();
    service(&world, &client(&world), "orders").details().await.unwrap();
    assert_eq!(fault.hits(), 1);
    assert!(began.elapsed() >= Duration::from_secs(8), "the vendor's wait and its client's margin");
}
