//! Making the privatelink of a service, letting a consumer in, and deleting it.

use privlink_core::side::{Acceptance, Cx, EndpointService, Exchange, Fact, Outcome, Reach, Slot, Step};
use privlink_core::{CloudProvider, EndpointServiceId, Error, ErrorKind, Finding, Region, Result, Turn};
use serde_json::json;

use super::findings;
use super::read::connections;
use super::steps::{DeletePrivatelink, MakePrivatelink, Maker};
use crate::dialect::is_unknown_service;
use crate::{PrivatelinkDetails, PrivatelinkState, Service};

/// How often a change that somebody else has overwritten is made again.
const TRIES: u64 = 5;

pub(super) async fn make(service: &Service, step: &Step, kind: &MakePrivatelink, cx: &Cx) -> Result<Outcome> {
    fitting(service, step, kind)?;
    let link = service.privatelink(kind.cloud);
    let Some(there) = link.get().await? else {
        return match link.create(kind.consumer.as_slice()).await {
            Ok(_) => Ok(waiting(service, "the privatelink is being made")),
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown => Ok(waiting(service, "the answer was lost")),
            Err(error) if error.kind() == ErrorKind::Conflict => {
                Ok(waiting(service, "somebody else has made it at the same time, or an earlier one still goes"))
            }
            // It was found a moment ago: what answers writes may not know it yet.
            Err(error) if is_unknown_service(&error) && service.details().await.is_ok() => {
                Ok(waiting(service, "the service is not known everywhere yet"))
            }
            Err(error) => Err(error),
        };
    };
    match there.state {
        PrivatelinkState::Active => {}
        PrivatelinkState::Deleting => return Ok(waiting(service, "an earlier privatelink is still going")),
        PrivatelinkState::Creating => return Ok(waiting(service, "the privatelink is being made")),
        state => return Ok(waiting(service, format!("the privatelink is {state}"))),
    }
    let Some(consumer) = kind.consumer.as_ref().filter(|consumer| !there.allows(consumer)) else {
        return Ok(match ready(service, &there) {
            Ok(known) => Outcome::already(known),
            // Right after it became active, the ids may not be told yet.
            Err(_) => waiting(service, "active, and its ids are not told yet"),
        });
    };
    match link.patch_allow_list().add(consumer.clone()).send().await {
        Ok(outcome) => match ready(service, &outcome.after) {
            Ok(known) if outcome.after.state == PrivatelinkState::Active => Ok(Outcome::done(known)),
            _ => Ok(waiting(service, "the privatelink takes the change in")),
        },
        Err(error) if error.kind() == ErrorKind::OutcomeUnknown => Ok(waiting(service, "the answer was lost")),
        // Refused by the vendor, because of the state it is in.
        Err(error) if error.kind() == ErrorKind::Conflict && error.http_status().is_some() => {
            Ok(waiting(service, "the privatelink takes no change now"))
        }
        // Written, and overwritten at once: another writer that is as careful as this one is done by
        // the next look; one that is not, never is.
        Err(error) if error.kind() == ErrorKind::Conflict => {
            let lost = cx.resume().and_then(|resume| resume["lost"].as_u64()).unwrap_or(0) + 1;
            if lost >= TRIES {
                return Ok(Outcome::refused(findings::list_fought_over(&error)));
            }
            Ok(waiting(service, "somebody else wrote the list at the same time").resume(json!({ "lost": lost })))
        }
        Err(error) => Err(error),
    }
}

/// Refuses parameters that do not fit what the step says it touches: a plan that was changed by hand must not let
/// somebody else in.
pub(super) fn fitting(service: &Service, step: &Step, kind: &MakePrivatelink) -> Result<()> {
    let maker = Maker { service, cloud: kind.cloud };
    if step.key == maker.entry_key(kind.consumer.as_ref()) {
        return Ok(());
    }
    Err(Error::invalid(format!("the parameters of step `{}` do not fit what it says it touches", step.verb))
        .with_resource(step.key.to_string())
        .with_help("plan again; the plan was changed after it was made"))
}

/// What is known of a privatelink that is active and lets the consumer in.
pub(super) fn ready(service: &Service, link: &PrivatelinkDetails) -> Result<Exchange, Box<Finding>> {
    let mut at = endpoint_service(link).ok_or_else(|| Box::new(findings::no_service_id(service, link)))?;
    if link.cloud == CloudProvider::Aws && service.options.from_other_regions {
        at.reach = Reach::AnyRegion;
    }
    let mut known = Exchange::new();
    known.services.insert(Slot::main(), at);
    for fact in [Fact::Service, Fact::Invited] {
        known.hold(Some(Slot::main()), fact);
    }
    Ok(known)
}

/// Where the network's side has to point.
fn endpoint_service(link: &PrivatelinkDetails) -> Option<EndpointService> {
    let id = link.service.clone()?;
    let region: Region = match &id {
        EndpointServiceId::Aws(name) => name.region(),
        EndpointServiceId::AzureAlias(alias) => alias.region(),
        EndpointServiceId::Gcp(attachment) => attachment.region(),
        // Nothing else is read.
        _ => return None,
    };
    let mut at = EndpointService::new(id, region);
    at.also = link.azure_resource.iter().cloned().collect();
    (at.acceptance, at.reach) = match link.cloud {
        CloudProvider::Aws => (Acceptance::Automatic, Reach::SameRegion),
        CloudProvider::Azure => (Acceptance::ByVendor, Reach::AnyRegion),
        _ => (Acceptance::ByVendor, Reach::SameRegionGlobalAccess),
    };
    Some(at)
}

pub(super) async fn delete(service: &Service, kind: &DeletePrivatelink) -> Result<Outcome> {
    let link = service.privatelink(kind.cloud);
    match link.get().await {
        Ok(None) => return Ok(Outcome::already(Exchange::new())),
        Ok(Some(there)) if there.state == PrivatelinkState::Deleting => {
            return Ok(waiting(service, "the privatelink is going"));
        }
        Ok(Some(_)) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Outcome::already(Exchange::new())),
        Err(error) => return Err(error),
    }
    let listed = connections(service, kind.cloud).await?;
    let ours = |id: &str| kind.ours.iter().any(|ours| ours.eq_ignore_ascii_case(id));
    let mut others: Vec<String> =
        listed.items.iter().map(|entry| entry.endpoint_id.clone()).filter(|id| !ours(id)).collect();
    if listed.unreadable > 0 {
        others.push(format!("{} that cannot be read", listed.unreadable));
    }
    if !others.is_empty() {
        return Ok(Outcome::refused(findings::still_connected(&others)));
    }
    match link.delete().await {
        Ok(()) => Ok(waiting(service, "the privatelink is going")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Outcome::done(Exchange::new())),
        Err(error) if error.kind() == ErrorKind::OutcomeUnknown => Ok(waiting(service, "the answer was lost")),
        Err(error) if error.kind() == ErrorKind::Conflict => {
            Ok(waiting(service, "something still depends on the privatelink"))
        }
        Err(error) => Err(error),
    }
}

fn waiting(service: &Service, stage: impl Into<privlink_core::Text>) -> Outcome {
    Outcome::waiting(stage, Turn::Vendor, service.client().facts().polling.every)
}
