use std::borrow::Cow;
use std::fmt;

use super::IdError;
use super::looks_like::is_zone_name;
use super::text::{Check, is_lower_word, is_number};

/// A cloud in which a network lives.
///
/// ```
/// use privlink_core::CloudProvider;
///
/// assert_eq!("aws".parse(), Ok(CloudProvider::Aws));
/// assert!("AWS".parse::<CloudProvider>().is_err());
/// ```
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
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Azure => "azure",
            Self::Gcp => "gcp",
        }
    }

    /// The name people read: `AWS`, `Azure`, `Google Cloud`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Azure => "Azure",
            Self::Gcp => "Google Cloud",
        }
    }
}

impl fmt::Display for CloudProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for CloudProvider {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "aws" => Ok(Self::Aws),
            "azure" => Ok(Self::Azure),
            "gcp" => Ok(Self::Gcp),
            _ => Err(IdError::new("cloud provider", "it must be `aws`, `azure` or `gcp`", text)),
        }
    }
}

impl TryFrom<&str> for CloudProvider {
    type Error = IdError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

text_id! {
    /// A region of a cloud, as that cloud spells it: `us-east-1`, `westus3`, `us-central1`.
    ///
    /// - Open: vendors and clouds add regions, so no list is kept.
    /// - 2 to 40 characters of `[a-z0-9-]`, starting with a letter, not ending in a dash.
    /// - Not a zone: `us-east-1a`, `us-central1-a` and `use1-az6` are refused.
    ///
    /// ```
    /// use privlink_core::Region;
    ///
    /// assert!("us-east-1".parse::<Region>().is_ok());
    /// let error = "us-east-1a".parse::<Region>().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`us-east-1a` is not a region: give the region it lies in; it looks like an availability zone name",
    /// );
    /// ```
    pub struct Region: "region", check_region;
}

fn check_region(text: &str) -> Check {
    if !(2..=40).contains(&text.len()) {
        return Err("it must have 2 to 40 characters".into());
    }
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) || text.ends_with('-') {
        return Err("it must start with a lower-case letter and not end in a dash".into());
    }
    if !is_lower_word(text) {
        return Err("only lower-case letters, digits and dashes are allowed".into());
    }
    if is_zone_name(text) || check_zone(text).is_ok() {
        return Err("give the region it lies in".into());
    }
    Ok(())
}

impl Region {
    /// The cloud that spells its regions this way; `None` where the form tells nothing.
    ///
    /// AWS writes `us-east-1`, Google Cloud `us-east1`, Azure `eastus2`.
    ///
    /// ```
    /// use privlink_core::{CloudProvider, Region};
    ///
    /// let cloud = |text: &str| text.parse::<Region>().unwrap().cloud_by_form();
    /// assert_eq!(cloud("us-gov-west-1"), Some(CloudProvider::Aws));
    /// assert_eq!(cloud("europe-west12"), Some(CloudProvider::Gcp));
    /// assert_eq!(cloud("germanywestcentral"), Some(CloudProvider::Azure));
    /// assert_eq!(cloud("dc1"), None);
    /// ```
    #[must_use]
    pub fn cloud_by_form(&self) -> Option<CloudProvider> {
        cloud_of_form(&self.0)
    }

    /// Refuses a region that another cloud's spelling gives away.
    ///
    /// ```
    /// use privlink_core::{CloudProvider, Region};
    ///
    /// let region: Region = "us-east1".parse()?;
    /// let error = region.check_for(CloudProvider::Aws).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`us-east1` is not a region of AWS: it is spelled like a region of Google Cloud",
    /// );
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    ///
    /// # Errors
    /// [`IdError`] when the region is spelled the way of another cloud than `cloud`.
    pub fn check_for(&self, cloud: CloudProvider) -> Result<(), IdError> {
        let wanted = match cloud {
            CloudProvider::Aws => "region of AWS",
            CloudProvider::Azure => "region of Azure",
            CloudProvider::Gcp => "region of Google Cloud",
        };
        match self.cloud_by_form() {
            Some(other) if other != cloud => {
                let rule = Cow::from(format!("it is spelled like a region of {}", other.name()));
                Err(IdError::new(wanted, rule, &self.0))
            }
            _ => Ok(()),
        }
    }
}

/// The cloud that spells its regions like this text.
pub(super) fn cloud_of_form(text: &str) -> Option<CloudProvider> {
    let words: Vec<&str> = text.split('-').collect();
    let letters = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    let number = |word: &str| is_number(word) && word.len() <= 2;
    match words.as_slice() {
        [front @ .., last] if front.len() >= 2 && front.iter().all(|word| letters(word)) && number(last) => {
            Some(CloudProvider::Aws)
        }
        [front, last] if letters(front) => {
            let digits = last.trim_start_matches(|c: char| c.is_ascii_lowercase());
            (digits.len() < last.len() && number(digits)).then_some(CloudProvider::Gcp)
        }
        [word] if text.len() >= 5 && word.starts_with(|c: char| c.is_ascii_lowercase()) => Some(CloudProvider::Azure),
        _ => None,
    }
}

text_id! {
    /// An availability zone *id* (`use1-az6`), the same for every account.
    ///
    /// - `<region code>-az<number>`, at most 40 characters of `[a-z0-9-]`.
    /// - A zone *name* (`us-east-1a`) means another zone in another account and is refused.
    ///
    /// ```
    /// use privlink_core::ZoneId;
    ///
    /// assert!("use1-az6".parse::<ZoneId>().is_ok());
    /// let error = "us-east-1a".parse::<ZoneId>().unwrap_err();
    /// assert_eq!(error.looks_like(), Some("availability zone name"));
    /// ```
    pub struct ZoneId: "availability zone id", check_zone;
}

fn check_zone(text: &str) -> Check {
    let Some((region, zone)) = text.rsplit_once("-az") else {
        return Err("it must look like `use1-az6`; a zone name such as `us-east-1a` differs per account".into());
    };
    let region_fits = region.starts_with(|c: char| c.is_ascii_lowercase()) && is_lower_word(region);
    if !region_fits || text.len() > 40 || zone.len() > 3 || !is_number(zone) {
        return Err("it must look like `use1-az6`".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_every_cloud_are_told_apart_by_their_spelling() {
        for (cloud, regions) in [
            (
                CloudProvider::Aws,
                ["us-east-1", "ap-southeast-4", "us-gov-west-1", "cn-northwest-1", "eusc-de-east-1", "mx-central-1"],
            ),
            (
                CloudProvider::Gcp,
                ["us-east1", "northamerica-northeast1", "europe-west12", "me-central2", "asia-southeast1", "us-south1"],
            ),
            (
                CloudProvider::Azure,
                ["eastus", "westus3", "germanywestcentral", "uaenorth", "chinaeast2", "eastus2euap"],
            ),
        ] {
            for text in regions {
                let region: Region = text.parse().unwrap();
                assert_eq!(region.cloud_by_form(), Some(cloud), "{text}");
                for other in [CloudProvider::Aws, CloudProvider::Azure, CloudProvider::Gcp] {
                    assert_eq!(region.check_for(other).is_ok(), other == cloud, "{text} in {other}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_region_is_refused() {
        for text in [
            "",
            "u",
            "US-EAST-1",
            "us_east_1",
            "us-east-1a",
            "us-central1-a",
            "use1-az6",
            "-us",
            "us-",
            "1us",
            "us east",
            "us/east",
            "..",
            "us%2f",
            "üs-east-1",
            "us-east-1\0",
            "us-east-1\n",
        ] {
            assert!(text.parse::<Region>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn zone_ids_and_names_are_never_mixed() {
        for text in ["use1-az6", "apne1-az4", "usw2-lax1-az1", "euc1-az12"] {
            assert!(text.parse::<ZoneId>().is_ok(), "{text}");
        }
        for text in ["us-east-1a", "use1-az", "-az1", "use1-az1234", "use1-AZ6", "use1-az6 ", "1-az1", "u/e-az1"] {
            assert!(text.parse::<ZoneId>().is_err(), "{text}");
        }
    }
}
