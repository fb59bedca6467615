//! Aiven with each cloud's network: the same workflow as for every other vendor, and what this one
//! has alone: names that the vendor publishes, ports that are known only once the endpoint is let in, an
//! approval in two parts on Azure and one that is for good on Google Cloud, and a list that is replaced whole.
//!
//! The suites that run for every vendor (`flow`, `crash`, `faults`, `prove`) try the same with crashes
//! and faults.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../common/mod.rs"]
mod common;
mod switches;
mod trust;

use std::fmt::Write as _;
use std::time::Duration;

use common::pair::{AWS, AZURE, GCP, Pair};
use common::{network, set_up, take_down};
use privlink::core::CloudProvider;
use privlink::core::side::{Fact, Slot};
use privlink::{Link, LinkBuilder, Links, aiven};
use privlink_sim::{AivenServiceSpec, World};

const ALL: [(&Pair, &str); 4] =
    [(AWS, "orders-pg"), (AWS, "events-kafka"), (AZURE, "stock-mysql"), (GCP, "cache-valkey")];

fn database(world: &World, service: &str) -> aiven::Service {
    let client =
        aiven::Client::over(world.transport()).clock(world.clock()).token(world.aiven().token()).build().unwrap();
    client.project(world.aiven().project().parse().unwrap()).service(service.parse().unwrap())
}

fn builder(pair: &'static Pair, world: &World, database: aiven::Service) -> LinkBuilder {
    pair.link_to(world, "orders-prod", database)
}

/// A link that takes the privatelink down with it, so that nothing of it is left.
fn whole(pair: &'static Pair, world: &World, service: &str) -> Link {
    builder(pair, world, database(world, service).delete_privatelink_on_removal()).build().unwrap()
}

fn link(pair: &'static Pair, world: &World, service: &str) -> Link {
    builder(pair, world, database(world, service)).build().unwrap()
}

/// What the clouds hold, and what of Aiven but the switches that stay on.
fn left(pair: &'static Pair, world: &World, service: &str) -> (serde_json::Value, serde_json::Value) {
    let aiven = &world.snapshot()["aiven"]["services"][format!("{}/{service}", world.aiven().project())];
    (pair.snapshot(world), aiven["privatelink"].clone())
}

/// Where in the log the first call of `operation` is.
fn first(world: &World, operation: &str) -> usize {
    let requests = world.requests();
    let place = requests.iter().position(|request| request.operation == operation);
    place.unwrap_or_else(|| panic!("no {operation} in {:?}", requests.iter().map(|r| &r.operation).collect::<Vec<_>>()))
}

/// Where the last one is.
fn last(world: &World, operation: &str) -> usize {
    let requests = world.requests();
    let place = requests.iter().rposition(|request| request.operation == operation);
    place.unwrap_or_else(|| panic!("no {operation} in {:?}", requests.iter().map(|r| &r.operation).collect::<Vec<_>>()))
}

#[tokio::test(start_paused = true)]
async fn every_pair_is_set_up_proved_run_again_and_taken_down() {
    for (pair, service) in ALL {
        let world = World::new();
        let before = left(pair, &world, service);
        let link = link(pair, &world, service);
        let plan = link.plan().await.unwrap();
        assert!(plan.blockers().next().is_none(), "{service}: {plan}");
        let verbs: Vec<&str> = plan.steps.iter().map(|step| &*step.verb).collect();
        assert_eq!(verbs, ["aiven.privatelink", "aiven.component"], "{service}: {plan}");
        assert!(plan.later.is_some() && world.writes().is_empty(), "planning only reads");

        let mut said = format!("{link:?} {plan} {plan:?} {}", serde_json::to_string(&plan).unwrap());
        assert!(link.apply(&plan).await.unwrap().plan_again);
        let offered = pair.snapshot(&world);
        let plan = link.plan().await.unwrap();
        assert!(plan.blockers().next().is_none() && plan.later.is_none(), "{service}: {plan}");
        write!(said, "{plan} {}", serde_json::to_string(&plan).unwrap()).unwrap();
        let applied = link.apply(&plan).observe(|event| write!(said, "{event} {event:?}").unwrap()).await.unwrap();
        assert_eq!(world.aiven().connections(service)[0].2, "active", "{service}");
        assert!(applied.exchange.holds(Some(&Slot::main()), &Fact::Served) && !applied.plan_again);
        let host = applied.names()[0].host.as_str();
        assert!(host.starts_with("privatelink-1-") && host.ends_with(".aivencloud.com"), "{host}");
        assert_eq!(
            applied.exchange.admissions[&Slot::main()].handle.as_deref(),
            Some(&*world.aiven().connections(service)[0].0)
        );
        let verdict = link.verify().await.unwrap();
        assert!(verdict.proved, "{service}: {verdict}");
        write!(said, "{verdict:?}").unwrap();
        for secret in [world.aiven().token(), world.aiven().password(service)] {
            assert!(!said.contains(&secret), "{service}: a secret was printed");
        }

        world.clear_requests();
        let again = link.plan().await.unwrap();
        assert!(again.is_done(), "{service}: {again}");
        link.apply(&again).await.unwrap();
        assert_eq!(world.writes().len(), 0, "{service}: a second run wrote");

        // What is the service's stays, and is told.
        let plan = take_down(&link).await;
        assert_eq!(pair.snapshot(&world), offered, "{service}: {plan}");
        assert!(world.aiven().allowed(service).is_some(), "the privatelink stays");
        assert_eq!(world.aiven().switched_on(service).len(), 1);
        let kept = |kind: &str| plan.kept.iter().any(|kept| kept.key.kind() == kind);
        assert!(kept("aiven.privatelink") && kept("aiven.component"), "{plan}");
        assert_eq!(kept("aiven.consumer"), pair.cloud() != CloudProvider::Gcp, "{plan}");

        // Once more in one plan, and then the whole.
        let whole = whole(pair, &world, service);
        assert!(whole.plan().await.unwrap().later.is_none(), "{service}: the privatelink is there");
        set_up(&whole).await.unwrap();
        assert!(whole.verify().await.unwrap().proved, "{service}: the second time");
        take_down(&whole).await;
        world.clock().sleep(Duration::from_secs(60)).await;
        assert_eq!(left(pair, &world, service), before, "{service}: the whole");
        set_up(&whole).await.unwrap();
        assert!(whole.verify().await.unwrap().proved, "{service}: made anew");
    }
}

#[tokio::test(start_paused = true)]
async fn on_aws_the_ports_are_opened_only_once_they_are_known() {
    let world = World::new();
    set_up(&link(AWS, &world, "events-kafka")).await.unwrap();
    let endpoint = first(&world, "CreateVpcEndpoint");
    assert!(first(&world, "ServicePrivatelinkAWSCreate") < endpoint);
    assert!(first(&world, "CreateSecurityGroup") < endpoint);
    let listed = last(&world, "ServicePrivatelinkAWSConnectionList");
    let opened = first(&world, "AuthorizeSecurityGroupIngress");
    let named = last(&world, "ServiceGet");
    assert!(endpoint < listed && listed < named && named < opened, "{endpoint} {listed} {named} {opened}");
    assert!(!world.requests().iter().any(|request| request.operation.ends_with("Refresh")), "AWS tells Aiven itself");
    let ports: Vec<String> = world
        .writes()
        .iter()
        .filter(|write| write.operation == "AuthorizeSecurityGroupIngress")
        .map(|write| String::from_utf8_lossy(&write.body).into_owned())
        .collect();
    assert!(ports.iter().any(|form| form.contains("FromPort=10000") && form.contains("ToPort=31000")), "{ports:?}");
    assert!(!world.writes().iter().any(|write| write.operation.contains("HostedZone")), "the vendor names it");
}

#[tokio::test(start_paused = true)]
async fn on_azure_approval_comes_before_azures_and_the_address_after() {
    let world = World::new();
    set_up(&link(AZURE, &world, "stock-mysql")).await.unwrap();
    let endpoint = first(&world, "PrivateEndpoints_CreateOrUpdate");
    let refreshed = first(&world, "UnpublishedAzurePrivatelinkRefresh");
    let approved = first(&world, "ServicePrivatelinkAzureConnectionApproval");
    let told = first(&world, "ServicePrivatelinkAzureConnectionUpdate");
    let named = last(&world, "ServiceGet");
    assert!(first(&world, "ServicePrivatelinkAzureCreate") < endpoint && endpoint < refreshed);
    assert!(refreshed < approved && approved < told && told < named, "{refreshed} {approved} {told} {named}");
    // Between the two, Azure was looked at until it showed the approval.
    let looks = world.requests()[approved..told].iter().filter(|one| one.operation == "PrivateEndpoints_Get").count();
    assert!(looks > 0);
    assert!(!world.writes().iter().any(|write| write.operation.starts_with("PrivateZones")));
}

#[tokio::test(start_paused = true)]
async fn on_google_cloud_the_address_goes_with_the_approval() {
    let world = World::new();
    set_up(&link(GCP, &world, "cache-valkey")).await.unwrap();
    let (address, rule) = (first(&world, "compute.addresses.insert"), first(&world, "compute.forwardingRules.insert"));
    let refreshed = first(&world, "ServicePrivatelinkGoogleRefresh");
    let approved = first(&world, "ServicePrivatelinkGoogleConnectionCreate");
    assert!(first(&world, "ServicePrivatelinkGoogleCreate") < address && address < rule && rule < refreshed);
    assert!(refreshed < approved && approved < last(&world, "ServicePrivatelinkGoogleRefresh"));
    assert!(last(&world, "ServicePrivatelinkGoogleConnectionList") < last(&world, "ServiceGet"));
    let body: serde_json::Value = serde_json::from_slice(&world.requests()[approved].body).unwrap();
    let reserved = GCP.endpoints(&world);
    assert!(body["user_ip_address"].as_str().unwrap().starts_with("10.") && reserved.len() == 1);
}

#[tokio::test(start_paused = true)]
async fn with_the_cloud_named_a_plan_takes_one_round_less() {
    async fn rounds(world: &World, database: aiven::Service) -> Duration {
        let link = builder(AWS, world, database).build().unwrap();
        let began = world.clock().now();
        link.plan().await.unwrap();
        world.clock().now().duration_since(began).unwrap()
    }
    let world = World::builder().latency(Duration::from_millis(100)).build();
    world.clickhouse().lift_rate_limit();
    set_up(&link(AWS, &world, "orders-pg")).await.unwrap();
    let plain = rounds(&world, database(&world, "orders-pg")).await;
    let named = rounds(&world, database(&world, "orders-pg").in_cloud(CloudProvider::Aws)).await;
    assert_eq!(named + Duration::from_millis(100), plain);
    assert_eq!(
        named,
        Duration::from_millis(200),
        "service, privatelink and connections at once, then what is there of them"
    );
}

#[tokio::test(start_paused = true)]
async fn others_on_the_list_and_at_the_privatelink_are_left_alone() {
    let world = World::new();
    let theirs = "arn:aws:iam::999999999999:role/theirs";
    set_up(&link(AWS, &world, "orders-pg")).await.unwrap();
    let mut list = world.aiven().allowed("orders-pg").unwrap();
    assert_eq!(list.len(), 1);
    // Another tool that owns the whole list, and another consumer's endpoint.
    let ours = list.remove(0);
    world.aiven().set_allowed("orders-pg", [theirs]);
    let other = "vpce-0fedcba9876543210".parse().unwrap();
    world.aiven().make_endpoint("orders-pg", &other);
    set_up(&link(AWS, &world, "orders-pg")).await.unwrap();
    assert_eq!(world.aiven().allowed("orders-pg").unwrap(), [theirs.to_owned(), ours]);

    let whole = whole(AWS, &world, "orders-pg");
    let plan = take_down(&whole).await;
    assert!(AWS.endpoints(&world).is_empty(), "{plan}");
    assert_eq!(world.aiven().connections("orders-pg").len(), 1, "theirs");
    assert!(plan.kept.iter().any(|kept| kept.reason.contains("other connections")), "{plan}");
}

#[tokio::test(start_paused = true)]
async fn links_of_several_services_and_vendors_are_planned_together() {
    let world = World::new();
    let orders = common::builder_of(&world, "orders", 0, network(&world)).build().unwrap();
    let links = Links::new([
        orders.clone(),
        builder(AWS, &world, database(&world, "orders-pg")).build().unwrap(),
        builder(AWS, &world, database(&world, "events-kafka").component("kafka").component("schema_registry"))
            .build()
            .unwrap(),
    ]);
    for _ in 0..2 {
        let plan = links.plan().await;
        for result in links.apply(&plan).await {
            assert!(result.result.is_ok(), "{result:?}");
        }
    }
    assert_eq!(AWS.endpoints(&world).len(), 3);
    assert_eq!(world.aiven().switched_on("events-kafka"), ["kafka", "schema_registry"]);
    let pg = link(AWS, &world, "orders-pg");
    take_down(&orders).await;
    let verdict = pg.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    assert_eq!(AWS.endpoints(&world).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_made_by_the_services_resource_id_is_adopted_and_given_back() {
    let world = AZURE.world();
    let service = database(&world, "stock-mysql");
    // What the vendor's guide has people do before they make an endpoint by hand.
    set_up(&whole(AZURE, &world, "stock-mysql")).await.unwrap();
    let endpoint = world.azure().endpoints()[0].id.clone();
    world.azure().delete_endpoint(&endpoint);
    let link = link(AZURE, &world, "stock-mysql");
    let details = service.privatelink(CloudProvider::Azure).get().await.unwrap().unwrap();
    let resource = details.azure_resource.expect("told beside the alias");
    let by_hand = world.azure().make_endpoint("by-hand", &resource);
    world.clock().sleep(Duration::from_secs(600)).await;
    let tags = || {
        let snapshot = world.snapshot();
        let tags = &snapshot["azure"]["privateEndpoints"][by_hand.as_str()]["tags"];
        tags.as_object().expect("the endpoint is there").clone()
    };
    let before = tags();

    link.adopt(privlink::core::PrivateEndpointId::from(by_hand.clone())).await.unwrap();
    set_up(&link).await.unwrap();
    assert_eq!(world.azure().endpoints().len(), 1, "none of ours beside it");
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    assert!(link.plan().await.unwrap().is_done() && tags().len() > before.len());
    let listed = link.inventory().await.unwrap();
    assert!(listed.to_string().contains("by-hand"), "{listed}");
    take_down(&link).await;
    assert_eq!(tags(), before, "our marks are gone again");
}

#[tokio::test(start_paused = true)]
async fn a_removal_works_when_the_service_is_deleted_already() {
    for (pair, service) in ALL {
        let world = World::new();
        let link = link(pair, &world, service);
        let theirs = pair.snapshot(&world);
        set_up(&link).await.unwrap();
        world.aiven().delete_service(service);
        let plan = link.removal_plan().await.unwrap();
        link.apply(&plan).await.unwrap_or_else(|error| panic!("{service}: {error}\n{plan}"));
        let left = pair.endpoints(&world).len();
        assert!(left == 0 && pair.snapshot(&world) == theirs || !plan.kept.is_empty(), "{service}: {plan}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_privatelink_that_was_removed_out_of_band_is_made_again() {
    let world = World::new();
    let link = link(AWS, &world, "orders-pg");
    set_up(&link).await.unwrap();
    let service = database(&world, "orders-pg");
    service.privatelink(CloudProvider::Aws).delete().await.unwrap();
    // While it goes, a new one is waited for; afterwards all is made anew.
    let plan = link.plan().await.unwrap();
    assert!(plan.findings.iter().any(|finding| finding.code == "AIVEN-014"), "{plan}");
    assert!(link.apply(&plan).await.unwrap().plan_again);
    set_up(&link).await.unwrap();
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
}

#[tokio::test(start_paused = true)]
async fn services_in_a_cloud_of_the_customers_own_are_refreshed_for() {
    let world = World::new();
    let spec = AivenServiceSpec::new("own-pg", "pg", CloudProvider::Aws, "us-east-1".parse().unwrap());
    world.aiven().add_service(spec.cloud_name("custom-acme-us-east-1").without_vpc());
    let service = database(&world, "own-pg").in_cloud(CloudProvider::Aws);
    let link = builder(AWS, &world, service).build().unwrap();
    set_up(&link).await.unwrap();
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    assert!(world.requests().iter().any(|request| request.operation == "UnpublishedAWSPrivatelinkRefresh"));
}

#[tokio::test(start_paused = true)]
async fn a_network_in_another_region_is_let_in_where_its_region_is_named() {
    let world = World::new();
    let spec = AivenServiceSpec::new("western-pg", "pg", CloudProvider::Aws, "us-west-2".parse().unwrap());
    world.aiven().add_service(spec);
    let western = database(&world, "western-pg");
    // The privatelink is made whatever the regions are; then the endpoint cannot be.
    let plain = builder(AWS, &world, western.clone()).build().unwrap();
    assert!(plain.apply(&plain.plan().await.unwrap()).await.unwrap().plan_again);
    let plan = plain.plan().await.unwrap();
    assert!(plan.blockers().next().is_some(), "{plan}");

    let named = western.privatelink(CloudProvider::Aws);
    let named = named.set_supported_regions(&["us-east-1".parse().unwrap()]).await.unwrap();
    assert_eq!(named.allowed.unwrap().len(), 1, "whom it lets in stays");
    let link = builder(AWS, &world, western.from_other_regions()).build().unwrap();
    set_up(&link).await.unwrap();
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    assert!(link.plan().await.unwrap().is_done());
}
