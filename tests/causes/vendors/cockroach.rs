//! CockroachDB Cloud.

use privlink::core::CloudProvider;
use privlink::{Link, Turn, cockroach};
use privlink_sim::{CockroachClusterSpec, CockroachPlan, World};
use uuid::Uuid;

use super::Vendor;
use crate::common::pair::Pair;
use crate::{Cause, Staging, after, before, link_to};

#[derive(Debug)]
pub(crate) struct Cockroach;

pub(crate) const VENDOR: &dyn Vendor = &Cockroach;

impl Vendor for Cockroach {
    fn name(&self) -> &'static str {
        "CockroachDB Cloud"
    }

    fn prepare(&self, _: &World) {}

    fn link(&self, pair: &'static Pair, world: &World, cause: Cause) -> Link {
        let id = match cause {
            Cause::PlanTier => {
                let region = match pair.cloud() {
                    CloudProvider::Aws => world.aws().region(),
                    CloudProvider::Azure => world.azure().region(),
                    _ => world.gcp().region(),
                };
                let spec = CockroachClusterSpec::new("sandbox", pair.cloud(), region);
                world.cockroach().add_cluster(spec.plan(CockroachPlan::Basic))
            }
            _ => cluster(pair, world),
        };
        let client = cockroach::Client::over(world.transport())
            .clock(world.clock())
            .api_key(world.cockroach().api_key())
            .build()
            .unwrap();
        link_to(pair, world, cause, client.cluster(id.into()))
    }

    fn stage(&self, cause: Cause, cloud: CloudProvider) -> Option<Staging> {
        Some(match (cause, cloud) {
            (Cause::PendingAcceptance, _) => {
                after(|pair, world| set(pair, world, "PENDING_ACCEPTANCE"), "LACK-005", Turn::Vendor)
            }
            (Cause::NotListed, _) => after(disconnect, "LACK-004", Turn::You),
            (Cause::NotTrusted, CloudProvider::Aws) => before(
                |pair, world| {
                    world.cockroach().switch(|switches| switches.limited_access = true);
                    world.cockroach().trust(cluster(pair, world), "210987654321");
                },
                "CRDB-020",
                Turn::You,
            ),
            (Cause::NotTrusted, _) => Staging::Never("trusted owners are accounts of AWS alone"),
            (Cause::ZoneNotLinked, CloudProvider::Aws) => Staging::Never(
                "the endpoint's own private DNS has the name, and no zone of the network has a part in it",
            ),
            // The dead endpoint of ours holds on to the name that the new one is to have.
            (Cause::Closed, CloudProvider::Aws) => {
                after(|_, world| world.aws().expire_endpoint(&world.aws().endpoints()[0].id), "AWS-037", Turn::You)
            }
            (Cause::WrongKindListed, _) => {
                Staging::Never("the vendor looks each endpoint up in its cloud and refuses what is none there")
            }
            (Cause::OtherService, _) => {
                Staging::Never("a cluster keeps its endpoint service, or shares the region's, as long as it lives")
            }
            (Cause::ComponentOff, _) => Staging::Never("a cluster speaks SQL alone over private endpoints"),
            (Cause::Rejected, CloudProvider::Aws | CloudProvider::Azure) => {
                after(|pair, world| set(pair, world, "FAILED"), "CRDB-015", Turn::You)
            }
            (Cause::PlanTier, _) => before(|_, _| {}, "CRDB-006", Turn::You),
            (Cause::Stopped, _) => {
                after(|pair, world| world.cockroach().set_state(cluster(pair, world), "DELETED"), "CRDB-004", Turn::You)
            }
            _ => return None,
        })
    }
}

fn cluster(pair: &'static Pair, world: &World) -> Uuid {
    world.cockroach().cluster_in(pair.cloud())
}

fn disconnect(pair: &'static Pair, world: &World) {
    world.cockroach().disconnect(cluster(pair, world), &pair.endpoints(world)[0]);
}

fn set(pair: &'static Pair, world: &World, status: &str) {
    world.cockroach().set_connection_status(cluster(pair, world), &pair.endpoints(world)[0], Some(status));
}
