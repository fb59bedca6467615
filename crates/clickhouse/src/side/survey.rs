//! What is there, and what has to be done.

use privlink_core::side::{
    Acceptance, Capabilities, Cx, EndpointService, Exchange, Fact, Naming, PrivateName, Protocol, RecordShape, Sharing,
    Slot, StepState, Survey, Undo, Users,
};
use privlink_core::{CloudProvider, Error, ErrorKind, PrivateEndpointId, Result, Severity, Text};

use super::endpoint::{Identity, admission, live};
use super::read::Reader;
use super::{findings, steps};
use crate::facts::Facts;
use crate::{ListedEndpoint, Organization, PrivateEndpointConfig, Service, ServiceDetails};

pub(super) async fn survey(service: &Service, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let reader = Reader::new(service, cx);
    let account = reader.organization().await?;
    let (details, config) = futures_util::future::join(reader.details(), reader.config()).await;
    let details = details.map_err(|error| match error.kind() {
        ErrorKind::NotFound => error.with_finding(findings::not_there(service.id())),
        _ => error,
    })?;
    let facts = service.client().facts();
    let mut survey = Survey::new();
    survey.known.vendor_account = Some(account_of(&account));
    survey.findings.extend(findings::state(&details));
    survey.known.public_hosts.extend(details.endpoints.iter().map(|endpoint| endpoint.host.clone()));
    let Some(cloud) = details.provider.cloud() else {
        survey.findings.push(findings::unknown_cloud(&details));
        return Ok(survey);
    };
    if let Some(here) = findings::consumer_cloud(known).filter(|here| *here != cloud) {
        survey.findings.push(findings::other_cloud(&details, here));
    }
    match resolved(&reader, &details, config).await {
        Ok(Some(config)) => {
            let host = findings::host(&details, &config, facts, service.trusted_hosts());
            publish(&mut survey.known, service, &details, cloud, &config);
            if host.as_ref().is_none_or(|finding| finding.severity != Severity::Blocks) {
                publish_name(&mut survey.known, facts, &details, &config);
            }
            survey.findings.extend(host);
        }
        Ok(None) => survey.findings.push(findings::not_available_yet(&details, facts)),
        Err(error) if details.infrastructure.is_some() && error.http_status() == Some(400) => {
            survey.findings.push(findings::byoc_off(&details, &error));
        }
        Err(error) if says_no(&error) => survey.findings.push(findings::refused(&details, &error, facts)),
        Err(error) => return Err(error),
    }
    survey.findings.extend(findings::byoc(&details));
    if !details.has_mysql() {
        survey.findings.push(findings::mysql_off(facts));
    }
    survey.findings.extend(findings::public_open(&details));
    entry(&mut survey, service, &details, known, cx)?;
    Ok(survey)
}

/// The vendor's account as others are told of it: the organization, whose services a key sees.
pub(super) fn account_of(organization: &Organization) -> Text {
    format!("ClickHouse organization {}", organization.id()).into()
}

/// The configuration; for a service on a BYOC infrastructure that has none of its own, the
/// infrastructure's.
async fn resolved(
    reader: &Reader<'_>,
    details: &ServiceDetails,
    config: Result<Option<PrivateEndpointConfig>>,
) -> Result<Option<PrivateEndpointConfig>> {
    match (&config, &details.infrastructure) {
        (Ok(None), Some(Ok(infrastructure))) => match reader.infrastructure_config(*infrastructure).await {
            Ok(config) => Ok(Some(config)),
            Err(error) if error.kind() == ErrorKind::Unavailable && error.http_status().is_none() => Ok(None),
            Err(error) => Err(error),
        },
        _ => config,
    }
}

/// Whether the vendor answered that it will not tell: plan, permission, or both.
fn says_no(error: &Error) -> bool {
    error.kind() == ErrorKind::PermissionDenied || error.http_status() == Some(400)
}

/// What the network side needs to know.
fn publish(
    known: &mut Exchange,
    service: &Service,
    details: &ServiceDetails,
    cloud: CloudProvider,
    config: &PrivateEndpointConfig,
) {
    let facts = service.client().facts();
    let byoc = details.infrastructure.is_some();
    // The id itself says where the service lives, for those that name a region.
    let region = config.endpoint_service_id.region().unwrap_or_else(|| details.region.clone());
    let mut at = EndpointService::new(config.endpoint_service_id.clone(), region.clone());
    at.acceptance = if byoc && cloud == CloudProvider::Aws { Acceptance::ByHand } else { Acceptance::Automatic };
    at.reach = facts.reach(cloud, &region);
    at.shared_by = Sharing::Region;
    known.services.insert(Slot::main(), at);
    known.capabilities = Some(capabilities(cloud, byoc));
    known.hold(Some(Slot::main()), Fact::Service);
}

/// The name, once it is known to be one of the vendor's: zones are made for what is said here.
fn publish_name(known: &mut Exchange, facts: &Facts, details: &ServiceDetails, config: &PrivateEndpointConfig) {
    known.names.push(PrivateName::new(
        config.private_dns_hostname.name(),
        facts.ports.value.of(details.has_mysql()),
        Protocol::ClickHouseHttps,
    ));
    known.hold(None, Fact::Names);
}

fn capabilities(cloud: CloudProvider, byoc: bool) -> Capabilities {
    let mut naming = vec![
        Naming::PrivateZone(RecordShape::Apex),
        Naming::PrivateZone(RecordShape::Exact),
        Naming::PrivateZone(RecordShape::Wildcard),
    ];
    if cloud == CloudProvider::Aws {
        // In a BYOC account private DNS of the endpoint is the documented way, elsewhere the
        // last resort: it keeps a second endpoint out of the VPC.
        naming.insert(if byoc { 0 } else { naming.len() }, Naming::EndpointPrivateDns);
    }
    naming.push(Naming::SelfManaged);
    let mut capabilities = Capabilities::new(naming, Undo::ReAddable, Users::Countable);
    capabilities.private_bypasses_ip_list = Some(true);
    capabilities
}

/// The allow list: the link's own entry, and what else is worth knowing of it.
fn entry(survey: &mut Survey, service: &Service, details: &ServiceDetails, known: &Exchange, cx: &Cx) -> Result<()> {
    let listed: Vec<&ListedEndpoint> = details.private_endpoints()?.collect();
    let junk: Vec<&ListedEndpoint> = listed.iter().copied().filter(|entry| entry.id().is_err()).collect();
    let endpoint = live(known);
    let identity = endpoint.map(|endpoint| Identity::of(&endpoint.ids));
    let ours = identity.as_ref().and_then(|identity| listed.iter().copied().find(|entry| identity.is(entry)));
    survey.findings.extend(findings::unreadable(&junk, details.unreadable(), identity.is_some() && ours.is_none()));
    let primary = identity.as_ref().and_then(|identity| identity.primary.as_ref());
    let by_resource = primary.is_some_and(|id| listed.iter().any(|entry| entry.names(id)));
    for entry in &listed {
        match (entry.id(), &identity) {
            // Served by its resource id as well: the migration is under way.
            (Ok(PrivateEndpointId::AzureGuid(_)), Some(identity)) if identity.is(entry) && by_resource => {}
            (Ok(PrivateEndpointId::AzureGuid(_)), Some(identity)) if identity.is(entry) => {
                survey.findings.push(findings::guid_entry(entry, primary));
            }
            (Ok(PrivateEndpointId::AzureGuid(_)), _) => survey.findings.push(findings::guid_entry(entry, None)),
            (Ok(id), Some(identity)) if identity.is(entry) && id.to_string() != text(primary) => {
                survey.findings.push(findings::letter_case(entry, primary.unwrap_or(id)));
            }
            _ => {}
        }
    }

    let state = if ours.is_some() { StepState::AlreadyDone } else { StepState::ToDo };
    survey.steps.push(steps::allow(service, &details.name, primary, (cx.network(), cx.instance()), state));
    if let (Some(endpoint), Some(id)) = (endpoint, primary) {
        let admission = admission(ours.is_some(), &endpoint.ownership, details.id, id);
        survey.known.admissions.insert(Slot::main(), admission);
        if ours.is_some() {
            survey.known.hold(Some(Slot::main()), Fact::Served);
        }
    }
    Ok(())
}

fn text(id: Option<&PrivateEndpointId>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}
