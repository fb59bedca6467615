//! Keeps what the other side echoes of our credentials out of errors and traces.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderValue, Response};

use super::Authorize;

/// What is shorter is no secret, and hiding it would garble what people read.
const LEAST: usize = 8;

/// `text` with every one of `secrets` hidden; those shorter than 8 bytes are left alone.
/// Allocates only when one is found.
///
/// # Examples
/// ```
/// use privlink_core::transport::hide;
///
/// assert_eq!(hide("key hunter2hunter2 is unknown", ["hunter2hunter2"]), "key … is unknown");
/// ```
pub fn hide<'a, 's>(text: &'a str, secrets: impl IntoIterator<Item = &'s str>) -> Cow<'a, str> {
    let mut out = Cow::Borrowed(text);
    for secret in secrets {
        if secret.len() >= LEAST && out.contains(secret) {
            out = Cow::Owned(out.replace(secret, "…"));
        }
    }
    out
}

/// The secrets of one attempt: the credentials', and what the request carried.
pub(super) struct Scrub<'a> {
    authorize: Option<&'a dyn Authorize>,
    carried: Vec<HeaderValue>,
}

impl<'a> Scrub<'a> {
    pub(super) fn of(authorize: Option<&'a dyn Authorize>, headers: &HeaderMap) -> Self {
        let secret = |name: &http::HeaderName, value: &HeaderValue| {
            value.is_sensitive()
                || [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
                || name.as_str() == "x-amz-security-token"
        };
        let carried = headers.iter().filter(|(name, value)| secret(name, value)).map(|(_, value)| value.clone());
        Self { authorize, carried: carried.collect() }
    }

    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // A header's value, and what follows its scheme.
        let carried = self.carried.iter().filter_map(|value| value.to_str().ok());
        let secrets = carried.flat_map(|value| [Some(value), value.split_once(' ').map(|(_, rest)| rest)]).flatten();
        let text = hide(text, secrets);
        let Some(authorize) = self.authorize else { return text };
        match text {
            Cow::Borrowed(text) => authorize.scrub(text),
            Cow::Owned(text) => Cow::Owned(authorize.scrub(&text).into_owned()),
        }
    }

    /// The answer as errors may quote it: before anything is cut, so that no part of a secret
    /// is left at a cut. `None` when it is clean.
    pub(super) fn answer(&self, response: &Response<Bytes>) -> Option<Response<Bytes>> {
        let mut clean = None;
        let body = String::from_utf8_lossy(response.body());
        if let Cow::Owned(body) = self.text(&body) {
            *clean.get_or_insert_with(|| response.clone()).body_mut() = body.into();
        }
        for (name, value) in response.headers() {
            let Ok(text) = value.to_str() else { continue };
            if matches!(self.text(text), Cow::Owned(_)) {
                let hidden = HeaderValue::from_static("hidden");
                clean.get_or_insert_with(|| response.clone()).headers_mut().insert(name, hidden);
            }
        }
        clean
    }
}
