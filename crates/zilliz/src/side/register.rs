//! Putting the endpoint onto the project's list.

use privlink_core::side::{Cx, EndpointFacts, Exchange, Outcome};
use privlink_core::{Error, ErrorKind, Result, Turn};
use serde::{Deserialize, Serialize};

use super::endpoint::{admission, is_dead, known_admission, live};
use super::{findings, read};
use crate::{EndpointId, PrivateEndpoint, ProjectRegion, dialect};

/// What is carried from look to look: the list lags behind a registration, and what a repeat comes to is not documented.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Sent {
    /// How many more looks may miss it before it is sent again.
    looks: u32,
    /// Whether the vendor refused it the last time.
    refused: bool,
}

/// The endpoint that a step is about, with what the vendor calls it; an outcome where there is none to speak of.
pub(super) fn subject<'k>(
    side: &ProjectRegion,
    known: &'k Exchange,
) -> Result<(&'k EndpointFacts, EndpointId), Box<Outcome>> {
    let Some(endpoint) = live(known) else {
        return Err(Box::new(Outcome::moved(findings::no_endpoint(side))));
    };
    let Some(id) = EndpointId::of(&endpoint.ids) else {
        let stage = "waiting for the GUID of the endpoint";
        return Err(Box::new(Outcome::waiting(stage, Turn::Cloud, side.client().facts().polling.link)));
    };
    match side.region().cloud() {
        Some(cloud) if cloud != id.cloud() => {
            Err(Box::new(Outcome::refused(findings::other_cloud(side, cloud, id.cloud()))))
        }
        _ => Ok((endpoint, id)),
    }
}

pub(super) async fn register(side: &ProjectRegion, known: &Exchange, cx: &Cx) -> Result<Outcome> {
    let (endpoint, id) = match subject(side, known) {
        Ok(subject) => subject,
        Err(outcome) => return Ok(*outcome),
    };
    let polling = &side.client().facts().polling;
    let told = |entry: &PrivateEndpoint| known_admission(admission(Some(entry), &endpoint.ownership, side, &id));
    let waiting = |stage: &'static str, sent: Sent| {
        let resume = serde_json::json!({ "looks": sent.looks, "refused": sent.refused });
        Outcome::waiting(stage, Turn::Vendor, polling.link).resume(resume)
    };
    let sent: Option<Sent> = cx.resume().and_then(|resume| serde_json::from_value(resume.clone()).ok());
    match listed(side, &id).await? {
        Some(entry) if is_dead(&entry) => return Ok(Outcome::refused(findings::entry_dead(side, &entry))),
        Some(entry) if sent.is_some() => return Ok(Outcome::done(told(&entry))),
        Some(entry) => return Ok(Outcome::already(told(&entry))),
        None => {}
    }
    if let Some(sent) = sent.filter(|sent| sent.looks > 0) {
        let stage = "sent; the list does not show it yet";
        return Ok(waiting(stage, Sent { looks: sent.looks.min(polling.unseen) - 1, ..sent }));
    }
    let accepted = Sent { looks: polling.unseen, refused: false };
    match side.project().register(side.region(), &id).await {
        Ok(()) => Ok(match listed(side, &id).await {
            Ok(Some(entry)) if !is_dead(&entry) => Outcome::done(told(&entry)),
            _ => waiting("sent; the list does not show it yet", accepted),
        }),
        Err(error) if matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::Timeout) => {
            Ok(waiting("the answer was lost; looking whether the list shows it", accepted))
        }
        // Refused because it is there already, maybe, and the list does not show it yet: no code says so. When a second
        // one is refused too, the refusal is what counts.
        Err(error) if may_be_there(&error) => match listed(side, &id).await? {
            Some(entry) if !is_dead(&entry) => Ok(Outcome::already(told(&entry))),
            _ if !sent.is_some_and(|sent| sent.refused) => {
                let sent = Sent { looks: polling.unseen / 4, refused: true };
                Ok(waiting("refused; looking whether it is registered already", sent))
            }
            _ => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// Whether a refusal leaves open that the endpoint is registered already: it comes without a meaning that is published.
fn may_be_there(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Conflict => true,
        ErrorKind::InvalidInput | ErrorKind::NotFound => error.code().is_some_and(|code| !dialect::is_published(code)),
        _ => false,
    }
}

/// The entry of an endpoint, now.
///
/// # Errors
/// Also when it is not found among entries of which some cannot be read: it may be one of them.
pub(super) async fn listed(side: &ProjectRegion, id: &EndpointId) -> Result<Option<PrivateEndpoint>> {
    let endpoints = read::endpoints(side.project(), side.region()).await?;
    match read::find(&endpoints, id, side.region()) {
        None if endpoints.unreadable > 0 => {
            let text = format!("{} entries of the list of endpoints cannot be read", endpoints.unreadable);
            Err(Error::new(ErrorKind::UnexpectedResponse, text)
                .with_vendor(dialect::VENDOR)
                .with_resource(side.project().resource()))
        }
        found => Ok(found.cloned()),
    }
}
