//! A ClickHouse Cloud service over AWS PrivateLink: set up, run again, take down.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use common::{
    builder, builder_of, cloud, endpoint_of, endpoints, foreign_endpoint, link, network, set_up, take_down, vendor,
};
use privlink::Link;
use privlink::core::side::{Naming, RecordShape, StepState};
use privlink_sim::World;

#[tokio::test(start_paused = true)]
async fn a_link_is_set_up_and_proved() {
    let world = World::new();
    let link = link(&world);
    let plan = link.plan().await.unwrap();
    assert!(plan.blockers().next().is_none(), "{plan}");
    assert_eq!(world.writes().len(), 0, "planning only reads");
    let applied = link.apply(&plan).await.unwrap();
    let service = world.clickhouse().service_id();
    assert_eq!(applied.names()[0].host.as_str(), world.clickhouse().private_host(service).unwrap().as_str());
    assert_eq!(world.clickhouse().attached(service), [endpoint_of(&applied).to_string()]);
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
}

#[tokio::test(start_paused = true)]
async fn a_second_run_writes_nothing() {
    let world = World::new();
    let link = link(&world);
    set_up(&link).await.unwrap();
    world.clear_requests();
    let again = link.plan().await.unwrap();
    assert!(again.is_done(), "{again}");
    // A subnet left out the first time is left out again, and nobody is told to mend that.
    assert!(!again.findings.iter().any(|finding| finding.code == "AWS-017"), "{again}");
    link.apply(&again).await.unwrap();
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn another_program_under_another_name_finds_the_same_link() {
    let world = World::new();
    let first = endpoint_of(&set_up(&link(&world)).await.unwrap());
    world.clear_requests();
    let renamed = builder_of(&world, "renamed", 0, network(&world)).build().unwrap();
    assert_eq!(endpoint_of(&set_up(&renamed).await.unwrap()), first);
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn two_runs_at_once_make_one_endpoint() {
    let world = World::new();
    let (one, two) = (link(&world), link(&world));
    let (plan_one, plan_two) = tokio::join!(one.plan(), two.plan());
    let (plan_one, plan_two) = (plan_one.unwrap(), plan_two.unwrap());
    let (one, two) = tokio::join!(one.apply(&plan_one).into_future(), two.apply(&plan_two).into_future());
    assert_eq!(endpoint_of(&one.unwrap()), endpoint_of(&two.unwrap()));
    assert_eq!(endpoints(&world).len(), 1);
    assert!(link(&world).plan().await.unwrap().is_done());
}

#[tokio::test(start_paused = true)]
async fn removal_leaves_nothing_of_ours_and_everything_of_others() {
    let world = World::new();
    let vendor = world.clickhouse();
    // Somebody else's endpoint is on the list already.
    vendor.attach_text(vendor.service_id(), "vpce-0fedcba9876543210");
    let before = world.snapshot();
    let link = link(&world);
    set_up(&link).await.unwrap();
    assert_ne!(world.snapshot(), before);
    take_down(&link).await;
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(start_paused = true)]
async fn what_was_removed_can_be_set_up_again_under_the_same_name() {
    let world = World::new();
    let link = link(&world);
    let first = endpoint_of(&set_up(&link).await.unwrap());
    take_down(&link).await;
    let second = endpoint_of(&set_up(&link).await.unwrap());
    assert_ne!(first, second);
    assert!(link.verify().await.unwrap().proved);
    take_down(&link).await;
    assert!(link.removal_plan().await.unwrap().steps.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_removal_works_when_the_database_is_deleted_already() {
    let world = World::new();
    let handle = world.clickhouse();
    let organization = vendor(&world).organization(handle.organization_id().into());
    let service = organization.service(handle.service_id().into());
    let link = Link::builder("orders-prod".parse().unwrap(), service, network(&world));
    let link = link.clock(world.clock()).build().unwrap();
    set_up(&link).await.unwrap();
    handle.delete_service(handle.service_id());
    take_down(&link).await;
    assert!(endpoints(&world).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_database_that_may_be_another_organizations_leaves_the_endpoint() {
    let world = World::new();
    let link = link(&world);
    set_up(&link).await.unwrap();
    world.clickhouse().delete_service(world.clickhouse().service_id());
    // The key alone cannot tell a deleted service from one of another organization.
    let plan = take_down(&link).await;
    assert!(plan.findings.iter().any(|finding| finding.code == "CH-017"), "{plan}");
    assert!(plan.kept.iter().any(|kept| kept.key.as_str().contains("endpoint")), "{plan}");
    assert_eq!(endpoints(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_naming_mode_is_set_up_proved_and_removed() {
    let modes = [
        Naming::PrivateZone(RecordShape::Apex),
        Naming::PrivateZone(RecordShape::Exact),
        Naming::PrivateZone(RecordShape::Wildcard),
        Naming::EndpointPrivateDns,
    ];
    for mode in modes {
        let world = World::new();
        let before = world.snapshot();
        let link = builder_of(&world, "orders-prod", 0, network(&world).naming(mode)).build().unwrap();
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

#[tokio::test(start_paused = true)]
async fn printing_the_records_writes_none() {
    let world = World::new();
    let link = builder_of(&world, "orders-prod", 0, network(&world).naming(Naming::SelfManaged)).build().unwrap();
    set_up(&link).await.unwrap();
    assert!(!world.writes().iter().any(|request| request.operation.contains("HostedZone")));
    let plan = link.plan().await.unwrap();
    let host = &plan.exchange.names[0].host;
    let printed = plan.to_string();
    assert!(printed.contains(host.as_str()), "{printed}");
    let address = plan.exchange.endpoints.values().next().unwrap().addresses[0].0;
    assert!(printed.contains(&address.to_string()), "{printed}");
}

#[tokio::test(start_paused = true)]
async fn a_given_security_group_is_used_and_stays() {
    let world = World::new();
    let group = world.aws().client_group();
    let before = world.snapshot();
    let network = network(&world).security_groups([group]);
    let link = builder_of(&world, "orders-prod", 0, network).build().unwrap();
    let plan = link.plan().await.unwrap();
    assert!(
        !plan.steps.iter().any(|step| step.verb.contains("security_group") && step.state == StepState::ToDo),
        "{plan}"
    );
    link.apply(&plan).await.unwrap();
    take_down(&link).await;
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(start_paused = true)]
async fn a_second_service_behind_the_same_endpoint_service_reuses_the_endpoint() {
    let world = World::new();
    let first = endpoint_of(&set_up(&link(&world)).await.unwrap());
    let second = builder_of(&world, "second", 1, network(&world)).build().unwrap();
    let plan = second.plan().await.unwrap();
    assert!(plan.to_string().contains(first.as_str()), "the plan says which endpoint it reuses:\n{plan}");
    world.clear_requests();
    assert_eq!(endpoint_of(&second.apply(&plan).await.unwrap()), first);
    assert!(!world.writes().iter().any(|request| request.operation == "CreateVpcEndpoint"));
    assert!(second.verify().await.unwrap().proved);
    // Taking the first away leaves the endpoint to the second.
    let removal = take_down(&link(&world)).await;
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("other databases use it")), "{removal}");
    assert!(second.verify().await.unwrap().proved);
    take_down(&second).await;
    assert!(endpoints(&world).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_service_behind_another_endpoint_service_gets_its_own_endpoint() {
    let world = World::new();
    let first = endpoint_of(&set_up(&link(&world)).await.unwrap());
    let other = builder_of(&world, "other", 2, network(&world)).build().unwrap();
    let plan = other.plan().await.unwrap();
    let applied = other.apply(&plan).await.unwrap();
    assert_ne!(endpoint_of(&applied), first);
    assert!(other.verify().await.unwrap().proved);
}

#[tokio::test(start_paused = true)]
async fn an_existing_endpoint_is_adopted_and_kept() {
    let world = World::new();
    let existing = foreign_endpoint(&world).await;
    let before = world.snapshot();
    let link = link(&world);
    link.adopt(existing.clone()).await.unwrap();
    assert_eq!(endpoint_of(&set_up(&link).await.unwrap()), existing);
    assert_eq!(endpoints(&world), std::slice::from_ref(&existing));
    let removal = take_down(&link).await;
    assert!(removal.kept.iter().any(|kept| kept.key.as_str().contains("endpoint")), "{removal}");
    assert_eq!(endpoints(&world), [existing]);
    assert_eq!(world.snapshot()["aws"], before["aws"], "our marks are gone again");
}

#[tokio::test(start_paused = true)]
async fn an_adopted_endpoint_that_others_use_is_released_all_the_same() {
    let world = World::new();
    let existing = foreign_endpoint(&world).await;
    let other = world.clickhouse().service_ids()[1];
    world.clickhouse().attach(other, &existing.clone().into());
    let before = world.snapshot();
    let link = link(&world);
    link.adopt(existing).await.unwrap();
    set_up(&link).await.unwrap();
    take_down(&link).await;
    assert_eq!(world.snapshot()["aws"], before["aws"]);
    assert!(link.removal_plan().await.unwrap().steps.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_renamed_link_removes_what_a_deleted_database_left() {
    let world = World::new();
    let handle = world.clickhouse();
    let organization = vendor(&world).organization(handle.organization_id().into());
    let ids = handle.service_ids();
    let of = |name: &str, number: usize| {
        let service = organization.service(ids[number].into());
        Link::builder(name.parse().unwrap(), service, network(&world)).clock(world.clock()).build().unwrap()
    };
    // Behind another endpoint service, and behind the same one.
    for (name, neighbour) in [("elsewhere", 2), ("second", 1)] {
        let standing = of(name, neighbour);
        set_up(&standing).await.unwrap();
    }
    let before = world.snapshot();
    set_up(&of("orders", 0)).await.unwrap();
    assert_ne!(world.snapshot()["aws"], before["aws"]);
    handle.delete_service(ids[0]);
    take_down(&of("renamed", 0)).await;
    assert_eq!(world.snapshot()["aws"], before["aws"], "nothing of ours is left, everything of others is");
    for (name, neighbour) in [("elsewhere", 2), ("second", 1)] {
        assert!(of(name, neighbour).plan().await.unwrap().is_done(), "{name}");
    }
    // The endpoint was made for `second`; now its own database goes, too, and with it the last user.
    handle.delete_service(ids[1]);
    take_down(&of("also-renamed", 1)).await;
    assert_eq!(endpoints(&world).len(), 1, "only that of the other endpoint service is left");
}

#[tokio::test(start_paused = true)]
async fn the_last_of_two_deleted_databases_takes_the_endpoint_of_the_first_along() {
    let world = World::new();
    let handle = world.clickhouse();
    let organization = vendor(&world).organization(handle.organization_id().into());
    let ids = handle.service_ids();
    let of = |name: &str, number: usize| {
        let service = organization.service(ids[number].into());
        Link::builder(name.parse().unwrap(), service, network(&world)).clock(world.clock()).build().unwrap()
    };
    let before = world.snapshot();
    for (name, number) in [("first", 0), ("second", 1)] {
        set_up(&of(name, number)).await.unwrap();
    }
    handle.delete_service(ids[0]);
    let removal = take_down(&of("first", 0)).await;
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("other databases use it")), "{removal}");
    handle.delete_service(ids[1]);
    // Nothing but the zone of the second says that this endpoint was its own too.
    take_down(&of("renamed", 1)).await;
    assert_eq!(world.snapshot()["aws"], before["aws"]);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_of_another_service_is_not_adopted() {
    let world = World::new();
    let existing = foreign_endpoint(&world).await;
    // The third service is behind another endpoint service than the first.
    let other = builder_of(&world, "other", 2, network(&world)).build().unwrap();
    world.clear_requests();
    let error = other.adopt(existing).await.unwrap_err();
    assert_eq!(error.kind(), privlink::core::ErrorKind::Conflict, "{error}");
    for number in [0, 2] {
        let service = world.clickhouse().endpoint_service(world.clickhouse().service_ids()[number]).unwrap();
        assert!(error.to_string().contains(service.as_str()), "{error}");
    }
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn plans_survive_json_and_can_be_applied_by_another_process() {
    let world = World::new();
    let text = serde_json::to_string(&link(&world).plan().await.unwrap()).unwrap();
    let plan = serde_json::from_str(&text).unwrap();
    builder(&world).build().unwrap().apply(&plan).await.unwrap();
    assert!(link(&world).verify().await.unwrap().proved);
}

#[tokio::test(start_paused = true)]
async fn the_plan_of_another_link_is_not_performed() {
    let world = World::new();
    let other = builder_of(&world, "orders-prod", 1, network(&world)).build().unwrap();
    let plan = other.plan().await.unwrap();
    let error = link(&world).apply(&plan).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-006");
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_used_plan_changes_nothing_when_applied_again() {
    let world = World::new();
    let link = link(&world);
    let plan = link.plan().await.unwrap();
    link.apply(&plan).await.unwrap();
    world.clear_requests();
    let applied = link.apply(&plan).await.unwrap();
    assert!(applied.changed.is_empty(), "{:?}", applied.changed);
    assert_eq!(world.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn after_a_removal_nothing_is_named_any_more() {
    let world = World::new();
    let link = link(&world);
    set_up(&link).await.unwrap();
    let plan = link.removal_plan().await.unwrap();
    let removed = link.apply(&plan).await.unwrap();
    assert!(removed.names().is_empty());
    assert!(removed.exchange.endpoints.is_empty());
    assert_eq!(removed.changed.len(), plan.steps.len());
}

#[tokio::test(start_paused = true)]
async fn a_removal_spares_an_endpoint_that_another_link_began_to_use() {
    let world = World::new();
    let first = link(&world);
    set_up(&first).await.unwrap();
    let removal = first.removal_plan().await.unwrap();
    let second = builder_of(&world, "second", 1, network(&world)).build().unwrap();
    set_up(&second).await.unwrap();
    let error = first.apply(&removal).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-008", "{error}");
    assert_eq!(endpoints(&world).len(), 1);
    assert!(second.verify().await.unwrap().proved);
}

#[tokio::test(start_paused = true)]
async fn a_removal_without_the_vendors_keys_takes_the_names_and_says_what_stays() {
    let world = World::new();
    let link = link(&world);
    let endpoint = endpoint_of(&set_up(&link).await.unwrap());
    world.clickhouse().set_key_enabled(&world.clickhouse().key_id(), false);
    let plan = take_down(&link).await;
    assert!(plan.findings.iter().any(|finding| finding.code == "LINK-004"), "{plan}");
    // Nobody can tell whether other databases use it.
    assert!(plan.kept.iter().any(|kept| kept.reason.contains("cannot be told")), "{plan}");
    assert_eq!(endpoints(&world), [endpoint]);
    let host = world.clickhouse().private_host(world.clickhouse().service_id()).unwrap().name();
    assert!(cloud(&world).route53().zones_named(&host).await.unwrap().is_empty(), "its zone goes");
}
