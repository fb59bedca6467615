//! Taking the endpoint off the project's list.

use privlink_core::side::{Exchange, Outcome};
use privlink_core::{ErrorKind, Result, Turn};

use super::findings;
use super::register::listed;
use super::removal::served_now;
use super::steps::Withdraw;
use crate::ProjectRegion;

pub(super) async fn withdraw(side: &ProjectRegion, kind: &Withdraw) -> Result<Outcome> {
    let polling = &side.client().facts().polling;
    let waiting = |stage: &'static str| Outcome::waiting(stage, Turn::Vendor, polling.link);
    if !is_listed(side, kind).await? {
        return Ok(Outcome::already(Exchange::new()));
    }
    let others = served_now(side).await?;
    if !others.is_empty() {
        return Ok(Outcome::moved(findings::serves_others(side, &others)));
    }
    match side.project().deregister(side.region(), &kind.endpoint).await {
        Ok(()) => Ok(match is_listed(side, kind).await {
            Ok(false) => Outcome::done(Exchange::new()),
            _ => waiting("acknowledged; the list still shows it"),
        }),
        // What a second one comes to is not documented, so the list decides whatever was said.
        Err(error) => {
            let lost = matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::Timeout);
            match is_listed(side, kind).await {
                Ok(false) => Ok(Outcome::done(Exchange::new())),
                Ok(true) if lost => Ok(waiting("the answer was lost, and the list still shows it")),
                _ => Err(error),
            }
        }
    }
}

/// Whether the list shows the endpoint.
async fn is_listed(side: &ProjectRegion, kind: &Withdraw) -> Result<bool> {
    match listed(side, &kind.endpoint).await {
        Ok(entry) => Ok(entry.is_some()),
        // The project was deleted in between: the list went with it.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
