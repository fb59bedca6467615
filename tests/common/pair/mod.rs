//! The pairs that the suites run for: `ClickHouse` Cloud with each cloud's network.
//!
//! A suite is written once, as functions of a [`Pair`]; [`for_each_pair`] makes a test of each
//! function for each cloud. What only one cloud has is tested in a file of that cloud's own.

#![allow(unused_imports, unused_macros, reason = "some tests are of one cloud alone")]

mod aws;
#[cfg(feature = "azure")]
pub(crate) mod azure;
#[cfg(feature = "gcp")]
pub(crate) mod gcp;

use std::fmt;
use std::net::IpAddr;

use privlink::core::side::{DatabaseSide, Naming};
use privlink::core::{CloudProvider, LinkName, PrivateEndpointId};
use privlink::{Applied, Link, LinkBuilder, clickhouse};
use privlink_sim::{Seat, SimVantage, World, WorldBuilder};
use uuid::Uuid;

pub(crate) use self::aws::AWS;
#[cfg(feature = "azure")]
pub(crate) use self::azure::AZURE;
#[cfg(feature = "gcp")]
pub(crate) use self::gcp::GCP;
use super::vendor;

/// A world's database and network in one cloud, and what else there is of that cloud.
pub(crate) trait Pair: fmt::Debug + Sync {
    /// The cloud.
    fn cloud(&self) -> CloudProvider;

    /// What the cloud is called in snapshots and in requests.
    fn name(&self) -> &'static str;

    /// Puts two more databases beside the seeded one, where the world has one alone: one behind
    /// the same endpoint service, and one behind another.
    fn more_databases(&self, world: &World);

    /// Makes whatever the cloud takes long for take one look or two.
    fn hurry(&self, world: &World);

    /// Makes a database of another organization behind the first one's endpoint service.
    fn theirs(&self, world: &World, organization: Uuid) -> Uuid;

    /// A link from the seeded network to a database.
    fn link_to(
        &self,
        world: &World,
        name: LinkName,
        database: clickhouse::Service,
        naming: Option<Naming>,
    ) -> LinkBuilder;

    /// Where the clients are: in the network's (first) subnet.
    fn seat(&self, world: &World) -> Seat;

    /// The endpoints that are not deleted.
    fn endpoints(&self, world: &World) -> Vec<PrivateEndpointId>;

    /// Somebody else makes an endpoint to a database's endpoint service, as far as connected or
    /// waiting for the vendor.
    fn make_endpoint(&self, world: &World, database: Uuid) -> PrivateEndpointId;

    /// Somebody else makes a zone beside ours, with a record, that the network sees.
    fn make_zone(&self, world: &World);

    /// Somebody deletes an endpoint.
    fn delete_endpoint(&self, world: &World, endpoint: &PrivateEndpointId);

    /// Somebody shuts the way from the clients to an address.
    fn shut(&self, world: &World, address: IpAddr);

    /// The naming modes that write records of our own.
    fn naming_modes(&self) -> Vec<Naming>;

    /// How many dependent rounds of requests the first plan takes, with the organization given.
    fn rounds(&self) -> u64;

    /// The writes of a set-up that faults of the canary test happen to.
    fn writes(&self) -> [&'static str; 2];

    /// The cloud's secrets.
    fn secrets(&self, world: &World) -> Vec<String>;

    /// What prints the cloud's client and network.
    fn debug(&self, world: &World) -> String;

    /// Takes the cloud's key away.
    fn refuse_key(&self, world: &World);
}

impl dyn Pair {
    /// A world with three databases in this cloud: two behind one endpoint service, and one
    /// behind another.
    pub(crate) fn world(&self) -> World {
        self.world_of(World::builder())
    }

    /// A world whose cloud is done after few looks, for suites that break every single one of them.
    pub(crate) fn brisk_world(&self) -> World {
        let world = self.world();
        self.hurry(&world);
        world
    }

    pub(crate) fn world_of(&self, builder: WorldBuilder) -> World {
        let world = builder.build();
        self.more_databases(&world);
        world
    }

    /// The `number`-th database in this cloud.
    pub(crate) fn database(&self, world: &World, number: usize) -> Uuid {
        world.clickhouse().services_in(self.cloud())[number]
    }

    /// A link from the seeded network to a database of any vendor.
    pub(crate) fn link_from(&self, world: &World, name: &str, database: impl DatabaseSide + 'static) -> LinkBuilder {
        let name = name.parse().unwrap();
        let link = match self.cloud() {
            #[cfg(feature = "azure")]
            CloudProvider::Azure => Link::builder(name, database, azure::network(world)),
            #[cfg(feature = "gcp")]
            CloudProvider::Gcp => Link::builder(name, database, gcp::network(world)),
            _ => Link::builder(name, database, super::network(world)),
        };
        link.clock(world.clock()).vantage(self.vantage(world))
    }

    /// A link to the `number`-th database, to be changed before it is built.
    pub(crate) fn builder(&self, world: &World, name: &str, number: usize) -> LinkBuilder {
        self.named(world, name, number, None)
    }

    /// A link with a naming mode.
    pub(crate) fn named(&self, world: &World, name: &str, number: usize, naming: Option<Naming>) -> LinkBuilder {
        let database = vendor(world).service(self.database(world, number).into());
        self.link_to(world, name.parse().unwrap(), database, naming).clock(world.clock()).vantage(self.vantage(world))
    }

    /// A link to the first database that knows its organization, as most callers do: what is
    /// deleted then is known to be, and not to be another organization's.
    pub(crate) fn with_organization(&self, world: &World, name: &str, number: usize) -> LinkBuilder {
        let organization = vendor(world).organization(world.clickhouse().organization_id().into());
        let database = organization.service(self.database(world, number).into());
        self.link_to(world, name.parse().unwrap(), database, None).clock(world.clock()).vantage(self.vantage(world))
    }

    /// A link to the first database.
    pub(crate) fn link(&self, world: &World) -> Link {
        self.builder(world, "orders-prod", 0).build().unwrap()
    }

    /// A client in the network.
    pub(crate) fn vantage(&self, world: &World) -> SimVantage {
        world.vantage(self.seat(world))
    }

    /// Everything there is of this cloud.
    pub(crate) fn snapshot(&self, world: &World) -> serde_json::Value {
        world.snapshot()[self.name()].clone()
    }
}

/// The endpoint a link goes through.
pub(crate) fn endpoint_of(applied: &Applied) -> PrivateEndpointId {
    let endpoint = applied.exchange.endpoints.values().next();
    endpoint.and_then(|endpoint| endpoint.ids.primary()).unwrap_or_else(|| panic!("{:?}", applied.exchange))
}

/// Makes a test of each function for each pair: `on_aws::name`, `on_azure::name`, `on_gcp::name`.
macro_rules! for_each_pair {
    ($($test:ident),+ $(,)?) => {
        mod on_aws {
            $(#[tokio::test(start_paused = true)]
            async fn $test() {
                super::$test(crate::common::pair::AWS).await;
            })+
        }

        #[cfg(feature = "azure")]
        mod on_azure {
            $(#[tokio::test(start_paused = true)]
            async fn $test() {
                super::$test(crate::common::pair::AZURE).await;
            })+
        }

        #[cfg(feature = "gcp")]
        mod on_gcp {
            $(#[tokio::test(start_paused = true)]
            async fn $test() {
                super::$test(crate::common::pair::GCP).await;
            })+
        }
    };
}
pub(crate) use for_each_pair;
