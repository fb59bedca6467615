//! Changing a shared list by deltas: read first, send only the difference, and read again when
//! the answer does not say whether it worked.
//!
//! Nobody has documented what the vendor does with an addition that is already there or a
//! removal of what is not, so neither is ever sent on purpose; and when another writer makes
//! either happen in between, or an answer is lost, the list itself says how it ended.

use std::fmt;
use std::future::Future;

use privlink_core::{Error, ErrorKind, Result};

use crate::Client;

/// How often a patch is sent at most, when answers get lost or others write at the same time.
const MOST_ROUNDS: u32 = 4;

/// How often the list is read at most, until an acknowledged change shows.
const MOST_LOOKS: u32 = 3;

/// What is still to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Delta<T> {
    pub(crate) remove: Vec<T>,
    pub(crate) add: Vec<T>,
}

impl<T> Delta<T> {
    pub(crate) fn is_empty(&self) -> bool {
        self.remove.is_empty() && self.add.is_empty()
    }
}

/// A list at the vendor that is changed by deltas.
pub(crate) trait DeltaList: Send + Sync {
    type Item: Clone + fmt::Display + Send + Sync;

    /// Whether two items are the same entry.
    fn same(one: &Self::Item, other: &Self::Item) -> bool;

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
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// Refuses an item that is both to be added and removed, and drops duplicates, keeping order.
pub(crate) fn tidy<T: Clone + fmt::Display>(add: &[T], remove: &[T], same: fn(&T, &T) -> bool) -> Result<Delta<T>> {
    if let Some(both) = add.iter().find(|item| remove.iter().any(|other| same(item, other))) {
        return Err(Error::invalid(format!("`{both}` is both to be added and to be removed")));
    }
    let unique = |items: &[T]| {
        let mut out: Vec<T> = Vec::with_capacity(items.len());
        for item in items {
            if !out.iter().any(|known| same(known, item)) {
                out.push(item.clone());
            }
        }
        out
    };
    Ok(Delta { remove: unique(remove), add: unique(add) })
}

/// Brings the list to what `wanted` says, sending as little and as seldom as possible.
pub(crate) async fn converge<L: DeltaList>(list: &L, wanted: &Delta<L::Item>) -> Result<PatchOutcome<L::Item>> {
    let mut outcome = PatchOutcome::nothing();
    let mut last: Option<(Delta<L::Item>, Error)> = None;
    for round in 1..=MOST_ROUNDS {
        let current = list.look().await?;
        let left = difference::<L>(&current, wanted);
        if let Some((sent, error)) = &last {
            if !left.is_empty() && same_delta::<L>(sent, &left) && !lost(error) {
                if list.acknowledged(&left) {
                    // Refused, but only because an earlier call of ours is already on its way.
                    outcome.already_there.extend(left.add);
                    outcome.already_gone.extend(left.remove);
                    outcome.visible = false;
                    return Ok(outcome);
                }
                return Err(error.clone());
            }
            settle::<L>(&mut outcome, sent, &left, lost(error));
        } else {
            outcome.already_there = without::<L>(&wanted.add, &left.add);
            outcome.already_gone = without::<L>(&wanted.remove, &left.remove);
        }
        if left.is_empty() {
            return Ok(outcome);
        }
        match list.send(&left).await {
            Ok(answered) => {
                outcome.visible = shows::<L>(list, answered, wanted).await?;
                outcome.added.extend(left.add);
                outcome.removed.extend(left.remove);
                return Ok(outcome);
            }
            Err(error) if round < MOST_ROUNDS && worth_a_look(&error) => {
                if lost(&error) {
                    // What was lost may still be under way.
                    pause(list.client()).await;
                }
                last = Some((left, error));
            }
            Err(error) => return Err(error),
        }
    }
    // The last round returns either way; this is for the compiler.
    Err(last.map_or_else(|| Error::new(ErrorKind::OutcomeUnknown, "the list keeps changing"), |(_, error)| error))
}

/// Whether the list, as answered or read, is as wanted by now.
async fn shows<L: DeltaList>(list: &L, answered: Option<Vec<L::Item>>, wanted: &Delta<L::Item>) -> Result<bool> {
    if answered.is_some_and(|now| difference::<L>(&now, wanted).is_empty()) {
        return Ok(true);
    }
    for look in 0..MOST_LOOKS {
        if look > 0 {
            pause(list.client()).await;
        }
        // The change is made; that it could not be looked at does not unmake it.
        match list.look().await {
            Ok(now) if difference::<L>(&now, wanted).is_empty() => return Ok(true),
            Ok(_) => {}
            Err(_) => return Ok(false),
        }
    }
    Ok(false)
}

/// The part of `wanted` that `current` does not show. Removals are spelled as the list has them.
pub(crate) fn difference<L: DeltaList>(current: &[L::Item], wanted: &Delta<L::Item>) -> Delta<L::Item> {
    let has = |item: &L::Item| current.iter().any(|known| L::same(known, item));
    Delta {
        add: wanted.add.iter().filter(|item| !has(item)).cloned().collect(),
        remove: current.iter().filter(|known| wanted.remove.iter().any(|item| L::same(known, item))).cloned().collect(),
    }
}

/// Books what is no longer missing since `sent`: to us when our answer was lost, else to others.
fn settle<L: DeltaList>(outcome: &mut PatchOutcome<L::Item>, sent: &Delta<L::Item>, left: &Delta<L::Item>, ours: bool) {
    let there = without::<L>(&sent.add, &left.add);
    let gone = without::<L>(&sent.remove, &left.remove);
    if ours {
        outcome.added.extend(there);
        outcome.removed.extend(gone);
    } else {
        outcome.already_there.extend(there);
        outcome.already_gone.extend(gone);
    }
}

fn without<L: DeltaList>(all: &[L::Item], except: &[L::Item]) -> Vec<L::Item> {
    all.iter().filter(|item| !except.iter().any(|other| L::same(item, other))).cloned().collect()
}

fn same_delta<L: DeltaList>(one: &Delta<L::Item>, other: &Delta<L::Item>) -> bool {
    let same = |one: &[L::Item], other: &[L::Item]| one.len() == other.len() && without::<L>(one, other).is_empty();
    same(&one.add, &other.add) && same(&one.remove, &other.remove)
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
