//! A managed zone of Cloud DNS, its records, and what the name servers know.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use privlink_core::ProjectId;
use serde_json::{Value, json};

use super::link::Global;
use super::name::FullName;
use super::time::rfc3339;

/// A managed zone.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) project: ProjectId,
    pub(super) name: String,
    pub(super) id: u64,
    pub(super) apex: FullName,
    pub(super) description: String,
    pub(super) private: bool,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) made: SystemTime,
    /// The Service Directory namespace whose names it holds; its records are not the API's to change.
    pub(super) namespace: Option<String>,
    /// What the API shows.
    pub(super) content: Content,
    /// What the name servers know, by the moment they got to know it.
    published: Vec<(SystemTime, Content)>,
    /// How many changes it has had.
    pub(super) changes: u64,
}

/// What a zone says and to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) networks: BTreeSet<Global>,
    /// By name and type.
    pub(super) records: BTreeMap<(FullName, String), Record>,
}

/// A set of records of one name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) ttl: i64,
    pub(super) data: Vec<String>,
}

/// A change to the records of a zone.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) id: String,
    pub(super) additions: Vec<Value>,
    pub(super) deletions: Vec<Value>,
    pub(super) began: SystemTime,
    pub(super) done: SystemTime,
}

/// What a zone is made with.
#[derive(Debug)]
pub(super) struct ZoneSeed {
    pub(super) project: ProjectId,
    pub(super) name: String,
    pub(super) id: u64,
    pub(super) apex: FullName,
    pub(super) description: String,
    pub(super) private: bool,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) networks: BTreeSet<Global>,
    pub(super) namespace: Option<String>,
}

impl Zone {
    /// A zone with the two sets of records that every zone has; the name servers know it at `served`.
    pub(super) fn new(seed: ZoneSeed, made: SystemTime, served: SystemTime) -> Self {
        let server = if seed.private { "ns-gcp-private.googledomains.com." } else { "ns-cloud-a1.googledomains.com." };
        let soa = format!("{server} cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300");
        let own = |kind: &str| (seed.apex.clone(), kind.to_owned());
        let records = BTreeMap::from([
            (own("NS"), Record { ttl: 21600, data: vec![server.to_owned()] }),
            (own("SOA"), Record { ttl: 21600, data: vec![soa] }),
        ]);
        let mut zone = Self {
            project: seed.project,
            name: seed.name,
            id: seed.id,
            apex: seed.apex,
            description: seed.description,
            private: seed.private,
            labels: seed.labels,
            made,
            namespace: seed.namespace,
            content: Content { networks: seed.networks, records },
            published: Vec::new(),
            changes: 0,
        };
        zone.publish(served);
        zone
    }

    /// Lets the name servers know at `at` what the API shows now.
    pub(super) fn publish(&mut self, at: SystemTime) {
        self.published.push((at, self.content.clone()));
    }

    /// What the name servers know.
    pub(super) fn published_at(&self, now: SystemTime) -> Option<&Content> {
        self.published.iter().rev().find(|(at, _)| *at <= now).map(|(_, content)| content)
    }

    /// Forgets what the name servers knew before what they know now.
    pub(super) fn prune(&mut self, now: SystemTime) {
        if let Some(last) = self.published.iter().rposition(|(at, _)| *at <= now) {
            self.published.drain(..last);
        }
    }

    /// Whether it has records besides those that every zone has.
    pub(super) fn has_records(&self) -> bool {
        self.content.records.keys().any(|(name, kind)| *name != self.apex || !matches!(kind.as_str(), "NS" | "SOA"))
    }

    pub(super) fn render(&self) -> Value {
        let mut out = json!({
            "kind": "dns#managedZone",
            "id": self.id.to_string(),
            "name": self.name,
            "dnsName": self.apex.as_str(),
            "description": self.description,
            "creationTime": rfc3339(self.made),
            "visibility": if self.private { "private" } else { "public" },
            "nameServers": self.content.records.get(&(self.apex.clone(), "NS".to_owned())).map(|record| &record.data),
        });
        if !self.labels.is_empty() {
            out["labels"] = json!(self.labels);
        }
        if self.private {
            let networks: Vec<Value> = self
                .content
                .networks
                .iter()
                .map(|network| {
                    json!({ "kind": "dns#managedZonePrivateVisibilityConfigNetwork", "networkUrl": network.url() })
                })
                .collect();
            out["privateVisibilityConfig"] =
                json!({ "kind": "dns#managedZonePrivateVisibilityConfig", "networks": networks });
        }
        if let Some(namespace) = &self.namespace {
            out["serviceDirectoryConfig"] = json!({
                "kind": "dns#managedZoneServiceDirectoryConfig",
                "namespace": {
                    "kind": "dns#managedZoneServiceDirectoryConfigNamespace",
                    "namespaceUrl": format!("https://servicedirectory.googleapis.com/v1/{namespace}"),
                },
            });
        }
        out
    }
}

impl Record {
    pub(super) fn render(&self, name: &FullName, kind: &str) -> Value {
        json!({
            "kind": "dns#resourceRecordSet",
            "name": name.as_str(),
            "type": kind,
            "ttl": self.ttl,
            "rrdatas": self.data,
            "signatureRrdatas": [],
        })
    }

    /// Whether it says the same, in whatever order.
    pub(super) fn same(&self, other: &Self) -> bool {
        let sorted = |record: &Self| {
            let mut data = record.data.clone();
            data.sort();
            data
        };
        self.ttl == other.ttl && sorted(self) == sorted(other)
    }
}

impl Change {
    pub(super) fn render(&self, now: SystemTime) -> Value {
        let mut out = json!({
            "kind": "dns#change",
            "id": self.id,
            "startTime": rfc3339(self.began),
            "status": if now < self.done { "pending" } else { "done" },
        });
        if !self.additions.is_empty() {
            out["additions"] = json!(self.additions);
        }
        if !self.deletions.is_empty() {
            out["deletions"] = json!(self.deletions);
        }
        out
    }
}
