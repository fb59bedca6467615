//! Reading request bodies strictly.

use std::collections::BTreeMap;

use bytes::Bytes;
use privlink_core::AzureResourceId;
use serde_json::{Map, Value};

use super::error::{Answer, ApiError};

/// One object of a request body, with its place for messages.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    place: String,
    fields: &'a Map<String, Value>,
}

/// The JSON of a request.
pub(super) fn parse(request: &http::Request<Bytes>) -> Answer<Value> {
    let kind = request.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if kind.split(';').next().is_none_or(|kind| !kind.trim().eq_ignore_ascii_case("application/json")) {
        return Err(ApiError::new(
            415,
            "UnsupportedMediaType",
            format!("The content media type '{kind}' is not supported. Only 'application/json' is supported."),
        ));
    }
    serde_json::from_slice(request.body()).map_err(|error| {
        ApiError::bad(
            "InvalidRequestContent",
            format!("The request content was invalid and could not be deserialized: '{error}'."),
        )
    })
}

impl<'a> Fields<'a> {
    pub(super) fn root(value: &'a Value) -> Answer<Self> {
        Self::at(value, String::new())
    }

    fn at(value: &'a Value, place: String) -> Answer<Self> {
        match value.as_object() {
            Some(fields) => Ok(Self { place, fields }),
            None => Err(ApiError::unreadable(format!("Expected an object at path '{place}'."))),
        }
    }

    fn path(&self, field: &str) -> String {
        if self.place.is_empty() { field.to_owned() } else { format!("{}.{field}", self.place) }
    }

    /// Refuses fields other than `known`.
    pub(super) fn only(self, known: &[&str]) -> Answer<Self> {
        self.known(known)?;
        Ok(self)
    }

    /// The same, without taking it.
    pub(super) fn known(&self, known: &[&str]) -> Answer<&Self> {
        match self.fields.keys().find(|field| !known.contains(&field.as_str())) {
            None => Ok(self),
            Some(field) => {
                let path = self.path(field);
                Err(ApiError::unreadable(format!("Could not find member '{field}' on object. Path '{path}'.")))
            }
        }
    }

    /// The field's value; `null` is as good as absent.
    fn raw(&self, field: &str) -> Option<&'a Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, field: &str) -> Answer<Option<&'a str>> {
        self.typed(field, "a string", Value::as_str)
    }

    pub(super) fn flag(&self, field: &str) -> Answer<Option<bool>> {
        self.typed(field, "a boolean", Value::as_bool)
    }

    pub(super) fn number(&self, field: &str) -> Answer<Option<u64>> {
        self.typed(field, "a whole number", Value::as_u64)
    }

    pub(super) fn object(&self, field: &str) -> Answer<Option<Self>> {
        self.raw(field).map(|value| Self::at(value, self.path(field))).transpose()
    }

    pub(super) fn objects(&self, field: &str) -> Answer<Option<Vec<Self>>> {
        let Some(list) = self.typed(field, "an array", Value::as_array)? else { return Ok(None) };
        let at = |(n, value)| Self::at(value, format!("{}[{n}]", self.path(field)));
        list.iter().enumerate().map(at).collect::<Answer<_>>().map(Some)
    }

    /// The same for a field that holds one object in place of several.
    pub(super) fn objects_or_object(&self, field: &str) -> Answer<Option<Vec<Self>>> {
        match self.raw(field) {
            Some(Value::Object(_)) => Ok(self.object(field)?.map(|object| vec![object])),
            _ => self.objects(field),
        }
    }

    pub(super) fn texts(&self, field: &str) -> Answer<Vec<String>> {
        let Some(list) = self.typed(field, "an array", Value::as_array)? else { return Ok(Vec::new()) };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        list.iter().map(|value| text(value).ok_or_else(|| self.wrong(field, "an array of strings"))).collect()
    }

    pub(super) fn map(&self, field: &str) -> Answer<Option<BTreeMap<String, String>>> {
        let Some(map) = self.typed(field, "an object", Value::as_object)? else { return Ok(None) };
        map.iter()
            .map(|(key, value)| match value.as_str() {
                Some(value) => Ok((key.clone(), value.to_owned())),
                None => Err(self.wrong(field, "an object of strings")),
            })
            .collect::<Answer<_>>()
            .map(Some)
    }

    /// The id of a reference such as `{"id": …}`, whose other fields say nothing.
    pub(super) fn reference(&self, field: &str) -> Answer<Option<AzureResourceId>> {
        let Some(object) = self.object(field)? else { return Ok(None) };
        match object.text("id")? {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| not_an_id(text, &object.path("id"))),
        }
    }

    fn typed<T>(&self, field: &str, what: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Answer<Option<T>> {
        match self.raw(field) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.wrong(field, what)),
        }
    }

    fn wrong(&self, field: &str, what: &str) -> ApiError {
        ApiError::unreadable(format!("Expected {what} at path '{}'.", self.path(field)))
    }
}

/// Something that should be a full resource id and is not.
pub(super) fn not_an_id(text: &str, path: &str) -> ApiError {
    ApiError::bad(
        "LinkedInvalidPropertyId",
        format!(
            "Property id '{text}' at path '{path}' is invalid. Expect fully qualified resource Id that start with \
             '/subscriptions/{{subscriptionId}}' or '/providers/{{resourceProviderNamespace}}/'."
        ),
    )
}

/// Tags within Resource Manager's limits (Microsoft Learn, "Use tags to organize your Azure
/// resources", read 2026-11-21).
pub(super) fn tags(fields: &Fields<'_>) -> Answer<BTreeMap<String, String>> {
    let tags = fields.map("tags")?.unwrap_or_default();
    if tags.len() > 50 {
        return Err(ApiError::bad("InvalidTags", "A resource can have at most 50 tags."));
    }
    for (name, value) in &tags {
        if name.contains(['<', '>', '%', '&', '\\', '?', '/']) {
            return Err(ApiError::bad(
                "InvalidTagNameCharacters",
                format!("The tag names '{name}' have reserved characters '<,>,%,&,\\,?,/' or control characters."),
            ));
        }
        if name.is_empty() || name.chars().count() > 512 || value.chars().count() > 256 {
            return Err(ApiError::bad(
                "InvalidTagNameOrValueLength",
                format!("The tag '{name}' must have a name of 1 to 512 and a value of at most 256 characters."),
            ));
        }
    }
    Ok(tags)
}
