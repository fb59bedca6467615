//! What the vendor sends, field by field.
//!
//! Reading is tolerant: a field of an unexpected type is as good as absent, unknown fields are
//! ignored, and a list survives an item that cannot be read. What must be there and is not is
//! named as the vendor spells it.

use privlink_core::{Error, ErrorKind, Result};
use serde_json::{Map, Value};

/// An object of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'a> {
    what: &'static str,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    /// The object that `value` is, called `what` in errors.
    pub(crate) fn read(what: &'static str, value: &'a Value) -> Result<Self> {
        let fields = value.as_object();
        fields.map(|fields| Self { what, fields }).ok_or_else(|| unexpected(format!("the {what} is no object")))
    }

    /// A text that holds something: the vendor sends empty text for "not yet" and "none".
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.fields.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// A text, or a number that is as exact as a text.
    pub(crate) fn identifier(&self, name: &str) -> Option<String> {
        match self.fields.get(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => number.as_u64().map(|number| number.to_string()),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.fields.get(name)?.as_bool()
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.fields.get(name)?.as_u64()
    }

    /// The items of a list; `None` when none was sent: unknown is not empty.
    pub(crate) fn list(&self, name: &str) -> Option<&'a [Value]> {
        self.fields.get(name)?.as_array().map(Vec::as_slice)
    }

    pub(crate) fn raw(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name)
    }

    pub(crate) fn object(&self, name: &str) -> Option<Self> {
        let fields = self.fields.get(name)?.as_object()?;
        Some(Self { what: self.what, fields })
    }

    /// A text that must be there and must read as `T`.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, name: &'static str) -> Result<T>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        self.text(name)
            .ok_or_else(|| self.lacking(name))?
            .parse()
            .map_err(|error: T::Err| self.lacking(name).with_source(error))
    }

    pub(crate) fn required(&self, name: &'static str) -> Result<&'a str> {
        self.text(name).ok_or_else(|| self.lacking(name))
    }

    pub(crate) fn lacking(&self, name: &str) -> Error {
        unexpected(format!("the {} lacks a readable `{name}`", self.what))
    }
}

/// The items of a list that an answer must hold, each on its own.
pub(crate) fn items<T>(
    answer: &Value,
    name: &'static str,
    read: impl Fn(&Value) -> Result<T>,
) -> Result<Vec<Result<T>>> {
    let answer = Object::read("answer", answer)?;
    let list = answer.list(name).ok_or_else(|| answer.lacking(name))?;
    Ok(list.iter().map(read).collect())
}

/// What is not there needs no taking away.
pub(crate) fn gone(answer: Result<Value>) -> Result<()> {
    match answer {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A text of the vendor's or of a user's, short enough to stand in a line.
pub(crate) fn brief(text: &str) -> String {
    const MOST: usize = 80;
    let mut brief: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().nth(MOST).is_some() {
        brief.push('…');
    }
    brief
}

fn unexpected(text: String) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, text)
}
