//! What this side has to say, each with its stable code. Explained in TROUBLESHOOTING.md.

use privlink_core::side::Fact;
use privlink_core::{CloudProvider, DnsName, Error, Finding, Severity, Turn};

use super::steps::told;
use crate::{
    Address, ClusterDetails, ClusterId, EndpointStatus, PrivateEndpoint, PrivateEndpointService, ProjectRegion,
};

const GUIDE: &str = "https://docs.zilliz.com/docs/set-up-a-private-endpoint";

fn of(side: &ProjectRegion) -> String {
    format!("project {} in {}", side.project().id(), side.region())
}

pub(super) fn not_there(side: &ProjectRegion) -> Finding {
    Finding::new(
        "ZILLIZ-001",
        Severity::Blocks,
        "the key does not see the project",
        "check the project's id, and that the API key covers it; its owner must be Project Admin",
    )
    .evidence(of(side))
}

/// As [`not_there`], to somebody who takes down.
pub(super) fn gone_or_elsewhere(side: &ProjectRegion) -> Finding {
    let mut finding = not_there(side);
    finding.severity = Severity::Warning;
    finding.next_step = "nothing, if the project is deleted; otherwise plan again with a key that sees it".into();
    finding
}

pub(super) fn other_cloud(side: &ProjectRegion, there: CloudProvider, here: CloudProvider) -> Finding {
    Finding::new(
        "ZILLIZ-002",
        Severity::Blocks,
        format!("the clusters run in {}, the network is in {}", there.name(), here.name()),
        "link them to a network in their own cloud",
    )
    .evidence(of(side))
}

pub(super) fn unknown_cloud(side: &ProjectRegion) -> Finding {
    Finding::new(
        "ZILLIZ-003",
        Severity::Blocks,
        format!("{} is of a cloud in which this library makes no links", side.region()),
        "register endpoints there with the typed client; links are for AWS, Azure and Google Cloud",
    )
    .evidence(of(side))
}

pub(super) fn no_service(side: &ProjectRegion, unreadable: usize) -> Finding {
    let finding = Finding::new(
        "ZILLIZ-004",
        Severity::Blocks,
        format!("the vendor lists no endpoint service in {}", side.region()),
        "check the region with `client.regions()`; if it is right, ask Zilliz support",
    )
    .evidence(of(side))
    .turn(Turn::Vendor);
    if unreadable == 0 { finding } else { finding.evidence(format!("{unreadable} services cannot be read")) }
}

pub(super) fn unreadable_service(side: &ProjectRegion, why: &str) -> Finding {
    Finding::new(
        "ZILLIZ-005",
        Severity::Blocks,
        "the vendor's answer does not say where private endpoints must point",
        "tell the maintainers what the vendor answers; its form may have changed",
    )
    .evidence(format!("{}: {why}", of(side)))
}

pub(super) fn several_services(
    side: &ProjectRegion,
    used: &PrivateEndpointService,
    other: &PrivateEndpointService,
) -> Finding {
    let shown = |service: &PrivateEndpointService| service.endpoint_service.escape_debug().to_string();
    Finding::new(
        "ZILLIZ-005",
        Severity::Warning,
        "the vendor lists several endpoint services in the region; the first one is used",
        "ask Zilliz support which one serves your clusters",
    )
    .evidence(format!("{}: used {}, and there is {}", of(side), shown(used), shown(other)))
}

pub(super) fn no_cluster(side: &ProjectRegion) -> Finding {
    Finding::new(
        "ZILLIZ-006",
        Severity::Blocks,
        "the project has no Dedicated cluster in the region that could be linked",
        "make one first, or name another region; Free and Serverless clusters have no private endpoints",
    )
    .evidence(of(side))
    .docs(GUIDE)
}

pub(super) fn not_covered(side: &ProjectRegion, id: &ClusterId, found: Option<&ClusterDetails>) -> Finding {
    let what = match found {
        Some(cluster) => {
            let deployment = cluster.deployment.as_ref().map_or("by its id", |deployment| deployment.as_str());
            format!("cluster {id} is not Dedicated ({deployment}), so it has no private endpoint")
        }
        None => format!("there is no cluster {id} in the project and region"),
    };
    Finding::new(
        "ZILLIZ-007",
        Severity::Blocks,
        what,
        "name clusters of this project and region that are Dedicated, or leave `only` out",
    )
    .evidence(of(side))
}

pub(super) fn resting(cluster: &ClusterDetails, severity: Severity) -> Finding {
    Finding::new(
        "ZILLIZ-008",
        severity,
        format!("cluster {} is {}, and gets its private address once it runs", told(cluster), cluster.status),
        "resume it, then plan again: its record is added then",
    )
    .about(Fact::Served)
    .evidence(format!("the vendor says that cluster {} is {}", cluster.id, cluster.status))
    .turn(Turn::You)
}

/// As [`resting`], of a cluster that has its private address.
pub(super) fn silent(cluster: &ClusterDetails) -> Finding {
    let mut finding = resting(cluster, Severity::Warning);
    finding.summary = format!("cluster {} is {}, and answers nobody", told(cluster), cluster.status).into();
    finding.next_step = "resume it, then prove the link again".into();
    finding
}

pub(super) fn unreadable_address(cluster: &ClusterDetails, error: &Error) -> Finding {
    Finding::new(
        "ZILLIZ-009",
        Severity::Blocks,
        format!("the private address of cluster {} cannot be read", told(cluster)),
        "tell the maintainers what the vendor answers; its form may have changed",
    )
    .evidence(error.to_string())
}

/// What there is to say of a private host; one that blocks must not be published.
///
/// Zones are made for it, so it must be of this cluster alone: the shared parent, or a name that somebody else has,
/// would hide other names.
pub(super) fn host(side: &ProjectRegion, cluster: &ClusterDetails, address: &Address) -> Option<Finding> {
    let facts = side.client().facts();
    let parent: Option<DnsName> = format!("{}.{}", cluster.region, facts.apex.value).parse().ok();
    let host = &address.host;
    let label = host.as_str().split('.').next().unwrap_or_default();
    let id = cluster.id.as_str().to_ascii_lowercase();
    let own_label = label == id || label.strip_prefix(&*id).is_some_and(|rest| rest.starts_with('-'));
    let inside = parent.is_some_and(|parent| host.parent() == Some(parent));
    let derived = facts.private_host(&cluster.id, &cluster.region);
    let usual = derived.as_ref().map(ToString::to_string).unwrap_or_default();
    if inside && own_label {
        let unusual = Finding::new(
            "ZILLIZ-011",
            Severity::Info,
            "the private host is not formed as the vendor's guides have it; it is used as the vendor says",
            "nothing",
        );
        let unusual = unusual.evidence(format!("cluster {}: {host}, usually {usual}", told(cluster)));
        return (derived.as_ref() != Some(host)).then_some(unusual);
    }
    let trusted = side.trusted_hosts().iter().any(|trusted| trusted.name() == *host);
    let (severity, next) = match trusted {
        true => (Severity::Info, "nothing; it is used because you vouched for it".to_owned()),
        false => (
            Severity::Blocks,
            format!(
                "check with Zilliz that the name is right, then vouch for it with \
                 `region.trust_private_host(\"{host}\".parse()?)`"
            ),
        ),
    };
    let summary =
        "the private host is outside the vendor's known names; a zone for it could hide names of somebody else";
    Some(
        Finding::new("ZILLIZ-010", severity, summary, next)
            .evidence(format!("cluster {} answers the private host {host}", told(cluster)))
            .evidence(format!("names like {usual} ({})", facts.apex.provenance())),
    )
}

pub(super) fn entry_dead(side: &ProjectRegion, entry: &PrivateEndpoint) -> Finding {
    let status = entry.status.as_ref().map_or("dead", EndpointStatus::as_str);
    Finding::new(
        "ZILLIZ-012",
        Severity::Blocks,
        format!("the registration of the endpoint is {}", status.escape_debug()),
        "take the link down and set it up again, with a new endpoint; if it fails again, ask Zilliz support",
    )
    .evidence(format!("endpoint `{}` of {}", entry.endpoint_id.escape_debug(), of(side)))
}

pub(super) fn whitelist_unseen(side: &ProjectRegion, account: Option<&str>) -> Finding {
    Finding::new(
        "ZILLIZ-013",
        Severity::Info,
        "the account goes onto a list of the vendor's that nobody can read, and that no call takes it off again",
        "nothing; note it, and ask Zilliz support should it have to go",
    )
    .evidence(format!("{}: {}", of(side), account.unwrap_or("the network's account")))
}

pub(super) fn no_endpoint(side: &ProjectRegion) -> Finding {
    Finding::new(
        "ZILLIZ-014",
        Severity::Blocks,
        "the endpoint this step is about is not known",
        "plan again: the endpoint was made or removed meanwhile",
    )
    .evidence(of(side))
}

pub(super) fn no_consumer(side: &ProjectRegion) -> Finding {
    let mut finding = no_endpoint(side);
    finding.summary = "the account this step is about is not known".into();
    finding
}

pub(super) fn ticket(side: &ProjectRegion) -> Finding {
    Finding::new(
        "ZILLIZ-015",
        Severity::Info,
        format!("endpoints to {} in other AWS regions take a ticket at Zilliz support", side.region()),
        "open one that names both regions and your account; when it is answered, give the confirmation and plan again",
    )
    .turn(Turn::Vendor)
}

pub(super) fn console_only(side: &ProjectRegion, cluster: &ClusterDetails, on: bool) -> Finding {
    let (cluster_told, console) = (told(cluster), &side.client().facts().console.value);
    let way = if on { "on" } else { "off" };
    Finding::new(
        "ZILLIZ-016",
        Severity::Blocks,
        "this deployment of the vendor has no call that switches public addresses: only the console can",
        format!("switch the public address of cluster {cluster_told} {way} in the console: {console}"),
    )
    .evidence(format!("cluster {} answers 404", cluster.id))
    .turn(Turn::You)
}

pub(super) fn closed_already(side: &ProjectRegion) -> Finding {
    Finding::new(
        "ZILLIZ-017",
        Severity::Info,
        "no cluster of the link has a public address that is on: there is nothing to close",
        "keep the receipt of the first closing: it alone says what was open",
    )
    .evidence(of(side))
}

pub(super) fn cached_names(cluster: &ClusterDetails) -> Finding {
    let cluster_told = told(cluster);
    Finding::new(
        "ZILLIZ-018",
        Severity::Warning,
        format!(
            "after the public address of cluster {cluster_told} is on again, resolvers may go on saying that it is gone"
        ),
        "give clients some minutes, or clear their name caches, before anything else is suspected",
    )
    .evidence(cluster.connect_address.clone().unwrap_or_else(|| "its public address".to_owned()))
}

/// Why the vendor would not switch a public address off.
pub(super) fn cannot_close(cluster: &ClusterDetails) -> Option<Finding> {
    let plan = cluster.plan.as_deref().unwrap_or_default();
    let why = if cluster.private_link_address.is_none() {
        "it has no private address yet"
    } else if cluster.is_global {
        "it is part of a global cluster"
    } else if ["free", "serverless", "standard"].iter().any(|known| plan.eq_ignore_ascii_case(known)) {
        "its plan is below Enterprise"
    } else {
        return None;
    };
    Some(
        Finding::new(
            "ZILLIZ-019",
            Severity::Blocks,
            format!("the public address of cluster {} cannot be switched off: {why}", told(cluster)),
            "mend that first, or leave the cluster out with `only`",
        )
        .evidence(format!("plan `{}`", plan.escape_debug())),
    )
}

pub(super) fn unreadable_clusters(side: &ProjectRegion, unreadable: usize) -> Finding {
    Finding::new(
        "ZILLIZ-020",
        Severity::Warning,
        format!("{unreadable} clusters of the vendor's list cannot be read, so they get no record"),
        "tell the maintainers what the vendor answers; its form may have changed",
    )
    .evidence(of(side))
}

/// For what is done to each cluster, and not only written of it.
pub(super) fn unknown_clusters(side: &ProjectRegion, unreadable: usize) -> Finding {
    Finding::new(
        "ZILLIZ-020",
        Severity::Blocks,
        format!("{unreadable} clusters of the vendor's list cannot be read, so nobody knows whether they are open"),
        "name the clusters that are meant with `only`; tell the maintainers what the vendor answers",
    )
    .evidence(of(side))
}

pub(super) fn serves_others(side: &ProjectRegion, others: &[String]) -> Finding {
    Finding::new(
        "ZILLIZ-022",
        Severity::Blocks,
        format!("the registration serves {} by now", others.join(", ")),
        "plan again: it stays until a link of the whole region, without `only`, is taken down",
    )
    .evidence(of(side))
}

pub(super) fn cluster_gone(side: &ProjectRegion, id: &ClusterId) -> Finding {
    Finding::new(
        "ZILLIZ-021",
        Severity::Blocks,
        format!("cluster {id} is deleted, or being so"),
        "plan again: the other clusters do not need it",
    )
    .evidence(of(side))
}
