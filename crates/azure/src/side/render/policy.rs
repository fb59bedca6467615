//! As custom roles of Azure RBAC, in the form that `az role definition create` takes: one for each resource group,
//! so that nobody may change in the network's group what is the zone's.
//!
//! Actions are the steps' own grants. A role says where it may be assigned, and no narrower than a resource group:
//! Azure takes a single resource there too, and advises against it ("Understand Azure role definitions",
//! AssignableScopes, read 2026-11).

use std::collections::{BTreeMap, BTreeSet};

use privlink_core::render::Document;
use privlink_core::side::{Cx, Step, TouchKey};
use privlink_core::{Error, Result};
use serde::Serialize;

use super::super::Network;

pub(in crate::side) fn policy(network: &Network, steps: &[&Step], cx: &Cx) -> Result<Vec<Document>> {
    // Ids that differ in letter case alone are one.
    let mut groups: BTreeMap<String, (String, BTreeSet<&str>)> = BTreeMap::new();
    for grant in steps.iter().flat_map(|step| &step.grants) {
        let group = group_of(&grant.resource)?;
        let (_, actions) = groups.entry(group.to_ascii_lowercase()).or_insert_with(|| (group, BTreeSet::new()));
        actions.insert(&grant.action);
    }
    // The endpoint's own group comes first.
    let own = groups.remove_entry(&network.group.to_string().to_ascii_lowercase());
    own.into_iter().chain(groups).enumerate().map(|(n, (_, role))| document(n, role, network, cx)).collect()
}

fn document(n: usize, (group, actions): (String, BTreeSet<&str>), network: &Network, cx: &Cx) -> Result<Document> {
    let name = group.rsplit('/').next().unwrap_or_default();
    // No two roles of a tenant have one name.
    let key = TouchKey::new("azure.role", [&*network.network.as_str().to_ascii_lowercase(), cx.instance(), &*group]);
    let role = Role {
        name: format!("privlink {} in {name} ({})", cx.link(), key.digest()),
        is_custom: true,
        description: format!(
            "What setting up the private link {} takes in the resource group {name}: assign it there.",
            cx.link()
        ),
        actions,
        not_actions: [],
        data_actions: [],
        not_data_actions: [],
        assignable_scopes: [&group],
    };
    let file = match n {
        0 => "azure-role.json".to_owned(),
        n => format!("azure-role-{}.json", n + 1),
    };
    match serde_json::to_string_pretty(&role) {
        Ok(text) => Ok(Document::new(file, text + "\n")),
        Err(error) => Err(Error::invalid("the role cannot be written").with_source(error)),
    }
}

/// In the order in which Azure's documentation writes roles.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Role<'a> {
    name: String,
    is_custom: bool,
    description: String,
    actions: BTreeSet<&'a str>,
    not_actions: [&'a str; 0],
    data_actions: [&'a str; 0],
    not_data_actions: [&'a str; 0],
    assignable_scopes: [&'a str; 1],
}

/// The resource group that a resource is in, or is.
fn group_of(resource: &str) -> Result<String> {
    let parts: Vec<&str> = resource.split('/').take(5).collect();
    match parts.as_slice() {
        ["", _, _, groups, name] if groups.eq_ignore_ascii_case("resourceGroups") && !name.is_empty() => {
            Ok(parts.join("/"))
        }
        _ => Err(Error::invalid(format!("{resource:?} is in no resource group; plan again"))),
    }
}
