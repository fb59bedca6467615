use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{LinkName, Text};

/// The identity of a thing by what it touches, never by a link's name, so that a renamed link
/// finds it and links that share it meet in it.
///
/// Made of a kind and parts: an endpoint is (account, network, endpoint service, instance), a
/// zone is (network, zone name), an entry is (vendor resource, endpoint id).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TouchKey(String);

impl TouchKey {
    /// The key of a `kind` of thing that touches `parts`.
    #[must_use]
    pub fn new<'a>(kind: &str, parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut key = kind.to_owned();
        for part in parts {
            key.push('|');
            key.push_str(part);
        }
        Self(key)
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind of thing: the part before the first `|`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split('|').next().unwrap_or_default()
    }

    /// The key as a person reads it: the kind in words, then its parts.
    ///
    /// ```
    /// use privlink_core::side::TouchKey;
    ///
    /// let key = TouchKey::new("aws.security_group", ["123456789012", "", "sg-0a1b2c3d4e5f67890"]);
    /// assert_eq!(key.words(), "aws security group 123456789012 sg-0a1b2c3d4e5f67890");
    /// ```
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = self.kind().replace(['.', '_'], " ");
        for part in self.0.split('|').skip(1).filter(|part| !part.is_empty()) {
            words.push(' ');
            words.push_str(part);
        }
        words
    }

    /// 16 hex digits that in names, tags and client tokens.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(&self.0)
    }

    /// The digest of the key's `n`-th incarnation: what a client token is made of, so that a
    /// thing made anew after its removal is not answered with the removed one.
    #[must_use]
    pub fn incarnation(&self, n: u32) -> String {
        digest(&format!("{}|#{n}", self.0))
    }
}

pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Display for TouchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What is written onto the things a link makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mark {
    /// What the thing touches.
    pub key: TouchKey,
    /// Tells apart several links between the same two sides; empty for the usual one.
    pub instance: Text,
    /// The link that made it; informative only.
    pub link: LinkName,
    /// The subject of the database that it was first made for; empty where untold.
    #[serde(default)]
    pub database: Text,
}

impl Mark {
    /// The value every tool of this family writes into `managed-by`.
    pub const MANAGED_BY: &'static str = "privlink";

    /// A mark.
    #[must_use]
    pub fn new(key: TouchKey, instance: impl Into<Text>, link: LinkName) -> Self {
        Self { key, instance: instance.into(), link, database: Text::default() }
    }

    /// Says which database it is made for, by the [`subject`](super::Side::subject) of its side.
    #[must_use]
    pub fn of(mut self, database: impl Into<Text>) -> Self {
        self.database = database.into();
        self
    }

    /// 16 hex digits that stand for the database in tags and comments: what the things of a
    /// database are found by when it is gone and nobody can name its endpoint service any more.
    /// `None` while the database is untold.
    ///
    /// ```
    /// use privlink_core::side::{Mark, TouchKey};
    ///
    /// let mark = Mark::new(TouchKey::new("aws.zone", ["vpc-0a1b2c3d4e5f67890"]), "", "orders".parse()?);
    /// assert_eq!(mark.database_digest(), None);
    /// let mut renamed = mark.clone().of("example database");
    /// renamed.link = "renamed".parse()?;
    /// assert_eq!(mark.of("example database").database_digest(), renamed.database_digest());
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    #[must_use]
    pub fn database_digest(&self) -> Option<String> {
        (!self.database.is_empty()).then(|| digest(&format!("database|{}", self.database)))
    }
}

/// Whose a thing is. The answers that a thing is ours to handle name their evidence; the others say that there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "whose", content = "evidence", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ownership {
    /// Made by this family.
    Ours(Evidence),
    /// Taken in on request.
    Adopted(Evidence),
    /// Somebody else's: never changed, never deleted.
    Foreign,
    /// It cannot be told: kept, and listed.
    Unattributable,
    /// There is no such thing.
    Absent,
}

impl Ownership {
    /// Whether it may be changed and removed.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Ours(_))
    }
}

/// In words: `ours, by its tag`.
///
/// ```
/// use privlink_core::side::{Evidence, Ownership};
///
/// assert_eq!(Ownership::Ours(Evidence::Tag).to_string(), "ours, by its tag");
/// assert_eq!(Ownership::Foreign.to_string(), "somebody else's");
/// ```
impl fmt::Display for Ownership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours(evidence) => write!(f, "ours, by {evidence}"),
            Self::Adopted(evidence) => write!(f, "adopted, by {evidence}"),
            Self::Foreign => f.write_str("somebody else's"),
            Self::Unattributable => f.write_str("nobody can tell whose"),
            Self::Absent => f.write_str("not there"),
        }
    }
}

/// How a thing is known to be ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence {
    /// A tag on it.
    Tag,
    /// Its description.
    Description,
    /// Its caller reference.
    CallerReference,
    /// Metadata of the record.
    RecordMetadata,
    /// A TXT record beside it.
    RegistryTxt,
    /// It is inside something of ours.
    InsideOurs(TouchKey),
    /// It names something of ours.
    NamesOur(TouchKey),
    /// A receipt the caller kept.
    Receipt,
}

/// In words, as they follow "by".
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag => f.write_str("its tag"),
            Self::Description => f.write_str("its description"),
            Self::CallerReference => f.write_str("its caller reference"),
            Self::RecordMetadata => f.write_str("its metadata"),
            Self::RegistryTxt => f.write_str("the TXT record beside it"),
            Self::InsideOurs(_) => f.write_str("what it is in"),
            Self::NamesOur(_) => f.write_str("what it names"),
            Self::Receipt => f.write_str("a receipt"),
        }
    }
}
