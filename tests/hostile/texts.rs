//! Texts that shells, templates and readers are taken in by, and plans that hold them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Each of them ends what some format puts a text into, or begins something there.
pub(super) const HOSTILE: [&str; 26] = [
    "'; touch canary; '",
    "\"; touch canary; \"",
    "$(touch canary)",
    "\"$(touch canary)\"",
    "`touch canary`",
    "'\"'$(touch canary)'\"'",
    "${HOME} $HOME $'\\n' \\$(id) \\",
    "x[$(touch canary)]",
    "a\ntouch canary\n# b",
    "a\r\ntouch canary\r\n",
    "<<EOT\nLATER\n",
    "!x ~ * ? {a,b}",
    "${id} %{ if true }x%{ endif } $${y} %%{z}",
    "\"\n}\nresource \"x\" \"y\" {\n",
    "'\n}\nparam x string\n'''",
    "*/ // /* -- <!-- -->",
    "\"]\n  end\n  click x \"javascript:x\"",
    "</text><script>alert(1)</script>]]>&lt;\"'",
    "`` | b |\n| --- |\n```\n# c\n",
    "\\| [a](https://example.com) ![b](c) <b>",
    "\n---\n- &a !b {c: d, *e}: #f\n",
    "yes\t: 0123 #",
    "-x --help @file",
    "\u{202e}\u{2028}\u{2029}\u{85}\u{feff}\u{200b}",
    "\u{1b}[2J\u{7}\u{7f}",
    "Zürich 東京 \u{10ffff}",
];

/// The `n`-th hostile text; what is different stays so.
pub(super) fn hostile(n: usize, shift: usize) -> String {
    let text = HOSTILE[(n + shift) % HOSTILE.len()];
    if n.is_multiple_of(2) { format!("{n}{text}") } else { format!("{text}{n}") }
}

/// A text that is one everywhere.
pub(super) fn plain(n: usize) -> String {
    format!("plain{n}")
}

/// What decides which program reads the rest, or whose the plan is, and is told nobody.
const OTHERS: [&str; 7] = ["verb", "side", "subject", "version", "direction", "taken_at", "key"];

/// All texts of a plan, names of its maps included, each once.
pub(super) fn texts(plan: &Value) -> Vec<String> {
    let mut all = BTreeSet::new();
    collect(plan, false, &mut all);
    all.into_iter().collect()
}

fn collect(value: &Value, named: bool, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if !text.is_empty() => {
            into.insert(text.clone());
        }
        Value::Array(all) => all.iter().for_each(|one| collect(one, false, into)),
        Value::Object(all) => {
            for (name, value) in all.iter().filter(|(name, _)| !OTHERS.contains(&name.as_str())) {
                if named {
                    into.insert(name.clone());
                }
                // The maps of an exchange are by slot.
                collect(value, ["endpoints", "services", "admissions"].contains(&name.as_str()), into);
            }
        }
        _ => {}
    }
}

/// A plan with other texts in it.
pub(super) fn replaced(value: &Value, by: &BTreeMap<String, String>) -> Value {
    let other = |text: &String| by.get(text).unwrap_or(text).clone();
    match value {
        Value::String(text) => Value::String(other(text)),
        Value::Array(all) => all.iter().map(|one| replaced(one, by)).collect(),
        Value::Object(all) => all
            .iter()
            .map(|(name, value)| match OTHERS.contains(&name.as_str()) {
                true => (name.clone(), value.clone()),
                false => (other(name), replaced(value, by)),
            })
            .collect(),
        value => value.clone(),
    }
}

/// The texts that may be any others: as many as fit together.
pub(super) fn chosen(texts: &[String], fits: &dyn Fn(&BTreeMap<String, String>) -> bool) -> BTreeSet<String> {
    let odd = |(n, text): (usize, &String)| (text.clone(), format!("{n}'\"`$(x)\n\u{202e}|{{%"));
    let mut chosen = BTreeMap::new();
    take(&texts.iter().enumerate().map(odd).collect::<Vec<_>>(), &mut chosen, fits);
    chosen.into_keys().collect()
}

/// Takes all where they fit, and else what fits of each half.
fn take(
    all: &[(String, String)],
    chosen: &mut BTreeMap<String, String>,
    fits: &dyn Fn(&BTreeMap<String, String>) -> bool,
) {
    let mut more = chosen.clone();
    more.extend(all.iter().cloned());
    if fits(&more) {
        *chosen = more;
    } else if all.len() > 1 {
        let (first, second) = all.split_at(all.len() / 2);
        take(first, chosen, fits);
        take(second, chosen, fits);
    }
}
