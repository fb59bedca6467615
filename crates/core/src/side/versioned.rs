//! Reading forms that carry a version: the version comes first, wherever it stands.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a form with a field `version`, and the rest of its fields as `T` only when the version is
/// `known`: a newer form must not fail in a word that only its version knows.
///
/// # Errors
/// `LINK-007`, with the version, `what` it is of and the `advice`, when the version is another
/// one; otherwise what does not fit.
pub fn read<'de, D, T>(deserializer: D, what: &'static str, known: u16, advice: &'static str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    deserializer.deserialize_map(Form { what, known, advice, of: PhantomData })
}

const FIELD: &str = "version";

struct Form<T> {
    what: &'static str,
    known: u16,
    advice: &'static str,
    of: PhantomData<T>,
}

impl<T> Form<T> {
    fn check<E: Error>(&self, version: &Value) -> Result<(), E> {
        if version.as_u64() == Some(u64::from(self.known)) {
            return Ok(());
        }
        let Self { what, advice, .. } = self;
        let told = format!("LINK-007: {what} is of a version that this library does not know, {version}; {advice}");
        Err(E::custom(told))
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Form<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with its version", self.what)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut before = Map::new();
        while let Some((field, value)) = map.next_entry::<String, Value>()? {
            if field != FIELD {
                before.insert(field, value);
                continue;
            }
            self.check(&value)?;
            if before.is_empty() {
                return T::deserialize(MapAccessDeserializer::new(map));
            }
            while let Some((field, value)) = map.next_entry::<String, Value>()? {
                before.insert(field, value);
            }
            return T::deserialize(Value::Object(before)).map_err(Error::custom);
        }
        Err(Error::missing_field(FIELD))
    }
}
