//! The private names: zones and records.

use privlink_core::side::{Fact, Naming};
use privlink_core::{DnsName, Error, Finding, Severity};

use super::{joined, not_as_planned};
use crate::ids::{ManagedZoneName, NetworkPath};
use crate::model::{ManagedZone, RecordSet};

pub(in super::super) fn zone_of_somebody(zone: &ManagedZone) -> Finding {
    Finding::new(
        "GCP-030",
        Severity::Blocks,
        format!("a private zone {} that is not ours is seen by the network already", zone.dns_name),
        format!(
            "choose: write into it by giving the zone {}; or print the records and write them yourself; or remove \
             that zone",
            zone.name
        ),
    )
    .about(Fact::Resolving)
    .evidence(format!("managed zone {}, without our mark", zone.name))
}

pub(in super::super) fn wider_zone(zone: &ManagedZone, host: &DnsName) -> Finding {
    Finding::new(
        "GCP-031",
        Severity::Info,
        format!("the network also sees the wider zone {}; for {host} alone the narrower zone wins", zone.dns_name),
        "nothing; other names of the wider zone stay as they are",
    )
    .evidence(format!("managed zone {}", zone.name))
}

pub(in super::super) fn shadows(zone: &DnsName) -> Finding {
    Finding::new(
        "GCP-032",
        Severity::Warning,
        format!("a new zone {zone} hides every other public name below it from the network"),
        "use a zone for the exact host, which hides nothing, unless all databases below it are linked here",
    )
    .about(Fact::Resolving)
}

pub(in super::super) fn record_of_somebody(existing: &RecordSet, wanted: &[RecordSet]) -> Finding {
    Finding::new(
        "GCP-033",
        Severity::Blocks,
        format!("a record {} that is not ours is there and says something else", existing.name),
        "remove it after checking who uses it, or use another zone",
    )
    .about(Fact::Resolving)
    .evidence(format!("found: {existing}"))
    .evidence(if wanted.is_empty() {
        "wanted: the endpoint's address, once there is one".to_owned()
    } else {
        format!("wanted: {}", joined(wanted))
    })
}

pub(in super::super) fn zone_given_unfit(zone: &ManagedZoneName, why: &str) -> Finding {
    Finding::new(
        "GCP-034",
        Severity::Blocks,
        format!("the given zone {zone} cannot hold the record: {why}"),
        "give a private zone that the network sees and that covers the host, or none",
    )
    .about(Fact::Resolving)
}

pub(in super::super) fn no_endpoint_dns() -> Finding {
    Finding::new(
        "GCP-035",
        Severity::Blocks,
        "an endpoint of Google's answers no vendor's names itself",
        "use a zone of your own for the exact host, or print the records",
    )
    .about(Fact::Resolving)
}

pub(in super::super) fn naming_not_listed(naming: Naming) -> Finding {
    Finding::new(
        "GCP-036",
        Severity::Warning,
        format!("the vendor does not list the naming mode `{naming}` among those that work"),
        "leave the mode out, so that the vendor's first choice is used",
    )
}

pub(in super::super) fn records_to_write(lines: &[String]) -> Finding {
    let mut finding = Finding::new(
        "GCP-037",
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

pub(in super::super) fn other_networks_need_zone() -> Finding {
    Finding::new(
        "GCP-038",
        Severity::Warning,
        "names are to resolve in further networks, which only a zone can do",
        "use a zone of your own, or set up a resolver in those networks",
    )
}

pub(in super::super) fn zone_conflict(zone: &DnsName, error: &Error) -> Finding {
    Finding::new(
        "GCP-039",
        Severity::Blocks,
        format!("Cloud DNS refuses the zone {zone} for these networks"),
        "look for another zone of this name that one of the networks sees, in every project that may bind to it; \
         Service Directory makes some too",
    )
    .about(Fact::Resolving)
    .evidence(error.to_string())
}

pub(in super::super) fn record_refused(error: &Error) -> Finding {
    Finding::new(
        "GCP-040",
        Severity::Blocks,
        "Cloud DNS refuses the record as such",
        "mend what Cloud DNS says, then plan again",
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

pub(in super::super) fn zone_seen_elsewhere(zone: &DnsName, networks: &[&NetworkPath]) -> Finding {
    Finding::new(
        "GCP-042",
        Severity::Warning,
        format!("the zone {zone} that goes is also seen by networks that this link was not told of"),
        "check that nobody there needs the name; it stops to resolve there when the link goes",
    )
    .evidence(format!("seen by {}", joined(networks)))
}
