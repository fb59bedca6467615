//! As custom roles of Google Cloud's IAM, in the form that `gcloud iam roles create --file` takes: one for each
//! project, for a project's role can be granted in that project alone.
//!
//! Permissions are the steps' own grants. Fields and lengths: IAM's documentation, "Create and manage custom roles",
//! read 2026-11.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use privlink_core::render::{Document, word};
use privlink_core::side::{Cx, Step};
use privlink_core::{Error, ProjectId, Result};

use super::super::Network;

/// How long a role's title may be.
const TITLE: usize = 100;

pub(in crate::side) fn policy(network: &Network, steps: &[&Step], cx: &Cx) -> Result<Vec<Document>> {
    let mut projects: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for grant in steps.iter().flat_map(|step| &step.grants) {
        let project = grant.resource.strip_prefix("projects/").filter(|project| project.parse::<ProjectId>().is_ok());
        let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match project {
            Some(project) if grant.action.split('.').all(word) => {
                projects.entry(project).or_default().insert(&grant.action);
            }
            _ => return Err(Error::invalid(format!("{grant:?} is no permission on a project; plan again"))),
        }
    }
    // The endpoint's own project comes first.
    let own = projects.remove_entry(network.client.project().as_str());
    Ok(own.into_iter().chain(projects).enumerate().map(|(n, role)| document(n, role, cx)).collect())
}

fn document(n: usize, (project, permissions): (&str, BTreeSet<&str>), cx: &Cx) -> Document {
    let file = match n {
        0 => "gcp-role.yaml".to_owned(),
        n => format!("gcp-role-{}.yaml", n + 1),
    };
    let title: String = format!("privlink {} in {project}", cx.link()).chars().take(TITLE).collect();
    let description = format!("What setting up the private link {} takes in the project {project}", cx.link());
    let id = word(&format!("privlink.{}", cx.link()));
    let mut text = format!("# gcloud iam roles create {id} --project {} --file {file}\n", quoted(project));
    text.push_str(
        "# Where an organization keeps such permissions out of custom roles, the predefined ones do it, and more:\n",
    );
    text.push_str(
        "# roles/compute.networkAdmin, roles/servicedirectory.editor and roles/dns.admin, and in the project of\n",
    );
    text.push_str("# a Shared VPC roles/compute.networkUser.\n");
    let _ = writeln!(text, "title: {}", quoted(&title));
    let _ = writeln!(text, "description: {}", quoted(&description));
    text.push_str("stage: GA\nincludedPermissions:\n");
    for permission in permissions {
        let _ = writeln!(text, "- {permission}");
    }
    Document::new(file, text)
}

/// Text as JSON writes it, which YAML reads as the same.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
