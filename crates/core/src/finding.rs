//! Findings: what a plan, a proof or a diagnosis has to say, with a stable code.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::printable::printable;
use crate::side::Fact;

/// Text that is fixed in the program or made at run time.
pub type Text = Cow<'static, str>;

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Turn {
    /// Nobody has to act: time passes or nothing is left to do.
    Nobody,
    /// The person or program that called.
    You,
    /// The database vendor.
    Vendor,
    /// The cloud.
    Cloud,
    /// Somebody else who must approve.
    Approver,
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nobody => "nobody",
            Self::You => "you",
            Self::Vendor => "vendor",
            Self::Cloud => "cloud",
            Self::Approver => "approver",
        })
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Good to know.
    Info,
    /// It works, but not as well as it could, or costs something unexpected.
    Warning,
    /// It cannot work until this is mended; a plan with such a finding is not applied.
    Blocks,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Info => "note",
            Self::Warning => "warning",
            Self::Blocks => "blocked",
        })
    }
}

/// One thing found, with its evidence and one next step.
///
/// ```
/// use privlink_core::{Finding, Severity};
///
/// let finding = Finding::new("DNS-002", Severity::Warning, "the name has no address", "apply the plan again")
///     .evidence("resolver 10.0.0.2 answered without an address");
/// assert_eq!(
///     finding.to_string(),
///     "warning DNS-002: the name has no address\n    \
///      seen: resolver 10.0.0.2 answered without an address\n    \
///      next: apply the plan again",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// The version of this form; 1.
    pub version: u16,
    /// A stable code such as `AWS-004`, explained in [`TROUBLESHOOTING.md`](https://docs.rs/privlink/latest/privlink/troubleshooting/index.html).
    pub code: Text,
    /// How much it matters.
    pub severity: Severity,
    /// What it means, in one sentence.
    pub summary: Text,
    /// What was seen, and where it was read.
    pub evidence: Vec<Text>,
    /// What to do.
    pub next_step: Text,
    /// Whose turn it is.
    pub turn: Turn,
    /// A page that explains more.
    pub docs: Option<Text>,
    /// The fact of a link that it keeps from holding; a diagnosis joins it with what the wire shows by
    /// that. `None` when it is about the whole, or about nothing that clients notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Fact>,
}

impl Finding {
    /// A finding without evidence yet.
    #[must_use]
    pub fn new(
        code: impl Into<Text>,
        severity: Severity,
        summary: impl Into<Text>,
        next_step: impl Into<Text>,
    ) -> Self {
        Self {
            version: 1,
            code: code.into(),
            severity,
            summary: printable(summary),
            evidence: Vec::new(),
            next_step: printable(next_step),
            turn: Turn::You,
            docs: None,
            about: None,
        }
    }

    /// Adds one piece of evidence.
    #[must_use]
    pub fn evidence(mut self, seen: impl Into<Text>) -> Self {
        self.evidence.push(printable(seen));
        self
    }

    /// Says whose turn it is; [`Turn::You`] unless said.
    #[must_use]
    pub fn turn(mut self, turn: Turn) -> Self {
        self.turn = turn;
        self
    }

    /// Says which fact it keeps from holding.
    #[must_use]
    pub fn about(mut self, fact: Fact) -> Self {
        self.about = Some(fact);
        self
    }

    /// Adds a page that explains more.
    #[must_use]
    pub fn docs(mut self, page: impl Into<Text>) -> Self {
        self.docs = Some(page.into());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.severity, self.code, self.summary)?;
        for seen in &self.evidence {
            write!(f, "\n    seen: {seen}")?;
        }
        if !self.next_step.is_empty() {
            write!(f, "\n    next: {}", self.next_step)?;
        }
        if let Some(page) = &self.docs {
            write!(f, "\n    more: {page}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_survives_being_written_down() {
        let finding = Finding::new("NET-001", Severity::Blocks, "the port does not answer", "open the port")
            .evidence("nothing came back within 5 s")
            .turn(Turn::You)
            .docs("https://clickhouse.com/docs");
        let json = serde_json::to_string(&finding).unwrap();
        assert_eq!(serde_json::from_str::<Finding>(&json).unwrap(), finding);
        assert!(json.contains(r#""version":1"#) && json.contains(r#""severity":"blocks""#), "{json}");
        assert!(finding.to_string().ends_with("\n    more: https://clickhouse.com/docs"));
    }

    #[test]
    fn severities_are_ordered_by_weight() {
        assert!(Severity::Info < Severity::Warning && Severity::Warning < Severity::Blocks);
    }
}
