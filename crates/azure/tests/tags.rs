//! Tags are replaced all at once, and Azure compares nothing: what others write at the same time stays.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::time::Duration;

use futures_util::future;
use privlink_core::side::{EndpointFacts, Evidence, NetworkSide, Ownership, Side};
use privlink_core::{AzurePrivateEndpointId, ErrorKind, PrivateEndpointId, PrivateLinkServiceAlias};
use privlink_sim::World;
use world::*;

const KEY: &str = "privlink-key";

/// An endpoint of somebody else's to the service of the link's database.
async fn elsewhere(world: &World) -> AzurePrivateEndpointId {
    let (known, _) = plan(&network(world), &vendor(world)).await;
    let service = known.services.values().next().unwrap().id.to_string();
    let id = world.azure().make_endpoint("made-elsewhere", &service.parse::<PrivateLinkServiceAlias>().unwrap());
    world.azure().switch(|switches| switches.endpoint_create = Duration::from_secs(20));
    id
}

async fn adopt(world: &World, id: &AzurePrivateEndpointId) -> privlink_core::Result<EndpointFacts> {
    let network = network(world);
    let (known, _) = plan(&network, &vendor(world)).await;
    network.adopt(&PrivateEndpointId::AzureResource(id.clone()), &known, &cx(world)).await
}

async fn tags(world: &World, id: &AzurePrivateEndpointId) -> privlink_azure::Tags {
    client(world).networking().private_endpoint(id).await.unwrap().unwrap().tags
}

async fn after(world: &World, seconds: u64, id: &AzurePrivateEndpointId, name: &str, value: Option<&str>) {
    world.clock().sleep(Duration::from_secs(seconds)).await;
    world.azure().set_tag(id.resource(), name, value);
}

#[tokio::test(start_paused = true)]
async fn a_tag_written_while_azure_asks_to_wait_is_not_wiped_by_what_was_read_before() {
    let world = World::new();
    let id = elsewhere(&world).await;
    world.faults().on("PrivateEndpoints_CreateOrUpdate").throttle(Duration::from_secs(20));
    let (adopted, ()) = future::join(adopt(&world, &id), after(&world, 3, &id, "team", Some("data"))).await;
    assert_eq!(adopted.unwrap().ownership, Ownership::Adopted(Evidence::Tag));
    let tags = tags(&world, &id).await;
    assert!(tags.contains_key(KEY) && tags["team"] == "data", "{tags:?}");
}

#[tokio::test(start_paused = true)]
async fn marks_that_somebody_wipes_are_put_on_again_and_not_for_ever() {
    let world = World::new();
    let id = elsewhere(&world).await;
    let (adopted, ()) = future::join(adopt(&world, &id), after(&world, 3, &id, KEY, None)).await;
    adopted.unwrap();
    assert!(tags(&world, &id).await.contains_key(KEY));

    let world = World::new();
    let id = elsewhere(&world).await;
    let wiping = async {
        loop {
            after(&world, 1, &id, KEY, None).await;
        }
    };
    let adopted = tokio::select! {
        adopted = adopt(&world, &id) => adopted,
        () = wiping => panic!("for ever"),
    };
    let error = adopted.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Conflict, Some("adopt")));
    assert!(error.to_string().contains("ours do not stay"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_another_link_takes_in_first_is_left_to_it() {
    let world = World::new();
    let id = elsewhere(&world).await;
    let (adopted, ()) = future::join(adopt(&world, &id), after(&world, 3, &id, KEY, Some("0000"))).await;
    let error = adopted.unwrap_err();
    assert!(error.to_string().contains("another link"), "{error}");
    assert_eq!(tags(&world, &id).await[KEY], "0000");
}

/// Lists may be behind what a reading of the endpoint by itself tells.
#[tokio::test(start_paused = true)]
async fn an_endpoint_is_not_marked_by_what_an_old_list_says_of_it() {
    let world = World::new();
    let (network, vendor, cx) = (network(&world), vendor(&world), cx(&world));
    let mut known = set_up(&network, &vendor).await;
    let id = world.azure().endpoints()[0].id.clone();
    known.vendor_account = Some("acme".into());
    let survey = network.survey(&known, &cx).await.unwrap();
    let step = survey.steps.iter().find(|step| step.verb == "azure.endpoint").unwrap();
    assert!(step.what.contains("mark"), "{}", step.what);
    let stale = world.faults().on("PrivateEndpoints_ListBySubscription").always().stale_read();
    world.azure().set_tag(id.resource(), "team", Some("data"));
    finish(&network, &cx, &known, step).await.unwrap();
    assert!(stale.hits() > 1);
    let tags = tags(&world, &id).await;
    assert!(tags.keys().any(|name| name.starts_with("privlink-user-")) && tags["team"] == "data", "{tags:?}");
}

/// What was looked at before a deletion must hold when it is asked for: a user may have come.
#[tokio::test(start_paused = true)]
async fn a_deletion_is_not_asked_for_again_by_what_was_read_before() {
    let world = World::new();
    let (network, vendor, cx) = (network(&world), vendor(&world), cx(&world));
    let known = set_up(&network, &vendor).await;
    let id = world.azure().endpoints()[0].id.clone();
    let removal = network.removal(&known, &cx).await.unwrap();
    let step = removal.steps.iter().find(|step| step.verb == "azure.remove_endpoint").unwrap();
    world.faults().on("PrivateEndpoints_Delete").throttle(Duration::from_secs(20));
    let came = after(&world, 3, &id, "privlink-user-0123456789abcdef", Some("true"));
    let (ended, ()) = future::join(finish(&network, &cx, &known, step), came).await;
    assert_eq!(&*ended.unwrap_err().code, "AZURE-046");
    assert_eq!(world.azure().endpoints().len(), 1);
}
