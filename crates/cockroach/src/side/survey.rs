//! What is there, and what has to be done.

use std::sync::Arc;

use privlink_core::side::{
    Acceptance, Capabilities, ConsumerIdentity, Cx, EndpointService, Exchange, Fact, Naming, PrivateName, Protocol,
    RecordShape, Sharing, Slot, StepState, Survey, Undo, Users,
};
use privlink_core::{CloudProvider, ErrorKind, Finding, Listed, Result, Severity};

use super::endpoint::{admission, came_with_its_network, live};
use super::read::{Reader, find};
use super::{findings, steps};
use crate::model::fits;
use crate::{
    Cluster, ClusterDetails, Connection, ConnectionStatus, PrivateEndpointService, RegionDetails, ServiceStatus,
    TrustedOwner,
};

pub(super) async fn survey(cluster: &Cluster, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let (details, services, connections) = Reader::new(cluster, cx).all().await;
    let details = details.map_err(|error| match error.kind() {
        ErrorKind::NotFound => error.with_finding(findings::not_there(cluster.id())),
        _ => error,
    })?;
    let mut survey = Survey::new();
    survey.known.public_hosts.extend(details.regions.iter().filter_map(|region| region.sql_dns.clone()));
    let Some(cloud) = details.provider.cloud() else {
        survey.findings.push(findings::unknown_cloud(&details));
        return Ok(survey);
    };
    survey.findings.extend(findings::state(&details));
    if let Some(here) = consumer_cloud(known).filter(|here| *here != cloud) {
        survey.findings.push(findings::other_cloud(&details, here));
    }
    let facts = cluster.client().facts();
    if !facts.offers(&details.plan, cloud) {
        survey.findings.push(findings::not_offered(&details, facts));
        return Ok(survey);
    }
    let region = match region(cluster, &details) {
        Ok(region) => region,
        Err(finding) => {
            survey.findings.push(*finding);
            return Ok(survey);
        }
    };
    survey.known.capabilities = Some(capabilities(cloud));
    let (services, connections) = (services?, connections?);
    let service = services.items.iter().find(|service| service.region == region.name);
    let mut making = false;
    match service {
        Some(service) if service.status == ServiceStatus::Available => {
            match service.endpoint_service_id(details.account.as_deref()) {
                Ok(id) => publish(&mut survey.known, cluster, &details, cloud, service, id),
                Err(error) => survey.findings.push(findings::unreadable_service(&details, &error)),
            }
        }
        Some(service) if service.status == ServiceStatus::Creating => making = true,
        Some(service) => survey.findings.push(findings::service_dead(&details, service)),
        None if services.unreadable > 0 => survey.findings.push(findings::unreadable_services(&details, &services)),
        None if facts.has_own_services(&details.plan) => making = true,
        None => survey.findings.push(findings::no_shared_service(&details, region)),
    }
    // For ever: there is nothing to do where it is, and nothing that a removal could take back.
    if facts.has_own_services(&details.plan) && service.is_none_or(|service| !findings::is_dead(service)) {
        let state = if making { StepState::ToDo } else { StepState::AlreadyDone };
        survey.steps.push(steps::make_services(cluster, &details.name, &region.name, service.is_some(), state));
    }
    name(&mut survey, cluster, &details, region, cloud, making);
    entry(&mut survey, cluster, &details, cloud, &connections, known, cx);
    survey.findings.extend(distrusted(cluster, &details, cloud, &connections, known, cx).await?);
    Ok(survey)
}

/// The region of the link: the named one, or the only one.
fn region<'a>(
    cluster: &Cluster,
    details: &'a ClusterDetails,
) -> Result<&'a RegionDetails, Box<privlink_core::Finding>> {
    match (cluster.region(), details.regions.as_slice()) {
        (Some(name), _) => details.region(name).ok_or_else(|| Box::new(findings::not_in_region(details, name))),
        // It may be in another one, too.
        (None, [only]) if details.unreadable_regions == 0 => Ok(only),
        (None, _) => Err(Box::new(findings::which_region(details))),
    }
}

/// What the network side needs to know.
pub(super) fn publish(
    known: &mut Exchange,
    cluster: &Cluster,
    details: &ClusterDetails,
    cloud: CloudProvider,
    service: &PrivateEndpointService,
    id: privlink_core::EndpointServiceId,
) {
    let mut at = EndpointService::new(id, service.region.clone());
    at.acceptance = Acceptance::ByVendor;
    at.reach = cluster.client().facts().reach(cloud);
    at.zones.clone_from(&service.zones);
    let own = cluster.client().facts().has_own_services(&details.plan);
    at.shared_by = if own { Sharing::Cluster } else { Sharing::Region };
    known.services.insert(Slot::main(), at);
    known.hold(Some(Slot::main()), Fact::Service);
}

/// The name, once it is known to be one of the vendor's: zones are made for what is said here.
fn name(
    survey: &mut Survey,
    cluster: &Cluster,
    details: &ClusterDetails,
    region: &RegionDetails,
    cloud: CloudProvider,
    making: bool,
) {
    let facts = cluster.client().facts();
    let Some(host) = region.private_host(cloud) else {
        // It may come with the service.
        if !making {
            survey.findings.push(findings::no_private_host(details, region));
        }
        return;
    };
    let finding = findings::host(details, region, host, cloud, facts, cluster.trusted_hosts());
    if finding.as_ref().is_none_or(|finding| finding.severity != Severity::Blocks) {
        survey.known.names.push(private_name(cluster, host));
        survey.known.hold(None, Fact::Names);
    }
    survey.findings.extend(finding);
    survey.findings.extend(findings::routing(details));
}

pub(super) fn private_name(cluster: &Cluster, host: &privlink_core::PrivateDnsHostname) -> PrivateName {
    PrivateName::new(host.name(), cluster.client().facts().ports(), Protocol::Postgres)
}

fn capabilities(cloud: CloudProvider) -> Capabilities {
    let mut naming = vec![Naming::PrivateZone(RecordShape::Apex), Naming::PrivateZone(RecordShape::Exact)];
    if cloud == CloudProvider::Aws {
        // The documented way; it may be switched on only once the endpoint is accepted.
        naming.insert(0, Naming::EndpointPrivateDns);
    }
    naming.push(Naming::SelfManaged);
    let mut capabilities = Capabilities::new(naming, Undo::ReAddable, Users::Countable);
    capabilities.private_bypasses_ip_list = Some(true);
    capabilities
}

/// The link's own connection.
fn entry(
    survey: &mut Survey,
    cluster: &Cluster,
    details: &ClusterDetails,
    cloud: CloudProvider,
    connections: &Arc<Listed<Connection>>,
    known: &Exchange,
    cx: &Cx,
) {
    let endpoint = live(known);
    let id = endpoint.and_then(|endpoint| endpoint.ids.primary()).filter(|id| fits(id, cloud));
    let listed = id.as_ref().and_then(|id| find(connections, id));
    let status = listed.map(|entry| &entry.status);
    let both = endpoint.zip(id.as_ref());
    let unasked = both.is_some_and(|(endpoint, id)| came_with_its_network(cluster, details, endpoint, connections, id));
    let served = status == Some(&ConnectionStatus::Available) || unasked;
    let coming = served || status.is_some_and(ConnectionStatus::is_coming);
    if let Some(dead) = listed.filter(|entry| findings::connection_is_dead(&entry.status)) {
        survey.findings.push(findings::connection_dead(details, dead, Severity::Warning));
    }
    let most = *cluster.client().facts().most_connections;
    let others = connections
        .items
        .iter()
        .filter(|other| !other.status.is_inert() && id.as_ref().is_none_or(|id| !other.names(id)));
    if !coming && let Some(most) = most.filter(|most| others.count() >= *most) {
        survey.findings.push(findings::too_many_connections(details, most, cluster.client().facts()));
    }
    let of = (cx.network(), cx.instance());
    let state = |done| if done { StepState::AlreadyDone } else { StepState::ToDo };
    survey.steps.push(steps::connect(cluster, &details.name, id.as_ref(), of, state(coming)));
    survey.steps.push(steps::await_available(cluster, &details.name, id.as_ref(), of, state(served)));
    if let Some((endpoint, id)) = both {
        let admission = admission(details, endpoint, listed, id, unasked);
        survey.known.admissions.insert(Slot::main(), admission);
    }
    for (holds, fact) in [(coming, Fact::Accepted), (served, Fact::Served)] {
        if holds {
            survey.known.hold(Some(Slot::main()), fact);
        }
    }
}

/// Whether a connection that is not accepted is one that the trusted owners leave out; on AWS alone. The list is read
/// only then: few may.
async fn distrusted(
    cluster: &Cluster,
    details: &ClusterDetails,
    cloud: CloudProvider,
    connections: &Listed<Connection>,
    known: &Exchange,
    cx: &Cx,
) -> Result<Option<Finding>> {
    let id = live(known).and_then(|endpoint| endpoint.ids.primary());
    let entry = id.and_then(|id| find(connections, &id));
    let Some(entry) = entry.filter(|entry| entry.status == ConnectionStatus::PendingAcceptance) else {
        return Ok(None);
    };
    let account = entry.owner.clone().or_else(|| match &known.consumer {
        Some(ConsumerIdentity::Aws { account, .. }) => Some(account.to_string()),
        _ => None,
    });
    let Some(account) = account.filter(|_| cloud == CloudProvider::Aws) else { return Ok(None) };
    let owners = match Reader::new(cluster, cx).owners().await {
        Ok(owners) => owners,
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound) => {
            return Ok(Some(findings::owners_unread(details, &error)));
        }
        Err(error) => return Err(error),
    };
    let names_it = |owner: &TrustedOwner| owner.owner == "*" || owner.owner == account;
    let told = owners.unreadable == 0 && !owners.items.is_empty() && !owners.items.iter().any(names_it);
    Ok(told.then(|| findings::not_trusted(details, &account, &owners.items)))
}

/// The cloud the consumer's identity is of.
fn consumer_cloud(known: &Exchange) -> Option<CloudProvider> {
    match known.consumer.as_ref()? {
        ConsumerIdentity::Aws { .. } => Some(CloudProvider::Aws),
        ConsumerIdentity::Azure { .. } => Some(CloudProvider::Azure),
        ConsumerIdentity::Gcp { .. } => Some(CloudProvider::Gcp),
        _ => None,
    }
}
