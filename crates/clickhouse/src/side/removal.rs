//! The way back, and who else is on the endpoint.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join3;
use privlink_core::side::{Cx, EndpointFacts, Exchange, Fact, Kept, Slot, StepState, Survey, TouchKey};
use privlink_core::{Error, ErrorKind, PrivateEndpointId, Result, Text};

use super::endpoint::{Identity, admission, entry_key};
use super::findings;
use super::read::Reader;
use super::steps::{self, Unregister};
use super::survey::account_of;
use crate::{ListedEndpoint, OrganizationDetails, Service, ServiceDetails};

pub(super) async fn removal(service: &Service, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let reader = Reader::new(service, cx);
    let account = account_of(&reader.organization().await?);
    let (details, organization, services) =
        join3(reader.details(), reader.organization_details(), reader.services()).await;
    // A deleted service has taken its allow list along; the register has not noticed.
    let details = match details {
        Ok(details) => Some(details),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let organization = hidden(organization)?;
    let services = hidden(services)?;
    let mut survey = Survey::new();
    survey.known.vendor_account = Some(account);
    if details.is_none() && !service.names_organization() {
        survey.findings.push(findings::maybe_elsewhere(service.id()));
    }
    let going = Going::of(service, known);
    if let Some(details) = &details {
        entries(&mut survey, service, details, known, &going)?;
    }
    for identity in &going.identities {
        for id in &identity.all {
            let organization = match &organization {
                Ok(organization) => organization,
                Err(error) => {
                    survey.kept.push(
                        Kept::new(
                            TouchKey::new("clickhouse.registration", [&*id.to_string()]),
                            format!("the organization's register cannot be read: {error}"),
                        )
                        .what(format!("registration of endpoint {id}")),
                    );
                    continue;
                }
            };
            let users = match &services {
                Ok(services) if services.unreadable == 0 => {
                    let users = services.listing(std::slice::from_ref(id));
                    Ok(users.iter().filter(|user| user.id != service.id()).map(|user| told(user)).collect())
                }
                Ok(services) => Err(format!("{} services cannot be read", services.unreadable)),
                Err(error) => Err(error.to_string()),
            };
            registration(&mut survey, service, organization, id, users, cx)?;
        }
    }
    Ok(survey)
}

/// The endpoints that are taken back here, with why they may be.
struct Going {
    identities: Vec<Identity>,
}

impl Going {
    fn of(service: &Service, known: &Exchange) -> Self {
        let ours = known.endpoints.values().filter(|endpoint| endpoint.ownership.is_ours());
        let mut identities: Vec<Identity> = ours.map(|endpoint| Identity::of(&endpoint.ids)).collect();
        for id in service.withdrawn_on_request() {
            if !identities.iter().any(|identity| identity.all.contains(id)) {
                identities.push(Identity { primary: Some(id.clone()), all: vec![id.clone()], cloud: id.cloud() });
            }
        }
        identities.retain(|identity| identity.primary.is_some());
        Self { identities }
    }
}

/// The allow list: what goes, and what stays although it might be ours.
fn entries(
    survey: &mut Survey,
    service: &Service,
    details: &ServiceDetails,
    known: &Exchange,
    going: &Going,
) -> Result<()> {
    let listed: Vec<&ListedEndpoint> = details.private_endpoints()?.collect();
    for identity in &going.identities {
        let Some(primary) = &identity.primary else { continue };
        if listed.iter().any(|entry| identity.is(entry)) {
            survey.steps.push(steps::withdraw(service, &details.name, primary, identity.all.clone(), StepState::ToDo));
        }
    }
    if !survey.steps.is_empty() && details.ip_access_list().is_ok_and(|sources| sources.is_empty()) {
        let goes = |entry: &ListedEndpoint| going.identities.iter().any(|identity| identity.is(entry));
        // What is no endpoint lets nobody in.
        let others = listed.iter().any(|entry| entry.id().is_ok() && !goes(entry));
        if !others {
            survey.findings.push(findings::last_door(details));
        }
    }
    for endpoint in known.endpoints.values() {
        let identity = Identity::of(&endpoint.ids);
        let Some(primary) = &identity.primary else { continue };
        let entry = listed.iter().find(|entry| identity.is(entry));
        survey
            .known
            .admissions
            .insert(Slot::main(), admission(entry.is_some(), &endpoint.ownership, details.id, primary));
        let goes = going.identities.iter().any(|going| going.primary == identity.primary);
        if let Some(entry) = entry.filter(|_| !goes) {
            survey.kept.push(
                Kept::new(
                    entry_key(details.id, primary),
                    "it names an endpoint that this link did not make; withdraw it by its id",
                )
                .what(entry_of(details, entry)),
            );
        }
    }
    if known.endpoints.is_empty() && going.identities.is_empty() {
        for entry in listed {
            survey.kept.push(
                Kept::new(
                    TouchKey::new("clickhouse.entry", [&*details.id.to_string(), entry.as_str()]),
                    "no endpoint of this link is left, so it cannot be told whose entry this is; withdraw it by its id",
                )
                .what(entry_of(details, entry)),
            );
        }
    }
    Ok(())
}

/// The register: an entry goes only when no other service lists the endpoint.
fn registration(
    survey: &mut Survey,
    service: &Service,
    organization: &OrganizationDetails,
    id: &PrivateEndpointId,
    users: Result<Vec<String>, String>,
    cx: &Cx,
) -> Result<()> {
    let Some(entry) = organization.registration(id)? else { return Ok(()) };
    // In a set, others may be about to let go of it too; the step looks again when it runs.
    let may_be_last = cx.breadth() > 1 && survey.steps.iter().any(|step| step.gives.contains(&Fact::Served));
    let kept = |reason: String| {
        Kept::new(steps::registration_key(organization.id, id), reason).what(format!("registration of endpoint {id}"))
    };
    match users {
        Err(reason) => survey.kept.push(kept(format!("it cannot be told who uses the endpoint: {reason}"))),
        Ok(users) if !users.is_empty() && !may_be_last => {
            survey.kept.push(kept(format!("other services list the endpoint: {}", users.join(", "))));
        }
        Ok(_) => survey.steps.push(steps::unregister(
            service,
            &Unregister {
                organization: organization.id,
                endpoint: id.clone(),
                provider: entry.provider.clone(),
                region: entry.region.clone(),
            },
        )),
    }
    Ok(())
}

/// What the key may not see is an answer; any other failure is one.
fn hidden<T>(read: Result<T>) -> Result<Result<T, Error>> {
    match read {
        Err(error) if error.kind() != ErrorKind::PermissionDenied => Err(error),
        other => Ok(other),
    }
}

/// An entry of an allow list, in words.
fn entry_of(details: &ServiceDetails, entry: &ListedEndpoint) -> String {
    format!("allow-list entry `{entry}` of ClickHouse service {}", told(details))
}

fn told(details: &ServiceDetails) -> String {
    format!("`{}` ({})", details.name.escape_debug(), details.id)
}

/// The services that list the endpoint, and whether that is all of them.
///
/// The list holds what the key may see. It counts as complete when every item of it could be
/// read, this link's own service is on it (unless deleted), and the key may view the
/// organization itself: a key that is confined to single services may not (inferred from the
/// vendor's roles; autumn 2026).
pub(super) async fn users(service: &Service, endpoint: &EndpointFacts, cx: &Cx) -> Result<(Vec<TouchKey>, bool)> {
    let identity = Identity::of(&endpoint.ids);
    let Some(primary) = &identity.primary else { return Ok((Vec::new(), false)) };
    let reader = Reader::new(service, cx);
    reader.organization().await?;
    let (details, organization, services) =
        join3(reader.details(), reader.organization_details(), reader.services()).await;
    let (organization, services) = (hidden(organization)?, services?);
    let sees_own = match &details {
        Ok(details) => services.by_id.contains_key(&details.id),
        // A key of another organization gets the same answer as for a deleted service.
        Err(error) => error.kind() == ErrorKind::NotFound && service.names_organization(),
    };
    let complete = services.unreadable == 0 && sees_own && organization.is_ok();
    let users = services.listing(&identity.all).into_iter().map(|user| entry_key(user.id, primary)).collect();
    Ok((users, complete))
}

/// The services of entries by their names, as far as the key sees them.
pub(super) async fn in_words(
    service: &Service,
    users: &BTreeSet<TouchKey>,
    cx: &Cx,
) -> Result<BTreeMap<TouchKey, Text>> {
    let services = Reader::new(service, cx).services().await?;
    let words = |key: &TouchKey| {
        let id = key.as_str().split('|').nth(1)?.parse().ok()?;
        Some((key.clone(), told(services.by_id.get(&id)?).into()))
    };
    Ok(users.iter().filter_map(words).collect())
}
