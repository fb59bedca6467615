//! The endpoint and the service it leads to.

use privlink_core::side::Fact;
use privlink_core::{Error, Finding, ForwardingRuleName, Severity, Turn};

use super::joined;
use crate::ids::SubnetworkPath;
use crate::model::{Address, ForwardingRule};
use crate::problem::Problem;

pub(in super::super) fn name_taken(kind: &str, name: &str) -> Finding {
    Finding::new(
        "GCP-010",
        Severity::Blocks,
        format!("the {kind} {name} exists and does not carry our mark"),
        "delete it after checking who uses it; the name is made of what the link joins and cannot be another",
    )
}

pub(in super::super) fn foreign_endpoint(rule: &ForwardingRule) -> Finding {
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

pub(in super::super) fn two_endpoints(used: &ForwardingRuleName, others: &[&ForwardingRuleName]) -> Finding {
    Finding::new(
        "GCP-012",
        Severity::Warning,
        format!("several endpoints of this link lead to the same service; {used} is used"),
        "remove the link and set it up again, or delete the others by hand once nobody lists them",
    )
    .evidence(joined(others))
}

pub(in super::super) fn closed_endpoint(rule: &ForwardingRule) -> Finding {
    let finding = Finding::new(
        "GCP-013",
        Severity::Warning,
        "the producer closed our endpoint's connection for good; the plan deletes it and makes a new one",
        "apply the plan; the vendor is told of the new connection id, and the address stays",
    )
    .about(Fact::Endpoint)
    .evidence(format!("{} is {}", rule.name, rule.psc_connection_status));
    match rule.psc_connection_id {
        Some(id) => finding.evidence(format!("the connection {id} does not come back")),
        None => finding,
    }
}

pub(in super::super) fn closed_adopted(rule: &ForwardingRule) -> Finding {
    Finding::new(
        "GCP-013",
        Severity::Warning,
        "the producer closed the connection of an endpoint that was taken in; another one is made beside it",
        "delete it by hand: it was there before us, so we do not",
    )
    .about(Fact::Connected)
    .evidence(format!("{} is {}", rule.name, rule.psc_connection_status))
}

/// Why an endpoint in this state will not become usable.
pub(in super::super) fn endpoint_dead(rule: &ForwardingRule, severity: Severity) -> Finding {
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
        .about(Fact::Connected)
        .turn(turn)
        .evidence(format!("{} is {}", rule.name, rule.psc_connection_status));
    match rule.psc_connection_id {
        Some(id) => finding.evidence(format!("connection {id}")),
        None => finding,
    }
}

pub(in super::super) fn needs_attention(rule: &ForwardingRule) -> Finding {
    Finding::new(
        "GCP-015",
        Severity::Info,
        "the endpoint is accepted, and the producer still has something to do",
        "wait; if it stays so, ask the vendor",
    )
    .about(Fact::Connected)
    .turn(Turn::Vendor)
    .evidence(format!("{} is {}", rule.name, rule.psc_connection_status))
}

pub(in super::super) fn address_differs(found: &Address, wanted: &str) -> Finding {
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

pub(in super::super) fn acceptance_needed() -> Finding {
    Finding::new(
        "GCP-017",
        Severity::Warning,
        "the vendor wants every endpoint accepted by hand, and nothing in this plan does that",
        "ask the vendor to accept the endpoint once it is made",
    )
    .about(Fact::Connected)
    .turn(Turn::Vendor)
}

pub(in super::super) fn automation(zone: bool) -> Finding {
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

pub(in super::super) fn connection_changed(rule: &ForwardingRule, known: &str) -> Finding {
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
pub(in super::super) fn refused(error: &Error) -> Finding {
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
pub(in super::super) fn is_refusal(error: &Error) -> bool {
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

pub(in super::super) fn service_directory_stays(rule: &ForwardingRule) -> Finding {
    Finding::new(
        "GCP-043",
        Severity::Info,
        "Google leaves the Service Directory namespace of the endpoint behind, and a zone that it made for it",
        "delete them by hand if no other endpoint is registered there",
    )
    .evidence(format!("{} was registered in {}", rule.name, joined(&rule.namespaces)))
}

pub(in super::super) fn used_by_others(name: &str, users: &[String]) -> Finding {
    Finding::new(
        "GCP-044",
        Severity::Blocks,
        format!("{name} carries the mark of others who use it by now, so it stays"),
        "plan the removal again; it keeps what others use",
    )
    .evidence(format!("used by {}", users.join(", ")))
}
