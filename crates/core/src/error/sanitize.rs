//! Text from outside as one printable line.

use std::borrow::Cow;

/// One line of printable text: white space folded, control and invisible characters escaped, at
/// most `most` characters and an ellipsis.
pub(super) fn sanitize(text: &str, most: usize) -> String {
    let mut out = String::new();
    let (mut length, mut gap) = (0, false);
    for c in text.chars() {
        if c.is_whitespace() {
            gap = length > 0;
            continue;
        }
        if length + usize::from(gap) >= most {
            out.push('…');
            break;
        }
        if gap {
            out.push(' ');
            length += 1;
            gap = false;
        }
        length += 1;
        match c {
            // Quotes and backslashes are what JSON and Windows paths are made of.
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out
}

/// Texts of ours are one line already; what came from outside is made one.
pub(super) fn one_line(text: Cow<'static, str>) -> Cow<'static, str> {
    match text {
        Cow::Borrowed(ours) => Cow::Borrowed(ours),
        Cow::Owned(text) => Cow::Owned(sanitize(&text, 1_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn long_text_is_cut_and_white_space_folded() {
        assert_eq!(sanitize("  a \t\n b  ", 10), "a b");
        assert_eq!(sanitize("abcdef", 6), "abcdef");
        assert_eq!(sanitize("abcdefg", 6), "abcdef…");
        assert_eq!(sanitize("abcde f", 6), "abcde…");
        assert_eq!(sanitize(&"é".repeat(1_000_000), 3), "ééé…");
        assert_eq!(sanitize(r#"{"a":"b\c"}"#, 40), r#"{"a":"b\c"}"#);
        assert_eq!(sanitize("", 6), "");
        let error = Error::invalid("x").with_body(&[0xff; 10_000]);
        assert!(error.body().is_some_and(|body| body.chars().count() == 401));
    }
}
