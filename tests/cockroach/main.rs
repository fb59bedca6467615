//! `CockroachDB` Cloud with each cloud's network: the same workflow as for every other vendor, and what
//! this one has alone: an endpoint service that is made on request, one that clusters share, and
//! private DNS of the endpoint that may be switched on only once the endpoint is accepted.
//!
//! The suites that run for every vendor (`flow`, `crash`, `faults`, `prove`) try the same with crashes
//! and faults.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../common/mod.rs"]
mod common;
mod proved;
mod shared;
mod switches;

use std::fmt::Write as _;
use std::time::Duration;

use common::pair::{AWS, AZURE, GCP, Pair};
use common::{set_up, take_down};
use privlink::core::CloudProvider;
use privlink::core::side::{Fact, Slot};
use privlink::{Link, LinkBuilder, cockroach};
use privlink_sim::{CockroachClusterSpec, World};

const ALL: [(&Pair, &str); 4] = [(AWS, "shopfront"), (AWS, "carts"), (AZURE, "invoices"), (GCP, "tracking")];

fn client(world: &World) -> cockroach::Client {
    cockroach::Client::over(world.transport())
        .clock(world.clock())
        .api_key(world.cockroach().api_key())
        .build()
        .unwrap()
}

fn builder(pair: &'static Pair, world: &World, cluster: &str) -> LinkBuilder {
    let database = client(world).cluster(world.cockroach().find_cluster(cluster).unwrap().into());
    pair.link_to(world, "orders-prod", database)
}

fn link(pair: &'static Pair, world: &World, cluster: &str) -> Link {
    builder(pair, world, cluster).build().unwrap()
}

fn brisk(pair: &'static Pair) -> World {
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

/// The operations of set-up and removal that wait for one another, as they must come, for a cluster
/// without an endpoint service: services, endpoint, connection, names; and back.
struct Order {
    pair: &'static Pair,
    region: &'static str,
    up: &'static [&'static str],
    down: &'static [&'static str],
}

const ORDERS: [Order; 3] = [
    Order {
        pair: AWS,
        region: "us-east-1",
        up: &[SERVICES, "CreateSecurityGroup", "CreateVpcEndpoint", CONNECT, "ModifyVpcEndpoint"],
        down: &[WITHDRAW, "DeleteVpcEndpoints", "DeleteSecurityGroup"],
    },
    Order {
        pair: AZURE,
        region: "westus3",
        up: &[
            SERVICES,
            "PrivateEndpoints_CreateOrUpdate",
            CONNECT,
            "PrivateZones_CreateOrUpdate",
            "RecordSets_CreateOrUpdate",
            "VirtualNetworkLinks_CreateOrUpdate",
        ],
        down: &[
            "VirtualNetworkLinks_Delete",
            "RecordSets_Delete",
            "PrivateZones_Delete",
            WITHDRAW,
            "PrivateEndpoints_Delete",
        ],
    },
    Order {
        pair: GCP,
        region: "us-central1",
        up: &[
            SERVICES,
            "compute.addresses.insert",
            "compute.forwardingRules.insert",
            CONNECT,
            "dns.managedZones.create",
            "dns.changes.create",
        ],
        down: &[
            "dns.changes.create",
            "dns.managedZones.delete",
            WITHDRAW,
            "compute.forwardingRules.delete",
            "compute.addresses.delete",
        ],
    },
];

const SERVICES: &str = "CockroachCloud_CreatePrivateEndpointServices";
const CONNECT: &str = "CockroachCloud_AddPrivateEndpointConnection";
const WITHDRAW: &str = "CockroachCloud_DeletePrivateEndpointConnection";
const LISTED: &str = "CockroachCloud_ListPrivateEndpointConnections";

#[tokio::test(start_paused = true)]
async fn each_pair_keeps_the_order_that_it_needs() {
    for Order { pair, region, up, down } in ORDERS {
        let world = World::new();
        world.cockroach().add_cluster(CockroachClusterSpec::new("brandnew", pair.cloud(), region.parse().unwrap()));
        let link = link(pair, &world, "brandnew");
        set_up(&link).await.unwrap();
        let places: Vec<usize> = up.iter().map(|operation| first(&world, operation)).collect();
        assert!(places.is_sorted(), "{up:?} came at {places:?}");
        let log = world.requests();
        let between = |from: &str, to: &str, operation: &str| {
            let span = &log[first(&world, from)..first(&world, to)];
            span.iter().filter(|request| request.operation == operation).count()
        };
        // Between the request and the name the list said that the cluster answers.
        assert!(between(CONNECT, up.iter().skip_while(|op| **op != CONNECT).nth(1).unwrap(), LISTED) > 1);
        if pair.cloud() == CloudProvider::Aws {
            let create = &log[first(&world, "CreateVpcEndpoint")];
            let asked = String::from_utf8_lossy(&create.body).into_owned();
            assert!(!asked.contains("PrivateDnsEnabled=true"), "not before it is accepted: {asked}");
            assert!(between(CONNECT, "ModifyVpcEndpoint", "DescribeVpcEndpoints") > 0, "seen available before");
            let after = log[first(&world, "ModifyVpcEndpoint")..].iter();
            assert!(after.filter(|request| request.operation == "DescribeVpcEndpoints").count() > 1, "and again after");
        }
        world.clear_requests();
        take_down(&link).await;
        let places: Vec<usize> = down.iter().map(|operation| first(&world, operation)).collect();
        assert!(places.is_sorted(), "{down:?} came at {places:?}");
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
        assert!(applied.plan_again, "{applied:?}");
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
