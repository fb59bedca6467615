//! What sides contribute to a hand-over: the same steps as text for people who do them with other tools.
//!
//! Many teams may not create cloud resources from a program. They hand files to a platform team, or
//! keep everything in Terraform. A [`Side`](crate::side::Side) therefore says of each of its
//! [`Step`](crate::side::Step)s what it is in a [`Format`]: a [`Fragment`]. The workflow, which knows
//! no side, puts the fragments of a plan in order and into files; see `Link::render` of the crate `privlink`.
//!
//! # Nothing from outside is text
//! A fragment never holds text that was put together from outside values. A [`Script`] is a text that stands in
//! the source of its side, and values that the workflow quotes; a [`Block`] is a tree whose strings the
//! workflow's writer of HCL escapes. So a name with quotes, `$()` or `${}` in it stays a name.
//!
//! # What is known only later
//! An endpoint's id is known once there is one. A fragment names such a value, a [`Datum`], and says which
//! ones it gives itself; a shell variable or a reference between resources comes of it. What no fragment gives,
//! and nothing knows, becomes a variable that a person fills in.

mod block;
mod cost;
mod datum;
mod guidance;
mod script;

use std::fmt;

pub use block::{Block, Expr, Item, Provider, Resources};
pub use cost::{Cost, CostBasis};
pub use datum::{Datum, word};
pub use guidance::Guidance;
pub use script::{Environment, Script, Word};

use crate::Text;

/// What a plan can be rendered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Scripts for bash, with the clouds' and vendors' own command lines, or `curl` and `jq`: safe to
    /// run again, and waiting where waiting is due.
    Shell,
    /// Terraform, in its own language.
    Terraform,
    /// A template of AWS CloudFormation, in YAML and in JSON, for the part of the link that is in AWS.
    CloudFormation,
    /// Bicep, for the part of the link that is in Azure.
    Bicep,
    /// The least permissions that performing the plan takes: a policy of AWS, a custom role of Azure or Google
    /// Cloud, and a table of them all.
    Policy,
    /// A flow chart of Mermaid: what is where, and how far it has come.
    Mermaid,
    /// The same as a drawing that stands alone, for light and dark pages.
    Svg,
    /// A run-book in Markdown: each step with the way through the console, the command, who does it, how long it
    /// takes and the way back; then what the link costs.
    RunBook,
}

impl Format {
    /// Every format, those of one cloud included.
    pub const ALL: &'static [Self] = &[
        Self::Shell,
        Self::Terraform,
        Self::CloudFormation,
        Self::Bicep,
        Self::Policy,
        Self::Mermaid,
        Self::Svg,
        Self::RunBook,
    ];
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Shell => "shell",
            Self::Terraform => "terraform",
            Self::CloudFormation => "cloudformation",
            Self::Bicep => "bicep",
            Self::Policy => "policy",
            Self::Mermaid => "mermaid",
            Self::Svg => "svg",
            Self::RunBook => "runbook",
        })
    }
}

/// What one step is in one format.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fragment {
    /// A part of a script.
    Script(Script),
    /// Resources, in the words of the format.
    Resources(Resources),
    /// Lines that belong to what the step makes, in a picture: an endpoint's subnets. In Terraform, what a person does
    /// about a step that there is no resource for.
    Lines(Vec<String>),
    /// What a person has to know to do it.
    Guidance(Guidance),
}

/// A file that a side writes for a whole plan.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// Its name: `aws-policy.json`.
    pub name: Text,
    /// What is in it.
    pub text: String,
}

impl Document {
    /// A file.
    #[must_use]
    pub fn new(name: impl Into<Text>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}
