//! Where the endpoint is to be: region, subnets and security groups.

use std::collections::BTreeSet;

use privlink_core::side::Fact;
use privlink_core::{Finding, Region, SecurityGroupId, Severity, SubnetId, VpcId, ZoneId};

use super::{gone, joined};
use crate::model::IpPermission;

pub(in super::super) fn no_vpc(vpc: &VpcId, region: &Region) -> Finding {
    Finding::new(
        "AWS-001",
        Severity::Blocks,
        format!("there is no VPC {vpc} in {region}"),
        "check the VPC's id, the region of the client and the account of its credentials",
    )
    .evidence("DescribeVpcs does not find it")
}

pub(in super::super) fn other_region(service: &str, theirs: &Region, ours: &Region) -> Finding {
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

pub(in super::super) fn other_partition(service: &str, ours: &str) -> Finding {
    Finding::new(
        "AWS-002",
        Severity::Blocks,
        "the endpoint service is in another partition of AWS, which no link crosses",
        "use a network in the service's partition",
    )
    .evidence(format!("endpoint service {service}, network in partition {ours}"))
}

pub(in super::super) fn cross_region(theirs: &Region, ours: &Region) -> Finding {
    Finding::new(
        "AWS-003",
        Severity::Info,
        format!("the endpoint in {ours} points at a service in {theirs}: traffic between regions is charged"),
        "allow vpce:AllowMultiRegion to the caller; both regions must be enabled in the account",
    )
}

pub(in super::super) fn subnet_not_in_vpc(subnet: &SubnetId) -> Finding {
    Finding::new(
        "AWS-005",
        Severity::Blocks,
        format!("the subnet {subnet} is not in the VPC"),
        "give subnets of this VPC",
    )
    .evidence("DescribeSubnets of the VPC does not list it")
}

pub(in super::super) fn two_subnets_in_a_zone(zone: &ZoneId, subnets: &[&SubnetId]) -> Finding {
    Finding::new(
        "AWS-006",
        Severity::Blocks,
        format!("an endpoint takes one subnet a zone, and these share {zone}"),
        "leave one of them out",
    )
    .evidence(format!("in {zone}: {}", joined(subnets)))
}

pub(in super::super) fn zones_not_offered(
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

pub(in super::super) fn zones_not_covered(missing: &[&ZoneId], covered: usize) -> Finding {
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

pub(in super::super) fn subnet_full(subnet: &SubnetId) -> Finding {
    Finding::new(
        "AWS-009",
        Severity::Blocks,
        format!("the subnet {subnet} has no free address for the endpoint's interface"),
        "free an address in it, or give another subnet of its zone",
    )
}

pub(in super::super) fn subnets_chosen(subnets: &[SubnetId]) -> Finding {
    Finding::new(
        "AWS-010",
        Severity::Info,
        "no subnets were given, so one in each zone of the service was chosen: the one with the most free addresses",
        "give subnets to choose yourself; each zone is charged by the hour",
    )
    .evidence(joined(subnets))
}

pub(in super::super) fn no_subnet_fits(zones: Option<&BTreeSet<ZoneId>>) -> Finding {
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

pub(in super::super) fn group_not_in_vpc(group: &SecurityGroupId) -> Finding {
    Finding::new(
        "AWS-011",
        Severity::Blocks,
        format!("the security group {group} is not in the VPC"),
        "give a group of this VPC, or none, so that one is made",
    )
}

pub(in super::super) fn default_group(group: &SecurityGroupId) -> Finding {
    Finding::new(
        "AWS-011",
        Severity::Blocks,
        format!("{group} is the VPC's default group, which lets in its own members alone: clients would hang"),
        "give a group made for the endpoint, or none, so that one is made",
    )
}

pub(in super::super) fn group_lacks_rules(groups: &[SecurityGroupId], missing: &[IpPermission]) -> Finding {
    Finding::new(
        "AWS-012",
        Severity::Warning,
        "the given security groups may not let clients in; they are not ours to change",
        "add these rules, or make sure that others let the clients in",
    )
    .about(Fact::Opened)
    .evidence(format!("no rule of {} covers: {}", joined(groups), joined(missing)))
}

pub(in super::super) fn clients_kept_in(group: &SecurityGroupId, shut: &[String]) -> Finding {
    Finding::new(
        "AWS-050",
        Severity::Warning,
        "the clients' own security group does not let them out to the endpoint; it is not ours to change",
        "add these outbound rules to it, or see that another group of the clients has them",
    )
    .about(Fact::Opened)
    .evidence(format!("no outbound rule of {group} covers: {}", shut.join(", ")))
}

pub(in super::super) fn group_name_taken(name: &str) -> Finding {
    Finding::new(
        "AWS-013",
        Severity::Blocks,
        format!("a security group named {name} exists and does not carry our mark"),
        "rename or delete that group, or give it explicitly",
    )
}

pub(in super::super) fn group_gone(name: &str) -> Finding {
    gone("security group", name)
}
