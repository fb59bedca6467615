//! Bicep: one file, deployed before and after the vendor's side has done its part.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use privlink_core::render::{Block, Datum, Expr, Fragment, Item, Resources};
use privlink_core::side::{NetworkSide, Plan, Slot, Step};
use privlink_core::{Error, ErrorKind, Result};

use super::parts::{elsewhere, is_after_others};
use super::terraform::told;
use super::words::line;
use super::{Files, Rendered};
use crate::plan::follows;

/// The parameter that says that the vendor's side has done its part.
const ADMITTED: &str = "admitted";

pub(super) fn files(plan: &Plan, rendered: &[Rendered<'_>], network: &dyn NetworkSide) -> Result<Files> {
    let ours: Vec<(&Step, &Resources)> = rendered
        .iter()
        .filter_map(|(step, fragment)| match fragment {
            Some(Fragment::Resources(resources)) if step.side == network.id() => Some((*step, resources)),
            _ => None,
        })
        .collect();
    if ours.iter().all(|(_, resources)| resources.blocks.is_empty()) {
        return Err(Error::new(ErrorKind::Unsupported, format!("Bicep has nothing of {}", network.id())));
    }
    let mut writer = Writer { plan, given: BTreeMap::new(), parameters: BTreeMap::new(), admitted: false };
    for (step, resources) in &ours {
        let slot = step.slot.clone().unwrap_or_default();
        for (datum, expr) in &resources.gives {
            writer.given.insert(datum.variable(&slot), expr.clone());
        }
    }
    let used = used(&ours);
    let mut body = String::new();
    for (step, resources) in &ours {
        let after_vendor = is_after_others(plan.direction, rendered, step);
        let after = after(plan, step, &ours);
        let mut comment = format!("// {}\n", told(step));
        for block in &resources.blocks {
            if block.kind == "data" && !used.contains(symbol(block)?) {
                continue;
            }
            let _ = write!(body, "\n{}", std::mem::take(&mut comment));
            body.push_str(&writer.block(block, after_vendor, &after)?);
        }
    }
    let outputs = writer.outputs(&ours)?;
    let mut text = head(plan, rendered, &ours, writer.admitted);
    text.push_str(&writer.parameters());
    text.push_str(&body);
    text.push_str(&outputs);
    Ok(Files::default().with("link.bicep", text))
}

fn broken() -> Error {
    Error::invalid("a side renders something that Bicep has no words for")
}

/// What the file is, and what others do.
fn head(plan: &Plan, rendered: &[Rendered<'_>], ours: &[(&Step, &Resources)], admitted: bool) -> String {
    let mut text =
        format!("// The network's part of the link `{}`, for one resource group.\n", line(plan.link.as_str()));
    let ours: Vec<&Step> = ours.iter().map(|(own, _)| *own).collect();
    let (before, after) = elsewhere(plan.direction, rendered, &ours);
    let tell = |text: &mut String, steps: &[&Step]| {
        for step in steps {
            let _ = writeln!(text, "// - {}: {} ({})", step.side, line(&step.what), line(&step.place));
        }
    };
    if !before.is_empty() {
        text.push_str("// Elsewhere comes first:\n");
        tell(&mut text, &before);
    }
    if !after.is_empty() {
        text.push_str("// Deploy it as it is. Elsewhere then comes:\n");
        tell(&mut text, &after);
    }
    if admitted {
        let when = if after.is_empty() { "All else is done; deploy it" } else { "Once that is done, deploy it again" };
        let _ = writeln!(text, "// {when} with {ADMITTED}=true: names then lead to the endpoint.");
    }
    if let Some(later) = &plan.later {
        let _ = writeln!(text, "// This is the first part; plan and render again for the rest: {}", line(later));
    }
    text
}

/// The things that are referred to.
fn used(ours: &[(&Step, &Resources)]) -> BTreeSet<String> {
    let blocks = || ours.iter().flat_map(|(_, resources)| &resources.blocks);
    let takes: BTreeSet<String> = blocks().flat_map(Block::takes).map(|(slot, datum)| datum.variable(&slot)).collect();
    let mut all = BTreeSet::new();
    for (step, resources) in ours {
        let slot = step.slot.clone().unwrap_or_default();
        for (datum, expr) in &resources.gives {
            if takes.contains(&datum.variable(&slot)) || is_output(datum, expr) {
                symbols(expr, &mut all);
            }
        }
    }
    all
}

/// Whether others may need it: the vendor's side.
fn is_output(datum: &Datum, expr: &Expr) -> bool {
    !matches!(datum, Datum::Own(_)) && !matches!(expr, Expr::Admitted(..))
}

fn symbols(expr: &Expr, into: &mut BTreeSet<String>) {
    match expr {
        Expr::Path(parts) => into.extend(parts.first().map(ToString::to_string)),
        Expr::List(all) | Expr::Call(_, all) => all.iter().for_each(|one| symbols(one, into)),
        Expr::Element(of, ..) | Expr::Member(of, _) => symbols(of, into),
        Expr::Admitted(after, before) => [after, before].into_iter().for_each(|one| symbols(one, into)),
        _ => {}
    }
}

/// The things that come right before those of a step.
fn after<'a>(plan: &Plan, step: &Step, ours: &[(&Step, &'a Resources)]) -> Vec<&'a Block> {
    let before = ours.iter().filter(|(other, _)| follows(plan.direction, other, step));
    before.flat_map(|(_, resources)| &resources.blocks).filter(|block| block.kind == "resource").collect()
}

fn symbol(block: &Block) -> Result<&str> {
    match block.labels.as_slice() {
        [_, symbol] => word(symbol),
        _ => Err(broken()),
    }
}

struct Writer<'a> {
    plan: &'a Plan,
    given: BTreeMap<String, Expr>,
    /// Names of parameters, with what they are.
    parameters: BTreeMap<String, String>,
    admitted: bool,
}

impl Writer<'_> {
    fn block(&mut self, block: &Block, after_vendor: bool, after: &[&Block]) -> Result<String> {
        let of = text(block.labels.first().ok_or_else(broken)?);
        let mut out = format!("resource {} {of} ", symbol(block)?);
        match block.kind {
            "resource" if after_vendor => {
                self.admitted = true;
                let _ = write!(out, "= if ({ADMITTED}) ");
            }
            "resource" => out.push_str("= "),
            "data" => out.push_str("existing = "),
            _ => return Err(broken()),
        }
        out.push_str("{\n");
        let mut refers = BTreeSet::new();
        for item in &block.items {
            let Item::Attribute(name, value) = item else { return Err(broken()) };
            self.referred(value, &mut refers);
            let _ = writeln!(out, "  {}: {}", word(name)?, self.value(value, 1)?);
        }
        let mut waits_for = Vec::new();
        for other in after {
            let other = symbol(other)?;
            if !refers.contains(other) {
                waits_for.push(other);
            }
        }
        if !waits_for.is_empty() && block.kind == "resource" {
            let _ = writeln!(out, "  dependsOn: [\n    {}\n  ]", waits_for.join("\n    "));
        }
        out.push_str("}\n");
        Ok(out)
    }

    /// The things that a value refers to.
    fn referred(&self, expr: &Expr, into: &mut BTreeSet<String>) {
        match expr {
            Expr::Datum(slot, datum) => {
                if let Some(expr) = self.given.get(&datum.variable(slot)) {
                    symbols(expr, into);
                }
            }
            Expr::List(all) => all.iter().for_each(|one| self.referred(one, into)),
            Expr::Map(all) => all.iter().for_each(|(_, one)| self.referred(one, into)),
            other => symbols(other, into),
        }
    }

    fn value(&mut self, expr: &Expr, depth: usize) -> Result<String> {
        let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
        Ok(match expr {
            Expr::Bool(value) => value.to_string(),
            Expr::Number(value) => value.to_string(),
            Expr::Text(value) => text(value),
            Expr::List(all) if all.is_empty() => "[]".to_owned(),
            Expr::List(all) => {
                let mut out = "[\n".to_owned();
                for one in all {
                    let _ = writeln!(out, "{inner}{}", self.value(one, depth + 1)?);
                }
                out + &outer + "]"
            }
            Expr::Map(all) if all.is_empty() => "{}".to_owned(),
            Expr::Map(all) => {
                let mut out = "{\n".to_owned();
                for (name, one) in all {
                    let name = word(name).map_or_else(|_| text(name), str::to_owned);
                    let _ = writeln!(out, "{inner}{name}: {}", self.value(one, depth + 1)?);
                }
                out + &outer + "}"
            }
            Expr::Path(parts) => path(parts)?,
            Expr::Element(list, index, rest) => format!("{}[{index}]{}", self.value(list, depth)?, members(rest)?),
            Expr::Member(of, rest) => format!("{}{}", self.value(of, depth)?, members(rest)?),
            Expr::Call(name, given) => {
                let given: Vec<String> = given.iter().map(|one| self.value(one, depth)).collect::<Result<_>>()?;
                format!("{}({})", word(name)?, given.join(", "))
            }
            Expr::Admitted(after, before) => {
                self.admitted = true;
                format!("{ADMITTED} ? {} : {}", self.value(after, depth)?, self.value(before, depth)?)
            }
            Expr::Datum(slot, datum) => self.datum(slot, datum, depth)?,
            _ => return Err(broken()),
        })
    }

    fn datum(&mut self, slot: &Slot, datum: &Datum, depth: usize) -> Result<String> {
        let variable = datum.variable(slot);
        if let Some(expr) = self.given.get(&variable).cloned() {
            return self.value(&expr, depth);
        }
        if let Some(known) = datum.known(slot, &self.plan.exchange) {
            return Ok(text(&known));
        }
        let name = camel(&variable);
        self.parameters.insert(name.clone(), format!("{}, known once others have done their part", datum.words()));
        Ok(name)
    }

    fn outputs(&mut self, ours: &[(&Step, &Resources)]) -> Result<String> {
        let mut out = String::new();
        for (step, resources) in ours {
            let slot = step.slot.clone().unwrap_or_default();
            for (datum, expr) in resources.gives.iter().filter(|(datum, expr)| is_output(datum, expr)) {
                let what = text(&format!("{}, for the vendor's side", datum.words()));
                let (name, value) = (camel(&datum.variable(&slot)), self.value(expr, 0)?);
                let _ = write!(out, "\n@description({what})\noutput {name} string = {value}\n");
            }
        }
        Ok(out)
    }

    fn parameters(&self) -> String {
        let mut out = String::new();
        if self.admitted {
            let what = text(
                "true once the steps that are done elsewhere are done: then names are made to lead to the endpoint",
            );
            let _ = write!(out, "\n@description({what})\nparam {ADMITTED} bool = false\n");
        }
        for (name, what) in &self.parameters {
            let _ = write!(out, "\n@description({})\nparam {name} string\n", text(what));
        }
        out
    }
}

fn path(parts: &[privlink_core::Text]) -> Result<String> {
    let (first, rest) = parts.split_first().ok_or_else(broken)?;
    Ok(format!("{}{}", word(first)?, members(rest)?))
}

fn members(parts: &[privlink_core::Text]) -> Result<String> {
    parts.iter().map(|part| Ok(format!(".{}", word(part)?))).collect()
}

/// What stands for itself as a name.
fn word(name: &str) -> Result<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match name.chars().all(plain) && name.starts_with(|c: char| !c.is_ascii_digit()) {
        true => Ok(name),
        false => Err(Error::invalid(format!("{name:?} is no word of Bicep's"))),
    }
}

/// A text, whatever is in it.
fn text(text: &str) -> String {
    let mut out = String::from("'");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' | '\'' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if rest.peek() == Some(&'{') => out.push_str("\\$"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// `ENDPOINT_ID` as `endpointId`.
fn camel(variable: &str) -> String {
    let mut words = variable.split('_');
    let first = words.next().unwrap_or_default().to_ascii_lowercase();
    let capital =
        |word: &str| word.chars().take(1).chain(word.to_ascii_lowercase().chars().skip(1)).collect::<String>();
    words.map(capital).fold(first, |all, word| all + &word)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use privlink_core::side::Direction;
    use proptest::prelude::*;

    use super::*;

    /// What Bicep makes of a text in quotes; `None` where that ends early or has a value in it.
    fn read(written: &str) -> Option<String> {
        let mut rest = written.strip_prefix('\'')?.strip_suffix('\'')?.chars().peekable();
        let mut out = String::new();
        while let Some(c) = rest.next() {
            match c {
                '\'' | '\n' | '\r' => return None,
                '$' if rest.peek() == Some(&'{') => return None,
                '\\' => match rest.next()? {
                    'n' => out.push('\n'),
                    'r' => out.push('\r'),
                    't' => out.push('\t'),
                    'u' => {
                        let digits: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                        out.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                    }
                    c @ ('\\' | '\'' | '$') => out.push(c),
                    _ => return None,
                },
                c => out.push(c),
            }
        }
        Some(out)
    }

    proptest! {
        #[test]
        fn whatever_a_text_holds_it_is_read_back_as_it_was(
            given in r#"(\$\{|[$]|'''|'|"|\\|\\u\{41\}|\n|\r|\t|//|/\*|`|%\{|[[:cntrl:]]|.){0,12}"#,
        ) {
            let written = text(&given);
            prop_assert_eq!(read(&written), Some(given), "{}", written);
        }
    }

    #[test]
    fn what_is_no_word_is_refused_as_a_name_and_quoted_as_a_key() {
        let plan = Plan::new(Direction::Setup, "orders-prod".parse().unwrap(), SystemTime::UNIX_EPOCH);
        let mut writer = Writer { plan: &plan, given: BTreeMap::new(), parameters: BTreeMap::new(), admitted: false };
        let odd = Expr::Map(vec![("a-b".to_owned(), 1.into()), ("c".to_owned(), Expr::List(Vec::new()))]);
        assert_eq!(writer.value(&odd, 0).unwrap(), "{\n  'a-b': 1\n  c: []\n}");
        for bad in [Expr::path(["a b"]), Expr::path(["1"]), Expr::path([""]), Expr::path(["a"]).member(["${x}"])] {
            assert!(writer.value(&bad, 0).is_err(), "{bad:?}");
        }
        let block = Block::new("resource").label("It's@1").label("odd'symbol");
        assert!(writer.block(&block, false, &[]).is_err());
        assert_eq!(writer.parameters(), "");
    }
}
