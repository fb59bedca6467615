use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;

use crate::{Error, ErrorKind, Result};

/// Reads the body of `response` as JSON.
///
/// # Errors
/// [`ErrorKind::UnexpectedResponse`] with the HTTP status and the start of the body, in which
/// the values of fields named like secrets are hidden.
///
/// # Examples
/// ```
/// use privlink_core::transport::decode_json;
///
/// let page = http::Response::new("<html>502".into());
/// let error = decode_json::<serde_json::Value>(&page).unwrap_err();
/// assert_eq!(error.body(), Some("<html>502"));
/// ```
pub fn decode_json<T: DeserializeOwned>(response: &Response<Bytes>) -> Result<T> {
    serde_json::from_slice(response.body()).map_err(|source| {
        let text = String::from_utf8_lossy(&response.body()[..response.body().len().min(4_000)]);
        // The parser quotes the value it stumbled over, which may be a secret: only where it is
        // and what sort of mistake it was is told, unless the mistake is a name or a shape.
        Error::new(ErrorKind::UnexpectedResponse, format!("the answer is not the JSON expected: {}", told(&source)))
            .with_http_status(response.status().as_u16())
            .with_body(redact(&text).as_bytes())
    })
}

fn told(source: &serde_json::Error) -> String {
    let text = source.to_string();
    if text.starts_with("missing field") || !source.is_data() {
        return text;
    }
    format!("a value of the wrong kind at line {} column {}", source.line(), source.column())
}

/// Hides the string after every JSON key that is named like a secret.
fn redact(text: &str) -> String {
    const NAMES: [&str; 6] = ["password", "secret", "token", "credential", "authorization", "privatekey"];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut hide = false;
    // Walks from string to string; a key is a string followed by a colon.
    while let Some(open) = rest.find('"') {
        out.push_str(&rest[..=open]);
        rest = &rest[open + 1..];
        let close = end_of_string(rest);
        let (string, after) = rest.split_at(close);
        let after_quote = after.strip_prefix('"').unwrap_or(after);
        let is_key = after_quote.trim_start().starts_with(':');
        out.push_str(if hide && !is_key { "…" } else { string });
        if is_key {
            let name: String = string.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
            hide = NAMES.iter().any(|secret| name.contains(secret));
        }
        if after.starts_with('"') {
            out.push('"');
        }
        rest = after_quote;
    }
    out.push_str(rest);
    out
}

/// Where the string that starts here ends: at its quote, or with the text.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_an_unreadable_body_is_hidden() {
        let body = r#"{"result":{"service":{"name":"orders"},"password":"hunter2","keySecret" : "hun\"ter2","tokens":["hunter2","hunter2"],"id":7}"#;
        let response = Response::new(Bytes::from(body));
        let error = decode_json::<serde_json::Value>(&response).unwrap_err();
        let text = format!("{error:?} {}", error.report());
        assert!(!text.contains("hunter2") && !text.contains("ter2"), "{text}");
        assert!(error.body().unwrap().contains(r#""name":"orders""#));
    }

    #[test]
    fn the_value_in_the_way_is_not_quoted() {
        let response = Response::new(Bytes::from(r#"{"expires":"hunter2"}"#));
        let error = decode_json::<std::collections::BTreeMap<String, u32>>(&response).unwrap_err();
        assert!(error.to_string().contains("line 1 column"), "{error}");
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn a_cut_body_is_kept_as_far_as_it_came() {
        let response = Response::new(Bytes::from(r#"{"password":"hunter2 never clo"#));
        let error = decode_json::<serde_json::Value>(&response).unwrap_err();
        assert_eq!(error.body(), Some(r#"{"password":"…"#));
    }
}
