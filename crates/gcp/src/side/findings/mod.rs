//! Every finding of this side, with its stable code. TROUBLESHOOTING.md explains each.

mod endpoint;
mod names;
mod place;

use std::fmt::Display;

use privlink_core::{Finding, Severity};

pub(super) use self::endpoint::*;
pub(super) use self::names::*;
pub(super) use self::place::*;

pub(super) fn gone(kind: &str, name: &str) -> Finding {
    Finding::new("GCP-020", Severity::Blocks, format!("the {kind} {name} is gone"), "plan again; a new one is made")
        .evidence("it was there, or was to be there, when the plan was made")
}

pub(super) fn not_ours(kind: &str, name: &str) -> Finding {
    not_as_planned(format!("the {kind} {name} does not carry our mark any more"))
}

fn joined<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

fn not_as_planned(summary: String) -> Finding {
    Finding::new("GCP-041", Severity::Blocks, summary, "plan the removal again; what is not ours stays")
}
