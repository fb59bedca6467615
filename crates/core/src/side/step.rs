use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::ownership::digest;
use super::{Fact, Slot, TouchKey, seconds};
use crate::printable::printable;
use crate::{Error, Finding, Result, Severity, Text, Turn};

/// The stable name of a side: `clickhouse`, `aws`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SideId(Text);

impl SideId {
    /// A side of this name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(Text::Borrowed(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SideId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The identity of a step: a digest of what it touches and its verb. Equal ids of several
/// links are one step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StepId(String);

impl StepId {
    /// The id as text: 16 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Read back from a plan, which anybody may have written.
impl TryFrom<String> for StepId {
    type Error = &'static str;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        match text.len() == 16 && text.bytes().all(is_digit) {
            true => Ok(Self(text)),
            false => Err("the id of a step has 16 hex digits"),
        }
    }
}

impl From<StepId> for String {
    fn from(id: StepId) -> Self {
        id.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The typed parameters of one kind of step, and its verb.
///
/// No secrets, and nothing that is known only after another step: that is read from the
/// [`Exchange`](super::Exchange) when the step is performed.
pub trait StepKind: Serialize + DeserializeOwned {
    /// The verb, with the side in front: `aws.endpoint`.
    const VERB: &'static str;
}

/// One thing to do: plain data that any program can read, store and hand to
/// [`Side::perform`](super::Side::perform).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// Digest of key and verb.
    pub id: StepId,
    /// What it touches; one writer a key.
    pub key: TouchKey,
    /// The side that performs it.
    pub side: SideId,
    /// What kind of step: `aws.endpoint`.
    pub verb: Text,
    /// The endpoint service it belongs to; `None` for all.
    pub slot: Option<Slot>,
    /// What is done, in words: `create VPC endpoint`.
    pub what: Text,
    /// The thing it touches, in words, for where that stays after all: `VPC endpoint
    /// vpce-0a1b2c3d4e5f67890`; empty when the key has to say it.
    #[serde(default)]
    pub thing: Text,
    /// Where: the account, the network, the service.
    pub place: Text,
    /// Why it is needed.
    pub why: Text,
    /// The parameters, typed by a [`StepKind`].
    pub params: serde_json::Value,
    /// What must be there for the step to be right.
    pub expects: Expects,
    /// The facts that must hold before.
    pub needs: BTreeSet<Fact>,
    /// The facts that hold after.
    pub gives: BTreeSet<Fact>,
    /// The facts that cease to hold when it starts.
    pub drops: BTreeSet<Fact>,
    /// Whether anything is left to do.
    pub state: StepState,
    /// What undoing means.
    pub undo: Undo,
    /// Side effects worth a question.
    pub effects: BTreeSet<Effect>,
    /// Whose turn it is while it waits.
    pub turn: Turn,
    /// Whether it only looks until [whose turn it is](Self::turn) has acted, and brings nothing about itself. Any other
    /// step that is to do is the turn of whoever applies the plan.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_waits: bool,
    /// The least permissions it takes.
    pub grants: Vec<Grant>,
    /// How long it usually takes.
    #[serde(with = "seconds")]
    pub usual: Duration,
    /// How long it may take before it counts as stuck.
    #[serde(with = "seconds")]
    pub at_most: Duration,
}

impl Step {
    /// A step of `side` on `key`, still to do, that needs nothing and gives nothing.
    ///
    /// `kind` holds the parameters; `what` says it in words.
    #[must_use]
    pub fn new<K: StepKind>(side: SideId, key: TouchKey, kind: &K, what: impl Into<Text>) -> Self {
        Self {
            id: StepId(digest(&format!("{key}|{}", K::VERB))),
            key,
            side,
            verb: K::VERB.into(),
            slot: None,
            what: printable(what),
            thing: Text::default(),
            place: Text::default(),
            why: Text::default(),
            // A map with non-string keys is the only way this fails; the error then shows up in `kind`.
            params: serde_json::to_value(kind).unwrap_or_default(),
            expects: Expects::Anything,
            needs: BTreeSet::new(),
            gives: BTreeSet::new(),
            drops: BTreeSet::new(),
            state: StepState::ToDo,
            undo: Undo::Clean,
            effects: BTreeSet::new(),
            turn: Turn::Nobody,
            only_waits: false,
            grants: Vec::new(),
            usual: Duration::from_secs(1),
            at_most: Duration::from_secs(600),
        }
    }

    /// The typed parameters.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the step is of another
    /// kind or its parameters do not fit, as in a plan written by another version.
    pub fn kind<K: StepKind>(&self) -> Result<K> {
        if self.verb != K::VERB {
            return Err(Error::invalid(format!("step `{}` is not a `{}`", self.verb, K::VERB)));
        }
        serde_json::from_value(self.params.clone()).map_err(|error| {
            Error::invalid(format!("the parameters of step `{}` do not fit", self.verb)).with_source(error)
        })
    }

    /// The finding that this is not what its side would do now: somebody changed the step since it
    /// was planned, or the world has moved. `seen` says what differs.
    #[must_use]
    pub fn altered(&self, seen: impl Into<Text>) -> Finding {
        Finding::new(
            "LINK-010",
            Severity::Blocks,
            format!("`{}` is not what the link would do now: the plan was changed, or the world has moved", self.verb),
            "read the new plan and apply it; whoever changed the plan meant to change the link",
        )
        .evidence(seen)
    }

    /// Binds it to one endpoint service.
    #[must_use]
    pub fn slot(mut self, slot: Slot) -> Self {
        self.slot = Some(slot);
        self
    }

    /// Says in words what it touches.
    #[must_use]
    pub fn thing(mut self, thing: impl Into<Text>) -> Self {
        self.thing = printable(thing);
        self
    }

    /// Says where it happens.
    #[must_use]
    pub fn place(mut self, place: impl Into<Text>) -> Self {
        self.place = printable(place);
        self
    }

    /// Says why.
    #[must_use]
    pub fn why(mut self, why: impl Into<Text>) -> Self {
        self.why = printable(why);
        self
    }

    /// Adds facts that must hold before.
    #[must_use]
    pub fn needs(mut self, facts: impl IntoIterator<Item = Fact>) -> Self {
        self.needs.extend(facts);
        self
    }

    /// Adds facts that hold after.
    #[must_use]
    pub fn gives(mut self, facts: impl IntoIterator<Item = Fact>) -> Self {
        self.gives.extend(facts);
        self
    }

    /// Adds facts that cease to hold when it starts.
    #[must_use]
    pub fn drops(mut self, facts: impl IntoIterator<Item = Fact>) -> Self {
        self.drops.extend(facts);
        self
    }

    /// Sets what must be there for the step to be right.
    #[must_use]
    pub fn expects(mut self, expects: Expects) -> Self {
        self.expects = expects;
        self
    }

    /// Sets whether anything is left to do.
    #[must_use]
    pub fn state(mut self, state: StepState) -> Self {
        self.state = state;
        self
    }

    /// Sets what undoing means.
    #[must_use]
    pub fn undo(mut self, undo: Undo) -> Self {
        self.undo = undo;
        self
    }

    /// Adds side effects.
    #[must_use]
    pub fn effects(mut self, effects: impl IntoIterator<Item = Effect>) -> Self {
        self.effects.extend(effects);
        self
    }

    /// Sets whose turn it is while it waits.
    #[must_use]
    pub fn turn(mut self, turn: Turn) -> Self {
        self.turn = turn;
        self
    }

    /// Says that it brings nothing about itself, and only looks until `turn` has acted.
    #[must_use]
    pub fn waits_for(mut self, turn: Turn) -> Self {
        self.turn = turn;
        self.only_waits = true;
        self
    }

    /// Adds permissions it takes.
    #[must_use]
    pub fn grants(mut self, grants: impl IntoIterator<Item = Grant>) -> Self {
        self.grants.extend(grants);
        self
    }

    /// Sets how long it usually takes and how long it may take.
    #[must_use]
    pub fn takes(mut self, usual: Duration, at_most: Duration) -> Self {
        self.usual = usual;
        self.at_most = at_most;
        self
    }
}

/// What must be there for a step to be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Expects {
    /// Whatever is there.
    Anything,
    /// Nothing is there yet.
    Absent,
    /// Exactly this value is there; delete only if it still is.
    Value(Text),
}

/// Whether anything is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepState {
    /// Yes.
    ToDo,
    /// No.
    AlreadyDone,
    /// It cannot be judged before a fact is known.
    Undecided,
    /// A person has to do it; the step only watches.
    Manual,
    /// Nothing shows whether it is done, as of a list that nobody can read; so it is done once more.
    Unseen,
}

impl fmt::Display for StepState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ToDo => "to do",
            Self::AlreadyDone => "done already",
            Self::Undecided => "decided later",
            Self::Manual => "by hand",
            Self::Unseen => "once more",
        })
    }
}

/// What undoing a step means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Undo {
    /// It leaves nothing behind.
    Clean,
    /// It can be taken away and added again.
    ReAddable,
    /// Taken away it never comes back under the same id.
    Final,
    /// It cannot be undone.
    Impossible,
    /// It is shared, so it stays.
    KeptShared,
}

impl Undo {
    /// What a person has to know of it, in words: `taken away, it never comes back under the same id`; `None` where it
    /// can be undone and done again.
    #[must_use]
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::Clean | Self::ReAddable => None,
            Self::Final => Some("taken away, it never comes back under the same id"),
            Self::Impossible => Some("cannot be undone"),
            Self::KeptShared => Some("shared: stays on removal"),
        }
    }
}

/// A side effect worth a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// Public access closes.
    ClosesPublic,
    /// Public access opens.
    OpensPublic,
    /// Traffic is cut for a moment or for good.
    CutsTraffic,
    /// Public names are hidden from the network.
    ShadowsNames,
    /// It costs money while it exists.
    Costs,
    /// The vendor is asked to look again.
    Refreshes,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ClosesPublic => "closes public access",
            Self::OpensPublic => "opens public access",
            Self::CutsTraffic => "cuts traffic",
            Self::ShadowsNames => "hides public names from the network",
            Self::Costs => "costs while it exists",
            Self::Refreshes => "asks the vendor to look again",
        })
    }
}

/// A permission that a step takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Grant {
    /// Who grants it: `AWS IAM`, `ClickHouse Cloud`.
    pub system: Text,
    /// The action or permission: `ec2:CreateVpcEndpoint`.
    pub action: Text,
    /// On what; `*` where it cannot be narrowed.
    pub resource: Text,
}

impl Grant {
    /// A permission.
    #[must_use]
    pub fn new(system: impl Into<Text>, action: impl Into<Text>, resource: impl Into<Text>) -> Self {
        Self { system: system.into(), action: action.into(), resource: resource.into() }
    }
}

/// `AWS IAM: ec2:CreateVpcEndpoint on *`.
impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} on {}", self.system, self.action, self.resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_step_is_a_digest_wherever_it_was_read() {
        let id = StepId(digest("a step"));
        let text = serde_json::to_string(&id).unwrap();
        assert_eq!(text, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<StepId>(&text).unwrap(), id);
        for other in ["", "0123456789abcde", "0123456789ABCDEF", "x[$(touch canary)]", "0123456789abcdeé"] {
            assert!(StepId::try_from(other.to_owned()).is_err(), "{other}");
        }
    }
}
