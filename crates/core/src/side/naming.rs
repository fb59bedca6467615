use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::IdError;

/// How private names come to resolve.
///
/// One word each, in text and in JSON:
///
/// | word | means |
/// | --- | --- |
/// | `apex` | a private zone named exactly the host, with a record at its apex; hides no other name |
/// | `exact` | one record in a private zone of the vendor's shared parent name |
/// | `wildcard` | a wildcard in that zone, which serves every database behind the endpoint |
/// | `endpoint-private-dns` | the endpoint's own private DNS |
/// | `vendor-published` | the vendor's own names lead to the endpoint |
/// | `self-managed` | no DNS is touched; what to write is told |
///
/// ```
/// use privlink_core::side::{Naming, RecordShape};
///
/// let naming: Naming = "wildcard".parse()?;
/// assert_eq!(naming, Naming::PrivateZone(RecordShape::Wildcard));
/// assert_eq!(naming.to_string(), "wildcard");
/// assert!("print".parse::<Naming>().is_err());
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
#[non_exhaustive]
pub enum Naming {
    /// The endpoint answers the vendor's names itself.
    EndpointPrivateDns,
    /// A private zone of the consumer's with a record of this shape.
    PrivateZone(RecordShape),
    /// The vendor publishes the names.
    VendorPublished,
    /// The caller looks after DNS: nothing is written, and a finding tells the records.
    SelfManaged,
}

impl Naming {
    const ALL: [Self; 8] = [
        Self::PrivateZone(RecordShape::Apex),
        Self::PrivateZone(RecordShape::Exact),
        Self::PrivateZone(RecordShape::Wildcard),
        Self::EndpointPrivateDns,
        Self::VendorPublished,
        Self::SelfManaged,
        Self::PrivateZone(RecordShape::Vendor),
        Self::PrivateZone(RecordShape::VendorSrv),
    ];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PrivateZone(shape) => shape.as_str(),
            Self::EndpointPrivateDns => "endpoint-private-dns",
            Self::VendorPublished => "vendor-published",
            Self::SelfManaged => "self-managed",
        }
    }
}

impl fmt::Display for Naming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Naming {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|naming| naming.as_str() == text).ok_or_else(|| {
            let rule =
                "it must be `apex`, `exact`, `wildcard`, `endpoint-private-dns`, `vendor-published` or `self-managed`";
            IdError::new("naming mode", rule, text)
        })
    }
}

impl TryFrom<String> for Naming {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Naming> for &'static str {
    fn from(naming: Naming) -> Self {
        naming.as_str()
    }
}

/// The record that makes a private name resolve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RecordShape {
    /// A record at the apex of a zone named exactly the host.
    Apex,
    /// An exact record in the vendor's shared parent zone.
    Exact,
    /// A wildcard in the vendor's shared parent zone.
    Wildcard,
    /// The vendor publishes the name.
    Vendor,
    /// The vendor publishes SRV records.
    VendorSrv,
}

impl RecordShape {
    /// Its word.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Apex => "apex",
            Self::Exact => "exact",
            Self::Wildcard => "wildcard",
            Self::Vendor => "vendor",
            Self::VendorSrv => "vendor-srv",
        }
    }
}

impl fmt::Display for RecordShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_naming_mode_is_one_word_in_text_and_in_json() {
        for naming in Naming::ALL {
            let word = naming.to_string();
            assert_eq!(word.parse(), Ok(naming));
            let json = serde_json::to_string(&naming).unwrap();
            assert_eq!(json, format!("\"{word}\""));
            assert_eq!(serde_json::from_str::<Naming>(&json).unwrap(), naming);
        }
    }

    #[test]
    fn an_unknown_word_is_told_the_known_ones() {
        let told = "print".parse::<Naming>().unwrap_err().to_string();
        assert!(told.contains("`print`") && told.contains("`self-managed`"), "{told}");
        assert!(serde_json::from_str::<Naming>("\"print\"").is_err());
    }
}
