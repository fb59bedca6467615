//! Waiting until a cluster is reached through the endpoint, and learning its private host.

use futures_util::future;
use privlink_core::side::{Exchange, Fact, Outcome};
use privlink_core::{CloudProvider, ErrorKind, Result, Turn};

use super::endpoint::{admission, is_dead, is_ready, known_admission};
use super::register::{listed, subject};
use super::steps::AwaitLink;
use super::{findings, survey};
use crate::{EndpointStatus, ProjectRegion};

pub(super) async fn await_link(side: &ProjectRegion, kind: &AwaitLink, known: &Exchange) -> Result<Outcome> {
    let (endpoint, id) = match subject(side, known) {
        Ok(subject) => subject,
        Err(outcome) => return Ok(*outcome),
    };
    let waiting = |stage: String, turn| Outcome::waiting(stage, turn, side.client().facts().polling.link);
    let cluster = side.client().cluster(kind.cluster.clone());
    let (entry, details) = future::join(listed(side, &id), cluster.details()).await;
    let entry = entry?;
    let details = match details {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        details => Some(details?),
    };
    let Some(details) = details.filter(|details| !details.status.is_gone()) else {
        return Ok(Outcome::moved(findings::cluster_gone(side, &kind.cluster)));
    };
    let Some(entry) = entry else {
        return Ok(waiting("the list does not show the endpoint yet".to_owned(), Turn::Vendor));
    };
    if is_dead(&entry) {
        return Ok(Outcome::refused(findings::entry_dead(side, &entry)));
    }
    if !is_ready(&entry) {
        let status = entry.status.as_ref().map_or("without a status", EndpointStatus::as_str);
        let hint = match id.cloud() {
            CloudProvider::Azure => "; should it stay so, the subscription may not be on the vendor's list",
            _ => "",
        };
        return Ok(waiting(format!("the endpoint is {status}{hint}"), Turn::Vendor));
    }
    let address = match survey::private_address(side, &details) {
        Ok((address, _)) => address,
        Err(finding) => return Ok(Outcome::refused(*finding)),
    };
    Ok(match address.filter(|_| survey::is_linked(&details)) {
        Some(address) => {
            let mut learnt = known_admission(admission(Some(&entry), &endpoint.ownership, side, &id));
            learnt.names.push(survey::private_name(&details, &address));
            learnt.hold(None, Fact::Names);
            Outcome::already(learnt)
        }
        None if details.status.rests() => {
            waiting(format!("the cluster is {}; it is linked once it runs", details.status), Turn::You)
        }
        None => waiting(format!("the cluster is {}, without a private address", details.status), Turn::Vendor),
    })
}
