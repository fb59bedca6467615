use privlink_core::{CloudProvider, Region};

use super::ZillizDeployment;

/// A cluster to put into the world with [`Zilliz::add_cluster`](super::Zilliz::add_cluster).
#[derive(Clone, Debug)]
#[must_use]
pub struct ClusterSpec {
    pub(super) name: String,
    pub(super) cloud: CloudProvider,
    pub(super) region: Region,
    pub(super) project: Option<String>,
    pub(super) deployment: ZillizDeployment,
    pub(super) plan: String,
    pub(super) status: String,
    pub(super) private_port: u16,
    pub(super) global: bool,
}

impl ClusterSpec {
    /// A Dedicated cluster on the plan Enterprise that runs, in the first project, with the private port 19531.
    pub fn new(name: impl Into<String>, cloud: CloudProvider, region: Region) -> Self {
        Self {
            name: name.into(),
            cloud,
            region,
            project: None,
            deployment: ZillizDeployment::Dedicated,
            plan: "Enterprise".into(),
            status: "RUNNING".into(),
            private_port: 19_531,
            global: false,
        }
    }

    /// Puts it into another project.
    pub fn project(mut self, id: impl Into<String>) -> Self {
        self.project = Some(id.into());
        self
    }

    /// Makes it another kind of deployment.
    pub fn deployment(mut self, deployment: ZillizDeployment) -> Self {
        self.deployment = deployment;
        self
    }

    /// Sets its plan.
    pub fn plan(mut self, plan: impl Into<String>) -> Self {
        self.plan = plan.into();
        self
    }

    /// Sets its state, one that the document does not know included.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.status = status.into();
        self
    }

    /// Sets the port of its private address.
    pub fn private_port(mut self, port: u16) -> Self {
        self.private_port = port;
        self
    }

    /// Makes it part of a global cluster.
    pub fn global(mut self) -> Self {
        self.global = true;
        self
    }
}
