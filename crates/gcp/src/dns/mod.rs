//! Cloud DNS: zones, records, changes.

pub(crate) mod operations;
mod records;
mod zones;

use privlink_core::ProjectId;

pub use self::zones::CreateManagedZone;
use crate::api::Api;

/// Cloud DNS in one project.
#[derive(Clone, Debug)]
pub struct Dns {
    api: Api,
    project: ProjectId,
}

impl Dns {
    pub(crate) fn new(api: Api, project: ProjectId) -> Self {
        Self { api, project }
    }

    /// The same in another project, with the same credentials: one that keeps the zones of many.
    #[must_use]
    pub fn of(&self, project: &ProjectId) -> Self {
        Self { api: self.api.clone(), project: project.clone() }
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> &ProjectId {
        &self.project
    }

    /// `dns/v1/projects/<project>/managedZones[/…]`.
    fn path<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let mut path = vec!["dns", "v1", "projects", self.project.as_str(), "managedZones"];
        path.extend(rest);
        path
    }

    /// What errors name.
    fn resource(&self, rest: &str) -> String {
        format!("projects/{}/managedZones/{rest}", self.project)
    }
}
