//! Putting the endpoint onto the allow list.

use privlink_core::side::{EndpointFacts, Exchange, Outcome, Slot};
use privlink_core::{PrivateEndpointId, Result, Turn};

use super::endpoint::{Identity, admission};
use super::findings;
use super::steps::known_admission;
use crate::delta::{delta, lost, worth_a_look};
use crate::endpoints::send_once;
use crate::{ListedEndpoint, Service, ServiceDetails};

pub(super) async fn allow(service: &Service, known: &Exchange) -> Result<Outcome> {
    let Some(endpoint) = known.endpoints.get(&Slot::main()) else {
        return Ok(Outcome::moved(findings::no_endpoint()));
    };
    let identity = Identity::of(&endpoint.ids);
    let polling = &service.client().facts().polling;
    let Some(id) = identity.primary.clone() else {
        return Ok(Outcome::waiting("waiting for the connection id of the endpoint", Turn::Cloud, polling.usual));
    };

    let details = service.details().await?;
    if details.provider.cloud().is_some_and(|cloud| cloud != identity.cloud) {
        return Ok(Outcome::refused(findings::other_cloud(&details, identity.cloud)));
    }
    if details.state.is_going_or_gone()
        && let Some(finding) = findings::state(&details)
    {
        return Ok(Outcome::refused(finding));
    }
    let text = id.to_string();
    let recent = service.client().recent();
    let list = service.id().uuid();
    if lists(&details, &identity)? {
        return Ok(Outcome::already(served(endpoint, service, &id)));
    }
    if recent.awaits(list, &text, true, service.client().clock().now()) {
        return Ok(not_visible_yet(service));
    }

    let delta = delta([ListedEndpoint::from(&id)], [])?;
    match send_once(service, &delta).await {
        // Acknowledged: whatever goes wrong with the look, the next one will tell.
        Ok(_) => match service.details().await {
            Ok(details) if lists(&details, &identity)? => Ok(Outcome::done(served(endpoint, service, &id))),
            _ => Ok(not_visible_yet(service)),
        },
        Err(error) if worth_a_look(&error) => match service.details().await {
            Ok(details) if lists(&details, &identity)? => {
                let known = served(endpoint, service, &id);
                // Refused, because somebody else was faster; lost, because only the answer was.
                Ok(if lost(&error) { Outcome::done(known) } else { Outcome::already(known) })
            }
            _ if lost(&error) => {
                Ok(Outcome::waiting("the answer was lost and the entry is not there yet", Turn::Vendor, polling.first))
            }
            _ => Err(error),
        },
        Err(error) => Err(error),
    }
}

fn lists(details: &ServiceDetails, identity: &Identity) -> Result<bool> {
    Ok(details.private_endpoints()?.any(|entry| identity.is(entry)))
}

fn served(endpoint: &EndpointFacts, service: &Service, id: &PrivateEndpointId) -> Exchange {
    known_admission(admission(true, &endpoint.ownership, service.id(), id))
}

fn not_visible_yet(service: &Service) -> Outcome {
    let polling = &service.client().facts().polling;
    Outcome::waiting("acknowledged; the allow list does not show it yet", Turn::Vendor, polling.first)
}
