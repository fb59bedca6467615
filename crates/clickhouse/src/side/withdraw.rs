//! Taking entries off the allow list, and the endpoint off the organization's register.

use privlink_core::side::{Exchange, Outcome};
use privlink_core::{ErrorKind, PrivateEndpointId, Result, Turn};

use super::read::services_now;
use super::steps::{Unregister, Withdraw};
use crate::delta::{delta, lost, worth_a_look};
use crate::{ListedEndpoint, Organization, OrganizationDetails, Registration, Service, endpoints, registrations};

pub(super) async fn withdraw(service: &Service, kind: &Withdraw) -> Result<Outcome> {
    let Some(entries) = entries(service, kind).await? else {
        return Ok(Outcome::already(Exchange::new()));
    };
    let client = service.client();
    let (recent, list, now) = (client.recent(), service.id().uuid(), client.clock().now());
    if entries.is_empty() {
        return Ok(Outcome::already(Exchange::new()));
    }
    if entries.iter().all(|entry| recent.awaits(list, entry.as_str(), false, now)) {
        return Ok(still_shown(service));
    }
    let delta = delta([], entries)?;
    match endpoints::send_once(service, &delta).await {
        Ok(_) => Ok(match self::entries(service, kind).await {
            Ok(left) if left.as_ref().is_none_or(Vec::is_empty) => Outcome::done(Exchange::new()),
            _ => still_shown(service),
        }),
        // Deleted in between: the list went with it.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Outcome::done(Exchange::new())),
        Err(error) if worth_a_look(&error) => match self::entries(service, kind).await {
            Ok(left) if left.as_ref().is_none_or(Vec::is_empty) => {
                let known = Exchange::new();
                Ok(if lost(&error) { Outcome::done(known) } else { Outcome::already(known) })
            }
            _ if lost(&error) => Ok(Outcome::waiting(
                "the answer was lost and the entry is still there",
                Turn::Vendor,
                client.facts().polling.first,
            )),
            _ => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// The entries to go, as the list spells them; `None` when there is no service any more.
async fn entries(service: &Service, kind: &Withdraw) -> Result<Option<Vec<ListedEndpoint>>> {
    let details = match service.details().await {
        Ok(details) => details,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let ours = |entry: &&ListedEndpoint| kind.endpoints.iter().any(|id| entry.names(id));
    Ok(Some(details.private_endpoints()?.filter(ours).cloned().collect()))
}

fn still_shown(service: &Service) -> Outcome {
    let polling = &service.client().facts().polling;
    Outcome::waiting("acknowledged; the list still shows it", Turn::Vendor, polling.first)
}

pub(super) async fn unregister(service: &Service, kind: &Unregister) -> Result<Outcome> {
    let client = service.client();
    let organization = client.organization(kind.organization);
    let (recent, list) = (client.recent(), kind.organization.uuid());
    let text = kind.endpoint.to_string();
    let (details, services) =
        futures_util::future::try_join(organization.details(), services_now(&organization)).await?;
    recent.shown(list, details.private_endpoints()?.iter().flatten().map(|entry| entry.endpoint.as_str()));
    let Some(entry) = registration(&details, kind)? else {
        return Ok(Outcome::already(Exchange::new()));
    };
    let now = client.clock().now();
    if recent.awaits(list, &text, false, now) {
        return Ok(still_shown(service));
    }
    let users = services.listing(std::slice::from_ref(&kind.endpoint));
    if !users.is_empty() {
        // Withdrawn a moment ago, the list of services lags behind.
        let lagging = users.iter().all(|user| {
            let mut entries = user.private_endpoints().into_iter().flatten();
            entries
                .find(|entry| entry.names(&kind.endpoint))
                .is_some_and(|entry| recent.holds(user.id.uuid(), entry.as_str(), false, now))
        });
        if lagging {
            return Ok(still_shown(service));
        }
        // It stays for those who use it; then there is nothing to do.
        return Ok(Outcome::already(Exchange::new()));
    }
    if services.unreadable > 0 {
        // One of those might use it.
        return Ok(Outcome::already(Exchange::new()));
    }
    let delta = delta([], [entry])?;
    match registrations::send_once(&organization, &delta).await {
        Ok(_) => {
            recent.note(list, &text, false, client.clock().now());
            Ok(match gone(&organization, kind).await {
                Ok(true) => Outcome::done(Exchange::new()),
                _ => still_shown(service),
            })
        }
        Err(error) if worth_a_look(&error) => match gone(&organization, kind).await {
            Ok(true) if lost(&error) => Ok(Outcome::done(Exchange::new())),
            Ok(true) => Ok(Outcome::already(Exchange::new())),
            _ if lost(&error) => Ok(Outcome::waiting(
                "the answer was lost and the register still holds it",
                Turn::Vendor,
                client.facts().polling.first,
            )),
            // Somebody attached it in between, and the vendor will not let it go: it stays.
            _ if used(&organization, &kind.endpoint).await? => Ok(Outcome::already(Exchange::new())),
            _ => Err(error),
        },
        Err(error) => Err(error),
    }
}

fn registration(details: &OrganizationDetails, kind: &Unregister) -> Result<Option<Registration>> {
    let fits = |entry: &&Registration| {
        entry.endpoint.names(&kind.endpoint) && entry.provider == kind.provider && entry.region == kind.region
    };
    Ok(details.private_endpoints()?.iter().flatten().find(fits).cloned())
}

async fn gone(organization: &Organization, kind: &Unregister) -> Result<bool> {
    Ok(registration(&organization.details().await?, kind)?.is_none())
}

async fn used(organization: &Organization, endpoint: &PrivateEndpointId) -> Result<bool> {
    Ok(!services_now(organization).await?.listing(std::slice::from_ref(endpoint)).is_empty())
}
