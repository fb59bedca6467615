//! Every example does what it says. Those that live in a simulated world run here; the command lines for real
//! accounts run against the served one in `ci/network`, and `bring_your_own_vendor` as a test of its own.
//!
//! `cargo test` builds the examples before it runs a test; by itself this one wants `cargo build --examples` first.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Those that need nothing, each with what its last lines hold.
const ALONE: [(&str, &str); 8] = [
    ("quickstart", "writes of the second run: 0"),
    ("multi_vendor", "search is reached privately"),
    ("two_services", "other databases use it: `billing`"),
    ("typed_client", "added again: nothing"),
    ("step_by_step", "GET /ping answered 200"),
    ("embed_in_service", "serving from the cache"),
    ("handover", "left to do once it is done: 0"),
    ("offline_tests", "3 passed"),
];

/// Those that take an account, or the served simulator; what `ci/network` says of each.
const SERVED: [(&str, &str); 6] = [
    ("clickhouse_aws", "--example clickhouse_aws"),
    ("clickhouse_azure", "drive list clickhouse_azure"),
    ("clickhouse_gcp", "drive list clickhouse_gcp"),
    ("cockroach_aws", "drive list cockroach_aws"),
    ("aiven_kafka_aws", "drive connections aiven_kafka_aws"),
    ("zilliz_aws", "drive list zilliz_aws"),
];

/// A whole side with the suites that it is held to.
const TESTED: &str = "bring_your_own_vendor";

fn of_the_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn run(example: &str, arguments: &[&str]) -> Output {
    let here = std::env::current_exe().unwrap();
    let built = here.parent().and_then(Path::parent).unwrap().join("examples").join(example);
    let built = built.with_extension(std::env::consts::EXE_EXTENSION);
    let done = Command::new(&built).args(arguments).env_clear().output();
    done.unwrap_or_else(|error| panic!("{}: {error}; `cargo build --examples` makes it", built.display()))
}

#[test]
fn the_examples_of_the_simulated_world_run() {
    for (example, tells) in ALONE {
        let done = run(example, &[]);
        let (out, err) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8_lossy(&done.stderr).into_owned());
        assert!(done.status.success() && out.contains(tells), "{example}: {}\n{out}\n{err}", done.status);
    }
}

#[test]
fn the_command_lines_explain_themselves_and_refuse_what_they_do_not_know() {
    for (example, _) in SERVED {
        let help = run(example, &["--help"]);
        let out = String::from_utf8(help.stdout).unwrap();
        assert!(help.status.success() && out.contains(&format!("Usage: {example} plan|apply|")), "{example}: {out}");
        let refused = run(example, &["plan", "--no-such-thing"]);
        assert_eq!(refused.status.code(), Some(2), "{example}");
        assert!(String::from_utf8(refused.stderr).unwrap().contains("--no-such-thing"), "{example}");
    }
}

#[test]
fn no_example_is_forgotten() {
    let there: BTreeSet<String> = std::fs::read_dir(of_the_project("examples"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let known = ALONE.iter().chain(&SERVED).map(|(example, _)| *example).chain([TESTED]);
    assert_eq!(known.map(str::to_owned).collect::<BTreeSet<_>>(), there);
    let script = std::fs::read_to_string(of_the_project("ci/network")).unwrap();
    for (example, line) in SERVED {
        assert!(script.contains(line), "`ci/network` does not run {example}");
    }
    let guide = std::fs::read_to_string(of_the_project("src/guide.rs")).unwrap();
    for example in there {
        assert!(guide.contains(&format!("`{example}`")), "`guide` does not tell of {example}");
    }
}
