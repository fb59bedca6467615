use std::borrow::Cow;
use std::fmt;

use super::text::Check;
use super::{IdError, Region};

text_id! {
    /// A Google Cloud project id: 6 to 30 of `[a-z0-9-]`, optionally behind `<domain>:`.
    pub struct ProjectId: "GCP project id", check_project;
}

fn check_project(text: &str) -> Check {
    let id = text.rsplit_once(':').map_or(text, |(domain, id)| if domain.is_empty() { "" } else { id });
    if !(6..=30).contains(&id.len())
        || !id.starts_with(|c: char| c.is_ascii_lowercase())
        || id.ends_with('-')
        || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        || text.bytes().any(|b| b == b'/' || b.is_ascii_whitespace() || b.is_ascii_control())
    {
        return Err("it must be 6 to 30 lower-case letters, digits and dashes, starting with a letter".into());
    }
    Ok(())
}

text_id! {
    /// The name of a forwarding rule: `[a-z]([-a-z0-9]{0,61}[a-z0-9])?`.
    pub struct ForwardingRuleName: "forwarding rule name", check_rfc1035;
}

fn check_rfc1035(text: &str) -> Check {
    if (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        Ok(())
    } else {
        Err("it must be 1 to 63 lower-case letters, digits and dashes, starting with a letter".into())
    }
}

text_id! {
    /// A Google service attachment:
    /// `projects/<project>/regions/<region>/serviceAttachments/<name>`. A full URL is cut down
    /// to this form.
    pub struct ServiceAttachment: "GCP service attachment", check_attachment, strip_compute_url;
}

fn strip_compute_url(text: &str) -> Cow<'_, str> {
    ["https://www.googleapis.com/compute/v1/", "https://compute.googleapis.com/compute/v1/"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .unwrap_or(text)
        .into()
}

fn check_attachment(text: &str) -> Check {
    let parts: Vec<&str> = text.split('/').collect();
    let ["projects", project, "regions", region, "serviceAttachments", name] = parts.as_slice() else {
        return Err("it must look like `projects/<project>/regions/<region>/serviceAttachments/<name>`".into());
    };
    if project.is_empty() || project.bytes().any(|b| b.is_ascii_whitespace() || b.is_ascii_control()) {
        return Err("its project must be given".into());
    }
    region.parse::<Region>().map_err(|error| Cow::from(format!("its region is wrong: {}", error.rule())))?;
    check_rfc1035(name).map_err(|rule| format!("its name is wrong: {rule}").into())
}

impl ServiceAttachment {
    /// The producer's project.
    #[must_use]
    pub fn project(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }

    /// The region of the attachment, and so of every endpoint to it.
    #[must_use]
    pub fn region(&self) -> Region {
        self.0.split('/').nth(3).unwrap_or_default().parse().expect("checked when the attachment was parsed")
    }

    /// The attachment's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

/// A Private Service Connect connection id: an exact unsigned 64-bit number.
///
/// Written to JSON as a string, because numbers beyond 2⁵³ do not survive most JSON readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PscConnectionId(u64);

impl PscConnectionId {
    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl From<u64> for PscConnectionId {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl std::str::FromStr for PscConnectionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = |rule: &'static str| IdError::new("PSC connection id", rule, text);
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse("it must be a decimal number"));
        }
        text.parse().map(Self).map_err(|_| refuse("it must fit into 64 bits"))
    }
}

impl fmt::Display for PscConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for PscConnectionId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for PscConnectionId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
