//! Somebody else changes a vendor's list at random times while a link is set up and taken down.
//!
//! Aiven's lists are replaced whole: what the last look before a write showed, and nobody has taken off since, is there
//! after it. Every other list is changed entry by entry: no write of ours touches an entry of theirs, looked at or
//! not. Which moments the other writer chooses comes from a seed; requests take their time in both directions, so
//! that it comes in between all of them.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use common::pair::{AWS, AZURE, Pair};
use privlink::core::side::DatabaseSide;
use privlink::core::transport::{Limits, Transport, TransportError};
use privlink::core::{AwsPrincipal, BoxFuture, CloudProvider, ErrorKind, SubscriptionId};
use privlink::{Link, aiven, clickhouse, cockroach, zilliz};
use privlink_sim::{SimTransport, World};

/// How many courses of events each list is tried with.
const SEEDS: u64 = 12;

/// A list at a vendor, as whoever else writes it sees it.
struct List {
    pair: &'static Pair,
    /// The end of the path that a look at it has, where a write replaces the whole.
    whole: Option<&'static str>,
    side: fn(&World, Watched) -> Arc<dyn DatabaseSide>,
    now: fn(&World) -> Option<BTreeSet<String>>,
    /// The `n`-th entry of theirs.
    entry: fn(u64) -> String,
    /// Adds an entry, or takes it off.
    change: fn(&World, &str, bool),
}

#[tokio::test(start_paused = true)]
async fn on_aivens_list_of_principals() {
    holds(&List {
        pair: AWS,
        whole: Some("/privatelink/aws"),
        side: |world, watched| Arc::new(aiven_service(world, watched, "orders-pg")),
        now: |world| Some(world.aiven().allowed("orders-pg")?.into_iter().collect()),
        entry: |n| format!("arn:aws:iam::999999999999:role/their{n}"),
        change: |world, entry, add| change_aiven(world, "orders-pg", entry, add),
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn on_aivens_list_of_subscriptions() {
    holds(&List {
        pair: AZURE,
        whole: Some("/privatelink/azure"),
        side: |world, watched| Arc::new(aiven_service(world, watched, "stock-mysql")),
        now: |world| Some(world.aiven().allowed("stock-mysql")?.into_iter().collect()),
        entry: |n| format!("99999999-0000-0000-0000-00000000000{n}"),
        change: |world, entry, add| change_aiven(world, "stock-mysql", entry, add),
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn on_the_allow_list_of_clickhouse() {
    holds(&List {
        pair: AWS,
        whole: None,
        side: |world, watched| {
            let vendor = world.clickhouse();
            let client = clickhouse::Client::over(watched).api_key(vendor.key_id(), vendor.key_secret());
            Arc::new(client.clock(world.clock()).build().unwrap().service(vendor.service_id().into()))
        },
        now: |world| Some(world.clickhouse().attached(world.clickhouse().service_id()).into_iter().collect()),
        entry: vpc_endpoint,
        change: |world, entry, add| {
            let (vendor, entry) = (world.clickhouse(), entry.parse().unwrap());
            if add { vendor.attach(vendor.service_id(), &entry) } else { vendor.detach(vendor.service_id(), &entry) }
        },
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn on_the_connections_of_cockroach() {
    holds(&List {
        pair: AWS,
        whole: None,
        side: |world, watched| {
            let client = cockroach::Client::over(watched).api_key(world.cockroach().api_key());
            Arc::new(client.clock(world.clock()).build().unwrap().cluster(shop(world).into()))
        },
        now: |world| Some(world.cockroach().connected(shop(world)).into_iter().collect()),
        entry: vpc_endpoint,
        change: |world, entry, add| {
            let entry = entry.parse().unwrap();
            match add {
                true => world.cockroach().connect(shop(world), &entry),
                false => world.cockroach().disconnect(shop(world), &entry),
            }
        },
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn on_the_endpoints_of_zilliz() {
    holds(&List {
        pair: AWS,
        whole: None,
        side: |world, watched| Arc::new(zilliz_region(world, watched)),
        now: |world| Some(world.zilliz().registered(&world.zilliz().project_id()).into_iter().collect()),
        entry: vpc_endpoint,
        change: |world, entry, add| {
            let (zilliz, project) = (world.zilliz(), world.zilliz().project_id());
            let region = zilliz.region_in(CloudProvider::Aws);
            match add {
                true => zilliz.register(&project, &region, entry, None),
                false => zilliz.deregister(&project, entry),
            }
        },
    })
    .await;
}

fn vpc_endpoint(n: u64) -> String {
    format!("vpce-0fedcba987654321{n}")
}

fn shop(world: &World) -> uuid::Uuid {
    world.cockroach().find_cluster("shopfront").unwrap()
}

fn zilliz_region(world: &World, watched: Watched) -> zilliz::ProjectRegion {
    let client = zilliz::Client::over(watched).clock(world.clock()).api_key(world.zilliz().api_key());
    let project = client.build().unwrap().project(world.zilliz().project_id().parse().unwrap());
    project.region(world.zilliz().region_in(CloudProvider::Aws).parse().unwrap())
}

fn aiven_service(world: &World, watched: Watched, name: &str) -> aiven::Service {
    let client = aiven::Client::over(watched).clock(world.clock()).token(world.aiven().token()).build().unwrap();
    client.project(world.aiven().project().parse().unwrap()).service(name.parse().unwrap())
}

fn change_aiven(world: &World, service: &str, entry: &str, add: bool) {
    let mut list = world.aiven().allowed(service).unwrap();
    list.retain(|known| known != entry);
    if add {
        list.push(entry.to_owned());
    }
    // The vendor keeps the last one on AWS.
    if !list.is_empty() {
        world.aiven().set_allowed(service, list);
    }
}

/// Runs the course of every seed.
async fn holds(list: &List) {
    let (mut written, mut crossed) = (0, 0);
    for seed in 0..SEEDS {
        let world = World::new();
        let watched = Watched::new(&world, list, seed);
        let network = list.pair.network(&world, None);
        let link = Link::between("orders-prod".parse().unwrap(), (list.side)(&world, watched.clone()), network);
        let link = link.clock(world.clock()).build().unwrap();
        let over = AtomicBool::new(false);
        let ours = async {
            for _ in 0..2 {
                common::set_up(&link).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
                common::take_down(&link).await;
                if list.whole.is_some() {
                    shut_out(&world, list, &watched, seed).await;
                }
            }
            over.store(true, Ordering::Relaxed);
        };
        futures_util::join!(ours, theirs(&world, list, seed, &over));

        // Left alone, it comes to its end, and theirs stay to the last.
        let before = (list.now)(&world).unwrap_or_default();
        common::set_up(&link).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let after = (list.now)(&world).unwrap();
        assert!(after.iter().any(|entry| !is_theirs(list, entry)), "seed {seed}: ours is not there: {after:?}");
        assert!(before.iter().filter(|entry| is_theirs(list, entry)).all(|entry| after.contains(entry)), "seed {seed}");
        let seen = watched.seen.lock().unwrap();
        (written, crossed) = (written + seen.written, crossed + seen.crossed);
    }
    assert!(written >= SEEDS && crossed >= SEEDS / 8, "{written} writes, {crossed} with somebody else just before");
}

/// Takes ours off a list that is kept by removals.
async fn shut_out(world: &World, list: &List, watched: &Watched, seed: u64) {
    let name = if list.pair.cloud() == CloudProvider::Aws { "orders-pg" } else { "stock-mysql" };
    let ours = (list.now)(world).unwrap_or_default().into_iter().find(|entry| !is_theirs(list, entry));
    let Some(ours) = ours else { return };
    let patch = aiven_service(world, watched.clone(), name).privatelink(list.pair.cloud()).patch_allow_list();
    let patch = match list.pair.cloud() {
        CloudProvider::Aws => patch.remove(ours.parse::<AwsPrincipal>().unwrap()),
        _ => patch.remove(ours.parse::<SubscriptionId>().unwrap()),
    };
    // The last principal cannot go; whoever comes right after is not overwritten.
    if let Err(error) = patch.send().await {
        let kinds = [ErrorKind::Conflict, ErrorKind::InvalidInput];
        assert!(kinds.contains(&error.kind()), "seed {seed}: {}", error.report());
    }
}

/// The other writer, until ours is through.
async fn theirs(world: &World, list: &List, seed: u64, over: &AtomicBool) {
    let mut dice = Dice(seed ^ 0x5eed);
    while !over.load(Ordering::Relaxed) {
        world.clock().sleep(dice.moment(8_000)).await;
        if (list.now)(world).is_some() {
            (list.change)(world, &(list.entry)(dice.below(6)), dice.below(2) == 0);
        }
    }
}

fn is_theirs(list: &List, entry: &str) -> bool {
    (0..6).any(|n| (list.entry)(n) == entry)
}

/// A transport that takes its time, and looks at the list around each request.
#[derive(Clone)]
struct Watched {
    inner: SimTransport,
    world: World,
    whole: Option<&'static str>,
    now: fn(&World) -> Option<BTreeSet<String>>,
    entry: fn(u64) -> String,
    seen: Arc<Mutex<Seen>>,
}

struct Seen {
    dice: Dice,
    seed: u64,
    /// What the last look showed.
    last: BTreeSet<String>,
    /// Writes that changed the list.
    written: u64,
    /// Those of them before which it was no longer what the last look had shown.
    crossed: u64,
}

impl Watched {
    fn new(world: &World, list: &List, seed: u64) -> Self {
        let seen = Seen { dice: Dice(seed), seed, last: BTreeSet::new(), written: 0, crossed: 0 };
        let (whole, now, entry) = (list.whole, list.now, list.entry);
        let seen = Arc::new(Mutex::new(seen));
        Self { inner: world.transport(), world: world.clone(), whole, now, entry, seen }
    }

    fn theirs(&self) -> BTreeSet<String> {
        let theirs: Vec<String> = (0..6).map(self.entry).collect();
        (self.now)(&self.world).unwrap_or_default().into_iter().filter(|entry| theirs.contains(entry)).collect()
    }

    async fn pause(&self) {
        let moment = self.seen.lock().unwrap().dice.moment(2_000);
        self.world.clock().sleep(moment).await;
    }

    fn wrote(&self, before: &BTreeSet<String>, whole: &Option<BTreeSet<String>>) {
        let (after, now) = (self.theirs(), (self.now)(&self.world));
        let mut seen = self.seen.lock().unwrap();
        let seed = seen.seed;
        match self.whole {
            Some(_) => {
                let lost: Vec<&String> =
                    before.intersection(&seen.last).filter(|entry| !after.contains(*entry)).collect();
                assert!(lost.is_empty(), "seed {seed}: {lost:?} was seen and lost");
                let made: Vec<&String> = after.difference(before).filter(|entry| !seen.last.contains(*entry)).collect();
                assert!(made.is_empty(), "seed {seed}: nobody has ever added {made:?}");
            }
            None => assert_eq!(after, *before, "seed {seed}: an entry of theirs was touched"),
        }
        if now != *whole {
            seen.written += 1;
            seen.crossed += u64::from(seen.last != *before);
        }
    }
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watched")
    }
}

impl Transport for Watched {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            self.pause().await;
            let looks = request.method() == http::Method::GET;
            let on_list = self.whole.is_none_or(|end| request.uri().path().ends_with(end));
            let (before, whole) = (self.theirs(), (self.now)(&self.world));
            // The world takes no time of its own: nobody comes in between.
            let answer = self.inner.send(request, limits).await;
            if looks && on_list {
                self.seen.lock().unwrap().last = self.theirs();
            } else if !looks {
                self.wrote(&before, &whole);
            }
            self.pause().await;
            answer
        })
    }
}

/// Numbers that look like chance and are the same for the same seed (SplitMix64).
#[derive(Clone, Copy)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn moment(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.below(most))
    }
}
