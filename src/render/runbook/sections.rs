//! What stands before and after the steps.

use std::collections::BTreeSet;
use std::fmt::Write;

use privlink_core::render::{Cost, CostBasis, Environment};
use privlink_core::side::{Direction, Plan, SideId};

use super::{Entry, span, waits, who};
use crate::render::markdown::{block, code, source, text};
use crate::render::shell;

/// `between` are the database and the network.
pub(super) fn heading(plan: &Plan, between: (&str, &str)) -> String {
    let goal = match plan.direction {
        Direction::Removal => "take down",
        _ => "set up",
    };
    let mut book = format!("# Run-book: {goal} the link {}\n\n", code(plan.link.as_str()));
    let (database, network) = between;
    let _ = writeln!(book, "It joins the database {} and the network {}.", code(database), code(network));
    match plan.direction {
        Direction::Removal => book.push_str("Only what carries the link's marks goes; what is others' stays.\n\n"),
        _ => book.push_str("Every step may be done again: what is there is found by its marks, and left as it is.\n\n"),
    }
    for finding in &plan.findings {
        let _ = writeln!(
            book,
            "> **{} ({}):** {}. What to do: {}.\n",
            text(&finding.code),
            finding.severity,
            text(&finding.summary),
            text(&finding.next_step)
        );
    }
    book
}

/// All steps in a table.
pub(super) fn overview(book: &mut String, entries: &[Entry<'_>], network: &SideId) {
    if entries.is_empty() {
        book.push_str("There is nothing to do.\n\n");
        return;
    }
    book.push_str(
        "A thing that is made in a console instead of by its command needs the names, tags and descriptions that the \
         command gives it: they are what it is found by later.\n\n",
    );
    book.push_str("| step | what | who | waits for | takes about |\n| --- | --- | --- | --- | --- |\n");
    for entry in entries {
        let _ = writeln!(
            book,
            "| {} | {} | {} | {} | {} |",
            entry.number,
            text(&entry.step.what),
            who(entry.step, network),
            waits(&entry.waits_for),
            span(entry.step.usual)
        );
    }
    book.push('\n');
}

/// What the commands take, before the first of them.
pub(super) fn beginning(book: &mut String, entries: &[Entry<'_>]) {
    let scripts: Vec<_> = entries.iter().filter_map(|entry| entry.script).collect();
    if scripts.is_empty() {
        return;
    }
    book.push_str("## Before the first step\n\n");
    let programs: BTreeSet<&str> = scripts.iter().flat_map(|script| &script.programs).copied().collect();
    let programs: Vec<String> = programs.into_iter().map(code).collect();
    let _ = writeln!(book, "- Programs: `bash`, {}.", programs.join(", "));
    let environment: BTreeSet<&Environment> = scripts.iter().flat_map(|script| &script.environment).collect();
    for variable in &environment {
        let default = variable.default.map(|default| format!("; {} where it is not set", code(default)));
        let _ = writeln!(book, "- {}: {}{}.", code(variable.name), text(variable.what), default.unwrap_or_default());
    }
    book.push_str(
        "\nKeep secrets in the environment, never in a file of the link. Begin a shell for the commands with `bash`, in a \
         directory of the link's own: a command that fails ends it, and what one step brings another finds there in \
         `values.env`. Whoever does a part elsewhere takes that file along. Paste this first:\n\n",
    );
    // A shell that a person types into takes `!` for a word of its history.
    let mut lines = String::from("set +H -euo pipefail\nshopt -s inherit_errexit\n");
    lines.push_str(shell::HELPERS);
    lines.push_str(shell::VALUES);
    let mut written: BTreeSet<&str> = BTreeSet::new();
    for function in scripts.iter().flat_map(|script| &script.functions) {
        if written.insert(function) {
            let _ = write!(lines, "\n{function}");
        }
    }
    book.push_str(&block("bash", &lines));
    book.push('\n');
}

/// What comes after the last step.
pub(super) fn end(book: &mut String, plan: &Plan) {
    if let Some(later) = &plan.later {
        let _ = writeln!(book, "This is the first part; plan and render again for the rest: {}.\n", text(later));
    }
    match plan.direction {
        Direction::Removal => kept(book, plan),
        _ => {
            if !plan.exchange.names.is_empty() {
                book.push_str("## Then connect to\n\n");
            }
            for name in &plan.exchange.names {
                let ports: Vec<String> = name.ports.iter().map(ToString::to_string).collect();
                let _ = writeln!(book, "- {}, ports {}", code(name.host.as_str()), text(&ports.join(", ")));
            }
            book.push_str(
                "\n## The way back\n\nIn the reverse order of the steps: names first, then the vendor's list, then the \
                 endpoint, and what it used last. A plan of removal has a run-book of its own, with what is there by \
                 then.\n\n",
            );
        }
    }
}

/// How Terraform takes down what it made.
pub(super) fn terraform(plan: &Plan) -> String {
    let mut book = format!("# Take down the link {} with Terraform\n\n", code(plan.link.as_str()));
    if !plan.kept.is_empty() {
        book.push_str(
            "What stays, as told below, would go with the rest: take it out of Terraform's state before anything is \
             destroyed, by the address that `terraform state list` gives it.\n\n",
        );
        book.push_str(&block("bash", "terraform state list\nterraform state rm ADDRESS\n"));
        book.push('\n');
    }
    book.push_str(
        "What Terraform has in its state goes by Terraform: take the link's blocks out of `main.tf` and apply, or, where the \
         directory holds nothing else, run:\n\n",
    );
    book.push_str(&block("bash", "terraform plan -destroy\nterraform destroy\n"));
    book.push_str(
        "\nThe `depends_on` and the references in `main.tf` make it go backwards: names before the vendor's entry, the endpoint \
         after both. Do not choose single resources with `-target`: what is left would lead to an endpoint that is gone. What \
         Terraform did not make it does not know: for that there are the scripts and the run-book of this removal.\n\n",
    );
    if plan.steps.is_empty() {
        book.push_str("There is nothing to take down.\n\n");
    } else {
        book.push_str("Then these are gone, in this order:\n\n");
    }
    for (number, step) in plan.steps.iter().enumerate() {
        let thing = if step.thing.is_empty() { &step.what } else { &step.thing };
        let _ = writeln!(book, "{}. {} ({})", number + 1, text(thing), text(&step.place));
    }
    book.push('\n');
    kept(&mut book, plan);
    let end = book.trim_end().len();
    book.truncate(end);
    book.push('\n');
    book
}

fn kept(book: &mut String, plan: &Plan) {
    if plan.kept.is_empty() {
        return;
    }
    book.push_str("## What stays\n\n");
    for kept in &plan.kept {
        let what = if kept.what.is_empty() { kept.key.as_str() } else { &kept.what };
        let _ = writeln!(book, "- {}: {}", text(what), text(&kept.reason));
    }
    book.push('\n');
}

/// What is billed, by whom and by what measure.
pub(super) fn costs(book: &mut String, costs: &[Cost]) {
    if costs.is_empty() {
        return;
    }
    book.push_str(
        "## What it costs\n\nNo bill: how much data will flow nobody knows, and prices differ by region and contract. This \
         is what is counted.\n\n| who bills | by | at a time | what | price | read |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for cost in costs {
        let (rate, pages) = match &cost.rate {
            Some(rate) if rate.source != cost.terms.source => {
                (text(&rate.value), format!("{}, {}", source(&cost.terms.source), source(&rate.source)))
            }
            Some(rate) => (text(&rate.value), source(&cost.terms.source)),
            None if cost.basis == CostBasis::Free => ("none".to_owned(), source(&cost.terms.source)),
            None => ("see the page".to_owned(), source(&cost.terms.source)),
        };
        let _ = writeln!(
            book,
            "| {} | {} | {} | {} | {rate} | {pages}, {} |",
            text(&cost.biller),
            text(&cost.basis.to_string()),
            cost.times.map(|times| times.to_string()).unwrap_or_default(),
            text(&cost.terms.value),
            text(&cost.terms.read)
        );
    }
    book.push('\n');
}
