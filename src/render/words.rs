//! Text from outside in a line of ours.

/// One line, whatever is in it: nothing begins another one, moves the cursor or turns the writing around.
pub(super) fn line(text: &str) -> String {
    text.chars().map(|c| if is_shown(c) { c } else { ' ' }).collect()
}

/// Whether a reader sees it as what it is. Quotes and backslashes are escaped for programs only.
fn is_shown(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_pass_for_other_text_is_a_blank() {
        assert_eq!(line("a\nb\u{1b}[2J\u{202e}c\u{2028}d\u{feff}\u{ffff}"), "a b [2J c d  ");
        assert_eq!(line(r#"Zürich 東京 "a" 'b' \c"#), r#"Zürich 東京 "a" 'b' \c"#);
    }
}
