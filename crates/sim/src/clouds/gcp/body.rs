//! Reading the JSON body of a request as strictly as Google does.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::error::{Answer, ApiError};

/// One JSON object of a request, and where it is, as refusals name it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    place: &'a str,
    map: &'a Map<String, Value>,
}

/// The object that a body must be.
pub(super) fn object(request: &http::Request<Bytes>) -> Answer<Map<String, Value>> {
    if request.body().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(request.body()) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(ApiError::unmapped("Invalid JSON payload received. Root element must be a message.")),
        Err(error) => Err(ApiError::unmapped(format!("Invalid JSON payload received. Parser terminated: {error}"))),
    }
}

impl<'a> Fields<'a> {
    /// The fields of `map`, all of them among `known`.
    pub(super) fn of(place: &'a str, map: &'a Map<String, Value>, known: &[&str]) -> Answer<Self> {
        match map.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(Self { place, map }),
            Some(name) => Err(ApiError::unmapped(format!(
                "Invalid JSON payload received. Unknown name \"{name}\" at '{place}': Cannot find field."
            ))),
        }
    }

    /// Where a field is.
    pub(super) fn place(&self, name: &str) -> String {
        format!("{}.{name}", self.place)
    }

    /// A field that is there and not `null`.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// A text; an empty one counts as absent, as in protocol buffers.
    pub(super) fn text(&self, name: &str) -> Answer<Option<&'a str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(other) => Err(self.mistyped(name, "TYPE_STRING", other)),
        }
    }

    /// A text that has to be there.
    pub(super) fn required(&self, name: &str) -> Answer<&'a str> {
        self.text(name)?.ok_or_else(|| ApiError::required(&self.place(name)))
    }

    pub(super) fn flag(&self, name: &str) -> Answer<Option<bool>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(self.mistyped(name, "TYPE_BOOL", other)),
        }
    }

    pub(super) fn number(&self, name: &str) -> Answer<Option<i64>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) if number.is_i64() => Ok(number.as_i64()),
            Some(Value::String(text)) if text.parse::<i64>().is_ok() => Ok(text.parse().ok()),
            Some(other) => Err(self.mistyped(name, "TYPE_INT32", other)),
        }
    }

    pub(super) fn texts(&self, name: &str) -> Answer<Option<Vec<String>>> {
        let Some(list) = self.list(name)? else { return Ok(None) };
        let texts = list.iter().map(|item| match item {
            Value::String(text) => Ok(text.clone()),
            other => Err(self.mistyped(name, "TYPE_STRING", other)),
        });
        texts.collect::<Answer<Vec<String>>>().map(Some)
    }

    pub(super) fn list(&self, name: &str) -> Answer<Option<&'a [Value]>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(other) => Err(self.mistyped(name, "a list", other)),
        }
    }

    pub(super) fn map(&self, name: &str) -> Answer<Option<&'a Map<String, Value>>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(other) => Err(self.mistyped(name, "a message", other)),
        }
    }

    /// A map of texts, such as labels.
    pub(super) fn labels(&self, name: &str) -> Answer<Option<std::collections::BTreeMap<String, String>>> {
        let Some(map) = self.map(name)? else { return Ok(None) };
        let labels = map.iter().map(|(key, value)| match value {
            Value::String(text) => Ok((key.clone(), text.clone())),
            other => Err(self.mistyped(name, "TYPE_STRING", other)),
        });
        labels.collect::<Answer<_>>().map(Some)
    }

    fn mistyped(&self, name: &str, wanted: &str, found: &Value) -> ApiError {
        ApiError::unmapped(format!("Invalid value at '{}' ({wanted}), {found}", self.place(name)))
    }
}

/// Refuses labels that break Google's rules: keys start with a letter, both are at most 63 of
/// lower-case letters, digits, `_` and `-`.
pub(super) fn check_labels(place: &str, labels: &std::collections::BTreeMap<String, String>) -> Answer<()> {
    let fits = |text: &str| {
        text.chars().count() <= 63
            && text.chars().all(|c| (c.is_alphanumeric() && !c.is_uppercase()) || c == '_' || c == '-')
    };
    let wrong = labels
        .iter()
        .find(|(key, value)| !fits(key) || !fits(value) || !key.starts_with(|c: char| c.is_lowercase()))
        .map(|(key, value)| format!("{key}={value}"));
    match wrong {
        None if labels.len() <= 64 => Ok(()),
        None => Err(ApiError::value(place, &labels.len().to_string(), "There can be at most 64 labels.")),
        Some(label) => Err(ApiError::value(
            place,
            &label,
            "Label keys and values must be at most 63 lower-case letters, digits, underscores and dashes, and keys \
             must start with a letter.",
        )),
    }
}
