use std::collections::BTreeSet;

use super::Datum;
use crate::side::Slot;

/// A part of a bash script: a text that stands in the source, and the values it works on.
///
/// It runs under `set -euo pipefail`, may find everything done already, and has at hand the functions
/// `die` (says why on standard error, and ends the script) and `note` (tells progress on standard error).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Script {
    /// The programs it runs: `aws`, `jq`.
    pub programs: BTreeSet<&'static str>,
    /// The variables of the environment it takes, for secrets and for where a server is.
    pub environment: Vec<Environment>,
    /// Functions it calls, each a whole definition; one that several parts call is written once.
    pub functions: Vec<&'static str>,
    /// Variables that are set before it runs.
    pub values: Vec<(&'static str, Word)>,
    /// The text.
    pub body: &'static str,
    /// What it brings, and the variable that it leaves it in.
    pub gives: Vec<(Datum, &'static str)>,
}

impl Script {
    /// A part that runs `body`.
    #[must_use]
    pub fn new(body: &'static str) -> Self {
        Self { body, ..Self::default() }
    }

    /// Adds programs it runs.
    #[must_use]
    pub fn programs(mut self, programs: impl IntoIterator<Item = &'static str>) -> Self {
        self.programs.extend(programs);
        self
    }

    /// Adds a variable of the environment.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment.push(environment);
        self
    }

    /// Adds a function, a whole definition.
    #[must_use]
    pub fn function(mut self, definition: &'static str) -> Self {
        self.functions.push(definition);
        self
    }

    /// Sets a variable to a text.
    #[must_use]
    pub fn text(mut self, variable: &'static str, text: impl Into<String>) -> Self {
        self.values.push((variable, Word::Text(text.into())));
        self
    }

    /// Sets a variable to a JSON document.
    #[must_use]
    pub fn json(self, variable: &'static str, json: &serde_json::Value) -> Self {
        self.text(variable, json.to_string())
    }

    /// Sets an array to texts.
    #[must_use]
    pub fn list<T: Into<String>>(mut self, variable: &'static str, texts: impl IntoIterator<Item = T>) -> Self {
        self.values.push((variable, Word::List(texts.into_iter().map(Into::into).collect())));
        self
    }

    /// Sets a variable to what another step brings.
    #[must_use]
    pub fn takes(mut self, variable: &'static str, slot: &Slot, datum: Datum) -> Self {
        self.values.push((variable, Word::Datum(slot.clone(), datum)));
        self
    }

    /// Says what it brings, and the variable that it leaves it in.
    #[must_use]
    pub fn gives(mut self, datum: Datum, variable: &'static str) -> Self {
        self.gives.push((datum, variable));
        self
    }
}

/// A variable of the environment that a script takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Environment {
    /// Its name: `CLICKHOUSE_KEY_SECRET`.
    pub name: &'static str,
    /// What it is, in words.
    pub what: &'static str,
    /// What it is where it is not set; without one the script ends.
    pub default: Option<&'static str>,
}

impl Environment {
    /// One that has to be set.
    #[must_use]
    pub const fn required(name: &'static str, what: &'static str) -> Self {
        Self { name, what, default: None }
    }

    /// One that may be set.
    #[must_use]
    pub const fn optional(name: &'static str, what: &'static str, default: &'static str) -> Self {
        Self { name, what, default: Some(default) }
    }
}

/// What a variable of a script is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Word {
    /// This text, whatever is in it.
    Text(String),
    /// These texts, as an array.
    List(Vec<String>),
    /// What another step brings.
    Datum(Slot, Datum),
}
