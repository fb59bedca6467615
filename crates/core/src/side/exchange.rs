use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{
    Admission, Capabilities, ConsumerIdentity, EndpointFacts, EndpointService, Fact, PrivateName, Slot, rfc3339,
};
use crate::{DnsName, Text};

/// Everything the two sides have told each other so far: an accumulating blackboard.
///
/// Plain data: a plan carries it, an operator can read it, a durable engine can store it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Exchange {
    /// Who the consumer is, as its cloud knows it.
    pub consumer: Option<ConsumerIdentity>,
    /// The account of the vendor's that the database is in, in the vendor's words: its databases
    /// are all that the vendor's key sees. What those of other accounts use is told by the marks
    /// they leave; see [`Cx::user`](super::Cx::user).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_account: Option<Text>,
    /// The vendor's endpoint services; nearly always one.
    pub services: BTreeMap<Slot, EndpointService>,
    /// The consumer's endpoints, by the slot of the service they point at.
    pub endpoints: BTreeMap<Slot, EndpointFacts>,
    /// What the vendor says of each endpoint.
    pub admissions: BTreeMap<Slot, Admission>,
    /// The names clients use privately.
    pub names: Vec<PrivateName>,
    /// The database's public hosts: they are to resolve inside as they do outside, so no private
    /// zone or record may catch them.
    pub public_hosts: BTreeSet<DnsName>,
    /// What the vendor's side can do, as observed.
    pub capabilities: Option<Capabilities>,
    /// Address ranges of the consumer's network.
    pub inside: Vec<IpNet>,
    /// The facts that hold; without a slot for all slots.
    pub holds: BTreeSet<(Option<Slot>, Fact)>,
    /// Things that steps have made, in the side's own words, and when: a cloud may not show a new
    /// thing everywhere at once, and another process must not take it for gone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", with = "rfc3339::map")]
    pub made: BTreeMap<Text, SystemTime>,
}

impl Exchange {
    /// Nothing known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what `newer` says: entries replace those of the same slot or name, facts add up.
    pub fn absorb(&mut self, newer: Self) {
        if newer.consumer.is_some() {
            self.consumer = newer.consumer;
        }
        if newer.vendor_account.is_some() {
            self.vendor_account = newer.vendor_account;
        }
        self.services.extend(newer.services);
        self.endpoints.extend(newer.endpoints);
        self.admissions.extend(newer.admissions);
        for name in newer.names {
            match self.names.iter_mut().find(|known| known.host == name.host && known.component == name.component) {
                Some(known) => *known = name,
                None => self.names.push(name),
            }
        }
        self.public_hosts.extend(newer.public_hosts);
        if newer.capabilities.is_some() {
            self.capabilities = newer.capabilities;
        }
        if !newer.inside.is_empty() {
            self.inside = newer.inside;
        }
        self.holds.extend(newer.holds);
        self.made.extend(newer.made);
    }

    /// Whether `fact` holds for `slot`; `None` asks for all slots.
    #[must_use]
    pub fn holds(&self, slot: Option<&Slot>, fact: &Fact) -> bool {
        let has = |slot: Option<&Slot>| self.holds.contains(&(slot.cloned(), fact.clone()));
        if has(None) {
            return true;
        }
        match slot {
            Some(slot) => has(Some(slot)),
            None => !self.services.is_empty() && self.services.keys().all(|slot| has(Some(slot))),
        }
    }

    /// Notes that `fact` holds.
    pub fn hold(&mut self, slot: Option<Slot>, fact: Fact) {
        self.holds.insert((slot, fact));
    }

    /// Notes that `fact` no longer holds for `slot`, or with `None` for any.
    pub fn forget(&mut self, slot: Option<&Slot>, fact: &Fact) {
        self.holds.retain(|(held_for, held)| {
            held != fact || (slot.is_some() && held_for.is_some() && held_for.as_ref() != slot)
        });
    }

    /// The same, in a chain: for building what a survey or a step returns.
    #[must_use]
    pub fn with(mut self, slot: Option<Slot>, fact: Fact) -> Self {
        self.hold(slot, fact);
        self
    }

    /// Notes, in a chain, that `thing` was made at `at`.
    #[must_use]
    pub fn with_made(mut self, thing: impl Into<Text>, at: SystemTime) -> Self {
        self.made.insert(thing.into(), at);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_survives_json_and_is_left_out_where_nothing_was() {
        let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000);
        let known = Exchange::new().with_made("a zone", at);
        let text = serde_json::to_string(&known).unwrap();
        assert!(text.contains(r#""made":{"a zone":"2027-01-15T08:00:00Z"}"#), "{text}");
        assert_eq!(serde_json::from_str::<Exchange>(&text).unwrap(), known);
        assert!(!serde_json::to_string(&Exchange::new()).unwrap().contains("made"));
    }

    #[test]
    fn public_hosts_add_up_and_may_be_missing_from_older_plans() {
        let with = |host: &str| {
            let mut known = Exchange::new();
            known.public_hosts.insert(host.parse().unwrap());
            known
        };
        let mut known = with("a.example.com");
        known.absorb(with("b.example.com"));
        known.absorb(Exchange::new());
        assert_eq!(
            known.public_hosts.iter().map(DnsName::as_str).collect::<Vec<_>>(),
            ["a.example.com", "b.example.com"]
        );
        let mut older = serde_json::to_value(&known).unwrap();
        older.as_object_mut().unwrap().remove("public_hosts").unwrap();
        assert!(serde_json::from_value::<Exchange>(older).unwrap().public_hosts.is_empty());
    }
}
