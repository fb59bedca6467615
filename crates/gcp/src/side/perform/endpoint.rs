use privlink_core::side::{EndpointFacts, EndpointIds, Exchange, Outcome};
use privlink_core::{Error, ErrorKind, ForwardingRuleName, Result, ServiceAttachment, Severity, Turn};

use super::super::steps::{AwaitConnected, ClearPlace, GlobalAccess, MakeAddress, MakeEndpoint};
use super::super::survey::{Endpoints, sorted};
use super::super::{facts, findings, mark, read};
use super::{Act, LATER, SOON, cloud};
use crate::compute::{InsertAddress, InsertForwardingRule};
use crate::ids::AddressName;
use crate::model::{AddressStatus, ForwardingRule, PscConnectionStatus};
use crate::problem::Problem;

impl Act<'_> {
    pub(super) async fn make_address(&self, kind: &MakeAddress) -> Result<Outcome> {
        let key = self.keys.address(&kind.service);
        self.belongs(&key)?;
        let (region, name) = (&self.network.region, self.keys.address_name(&kind.service));
        if let Some(address) = self.compute().address(region, &name).await? {
            if !mark::of_address(&address, &key).is_ours() {
                return Ok(Outcome::refused(findings::name_taken("address", name.as_str())));
            }
            let reserved = address.address.is_some() && address.status != AddressStatus::Reserving;
            return Ok(match reserved {
                true => self.seen(key.as_str(), "address", name.as_str(), Exchange::new()),
                false => cloud("the address is being reserved"),
            });
        }
        if let Some(outcome) = self.under_way(key.as_str()).await? {
            return Ok(outcome);
        }
        let Some(subnetwork) = &kind.subnetwork else {
            return Ok(Outcome::refused(findings::no_subnetwork_fits(&self.network.network)));
        };
        let mut request = InsertAddress::new(name, subnetwork.clone());
        request.description = Some(mark::description(&self.cx.mark(key.clone()), Some(&kind.service)));
        request.address = kind.address;
        let answer = self.compute().insert_address(region, &request).await;
        self.began(key.as_str(), answer.map(Some), cloud("the address is being reserved"))
    }

    /// Done, and remembered as seen when this process made it.
    fn seen(&self, thing: &str, kind: &str, name: &str, known: Exchange) -> Outcome {
        let outcome = self.settled(thing, known);
        if matches!(outcome, Outcome::Done(_)) {
            self.made(kind, name);
        }
        outcome
    }

    /// Deletes the endpoint of ours that the producer closed; one that is not closed stays.
    pub(super) async fn clear_place(&self, kind: &ClearPlace) -> Result<Outcome> {
        let key = self.keys.closed(&kind.service);
        self.belongs(&key)?;
        let name = self.keys.rule_name(&kind.service);
        match self.compute().forwarding_rule(&self.network.region, &name).await? {
            Some(rule) if !mark::of_rule(&rule, self.keys).is_ours() => {
                Ok(Outcome::refused(findings::name_taken("forwarding rule", name.as_str())))
            }
            // The very one that was closed: another connection is a new endpoint.
            Some(rule)
                if rule.psc_connection_status == PscConnectionStatus::Closed
                    && rule.psc_connection_id == kind.connection =>
            {
                self.delete_rule(key.as_str(), &name).await
            }
            Some(_) | None => Ok(self.settled(key.as_str(), Exchange::new())),
        }
    }

    /// Begins to delete a rule that was just looked at, or waits for that.
    pub(super) async fn delete_rule(&self, thing: &str, name: &ForwardingRuleName) -> Result<Outcome> {
        if let Some(outcome) = self.under_way(thing).await? {
            return Ok(outcome);
        }
        match self.compute().delete_rule_just_read(&self.network.region, name).await {
            // The next look reads it again, and asks for what is right by then.
            Err(error) if error.kind() == ErrorKind::RateLimited => {
                let wait = error.retry_after().unwrap_or(LATER).max(SOON);
                Ok(Outcome::waiting("Google is asked too often, and asks to wait", Turn::Cloud, wait))
            }
            answer => self.began(thing, answer, cloud("the endpoint is gone")),
        }
    }

    pub(super) async fn make_endpoint(&self, kind: &MakeEndpoint) -> Result<Outcome> {
        let key = self.keys.endpoint(&kind.service);
        self.belongs(&self.keys.taken(&kind.service, self.user().as_deref()))?;
        let all = read::endpoints(self.network).await?;
        let Endpoints { used, closed, .. } = sorted(&all, &kind.service, self.keys);
        if let Some(rule) = used {
            if facts::complete(rule)
                && let Some(outcome) = self.take(rule).await?
            {
                return Ok(outcome);
            }
            return Ok(match facts::complete(rule) {
                true => self.seen(key.as_str(), "endpoint", rule.name.as_str(), self.with_endpoint(rule)),
                false => cloud("the endpoint's connection id is not known yet"),
            });
        }
        let name = self.keys.rule_name(&kind.service);
        if let Some(rule) = closed.iter().find(|rule| rule.name == name) {
            return Ok(Outcome::moved(findings::closed_endpoint(rule)));
        }
        if let Some(outcome) = self.under_way(key.as_str()).await? {
            return Ok(outcome);
        }
        let address = self.keys.address_name(&kind.service);
        match self.compute().address(&self.network.region, &address).await? {
            Some(found) if mark::of_address(&found, &self.keys.address(&kind.service)).is_ours() => {}
            Some(_) => return Ok(Outcome::refused(findings::name_taken("address", address.as_str()))),
            None => return Ok(self.not_found("address", address.as_str())),
        }
        let mut request = InsertForwardingRule::new(
            name.clone(),
            kind.service.clone(),
            self.network.network.clone(),
            address.clone(),
        );
        request.subnetwork.clone_from(&kind.subnetwork);
        request.description = Some(mark::description(&self.cx.mark(key.clone()), Some(&kind.service)));
        request.allow_psc_global_access = kind.global_access;
        request.no_automate_dns_zone = !kind.automate_dns_zone;
        let answer = self.compute().insert_forwarding_rule(&self.network.region, &request).await;
        if let Err(error) = &answer
            && matches!(Problem::of(error), Problem::Exists | Problem::InUse)
        {
            return self.taken(&name, &address, error).await;
        }
        self.began(key.as_str(), answer.map(Some), cloud("the endpoint is being made"))
    }

    /// What it means that the endpoint's name or its address is taken: by another run, which the
    /// next look finds, or by somebody else.
    async fn taken(&self, name: &ForwardingRuleName, address: &AddressName, error: &Error) -> Result<Outcome> {
        let (compute, region) = (self.compute(), &self.network.region);
        match compute.forwarding_rule(region, name).await? {
            Some(rule) if mark::of_rule(&rule, self.keys).is_ours() => {
                return Ok(cloud("another run is making the endpoint"));
            }
            Some(_) => return Ok(Outcome::refused(findings::name_taken("forwarding rule", name.as_str()))),
            None => {}
        }
        let users = compute.address(region, address).await?.map(|found| found.users).unwrap_or_default();
        let by_us = |user: &String| user.rsplit('/').next() == Some(name.as_str());
        Ok(match users.is_empty() || users.iter().any(by_us) {
            true => cloud("another run is making the endpoint"),
            false => Outcome::refused(findings::refused(error).evidence(users.join(", "))),
        })
    }

    pub(super) async fn global_access(&self, kind: &GlobalAccess) -> Result<Outcome> {
        let key = self.keys.global_access(&kind.service);
        self.belongs(&key)?;
        let rule = match self.rule_of(&kind.service).await? {
            Ok(rule) => rule,
            Err(outcome) => return Ok(outcome),
        };
        if rule.allow_psc_global_access {
            return Ok(self.settled(key.as_str(), Exchange::new()));
        }
        if let Some(outcome) = self.under_way(key.as_str()).await? {
            return Ok(outcome);
        }
        let fingerprint = rule.fingerprint.as_deref().unwrap_or_default();
        let answer = self.compute().set_global_access(&self.network.region, &rule.name, true, fingerprint).await;
        self.began(key.as_str(), answer.map(Some), cloud("global access is being allowed"))
    }

    pub(super) async fn await_connected(&self, kind: &AwaitConnected) -> Result<Outcome> {
        self.belongs(&self.keys.connection(&kind.service))?;
        let rule = match self.rule_of(&kind.service).await? {
            Ok(rule) => rule,
            Err(outcome) => return Ok(outcome),
        };
        if rule.psc_connection_status == PscConnectionStatus::Accepted && facts::complete(&rule) {
            // Waiting changes nothing, however long it took.
            return Ok(Outcome::already(self.with_endpoint(&rule)));
        }
        Ok(waiting_or_dead(&rule))
    }

    /// The endpoint the link uses, read afresh: by the name that is known, or by its marks. One
    /// that was made anew meanwhile has another connection id, of which the vendor knows nothing.
    pub(super) async fn rule_of(&self, service: &ServiceAttachment) -> Result<Result<ForwardingRule, Outcome>> {
        if let Some(EndpointFacts { ids: EndpointIds::Gcp { rule: name, psc, .. }, .. }) =
            self.known.endpoints.get(&self.slot())
        {
            return Ok(match self.compute().forwarding_rule(&self.network.region, name).await? {
                Some(rule) => match (psc, rule.psc_connection_id) {
                    (Some(known), Some(now)) if *known != now => {
                        Err(Outcome::moved(findings::connection_changed(&rule, &known.to_string())))
                    }
                    _ => Ok(rule),
                },
                None => Err(self.not_found("endpoint", name.as_str())),
            });
        }
        let all = read::endpoints(self.network).await?;
        let Endpoints { used, closed, .. } = sorted(&all, service, self.keys);
        Ok(match (used, closed.first()) {
            (Some(rule), _) => Ok(rule.clone()),
            (None, Some(rule)) => Err(Outcome::refused(findings::endpoint_dead(rule, Severity::Blocks))),
            (None, None) => Err(cloud("the endpoint is not visible yet")),
        })
    }

    /// What the other side may know of an endpoint.
    fn with_endpoint(&self, rule: &ForwardingRule) -> Exchange {
        let mut known = Exchange::new();
        let facts = facts::of(rule, self.keys.project, mark::of_rule(rule, self.keys));
        known.endpoints.insert(self.slot(), facts);
        known
    }
}

/// What an endpoint that is not accepted means for a step that needs it.
fn waiting_or_dead(rule: &ForwardingRule) -> Outcome {
    let name = &rule.name;
    match &rule.psc_connection_status {
        PscConnectionStatus::Pending => {
            Outcome::waiting(format!("{name} waits for the vendor to accept it"), Turn::Vendor, LATER)
        }
        PscConnectionStatus::NeedsAttention => Outcome::waiting(
            format!("{name} is accepted, and the vendor still has something to do"),
            Turn::Vendor,
            LATER,
        ),
        PscConnectionStatus::Rejected | PscConnectionStatus::Closed => {
            Outcome::refused(findings::endpoint_dead(rule, Severity::Blocks))
        }
        PscConnectionStatus::Accepted | PscConnectionStatus::Unspecified => cloud(format!("{name} is being connected")),
        PscConnectionStatus::Unknown(word) => Outcome::waiting(format!("{name} is {word}"), Turn::Cloud, LATER),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn each_state_names_whose_turn_it_is() {
        let outcome = |word: &str| {
            let json = format!(r#"{{"name":"orders","pscConnectionStatus":"{word}"}}"#);
            let rule = ForwardingRule::read(serde_json::from_str(&json).unwrap()).unwrap();
            match waiting_or_dead(&rule) {
                Outcome::Waiting { turn, .. } => format!("waiting for {turn}"),
                Outcome::Refused(finding) => format!("refused {} by {}", finding.code, finding.turn),
                other => format!("{other:?}"),
            }
        };
        assert_eq!(outcome("PENDING"), "waiting for vendor");
        assert_eq!(outcome("NEEDS_ATTENTION"), "waiting for vendor");
        assert_eq!(outcome("STATUS_UNSPECIFIED"), "waiting for cloud");
        assert_eq!(outcome("THAWING"), "waiting for cloud");
        assert_eq!(outcome("REJECTED"), "refused GCP-014 by vendor");
        assert_eq!(outcome("CLOSED"), "refused GCP-014 by you");
    }
}
