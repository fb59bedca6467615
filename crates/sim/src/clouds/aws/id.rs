//! Fresh identifiers: unlike each other, and the same in every run.

use sha2::{Digest, Sha256};

/// Makes identifiers from a counter.
#[derive(Clone, Debug, Default)]
pub(super) struct IdSource {
    made: u64,
}

impl IdSource {
    /// `prefix` and 17 hex digits, as EC2 names its resources.
    pub(super) fn ec2(&mut self, prefix: &str) -> String {
        let mut hex = hex(&self.bytes(prefix));
        hex.truncate(17);
        format!("{prefix}-{hex}")
    }

    /// 8 letters and digits, as in the DNS names of an endpoint.
    pub(super) fn dns_tag(&mut self) -> String {
        self.bytes("dns")[..8]
            .iter()
            .map(|b| char::from(b"abcdefghijklmnopqrstuvwxyz0123456789"[usize::from(b % 36)]))
            .collect()
    }

    /// `Z` or `C` and 20 capital letters and digits, as Route 53 names zones and changes.
    pub(super) fn route53(&mut self, prefix: char) -> String {
        capitals(prefix, &self.bytes("route53"))
    }

    /// A request id.
    pub(super) fn request(&mut self) -> String {
        let hex = hex(&self.bytes("request"));
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    /// A locally administered MAC address.
    pub(super) fn mac(&mut self) -> String {
        let bytes = self.bytes("mac");
        let parts: Vec<String> = bytes[..5].iter().map(|b| format!("{b:02x}")).collect();
        format!("02:{}", parts.join(":"))
    }

    fn bytes(&mut self, what: &str) -> [u8; 32] {
        self.made += 1;
        Sha256::digest(format!("{what}/{}", self.made)).into()
    }
}

/// Lower-case hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// `prefix` and 20 capital letters and digits made of `bytes`.
pub(super) fn capitals(prefix: char, bytes: &[u8; 32]) -> String {
    let rest = bytes[..20].iter().map(|b| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[usize::from(b % 36)]));
    std::iter::once(prefix).chain(rest).collect()
}
