//! Reads that are shared by everybody who plans together: the same question is asked once.

use std::sync::Arc;

use futures_util::future;
use privlink_core::side::Cx;
use privlink_core::{Listed, Pages, Result};
use serde_json::Value;

use crate::wire::Read;
use crate::{
    ClusterDetails, ClusterId, EndpointId, EndpointStatus, PrivateEndpoint, PrivateEndpointService, Project,
    ProjectRegion, RegionId,
};

/// The entry of an endpoint. One that is told as deleted is none.
pub(super) fn find<'l>(
    endpoints: &'l Listed<PrivateEndpoint>,
    id: &EndpointId,
    region: &RegionId,
) -> Option<&'l PrivateEndpoint> {
    let is_there = |entry: &&PrivateEndpoint| entry.status != Some(EndpointStatus::Deleted);
    // One that counts hides one that does not.
    let mut named = endpoints.items.iter().filter(|entry| entry.names(id, region)).filter(is_there);
    named.clone().find(|entry| !super::endpoint::is_dead(entry)).or_else(|| named.next())
}

/// The registered endpoints of a project in a region, as they are now.
pub(super) async fn endpoints(project: &Project, region: &RegionId) -> Result<Listed<PrivateEndpoint>> {
    let mut values: Vec<Value> = project.endpoints_as().all().await?;
    // The list is of all regions, and one of a cloud that nobody here knows is of no concern.
    let is_elsewhere =
        |value: &Value| value.get("regionId").and_then(Value::as_str).is_some_and(|named| named != region.as_str());
    values.retain(|value| !is_elsewhere(value));
    Ok(values.iter().map(Read::read).collect())
}

/// The clusters of a project in a region, as they are now.
pub(super) async fn clusters(project: &Project, region: &RegionId) -> Result<Listed<ClusterDetails>> {
    all(project.clusters_as(Some(region))).await
}

/// All pages; one that fails is an error, an item that cannot be read is counted.
async fn all<T: Read>(pages: Pages<Value>) -> Result<Listed<T>> {
    Ok(pages.all().await?.iter().map(Read::read).collect())
}

/// What planning begins with.
#[derive(Debug)]
pub(super) struct World {
    pub(super) services: Arc<Listed<PrivateEndpointService>>,
    pub(super) endpoints: Arc<Listed<PrivateEndpoint>>,
    pub(super) clusters: Arc<Listed<ClusterDetails>>,
}

/// Reads through the memo of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    side: &'a ProjectRegion,
    cx: &'a Cx,
}

impl<'a> Reader<'a> {
    pub(super) fn new(side: &'a ProjectRegion, cx: &'a Cx) -> Self {
        Self { side, cx }
    }

    fn key(&self, question: &str, of: impl std::fmt::Display) -> String {
        format!("zilliz {} {question} {of}", self.side.client().identity())
    }

    fn of_region(&self) -> String {
        format!("{} {}", self.side.project().id(), self.side.region())
    }

    /// All three lists at once.
    pub(super) async fn world(&self) -> Result<World> {
        let (services, endpoints, clusters) =
            future::try_join3(self.services(), self.endpoints(), self.clusters()).await?;
        Ok(World { services, endpoints, clusters })
    }

    async fn services(&self) -> Result<Arc<Listed<PrivateEndpointService>>> {
        let pages = self.side.project().services_as(Some(self.side.region()));
        let read = move || async move { all(pages).await.map(Arc::new) };
        self.cx.memo().read(self.key("listPrivateEndpointServices", self.of_region()), read).await
    }

    pub(super) async fn clusters(&self) -> Result<Arc<Listed<ClusterDetails>>> {
        let (project, region) = (self.side.project().clone(), self.side.region().clone());
        let read = move || async move { clusters(&project, &region).await.map(Arc::new) };
        self.cx.memo().read(self.key("listClusters", self.of_region()), read).await
    }

    pub(super) async fn cluster(&self, id: &ClusterId) -> Result<Arc<ClusterDetails>> {
        let cluster = self.side.client().cluster(id.clone());
        let read = move || async move { cluster.details().await.map(Arc::new) };
        self.cx.memo().read(self.key("describeCluster", id), read).await
    }

    pub(super) async fn endpoints(&self) -> Result<Arc<Listed<PrivateEndpoint>>> {
        let key = self.key("listPrivateEndpoints", self.of_region());
        let (project, region) = (self.side.project().clone(), self.side.region().clone());
        let read = move || async move { endpoints(&project, &region).await.map(Arc::new) };
        self.cx.memo().read(key, read).await
    }
}
