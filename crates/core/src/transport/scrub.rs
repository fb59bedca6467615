//! Keeps what the other side echoes of our credentials out of errors and traces.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderValue, Response};

use super::{Authorize, TransportError, encode_segment};
use crate::Error;
use crate::error::replacement;

/// What is shorter is no secret, and hiding it would garble what people read.
const LEAST: usize = 8;

/// `text` with every one of `secrets` hidden, be it as it is or as URLs, JSON and Rust's `{:?}` spell
/// it, and also where the text was cut in the middle of it; those shorter than 8 bytes are left
/// alone. Allocates only when a secret holds more than letters and digits, or is found.
///
/// # Examples
/// ```
/// use privlink_core::transport::hide;
///
/// assert_eq!(hide("key hunter2/hunter2 is unknown", ["hunter2/hunter2"]), "key … is unknown");
/// assert_eq!(hide("?key=hunter2%2Fhunter2", ["hunter2/hunter2"]), "?key=…");
/// assert_eq!(hide("unknown: hunter2/hun…", ["hunter2/hunter2"]), "unknown: …");
/// ```
pub fn hide<'a, 's>(text: &'a str, secrets: impl IntoIterator<Item = &'s str>) -> Cow<'a, str> {
    let mut out = Cow::Borrowed(text);
    for secret in secrets.into_iter().filter(|secret| secret.len() >= LEAST) {
        spellings(secret, |spelling| {
            if out.contains(spelling) {
                out = Cow::Owned(out.replace(spelling, "…"));
            }
            if let Some(clean) = without_cut(&out, spelling) {
                out = Cow::Owned(clean);
            }
        });
    }
    out
}

/// The ways in which a secret may be written.
fn spellings(secret: &str, mut each: impl FnMut(&str)) {
    each(secret);
    if secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')) {
        return;
    }
    let encoded = encode_segment(secret);
    each(&encoded);
    each(&lower_hex(&encoded));
    if secret.contains('/') {
        each(&secret.replace('/', "\\/"));
        each(&encoded.replace("%2F", "/"));
    }
    if secret.contains(['"', '\\', '\'']) {
        each(&secret.replace('\\', "\\\\").replace('"', "\\\""));
        each(&secret.escape_debug().to_string());
    }
}

/// `%2F` as `%2f`.
fn lower_hex(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hex, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        out.push('%');
        out.push_str(&hex.to_ascii_lowercase());
        out.push_str(rest);
    }
    out
}

/// `text` without the start of `secret` before an ellipsis, where something was cut in the middle of it.
fn without_cut(text: &str, secret: &str) -> Option<String> {
    let mut out = String::new();
    let mut found = false;
    for part in text.split_inclusive('…') {
        let start = part.strip_suffix('…').and_then(|kept| {
            let starts = (LEAST..secret.len()).rev().filter_map(|length| secret.get(..length));
            starts.into_iter().find_map(|start| kept.strip_suffix(start))
        });
        found |= start.is_some();
        match start {
            Some(kept) => out.extend([kept, "…"]),
            None => out.push_str(part),
        }
    }
    found.then_some(out)
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

    /// `error` with nothing of the secrets in any rendering, its sources' included.
    pub(super) fn error(&self, error: Error) -> Error {
        error.scrubbed(&|text| self.cleaned(text))
    }

    /// The same for what a transport said, before anything of it is quoted or cut.
    pub(super) fn transport(&self, mut error: TransportError) -> TransportError {
        if let Some(replacement) = replacement(&*error.source, &|text| self.cleaned(text)) {
            error.source = replacement;
        }
        error
    }

    fn cleaned(&self, text: &str) -> Option<String> {
        match self.text(text) {
            Cow::Owned(clean) => Some(clean),
            Cow::Borrowed(_) => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_in_every_spelling_and_where_the_text_was_cut() {
        let secret = r#"cana/ry+4f9a"7\7d1'c0=="#;
        let spelled = [
            secret.to_owned(),
            format!("{secret:?}"),
            format!("{:?}", Some(secret)),
            serde_json::to_string(secret).unwrap(),
            secret.replace('/', "\\/"),
            encode_segment(secret),
            encode_segment(secret).to_lowercase(),
        ];
        for text in &spelled {
            let hidden = hide(text, [secret]);
            assert!(!hidden.contains("4f9a") && hidden.contains('…'), "{text} became {hidden}");
        }
        for length in LEAST..secret.len() {
            let text = format!("said {}…", &secret[..length]);
            assert_eq!(hide(&text, [secret]), "said …");
            assert_eq!(hide(&format!("`{text}` is no id… of it"), [secret]), "`said …` is no id… of it");
        }
        for harmless in ["said cana/ry…", "cana", "", "…", "cana/ry+4f9a"] {
            assert!(matches!(hide(harmless, [secret]), Cow::Borrowed(text) if text == harmless), "{harmless}");
        }
        assert_eq!(hide("short ones stay", ["short"]), "short ones stay");
    }
}
