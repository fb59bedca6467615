//! Public and private names of one database: how one follows from the other, and whose word
//! counts when both are there.

use std::fmt;

use privlink_core::{DnsName, PrivateDnsHostname, Region};
use serde::{Deserialize, Serialize};

use crate::name::{NamePattern, Parts, PatternError};

/// How the public and the private names of a vendor in one cloud hang together.
///
/// An observation of the vendor's habits, kept as dated data in the vendor's own crate. It
/// serves to plan and to explain before the vendor has answered; [`Host::choose`] sees to it
/// that the vendor's answer wins once it is there.
///
/// ```
/// use privlink_dns::HostPattern;
///
/// let aws = HostPattern::inserting("vpce", "{service}.{region}", "aws.clickhouse.cloud")?;
/// let private = aws.private_host(&"abc123defg.us-east-1.aws.clickhouse.cloud".parse()?).unwrap();
/// assert_eq!(private.as_str(), "abc123defg.us-east-1.vpce.aws.clickhouse.cloud");
/// assert_eq!(aws.zone(&"us-east-1".parse()?).unwrap().as_str(), "us-east-1.vpce.aws.clickhouse.cloud");
///
/// // A name of another form is not forced into this one.
/// assert_eq!(aws.private_host(&"abc.infra.us-east-1.aws.clickhouse-byoc.com".parse()?), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Pair")]
pub struct HostPattern {
    public: NamePattern,
    private: NamePattern,
}

impl HostPattern {
    /// Names of the form `public` belong to names of the form `private`.
    ///
    /// # Errors
    /// [`PatternError`] when a pattern cannot be read, or the two do not name the same parts.
    pub fn new(public: &str, private: &str) -> Result<Self, PatternError> {
        Pair { public: public.parse()?, private: private.parse()? }.try_into()
    }

    /// The habit of many vendors: the private name is the public one with a label in between,
    /// `<front>.<tail>` and `<front>.<label>.<tail>`.
    ///
    /// # Errors
    /// As [`HostPattern::new`].
    pub fn inserting(label: &str, front: &str, tail: &str) -> Result<Self, PatternError> {
        Self::new(&format!("{front}.{tail}"), &format!("{front}.{label}.{tail}"))
    }

    /// The form of public names.
    #[must_use]
    pub fn public(&self) -> &NamePattern {
        &self.public
    }

    /// The form of private names.
    #[must_use]
    pub fn private(&self) -> &NamePattern {
        &self.private
    }

    /// The private host that goes with a public one; `None` for a name of another form.
    #[must_use]
    pub fn private_host(&self, public: &DnsName) -> Option<PrivateDnsHostname> {
        self.private.fill(&self.public.matches(public)?).ok()?.as_str().parse().ok()
    }

    /// The public host that goes with a private one; `None` for a name of another form.
    #[must_use]
    pub fn public_host(&self, private: &PrivateDnsHostname) -> Option<DnsName> {
        self.public.fill(&self.private.matches(&private.name())?).ok()
    }

    /// The zone all private hosts of a region share; `None` when the zone depends on more than
    /// the region.
    #[must_use]
    pub fn zone(&self, region: &Region) -> Option<DnsName> {
        self.private.zone()?.fill(&Parts::new().with("region", region)).ok()
    }

    /// The private host that `parts` make; `None` when a part is missing or is no label.
    #[must_use]
    pub fn private_host_of(&self, parts: &Parts) -> Option<PrivateDnsHostname> {
        self.private.fill(parts).ok()?.as_str().parse().ok()
    }
}

/// Two patterns not yet checked against each other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    public: NamePattern,
    private: NamePattern,
}

impl TryFrom<Pair> for HostPattern {
    type Error = PatternError;

    fn try_from(pair: Pair) -> Result<Self, Self::Error> {
        let sorted = |pattern: &NamePattern| {
            let mut parts: Vec<String> = pattern.parts().map(str::to_owned).collect();
            parts.sort_unstable();
            parts
        };
        if sorted(&pair.public) != sorted(&pair.private) {
            return Err(PatternError::DifferentParts {
                public: pair.public.to_string(),
                private: pair.private.to_string(),
            });
        }
        Ok(Self { public: pair.public, private: pair.private })
    }
}

/// A private host, and on whose word.
///
/// Records are written for [`Host::published`] names only: a derived one is a good guess to
/// show, and nothing to send traffic by.
///
/// ```
/// use privlink_core::PrivateDnsHostname;
/// use privlink_dns::Host;
///
/// let guess: PrivateDnsHostname = "abc.us-east-1.vpce.aws.clickhouse.cloud".parse()?;
/// let answer: PrivateDnsHostname = "xyz.us-east-1.vpce.aws.clickhouse.cloud".parse()?;
///
/// let before = Host::choose(None, || Some(guess.clone())).unwrap();
/// assert_eq!(before.published(), None);
///
/// let after = Host::choose(Some(answer.clone()), || Some(guess.clone())).unwrap();
/// assert_eq!(after.published(), Some(&answer));
/// assert!(after.differs_from(&guess));
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "by", content = "host", rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "complete: either the vendor said it or we made it up")]
pub enum Host {
    /// The vendor published it.
    Published(PrivateDnsHostname),
    /// It follows from another name by a [`HostPattern`]; the vendor has not answered yet.
    Derived(PrivateDnsHostname),
}

impl Host {
    /// The published host where there is one, else the derived one; `derive` runs only then.
    #[must_use]
    pub fn choose(
        published: Option<PrivateDnsHostname>,
        derive: impl FnOnce() -> Option<PrivateDnsHostname>,
    ) -> Option<Self> {
        published.map(Self::Published).or_else(|| derive().map(Self::Derived))
    }

    /// The host, on whosever word.
    #[must_use]
    pub fn name(&self) -> &PrivateDnsHostname {
        match self {
            Self::Published(host) | Self::Derived(host) => host,
        }
    }

    /// The host, if the vendor published it.
    #[must_use]
    pub fn published(&self) -> Option<&PrivateDnsHostname> {
        match self {
            Self::Published(host) => Some(host),
            Self::Derived(_) => None,
        }
    }

    /// Whether the pattern gives another name than this one: the vendor's habits changed, or the
    /// name belongs to something else.
    #[must_use]
    pub fn differs_from(&self, derived: &PrivateDnsHostname) -> bool {
        self.name() != derived
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Published(host) => host.fmt(f),
            Self::Derived(host) => write!(f, "{host} (derived; not confirmed by the vendor)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_a_pair_must_name_the_same_parts() {
        let error = HostPattern::new("{service}.aws.example.com", "{service}.{region}.aws.example.com").unwrap_err();
        assert!(matches!(error, PatternError::DifferentParts { .. }), "{error}");
        let json = r#"{"public":"{a}.x.com","private":"{b}.x.com"}"#;
        assert!(serde_json::from_str::<HostPattern>(json).is_err());
    }

    #[test]
    fn a_pair_survives_being_written_down() {
        let pair = HostPattern::inserting("p", "{service}.{region}", "gcp.clickhouse.cloud").unwrap();
        let json = serde_json::to_string(&pair).unwrap();
        assert_eq!(serde_json::from_str::<HostPattern>(&json).unwrap(), pair);
    }

    #[test]
    fn a_zone_that_needs_more_than_the_region_is_not_guessed() {
        let pair = HostPattern::new("{s}.{infra}.{region}.b.com", "{s}.vpce.{infra}.{region}.b.com").unwrap();
        assert_eq!(pair.zone(&"us-east-1".parse().unwrap()), None);
    }

    #[test]
    fn the_derived_name_is_not_even_computed_when_the_vendor_answered() {
        let published: PrivateDnsHostname = "abc.us-east-1.vpce.aws.clickhouse.cloud".parse().unwrap();
        let host = Host::choose(Some(published.clone()), || unreachable!("the vendor's answer wins"));
        assert_eq!(host, Some(Host::Published(published)));
        assert_eq!(Host::choose(None, || None), None);
    }
}
