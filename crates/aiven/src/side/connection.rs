//! The connection of the link's endpoint: found, approved, and waited for until it is active.

use std::net::Ipv4Addr;

use privlink_core::side::{Cx, EndpointFacts, Exchange, Outcome};
use privlink_core::{CloudProvider, Error, ErrorKind, PrivateEndpointId, Result, Turn};
use serde_json::json;

use super::entry::{address, admission, known_admission, live, pinned};
use super::findings;
use super::read::{connections, find};
use super::steps::{Activate, Approve, Discover};
use crate::{Connection, ConnectionId, ConnectionState, Service};

/// How many lists in a row may lack a connection that was there before.
const MISSED: u64 = 3;

/// What every step here looks at first.
struct Look<'a> {
    service: &'a Service,
    cloud: CloudProvider,
    endpoint: &'a EndpointFacts,
    id: PrivateEndpointId,
    entry: Connection,
}

/// Waits until Aiven lists an endpoint in AWS, where nothing has to be approved.
pub(super) async fn discover(service: &Service, kind: &Discover, known: &Exchange, cx: &Cx) -> Result<Outcome> {
    let look = match look(service, kind.cloud, kind.refresh, known, cx).await? {
        Ok(look) => look,
        Err(outcome) => return Ok(outcome),
    };
    Ok(match look.entry.state {
        ConnectionState::Active => Outcome::already(look.known()),
        ref state => look.waits(format!("the connection is {state}"), Turn::Vendor),
    })
}

/// Approves an endpoint once Aiven has seen it.
pub(super) async fn approve(service: &Service, kind: &Approve, known: &Exchange, cx: &Cx) -> Result<Outcome> {
    let look = match look(service, kind.cloud, true, known, cx).await? {
        Ok(look) => look,
        Err(outcome) => return Ok(outcome),
    };
    // On Azure the address is told later, and need not be known yet.
    let address = match (kind.cloud == CloudProvider::Gcp).then(|| look.address()).transpose() {
        Ok(address) => address,
        Err(outcome) => return Ok(outcome),
    };
    if let Some(outcome) = look.approved(address) {
        return Ok(outcome);
    }
    if look.entry.state != ConnectionState::PendingUserApproval {
        return Ok(look.waits(format!("the connection is {}", look.entry.state), Turn::Vendor));
    }
    let Some(id) = look.entry.id.clone() else {
        return Ok(look.waits("Aiven has not given the connection an id yet".to_owned(), Turn::Vendor));
    };
    match service.privatelink(kind.cloud).approve(&id, address).await {
        Ok(entry) => {
            // What it says of the connection is of now; the list may lag behind it.
            let look = Look { entry, ..look };
            let state = &look.entry.state;
            Ok(match state.is_approved() {
                true => Outcome::done(look.known()),
                false => look.waits(format!("approved; the connection is still {state}"), Turn::Vendor),
            })
        }
        // Whether it took effect, the list says: approved by somebody else, or by a request whose
        // answer was lost.
        Err(error) if may_have_worked(&error) => {
            let listed = connections(service, kind.cloud).await?;
            let Some(entry) = find(&listed, &look.id).cloned() else {
                return Ok(look.waits("the list does not show the connection".to_owned(), Turn::Vendor));
            };
            let look = Look { entry, ..look };
            Ok(look.approved(address).unwrap_or_else(|| look.waits(format!("not approved yet: {error}"), Turn::Vendor)))
        }
        Err(error) => Err(error),
    }
}

/// Waits until an approved connection is active; on Azure tells the endpoint's address for that.
pub(super) async fn activate(service: &Service, kind: &Activate, known: &Exchange, cx: &Cx) -> Result<Outcome> {
    let look = match look(service, kind.cloud, true, known, cx).await? {
        Ok(look) => look,
        Err(outcome) => return Ok(outcome),
    };
    let address = match look.address() {
        Ok(address) => address,
        Err(outcome) => return Ok(outcome),
    };
    let told = look.entry.address == Some(address);
    match (&look.entry.state, kind.cloud) {
        (ConnectionState::Active, _) if told => return Ok(Outcome::already(look.known())),
        // The address can be told again, whatever is there.
        (ConnectionState::Active | ConnectionState::Connected, CloudProvider::Azure) => {}
        // For good: neither another address nor a missing one can be mended.
        (ConnectionState::Active | ConnectionState::Connected, CloudProvider::Gcp) if !told => {
            return Ok(Outcome::refused(findings::other_address(&look.entry, address)));
        }
        (ConnectionState::PendingUserApproval, _) => {
            return Ok(look.waits("the list still shows it as not approved".to_owned(), Turn::Vendor));
        }
        (state, _) => return Ok(look.waits(format!("the connection is {state}"), Turn::Vendor)),
    }
    let Some(id) = look.entry.id.clone() else {
        return Ok(look.waits("Aiven has not given the connection an id yet".to_owned(), Turn::Vendor));
    };
    match service.privatelink(kind.cloud).set_address(&id, address).await {
        Ok(entry) if entry.state == ConnectionState::Active && entry.address == Some(address) => {
            Ok(Outcome::done(Look { entry, ..look }.known()))
        }
        Ok(_) => Ok(look.waits("told; the connection is not active yet".to_owned(), Turn::Vendor)),
        Err(error) if may_have_worked(&error) => Ok(look.waits(format!("not taken yet: {error}"), Turn::Vendor)),
        Err(error) => Err(error),
    }
}

/// A refusal because of the state, or an answer that was lost.
fn may_have_worked(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Conflict | ErrorKind::OutcomeUnknown | ErrorKind::Timeout)
}

/// Has Aiven look, where it must be asked, and finds the endpoint's connection; an outcome where
/// there is nothing to do with it.
async fn look<'a>(
    service: &'a Service,
    cloud: CloudProvider,
    refresh: bool,
    known: &'a Exchange,
    cx: &Cx,
) -> Result<Result<Look<'a>, Outcome>> {
    let polling = &service.client().facts().polling;
    let Some(endpoint) = live(known) else { return Ok(Err(Outcome::moved(findings::no_endpoint()))) };
    let Some(id) = endpoint.ids.primary() else {
        let stage = "waiting for the connection id of the endpoint";
        return Ok(Err(Outcome::waiting(stage, Turn::Cloud, polling.every)));
    };
    if id.cloud() != cloud {
        return Ok(Err(Outcome::refused(findings::endpoint_elsewhere(service, cloud, &id))));
    }
    if refresh {
        match service.privatelink(cloud).refresh().await {
            Ok(()) => {}
            // While the privatelink is rebuilt; the list is as it was.
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            Err(error) => return Err(error),
        }
    }
    let listed = connections(service, cloud).await?;
    let pinned = pinned(service, known);
    let of_endpoint = find(&listed, &id);
    match (of_endpoint, &pinned) {
        (Some(entry), Some(pinned)) if entry.id.as_ref().is_some_and(|id| id != pinned) => {
            Ok(Err(Outcome::moved(findings::other_connection(pinned.as_str(), Some(entry)))))
        }
        (Some(entry), _) => Ok(Ok(Look { service, cloud, endpoint, id, entry: entry.clone() })),
        (None, Some(pinned)) => Ok(Err(missed(service, pinned, cx))),
        (None, None) => Ok(Err(Outcome::waiting("Aiven has not seen the endpoint yet", Turn::Vendor, polling.every))),
    }
}

/// A connection that was there is not listed: nothing is gone because of one list.
fn missed(service: &Service, pinned: &ConnectionId, cx: &Cx) -> Outcome {
    let missed = cx.resume().and_then(|resume| resume["missed"].as_u64()).unwrap_or(0) + 1;
    if missed >= MISSED {
        return Outcome::moved(findings::other_connection(pinned.as_str(), None));
    }
    let every = service.client().facts().polling.every;
    Outcome::waiting(format!("the list does not show connection {pinned}"), Turn::Vendor, every)
        .resume(json!({ "missed": missed }))
}

impl Look<'_> {
    /// The endpoint's address, or what to say without one.
    fn address(&self) -> Result<Ipv4Addr, Outcome> {
        address(self.endpoint).ok_or_else(|| match self.endpoint.addresses.is_empty() {
            true => self.waits("waiting for the endpoint's address".to_owned(), Turn::Cloud),
            false => Outcome::refused(findings::no_ipv4(&self.id)),
        })
    }

    /// What it means that the connection is approved, with an address where one goes with the
    /// approval; `None` when it is not.
    fn approved(&self, address: Option<Ipv4Addr>) -> Option<Outcome> {
        if !self.entry.state.is_approved() {
            return None;
        }
        if let (Some(ours), Some(told)) = (address, self.entry.address)
            && ours != told
        {
            return Some(Outcome::refused(findings::other_address(&self.entry, ours)));
        }
        Some(Outcome::already(self.known()))
    }

    fn waits(&self, stage: String, turn: Turn) -> Outcome {
        Outcome::waiting(stage, turn, self.service.client().facts().polling.every)
    }

    fn known(&self) -> Exchange {
        let owner = &self.endpoint.ownership;
        known_admission(admission(self.service, self.cloud, Some(&self.entry), owner, &self.id))
    }
}
