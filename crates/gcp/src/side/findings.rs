//! Every finding of this side, with its stable code. TROUBLESHOOTING.md explains each.

use std::fmt::Display;

use privlink_core::side::Naming;
use privlink_core::{DnsName, Error, Finding, ForwardingRuleName, Region, ServiceAttachment, Severity, Turn};

use crate::ids::{ManagedZoneName, NetworkPath, SubnetworkName, SubnetworkPath};
use crate::model::{Address, Firewall, ForwardingRule, ManagedZone, RecordSet, Subnetwork};
use crate::problem::Problem;

fn joined<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

pub(super) fn no_network(network: &NetworkPath) -> Finding {
    Finding::new(
        "GCP-001",
        Severity::Blocks,
        format!("there is no network {network}"),
        "check the network's name and its project; of a Shared VPC give the host project",
    )
    .evidence("compute.networks.get does not find it")
}

pub(super) fn other_region(service: &ServiceAttachment, ours: &Region) -> Finding {
    Finding::new(
        "GCP-002",
        Severity::Blocks,
        format!(
            "the service attachment is in {}, the endpoint would be in {ours}, and Google connects them only within \
             one region",
            service.region()
        ),
        format!(
            "put the endpoint into {}: give that region and a subnetwork there; clients elsewhere reach it by global \
             access",
            service.region()
        ),
    )
    .evidence(format!("service attachment {service}"))
}

pub(super) fn global_access_needed(ours: &Region, elsewhere: &[&Region]) -> Finding {
    Finding::new(
        "GCP-003",
        Severity::Blocks,
        format!("clients in {} cannot reach an endpoint in {ours} without global access", joined(elsewhere)),
        "allow global access, or leave those regions out",
    )
    .evidence("global access was refused by the caller")
}

pub(super) fn global_access_not_offered(ours: &Region, service: &ServiceAttachment) -> Finding {
    Finding::new(
        "GCP-003",
        Severity::Blocks,
        format!("global access is wanted, and the vendor lets only clients of {ours} in"),
        "put clients into that region, or use a database in theirs",
    )
    .evidence(format!("service attachment {service} is reached from its own region alone"))
}

pub(super) fn global_access_on(ours: &Region) -> Finding {
    Finding::new(
        "GCP-003",
        Severity::Info,
        format!("clients of all regions may use the endpoint in {ours}: traffic between regions is charged"),
        "nothing; the vendor must support it, or making the endpoint fails",
    )
}

pub(super) fn no_subnetwork(name: &SubnetworkName) -> Finding {
    Finding::new(
        "GCP-004",
        Severity::Blocks,
        format!("the region has no subnetwork {name}"),
        "give a subnetwork of the network in the endpoint's region; of a Shared VPC, one of the host project",
    )
    .evidence("compute.subnetworks.list of the region does not name it")
}

pub(super) fn subnetwork_elsewhere(found: &Subnetwork) -> Finding {
    Finding::new(
        "GCP-004",
        Severity::Blocks,
        format!("the subnetwork {} belongs to another network", found.path.name()),
        "give a subnetwork of the network in the endpoint's region",
    )
    .evidence(format!("{} is of {}", found.path, found.network.as_ref().map_or("no network", NetworkPath::as_str)))
}

pub(super) fn subnetwork_unfit(found: &Subnetwork) -> Finding {
    Finding::new(
        "GCP-005",
        Severity::Blocks,
        format!("the subnetwork {} takes no endpoint", found.path.name()),
        "give a subnetwork of the purpose PRIVATE",
    )
    .evidence(format!("its purpose is {}", found.purpose.as_deref().unwrap_or("not said")))
}

pub(super) fn subnetwork_chosen(found: &Subnetwork) -> Finding {
    let finding = Finding::new(
        "GCP-006",
        Severity::Info,
        format!("no subnetwork was given; the address is taken from {}, the widest", found.path.name()),
        "give one to choose yourself",
    );
    match found.range {
        Some(range) => finding.evidence(format!("{} is {range}", found.path)),
        None => finding,
    }
}

pub(super) fn no_subnetwork_fits(network: &NetworkPath) -> Finding {
    Finding::new(
        "GCP-006",
        Severity::Blocks,
        "the network has no subnetwork in the region that takes an endpoint",
        "make a subnetwork of the purpose PRIVATE there",
    )
    .evidence(format!("compute.subnetworks.list names none of {network}"))
}

pub(super) fn firewall_stops(stopping: &[(&Firewall, u16)]) -> Finding {
    let mut finding = Finding::new(
        "GCP-007",
        Severity::Warning,
        "firewall rules keep clients from the endpoint; they are not ours to change",
        "allow egress to the endpoint's address on the database's ports, with a smaller priority number",
    );
    for (rule, port) in stopping {
        let whom = if rule.targeted { "for some machines" } else { "for all machines" };
        finding = finding.evidence(format!("{} (priority {}) stops port {port} {whom}", rule.name, rule.priority));
    }
    finding
}

pub(super) fn firewalls_unread(error: &Error) -> Finding {
    Finding::new(
        "GCP-008",
        Severity::Info,
        "whether firewall rules let clients reach the endpoint could not be checked",
        "grant compute.firewalls.list on the network's project, or check the rules yourself",
    )
    .evidence(error.to_string())
}

pub(super) fn name_taken(kind: &str, name: &str) -> Finding {
    Finding::new(
        "GCP-010",
        Severity::Blocks,
        format!("the {kind} {name} exists and does not carry our mark"),
        "delete it after checking who uses it; the name is made of what the link joins and cannot be another",
    )
}

pub(super) fn foreign_endpoint(rule: &ForwardingRule) -> Finding {
    let next = match rule.psc_connection_id {
        Some(id) => format!("to use it instead, adopt {id}"),
        None => "nothing; it cannot be adopted before it has a connection id".to_owned(),
    };
    Finding::new(
        "GCP-011",
        Severity::Info,
        "an endpoint of somebody else to the same service is in the network; it is left alone and another one is made",
        next,
    )
    .evidence(format!("{} is {}", rule.name, rule.psc_connection_status))
}

pub(super) fn two_endpoints(used: &ForwardingRuleName, others: &[&ForwardingRuleName]) -> Finding {
    Finding::new(
        "GCP-012",
        Severity::Warning,
        format!("several endpoints of this link lead to the same service; {used} is used"),
        "remove the link and set it up again, or delete the others by hand once nobody lists them",
    )
    .evidence(joined(others))
}

pub(super) fn closed_endpoint(rule: &ForwardingRule) -> Finding {
    let finding = Finding::new(
        "GCP-013",
        Severity::Warning,
        "the producer closed our endpoint's connection for good; the plan deletes it and makes a new one",
        "apply the plan; the vendor is told of the new connection id, and the address stays",
    )
    .evidence(format!("{} is {}", rule.name, rule.psc_connection_status));
    match rule.psc_connection_id {
        Some(id) => finding.evidence(format!("the connection {id} does not come back")),
        None => finding,
    }
}

pub(super) fn closed_adopted(rule: &ForwardingRule) -> Finding {
    Finding::new(
        "GCP-013",
        Severity::Warning,
        "the producer closed the connection of an endpoint that was taken in; another one is made beside it",
        "delete it by hand: it was there before us, so we do not",
    )
    .evidence(format!("{} is {}", rule.name, rule.psc_connection_status))
}

/// Why an endpoint in this state will not become usable.
pub(super) fn endpoint_dead(rule: &ForwardingRule, severity: Severity) -> Finding {
    use crate::model::PscConnectionStatus::Rejected;

    let (summary, next, turn) = match rule.psc_connection_status {
        Rejected => (
            "the producer refuses the endpoint's connection",
            "have the vendor put the project onto its list, or raise its limit; it then accepts by itself",
            Turn::Vendor,
        ),
        _ => (
            "the producer closed the endpoint's connection for good",
            "plan again: the closed endpoint is deleted and a new one made",
            Turn::You,
        ),
    };
    let finding = Finding::new("GCP-014", severity, summary, next)
        .turn(turn)
        .evidence(format!("{} is {}", rule.name, rule.psc_connection_status));
    match rule.psc_connection_id {
        Some(id) => finding.evidence(format!("connection {id}")),
        None => finding,
    }
}

pub(super) fn needs_attention(rule: &ForwardingRule) -> Finding {
    Finding::new(
        "GCP-015",
        Severity::Info,
        "the endpoint is accepted, and the producer still has something to do",
        "wait; if it stays so, ask the vendor",
    )
    .turn(Turn::Vendor)
    .evidence(format!("{} is {}", rule.name, rule.psc_connection_status))
}

pub(super) fn address_differs(found: &Address, wanted: &str) -> Finding {
    Finding::new(
        "GCP-016",
        Severity::Warning,
        format!("the address {} is another one than asked for; it is used as it is", found.name),
        "remove the link and set it up again to change it",
    )
    .evidence(format!("asked for: {wanted}"))
    .evidence(format!(
        "it is {} of {}",
        found.address.map_or_else(|| "not known yet".to_owned(), |address| address.to_string()),
        found.subnetwork.as_ref().map_or("no subnetwork", SubnetworkPath::as_str)
    ))
}

pub(super) fn acceptance_needed() -> Finding {
    Finding::new(
        "GCP-017",
        Severity::Warning,
        "the vendor wants every endpoint accepted by hand, and nothing in this plan does that",
        "ask the vendor to accept the endpoint once it is made",
    )
    .turn(Turn::Vendor)
}

pub(super) fn automation(zone: bool) -> Finding {
    Finding::new(
        "GCP-018",
        Severity::Warning,
        if zone {
            "Google may make a Service Directory zone of its own beside the zone of this plan; of two for one domain \
             the network takes only the first"
        } else {
            "Google may make a Service Directory zone of its own; it stays when the endpoint goes"
        },
        "leave the automation off, unless the vendor's guide wants it",
    )
}

pub(super) fn gone(kind: &str, name: &str) -> Finding {
    Finding::new("GCP-020", Severity::Blocks, format!("the {kind} {name} is gone"), "plan again; a new one is made")
        .evidence("it was there, or was to be there, when the plan was made")
}

pub(super) fn connection_changed(rule: &ForwardingRule, known: &str) -> Finding {
    Finding::new(
        "GCP-021",
        Severity::Blocks,
        format!("the endpoint {} was made anew and has another connection id", rule.name),
        "plan again: the vendor has to be told of the new one",
    )
    .evidence(format!(
        "known: {known}; now: {}",
        rule.psc_connection_id.map_or_else(|| "none".to_owned(), |id| id.to_string())
    ))
}

/// Why Google refused to make or change something.
pub(super) fn refused(error: &Error) -> Finding {
    let (code, summary, next) = match Problem::of(error) {
        Problem::GlobalAccessUnsupported => (
            "GCP-003",
            "the vendor's service does not support global access",
            "plan without global access; clients of other regions then cannot use the endpoint",
        ),
        Problem::ApiDisabled => (
            "GCP-022",
            "an API is not enabled in the project",
            "enable the API named, of compute.googleapis.com, dns.googleapis.com and \
             servicedirectory.googleapis.com; wait some minutes and plan again",
        ),
        Problem::Quota => ("GCP-023", "a quota of the project is used up", "raise the quota named, or free a place"),
        Problem::Billing => {
            ("GCP-023", "the project has no active billing account", "mend the project's billing, then plan again")
        }
        _ => (
            "GCP-024",
            "Google refuses the request as such",
            "mend what Google says: a service attachment that does not exist, is of another region or is hidden from \
             this project is refused so too",
        ),
    };
    Finding::new(code, Severity::Blocks, summary, next).evidence(error.to_string()).evidence(error.help().to_owned())
}

/// Whether a failed write is worth a finding rather than an error.
pub(super) fn is_refusal(error: &Error) -> bool {
    matches!(
        Problem::of(error),
        Problem::GlobalAccessUnsupported
            | Problem::ApiDisabled
            | Problem::Quota
            | Problem::Billing
            | Problem::Invalid
            | Problem::NotFound
    )
}

pub(super) fn zone_of_somebody(zone: &ManagedZone) -> Finding {
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
    .evidence(format!("managed zone {}, without our mark", zone.name))
}

pub(super) fn wider_zone(zone: &ManagedZone, host: &DnsName) -> Finding {
    Finding::new(
        "GCP-031",
        Severity::Info,
        format!("the network also sees the wider zone {}; for {host} alone the narrower zone wins", zone.dns_name),
        "nothing; other names of the wider zone stay as they are",
    )
    .evidence(format!("managed zone {}", zone.name))
}

pub(super) fn shadows(zone: &DnsName) -> Finding {
    Finding::new(
        "GCP-032",
        Severity::Warning,
        format!("a new zone {zone} hides every other public name below it from the network"),
        "use a zone for the exact host, which hides nothing, unless all databases below it are linked here",
    )
}

pub(super) fn record_of_somebody(existing: &RecordSet, wanted: &[RecordSet]) -> Finding {
    Finding::new(
        "GCP-033",
        Severity::Blocks,
        format!("a record {} that is not ours is there and says something else", existing.name),
        "remove it after checking who uses it, or use another zone",
    )
    .evidence(format!("found: {existing}"))
    .evidence(if wanted.is_empty() {
        "wanted: the endpoint's address, once there is one".to_owned()
    } else {
        format!("wanted: {}", joined(wanted))
    })
}

pub(super) fn zone_given_unfit(zone: &ManagedZoneName, why: &str) -> Finding {
    Finding::new(
        "GCP-034",
        Severity::Blocks,
        format!("the given zone {zone} cannot hold the record: {why}"),
        "give a private zone that the network sees and that covers the host, or none",
    )
}

pub(super) fn no_endpoint_dns() -> Finding {
    Finding::new(
        "GCP-035",
        Severity::Blocks,
        "an endpoint of Google's answers no vendor's names itself",
        "use a zone of your own for the exact host, or print the records",
    )
}

pub(super) fn naming_not_listed(naming: Naming) -> Finding {
    Finding::new(
        "GCP-036",
        Severity::Warning,
        format!("the vendor does not list the naming mode `{naming}` among those that work"),
        "leave the mode out, so that the vendor's first choice is used",
    )
}

pub(super) fn records_to_write(lines: &[String]) -> Finding {
    let mut finding = Finding::new(
        "GCP-037",
        Severity::Info,
        "the records are yours to write",
        "write them where the clients' resolver finds them",
    );
    for line in lines {
        finding = finding.evidence(line.clone());
    }
    finding
}

pub(super) fn other_networks_need_zone() -> Finding {
    Finding::new(
        "GCP-038",
        Severity::Warning,
        "names are to resolve in further networks, which only a zone can do",
        "use a zone of your own, or set up a resolver in those networks",
    )
}

pub(super) fn zone_conflict(zone: &DnsName, error: &Error) -> Finding {
    Finding::new(
        "GCP-039",
        Severity::Blocks,
        format!("Cloud DNS refuses the zone {zone} for these networks"),
        "look for another zone of this name that one of the networks sees, in every project that may bind to it; \
         Service Directory makes some too",
    )
    .evidence(error.to_string())
}

pub(super) fn record_refused(error: &Error) -> Finding {
    Finding::new(
        "GCP-040",
        Severity::Blocks,
        "Cloud DNS refuses the record as such",
        "mend what Cloud DNS says, then plan again",
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

pub(super) fn not_ours(kind: &str, name: &str) -> Finding {
    not_as_planned(format!("the {kind} {name} does not carry our mark any more"))
}

fn not_as_planned(summary: String) -> Finding {
    Finding::new("GCP-041", Severity::Blocks, summary, "plan the removal again; what is not ours stays")
}

pub(super) fn zone_seen_elsewhere(zone: &DnsName, networks: &[&NetworkPath]) -> Finding {
    Finding::new(
        "GCP-042",
        Severity::Warning,
        format!("the zone {zone} that goes is also seen by networks that this link was not told of"),
        "check that nobody there needs the name; it stops to resolve there when the link goes",
    )
    .evidence(format!("seen by {}", joined(networks)))
}

pub(super) fn service_directory_stays(rule: &ForwardingRule) -> Finding {
    Finding::new(
        "GCP-043",
        Severity::Info,
        "Google leaves the Service Directory namespace of the endpoint behind, and a zone that it made for it",
        "delete them by hand if no other endpoint is registered there",
    )
    .evidence(format!("{} was registered in {}", rule.name, joined(&rule.namespaces)))
}

pub(super) fn used_by_others(name: &str, users: &[String]) -> Finding {
    Finding::new(
        "GCP-044",
        Severity::Blocks,
        format!("{name} carries the mark of others who use it by now, so it stays"),
        "plan the removal again; it keeps what others use",
    )
    .evidence(format!("used by {}", users.join(", ")))
}
