//! Whoever uses an endpoint leaves a mark on it: what neither the vendor nor any record tells of stays.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use common::{builder_of, cloud, endpoints, link, network, set_up, take_down};
use privlink::core::CloudProvider;
use privlink::core::side::{Fact, Naming};
use privlink::{ApplyError, Link, clickhouse};
use privlink_sim::{KeySpec, ServiceSpec, Tier, World};

/// A link of another organization's service behind the same endpoint service, which writes no record
/// anywhere: nothing in the account leads to the endpoint for it.
fn nameless(world: &World) -> Link {
    let network = network(world).naming(Naming::SelfManaged);
    let vendor = world.clickhouse();
    let organization = vendor.add_organization("Other", Tier::Scale);
    let key = vendor.add_key(KeySpec::new("other").organization(organization));
    let spec = ServiceSpec::new("theirs", CloudProvider::Aws, world.aws().region());
    let service = vendor.add_service(spec.organization(organization).cell("us-east-1-c0"));
    let client = clickhouse::Client::over(world.transport()).api_key(key.id, key.secret).clock(world.clock());
    Link::builder("theirs".parse().unwrap(), client.build().unwrap().service(service.into()), network)
        .clock(world.clock())
        .vantage(world.vantage(&world.aws().subnet_ids()[0]))
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_another_organization_uses_without_any_record_stays() {
    let world = World::new();
    let before = world.snapshot();
    let (ours, theirs) = (link(&world), nameless(&world));
    set_up(&ours).await.unwrap();
    set_up(&theirs).await.unwrap();
    assert_eq!(endpoints(&world).len(), 1, "they share it");
    world.clear_requests();
    set_up(&ours).await.unwrap();
    set_up(&theirs).await.unwrap();
    assert_eq!(world.writes().len(), 0, "both have left their mark");
    take_down(&ours).await;
    assert_eq!(endpoints(&world).len(), 1);
    take_down(&theirs).await;
    assert_eq!(world.snapshot()["aws"], before["aws"], "the last one takes it along");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_stays_for_the_one_that_made_it_too() {
    let world = World::new();
    let before = world.snapshot();
    let (ours, theirs) = (link(&world), nameless(&world));
    set_up(&theirs).await.unwrap();
    set_up(&ours).await.unwrap();
    take_down(&ours).await;
    assert_eq!(endpoints(&world).len(), 1);
    // Ours again, then the maker goes first.
    set_up(&ours).await.unwrap();
    take_down(&theirs).await;
    assert_eq!(endpoints(&world).len(), 1);
    assert!(ours.verify().await.unwrap().proved);
    take_down(&ours).await;
    assert_eq!(world.snapshot()["aws"], before["aws"]);
}

#[tokio::test(start_paused = true)]
async fn another_organization_that_leaves_its_mark_after_planning_keeps_the_endpoint() {
    let world = World::new();
    let (ours, theirs) = (link(&world), nameless(&world));
    set_up(&ours).await.unwrap();
    let removal = ours.removal_plan().await.unwrap();
    set_up(&theirs).await.unwrap();
    let error = ours.apply(&removal).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-008", "{error:?}");
    assert_eq!(endpoints(&world).len(), 1);
    take_down(&ours).await;
    assert_eq!(endpoints(&world).len(), 1);
    // It is deleted only by the one that has the last mark, whatever a plan of before said.
    take_down(&theirs).await;
    assert_eq!(endpoints(&world).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_went_before_it_was_marked_is_not_relied_on() {
    let world = World::new();
    let (ours, theirs) = (link(&world), nameless(&world));
    set_up(&ours).await.unwrap();
    let plan = theirs.plan().await.unwrap();
    take_down(&ours).await;
    world.clear_requests();
    let error = theirs.apply(&plan).await.unwrap_err();
    assert!(matches!(error, ApplyError::Moved { plan: Some(_), .. }), "{error:?}");
    assert_eq!(world.writes().len(), 0);
    set_up(&theirs).await.unwrap();
    assert_eq!(endpoints(&world).len(), 1);
    take_down(&theirs).await;
    assert_eq!(endpoints(&world).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_services_of_one_organization_leave_one_mark() {
    let world = World::new();
    set_up(&link(&world)).await.unwrap();
    let second = builder_of(&world, "billing", 1, network(&world)).build().unwrap();
    world.clear_requests();
    set_up(&second).await.unwrap();
    assert!(!world.writes().iter().any(|write| write.operation.ends_with("Tags")), "{:?}", world.writes());
    let removal = take_down(&link(&world)).await;
    assert!(!removal.steps.iter().any(|step| step.gives.contains(&Fact::Endpoint)), "{removal}");
    let endpoint = cloud(&world).ec2().vpc_endpoint(&endpoints(&world)[0]).await.unwrap().unwrap();
    let marks = endpoint.tags.iter().filter(|tag| tag.key.starts_with("privlink:user:")).count();
    assert_eq!(marks, 1, "{:?}", endpoint.tags);
    take_down(&second).await;
    assert_eq!(endpoints(&world).len(), 0);
}
