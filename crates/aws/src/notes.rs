//! What this process remembers between two looks at the same thing. Nothing here is needed to go on
//! in another process: what a run made is in its [`Exchange`](privlink_core::side::Exchange), what a
//! step waits for is in its [`Outcome`](privlink_core::side::Outcome). A note spares a wait.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// How long a thing of ours may stay invisible after it was made: EC2 is eventually consistent.
/// Source: EC2 API reference, "Eventual consistency", read 2026-11-21; the length is ours.
pub(crate) const CONSISTENCY: Duration = Duration::from_secs(60);

/// More notes than one run takes; beyond it the oldest births and all arrivals are forgotten.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Notes {
    born: Mutex<HashMap<String, SystemTime>>,
    arrived: Mutex<HashSet<String>>,
}

impl Notes {
    /// Notes that `thing` was made at `now`.
    pub(crate) fn made(&self, thing: &str, now: SystemTime) {
        let mut born = self.born.lock().unwrap_or_else(PoisonError::into_inner);
        if born.len() >= MOST {
            born.retain(|_, at| is_young(*at, now));
        }
        born.insert(thing.to_owned(), now);
    }

    /// Whether `thing` was made so recently that it may not be visible yet.
    pub(crate) fn is_fresh(&self, thing: &str, now: SystemTime) -> bool {
        let born = self.born.lock().unwrap_or_else(PoisonError::into_inner);
        born.get(thing).is_some_and(|at| is_young(*at, now))
    }

    /// Since when `thing` is known to this process: since the first time this was asked.
    pub(crate) fn since(&self, thing: &str, now: SystemTime) -> SystemTime {
        if let Some(at) = self.born.lock().unwrap_or_else(PoisonError::into_inner).get(thing) {
            return *at;
        }
        self.made(thing, now);
        now
    }

    /// Notes that what `thing` says now is on all servers.
    pub(crate) fn arrived(&self, thing: &str) {
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        if arrived.len() >= MOST {
            arrived.clear();
        }
        arrived.insert(thing.to_owned());
    }

    /// Whether what `thing` says is known to be on all servers.
    pub(crate) fn has_arrived(&self, thing: &str) -> bool {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner).contains(thing)
    }

    /// Forgets that `thing` had arrived: it is changed.
    pub(crate) fn changes(&self, thing: &str) {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner).remove(thing);
    }
}

/// Whether what was made at `at` may still be invisible at `now`.
pub(crate) fn is_young(at: SystemTime, now: SystemTime) -> bool {
    now.duration_since(at).map_or(true, |age| age <= CONSISTENCY)
}
