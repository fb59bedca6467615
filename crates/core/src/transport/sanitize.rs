use std::fmt;

use http::{HeaderMap, Uri};

/// Headers whose values may be shown; every other value may be a secret.
const HEADERS: &[&str] = &[
    "accept",
    "content-length",
    "content-type",
    "date",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "server",
    "user-agent",
    "x-amz-request-id",
    "x-amzn-requestid",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
];

/// Query parameters whose values may be shown.
const QUERY: &[&str] =
    &["action", "api-version", "cloud_provider", "dry_run", "limit", "maxitems", "maxresults", "region_id", "version"];

/// Shows a URI without user info, and query values only of allowed names.
pub(super) struct SafeUri<'a>(pub(super) &'a Uri);

impl fmt::Display for SafeUri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(scheme) = self.0.scheme_str() {
            write!(f, "{scheme}://")?;
        }
        f.write_str(self.0.host().unwrap_or_default())?;
        if let Some(port) = self.0.port_u16() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.0.path())?;
        for (place, pair) in self.0.query().unwrap_or_default().split('&').enumerate() {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if name.is_empty() {
                continue;
            }
            f.write_str(if place == 0 { "?" } else { "&" })?;
            // A name alone could be the secret itself.
            match (allowed(QUERY, name), pair.contains('=')) {
                (true, true) => write!(f, "{name}={value}")?,
                (false, true) => write!(f, "{name}=…")?,
                (true, false) => f.write_str(name)?,
                (false, false) => f.write_str("…")?,
            }
        }
        Ok(())
    }
}

/// Shows headers, and their values only of allowed names.
pub(super) struct SafeHeaders<'a>(pub(super) &'a HeaderMap);

impl fmt::Display for SafeHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, value)) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            match value.to_str() {
                Ok(text) if !value.is_sensitive() && allowed(HEADERS, name.as_str()) => write!(f, "{name}: {text}")?,
                _ => write!(f, "{name}: …")?,
            }
        }
        Ok(())
    }
}

fn allowed(list: &[&str], name: &str) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_values_are_shown() {
        let uri: Uri = "https://me:hunter2@api.test:8443/v1/x?limit=5&token=hunter2&hunter2&Version=1".parse().unwrap();
        assert_eq!(SafeUri(&uri).to_string(), "https://api.test:8443/v1/x?limit=5&token=…&…&Version=1");
        let headers = HeaderMap::from_iter([
            (http::header::ACCEPT, "application/json".parse().unwrap()),
            (http::header::AUTHORIZATION, "Bearer hunter2".parse().unwrap()),
        ]);
        assert_eq!(SafeHeaders(&headers).to_string(), "accept: application/json, authorization: …");
    }
}
