//! What this process remembers between two looks at the same thing, so that waiting is an
//! outcome and not a sleep. Nothing here is needed to resume: without a note, the world is read.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::lro::OperationHandle;

/// More notes than one run takes; beyond it they are forgotten.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Notes {
    under_way: Mutex<HashMap<String, OperationHandle>>,
}

impl Notes {
    /// Notes the operation that was begun on `thing`.
    pub(crate) fn begun(&self, thing: &str, handle: &OperationHandle) {
        let mut all = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(thing.to_ascii_lowercase(), handle.clone());
    }

    /// The operation on `thing` that this process began.
    pub(crate) fn of(&self, thing: &str) -> Option<OperationHandle> {
        let all = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&thing.to_ascii_lowercase()).cloned()
    }

    /// Forgets the operation on `thing`.
    pub(crate) fn over(&self, thing: &str) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&thing.to_ascii_lowercase());
    }
}
