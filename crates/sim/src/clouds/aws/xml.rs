//! A small writer of XML text.

use std::fmt::Display;

/// XML under construction. Element names come from this crate alone; every value is escaped.
#[derive(Debug, Default)]
pub(super) struct Xml(String);

impl Xml {
    /// `<name>value</name>`.
    pub(super) fn text(&mut self, name: &str, value: impl Display) {
        self.open(name);
        self.escaped(&value.to_string());
        self.close(name);
    }

    /// `<name>value</name>` if there is a value.
    pub(super) fn optional(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// `<name>…</name>` around what `inside` writes.
    pub(super) fn node(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.open(name);
        inside(self);
        self.close(name);
    }

    /// A list as EC2 writes it: `<name><item>…</item>…</name>`.
    pub(super) fn items<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut inside: impl FnMut(&mut Self, T),
    ) {
        self.node(name, |x| {
            for item in items {
                x.node("item", |x| inside(x, item));
            }
        });
    }

    /// A list of texts as EC2 writes it.
    pub(super) fn texts<T: Display>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        self.node(name, |x| {
            for value in values {
                x.text("item", value);
            }
        });
    }

    /// A whole document with `root` in `namespace`.
    pub(super) fn document(root: &str, namespace: &str, inside: impl FnOnce(&mut Self)) -> String {
        let mut x = Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned());
        x.0.push_str(&format!("<{root} xmlns=\"{namespace}\">"));
        inside(&mut x);
        x.close(root);
        x.0
    }

    /// A whole document whose root has no namespace.
    pub(super) fn plain_document(root: &str, inside: impl FnOnce(&mut Self)) -> String {
        let mut x = Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned());
        x.node(root, inside);
        x.0
    }

    /// Appends what another writer holds.
    pub(super) fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
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

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#13;"),
                // XML 1.0 has no form for other control characters.
                c if c.is_control() && !matches!(c, '\t' | '\n') => self.0.push('\u{fffd}'),
                c => self.0.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped() {
        let mut x = Xml::default();
        x.text("a", "1 < 2 & \"3\"\u{1}");
        assert_eq!(x.0, "<a>1 &lt; 2 &amp; &quot;3&quot;\u{fffd}</a>");
    }
}
