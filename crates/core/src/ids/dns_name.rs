use std::borrow::Cow;

use super::text::{Check, is_number};

text_id! {
    /// A host name in lower case without a trailing dot.
    ///
    /// - Labels of 1 to 63 letters, digits, dashes and underscores, not starting or ending in a
    ///   dash, 253 characters in all.
    /// - The first label of several may be `*`.
    /// - The last label is no number, so that no IPv4 address is taken for a name.
    /// - Capital letters become small ones, and one dot at the end is taken off.
    ///
    /// ```
    /// use privlink_core::DnsName;
    ///
    /// let name: DnsName = "ABC.us-east-1.vpce.aws.clickhouse.cloud.".parse()?;
    /// assert_eq!(name.as_str(), "abc.us-east-1.vpce.aws.clickhouse.cloud");
    ///
    /// let error = "https://abc.us-east-1.aws.clickhouse.cloud:8443".parse::<DnsName>().unwrap_err();
    /// assert_eq!(error.looks_like(), Some("URL"));
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    pub struct DnsName: "DNS name", check_name, normal_name;
}

fn normal_name(text: &str) -> Cow<'_, str> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.bytes().any(|b| b.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { text.into() }
}

pub(super) fn check_name(text: &str) -> Check {
    if is_usual(text) { Ok(()) } else { check_rules(text) }
}

fn check_rules(text: &str) -> Check {
    if text.is_empty() || text.len() > 253 {
        return Err("it must have 1 to 253 characters".into());
    }
    for (place, label) in text.split('.').enumerate() {
        if label == "*" && place == 0 && text.len() > 1 {
            continue;
        }
        if label.is_empty() || label.len() > 63 {
            return Err("each label must have 1 to 63 characters".into());
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err("a label must not start or end with a dash".into());
        }
        if !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err("labels hold letters, digits, dashes and underscores only; give a host, not a URL".into());
        }
    }
    if text.rsplit('.').next().is_some_and(is_number) {
        return Err("its last label must not be a number; give a name, not an address".into());
    }
    Ok(())
}

/// Whether it is surely a good name, seen in one pass: answers are full of them. Any other is
/// looked at again, rule by rule.
fn is_usual(text: &str) -> bool {
    let (mut label, mut first, mut last) = (0, b'.', b'.');
    for byte in text.bytes() {
        match byte {
            b'.' if label > 0 && last != b'-' => label = 0,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' if label < 63 => label += 1,
            b'-' if (1..63).contains(&label) => label += 1,
            _ => return false,
        }
        if label == 1 {
            first = byte;
        }
        last = byte;
    }
    // A last label that begins with a letter is no number.
    label > 0 && last != b'-' && first.is_ascii_alphabetic() && text.len() <= 253
}

impl DnsName {
    /// The name without its first label; `None` for a single label.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.split_once('.').map(|(_, parent)| Self(parent.into()))
    }

    /// The first label.
    #[must_use]
    pub fn first_label(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }

    /// Whether this name is `zone` or lies below it.
    #[must_use]
    pub fn is_within(&self, zone: &Self) -> bool {
        match self.0.strip_suffix(zone.as_str()) {
            Some("") => true,
            Some(rest) => rest.ends_with('.'),
            None => false,
        }
    }

    /// Whether the first label is `*`.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }
}

text_id! {
    /// The name by which clients reach a database privately, as its vendor publishes it.
    ///
    /// A [`DnsName`] of at least three labels without a wildcard; a URL or a host with a port is
    /// refused.
    ///
    /// ```
    /// use privlink_core::PrivateDnsHostname;
    ///
    /// let host: PrivateDnsHostname = "abc123defg.us-east-1.vpce.aws.clickhouse.cloud".parse()?;
    /// assert_eq!(host.zone().as_str(), "us-east-1.vpce.aws.clickhouse.cloud");
    ///
    /// let error = "abc123defg.us-east-1.vpce.aws.clickhouse.cloud:8443".parse::<PrivateDnsHostname>().unwrap_err();
    /// assert_eq!(error.looks_like(), Some("host with a port"));
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    pub struct PrivateDnsHostname: "private DNS host name", check_host, normal_name;
}

fn check_host(text: &str) -> Check {
    check_name(text)?;
    if text.contains('*') {
        return Err("a host is no wildcard".into());
    }
    if text.bytes().filter(|byte| *byte == b'.').count() < 2 {
        return Err("it must have at least three labels".into());
    }
    Ok(())
}

impl PrivateDnsHostname {
    /// The vendor's shared zone: the host without its first label.
    ///
    /// A zone of this name hides every other public name below it from the network that uses
    /// it; the default naming mode uses a zone named exactly the host instead.
    #[must_use]
    pub fn zone(&self) -> DnsName {
        match self.0.split_once('.') {
            Some((_, zone)) => DnsName(zone.into()),
            None => self.name(),
        }
    }

    /// The host as a plain DNS name.
    #[must_use]
    pub fn name(&self) -> DnsName {
        DnsName(self.0.clone())
    }
}

impl From<PrivateDnsHostname> for DnsName {
    fn from(host: PrivateDnsHostname) -> Self {
        host.name()
    }
}

impl TryFrom<DnsName> for PrivateDnsHostname {
    type Error = super::IdError;

    fn try_from(name: DnsName) -> Result<Self, Self::Error> {
        name.as_str().parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_in_one_form() {
        for (text, kept) in [
            ("a", "a"),
            ("Example.COM.", "example.com"),
            ("*.example.com", "*.example.com"),
            ("_acme.example.com", "_acme.example.com"),
            ("1.example.com", "1.example.com"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(text.parse::<DnsName>().unwrap().as_str(), kept, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_surely_a_name_keeps_every_rule(text in "([a-zA-Z0-9_-]{0,64}\\.){0,3}[a-z0-9x_-]{0,64}") {
            proptest::prop_assert!(!is_usual(&text) || check_rules(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long_label = format!("{}.example.com", "a".repeat(64));
        let long_name = vec!["a".repeat(49); 6].join(".");
        for bad in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a.b..",
            "-a.b",
            "a-.b",
            "*",
            "a.*.b",
            "*a.b",
            "a b.c",
            "a/b",
            "a%2eb",
            "a?b",
            "a#b",
            "a:1",
            "a\0b",
            "a\nb",
            "é.com",
            "аbc.com",
            "a．b",
            "10.0.0.1",
            "1.2",
            "7",
            "[::1]",
            "a@b.c",
            &long_label,
            &long_name,
        ] {
            assert!(bad.parse::<DnsName>().is_err(), "{bad:?}");
            assert!(bad.parse::<PrivateDnsHostname>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_private_host_is_one_host_below_a_zone() {
        for bad in ["example.com", "*.us-east-1.vpce.aws.clickhouse.cloud", "10.0.0.1", "https://a.b.c/"] {
            assert!(bad.parse::<PrivateDnsHostname>().is_err(), "{bad}");
        }
        let host: PrivateDnsHostname = "A.b.Example.com.".parse().unwrap();
        assert_eq!((host.as_str(), host.zone().as_str()), ("a.b.example.com", "b.example.com"));
        assert_eq!(PrivateDnsHostname::try_from(host.name()), Ok(host));
    }

    #[test]
    fn within_means_whole_labels() {
        let name = |text: &str| text.parse::<DnsName>().unwrap();
        for (inner, outer, within) in [
            ("a.b.c", "b.c", true),
            ("b.c", "b.c", true),
            ("xb.c", "b.c", false),
            ("c", "b.c", false),
            ("*.b.c", "b.c", true),
        ] {
            assert_eq!(name(inner).is_within(&name(outer)), within, "{inner} in {outer}");
        }
        assert_eq!(name("a.b.c").parent(), Some(name("b.c")));
        assert_eq!((name("c").parent(), name("a.b").first_label()), (None, "a"));
        assert!(name("*.b.c").is_wildcard() && !name("a.b.c").is_wildcard());
    }
}
