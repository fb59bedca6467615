//! What is known without asking: with its source and the day it was read.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Text;

/// A fact about somebody else's product, with where and when it was read.
///
/// Vendors change ports, names and regions without telling. A fact that carries its date can be
/// doubted, looked up again, and replaced by the caller.
///
/// ```
/// use privlink_core::Dated;
///
/// let ports = Dated::new(vec![8443, 9440], "the vendor's guide to AWS PrivateLink", "2026-08");
/// assert_eq!(*ports, [8443, 9440]);
/// assert_eq!(ports.provenance(), "the vendor's guide to AWS PrivateLink, read 2026-08");
///
/// let moved = Dated::by_caller(vec![9441]);
/// assert_eq!(moved.provenance(), "set by the caller");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Dated<T> {
    /// The fact.
    pub value: T,
    /// Where it was read; a page that can be found again.
    pub source: Text,
    /// When it was read: `2026-08` or `2026-08-25`. Empty for what the caller set.
    pub read: Text,
}

impl<T> Dated<T> {
    /// A fact read in `source` at the time `read`, written `2026-08` or `2026-08-25`.
    #[must_use]
    pub fn new(value: T, source: impl Into<Text>, read: impl Into<Text>) -> Self {
        Self { value, source: source.into(), read: read.into() }
    }

    /// What the caller says instead.
    #[must_use]
    pub fn by_caller(value: T) -> Self {
        Self::new(value, "set by the caller", "")
    }

    /// Another fact with the same source and date.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Dated<U> {
        Dated { value: change(self.value), source: self.source, read: self.read }
    }

    /// Where the fact comes from, in words.
    #[must_use]
    pub fn provenance(&self) -> String {
        if self.read.is_empty() { self.source.to_string() } else { format!("{}, read {}", self.source, self.read) }
    }
}

impl<T> std::ops::Deref for Dated<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Display> fmt::Display for Dated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.value, self.provenance())
    }
}
