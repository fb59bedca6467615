//! Reads that are shared by everybody who plans together: the same question is asked once.

use std::sync::Arc;

use futures_util::future;
use privlink_core::side::Cx;
use privlink_core::{ErrorKind, Listed, PrivateEndpointId, Result};

use crate::facts::Facts;
use crate::{Cluster, ClusterDetails, ClusterId, Connection, PrivateEndpointService, TrustedOwner};

/// The entry of an endpoint.
pub(super) fn find<'l>(connections: &'l Listed<Connection>, id: &PrivateEndpointId) -> Option<&'l Connection> {
    // One that counts hides one that does not.
    let mut named = connections.items.iter().filter(|entry| entry.names(id));
    named.clone().find(|entry| !entry.status.is_inert()).or_else(|| named.next())
}

/// Reads through the memo of a run.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    cluster: &'a Cluster,
    cx: &'a Cx,
}

impl<'a> Reader<'a> {
    pub(super) fn new(cluster: &'a Cluster, cx: &'a Cx) -> Self {
        Self { cluster, cx }
    }

    pub(super) fn facts(&self) -> &Facts {
        self.cluster.client().facts()
    }

    fn key(&self, question: &str, of: impl std::fmt::Display) -> String {
        format!("cockroach {} {question} {of}", self.cluster.client().identity())
    }

    pub(super) async fn details(&self) -> Result<Arc<ClusterDetails>> {
        let cluster = self.cluster.clone();
        let read = move || async move { cluster.details().await.map(Arc::new) };
        self.cx.memo().read(self.key("GetCluster", self.cluster.id()), read).await
    }

    pub(super) async fn services(&self) -> Result<Arc<Listed<PrivateEndpointService>>> {
        let cluster = self.cluster.clone();
        let read = move || async move {
            cluster.private_endpoint_services().await.map(|list| Arc::new(Listed::from_iter(list)))
        };
        self.cx.memo().read(self.key("ListPrivateEndpointServices", self.cluster.id()), read).await
    }

    pub(super) async fn connections(&self) -> Result<Arc<Listed<Connection>>> {
        self.connections_of(self.cluster.id()).await
    }

    pub(super) async fn connections_of(&self, id: ClusterId) -> Result<Arc<Listed<Connection>>> {
        let cluster = self.cluster.client().cluster(id);
        let read = move || async move {
            cluster.private_endpoint_connections().await.map(|list| Arc::new(Listed::from_iter(list)))
        };
        self.cx.memo().read(self.key("ListPrivateEndpointConnections", id), read).await
    }

    pub(super) async fn owners(&self) -> Result<Arc<Listed<TrustedOwner>>> {
        let cluster = self.cluster.clone();
        let read = move || async move { cluster.trusted_owners().await.map(|list| Arc::new(Listed::from_iter(list))) };
        self.cx.memo().read(self.key("ListPrivateEndpointTrustedOwners", self.cluster.id()), read).await
    }

    /// All three at once.
    pub(super) async fn all(
        &self,
    ) -> (Result<Arc<ClusterDetails>>, Result<Arc<Listed<PrivateEndpointService>>>, Result<Arc<Listed<Connection>>>)
    {
        future::join3(self.details(), self.services(), self.connections()).await
    }

    /// All clusters the key sees.
    pub(super) async fn clusters(&self) -> Result<Arc<Listed<ClusterDetails>>> {
        let client = self.cluster.client().clone();
        let read = move || async move {
            let mut pages = client.clusters();
            let mut list: Vec<Result<ClusterDetails>> = Vec::new();
            while let Some(item) = pages.next().await {
                match item {
                    // A page, rather than one cluster of it.
                    Err(error) if error.kind() != ErrorKind::UnexpectedResponse => return Err(error),
                    item => list.push(item),
                }
            }
            Ok(Arc::new(Listed::from_iter(list)))
        };
        self.cx.memo().read(self.key("ListClusters", ""), read).await
    }
}
