//! Fresh identifiers: unlike each other, and the same in every run.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Makes identifiers from a counter.
#[derive(Clone, Debug, Default)]
pub(super) struct IdSource {
    made: u64,
}

impl IdSource {
    /// A GUID.
    pub(super) fn guid(&mut self) -> Uuid {
        let digest = self.bytes("guid");
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A secret of 40 hex digits.
    pub(super) fn secret(&mut self) -> String {
        self.bytes("secret")[..20].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A MAC address as Azure writes it, of the range that is Microsoft's.
    pub(super) fn mac(&mut self) -> String {
        let [a, b, c] = <[u8; 3]>::try_from(&self.bytes("mac")[..3]).unwrap_or_default();
        format!("00-0D-3A-{a:02X}-{b:02X}-{c:02X}")
    }

    fn bytes(&mut self, what: &str) -> [u8; 32] {
        self.made += 1;
        Sha256::digest(format!("azure/{what}/{}", self.made)).into()
    }
}
