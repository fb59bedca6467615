//! The XML body of a request.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::error::{Answer, ApiError};
use super::NAMESPACE;

/// The deepest a document may nest; the API's own go to seven.
const DEEPEST: usize = 32;

/// An element with its text and its children.
#[derive(Debug, Default)]
pub(super) struct Element {
    name: String,
    text: String,
    children: Vec<Self>,
}

impl Element {
    /// Reads a document whose root must be `root` in the API's namespace.
    pub(super) fn parse(body: &[u8], root: &str) -> Answer<Self> {
        let text = std::str::from_utf8(body).map_err(|_| invalid("the body is not UTF-8"))?;
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Self> = Vec::new();
        let mut done: Option<Self> = None;
        let mut namespace_seen = false;
        loop {
            let element = match reader.read_event().map_err(|error| invalid(&error.to_string()))? {
                Event::Start(start) => {
                    if open.is_empty() {
                        namespace_seen = has_namespace(&start);
                    }
                    if open.len() == DEEPEST {
                        return Err(invalid("the document nests too deep"));
                    }
                    open.push(Self::named(start.local_name().as_ref())?);
                    continue;
                }
                Event::Empty(start) => Self::named(start.local_name().as_ref())?,
                Event::End(_) => open.pop().ok_or_else(|| invalid("an element ends that never began"))?,
                Event::Text(text) => {
                    let text = text.decode().map_err(|error| invalid(&error.to_string()))?;
                    if let Some(top) = open.last_mut() {
                        top.text.push_str(&text);
                    }
                    continue;
                }
                Event::GeneralRef(reference) => {
                    let name = reference.decode().map_err(|error| invalid(&error.to_string()))?;
                    let whole = format!("&{name};");
                    let text = quick_xml::escape::unescape(&whole).map_err(|error| invalid(&error.to_string()))?;
                    if let Some(top) = open.last_mut() {
                        top.text.push_str(&text);
                    }
                    continue;
                }
                Event::Eof => break,
                _ => continue,
            };
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None if done.is_none() => done = Some(element),
                None => return Err(invalid("there are two roots")),
            }
        }
        let done = done.filter(|_| open.is_empty()).ok_or_else(|| invalid("the document has no end"))?;
        if done.name != root || !namespace_seen {
            return Err(invalid(&format!("cvc-elt.1: Cannot find the declaration of element '{}'.", done.name)));
        }
        Ok(done)
    }

    /// Refuses elements other than `known` inside of this one.
    pub(super) fn only(&self, known: &[&str]) -> Answer<()> {
        match self.children.iter().find(|child| !known.contains(&child.name.as_str())) {
            None => Ok(()),
            Some(child) => Err(invalid(&format!(
                "cvc-complex-type.2.4.a: Invalid content was found starting with element '{}' in '{}'.",
                child.name, self.name
            ))),
        }
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first child of this name, which must be there.
    pub(super) fn required(&self, name: &str) -> Answer<&Self> {
        self.child(name).ok_or_else(|| {
            invalid(&format!(
                "cvc-complex-type.2.4.b: The content of element '{}' is not complete; '{name}' is expected.",
                self.name
            ))
        })
    }

    /// The children of this name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text, without white space around it.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    /// The text of the first child of this name, if it has any.
    pub(super) fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(Self::text).filter(|text| !text.is_empty())
    }

    /// The text of a child that must be there and not be empty.
    pub(super) fn required_text(&self, name: &str) -> Answer<&str> {
        let text = self.required(name)?.text();
        if text.is_empty() { Err(invalid(&format!("element '{name}' must not be empty"))) } else { Ok(text) }
    }

    /// A truth value, `false` when absent.
    pub(super) fn flag(&self, name: &str) -> Answer<bool> {
        match self.child_text(name) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(other) => Err(invalid(&format!("'{other}' is not a valid value for 'boolean'"))),
        }
    }

    fn named(name: &[u8]) -> Answer<Self> {
        let name = std::str::from_utf8(name).map_err(|_| invalid("a name is not UTF-8"))?;
        Ok(Self { name: name.to_owned(), ..Self::default() })
    }
}

/// The refusal of a body that does not follow the API's schema.
pub(super) fn invalid(why: &str) -> ApiError {
    ApiError::new("InvalidInput", format!("Invalid XML ; {why}"))
}

fn has_namespace(start: &quick_xml::events::BytesStart<'_>) -> bool {
    start.attributes().flatten().any(|attribute| {
        (attribute.key.as_ref() == b"xmlns" || attribute.key.as_ref().starts_with(b"xmlns:"))
            && attribute.value.as_ref() == NAMESPACE.as_bytes()
    })
}
