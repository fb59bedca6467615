use std::collections::BTreeSet;
use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize};

use super::{Exchange, Grant, Step, StepState, TouchKey, rfc3339, versioned};
use crate::printable::printable;
use crate::{Finding, LinkName, Severity, Text};

/// The version of the form that is written and read here.
const VERSION: u16 = 1;

/// What will change, on which side, in which order, and whose turn it is.
///
/// Plain data: it prints for people and serialises with a version field, which is read before all
/// others: a plan of a newer version is told as such (`LINK-007`), whatever else is new in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    /// What can be planned only once this plan is done, in words: the endpoint service does not exist
    /// before, and what comes after is named after it; or the vendor has not given out a private name yet. `None` when
    /// the plan is the whole of it.
    ///
    /// Apply this plan, then plan again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub later: Option<Text>,
}

impl Plan {
    /// A plan without steps, taken now.
    #[must_use]
    pub fn new(direction: Direction, link: LinkName, taken_at: SystemTime) -> Self {
        Self {
            version: VERSION,
            direction,
            link,
            subject: Text::default(),
            taken_at,
            rounds: 0,
            exchange: Exchange::new(),
            steps: Vec::new(),
            findings: Vec::new(),
            kept: Vec::new(),
            later: None,
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
    ///     println!("{grant}");
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
    Setup,
    /// It takes down: a step runs before the steps whose facts it was built on.
    Removal,
    /// It closes public access to what is reached privately by now.
    Closing,
    /// It reopens the public access that a closing took away.
    Reopening,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Setup => "setup",
            Self::Removal => "removal",
            Self::Closing => "closing",
            Self::Reopening => "reopening",
        })
    }
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
        Self { what: printable(words(&key)), key, reason: printable(reason) }
    }

    /// Says in words what stays.
    #[must_use]
    pub fn what(mut self, what: impl Into<Text>) -> Self {
        self.what = printable(what);
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

impl<'de> Deserialize<'de> for Plan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body: Body =
            versioned::read(deserializer, "the plan", VERSION, "plan again with this version of the library")?;
        let Body { direction, link, subject, taken_at, rounds, exchange, steps, findings, kept, later } = body;
        let version = VERSION;
        Ok(Self { version, direction, link, subject, taken_at, rounds, exchange, steps, findings, kept, later })
    }
}

/// A plan without its version.
#[derive(Deserialize)]
struct Body {
    direction: Direction,
    link: LinkName,
    #[serde(default)]
    subject: Text,
    #[serde(with = "rfc3339")]
    taken_at: SystemTime,
    rounds: u32,
    exchange: Exchange,
    steps: Vec<Step>,
    findings: Vec<Finding>,
    kept: Vec<Kept>,
    #[serde(default)]
    later: Option<Text>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_speaks_before_what_only_a_newer_one_knows() {
        let plan = Plan::new(Direction::Setup, "orders".parse().unwrap(), SystemTime::UNIX_EPOCH);
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
        // Stores may sort the fields: then the version comes last.
        let mut value = serde_json::to_value(&plan).unwrap();
        assert_eq!(serde_json::from_value::<Plan>(value.clone()).unwrap(), plan);
        assert_eq!(serde_json::from_str::<Plan>(&value.to_string()).unwrap(), plan);
        for newer in [text.replace("\"version\":1", "\"version\":2"), {
            value["version"] = "two".into();
            value.to_string()
        }] {
            let newer = newer.replace("setup", "sideways");
            let told = serde_json::from_str::<Plan>(&newer).unwrap_err().to_string();
            assert!(told.contains("LINK-007") && told.contains("plan again"), "{told}");
        }
        let none = text.replace("\"version\":1,", "");
        let told = serde_json::from_str::<Plan>(&none).unwrap_err().to_string();
        assert!(told.contains("version"), "{told}");
        // Of a known version, what is unknown is told as such.
        let told = serde_json::from_str::<Plan>(&text.replace("setup", "sideways")).unwrap_err().to_string();
        assert!(told.contains("sideways") && !told.contains("LINK-007"), "{told}");
    }
}
