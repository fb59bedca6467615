//! XML, read into a small bounded tree and written through an escaper.
//!
//! A tree rather than derived readers: AWS adds elements freely, leaves out what is empty and
//! nests lists differently per service; a reader that asks a tree for what it needs never fails
//! on what it does not know.

use std::fmt;

use privlink_core::{Error, ErrorKind, Result};
use quick_xml::Reader;
use quick_xml::events::Event;

/// Deeper nesting than any AWS answer has.
const DEEPEST: usize = 48;
/// More elements than any page of an AWS answer has.
const MOST_ELEMENTS: usize = 400_000;

/// One element: its local name, its own text and its children.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    name: String,
    text: String,
    children: Vec<Self>,
}

/// Reads a whole document; the root element comes back.
///
/// # Errors
/// [`ErrorKind::UnexpectedResponse`] with the start of the body when it is not well-formed XML
/// within bounds.
pub(crate) fn parse(body: &[u8]) -> Result<Element> {
    read(body).map_err(|reason| {
        Error::new(ErrorKind::UnexpectedResponse, format!("the answer is not the XML expected: {reason}"))
            .with_body(body)
    })
}

fn read(body: &[u8]) -> std::result::Result<Element, String> {
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut count = 0_usize;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                count += 1;
                if open.len() >= DEEPEST || count > MOST_ELEMENTS || root.is_some() {
                    return Err("it is nested too deep, too long, or has two roots".into());
                }
                open.push(Element::named(start.local_name().as_ref()));
            }
            Event::Empty(start) => {
                count += 1;
                if count > MOST_ELEMENTS || root.is_some() {
                    return Err("it is too long, or has two roots".into());
                }
                close(&mut open, &mut root, Element::named(start.local_name().as_ref()));
            }
            Event::End(_) => match open.pop() {
                Some(element) => close(&mut open, &mut root, element),
                None => return Err("an element ends that never began".into()),
            },
            Event::Text(piece) => append(&mut open, &piece.decode().map_err(|error| error.to_string())?),
            Event::CData(piece) => append(&mut open, &piece.decode().map_err(|error| error.to_string())?),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(character) => character.to_string(),
                    None => {
                        let name = reference.decode().map_err(|error| error.to_string())?;
                        quick_xml::escape::resolve_predefined_entity(&name)
                            .ok_or_else(|| "it uses an entity of its own".to_owned())?
                            .to_owned()
                    }
                };
                append(&mut open, &resolved);
            }
            // Entities of its own would be declared here; none is resolved above.
            Event::DocType(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    if !open.is_empty() {
        return Err("it ends early".into());
    }
    root.ok_or_else(|| "it is empty".into())
}

fn close(open: &mut [Element], root: &mut Option<Element>, element: Element) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}

fn append(open: &mut [Element], piece: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(piece);
    }
}

impl Element {
    fn named(name: &[u8]) -> Self {
        Self { name: String::from_utf8_lossy(name).into_owned(), ..Self::default() }
    }

    /// The local name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The children, in document order.
    pub(crate) fn children(&self) -> &[Self] {
        &self.children
    }

    /// The element's own text without the white space around it.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name, unless empty.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(Self::text).filter(|text| !text.is_empty())
    }

    /// The same, owned.
    pub(crate) fn string(&self, name: &str) -> Option<String> {
        self.text_of(name).map(str::to_owned)
    }

    /// A child's text as `true` or `false`; anything else is `None`.
    pub(crate) fn boolean(&self, name: &str) -> Option<bool> {
        match self.text_of(name)? {
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// A child's text as a number; anything else is `None`.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text_of(name)?.parse().ok()
    }

    /// The elements of the list `name`, whatever each of them is called.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.child(name).into_iter().flat_map(|list| list.children.iter())
    }

    /// The texts of the list `name`, empty ones left out.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.list(name).map(Self::text).filter(|text| !text.is_empty()).map(str::to_owned).collect()
    }

    /// The elements of the list `name` that parse; ids the cloud changed the form of are left out.
    pub(crate) fn ids<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        self.list(name).filter_map(|item| item.text().parse().ok()).collect()
    }

    /// The first element of this name at any depth, in document order.
    pub(crate) fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name {
            return Some(self);
        }
        // Recursion is bounded by the depth the parser allows.
        self.children.iter().find_map(|child| child.find(name))
    }

    /// What the answer to `operation` must have, or an error that names it.
    pub(crate) fn required<'a>(&'a self, name: &str) -> Result<&'a str> {
        self.text_of(name).ok_or_else(|| missing(self.name(), name))
    }

    /// A child that must be there and parse.
    pub(crate) fn required_id<T>(&self, name: &str) -> Result<T>
    where
        T: std::str::FromStr,
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        let text = self.required(name)?;
        text.parse().map_err(|error: T::Err| {
            Error::new(ErrorKind::UnexpectedResponse, format!("`{name}` in `{}` cannot be read", self.name()))
                .with_source(error)
        })
    }
}

/// The error for an element that the contract promises and the answer lacks.
pub(crate) fn missing(parent: &str, name: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, format!("the answer lacks `{name}` in `{parent}`"))
}

/// A document being written: elements are opened and closed in order, text is escaped.
#[derive(Debug, Default)]
pub(crate) struct Writer(String);

impl Writer {
    /// A document whose root element is in `namespace`.
    pub(crate) fn document(root: &str, namespace: &str, inside: impl FnOnce(&mut Self)) -> bytes::Bytes {
        let mut writer = Self(format!("<{root} xmlns=\"{namespace}\">"));
        inside(&mut writer);
        writer.0.push_str("</");
        writer.0.push_str(root);
        writer.0.push('>');
        writer.0.into()
    }

    /// An element with children.
    pub(crate) fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.open(name);
        inside(self);
        self.close(name);
    }

    /// An element with text.
    pub(crate) fn text(&mut self, name: &str, value: impl fmt::Display) {
        self.open(name);
        // Characters XML 1.0 cannot hold at all are dropped; callers check their input before.
        for character in value.to_string().chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#xD;"),
                '\t' | '\n' => self.0.push(character),
                character if character.is_control() || matches!(character, '\u{FFFE}' | '\u{FFFF}') => {}
                character => self.0.push(character),
            }
        }
        self.close(name);
    }

    fn open(&mut self, name: &str) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
    }

    fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unknown_elements_and_missing_fields_do_no_harm() {
        let root = parse(
            br#"<?xml version="1.0"?><a:Answer xmlns:a="http://x"><!-- note --><new>1</new>
                <set><item><id> x&amp;y </id></item><item/></set><cd><![CDATA[<&>]]></cd><n>&#x41;</n></a:Answer>"#,
        )
        .unwrap();
        assert_eq!(root.name(), "Answer");
        assert_eq!(root.list("set").count(), 2);
        assert_eq!(root.list("set").next().unwrap().text_of("id"), Some("x&y"));
        assert_eq!(root.text_of("cd"), Some("<&>"));
        assert_eq!(root.text_of("n"), Some("A"));
        assert_eq!(root.text_of("gone"), None);
        assert_eq!(root.required("gone").unwrap_err().kind(), ErrorKind::UnexpectedResponse);
    }

    #[test]
    fn what_is_not_xml_is_an_error_that_keeps_its_start() {
        let deep = "<a>".repeat(1_000);
        for body in ["", "not xml", "<a>", "<a></b>", "<a/><b/>", "<a>&own;</a>", deep.as_str()] {
            let error = parse(body.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{body}");
        }
        assert!(parse(b"<html>Bad Gateway").unwrap_err().body().unwrap().contains("Bad Gateway"));
        assert!(parse(b"\xff\xfe").is_err());
    }

    proptest! {
        #[test]
        fn no_body_makes_the_parser_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&body);
        }

        #[test]
        fn no_text_makes_the_parser_panic(body in "[<>/a-c&;#x0-9!\\[\\]\"'= -]{0,200}") {
            let _ = parse(body.as_bytes());
        }

        #[test]
        fn written_text_is_read_back(value in "[ -~äß€]{0,60}") {
            let body = Writer::document("R", "https://x", |w| w.text("v", &value));
            let root = parse(&body).unwrap();
            prop_assert_eq!(root.child("v").unwrap().text(), value.trim());
        }
    }
}
