//! Zilliz Cloud.

use privlink::core::CloudProvider;
use privlink::{Link, Turn, zilliz};
use privlink_sim::{World, ZillizClusterSpec, ZillizDeployment};

use super::Vendor;
use crate::common::pair::Pair;
use crate::{Cause, Staging, after, before, link_to};

#[derive(Debug)]
pub(crate) struct Zilliz;

pub(crate) const VENDOR: &dyn Vendor = &Zilliz;

impl Vendor for Zilliz {
    fn name(&self) -> &'static str {
        "Zilliz Cloud"
    }

    fn prepare(&self, _: &World) {}

    fn link(&self, pair: &'static Pair, world: &World, cause: Cause) -> Link {
        let handle = world.zilliz();
        let project = match cause {
            Cause::PlanTier => {
                let region = match pair.cloud() {
                    CloudProvider::Aws => world.aws().region(),
                    CloudProvider::Azure => world.azure().region(),
                    _ => world.gcp().region(),
                };
                let project = handle.add_project("sandbox");
                let spec = ZillizClusterSpec::new("sandbox", pair.cloud(), region).project(project.clone());
                handle.add_cluster(spec.deployment(ZillizDeployment::Serverless));
                project
            }
            _ => handle.project_id(),
        };
        let key = if cause == Cause::PlanTier { handle.add_key() } else { handle.api_key() };
        let client = zilliz::Client::over(world.transport()).clock(world.clock()).api_key(key).build().unwrap();
        let region = handle.region_in(pair.cloud()).parse().unwrap();
        link_to(pair, world, cause, client.project(project.parse().unwrap()).region(region))
    }

    fn stage(&self, cause: Cause, _: CloudProvider) -> Option<Staging> {
        Some(match cause {
            Cause::PendingAcceptance => after(|_, world| set(world, "pendingAcceptance"), "LACK-005", Turn::Vendor),
            Cause::NotListed => after(
                |_, world| {
                    let project = world.zilliz().project_id();
                    for endpoint in world.zilliz().registered(&project) {
                        world.zilliz().deregister(&project, &endpoint);
                    }
                },
                "LACK-004",
                Turn::You,
            ),
            Cause::WrongKindListed => {
                Staging::Never("the vendor looks each endpoint up in its cloud and takes no other")
            }
            Cause::NotTrusted => Staging::Never("what says whom it trusts nobody can read"),
            Cause::OtherService => Staging::Never("a region has one endpoint service, for all projects"),
            Cause::PrivateDnsOff => {
                Staging::Never("its names are of clusters, so that endpoints never answer them themselves")
            }
            Cause::ComponentOff => Staging::Never("a cluster speaks one protocol on one port"),
            Cause::Rejected => after(|_, world| set(world, "rejected"), "ZILLIZ-012", Turn::You),
            Cause::PlanTier => before(|_, _| {}, "ZILLIZ-006", Turn::You),
            Cause::Stopped => after(
                |_, world| {
                    for cluster in world.zilliz().cluster_ids() {
                        world.zilliz().set_status(&cluster, "STOPPED");
                    }
                },
                "ZILLIZ-008",
                Turn::You,
            ),
            _ => return None,
        })
    }
}

fn set(world: &World, status: &str) {
    let project = world.zilliz().project_id();
    for endpoint in world.zilliz().registered(&project) {
        world.zilliz().set_endpoint_status(&project, &endpoint, Some(status));
    }
}
