//! As custom roles of Azure RBAC, in the form that `az role definition create` takes: one for each resource group,
//! so that nobody may change in the network's group what is the zone's, and one for the subscription where an endpoint
//! that was taken in is found in no other way.
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
    let mut scopes: BTreeMap<String, (String, BTreeSet<&str>)> = BTreeMap::new();
    for grant in steps.iter().flat_map(|step| &step.grants) {
        let scope = scope_of(&grant.resource)?;
        let (_, actions) = scopes.entry(scope.to_ascii_lowercase()).or_insert_with(|| (scope, BTreeSet::new()));
        actions.insert(&grant.action);
    }
    // The link's own group comes first.
    let own = scopes.remove_entry(&network.group.to_string().to_ascii_lowercase());
    own.into_iter().chain(scopes).enumerate().map(|(n, (_, role))| document(n, role, network, cx)).collect()
}

fn document(n: usize, (scope, actions): (String, BTreeSet<&str>), network: &Network, cx: &Cx) -> Result<Document> {
    let kind = if scope.split('/').count() > 3 { "resource group" } else { "subscription" };
    let name = scope.rsplit('/').next().unwrap_or_default();
    // No two roles of a tenant have one name.
    let key = TouchKey::new("azure.role", [&*network.network.as_str().to_ascii_lowercase(), cx.instance(), &*scope]);
    let role = Role {
        name: format!("privlink {} in {name} ({})", cx.link(), key.digest()),
        is_custom: true,
        description: format!(
            "What setting up the private link {} takes in the {kind} {name}: assign it there.",
            cx.link()
        ),
        actions,
        not_actions: [],
        data_actions: [],
        not_data_actions: [],
        assignable_scopes: [&scope],
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

/// The resource group that a resource is in, or is; the subscription where it is that itself.
fn scope_of(resource: &str) -> Result<String> {
    let parts: Vec<&str> = resource.split('/').take(5).collect();
    match parts.as_slice() {
        ["", _, _, groups, name] if groups.eq_ignore_ascii_case("resourceGroups") && !name.is_empty() => {
            Ok(parts.join("/"))
        }
        ["", subscriptions, id] if subscriptions.eq_ignore_ascii_case("subscriptions") && !id.is_empty() => {
            Ok(resource.to_owned())
        }
        _ => Err(Error::invalid(format!("{resource:?} is no subscription, and in no resource group; plan again"))),
    }
}
