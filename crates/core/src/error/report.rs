use std::error::Error as StdError;
use std::fmt;

use super::Error;
use super::sanitize::sanitize;

/// An error printed whole; made by [`Error::report`].
#[derive(Debug)]
pub struct Report<'a>(pub(super) &'a Error);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        writeln!(f, "{said}")?;
        let mut add = |f: &mut fmt::Formatter<'_>, what: &str, text: &str| {
            let text = sanitize(text, 1_000);
            if text.is_empty() || said.contains(&text) {
                return Ok(());
            }
            said.push('\n');
            said.push_str(&text);
            writeln!(f, "  {what}: {text}")
        };
        let mut source = self.0.source();
        while let Some(cause) = source {
            source = cause.source();
            let text = cause.to_string();
            if !(is_wrapper(&text) && source.is_some_and(says_more)) {
                add(f, "because", &text)?;
            }
        }
        let finding = self.0.finding().map(|finding| format!("{}: {}", finding.code, finding.summary));
        add(f, "finding", &finding.unwrap_or_default())?;
        add(f, "answer", self.0.body().unwrap_or_default())?;
        add(f, "see", self.0.api().and_then(|api| api.docs.as_deref()).unwrap_or_default())?;
        write!(f, "  help: {}", self.0.help())
    }
}

/// Whether `text` is what a layer says of any failure of the layer below.
fn is_wrapper(text: &str) -> bool {
    const WRAPPERS: [&str; 5] = [
        "error sending request",
        "the request could not be sent",
        "tcp connect error",
        "dns error",
        "connection error",
    ];
    WRAPPERS.contains(&text) || (text.starts_with("client error (") && text.ends_with(')'))
}

/// Whether `error` or one of its causes says what happened.
fn says_more(error: &(dyn StdError + 'static)) -> bool {
    let text = error.to_string();
    !(text.is_empty() || is_wrapper(&text)) || error.source().is_some_and(says_more)
}

/// What the innermost cause says; `None` when it says nothing of its own.
#[cfg(any(feature = "client", test))]
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> Option<String> {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let text = cause.to_string();
    (!text.is_empty() && !is_wrapper(&text)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApiError, ErrorKind};

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Layer {
        text: &'static str,
        source: Option<Box<Self>>,
    }

    fn layers<const N: usize>(texts: [&'static str; N]) -> Layer {
        let nested = texts.into_iter().rev().fold(None, |source, text| Some(Box::new(Layer { text, source })));
        *nested.expect("at least one layer")
    }

    #[test]
    fn a_report_leaves_out_wrappers_unless_they_are_all_there_is() {
        let report = |error: Error| {
            let text = error.report().to_string();
            text.lines().filter(|line| line.contains("because")).map(str::trim).collect::<Vec<_>>().join("|")
        };
        let error = |source| Error::new(ErrorKind::Connect, "could not connect").with_source(source);
        let wrapped = ["the request could not be sent", "error sending request", "client error (Connect)", "refused"];
        assert_eq!(report(error(layers(wrapped))), "because: refused");
        assert_eq!(
            report(error(layers(["error sending request", "dns error"]))),
            "because: error sending request|because: dns error",
        );
        assert_eq!(innermost(&layers(wrapped)).as_deref(), Some("refused"));
        assert_eq!(innermost(&layers(["why", "dns error"])), None);
    }

    #[test]
    fn a_report_says_nothing_twice() {
        let source = layers(["sending failed", "cannot connect", "sending failed", "refused"]);
        let error = Error::new(ErrorKind::Connect, "cannot connect").with_source(source);
        assert_eq!(
            error.report().to_string(),
            "cannot connect\n  because: sending failed\n  because: refused\n  \
             help: check name resolution, proxy and firewall of this machine; the request did not leave",
        );
    }

    #[test]
    fn documentation_of_the_vendor_is_shown_in_the_report() {
        let mut api = ApiError::new(None, "no such service");
        api.docs = Some("https://clickhouse.com/docs".into());
        let report = Error::new(ErrorKind::NotFound, "not found").with_api(api).report().to_string();
        assert!(report.contains("\n  see: https://clickhouse.com/docs\n"), "{report}");
    }
}
