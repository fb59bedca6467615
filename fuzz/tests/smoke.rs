//! Every target over its seeds, and over inputs made from them by a fixed random sequence.

use std::fs;
use std::path::Path;

#[test]
fn arm() {
    run("arm", privlink_fuzz::arm);
}

#[test]
fn google() {
    run("google", privlink_fuzz::google);
}

#[test]
fn ids() {
    run("ids", privlink_fuzz::ids);
}

#[test]
fn names() {
    run("names", privlink_fuzz::names);
}

#[test]
fn patch() {
    run("patch", privlink_fuzz::patch);
}

#[test]
fn xml() {
    run("xml", privlink_fuzz::xml);
}

fn run(target: &str, check: fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let mut paths: Vec<_> = fs::read_dir(&directory)
        .expect("every target has seeds")
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).expect("readable")).collect();
    assert!(!seeds.is_empty());
    seeds.iter().for_each(|seed| check(seed));

    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..20_000 {
        let mut input = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(4) {
            let at = random.below(input.len() + 1);
            match random.below(4) {
                0 => input.insert(at, random.below(256) as u8),
                1 if at < input.len() => drop(input.remove(at)),
                2 if at < input.len() => input[at] = random.below(256) as u8,
                _ => {
                    let other = &seeds[random.below(seeds.len())];
                    let from = random.below(other.len() + 1);
                    input.truncate(at);
                    input.extend_from_slice(&other[from..]);
                }
            }
        }
        check(&input);
    }
}

/// SplitMix64: the same inputs on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }
}
