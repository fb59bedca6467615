//! What every pair does: a database of each vendor and a network of each cloud are set up, run again,
//! adopted and taken down. What databases share, and what is left when one is deleted, is tried with
//! `ClickHouse` Cloud here, and with the other vendors in their own files. What AWS has alone is in
//! `aws.rs`.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::time::Duration;

use common::pair::{Pair, assert_same, endpoint_of, for_each_pair, for_every_pair};
use common::{last_plan, set_up, take_down};
use privlink::core::side::{Fact, Naming, Slot};
use privlink::core::{DnsName, ErrorKind};
use privlink::{Link, Links};
use privlink_sim::World;

for_every_pair![
    a_second_run_writes_nothing,
    another_program_under_another_name_finds_the_same_link,
    two_runs_at_once_make_one_endpoint,
    removal_leaves_nothing_of_ours_and_everything_of_others,
    what_was_removed_can_be_set_up_again_under_the_same_name,
    an_existing_endpoint_is_adopted_and_kept,
    plans_survive_json_and_can_be_applied_by_another_process,
    a_used_plan_changes_nothing_when_applied_again,
    after_a_removal_nothing_is_named_any_more,
];

for_each_pair![
    a_link_is_set_up_and_proved,
    a_removal_works_when_the_database_is_deleted_already,
    a_database_that_may_be_another_organizations_leaves_the_endpoint,
    a_removal_without_the_vendors_keys_takes_the_names_and_says_what_stays,
    every_naming_mode_is_set_up_proved_and_removed,
    printing_the_records_writes_none,
    the_records_of_self_managed_names_are_given_as_data,
    a_second_service_behind_the_same_endpoint_service_reuses_the_endpoint,
    a_service_behind_another_endpoint_service_gets_its_own_endpoint,
    services_of_one_set_share_their_endpoint,
    an_endpoint_that_two_links_took_in_is_let_go_by_each,
    an_adopted_endpoint_that_others_use_is_released_all_the_same,
    an_endpoint_of_another_service_is_not_adopted,
    a_renamed_link_removes_what_a_deleted_database_left,
    the_last_of_two_deleted_databases_takes_the_endpoint_of_the_first_along,
    a_removal_spares_an_endpoint_that_another_link_began_to_use,
    the_plan_of_another_link_is_not_performed,
];

async fn a_link_is_set_up_and_proved(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    let plan = link.plan().await.unwrap();
    assert!(plan.blockers().next().is_none(), "{plan}");
    assert_eq!(world.writes().len(), 0, "planning only reads");
    let applied = link.apply(&plan).await.unwrap();
    let service = pair.database(&world, 0);
    assert_eq!(applied.names()[0].host, host(pair, &world, 0));
    assert!(applied.exchange.holds(Some(&Slot::main()), &Fact::Resolving));
    assert_eq!(world.clickhouse().attached(service), [endpoint_of(&applied).to_string()]);
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
}

async fn a_second_run_writes_nothing(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    set_up(&link).await.unwrap();
    assert_eq!((pair.endpoints(&world).len(), pair.answered(&world)), (1, 1));
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    world.clear_requests();
    let again = link.plan().await.unwrap();
    assert!(again.is_done(), "{again}");
    link.apply(&again).await.unwrap();
    assert_eq!(world.writes().len(), 0);
}

async fn another_program_under_another_name_finds_the_same_link(pair: &'static Pair) {
    let world = pair.world();
    let first = endpoint_of(&set_up(&pair.link(&world)).await.unwrap());
    world.clear_requests();
    let renamed = pair.builder(&world, "renamed", 0).build().unwrap();
    assert_eq!(endpoint_of(&set_up(&renamed).await.unwrap()), first);
    assert_eq!(world.writes().len(), 0);
}

async fn two_runs_at_once_make_one_endpoint(pair: &'static Pair) {
    let world = pair.world();
    world.set_latency(Duration::from_millis(40));
    let before = pair.everything(&world);
    let (one, two) = (pair.link(&world), pair.link(&world));
    let (first, second) = tokio::join!(set_up(&one), set_up(&two));
    assert_eq!(endpoint_of(&first.unwrap()), endpoint_of(&second.unwrap()));
    assert_eq!(pair.endpoints(&world).len(), 1);
    assert!(pair.link(&world).plan().await.unwrap().is_done());
    // And two removals at once.
    let (plan_one, plan_two) = tokio::join!(one.removal_plan(), two.removal_plan());
    let (plan_one, plan_two) = (plan_one.unwrap(), plan_two.unwrap());
    let (first, second) = tokio::join!(one.apply(&plan_one).into_future(), two.apply(&plan_two).into_future());
    first.unwrap();
    second.unwrap();
    assert_same(&pair.everything(&world), &before, "removed");
}

async fn removal_leaves_nothing_of_ours_and_everything_of_others(pair: &'static Pair) {
    let world = pair.world();
    // Somebody else has an endpoint to the same database, let in already, and a zone.
    let theirs = pair.stranger(&world).await;
    pair.make_zone(&world);
    let before = pair.everything(&world);
    let link = pair.link(&world);
    assert_ne!(endpoint_of(&set_up(&link).await.unwrap()), theirs);
    assert_ne!(pair.everything(&world), before);
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    take_down(&link).await;
    assert_same(&pair.everything(&world), &before, "removed");
}

async fn what_was_removed_can_be_set_up_again_under_the_same_name(pair: &'static Pair) {
    let world = pair.world();
    let before = pair.everything(&world);
    let link = pair.link(&world);
    for _ in 0..3 {
        set_up(&link).await.unwrap();
        let verdict = link.verify().await.unwrap();
        assert!(verdict.proved, "{verdict}");
        take_down(&link).await;
        assert_same(&pair.everything(&world), &before, "removed");
    }
    assert!(link.removal_plan().await.unwrap().steps.is_empty());
}

async fn a_removal_works_when_the_database_is_deleted_already(pair: &'static Pair) {
    let world = pair.world();
    let before = pair.snapshot(&world);
    let link = pair.with_organization(&world, "orders-prod", 0).build().unwrap();
    set_up(&link).await.unwrap();
    world.clickhouse().delete_service(pair.database(&world, 0));
    take_down(&link).await;
    assert_eq!(pair.snapshot(&world), before);
}

async fn a_database_that_may_be_another_organizations_leaves_the_endpoint(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    set_up(&link).await.unwrap();
    world.clickhouse().delete_service(pair.database(&world, 0));
    // The key alone cannot tell a deleted service from one of another organization.
    let plan = take_down(&link).await;
    assert!(plan.findings.iter().any(|finding| finding.code == "CH-017"), "{plan}");
    assert!(plan.kept.iter().any(|kept| kept.key.as_str().contains("endpoint")), "{plan}");
    assert_eq!(pair.endpoints(&world).len(), 1);
}

async fn a_removal_without_the_vendors_keys_takes_the_names_and_says_what_stays(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    let endpoint = endpoint_of(&set_up(&link).await.unwrap());
    assert!(!pair.vantage(&world).resolve(&host(pair, &world, 0)).is_empty());
    world.clickhouse().set_key_enabled(&world.clickhouse().key_id(), false);
    let plan = take_down(&link).await;
    assert!(plan.findings.iter().any(|finding| finding.code == "LINK-004"), "{plan}");
    // Nobody can tell whether other databases use it.
    assert!(plan.kept.iter().any(|kept| kept.reason.contains("cannot be told")), "{plan}");
    assert_eq!(pair.endpoints(&world), [endpoint]);
    assert!(pair.vantage(&world).resolve(&host(pair, &world, 0)).is_empty(), "its names go");
}

async fn every_naming_mode_is_set_up_proved_and_removed(pair: &'static Pair) {
    for mode in pair.naming_modes() {
        let world = pair.world();
        let before = world.snapshot();
        let link = pair.named(&world, "orders-prod", 0, Some(mode)).build().unwrap();
        set_up(&link).await.unwrap_or_else(|error| panic!("{mode:?}: {error}"));
        let verdict = link.verify().await.unwrap();
        assert!(verdict.proved, "{mode:?}: {verdict}");
        world.clear_requests();
        set_up(&link).await.unwrap();
        assert_eq!(world.writes().len(), 0, "{mode:?}: a second run wrote");
        take_down(&link).await;
        assert_eq!(world.snapshot(), before, "{mode:?}");
    }
}

async fn printing_the_records_writes_none(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.named(&world, "orders-prod", 0, Some(Naming::SelfManaged)).build().unwrap();
    set_up(&link).await.unwrap();
    assert!(!world.writes().iter().any(|request| request.operation.to_lowercase().contains("zone")));
    let plan = link.plan().await.unwrap();
    let host = &plan.exchange.names[0].host;
    let printed = plan.to_string();
    assert!(printed.contains(host.as_str()), "{printed}");
    let address = plan.exchange.endpoints.values().next().unwrap().addresses[0].0;
    assert!(printed.contains(&address.to_string()), "{printed}");
}

/// They say what the link itself writes where it is told to.
async fn the_records_of_self_managed_names_are_given_as_data(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.named(&world, "orders-prod", 0, Some(Naming::SelfManaged)).build().unwrap();
    let applied = set_up(&link).await.unwrap();
    let records = applied.records();
    let [record] = records.as_slice() else { panic!("{records:?}") };
    let endpoint = applied.exchange.endpoints.values().next().unwrap();
    let addresses: Vec<_> = endpoint.addresses.iter().map(|(address, _)| *address).collect();
    assert_eq!((&record.name, &record.addresses), (&host(pair, &world, 0), &addresses));
    assert!(!addresses.is_empty() && record.name.is_within(&record.zone), "{record}");
    assert_eq!(record.alias.is_some(), pair.name() == "aws", "{record}");
    assert!(addresses.iter().all(|address| record.to_string().contains(&address.to_string())), "{record}");
    let again: Vec<privlink::Record> = serde_json::from_str(&serde_json::to_string(&records).unwrap()).unwrap();
    assert_eq!(again, records);

    let removal = link.removal_plan().await.unwrap();
    assert_eq!(link.apply(&removal).await.unwrap().records(), []);
}

async fn a_second_service_behind_the_same_endpoint_service_reuses_the_endpoint(pair: &'static Pair) {
    let world = pair.world();
    let first = endpoint_of(&set_up(&pair.link(&world)).await.unwrap());
    let second = pair.builder(&world, "second", 1).build().unwrap();
    let plan = second.plan().await.unwrap();
    assert!(plan.blockers().next().is_none(), "{plan}");
    assert!(plan.to_string().contains(&first.to_string()), "the plan says which endpoint it reuses:\n{plan}");
    assert_eq!(endpoint_of(&second.apply(&plan).await.unwrap()), first);
    assert_eq!(pair.endpoints(&world).len(), 1);
    assert!(second.verify().await.unwrap().proved);
    // Taking the first away leaves the endpoint to the second.
    let removal = take_down(&pair.link(&world)).await;
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("other databases use it")), "{removal}");
    assert!(second.verify().await.unwrap().proved);
    take_down(&second).await;
    assert!(pair.endpoints(&world).is_empty());
}

async fn a_service_behind_another_endpoint_service_gets_its_own_endpoint(pair: &'static Pair) {
    let world = pair.world();
    let first = endpoint_of(&set_up(&pair.link(&world)).await.unwrap());
    let other = pair.builder(&world, "other", 2).build().unwrap();
    assert_ne!(endpoint_of(&set_up(&other).await.unwrap()), first);
    assert!(other.verify().await.unwrap().proved);
    assert!(pair.link(&world).verify().await.unwrap().proved);
}

async fn services_of_one_set_share_their_endpoint(pair: &'static Pair) {
    let world = pair.world();
    let before = world.snapshot();
    let of = |name, number| pair.builder(&world, name, number).build().unwrap();
    let all = Links::new([of("first", 0), of("second", 1), of("third", 2)]);
    let plan = all.plan().await;
    let ends = all.apply(&plan).await;
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    assert_eq!(pair.endpoints(&world).len(), 2, "one for each endpoint service");
    for (name, number) in [("first", 0), ("second", 1), ("third", 2)] {
        let verdict = of(name, number).verify().await.unwrap();
        assert!(verdict.proved, "{name}: {verdict}");
    }
    let plan = all.removal_plan().await;
    let ends = all.apply(&plan).await;
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    assert_eq!(world.snapshot(), before);
}

async fn an_existing_endpoint_is_adopted_and_kept(pair: &'static Pair) {
    let world = pair.world();
    let existing = pair.stranger(&world).await;
    let before = pair.everything(&world);
    let link = pair.link(&world);
    link.adopt(existing.clone()).await.unwrap();
    assert_eq!(endpoint_of(&set_up(&link).await.unwrap()), existing);
    assert_eq!(pair.endpoints(&world), std::slice::from_ref(&existing));
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    let removal = take_down(&link).await;
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("it was there before")), "{removal}");
    assert_eq!(pair.endpoints(&world), [existing]);
    assert_same(&pair.everything(&world), &before, &format!("our marks are gone again: {removal}"));
}

async fn an_endpoint_that_two_links_took_in_is_let_go_by_each(pair: &'static Pair) {
    let world = pair.world();
    let existing = pair.make_endpoint(&world, pair.database(&world, 0));
    for number in [0, 1] {
        world.clickhouse().attach(pair.database(&world, number), &existing);
    }
    world.clock().sleep(Duration::from_secs(600)).await;
    let before = world.snapshot();
    let links = [("first", 0), ("second", 1)].map(|(name, number)| pair.builder(&world, name, number).build().unwrap());
    for link in &links {
        link.adopt(existing.clone()).await.unwrap();
        assert_eq!(endpoint_of(&set_up(link).await.unwrap()), existing);
    }
    take_down(&links[0]).await;
    let plan = links[1].plan().await.unwrap();
    assert!(plan.is_done(), "it is the second link's still: {plan}");
    take_down(&links[1]).await;
    assert_eq!(world.snapshot(), before);
}

async fn an_adopted_endpoint_that_others_use_is_released_all_the_same(pair: &'static Pair) {
    let world = pair.world();
    let existing = pair.make_endpoint(&world, pair.database(&world, 0));
    world.clickhouse().attach(pair.database(&world, 1), &existing);
    world.clock().sleep(Duration::from_secs(600)).await;
    let before = pair.snapshot(&world);
    let link = pair.link(&world);
    link.adopt(existing).await.unwrap();
    set_up(&link).await.unwrap();
    take_down(&link).await;
    assert_eq!(pair.snapshot(&world), before);
    assert!(link.removal_plan().await.unwrap().steps.is_empty());
}

async fn an_endpoint_of_another_service_is_not_adopted(pair: &'static Pair) {
    let world = pair.world();
    let existing = pair.make_endpoint(&world, pair.database(&world, 0));
    world.clock().sleep(Duration::from_secs(600)).await;
    let other = pair.builder(&world, "other", 2).build().unwrap();
    world.clear_requests();
    let error = other.adopt(existing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    for number in [0, 2] {
        let service = world.clickhouse().endpoint_service(pair.database(&world, number)).unwrap();
        assert!(error.to_string().contains(service.as_str()), "{error}");
    }
    assert_eq!(world.writes().len(), 0);
}

async fn a_renamed_link_removes_what_a_deleted_database_left(pair: &'static Pair) {
    let world = pair.world();
    let handle = world.clickhouse();
    let ids = handle.services_in(pair.cloud());
    let of = |name: &str, number: usize| -> Link { pair.with_organization(&world, name, number).build().unwrap() };
    // Behind another endpoint service, and behind the same one.
    let standing = [of("elsewhere", 2), of("second", 1)];
    for link in &standing {
        set_up(link).await.unwrap();
    }
    let before = pair.snapshot(&world);
    let (deleted, renamed) = (of("orders", 0), of("renamed", 0));
    let second_renamed = of("also-renamed", 1);
    set_up(&deleted).await.unwrap();
    assert_ne!(pair.snapshot(&world), before);
    handle.delete_service(ids[0]);
    take_down(&renamed).await;
    assert_eq!(pair.snapshot(&world), before, "nothing of ours is left, everything of others is");
    for link in &standing {
        assert!(link.plan().await.unwrap().is_done(), "{link:?}");
    }
    // The endpoint was made for `second`; now its own database goes, too, and with it the last user.
    handle.delete_service(ids[1]);
    take_down(&second_renamed).await;
    assert_eq!(pair.endpoints(&world).len(), 1, "only that of the other endpoint service is left");
}

async fn the_last_of_two_deleted_databases_takes_the_endpoint_of_the_first_along(pair: &'static Pair) {
    let world = pair.world();
    let handle = world.clickhouse();
    let ids = handle.services_in(pair.cloud());
    let of = |name: &str, number: usize| -> Link { pair.with_organization(&world, name, number).build().unwrap() };
    let before = pair.snapshot(&world);
    let (first, second, renamed) = (of("first", 0), of("second", 1), of("renamed", 1));
    for link in [&first, &second] {
        set_up(link).await.unwrap();
    }
    handle.delete_service(ids[0]);
    let removal = take_down(&first).await;
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("other databases use it")), "{removal}");
    handle.delete_service(ids[1]);
    // Nothing but the zone of the second says that this endpoint was its own too.
    take_down(&renamed).await;
    assert_eq!(pair.snapshot(&world), before);
}

async fn a_removal_spares_an_endpoint_that_another_link_began_to_use(pair: &'static Pair) {
    let world = pair.world();
    let first = pair.link(&world);
    set_up(&first).await.unwrap();
    let removal = first.removal_plan().await.unwrap();
    let second = pair.builder(&world, "second", 1).build().unwrap();
    set_up(&second).await.unwrap();
    let error = first.apply(&removal).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-008", "{error}");
    assert_eq!(pair.endpoints(&world).len(), 1);
    assert!(second.verify().await.unwrap().proved);
}

async fn plans_survive_json_and_can_be_applied_by_another_process(pair: &'static Pair) {
    let world = pair.world();
    loop {
        let text = serde_json::to_string(&pair.link(&world).plan().await.unwrap()).unwrap();
        let plan = serde_json::from_str(&text).unwrap();
        if !pair.link(&world).apply(&plan).await.unwrap().plan_again {
            break;
        }
    }
    let verdict = pair.link(&world).verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
}

async fn the_plan_of_another_link_is_not_performed(pair: &'static Pair) {
    let world = pair.world();
    let plan = pair.builder(&world, "orders-prod", 1).build().unwrap().plan().await.unwrap();
    let error = pair.link(&world).apply(&plan).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-006");
    assert_eq!(world.writes().len(), 0);
}

async fn a_used_plan_changes_nothing_when_applied_again(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    let plan = last_plan(&link).await;
    link.apply(&plan).await.unwrap();
    world.clear_requests();
    let applied = link.apply(&plan).await.unwrap();
    assert!(applied.changed.is_empty(), "{:?}", applied.changed);
    assert_eq!(world.writes().len(), 0);
}

async fn after_a_removal_nothing_is_named_any_more(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    set_up(&link).await.unwrap();
    let plan = link.removal_plan().await.unwrap();
    let removed = link.apply(&plan).await.unwrap();
    assert!(removed.names().is_empty());
    assert!(removed.exchange.endpoints.is_empty());
    assert_eq!(removed.changed.len(), plan.steps.len());
}

/// The private host of the `number`-th database.
fn host(pair: &'static Pair, world: &World, number: usize) -> DnsName {
    world.clickhouse().private_host(pair.database(world, number)).unwrap().name()
}
