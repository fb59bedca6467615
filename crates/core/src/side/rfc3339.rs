//! Moments as RFC 3339: in JSON, for `#[serde(with = "…")]`, and as text.

use std::time::SystemTime;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serializer};

/// A moment as text, to the second; what is over of the second is dropped. `None` when it is outside of what
/// RFC 3339 can say.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use privlink_core::side::rfc3339;
///
/// let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_000_900);
/// assert_eq!(rfc3339::text(at).as_deref(), Some("2026-09-21T14:13:20Z"));
/// ```
#[must_use]
pub fn text(time: SystemTime) -> Option<String> {
    Timestamp::try_from(time).ok().map(|time| format!("{time:.0}"))
}

/// Writes a moment.
///
/// # Errors
/// When it is outside of what RFC 3339 can say.
pub fn serialize<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    let time = Timestamp::try_from(*time).map_err(serde::ser::Error::custom)?;
    serializer.collect_str(&time)
}

/// Reads a moment.
///
/// # Errors
/// When it is none.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    text.parse::<Timestamp>().map(SystemTime::from).map_err(serde::de::Error::custom)
}

/// Moments by name.
pub(super) mod map {
    use std::collections::BTreeMap;
    use std::time::SystemTime;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::Text;

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Moment(#[serde(with = "super")] SystemTime);

    pub(in crate::side) fn serialize<S: Serializer>(
        map: &BTreeMap<Text, SystemTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(map.iter().map(|(name, at)| (name, Moment(*at))))
    }

    pub(in crate::side) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Text, SystemTime>, D::Error> {
        let map = BTreeMap::<Text, Moment>::deserialize(deserializer)?;
        Ok(map.into_iter().map(|(name, Moment(at))| (name, at)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn text_is_to_the_second_and_of_no_year_that_has_five_digits() {
        let day = Duration::from_secs(24 * 60 * 60);
        for (after, told) in [
            (Duration::ZERO, Some("1970-01-01T00:00:00Z")),
            (day - Duration::from_nanos(1), Some("1970-01-01T23:59:59Z")),
            (day, Some("1970-01-02T00:00:00Z")),
            (day * 365 * 10_000, None),
        ] {
            assert_eq!(text(SystemTime::UNIX_EPOCH + after).as_deref(), told, "{after:?}");
        }
    }
}
