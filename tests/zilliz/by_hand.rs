//! A vendor without an API, with each cloud's network: a person does the vendor's part, and is told what and where.

use std::fmt::Write as _;
use std::time::Duration;

use privlink::core::CloudProvider;
use privlink::core::side::{Acceptance, Confirmation, PortRange, Protocol};
use privlink::{Link, manual};
use privlink_sim::World;

use super::common::pair::{AWS, Pair};
use super::common::take_down;
use super::{ALL, proves, set_up};

const TREE: &str = "pear.orchard.example.com";

fn service_in(cloud: CloudProvider) -> privlink::EndpointServiceId {
    match cloud {
        CloudProvider::Azure => "orchard.00000000-0000-0000-0000-000000000000.westus3.azure.privatelinkservice",
        CloudProvider::Gcp => "projects/orchard-prod/regions/us-central1/serviceAttachments/pear",
        _ => "com.amazonaws.vpce.us-east-1.vpce-svc-0c0ffee0c0ffee0c0",
    }
    .parse()
    .unwrap()
}

/// A database of a vendor without an API, which serves whoever `open` says; not yet told how it lets in.
fn orchard(world: &World, cloud: CloudProvider, open: &Confirmation) -> manual::Database {
    let (service, open) = (service_in(cloud), open.clone());
    world.publish_database(TREE.parse().unwrap(), service.clone(), move |_| open.is_given());
    let region = service.region().unwrap();
    manual::Database::new("Orchard", "pear", service, region)
        .host(TREE.parse().unwrap(), [PortRange::single(443)], Protocol::Https)
        .console("https://orchard.example.com, Trees, pear")
}

fn by_hand(pair: &'static Pair, world: &World, database: manual::Database) -> Link {
    pair.link_to(world, "pears", database).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_vendor_without_an_api_is_waited_for_and_told_where_and_the_rest_goes_by_itself() {
    for pair in ALL {
        let (world, at, open) = (World::new(), pair.name(), Confirmation::new());
        let database = orchard(&world, pair.cloud(), &open).listed_by_hand(open.clone());
        let before = world.snapshot();
        let link = by_hand(pair, &world, database.clone());
        let plan = link.plan().await.unwrap();
        assert!(plan.blockers().next().is_none(), "{at}: {plan}");
        assert!(plan.findings.iter().any(|finding| finding.code == "MANUAL-001"), "{at}: {plan}");
        let mut said = String::new();
        let person = async {
            world.clock().sleep(Duration::from_secs(3_600)).await;
            assert_eq!(pair.endpoints(&world).len(), 1, "{at}: the endpoint is there to be entered");
            open.give();
        };
        let apply = async { link.apply(&plan).observe(|event| write!(said, "{event}").unwrap()).await };
        let (applied, ()) = futures_util::join!(apply, person);
        assert!(!applied.unwrap().plan_again, "{at}");
        assert!(said.contains("orchard.example.com, Trees, pear"), "{at}: {said}");
        assert!(said.contains(&pair.endpoints(&world)[0].to_string()), "{at}: it says which: {said}");
        proves(&link, &world, at).await;
        // Another process says again what nobody can see.
        world.clear_requests();
        let again = by_hand(pair, &world, database.listed_by_hand(Confirmation::given()));
        assert!(again.plan().await.unwrap().is_done(), "{at}");
        assert!(world.writes().is_empty());
        let plan = take_down(&again).await;
        assert!(plan.kept.iter().any(|kept| kept.reason.contains("orchard.example.com")), "{at}: {plan}");
        assert_eq!(world.snapshot(), before, "{at}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_cloud_shows_needs_no_confirmation_and_an_invitation_comes_before_the_endpoint() {
    let (world, open, invited) = (World::new(), Confirmation::given(), Confirmation::new());
    let database = orchard(&world, CloudProvider::Aws, &open).invited_by_hand(invited.clone());
    let link = by_hand(AWS, &world, database.acceptance(Acceptance::ByVendor));
    let plan = link.plan().await.unwrap();
    let person = async {
        world.clock().sleep(Duration::from_secs(600)).await;
        assert!(AWS.endpoints(&world).is_empty(), "the account is not let in yet");
        invited.give();
    };
    let (applied, ()) = futures_util::join!(async { link.apply(&plan).await }, person);
    applied.unwrap();
    proves(&link, &world, "by hand").await;
    assert!(link.plan().await.unwrap().is_done(), "the endpoint is connected: nothing has to be said");
}

#[tokio::test(start_paused = true)]
async fn what_was_not_typed_in_or_does_not_fit_is_told() {
    let (world, open) = (World::new(), Confirmation::given());
    let nameless =
        manual::Database::new("Orchard", "pear", service_in(CloudProvider::Aws), "us-east-1".parse().unwrap());
    let plan = by_hand(AWS, &world, nameless).plan().await.unwrap();
    assert_eq!(plan.blockers().next().unwrap().code, "MANUAL-002");
    let database = orchard(&world, CloudProvider::Gcp, &open);
    let plan = by_hand(AWS, &world, database).plan().await.unwrap();
    assert!(plan.blockers().any(|finding| finding.code == "MANUAL-004"), "{plan}");
    // Behind a shared service nobody can tell who else is.
    let shared = orchard(&world, CloudProvider::Aws, &open).shared_by(privlink::core::side::Sharing::Region);
    let link = by_hand(AWS, &world, shared);
    set_up(&link).await.unwrap();
    let plan = take_down(&link).await;
    assert!(plan.kept.iter().any(|kept| kept.reason.contains("cannot be told")), "{plan}");
    assert_eq!(AWS.endpoints(&world).len(), 1);
}
