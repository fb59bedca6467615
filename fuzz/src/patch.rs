use std::collections::BTreeSet;

use privlink_core::Patch;

/// Four lists, divided by bytes of 255.
pub fn patch(input: &[u8]) {
    let mut lists = input.split(|byte| *byte == 255);
    let mut next = || lists.next().unwrap_or_default();
    let (add, remove, current, desired) = (next(), next(), next(), next());
    between(current, desired);

    let overlap = add.iter().any(|entry| remove.contains(entry));
    let Ok(patch) = Patch::of(add.iter().copied(), remove.iter().copied()) else {
        assert!(overlap, "only an entry in both halves is refused");
        return;
    };
    assert!(!overlap);
    assert_eq!(set(patch.additions()).len() + set(patch.removals()).len(), patch.len());
    let left = patch.against(current);
    assert_eq!(left.apply_to(current), patch.apply_to(current));
    assert!(left.additions().iter().all(|entry| !current.contains(entry)));
    assert!(left.removals().iter().all(|entry| current.contains(entry)));
    assert!(patch.against(&patch.apply_to(current)).is_empty());
    let json = serde_json::to_string(&patch).expect("numbers can be written");
    assert_eq!(serde_json::from_str::<Patch<u8>>(&json).expect("it was written a line ago"), patch);

    let one_by_one = remove.iter().try_fold(Patch::new(), |patch, entry| patch.remove(*entry));
    let one_by_one = add.iter().try_fold(one_by_one.expect("nothing is added yet"), |patch, entry| patch.add(*entry));
    assert_eq!(one_by_one.as_ref(), Ok(&patch));
}

fn between(current: &[u8], desired: &[u8]) {
    let patch = Patch::between(current, desired);
    assert_eq!(set(&patch.apply_to(current)), set(desired));
    assert_eq!(patch.len(), set(current).symmetric_difference(&set(desired)).count());
    assert!(patch.against(desired).is_empty());
}

fn set(entries: &[u8]) -> BTreeSet<u8> {
    entries.iter().copied().collect()
}
