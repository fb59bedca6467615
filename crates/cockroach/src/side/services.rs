//! Making the endpoint services of an Advanced cluster.

use privlink_core::side::{Exchange, Fact, Outcome};
use privlink_core::{ErrorKind, Listed, Result, Turn};

use super::steps::MakeServices;
use super::{findings, survey};
use crate::dialect::is_busy;
use crate::{Cluster, ClusterDetails, PrivateEndpointService, ServiceStatus};

pub(super) async fn make(cluster: &Cluster, kind: &MakeServices) -> Result<Outcome> {
    let polling = &cluster.client().facts().polling;
    let waiting = |stage: &'static str| Outcome::waiting(stage, Turn::Vendor, polling.service);
    let (details, services) =
        futures_util::future::try_join(cluster.details(), cluster.private_endpoint_services()).await?;
    let services = Listed::from_iter(services);
    if let Some(outcome) = judged(cluster, kind, &details, &services.items, false) {
        return Ok(outcome);
    }
    match cluster.create_private_endpoint_services().await {
        Ok(services) => {
            let services = Listed::from_iter(services);
            let outcome = judged(cluster, kind, &details, &services.items, true);
            // Nothing is listed right after: the next look, not the next request, will tell.
            Ok(outcome.unwrap_or_else(|| waiting("asked for; the list does not show it yet")))
        }
        Err(error) if is_busy(&error) => Ok(waiting("the cluster is busy with another operation")),
        Err(error) if error.kind() == ErrorKind::OutcomeUnknown => Ok(waiting("the answer was lost")),
        Err(error) => Err(error),
    }
}

/// How it stands with the service of the region; `None` when there is none.
fn judged(
    cluster: &Cluster,
    kind: &MakeServices,
    details: &ClusterDetails,
    services: &[PrivateEndpointService],
    made: bool,
) -> Option<Outcome> {
    let service = services.iter().find(|service| service.region == kind.region)?;
    let polling = &cluster.client().facts().polling;
    let host = details.provider.cloud().zip(details.region(&service.region));
    Some(match &service.status {
        // The cluster tells it some time after the service.
        ServiceStatus::Available if host.is_some_and(|(cloud, region)| region.private_host(cloud).is_none()) => {
            Outcome::waiting("the private host is not published yet", Turn::Vendor, polling.service)
        }
        ServiceStatus::Available => match ready(cluster, details, service) {
            Ok(known) if made => Outcome::done(known),
            Ok(known) => Outcome::already(known),
            Err(finding) => Outcome::refused(*finding),
        },
        ServiceStatus::Creating => {
            Outcome::waiting("the endpoint service is being made", Turn::Vendor, polling.service)
        }
        _ => Outcome::refused(findings::service_dead(details, service)),
    })
}

/// What is known of a service that is available.
fn ready(
    cluster: &Cluster,
    details: &ClusterDetails,
    service: &PrivateEndpointService,
) -> Result<Exchange, Box<privlink_core::Finding>> {
    let mut known = Exchange::new();
    let id = service
        .endpoint_service_id(details.account.as_deref())
        .map_err(|error| Box::new(findings::unreadable_service(details, &error)))?;
    let (Some(cloud), Some(region)) = (details.provider.cloud(), details.region(&service.region)) else {
        return Err(Box::new(findings::not_in_region(details, &service.region)));
    };
    survey::publish(&mut known, cluster, details, cloud, service, id);
    let host = region.private_host(cloud).ok_or_else(|| Box::new(findings::no_private_host(details, region)))?;
    let facts = cluster.client().facts();
    if let Some(finding) = findings::host(details, region, host, cloud, facts, cluster.trusted_hosts())
        .filter(|finding| finding.severity == privlink_core::Severity::Blocks)
    {
        return Err(Box::new(finding));
    }
    known.names.push(survey::private_name(cluster, host));
    known.hold(None, Fact::Names);
    Ok(known)
}
