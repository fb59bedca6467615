//! The form body of an EC2 or STS call.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::error::{Answer, ApiError};

/// The parameters of a call, or of one numbered entry of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Params {
    /// Names without `prefix`.
    values: BTreeMap<String, String>,
    /// What came before the names, for messages.
    prefix: String,
}

impl Params {
    /// Reads a form body.
    pub(super) fn decode(body: &[u8]) -> Self {
        Self { values: form_urlencoded::parse(body).into_owned().collect(), prefix: String::new() }
    }

    /// The text of a parameter; an empty text counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The text of a parameter that must be there.
    pub(super) fn required(&self, name: &str) -> Answer<&str> {
        self.get(name).ok_or_else(|| ApiError::missing(&self.full(name)))
    }

    /// A truth value.
    pub(super) fn flag(&self, name: &str) -> Answer<Option<bool>> {
        match self.get(name) {
            None => Ok(None),
            Some("true" | "True" | "1") => Ok(Some(true)),
            Some("false" | "False" | "0") => Ok(Some(false)),
            Some(other) => Err(ApiError::value(&self.full(name), other, "Must be true or false.")),
        }
    }

    /// A number.
    pub(super) fn number<T: FromStr>(&self, name: &str) -> Answer<Option<T>> {
        self.get(name)
            .map(|text| text.parse().map_err(|_| ApiError::value(&self.full(name), text, "Must be a number.")))
            .transpose()
    }

    /// The texts of `name.1`, `name.2`, … in the order of their numbers.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let mut found: Vec<(u32, &str)> = self
            .values
            .iter()
            .filter_map(|(key, value)| {
                let number = key.strip_prefix(name)?.strip_prefix('.')?;
                Some((number.parse().ok()?, value.as_str()))
            })
            .collect();
        found.sort_by_key(|(number, _)| *number);
        found.into_iter().map(|(_, value)| value).collect()
    }

    /// The entries `name.1.…`, `name.2.…` in the order of their numbers.
    pub(super) fn entries(&self, name: &str) -> Vec<Self> {
        let mut found: BTreeMap<u32, Self> = BTreeMap::new();
        for (key, value) in &self.values {
            let Some(rest) = key.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')) else { continue };
            let Some((number, rest)) = rest.split_once('.') else { continue };
            let Ok(number) = number.parse() else { continue };
            let entry = found
                .entry(number)
                .or_insert_with(|| Self { values: BTreeMap::new(), prefix: self.full(&format!("{name}.{number}.")) });
            entry.values.insert(rest.to_owned(), value.clone());
        }
        found.into_values().collect()
    }

    /// The names up to their first dot, without those every call has.
    pub(super) fn top_names(&self) -> impl Iterator<Item = &str> {
        self.values
            .keys()
            .map(|key| key.split('.').next().unwrap_or(key))
            .filter(|name| !matches!(*name, "Action" | "Version"))
    }

    /// The names of nested parameters without their numbers: `IpPermissions.IpRanges.CidrIp`.
    pub(super) fn nested_names(&self) -> impl Iterator<Item = String> {
        self.values.keys().filter_map(|key| {
            let parts: Vec<&str> = key.split('.').filter(|part| part.parse::<u32>().is_err()).collect();
            (parts.len() > 1).then(|| parts.join("."))
        })
    }

    /// A text that is equal for equal calls, apart from the parameters named.
    pub(super) fn fingerprint(&self, except: &[&str]) -> String {
        let mut out = String::new();
        for (key, value) in self.values.iter().filter(|(key, _)| !except.contains(&key.as_str())) {
            // Lengths keep two parameters from running into one.
            out.push_str(&format!("{}:{key}={}:{value};", key.len(), value.len()));
        }
        out
    }

    fn full(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_follow_their_numbers_not_their_spelling() {
        let params = Params::decode(b"Id.10=c&Id.2=b&Id.1=a&IdX.1=no&Tag.2.Key=k2&Tag.1.Key=k1&Tag.1.Value=a%20b");
        assert_eq!(params.list("Id"), ["a", "b", "c"]);
        let tags = params.entries("Tag");
        assert_eq!(tags[0].get("Value"), Some("a b"));
        assert_eq!(
            tags[1].required("Value").unwrap_err().message,
            "The request must contain the parameter Tag.2.Value"
        );
    }
}
