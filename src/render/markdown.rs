//! Text in Markdown: what comes from outside is read as text, and as nothing else.

use super::words::line;

/// Text in a line, whatever is in it; blanks around it tell nothing.
pub(super) fn text(text: &str) -> String {
    let line = line(text);
    let text = line.trim();
    let mark = list_mark(text);
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        let (before, after) = (&text[..at], &text[at + c.len_utf8()..]);
        let escaped = match c {
            _ if mark == Some(at) => true,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '~' | '$' | '#' | '{' | '}' | '^' => true,
            // Bare addresses are made links of.
            ':' => after.starts_with("//"),
            '.' => before.get(before.len().saturating_sub(3)..).is_some_and(|word| word.eq_ignore_ascii_case("www")),
            _ => false,
        };
        if escaped {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The sign by which a text that begins a line would begin a list, or a rule across the page.
fn list_mark(text: &str) -> Option<usize> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut rest = text[digits..].chars();
    match (rest.next()?, digits) {
        ('-', 0) => Some(0),
        ('+', 0) | ('.' | ')', 1..) if rest.next().is_none_or(|c| c == ' ') => Some(digits),
        _ => None,
    }
}

/// Text as code in a line, whatever is in it; not for the cell of a table, which a bar would end.
pub(super) fn code(text: &str) -> String {
    let text = line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    // A blank at each end is no part of the code; without them a backtick there would be one of the fence.
    match text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

/// Text as code in the cell of a table, whatever is in it: a bar would end the cell, so that with one it is no code.
pub(super) fn cell(text: &str) -> String {
    if text.contains('|') || text.trim().is_empty() { self::text(text) } else { code(text) }
}

/// Lines as a block of code.
pub(super) fn block(language: &str, lines: &str) -> String {
    let fence = "`".repeat(longest_run(lines).max(2) + 1);
    let end = if lines.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{lines}{end}{fence}\n")
}

/// Where something was read: a link, where it is a plain address.
pub(super) fn source(source: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/#?=%+:".contains(c);
    match source.strip_prefix("https://") {
        Some(rest) if !rest.is_empty() && rest.chars().all(plain) => format!("<{source}>"),
        _ => text(source),
    }
}

/// How many backticks stand together at most.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    /// What a reader of Markdown makes of it, whatever its dialect; quotes stay as they are.
    fn read(markdown: &str) -> Vec<Event<'_>> {
        Parser::new_ext(markdown, Options::all() - Options::ENABLE_SMART_PUNCTUATION).collect()
    }

    /// Text with what readers of Markdown are taken in by.
    fn hostile() -> impl Strategy<Value = String> {
        let pieces = [
            "`",
            "``",
            "|",
            "\n",
            "\r\n",
            "<script>alert(1)</script>",
            "<!--",
            "[a](https://example.com)",
            "![a](b)",
            "[^1]",
            "^a^",
            "^",
            "https://example.com",
            "www.example.com",
            "WwW.example.com",
            "*a*",
            "**",
            "_a_",
            "~~a~~",
            "$a$",
            "$$",
            "&amp;",
            "&#60;",
            "\\",
            "# ",
            "{#a .b}",
            "\\|",
            "---",
            "> ",
            "1. ",
            "- [ ] ",
            "+ ",
            "7) ",
            "     ",
            "\u{2028}",
            "a",
            " ",
            ":",
            "//",
        ];
        let piece = prop_oneof![prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), "[^\0]{0,4}"];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn text_is_read_as_the_text_it_is(given in hostile()) {
            // Words stand around it wherever it is written.
            let markdown = format!("- it is {} so\n", text(&given));
            let mut seen = String::new();
            for event in read(&markdown) {
                match event {
                    Event::Text(text) => seen.push_str(&text),
                    Event::Start(Tag::List(None) | Tag::Item) | Event::End(_) => {}
                    other => prop_assert!(false, "{other:?} of {markdown}"),
                }
            }
            prop_assert_eq!(seen, format!("it is {} so", line(&given).trim()));
            let written = text(&given).to_ascii_lowercase();
            prop_assert!(!written.replace("\\:", "").contains("://") && !written.contains("www."), "{written}");
        }

        #[test]
        fn an_entry_of_a_list_begins_no_other(given in hostile()) {
            let markdown = format!("1. {}\n2. {}: so\n", text(&given), text(&given));
            let lists = read(&markdown).into_iter().filter(|event| matches!(event, Event::Start(tag) if *tag != Tag::Paragraph));
            prop_assert_eq!(lists.count(), 3, "{}", markdown);
        }

        #[test]
        fn a_cell_stays_a_cell(given in hostile()) {
            let markdown = format!("| a | b |\n| --- | --- |\n| it is {} so | {}. |\n", text(&given), text(&given));
            let cells = |markdown| read(markdown).into_iter().filter(|event| matches!(event, Event::Start(Tag::TableCell))).count();
            prop_assert_eq!(cells(&markdown), 4, "{}", markdown);
            let markdown = format!("| a | b |\n| --- | --- |\n| {} | {}<br>{} |\n", cell(&given), cell(&given), cell(&given));
            prop_assert_eq!(cells(&markdown), 4, "{}", markdown);
        }

        #[test]
        fn code_is_read_as_the_code_it_is(given in "[^\0]{0,12}|[` a|]{0,12}") {
            prop_assume!(!line(&given).trim().is_empty());
            let markdown = format!("it is {} so\n", code(&given));
            let codes: Vec<String> = read(&markdown)
                .into_iter()
                .filter_map(|event| match event {
                    Event::Code(code) => Some(code.to_string()),
                    _ => None,
                })
                .collect();
            prop_assert_eq!(codes, [line(&given)]);
        }

        #[test]
        fn a_block_ends_where_it_ends(given in hostile()) {
            let given = given.replace('\r', "");
            let markdown = format!("{}\nafter\n", block("bash", &given));
            let mut seen = String::new();
            let mut blocks = 0;
            for event in read(&markdown) {
                match event {
                    Event::Start(Tag::CodeBlock(_)) => blocks += 1,
                    Event::Text(text) => seen.push_str(&text),
                    _ => {}
                }
            }
            prop_assert_eq!(blocks, 1);
            let end = if given.ends_with('\n') { "" } else { "\n" };
            prop_assert_eq!(seen, format!("{given}{end}after"));
        }
    }

    #[test]
    fn only_a_plain_address_is_a_link() {
        assert_eq!(source("https://example.com/a#b"), "<https://example.com/a#b>");
        assert_eq!(source("https://example.com/>x<"), "https\\://example.com/\\>x\\<");
        assert_eq!(source("a guide, page 3"), "a guide, page 3");
    }
}
