//! What this side has to say, each with its stable code. Explained in TROUBLESHOOTING.md.

use privlink_core::side::Fact;
use privlink_core::{CloudProvider, Error, Finding, Listed, PrivateDnsHostname, Region, Severity, Turn};

use crate::facts::Facts;
use crate::wire::brief;
use crate::{
    ClusterDetails, ClusterId, ClusterState, Connection, ConnectionStatus, PrivateEndpointService, RegionDetails,
    ServiceStatus, TrustedOwner,
};

const GUIDES: &str = "https://www.cockroachlabs.com/docs/cockroachcloud/connect-to-an-advanced-cluster";

const ALLOWLIST: &str = "https://www.cockroachlabs.com/docs/cockroachcloud/network-authorization";

fn name(details: &ClusterDetails) -> String {
    format!("cluster {}", told(details))
}

/// A cluster by name and id.
pub(super) fn told(details: &ClusterDetails) -> String {
    format!("`{}` ({})", brief(&details.name), details.id)
}

fn regions(details: &ClusterDetails) -> String {
    details.regions.iter().map(|region| region.name.as_str()).collect::<Vec<_>>().join(", ")
}

pub(super) fn not_there(cluster: ClusterId) -> Finding {
    Finding::new(
        "CRDB-001",
        Severity::Blocks,
        "the key sees no such cluster",
        "check the cluster's id, and that the service account has a role on it; to clean up after a deleted one, plan \
         the removal",
    )
    .evidence(format!("cluster {cluster} answers \"not found\""))
}

/// As [`not_there`], to somebody who takes down.
pub(super) fn gone_or_elsewhere(cluster: ClusterId) -> Finding {
    let mut finding = not_there(cluster);
    finding.severity = Severity::Warning;
    finding.next_step = "nothing, if the cluster is deleted; otherwise plan again with a key that sees it".into();
    finding
}

pub(super) fn other_cloud(details: &ClusterDetails, here: CloudProvider) -> Finding {
    Finding::new(
        "CRDB-002",
        Severity::Blocks,
        format!("the cluster runs in {}, the network is in {here}", brief(details.provider.as_str())),
        "link the cluster to a network in its own cloud",
    )
    .evidence(name(details))
}

pub(super) fn unknown_cloud(details: &ClusterDetails) -> Finding {
    Finding::new(
        "CRDB-003",
        Severity::Blocks,
        format!("the cluster runs in a cloud this library does not know: {}", brief(details.provider.as_str())),
        "use a newer version of this library",
    )
    .evidence(name(details))
}

pub(super) fn state(details: &ClusterDetails) -> Option<Finding> {
    let told = |code, severity, summary: &'static str, next| {
        let finding = Finding::new(code, severity, summary, next);
        Some(finding.evidence(format!("{} is {}", name(details), brief(details.state.as_str()))))
    };
    match details.state {
        ClusterState::Creating => told(
            "CRDB-004",
            Severity::Blocks,
            "the cluster is still being made",
            "wait until it is ready, then plan again",
        ),
        ClusterState::CreationFailed | ClusterState::Deleted => told(
            "CRDB-004",
            Severity::Blocks,
            "the cluster is deleted, or could not be made",
            "link another cluster; to clean up after this one, plan the removal",
        ),
        ClusterState::Locked => told(
            "CRDB-005",
            Severity::Info,
            "the cluster is busy with another operation",
            "nothing; changes wait until that has ended",
        ),
        _ => None,
    }
}

pub(super) fn not_offered(details: &ClusterDetails, facts: &Facts) -> Finding {
    Finding::new(
        "CRDB-006",
        Severity::Blocks,
        format!("the plan {} has no private endpoints in {}", brief(details.plan.as_str()), details.provider),
        "move the cluster to a plan that has them; if the vendor has added them since, say so with `Facts::offers`",
    )
    .evidence(format!("{}; {}", name(details), facts.offers.provenance()))
    .docs(GUIDES)
}

pub(super) fn which_region(details: &ClusterDetails) -> Finding {
    Finding::new(
        "CRDB-007",
        Severity::Blocks,
        "the cluster is in several regions, and each has an endpoint service of its own",
        "make one link for each region, naming it with `cluster.in_region(region)`",
    )
    .evidence(match details.unreadable_regions {
        0 => format!("{} is in {}", name(details), regions(details)),
        more => format!("{} is in {}, and {more} that cannot be read", name(details), regions(details)),
    })
}

pub(super) fn not_in_region(details: &ClusterDetails, region: &Region) -> Finding {
    Finding::new(
        "CRDB-008",
        Severity::Blocks,
        format!("the cluster is not in {region}"),
        "name one of the cluster's regions, or add that one to the cluster first",
    )
    .evidence(format!("{} is in {}", name(details), regions(details)))
}

/// Whether a service is past use.
pub(super) fn is_dead(service: &PrivateEndpointService) -> bool {
    !matches!(service.status, ServiceStatus::Available | ServiceStatus::Creating)
}

pub(super) fn service_dead(details: &ClusterDetails, service: &PrivateEndpointService) -> Finding {
    Finding::new(
        "CRDB-009",
        Severity::Blocks,
        format!("the endpoint service in {} cannot be used: {}", service.region, brief(service.status.as_str())),
        "ask CockroachDB support to mend it, then plan again",
    )
    .evidence(name(details))
    .turn(Turn::Vendor)
}

pub(super) fn unreadable_service(details: &ClusterDetails, error: &Error) -> Finding {
    Finding::new(
        "CRDB-010",
        Severity::Blocks,
        "the vendor's answer does not say where private endpoints must point",
        "tell the maintainers what the vendor answers; its form may have changed",
    )
    .evidence(format!("{}: {error}", name(details)))
}

pub(super) fn unreadable_services(details: &ClusterDetails, services: &Listed<PrivateEndpointService>) -> Finding {
    Finding::new(
        "CRDB-010",
        Severity::Blocks,
        "the vendor's answer does not say where private endpoints must point",
        "tell the maintainers what the vendor answers; its form may have changed",
    )
    .evidence(format!("{}: {} endpoint services cannot be read", name(details), services.unreadable))
}

pub(super) fn no_shared_service(details: &ClusterDetails, region: &RegionDetails) -> Finding {
    Finding::new(
        "CRDB-011",
        Severity::Blocks,
        format!("the vendor has no endpoint service in {} for clusters of this plan", region.name),
        "ask CockroachDB support; it is theirs to make, and an Advanced cluster has one of its own",
    )
    .evidence(format!("{}, {}", name(details), brief(details.plan.as_str())))
    .turn(Turn::Vendor)
}

/// What there is to say of the private host; one that blocks must not be published.
pub(super) fn host(
    details: &ClusterDetails,
    region: &RegionDetails,
    host: &PrivateDnsHostname,
    cloud: CloudProvider,
    facts: &Facts,
    trusted: &[PrivateDnsHostname],
) -> Option<Finding> {
    let inside = facts.apexes.iter().any(|apex| host.name().is_within(apex) && host.name() != *apex);
    let told = |severity, summary: &'static str, next: String| {
        let known: Vec<String> = facts.apexes.iter().map(ToString::to_string).collect();
        Finding::new("CRDB-012", severity, summary, next)
            .evidence(format!("{} answers the private host {host}", name(details)))
            .evidence(format!("names under {} ({})", known.join(", "), facts.apexes.provenance()))
    };
    if inside {
        let derived = region.sql_dns.as_ref().map(|public| format!("{}{public}", facts.host_prefix(cloud)));
        let same = derived.is_none_or(|derived| derived == host.name().as_str());
        return (!same).then(|| {
            told(
                Severity::Info,
                "the private host is not what the known form makes of the public one; the vendor's is used",
                "nothing; tell the maintainers, the form may have changed".to_owned(),
            )
        });
    }
    if trusted.contains(host) {
        return Some(told(
            Severity::Info,
            "the private host is outside the vendor's known names; it is used because you vouched for it",
            "nothing".to_owned(),
        ));
    }
    Some(told(
        Severity::Blocks,
        "the private host is outside the vendor's known names; a zone for it could hide names of somebody else",
        format!(
            "check with CockroachDB that the name is right, then vouch for it with \
             `cluster.trust_private_host(\"{host}\".parse()?)`"
        ),
    ))
}

pub(super) fn no_private_host(details: &ClusterDetails, region: &RegionDetails) -> Finding {
    Finding::new(
        "CRDB-013",
        Severity::Blocks,
        format!("the vendor has published no private host in {}", region.name),
        "plan again in a few minutes; if it stays so, ask CockroachDB support",
    )
    .evidence(name(details))
    .turn(Turn::Vendor)
}

pub(super) fn routing(details: &ClusterDetails) -> Option<Finding> {
    let id = details.routing_id.as_ref()?;
    Some(
        Finding::new(
            "CRDB-014",
            Severity::Info,
            "the host may be shared with other clusters, so clients have to say which one they mean",
            "connect with the string of `details.private_connection_string(…)`, which has the option",
        )
        .evidence(format!("{}: options=--cluster={}", name(details), brief(id))),
    )
}

/// Whether a connection in this state does not come to life by itself.
pub(super) fn connection_is_dead(status: &ConnectionStatus) -> bool {
    matches!(
        status,
        ConnectionStatus::Failed | ConnectionStatus::Expired | ConnectionStatus::Deleting | ConnectionStatus::Deleted
    )
}

pub(super) fn connection_dead(details: &ClusterDetails, entry: &Connection, severity: Severity) -> Finding {
    Finding::new(
        "CRDB-015",
        severity,
        format!("the endpoint's connection is {}", brief(entry.status.as_str())),
        "take the link down and set it up again; if it fails again, ask CockroachDB support",
    )
    .about(Fact::Accepted)
    .evidence(format!("endpoint `{}` of {}", brief(&entry.endpoint_id), name(details)))
}

pub(super) fn not_trusted(details: &ClusterDetails, account: &str, owners: &[TrustedOwner]) -> Finding {
    let listed: Vec<String> = owners.iter().map(|owner| brief(&owner.owner)).collect();
    Finding::new(
        "CRDB-020",
        Severity::Warning,
        "the cluster's trusted owners leave out the account of the endpoint, so that its connection is not accepted",
        format!(
            "add the account with `cluster.add_trusted_owner({account})`, or take the list away to let every account in"
        ),
    )
    .about(Fact::Accepted)
    .evidence(format!("{}: account {account} is not among {}", name(details), listed.join(", ")))
}

pub(super) fn owners_unread(details: &ClusterDetails, error: &Error) -> Finding {
    Finding::new(
        "CRDB-021",
        Severity::Info,
        "whether the cluster's trusted owners leave the endpoint's account out could not be read; it is unknown",
        "let somebody with the role CLUSTER_ADMIN look, or ask CockroachDB support; where the list is not enabled, wait",
    )
    .about(Fact::Accepted)
    .evidence(format!("{}: {error}", name(details)))
}

pub(super) fn too_many_connections(details: &ClusterDetails, most: usize, facts: &Facts) -> Finding {
    Finding::new(
        "CRDB-016",
        Severity::Warning,
        format!("the cluster has as many connections as it may have: {most}"),
        "withdraw another endpoint first; if the vendor allows more, say so with `Facts::most_connections`",
    )
    .evidence(format!("{}; {}", name(details), facts.most_connections.provenance()))
}

pub(super) fn no_endpoint() -> Finding {
    Finding::new(
        "CRDB-017",
        Severity::Blocks,
        "the endpoint this step is about is not known",
        "plan again: the endpoint was made or removed meanwhile",
    )
}

pub(super) fn ranges_changed(seen: &str) -> Finding {
    Finding::new(
        "CRDB-018",
        Severity::Blocks,
        "the allowlist has changed since the plan was made",
        "plan again, so that the receipt holds what is really there",
    )
    .evidence(seen.to_owned())
}

pub(super) fn closed_already(cluster: ClusterId) -> Finding {
    Finding::new(
        "CRDB-019",
        Severity::Info,
        "public access is closed already",
        "nothing is left to close; keep the receipt of the first closing, it alone knows what was open",
    )
    .evidence(format!("no entry of the allowlist of cluster {cluster} lets SQL clients in"))
    .docs(ALLOWLIST)
}
