//! An error as data: written, read again, and compared by what it says.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::sanitize::sanitize;
use super::{ApiError, Error, ErrorKind, Retry};
use crate::Finding;
use crate::side::seconds;

/// More than any text of an error has left after it was made one line.
const MOST: usize = 20_000;

#[derive(PartialEq, Serialize, Deserialize)]
struct Data {
    kind: ErrorKind,
    /// The whole line, for those who read no further; made anew when it is read.
    #[serde(skip_deserializing)]
    text: String,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vendor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api: Option<ApiError>,
    #[serde(default)]
    attempts: u32,
    retry: Retry,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds::option")]
    retry_after: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    help: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finding: Option<Finding>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    missing_permission: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    because: Vec<String>,
}

impl Data {
    fn of(error: &Error) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            kind: error.kind(),
            text: error.to_string(),
            message: error.0.message.to_string(),
            operation: owned(error.operation()),
            vendor: owned(error.vendor()),
            resource: owned(error.resource()),
            http_status: error.http_status(),
            request_id: owned(error.request_id()),
            api: error.api().cloned(),
            attempts: error.attempts(),
            retry: error.retry(),
            retry_after: error.retry_after(),
            body: owned(error.body()),
            help: error.help().to_owned(),
            finding: error.finding().cloned(),
            missing_permission: owned(error.missing_permission()),
            because: because(error),
        }
    }

    /// What was read may come from anywhere, so it is made printable again.
    fn into_error(self) -> Error {
        let line = |text: String| sanitize(&text, MOST);
        let mut error = Error::new(self.kind, "");
        let inner = &mut *error.0;
        inner.message = line(self.message).into();
        inner.operation = self.operation.map(|text| line(text).into());
        inner.vendor = self.vendor.map(|text| line(text).into());
        inner.resource = self.resource.map(line);
        inner.http_status = self.http_status;
        inner.request_id = self.request_id.map(line);
        inner.api = self.api.map(|api| ApiError {
            code: api.code.map(line),
            message: line(api.message),
            docs: api.docs.map(|page| line(page.into_owned()).into()),
        });
        inner.attempts = self.attempts;
        inner.retry = Some(self.retry);
        inner.retry_after = self.retry_after;
        inner.body = self.body.map(line);
        inner.help = Some(line(self.help).into());
        inner.finding = self.finding.map(Box::new);
        inner.missing_permission = self.missing_permission.map(line);
        inner.source = self.because.into_iter().rev().fold(None, |source, text| {
            let cause: Arc<dyn StdError + Send + Sync> = Arc::new(Told { text, source });
            Some(cause)
        });
        error
    }
}

/// What the sources say, the nearest first.
fn because(error: &Error) -> Vec<String> {
    let mut said = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        said.push(sanitize(&cause.to_string(), MOST));
        source = cause.source();
    }
    said
}

/// A source of which only its words are known.
#[derive(Debug)]
struct Told {
    text: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Told {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        Data::of(self) == Data::of(other)
    }
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Data::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Error {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Data::deserialize(deserializer).map(Data::into_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity;

    fn whole() -> Error {
        let source = Error::invalid("inner").with_source(std::io::Error::other("innermost"));
        Error::new(ErrorKind::PermissionDenied, "refused".to_owned())
            .with_vendor("Example Cloud")
            .with_operation("thingPatch")
            .with_resource("thing-1")
            .with_http_status(403)
            .with_request_id(Some("req-1".into()))
            .with_api(ApiError::new(Some("DENIED"), "you may not"))
            .with_attempts(2)
            .with_retry_after(Duration::from_millis(1_500))
            .with_body(b"<html>")
            .with_finding(Finding::new("X-001", Severity::Blocks, "locked", "unlock it"))
            .with_missing_permission("thing:Patch")
            .with_source(source)
    }

    #[test]
    fn an_error_survives_json_with_every_fact() {
        let (before, told) = (whole(), serde_json::to_string(&whole()).unwrap());
        let after: Error = serde_json::from_str(&told).unwrap();
        assert_eq!(after, before);
        assert_eq!(after.report().to_string(), before.report().to_string());
        assert_eq!((after.retry(), after.help()), (before.retry(), before.help()));
        assert_eq!(serde_json::to_string(&after).unwrap(), told);
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["because"], serde_json::json!(["inner", "innermost"]));
        assert_eq!((&told["kind"], &told["retry_after"]), (&"permission_denied".into(), &1.5.into()));
    }

    #[test]
    fn errors_differ_when_they_say_something_else() {
        assert_eq!(Error::invalid("a"), Error::invalid("a"));
        for other in [
            whole().with_kind(ErrorKind::Conflict),
            whole().with_retry(Retry::Safe),
            whole().with_help("ask"),
            whole().with_source("something else"),
            whole().with_attempts(3),
        ] {
            assert_ne!(other, whole());
        }
    }

    #[test]
    fn what_is_read_is_made_one_line_again() {
        let mut told = serde_json::to_value(Error::invalid("x")).unwrap();
        for field in ["message", "help", "resource", "body"] {
            told[field] = format!("{field}\r\nb\u{1b}").into();
        }
        told["because"] = serde_json::json!(["because\nb"]);
        let error: Error = serde_json::from_value(told).unwrap();
        assert!(!error.to_string().chars().any(char::is_control), "{error}");
        assert_eq!(error.report().to_string().lines().count(), 4, "{error:?}");
    }
}
