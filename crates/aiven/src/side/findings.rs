//! What this side has to say, each with its stable code. Explained in TROUBLESHOOTING.md.

use privlink_core::side::Fact;
use privlink_core::{CloudProvider, Error, Finding, PrivateEndpointId, Severity, Turn};

use crate::facts::{Facts, Offer};
use crate::{Connection, Consumer, PrivatelinkDetails, Service, ServiceDetails, ServiceState};

const DOCS: &str = "https://aiven.io/docs/platform/howto/use-aws-privatelinks";

fn name(service: &Service) -> String {
    format!("service `{}` of project `{}`", service.name(), service.project())
}

pub(super) fn not_there(service: &Service) -> Finding {
    Finding::new(
        "AIVEN-001",
        Severity::Blocks,
        "the token sees no such service",
        "check the names of project and service, and that the token's user is in the project; to clean up after a \
         deleted one, plan the removal",
    )
    .evidence(format!("{} answers \"not found\"", name(service)))
}

/// As [`not_there`], to somebody who takes down.
pub(super) fn gone_or_elsewhere(service: &Service) -> Finding {
    let mut finding = not_there(service);
    finding.severity = Severity::Warning;
    finding.next_step = "nothing, if the service is deleted; otherwise plan again with a token that sees it".into();
    finding
}

pub(super) fn other_cloud(details: &ServiceDetails, here: CloudProvider) -> Finding {
    Finding::new(
        "AIVEN-002",
        Severity::Blocks,
        format!("the service runs in {}, the network is in {here}", details.cloud_name.escape_debug()),
        "link the service to a network in its own cloud, or move the service",
    )
    .evidence(format!("service `{}`", details.name))
}

pub(super) fn endpoint_elsewhere(service: &Service, cloud: CloudProvider, id: &PrivateEndpointId) -> Finding {
    Finding::new(
        "AIVEN-002",
        Severity::Blocks,
        format!("the service runs in {cloud}, the endpoint is in {}", id.cloud()),
        "link the service to a network in its own cloud",
    )
    .evidence(format!("{}, endpoint {id}", name(service)))
}

pub(super) fn unknown_cloud(details: &ServiceDetails) -> Finding {
    Finding::new(
        "AIVEN-003",
        Severity::Blocks,
        format!("which cloud the service runs in, its name does not tell: {}", details.cloud_name.escape_debug()),
        "say it with `service.in_cloud(cloud)`",
    )
    .evidence(format!("service `{}`", details.name))
}

/// `making`: there is no privatelink yet.
pub(super) fn state(details: &ServiceDetails, cloud: CloudProvider, making: bool) -> Option<Finding> {
    let told = |severity, summary: &'static str, next: &'static str| {
        let finding = Finding::new("AIVEN-004", severity, summary, next);
        Some(finding.evidence(format!("service `{}` is {}", details.name, details.state)))
    };
    match details.state {
        ServiceState::PowerOff => told(
            Severity::Blocks,
            "the service is switched off, and a privatelink may have gone with it",
            "switch the service on, then plan again",
        ),
        ServiceState::Rebalancing | ServiceState::Rebuilding if cloud == CloudProvider::Azure && making => told(
            Severity::Blocks,
            "a privatelink that is made on Azure while the service moves never becomes active",
            "wait until the service is running, then plan again",
        ),
        ServiceState::Rebalancing | ServiceState::Rebuilding => {
            told(Severity::Info, "the service moves to other nodes", "nothing; it may take longer than usual")
        }
        _ => None,
    }
}

pub(super) fn no_project_vpc(details: &ServiceDetails) -> Finding {
    Finding::new(
        "AIVEN-005",
        Severity::Blocks,
        "the service is in no project VPC, which privatelink needs",
        "make a project VPC in the service's cloud, move the service into it, then plan again; its range may overlap \
         with the network's",
    )
    .evidence(format!("service `{}` in {}", details.name, details.cloud_name.escape_debug()))
    .docs(DOCS)
}

pub(super) fn not_offered(details: &ServiceDetails, cloud: CloudProvider, facts: &Facts) -> Finding {
    let offered = |offer: &&Offer| offer.has(&details.service_type);
    let elsewhere: Vec<&str> = facts.offers.iter().filter(offered).map(|offer| offer.cloud.as_str()).collect();
    Finding::new(
        "AIVEN-006",
        Severity::Blocks,
        format!("services of type {} have no privatelink in {cloud}", details.service_type.escape_debug()),
        "use another kind of connection; if Aiven has added it since, say so with `Facts::offers`",
    )
    .evidence(format!("offered in: {}; {}", elsewhere.join(", "), facts.offers.provenance()))
}

pub(super) fn not_in_own_cloud(details: &ServiceDetails, cloud: CloudProvider, facts: &Facts) -> Finding {
    Finding::new(
        "AIVEN-006",
        Severity::Blocks,
        format!("services in a cloud of your own have no privatelink in {cloud}"),
        "use another kind of connection; if Aiven has added it since, say so with `Facts::offers`",
    )
    .evidence(format!("service `{}` in {}; {}", details.name, details.cloud_name, facts.offers.provenance()))
}

pub(super) fn on_request(details: &ServiceDetails, cloud: CloudProvider, facts: &Facts) -> Finding {
    Finding::new(
        "AIVEN-007",
        Severity::Warning,
        format!("privatelink for {} in {cloud} is given on request only", details.service_type.escape_debug()),
        "ask Aiven support for it before you apply",
    )
    .evidence(facts.offers.provenance())
    .turn(Turn::Vendor)
}

pub(super) fn early(cloud: CloudProvider, facts: &Facts) -> Finding {
    Finding::new(
        "AIVEN-007",
        Severity::Info,
        format!("privatelink in {cloud} is at an early stage of availability"),
        "nothing; Aiven may have to enable it for the project",
    )
    .evidence(facts.offers.provenance())
}

pub(super) fn no_such_component(details: &ServiceDetails, component: &str, facts: &Facts) -> Finding {
    let known = facts.components(&details.service_type).unwrap_or_default().join(", ");
    Finding::new(
        "AIVEN-008",
        Severity::Blocks,
        format!("services of type {} have no component `{}`", details.service_type, component.escape_debug()),
        "name one that they have; if Aiven has added it since, say so with `Facts::components`",
    )
    .evidence(format!("known: {known}; {}", facts.components.provenance()))
}

pub(super) fn which_component(details: &ServiceDetails, facts: &Facts) -> Finding {
    Finding::new(
        "AIVEN-008",
        Severity::Blocks,
        format!("this library knows no component of services of type {}", details.service_type.escape_debug()),
        "name those to be reached with `service.component(name)`",
    )
    .evidence(facts.components.provenance())
}

pub(super) fn no_static_ips(details: &ServiceDetails, needed: u64, usable: Option<usize>, facts: &Facts) -> Finding {
    let seen =
        usable.map_or("the project's could not be read".to_owned(), |usable| format!("the service has {usable}"));
    Finding::new(
        "AIVEN-009",
        Severity::Blocks,
        "on Azure the service needs static addresses before it can have a privatelink",
        "make them, associate them with the service, set `static_ips`, and wait until it runs again; then plan again",
    )
    .evidence(format!(
        "service `{}` of {} nodes needs {needed}; {seen}; static_ips is {}; {}",
        details.name,
        details.nodes.unwrap_or(1),
        details.static_ips,
        facts.static_ips.provenance()
    ))
}

pub(super) fn whole_account(consumer: &Consumer) -> Finding {
    Finding::new(
        "AIVEN-010",
        Severity::Warning,
        "everybody in the account may connect to the service",
        "name a role or a user with `service.allow(principal)`, unless you trust the whole account",
    )
    .evidence(consumer.to_string())
}

pub(super) fn listed_account(entries: &[&str]) -> Finding {
    Finding::new(
        "AIVEN-010",
        Severity::Warning,
        "the service's list lets in whole accounts",
        "take them off with `privatelink.patch_allow_list().remove(principal).send().await` if others than you mean should not connect",
    )
    .evidence(entries.join(", "))
}

pub(super) fn list_full(link: &PrivatelinkDetails, most: usize) -> Finding {
    let entries = link.allowed.as_deref().unwrap_or_default();
    Finding::new(
        "AIVEN-011",
        Severity::Blocks,
        format!("the privatelink's list is full: {} of {most}", entries.len()),
        "take an entry off that is no longer used; this library removes none by itself",
    )
    .evidence(entries.join(", "))
}

pub(super) fn not_listed(service: &Service, link: &PrivatelinkDetails, consumer: &Consumer) -> Finding {
    let entries = link.allowed.as_deref().unwrap_or_default();
    Finding::new(
        "AIVEN-024",
        Severity::Warning,
        format!("the privatelink is there, and its list lacks {consumer}: it lets nobody of this network in"),
        "apply the plan, which adds the entry and leaves the others as they are",
    )
    .about(Fact::Invited)
    .evidence(format!("the list of {}: {}", name(service), entries.join(", ").escape_debug()))
}

pub(super) fn list_fought_over(error: &Error) -> Finding {
    Finding::new(
        "AIVEN-012",
        Severity::Blocks,
        "somebody else keeps writing the privatelink's list, without this consumer",
        "find the other writer (another tool that owns the whole list) and add this consumer there",
    )
    .evidence(error.help().to_owned())
}

pub(super) fn no_service_id(service: &Service, link: &PrivatelinkDetails) -> Finding {
    Finding::new(
        "AIVEN-013",
        Severity::Blocks,
        "the vendor's answer does not say where endpoints must point",
        "plan again in a few minutes; if it stays so, ask Aiven support",
    )
    .evidence(format!("the privatelink of {} is {}", name(service), link.state))
    .turn(Turn::Vendor)
}

pub(super) fn being_deleted(service: &Service) -> Finding {
    Finding::new(
        "AIVEN-014",
        Severity::Warning,
        "the privatelink is being deleted; a new one is made once it is gone",
        "nothing, if you mean to have a new one; endpoints of the old one have to be made anew",
    )
    .evidence(name(service))
}

pub(super) fn other_connection(wanted: &str, found: Option<&Connection>) -> Finding {
    let seen = match found.and_then(|found| found.id.as_ref()) {
        Some(id) => format!("the endpoint has connection {id}"),
        None => "the endpoint has no connection".to_owned(),
    };
    Finding::new(
        "AIVEN-015",
        Severity::Blocks,
        format!("connection {wanted}, which the link is pinned to, is gone"),
        "plan again; with `service.pin_connection(id)`, name the new one or none",
    )
    .evidence(seen)
}

pub(super) fn several_connections(error: &Error) -> Finding {
    Finding::new(
        "AIVEN-016",
        Severity::Blocks,
        "the service has several connections, and which one is this link's cannot be told",
        "name it with `service.pin_connection(id)`",
    )
    .evidence(error.to_string())
}

pub(super) fn other_address(entry: &Connection, ours: std::net::Ipv4Addr) -> Finding {
    let told = entry.address.map_or("none".to_owned(), |address| address.to_string());
    Finding::new(
        "AIVEN-017",
        Severity::Blocks,
        "the connection is approved with another address than the endpoint's, and on Google Cloud that is for good",
        "delete the endpoint and apply again: a new one has a new connection",
    )
    .evidence(format!("endpoint {} has {ours}, Aiven has {told}", entry.endpoint_id.escape_debug()))
}

pub(super) fn no_endpoint() -> Finding {
    Finding::new(
        "AIVEN-018",
        Severity::Blocks,
        "the endpoint this step is about is not known",
        "plan again: the endpoint was made or removed meanwhile",
    )
}

pub(super) fn no_ipv4(endpoint: impl std::fmt::Display) -> Finding {
    Finding::new(
        "AIVEN-018",
        Severity::Blocks,
        "the endpoint has no IPv4 address, and privatelink has no other",
        "give the endpoint an IPv4 address",
    )
    .evidence(format!("endpoint {endpoint}"))
}

pub(super) fn not_available(details: &ServiceDetails) -> Finding {
    Finding::new(
        "AIVEN-019",
        Severity::Warning,
        format!("Aiven sells no privatelink in {} to this project", details.cloud_name.escape_debug()),
        "ask Aiven whether it can be had there before you apply",
    )
    .evidence(format!("the project's privatelink availability does not list {}", details.cloud_name.escape_debug()))
}

pub(super) fn price(details: &ServiceDetails, price: &str) -> Finding {
    Finding::new(
        "AIVEN-019",
        Severity::Info,
        format!("Aiven charges {} US dollars an hour for the privatelink", price.escape_debug()),
        "nothing",
    )
    .evidence(format!("the project's privatelink availability, {}", details.cloud_name.escape_debug()))
}

pub(super) fn switched_off(component: &str) -> Finding {
    Finding::new(
        "AIVEN-020",
        Severity::Blocks,
        format!("somebody has switched {} off for privatelink meanwhile", component.escape_debug()),
        "plan again, unless it is to stay off",
    )
}

pub(super) fn component_off(service: &Service, off: &[&str]) -> Finding {
    Finding::new(
        "AIVEN-023",
        Severity::Warning,
        "a component of the link is switched off for privatelink, though the endpoint is connected",
        "apply the plan, which switches it on; the load balancer takes some minutes to find it healthy",
    )
    .about(Fact::Served)
    .evidence(format!("{}: `privatelink_access` lacks {}", name(service), off.join(", ")))
}

pub(super) fn strange_host(host: &str, facts: &Facts) -> Finding {
    Finding::new(
        "AIVEN-021",
        Severity::Warning,
        "a host over privatelink is outside the vendor's known names",
        "check with Aiven that the name is right before clients connect to it",
    )
    .evidence(format!("{host} is not under {}", facts.apex))
}

pub(super) fn still_connected(others: &[String]) -> Finding {
    Finding::new(
        "AIVEN-022",
        Severity::Blocks,
        "other endpoints are connected to the privatelink, so it stays",
        "remove them first, or plan the removal without deleting the privatelink",
    )
    .evidence(others.join(", "))
}
