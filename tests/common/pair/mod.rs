//! The pairs that the suites run for: each vendor with each cloud's network.
//!
//! A suite is written once, as functions of a [`Pair`]; [`for_every_pair`] makes a test of each
//! function for each vendor and cloud. Where a suite is about a cloud, [`for_each_pair`] makes one for each
//! cloud, with `ClickHouse` Cloud for the vendor. What only one vendor or cloud has is tested in a
//! file of its own.

#![allow(unused_imports, unused_macros, reason = "some tests are of one vendor or cloud alone")]

#[cfg(feature = "aiven")]
mod aiven;
mod aws;
#[cfg(feature = "azure")]
pub(crate) mod azure;
mod clickhouse;
mod cloud;
#[cfg(feature = "cockroach")]
mod cockroach;
#[cfg(feature = "gcp")]
pub(crate) mod gcp;
mod vendor;
#[cfg(feature = "zilliz")]
mod zilliz;

use std::ops::Deref;

use privlink::core::PrivateEndpointId;
use privlink::core::side::{DatabaseSide, Naming};
use privlink::{Applied, Link, LinkBuilder};
use privlink_sim::{SimVantage, World, WorldBuilder};
use uuid::Uuid;

use self::cloud::Cloud;
use self::vendor::Vendor;
use super::vendor as client;

/// A vendor's databases and a network in one cloud of a world; it does all that its cloud does.
#[derive(Debug)]
pub(crate) struct Pair {
    vendor: &'static dyn Vendor,
    cloud: &'static dyn Cloud,
}

/// The pairs of `ClickHouse` Cloud.
pub(crate) const AWS: &Pair = &Pair { vendor: &clickhouse::ClickHouse, cloud: &aws::Aws };
#[cfg(feature = "azure")]
pub(crate) const AZURE: &Pair = &Pair { vendor: &clickhouse::ClickHouse, cloud: &azure::Azure };
#[cfg(feature = "gcp")]
pub(crate) const GCP: &Pair = &Pair { vendor: &clickhouse::ClickHouse, cloud: &gcp::Gcp };

/// The pairs of the other vendors.
#[cfg(all(feature = "aiven", feature = "cockroach", feature = "zilliz", feature = "azure", feature = "gcp"))]
pub(crate) mod others {
    use super::{Pair, aiven, aws, azure, cockroach, gcp, zilliz};

    pub(crate) const COCKROACH_AWS: &Pair = &Pair { vendor: &cockroach::Cockroach, cloud: &aws::Aws };
    pub(crate) const COCKROACH_AZURE: &Pair = &Pair { vendor: &cockroach::Cockroach, cloud: &azure::Azure };
    pub(crate) const COCKROACH_GCP: &Pair = &Pair { vendor: &cockroach::Cockroach, cloud: &gcp::Gcp };
    pub(crate) const AIVEN_AWS: &Pair = &Pair { vendor: &aiven::Aiven, cloud: &aws::Aws };
    pub(crate) const AIVEN_AZURE: &Pair = &Pair { vendor: &aiven::Aiven, cloud: &azure::Azure };
    pub(crate) const AIVEN_GCP: &Pair = &Pair { vendor: &aiven::Aiven, cloud: &gcp::Gcp };
    pub(crate) const ZILLIZ_AWS: &Pair = &Pair { vendor: &zilliz::Zilliz, cloud: &aws::Aws };
    pub(crate) const ZILLIZ_AZURE: &Pair = &Pair { vendor: &zilliz::Zilliz, cloud: &azure::Azure };
    pub(crate) const ZILLIZ_GCP: &Pair = &Pair { vendor: &zilliz::Zilliz, cloud: &gcp::Gcp };

    /// All vendors in each cloud.
    pub(crate) const BY_CLOUD: [[&Pair; 4]; 3] = [
        [super::AWS, COCKROACH_AWS, AIVEN_AWS, ZILLIZ_AWS],
        [super::AZURE, COCKROACH_AZURE, AIVEN_AZURE, ZILLIZ_AZURE],
        [super::GCP, COCKROACH_GCP, AIVEN_GCP, ZILLIZ_GCP],
    ];
}

impl Deref for Pair {
    type Target = dyn Cloud;

    fn deref(&self) -> &Self::Target {
        self.cloud
    }
}

impl Pair {
    /// Its vendor and its cloud: `clickhouse-aws`.
    pub(crate) fn title(&self) -> String {
        format!("{}-{}", self.vendor.name(), self.cloud.name())
    }

    /// A world with three databases in this cloud, of which the first two are behind one endpoint service
    /// where the vendor has such, and the third is elsewhere.
    pub(crate) fn world(&self) -> World {
        self.world_of(World::builder())
    }

    /// A world whose vendor and cloud are done after few looks, for suites that break every single
    /// one of them.
    pub(crate) fn brisk_world(&self) -> World {
        let world = self.world();
        self.cloud.hurry(&world);
        self.vendor.hurry(&world);
        world
    }

    pub(crate) fn world_of(&self, builder: WorldBuilder) -> World {
        let world = builder.build();
        self.vendor.more_databases(&world, self.cloud);
        world
    }

    /// A link to the `number`-th database, to be changed before it is built.
    pub(crate) fn builder(&self, world: &World, name: &str, number: usize) -> LinkBuilder {
        self.named(world, name, number, None)
    }

    /// A link with a naming mode.
    pub(crate) fn named(&self, world: &World, name: &str, number: usize, naming: Option<Naming>) -> LinkBuilder {
        let database = self.vendor.side(world, self.cloud, number);
        Link::between(name.parse().unwrap(), database, self.cloud.network(world, naming))
            .clock(world.clock())
            .vantage(self.vantage(world))
    }

    /// A link to the first database.
    pub(crate) fn link(&self, world: &World) -> Link {
        self.builder(world, "orders-prod", 0).build().unwrap()
    }

    /// A link of a database of any kind from the clients that are named.
    pub(crate) fn link_of_clients(
        &self,
        world: &World,
        name: &str,
        database: impl DatabaseSide + 'static,
    ) -> LinkBuilder {
        Link::between(name.parse().unwrap(), std::sync::Arc::new(database), self.cloud.network_of_clients(world))
            .clock(world.clock())
            .vantage(self.vantage(world))
    }

    /// A client in the network.
    pub(crate) fn vantage(&self, world: &World) -> SimVantage {
        world.vantage(self.seat(world))
    }

    /// Everything there is of this cloud.
    pub(crate) fn snapshot(&self, world: &World) -> serde_json::Value {
        world.snapshot()[self.name()].clone()
    }

    /// Everything there is, but for what no removal takes back.
    pub(crate) fn everything(&self, world: &World) -> serde_json::Value {
        let mut snapshot = world.snapshot();
        self.forget(world, &mut snapshot);
        snapshot
    }

    /// Takes out of a snapshot what no removal takes back.
    pub(crate) fn forget(&self, world: &World, snapshot: &mut serde_json::Value) {
        self.vendor.forget(world, self.cloud, &mut snapshot[self.vendor.name()]);
        self.cloud.forget(&mut snapshot[self.cloud.name()]);
    }

    /// Puts two more databases of the vendor into a world of other vendors.
    pub(crate) fn join(&self, world: &World) {
        self.vendor.more_databases(world, self.cloud);
    }

    /// Whether a request went to the vendor.
    pub(crate) fn is_vendors(&self, request: &privlink_sim::Request) -> bool {
        request.side.as_str() == self.vendor.name()
    }

    /// Whether this is a pair of the vendor that the suites try each call of a cloud with.
    pub(crate) fn is_first_vendor(&self) -> bool {
        self.vendor.name() == AWS.vendor.name()
    }

    /// What is under way comes to its end, and what the vendor hears of its cloud on request alone is asked for.
    pub(crate) async fn settled(&self, world: &World) {
        world.clock().sleep(std::time::Duration::from_secs(60)).await;
        self.vendor.hear(world, self.cloud).await;
    }

    /// Somebody else makes an endpoint to the first database, as far as connected and served.
    pub(crate) async fn stranger(&self, world: &World) -> PrivateEndpointId {
        self.vendor.provide(world, self.cloud).await;
        let service = self.vendor.service(world, self.cloud).await;
        self.looked_at(world).await;
        let made = self.cloud.make_endpoint(world, service);
        self.vendor.take_in(world, self.cloud, &made).await;
        self.looked_at(world).await;
        self.looked_at(world).await;
        made
    }

    /// Ten minutes go by, and somebody looks: what takes its time is done only then.
    async fn looked_at(&self, world: &World) {
        world.clock().sleep(std::time::Duration::from_secs(600)).await;
        self.link(world).plan().await.unwrap();
    }

    /// How many endpoints the first database answers.
    pub(crate) fn answered(&self, world: &World) -> usize {
        self.vendor.answered(world, self.cloud)
    }

    /// Somebody else turns all endpoints of the first database away; the code of what that looks
    /// like from inside.
    pub(crate) fn turn_away(&self, world: &World) -> &'static str {
        self.vendor.turn_away(world, self.cloud)
    }
}

/// What the pairs of `ClickHouse` Cloud have besides.
impl Pair {
    /// The `number`-th service in this cloud.
    pub(crate) fn database(&self, world: &World, number: usize) -> Uuid {
        clickhouse::service(world, self.cloud(), number)
    }

    /// A service of another organization behind the first one's endpoint service.
    pub(crate) fn theirs(&self, world: &World, organization: Uuid) -> Uuid {
        clickhouse::theirs(world, self.cloud, organization)
    }

    /// Somebody else makes an endpoint to a service, which does not list it yet.
    pub(crate) fn make_endpoint(&self, world: &World, service: Uuid) -> PrivateEndpointId {
        self.cloud.make_endpoint(world, world.clickhouse().endpoint_service(service).unwrap())
    }

    /// A link to a service of any organization.
    pub(crate) fn link_to(&self, world: &World, name: &str, database: impl DatabaseSide + 'static) -> LinkBuilder {
        let network = self.cloud.network(world, None);
        Link::between(name.parse().unwrap(), std::sync::Arc::new(database), network)
            .clock(world.clock())
            .vantage(self.vantage(world))
    }

    /// A link to a service that knows its organization, as most callers do: what is deleted then is
    /// known to be, and not to be another organization's.
    pub(crate) fn with_organization(&self, world: &World, name: &str, number: usize) -> LinkBuilder {
        let organization = client(world).organization(world.clickhouse().organization_id().into());
        self.link_to(world, name, organization.service(self.database(world, number).into()))
    }
}

/// Says where two snapshots differ.
#[track_caller]
pub(crate) fn assert_same(now: &serde_json::Value, before: &serde_json::Value, at: &str) {
    let mut told = Vec::new();
    differences(now, before, "", &mut told);
    assert!(told.is_empty(), "{at}: {told:#?}");
}

fn differences(now: &serde_json::Value, before: &serde_json::Value, place: &str, told: &mut Vec<String>) {
    if now == before {
        return;
    }
    let (Some(one), Some(other)) = (now.as_object(), before.as_object()) else {
        told.push(format!("{place} is {now}, and was {before}"));
        return;
    };
    let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    for name in names {
        differences(&now[name.as_str()], &before[name.as_str()], &format!("{place}/{name}"), told);
    }
}

/// The endpoint a link goes through.
pub(crate) fn endpoint_of(applied: &Applied) -> PrivateEndpointId {
    let endpoint = applied.exchange.endpoints.values().next();
    endpoint.and_then(|endpoint| endpoint.ids.primary()).unwrap_or_else(|| panic!("{:?}", applied.exchange))
}

/// Makes a test of each function for a pair, in a module.
macro_rules! tests_of_pair {
    ($module:ident, $pair:path, $($test:ident),+) => {
        mod $module {
            $(#[tokio::test(start_paused = true)]
            async fn $test() {
                super::$test($pair).await;
            })+
        }
    };
}
pub(crate) use tests_of_pair;

/// Makes a test of each function for each cloud: `on_aws::name`, `on_azure::name`, `on_gcp::name`.
macro_rules! for_each_pair {
    ($($test:ident),+ $(,)?) => {
        crate::common::pair::tests_of_pair!(on_aws, crate::common::pair::AWS, $($test),+);
        #[cfg(feature = "azure")]
        crate::common::pair::tests_of_pair!(on_azure, crate::common::pair::AZURE, $($test),+);
        #[cfg(feature = "gcp")]
        crate::common::pair::tests_of_pair!(on_gcp, crate::common::pair::GCP, $($test),+);
    };
}
pub(crate) use for_each_pair;

/// Makes a test of each function for each vendor and cloud: `aiven_on_gcp::name`.
macro_rules! for_every_pair {
    ($($test:ident),+ $(,)?) => {
        crate::common::pair::tests_of_pair!(clickhouse_on_aws, crate::common::pair::AWS, $($test),+);
        crate::common::pair::tests_of_pair!(clickhouse_on_azure, crate::common::pair::AZURE, $($test),+);
        crate::common::pair::tests_of_pair!(clickhouse_on_gcp, crate::common::pair::GCP, $($test),+);
        crate::common::pair::for_every_other_pair![$($test),+];
    };
}
pub(crate) use for_every_pair;

/// The same for the vendors beside the first one.
macro_rules! for_every_other_pair {
    ($($test:ident),+ $(,)?) => {
        crate::common::pair::tests_of_pair!(cockroach_on_aws, crate::common::pair::others::COCKROACH_AWS, $($test),+);
        crate::common::pair::tests_of_pair!(cockroach_on_azure, crate::common::pair::others::COCKROACH_AZURE, $($test),+);
        crate::common::pair::tests_of_pair!(cockroach_on_gcp, crate::common::pair::others::COCKROACH_GCP, $($test),+);
        crate::common::pair::tests_of_pair!(aiven_on_aws, crate::common::pair::others::AIVEN_AWS, $($test),+);
        crate::common::pair::tests_of_pair!(aiven_on_azure, crate::common::pair::others::AIVEN_AZURE, $($test),+);
        crate::common::pair::tests_of_pair!(aiven_on_gcp, crate::common::pair::others::AIVEN_GCP, $($test),+);
        crate::common::pair::tests_of_pair!(zilliz_on_aws, crate::common::pair::others::ZILLIZ_AWS, $($test),+);
        crate::common::pair::tests_of_pair!(zilliz_on_azure, crate::common::pair::others::ZILLIZ_AZURE, $($test),+);
        crate::common::pair::tests_of_pair!(zilliz_on_gcp, crate::common::pair::others::ZILLIZ_GCP, $($test),+);
    };
}
pub(crate) use for_every_other_pair;
