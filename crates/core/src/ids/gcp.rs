use std::borrow::Cow;

use super::text::{Check, is_lower_word, is_number};
use super::{IdError, Region};

text_id! {
    /// A Google Cloud project id: 6 to 30 of `[a-z0-9-]`, starting with a letter, not ending in
    /// a dash; in old organizations behind `<domain>:`.
    ///
    /// A project *number* is another thing and is refused.
    ///
    /// ```
    /// use privlink_core::ProjectId;
    ///
    /// assert!("orders-prod-123".parse::<ProjectId>().is_ok());
    /// assert!("example.com:orders-prod".parse::<ProjectId>().is_ok());
    /// let error = "415104041262".parse::<ProjectId>().unwrap_err();
    /// assert_eq!(error.rule(), "it must be a project id, not a project number");
    /// ```
    pub struct ProjectId: "GCP project id", check_project;
}

fn check_project(text: &str) -> Check {
    if is_number(text) {
        return Err("it must be a project id, not a project number".into());
    }
    let id = match text.split_once(':') {
        Some((domain, id)) => {
            if super::dns_name::check_name(domain).is_err() || domain.contains(['*', '_']) || !domain.contains('.') {
                return Err("what stands before `:` must be a domain".into());
            }
            id
        }
        None => text,
    };
    if !(6..=30).contains(&id.len())
        || !id.starts_with(|c: char| c.is_ascii_lowercase())
        || id.ends_with('-')
        || !is_lower_word(id)
    {
        return Err("it must be 6 to 30 lower-case letters, digits and dashes, starting with a letter".into());
    }
    Ok(())
}

text_id! {
    /// The name of a forwarding rule: `[a-z]([-a-z0-9]{0,61}[a-z0-9])?`.
    ///
    /// ```
    /// use privlink_core::ForwardingRuleName;
    ///
    /// assert!("orders-prod".parse::<ForwardingRuleName>().is_ok());
    /// let path = "projects/orders-prod/regions/us-central1/forwardingRules/orders";
    /// assert!(path.parse::<ForwardingRuleName>().is_err());
    /// ```
    pub struct ForwardingRuleName: "forwarding rule name", check_rfc1035;
}

fn check_rfc1035(text: &str) -> Check {
    if (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && is_lower_word(text)
    {
        Ok(())
    } else {
        Err("it must be 1 to 63 lower-case letters, digits and dashes, starting with a letter".into())
    }
}

text_id! {
    /// A Google service attachment:
    /// `projects/<project>/regions/<region>/serviceAttachments/<name>`.
    ///
    /// - A full URL of the Compute API is cut down to this form.
    /// - The project is an id or a number.
    ///
    /// ```
    /// use privlink_core::ServiceAttachment;
    ///
    /// let attachment: ServiceAttachment =
    ///     "projects/producer/regions/us-central1/serviceAttachments/production-us-central1-clickhouse-cloud".parse()?;
    /// assert_eq!(attachment.region().as_str(), "us-central1");
    /// assert!("projects/producer/regions/../serviceAttachments/x".parse::<ServiceAttachment>().is_err());
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
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
    if !(is_number(project) && project.len() <= 20) {
        check_project(project).map_err(|rule| Cow::from(format!("its project is wrong: {rule}")))?;
    }
    region.parse::<Region>().map_err(|error| Cow::from(format!("its region is wrong: {}", error.rule())))?;
    check_rfc1035(name).map_err(|rule| format!("its name is wrong: {rule}").into())
}

impl ServiceAttachment {
    /// The producer's project: its id, or its number.
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
/// - Digits alone, without a sign and without leading zeros, so that what is printed is what
///   was read.
/// - In JSON a string, both ways. A JSON *number* is refused even when it looks whole: beyond
///   2⁵³ it may have been rounded by a tool on the way, and nothing would show it.
///
/// ```
/// use privlink_core::PscConnectionId;
///
/// let id: PscConnectionId = "102600141743718403".parse()?;
/// assert_eq!(id.get(), 102_600_141_743_718_403);
///
/// let error = "1.026001417437184e+17".parse::<PscConnectionId>().unwrap_err();
/// assert_eq!(error.looks_like(), Some("number that was rounded"));
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PscConnectionId(u64);

impl PscConnectionId {
    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The digits, written into `scratch`.
    pub(super) fn digits(self, scratch: &mut [u8; 36]) -> &str {
        let (mut left, mut start) = (self.0, scratch.len());
        loop {
            start -= 1;
            scratch[start] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        std::str::from_utf8(&scratch[start..]).expect("digits are ASCII")
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
        if !is_number(text) {
            return Err(refuse("it must be a decimal number of digits alone"));
        }
        if text.len() > 1 && text.starts_with('0') {
            return Err(refuse("it must not start with zeros"));
        }
        text.parse().map(Self).map_err(|_| refuse("it must fit into 64 bits"))
    }
}

crate::__id_traits!(PscConnectionId, "PSC connection id", |id, scratch| id.digits(scratch));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_ids_are_exact_over_all_64_bits() {
        for number in [0, 1, 9, 10, 6_133_183_410_995_353, (1 << 53) + 1, 102_600_141_743_718_403, u64::MAX] {
            let id = PscConnectionId::from(number);
            assert_eq!(id.to_string(), number.to_string());
            assert_eq!(id.to_string().parse(), Ok(id));
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(json, format!("\"{number}\""));
            assert_eq!(serde_json::from_str::<PscConnectionId>(&json).unwrap(), id);
        }
    }

    #[test]
    fn what_may_have_been_rounded_is_refused() {
        let endless = "9".repeat(90);
        for text in
            ["", "-1", "+1", "01", "1.0", "1e17", "0x1f", "18446744073709551616", " 1", "1 ", "1_000", "١", &endless]
        {
            assert!(text.parse::<PscConnectionId>().is_err(), "{text:?}");
        }
        for json in ["102600141743718403", "1.5", "1e17", "null", "[1]"] {
            let error = serde_json::from_str::<PscConnectionId>(json).unwrap_err().to_string();
            assert!(error.contains("expected a string with the PSC connection id"), "{json}: {error}");
        }
    }

    #[test]
    fn an_attachment_keeps_its_parts_however_it_was_given() {
        const PATH: &str =
            "projects/dataplane-production/regions/us-central1/serviceAttachments/production-us-central1";
        for front in ["", "https://www.googleapis.com/compute/v1/", "https://compute.googleapis.com/compute/v1/"] {
            let attachment: ServiceAttachment = format!("{front}{PATH}").parse().unwrap();
            assert_eq!(attachment.as_str(), PATH);
            assert_eq!(attachment.project(), "dataplane-production");
            assert_eq!(attachment.region().as_str(), "us-central1");
            assert_eq!(attachment.name(), "production-us-central1");
        }
        assert!("projects/415104041262/regions/us-central1/serviceAttachments/a".parse::<ServiceAttachment>().is_ok());
    }

    #[test]
    fn an_attachment_never_reaches_another_path() {
        for bad in [
            "projects/../regions/us-central1/serviceAttachments/a",
            "projects/./regions/us-central1/serviceAttachments/a",
            "projects//regions/us-central1/serviceAttachments/a",
            "projects/a%2fb-c-d/regions/us-central1/serviceAttachments/a",
            "projects/orders-prod/regions/us-central1-a/serviceAttachments/a",
            "projects/orders-prod/regions/us-central1/serviceAttachments/",
            "projects/orders-prod/regions/us-central1/serviceAttachments/a/b",
            "projects/orders-prod/regions/us-central1/serviceAttachments/a?b",
            "projects/orders-prod/regions/us-central1/forwardingRules/a",
            "https://evil.example.com/compute/v1/projects/orders-prod/regions/us-central1/serviceAttachments/a",
            "/projects/orders-prod/regions/us-central1/serviceAttachments/a",
        ] {
            assert!(bad.parse::<ServiceAttachment>().is_err(), "{bad}");
        }
    }

    #[test]
    fn projects_are_ids_with_or_without_a_domain() {
        for good in ["orders", "orders-prod-123", "example.com:orders-prod"] {
            assert!(good.parse::<ProjectId>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "short",
            "Orders-prod",
            "1orders",
            "orders-",
            "415104041262",
            ":orders-prod",
            "example:orders-prod",
            "../x:orders-prod",
            "a.b/c:orders-prod",
            "example.com:a:orders",
            "orders/prod",
            "orders prod",
            "örders-prod",
        ] {
            assert!(bad.parse::<ProjectId>().is_err(), "{bad:?}");
        }
    }
}
