//! Changing a shared list by deltas: read first, send only the difference, and read again when
//! the answer does not say whether it worked.
//!
//! Nobody has documented what the vendor does with an addition that is already there or a
//! removal of what is not, so neither is ever sent on purpose; and when another writer makes
//! either happen in between, or an answer is lost, the list itself says how it ended.

use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};

use privlink_core::{Error, ErrorKind, Patch, Result};
use serde::Serialize;

use crate::Client;

/// How often a patch is sent at most, when answers get lost or others write at the same time.
const MOST_ROUNDS: u32 = 4;

/// How often the list is read at most, until an acknowledged change shows.
const MOST_LOOKS: u32 = 3;

/// An item of a list at the vendor.
pub(crate) trait Listed: Clone + fmt::Display + Send + Sync {
    type Key: Eq + Hash;

    /// What two items share when they are the same entry, however they are spelled.
    fn key(&self) -> Self::Key;
}

/// An item that equals another when both are the same entry.
#[derive(Clone, Debug)]
pub(crate) struct Entry<T>(pub(crate) T);

/// What to add to a list, and what to remove.
pub(crate) type Delta<T> = Patch<Entry<T>>;

/// A delta: no item in both halves, none twice.
pub(crate) fn delta<T: Listed>(
    add: impl IntoIterator<Item = T>,
    remove: impl IntoIterator<Item = T>,
) -> Result<Delta<T>> {
    Ok(Patch::of(add.into_iter().map(Entry), remove.into_iter().map(Entry))?)
}

/// A list at the vendor that is changed by deltas.
pub(crate) trait DeltaList: Send + Sync {
    type Item: Listed;

    /// The list as it is now.
    fn look(&self) -> impl Future<Output = Result<Vec<Self::Item>>> + Send;

    /// Sends the delta; the list afterwards, where the answer holds it.
    fn send(&self, delta: &Delta<Self::Item>) -> impl Future<Output = Result<Option<Vec<Self::Item>>>> + Send;

    /// Whether the vendor acknowledged this very change a moment ago.
    fn acknowledged(&self, delta: &Delta<Self::Item>) -> bool {
        let _ = delta;
        false
    }

    fn client(&self) -> &Client;
}

/// What a patch came to, item by item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PatchOutcome<T> {
    /// Added by this call.
    pub added: Vec<T>,
    /// Removed by this call.
    pub removed: Vec<T>,
    /// Wanted, and there already.
    pub already_there: Vec<T>,
    /// Unwanted, and not there.
    pub already_gone: Vec<T>,
    /// Whether the list was seen as wanted. `false` when the vendor acknowledged the change but
    /// its list does not show it yet.
    pub visible: bool,
}

impl<T> PatchOutcome<T> {
    /// Nothing was asked for.
    pub(crate) fn nothing() -> Self {
        Self {
            added: Vec::new(),
            removed: Vec::new(),
            already_there: Vec::new(),
            already_gone: Vec::new(),
            visible: true,
        }
    }

    /// Whether this call changed anything; when not, nothing was sent.
    #[must_use]
    pub fn changed(&self) -> bool {
        !self.added.is_empty() || !self.removed.is_empty()
    }
}

/// Brings the list to what `wanted` says, sending as little and as seldom as possible.
pub(crate) async fn converge<L: DeltaList>(list: &L, wanted: &Delta<L::Item>) -> Result<PatchOutcome<L::Item>> {
    let mut outcome = PatchOutcome::nothing();
    // The delta that failed last, and how.
    let mut last: Option<(Delta<L::Item>, Error)> = None;
    for round in 0..=MOST_ROUNDS {
        let left = wanted.against(&entries(list.look().await?));
        match &last {
            None => {
                outcome.already_there = settled(wanted.additions(), left.additions());
                outcome.already_gone = settled(wanted.removals(), left.removals());
            }
            Some((sent, error)) if lost(error) => {
                outcome.added.extend(settled(sent.additions(), left.additions()));
                outcome.removed.extend(settled(sent.removals(), left.removals()));
            }
            // Refused, but only because an earlier call of ours is already on its way.
            Some((sent, _)) if *sent == left && list.acknowledged(&left) => {
                outcome.already_there.extend(settled(left.additions(), &[]));
                outcome.already_gone.extend(settled(left.removals(), &[]));
                outcome.visible = false;
                return Ok(outcome);
            }
            // Refused for good: the list has not moved.
            Some((sent, error)) if *sent == left => return Err(error.clone()),
            // Refused, because somebody else was faster with a part of it.
            Some((sent, _)) => {
                outcome.already_there.extend(settled(sent.additions(), left.additions()));
                outcome.already_gone.extend(settled(sent.removals(), left.removals()));
            }
        }
        if left.is_empty() {
            return Ok(outcome);
        }
        if round == MOST_ROUNDS {
            break;
        }
        match list.send(&left).await {
            Ok(answered) => {
                outcome.visible = shows(list, answered, wanted).await;
                outcome.added.extend(settled(left.additions(), &[]));
                outcome.removed.extend(settled(left.removals(), &[]));
                return Ok(outcome);
            }
            Err(error) if worth_a_look(&error) => {
                if lost(&error) {
                    // What was lost may still be under way.
                    pause(list.client()).await;
                }
                last = Some((left, error));
            }
            Err(error) => return Err(error),
        }
    }
    Err(last.map_or_else(|| Error::new(ErrorKind::OutcomeUnknown, "the list keeps changing"), |(_, error)| error))
}

/// Whether the list, as answered or read, is as wanted by now. The change is made: that it
/// cannot be looked at does not unmake it.
async fn shows<L: DeltaList>(list: &L, answered: Option<Vec<L::Item>>, wanted: &Delta<L::Item>) -> bool {
    if answered.is_some_and(|now| wanted.against(&entries(now)).is_empty()) {
        return true;
    }
    for look in 0..MOST_LOOKS {
        if look > 0 {
            pause(list.client()).await;
        }
        match list.look().await.map(|now| wanted.against(&entries(now)).is_empty()) {
            Ok(true) => return true,
            Ok(false) => {}
            Err(_) => return false,
        }
    }
    false
}

fn entries<T>(items: Vec<T>) -> Vec<Entry<T>> {
    items.into_iter().map(Entry).collect()
}

/// Those of `all` that are not `left`.
fn settled<T: Listed>(all: &[Entry<T>], left: &[Entry<T>]) -> Vec<T> {
    all.iter().filter(|entry| !left.contains(entry)).map(|entry| entry.0.clone()).collect()
}

/// Whether the write may have happened although it failed.
pub(crate) fn lost(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::Timeout | ErrorKind::Unavailable)
}

/// Whether the list may say more about a failed write than its answer.
pub(crate) fn worth_a_look(error: &Error) -> bool {
    lost(error) || error.kind() == ErrorKind::Conflict || error.http_status() == Some(400)
}

async fn pause(client: &Client) {
    client.clock().sleep(client.facts().polling.first).await;
}

impl<T: Listed> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.key() == other.0.key()
    }
}

impl<T: Listed> Eq for Entry<T> {}

impl<T: Listed> Hash for Entry<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key().hash(state);
    }
}

impl<T: fmt::Display> fmt::Display for Entry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
