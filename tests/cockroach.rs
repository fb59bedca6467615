//! `CockroachDB` Cloud with each cloud's network: the same workflow as for every other vendor, and what
//! this one has alone: an endpoint service that is made on request, one that clusters share, and
//! private DNS of the endpoint that may be switched on only once the endpoint is accepted.
//!
//! Of the crashes and faults that the suites of the first vendor try at every call, here are those
//! at this vendor's own calls; the clouds' calls are the same as there.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use common::pair::{AWS, AZURE, GCP, Pair};
use common::{network, set_up, take_down};
use privlink::core::CloudProvider;
use privlink::core::side::{Fact, Slot};
use privlink::{ApplyError, Link, LinkBuilder, Links, cockroach};
use privlink_sim::{CockroachClusterSpec, FaultBuilder, World};

const ALL: [(&'static dyn Pair, &str); 4] =
    [(AWS, "shopfront"), (AWS, "carts"), (AZURE, "invoices"), (GCP, "tracking")];

/// The vendor's calls are these.
const VENDOR: &str = "CockroachCloud_";

fn client(world: &World) -> cockroach::Client {
    cockroach::Client::over(world.transport())
        .clock(world.clock())
        .api_key(world.cockroach().api_key())
        .build()
        .unwrap()
}

fn builder(pair: &'static dyn Pair, world: &World, cluster: &str) -> LinkBuilder {
    let database = client(world).cluster(world.cockroach().find_cluster(cluster).unwrap().into());
    let name = "orders-prod".parse().unwrap();
    let link = match pair.cloud() {
        CloudProvider::Azure => Link::builder(name, database, common::pair::azure::network(world)),
        CloudProvider::Gcp => Link::builder(name, database, common::pair::gcp::network(world)),
        _ => Link::builder(name, database, network(world)),
    };
    link.clock(world.clock()).vantage(pair.vantage(world))
}

fn link(pair: &'static dyn Pair, world: &World, cluster: &str) -> Link {
    builder(pair, world, cluster).build().unwrap()
}

fn brisk(pair: &'static dyn Pair) -> World {
    let world = World::new();
    pair.hurry(&world);
    world
}

/// Where in the log the first call of `operation` is.
fn first(world: &World, operation: &str) -> usize {
    let requests = world.requests();
    let place = requests.iter().position(|request| request.operation == operation);
    place.unwrap_or_else(|| panic!("no {operation} in {:?}", requests.iter().map(|r| &r.operation).collect::<Vec<_>>()))
}

#[tokio::test(start_paused = true)]
async fn every_pair_is_set_up_proved_run_again_and_taken_down() {
    for (pair, cluster) in ALL {
        let world = World::new();
        let before = world.snapshot();
        let link = link(pair, &world, cluster);
        let plan = link.plan().await.unwrap();
        assert!(plan.blockers().next().is_none() && plan.later.is_none(), "{cluster}: {plan}");
        assert_eq!(world.writes().len(), 0, "planning only reads");

        let mut said = format!("{link:?} {plan} {plan:?} {}", serde_json::to_string(&plan).unwrap());
        let applied = link.apply(&plan).observe(|event| write!(said, "{event} {event:?}").unwrap()).await.unwrap();
        let id = world.cockroach().find_cluster(cluster).unwrap();
        assert_eq!(world.cockroach().connected(id).len(), 1, "{cluster}");
        assert!(applied.exchange.holds(Some(&Slot::main()), &Fact::Served) && !applied.plan_again);
        let region = applied.exchange.services[&Slot::main()].region.clone();
        assert_eq!(applied.names()[0].host, world.cockroach().private_host(id, &region).unwrap().name());
        world.clock().sleep(Duration::from_secs(60)).await;
        let verdict = link.verify().await.unwrap();
        assert!(verdict.proved, "{cluster}: {verdict}");
        write!(said, "{verdict:?}").unwrap();
        assert!(!said.contains(&world.cockroach().api_key()), "{cluster}: the key was printed");

        world.clear_requests();
        let again = link.plan().await.unwrap();
        assert!(again.is_done(), "{cluster}: {again}");
        link.apply(&again).await.unwrap();
        assert_eq!(world.writes().len(), 0, "{cluster}: a second run wrote");

        let plan = take_down(&link).await;
        assert_eq!(world.snapshot(), before, "{cluster}: {plan}");
        // What the vendor cannot take back is told, and only where it is the cluster's own.
        assert_eq!(plan.kept.iter().any(|kept| kept.key.kind() == "cockroach.services"), cluster != "carts", "{plan}");
        // And the whole once more: on AWS another endpoint, elsewhere the same id, rejected before.
        set_up(&link).await.unwrap();
        take_down(&link).await;
        assert_eq!(world.snapshot(), before, "{cluster}: the second time");
    }
}

#[tokio::test(start_paused = true)]
async fn each_pair_keeps_the_order_that_it_needs() {
    for (pair, cluster, endpoint, named) in [
        (AWS, "shopfront", "CreateVpcEndpoint", "ModifyVpcEndpoint"),
        (AZURE, "invoices", "PrivateEndpoints_CreateOrUpdate", "PrivateZones_CreateOrUpdate"),
        (GCP, "tracking", "compute.forwardingRules.insert", "dns.managedZones.create"),
    ] {
        let world = World::new();
        let link = link(pair, &world, cluster);
        set_up(&link).await.unwrap();
        let connected = first(&world, "CockroachCloud_AddPrivateEndpointConnection");
        assert!(first(&world, endpoint) < connected, "{cluster}: the endpoint comes first");
        // Between the request and the name the list said that the cluster answers.
        let named = first(&world, named);
        let looks = world.requests()[connected..named]
            .iter()
            .filter(|request| request.operation == "CockroachCloud_ListPrivateEndpointConnections")
            .count();
        assert!(looks > 1 && connected < named, "{cluster}: named after {looks} looks");
        if pair.cloud() == CloudProvider::Aws {
            let create = &world.requests()[first(&world, endpoint)];
            let asked = String::from_utf8_lossy(&create.body).into_owned();
            assert!(!asked.contains("PrivateDnsEnabled=true"), "not before it is accepted: {asked}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_service_that_is_made_on_request_takes_a_plan_of_its_own() {
    for (pair, region) in [(AWS, "us-east-1"), (AZURE, "westus3"), (GCP, "us-central1")] {
        let world = World::new();
        let spec = CockroachClusterSpec::new("brandnew", pair.cloud(), region.parse().unwrap());
        let id = world.cockroach().add_cluster(spec);
        let link = link(pair, &world, "brandnew");
        let plan = link.plan().await.unwrap();
        assert!(plan.blockers().next().is_none(), "{plan}");
        assert_eq!(plan.steps.iter().map(|step| &*step.verb).collect::<Vec<_>>(), ["cockroach.make_services"]);
        assert!(plan.later.as_ref().unwrap().contains("let the endpoint in"), "{plan}");
        assert!(plan.to_string().contains("then plan again"), "{plan}");
        let stored = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
        assert_eq!(plan, stored);

        let applied = link.apply(&plan).await.unwrap();
        assert!(applied.plan_again);
        assert_eq!(applied.exchange.services[&Slot::main()].id, world.cockroach().endpoint_service(id).unwrap());
        assert!(pair.endpoints(&world).is_empty());

        let rest = link.plan().await.unwrap();
        assert!(rest.later.is_none() && rest.blockers().next().is_none(), "{rest}");
        assert!(!link.apply(&rest).await.unwrap().plan_again);
        world.clock().sleep(Duration::from_secs(60)).await;
        let verdict = link.verify().await.unwrap();
        assert!(verdict.proved, "{verdict}");
        assert_eq!(world.cockroach().connected(id).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn clusters_behind_one_service_share_an_endpoint_and_leave_it_to_each_other() {
    let world = World::new();
    let before = world.snapshot();
    let (carts, wishes) = (link(AWS, &world, "carts"), link(AWS, &world, "wishes"));
    set_up(&carts).await.unwrap();
    set_up(&wishes).await.unwrap();
    assert_eq!(AWS.endpoints(&world).len(), 1, "one endpoint, two admissions");
    for link in [&carts, &wishes] {
        assert!(link.verify().await.unwrap().proved);
    }
    take_down(&carts).await;
    assert_eq!(AWS.endpoints(&world).len(), 1, "the other cluster still uses it");
    let verdict = wishes.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    assert!(world.cockroach().connected(world.cockroach().find_cluster("carts").unwrap()).is_empty());
    take_down(&wishes).await;
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(start_paused = true)]
async fn two_vendors_in_one_network_are_planned_together_and_leave_each_other_alone() {
    let world = World::new();
    let before = world.snapshot();
    let orders = common::builder_of(&world, "orders", 0, network(&world)).build().unwrap();
    let shopfront = link(AWS, &world, "shopfront");
    let links = Links::new([orders.clone(), shopfront.clone()]);
    let plan = links.plan().await;
    for result in links.apply(&plan).await {
        assert!(result.result.is_ok(), "{result:?}");
    }
    world.clock().sleep(Duration::from_secs(60)).await;
    assert_eq!(AWS.endpoints(&world).len(), 2);
    take_down(&orders).await;
    let verdict = shopfront.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    take_down(&shopfront).await;
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(start_paused = true)]
async fn a_removal_works_when_the_cluster_is_deleted_already() {
    for (pair, cluster) in ALL {
        let world = World::new();
        let link = link(pair, &world, cluster);
        let theirs = pair.snapshot(&world);
        set_up(&link).await.unwrap();
        world.cockroach().delete_cluster(world.cockroach().find_cluster(cluster).unwrap());
        let plan = link.removal_plan().await.unwrap();
        link.apply(&plan).await.unwrap_or_else(|error| panic!("{cluster}: {error}\n{plan}"));
        let left = pair.endpoints(&world).len();
        assert!(left == 0 && pair.snapshot(&world) == theirs || !plan.kept.is_empty(), "{cluster}: {plan}");
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_connections_and_zones_stay() {
    for (pair, cluster) in ALL {
        let world = World::new();
        let id = world.cockroach().find_cluster(cluster).unwrap();
        pair.make_zone(&world);
        let stranger = match pair.cloud() {
            CloudProvider::Aws => "vpce-0fedcba9876543210".to_owned(),
            CloudProvider::Gcp => "6133183410995353".to_owned(),
            _ => "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/other/providers/\
                  Microsoft.Network/privateEndpoints/theirs"
                .to_owned(),
        };
        world.cockroach().connect(id, &stranger.parse().unwrap());
        let before = world.snapshot();
        let link = link(pair, &world, cluster);
        set_up(&link).await.unwrap();
        assert_eq!(world.cockroach().connected(id).len(), 2);
        take_down(&link).await;
        assert_eq!(world.snapshot(), before, "{cluster}");
    }
}

/// Drives a set-up until `requests` have been made to the vendor, then drops it. Whether it was dropped.
async fn run_for(pair: &'static dyn Pair, world: &World, cluster: &str, requests: usize) -> bool {
    let link = link(pair, world, cluster);
    let mut run = pin!(set_up(&link));
    let asked = || world.requests().iter().filter(|request| request.operation.starts_with(VENDOR)).count();
    poll_fn(|cx| match run.as_mut().poll(cx) {
        Poll::Ready(end) => {
            end.unwrap();
            Poll::Ready(false)
        }
        Poll::Pending if asked() >= requests => Poll::Ready(true),
        Poll::Pending => Poll::Pending,
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn killed_at_each_request_to_the_vendor_it_converges() {
    for (pair, cluster) in [(AWS, "carts"), (AZURE, "invoices"), (GCP, "tracking")] {
        for requests in 1.. {
            let world = brisk(pair);
            let before = world.snapshot();
            let killed = run_for(pair, &world, cluster, requests).await;
            converges(pair, &world, cluster, &before, &format!("{cluster} killed at request {requests}")).await;
            if !killed {
                assert!(requests > 8, "a run makes more than {requests} requests");
                break;
            }
        }
    }
}

/// Runs twice, proves and takes down; the end is the same as without a disturbance.
async fn converges(pair: &'static dyn Pair, world: &World, cluster: &str, before: &serde_json::Value, at: &str) {
    let link = link(pair, world, cluster);
    set_up(&link).await.unwrap_or_else(|error| panic!("{at}: {error}"));
    world.clock().sleep(Duration::from_secs(60)).await;
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{at}: {verdict}");
    assert_eq!(pair.endpoints(world).len(), 1, "{at}");
    world.clear_requests();
    set_up(&link).await.unwrap();
    assert_eq!(world.writes().len(), 0, "{at}: the run after the recovery wrote");
    take_down(&link).await;
    assert_eq!(&world.snapshot(), before, "{at}");
}

/// The vendor's calls of an undisturbed run, each with how often it was made before.
async fn calls(pair: &'static dyn Pair, cluster: &str) -> Vec<(String, u32)> {
    let world = brisk(pair);
    set_up(&link(pair, &world, cluster)).await.unwrap();
    let mut seen: HashMap<String, u32> = HashMap::new();
    let requests = world.requests().into_iter().filter(|request| request.operation.starts_with(VENDOR));
    let calls: Vec<(String, u32)> = requests
        .map(|request| {
            let nth = seen.entry(request.operation.clone()).or_insert(0);
            *nth += 1;
            (request.operation, *nth)
        })
        .collect();
    assert!(calls.len() > 6, "{calls:?}");
    calls
}

/// The run converges, at once or when it is run again after a typed error that says what to do.
async fn survives(pairs: &[(&'static dyn Pair, &str)], inject: impl Fn(FaultBuilder)) {
    for (pair, cluster) in pairs.iter().copied() {
        for (operation, nth) in calls(pair, cluster).await {
            let at = format!("{cluster}, {operation} #{nth}");
            let world = brisk(pair);
            let before = world.snapshot();
            inject(world.faults().on(&operation).nth(nth));
            let link = link(pair, &world, cluster);
            if let Ok(plan) = link.plan().await
                && let Err(error) = link.apply(&plan).await
            {
                assert!(!error.help().is_empty() && !matches!(error, ApplyError::Stuck { .. }), "{at}: {error:?}");
            }
            converges(pair, &world, cluster, &before, &at).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_lost_after_commit_at_each_call() {
    survives(&ALL, |fault| drop(fault.reset_after_commit())).await;
}

#[tokio::test(start_paused = true)]
async fn an_internal_error_at_each_call() {
    survives(&[(GCP, "tracking")], |fault| drop(fault.times(9).status(500))).await;
}

#[tokio::test(start_paused = true)]
async fn a_busy_cluster_at_each_call() {
    survives(&[(AWS, "shopfront")], |fault| drop(fault.times(2).status(503))).await;
}

#[tokio::test(start_paused = true)]
async fn throttled_at_each_call() {
    survives(&[(AZURE, "invoices")], |fault| drop(fault.throttle(Duration::from_secs(7)))).await;
}
