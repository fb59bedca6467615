//! Terraform: one file of resources, one of versions, and variables for what nobody brings.

use std::collections::{BTreeMap, BTreeSet};

use privlink_core::render::{Block, Datum, Expr, Fragment, Item, Provider, Resources};
use privlink_core::side::{Plan, Slot, Step, StepState};
use privlink_core::{Error, Result};

use super::hcl::{self, Names};
use super::{Files, Rendered};
use crate::plan::follows;

pub(super) fn files(plan: &Plan, rendered: &[Rendered<'_>]) -> Result<Files> {
    let steps: Vec<(&Step, &Resources)> = rendered
        .iter()
        .filter_map(|(step, fragment)| match fragment {
            Some(Fragment::Resources(resources)) => Some((*step, resources)),
            _ => None,
        })
        .collect();
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
            if step.state == StepState::AlreadyDone {
                match &resources.import {
                    Some(id) if n == 0 => {
                        main.push(("It is there already: Terraform takes it in.".to_owned(), import(&block, id)));
                    }
                    _ => {
                        words.push_str("\nIt is there already: take it in before anything is applied, with\n");
                        words.push_str(&format!("terraform import {} ID", block.labels.join(".")));
                    }
                }
            }
            let waits_for = waits_for(plan, step, &steps, &block);
            if !waits_for.is_empty() {
                block = block.set("depends_on", Expr::List(waits_for));
            }
            main.push((words.trim_start().to_owned(), block));
        }
    }
    let by_hand: Vec<String> = rendered
        .iter()
        .filter(|(_, fragment)| fragment.is_none())
        .map(|(step, _)| format!("# - {} ({}): {}", line(&step.what), step.turn, line(&step.why)))
        .collect();
    let mut text = format!("# The link `{}`.\n", line(plan.link.as_str()));
    if !by_hand.is_empty() {
        text.push_str("# Terraform has no resource of its own for:\n");
        text.push_str(&by_hand.join("\n"));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&hcl::text(&main, &names)?);

    let mut files = Files::default().with("main.tf", text).with("versions.tf", versions(&steps, &names)?);
    if !variables.is_empty() {
        files = files.with("variables.tf", hcl::text(&variables, &names)?);
    }
    Ok(files)
}

/// The blocks of other steps that this one has to wait for, and does not refer to.
fn waits_for(plan: &Plan, step: &Step, steps: &[(&Step, &Resources)], block: &Block) -> Vec<Expr> {
    let takes: BTreeSet<String> = block.takes().iter().map(|(slot, datum)| datum.variable(slot)).collect();
    let mut all = Vec::new();
    for (before, resources) in steps.iter().filter(|(before, _)| follows(plan.direction, before, step)) {
        let slot = before.slot.clone().unwrap_or_default();
        let refers = resources.gives.iter().any(|(datum, _)| takes.contains(&datum.variable(&slot)));
        if !refers {
            all.extend(resources.blocks.iter().filter(|block| block.kind == "resource").map(address));
        }
    }
    all
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

fn told(step: &Step) -> String {
    format!("{}: {}", line(&step.what), line(&step.why))
}

/// One line, whatever is in it.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
