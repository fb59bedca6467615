//! What this process remembers between two looks at the same thing, so that waiting is an
//! outcome and not a sleep. Nothing here is needed to resume: without a note, the world is read.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// How long a thing of ours may stay invisible after it was made: EC2 is eventually consistent.
/// Source: EC2 API reference, "Eventual consistency", read 2026-11-21; the length is ours.
pub(crate) const CONSISTENCY: Duration = Duration::from_secs(60);

/// More notes than one run takes; beyond it the oldest births are forgotten.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Notes {
    born: Mutex<HashMap<String, SystemTime>>,
    changes: Mutex<HashMap<String, String>>,
}

impl Notes {
    /// Notes that `thing` was made at `now`.
    pub(crate) fn made(&self, thing: &str, now: SystemTime) {
        let mut born = self.born.lock().unwrap_or_else(PoisonError::into_inner);
        if born.len() >= MOST {
            born.retain(|_, at| now.duration_since(*at).is_ok_and(|age| age <= CONSISTENCY));
        }
        born.insert(thing.to_owned(), now);
    }

    /// Whether `thing` was made so recently that it may not be visible yet.
    pub(crate) fn is_fresh(&self, thing: &str, now: SystemTime) -> bool {
        let born = self.born.lock().unwrap_or_else(PoisonError::into_inner);
        born.get(thing).is_some_and(|at| now.duration_since(*at).map_or(true, |age| age <= CONSISTENCY))
    }

    /// Since when `thing` is known: since the first time this was asked.
    pub(crate) fn since(&self, thing: &str, now: SystemTime) -> SystemTime {
        if let Some(at) = self.born.lock().unwrap_or_else(PoisonError::into_inner).get(thing) {
            return *at;
        }
        self.made(thing, now);
        now
    }

    /// Notes that a change of `thing` is on its way.
    pub(crate) fn changing(&self, thing: &str, change: &str) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.insert(thing.to_owned(), change.to_owned());
    }

    /// The change of `thing` that is on its way.
    pub(crate) fn change_of(&self, thing: &str) -> Option<String> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).get(thing).cloned()
    }

    /// Forgets the change of `thing`.
    pub(crate) fn changed(&self, thing: &str) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).remove(thing);
    }
}
