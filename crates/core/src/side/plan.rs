use std::collections::BTreeSet;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{Exchange, Grant, Step, StepState, TouchKey};
use crate::{Finding, LinkName, Severity, Text};

/// What will change, on which side, in which order, and whose turn it is.
///
/// Plain data: it prints for people and serialises with a version field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// The version of this form; 1.
    pub version: u16,
    /// What it is for.
    pub direction: Direction,
    /// The link's name.
    pub link: LinkName,
    /// What the link joins: the two sides' subjects and the instance. A plan is applied only by
    /// a link that joins the same.
    #[serde(default)]
    pub subject: Text,
    /// When the world was read.
    #[serde(with = "rfc3339")]
    pub taken_at: SystemTime,
    /// How many dependent rounds of reading it took.
    pub rounds: u32,
    /// What is known.
    pub exchange: Exchange,
    /// The steps, in an order that works.
    pub steps: Vec<Step>,
    /// What stands in the way, or is worth knowing.
    pub findings: Vec<Finding>,
    /// What stays in a removal, and why.
    pub kept: Vec<Kept>,
}

impl Plan {
    /// A plan without steps, taken now.
    #[must_use]
    pub fn new(direction: Direction, link: LinkName, taken_at: SystemTime) -> Self {
        Self {
            version: 1,
            direction,
            link,
            subject: Text::default(),
            taken_at,
            rounds: 0,
            exchange: Exchange::new(),
            steps: Vec::new(),
            findings: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// The steps that are still to do.
    pub fn pending(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.state != StepState::AlreadyDone)
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.pending().next().is_none()
    }

    /// The permissions that all its steps take, reads included, each once and in order. Steps that are
    /// done count too: planning again reads what they made.
    ///
    /// ```
    /// # fn show(plan: &privlink_core::side::Plan) {
    /// for grant in plan.grants() {
    ///     println!("{}: {} on {}", grant.system, grant.action, grant.resource);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn grants(&self) -> BTreeSet<&Grant> {
        self.steps.iter().flat_map(|step| &step.grants).collect()
    }

    /// The findings that keep the plan from being applied.
    pub fn blockers(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Blocks)
    }
}

/// What a plan is for. Whatever is not a removal runs forward: a step after the steps it builds on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Direction {
    /// It sets up.
    SetUp,
    /// It takes down: a step runs before the steps whose facts it was built on.
    Removal,
    /// It closes public access to what is reached privately by now.
    Closing,
    /// It reopens the public access that a closing took away.
    Reopening,
}

/// A thing that a removal leaves in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Kept {
    /// The thing.
    pub key: TouchKey,
    /// The thing in words: `hosted zone orders.example.com`.
    #[serde(default)]
    pub what: Text,
    /// Why it stays.
    pub reason: Text,
}

impl Kept {
    /// A thing that stays, and why; its key says what it is, unless [`Kept::what`] says it better.
    ///
    /// ```
    /// use privlink_core::side::{Kept, TouchKey};
    ///
    /// let key = TouchKey::new("aws.vpc_dns", ["vpc-0a1b2c3d4e5f67890"]);
    /// let kept = Kept::new(key, "other links resolve through it");
    /// assert_eq!(kept.what, "aws vpc dns vpc-0a1b2c3d4e5f67890");
    /// assert_eq!(kept.what("DNS of the network").what, "DNS of the network");
    /// ```
    #[must_use]
    pub fn new(key: TouchKey, reason: impl Into<Text>) -> Self {
        Self { what: words(&key).into(), key, reason: reason.into() }
    }

    /// Says in words what stays.
    #[must_use]
    pub fn what(mut self, what: impl Into<Text>) -> Self {
        self.what = what.into();
        self
    }
}

/// The kind of a key in words, and the last of its parts that is not empty.
fn words(key: &TouchKey) -> String {
    let kind = key.kind().replace(['.', '_'], " ");
    match key.as_str().split('|').skip(1).filter(|part| !part.is_empty()).last() {
        Some(last) => format!("{kind} {last}"),
        None => kind,
    }
}

/// Moments as RFC 3339 in JSON.
pub(super) mod rfc3339 {
    use std::time::SystemTime;

    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::side) fn serialize<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
        let time = Timestamp::try_from(*time).map_err(serde::ser::Error::custom)?;
        serializer.collect_str(&time)
    }

    pub(in crate::side) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse::<Timestamp>().map(SystemTime::from).map_err(serde::de::Error::custom)
    }
}
