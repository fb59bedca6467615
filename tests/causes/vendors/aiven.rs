//! Aiven.

use std::time::Duration;

use privlink::core::CloudProvider;
use privlink::{Link, Turn, aiven};
use privlink_sim::{AivenServiceSpec, World};

use super::Vendor;
use crate::common::pair::Pair;
use crate::{Cause, Staging, after, before, link_to};

#[derive(Debug)]
pub(crate) struct Aiven;

pub(crate) const VENDOR: &dyn Vendor = &Aiven;

/// The name is the vendor's to publish.
const PUBLISHED: &str = "the vendor publishes the name, and no zone of the network has a part in it";

impl Vendor for Aiven {
    fn name(&self) -> &'static str {
        "Aiven"
    }

    fn prepare(&self, world: &World) {
        world.aiven().switch(|switches| {
            switches.creating = Duration::from_secs(6);
            switches.updating = Duration::ZERO;
            switches.refresh_lag = Duration::ZERO;
            switches.aws_connected = Duration::ZERO;
            switches.google_connected = false;
            switches.access_takes = Duration::ZERO;
            switches.azure_rebuild = Duration::ZERO;
        });
    }

    fn link(&self, pair: &'static Pair, world: &World, cause: Cause) -> Link {
        let service = match cause {
            Cause::PlanTier => {
                let region = match pair.cloud() {
                    CloudProvider::Aws => world.aws().region(),
                    CloudProvider::Azure => world.azure().region(),
                    _ => world.gcp().region(),
                };
                world.aiven().add_service(AivenServiceSpec::new("outside", "pg", pair.cloud(), region).without_vpc());
                "outside".to_owned()
            }
            _ => world.aiven().service_in(pair.cloud()),
        };
        let client =
            aiven::Client::over(world.transport()).clock(world.clock()).token(world.aiven().token()).build().unwrap();
        let database = client.project(world.aiven().project().parse().unwrap()).service(service.parse().unwrap());
        link_to(pair, world, cause, database)
    }

    fn stage(&self, cause: Cause, cloud: CloudProvider) -> Option<Staging> {
        Some(match (cause, cloud) {
            (Cause::PendingAcceptance, CloudProvider::Aws) => {
                Staging::Never("the vendor approves nothing on AWS: whoever is on the list is let in")
            }
            (Cause::PendingAcceptance, _) => after(
                |pair, world| world.aiven().set_connections_forgotten(&service(pair, world)),
                "LACK-004",
                Turn::You,
            ),
            (Cause::NotListed, CloudProvider::Gcp) => {
                Staging::Never("it has no list of projects: it approves each one")
            }
            (Cause::NotListed, _) => after(
                |pair, world| {
                    let other = match pair.cloud() {
                        CloudProvider::Aws => "arn:aws:iam::000000000000:role/other",
                        _ => "00000000-0000-4000-8000-00000000abcd",
                    };
                    world.aiven().set_allowed(&service(pair, world), [other]);
                },
                "AIVEN-024",
                Turn::You,
            ),
            (Cause::WrongKindListed, CloudProvider::Gcp) => Staging::Never("it has no list of projects"),
            (Cause::WrongKindListed, _) => after(
                |pair, world| {
                    let wrong = match pair.cloud() {
                        CloudProvider::Aws => world.aws().account().to_string(),
                        _ => world.azure().tenant().to_string(),
                    };
                    world.aiven().set_allowed(&service(pair, world), [wrong]);
                },
                "AIVEN-024",
                Turn::You,
            ),
            (Cause::NotTrusted, _) => Staging::Never("whom it lets in is one list"),
            (Cause::OtherService, _) => {
                Staging::Never("a service has one privatelink; a new one takes the old one's endpoints with it")
            }
            (Cause::NetworkDnsOff, CloudProvider::Azure) => {
                Staging::Never("the name is public, so that whatever servers the network asks find it")
            }
            (Cause::PrivateDnsOff | Cause::ZoneNotLinked, _) => Staging::Never(PUBLISHED),
            (Cause::ComponentOff, _) => after(
                |pair, world| {
                    let service = service(pair, world);
                    for component in world.aiven().switched_on(&service) {
                        world.aiven().set_access(&service, &component, false);
                    }
                },
                "AIVEN-023",
                Turn::You,
            ),
            (Cause::PlanTier, _) => before(|_, _| {}, "AIVEN-005", Turn::You),
            (Cause::Stopped, _) => {
                after(|pair, world| world.aiven().set_state(&service(pair, world), "POWEROFF"), "AIVEN-004", Turn::You)
            }
            _ => return None,
        })
    }
}

fn service(pair: &'static Pair, world: &World) -> String {
    world.aiven().service_in(pair.cloud())
}
