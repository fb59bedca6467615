//! Databases, endpoints and vendors side by side in one network: each name leads to its own endpoint, each record is in
//! the zone of its host, and whichever goes leaves the others at work.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::pair::others::{BY_CLOUD, COCKROACH_AWS};
use common::pair::{AWS, Pair, assert_same, for_each_pair, for_every_pair};
use common::{set_up, take_down, vendor};
use privlink::core::DnsName;
use privlink::core::side::{Naming, RecordShape};
use privlink::{Applied, Link, Links, cockroach};
use privlink_sim::{CockroachClusterSpec, CockroachPlan, ServiceSpec, World};

for_every_pair![two_databases_of_one_region_and_their_endpoints];
for_each_pair![twenty_services_behind_one_endpoint];

/// A link that stands, with its names.
struct Standing {
    pair: &'static Pair,
    link: Link,
    applied: Applied,
}

impl Standing {
    /// Each name leads to this link's endpoint and to nothing else, the records are where they belong, and the proof
    /// holds.
    async fn stands(&self, world: &World) {
        let (at, inside) = (format!("{:?} {}", self.pair, self.link.name()), self.pair.vantage(world));
        let endpoints = self.applied.exchange.endpoints.values();
        let own: BTreeSet<_> = endpoints.flat_map(|endpoint| endpoint.addresses.iter().map(|one| one.0)).collect();
        assert!(!self.applied.names().is_empty() && !own.is_empty(), "{at}");
        for name in self.applied.names() {
            let led: BTreeSet<_> = inside.resolve(&name.host).into_iter().collect();
            assert_eq!(led, own, "{at}: {}", name.host);
        }
        for record in self.applied.records() {
            assert_eq!(record.zone, record.name, "{at}: a zone named exactly the host");
        }
        let verdict = self.link.verify().await.unwrap();
        assert!(verdict.proved, "{at}: {verdict}");
    }

    fn hosts(&self) -> BTreeSet<DnsName> {
        self.applied.names().iter().map(|name| name.host.clone()).collect()
    }

    /// Takes it down; nothing answers its names any more.
    async fn goes(&self, world: &World) {
        take_down(&self.link).await;
        world.clock().sleep(Duration::from_secs(60)).await;
        let inside = self.pair.vantage(world);
        // What the vendor publishes, it takes back when it hears of the endpoint.
        if !self.applied.records().is_empty() {
            for host in self.hosts() {
                assert!(inside.resolve(&host).is_empty(), "{:?}: {host}", self.pair);
            }
        }
    }
}

async fn standing(pair: &'static Pair, link: Link) -> Standing {
    let applied = set_up(&link).await.unwrap();
    Standing { pair, link, applied }
}

async fn two_databases_of_one_region_and_their_endpoints(pair: &'static Pair) {
    for first_goes_first in [true, false] {
        let world = pair.world();
        let before = pair.everything(&world);
        let one = standing(pair, pair.link(&world)).await;
        let two = standing(pair, pair.builder(&world, "neighbour", 2).build().unwrap()).await;
        world.clock().sleep(Duration::from_secs(60)).await;
        assert!(one.hosts().is_disjoint(&two.hosts()), "{:?} {:?}", one.hosts(), two.hosts());
        let services = [&one, &two].map(|link| link.applied.exchange.services.values().next().unwrap().id.clone());
        let services: BTreeSet<String> = services.iter().map(ToString::to_string).collect();
        assert_eq!(pair.endpoints(&world).len(), services.len(), "one for each endpoint service");
        for link in [&one, &two] {
            link.stands(&world).await;
        }
        let (leaves, stays) = if first_goes_first { (one, two) } else { (two, one) };
        leaves.goes(&world).await;
        stays.stands(&world).await;
        stays.goes(&world).await;
        pair.settled(&world).await;
        assert_same(&pair.everything(&world), &before, "both are gone");
    }
}

#[tokio::test(start_paused = true)]
async fn four_vendors_in_one_network() {
    for pairs in BY_CLOUD {
        for leaves in 0..pairs.len() {
            let world = World::new();
            pairs.iter().for_each(|pair| pair.join(&world));
            let snapshot = |world: &World| {
                let mut snapshot = world.snapshot();
                pairs.iter().for_each(|pair| pair.forget(world, &mut snapshot));
                snapshot
            };
            let before = snapshot(&world);
            let names = ["first", "second", "third", "fourth"];
            let links = pairs.iter().zip(names).map(|(pair, name)| pair.builder(&world, name, 0).build().unwrap());
            let all = Links::new(links);
            loop {
                let plan = all.plan().await;
                let ends = all.apply(&plan).await;
                if !ends.into_iter().map(|end| end.result.unwrap().plan_again).fold(false, |any, one| any | one) {
                    break;
                }
            }
            let mut standing = Vec::new();
            for (pair, link) in pairs.iter().zip(all.links()) {
                let plan = link.plan().await.unwrap();
                assert!(plan.is_done(), "{pair:?}: {plan}");
                standing.push(Standing { pair, link: link.clone(), applied: link.apply(&plan).await.unwrap() });
            }
            world.clock().sleep(Duration::from_secs(60)).await;
            assert_eq!(pairs[0].endpoints(&world).len(), pairs.len(), "one a vendor");
            let leaving = standing.remove(leaves);
            leaving.stands(&world).await;
            leaving.goes(&world).await;
            for link in &standing {
                link.stands(&world).await;
            }
            for link in &standing {
                link.goes(&world).await;
            }
            for pair in pairs {
                pair.settled(&world).await;
            }
            assert_same(&snapshot(&world), &before, "all are gone");
        }
    }
}

/// Sets all up at once, takes one in the middle away, then the others.
async fn share_one_endpoint(pair: &'static Pair, world: &World, links: Vec<Link>, before: &serde_json::Value) {
    let all = Links::new(links);
    let plan = all.plan().await;
    let mut standing = Vec::new();
    for (link, end) in all.links().iter().zip(all.apply(&plan).await) {
        standing.push(Standing { pair, link: link.clone(), applied: end.result.unwrap() });
    }
    world.clock().sleep(Duration::from_secs(60)).await;
    assert_eq!((standing.len(), pair.endpoints(world).len()), (20, 1), "twenty behind one");
    assert_eq!(standing.iter().flat_map(Standing::hosts).collect::<BTreeSet<_>>().len(), 20, "a name each");
    for link in &standing {
        link.stands(world).await;
    }
    standing.remove(7).goes(world).await;
    for link in &standing {
        link.stands(world).await;
    }
    for link in standing {
        link.goes(world).await;
    }
    assert!(pair.endpoints(world).is_empty(), "it goes with the last");
    assert_same(&pair.everything(world), before, "all are gone");
}

async fn twenty_services_behind_one_endpoint(pair: &'static Pair) {
    let world = pair.world();
    world.clickhouse().lift_rate_limit();
    // Behind the same endpoint service as the first.
    let shared = world.clickhouse().endpoint_service(pair.database(&world, 0));
    let mut services = vec![pair.database(&world, 0), pair.database(&world, 1)];
    for number in 2..20 {
        let spec = ServiceSpec::new(format!("service-{number}"), pair.cloud(), pair.region(&world));
        services.push(world.clickhouse().add_service(spec));
    }
    assert!(services.iter().all(|id| world.clickhouse().endpoint_service(*id) == shared));
    let before = pair.everything(&world);
    let links = services.into_iter().enumerate().map(|(number, id)| {
        let service = vendor(&world).service(id.into());
        pair.link_to(&world, &format!("service-{number}"), service).build().unwrap()
    });
    share_one_endpoint(pair, &world, links.collect(), &before).await;
}

#[tokio::test(start_paused = true)]
async fn twenty_clusters_of_another_vendor_behind_one_endpoint() {
    let (pair, world) = (COCKROACH_AWS, COCKROACH_AWS.world());
    let mut clusters = ["carts", "wishes"].map(|name| world.cockroach().find_cluster(name).unwrap()).to_vec();
    for number in 2..20 {
        let spec = CockroachClusterSpec::new(format!("cluster-{number}"), pair.cloud(), pair.region(&world));
        clusters.push(world.cockroach().add_cluster(spec.plan(CockroachPlan::Standard)));
    }
    world.cockroach().lift_rate_limit();
    let before = pair.everything(&world);
    let client = cockroach::Client::over(world.transport()).clock(world.clock()).api_key(world.cockroach().api_key());
    let client = client.build().unwrap();
    let links = clusters.into_iter().enumerate().map(|(number, id)| {
        let network = AWS.network(&world, Some(Naming::PrivateZone(RecordShape::Apex)));
        let name = format!("cluster-{number}").parse().unwrap();
        let link = Link::between(name, std::sync::Arc::new(client.cluster(id.into())), network);
        link.clock(world.clock()).vantage(pair.vantage(&world)).build().unwrap()
    });
    share_one_endpoint(pair, &world, links.collect(), &before).await;
}
