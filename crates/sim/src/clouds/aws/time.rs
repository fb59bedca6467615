//! Moments, as AWS writes and reads them.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `2026-11-21T07:18:37.000Z`.
pub(super) fn iso(at: SystemTime) -> String {
    timestamp(at).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// `20261121T071837Z`, the form in signatures.
pub(super) fn basic(at: SystemTime) -> String {
    timestamp(at).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// `Sat, 21 Nov 2026 07:18:37 GMT`, the form of the `Date` header.
pub(super) fn http_date(at: SystemTime) -> String {
    timestamp(at).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads `20261121T071837Z`.
pub(super) fn parse_basic(text: &str) -> Option<SystemTime> {
    let civil = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().into())
}

/// A moment outside of what a calendar holds becomes the epoch: the world's clock never gets there.
fn timestamp(at: SystemTime) -> Timestamp {
    Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms() {
        let at = parse_basic("20261121T071837Z").unwrap();
        assert_eq!(basic(at), "20261121T071837Z");
        assert_eq!(iso(at), "2026-11-21T07:18:37.000Z");
        assert_eq!(http_date(at), "Sat, 21 Nov 2026 07:18:37 GMT");
        assert_eq!(parse_basic("2026-11-21"), None);
    }
}
