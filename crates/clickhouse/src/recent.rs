//! Writes the vendor has acknowledged a moment ago, so that a list that lags behind is not
//! taken for a write that never happened.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use uuid::Uuid;

/// Remembers for a while which changes of allow lists and registers were acknowledged, by the
/// service or organization the list is of. A note that is forgotten costs one more request; one that
/// outlives its list's catching up is marked, so that what somebody else does later is not taken for it.
pub(crate) struct RecentWrites {
    keep: Duration,
    notes: Mutex<HashMap<(Uuid, String, bool), Note>>,
}

struct Note {
    at: SystemTime,
    /// Whether the list has shown it since.
    shown: bool,
}

impl RecentWrites {
    pub(crate) fn new(keep: Duration) -> Self {
        Self { keep, notes: Mutex::default() }
    }

    /// Notes that `id` was just added (`present`) or removed.
    pub(crate) fn note(&self, list: Uuid, id: &str, present: bool, now: SystemTime) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.retain(|_, note| note.is_fresh(now, self.keep));
        notes.remove(&(list, id.to_owned(), !present));
        notes.insert((list, id.to_owned(), present), Note { at: now, shown: false });
    }

    /// Whether that was noted lately, and the list itself has not shown it since.
    pub(crate) fn awaits(&self, list: Uuid, id: &str, present: bool, now: SystemTime) -> bool {
        self.find(list, id, present, now, |note| !note.shown)
    }

    /// Whether that was noted lately; for lists that are copies, and lag behind by themselves.
    pub(crate) fn holds(&self, list: Uuid, id: &str, present: bool, now: SystemTime) -> bool {
        self.find(list, id, present, now, |_| true)
    }

    /// Takes in what the list itself holds by now.
    pub(crate) fn shown<'a>(&self, list: Uuid, entries: impl Iterator<Item = &'a str>) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.is_empty() {
            return;
        }
        let entries: Vec<_> = entries.collect();
        for ((of, id, present), note) in &mut *notes {
            if *of == list && entries.iter().any(|entry| entry.eq_ignore_ascii_case(id)) == *present {
                note.shown = true;
            }
        }
    }

    fn find(&self, list: Uuid, id: &str, present: bool, now: SystemTime, fits: impl Fn(&Note) -> bool) -> bool {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(&(list, id.to_owned(), present)).is_some_and(|note| note.is_fresh(now, self.keep) && fits(note))
    }
}

impl Note {
    fn is_fresh(&self, now: SystemTime, keep: Duration) -> bool {
        now.duration_since(self.at).is_ok_and(|age| age <= keep)
    }
}

impl fmt::Debug for RecentWrites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecentWrites")
    }
}
