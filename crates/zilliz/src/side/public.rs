//! Switching the public addresses of a link's clusters off, and on again exactly as they were.

use privlink_core::side::{Cx, Exchange, Outcome, Receipt, StepState, Survey};
use privlink_core::{Error, ErrorKind, Finding, Result, Turn};
use serde::{Deserialize, Serialize};

use super::findings;
use super::read::Reader;
use super::steps::{ClosePublic, Maker, OpenPublic, SIDE};
use crate::dialect::VENDOR;
use crate::{Cluster, ClusterDetails, ClusterId, ClusterStatus, ProjectId, ProjectRegion, RegionId};

/// The version of what a receipt holds.
const VERSION: u16 = 1;

/// What a receipt holds.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    project: ProjectId,
    region: RegionId,
    /// The clusters whose public address was on.
    clusters: Vec<ClusterId>,
}

pub(super) async fn closing(side: &ProjectRegion, cx: &Cx) -> Result<(Survey, Receipt)> {
    let reader = Reader::new(side, cx);
    let clusters = reader.clusters().await?;
    let mut survey = Survey::new();
    let is_named = |id: &ClusterId| clusters.items.iter().any(|cluster| cluster.id == *id);
    if clusters.unreadable > 0 && (side.named().is_empty() || !side.named().iter().all(is_named)) {
        survey.findings.push(findings::unknown_clusters(side, clusters.unreadable));
    }
    let covered = clusters
        .items
        .iter()
        .filter(|cluster| cluster.region == *side.region() && cluster.is_dedicated() && side.covers(&cluster.id));
    let mut open = Vec::new();
    for listed in covered.filter(|cluster| !cluster.status.is_gone()) {
        // A list may say less.
        match reader.cluster(&listed.id).await {
            Ok(cluster) if is_public(&cluster) && !cluster.status.is_gone() => open.push(cluster),
            Ok(_) => {}
            // Deleted in between.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    open.sort_by(|one, other| one.id.cmp(&other.id));
    if open.is_empty() && survey.findings.is_empty() {
        let text = "public access is closed already; keep the receipt of the first closing";
        return Err(nothing_to_close(side, text, findings::closed_already(side)));
    }
    let maker = Maker { side, of: (cx.network(), cx.instance()) };
    let mut body = Body { project: side.project().id().clone(), region: side.region().clone(), clusters: Vec::new() };
    for cluster in &open {
        match findings::cannot_close(cluster) {
            Some(finding) => survey.findings.push(finding),
            None => {
                survey.steps.push(maker.close_public(cluster));
                body.clusters.push(cluster.id.clone());
            }
        }
    }
    if body.clusters.is_empty() {
        let finding = survey.findings.into_iter().next();
        let finding = finding.unwrap_or_else(|| findings::closed_already(side));
        return Err(nothing_to_close(side, "no cluster whose public address is open can be closed by calls", finding));
    }
    Ok((survey, Receipt::of(SIDE, VERSION, &body)?))
}

/// Refused: an empty receipt, stored over a good one, would lose for ever what was open.
fn nothing_to_close(side: &ProjectRegion, text: &'static str, finding: Finding) -> Error {
    Error::new(ErrorKind::Conflict, text)
        .with_vendor(VENDOR)
        .with_resource(side.project().id().to_string())
        .with_finding(finding)
}

pub(super) async fn reopening(side: &ProjectRegion, receipt: &Receipt, cx: &Cx) -> Result<Survey> {
    let body: Body = receipt.read(&SIDE, VERSION)?;
    if (&body.project, &body.region) != (side.project().id(), side.region()) {
        let (project, region) = (side.project().id(), side.region());
        let text = format!("the receipt is of {} in {}, not of {project} in {region}", body.project, body.region);
        return Err(Error::invalid(text));
    }
    let maker = Maker { side, of: (cx.network(), cx.instance()) };
    let reader = Reader::new(side, cx);
    let mut survey = Survey::new();
    for id in &body.clusters {
        if !side.covers(id) {
            return Err(Error::invalid(format!("the receipt is of cluster {id} too, which this link does not name")));
        }
        let cluster = match reader.cluster(id).await {
            // Deleted since: there is nothing to open.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            other => other?,
        };
        let is_open = is_public(&cluster);
        let state = if is_open { StepState::AlreadyDone } else { StepState::ToDo };
        survey.steps.push(maker.open_public(&cluster, state));
        if !is_open {
            survey.findings.push(findings::cached_names(&cluster));
        }
    }
    Ok(survey)
}

pub(super) async fn close(side: &ProjectRegion, kind: &ClosePublic, cx: &Cx) -> Result<Outcome> {
    let cluster = side.client().cluster(kind.cluster.clone());
    let details = cluster.details().await?;
    match findings::cannot_close(&details) {
        Some(finding) => Ok(Outcome::refused(finding)),
        None => switch(side, &cluster, &details, false, cx).await,
    }
}

pub(super) async fn open(side: &ProjectRegion, kind: &OpenPublic, cx: &Cx) -> Result<Outcome> {
    let cluster = side.client().cluster(kind.cluster.clone());
    let details = cluster.details().await?;
    switch(side, &cluster, &details, true, cx).await
}

/// Whether the public address is on. Where the vendor does not say, it is.
fn is_public(cluster: &ClusterDetails) -> bool {
    cluster.connect_address_enabled.unwrap_or(true)
}

/// What is carried from look to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Asked {
    /// The vendor took it.
    Yes,
    /// The answer was lost.
    Maybe,
}

/// Looks, asks once, and waits until the cluster is back.
async fn switch(
    side: &ProjectRegion,
    cluster: &Cluster,
    details: &ClusterDetails,
    on: bool,
    cx: &Cx,
) -> Result<Outcome> {
    let wait = |stage: String| Outcome::waiting(stage, Turn::Vendor, side.client().facts().polling.link);
    let asked = |stage: String, asked: Asked| wait(stage).resume(serde_json::json!(asked));
    let before: Option<Asked> = cx.resume().and_then(|resume| serde_json::from_value(resume.clone()).ok());
    let runs = details.status == ClusterStatus::Running;
    match before {
        None if is_public(details) == on && runs => return Ok(Outcome::already(Exchange::new())),
        Some(_) if is_public(details) == on && runs => return Ok(Outcome::done(Exchange::new())),
        Some(Asked::Yes) if details.connect_address_enabled.is_none() && runs => {
            let stage = "asked for, and the vendor does not say whether the public address is on; look in its console";
            return Ok(asked(stage.to_owned(), Asked::Yes));
        }
        Some(Asked::Yes) => return Ok(asked(format!("the cluster is {}", details.status), Asked::Yes)),
        // Asked now, it would be refused.
        _ if !runs => {
            let waiting = wait(format!("the cluster is {}; switched once it runs", details.status));
            return Ok(match before {
                Some(before) => waiting.resume(serde_json::json!(before)),
                None => waiting,
            });
        }
        _ => {}
    }
    let answer = if on { cluster.enable_public_address().await } else { cluster.disable_public_address().await };
    match answer {
        Ok(()) => Ok(asked("asked for; the cluster leaves RUNNING and comes back".to_owned(), Asked::Yes)),
        Err(error) if matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::Timeout) => {
            Ok(asked("the answer was lost; looking at the cluster".to_owned(), Asked::Maybe))
        }
        Err(error) if error.kind() == ErrorKind::Unsupported && error.http_status() == Some(404) => {
            Ok(Outcome::refused(findings::console_only(side, details, on)))
        }
        // The first one arrived, and the look before did not show it yet.
        Err(error)
            if before == Some(Asked::Maybe)
                && matches!(error.kind(), ErrorKind::Conflict | ErrorKind::InvalidInput) =>
        {
            Ok(asked(format!("refused after a lost answer: {error}"), Asked::Yes))
        }
        Err(error) => Err(error),
    }
}
