//! A forwarding rule to a service attachment: an endpoint of Private Service Connect.

use std::net::Ipv4Addr;
use std::time::SystemTime;

use privlink_core::ServiceAttachment;
use serde_json::{Map, Value, json};

use super::label::{self, Labels, short};
use super::link::{Global, Regional, list_url};
use super::psc::{Connection, PscStatus};
use super::state::GcpState;
use super::time::rfc3339;

/// A forwarding rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) key: Regional,
    pub(super) id: u64,
    pub(super) description: String,
    pub(super) target: ServiceAttachment,
    pub(super) network: Global,
    /// The subnet it was made with, if with one.
    pub(super) subnet: Option<Regional>,
    pub(super) ip: Ipv4Addr,
    /// The reserved address it uses; an ephemeral one is none.
    pub(super) address: Option<Regional>,
    pub(super) no_automate_dns_zone: bool,
    pub(super) namespace: String,
    pub(super) labels: Labels,
    pub(super) global_access: GlobalAccess,
    pub(super) connection: Connection,
    pub(super) made: SystemTime,
    /// When it stands.
    pub(super) ready: SystemTime,
    pub(super) gone: Option<SystemTime>,
    /// Until when an operation on it runs.
    pub(super) busy: SystemTime,
}

/// Whether clients of other regions may use an endpoint, over time.
#[derive(Clone, Debug)]
pub(super) struct GlobalAccess {
    first: bool,
    changes: Vec<(SystemTime, bool)>,
}

impl GlobalAccess {
    pub(super) fn new(on: bool) -> Self {
        Self { first: on, changes: Vec::new() }
    }

    pub(super) fn at(&self, now: SystemTime) -> bool {
        self.changes.iter().rev().find(|(at, _)| *at <= now).map_or(self.first, |(_, on)| *on)
    }

    pub(super) fn change(&mut self, at: SystemTime, on: bool) {
        self.changes.push((at, on));
    }

    fn changes_until(&self, now: SystemTime) -> usize {
        self.changes.iter().filter(|(at, _)| *at <= now).count()
    }
}

impl Rule {
    pub(super) fn exists(&self, now: SystemTime) -> bool {
        self.gone.is_none_or(|gone| now < gone)
    }

    /// Where its connection stands; none while it is being made.
    pub(super) fn status_at(&self, now: SystemTime) -> Option<PscStatus> {
        self.connection.status_at(now).filter(|_| self.exists(now))
    }

    /// What guards it against writers that know an older state.
    pub(super) fn fingerprint(&self, now: SystemTime) -> String {
        short(&format!("rule/{}/{}", self.id, self.global_access.changes_until(now)))
    }

    pub(super) fn render(&self, now: SystemTime) -> Value {
        let mut out = Map::new();
        let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
        put("kind", json!("compute#forwardingRule"));
        put("id", json!(self.id.to_string()));
        put("creationTimestamp", json!(rfc3339(self.made)));
        put("name", json!(self.key.name));
        if !self.description.is_empty() {
            put("description", json!(self.description));
        }
        put("region", json!(self.key.region_url()));
        put("IPAddress", json!(self.ip.to_string()));
        put("target", json!(list_url(self.target.as_str())));
        put("selfLink", json!(self.key.url()));
        put("selfLinkWithId", json!(self.key.url_with_id(self.id)));
        put("network", json!(self.network.url()));
        if let Some(subnet) = &self.subnet {
            put("subnetwork", json!(subnet.url()));
        }
        put("networkTier", json!("PREMIUM"));
        put("serviceDirectoryRegistrations", json!([{ "namespace": self.namespace }]));
        put("allowPscGlobalAccess", json!(self.global_access.at(now)));
        if self.no_automate_dns_zone {
            put("noAutomateDnsZone", json!(true));
        }
        if let Some(status) = self.status_at(now) {
            put("pscConnectionId", json!(self.connection.id.to_string()));
            put("pscConnectionStatus", json!(status.as_str()));
        }
        let labels = self.labels.at(now);
        if !labels.is_empty() {
            put("labels", json!(labels));
        }
        put("labelFingerprint", json!(label::fingerprint(labels)));
        put("fingerprint", json!(self.fingerprint(now)));
        Value::Object(out)
    }
}

impl GcpState {
    /// The rule of a name or a number.
    pub(super) fn rule(&self, now: SystemTime, key: &Regional) -> Option<&Rule> {
        let found = self.rules.get(key).or_else(|| {
            let here = |other: &&Rule| other.key.project == key.project && other.key.region == key.region;
            self.rules.values().filter(here).find(|rule| rule.id.to_string() == key.name)
        });
        found.filter(|rule| rule.exists(now))
    }
}
