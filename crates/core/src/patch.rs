//! A change of a shared list: what to add and what to remove, and nothing else.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Error, ErrorKind};

/// A change of a list that others use too: entries to add, entries to remove.
///
/// What it holds true, however it was made:
///
/// - No entry is both added and removed. Vendors disagree about which of the two comes first,
///   and with either order such a patch would cut live traffic or do nothing.
/// - No entry is named twice.
/// - Both halves keep the order in which they were given.
///
/// Two entries are the same when they are equal: for Azure resource ids that is without regard
/// to case.
///
/// ```
/// use privlink_core::{Patch, VpcEndpointId};
///
/// let old: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
/// let new: VpcEndpointId = "vpce-0fedcba9876543210".parse()?;
///
/// let patch = Patch::new().add(new.clone())?.remove(old.clone())?;
/// assert_eq!(patch.additions(), [new.clone()]);
/// assert_eq!(patch.removals(), [old.clone()]);
///
/// // The list may have moved since: only what still differs is worth a request.
/// let current = [new.clone()];
/// assert!(patch.against(&current).is_empty());
///
/// // Or from a whole list to another one, whatever holds it.
/// let wanted = std::collections::HashSet::from([new.clone()]);
/// assert_eq!(Patch::between(&[old.clone()], &wanted), patch);
///
/// let refused = patch.add(old).unwrap_err();
/// assert_eq!(refused.to_string(), "`vpce-0a1b2c3d4e5f67890` is both to be added and to be removed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Patch<T> {
    add: Vec<T>,
    remove: Vec<T>,
}

impl<T> Patch<T> {
    /// A patch that changes nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { add: Vec::new(), remove: Vec::new() }
    }

    /// What to add, in order.
    #[must_use]
    pub fn additions(&self) -> &[T] {
        &self.add
    }

    /// What to remove, in order.
    #[must_use]
    pub fn removals(&self) -> &[T] {
        &self.remove
    }

    /// Whether it changes nothing; such a patch is never sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// How many entries it names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.add.len() + self.remove.len()
    }

    /// The additions and the removals.
    #[must_use]
    pub fn into_parts(self) -> (Vec<T>, Vec<T>) {
        (self.add, self.remove)
    }
}

impl<T: Eq + Hash> Patch<T> {
    /// A patch of these additions and removals; entries named twice count once.
    ///
    /// # Errors
    /// [`PatchError::InBoth`] when an entry is to be added and to be removed.
    pub fn of(add: impl IntoIterator<Item = T>, remove: impl IntoIterator<Item = T>) -> Result<Self, PatchError>
    where
        T: fmt::Display,
    {
        let (add, remove) = (distinct(add), distinct(remove));
        let removed: HashSet<&T> = remove.iter().collect();
        match add.iter().find(|entry| removed.contains(entry)) {
            Some(both) => Err(PatchError::in_both(both)),
            None => Ok(Self { add, remove }),
        }
    }

    /// Adds an entry as well. For many at once, [`Patch::of`] is faster.
    ///
    /// # Errors
    /// [`PatchError::InBoth`] when the entry is to be removed.
    #[expect(clippy::should_implement_trait, reason = "adding to a list can be refused, which `+` cannot say")]
    pub fn add(mut self, entry: T) -> Result<Self, PatchError>
    where
        T: fmt::Display,
    {
        if self.remove.contains(&entry) {
            return Err(PatchError::in_both(&entry));
        }
        if !self.add.contains(&entry) {
            self.add.push(entry);
        }
        Ok(self)
    }

    /// Removes an entry as well. For many at once, [`Patch::of`] is faster.
    ///
    /// # Errors
    /// [`PatchError::InBoth`] when the entry is to be added.
    pub fn remove(mut self, entry: T) -> Result<Self, PatchError>
    where
        T: fmt::Display,
    {
        if self.add.contains(&entry) {
            return Err(PatchError::in_both(&entry));
        }
        if !self.remove.contains(&entry) {
            self.remove.push(entry);
        }
        Ok(self)
    }
}

impl<T: Clone + Eq + Hash> Patch<T> {
    /// The smallest patch that turns the list `current` into the list `desired`: slices, vectors, sets, or
    /// iterators over references.
    ///
    /// The order of a list means nothing to those who keep one: two lists with the same entries
    /// need no patch. This owns the whole list; to change only entries of one's own, name them.
    #[must_use]
    pub fn between<'a>(current: impl IntoIterator<Item = &'a T>, desired: impl IntoIterator<Item = &'a T>) -> Self
    where
        T: 'a,
    {
        let (current, desired): (Vec<&T>, Vec<&T>) = (distinct(current), distinct(desired));
        let (have, want): (HashSet<&T>, HashSet<&T>) =
            (current.iter().copied().collect(), desired.iter().copied().collect());
        Self {
            add: desired.into_iter().filter(|entry| !have.contains(entry)).cloned().collect(),
            remove: current.into_iter().filter(|entry| !want.contains(entry)).cloned().collect(),
        }
    }

    /// What is left to do when the list is `current`: additions that are not there, and removals
    /// that are, spelled as the list spells them.
    ///
    /// Sending an addition that is already there makes some vendors refuse the whole request,
    /// and some cut and restore live traffic.
    #[must_use]
    pub fn against(&self, current: &[T]) -> Self {
        let have: HashSet<&T> = current.iter().collect();
        Self {
            add: self.add.iter().filter(|entry| !have.contains(entry)).cloned().collect(),
            remove: self.remove.iter().filter_map(|entry| have.get(entry).map(|listed| (*listed).clone())).collect(),
        }
    }

    /// The list as it will be: `current` without the removals, then the additions it lacks.
    #[must_use]
    pub fn apply_to(&self, current: &[T]) -> Vec<T> {
        let gone: HashSet<&T> = self.remove.iter().collect();
        distinct(current.iter().filter(|entry| !gone.contains(entry)).chain(&self.add).cloned())
    }
}

impl<T> Default for Patch<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'de, T: Deserialize<'de> + Eq + Hash + fmt::Display> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::<T>::deserialize(deserializer)?;
        Self::of(raw.add, raw.remove).map_err(serde::de::Error::custom)
    }
}

/// A patch as it is written, not yet checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw<T> {
    #[serde(default = "Vec::new")]
    add: Vec<T>,
    #[serde(default = "Vec::new")]
    remove: Vec<T>,
}

/// Why a patch was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// An entry is to be added and to be removed.
    #[error("`{entry}` is both to be added and to be removed")]
    #[non_exhaustive]
    InBoth {
        /// The entry.
        entry: String,
    },
}

impl PatchError {
    fn in_both(entry: &impl fmt::Display) -> Self {
        Self::InBoth { entry: entry.to_string() }
    }
}

impl From<PatchError> for Error {
    fn from(error: PatchError) -> Self {
        Self::new(ErrorKind::InvalidInput, error.to_string()).with_source(error)
    }
}

/// The first of each, in order.
fn distinct<T: Eq + Hash>(entries: impl IntoIterator<Item = T>) -> Vec<T> {
    let entries: Vec<T> = entries.into_iter().collect();
    let mut seen = HashSet::with_capacity(entries.len());
    let first: Vec<bool> = entries.iter().map(|entry| seen.insert(entry)).collect();
    entries.into_iter().zip(first).filter_map(|(entry, first)| first.then_some(entry)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::AzureResourceId;

    fn set(entries: &[u8]) -> BTreeSet<u8> {
        entries.iter().copied().collect()
    }

    fn list() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(0_u8..12, 0..16)
    }

    #[test]
    fn an_entry_in_both_halves_is_refused_whichever_came_first() {
        for refused in [
            Patch::of([1, 2], [3, 1]),
            Patch::new().add(1).and_then(|patch| patch.remove(1)),
            Patch::new().remove(1).and_then(|patch| patch.add(1)),
        ] {
            assert_eq!(refused, Err(PatchError::InBoth { entry: "1".into() }));
        }
        assert_eq!(Error::from(Patch::of([1], [1]).unwrap_err()).kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn duplicates_go_and_order_stays() {
        let patch = Patch::of([3, 1, 3, 2, 1], [9, 8, 9]).unwrap();
        assert_eq!(patch.clone().into_parts(), (vec![3, 1, 2], vec![9, 8]));
        assert_eq!(patch.clone().add(3).unwrap().remove(8).unwrap(), patch);
        assert_eq!(patch.len(), 5);
    }

    #[test]
    fn lists_that_differ_in_order_alone_need_nothing() {
        assert!(Patch::between(&[1, 2, 3], &[3, 3, 1, 2]).is_empty());
        assert!(Patch::<u8>::default().is_empty());
    }

    #[test]
    fn a_removal_is_spelled_as_the_list_spells_it() {
        const ID: &str = "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/App/providers/Microsoft.Network/privateEndpoints/orders";
        let listed: AzureResourceId = ID.parse().unwrap();
        let asked: AzureResourceId = ID.to_uppercase().parse().unwrap();
        let patch = Patch::of([], [asked.clone()]).unwrap();
        assert_eq!(patch.against(std::slice::from_ref(&listed)).removals()[0].as_str(), ID);
        assert!(Patch::of([asked], []).unwrap().against(&[listed]).is_empty());
    }

    #[test]
    fn what_is_read_from_a_file_is_checked_too() {
        let patch: Patch<u8> = serde_json::from_str(r#"{"add":[1,1,2]}"#).unwrap();
        assert_eq!(serde_json::to_string(&patch).unwrap(), r#"{"add":[1,2],"remove":[]}"#);
        for bad in [r#"{"add":[1],"remove":[1]}"#, r#"{"ad":[1]}"#, "[1]"] {
            assert!(serde_json::from_str::<Patch<u8>>(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn between_leads_from_one_list_to_the_other(current in list(), desired in list()) {
            let patch = Patch::between(&current, &desired);
            prop_assert_eq!(set(&patch.apply_to(&current)), set(&desired));
        }

        #[test]
        fn between_is_the_smallest(current in list(), desired in list()) {
            let patch = Patch::between(&current, &desired);
            let differing = set(&current).symmetric_difference(&set(&desired)).count();
            prop_assert_eq!(patch.len(), differing);
            prop_assert!(Patch::of(patch.additions().to_vec(), patch.removals().to_vec()).is_ok());
        }

        #[test]
        fn the_way_back_swaps_the_halves(current in list(), desired in list()) {
            let (there, back) = (Patch::between(&current, &desired), Patch::between(&desired, &current));
            prop_assert_eq!(set(there.additions()), set(back.removals()));
            prop_assert_eq!(set(there.removals()), set(back.additions()));
        }

        #[test]
        fn what_is_left_has_the_same_effect_and_nothing_to_spare(
            add in list(), remove in list(), current in list(),
        ) {
            let remove: Vec<u8> = remove.into_iter().filter(|entry| !add.contains(entry)).collect();
            let patch = Patch::of(add, remove).unwrap();
            let left = patch.against(&current);
            prop_assert_eq!(left.apply_to(&current), patch.apply_to(&current));
            prop_assert!(left.additions().iter().all(|entry| !current.contains(entry)));
            prop_assert!(left.removals().iter().all(|entry| current.contains(entry)));
            prop_assert!(left.against(&left.apply_to(&current)).is_empty());
        }

        #[test]
        fn a_patch_that_was_applied_once_has_nothing_left_to_do(add in list(), current in list()) {
            let patch = Patch::of(add, []).unwrap();
            prop_assert!(patch.against(&patch.apply_to(&current)).is_empty());
        }
    }
}
