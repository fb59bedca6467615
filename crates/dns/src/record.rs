//! The record that makes a private name resolve: in which zone, under which name.

use std::fmt;

use privlink_core::side::RecordShape;
use privlink_core::{DnsName, PrivateDnsHostname, Text};
use serde::{Deserialize, Serialize};

/// One record to be made for one private host.
///
/// What it points at is whatever its endpoint answers with; two plans with equal `target` lead
/// to the same endpoint and may share a record.
///
/// ```
/// use privlink_core::PrivateDnsHostname;
/// use privlink_core::side::RecordShape;
/// use privlink_dns::RecordPlan;
///
/// let host: PrivateDnsHostname = "abc123defg.us-east-1.vpce.aws.clickhouse.cloud".parse()?;
/// let plan = |shape| RecordPlan::of(&host, shape, "vpce-0a1b2c3d4e5f67890").unwrap();
///
/// let own = plan(RecordShape::Apex);
/// assert_eq!((own.zone.as_str(), own.label()), (host.as_str(), "@"));
///
/// let exact = plan(RecordShape::Exact);
/// assert_eq!((exact.zone.as_str(), exact.label()), ("us-east-1.vpce.aws.clickhouse.cloud", "abc123defg"));
///
/// let wildcard = plan(RecordShape::Wildcard);
/// assert_eq!((wildcard.name.as_str(), wildcard.label()), ("*.us-east-1.vpce.aws.clickhouse.cloud", "*"));
///
/// // What the vendor publishes needs no record.
/// assert_eq!(RecordPlan::of(&host, RecordShape::Vendor, "vpce-0a1b2c3d4e5f67890"), None);
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordPlan {
    /// The private host the record is for.
    pub host: DnsName,
    /// The zone that holds the record.
    pub zone: DnsName,
    /// The full name of the record.
    pub name: DnsName,
    /// What it leads to, in a word that is equal for equal endpoints: an endpoint id or a slot.
    pub target: Text,
}

impl RecordPlan {
    /// The record of this shape for `host`, leading to `target`; `None` when the vendor
    /// publishes the name, so that there is nothing to write.
    #[must_use]
    pub fn of(host: &PrivateDnsHostname, shape: RecordShape, target: impl Into<Text>) -> Option<Self> {
        let (zone, name) = match shape {
            RecordShape::Apex => (host.name(), host.name()),
            RecordShape::Exact => (host.zone(), host.name()),
            RecordShape::Wildcard => (host.zone(), wildcard_in(&host.zone())?),
            _ => return None,
        };
        Some(Self { host: host.name(), zone, name, target: target.into() })
    }

    /// The record's name within its zone, as zone editors write it: `@`, `*` or labels.
    #[must_use]
    pub fn label(&self) -> &str {
        match self.name.as_str().strip_suffix(self.zone.as_str()) {
            None | Some("") => "@",
            Some(front) => front.trim_end_matches('.'),
        }
    }

    /// Whether a question for `name` that reaches this zone may be answered by this record.
    ///
    /// A wildcard answers names of any depth below its parent, though not the parent itself
    /// (RFC 4592, section 2.2.1).
    #[must_use]
    pub fn answers(&self, name: &DnsName) -> bool {
        match self.name.parent() {
            Some(parent) if self.name.is_wildcard() => name.is_within(&parent) && *name != parent,
            _ => *name == self.name,
        }
    }
}

impl fmt::Display for RecordPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in zone {} → {}", self.name, self.zone, self.target)
    }
}

/// `*.<zone>`; `None` when that is too long to be a name.
fn wildcard_in(zone: &DnsName) -> Option<DnsName> {
    format!("*.{zone}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(shape: RecordShape) -> RecordPlan {
        let host = "abc.us-east-1.vpce.aws.clickhouse.cloud".parse().unwrap();
        RecordPlan::of(&host, shape, "a").unwrap()
    }

    #[test]
    fn a_wildcard_answers_below_its_zone_only() {
        let wildcard = plan(RecordShape::Wildcard);
        for (name, answered) in [
            ("abc.us-east-1.vpce.aws.clickhouse.cloud", true),
            ("a.b.us-east-1.vpce.aws.clickhouse.cloud", true),
            ("us-east-1.vpce.aws.clickhouse.cloud", false),
            ("abc.us-east-2.vpce.aws.clickhouse.cloud", false),
        ] {
            assert_eq!(wildcard.answers(&name.parse().unwrap()), answered, "{name}");
        }
    }

    #[test]
    fn an_exact_record_answers_its_own_name_alone() {
        for shape in [RecordShape::Apex, RecordShape::Exact] {
            assert!(plan(shape).answers(&"abc.us-east-1.vpce.aws.clickhouse.cloud".parse().unwrap()));
            assert!(!plan(shape).answers(&"x.abc.us-east-1.vpce.aws.clickhouse.cloud".parse().unwrap()));
        }
    }

    #[test]
    fn plans_survive_being_written_down() {
        let plan = plan(RecordShape::Wildcard);
        let json = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<RecordPlan>(&json).unwrap(), plan);
    }
}
