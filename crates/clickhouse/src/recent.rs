//! Writes the vendor has acknowledged a moment ago, so that a list that lags behind is not
//! taken for a write that never happened.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use uuid::Uuid;

/// Remembers for a while which changes of allow lists and registers were acknowledged, by the
/// service or organization the list is of. Only an optimisation: forgotten notes cost one more
/// request, never a wrong answer.
pub(crate) struct RecentWrites {
    keep: Duration,
    notes: Mutex<HashMap<(Uuid, String, bool), SystemTime>>,
}

impl RecentWrites {
    pub(crate) fn new(keep: Duration) -> Self {
        Self { keep, notes: Mutex::default() }
    }

    /// Notes that `id` was just added (`present`) or removed.
    pub(crate) fn note(&self, list: Uuid, id: &str, present: bool, now: SystemTime) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.retain(|_, at| fresh(*at, now, self.keep));
        notes.remove(&(list, id.to_owned(), !present));
        notes.insert((list, id.to_owned(), present), now);
    }

    /// Whether that was noted lately.
    pub(crate) fn holds(&self, list: Uuid, id: &str, present: bool, now: SystemTime) -> bool {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(&(list, id.to_owned(), present)).is_some_and(|at| fresh(*at, now, self.keep))
    }

    /// Forgets what was noted of `id`: the list has caught up, or the note was wrong.
    pub(crate) fn forget(&self, list: Uuid, id: &str) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.remove(&(list, id.to_owned(), true));
        notes.remove(&(list, id.to_owned(), false));
    }
}

impl fmt::Debug for RecentWrites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecentWrites")
    }
}

fn fresh(at: SystemTime, now: SystemTime, keep: Duration) -> bool {
    now.duration_since(at).is_ok_and(|age| age <= keep)
}
