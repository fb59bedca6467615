//! How what could be read is written, and beside it what could not: `{"unreadable": …}`.

use privlink_core::{IdError, Result};
use serde::{Serialize, Serializer};

#[derive(Serialize)]
#[serde(untagged)]
enum Told<'a, T> {
    Read(&'a T),
    Not { unreadable: String },
}

impl<'a, T> Told<'a, T> {
    fn of<E: ToString>(result: &'a std::result::Result<T, E>) -> Self {
        result.as_ref().map_or_else(|error| Self::Not { unreadable: error.to_string() }, Self::Read)
    }
}

pub(super) fn all<T: Serialize, S: Serializer>(
    results: &[Result<T>],
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_seq(results.iter().map(Told::of))
}

pub(super) fn maybe<T: Serialize, S: Serializer>(
    results: &Option<Vec<Result<T>>>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    let told: Option<Vec<_>> = results.as_ref().map(|results| results.iter().map(Told::of).collect());
    told.serialize(serializer)
}

pub(super) fn told<T: Serialize, S: Serializer>(
    id: &Option<std::result::Result<T, IdError>>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    id.as_ref().map(Told::of).serialize(serializer)
}
