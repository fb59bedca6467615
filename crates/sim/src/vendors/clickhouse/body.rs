//! Reading request bodies strictly.

use std::net::Ipv4Addr;

use bytes::Bytes;
use http::header;
use ipnet::Ipv4Net;
use serde_json::{Map, Value};

use super::answer::Refusal;
use super::model::IpEntry;
use super::switches::OnUnknownField;

/// One object of a request body, with its place for messages.
#[derive(Debug)]
pub(super) struct Body<'a> {
    place: String,
    fields: &'a Map<String, Value>,
    unknown: OnUnknownField,
}

/// What a list is to gain and to lose.
#[derive(Debug)]
pub(super) struct Change<T> {
    pub(super) add: Vec<T>,
    pub(super) remove: Vec<T>,
}

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self { add: Vec::new(), remove: Vec::new() }
    }
}

/// The JSON of a request.
pub(super) fn parse(request: &http::Request<Bytes>) -> Result<Value, Refusal> {
    let json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(';').next().is_some_and(|kind| kind.trim() == "application/json"));
    if !json {
        return Err(Refusal::bad_request("the body must be sent as application/json"));
    }
    serde_json::from_slice(request.body()).map_err(|error| Refusal::bad_request(format!("body is not JSON: {error}")))
}

impl<'a> Body<'a> {
    pub(super) fn root(value: &'a Value, unknown: OnUnknownField) -> Result<Self, Refusal> {
        Self::at(value, "request body".to_owned(), unknown)
    }

    fn at(value: &'a Value, place: String, unknown: OnUnknownField) -> Result<Self, Refusal> {
        match value.as_object() {
            Some(fields) => Ok(Self { place, fields, unknown }),
            None => Err(Refusal::bad_request(format!("{place} must be an object"))),
        }
    }

    /// Refuses fields other than `known`.
    pub(super) fn only(self, known: &[&str]) -> Result<Self, Refusal> {
        if self.unknown == OnUnknownField::Reject400
            && let Some(field) = self.fields.keys().find(|field| !known.contains(&field.as_str()))
        {
            return Err(Refusal::bad_request(format!("{}.{field} is not known", self.place)));
        }
        Ok(self)
    }

    pub(super) fn raw(&self, field: &str) -> Option<&'a Value> {
        self.fields.get(field)
    }

    pub(super) fn text(&self, field: &str) -> Result<Option<&'a str>, Refusal> {
        self.typed(field, "a string", Value::as_str)
    }

    pub(super) fn required_text(&self, field: &str) -> Result<&'a str, Refusal> {
        match self.text(field)? {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) => Err(Refusal::bad_request(format!("{}.{field} must not be empty", self.place))),
            None => Err(self.missing(field)),
        }
    }

    pub(super) fn flag(&self, field: &str) -> Result<Option<bool>, Refusal> {
        self.typed(field, "a boolean", Value::as_bool)
    }

    pub(super) fn list(&self, field: &str) -> Result<Option<&'a Vec<Value>>, Refusal> {
        self.typed(field, "an array", Value::as_array)
    }

    pub(super) fn object(&self, field: &str) -> Result<Option<Self>, Refusal> {
        match self.fields.get(field) {
            None => Ok(None),
            Some(value) => Self::at(value, format!("{}.{field}", self.place), self.unknown).map(Some),
        }
    }

    /// The change that an object `{"add": …, "remove": …}` asks for, each list read by `read`;
    /// `None` when the field is absent.
    pub(super) fn change<T>(
        &self,
        field: &str,
        read: impl Fn(&Self, &str) -> Result<Vec<T>, Refusal>,
    ) -> Result<Option<Change<T>>, Refusal> {
        let Some(change) = self.object(field)? else { return Ok(None) };
        let change = change.only(&["add", "remove"])?;
        Ok(Some(Change { add: read(&change, "add")?, remove: read(&change, "remove")? }))
    }

    /// The objects of a list; `None` when the field is absent.
    pub(super) fn objects(&self, field: &str) -> Result<Option<Vec<Self>>, Refusal> {
        let Some(list) = self.list(field)? else { return Ok(None) };
        list.iter()
            .enumerate()
            .map(|(n, value)| Self::at(value, format!("{}.{field}[{n}]", self.place), self.unknown))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// The texts of a list, none of them empty; an absent field is an empty list.
    pub(super) fn texts(&self, field: &str) -> Result<Vec<String>, Refusal> {
        let Some(list) = self.list(field)? else { return Ok(Vec::new()) };
        list.iter()
            .map(|value| match value.as_str() {
                Some(text) if !text.is_empty() => Ok(text.to_owned()),
                _ => Err(Refusal::bad_request(format!("{}.{field} must hold strings that are not empty", self.place))),
            })
            .collect()
    }

    /// The entries of an IP access list; `None` when the field is absent.
    pub(super) fn ip_entries(&self, field: &str) -> Result<Option<Vec<IpEntry>>, Refusal> {
        let Some(objects) = self.objects(field)? else { return Ok(None) };
        objects
            .into_iter()
            .map(|entry| {
                let entry = entry.only(&["source", "description"])?;
                let source = entry.required_text("source")?;
                if source.parse::<Ipv4Addr>().is_err() && source.parse::<Ipv4Net>().is_err() {
                    return Err(Refusal::bad_request(format!(
                        "{}.source must be an IPv4 address or an IPv4 CIDR",
                        entry.place
                    )));
                }
                Ok(IpEntry { source: source.to_owned(), description: entry.text("description")?.map(str::to_owned) })
            })
            .collect::<Result<_, _>>()
            .map(Some)
    }

    pub(super) fn one_of(&self, field: &str, known: &[&str]) -> Result<Option<&'a str>, Refusal> {
        match self.text(field)? {
            Some(text) if !known.contains(&text) => {
                Err(Refusal::bad_request(format!("{}.{field} must be one of {}", self.place, known.join(", "))))
            }
            text => Ok(text),
        }
    }

    pub(super) fn missing(&self, field: &str) -> Refusal {
        Refusal::bad_request(format!("{}.{field} is required", self.place))
    }

    pub(super) fn refuse(&self, field: &str, rule: &str) -> Refusal {
        Refusal::bad_request(format!("{}.{field} {rule}", self.place))
    }

    fn typed<T>(
        &self,
        field: &str,
        wanted: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        match self.fields.get(field) {
            None => Ok(None),
            // An absent value is left out, never `null`.
            Some(value) => match read(value) {
                Some(value) => Ok(Some(value)),
                None => Err(Refusal::bad_request(format!("{}.{field} must be {wanted}", self.place))),
            },
        }
    }
}
