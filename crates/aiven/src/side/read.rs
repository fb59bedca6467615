//! Reads that are shared by everybody who plans together: the same question is asked once.

use std::sync::Arc;

use privlink_core::side::Cx;
use privlink_core::{CloudProvider, ErrorKind, Listed, PrivateEndpointId, Result};

use crate::dialect::is_unknown_service;
use crate::{Availability, Connection, PrivatelinkDetails, Service, ServiceDetails, StaticIp};

/// The connections of a privatelink now. One that is not there has none.
pub(super) async fn connections(service: &Service, cloud: CloudProvider) -> Result<Listed<Connection>> {
    match service.privatelink(cloud).connections().await {
        Ok(list) => Ok(Listed::from_iter(list)),
        Err(error) if error.kind() == ErrorKind::NotFound && !is_unknown_service(&error) => Ok(Listed::default()),
        Err(error) => Err(error),
    }
}

/// The entry of an endpoint.
pub(super) fn find<'l>(connections: &'l Listed<Connection>, id: &PrivateEndpointId) -> Option<&'l Connection> {
    connections.items.iter().find(|entry| entry.names(id))
}

/// Reads through the memo of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    service: &'a Service,
    cx: &'a Cx,
}

impl<'a> Reader<'a> {
    pub(super) fn new(service: &'a Service, cx: &'a Cx) -> Self {
        Self { service, cx }
    }

    fn key(&self, question: &str) -> String {
        let service = self.service;
        format!("aiven {} {question} {} {}", service.client().identity(), service.project(), service.name())
    }

    pub(super) async fn details(&self) -> Result<Arc<ServiceDetails>> {
        let service = self.service.clone();
        let read = move || async move { service.details().await.map(Arc::new) };
        self.cx.memo().read(self.key("ServiceGet"), read).await
    }

    pub(super) async fn privatelink(&self, cloud: CloudProvider) -> Result<Arc<Option<PrivatelinkDetails>>> {
        let link = self.service.privatelink(cloud);
        let read = move || async move { link.get().await.map(Arc::new) };
        self.cx.memo().read(self.key(&format!("privatelink {cloud}")), read).await
    }

    pub(super) async fn connections(&self, cloud: CloudProvider) -> Result<Arc<Listed<Connection>>> {
        let service = self.service.clone();
        let read = move || async move { connections(&service, cloud).await.map(Arc::new) };
        self.cx.memo().read(self.key(&format!("connections {cloud}")), read).await
    }

    /// Both at once.
    pub(super) async fn of(
        &self,
        cloud: CloudProvider,
    ) -> Result<(Arc<Option<PrivatelinkDetails>>, Arc<Listed<Connection>>)> {
        futures_util::future::try_join(self.privatelink(cloud), self.connections(cloud)).await
    }

    /// Where privatelink is sold; `None` when that may not be seen, or not be read.
    pub(super) async fn availability(&self) -> Option<Arc<Vec<Availability>>> {
        let project = self.service.of_project().clone();
        let read = move || async move {
            let list = project.privatelink_availability().await?;
            Ok(Arc::new(list.into_iter().flatten().collect::<Vec<Availability>>()))
        };
        let key = format!("aiven {} availability {}", self.service.client().identity(), self.service.project());
        self.cx.memo().read(key, read).await.ok()
    }

    /// The static addresses of the project; `None` when they may not be seen.
    pub(super) async fn static_ips(&self) -> Option<Arc<Vec<StaticIp>>> {
        let project = self.service.of_project().clone();
        let read = move || async move {
            let list = project.static_ips().await?;
            Ok(Arc::new(list.into_iter().flatten().collect::<Vec<StaticIp>>()))
        };
        let key = format!("aiven {} static addresses {}", self.service.client().identity(), self.service.project());
        self.cx.memo().read(key, read).await.ok()
    }
}
