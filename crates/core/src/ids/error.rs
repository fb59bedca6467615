use std::borrow::Cow;
use std::fmt;

use super::looks_like::looks_like;

/// A text that is not the identifier it was taken for.
///
/// Carries what was wanted, the rule that broke, the text itself (shortened, with control and
/// invisible characters escaped), and what the text looks like instead, when that can be told.
///
/// ```
/// use privlink_core::VpcEndpointId;
///
/// let error = "vpce-svc-0a1b2c3d4e5f67890".parse::<VpcEndpointId>().unwrap_err();
/// assert_eq!(error.wanted(), "VPC endpoint id");
/// assert_eq!(error.looks_like(), Some("VPC endpoint service id"));
/// assert_eq!(
///     error.to_string(),
///     "`vpce-svc-0a1b2c3d4e5f67890` is not a VPC endpoint id: 8 to 17 lower-case hex digits must follow `vpce-`; \
///      it looks like a VPC endpoint service id",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
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
        Self { wanted, rule: rule.into(), text: shorten(text), looks_like: looks_like(text) }
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

    /// The refused text, shortened, control and invisible characters escaped.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The kind of identifier the text looks like instead, when that can be told.
    #[must_use]
    pub fn looks_like(&self) -> Option<&'static str> {
        self.looks_like.filter(|found| !self.wanted.starts_with(found))
    }
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not {} {}: {}", self.text, article(self.wanted), self.wanted, self.rule)?;
        if let Some(found) = self.looks_like() {
            write!(f, "; it looks like {} {found}", article(found))?;
        }
        Ok(())
    }
}

/// `{:?}` is the sentence, so that a `main` that returns this error reads well; `{:#?}` is the structure.
impl fmt::Debug for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(self, f);
        }
        f.debug_struct("IdError")
            .field("wanted", &self.wanted)
            .field("rule", &self.rule)
            .field("text", &self.text)
            .field("looks_like", &self.looks_like())
            .finish()
    }
}

impl std::error::Error for IdError {}

/// `a` or `an`, as the kind is read aloud: an AWS account id, an endpoint, a UUID.
fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) { "an" } else { "a" }
}

fn shorten(text: &str) -> String {
    const MOST: usize = 80;
    let mut out = String::new();
    for c in text.chars().take(MOST) {
        // Quotes stay as they are; what cannot be seen, or turns the line around, does not.
        if matches!(c, '\'' | '"') {
            out.push(c);
        } else {
            out.extend(c.escape_debug());
        }
    }
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_text_is_quoted_safely() {
        for (text, quoted) in [
            ("", ""),
            ("a\nb\0c\u{1b}[31m", "a\\nb\\0c\\u{1b}[31m"),
            ("it's \"x\"", "it's \"x\""),
            // Right-to-left override and zero-width space.
            ("a\u{202e}b\u{200b}", "a\\u{202e}b\\u{200b}"),
        ] {
            assert_eq!(IdError::new("thing", "no", text).text(), quoted);
        }
        let long = IdError::new("thing", "no", &"é".repeat(500));
        assert_eq!(long.text().chars().count(), 81);
        assert!(long.to_string().lines().count() == 1 && long.text().ends_with('…'));
    }

    #[test]
    fn an_error_reads_as_a_sentence() {
        let error = IdError::new("AWS account id", "it must be 12 digits", "arn:aws:iam::123456789012:root");
        assert_eq!(
            error.to_string(),
            "`arn:aws:iam::123456789012:root` is not an AWS account id: it must be 12 digits; \
             it looks like an AWS principal",
        );
        assert_eq!(format!("{error:?}"), error.to_string());
        assert!(format!("{error:#?}").starts_with("IdError {"));
        assert_eq!(article("UUID"), "a");
        assert_eq!(IdError::new("UUID", "no", "0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60").looks_like(), None);
    }
}
