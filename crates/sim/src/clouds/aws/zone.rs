//! A hosted zone of Route 53, its records, and what its name servers know.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use privlink_core::{AwsAccountId, HostedZoneId, Region, VpcId};

/// A domain name as Route 53 keeps it: lower case, escaped, with a dot at its end. Sorted by its
/// labels from the right, as Route 53 lists names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct FullName(String);

impl FullName {
    /// Reads a name as it is sent: with or without the last dot, `*` plain or as `\052`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return None;
        }
        let mut out = String::new();
        for (place, label) in text.split('.').enumerate() {
            let plain = unescape(label)?;
            if plain.is_empty() || plain.len() > 63 {
                return None;
            }
            if place > 0 {
                out.push('.');
            }
            for (at, byte) in plain.bytes().enumerate() {
                match byte.to_ascii_lowercase() {
                    b @ (b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_') => out.push(char::from(b)),
                    // A wildcard is a label of its own; elsewhere the character is only itself.
                    b'*' if at == 0 && plain.len() == 1 => out.push_str("\\052"),
                    b if b.is_ascii_graphic() || b == b' ' => out.push_str(&format!("\\{b:03o}")),
                    _ => return None,
                }
            }
        }
        if out.len() > 254 {
            return None;
        }
        out.push('.');
        Some(Self(out))
    }

    /// The text, with the dot at its end.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `zone` or below it.
    pub(super) fn is_within(&self, zone: &Self) -> bool {
        self == zone || self.0.strip_suffix(zone.0.as_str()).is_some_and(|front| front.ends_with('.'))
    }

    /// The name one label up.
    pub(super) fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_once('.')?;
        (!rest.is_empty()).then(|| Self(rest.to_owned()))
    }

    /// The wildcard directly below it.
    pub(super) fn wildcard(&self) -> Self {
        Self(format!("\\052.{}", self.0))
    }

    /// The labels from the last to the first: the order in which Route 53 lists names.
    fn labels_backwards(&self) -> impl Iterator<Item = &str> {
        self.0.rsplit('.').skip(1)
    }
}

impl Ord for FullName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.labels_backwards().cmp(other.labels_backwards())
    }
}

impl PartialOrd for FullName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for FullName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn unescape(label: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = label;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let digits = rest.get(at + 1..at + 4)?;
        out.push(char::from(u8::from_str_radix(digits, 8).ok()?));
        rest = &rest[at + 4..];
    }
    out.push_str(rest);
    Some(out)
}

/// A hosted zone.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) id: HostedZoneId,
    pub(super) account: AwsAccountId,
    pub(super) name: FullName,
    pub(super) caller_reference: String,
    pub(super) comment: Option<String>,
    pub(super) private: bool,
    /// What the API shows.
    pub(super) content: Content,
    /// What the name servers know, by the moment they got to know it.
    published: Vec<(SystemTime, Content)>,
    /// When it was last changed.
    pub(super) changed: SystemTime,
}

/// The records of a zone and the VPCs that see it.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) records: BTreeMap<(FullName, String), Record>,
    pub(super) vpcs: BTreeMap<VpcId, Region>,
}

/// The records of one name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// Values with a time to live.
    Values { ttl: u32, values: BTreeSet<String> },
    /// A pointer to a name in another zone.
    Alias { zone: HostedZoneId, name: FullName, evaluate: bool },
}

/// A change that is on its way to the name servers.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) account: AwsAccountId,
    pub(super) submitted: SystemTime,
    pub(super) in_sync: SystemTime,
    pub(super) comment: Option<String>,
}

impl Zone {
    /// A zone with the two records every zone has, known to no name server yet.
    pub(super) fn new(
        id: HostedZoneId,
        account: AwsAccountId,
        name: FullName,
        vpcs: BTreeMap<VpcId, Region>,
        now: SystemTime,
    ) -> Self {
        let servers: BTreeSet<String> =
            ["ns-0.awsdns-00.com.", "ns-512.awsdns-00.net.", "ns-1024.awsdns-00.org.", "ns-1536.awsdns-00.co.uk."]
                .map(str::to_owned)
                .into();
        let start = "ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400".to_owned();
        let records = BTreeMap::from([
            ((name.clone(), "NS".to_owned()), Record::Values { ttl: 172_800, values: servers }),
            ((name.clone(), "SOA".to_owned()), Record::Values { ttl: 900, values: [start].into() }),
        ]);
        Self {
            id,
            account,
            name,
            caller_reference: String::new(),
            comment: None,
            private: !vpcs.is_empty(),
            content: Content { records, vpcs },
            published: Vec::new(),
            changed: now,
        }
    }

    /// Makes the name servers know the present content from `at` on.
    pub(super) fn publish(&mut self, at: SystemTime) {
        self.published.push((at, self.content.clone()));
    }

    /// What the name servers know at `now`.
    pub(super) fn published_at(&self, now: SystemTime) -> Option<&Content> {
        self.published.iter().rev().find(|(at, _)| *at <= now).map(|(_, content)| content)
    }

    /// Whether it holds nothing but the two records every zone has.
    pub(super) fn is_empty(&self) -> bool {
        self.content.records.keys().all(|(name, kind)| *name == self.name && matches!(kind.as_str(), "NS" | "SOA"))
    }

    /// Forgets what the name servers knew before.
    pub(super) fn prune(&mut self, now: SystemTime) {
        if let Some(latest) = self.published.iter().rposition(|(at, _)| *at <= now) {
            self.published.drain(..latest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> FullName {
        FullName::parse(text).unwrap()
    }

    #[test]
    fn names_have_one_form() {
        assert_eq!(name("Orders.Example.com").as_str(), "orders.example.com.");
        assert_eq!(name("*.example.com."), name("\\052.example.com"));
        assert_eq!(name("*.example.com").as_str(), "\\052.example.com.");
        assert_eq!(name("a b.example.com").as_str(), "a\\040b.example.com.");
        for bad in ["", ".", "a..b", "ü.example.com", &"x".repeat(64)] {
            assert_eq!(FullName::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_sort_by_labels_from_the_right() {
        let mut names = [name("b.example.com"), name("example.com"), name("a.org"), name("a.b.example.com")];
        names.sort();
        let texts: Vec<_> = names.iter().map(FullName::as_str).collect();
        assert_eq!(texts, ["example.com.", "b.example.com.", "a.b.example.com.", "a.org."]);
    }

    #[test]
    fn within_goes_by_whole_labels() {
        assert!(name("a.example.com").is_within(&name("example.com")));
        assert!(name("example.com").is_within(&name("example.com")));
        assert!(!name("notexample.com").is_within(&name("example.com")));
    }
}
