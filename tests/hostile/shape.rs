//! How a file is built, whatever the texts in it: what a reader of its format makes of it, without words.

use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::Element;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use quick_xml::events::Event as XmlEvent;
use serde_json::Value;

/// A line for each part.
pub(super) fn of(name: &str, text: &str) -> String {
    match name.rsplit('.').next().unwrap() {
        "sh" => shell(text),
        "tf" => terraform(text),
        "json" => json(&serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))),
        // Read by another program, beside the same as JSON: see `ci/checks/handover.py`.
        "yaml" if name == "link.yaml" => "a template".to_owned(),
        "yaml" => yaml(text),
        "bicep" => bicep(text),
        // In an order of its texts, of which those with bars are no code.
        "md" if name == "permissions.md" => sorted(&markdown(text).replace("code\n", "text\n")),
        "md" => markdown(text),
        "mmd" => mermaid(text),
        "svg" => svg(text),
        other => panic!("nobody here reads {other}"),
    }
}

fn sorted(lines: &str) -> String {
    let mut all: Vec<&str> = lines.lines().collect();
    all.sort_unstable();
    all.join("\n")
}

/// Words of any kind are one; what the shell does something for stays.
fn shell(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    let word = |out: &mut String| {
        if !out.ends_with('w') {
            out.push('w');
        }
    };
    while let Some(c) = rest.next() {
        match c {
            '#' if out.is_empty() || out.ends_with(['\n', ' ']) => {
                while rest.next_if(|c| *c != '\n').is_some() {}
                out.push('#');
            }
            '\'' => {
                while rest.next_if(|c| *c != '\'').is_some() {}
                assert_eq!(rest.next(), Some('\''), "a quote without an end in {text}");
                word(&mut out);
            }
            '"' => {
                word(&mut out);
                loop {
                    match rest.next().unwrap_or_else(|| panic!("a quote without an end in {text}")) {
                        '"' => break,
                        '\\' => drop(rest.next()),
                        c @ ('$' | '`') => out.push(c),
                        _ => {}
                    }
                }
            }
            '\\' => {
                if rest.next() != Some('\n') {
                    word(&mut out);
                }
            }
            ' ' | '\t' => {
                if !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            }
            '\n' => out.push('\n'),
            '<' if rest.peek() == Some(&'<') => {
                rest.next();
                if rest.next_if_eq(&'<').is_some() {
                    out.push_str("<<<");
                } else {
                    // Between quotes, so that nothing in it is replaced.
                    let end: String = rest.by_ref().take_while(|c| *c != '\n').filter(|c| *c != '\'').collect();
                    out.push_str("<<\n");
                    let body: String = rest.by_ref().collect();
                    let (_, after) = body.split_once(&format!("\n{end}\n")).expect("the end of a document");
                    assert_eq!(after, "", "it is the last of its script");
                    return out;
                }
            }
            c if c.is_alphanumeric() || "_-./:=,+@%^".contains(c) => word(&mut out),
            // How long a list is, is its texts' matter.
            ')' if out.ends_with("w w") => {
                let list = out.trim_end_matches(['w', ' ']).len();
                if out[..list].ends_with('(') {
                    out.truncate(list);
                    out.push('w');
                }
                out.push(')');
            }
            c => out.push(c),
        }
    }
    out
}

fn terraform(text: &str) -> String {
    let body: Body = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut out = String::new();
    structures(&body, &mut out);
    out
}

fn structures(body: &Body, out: &mut String) {
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                out.push_str(&format!("{} = {}\n", attribute.key.as_str(), expression(&attribute.value)));
            }
            Structure::Block(block) => {
                out.push_str(&format!("{} {} {{\n", block.ident.as_str(), block.labels.len()));
                structures(&block.body, out);
                out.push_str("}\n");
            }
        }
    }
}

fn expression(value: &Expression) -> String {
    match value {
        Expression::String(_) => "text".to_owned(),
        // Signs that would swallow each other go in as a value that is a text.
        Expression::StringTemplate(template)
            if template.iter().all(|element| match element {
                Element::Literal(_) => true,
                Element::Interpolation(inner) => inner.expr.is_str(),
                Element::Directive(_) => false,
            }) =>
        {
            "text".to_owned()
        }
        Expression::Array(all) => format!("[{}]", all.iter().map(expression).collect::<Vec<_>>().join(", ")),
        Expression::Object(all) => {
            let entry = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                let key = match key {
                    ObjectKey::Expression(key) if !matches!(key, Expression::Variable(_)) => expression(key),
                    _ => "text".to_owned(),
                };
                format!("{key} = {}", expression(value.expr()))
            };
            let mut entries: Vec<String> = all.iter().map(entry).collect();
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        Expression::Bool(_) | Expression::Number(_) => "plain".to_owned(),
        Expression::Variable(_) => "path".to_owned(),
        Expression::Traversal(traversal) => format!("path of {}", traversal.operators.len()),
        Expression::FuncCall(call) => format!("call of {}", call.args.len()),
        other => format!("{other:?}"),
    }
}

fn json(value: &Value) -> String {
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all.join("\n")
    };
    match value {
        Value::String(_) => "text".to_owned(),
        Value::Array(all) => format!("[\n{}\n]", sorted(all.iter().map(json).collect())),
        Value::Object(all) => format!("{{\n{}\n}}", sorted(all.values().map(json).collect())),
        _ => "plain".to_owned(),
    }
}

/// What stands at the beginning of each line, and of what kind the value is.
fn yaml(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        let value = line.trim_start_matches([' ', '-']);
        let kind = match value.chars().next() {
            Some('#') => "comment",
            Some(_) if value.ends_with(':') => "inner",
            _ => "value",
        };
        out.push_str(&format!("{indent} {kind}\n"));
    }
    out
}

fn bicep(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    let word = |out: &mut String| {
        if !out.ends_with('w') {
            out.push('w');
        }
    };
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => {
                while rest.next_if(|c| *c != '\n').is_some() {}
                out.push_str("//");
            }
            '\'' => loop {
                match rest.next().unwrap_or_else(|| panic!("a quote without an end in {text}")) {
                    '\'' => {
                        word(&mut out);
                        break;
                    }
                    '\\' => drop(rest.next()),
                    '$' if rest.peek() == Some(&'{') => out.push_str("${"),
                    '\n' => panic!("a line ends in a text of {text}"),
                    _ => {}
                }
            },
            c if c.is_alphanumeric() || c == '_' => word(&mut out),
            c => out.push(c),
        }
    }
    out
}

fn markdown(text: &str) -> String {
    let mut out = String::new();
    let mut code: Option<String> = None;
    for event in Parser::new_ext(text, Options::all() - Options::ENABLE_SMART_PUNCTUATION) {
        match (event, &mut code) {
            (Event::Start(Tag::CodeBlock(kind)), _) => {
                assert!(matches!(&kind, CodeBlockKind::Fenced(of) if &**of == "bash"), "{kind:?}");
                code = Some(String::new());
            }
            (Event::End(TagEnd::CodeBlock), _) => {
                out.push_str(&format!("{}\nend of the code\n", shell(&code.take().unwrap())));
            }
            (Event::Text(text), Some(code)) => code.push_str(&text),
            (Event::Text(_), None) => {
                if !out.ends_with("text\n") {
                    out.push_str("text\n");
                }
            }
            (Event::Code(_), _) => out.push_str("code\n"),
            (Event::Html(_) | Event::InlineHtml(_), _) if !text.contains("<br>") => panic!("HTML in {text}"),
            // Where something was read is a link of ours.
            (event, _) => out.push_str(&format!("{event:?}\n")),
        }
    }
    out
}

fn mermaid(text: &str) -> String {
    let parts: Vec<&str> = text.split('"').collect();
    assert!(parts.len() % 2 == 1, "a quote without an end in {text}");
    for quoted in parts.iter().skip(1).step_by(2) {
        let bare = quoted.replace("<br/>", "");
        assert!(!bare.contains(['<', '>', '`', '\n', '\r', '[', ']', '{', '}', '|', '\\']), "{quoted:?}");
    }
    parts.iter().step_by(2).copied().collect::<Vec<_>>().join("text")
}

/// What elements there are, and what they carry; how many lines a text takes is its length's matter.
fn svg(text: &str) -> String {
    let allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(text.chars().all(allowed), "no XML: {text:?}");
    let mut all = std::collections::BTreeSet::new();
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}\n{text}")) {
            XmlEvent::Start(tag) | XmlEvent::Empty(tag) => {
                let names = tag.attributes().map(|one| String::from_utf8(one.unwrap().key.as_ref().to_vec()).unwrap());
                let names: Vec<String> = names.collect();
                all.insert(format!("{} {}\n", std::str::from_utf8(tag.name().as_ref()).unwrap(), names.join(" ")));
            }
            XmlEvent::Eof => return all.into_iter().collect(),
            XmlEvent::Decl(_) | XmlEvent::End(_) | XmlEvent::Text(_) | XmlEvent::GeneralRef(_) => {}
            other => panic!("{other:?} in {text}"),
        }
    }
}
