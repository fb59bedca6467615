//! The private names: zones and records.

use privlink_core::side::{Fact, Naming};
use privlink_core::{DnsName, Error, Finding, HostedZoneId, Severity, Turn, VpcEndpointId, VpcId};

use super::{gone, joined, not_as_planned};
use crate::model::{HostedZoneSummary, RecordSet, VpcEndpoint};

pub(in super::super) fn vpc_dns_off(vpc: &VpcId, support: bool, hostnames: bool) -> Finding {
    Finding::new(
        "AWS-030",
        Severity::Blocks,
        "private names do not resolve in a VPC whose DNS attributes are not both on",
        format!(
            "switch both on for {vpc}, or allow this plan to; everything in the VPC notices: instances get public \
             DNS names"
        ),
    )
    .about(Fact::Resolving)
    .evidence(format!("enableDnsSupport is {support}, enableDnsHostnames is {hostnames}"))
}

pub(in super::super) fn zone_of_somebody(zone: &HostedZoneSummary) -> Finding {
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
    .about(Fact::Resolving)
    .evidence(format!("hosted zone {} of account {owner}, without our mark", zone.id))
}

pub(in super::super) fn zone_of_service(zone: &HostedZoneSummary, holders: &[VpcEndpointId]) -> Finding {
    let finding = Finding::new(
        "AWS-032",
        Severity::Blocks,
        format!("an AWS service serves {} in the VPC, so a zone of that name is refused", zone.name),
        "use endpoint private DNS, or switch private DNS off on the endpoint that holds the name after checking who \
         uses it",
    )
    .about(Fact::Resolving)
    .evidence(format!("owning service {}", zone.owning_service.as_deref().unwrap_or("unknown")));
    if holders.is_empty() { finding } else { finding.evidence(format!("private DNS is on: {}", joined(holders))) }
}

pub(in super::super) fn wider_zone(zone: &HostedZoneSummary, host: &DnsName) -> Finding {
    Finding::new(
        "AWS-033",
        Severity::Info,
        format!("the VPC also sees the wider zone {}; for {host} alone the narrower zone wins", zone.name),
        "nothing; other names of the wider zone stay as they are",
    )
    .evidence(format!("hosted zone {}", zone.id))
}

pub(in super::super) fn shadows(zone: &DnsName) -> Finding {
    Finding::new(
        "AWS-034",
        Severity::Warning,
        format!("a new zone {zone} hides every other public name below it from the VPC"),
        "use a zone for the exact host, which hides nothing, unless all databases below it are linked here",
    )
    .about(Fact::Resolving)
}

pub(in super::super) fn record_of_somebody(existing: &RecordSet, wanted: &[RecordSet]) -> Finding {
    Finding::new(
        "AWS-035",
        Severity::Blocks,
        format!("a record {} that is not ours is there and says something else", existing.name),
        "remove it after checking who uses it, or use another zone",
    )
    .about(Fact::Resolving)
    .evidence(format!("found: {existing}"))
    .evidence(format!("wanted: {}", joined(wanted)))
}

pub(in super::super) fn record_left_behind(existing: &RecordSet) -> Finding {
    Finding::new(
        "AWS-047",
        Severity::Warning,
        format!("the record {} leads to an endpoint of the same service that is gone; it is replaced", existing.name),
        "nothing, unless that endpoint belongs to another account, where this one cannot see it: then use another zone",
    )
    .evidence(format!("found: {existing}"))
    .evidence("DescribeVpcEndpoints knows no endpoint of that id")
}

pub(in super::super) fn zone_given_unfit(zone: &HostedZoneId, why: &str) -> Finding {
    Finding::new(
        "AWS-036",
        Severity::Blocks,
        format!("the given hosted zone {zone} cannot hold the record: {why}"),
        "give a private zone of this account that the VPC sees and that covers the host, or none",
    )
    .about(Fact::Resolving)
}

pub(in super::super) fn private_dns_unfit(why: String, turn: Turn) -> Finding {
    Finding::new(
        "AWS-037",
        Severity::Blocks,
        format!("endpoint private DNS cannot be used: {why}"),
        "use a zone of your own for the exact host instead",
    )
    .about(Fact::Resolving)
    .turn(turn)
    .evidence("the VPC's zones and endpoints, and what the endpoint service says of its name")
}

/// The name is held by an endpoint of ours that cannot be used again.
pub(in super::super) fn private_dns_of_dead(zone: &HostedZoneSummary, endpoint: &VpcEndpoint) -> Finding {
    Finding::new(
        "AWS-037",
        Severity::Blocks,
        "endpoint private DNS cannot be used: an earlier endpoint of ours, which is dead, still holds the name",
        "take the link down, which deletes that endpoint, and set it up again",
    )
    .about(Fact::Resolving)
    .evidence(format!(
        "{} is {} and has private DNS on; the VPC sees the zone {}",
        endpoint.id, endpoint.state, zone.name
    ))
}

pub(in super::super) fn private_dns_on_already(id: &VpcEndpointId) -> Finding {
    Finding::new(
        "AWS-038",
        Severity::Info,
        format!("private DNS is on at {id} already and serves the names; it is left on and no zone is made"),
        "nothing; switching it off would cut every name it serves",
    )
}

pub(in super::super) fn private_dns_elsewhere(id: &VpcEndpointId, host: &DnsName) -> Finding {
    Finding::new(
        "AWS-039",
        Severity::Info,
        format!("{host} now leads to another endpoint of the VPC; the narrower zone will win"),
        "check that nobody counts on the other endpoint for this host",
    )
    .about(Fact::Resolving)
    .evidence(format!("private DNS is on at {id}"))
}

pub(in super::super) fn naming_not_listed(naming: Naming) -> Finding {
    Finding::new(
        "AWS-040",
        Severity::Warning,
        format!("the vendor does not list the naming mode `{naming}` among those that work"),
        "leave the mode out, so that the vendor's first choice is used",
    )
}

pub(in super::super) fn records_to_write(lines: &[String]) -> Finding {
    let mut finding = Finding::new(
        "AWS-041",
        Severity::Info,
        "the records are yours to write",
        "write them where the clients' resolver finds them",
    )
    .about(Fact::Resolving);
    for line in lines {
        finding = finding.evidence(line.clone());
    }
    finding
}

pub(in super::super) fn other_vpcs_need_zone() -> Finding {
    Finding::new(
        "AWS-042",
        Severity::Warning,
        "names are to resolve in further VPCs, which only a zone of your own can do",
        "use a zone of your own, or set up a resolver in those VPCs",
    )
}

pub(in super::super) fn zone_gone(zone: &DnsName) -> Finding {
    gone("private zone", zone.as_str())
}

pub(in super::super) fn zone_conflict(zone: &DnsName, error: &Error) -> Finding {
    Finding::new(
        "AWS-043",
        Severity::Blocks,
        format!("Route 53 refuses the zone {zone}: the VPC sees another one of this name"),
        "look at the VPC's zones and at endpoints with private DNS, then choose one naming mode",
    )
    .about(Fact::Resolving)
    .evidence(error.to_string())
}

pub(in super::super) fn record_refused(error: &Error) -> Finding {
    Finding::new(
        "AWS-044",
        Severity::Blocks,
        "Route 53 refuses the record as such",
        "mend what Route 53 says, then plan again",
    )
    .evidence(error.to_string())
}

pub(in super::super) fn record_changed(record: &DnsName, found: &[String]) -> Finding {
    not_as_planned(format!("the record {record} says something else than when the plan was made"))
        .evidence(format!("found: {}", joined(found)))
}

pub(in super::super) fn zone_not_empty(zone: &DnsName, left: &[String]) -> Finding {
    not_as_planned(format!("the zone {zone} holds other records now")).evidence(joined(left))
}

pub(in super::super) fn zone_seen_elsewhere(zone: &DnsName, vpcs: &[&VpcId]) -> Finding {
    Finding::new(
        "AWS-046",
        Severity::Warning,
        format!("the zone {zone} that goes is also seen by VPCs that this link was not told of"),
        "check that nobody there needs the name; it stops to resolve there when the link goes",
    )
    .evidence(format!("seen by {}", joined(vpcs)))
}
