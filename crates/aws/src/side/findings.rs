//! Every finding of this side, with its stable code. TROUBLESHOOTING.md explains each.

use std::collections::BTreeSet;
use std::fmt::Display;

use privlink_core::side::Naming;
use privlink_core::{
    DnsName, Error, Finding, HostedZoneId, Region, SecurityGroupId, Severity, SubnetId, Turn, VpcEndpointId, VpcId,
    ZoneId,
};

use crate::model::{HostedZoneSummary, IpPermission, RecordSet, VpcEndpoint};
use crate::problem::Problem;

fn joined<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

pub(super) fn no_vpc(vpc: &VpcId, region: &Region) -> Finding {
    Finding::new(
        "AWS-001",
        Severity::Blocks,
        format!("there is no VPC {vpc} in {region}"),
        "check the VPC's id, the region of the client and the account of its credentials",
    )
    .evidence("DescribeVpcs does not find it")
}

pub(super) fn other_region(service: &str, theirs: &Region, ours: &Region) -> Finding {
    Finding::new(
        "AWS-002",
        Severity::Blocks,
        format!(
            "the endpoint service is in {theirs}, the network in {ours}, and it is reached from its own region only"
        ),
        "use a network in the service's region, or a database service whose region allows cross-region endpoints",
    )
    .evidence(format!("endpoint service {service}"))
}

pub(super) fn other_partition(service: &str, ours: &str) -> Finding {
    Finding::new(
        "AWS-002",
        Severity::Blocks,
        "the endpoint service is in another partition of AWS, which no link crosses",
        "use a network in the service's partition",
    )
    .evidence(format!("endpoint service {service}, network in partition {ours}"))
}

pub(super) fn cross_region(theirs: &Region, ours: &Region) -> Finding {
    Finding::new(
        "AWS-003",
        Severity::Info,
        format!("the endpoint in {ours} points at a service in {theirs}: traffic between regions is charged"),
        "allow vpce:AllowMultiRegion to the caller; both regions must be enabled in the account",
    )
}

pub(super) fn service_not_visible(service: &str, cross_region: bool) -> Finding {
    let finding = Finding::new(
        "AWS-004",
        Severity::Blocks,
        "the endpoint service cannot be seen from this account and region",
        "check in this order: the name for a typo; the region; for a service of another region that the vendor \
         supports this one and the caller has vpce:AllowMultiRegion; that the vendor has allowed this account or \
         principal; that the vendor's service is ready",
    )
    .evidence(format!("{service} is not visible (InvalidServiceName)"));
    if cross_region { finding.evidence("it was asked for with its own region") } else { finding }
}

pub(super) fn subnet_not_in_vpc(subnet: &SubnetId) -> Finding {
    Finding::new(
        "AWS-005",
        Severity::Blocks,
        format!("the subnet {subnet} is not in the VPC"),
        "give subnets of this VPC",
    )
    .evidence("DescribeSubnets of the VPC does not list it")
}

pub(super) fn two_subnets_in_a_zone(zone: &ZoneId, subnets: &[&SubnetId]) -> Finding {
    Finding::new(
        "AWS-006",
        Severity::Blocks,
        format!("an endpoint takes one subnet a zone, and these share {zone}"),
        "leave one of them out",
    )
    .evidence(format!("in {zone}: {}", joined(subnets)))
}

pub(super) fn zones_not_offered(
    outside: &[(&SubnetId, &ZoneId)],
    zones: Option<&BTreeSet<ZoneId>>,
    none_left: bool,
) -> Finding {
    let (severity, summary) = if none_left {
        (Severity::Blocks, "the endpoint service is in none of the zones of the subnets")
    } else {
        (Severity::Warning, "subnets in zones where the endpoint service is not are left out")
    };
    let evidence = outside.iter().map(|(subnet, zone)| format!("{subnet} is in {zone}"));
    Finding::new("AWS-007", severity, summary, "give subnets in zones of the service")
        .evidence(joined(evidence))
        .evidence(format!("the service is in {}", joined(zones.into_iter().flatten())))
}

pub(super) fn zones_not_covered(missing: &[&ZoneId], covered: usize) -> Finding {
    let severity = if covered > 1 { Severity::Info } else { Severity::Warning };
    Finding::new(
        "AWS-008",
        severity,
        match covered {
            1 => "the endpoint is in a single zone: it stops when that zone does".to_owned(),
            _ => format!("the endpoint is in {covered} zones; the service is in more"),
        },
        "add a subnet in another zone of the service; each zone is charged by the hour",
    )
    .evidence(format!("no subnet in {}", joined(missing)))
}

pub(super) fn subnet_full(subnet: &SubnetId) -> Finding {
    Finding::new(
        "AWS-009",
        Severity::Blocks,
        format!("the subnet {subnet} has no free address for the endpoint's interface"),
        "free an address in it, or give another subnet of its zone",
    )
}

pub(super) fn subnets_chosen(subnets: &[SubnetId]) -> Finding {
    Finding::new(
        "AWS-010",
        Severity::Info,
        "no subnets were given, so one in each zone of the service was chosen: the one with the most free addresses",
        "give subnets to choose yourself; each zone is charged by the hour",
    )
    .evidence(joined(subnets))
}

pub(super) fn no_subnet_fits(zones: Option<&BTreeSet<ZoneId>>) -> Finding {
    Finding::new(
        "AWS-010",
        Severity::Blocks,
        "no subnet of the VPC with free addresses is in a zone of the endpoint service",
        "make a subnet in a zone of the service",
    )
    .evidence(match zones {
        Some(zones) => format!("the service is in {}", joined(zones)),
        None => "the VPC has no subnet with free addresses".to_owned(),
    })
}

pub(super) fn group_not_in_vpc(group: &SecurityGroupId) -> Finding {
    Finding::new(
        "AWS-011",
        Severity::Blocks,
        format!("the security group {group} is not in the VPC"),
        "give a group of this VPC, or none, so that one is made",
    )
}

pub(super) fn default_group(group: &SecurityGroupId) -> Finding {
    Finding::new(
        "AWS-011",
        Severity::Blocks,
        format!("{group} is the VPC's default group, which lets in its own members alone: clients would hang"),
        "give a group made for the endpoint, or none, so that one is made",
    )
}

pub(super) fn group_lacks_rules(groups: &[SecurityGroupId], missing: &[IpPermission]) -> Finding {
    Finding::new(
        "AWS-012",
        Severity::Warning,
        "the given security groups may not let clients in; they are not ours to change",
        "add these rules, or make sure that others let the clients in",
    )
    .evidence(format!("no rule of {} covers: {}", joined(groups), joined(missing)))
}

pub(super) fn group_name_taken(name: &str) -> Finding {
    Finding::new(
        "AWS-013",
        Severity::Blocks,
        format!("a security group named {name} exists and does not carry our mark"),
        "rename or delete that group, or give it explicitly",
    )
}

pub(super) fn foreign_endpoint(endpoint: &VpcEndpoint) -> Finding {
    Finding::new(
        "AWS-014",
        Severity::Info,
        "an endpoint of somebody else to the same service is in the VPC; it is left alone and another one is made",
        format!("to use it instead, adopt {}", endpoint.id),
    )
    .evidence(format!("{} is {}", endpoint.id, endpoint.state))
}

pub(super) fn dead_endpoint(endpoint: &VpcEndpoint) -> Finding {
    let finding = Finding::new(
        "AWS-015",
        Severity::Warning,
        format!("an earlier endpoint of ours is {} and cannot be used again; a new one is made", endpoint.state),
        "let the vendor say why, or wait for the new one; the old one goes with the link's removal",
    )
    .evidence(format!("{} is {}", endpoint.id, endpoint.state));
    match endpoint.trouble() {
        Some(text) => finding.evidence(text),
        None => finding,
    }
}

pub(super) fn two_endpoints(used: &VpcEndpointId, others: &[VpcEndpointId]) -> Finding {
    Finding::new(
        "AWS-016",
        Severity::Warning,
        format!("several endpoints of ours lead to the same service; {used} is used"),
        "remove the link and set it up again, or delete the others by hand once nobody lists them",
    )
    .evidence(joined(others))
}

pub(super) fn endpoint_differs(endpoint: &VpcEndpoint, wanted: &[SubnetId]) -> Finding {
    Finding::new(
        "AWS-017",
        Severity::Warning,
        format!("the endpoint {} is in other subnets than asked for; it is used as it is", endpoint.id),
        "change its subnets by hand, or remove the link and set it up again",
    )
    .evidence(format!("it is in {}", joined(&endpoint.subnets)))
    .evidence(format!("asked for: {}", joined(wanted)))
}

pub(super) fn acceptance_needed() -> Finding {
    Finding::new(
        "AWS-018",
        Severity::Warning,
        "the endpoint service wants every endpoint accepted by hand, and nothing in this plan does that",
        "ask the vendor to accept the endpoint once it is made",
    )
    .turn(Turn::Vendor)
    .evidence("DescribeVpcEndpointServices says acceptanceRequired=true")
}

pub(super) fn ip_type_unsupported(wanted: &str, offered: &str) -> Finding {
    Finding::new(
        "AWS-019",
        Severity::Blocks,
        format!("the endpoint service does not offer the IP address type {wanted}"),
        "leave the type out, or choose one that the service offers",
    )
    .evidence(format!("it offers {offered}"))
}

/// Why an endpoint in this state will not become usable.
pub(super) fn endpoint_dead(endpoint: &VpcEndpoint) -> Finding {
    let (summary, next, turn) = match endpoint.state.as_str() {
        "rejected" => (
            "the vendor refused the endpoint",
            "mend the vendor's side (allow list, acceptance), delete the endpoint and plan again",
            Turn::Vendor,
        ),
        "expired" => (
            "the endpoint was not accepted in time",
            "plan again: a new endpoint is made; have the vendor accept it sooner",
            Turn::You,
        ),
        _ => ("AWS could not build the endpoint", "mend what AWS says, then plan again: a new one is made", Turn::You),
    };
    let finding = Finding::new("AWS-020", Severity::Blocks, summary, next)
        .turn(turn)
        .evidence(format!("{} is {}", endpoint.id, endpoint.state));
    match endpoint.trouble() {
        Some(text) => finding.evidence(text),
        None => finding,
    }
}

pub(super) fn endpoint_gone(id: &VpcEndpointId) -> Finding {
    Finding::new(
        "AWS-021",
        Severity::Blocks,
        format!("the endpoint {id} is gone"),
        "plan again; a new endpoint is made",
    )
    .evidence("it was there when the plan was made, and DescribeVpcEndpoints no longer finds it alive")
}

/// Why AWS refused to make or change an endpoint.
pub(super) fn refused(error: &Error) -> Finding {
    let problem = Problem::of(error);
    let (summary, next, turn) = match problem {
        Problem::ServiceNotVisible => return service_not_visible(error.resource().unwrap_or("the service"), false),
        Problem::ZoneMismatch => (
            "a subnet's zone does not fit the endpoint service",
            "give subnets in the zones the message names",
            Turn::You,
        ),
        Problem::Limit => {
            ("a quota of the account is used up", "raise the quota the code names, or free a place", Turn::You)
        }
        Problem::PrivateDnsNeedsVpcDns => {
            ("private DNS needs both DNS attributes of the VPC", "switch them on, then plan again", Turn::You)
        }
        Problem::PrivateDnsConflict => (
            "another endpoint or zone of this VPC already serves the private DNS name",
            "use a zone of your own for the exact host instead",
            Turn::You,
        ),
        Problem::PrivateDnsNotOffered => (
            "the endpoint service has no private DNS name",
            "use a zone of your own for the exact host instead",
            Turn::You,
        ),
        Problem::PrivateDnsNotVerified => (
            "the vendor has not verified its private DNS name",
            "ask the vendor, or use a zone of your own for the exact host instead",
            Turn::Vendor,
        ),
        _ => ("AWS refused", "mend what AWS says, then plan again", Turn::You),
    };
    Finding::new("AWS-022", Severity::Blocks, summary, next).turn(turn).evidence(error.to_string())
}

/// Whether a failed write is worth a finding rather than an error.
pub(super) fn is_refusal(error: &Error) -> bool {
    matches!(
        Problem::of(error),
        Problem::ServiceNotVisible
            | Problem::ZoneMismatch
            | Problem::Limit
            | Problem::PrivateDnsNeedsVpcDns
            | Problem::PrivateDnsConflict
            | Problem::PrivateDnsNotOffered
            | Problem::PrivateDnsNotVerified
    )
}

pub(super) fn vpc_dns_off(vpc: &VpcId, support: bool, hostnames: bool) -> Finding {
    Finding::new(
        "AWS-030",
        Severity::Blocks,
        "private names do not resolve in a VPC whose DNS attributes are not both on",
        format!(
            "switch both on for {vpc}, or allow this plan to; everything in the VPC notices: instances get public \
             DNS names"
        ),
    )
    .evidence(format!("enableDnsSupport is {support}, enableDnsHostnames is {hostnames}"))
}

pub(super) fn zone_of_somebody(zone: &HostedZoneSummary) -> Finding {
    let owner = zone.owning_account.as_deref().unwrap_or("this account");
    Finding::new(
        "AWS-031",
        Severity::Blocks,
        format!("a private zone {} that is not ours is in the VPC already", zone.name),
        format!(
            "choose: write into it by giving hosted zone {}; or print the records and write them yourself; or remove \
             that zone",
            zone.id
        ),
    )
    .evidence(format!("hosted zone {} of account {owner}, without our mark", zone.id))
}

pub(super) fn zone_of_service(zone: &HostedZoneSummary, holders: &[VpcEndpointId]) -> Finding {
    let finding = Finding::new(
        "AWS-032",
        Severity::Blocks,
        format!("an AWS service serves {} in the VPC, so a zone of that name is refused", zone.name),
        "use endpoint private DNS, or switch private DNS off on the endpoint that holds the name after checking who \
         uses it",
    )
    .evidence(format!("owning service {}", zone.owning_service.as_deref().unwrap_or("unknown")));
    if holders.is_empty() { finding } else { finding.evidence(format!("private DNS is on: {}", joined(holders))) }
}

pub(super) fn wider_zone(zone: &HostedZoneSummary, host: &DnsName) -> Finding {
    Finding::new(
        "AWS-033",
        Severity::Info,
        format!("the VPC also sees the wider zone {}; for {host} alone the narrower zone wins", zone.name),
        "nothing; other names of the wider zone stay as they are",
    )
    .evidence(format!("hosted zone {}", zone.id))
}

pub(super) fn shadows(zone: &DnsName) -> Finding {
    Finding::new(
        "AWS-034",
        Severity::Warning,
        format!("a new zone {zone} hides every other public name below it from the VPC"),
        "use a zone for the exact host, which hides nothing, unless all databases below it are linked here",
    )
}

pub(super) fn record_of_somebody(existing: &RecordSet, wanted: &[RecordSet]) -> Finding {
    Finding::new(
        "AWS-035",
        Severity::Blocks,
        format!("a record {} that is not ours is there and says something else", existing.name),
        "remove it after checking who uses it, or use another zone",
    )
    .evidence(format!("found: {existing}"))
    .evidence(format!("wanted: {}", joined(wanted)))
}

pub(super) fn record_left_behind(existing: &RecordSet) -> Finding {
    Finding::new(
        "AWS-047",
        Severity::Warning,
        format!("the record {} leads to an endpoint of the same service that is gone; it is replaced", existing.name),
        "nothing, unless that endpoint belongs to another account, where this one cannot see it: then use another zone",
    )
    .evidence(format!("found: {existing}"))
    .evidence("DescribeVpcEndpoints knows no endpoint of that id")
}

pub(super) fn zone_given_unfit(zone: &HostedZoneId, why: &str) -> Finding {
    Finding::new(
        "AWS-036",
        Severity::Blocks,
        format!("the given hosted zone {zone} cannot hold the record: {why}"),
        "give a private zone of this account that the VPC sees and that covers the host, or none",
    )
}

pub(super) fn private_dns_unfit(why: String, turn: Turn) -> Finding {
    Finding::new(
        "AWS-037",
        Severity::Blocks,
        format!("endpoint private DNS cannot be used: {why}"),
        "use a zone of your own for the exact host instead",
    )
    .turn(turn)
}

pub(super) fn private_dns_on_already(id: &VpcEndpointId) -> Finding {
    Finding::new(
        "AWS-038",
        Severity::Info,
        format!("private DNS is on at {id} already and serves the names; it is left on and no zone is made"),
        "nothing; switching it off would cut every name it serves",
    )
}

pub(super) fn private_dns_elsewhere(id: &VpcEndpointId, host: &DnsName) -> Finding {
    Finding::new(
        "AWS-039",
        Severity::Info,
        format!("{host} now leads to another endpoint of the VPC; the narrower zone will win"),
        "check that nobody counts on the other endpoint for this host",
    )
    .evidence(format!("private DNS is on at {id}"))
}

pub(super) fn naming_not_listed(naming: Naming) -> Finding {
    Finding::new(
        "AWS-040",
        Severity::Warning,
        format!("the vendor does not list the naming mode `{naming}` among those that work"),
        "leave the mode out, so that the vendor's first choice is used",
    )
}

pub(super) fn records_to_write(lines: &[String]) -> Finding {
    let mut finding = Finding::new(
        "AWS-041",
        Severity::Info,
        "the records are yours to write",
        "write them where the clients' resolver finds them",
    );
    for line in lines {
        finding = finding.evidence(line.clone());
    }
    finding
}

pub(super) fn other_vpcs_need_zone() -> Finding {
    Finding::new(
        "AWS-042",
        Severity::Warning,
        "names are to resolve in further VPCs, which only a zone of your own can do",
        "use a zone of your own, or set up a resolver in those VPCs",
    )
}

pub(super) fn group_gone(name: &str) -> Finding {
    gone("security group", name)
}

pub(super) fn zone_gone(zone: &DnsName) -> Finding {
    gone("private zone", zone.as_str())
}

fn gone(kind: &str, name: &str) -> Finding {
    Finding::new("AWS-021", Severity::Blocks, format!("the {kind} {name} is gone"), "plan again; a new one is made")
        .evidence("it was there, or was to be there, when the plan was made")
}

pub(super) fn zone_conflict(zone: &DnsName, error: &Error) -> Finding {
    Finding::new(
        "AWS-043",
        Severity::Blocks,
        format!("Route 53 refuses the zone {zone}: the VPC sees another one of this name"),
        "look at the VPC's zones and at endpoints with private DNS, then choose one naming mode",
    )
    .evidence(error.to_string())
}

pub(super) fn record_refused(error: &Error) -> Finding {
    Finding::new(
        "AWS-044",
        Severity::Blocks,
        "Route 53 refuses the record as such",
        "mend what Route 53 says, then plan again",
    )
    .evidence(error.to_string())
}

pub(super) fn record_changed(record: &DnsName, found: &[String]) -> Finding {
    not_as_planned(format!("the record {record} says something else than when the plan was made"))
        .evidence(format!("found: {}", joined(found)))
}

pub(super) fn zone_not_empty(zone: &DnsName, left: &[String]) -> Finding {
    not_as_planned(format!("the zone {zone} holds other records now")).evidence(joined(left))
}

pub(super) fn not_ours(kind: &str, id: &str) -> Finding {
    not_as_planned(format!("{kind} {id} does not carry our mark any more"))
}

pub(super) fn zone_seen_elsewhere(zone: &DnsName, vpcs: &[&VpcId]) -> Finding {
    Finding::new(
        "AWS-046",
        Severity::Warning,
        format!("the zone {zone} that goes is also seen by VPCs that this link was not told of"),
        "check that nobody there needs the name; it stops to resolve there when the link goes",
    )
    .evidence(format!("seen by {}", joined(vpcs)))
}

pub(super) fn used_by_others(id: &VpcEndpointId, users: &[&str]) -> Finding {
    Finding::new(
        "AWS-048",
        Severity::Blocks,
        format!("{id} carries the mark of others who use it by now, so it stays"),
        "plan the removal again; it keeps what others use",
    )
    .evidence(format!("used by {}", users.join(", ")))
}

pub(super) fn not_to_be_taken(id: &VpcEndpointId, error: &Error) -> Finding {
    Finding::new(
        "AWS-049",
        Severity::Blocks,
        format!("our user's mark cannot be put on {id}, so that others would delete it while it is in use"),
        "allow ec2:CreateTags on the endpoint; it takes one tag for each organization that uses it",
    )
    .evidence(error.to_string())
}

fn not_as_planned(summary: String) -> Finding {
    Finding::new("AWS-045", Severity::Blocks, summary, "plan the removal again; what is not ours stays")
}
