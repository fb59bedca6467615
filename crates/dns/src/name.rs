//! The form a vendor gives its host names, as data: match a name, fill in another one.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use privlink_core::{DnsName, IdError, Region, Text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The form of a host name: labels with at most one part in braces each.
///
/// `{service}.{region}.vpce.aws.clickhouse.cloud` or
/// `internal-{cluster}.aws-{region}.cockroachlabs.cloud`. A part stands for one or more letters,
/// digits, dashes or underscores within one label, never for a dot; each part is named once.
///
/// ```
/// use privlink_dns::NamePattern;
///
/// let pattern: NamePattern = "{service}.{region}.vpce.aws.clickhouse.cloud".parse()?;
/// let parts = pattern.matches(&"abc123defg.us-east-1.vpce.aws.clickhouse.cloud".parse()?).unwrap();
/// assert_eq!(parts.get("service"), Some("abc123defg"));
/// assert_eq!(parts.region(), Some("us-east-1".parse()?));
/// assert_eq!(pattern.fill(&parts)?.as_str(), "abc123defg.us-east-1.vpce.aws.clickhouse.cloud");
///
/// assert!("{a}{b}.example.com".parse::<NamePattern>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NamePattern(Vec<Label>);

/// One label of a pattern: fixed text, or a part with fixed text around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Label {
    before: Text,
    part: Option<Text>,
    after: Text,
}

impl NamePattern {
    /// The parts of `name`, if the name has this form.
    #[must_use]
    pub fn matches(&self, name: &DnsName) -> Option<Parts> {
        let mut parts = Parts::new();
        let mut labels = name.as_str().split('.');
        for pattern in &self.0 {
            let label = labels.next()?.strip_prefix(&*pattern.before)?.strip_suffix(&*pattern.after)?;
            match &pattern.part {
                Some(_) if label.is_empty() || label == "*" => return None,
                Some(part) => parts.0.push((part.clone(), label.into())),
                None if label.is_empty() => {}
                None => return None,
            }
        }
        labels.next().is_none().then_some(parts)
    }

    /// The name that these parts make; parts the pattern does not name are left aside.
    ///
    /// # Errors
    /// [`PatternError`] when a part is missing or the outcome is no host name.
    pub fn fill(&self, parts: &Parts) -> Result<DnsName, PatternError> {
        let mut name = String::new();
        for (place, label) in self.0.iter().enumerate() {
            if place > 0 {
                name.push('.');
            }
            name.push_str(&label.before);
            if let Some(part) = &label.part {
                let value = parts.get(part).ok_or_else(|| PatternError::Missing { part: part.clone() })?;
                if value.is_empty() || value.contains(['.', '*']) {
                    return Err(PatternError::NotOneLabel { part: part.clone() });
                }
                name.push_str(value);
            }
            name.push_str(&label.after);
        }
        Ok(name.parse()?)
    }

    /// The names of the parts, from left to right.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|label| label.part.as_deref())
    }

    /// The pattern without its first label: the zone such names share. `None` for one label.
    #[must_use]
    pub fn zone(&self) -> Option<Self> {
        (self.0.len() > 1).then(|| Self(self.0[1..].to_vec()))
    }
}

impl FromStr for NamePattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let labels: Vec<Label> = text.split('.').map(parse_label).collect::<Result<_, _>>()?;
        let pattern = Self(labels);
        let parts: Vec<&str> = pattern.parts().collect();
        if let Some((_, twice)) = parts.iter().enumerate().find(|(place, part)| parts[..*place].contains(part)) {
            return Err(PatternError::NamedTwice { part: (*twice).to_owned().into() });
        }
        // With one letter for each part, what is fixed must make a host name.
        let mut sample = Parts::new();
        sample.0 = pattern.parts().map(|part| (Text::Owned(part.to_owned()), "x".into())).collect();
        pattern.fill(&sample)?;
        Ok(pattern)
    }
}

fn parse_label(label: &str) -> Result<Label, PatternError> {
    let refuse = || PatternError::Braces { label: label.chars().take(80).collect() };
    // Names are compared in lower case, so what is fixed is kept so.
    let fixed = |text: &str| Text::Owned(text.to_ascii_lowercase());
    let Some((before, rest)) = label.split_once('{') else {
        return if label.contains('}') {
            Err(refuse())
        } else {
            Ok(Label { before: fixed(label), part: None, after: Text::Borrowed("") })
        };
    };
    let (part, after) = rest.split_once('}').ok_or_else(refuse)?;
    let is_word = !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if !is_word || [before, after].iter().any(|fixed| fixed.contains(['{', '}'])) {
        return Err(refuse());
    }
    Ok(Label { before: fixed(before), part: Some(part.to_owned().into()), after: fixed(after) })
}

impl TryFrom<&str> for NamePattern {
    type Error = PatternError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, label) in self.0.iter().enumerate() {
            let dot = if place > 0 { "." } else { "" };
            write!(f, "{dot}{}", label.before)?;
            if let Some(part) = &label.part {
                write!(f, "{{{part}}}")?;
            }
            f.write_str(&label.after)?;
        }
        Ok(())
    }
}

impl Serialize for NamePattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NamePattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What stands in a name for the parts of its pattern.
///
/// ```
/// use privlink_dns::{NamePattern, Parts};
///
/// let zone: NamePattern = "{region}.vpce.aws.clickhouse.cloud".parse()?;
/// let parts = Parts::new().with("region", "us-east-1");
/// assert_eq!(zone.fill(&parts)?.as_str(), "us-east-1.vpce.aws.clickhouse.cloud");
/// assert!(zone.fill(&Parts::new()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts(Vec<(Text, Box<str>)>);

impl Parts {
    /// No parts.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sets a part. It is checked when a name is made of it.
    #[must_use]
    pub fn with(mut self, part: impl Into<Text>, value: impl AsRef<str>) -> Self {
        let (part, value) = (part.into(), value.as_ref().into());
        match self.0.iter_mut().find(|(known, _)| *known == part) {
            Some(known) => known.1 = value,
            None => self.0.push((part, value)),
        }
        self
    }

    /// What stands for `part`.
    #[must_use]
    pub fn get(&self, part: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == part).map(|(_, value)| &**value)
    }

    /// What stands for `region`, if it can be one.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        self.get("region")?.parse().ok()
    }
}

/// Why a pattern cannot be read, or not be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// A label has braces that do not hold exactly one part name.
    #[error("the label `{}` must hold at most one part such as `{{region}}`, in lower-case letters", label.escape_debug())]
    #[non_exhaustive]
    Braces {
        /// The label, shortened.
        label: String,
    },
    /// A part is named twice.
    #[error("the part `{part}` is named twice")]
    #[non_exhaustive]
    NamedTwice {
        /// The part.
        part: Text,
    },
    /// The two patterns of a pair name different parts, so one cannot be made from the other.
    #[error("the patterns `{public}` and `{private}` do not name the same parts")]
    #[non_exhaustive]
    DifferentParts {
        /// The pattern of public names.
        public: String,
        /// The pattern of private names.
        private: String,
    },
    /// Nothing was given for a part.
    #[error("the part `{part}` is missing")]
    #[non_exhaustive]
    Missing {
        /// The part.
        part: Text,
    },
    /// What was given for a part does not stay within one label.
    #[error("the part `{part}` must fill exactly one label")]
    #[non_exhaustive]
    NotOneLabel {
        /// The part.
        part: Text,
    },
    /// What came out is no host name.
    #[error(transparent)]
    Name(#[from] IdError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> NamePattern {
        text.parse().unwrap()
    }

    fn name(text: &str) -> DnsName {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_of_the_form_gives_its_parts() {
        for (form, host, part, value) in [
            ("{service}.{region}.p.gcp.clickhouse.cloud", "abc.us-central1.p.gcp.clickhouse.cloud", "service", "abc"),
            (
                "internal-{cluster}.aws-{region}.cockroachlabs.cloud",
                "internal-orders-6qsh.aws-us-west-2.cockroachlabs.cloud",
                "region",
                "us-west-2",
            ),
            (
                "{cluster}-privatelink.{region}.vectordb.zillizcloud.com",
                "in01-0a1b2c-privatelink.aws-us-west-2.vectordb.zillizcloud.com",
                "cluster",
                "in01-0a1b2c",
            ),
        ] {
            let parts = pattern(form).matches(&name(host)).unwrap();
            assert_eq!(parts.get(part), Some(value), "{form}");
            assert_eq!(pattern(form).fill(&parts).unwrap().as_str(), host);
        }
    }

    #[test]
    fn a_name_of_another_form_gives_nothing() {
        let form = pattern("{service}.{region}.vpce.aws.clickhouse.cloud");
        for other in [
            "abc.us-east-1.aws.clickhouse.cloud",
            "a.b.us-east-1.vpce.aws.clickhouse.cloud",
            "us-east-1.vpce.aws.clickhouse.cloud",
            "*.us-east-1.vpce.aws.clickhouse.cloud",
            "abc.us-east-1.vpce.aws.clickhouse.cloud.example.com",
            "abc.us-east-1.vpce.aws.clickhouse.clouds",
        ] {
            assert_eq!(form.matches(&name(other)), None, "{other}");
        }
        let around = pattern("in-{cluster}-pl.crdb.io");
        for other in ["in-pl.crdb.io", "in--pl.crdb.io", "in-a-p.crdb.io", "n-a-pl.crdb.io"] {
            assert_eq!(around.matches(&name(other)), None, "{other}");
        }
    }

    #[test]
    fn patterns_that_cannot_be_matched_surely_are_refused() {
        for bad in [
            "",
            ".",
            "{}",
            "{a",
            "a}",
            "{a}}",
            "{{a}",
            "{a}{b}.c.d",
            "{a}.{a}.c",
            "{A}.b.c",
            "{a.b}.c",
            "a b.c",
            "{a}..c",
            "-{a}.c",
        ] {
            assert!(bad.parse::<NamePattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn parts_never_reach_beyond_their_label() {
        let form = pattern("{service}.{region}.aws.example.com");
        for bad in ["", "a.b", "*", "a/b", "a b", "ä", "-a"] {
            let parts = Parts::new().with("service", bad).with("region", "us-east-1");
            assert!(form.fill(&parts).is_err(), "{bad}");
        }
        assert_eq!(form.fill(&Parts::new()), Err(PatternError::Missing { part: "service".into() }));
    }

    #[test]
    fn a_pattern_is_written_as_it_is_read() {
        let text = "internal-{cluster}.aws-{region}.cockroachlabs.cloud";
        assert_eq!(serde_json::to_string(&pattern(text)).unwrap(), format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<NamePattern>(&format!("\"{text}\"")).unwrap(), pattern(text));
        assert_eq!(pattern(text).zone().unwrap().to_string(), "aws-{region}.cockroachlabs.cloud");
        assert_eq!(pattern("{a}").zone(), None);
    }

    proptest! {
        #[test]
        fn what_was_filled_in_is_found_again(service in "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", region in "[a-z0-9]{1,10}") {
            let form = pattern("x-{service}-y.{region}.vpce.example.com");
            let parts = Parts::new().with("service", &service).with("region", &region);
            prop_assert_eq!(form.matches(&form.fill(&parts).unwrap()), Some(parts));
        }

        #[test]
        fn no_text_makes_a_pattern_panic(text in "[a-z{}.*-]{0,24}|\\PC{0,24}") {
            if let Ok(pattern) = text.parse::<NamePattern>() {
                prop_assert_eq!(pattern.to_string().parse::<NamePattern>(), Ok(pattern));
            }
        }
    }
}
