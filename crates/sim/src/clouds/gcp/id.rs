//! Fresh identifiers: unlike each other, and the same in every run.

use sha2::{Digest, Sha256};

/// Makes identifiers from a counter.
#[derive(Clone, Debug, Default)]
pub(super) struct IdSource {
    made: u64,
}

impl IdSource {
    /// The number of a resource: unsigned, 64 bits wide.
    pub(super) fn number(&mut self) -> u64 {
        // 19 digits, as Compute's are.
        1_000_000_000_000_000_000 + self.word("number") % 8_000_000_000_000_000_000
    }

    /// The number of a connection. Beyond 2⁵³ and odd, so that no float holds it.
    pub(super) fn connection(&mut self) -> u64 {
        let wide = 100_000_000_000_000_000 + self.word("connection") % 18_000_000_000_000_000_000;
        wide | 1
    }

    /// The number of a project.
    pub(super) fn project(&mut self) -> u64 {
        100_000_000_000 + self.word("project") % 900_000_000_000
    }

    /// Lower-case hex digits.
    pub(super) fn hex(&mut self, what: &str) -> String {
        self.bytes(what).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn word(&mut self, what: &str) -> u64 {
        let mut word = [0; 8];
        word.copy_from_slice(&self.bytes(what)[..8]);
        u64::from_be_bytes(word)
    }

    fn bytes(&mut self, what: &str) -> [u8; 32] {
        self.made += 1;
        Sha256::digest(format!("gcp/{what}/{}", self.made)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the loss is what is shown")]
    fn no_float_holds_the_number_of_a_connection() {
        let mut ids = IdSource::default();
        for _ in 0..1000 {
            let id = ids.connection();
            assert!(id > 1 << 53, "{id}");
            assert!(id as f64 as u128 != u128::from(id), "{id}");
        }
    }
}
