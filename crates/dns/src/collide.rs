//! What records to be made would break, found before anything is made.

use std::collections::{HashMap, HashSet};
use std::fmt;

use privlink_core::side::Fact;
use privlink_core::{DnsName, Finding, Severity, Text};
use serde::{Deserialize, Serialize};

use crate::record::RecordPlan;
use crate::zone::Zone;

/// A conflict between records to be made, or between them and what is there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "collision", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Collision {
    /// Two hosts want one record, and it can lead to one endpoint only.
    #[non_exhaustive]
    SameRecord {
        /// The record.
        name: DnsName,
        /// The host that comes first.
        first: DnsName,
        /// The host that cannot have it as well.
        second: DnsName,
    },
    /// A record of this name is there and leads somewhere else.
    #[non_exhaustive]
    RecordTaken {
        /// The record.
        name: DnsName,
        /// The cloud's id of the zone that holds it.
        zone: Text,
        /// What it leads to.
        holds: Text,
    },
    /// A zone of the same name is there, made by somebody else.
    #[non_exhaustive]
    ZoneExists {
        /// The zone's name.
        name: DnsName,
        /// The cloud's id of it.
        zone: Text,
    },
    /// A zone with a longer name answers for the host, so the record would never be seen.
    #[non_exhaustive]
    Hidden {
        /// The host.
        host: DnsName,
        /// The zone whose record would not be seen.
        zone: DnsName,
        /// The zone that answers instead.
        by: DnsName,
    },
    /// A wildcard would lead a name to an endpoint that does not serve it.
    #[non_exhaustive]
    Captured {
        /// The name.
        name: DnsName,
        /// The wildcard.
        wildcard: DnsName,
    },
    /// A new zone would hide a name that resolves elsewhere today.
    #[non_exhaustive]
    Shadowed {
        /// The name.
        name: DnsName,
        /// The new zone.
        zone: DnsName,
    },
}

impl Collision {
    /// The collision as a finding of a plan.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let summary = self.to_string();
        match self {
            Self::SameRecord { .. } => Finding::new(
                "ZONE-001",
                Severity::Blocks,
                summary,
                "use a zone named exactly the host for each of them, or the same endpoint",
            )
            .about(Fact::Resolving),
            Self::RecordTaken { holds, zone, .. } => Finding::new(
                "ZONE-002",
                Severity::Blocks,
                summary,
                "ask its owner to remove it, or use another naming mode; it is never overwritten",
            )
            .about(Fact::Resolving)
            .evidence(format!("zone {zone} holds a record that leads to {holds}")),
            Self::ZoneExists { zone, .. } => Finding::new(
                "ZONE-003",
                Severity::Blocks,
                summary,
                "put the record into that zone, or take the zone off this network",
            )
            .about(Fact::Resolving)
            .evidence(format!("its id is {zone}")),
            Self::Hidden { by, .. } => Finding::new(
                "ZONE-004",
                Severity::Blocks,
                summary,
                "put the record into the zone that answers, or take that zone off this network",
            )
            .about(Fact::Resolving)
            .evidence(format!("zone {by} is the longest that holds the host")),
            Self::Captured { .. } => Finding::new(
                "ZONE-005",
                Severity::Blocks,
                summary,
                "use exact records instead of the wildcard, or give this name a record of its own",
            ),
            Self::Shadowed { .. } => Finding::new(
                "ZONE-006",
                Severity::Warning,
                summary,
                "use a zone named exactly the host, which hides nothing else",
            ),
        }
    }
}

impl fmt::Display for Collision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameRecord { name, first, second } => {
                write!(f, "the record {name} can serve {first} or {second}, not both: they lead to different endpoints")
            }
            Self::RecordTaken { name, .. } => write!(f, "the record {name} is there and leads somewhere else"),
            Self::ZoneExists { name, .. } => write!(f, "a zone named {name} is there, made by somebody else"),
            Self::Hidden { host, zone, by } => {
                write!(f, "a record for {host} in zone {zone} would never be seen: zone {by} answers instead")
            }
            Self::Captured { name, wildcard } => {
                write!(f, "the wildcard {wildcard} would lead {name} to an endpoint that does not serve it")
            }
            Self::Shadowed { name, zone } => write!(f, "the new zone {zone} would hide {name} from this network"),
        }
    }
}

/// What `plans` would break, among themselves and in a network that asks `zones`.
///
/// `names` are those that must keep resolving as they do: public hosts the network uses, and
/// hosts of databases that are reached another way. Time grows with the sum of all, not with
/// their product.
///
/// ```
/// use privlink_core::side::RecordShape;
/// use privlink_dns::{Collision, RecordPlan, collide};
///
/// let plan = |host: &str, shape, endpoint: &'static str| RecordPlan::of(&host.parse().unwrap(), shape, endpoint).unwrap();
/// let (orders, billing) = ("orders.us-east-1.vpce.aws.clickhouse.cloud", "billing.us-east-1.vpce.aws.clickhouse.cloud");
///
/// // Two services behind different endpoints: one wildcard cannot serve both …
/// let wildcards = [plan(orders, RecordShape::Wildcard, "vpce-0a"), plan(billing, RecordShape::Wildcard, "vpce-0b")];
/// assert!(matches!(collide(&wildcards, &[], &[])[..], [Collision::SameRecord { .. }]));
///
/// // … while a zone of its own for each never collides.
/// let zones = [plan(orders, RecordShape::Apex, "vpce-0a"), plan(billing, RecordShape::Apex, "vpce-0b")];
/// assert_eq!(collide(&zones, &[], &[]), []);
/// ```
#[must_use]
pub fn collide(plans: &[RecordPlan], zones: &[Zone], names: &[DnsName]) -> Vec<Collision> {
    let network = Network::new(plans, zones);
    let mut found: Vec<Collision> = Vec::new();
    for plan in plans {
        found.extend(network.same_record(plan));
        found.extend(network.in_the_way(plan));
        found.extend(network.hidden(plan));
    }
    found.extend(names.iter().filter_map(|name| network.broken(name)));
    let mut seen = HashSet::new();
    let first: Vec<bool> = found.iter().map(|collision| seen.insert(collision)).collect();
    found.iter().zip(first).filter(|(_, first)| *first).map(|(collision, _)| collision.clone()).collect()
}

/// Plans and zones by name, so that a name is looked up by its own few labels.
struct Network<'a> {
    /// By zone and name.
    records: HashMap<(&'a str, &'a str), &'a RecordPlan>,
    /// Which target a host is to have by which record.
    wanted: HashMap<(&'a str, &'a str), &'a Text>,
    planned: HashSet<&'a str>,
    zones: HashMap<&'a str, Vec<&'a Zone>>,
}

impl<'a> Network<'a> {
    fn new(plans: &'a [RecordPlan], zones: &'a [Zone]) -> Self {
        let mut network =
            Self { records: HashMap::new(), wanted: HashMap::new(), planned: HashSet::new(), zones: HashMap::new() };
        for plan in plans {
            network.records.entry((plan.zone.as_str(), plan.name.as_str())).or_insert(plan);
            network.wanted.insert((plan.host.as_str(), plan.name.as_str()), &plan.target);
            network.planned.insert(plan.zone.as_str());
        }
        for zone in zones {
            network.zones.entry(zone.name.as_str()).or_default().push(zone);
        }
        network
    }

    fn same_record(&self, plan: &RecordPlan) -> Option<Collision> {
        let first =
            self.records.get(&(plan.zone.as_str(), plan.name.as_str())).filter(|first| first.target != plan.target)?;
        Some(Collision::SameRecord { name: plan.name.clone(), first: first.host.clone(), second: plan.host.clone() })
    }

    /// What is there under the names the plan wants.
    fn in_the_way(&self, plan: &RecordPlan) -> Option<Collision> {
        self.existing(&plan.zone).iter().find_map(|zone| match zone.target_of(&plan.name) {
            Some(target) if *target == plan.target => None,
            Some(target) => {
                Some(Collision::RecordTaken { name: plan.name.clone(), zone: zone.id.clone(), holds: target.clone() })
            }
            None if plan.zone == plan.host && !zone.ours => {
                Some(Collision::ZoneExists { name: zone.name.clone(), zone: zone.id.clone() })
            }
            None => None,
        })
    }

    /// A longer zone that answers for the plan's host, unless it leads to the same endpoint.
    fn hidden(&self, plan: &RecordPlan) -> Option<Collision> {
        let by = self.answering(&plan.host).filter(|zone| *zone != plan.zone.as_str())?;
        let by: DnsName = by.parse().ok()?;
        let same_planned =
            self.records.get(&(by.as_str(), plan.host.as_str())).is_some_and(|other| other.target == plan.target);
        let same_there = self
            .existing(&by)
            .iter()
            .any(|zone| zone.target_of(&plan.host).is_some_and(|target| *target == plan.target));
        (!same_planned && !same_there).then(|| Collision::Hidden {
            host: plan.host.clone(),
            zone: plan.zone.clone(),
            by,
        })
    }

    /// What becomes of a name that nobody plans a record for.
    fn broken(&self, name: &DnsName) -> Option<Collision> {
        let zone: DnsName = self.answering(name).filter(|zone| self.planned.contains(zone))?.parse().ok()?;
        let existing = self.existing(&zone);
        if self.records.contains_key(&(zone.as_str(), name.as_str())) || existing.iter().any(|zone| zone.answers(name))
        {
            return None;
        }
        let wildcard = suffixes(name.as_str())
            .skip(1)
            .take_while(|above| above.len() >= zone.as_str().len())
            .find_map(|above| self.records.get(&(zone.as_str(), format!("*.{above}").as_str())).copied());
        match wildcard {
            Some(plan) if self.wanted.get(&(name.as_str(), plan.name.as_str())) == Some(&&plan.target) => None,
            Some(plan) => Some(Collision::Captured { name: name.clone(), wildcard: plan.name.clone() }),
            // A zone that is there hides the name already; only a new one changes anything.
            None if existing.is_empty() => Some(Collision::Shadowed { name: name.clone(), zone }),
            None => None,
        }
    }

    fn existing(&self, zone: &DnsName) -> &[&'a Zone] {
        self.zones.get(zone.as_str()).map_or(&[], Vec::as_slice)
    }

    /// The longest zone, planned or there, that holds `name`.
    fn answering<'n>(&self, name: &'n DnsName) -> Option<&'n str> {
        suffixes(name.as_str()).find(|zone| self.planned.contains(zone) || self.zones.contains_key(zone))
    }
}

/// The name, then the name without its first label, and so on.
fn suffixes(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use privlink_core::side::RecordShape;

    use super::*;

    const ZONE: &str = "us-east-1.vpce.aws.clickhouse.cloud";

    fn name(text: &str) -> DnsName {
        text.parse().unwrap()
    }

    fn host(front: &str) -> DnsName {
        name(&format!("{front}.{ZONE}"))
    }

    fn plan(front: &str, shape: RecordShape, target: &'static str) -> RecordPlan {
        RecordPlan::of(&host(front).as_str().parse().unwrap(), shape, target).unwrap()
    }

    fn existing(zone: &str) -> Zone {
        Zone::new(name(zone), "Z1")
    }

    #[test]
    fn a_zone_of_its_own_breaks_nothing() {
        let plans = [plan("a", RecordShape::Apex, "1"), plan("b", RecordShape::Apex, "2")];
        let others = [host("c"), name("a.us-east-1.aws.clickhouse.cloud"), name("example.com")];
        assert_eq!(collide(&plans, &[], &others), []);
    }

    #[test]
    fn a_wildcard_in_two_hands_is_found_once_per_loser() {
        let plans = [
            plan("a", RecordShape::Wildcard, "1"),
            plan("b", RecordShape::Wildcard, "1"),
            plan("c", RecordShape::Wildcard, "2"),
            plan("c", RecordShape::Wildcard, "2"),
        ];
        let expected = Collision::SameRecord { name: name(&format!("*.{ZONE}")), first: host("a"), second: host("c") };
        assert_eq!(collide(&plans, &[], &[]), [expected]);
    }

    #[test]
    fn a_wildcard_captures_a_name_without_a_record_of_its_own() {
        let wildcard = plan("a", RecordShape::Wildcard, "1");
        let captured = Collision::Captured { name: host("b"), wildcard: wildcard.name.clone() };
        let own = [host("a"), host("b")];
        assert_eq!(collide(std::slice::from_ref(&wildcard), &[], &own), [captured]);
        // A second host behind the same endpoint is meant to be answered by it.
        assert_eq!(collide(&[wildcard.clone(), plan("b", RecordShape::Wildcard, "1")], &[], &own), []);
        // An exact record, planned or there, comes before the wildcard.
        assert_eq!(collide(&[wildcard.clone(), plan("b", RecordShape::Exact, "2")], &[], &own), []);
        assert_eq!(collide(&[wildcard], &[existing(ZONE).record(host("b"), "2")], &own), []);
    }

    #[test]
    fn a_new_shared_zone_hides_what_it_does_not_hold() {
        let plans = [plan("a", RecordShape::Exact, "1")];
        let expected = Collision::Shadowed { name: host("b"), zone: name(ZONE) };
        assert_eq!(collide(&plans, &[], &[host("b"), name("example.com")]), [expected]);
        // Where the zone is there already, it hides the name already.
        assert_eq!(collide(&plans, &[existing(ZONE)], &[host("b")]), []);
    }

    #[test]
    fn a_zone_of_the_same_name_is_never_taken_over() {
        let plans = [plan("a", RecordShape::Apex, "1")];
        let zone = host("a");
        let exists = Collision::ZoneExists { name: zone.clone(), zone: "Z1".into() };
        assert_eq!(collide(&plans, &[existing(zone.as_str())], &[]), [exists]);
        assert_eq!(collide(&plans, &[existing(zone.as_str()).ours()], &[]), []);
        // Somebody has done it already.
        assert_eq!(collide(&plans, &[existing(zone.as_str()).record(zone.clone(), "1")], &[]), []);
    }

    #[test]
    fn a_record_of_somebody_else_is_never_overwritten() {
        let plans = [plan("a", RecordShape::Exact, "1")];
        let taken = Collision::RecordTaken { name: host("a"), zone: "Z1".into(), holds: "9".into() };
        assert_eq!(collide(&plans, &[existing(ZONE).record(host("a"), "9")], &[]), [taken]);
        assert_eq!(collide(&plans, &[existing(ZONE).record(host("a"), "1")], &[]), []);
    }

    #[test]
    fn a_record_in_a_zone_that_nobody_asks_is_found() {
        let plans = [plan("a", RecordShape::Exact, "1")];
        let hidden = Collision::Hidden { host: host("a"), zone: name(ZONE), by: host("a") };
        let narrow = existing(host("a").as_str());
        assert_eq!(collide(&plans, std::slice::from_ref(&narrow), &[]), [hidden]);
        assert_eq!(collide(&plans, &[narrow.record(host("a"), "1")], &[]), []);
    }

    #[test]
    fn every_collision_reads_as_a_finding() {
        let plans = [
            plan("a", RecordShape::Wildcard, "1"),
            plan("b", RecordShape::Wildcard, "2"),
            plan("c", RecordShape::Apex, "1"),
        ];
        let zones = [existing(host("c").as_str()), existing(ZONE).record(host("d"), "x")];
        let found = collide(&plans, &zones, &[host("e")]);
        assert_eq!(found.len(), 3, "{found:?}");
        for collision in found {
            let finding = collision.finding();
            assert!(finding.code.starts_with("ZONE-"), "{finding}");
            assert_eq!(finding.summary, collision.to_string());
            let json = serde_json::to_string(&collision).unwrap();
            assert_eq!(serde_json::from_str::<Collision>(&json).unwrap(), collision);
        }
    }
}
