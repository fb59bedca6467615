//! What performing a plan takes in permissions: each system's own document, and a table of all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use privlink_core::Result;
use privlink_core::side::{Cx, Plan, Side, Step};

use super::Files;
use super::markdown::{cell, text};

pub(super) fn files(plan: &Plan, sides: [&dyn Side; 2], cx: &Cx) -> Result<Files> {
    let mut files = Files::default().with("permissions.md", table(plan));
    for side in sides {
        let own: Vec<&Step> = plan.pending().filter(|step| step.side == side.id()).collect();
        if own.is_empty() {
            continue;
        }
        for document in side.policy(&own, &plan.exchange, cx)? {
            files = files.with(document.name, document.text);
        }
    }
    Ok(files)
}

fn table(plan: &Plan) -> String {
    let mut book = format!("# Permissions for the link `{}`\n\n", plan.link);
    let mut systems: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for grant in plan.grants() {
        systems.entry(&grant.system).or_default().entry(&grant.action).or_default().insert(&grant.resource);
    }
    if systems.is_empty() {
        book.push_str("Nothing is left to do, so that nothing is needed.\n");
        return book;
    }
    book.push_str("The least that performing the plan takes, the looks of its steps included.\n\n");
    book.push_str("| system | permission | on |\n| --- | --- | --- |\n");
    for (system, actions) in systems {
        for (action, on) in actions {
            let on: Vec<String> = on.into_iter().map(cell).collect();
            let _ = writeln!(book, "| {} | {} | {} |", text(system), cell(action), on.join("<br>"));
        }
    }
    book
}
