use std::fmt;
use std::str::FromStr;

use url::Url;

use super::guard;
use crate::{Error, Result};

/// The address of an API, checked: `https`, or plain `http` to this very machine; with neither
/// credentials nor query nor fragment. A path in front of the API's own is kept.
///
/// # Examples
/// ```
/// use privlink_core::transport::{BaseUrl, encode_segment};
///
/// let base: BaseUrl = "https://gateway.example.com/vendor/".parse()?;
/// assert_eq!(base.as_str(), "https://gateway.example.com/vendor");
/// let path = format!("/v1/things/{}", encode_segment("a/b"));
/// assert_eq!(base.at(&path, &[("name", "x y")]), "https://gateway.example.com/vendor/v1/things/a%2Fb?name=x%20y");
/// assert!("http://api.example.com".parse::<BaseUrl>().is_err());
/// assert!("https://user:password@api.example.com".parse::<BaseUrl>().is_err());
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The address without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same without `suffix` at the end of its path: people copy addresses with the version.
    #[must_use]
    pub fn without(mut self, suffix: &str) -> Self {
        if let Some(rest) = self.0.strip_suffix(suffix).filter(|_| suffix.starts_with('/')) {
            self.0.truncate(rest.trim_end_matches('/').len());
        }
        self
    }

    /// The URI of `path`, which starts with a slash and is encoded already, with `query`, which
    /// is encoded here; a space becomes `%20`, as signed queries want it.
    #[must_use]
    pub fn at(&self, path: &str, query: &[(&str, &str)]) -> String {
        let mut uri = format!("{}{path}", self.0);
        for (place, (name, value)) in query.iter().enumerate() {
            uri.push(if place == 0 { '?' } else { '&' });
            uri.push_str(&encode_segment(name));
            uri.push('=');
            uri.push_str(&encode_segment(value));
        }
        uri
    }
}

/// `text` as one segment of a path, or one name or value of a query: all but RFC 3986's unreserved
/// characters become `%XX`. The segments `.` and `..`, which no URL can carry because every reader
/// takes even `%2E` for a dot, become `%252E` and `%252E%252E`: names that nothing has.
#[must_use]
pub fn encode_segment(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let climbs = matches!(text, "." | "..");
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'.' if climbs => out.push_str("%252E"),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ => {
                out.push('%');
                out.push(HEX[usize::from(byte >> 4)].into());
                out.push(HEX[usize::from(byte & 15)].into());
            }
        }
    }
    out
}

impl FromStr for BaseUrl {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), which does not quote the text:
    /// it could hold a password.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = |rule: &'static str| Err(Error::invalid(rule));
        // The parser's own words quote nothing.
        let url = Url::parse(text.trim()).map_err(|error| {
            Error::invalid("the address of the API must be like https://api.example.com").with_source(error)
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("the address of the API must not hold user name or password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("the address of the API must not hold a query or a fragment");
        }
        match (url.scheme(), url.host_str()) {
            ("https", Some(_)) => {}
            ("http", Some(host)) if guard::is_loopback(host) => {}
            ("http", _) => return wrong("plain http is refused except to this machine; use https"),
            _ => return wrong("the address of the API must start with https://"),
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_credentials_and_queries_are_refused_without_being_quoted() {
        for url in [
            "https://api.example.com",
            "http://127.0.0.1:8080/x/",
            "http://[::1]:4566/",
            "http://localhost:5000",
            " https://API.example.com/v1 ",
        ] {
            assert!(url.parse::<BaseUrl>().is_ok(), "{url}");
        }
        for url in [
            "http://api.example.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "ftp://localhost",
            "api.example.com",
            "localhost:8080",
            "https://",
            "file:///hunter2",
            "https://me:hunter2@api.example.com",
            "https://hunter2@api.example.com",
            "https://api.example.com/?token=hunter2",
            "https://api.example.com/#hunter2",
            "hunter2",
        ] {
            let error = url.parse::<BaseUrl>().expect_err(url);
            assert_eq!(error.kind(), crate::ErrorKind::InvalidInput, "{url}");
            assert!(!format!("{error:?} {error:#?}").contains("hunter2"), "{error:#?}");
        }
    }

    #[test]
    fn a_path_in_front_is_kept_and_a_version_at_its_end_is_taken_off_on_request() {
        let base = |text: &str| text.parse::<BaseUrl>().unwrap();
        assert_eq!(base("https://a.example/x/v1/").without("/v1").as_str(), "https://a.example/x");
        assert_eq!(base("https://a.example/v1").without("/v1").at("/v1/y", &[]), "https://a.example/v1/y");
        assert_eq!(base("https://a.example/xv1").without("/v1").as_str(), "https://a.example/xv1");
        assert_eq!(base("https://a.example").without("example").as_str(), "https://a.example");
        assert_eq!(
            base("https://a.example").at("/", &[("a", "1"), ("b&", "2=3")]),
            "https://a.example/?a=1&b%26=2%3D3"
        );
    }

    #[test]
    fn nothing_in_a_segment_leaves_it() {
        for text in ["a/b", "../x", "..", ".", "a?b#c", "%2f", "a b", "é", "a\r\nb", ""] {
            let encoded = encode_segment(text);
            assert!(
                !encoded.contains(['/', '?', '#', ' ', '\r', '\n']) && !matches!(&*encoded, "." | ".."),
                "{encoded}"
            );
            let uri = format!("https://a.example/v1/{encoded}/end");
            let url = Url::parse(&uri).unwrap();
            assert_eq!(url.path_segments().unwrap().count(), 3, "{uri}");
        }
        assert_eq!(encode_segment("AZaz09-._~"), "AZaz09-._~");
        assert_eq!(encode_segment("é/"), "%C3%A9%2F");
    }
}
