//! Names of resources: what is in a URL, whole or in part.

use std::fmt;

use privlink_core::{ProjectId, Region};

/// Where the links begin that Compute hands out, whatever host it was asked under.
const COMPUTE: &str = "https://www.googleapis.com/compute/v1/";

/// A thing of a project: `projects/<project>/global/<collection>/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Global {
    pub(crate) project: ProjectId,
    pub(crate) collection: &'static str,
    pub(crate) name: String,
}

/// A thing of a project in a region: `projects/<project>/regions/<region>/<collection>/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Regional {
    pub(crate) project: ProjectId,
    pub(crate) region: Region,
    pub(crate) collection: &'static str,
    pub(crate) name: String,
}

pub(crate) const NETWORKS: &str = "networks";
pub(crate) const FIREWALLS: &str = "firewalls";
pub(crate) const SUBNETWORKS: &str = "subnetworks";
pub(crate) const ADDRESSES: &str = "addresses";
pub(crate) const RULES: &str = "forwardingRules";
pub(crate) const OPERATIONS: &str = "operations";

impl Global {
    pub(crate) fn new(project: &ProjectId, collection: &'static str, name: &str) -> Self {
        Self { project: project.clone(), collection, name: name.to_owned() }
    }

    /// Reads a URL, a path from `projects/` on, or one from `global/` on in the caller's project.
    pub(crate) fn parse(text: &str, collection: &'static str, home: Option<&ProjectId>) -> Option<Self> {
        match segments(text).as_slice() {
            ["projects", project, "global", found, name] if *found == collection => {
                Some(Self::new(&project.parse().ok()?, collection, name))
            }
            ["global", found, name] if *found == collection => Some(Self::new(home?, collection, name)),
            _ => None,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{COMPUTE}{self}")
    }
}

impl Regional {
    pub(crate) fn new(project: &ProjectId, region: &Region, collection: &'static str, name: &str) -> Self {
        Self { project: project.clone(), region: region.clone(), collection, name: name.to_owned() }
    }

    /// Reads a URL, a path from `projects/` on, or one from `regions/` on in the caller's project.
    pub(crate) fn parse(text: &str, collection: &'static str, home: Option<&ProjectId>) -> Option<Self> {
        match segments(text).as_slice() {
            ["projects", project, "regions", region, found, name] if *found == collection => {
                Some(Self::new(&project.parse().ok()?, &region.parse().ok()?, collection, name))
            }
            ["regions", region, found, name] if *found == collection => {
                Some(Self::new(home?, &region.parse().ok()?, collection, name))
            }
            _ => None,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{COMPUTE}{self}")
    }

    /// The same link with the number in place of the name.
    pub(crate) fn url_with_id(&self, id: u64) -> String {
        format!("{COMPUTE}projects/{}/regions/{}/{}/{id}", self.project, self.region, self.collection)
    }

    pub(crate) fn region_url(&self) -> String {
        region_url(&self.project, &self.region)
    }
}

impl fmt::Display for Global {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "projects/{}/global/{}/{}", self.project, self.collection, self.name)
    }
}

impl fmt::Display for Regional {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "projects/{}/regions/{}/{}/{}", self.project, self.region, self.collection, self.name)
    }
}

/// The link of a region.
pub(super) fn region_url(project: &ProjectId, region: &Region) -> String {
    format!("{COMPUTE}projects/{project}/regions/{region}")
}

/// The link of a list.
pub(super) fn list_url(path: &str) -> String {
    format!("{COMPUTE}{path}")
}

/// What stands behind the host and the version of a Compute link.
pub(super) fn partial(text: &str) -> &str {
    let behind_host = text.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or(text, |(_, path)| path);
    let mut parts = behind_host.trim_start_matches('/').splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("compute"), Some(_), Some(path)) => path,
        _ => behind_host,
    }
}

/// Whether a name is one that Compute takes.
pub(super) fn is_name(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn segments(text: &str) -> Vec<&str> {
    partial(text).split('/').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_in_every_form_the_api_takes() {
        let home: ProjectId = "example-project".parse().unwrap();
        for text in [
            "https://www.googleapis.com/compute/v1/projects/example-project/regions/us-central1/addresses/a",
            "https://compute.googleapis.com/compute/v1/projects/example-project/regions/us-central1/addresses/a",
            "http://127.0.0.1:8080/compute/v1/projects/example-project/regions/us-central1/addresses/a",
            "projects/example-project/regions/us-central1/addresses/a",
            "regions/us-central1/addresses/a",
        ] {
            let found = Regional::parse(text, ADDRESSES, Some(&home)).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found.to_string(), "projects/example-project/regions/us-central1/addresses/a");
        }
        assert_eq!(Regional::parse("regions/us-central1/addresses/a", ADDRESSES, None), None);
        assert_eq!(Regional::parse("projects/example-project/regions/us-central1/addresses/a", RULES, None), None);
        assert_eq!(Global::parse("global/networks/main", NETWORKS, Some(&home)).unwrap().name, "main");
    }

    #[test]
    fn names() {
        for (text, right) in [("a", true), ("a-1", true), ("1a", false), ("a-", false), ("A", false), ("", false)] {
            assert_eq!(is_name(text), right, "{text}");
        }
        assert!(!is_name(&"a".repeat(64)));
    }
}
