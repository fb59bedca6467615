//! Keeps credentials out of every rendering of an error, its sources' included.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use super::Error;

impl Error {
    /// Passes every text through `clean`, those of the sources too: a source that shows something
    /// to hide in any rendering gives way to its own words, cleaned.
    pub(crate) fn scrubbed(mut self, clean: &dyn Fn(&str) -> Option<String>) -> Self {
        let tidy = |text: &mut String| {
            if let Some(cleaned) = clean(text) {
                *text = cleaned;
            }
        };
        let tidy_word = |text: &mut Cow<'static, str>| {
            // A text of the program itself is no secret.
            if let Cow::Owned(text) = text {
                tidy(text);
            }
        };
        let inner = &mut *self.0;
        tidy_word(&mut inner.message);
        [&mut inner.operation, &mut inner.vendor, &mut inner.help].into_iter().flatten().for_each(tidy_word);
        if let Some(finding) = &mut inner.finding {
            [&mut finding.summary, &mut finding.next_step].into_iter().chain(&mut finding.evidence).for_each(tidy_word);
        }
        inner.missing_permission.iter_mut().for_each(tidy);
        [&mut inner.resource, &mut inner.request_id, &mut inner.body].into_iter().flatten().for_each(tidy);
        if let Some(api) = &mut inner.api {
            tidy(&mut api.message);
            api.code.iter_mut().for_each(tidy);
            api.docs.iter_mut().for_each(tidy_word);
        }
        if let Some(replacement) = inner.source.as_deref().and_then(|source| replacement(source, clean)) {
            inner.source = Some(Arc::from(replacement));
        }
        self
    }
}

/// What stands in for `source`: its words, cleaned. `None` when no rendering of it shows anything
/// to hide, so that it can stay.
pub(crate) fn replacement(
    source: &(dyn StdError + Send + Sync + 'static),
    clean: &dyn Fn(&str) -> Option<String>,
) -> Option<Box<dyn StdError + Send + Sync>> {
    if !shows(source, clean) {
        return None;
    }
    Some(match source.downcast_ref::<Error>() {
        Some(ours) => Box::new(ours.clone().scrubbed(clean)),
        None => Box::new(told(source, clean)),
    })
}

/// Whether any rendering of `error` or of one of its causes holds something to hide.
fn shows(error: &(dyn StdError + 'static), clean: &dyn Fn(&str) -> Option<String>) -> bool {
    clean(&error.to_string()).is_some()
        || clean(&format!("{error:?}")).is_some()
        || clean(&format!("{error:#?}")).is_some()
        || error.source().is_some_and(|cause| shows(cause, clean))
}

fn told(error: &(dyn StdError + 'static), clean: &dyn Fn(&str) -> Option<String>) -> Told {
    let text = error.to_string();
    let source = error.source().map(|cause| Box::new(told(cause, clean)));
    Told { text: clean(&text).unwrap_or(text), source }
}

/// What an error said, without what it must not say; its structure is left behind.
struct Told {
    text: String,
    source: Option<Box<Self>>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{:?} because {source:?}", self.text),
            None => write!(f, "{:?}", self.text),
        }
    }
}

impl StdError for Told {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApiError, ErrorKind};

    const SECRET: &str = "canary-4f9a77d1c0ffee";

    fn clean(text: &str) -> Option<String> {
        text.contains(SECRET).then(|| text.replace(SECRET, "…"))
    }

    /// Shows the secret in one rendering alone, and may have a cause.
    struct Leak {
        display: &'static str,
        debug: &'static str,
        source: Option<Box<Self>>,
    }

    impl fmt::Display for Leak {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.display)
        }
    }

    impl fmt::Debug for Leak {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.debug)
        }
    }

    impl StdError for Leak {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
        }
    }

    fn rendered(error: &Error) -> String {
        let mut out = format!("{error} {error:#} {error:?} {error:#?} {} {:?}", error.report(), error.report());
        out.push_str(&format!("{:?} {:?} {:?}", error.api(), error.body(), error.resource()));
        let mut source = StdError::source(error);
        while let Some(cause) = source {
            out.push_str(&format!("{cause} {cause:?} {cause:#?}"));
            source = cause.source();
        }
        out
    }

    #[test]
    fn no_rendering_of_an_error_or_its_sources_shows_what_is_to_hide() {
        let leak = |display, debug, source| Leak { display, debug, source };
        let sources = [
            leak("asked with canary-4f9a77d1c0ffee", "plain", None),
            leak("plain", "Key(\"canary-4f9a77d1c0ffee\")", None),
            leak("outer", "outer", Some(Box::new(leak("inner canary-4f9a77d1c0ffee", "inner", None)))),
            leak("outer", "outer", Some(Box::new(leak("inner", "canary-4f9a77d1c0ffee", None)))),
        ];
        for source in sources {
            let said = source.to_string();
            let error = Error::new(ErrorKind::Unavailable, format!("lost with {SECRET}")).with_source(source);
            assert!(rendered(&error).contains(SECRET));
            let error = Error::new(ErrorKind::OutcomeUnknown, "unknown").with_source(error).scrubbed(&clean);
            let text = rendered(&error);
            assert!(!text.contains(SECRET), "{text}");
            assert!(text.contains(&said.replace(SECRET, "…")), "the words that are no secret stay: {text}");
        }
        let mut api = ApiError::new(Some(SECRET), SECRET);
        api.docs = Some(format!("https://docs.example.com/?key={SECRET}").into());
        let error = Error::invalid(SECRET.to_owned())
            .with_operation(SECRET.to_owned())
            .with_vendor(SECRET.to_owned())
            .with_resource(SECRET)
            .with_request_id(Some(SECRET.to_owned()))
            .with_help(SECRET.to_owned())
            .with_api(api)
            .with_body(SECRET.as_bytes())
            .scrubbed(&clean);
        assert!(!rendered(&error).contains(SECRET), "{}", rendered(&error));
    }

    #[test]
    fn a_clean_source_keeps_its_type() {
        let error: Error = "x".parse::<crate::VpcId>().unwrap_err().into();
        let error = Error::new(ErrorKind::OutcomeUnknown, "unknown").with_source(error).scrubbed(&clean);
        let ours = StdError::source(&error).and_then(|source| source.downcast_ref::<Error>()).unwrap();
        assert!(StdError::source(ours).is_some_and(|source| source.is::<crate::ids::IdError>()));
    }
}
