//! Every finding of this side, with its stable code. TROUBLESHOOTING.md explains each.

use std::fmt::Display;
use std::net::IpAddr;

use privlink_core::side::{Fact, Naming};
use privlink_core::{
    AzurePrivateEndpointId, DnsName, EndpointServiceId, Error, Finding, Region, ResourceGuid, Severity, Text, Turn,
};

use crate::ids::{NetworkSecurityGroupId, PrivateDnsZoneId, SubnetId, VirtualNetworkId};
use crate::model::{PrivateEndpoint, RecordSet, Shut};
use crate::problem::Problem;

fn joined<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

pub(super) fn no_network(network: &VirtualNetworkId) -> Finding {
    Finding::new(
        "AZURE-001",
        Severity::Blocks,
        format!("there is no virtual network {}", network.name()),
        "check the network's id, and that the credentials may read it: what they may not see does not exist for them",
    )
    .evidence(format!("{network} is not found"))
}

pub(super) fn no_group(group: &str) -> Finding {
    Finding::new(
        "AZURE-001",
        Severity::Blocks,
        format!("there is no resource group {group} for the endpoint and the zone"),
        "make the group, or give another one",
    )
    .evidence("listing its private endpoints says that it is not found")
}

pub(super) fn other_region(service: &EndpointServiceId, theirs: &Region, ours: &Region) -> Finding {
    Finding::new(
        "AZURE-002",
        Severity::Blocks,
        format!(
            "the endpoint service is in {theirs}, the network in {ours}, and the vendor lets endpoints of its own \
             region in alone"
        ),
        "use a network in the service's region, or a database service that takes endpoints of any region",
    )
    .evidence(format!("endpoint service {service}"))
}

pub(super) fn other_cloud(service: &EndpointServiceId, theirs: &Region, ours: &Region) -> Finding {
    Finding::new(
        "AZURE-002",
        Severity::Blocks,
        "the endpoint service is in another of Azure's clouds, which no link crosses",
        "use a network in the service's cloud",
    )
    .evidence(format!("endpoint service {service} in {theirs}, network in {ours}"))
}

pub(super) fn cross_region(theirs: &Region, ours: &Region) -> Finding {
    Finding::new(
        "AZURE-003",
        Severity::Info,
        format!("the endpoint in {ours} leads to a service in {theirs}: traffic between regions is charged"),
        "nothing; the endpoint lives in its network's region and the service in another",
    )
}

pub(super) fn wrong_location(asked: &Region, network: &Region) -> Finding {
    Finding::new(
        "AZURE-004",
        Severity::Blocks,
        format!("an endpoint lives in its network's region, {network}, and not in {asked}"),
        "leave the location out, or use a network in the wanted region; a service in another region is no reason",
    )
}

pub(super) fn unknown_location(network: &VirtualNetworkId) -> Finding {
    Finding::new(
        "AZURE-004",
        Severity::Blocks,
        "Azure does not say in which region the network is",
        "give the network's location",
    )
    .evidence(network.to_string())
}

pub(super) fn subnet_not_there(subnet: &SubnetId) -> Finding {
    Finding::new(
        "AZURE-005",
        Severity::Blocks,
        format!("the subnet {} is not in the network", subnet.name()),
        "give a subnet of this network",
    )
    .evidence(format!("{subnet} is not among the network's subnets"))
}

pub(super) fn subnet_needed(candidates: &[String]) -> Finding {
    let finding = Finding::new(
        "AZURE-006",
        Severity::Blocks,
        "no subnet was given for the endpoint, and there is not exactly one that it could be",
        "give the subnet that the endpoint takes its address from",
    );
    match candidates {
        [] => finding.evidence("the network has no subnet that is free for endpoints"),
        some => finding.evidence(format!("there are {}", joined(some))),
    }
}

pub(super) fn subnet_chosen(subnet: &SubnetId) -> Finding {
    Finding::new(
        "AZURE-006",
        Severity::Info,
        format!("no subnet was given, so the only one there is was chosen: {}", subnet.name()),
        "give a subnet to choose yourself",
    )
}

pub(super) fn subnet_busy(subnet: &SubnetId, state: &str) -> Finding {
    Finding::new(
        "AZURE-007",
        Severity::Warning,
        format!(
            "the subnet {} is being changed by somebody; Azure refuses endpoints until that is over",
            subnet.name()
        ),
        "nothing if the change ends soon; the endpoint waits for it",
    )
    .turn(Turn::Cloud)
    .evidence(format!("its provisioning state is {state}"))
}

pub(super) fn rules_shut(group: &NetworkSecurityGroupId, port: u16) -> Finding {
    Finding::new(
        "AZURE-008",
        Severity::Warning,
        format!("the network security group {} keeps clients from port {port} of the endpoint", group.name()),
        "let the clients' ranges reach the database's ports, or switch the subnet's policies for private endpoints off",
    )
    .about(Fact::Opened)
    .evidence("the subnet's privateEndpointNetworkPolicies make rules bind private endpoints")
}

/// The clients' own group does not let them out.
pub(super) fn clients_kept_in(group: &NetworkSecurityGroupId, address: IpAddr, shut: &[Shut]) -> Finding {
    let finding = Finding::new(
        "AZURE-018",
        Severity::Warning,
        format!("the clients' own network security group {} does not let them out to the endpoint", group.name()),
        "let the clients' subnet reach the endpoint's address on the database's ports, with a smaller priority number",
    )
    .about(Fact::Opened);
    shut.iter().fold(finding, |finding, shut| {
        finding.evidence(format!("{} of {group} stops tcp {} to {address}", shut.rule, shut.port))
    })
}

pub(super) fn clients_unread(what: &str, why: &str) -> Finding {
    Finding::new(
        "AZURE-019",
        Severity::Info,
        "whether the clients' own rules let them reach the endpoint could not be read; it is unknown",
        "grant Microsoft.Network/networkSecurityGroups/read and virtualNetworks/subnets/read where the clients are, or \
         check the rules yourself",
    )
    .about(Fact::Opened)
    .evidence(format!("{what}: {why}"))
}

pub(super) fn foreign_endpoint(endpoint: &PrivateEndpoint) -> Finding {
    Finding::new(
        "AZURE-009",
        Severity::Info,
        "an endpoint of somebody else to the same service is in the network; it is left alone and another one is made",
        format!("to use it instead, adopt {}", endpoint.id),
    )
    .evidence(match endpoint.connection() {
        Some(connection) => format!("{} is {connection}", endpoint.id),
        None => endpoint.id.to_string(),
    })
}

pub(super) fn dead_endpoint(endpoint: &PrivateEndpoint) -> Finding {
    Finding::new(
        "AZURE-010",
        Severity::Warning,
        "the connection of an earlier endpoint of ours is dead and cannot be revived; a new endpoint is made",
        "apply the link's plan, which makes a new one; if it dies too, let the vendor say why. The old one goes with the \
         link's removal",
    )
    .about(Fact::Endpoint)
    .evidence(said(endpoint))
}

pub(super) fn two_endpoints(used: &AzurePrivateEndpointId, others: &[AzurePrivateEndpointId]) -> Finding {
    Finding::new(
        "AZURE-011",
        Severity::Warning,
        format!("several endpoints of ours lead to the same service; {} is used", used.resource().name()),
        "remove the link and set it up again, or delete the others by hand once nobody lists them",
    )
    .evidence(joined(others))
}

pub(super) fn endpoint_differs(endpoint: &PrivateEndpoint, wanted: &SubnetId) -> Finding {
    Finding::new(
        "AZURE-012",
        Severity::Warning,
        format!(
            "the endpoint {} is in another subnet than asked for; it is used as it is",
            endpoint.id.resource().name()
        ),
        "an endpoint's subnet never changes: remove the link and set it up again",
    )
    .evidence(format!("asked for: {wanted}"))
}

pub(super) fn name_taken(id: &AzurePrivateEndpointId) -> Finding {
    Finding::new(
        "AZURE-013",
        Severity::Blocks,
        format!("a private endpoint named {} exists and is not what is asked for", id.resource().name()),
        "delete it after checking who uses it, or adopt it if it leads to this service",
    )
    .evidence(format!("{id} does not carry our mark, or leads elsewhere"))
}

/// Why an endpoint will not become usable.
pub(super) fn endpoint_dead(endpoint: &PrivateEndpoint) -> Finding {
    Finding::new(
        "AZURE-014",
        Severity::Blocks,
        "the owner of the service refused the endpoint's connection, or removed it",
        "mend the vendor's side, then plan again: a new endpoint is made, since this one cannot be revived",
    )
    .about(Fact::Connected)
    .turn(Turn::Vendor)
    .evidence(said(endpoint))
}

fn said(endpoint: &PrivateEndpoint) -> String {
    match endpoint.connection() {
        Some(connection) => format!("{} is {connection}", endpoint.id),
        None => format!("{} has no connection", endpoint.id),
    }
}

pub(super) fn endpoint_gone(what: &str) -> Finding {
    Finding::new("AZURE-015", Severity::Blocks, format!("{what} is gone"), "plan again; a new one is made")
        .evidence("it was there, or was to be there, when the plan was made")
}

/// The same id, and another endpoint.
pub(super) fn endpoint_remade(endpoint: &PrivateEndpoint, known: ResourceGuid) -> Finding {
    let name = endpoint.id.resource().name();
    let now = endpoint.guid.map_or_else(|| "none".to_owned(), |guid| guid.to_string());
    Finding::new(
        "AZURE-017",
        Severity::Blocks,
        format!("the endpoint {name} was made anew under the same id"),
        "plan again: its address and its connection are others",
    )
    .evidence(format!("known: {known}; now: {now}"))
}

/// Why Azure refused to make or change something.
pub(super) fn refused(error: &Error) -> Finding {
    let (summary, turn) = match Problem::of(error) {
        Problem::ServiceNotVisible => {
            ("the endpoint service does not exist, or its owner has not shown it to this subscription", Turn::Vendor)
        }
        Problem::ServiceIdRefused => ("Azure does not accept the id of the endpoint service", Turn::Vendor),
        Problem::SubnetNotAllowed => ("the credentials may not use the subnet or the network", Turn::You),
        Problem::NotAllowed => ("the credentials may not do this", Turn::You),
        Problem::Policy => ("a policy or a lock of the organization forbids it", Turn::Approver),
        Problem::ProviderNotRegistered => ("the subscription is not registered for Microsoft.Network", Turn::You),
        Problem::Limit => ("a quota of the subscription is used up, or the subnet is full", Turn::You),
        _ => ("Azure refused", Turn::You),
    };
    Finding::new("AZURE-016", Severity::Blocks, summary, error.help().to_owned()).turn(turn).evidence(error.to_string())
}

/// Whether a failed write is worth a finding rather than an error.
pub(super) fn is_refusal(error: &Error) -> bool {
    matches!(
        Problem::of(error),
        Problem::ServiceNotVisible
            | Problem::ServiceIdRefused
            | Problem::SubnetNotAllowed
            | Problem::NotAllowed
            | Problem::Policy
            | Problem::ProviderNotRegistered
            | Problem::Limit
            | Problem::Malformed
    )
}

pub(super) fn own_resolvers(network: &VirtualNetworkId, servers: &[String]) -> Finding {
    Finding::new(
        "AZURE-030",
        Severity::Warning,
        "the network asks DNS servers of its own, which see private zones only if they forward to Azure",
        "have them forward the name to 168.63.129.16, from a network that the zone is linked to",
    )
    .about(Fact::Resolving)
    .evidence(format!("{} asks {}", network.name(), joined(servers)))
}

pub(super) fn zone_of_somebody(zone: &PrivateDnsZoneId) -> Finding {
    Finding::new(
        "AZURE-031",
        Severity::Blocks,
        format!("a private zone {} that is not ours is in the resource group already", zone.name()),
        "choose: write into it by giving it as the zone; or another resource group; or print the records and write them \
         yourself",
    ).about(Fact::Resolving)
    .evidence(format!("{zone} does not carry our mark for this network"))
}

pub(super) fn linked_elsewhere(zone: &PrivateDnsZoneId, seen: impl Into<Text>) -> Finding {
    Finding::new(
        "AZURE-032",
        Severity::Blocks,
        format!("the network cannot be linked to the zone {}: it sees another zone of this name", zone.name()),
        "find that zone, in a hub subscription as a rule, and give it as the zone to write into",
    )
    .about(Fact::Resolving)
    .evidence(seen)
}

pub(super) fn wider_zone(zone: &PrivateDnsZoneId, host: &DnsName) -> Finding {
    Finding::new(
        "AZURE-033",
        Severity::Info,
        format!("the network also sees the wider zone {}; for {host} alone the narrower zone wins", zone.name()),
        "nothing; other names of the wider zone stay as they are",
    )
    .evidence(zone.to_string())
}

pub(super) fn shadows(zone: &DnsName) -> Finding {
    Finding::new(
        "AZURE-034",
        Severity::Warning,
        format!("a new zone {zone} hides every other public name below it from the network"),
        "use a zone for the exact host, which hides nothing, unless all databases below it are linked here",
    )
    .about(Fact::Resolving)
}

pub(super) fn record_of_somebody(zone: &PrivateDnsZoneId, existing: &RecordSet, wanted: &str) -> Finding {
    Finding::new(
        "AZURE-035",
        Severity::Blocks,
        format!("a record {} of zone {} that is not ours is there and says something else", existing.name, zone.name()),
        "remove it after checking who uses it, or use another zone",
    )
    .about(Fact::Resolving)
    .evidence(format!("found: {existing}"))
    .evidence(format!("wanted: {wanted}"))
}

pub(super) fn zone_given_unfit(zone: &PrivateDnsZoneId, why: &str) -> Finding {
    Finding::new(
        "AZURE-036",
        Severity::Blocks,
        format!("the given zone {} cannot hold the record: {why}", zone.name()),
        "give a private zone that covers the host, or none",
    )
    .about(Fact::Resolving)
    .evidence(zone.to_string())
}

pub(super) fn naming_not_here(naming: Naming) -> Finding {
    Finding::new(
        "AZURE-037",
        Severity::Blocks,
        format!("Azure has no naming mode `{naming}`: an endpoint to a vendor's service answers no names itself"),
        "use a zone of your own for the exact host, or print the records",
    )
    .about(Fact::Resolving)
}

pub(super) fn naming_not_listed(naming: Naming) -> Finding {
    Finding::new(
        "AZURE-038",
        Severity::Warning,
        format!("the vendor does not list the naming mode `{naming}` among those that work"),
        "leave the mode out, so that the vendor's first choice is used",
    )
}

pub(super) fn records_to_write(lines: &[String]) -> Finding {
    let finding = Finding::new(
        "AZURE-039",
        Severity::Info,
        "the records are yours to write",
        "write them where the clients' resolver finds them",
    )
    .about(Fact::Resolving);
    lines.iter().fold(finding, |finding, line| finding.evidence(line.clone()))
}

pub(super) fn other_networks_need_zone() -> Finding {
    Finding::new(
        "AZURE-040",
        Severity::Warning,
        "names are to resolve in further networks, which only a zone can do",
        "use a zone, or set up a resolver in those networks",
    )
}

pub(super) fn zone_link_there(zone: &PrivateDnsZoneId) -> Finding {
    Finding::new(
        "AZURE-041",
        Severity::Info,
        format!("the given zone {} is not linked to the network; a link is made, and goes with this one", zone.name()),
        "nothing, if this network is to see the whole zone; else print the records",
    )
    .evidence(zone.to_string())
}

pub(super) fn record_changed(name: &str, found: &str) -> Finding {
    not_as_planned(format!("the record {name} says something else than when the plan was made"))
        .evidence(format!("found: {found}"))
}

pub(super) fn zone_not_empty(zone: &PrivateDnsZoneId, left: &str) -> Finding {
    not_as_planned(format!("the zone {} holds other records or links now", zone.name())).evidence(left.to_owned())
}

pub(super) fn not_ours(what: &str) -> Finding {
    not_as_planned(format!("{what} does not carry our mark any more"))
}

fn not_as_planned(summary: String) -> Finding {
    Finding::new("AZURE-045", Severity::Blocks, summary, "plan the removal again; what is not ours stays")
}

pub(super) fn used_by_others(name: &str, users: &[String]) -> Finding {
    Finding::new(
        "AZURE-046",
        Severity::Blocks,
        format!("{name} carries the mark of others who use it by now, so it stays"),
        "plan the removal again; it keeps what others use",
    )
    .evidence(format!("used by {}", users.join(", ")))
}
