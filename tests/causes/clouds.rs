//! What can be wrong at each cloud, whatever the vendor.

use privlink::Turn;
use privlink::core::{CloudProvider, DnsName, PrivateEndpointId};
use privlink_sim::{AzureRule, PscStatus, World};

use crate::common::pair::Pair;
use crate::{Cause, Staging, after, before};

/// How a cause comes about at a cloud.
pub(crate) fn stage(cause: Cause, cloud: CloudProvider) -> Staging {
    match cloud {
        CloudProvider::Aws => aws(cause),
        CloudProvider::Azure => azure(cause),
        _ => gcp(cause),
    }
}

fn aws(cause: Cause) -> Staging {
    match cause {
        Cause::PrivateDnsOff => {
            after(|_, world| world.aws().set_private_dns(&world.aws().endpoints()[0].id, false), "LACK-009", Turn::You)
        }
        Cause::NetworkDnsOff => {
            after(|_, world| world.aws().set_dns(&world.aws().vpc_id(), false, true), "AWS-030", Turn::You)
        }
        // Route 53 takes the last network off no private zone: it is another one that has the name.
        Cause::ZoneNotLinked => after(
            |_, world| {
                let other =
                    world.aws().add_vpc(&world.aws().account(), &world.aws().region(), "10.9.0.0/16".parse().unwrap());
                for (zone, name) in zones(world, "aws", "hosted_zones") {
                    let zone = zone.parse().unwrap();
                    world.aws().delete_zone(&zone);
                    world.aws().make_zone(&name, std::slice::from_ref(&other));
                }
            },
            "LACK-009",
            Turn::You,
        ),
        Cause::GroupClosed => after(
            |_, world| {
                let endpoint = world.aws().endpoints()[0].id.to_string();
                let groups = world.snapshot()["aws"]["endpoints"][endpoint]["groups"].clone();
                for group in groups.as_array().unwrap() {
                    world.aws().close_inbound(&group.as_str().unwrap().parse().unwrap());
                }
            },
            "LACK-008",
            Turn::You,
        ),
        Cause::ClientsKeptIn => after(|pair, world| pair.keep_clients_in(world), "AWS-050", Turn::You),
        Cause::Rejected => {
            after(|_, world| world.aws().reject_endpoint(&world.aws().endpoints()[0].id), "AWS-015", Turn::You)
        }
        Cause::Closed => {
            after(|_, world| world.aws().expire_endpoint(&world.aws().endpoints()[0].id), "AWS-015", Turn::You)
        }
        Cause::ZonesDoNotMeet => before(
            |_, world| {
                for subnet in world.aws().subnet_ids() {
                    world.aws().set_zone(&subnet, &"use1-az6".parse().unwrap());
                }
            },
            "AWS-007",
            Turn::You,
        ),
        other => panic!("{other:?} is the vendor's"),
    }
}

fn azure(cause: Cause) -> Staging {
    match cause {
        Cause::PrivateDnsOff => Staging::Never("an endpoint to a vendor's service answers no names itself"),
        // The network's DNS is switched over as a whole.
        Cause::NetworkDnsOff => after(
            |_, world| world.azure().set_dns_servers(&world.azure().vnet_id(), vec!["10.0.0.53".parse().unwrap()]),
            "AZURE-030",
            Turn::You,
        ),
        Cause::ZoneNotLinked => after(
            |_, world| {
                for (zone, _) in zones(world, "azure", "privateDnsZones") {
                    world.azure().unlink_zone(&zone.parse().unwrap(), &world.azure().vnet_id());
                }
            },
            "LACK-009",
            Turn::You,
        ),
        Cause::GroupClosed => after(
            |_, world| {
                let azure = world.azure();
                azure.set_network_policies(&azure.subnet_id(), true);
                let group = azure.add_security_group("shut", &azure.subnet_id());
                azure.add_rule(&group, AzureRule::deny_in("nothing-in", 100));
            },
            "AZURE-008",
            Turn::You,
        ),
        Cause::ZonesDoNotMeet => Staging::Never("endpoints are of a region, and lie in no zone"),
        Cause::ClientsKeptIn => after(|pair, world| pair.keep_clients_in(world), "AZURE-018", Turn::You),
        Cause::Rejected => after(
            |_, world| world.azure().reject_endpoint(&world.azure().endpoints()[0].id, "not ours"),
            "AZURE-010",
            Turn::You,
        ),
        Cause::Closed => after(
            |_, world| world.azure().disconnect_endpoint(&world.azure().endpoints()[0].id),
            "AZURE-010",
            Turn::You,
        ),
        other => panic!("{other:?} is the vendor's"),
    }
}

fn gcp(cause: Cause) -> Staging {
    match cause {
        Cause::PrivateDnsOff => Staging::Never("an endpoint to a vendor's service answers no names itself"),
        Cause::NetworkDnsOff => Staging::Never("a network's DNS cannot be switched off"),
        Cause::ZoneNotLinked => after(
            |_, world| {
                let other = world.gcp().add_network(&world.gcp().project(), "other");
                for (zone, name) in zones(world, "gcp", "managed_zones") {
                    let zone = zone.rsplit('/').next().unwrap().to_owned();
                    world.gcp().delete_zone(&zone);
                    world.gcp().make_zone(&zone, &name, &[&other]);
                }
            },
            "LACK-009",
            Turn::You,
        ),
        Cause::GroupClosed => after(
            |pair, world| {
                for endpoint in world.gcp().endpoints() {
                    pair.shut(world, endpoint.address);
                }
            },
            "GCP-007",
            Turn::You,
        ),
        Cause::ZonesDoNotMeet => Staging::Never("endpoints are of a region, and lie in no zone"),
        Cause::ClientsKeptIn => after(|pair, world| pair.keep_clients_in(world), "GCP-009", Turn::You),
        Cause::Rejected => after(|pair, world| set(pair, world, PscStatus::Rejected), "GCP-014", Turn::Vendor),
        Cause::Closed => after(|pair, world| set(pair, world, PscStatus::Closed), "GCP-013", Turn::You),
        other => panic!("{other:?} is the vendor's"),
    }
}

fn set(pair: &'static Pair, world: &World, status: PscStatus) {
    let PrivateEndpointId::Gcp(connection) = pair.endpoints(world)[0].clone() else { panic!("of another cloud") };
    world.gcp().set_status(connection, status);
}

/// The private zones of a cloud, by what its snapshot calls them, and their names.
fn zones(world: &World, cloud: &str, kind: &str) -> Vec<(String, DnsName)> {
    let snapshot = world.snapshot();
    let zones = snapshot[cloud][kind].as_object().unwrap_or_else(|| panic!("{}", snapshot[cloud]));
    let named = |(id, zone): (&String, &serde_json::Value)| {
        // An Azure zone is named by its id alone.
        let name = ["name", "dnsName"].iter().find_map(|field| zone[*field].as_str());
        let name = name.or_else(|| id.rsplit('/').next()).unwrap();
        (id.clone(), name.trim_end_matches('.').parse().unwrap())
    };
    zones.iter().map(named).collect()
}
