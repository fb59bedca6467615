//! Domain names, as Cloud DNS keeps them.

use std::fmt;

/// A domain name: lower case, with a dot at its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FullName(String);

impl FullName {
    /// Reads a name as the API takes it: the dot at the end has to be there.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let front = text.strip_suffix('.')?;
        let fits = |(place, label): (usize, &str)| {
            let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            (1..=63).contains(&label.len()) && (plain || (place == 0 && label == "*"))
        };
        (front.len() <= 253 && front.split('.').enumerate().all(fits)).then(|| Self(text.to_ascii_lowercase()))
    }

    /// Reads a name that may lack the dot.
    pub(super) fn of(text: &str) -> Option<Self> {
        Self::parse(&format!("{}.", text.trim_end_matches('.')))
    }

    /// The text, with the dot at its end.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `zone` or below it.
    pub(super) fn is_within(&self, zone: &Self) -> bool {
        self == zone || self.0.strip_suffix(zone.0.as_str()).is_some_and(|front| front.ends_with('.'))
    }

    /// The name one label up.
    pub(super) fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_once('.')?;
        (!rest.is_empty()).then(|| Self(rest.to_owned()))
    }

    /// The wildcard directly below it.
    pub(super) fn wildcard(&self) -> Self {
        Self(format!("*.{}", self.0))
    }
}

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_with_a_dot_and_has_its_star_in_front() {
        for (text, right) in [
            ("a.example.com.", true),
            ("A.Example.Com.", true),
            ("*.example.com.", true),
            ("_x.example.com.", true),
            ("a.example.com", false),
            ("a.*.example.com.", false),
            ("a*.example.com.", false),
            ("a..example.com.", false),
            (".", false),
            ("", false),
        ] {
            assert_eq!(FullName::parse(text).is_some(), right, "{text}");
        }
        assert_eq!(FullName::of("A.example.com"), FullName::parse("a.example.com."));
    }

    #[test]
    fn within() {
        let zone = FullName::of("example.com").unwrap();
        assert!(FullName::of("a.example.com").unwrap().is_within(&zone));
        assert!(zone.is_within(&zone));
        assert!(!FullName::of("aexample.com").unwrap().is_within(&zone));
    }
}
