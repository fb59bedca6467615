//! Switching a component on for privatelink.

use privlink_core::side::{Exchange, Outcome};
use privlink_core::{ErrorKind, Result, Turn};

use super::steps::SwitchOn;
use crate::Service;

pub(super) async fn switch_on(service: &Service, kind: &SwitchOn) -> Result<Outcome> {
    if service.details().await?.has_access(&kind.component) {
        return Ok(Outcome::already(Exchange::new()));
    }
    let waiting = |stage: &'static str| Outcome::waiting(stage, Turn::Vendor, service.client().facts().polling.every);
    match service.set_privatelink_access(&[(&kind.component, true)]).await {
        Ok(details) if details.has_access(&kind.component) => Ok(Outcome::done(Exchange::new())),
        Ok(_) => Ok(waiting("acknowledged; the service does not show it yet")),
        Err(error) if error.kind() == ErrorKind::OutcomeUnknown => Ok(waiting("the answer was lost")),
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(waiting("the service takes no change now")),
        Err(error) => Err(error),
    }
}
