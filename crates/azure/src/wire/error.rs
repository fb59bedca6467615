//! What the resource manager says of a failure.

use serde::Deserialize;
use serde_json::Value;

/// A failure in the words of the other side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    /// The codes of the details, which often tell more than the outer one.
    pub(crate) details: Vec<String>,
}

/// The answer of a status monitor.
#[derive(Debug, Deserialize)]
pub(crate) struct Monitor {
    pub(crate) status: Option<String>,
    pub(crate) error: Option<Value>,
}

/// How deep details of details are followed.
const DEPTH: usize = 4;

impl Said {
    /// Reads the usual envelope, the bare form, or a text; `None` when the body says nothing.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        Self::of(&serde_json::from_slice::<Value>(body).ok()?)
    }

    pub(crate) fn of(value: &Value) -> Option<Self> {
        let error = value.get("error").filter(|error| !error.is_null()).unwrap_or(value);
        if let Some(text) = error.as_str() {
            return Some(Self { message: text.to_owned(), ..Self::default() });
        }
        let mut said = Self {
            code: text(error, "code"),
            message: text(error, "message").unwrap_or_default(),
            details: Vec::new(),
        };
        if said.code.is_none() && said.message.is_empty() {
            return None;
        }
        said.take_details(error, 0);
        Some(said)
    }

    fn take_details(&mut self, error: &Value, depth: usize) {
        if depth >= DEPTH {
            return;
        }
        for detail in error.get("details").and_then(Value::as_array).into_iter().flatten() {
            let (code, message) = (text(detail, "code"), text(detail, "message"));
            if let Some(message) = message.filter(|message| !self.message.contains(message.as_str())) {
                let code = code.as_deref().unwrap_or("detail");
                self.message = format!("{} [{code}: {message}]", self.message).trim_start().to_owned();
            } else if let Some(code) = code.as_deref().filter(|code| !self.message.contains(code)) {
                self.message = format!("{} [{code}]", self.message).trim_start().to_owned();
            }
            self.details.extend(code);
            self.take_details(detail, depth + 1);
        }
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn both_forms_and_nested_details_are_read() {
        let wrapped = br#"{"error":{"code":"RetryableError","message":"A retryable error occurred.","details":[
            {"code":"ReferencedResourceNotProvisioned","message":"subnet is not in Succeeded state","details":[{"code":"Deep"}]}]}}"#;
        let said = Said::read(wrapped).unwrap();
        assert_eq!(said.code.as_deref(), Some("RetryableError"));
        assert_eq!(said.details, ["ReferencedResourceNotProvisioned", "Deep"]);
        assert_eq!(
            said.message,
            "A retryable error occurred. [ReferencedResourceNotProvisioned: subnet is not in Succeeded state] [Deep]"
        );
        let bare = br#"{"code":"ResourceNotFound","message":"gone"}"#;
        assert_eq!(Said::read(bare).unwrap().code.as_deref(), Some("ResourceNotFound"));
        assert_eq!(Said::read(br#"{"error":"upstream"}"#).unwrap().message, "upstream");
        for nothing in ["", "<html>502</html>", "{}", "[]", "null", r#"{"error":null}"#, r#"{"error":{}}"#] {
            assert_eq!(Said::read(nothing.as_bytes()), None, "{nothing}");
        }
    }
}
