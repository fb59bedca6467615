//! Being let see the endpoint service: by the vendor's list of accounts, and by its support.

use privlink_core::side::{Exchange, Outcome};
use privlink_core::{ErrorKind, Result, Turn};

use super::endpoint::{account, consumer_cloud, is_ready, live};
use super::{findings, read};
use crate::{EndpointId, ProjectRegion};

/// Nothing lists whom the vendor lets see its service, so the only look there is, is at an endpoint that is let in.
pub(super) async fn whitelist(side: &ProjectRegion, known: &Exchange) -> Result<Outcome> {
    let Some(account) = account(known) else {
        return Ok(Outcome::moved(findings::no_consumer(side)));
    };
    if let (Some(here), Some(there)) = (consumer_cloud(known), side.region().cloud())
        && here != there
    {
        return Ok(Outcome::refused(findings::other_cloud(side, there, here)));
    }
    if let Some(id) = live(known).and_then(|endpoint| EndpointId::of(&endpoint.ids))
        && let endpoints = read::endpoints(side.project(), side.region()).await?
        && read::find(&endpoints, &id, side.region()).is_some_and(is_ready)
    {
        return Ok(Outcome::already(Exchange::new()));
    }
    match side.project().whitelist(side.region(), &account).await {
        Ok(()) => Ok(Outcome::done(Exchange::new())),
        // A set that is only added to, and nothing to look at: it is sent until the vendor says yes.
        Err(error) if matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::Timeout) => {
            let stage = "the answer was lost; the account is sent again";
            Ok(Outcome::waiting(stage, Turn::Vendor, side.client().facts().polling.link))
        }
        Err(error) => Err(error),
    }
}

/// Waits for a person at the vendor; only the caller can say that there is an answer.
pub(super) fn cross_region(side: &ProjectRegion) -> Outcome {
    match side.ticket() {
        Some(ticket) if !ticket.is_given() => {
            let stage = format!("the support ticket about endpoints to {} in other regions is open", side.region());
            Outcome::waiting(stage, Turn::Vendor, side.client().facts().polling.person)
        }
        _ => Outcome::already(Exchange::new()),
    }
}
