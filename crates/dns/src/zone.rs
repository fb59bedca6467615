//! Private zones that are there already, and which of them answers a name.

use privlink_core::{DnsName, Text};
use serde::{Deserialize, Serialize};

/// A private zone that a network asks, as read from the cloud.
///
/// ```
/// use privlink_dns::Zone;
///
/// let zone = Zone::new("us-east-1.vpce.aws.clickhouse.cloud".parse()?, "Z0123456789ABCDEFGHIJ")
///     .record("*.us-east-1.vpce.aws.clickhouse.cloud".parse()?, "vpce-0a1b2c3d4e5f67890");
/// assert!(zone.answers(&"abc.us-east-1.vpce.aws.clickhouse.cloud".parse()?));
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Zone {
    /// The zone's name.
    pub name: DnsName,
    /// The cloud's id of it: a hosted zone id, an ARM id, a managed zone's name.
    pub id: Text,
    /// Whether the link that asks made it.
    pub ours: bool,
    /// The records it holds, and what each leads to.
    pub records: Vec<(DnsName, Text)>,
}

impl Zone {
    /// Somebody's empty zone.
    #[must_use]
    pub fn new(name: DnsName, id: impl Into<Text>) -> Self {
        Self { name, id: id.into(), ours: false, records: Vec::new() }
    }

    /// Says that the link that asks made it.
    #[must_use]
    pub fn ours(mut self) -> Self {
        self.ours = true;
        self
    }

    /// Adds a record it holds and what that leads to.
    #[must_use]
    pub fn record(mut self, name: DnsName, target: impl Into<Text>) -> Self {
        self.records.push((name, target.into()));
        self
    }

    /// What the record of exactly this name leads to.
    #[must_use]
    pub fn target_of(&self, name: &DnsName) -> Option<&Text> {
        self.records.iter().find(|(known, _)| known == name).map(|(_, target)| target)
    }

    /// Whether a record of the zone, a wildcard included, answers `name`.
    ///
    /// A wildcard stands back where a longer part of the name exists in the zone: with records
    /// `*.z` and `a.b.z`, nothing answers `c.b.z` (RFC 4592, section 2.2.1).
    #[must_use]
    pub fn answers(&self, name: &DnsName) -> bool {
        self.target_of(name).is_some()
            || self.records.iter().any(|(record, _)| {
                record.is_wildcard() && child_towards(record, name).is_some_and(|child| !self.holds_within(&child))
            })
    }

    fn holds_within(&self, top: &DnsName) -> bool {
        self.records.iter().any(|(record, _)| record.is_within(top))
    }
}

/// The zone that answers a question for `name`: the one with the longest name that holds it.
///
/// A network with private zones asks the most specific one and no other; when that zone has no
/// such record, the answer is "no such name", though a shorter zone or the public one knew it.
#[must_use]
pub fn answering<'z>(zones: impl IntoIterator<Item = &'z DnsName>, name: &DnsName) -> Option<&'z DnsName> {
    zones.into_iter().filter(|zone| name.is_within(zone)).max_by_key(|zone| zone.as_str().len())
}

/// For a wildcard `*.p` and a name below `p`: the name's ancestor, or itself, right below `p`.
fn child_towards(wildcard: &DnsName, name: &DnsName) -> Option<DnsName> {
    let top = wildcard.parent()?;
    let mut child = name.is_within(&top).then(|| name.clone())?;
    loop {
        match child.parent() {
            Some(parent) if parent == top => return Some(child),
            Some(parent) => child = parent,
            None => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_zone_answers() {
        let zones: Vec<DnsName> = ["clickhouse.cloud", "us-east-1.vpce.aws.clickhouse.cloud", "xclickhouse.cloud"]
            .iter()
            .map(|zone| zone.parse().unwrap())
            .collect();
        let asked = |name: &str| answering(&zones, &name.parse().unwrap()).map(DnsName::as_str);
        assert_eq!(asked("a.us-east-1.vpce.aws.clickhouse.cloud"), Some("us-east-1.vpce.aws.clickhouse.cloud"));
        assert_eq!(asked("a.us-east-2.vpce.aws.clickhouse.cloud"), Some("clickhouse.cloud"));
        assert_eq!(asked("clickhouse.cloud"), Some("clickhouse.cloud"));
        assert_eq!(asked("example.com"), None);
    }

    #[test]
    fn a_zone_answers_what_its_records_cover() {
        let zone = Zone::new("z.example.com".parse().unwrap(), "Z1")
            .record("a.z.example.com".parse().unwrap(), "x")
            .record("*.b.z.example.com".parse().unwrap(), "y")
            .record("*.z.example.com".parse().unwrap(), "w");
        for (name, answered) in [
            ("a.z.example.com", true),
            ("c.b.z.example.com", true),
            ("other.z.example.com", true),
            ("deep.other.z.example.com", true),
            // `a` and `b` exist, so the wildcard beside them does not reach below.
            ("below.a.z.example.com", false),
            ("b.z.example.com", false),
            ("z.example.com", false),
            ("example.com", false),
        ] {
            assert_eq!(zone.answers(&name.parse().unwrap()), answered, "{name}");
        }
        assert_eq!(zone.target_of(&"a.z.example.com".parse().unwrap()).map(|t| &**t), Some("x"));
        assert!(zone.ours().ours);
    }
}
