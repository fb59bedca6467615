//! What this process remembers between two looks at the same thing, so that waiting is an
//! outcome and not a sleep. Nothing here is needed to resume: without a note, the world is read.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// How long a thing may look as before though its operation has ended well.
/// Source: none; Compute Engine promises nothing. The length is ours.
pub(crate) const CONSISTENCY: Duration = Duration::from_secs(60);

/// More notes than one run takes; beyond it the oldest things noted are of no run any more.
const MOST: usize = 10_000;

/// What was begun, by the thing it changes.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    begun: Mutex<HashMap<String, (Begun, SystemTime)>>,
}

/// A change of ours that may still be under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Google's operation or change to ask about.
    Known(String),
    /// The answer was lost: only the thing itself tells.
    Unknown,
}

impl Notes {
    /// Notes that a change of `thing` was begun at `now`.
    pub(crate) fn begun(&self, thing: &str, what: Begun, now: SystemTime) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.len() >= MOST {
            begun.retain(|_, (_, at)| is_young(*at, now));
        }
        begun.insert(thing.to_owned(), (what, now));
    }

    /// The change of `thing` that was begun and not seen ending.
    pub(crate) fn of(&self, thing: &str) -> Option<Begun> {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.get(thing).map(|(what, _)| what.clone())
    }

    /// Whether the change of `thing` was begun so recently that it may not show yet.
    pub(crate) fn is_fresh(&self, thing: &str, now: SystemTime) -> bool {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.get(thing).is_some_and(|(_, at)| is_young(*at, now))
    }

    /// Forgets the change of `thing`; whether there was one.
    pub(crate) fn ended(&self, thing: &str) -> bool {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).remove(thing).is_some()
    }
}

fn is_young(at: SystemTime, now: SystemTime) -> bool {
    now.duration_since(at).map_or(true, |age| age <= CONSISTENCY)
}
