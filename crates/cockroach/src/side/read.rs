//! Reads that are shared by everybody who plans together: the same question is asked once.

use std::sync::Arc;

use futures_util::future;
use privlink_core::side::Cx;
use privlink_core::{ErrorKind, PrivateEndpointId, Result};

use crate::facts::Facts;
use crate::{Cluster, ClusterDetails, ClusterId, Connection, PrivateEndpointService, TrustedOwner};

/// A list of which some items could not be read.
#[derive(Debug)]
pub(super) struct Listed<T> {
    pub(super) items: Vec<T>,
    /// How many could not be read.
    pub(super) unreadable: usize,
}

impl<T> Listed<T> {
    pub(super) fn of(list: Vec<Result<T>>) -> Self {
        let all = list.len();
        let items: Vec<T> = list.into_iter().flatten().collect();
        Self { unreadable: all - items.len(), items }
    }
}

impl Listed<Connection> {
    /// The entry of an endpoint.
    pub(super) fn find(&self, id: &PrivateEndpointId) -> Option<&Connection> {
        // One that counts hides one that does not.
        let mut named = self.items.iter().filter(|entry| entry.names(id));
        named.clone().find(|entry| !entry.status.is_inert()).or_else(|| named.next())
    }
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
        let read =
            move || async move { cluster.private_endpoint_services().await.map(|list| Arc::new(Listed::of(list))) };
        self.cx.memo().read(self.key("ListPrivateEndpointServices", self.cluster.id()), read).await
    }

    pub(super) async fn connections(&self) -> Result<Arc<Listed<Connection>>> {
        self.connections_of(self.cluster.id()).await
    }

    pub(super) async fn connections_of(&self, id: ClusterId) -> Result<Arc<Listed<Connection>>> {
        let cluster = self.cluster.client().cluster(id);
        let read =
            move || async move { cluster.private_endpoint_connections().await.map(|list| Arc::new(Listed::of(list))) };
        self.cx.memo().read(self.key("ListPrivateEndpointConnections", id), read).await
    }

    pub(super) async fn owners(&self) -> Result<Arc<Listed<TrustedOwner>>> {
        let cluster = self.cluster.clone();
        let read = move || async move { cluster.trusted_owners().await.map(|list| Arc::new(Listed::of(list))) };
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
            Ok(Arc::new(Listed::of(list)))
        };
        self.cx.memo().read(self.key("ListClusters", ""), read).await
    }
}
