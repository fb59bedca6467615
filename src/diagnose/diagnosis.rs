//! What a diagnosis says.

use std::fmt;
use std::time::SystemTime;

use privlink_core::side::{rfc3339, versioned};
use privlink_core::{Finding, LinkName, Text};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Declared, DeclaredState};
use crate::Verdict;

/// The version of the form that is written and read here.
pub(super) const VERSION: u16 = 1;

/// Why a link does not work: one cause, its evidence and one next step; made by
/// [`Link::diagnose`](crate::Link::diagnose).
///
/// Plain data: it prints for people and serialises with a version field, which is read before all
/// others.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The version of this form; 1.
    pub version: u16,
    /// The link's name.
    pub link: LinkName,
    /// When both sides were read.
    #[serde(with = "rfc3339")]
    pub taken_at: SystemTime,
    /// What the wire shows; `None` where nothing could be seen, for the reason in [`unseen`](Self::unseen).
    pub verdict: Option<Verdict>,
    /// Why nothing could be seen.
    pub unseen: Option<Text>,
    /// The one cause; `None` when the link works, or nothing that is known is wrong.
    pub cause: Option<Finding>,
    /// What else is wrong, or may be.
    pub also: Vec<Finding>,
    /// Where what is declared and what the wire shows do not agree (`DIAG-001`), why a look from elsewhere shows nothing
    /// of the network (`PROOF-002`), and what could not be read: a side (`DIAG-002`), or rules and records that may be
    /// why. Of a link that works, what may break it all the same (`NET-008`).
    pub notes: Vec<Finding>,
    /// What both control planes declare, fact by fact.
    pub declared: Vec<Declared>,
}

impl Diagnosis {
    /// Whether the link was proved from inside.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.verdict.as_ref().is_some_and(|verdict| verdict.proved)
    }

    /// What is declared to be right: what it could be, and is not.
    pub fn ruled_out(&self) -> impl Iterator<Item = &Declared> {
        let is_held =
            |of: &&Declared| !self.declared.iter().any(|other| other.code == of.code && other.state != of.state);
        self.of(DeclaredState::Holding).filter(is_held)
    }

    /// What could not be read, or cannot be judged yet: neither a cause nor ruled out.
    pub fn unknown(&self) -> impl Iterator<Item = &Declared> {
        self.of(DeclaredState::Unknown)
    }

    fn of(&self, state: DeclaredState) -> impl Iterator<Item = &Declared> {
        self.declared.iter().filter(move |declared| declared.state == state)
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indented = |finding: &Finding| finding.to_string().replace('\n', "\n  ");
        match (&self.cause, self.is_proved()) {
            (_, true) => write!(f, "{}: works, proved from inside", self.link)?,
            (Some(cause), _) => {
                write!(f, "{}: does not work\n  cause: {}", self.link, indented(cause))?;
                write!(f, "\n      turn: {}", cause.turn)?;
            }
            (None, _) => write!(f, "{}: not proved, and nothing that is declared is wrong", self.link)?,
        }
        if let Some(unseen) = &self.unseen {
            write!(f, "\n  not seen from inside: {unseen}")?;
        }
        for finding in &self.also {
            write!(f, "\n  also: {}", indented(finding))?;
        }
        for finding in &self.notes {
            write!(f, "\n  {}", indented(finding))?;
        }
        // Of a link that works, all of it is.
        if !self.is_proved() {
            list(f, "ruled out", self.ruled_out())?;
        }
        list(f, "unknown", self.unknown())
    }
}

/// A line for each thing that would be wrong, with all that was seen of it.
fn list<'a>(f: &mut fmt::Formatter<'_>, head: &str, all: impl Iterator<Item = &'a Declared>) -> fmt::Result {
    let mut lines: Vec<(&Declared, Vec<&str>)> = Vec::new();
    for declared in all {
        match lines.iter_mut().find(|(first, _)| (&first.code, &first.place) == (&declared.code, &declared.place)) {
            Some((_, seen)) => seen.push(&declared.seen),
            None => lines.push((declared, vec![&declared.seen])),
        }
    }
    for (first, seen) in lines {
        write!(f, "\n  {head}: {}: {} ({}; {})", first.code, first.lack, first.place, seen.join("; "))?;
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Diagnosis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let advice = "diagnose again with this version of the library";
        let Body { link, taken_at, verdict, unseen, cause, also, notes, declared } =
            versioned::read(deserializer, "the diagnosis", VERSION, advice)?;
        Ok(Self { version: VERSION, link, taken_at, verdict, unseen, cause, also, notes, declared })
    }
}

/// A diagnosis without its version.
#[derive(Deserialize)]
struct Body {
    link: LinkName,
    #[serde(with = "rfc3339")]
    taken_at: SystemTime,
    verdict: Option<Verdict>,
    unseen: Option<Text>,
    cause: Option<Finding>,
    also: Vec<Finding>,
    notes: Vec<Finding>,
    declared: Vec<Declared>,
}
