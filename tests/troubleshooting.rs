//! Every finding's code is explained in TROUBLESHOOTING.md, and every code explained there exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn findings_and_their_page_are_in_step() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    collect(&root.join("src"), &mut sources);
    for entry in fs::read_dir(root.join("crates")).expect("the workspace has crates") {
        let krate = entry.expect("a readable directory").path();
        // What only simulates has no findings of its own.
        if !krate.ends_with("sim") {
            collect(&krate.join("src"), &mut sources);
        }
    }
    let made: BTreeSet<String> =
        sources.iter().flat_map(|path| codes(&fs::read_to_string(path).expect("readable source"))).collect();
    let page = fs::read_to_string(root.join("TROUBLESHOOTING.md")).expect("the page exists");
    let explained: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next().map(str::to_owned))
        .filter(|word| is_code(word))
        .collect();
    let unexplained: Vec<&String> = made.difference(&explained).collect();
    let stale: Vec<&String> = explained.difference(&made).collect();
    assert!(unexplained.is_empty(), "not in TROUBLESHOOTING.md: {unexplained:?}");
    assert!(stale.is_empty(), "explained, but no longer made: {stale:?}");
    assert!(made.len() > 10, "the search for codes found only {made:?}");
}

fn collect(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a readable directory") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The string literals of a source that are codes, outside comments and tests.
fn codes(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2)).filter(|text| is_code(text)).map(str::to_owned).collect()
}

fn is_code(text: &str) -> bool {
    let Some((family, number)) = text.split_once('-') else { return false };
    family.len() >= 2
        && family.bytes().all(|byte| byte.is_ascii_uppercase())
        && number.len() == 3
        && number.bytes().all(|byte| byte.is_ascii_digit())
}
