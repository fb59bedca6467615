//! Scripts for bash: one for each turn of a side, and one that runs them all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use privlink_core::render::{Datum, Environment, Fragment, Script, Word};
use privlink_core::side::{Direction, Plan, Slot, Step, StepState};
use privlink_core::{Error, Result, Turn};

use super::parts::{Part, parts};
use super::words::line;
use super::{Files, Rendered};

/// What every script begins with, after its own words.
const PROLOGUE: &str = include_str!("prologue.sh");
/// What every step has at hand.
pub(super) const HELPERS: &str = include_str!("helpers.sh");
/// What a step has that only a person can do.
const BY_HAND: &str = include_str!("by_hand.sh");
/// What earlier parts have brought.
pub(super) const VALUES: &str = include_str!("values.sh");

pub(super) fn files(plan: &Plan, rendered: &[Rendered<'_>]) -> Result<Files> {
    let parts = parts(plan.direction, rendered);
    // Those of a removal may lie beside those that set the link up.
    let (before, whole, goal) = match plan.direction {
        Direction::Removal => ("remove-", "take-down.sh", "takes the whole link down"),
        _ => ("", "set-up.sh", "sets the whole link up"),
    };
    let names: Vec<String> =
        parts.iter().enumerate().map(|(n, part)| format!("{before}{}-{}.sh", n + 1, part.side)).collect();
    let mut files = Files::default();
    let mut given: BTreeMap<String, &str> = BTreeMap::new();
    let mut number = 0;
    for (n, part) in parts.iter().enumerate() {
        let mut writer = Writer::new(plan, &given);
        for (step, fragment) in &part.steps {
            number += 1;
            writer.step(number, step, fragment.as_ref())?;
        }
        let text = writer.file(part, &names, n)?;
        let own = writer.own;
        files = files.with(names[n].clone(), text);
        given.extend(own.into_iter().map(|variable| (variable, names[n].as_str())));
    }
    let mut all = heading(plan, &format!("{goal}, where one machine may talk to both sides"));
    for kept in &plan.kept {
        let what = if kept.what.is_empty() { kept.key.as_str() } else { &kept.what };
        let _ = writeln!(all, "# Stays: {} ({})", line(what), line(&kept.reason));
    }
    all.push_str("set -euo pipefail\ncd \"$(dirname \"${BASH_SOURCE[0]}\")\"\n");
    for name in &names {
        let _ = writeln!(all, "bash ./{name}");
    }
    if let Some(later) = &plan.later {
        // Names and ids that are known only now decide what comes next.
        let told = format!("this was the first part; plan and render again for the rest: {}", line(later));
        let _ = writeln!(all, "cat >&2 <<'LATER'\n{told}\nLATER");
    }
    Ok(files.with(whole, all))
}

/// One script being written.
struct Writer<'a> {
    plan: &'a Plan,
    /// What earlier scripts bring, and which.
    given: &'a BTreeMap<String, &'a str>,
    /// What this one has brought so far.
    own: BTreeSet<String>,
    /// What it takes from outside.
    takes: BTreeMap<String, (Slot, Datum)>,
    body: String,
    /// What stands set, so that it is set once.
    set: BTreeMap<&'static str, String>,
}

impl<'a> Writer<'a> {
    fn new(plan: &'a Plan, given: &'a BTreeMap<String, &'a str>) -> Self {
        let (own, takes, set) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        Self { plan, given, own, takes, body: String::new(), set }
    }

    /// Sets a variable, unless it stands so already.
    fn set(&mut self, variable: &'static str, value: String) {
        if self.set.get(variable) != Some(&value) {
            let _ = writeln!(self.body, "{variable}={value}");
            self.set.insert(variable, value);
        }
    }

    fn step(&mut self, number: usize, step: &Step, fragment: Option<&Fragment>) -> Result<()> {
        let _ = write!(self.body, "\n# {number}. {}: {}\n# {}\n", line(&step.what), line(&step.why), line(&step.place));
        match fragment {
            Some(Fragment::Script(script)) if step.state != StepState::Manual => self.script(script, step),
            _ if step.state == StepState::AlreadyDone => {
                self.body.push_str("# It is done already.\n");
                Ok(())
            }
            _ => {
                // Names stand in backticks, which look like a command that somebody forgot to run.
                let turn = match step.turn {
                    Turn::Nobody | Turn::You => String::new(),
                    turn => format!(" ({turn}'s turn)"),
                };
                let told = format!("{}, at {}{turn}", step.what, step.place).replace('`', "\"");
                let _ = writeln!(self.body, "by_hand {} {}", step.id, quoted(&told)?);
                Ok(())
            }
        }
    }

    fn script(&mut self, script: &Script, step: &Step) -> Result<()> {
        for (variable, word) in &script.values {
            match word {
                Word::Text(text) => self.set(variable, quoted(text)?),
                Word::List(texts) => {
                    let words = texts.iter().map(|text| quoted(text)).collect::<Result<Vec<_>>>()?;
                    self.set(variable, format!("({})", words.join(" ")));
                }
                Word::Datum(slot, datum) => {
                    let name = datum.variable(slot);
                    if !self.own.contains(&name) {
                        self.takes.insert(name.clone(), (slot.clone(), datum.clone()));
                    }
                    if name != *variable {
                        self.set(variable, format!("${name}"));
                    }
                }
                _ => {
                    return Err(Error::invalid(format!(
                        "a value of the step `{}` is of a kind unknown here",
                        step.verb
                    )));
                }
            }
        }
        self.body.push_str(script.body);
        // What the text itself may set is not known any more.
        self.set.retain(|variable, _| !script.body.contains(&format!("{variable}=")));
        let slot = step.slot.clone().unwrap_or_default();
        for (datum, variable) in &script.gives {
            let name = datum.variable(&slot);
            if name != *variable {
                let _ = writeln!(self.body, "{name}=${variable}");
            }
            let _ = writeln!(self.body, "remember {name} \"${name}\"");
            self.own.insert(name);
        }
        Ok(())
    }

    /// What it takes from outside: set where it is known, and asked for where not.
    fn taken(&self) -> Result<String> {
        let mut text = String::new();
        for (name, (slot, datum)) in &self.takes {
            let line = match (self.given.get(name), datum.known(slot, &self.plan.exchange)) {
                (Some(giver), _) => wanted(name, &format!("run {giver} first, or set {name} to {}", datum.words()))?,
                (None, Some(known)) => format!("{name}={}", quoted(&known)?),
                (None, None) => wanted(name, &format!("nothing here brings {name}: set it to {}", datum.words()))?,
            };
            text.push_str(&line);
            text.push('\n');
        }
        Ok(text)
    }

    /// The whole script: what it takes is told, and asked for, before anything is done.
    fn file(&self, part: &Part<'_, '_>, names: &[String], n: usize) -> Result<String> {
        let scripts: Vec<&Script> = part
            .steps
            .iter()
            .filter_map(|(_, fragment)| match fragment {
                Some(Fragment::Script(script)) => Some(script),
                _ => None,
            })
            .collect();
        let mut text = heading(self.plan, &format!("part {} of {}: what {} has to do", n + 1, names.len(), part.side));
        if n > 0 {
            let _ = writeln!(text, "# Comes after {}.", names[n - 1]);
        }
        let environment: BTreeSet<&Environment> = scripts.iter().flat_map(|script| &script.environment).collect();
        for variable in &environment {
            let default =
                variable.default.map(|default| format!("; {default} where it is not set")).unwrap_or_default();
            let _ = writeln!(text, "# Takes {} from the environment: {}{default}.", variable.name, variable.what);
        }
        for piece in [PROLOGUE, HELPERS, BY_HAND, VALUES] {
            text.push_str(piece);
        }
        let programs: BTreeSet<&str> = scripts.iter().flat_map(|script| &script.programs).copied().collect();
        for program in programs {
            let _ = writeln!(text, "command -v {program} >/dev/null || die \"{program} is not installed\"");
        }
        for variable in environment {
            text.push_str(&demand(variable)?);
        }
        text.push_str(&self.taken()?);
        let mut written: BTreeSet<&str> = BTreeSet::new();
        for function in scripts.iter().flat_map(|script| &script.functions) {
            if written.insert(function) {
                let _ = write!(text, "\n{function}");
            }
        }
        text.push_str(&self.body);
        Ok(text)
    }
}

/// The commands of one step by themselves, and what they bring; `given` says what earlier steps bring, and which.
pub(super) fn commands(
    plan: &Plan,
    step: &Step,
    script: &Script,
    given: &BTreeMap<String, &str>,
) -> Result<(String, BTreeSet<String>)> {
    let mut writer = Writer::new(plan, given);
    writer.script(script, step)?;
    Ok((writer.taken()? + &writer.body, writer.own))
}

/// The line that a variable of the environment has: what is set where it lacks, or what is said.
pub(super) fn demand(variable: &Environment) -> Result<String> {
    let (name, what) = (variable.name, variable.what);
    Ok(match variable.default {
        Some(default) => format!(": \"${{{name}:={default}}}\"\n"),
        None => wanted(name, &format!("set {name} to {what}"))? + "\n",
    })
}

/// A line that ends the script unless a variable is set.
fn wanted(name: &str, told: &str) -> Result<String> {
    Ok(format!("[ -n \"${{{name}:-}}\" ] || die {}", quoted(told)?))
}

fn heading(plan: &Plan, what: &str) -> String {
    let again = match plan.direction {
        Direction::Removal => "only what carries the link's marks goes, and what is gone is left",
        _ => "what is there is found by its marks, and left as it is",
    };
    let (link, what) = (line(plan.link.as_str()), line(what));
    format!("#!/usr/bin/env bash\n# The link `{link}`, {what}.\n# Safe to run again: {again}.\n")
}

fn quoted(text: &str) -> Result<String> {
    match shlex::try_quote(text) {
        Ok(quoted) => Ok(quoted.into_owned()),
        Err(error) => Err(Error::invalid(format!("{text:?} cannot be a word of a script")).with_source(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use privlink_core::side::{Direction, SideId, StepKind, TouchKey};
    use proptest::prelude::*;

    use super::*;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Dig;

    impl StepKind for Dig {
        const VERB: &'static str = "garden.dig";
    }

    fn step() -> Step {
        Step::new(SideId::new("garden"), TouchKey::new("garden.bed", ["1"]), &Dig, "dig")
    }

    fn plan() -> Plan {
        Plan::new(Direction::Setup, "orders-prod".parse().unwrap(), SystemTime::UNIX_EPOCH)
    }

    fn rendered(step: &Step, script: Script) -> String {
        let rendered = [(step, Some(Fragment::Script(script)))];
        files(&plan(), &rendered).unwrap().get("1-garden.sh").unwrap().to_owned()
    }

    /// Text with what shells and people are taken in by.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("'".to_owned()),
            Just("\"".to_owned()),
            Just("$(id)".to_owned()),
            Just("${HOME}".to_owned()),
            Just("`id`".to_owned()),
            Just("%{ if true }".to_owned()),
            Just("\n".to_owned()),
            Just("\\".to_owned()),
            Just("; rm -rf .".to_owned()),
            Just("!x".to_owned()),
            Just("\u{202e}".to_owned()),
            "[^\0]{0,6}",
        ];
        prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn whatever_a_value_holds_it_stays_one_word(text in hostile(), other in hostile()) {
            let script = Script::new("true\n").text("ONE", text.clone()).list("TWO", [text.clone(), other.clone()]);
            let file = rendered(&step(), script);
            // The rules of quoting are the shell's own, read back by a reader of them.
            let begin = file.find("\nONE=").unwrap();
            let words = shlex::split(&file[begin..].replace("TWO=(", "TWO= ").replace(")\ntrue\n", "\ntrue\n")).unwrap();
            prop_assert_eq!(&words, &[format!("ONE={text}"), "TWO=".to_owned(), text, other, "true".to_owned()]);
        }

        #[test]
        fn what_is_told_stays_in_its_line(text in hostile()) {
            let step = step().place(text.clone()).why(text.clone());
            let lines = rendered(&step, Script::new("true\n"));
            let after = &lines[lines.find("\n# 1. dig").unwrap()..];
            prop_assert_eq!(after.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect::<Vec<_>>(), ["true"]);
        }
    }

    #[test]
    fn a_value_comes_from_an_earlier_part_or_from_outside() {
        let main = Slot::main();
        let (first, second) = (step(), Step::new(SideId::new("shed"), TouchKey::new("shed", ["1"]), &Dig, "store"));
        let rendered = [
            (&first, Some(Fragment::Script(Script::new("ID=1\n").gives(Datum::EndpointId, "ID")))),
            (
                &second,
                Some(Fragment::Script(Script::new("true\n").takes("ID", &main, Datum::EndpointId).takes(
                    "PORTS",
                    &main,
                    Datum::Ports,
                ))),
            ),
        ];
        let files = files(&plan(), &rendered).unwrap();
        assert!(files.get("1-garden.sh").unwrap().contains("ENDPOINT_ID=$ID\nremember ENDPOINT_ID \"$ENDPOINT_ID\""));
        let second = files.get("2-shed.sh").unwrap();
        assert!(
            second.contains("[ -n \"${ENDPOINT_ID:-}\" ] || die \"run 1-garden.sh first, or set ENDPOINT_ID to the endpoint's id\"\n"),
            "{second}"
        );
        assert!(second.contains("|| die \"nothing here brings PORTS: set it to the database's ports\"\n"), "{second}");
        assert!(second.contains("\nID=$ENDPOINT_ID\n"), "{second}");
        assert!(files.get("set-up.sh").unwrap().ends_with("bash ./1-garden.sh\nbash ./2-shed.sh\n"));
    }

    #[test]
    fn what_nobody_has_words_for_is_asked_of_a_person() {
        let step = step().place("the bed's north");
        let file = &files(&plan(), &[(&step, None)]).unwrap();
        let file = file.get("1-garden.sh").unwrap();
        assert!(file.contains(&format!("by_hand {} \"dig, at the bed's north\"\n", step.id)), "{file}");
    }

    #[test]
    fn what_is_done_already_is_asked_of_nobody() {
        let step = step().state(StepState::AlreadyDone);
        let files = files(&plan(), &[(&step, None)]).unwrap();
        let file = files.get("1-garden.sh").unwrap();
        assert!(file.ends_with("# It is done already.\n") && !file.contains("\nby_hand "), "{file}");
    }

    #[test]
    fn a_first_part_says_that_it_is_one() {
        let mut plan = plan();
        plan.later = Some("the host's\nrecord".into());
        let step = step();
        let rendered = [(&step, Some(Fragment::Script(Script::new("true\n"))))];
        let files = files(&plan, &rendered).unwrap();
        let all = files.get("set-up.sh").unwrap();
        assert!(all.contains("\ncat >&2 <<'LATER'\nthis was the first part; "), "{all}");
        assert!(all.ends_with(" for the rest: the host's record\nLATER\n"), "{all}");
    }

    #[test]
    fn a_text_that_no_script_can_hold_is_an_error() {
        let step = step();
        let rendered = [(&step, Some(Fragment::Script(Script::new("true\n").text("ONE", "a\0b"))))];
        assert!(files(&plan(), &rendered).unwrap_err().to_string().contains("cannot be a word"));
    }
}
