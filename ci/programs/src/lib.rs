//! What the programs of the checks share.

use std::fmt::Display;

/// Counts what held, and says what did not.
#[derive(Debug, Default)]
pub struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    /// Notes one check.
    pub fn check(&mut self, what: &str, held: bool, seen: impl Display) {
        if held {
            self.passed += 1;
        } else {
            self.failed += 1;
            println!("FAILED {what}: {seen}");
        }
    }

    /// Notes a call that must succeed, and gives its value.
    pub fn ok<T, E: Display>(&mut self, what: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => {
                self.passed += 1;
                Some(value)
            }
            Err(error) => {
                self.check(what, false, error);
                None
            }
        }
    }

    /// Prints the closing line; whether all held.
    #[must_use]
    pub fn end(self, title: &str) -> bool {
        println!("{title}: {} passed, {} failed", self.passed, self.failed);
        self.failed == 0 && self.passed > 0
    }
}
