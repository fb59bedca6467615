use std::net::{IpAddr, Ipv4Addr};

use http::Uri;
use http::uri::Authority;

use crate::{Error, Result};

/// Refuses a URI that credentials must not travel to: anything but https, except plain http to
/// this very machine, and anything with credentials in the URI itself.
///
/// # Errors
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput); the message names the host alone.
pub(crate) fn check(uri: &Uri) -> Result<()> {
    let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
    if authority.contains('@') {
        let host = uri.host().unwrap_or_default();
        return Err(Error::invalid(format!("the URL of {host} holds credentials; pass them on their own")));
    }
    let host = without_port(authority);
    if host.is_empty() {
        return Err(Error::invalid("the URL is not absolute: it names no host"));
    }
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if is_loopback(host) => Ok(()),
        Some("http") => {
            Err(Error::invalid(format!("plain http is refused except to this machine; use https for {host}")))
        }
        _ => Err(Error::invalid(format!("the URL of {host} is neither https nor http"))),
    }
}

/// The host of an authority without user info, as `http` has checked it: `[::1]:80`, `host:80`.
fn without_port(authority: &str) -> &str {
    let end = if authority.starts_with('[') { authority.find(']').map(|at| at + 1) } else { authority.find(':') };
    end.and_then(|end| authority.get(..end)).unwrap_or(authority)
}

/// Whether `host` is this very machine by its text alone: `localhost`, 127.0.0.0/8 or `[::1]`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if bare.starts_with("127.") {
        return bare.parse::<Ipv4Addr>().is_ok();
    }
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_only_to_this_machine() {
        for good in [
            "https://api.clickhouse.cloud/v1",
            "http://localhost:80/",
            "http://LOCALHOST/",
            "http://127.0.0.1:8080/x",
            "http://127.9.9.9/",
            "http://[::1]:4566/",
        ] {
            assert!(check(&good.parse().unwrap()).is_ok(), "{good}");
        }
        for bad in [
            "http://api.clickhouse.cloud/v1",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "http://10.0.0.1/",
            "http://[::2]/",
            "ftp://localhost/",
            "/relative",
            "https://user:hunter2@api.clickhouse.cloud/",
            "http://user:hunter2@127.0.0.1/",
        ] {
            let error = check(&bad.parse().unwrap()).expect_err(bad);
            assert_eq!(error.kind(), crate::ErrorKind::InvalidInput, "{bad}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}
