//! What the vendor sends: reading is tolerant, and what must be there and is not is named as the vendor spells it.

use privlink_core::{Error, ErrorKind, Result};
use serde::de::{Deserialize as _, DeserializeOwned, Deserializer};
use serde_json::Value;

/// Something that can be read out of an answer.
pub(crate) trait Read: Sized + Send + 'static {
    fn read(value: &Value) -> Result<Self>;
}

/// As it came: for who tells a page that failed from an item that cannot be read.
impl Read for Value {
    fn read(value: &Value) -> Result<Self> {
        Ok(value.clone())
    }
}

/// The fields of an object called `what`: unknown ones are ignored.
pub(crate) fn fields<T: DeserializeOwned>(what: &'static str, value: &Value) -> Result<T> {
    T::deserialize(value)
        .map_err(|_| Error::new(ErrorKind::UnexpectedResponse, format!("the {what} is no object with readable fields")))
}

/// A field that may be missing; one of another type than expected is missing too, and spoils nothing else.
pub(crate) fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(field: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(field)?).ok())
}

/// A text that must hold something, and must read as `T`.
pub(crate) fn parsed<T: std::str::FromStr>(what: &'static str, field: &'static str, text: Option<&str>) -> Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text = held(text).ok_or_else(|| lacking(what, field))?;
    text.parse().map_err(|error: T::Err| lacking(what, field).with_source(error))
}

/// A text that holds something: the vendor sends empty text for "not yet" and "none".
pub(crate) fn held(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

pub(crate) fn lacking(what: &str, field: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, format!("the {what} lacks a readable `{field}`"))
}

/// The items of one page, and the number of the next one.
///
/// `count` is that of all matches. A page that is empty ends the list whatever is said, and one that claims to be
/// another than was asked for is not taken for it.
pub(crate) fn page<'a>(data: &'a Value, field: &'static str, asked: u64) -> Result<(&'a [Value], Option<u64>)> {
    let items = data.get(field).and_then(Value::as_array).ok_or_else(|| lacking("answer", field))?;
    let number = |name: &str| data.get(name).and_then(Value::as_u64);
    if let Some(page) = number("currentPage").filter(|page| *page != asked) {
        let text = format!("page {asked} was asked for, and page {page} came");
        return Err(Error::new(ErrorKind::UnexpectedResponse, text));
    }
    let count = number("count").ok_or_else(|| lacking("answer", "count"))?;
    let size = number("pageSize").filter(|size| *size > 0).unwrap_or(items.len() as u64);
    let more = !items.is_empty() && asked.saturating_mul(size) < count;
    Ok((items, more.then(|| asked + 1)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_ends_at_its_count_or_at_an_empty_page() {
        let next = |items: usize, page: u64, size: u64, count: u64| {
            let data = json!({"things": vec![1; items], "currentPage": page, "pageSize": size, "count": count});
            self::page(&data, "things", page).unwrap().1
        };
        assert_eq!(next(10, 1, 10, 25), Some(2));
        assert_eq!(next(5, 3, 10, 25), None);
        assert_eq!(next(0, 2, 10, 25), None, "an empty page, whatever the count");
        assert_eq!(next(10, 1, 10, 10), None);
    }

    #[test]
    fn another_page_than_asked_for_and_a_missing_count_are_told() {
        let data = json!({"things": [1], "currentPage": 1, "pageSize": 10, "count": 25});
        assert!(page(&data, "things", 2).unwrap_err().to_string().contains("page 2"));
        let error = page(&json!({"things": []}), "things", 1).unwrap_err();
        assert!(error.to_string().contains("`count`"), "{error}");
        assert!(page(&json!({"count": 1}), "things", 1).unwrap_err().to_string().contains("`things`"));
    }
}
