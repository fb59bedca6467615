//! ClickHouse Cloud.

use privlink::core::CloudProvider;
use privlink::core::side::Naming;
use privlink::{EndpointServiceId, Link, Turn};
use privlink_sim::{CellSpec, GcpAcceptance, Permission, ServiceSpec, Tier, World};

use super::Vendor;
use crate::common::pair::Pair;
use crate::common::vendor;
use crate::{Cause, Staging, after, before, link_to};

#[derive(Debug)]
pub(crate) struct ClickHouse;

pub(crate) const VENDOR: &dyn Vendor = &ClickHouse;

/// Where endpoints have to be accepted by hand, and nobody has a plan for it.
const BY_HAND: &str = "accepted-by-hand";

impl Vendor for ClickHouse {
    fn name(&self) -> &'static str {
        "ClickHouse Cloud"
    }

    fn prepare(&self, _: &World) {}

    fn link(&self, pair: &'static Pair, world: &World, cause: Cause) -> Link {
        let service = match (cause, pair.cloud()) {
            (Cause::PendingAcceptance, CloudProvider::Aws) => {
                let region = world.aws().region();
                let cell = CellSpec::new(BY_HAND, CloudProvider::Aws, region.clone()).acceptance_required();
                let cell = cell.zones(["use1-az1", "use1-az2"].map(|zone| zone.parse().unwrap()));
                world.clickhouse().add_cell(cell);
                let spec = ServiceSpec::new("waiting", CloudProvider::Aws, region).cell(BY_HAND);
                world.clickhouse().add_service(spec)
            }
            _ => pair.database(world, 0),
        };
        match cause {
            Cause::PrivateDnsOff => {
                pair.named(world, "orders-prod", 0, Some(Naming::EndpointPrivateDns)).build().unwrap()
            }
            _ => link_to(pair, world, cause, vendor(world).service(service.into())),
        }
    }

    fn stage(&self, cause: Cause, cloud: CloudProvider) -> Option<Staging> {
        Some(match (cause, cloud) {
            // The world has it so from the start.
            (Cause::PendingAcceptance, CloudProvider::Aws) => before(|_, _| {}, "LACK-006", Turn::Vendor),
            // Azure shows the endpoint pending until the service lists it, which this key may not do.
            (Cause::PendingAcceptance, CloudProvider::Azure) => before(
                |_, world| {
                    let vendor = world.clickhouse();
                    let view = [Permission::ServiceView, Permission::ServiceViewPrivateEndpoints];
                    vendor.set_key_permissions(&vendor.key_id(), view);
                },
                "LACK-005",
                Turn::You,
            ),
            (Cause::PendingAcceptance, _) => before(
                |pair, world| {
                    let service = world.clickhouse().endpoint_service(pair.database(world, 0)).unwrap();
                    let EndpointServiceId::Gcp(attachment) = service else { panic!("{service}") };
                    world.gcp().set_acceptance(&attachment, Some(GcpAcceptance::Manual));
                },
                "LACK-006",
                Turn::Vendor,
            ),
            (Cause::NotListed, _) => after(detach, "LACK-005", Turn::You),
            (Cause::WrongKindListed, _) => after(
                |pair, world| {
                    detach(pair, world);
                    let (database, cloud) = (pair.database(world, 0), pair.cloud());
                    let wrong = match cloud {
                        CloudProvider::Aws => "vpce-svc-0a1b2c3d4e5f67890",
                        CloudProvider::Azure => {
                            "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/example/providers/\
                             Microsoft.Network/networkInterfaces/example"
                        }
                        _ => "projects/example-project/regions/us-central1/forwardingRules/example",
                    };
                    world.clickhouse().attach_text(database, wrong);
                },
                "CH-006",
                Turn::You,
            ),
            (Cause::NotTrusted, _) => Staging::Never("it lists endpoints, whoever owns them"),
            (Cause::OtherService, _) => after(
                |pair, world| {
                    let region = world.clickhouse().private_host(pair.database(world, 0)).unwrap();
                    let region = region.name().as_str().split('.').nth(1).unwrap().parse().unwrap();
                    world.clickhouse().add_cell(CellSpec::new("elsewhere", pair.cloud(), region));
                    world.clickhouse().move_to_cell(pair.database(world, 0), "elsewhere");
                },
                "LACK-003",
                Turn::You,
            ),
            (Cause::ComponentOff, _) => Staging::Never(
                "its interfaces are on for all networks alike; a MySQL interface that is off is not proved",
            ),
            (Cause::PlanTier, _) => after(
                |_, world| world.clickhouse().set_tier(world.clickhouse().organization_id(), Tier::Basic),
                "CH-003",
                Turn::You,
            ),
            (Cause::Stopped, _) => after(
                |pair, world| world.clickhouse().set_state(pair.database(world, 0), "stopped"),
                "CH-005",
                Turn::You,
            ),
            _ => return None,
        })
    }
}

fn detach(pair: &'static Pair, world: &World) {
    world.clickhouse().detach(pair.database(world, 0), &pair.endpoints(world)[0]);
}
