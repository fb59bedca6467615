use std::borrow::Cow;

use super::text::Check;

text_id! {
    /// A host name in lower case without a trailing dot: labels of 1 to 63 letters, digits,
    /// dashes and underscores, 253 characters in all. The first label may be `*`.
    pub struct DnsName: "DNS name", check_name, normal_name;
}

fn normal_name(text: &str) -> Cow<'_, str> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.bytes().any(|b| b.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { text.into() }
}

fn check_name(text: &str) -> Check {
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
    Ok(())
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
    /// A [`DnsName`] of at least three labels without a wildcard.
    pub struct PrivateDnsHostname: "private DNS host name", check_host, normal_name;
}

fn check_host(text: &str) -> Check {
    check_name(text)?;
    if text.contains('*') {
        return Err("a host is no wildcard".into());
    }
    if text.split('.').count() < 3 {
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
