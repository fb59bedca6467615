//! Closing the public door, and opening it again exactly as it was.

use privlink_core::side::{Exchange, Outcome, Receipt, StepState, Survey};
use privlink_core::{Error, ErrorKind, Result, Turn};
use serde::{Deserialize, Serialize};

use super::findings;
use super::steps::{self, ClosePublic, OpenPublic, SIDE};
use crate::delta::{Delta, Listed, delta, lost, worth_a_look};
use crate::dialect::VENDOR;
use crate::ip_access::send_once;
use crate::{IpAccessEntry, Service, ServiceId};

/// The version of what a receipt holds.
const VERSION: u16 = 1;

/// What a receipt holds.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    service: ServiceId,
    ip_access_list: Vec<IpAccessEntry>,
}

pub(super) async fn closing(service: &Service) -> Result<(Survey, Receipt)> {
    let details = service.details().await?;
    let sources = details.ip_access_list()?.to_vec();
    if sources.is_empty() {
        // An empty receipt, stored over the good one, would lose what was open for ever.
        return Err(Error::new(
            ErrorKind::Conflict,
            "public access is closed already; keep the receipt of the first closing",
        )
        .with_vendor(VENDOR)
        .with_resource(service.id().to_string())
        .with_finding(findings::closed_already(service.id())));
    }
    let body = Body { service: service.id(), ip_access_list: sources.clone() };
    let mut survey = Survey::new();
    survey.steps.push(steps::close_public(service, &details.name, sources));
    Ok((survey, Receipt::of(SIDE, VERSION, &body)?))
}

pub(super) async fn reopening(service: &Service, receipt: &Receipt) -> Result<Survey> {
    let body: Body = receipt.read(&SIDE, VERSION)?;
    if body.service != service.id() {
        return Err(Error::invalid(format!("the receipt is of service {}, not of {}", body.service, service.id())));
    }
    if let Some(entry) = body.ip_access_list.iter().find(|entry| !entry.could_be_listed()) {
        let source: String = entry.source().chars().take(80).flat_map(char::escape_debug).collect();
        return Err(Error::invalid(format!("the receipt holds `{source}`, which is no source")));
    }
    let details = service.details().await?;
    let there = details.ip_access_list()?;
    let missing = missing(there, &body.ip_access_list);
    let state = if missing.is_empty() { StepState::AlreadyDone } else { StepState::ToDo };
    let mut survey = Survey::new();
    survey.steps.push(steps::open_public(service, body.ip_access_list, state));
    Ok(survey)
}

pub(super) async fn close(service: &Service, kind: &ClosePublic) -> Result<Outcome> {
    let there = sources(service).await?;
    let unplanned = missing(&kind.sources, &there);
    if !unplanned.is_empty() {
        return Ok(Outcome::moved(findings::sources_changed(&format!(
            "not in the plan: {}",
            unplanned.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ))));
    }
    if there.is_empty() {
        return Ok(Outcome::already(Exchange::new()));
    }
    settle(service, delta([], there)?, |now| now.is_empty()).await
}

pub(super) async fn open(service: &Service, kind: &OpenPublic) -> Result<Outcome> {
    let there = sources(service).await?;
    let add = missing(&there, &kind.sources);
    if add.is_empty() {
        return Ok(Outcome::already(Exchange::new()));
    }
    settle(service, delta(add, [])?, |now| missing(now, &kind.sources).is_empty()).await
}

/// Sends once and reads back what is really open now.
async fn settle(
    service: &Service,
    delta: Delta<IpAccessEntry>,
    reached: impl Fn(&[IpAccessEntry]) -> bool,
) -> Result<Outcome> {
    let waiting = |stage: &'static str| Outcome::waiting(stage, Turn::Vendor, service.client().facts().polling.first);
    match send_once(service, &delta).await {
        Ok(_) => Ok(match sources(service).await {
            Ok(now) if reached(&now) => Outcome::done(Exchange::new()),
            _ => waiting("acknowledged; the IP access list does not show it yet"),
        }),
        Err(error) if worth_a_look(&error) => match sources(service).await {
            Ok(now) if reached(&now) && lost(&error) => Ok(Outcome::done(Exchange::new())),
            Ok(now) if reached(&now) => Ok(Outcome::already(Exchange::new())),
            _ if lost(&error) => Ok(waiting("the answer was lost and the IP access list is as before")),
            _ => Err(error),
        },
        Err(error) => Err(error),
    }
}

async fn sources(service: &Service) -> Result<Vec<IpAccessEntry>> {
    Ok(service.details().await?.ip_access_list()?.to_vec())
}

/// Those of `wanted` that `there` does not hold.
fn missing(there: &[IpAccessEntry], wanted: &[IpAccessEntry]) -> Vec<IpAccessEntry> {
    wanted.iter().filter(|entry| !there.iter().any(|known| known.key() == entry.key())).cloned().collect()
}
