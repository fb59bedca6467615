use std::borrow::Cow;
use std::fmt;

/// A text that is not the identifier it was taken for.
///
/// Carries what was wanted, the rule that broke, the text itself (shortened and with control
/// characters escaped), and what the text looks like instead, when that can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdError {
    wanted: &'static str,
    rule: Cow<'static, str>,
    text: String,
    looks_like: Option<&'static str>,
}

impl IdError {
    /// Builds an error for `text`, which should have been `wanted` but breaks `rule`.
    ///
    /// Third-party crates use it for their own identifiers, so that every refusal reads alike.
    #[must_use]
    pub fn new(wanted: &'static str, rule: impl Into<Cow<'static, str>>, text: &str) -> Self {
        Self { wanted, rule: rule.into(), text: shorten(text), looks_like: super::text::looks_like(text) }
    }

    /// The kind of identifier that was wanted, in words: `VPC endpoint id`.
    #[must_use]
    pub fn wanted(&self) -> &'static str {
        self.wanted
    }

    /// The rule that broke, in words.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The refused text, shortened, control characters escaped.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The kind of identifier the text looks like instead, when that can be told.
    #[must_use]
    pub fn looks_like(&self) -> Option<&'static str> {
        self.looks_like.filter(|found| *found != self.wanted)
    }
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a {}: {}", self.text, self.wanted, self.rule)?;
        if let Some(found) = self.looks_like() {
            write!(f, "; it looks like a {found}")?;
        }
        Ok(())
    }
}

impl std::error::Error for IdError {}

fn shorten(text: &str) -> String {
    const MOST: usize = 80;
    let mut out: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    out
}
