use std::fmt;

use super::text::Check;

/// A cloud in which a network lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CloudProvider {
    /// Amazon Web Services.
    Aws,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Gcp,
}

impl CloudProvider {
    /// The short lower-case name vendors use: `aws`, `azure`, `gcp`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Azure => "azure",
            Self::Gcp => "gcp",
        }
    }
}

impl fmt::Display for CloudProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for CloudProvider {
    type Err = super::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "aws" => Ok(Self::Aws),
            "azure" => Ok(Self::Azure),
            "gcp" => Ok(Self::Gcp),
            _ => Err(super::IdError::new("cloud provider", "it must be `aws`, `azure` or `gcp`", text)),
        }
    }
}

text_id! {
    /// A region of a cloud, as that cloud spells it: `us-east-1`, `westus3`, `us-central1`.
    ///
    /// Open: vendors and clouds add regions, so no list is kept. 2 to 40 characters of
    /// `[a-z0-9-]`, starting with a letter, not ending in a dash.
    pub struct Region: "region", check_region;
}

fn check_region(text: &str) -> Check {
    if !(2..=40).contains(&text.len()) {
        return Err("it must have 2 to 40 characters".into());
    }
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) || text.ends_with('-') {
        return Err("it must start with a lower-case letter and not end in a dash".into());
    }
    if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err("only lower-case letters, digits and dashes are allowed".into());
    }
    Ok(())
}

text_id! {
    /// An availability zone *id* (`use1-az6`), the same for every account. A zone *name*
    /// (`us-east-1a`) means another zone in another account and is refused.
    pub struct ZoneId: "availability zone id", check_zone;
}

fn check_zone(text: &str) -> Check {
    let Some((region, zone)) = text.rsplit_once("-az") else {
        return Err("it must look like `use1-az6`; a zone name such as `us-east-1a` differs per account".into());
    };
    if region.is_empty()
        || zone.is_empty()
        || zone.len() > 3
        || !zone.bytes().all(|b| b.is_ascii_digit())
        || !region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Err("it must look like `use1-az6`".into());
    }
    Ok(())
}
