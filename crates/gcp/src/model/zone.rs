use std::collections::BTreeMap;
use std::fmt;

use privlink_core::{DnsName, Result};
use serde::{Deserialize, Serialize};

use super::{ChangeStatus, RecordType};
use crate::ids::{ManagedZoneName, NetworkPath};
use crate::wire::{dns as wire, missing, required, unreadable};

/// A zone of Cloud DNS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManagedZone {
    /// Its name as a resource, unique in the project.
    pub name: ManagedZoneName,
    /// The DNS name it answers for, without the dot at the end.
    pub dns_name: DnsName,
    /// Its description.
    pub description: String,
    /// Whether only networks see it.
    pub private: bool,
    /// The networks that see it.
    pub networks: Vec<NetworkPath>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Whether it answers from elsewhere than its records: it forwards, peers, or follows Service
    /// Directory.
    pub answers_from_elsewhere: bool,
    /// Clusters that see it, sent back as they came.
    pub(crate) clusters: Vec<serde_json::Value>,
    /// Networks as they came, sent back as they came.
    pub(crate) network_links: Vec<String>,
}

impl ManagedZone {
    pub(crate) fn read(wire: wire::ManagedZone) -> Result<Self> {
        const OF: &str = "managed zone";
        let name = required(OF, "name", wire.name)?;
        let dns_name = required(OF, "dnsName", wire.dns_name)?;
        let visibility = wire.private_visibility_config.unwrap_or_default();
        let network_links: Vec<String> =
            visibility.networks.into_iter().flatten().filter_map(|network| network.network_url).collect();
        let there = |config: &Option<serde_json::Value>| config.as_ref().is_some_and(|config| !config.is_null());
        Ok(Self {
            name: name.parse().map_err(|error| unreadable(OF, "name", error))?,
            dns_name: without_dot(&dns_name).parse().map_err(|error| unreadable(OF, "dnsName", error))?,
            description: wire.description.unwrap_or_default(),
            private: wire.visibility.as_deref() == Some("private"),
            networks: network_links.iter().filter_map(|link| link.parse().ok()).collect(),
            labels: wire.labels.unwrap_or_default(),
            answers_from_elsewhere: there(&wire.forwarding_config)
                || there(&wire.peering_config)
                || there(&wire.service_directory_config),
            clusters: visibility.gke_clusters.unwrap_or_default(),
            network_links,
        })
    }

    /// Whether `network` sees it.
    #[must_use]
    pub fn is_seen_by(&self, network: &NetworkPath) -> bool {
        self.private && self.networks.contains(network)
    }
}

/// The records of one name and type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordSet {
    /// The name, in lower case and without the dot at the end.
    pub name: String,
    /// The type.
    pub kind: RecordType,
    /// How long an answer may be kept, in seconds.
    pub ttl: u32,
    /// The values, as Cloud DNS writes them.
    pub values: Vec<String>,
    /// Whether a routing policy chooses among values; then they are not listed here.
    pub routed: bool,
}

impl RecordSet {
    /// Records of `name`.
    #[must_use]
    pub fn new(name: &DnsName, kind: RecordType, ttl: u32, values: Vec<String>) -> Self {
        Self { name: name.as_str().to_owned(), kind, ttl, values, routed: false }
    }

    pub(crate) fn read(wire: wire::RecordSet) -> Result<Self> {
        const OF: &str = "record set";
        let name = required(OF, "name", wire.name)?;
        let kind = required(OF, "type", wire.kind)?;
        Ok(Self {
            name: without_dot(&name).to_ascii_lowercase(),
            kind: RecordType::from(kind.as_str()),
            ttl: wire.ttl.and_then(|ttl| u32::try_from(ttl).ok()).unwrap_or_default(),
            values: wire.rrdatas.unwrap_or_default(),
            routed: wire.routing_policy.is_some_and(|policy| !policy.is_null()),
        })
    }

    /// Whether it is one of the two sets that every zone is born with.
    #[must_use]
    pub fn belongs_to_the_zone(&self, zone: &DnsName) -> bool {
        self.name == zone.as_str() && matches!(self.kind, RecordType::Soa | RecordType::Ns)
    }

    /// Whether both say the same, however long answers are kept.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let sorted = |set: &Self| {
            let mut values = set.values.clone();
            values.sort();
            values
        };
        self.name == other.name
            && self.kind == other.kind
            && self.routed == other.routed
            && sorted(self) == sorted(other)
    }

    pub(crate) fn wire(&self) -> wire::WriteRecordSet<'_> {
        wire::WriteRecordSet {
            name: format!("{}.", self.name),
            kind: self.kind.as_str(),
            ttl: self.ttl,
            rrdatas: &self.values,
        }
    }
}

impl fmt::Display for RecordSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.routed {
            return write!(f, "{} {} by a routing policy", self.name, self.kind);
        }
        write!(f, "{} {} {} {}", self.name, self.ttl, self.kind, self.values.join(" "))
    }
}

/// A change of a zone's records, all of it or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// Its number in the zone.
    pub id: String,
    /// Where it stands.
    pub status: ChangeStatus,
}

impl Change {
    pub(crate) fn read(wire: wire::Change) -> Result<Self> {
        let status = wire.status.ok_or_else(|| missing("change", "status"))?;
        Ok(Self { id: required("change", "id", wire.id)?, status: ChangeStatus::from(status.as_str()) })
    }
}

/// A DNS name as this library writes it: without the dot that Cloud DNS ends names with.
fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_zone_is_read_with_its_networks() {
        let json = r#"{"kind":"dns#managedZone","name":"orders","dnsName":"orders.example.com.","description":"d",
            "visibility":"private","privateVisibilityConfig":{"kind":"x","networks":[{"kind":"y",
            "networkUrl":"https://www.googleapis.com/compute/v1/projects/example-project/global/networks/prod"}]}}"#;
        let zone = ManagedZone::read(serde_json::from_str(json).unwrap()).unwrap();
        assert_eq!(zone.dns_name.as_str(), "orders.example.com");
        assert!(zone.is_seen_by(&"projects/example-project/global/networks/prod".parse().unwrap()));
        assert!(!zone.is_seen_by(&"projects/example-project/global/networks/test".parse().unwrap()));
        assert!(!zone.answers_from_elsewhere);
        let public = r#"{"name":"orders","dnsName":"orders.example.com.","visibility":"public"}"#;
        assert!(!ManagedZone::read(serde_json::from_str(public).unwrap()).unwrap().private);
    }

    #[test]
    fn records_are_compared_by_what_they_say() {
        let set = |json| RecordSet::read(serde_json::from_str(json).unwrap()).unwrap();
        let one = set(r#"{"name":"*.Example.COM.","type":"A","ttl":300,"rrdatas":["10.0.0.1","10.0.0.2"]}"#);
        let two = set(r#"{"name":"*.example.com.","type":"A","ttl":60,"rrdatas":["10.0.0.2","10.0.0.1"]}"#);
        assert!(one.says_the_same(&two));
        assert_eq!(two.to_string(), "*.example.com 60 A 10.0.0.2 10.0.0.1");
        let routed = set(r#"{"name":"*.example.com.","type":"A","routingPolicy":{"wrr":{}}}"#);
        assert!(routed.routed && !routed.says_the_same(&two));
        let soa = set(r#"{"name":"example.com.","type":"SOA","ttl":21600,"rrdatas":["x"]}"#);
        assert!(soa.belongs_to_the_zone(&"example.com".parse().unwrap()));
    }
}
