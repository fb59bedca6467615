use serde::{Deserialize, Serialize};

use super::Ownership;
use crate::{Text, Turn};

/// What the vendor says of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Admission {
    /// The state in words common to all vendors.
    pub state: EntryState,
    /// Whose turn it is.
    pub turn: Turn,
    /// The vendor's own handle of the entry, where it has one.
    pub handle: Option<Text>,
    /// Whose entry it is.
    pub ownership: Ownership,
    /// The vendor's own word for the state.
    pub raw: Text,
}

impl Admission {
    /// An entry in `state`, said by the vendor as `raw`.
    #[must_use]
    pub fn new(state: EntryState, turn: Turn, ownership: Ownership, raw: impl Into<Text>) -> Self {
        Self { state, turn, handle: None, ownership, raw: raw.into() }
    }
}

/// Where a vendor's entry for an endpoint stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EntryState {
    /// There is none.
    Absent,
    /// The vendor has not looked yet; a refresh is needed.
    Unseen,
    /// It waits.
    Pending,
    /// The endpoint is served.
    Served,
    /// The entry is there but has no effect any more.
    Inert,
    /// The vendor refused.
    Refused {
        /// Whether only a new endpoint helps.
        recreate: bool,
    },
}
