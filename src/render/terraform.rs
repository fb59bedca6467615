//! Terraform: one file of resources, one of versions, and variables for what nobody brings.

use std::collections::{BTreeMap, BTreeSet};

use privlink_core::render::{Block, Datum, Expr, Fragment, Item, Provider, Resources};
use privlink_core::side::{Plan, Slot, Step, StepState};
use privlink_core::{Error, Result};

use super::hcl::{self, Names};
use super::words::line;
use super::{Files, Rendered};
use crate::plan::follows;

pub(super) fn files(plan: &Plan, rendered: &[Rendered<'_>]) -> Result<Files> {
    let mut kept: Vec<(&Step, Resources)> = rendered
        .iter()
        .filter_map(|(step, fragment)| match fragment {
            Some(Fragment::Resources(resources)) => Some((*step, resources.clone())),
            _ => None,
        })
        .collect();
    leave_out_idle_looks(&mut kept);
    let steps: Vec<(&Step, &Resources)> = kept.iter().map(|(step, resources)| (*step, resources)).collect();
    let mut names = Names::new();
    let mut given: BTreeSet<String> = BTreeSet::new();
    for (step, resources) in &steps {
        let slot = step.slot.clone().unwrap_or_default();
        for (datum, expr) in &resources.gives {
            given.insert(datum.variable(&slot));
            names.insert(datum.variable(&slot), expr.clone());
        }
    }
    let mut variables = Vec::new();
    for (slot, datum) in steps.iter().flat_map(|(_, resources)| resources.blocks.iter().flat_map(Block::takes)) {
        let name = datum.variable(&slot);
        if names.contains_key(&name) {
            continue;
        }
        let known = datum.known(&slot, &plan.exchange);
        names.insert(
            name.clone(),
            match known {
                Some(known) => Expr::Text(known),
                None => {
                    variables.push((String::new(), variable(&slot, &datum)));
                    Expr::path(["var".to_owned(), name.to_ascii_lowercase()])
                }
            },
        );
    }

    let mut main = Vec::new();
    let mut addresses = BTreeSet::new();
    for (step, resources) in &steps {
        for (n, block) in resources.blocks.iter().enumerate() {
            let mut block = block.clone();
            let mut words = if n == 0 { told(step) } else { String::new() };
            if !addresses.insert(block.labels.clone()) {
                return Err(Error::invalid(format!("two resources of one name: {}", block.labels.join("."))));
            }
            // A data source is looked at, never taken in.
            if step.state == StepState::AlreadyDone && block.kind == "resource" {
                match &resources.import {
                    Some(id) if n == 0 => {
                        main.push(("It is there already: Terraform takes it in.".to_owned(), import(&block, id)));
                    }
                    // Taken out of the file, what an earlier file made would be destroyed.
                    _ if !resources.importable => words.push_str(
                        "\nIt is there already, and cannot be taken in: leave this out, unless Terraform made it.",
                    ),
                    _ => {
                        words.push_str("\nIt is there already: take it in before anything is applied, with\n");
                        words.push_str(&format!("terraform import {} ID", block.labels.join(".")));
                    }
                }
            }
            let waits_for = waits_for(plan, step, rendered, &block);
            if !waits_for.is_empty() {
                block = block.set("depends_on", Expr::List(waits_for));
            }
            main.push((words.trim_start().to_owned(), block));
        }
    }
    let by_hand: Vec<String> = rendered
        .iter()
        .filter_map(|(step, fragment)| match fragment {
            None => Some((step, [].as_slice())),
            Some(Fragment::Lines(lines)) => Some((step, lines.as_slice())),
            Some(_) => None,
        })
        .map(|(step, lines)| {
            let own = format!("# - {} ({}): {}", line(&step.what), step.turn, line(&step.why));
            lines.iter().fold(own, |told, more| format!("{told}\n#   {}", line(more)))
        })
        .collect();
    let mut text = format!("# The link `{}`.\n", line(plan.link.as_str()));
    if !by_hand.is_empty() {
        text.push_str("# Terraform has no resource of its own for:\n");
        text.push_str(&by_hand.join("\n"));
        text.push('\n');
    }
    if let Some(later) = &plan.later {
        text.push_str(&format!("# This is the first part; plan and render again for the rest: {}\n", line(later)));
    }
    text.push('\n');
    text.push_str(&hcl::text(&main, &names)?);

    let mut files = Files::default().with("main.tf", text).with("versions.tf", versions(&steps, &names)?);
    if !variables.is_empty() {
        files = files.with("variables.tf", hcl::text(&variables, &names)?);
    }
    Ok(files)
}

/// A data source is a side's look at what some vendor takes: where none does, it goes, with a provider that is
/// there for it alone.
fn leave_out_idle_looks(steps: &mut [(&Step, Resources)]) {
    let takes = steps.iter().flat_map(|(_, resources)| resources.blocks.iter().flat_map(Block::takes));
    let taken: BTreeSet<String> = takes.map(|(slot, datum)| datum.variable(&slot)).collect();
    for (step, resources) in steps {
        let slot = step.slot.clone().unwrap_or_default();
        let Resources { providers, blocks, gives, .. } = resources;
        let is_taken = |block: &Block| {
            gives.iter().any(|(datum, expr)| taken.contains(&datum.variable(&slot)) && leads_into(expr, block))
        };
        let (idle, used): (Vec<Block>, Vec<Block>) =
            blocks.drain(..).partition(|block| block.kind == "data" && !is_taken(block));
        gives.retain(|(_, expr)| !idle.iter().any(|block| leads_into(expr, block)));
        let of = |block: &Block, provider: &Provider| {
            block.labels.first().and_then(|of| of.split('_').next()) == Some(provider.name)
        };
        let serves = |blocks: &[Block], provider: &Provider| blocks.iter().any(|block| of(block, provider));
        providers.retain(|provider| serves(&used, provider) || !serves(&idle, provider));
        *blocks = used;
    }
}

/// Whether an expression is an attribute of a data source.
fn leads_into(expr: &Expr, block: &Block) -> bool {
    match expr {
        Expr::Path(parts) => {
            block.kind == "data"
                && parts.first().is_some_and(|first| first == "data")
                && parts[1..].starts_with(&block.labels)
        }
        Expr::Element(list, ..) => leads_into(list, block),
        _ => false,
    }
}

/// The blocks of other steps that this one has to wait for, and does not refer to. What Terraform has nothing for
/// is waited for by what comes before it.
fn waits_for(plan: &Plan, step: &Step, rendered: &[Rendered<'_>], block: &Block) -> Vec<Expr> {
    let takes: BTreeSet<String> = block.takes().iter().map(|(slot, datum)| datum.variable(slot)).collect();
    let refers = |before: &Step, resources: &Resources| {
        let slot = before.slot.clone().unwrap_or_default();
        resources.gives.iter().any(|(datum, _)| takes.contains(&datum.variable(&slot)))
    };
    let mut all: Vec<(&Step, &Resources)> = before(plan, step, rendered, false);
    all.retain(|(before, resources)| !refers(before, resources));
    let waited: Vec<_> = all.iter().map(|(step, _)| before(plan, step, rendered, true)).collect();
    // What one of them waits for itself needs no word.
    all.retain(|(one, _)| !waited.iter().flatten().any(|(other, _)| other.id == one.id));
    let blocks = all.into_iter().flat_map(|(_, resources)| &resources.blocks);
    blocks.filter(|block| block.kind == "resource").map(address).collect()
}

/// The steps with resources that come before `step`: the nearest ones, or `all`.
fn before<'a>(plan: &Plan, step: &'a Step, rendered: &'a [Rendered<'a>], all: bool) -> Vec<(&'a Step, &'a Resources)> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut left = vec![step];
    while let Some(after) = left.pop() {
        for (step, fragment) in rendered.iter().filter(|(step, _)| follows(plan.direction, step, after)) {
            if !seen.insert(&step.id) {
                continue;
            }
            let resources = match fragment {
                Some(Fragment::Resources(resources))
                    if resources.blocks.iter().any(|block| block.kind == "resource") =>
                {
                    Some(resources)
                }
                _ => None,
            };
            if all || resources.is_none() {
                left.push(step);
            }
            found.extend(resources.map(|resources| (*step, resources)));
        }
    }
    found
}

fn address(block: &Block) -> Expr {
    Expr::path(block.labels.iter().cloned())
}

fn import(block: &Block, id: &str) -> Block {
    Block::new("import").set("to", address(block)).set("id", id)
}

fn variable(slot: &Slot, datum: &Datum) -> Block {
    Block::new("variable")
        .label(datum.variable(slot).to_ascii_lowercase())
        .set("type", Expr::path(["string"]))
        .set("description", format!("{}, known once the step that brings it is done", datum.words()))
}

fn versions(steps: &[(&Step, &Resources)], names: &Names) -> Result<String> {
    let providers: BTreeMap<&str, &Provider> = steps
        .iter()
        .flat_map(|(_, resources)| &resources.providers)
        .map(|provider| (provider.name, provider))
        .collect();
    let mut required = Block::new("required_providers");
    for provider in providers.values() {
        let one = vec![
            ("source".to_owned(), Expr::from(provider.source)),
            ("version".to_owned(), Expr::from(provider.version)),
        ];
        required.items.push(Item::Attribute(provider.name, Expr::Map(one)));
    }
    let terraform = Block::new("terraform").set("required_version", ">= 1.5").inside(required);
    let read: Vec<String> =
        providers.values().map(|provider| format!("{}: attributes read {}", provider.source, provider.read)).collect();
    let mut blocks = vec![(read.join("\n"), terraform)];
    for block in steps.iter().flat_map(|(_, resources)| &resources.configuration) {
        if !blocks.iter().any(|(_, known)| known == block) {
            blocks.push((String::new(), block.clone()));
        }
    }
    hcl::text(&blocks, names)
}

pub(super) fn told(step: &Step) -> String {
    format!("{}: {}", line(&step.what), line(&step.why))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use privlink_core::side::{Direction, Fact, SideId, StepKind, TouchKey};

    use super::*;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Dig;

    impl StepKind for Dig {
        const VERB: &'static str = "garden.dig";
    }

    fn step(name: &str) -> Step {
        Step::new(SideId::new("garden"), TouchKey::new("garden.bed", [name]), &Dig, name.to_owned())
    }

    fn made(name: &'static str) -> Option<Fragment> {
        let provider = Provider::new("garden", "example/garden", "~> 1.0", "2026-11");
        Some(Fragment::Resources(Resources::of(provider, []).block(Block::resource("bed", name))))
    }

    #[test]
    fn what_terraform_has_nothing_for_is_waited_for_by_what_comes_before_it() {
        let plan = Plan::new(Direction::Setup, "orders-prod".parse().unwrap(), SystemTime::UNIX_EPOCH);
        let (dug, wet) = (Fact::Own("dug".into()), Fact::Own("wet".into()));
        let dig = step("dig").gives([dug.clone()]);
        let water = step("water").needs([dug.clone()]).gives([wet.clone()]);
        let wait = step("wait").needs([wet]).gives([Fact::Connected]);
        let sow = step("sow").needs([Fact::Connected, dug]);
        let rendered = [(&dig, made("dig")), (&water, made("water")), (&wait, None), (&sow, made("sow"))];
        let main = files(&plan, &rendered).unwrap();
        let main = main.get("main.tf").unwrap();
        let sow = &main[main.find("\"sow\"").unwrap()..];
        assert!(sow.contains("depends_on = [bed.water]\n"), "{main}");
    }

    #[test]
    fn a_first_part_says_that_it_is_one() {
        let mut plan = Plan::new(Direction::Setup, "orders-prod".parse().unwrap(), SystemTime::UNIX_EPOCH);
        plan.later = Some("the host's\nrecord".into());
        let dig = step("dig");
        let files = files(&plan, &[(&dig, made("dig"))]).unwrap();
        let main = files.get("main.tf").unwrap();
        assert!(
            main.contains("\n# This is the first part; plan and render again for the rest: the host's record\n"),
            "{main}"
        );
    }
}
