use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{Error, ErrorKind, Result};

/// An object of an answer, read field by field.
///
/// Reading is tolerant: a field of an unexpected type is as good as absent, unknown fields are
/// ignored, and a list survives an item that cannot be read ([`items`]). What must be there and is not is
/// named as the vendor spells it.
///
/// ```
/// use privlink_core::transport::Object;
///
/// let answer = serde_json::json!({"id": "7", "host": "", "name": 5});
/// let cluster = Object::read("cluster", &answer)?;
/// assert_eq!((cluster.text("id"), cluster.text("host"), cluster.text("name")), (Some("7"), None, None));
/// assert!(cluster.required("name").unwrap_err().to_string().contains("the cluster lacks a readable `name`"));
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    what: &'static str,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    /// The object that `value` is, called `what` in errors.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when it is none.
    pub fn read(what: &'static str, value: &'a Value) -> Result<Self> {
        let fields = value.as_object();
        fields.map(|fields| Self { what, fields }).ok_or_else(|| unexpected(format!("the {what} is no object")))
    }

    /// A text that holds something: the vendor sends empty text for "not yet" and "none".
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.fields.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// A text, or a number that is as exact as a text.
    #[must_use]
    pub fn identifier(&self, name: &str) -> Option<String> {
        match self.fields.get(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => number.as_u64().map(|number| number.to_string()),
            _ => None,
        }
    }

    /// A flag.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.fields.get(name)?.as_bool()
    }

    /// A number without sign or fraction.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.fields.get(name)?.as_u64()
    }

    /// The items of a list; `None` when none was sent: unknown is not empty.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&'a [Value]> {
        self.fields.get(name)?.as_array().map(Vec::as_slice)
    }

    /// A field as it came.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name)
    }

    /// An object in it, called the same in errors.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<Self> {
        let fields = self.fields.get(name)?.as_object()?;
        Some(Self { what: self.what, fields })
    }

    /// A text that must be there and must read as `T`.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when it is missing or empty, or is no `T`.
    pub fn parsed<T: std::str::FromStr>(&self, name: &'static str) -> Result<T>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        self.text(name)
            .ok_or_else(|| self.lacking(name))?
            .parse()
            .map_err(|error: T::Err| self.lacking(name).with_source(error))
    }

    /// A text that may be missing, null or empty; one that is there must read as `T`.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when it is there and is no `T`.
    pub fn optional<T: std::str::FromStr>(&self, name: &'static str) -> Result<Option<T>>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        self.text(name).map(|_| self.parsed(name)).transpose()
    }

    /// The fields that are flags.
    #[must_use]
    pub fn flags(&self) -> BTreeMap<String, bool> {
        self.fields.iter().filter_map(|(name, value)| Some((name.clone(), value.as_bool()?))).collect()
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when it is missing or empty.
    pub fn required(&self, name: &'static str) -> Result<&'a str> {
        self.text(name).ok_or_else(|| self.lacking(name))
    }

    /// The error of a field that must be there.
    #[must_use]
    pub fn lacking(&self, name: &str) -> Error {
        unexpected(format!("the {} lacks a readable `{name}`", self.what))
    }
}

/// The items of a list that an answer must hold, each on its own.
///
/// # Errors
/// [`ErrorKind::UnexpectedResponse`] when the answer holds no list of this name.
pub fn items<T>(answer: &Value, name: &'static str, read: impl Fn(&Value) -> Result<T>) -> Result<Vec<Result<T>>> {
    let answer = Object::read("answer", answer)?;
    let list = answer.list(name).ok_or_else(|| answer.lacking(name))?;
    Ok(list.iter().map(read).collect())
}

fn unexpected(text: String) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, text)
}
