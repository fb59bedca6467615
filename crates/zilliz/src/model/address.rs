use std::fmt;
use std::str::FromStr;

use privlink_core::{DnsName, Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// Where a cluster listens, out of the URL that the vendor gives: ports differ by cluster, and between the public and
/// the private address of one cluster.
///
/// ```
/// use privlink_zilliz::Address;
///
/// let address: Address = "https://in01-0a1b2c-privatelink.aws-us-west-2.vectordb.zillizcloud.com:19531".parse()?;
/// assert_eq!(address.port, 19531);
/// assert_eq!(address.to_string(), "https://in01-0a1b2c-privatelink.aws-us-west-2.vectordb.zillizcloud.com:19531");
/// assert_eq!("https://example.com".parse::<Address>()?.port, 443);
/// # Ok::<_, privlink_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Address {
    /// The host; certificates are of this name.
    pub host: DnsName,
    /// The port.
    pub port: u16,
}

impl Address {
    /// An address.
    #[must_use]
    pub fn new(host: DnsName, port: u16) -> Self {
        Self { host, port }
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unreadable = |why: &str| {
            let text: String = text.chars().take(120).flat_map(char::escape_debug).collect();
            Error::new(ErrorKind::UnexpectedResponse, format!("`{text}` is no address: {why}"))
        };
        let rest = text.trim();
        // Some tools store it without.
        let rest = rest.strip_prefix("https://").unwrap_or(rest);
        if rest.contains("://") {
            return Err(unreadable("it must be https"));
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(unreadable("it holds credentials"));
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port != 0)),
            None => (authority, Some(443)),
        };
        let port = port.ok_or_else(|| unreadable("its port is no number from 1 to 65535"))?;
        let host: DnsName = host.parse().map_err(|error| unreadable("its host is no name").with_source(error))?;
        if !host.as_str().contains('.') || host.is_wildcard() || host.as_str().parse::<std::net::IpAddr>().is_ok() {
            return Err(unreadable("its host is no name of the internet's"));
        }
        Ok(Self { host, port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_with_and_without_a_scheme_a_port_and_a_path_are_read() {
        for (text, port) in [
            ("https://a.example.com:19531", 19_531),
            ("https://a.example.com:443/", 443),
            ("https://A.example.com", 443),
            ("a.example.com:19530/path?query", 19_530),
            ("  a.example.com  ", 443),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!((address.host.as_str(), address.port), ("a.example.com", port), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "https://",
            "http://a.example.com:80",
            "https://user:secret@a.example.com",
            "https://a.example.com:0",
            "https://a.example.com:70000",
            "https://a.example.com:",
            "https://10.0.0.1:19530",
            "https://[::1]:443",
            "https://localhost:443",
            "https://*.example.com:443",
            "javascript://a.example.com",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
