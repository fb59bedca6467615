//! Run-books: a plan in Markdown, for people who do it step by step.

mod sections;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use privlink_core::render::{Cost, Fragment, Guidance, Script};
use privlink_core::side::{Direction, Effect, Plan, SideId, Step, StepState};
use privlink_core::{Dated, Result, Text, Turn};

use super::markdown::{block, source, text};
use super::{Files, Rendered, shell};
use crate::plan::follows;

/// A step with everything that a book says of it.
struct Entry<'a> {
    number: usize,
    step: &'a Step,
    guidance: Guidance,
    script: Option<&'a Script>,
    /// The steps that come right before it.
    waits_for: Vec<usize>,
}

/// `between` are the database and the network; `guided` and `scripts` are the same steps; `network` is whose steps a
/// platform team does.
pub(super) fn files(
    plan: &Plan,
    between: (&str, &str),
    guided: &[Rendered<'_>],
    scripts: &[Rendered<'_>],
    network: &SideId,
    costs: &[Cost],
) -> Result<Files> {
    let entries = entries(plan, guided, scripts);
    let mut book = sections::heading(plan, between);
    sections::overview(&mut book, &entries, network);
    sections::beginning(&mut book, &entries);
    let _ = writeln!(book, "## Steps\n");
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    for entry in &entries {
        chapter(&mut book, plan, entry, network, &mut given)?;
    }
    sections::end(&mut book, plan);
    if plan.direction == Direction::Setup {
        sections::costs(&mut book, costs);
    }
    let end = book.trim_end().len();
    book.truncate(end);
    book.push('\n');
    Ok(Files::default().with("run-book.md", book))
}

/// What is done with Terraform to take a link down: its own state says what it made.
pub(super) fn terraform(plan: &Plan) -> Files {
    Files::default().with("take-down.md", sections::terraform(plan))
}

fn entries<'a>(plan: &'a Plan, guided: &'a [Rendered<'a>], scripts: &'a [Rendered<'a>]) -> Vec<Entry<'a>> {
    let before = |step: &Step| -> Vec<usize> {
        let all: Vec<(usize, &Step)> =
            plan.steps.iter().enumerate().filter(|(_, other)| follows(plan.direction, other, step)).collect();
        // What one of them waits for itself needs no word.
        let nearest = |one: &Step| !all.iter().any(|(_, other)| follows(plan.direction, one, other));
        all.iter().filter(|(_, one)| nearest(one)).map(|(place, _)| place + 1).collect()
    };
    guided
        .iter()
        .zip(scripts)
        .enumerate()
        .map(|(place, ((step, guidance), (_, script)))| Entry {
            number: place + 1,
            step,
            guidance: match guidance {
                Some(Fragment::Guidance(guidance)) => guidance.clone(),
                _ => Guidance::new(),
            },
            script: match script {
                Some(Fragment::Script(script)) if step.state != StepState::Manual => Some(script),
                _ => None,
            },
            waits_for: before(step),
        })
        .collect()
}

/// One step.
fn chapter(
    book: &mut String,
    plan: &Plan,
    entry: &Entry<'_>,
    network: &SideId,
    given: &mut BTreeMap<String, String>,
) -> Result<()> {
    let step = entry.step;
    let _ = writeln!(book, "### Step {}: {}\n", entry.number, text(&step.what));
    let mut fact = |name: &str, told: String| {
        if !told.is_empty() {
            let _ = writeln!(book, "- **{name}:** {told}");
        }
    };
    fact("Why", text(&step.why));
    fact("Where", text(&step.place));
    fact("State", state(step).to_owned());
    fact("Who", who(step, network));
    fact("Waits for", waits(&entry.waits_for));
    fact("Takes", takes(step, entry.guidance.takes.as_ref()));
    fact("Mind", effects(&step.effects));
    fact("Console", entry.guidance.console.as_ref().map(dated).unwrap_or_default());
    fact("Way back", way_back(plan.direction, step, &entry.guidance.back));
    book.push('\n');
    match entry.script {
        Some(script) => {
            let known = given.iter().map(|(variable, giver)| (variable.clone(), giver.as_str())).collect();
            let (commands, brings) = shell::commands(plan, step, script, &known)?;
            let demands = script.environment.iter().map(shell::demand).collect::<Result<String>>()?;
            book.push_str(&block("bash", &(demands + &commands)));
            given.extend(brings.into_iter().map(|variable| (variable, format!("step {}", entry.number))));
        }
        None if step.state == StepState::AlreadyDone => book.push_str("Nothing is left to do.\n"),
        None => book.push_str("There is no command for it: it is done by hand.\n"),
    }
    book.push('\n');
    Ok(())
}

fn state(step: &Step) -> &'static str {
    match step.state {
        StepState::AlreadyDone => "done already; the command only looks",
        StepState::Undecided => "to be decided once the steps before it are done; the command looks first",
        StepState::Manual => "by hand",
        _ => "to do",
    }
}

/// Who does it, and whose turn it is then.
fn who(step: &Step, network: &SideId) -> String {
    let system = text(step.side.as_str());
    let actor = if step.state == StepState::Manual && step.turn != Turn::Vendor {
        "you, by hand".to_owned()
    } else if step.side == *network {
        format!("the platform team: whoever may change the network in {system}")
    } else {
        format!("you: whoever has the key of {system}")
    };
    let then = match step.turn {
        Turn::Vendor => ", then the vendor",
        Turn::Cloud => ", then the cloud",
        Turn::Approver => ", then whoever approves it",
        _ => "",
    };
    actor + then
}

fn waits(steps: &[usize]) -> String {
    match steps {
        [] => "nothing".to_owned(),
        [one] => format!("step {one}"),
        [all @ .., last] => {
            let all: Vec<String> = all.iter().map(ToString::to_string).collect();
            format!("steps {} and {last}", all.join(", "))
        }
    }
}

/// What somebody has said, and what is counted with.
fn takes(step: &Step, said: Option<&Dated<Text>>) -> String {
    let counted = format!("counted with here: about {}, stuck after {}", span(step.usual), span(step.at_most));
    match said {
        Some(said) => format!("{}; {counted}", dated(said)),
        None => counted,
    }
}

/// A duration as people say it: `40 s`, `5 min`, `2 h`, `7 d`.
fn span(duration: Duration) -> String {
    match duration.as_secs() {
        0 => "1 s".to_owned(),
        secs if secs < 120 => format!("{secs} s"),
        secs if secs < 2 * 3_600 => format!("{} min", secs.div_ceil(60)),
        secs if secs < 2 * 86_400 => format!("{} h", secs.div_ceil(3_600)),
        secs => format!("{} d", secs.div_ceil(86_400)),
    }
}

fn effects(effects: &BTreeSet<Effect>) -> String {
    effects.iter().map(|effect| text(&effect.to_string())).collect::<Vec<_>>().join("; ")
}

fn way_back(direction: Direction, step: &Step, said: &str) -> String {
    let meaning = match (step.undo.words(), direction) {
        (Some(words), _) => words,
        (None, Direction::Removal) => "set the link up again",
        (None, _) => "",
    };
    let said = text(said);
    match (said.is_empty(), meaning.is_empty()) {
        (true, true) => "nothing is to be undone".to_owned(),
        (false, true) => said,
        (true, false) => meaning.to_owned(),
        (false, false) => format!("{said}; {meaning}"),
    }
}

/// A fact, and where it was read.
fn dated(fact: &Dated<Text>) -> String {
    let read = if fact.read.is_empty() { String::new() } else { format!(", read {}", text(&fact.read)) };
    format!("{} ({}{read})", text(&fact.value), source(&fact.source))
}

#[cfg(test)]
mod tests;
