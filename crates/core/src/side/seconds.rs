//! Durations as seconds in JSON, for `#[serde(with = "…")]`: `180`, or `1.5` where it is not whole.

use std::fmt;
use std::time::Duration;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// Writes a duration.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // Beyond 2^53 a number holds no fraction of a second anyway.
    if duration.subsec_nanos() == 0 || duration.as_secs() >= 1 << 53 {
        serializer.serialize_u64(duration.as_secs())
    } else {
        serializer.serialize_f64(duration.as_secs_f64())
    }
}

/// Reads a duration.
///
/// # Errors
/// When it is no number of seconds, or a negative one.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(Seconds)
}

/// A whole number is read as it is: as a fraction the longest of them would be none.
struct Seconds;

impl Visitor<'_> for Seconds {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds")
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Duration, E> {
        Ok(Duration::from_secs(seconds))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Duration, E> {
        u64::try_from(seconds).map(Duration::from_secs).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Duration, E> {
        Duration::try_from_secs_f64(seconds).map_err(E::custom)
    }
}

/// The same for a duration that may be missing.
pub(crate) mod option {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Seconds(#[serde(with = "super")] Duration);

    pub(crate) fn serialize<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        duration.map(Seconds).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<Seconds>::deserialize(deserializer)?.map(|Seconds(duration)| duration))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::option;
    use super::*;

    #[derive(Debug, PartialEq, serde::Serialize, Deserialize)]
    struct Times {
        #[serde(with = "super")]
        whole: Duration,
        #[serde(with = "super")]
        part: Duration,
        #[serde(with = "option")]
        none: Option<Duration>,
    }

    #[test]
    fn seconds_are_written_whole_where_they_are() {
        let times = Times { whole: Duration::from_secs(180), part: Duration::from_millis(1_500), none: None };
        let told = serde_json::to_string(&times).unwrap();
        assert_eq!(told, r#"{"whole":180,"part":1.5,"none":null}"#);
        assert_eq!(serde_json::from_str::<Times>(&told).unwrap(), times);
        assert!(serde_json::from_str::<Times>(&told.replace("180", "-1")).is_err());
        assert!(serde_json::from_str::<Times>(&told.replace("180", "1e300")).is_err());
        assert!(serde_json::from_str::<Times>(&told.replace("180", "\"180\"")).is_err());
        assert!(serde_json::from_str::<Times>(&told.replace("180", "99999999999999999999")).is_err());
        let longest = Times { whole: Duration::from_secs(u64::MAX), part: Duration::MAX, none: Some(Duration::ZERO) };
        let read: Times = serde_json::from_str(&serde_json::to_string(&longest).unwrap()).unwrap();
        assert_eq!((read.whole, read.part), (longest.whole, Duration::from_secs(u64::MAX)));
    }
}
