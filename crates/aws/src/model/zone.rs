use std::fmt;

use privlink_core::{DnsName, HostedZoneId, Region, Result, VpcId};
use serde::{Deserialize, Serialize};

use super::{ChangeAction, ChangeStatus, RecordType};
use crate::wire::xml::{Element, Writer};

/// A VPC as Route 53 names it: with its region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ZoneVpc {
    /// The VPC.
    pub vpc: VpcId,
    /// Its region.
    pub region: Region,
}

impl ZoneVpc {
    /// A VPC in a region.
    #[must_use]
    pub fn new(vpc: VpcId, region: Region) -> Self {
        Self { vpc, region }
    }

    fn read(item: &Element) -> Option<Self> {
        Some(Self::new(item.text_of("VPCId")?.parse().ok()?, item.text_of("VPCRegion")?.parse().ok()?))
    }

    pub(crate) fn write(&self, to: &mut Writer) {
        to.element("VPC", |to| {
            to.text("VPCRegion", &self.region);
            to.text("VPCId", &self.vpc);
        });
    }
}

/// A hosted zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostedZone {
    /// Its id.
    pub id: HostedZoneId,
    /// Its name.
    pub name: DnsName,
    /// What its maker gave as reference: unique for ever.
    pub caller_reference: String,
    /// Its comment.
    pub comment: String,
    /// Whether it is private.
    pub private: bool,
    /// How many record sets it holds, NS and SOA included.
    pub records: Option<u64>,
    /// The VPCs it is associated with; empty where the answer does not say.
    pub vpcs: Vec<ZoneVpc>,
}

impl HostedZone {
    /// Reads `HostedZone` and, beside it in the same answer, the VPCs.
    pub(crate) fn read(answer: &Element) -> Result<Self> {
        let zone = answer.child("HostedZone").ok_or_else(|| crate::wire::xml::missing(answer.name(), "HostedZone"))?;
        let config = zone.child("Config");
        let alone = answer.child("VPC").and_then(ZoneVpc::read);
        Ok(Self {
            id: zone.required_id("Id")?,
            name: zone_name(zone.required("Name")?)?,
            caller_reference: zone.string("CallerReference").unwrap_or_default(),
            comment: config.and_then(|config| config.string("Comment")).unwrap_or_default(),
            private: config.and_then(|config| config.boolean("PrivateZone")).unwrap_or(false),
            records: zone.number("ResourceRecordSetCount"),
            vpcs: answer.list("VPCs").filter_map(ZoneVpc::read).chain(alone).collect(),
        })
    }
}

/// A hosted zone as the list of a VPC's zones shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostedZoneSummary {
    /// Its id.
    pub id: HostedZoneId,
    /// Its name.
    pub name: DnsName,
    /// The account it belongs to, unless an AWS service owns it.
    pub owning_account: Option<String>,
    /// The AWS service that owns it: such a zone is not in the customer's list and cannot be
    /// changed; `vpce.amazonaws.com` holds the private DNS of endpoints.
    pub owning_service: Option<String>,
}

impl HostedZoneSummary {
    /// A zone of the caller's own account.
    pub(crate) fn own(zone: HostedZone) -> Self {
        Self { id: zone.id, name: zone.name, owning_account: None, owning_service: None }
    }

    pub(crate) fn read(item: &Element) -> Result<Self> {
        let owner = item.child("Owner");
        Ok(Self {
            id: item.required_id("HostedZoneId")?,
            name: zone_name(item.required("Name")?)?,
            owning_account: owner.and_then(|owner| owner.string("OwningAccount")),
            owning_service: owner.and_then(|owner| owner.string("OwningService")),
        })
    }
}

/// A zone as the list of the account's zones shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostedZoneListed {
    /// Its id.
    pub id: HostedZoneId,
    /// Its name.
    pub name: DnsName,
    /// What its maker gave as reference.
    pub caller_reference: String,
    /// Its comment.
    pub comment: String,
    /// Whether it is private.
    pub private: bool,
}

impl HostedZoneListed {
    pub(crate) fn read(item: &Element) -> Result<Self> {
        let config = item.child("Config");
        Ok(Self {
            id: item.required_id("Id")?,
            name: zone_name(item.required("Name")?)?,
            caller_reference: item.string("CallerReference").unwrap_or_default(),
            comment: config.and_then(|config| config.string("Comment")).unwrap_or_default(),
            private: config.and_then(|config| config.boolean("PrivateZone")).unwrap_or(false),
        })
    }
}

/// Names arrive with a final dot and with `\052` for `*`.
fn zone_name(text: &str) -> Result<DnsName> {
    Ok(normal(text).parse()?)
}

/// A record name as this library compares it: lower case, no final dot, `*` for `\052`.
pub(crate) fn normal(text: &str) -> String {
    let text = text.strip_suffix('.').unwrap_or(text);
    match text.strip_prefix("\\052") {
        Some(rest) => format!("*{}", rest.to_ascii_lowercase()),
        None => text.to_ascii_lowercase(),
    }
}

/// A record set. Route 53 can hold sets this library never writes (weighted, latency, …): those
/// are marked [`routed`](Self::routed) and never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordSet {
    /// The name: lower case, no final dot, `*` for a wildcard.
    pub name: String,
    /// The type.
    pub kind: RecordType,
    /// What it says.
    pub value: RecordValue,
    /// Whether a routing policy or a health check chooses among several.
    pub routed: bool,
}

/// What a record set says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecordValue {
    /// Values with a time to live in seconds.
    Plain {
        /// Seconds.
        ttl: u32,
        /// The values, as stored.
        values: Vec<String>,
    },
    /// An alias to another AWS name.
    Alias(AliasTarget),
}

/// Where an alias leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AliasTarget {
    /// The hosted zone of the *target*: for an endpoint, the one of its DNS entry.
    pub hosted_zone: HostedZoneId,
    /// The target's name.
    pub name: String,
    /// Whether an unhealthy target is left out.
    pub evaluate_health: bool,
}

impl AliasTarget {
    /// An alias to `name` in `hosted_zone` that does not look at health.
    #[must_use]
    pub fn new(hosted_zone: HostedZoneId, name: &DnsName) -> Self {
        Self { hosted_zone, name: name.as_str().to_owned(), evaluate_health: false }
    }
}

impl RecordSet {
    /// A set of plain values.
    #[must_use]
    pub fn plain(name: &DnsName, kind: RecordType, ttl: u32, values: Vec<String>) -> Self {
        Self { name: normal(name.as_str()), kind, value: RecordValue::Plain { ttl, values }, routed: false }
    }

    /// An alias.
    #[must_use]
    pub fn alias(name: &DnsName, kind: RecordType, target: AliasTarget) -> Self {
        Self { name: normal(name.as_str()), kind, value: RecordValue::Alias(target), routed: false }
    }

    pub(crate) fn read(item: &Element) -> Result<Self> {
        let alias = item.child("AliasTarget");
        let value = match alias {
            Some(alias) => RecordValue::Alias(AliasTarget {
                hosted_zone: alias.required_id("HostedZoneId")?,
                name: normal(alias.required("DNSName")?),
                evaluate_health: alias.boolean("EvaluateTargetHealth").unwrap_or(false),
            }),
            None => RecordValue::Plain {
                ttl: item.number("TTL").unwrap_or(0),
                values: item.list("ResourceRecords").filter_map(|record| record.string("Value")).collect(),
            },
        };
        let routed = ["SetIdentifier", "HealthCheckId", "TrafficPolicyInstanceId"]
            .iter()
            .any(|name| item.text_of(name).is_some());
        Ok(Self { name: normal(item.required("Name")?), kind: item.required("Type")?.into(), value, routed })
    }

    pub(crate) fn write(&self, to: &mut Writer) {
        to.element("ResourceRecordSet", |to| {
            to.text("Name", format_args!("{}.", self.name));
            to.text("Type", &self.kind);
            match &self.value {
                RecordValue::Plain { ttl, values } => {
                    to.text("TTL", ttl);
                    to.element("ResourceRecords", |to| {
                        for value in values {
                            to.element("ResourceRecord", |to| to.text("Value", value));
                        }
                    });
                }
                RecordValue::Alias(target) => to.element("AliasTarget", |to| {
                    to.text("HostedZoneId", &target.hosted_zone);
                    to.text("DNSName", format_args!("{}.", target.name));
                    to.text("EvaluateTargetHealth", target.evaluate_health);
                }),
            }
        });
    }

    /// Whether it is one of the two sets every zone has.
    #[must_use]
    pub fn belongs_to_the_zone(&self, zone: &DnsName) -> bool {
        matches!(self.kind, RecordType::Ns | RecordType::Soa) && self.name == zone.as_str()
    }

    /// Whether both say the same about the same name: what a DNS client would notice.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let value = match (&self.value, &other.value) {
            (RecordValue::Alias(ours), RecordValue::Alias(theirs)) => {
                ours.hosted_zone == theirs.hosted_zone && normal(&ours.name) == normal(&theirs.name)
            }
            (RecordValue::Plain { values: ours, .. }, RecordValue::Plain { values: theirs, .. }) => {
                let sorted = |values: &[String]| {
                    let mut values: Vec<String> = values.iter().map(|value| normal(value)).collect();
                    values.sort();
                    values
                };
                sorted(ours) == sorted(theirs)
            }
            _ => false,
        };
        value && self.kind == other.kind && normal(&self.name) == normal(&other.name) && self.routed == other.routed
    }
}

impl fmt::Display for RecordSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            RecordValue::Plain { ttl, values } => {
                write!(f, "{} {ttl} {} {}", self.name, self.kind, values.join(" "))
            }
            RecordValue::Alias(target) => {
                write!(f, "{} {} alias {} in zone {}", self.name, self.kind, target.name, target.hosted_zone)
            }
        }
    }
}

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// What to do.
    pub action: ChangeAction,
    /// With which set.
    pub set: RecordSet,
}

impl Change {
    /// A change.
    #[must_use]
    pub fn new(action: ChangeAction, set: RecordSet) -> Self {
        Self { action, set }
    }
}

/// How far a change has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangeInfo {
    /// Its id, without `/change/`.
    pub id: String,
    /// Whether it has reached all servers.
    pub status: ChangeStatus,
}

impl ChangeInfo {
    pub(crate) fn read(answer: &Element) -> Result<Self> {
        let info = answer.child("ChangeInfo").ok_or_else(|| crate::wire::xml::missing(answer.name(), "ChangeInfo"))?;
        let id = info.required("Id")?;
        Ok(Self { id: id.strip_prefix("/change/").unwrap_or(id).to_owned(), status: info.required("Status")?.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_the_same_in_either_spelling() {
        assert_eq!(normal("\\052.us-east-1.vpce.aws.clickhouse.cloud."), "*.us-east-1.vpce.aws.clickhouse.cloud");
        let star: DnsName = "*.example.com".parse().unwrap();
        let ours = RecordSet::plain(&star, RecordType::Cname, 60, vec!["Target.Example.com.".into()]);
        let theirs = RecordSet {
            name: "\\052.example.com.".into(),
            value: RecordValue::Plain { ttl: 300, values: vec!["target.example.com".into()] },
            ..ours.clone()
        };
        assert!(ours.says_the_same(&theirs));
    }
}
