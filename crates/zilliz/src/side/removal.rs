//! The way back, and who else is on the endpoint.

use std::sync::Arc;

use privlink_core::side::{Cx, EndpointFacts, Exchange, Kept, Slot, Survey, TouchKey};
use privlink_core::{ErrorKind, Listed, Result};

use super::endpoint::{account, admission, entry_key, is_dead};
use super::findings;
use super::read::{self, Reader, World, find};
use super::steps::{Maker, told};
use crate::{ClusterDetails, ClusterId, EndpointId, ProjectRegion};

pub(super) async fn removal(side: &ProjectRegion, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let mut survey = Survey::new();
    let world = match Reader::new(side, cx).world().await {
        // A deleted project has taken its list along.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            survey.findings.push(findings::gone_or_elsewhere(side));
            return Ok(survey);
        }
        other => other?,
    };
    let maker = Maker { side, of: (cx.network(), cx.instance()) };
    let others = served_beside(side, &world.clusters, Some(Reader::new(side, cx))).await?;
    let going = going(side, known);
    for id in going.iter().filter(|id| find(&world.endpoints, id, side.region()).is_some()) {
        let step = maker.withdraw(id);
        if others.is_empty() {
            survey.steps.push(step);
        } else {
            let others = others.join(", ");
            let reason = format!("it serves {others} too; a link of the whole region, without `only`, takes it back");
            survey.kept.push(Kept::new(step.key, reason).what(step.thing));
        }
    }
    for endpoint in known.endpoints.values() {
        let Some(id) = EndpointId::of(&endpoint.ids) else { continue };
        let listed = find(&world.endpoints, &id, side.region());
        survey.known.admissions.insert(Slot::main(), admission(listed, &endpoint.ownership, side, &id));
        if listed.is_some() && !going.contains(&id) {
            let key = entry_key(side.project().id(), side.region(), &id);
            let reason = "it is of an endpoint that this link did not make; withdraw it by its id";
            survey.kept.push(Kept::new(key, reason).what(format!("registration of endpoint `{id}`")));
        }
    }
    if known.endpoints.is_empty() && going.is_empty() {
        let here = world.endpoints.items.iter().filter(|entry| entry.region == *side.region() && !is_dead(entry));
        for entry in here {
            let id = entry.endpoint_id.to_ascii_lowercase();
            let key = TouchKey::new("zilliz.endpoint", [side.project().id().as_str(), side.region().as_str(), &id]);
            let reason = "no endpoint of this link is left, so it cannot be told whose registration this is; withdraw \
                          it by its id";
            survey.kept.push(Kept::new(key, reason).what(format!("registration of endpoint `{}`", entry.endpoint_id)));
        }
    }
    survey.kept.extend(whitelisted(side, known, &world));
    Ok(survey)
}

/// The clusters without a name of this link that its registration serves too: those with a private address, of which a
/// list may say less than `describe`, and those that cannot be read.
async fn served_beside(
    side: &ProjectRegion,
    clusters: &Listed<ClusterDetails>,
    memo: Option<Reader<'_>>,
) -> Result<Vec<String>> {
    if side.named().is_empty() {
        return Ok(Vec::new());
    }
    let beside = clusters.items.iter().filter(|cluster| {
        cluster.region == *side.region()
            && !side.covers(&cluster.id)
            && !cluster.status.is_gone()
            && cluster.is_dedicated()
    });
    let mut served = Vec::new();
    for cluster in beside {
        let is_served = match cluster.private_link_address {
            Some(_) => true,
            None => match described(side, &cluster.id, memo).await {
                Ok(details) => details.private_link_address.is_some(),
                // Deleted in between.
                Err(error) if error.kind() == ErrorKind::NotFound => false,
                Err(error) => return Err(error),
            },
        };
        served.extend(is_served.then(|| told(cluster)));
    }
    if clusters.unreadable > 0 {
        served.push(format!("maybe {} clusters that cannot be read", clusters.unreadable));
    }
    Ok(served)
}

/// The same, as it is now.
pub(super) async fn served_now(side: &ProjectRegion) -> Result<Vec<String>> {
    if side.named().is_empty() {
        return Ok(Vec::new());
    }
    let clusters = read::clusters(side.project(), side.region()).await?;
    served_beside(side, &clusters, None).await
}

async fn described(side: &ProjectRegion, id: &ClusterId, memo: Option<Reader<'_>>) -> Result<Arc<ClusterDetails>> {
    match memo {
        Some(reader) => reader.cluster(id).await,
        None => side.client().cluster(id.clone()).details().await.map(Arc::new),
    }
}

/// What the vendor has no call to take back.
fn whitelisted(side: &ProjectRegion, known: &Exchange, world: &World) -> Option<Kept> {
    let mut services = world.services.items.iter();
    services.find(|service| service.region == *side.region() && service.whitelist_required)?;
    let account = account(known)?;
    let key = TouchKey::new("zilliz.whitelist", [side.project().id().as_str(), side.region().as_str(), &account]);
    let reason = "the vendor has no call that lists such entries or takes one back; ask its support";
    Some(Kept::new(key, reason).what(format!("entry of {account} on the vendor's list of accounts")))
}

/// The endpoints that are taken back here: those of ours, and those the caller named.
fn going(side: &ProjectRegion, known: &Exchange) -> Vec<EndpointId> {
    let ours = known.endpoints.values().filter(|endpoint| endpoint.ownership.is_ours());
    let mut going: Vec<EndpointId> = ours.filter_map(|endpoint| EndpointId::of(&endpoint.ids)).collect();
    for id in side.withdrawn_on_request() {
        if !going.contains(id) {
            going.push(id.clone());
        }
    }
    going
}

/// Whether the project lists the endpoint: that is all its clusters' use of it. What other projects do is told by the
/// marks that their links leave on the endpoint, and by the names that lead to it.
pub(super) async fn users(side: &ProjectRegion, endpoint: &EndpointFacts, cx: &Cx) -> Result<(Vec<TouchKey>, bool)> {
    let Some(id) = EndpointId::of(&endpoint.ids) else { return Ok((Vec::new(), false)) };
    let endpoints = match Reader::new(side, cx).endpoints().await {
        // A deleted project has taken its list along.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Vec::new(), true)),
        other => other?,
    };
    let uses = find(&endpoints, &id, side.region()).is_some_and(|entry| !is_dead(entry));
    let key = || entry_key(side.project().id(), side.region(), &id);
    Ok((uses.then(key).into_iter().collect(), endpoints.unreadable == 0))
}
