//! Moments, as Google writes them.

use std::time::SystemTime;

use jiff::Timestamp;

/// `2026-11-21T07:18:37.123Z`.
pub(super) fn rfc3339(at: SystemTime) -> String {
    timestamp(at).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Milliseconds since 1970.
pub(super) fn millis(at: SystemTime) -> i64 {
    timestamp(at).as_millisecond()
}

/// A moment outside of what a calendar holds becomes the epoch: the world's clock never gets there.
fn timestamp(at: SystemTime) -> Timestamp {
    Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH)
}
