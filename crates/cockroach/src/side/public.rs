//! Closing the public door to SQL clients, and opening it again exactly as it was.
//!
//! The allowlist lets SQL clients and browsers in by one list. A private endpoint carries SQL and
//! not the console, so whoever may open the console may go on doing so.

use privlink_core::side::{Cx, Exchange, Outcome, Receipt, StepState, Survey};
use privlink_core::{Error, ErrorKind, Result, Turn};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::findings;
use super::steps::{self, ClosePublic, OpenPublic, SIDE};
use crate::dialect::{VENDOR, is_busy};
use crate::{AllowedRange, Cluster, ClusterId};

/// The version of what a receipt holds.
const VERSION: u16 = 1;

/// What a receipt holds.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    cluster: ClusterId,
    allowlist: Vec<AllowedRange>,
}

pub(super) async fn closing(cluster: &Cluster) -> Result<(Survey, Receipt)> {
    let (details, entries) = futures_util::future::try_join(cluster.details(), open_to_sql(cluster)).await?;
    if entries.is_empty() {
        // An empty receipt, stored over the good one, would lose what was open for ever.
        return Err(Error::new(
            ErrorKind::Conflict,
            "public access is closed already; keep the receipt of the first closing",
        )
        .with_vendor(VENDOR)
        .with_resource(cluster.resource())
        .with_finding(findings::closed_already(cluster.id())));
    }
    let body = Body { cluster: cluster.id(), allowlist: entries.clone() };
    let mut survey = Survey::new();
    survey.steps.push(steps::close_public(cluster, &details.name, entries));
    Ok((survey, Receipt::of(SIDE, VERSION, &body)?))
}

pub(super) async fn reopening(cluster: &Cluster, receipt: &Receipt) -> Result<Survey> {
    let body: Body = receipt.read(&SIDE, VERSION)?;
    if body.cluster != cluster.id() {
        return Err(Error::invalid(format!("the receipt is of cluster {}, not of {}", body.cluster, cluster.id())));
    }
    if let Some(entry) = body.allowlist.iter().find(|entry| !entry.sql) {
        return Err(Error::invalid(format!("the receipt holds {}, which no closing took away", entry.range)));
    }
    let there = all(cluster).await?;
    let missing = missing(&there, &body.allowlist);
    let state = if missing.is_empty() { StepState::AlreadyDone } else { StepState::ToDo };
    let mut survey = Survey::new();
    survey.steps.push(steps::open_public(cluster, body.allowlist, state));
    Ok(survey)
}

pub(super) async fn close(cluster: &Cluster, kind: &ClosePublic, cx: &Cx) -> Result<Outcome> {
    let open = open_to_sql(cluster).await?;
    let unplanned: Vec<String> =
        open.iter().filter(|entry| !kind.entries.contains(entry)).map(|entry| entry.range.to_string()).collect();
    if !unplanned.is_empty() {
        let seen = format!("not in the plan: {}", unplanned.join(", "));
        return Ok(Outcome::moved(findings::ranges_changed(&seen)));
    }
    if open.is_empty() {
        return settled(cluster, true, cx.resume().is_some()).await;
    }
    for mut entry in open {
        entry.sql = false;
        let sent = match entry.ui {
            true => cluster.add_allowed_range(&entry).await,
            false => cluster.remove_allowed_range(&entry.range).await,
        };
        if let Some(outcome) = interrupted(cluster, sent)? {
            return Ok(outcome);
        }
    }
    let closed = open_to_sql(cluster).await?.is_empty();
    settled(cluster, closed, true).await
}

pub(super) async fn open(cluster: &Cluster, kind: &OpenPublic, cx: &Cx) -> Result<Outcome> {
    let missing = missing(&all(cluster).await?, &kind.entries);
    if missing.is_empty() {
        return settled(cluster, true, cx.resume().is_some()).await;
    }
    for entry in &missing {
        if let Some(outcome) = interrupted(cluster, cluster.add_allowed_range(entry).await)? {
            return Ok(outcome);
        }
    }
    let opened = self::missing(&all(cluster).await?, &kind.entries).is_empty();
    settled(cluster, opened, true).await
}

/// What a write that did not end well comes to; each of them may be sent again.
fn interrupted(cluster: &Cluster, sent: Result<()>) -> Result<Option<Outcome>> {
    let waiting =
        |stage: &'static str| Outcome::waiting(stage, Turn::Vendor, cluster.client().facts().polling.connection);
    match sent {
        Ok(()) => Ok(None),
        Err(error) if is_busy(&error) => Ok(Some(waiting("the cluster is busy with another operation"))),
        Err(error) if matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::Timeout) => {
            Ok(Some(waiting("the answer was lost")))
        }
        Err(error) => Err(error),
    }
}

/// The list shows a change before the cluster goes by it. `acted`: whether this step made one.
async fn settled(cluster: &Cluster, reached: bool, acted: bool) -> Result<Outcome> {
    let stage = if !reached {
        "acknowledged; the allowlist does not show it yet"
    } else if cluster.is_ip_allowlist_propagating().await? {
        "the allowlist is on its way to the cluster"
    } else if acted {
        return Ok(Outcome::done(Exchange::new()));
    } else {
        return Ok(Outcome::already(Exchange::new()));
    };
    let waiting = Outcome::waiting(stage, Turn::Vendor, cluster.client().facts().polling.connection);
    Ok(if acted { waiting.resume(json!({ "changed": true })) } else { waiting })
}

/// The whole allowlist; an entry that cannot be read must not pass for one that is not there.
async fn all(cluster: &Cluster) -> Result<Vec<AllowedRange>> {
    cluster.ip_allowlist().all().await
}

async fn open_to_sql(cluster: &Cluster) -> Result<Vec<AllowedRange>> {
    Ok(all(cluster).await?.into_iter().filter(|entry| entry.sql).collect())
}

/// Those of `wanted` that `there` does not let in, once each; what an entry may besides, it keeps.
fn missing(there: &[AllowedRange], wanted: &[AllowedRange]) -> Vec<AllowedRange> {
    let mut missing: Vec<AllowedRange> = Vec::new();
    for entry in wanted {
        let known = there.iter().find(|known| known.range == entry.range);
        let open = known.is_some_and(|known| known.sql && (known.ui || !entry.ui));
        if !open && !missing.iter().any(|other| other.range == entry.range) {
            let mut entry = entry.clone();
            entry.ui |= known.is_some_and(|known| known.ui);
            missing.push(entry);
        }
    }
    missing
}
