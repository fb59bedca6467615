//! What this side has to say, each with its stable code. Explained in TROUBLESHOOTING.md.

use privlink_core::side::{Exchange, Fact};
use privlink_core::{CloudProvider, Error, Finding, PrivateDnsHostname, PrivateEndpointId, Severity, Turn};

use crate::facts::Facts;
use crate::{ListedEndpoint, PrivateEndpointConfig, ServiceDetails, ServiceState};

const IP_FILTERS: &str = "https://clickhouse.com/docs/cloud/security/setting-ip-filters";
const GUIDES: &str = "https://clickhouse.com/docs/cloud/security/private-link-overview";

fn name(details: &ServiceDetails) -> String {
    format!("service `{}` ({})", details.name.escape_debug(), details.id)
}

fn plans(facts: &Facts) -> String {
    format!("{} ({})", facts.plans.join(" or "), facts.plans.provenance())
}

pub(super) fn not_available_yet(details: &ServiceDetails, facts: &Facts) -> Finding {
    let next = if matches!(details.state, ServiceState::Provisioning | ServiceState::Starting) {
        "wait until the service is set up, then plan again".to_owned()
    } else {
        format!("check that the organization's plan is {}, then plan again", plans(facts))
    };
    Finding::new("CH-001", Severity::Blocks, "ClickHouse has not published where private endpoints must point", next)
        .evidence(format!("{} is {} and its private endpoint configuration is empty", name(details), details.state))
        .turn(Turn::Vendor)
        .docs(GUIDES)
}

pub(super) fn other_cloud(details: &ServiceDetails, here: CloudProvider) -> Finding {
    Finding::new(
        "CH-002",
        Severity::Blocks,
        format!("the service runs in {}, the network is in {here}", details.provider),
        "link the service to a network in its own cloud, or use a service in the network's cloud",
    )
    .evidence(format!("{} is in {} {}", name(details), details.provider, details.region))
}

pub(super) fn refused(details: &ServiceDetails, error: &Error, facts: &Facts) -> Finding {
    Finding::new(
        "CH-003",
        Severity::Blocks,
        "ClickHouse refuses to say where private endpoints must point",
        format!(
            "check that the organization's plan is {} and that the key has `control-plane:service:view-private-endpoints`",
            plans(facts)
        ),
    )
    .evidence(format!("{}: {error}", name(details)))
    .docs(GUIDES)
}

pub(super) fn state(details: &ServiceDetails) -> Option<Finding> {
    let told = |code, severity, summary: String, next| {
        Some(Finding::new(code, severity, summary, next).evidence(format!("{} is {}", name(details), details.state)))
    };
    match &details.state {
        ServiceState::Failed => told(
            "CH-004",
            Severity::Blocks,
            "the service has failed".to_owned(),
            "ask ClickHouse support to mend the service, then plan again",
        ),
        state if state.is_going_or_gone() => told(
            "CH-004",
            Severity::Blocks,
            format!("the service is deleted or being deleted: {state}"),
            "link another service; to clean up after this one, plan the removal",
        ),
        ServiceState::Stopped | ServiceState::Stopping => told(
            "CH-005",
            Severity::Warning,
            "the service is stopped, so no connection will be answered".to_owned(),
            "start the service before proving the link",
        )
        .map(|finding| finding.about(Fact::Served)),
        _ => None,
    }
}

/// Entries that are no endpoint; `lacking` is whether the link's own endpoint is not on the list, so that one of them may
/// have been meant for it.
pub(super) fn unreadable(junk: &[&ListedEndpoint], untold: usize, lacking: bool) -> Option<Finding> {
    if junk.is_empty() && untold == 0 {
        return None;
    }
    let next = match lacking {
        true => {
            "apply the plan, which lists the endpoint by its right id; then remove the wrong ones with \
             `private_endpoints().patch().remove(entry)`, or in the console"
        }
        false => "remove them with `private_endpoints().patch().remove(entry)`, or in the console",
    };
    let mut finding = Finding::new(
        "CH-006",
        Severity::Warning,
        "the service's allow list holds entries that are no endpoint of its cloud; they let nobody in",
        next,
    );
    if lacking {
        finding = finding.about(Fact::Served);
    }
    for entry in junk {
        finding = finding.evidence(format!("`{}`", entry.as_str().escape_debug().take(120).collect::<String>()));
    }
    if untold > 0 {
        finding = finding.evidence(format!("{untold} that are not even text"));
    }
    Some(finding)
}

pub(super) fn mysql_off(facts: &Facts) -> Finding {
    Finding::new(
        "CH-007",
        Severity::Info,
        "the MySQL interface is off for this service, so its port is left closed",
        "nothing; switch it on at the vendor and plan again if clients need it",
    )
    .evidence(format!("no `mysql` endpoint; port {} not asked for", facts.ports.value.mysql))
}

pub(super) fn public_open(details: &ServiceDetails) -> Option<Finding> {
    let sources = details.ip_access_list().ok().filter(|sources| !sources.is_empty())?;
    let summary = if sources.iter().any(crate::IpAccessEntry::is_everybody) {
        "the service is open to the whole internet besides its private endpoints".to_owned()
    } else {
        format!("the service is also open to {} public source(s)", sources.len())
    };
    let mut finding = Finding::new(
        "CH-008",
        Severity::Info,
        summary,
        "once the link is proved, close public access with `Link::closing_plan(&expectation, &proof)`; private endpoints \
         pass by the IP access list",
    );
    for source in sources.iter().take(5) {
        finding = finding.evidence(source.to_string());
    }
    if sources.len() > 5 {
        finding = finding.evidence(format!("and {} more", sources.len() - 5));
    }
    Some(finding.docs(IP_FILTERS))
}

pub(super) fn byoc(details: &ServiceDetails) -> Option<Finding> {
    details.infrastructure.as_ref()?;
    let (summary, next, turn) = match details.provider.cloud() {
        Some(CloudProvider::Aws) => (
            "the service runs in your own AWS account (BYOC): somebody must accept the endpoint connection there",
            "in the BYOC account, accept the connection of the endpoint service `clickhouse-cloud-infra-…`; the VPC \
             needs DNS host names on, and the endpoint private DNS",
            Turn::Approver,
        ),
        Some(CloudProvider::Gcp) => (
            "the service runs in your own Google Cloud project (BYOC): ClickHouse may have to accept the connection",
            "if the connection stays pending, ask ClickHouse support to accept it",
            Turn::Vendor,
        ),
        _ => return None,
    };
    Some(
        Finding::new("CH-009", Severity::Warning, summary, next)
            .evidence(format!("{} has a `byocId`", name(details)))
            .turn(turn),
    )
}

pub(super) fn byoc_off(details: &ServiceDetails, error: &Error) -> Finding {
    Finding::new(
        "CH-019",
        Severity::Blocks,
        "private link is not there yet on the BYOC infrastructure that the service runs on",
        "enable `enablePrivateLoadBalancer` on the infrastructure, then `enablePrivateLink`; wait until its endpoint \
         service is there, then plan again",
    )
    .evidence(format!("{}: {error}", name(details)))
    .turn(Turn::You)
}

pub(super) fn guid_entry(guid: &ListedEndpoint, resource: Option<&PrivateEndpointId>) -> Finding {
    let next = match resource {
        Some(id) => format!("migrate: `private_endpoints().patch().add({id}).send()`, check, then remove the GUID"),
        None => "migrate: add the endpoint's resource id, check that it connects, then remove the GUID".to_owned(),
    };
    Finding::new(
        "CH-010",
        Severity::Warning,
        "an Azure endpoint is listed by its GUID, the form used before August 2025; it still works",
        next,
    )
    .evidence(format!("`{guid}` on the allow list"))
}

pub(super) fn letter_case(listed: &ListedEndpoint, id: &PrivateEndpointId) -> Finding {
    Finding::new(
        "CH-011",
        Severity::Info,
        "the allow list spells the endpoint's resource id in other letter case than Azure does",
        "nothing while the connection is approved; if it stays pending, remove the entry and plan again",
    )
    .about(Fact::Served)
    .evidence(format!("listed `{listed}`, Azure says `{id}`"))
}

/// What there is to say of the private host; one that blocks must not be published.
pub(super) fn host(
    details: &ServiceDetails,
    config: &PrivateEndpointConfig,
    facts: &Facts,
    trusted: &[PrivateDnsHostname],
) -> Option<Finding> {
    let cloud = details.provider.cloud()?;
    let byoc = details.infrastructure.is_some();
    let pattern = if byoc { facts.byoc_hosts(cloud) } else { facts.hosts(cloud) }?;
    let host = &config.private_dns_hostname;
    let inside =
        pattern.private().matches(&host.name()).is_some_and(|parts| parts.region().as_ref() == Some(&details.region));
    let public = details.endpoints.first().map(|endpoint| &endpoint.host);
    let told = |code, severity, summary: &'static str, next: String| {
        let finding = Finding::new(code, severity, summary, next)
            .evidence(format!("{} answers the private host {host}", name(details)))
            .evidence(format!("names in {cloud} {}: {} ({})", details.region, pattern.private(), pattern.provenance()));
        public.into_iter().fold(finding, |finding, public| finding.evidence(format!("its public host is {public}")))
    };
    if inside {
        let derived = pattern.private_host(public?);
        return (derived.as_ref() != Some(host)).then(|| {
            told(
                "CH-018",
                Severity::Info,
                "the private host is not what the known pattern makes of the public one; the vendor's is used",
                "nothing; tell the maintainers, the pattern may have changed".to_owned(),
            )
        });
    }
    if trusted.contains(host) {
        return Some(told(
            "CH-012",
            Severity::Info,
            "the private host is outside the vendor's known names; it is used because you vouched for it",
            "nothing".to_owned(),
        ));
    }
    Some(
        told(
            "CH-012",
            Severity::Blocks,
            "the private host is outside the vendor's known names; a zone for it could hide names of somebody else",
            format!(
                "check with ClickHouse that the name is right, then vouch for it with `service.trust_private_host(\"{host}\".parse()?)`"
            ),
        )
        .docs(GUIDES),
    )
}

pub(super) fn no_endpoint() -> Finding {
    Finding::new(
        "CH-013",
        Severity::Blocks,
        "the endpoint this step is about is not known",
        "plan again: the endpoint was made or removed meanwhile",
    )
}

pub(super) fn sources_changed(seen: &str) -> Finding {
    Finding::new(
        "CH-014",
        Severity::Blocks,
        "the IP access list has changed since the plan was made",
        "plan again, so that the receipt holds what is really there",
    )
    .evidence(seen.to_owned())
}

pub(super) fn unknown_cloud(details: &ServiceDetails) -> Finding {
    Finding::new(
        "CH-015",
        Severity::Blocks,
        format!("the service runs in a cloud this library does not know: {}", details.provider),
        "use a newer version of this library",
    )
    .evidence(name(details))
}

pub(super) fn last_door(details: &ServiceDetails) -> Finding {
    Finding::new(
        "CH-016",
        Severity::Warning,
        "public access is closed, so nobody reaches the database once the link is gone",
        "reopen it with your receipt first: `Link::reopening_plan(&receipt)`",
    )
    .evidence(format!("{} has an empty IP access list", name(details)))
    .docs(IP_FILTERS)
}

/// The cloud the consumer's identity is of.
pub(super) fn consumer_cloud(known: &Exchange) -> Option<CloudProvider> {
    use privlink_core::side::ConsumerIdentity;
    match known.consumer.as_ref()? {
        ConsumerIdentity::Aws { .. } => Some(CloudProvider::Aws),
        ConsumerIdentity::Azure { .. } => Some(CloudProvider::Azure),
        ConsumerIdentity::Gcp { .. } => Some(CloudProvider::Gcp),
        _ => None,
    }
}

pub(super) fn closed_already(service: crate::ServiceId) -> Finding {
    Finding::new(
        "CH-020",
        Severity::Info,
        "public access is closed already",
        "nothing is left to close; keep the receipt of the first closing, it alone knows what was open",
    )
    .evidence(format!("service {service} has an empty IP access list"))
    .docs(IP_FILTERS)
}

/// As [`maybe_elsewhere`], to somebody who wants to set up.
pub(super) fn not_there(service: crate::ServiceId) -> Finding {
    let mut finding = maybe_elsewhere(service);
    finding.severity = Severity::Blocks;
    finding.next_step = "check the service's id and which organization the key is of; to clean up after a deleted \
                         service, name its organization to the client and plan the removal"
        .into();
    finding
}

pub(super) fn maybe_elsewhere(service: crate::ServiceId) -> Finding {
    Finding::new(
        "CH-017",
        Severity::Warning,
        "the service is not in the key's organization: it is deleted, or belongs to another one",
        "if it is deleted, name its organization to the client and plan again; then its endpoint can go too",
    )
    .evidence(format!("service {service} answers \"not found\""))
}
