//! Moments as RFC 3339 in JSON, for `#[serde(with = "…")]`.

use std::time::SystemTime;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serializer};

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
