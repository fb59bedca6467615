//! CloudFormation: one template, deployed before and after the vendor's side has done its part.

use std::collections::BTreeMap;

use privlink_core::render::{Datum, Expr, Fragment, Item, Resources};
use privlink_core::side::{NetworkSide, Plan, Slot, Step, StepState};
use privlink_core::{Error, ErrorKind, Result};
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use super::parts::{elsewhere, is_after_others};
use super::{Files, Rendered};

/// The parameter that says that the vendor's side has done its part.
const ADMITTED: &str = "Admitted";
/// Said where something is there already.
const OF_ITS_OWN: &str = "Deploy it as a stack of its own. What is there already is not in it: a stack that made that would \
                          delete it, were it updated with this.";
/// The condition of it.
const IS_ADMITTED: &str = "IsAdmitted";

pub(super) fn files(plan: &Plan, rendered: &[Rendered<'_>], network: &dyn NetworkSide) -> Result<Files> {
    let ours: Vec<(&Step, &Resources)> = rendered
        .iter()
        .filter_map(|(step, fragment)| match fragment {
            Some(Fragment::Resources(resources)) if step.side == network.id() => Some((*step, resources)),
            _ => None,
        })
        .collect();
    if ours.iter().all(|(_, resources)| resources.blocks.is_empty()) {
        let told = if ours.iter().any(|(step, _)| step.state == StepState::AlreadyDone) {
            "what CloudFormation could make is there already, and a template cannot take it in".to_owned()
        } else {
            format!("CloudFormation has nothing of {}", network.id())
        };
        return Err(Error::new(ErrorKind::Unsupported, told));
    }
    let template = Template::of(plan, rendered, &ours)?;
    let yaml = serde_saphyr::to_string(&template).map_err(|error| broken().with_source(error))?;
    let json = serde_json::to_string_pretty(&template).map_err(|error| broken().with_source(error))?;
    Ok(Files::default().with("link.yaml", yaml).with("link.json", json + "\n"))
}

fn broken() -> Error {
    Error::invalid("the template cannot be written")
}

struct Template {
    tree: Tree,
}

impl Template {
    fn of(plan: &Plan, rendered: &[Rendered<'_>], ours: &[(&Step, &Resources)]) -> Result<Self> {
        let mut writer = Writer::default();
        for (step, resources) in ours {
            let slot = step.slot.clone().unwrap_or_default();
            for (datum, expr) in &resources.gives {
                writer.given.insert(datum.variable(&slot), expr.clone());
            }
        }
        let mut resources = Vec::new();
        let (mut conditional, mut at_once) = (false, false);
        for (step, own) in ours {
            let after_vendor = is_after_others(plan.direction, rendered, step);
            conditional |= after_vendor && !own.blocks.is_empty();
            at_once |= !after_vendor && !own.blocks.is_empty();
            for block in &own.blocks {
                let [kind, name] = block.labels.as_slice() else { return Err(broken()) };
                let mut one = vec![("Type".to_owned(), Tree::text(kind))];
                if after_vendor {
                    one.push(("Condition".to_owned(), Tree::text(IS_ADMITTED)));
                }
                let mut properties = Vec::new();
                for item in &block.items {
                    let Item::Attribute(property, value) = item else { return Err(broken()) };
                    properties.push(((*property).to_owned(), writer.value(value, plan)?));
                }
                one.push(("Properties".to_owned(), Tree::Map(properties)));
                resources.push((name.to_string(), Tree::Map(one)));
            }
        }
        let outputs = writer.outputs(plan, ours)?;
        writer.admitted |= conditional;
        let mut tree = vec![
            ("AWSTemplateFormatVersion".to_owned(), Tree::text("2010-09-09")),
            ("Description".to_owned(), Tree::text(&format!("The network's part of the link {}", plan.link))),
            ("Metadata".to_owned(), Tree::Map(others(plan, rendered, ours, writer.admitted.then_some(at_once)))),
        ];
        tree.extend(writer.head());
        tree.push(("Resources".to_owned(), Tree::Map(resources)));
        if !outputs.is_empty() {
            tree.push(("Outputs".to_owned(), Tree::Map(outputs)));
        }
        Ok(Self { tree: Tree::Map(tree) })
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.tree.serialize(serializer)
    }
}

/// What is left to others, in order; what they do before anything here is deployed, by itself. Then when to deploy it,
/// if that is not all the same: `at_once` says that it has something in it before they have done their part.
fn others(
    plan: &Plan,
    rendered: &[Rendered<'_>],
    ours: &[(&Step, &Resources)],
    at_once: Option<bool>,
) -> Vec<(String, Tree)> {
    let ours: Vec<&Step> = ours.iter().map(|(own, _)| *own).collect();
    let (before, after) = elsewhere(plan.direction, rendered, &ours);
    let told = |steps: Vec<&Step>| {
        let told = steps.iter().map(|step| Tree::text(&format!("{}: {} ({})", step.side, step.what, step.place)));
        Tree::List(told.collect())
    };
    let before = Some(before).filter(|before| !before.is_empty());
    let before = before.map(|before| ("DoneElsewhereFirst".to_owned(), told(before)));
    let deploy = at_once.map(|at_once| {
        let when = match (after.is_empty(), at_once) {
            (true, _) => "All else is done; deploy it",
            (false, true) => "Deploy it as it is, and once the rest is done elsewhere, again",
            // A stack of nothing is refused.
            (false, false) => "Once the rest is done elsewhere, deploy it",
        };
        let told = format!("{when} with {ADMITTED}=true: names then lead to the endpoint.");
        ("Deploy".to_owned(), Tree::text(&told))
    });
    let parted = ours.iter().any(|step| step.state == StepState::AlreadyDone);
    let parted = parted.then(|| ("Stack".to_owned(), Tree::text(OF_ITS_OWN)));
    before.into_iter().chain([("DoneElsewhere".to_owned(), told(after))]).chain(deploy).chain(parted).collect()
}

#[derive(Default)]
struct Writer {
    given: BTreeMap<String, Expr>,
    /// Names of parameters, with what they are, and whether they may be left out.
    parameters: BTreeMap<String, (String, bool)>,
    admitted: bool,
}

impl Writer {
    fn value(&mut self, expr: &Expr, plan: &Plan) -> Result<Tree> {
        Ok(match expr {
            Expr::Bool(value) => Tree::Bool(*value),
            Expr::Number(value) => Tree::Number(*value),
            Expr::Text(text) => looked_up_by_nobody(text)?,
            Expr::List(all) => Tree::List(all.iter().map(|one| self.value(one, plan)).collect::<Result<_>>()?),
            Expr::Map(all) => {
                let entry = |(name, value): &(String, Expr)| Ok((name.clone(), self.value(value, plan)?));
                Tree::Map(all.iter().map(entry).collect::<Result<_>>()?)
            }
            Expr::Path(parts) => match parts.as_slice() {
                [name] => Tree::call("Ref", Tree::text(name)),
                parts => Tree::call("Fn::GetAtt", Tree::List(parts.iter().map(|part| Tree::text(part)).collect())),
            },
            Expr::Call(name, given) => {
                let given = given.iter().map(|one| self.value(one, plan)).collect::<Result<_>>()?;
                Tree::call(name, Tree::List(given))
            }
            Expr::Admitted(after, before) => {
                self.admitted = true;
                let (after, before) = (self.value(after, plan)?, self.value(before, plan)?);
                Tree::call("Fn::If", Tree::List(vec![Tree::text(IS_ADMITTED), after, before]))
            }
            Expr::Datum(slot, datum) => self.datum(slot, datum, plan)?,
            _ => return Err(broken()),
        })
    }

    fn datum(&mut self, slot: &Slot, datum: &Datum, plan: &Plan) -> Result<Tree> {
        let variable = datum.variable(slot);
        let name = camel(&variable);
        match (self.given.get(&variable).cloned(), datum.known(slot, &plan.exchange)) {
            // Taken out of a list whose order nobody promises: a parameter goes before it.
            (Some(expr @ Expr::Call(..)), _) => {
                let told = format!("{}, where the template is not to look it up", datum.words());
                self.parameters.insert(name.clone(), (told, true));
                let (reference, looked_up) = (Tree::call("Ref", Tree::text(&name)), self.value(&expr, plan)?);
                Ok(Tree::call("Fn::If", Tree::List(vec![Tree::text(&format!("Has{name}")), reference, looked_up])))
            }
            (Some(expr), _) => self.value(&expr, plan),
            (None, Some(known)) => Ok(Tree::Text(known)),
            (None, None) => {
                let told = match datum {
                    // What this side makes itself, and the template does not.
                    Datum::Own(_) => format!("{}: the id of the one that is there already", datum.words()),
                    _ => format!("{}, known once others have done their part", datum.words()),
                };
                self.parameters.insert(name.clone(), (told, false));
                Ok(Tree::call("Ref", Tree::text(&name)))
            }
        }
    }

    /// What others need: the endpoint's id and names.
    fn outputs(&mut self, plan: &Plan, ours: &[(&Step, &Resources)]) -> Result<Vec<(String, Tree)>> {
        let mut outputs = Vec::new();
        for (step, resources) in ours {
            let slot = step.slot.clone().unwrap_or_default();
            for (datum, expr) in &resources.gives {
                if matches!(datum, Datum::Own(_)) || matches!(expr, Expr::Call(..)) {
                    continue;
                }
                let value = self.value(expr, plan)?;
                let one = vec![
                    ("Description".to_owned(), Tree::text(&format!("{}, for the vendor's side", datum.words()))),
                    ("Value".to_owned(), value),
                ];
                outputs.push((camel(&datum.variable(&slot)), Tree::Map(one)));
            }
        }
        Ok(outputs)
    }

    /// Parameters and conditions.
    fn head(&self) -> Vec<(String, Tree)> {
        let mut parameters = Vec::new();
        let mut conditions = Vec::new();
        let equals = |name: &str, value: &str| {
            Tree::call("Fn::Equals", Tree::List(vec![Tree::call("Ref", Tree::text(name)), Tree::text(value)]))
        };
        if self.admitted {
            let what =
                "true once the steps that are done elsewhere are done: then names are made to lead to the endpoint";
            let one = vec![
                ("Type".to_owned(), Tree::text("String")),
                ("Description".to_owned(), Tree::text(what)),
                ("AllowedValues".to_owned(), Tree::List(vec![Tree::text("false"), Tree::text("true")])),
                ("Default".to_owned(), Tree::text("false")),
            ];
            parameters.push((ADMITTED.to_owned(), Tree::Map(one)));
            conditions.push((IS_ADMITTED.to_owned(), equals(ADMITTED, "true")));
        }
        for (name, (what, optional)) in &self.parameters {
            let mut one = vec![("Type".to_owned(), Tree::text("String")), ("Description".to_owned(), Tree::text(what))];
            if *optional {
                one.push(("Default".to_owned(), Tree::text("")));
                let given = Tree::call("Fn::Not", Tree::List(vec![equals(name, "")]));
                conditions.push((format!("Has{name}"), given));
            }
            parameters.push((name.clone(), Tree::Map(one)));
        }
        let mut head = Vec::new();
        if !parameters.is_empty() {
            head.push(("Parameters".to_owned(), Tree::Map(parameters)));
        }
        if !conditions.is_empty() {
            head.push(("Conditions".to_owned(), Tree::Map(conditions)));
        }
        head
    }
}

/// A text as it is, but one that CloudFormation would look up elsewhere: it knows no way to write that as text.
fn looked_up_by_nobody(text: &str) -> Result<Tree> {
    if text.contains("{{resolve:") {
        let told = format!("CloudFormation would replace `{text}` by what it refers to; take `{{{{resolve:` out of it");
        return Err(Error::invalid(told));
    }
    Ok(Tree::text(text))
}

/// `ENDPOINT_DNS_NAME` as `EndpointDnsName`.
fn camel(variable: &str) -> String {
    let capital =
        |word: &str| word.chars().take(1).chain(word.to_ascii_lowercase().chars().skip(1)).collect::<String>();
    variable.split('_').map(capital).collect()
}

/// JSON and YAML in the order in which people write templates.
enum Tree {
    Bool(bool),
    Number(i64),
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Tree {
    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn call(name: &str, given: Self) -> Self {
        Self::Map(vec![(name.to_owned(), given)])
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => serializer.serialize_i64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(all) => {
                let mut list = serializer.serialize_seq(Some(all.len()))?;
                for one in all {
                    list.serialize_element(one)?;
                }
                list.end()
            }
            Self::Map(all) => {
                let mut map = serializer.serialize_map(Some(all.len()))?;
                for (name, one) in all {
                    map.serialize_entry(name, one)?;
                }
                map.end()
            }
        }
    }
}
