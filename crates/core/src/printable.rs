//! Text that is shown to people: nothing in it moves the cursor, begins a line or turns the writing around.

use std::borrow::Cow;

use crate::Text;

/// The text with control and invisible characters escaped: names, descriptions and tags come from
/// whoever may write them at a vendor or a cloud. Texts of ours hold none.
pub(crate) fn printable(text: impl Into<Text>) -> Text {
    match text.into() {
        Cow::Owned(text) if text.chars().any(is_unprintable) => {
            let mut out = String::with_capacity(text.len() + 16);
            for c in text.chars() {
                if is_unprintable(c) { out.extend(c.escape_debug()) } else { out.push(c) }
            }
            Cow::Owned(out)
        }
        text => text,
    }
}

/// Quotes and backslashes are escaped for programs only.
fn is_unprintable(c: char) -> bool {
    !matches!(c, '"' | '\'' | '\\') && c.escape_debug().len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_pass_for_other_text_is_escaped_and_the_rest_is_left() {
        for text in ["", "plain", r#"a "b" \c 'd'"#, "Zürich 東京 ·"] {
            assert_eq!(printable(text.to_owned()), text);
        }
        let hostile = "a\u{1b}[2J\r\nb\u{202e}c\u{200b}d\0";
        assert_eq!(printable(hostile.to_owned()), r"a\u{1b}[2J\r\nb\u{202e}c\u{200b}d\0");
        assert_eq!(printable("x\n".repeat(1_000_000)).len(), 3_000_000);
    }
}
