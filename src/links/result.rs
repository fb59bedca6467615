use std::fmt;

use privlink_core::{Error, LinkName};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Applied, ApplyError, Inventory, Verdict};

/// What came of one link of a set.
///
/// In JSON it is the link's name, and `ok` or `error` beside it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LinkResult<T, E = Error> {
    /// The link's name.
    pub link: LinkName,
    /// What came of it.
    pub result: Result<T, E>,
}

impl<T, E> LinkResult<T, E> {
    pub(super) fn new(link: LinkName, result: Result<T, E>) -> Self {
        Self { link, result }
    }
}

/// How the link ended, in one line.
impl fmt::Display for LinkResult<Applied, ApplyError> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.result {
            Ok(applied) => write!(f, "{}: {applied}", self.link),
            Err(error) => write!(f, "{}: {error}", self.link),
        }
    }
}

impl fmt::Display for LinkResult<Verdict> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.result {
            Ok(verdict) => write!(f, "{}: {verdict}", self.link),
            Err(error) => write!(f, "{}: {error}", self.link),
        }
    }
}

impl fmt::Display for LinkResult<Inventory> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.result {
            Ok(inventory) => inventory.fmt(f),
            Err(error) => write!(f, "{}: {error}", self.link),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Form<L, R> {
    link: L,
    #[serde(flatten)]
    result: R,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Told<T, E> {
    Ok(T),
    Error(E),
}

impl<T: Serialize, E: Serialize> Serialize for LinkResult<T, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let result = self.result.as_ref().map_or_else(Told::Error, Told::Ok);
        Form { link: &self.link, result }.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>, E: Deserialize<'de>> Deserialize<'de> for LinkResult<T, E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Form { link, result } = Form::<LinkName, Told<T, E>>::deserialize(deserializer)?;
        let result = match result {
            Told::Ok(value) => Ok(value),
            Told::Error(error) => Err(error),
        };
        Ok(Self { link, result })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_was_not_planned_is_one_line_and_one_object() {
        let error = ApplyError::Unplanned { error: Error::invalid("no such service") };
        let end: LinkResult<Applied, ApplyError> = LinkResult::new("aa".parse().unwrap(), Err(error));
        assert_eq!(end.to_string(), "aa: not planned: no such service");
        let told = serde_json::to_value(&end).unwrap();
        assert_eq!((&told["link"], &told["error"]["kind"]), (&"aa".into(), &"unplanned".into()));
        assert_eq!(serde_json::from_value::<LinkResult<Applied, ApplyError>>(told).unwrap(), end);
    }
}
