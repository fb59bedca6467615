//! Reads that are shared by everybody who plans together: the same question is asked once.

use std::collections::HashMap;
use std::sync::Arc;

use privlink_core::side::Cx;
use privlink_core::{PrivateEndpointId, Result};

use crate::{Organization, OrganizationDetails, PrivateEndpointConfig, Service, ServiceDetails, ServiceId};

/// From how many links planned together the service list is read once instead of each service.
const FEW: usize = 3;

/// All services of an organization, as one list read them.
#[derive(Debug)]
pub(super) struct Services {
    pub(super) by_id: HashMap<ServiceId, ServiceDetails>,
    /// How many could not be read.
    pub(super) unreadable: usize,
}

impl Services {
    fn new(list: Vec<Result<ServiceDetails>>) -> Self {
        let mut services = Self { by_id: HashMap::with_capacity(list.len()), unreadable: 0 };
        for item in list {
            match item {
                // A service whose allow list was not sent might allow anything.
                Ok(details) if details.private_endpoints().is_ok() && details.unreadable() == 0 => {
                    services.by_id.insert(details.id, details);
                }
                Ok(details) => {
                    services.unreadable += 1;
                    services.by_id.insert(details.id, details);
                }
                Err(_) => services.unreadable += 1,
            }
        }
        services
    }

    /// The services that list one of `ids`, in the order of their ids.
    pub(super) fn listing(&self, ids: &[PrivateEndpointId]) -> Vec<&ServiceDetails> {
        let lists = |details: &&ServiceDetails| {
            details.private_endpoints().is_ok_and(|mut all| all.any(|entry| ids.iter().any(|id| entry.names(id))))
        };
        let mut found: Vec<&ServiceDetails> = self.by_id.values().filter(lists).collect();
        found.sort_by_key(|details| details.id);
        found
    }
}

/// The services of `organization` now, not remembered.
pub(super) async fn services_now(organization: &Organization) -> Result<Services> {
    organization.services().await.map(Services::new)
}

/// Reads through the memo of a run.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    service: &'a Service,
    cx: &'a Cx,
}

impl<'a> Reader<'a> {
    pub(super) fn new(service: &'a Service, cx: &'a Cx) -> Self {
        Self { service, cx }
    }

    fn key(&self, question: &str, of: impl std::fmt::Display) -> String {
        format!("clickhouse {} {question} {of}", self.service.client().identity())
    }

    /// The organization; asked for first, because every path needs it.
    pub(super) async fn organization(&self) -> Result<Organization> {
        if self.service.known_organization().is_none() {
            let service = self.service.clone();
            self.cx
                .memo()
                .read(
                    self.key("whoamiGet", ""),
                    move || async move { service.organization().await.map(|found| found.id()) },
                )
                .await?;
        }
        self.service.organization().await
    }

    /// The service: from the list of all when many links are planned together.
    pub(super) async fn details(&self) -> Result<Arc<ServiceDetails>> {
        if self.cx.breadth() > FEW
            && let Some(details) = self.services().await?.by_id.get(&self.service.id())
        {
            return Ok(Arc::new(details.clone()));
        }
        let service = self.service.clone();
        self.cx
            .memo()
            .read(self.key("instanceGet", service.id()), move || async move { service.details().await.map(Arc::new) })
            .await
    }

    /// Where its private endpoints point.
    pub(super) async fn config(&self) -> Result<Option<PrivateEndpointConfig>> {
        let service = self.service.clone();
        self.cx
            .memo()
            .read(self.key("instancePrivateEndpointConfigGet", service.id()), move || async move {
                service.private_endpoint_config_if_available().await
            })
            .await
    }

    /// Where the private endpoints of the service's BYOC infrastructure point.
    pub(super) async fn infrastructure_config(
        &self,
        infrastructure: crate::InfrastructureId,
    ) -> Result<PrivateEndpointConfig> {
        let organization = self.organization().await?;
        self.cx
            .memo()
            .read(
                self.key("organizationByocInfrastructurePrivateEndpointConfigGet", infrastructure),
                move || async move { organization.infrastructure_private_endpoint_config(infrastructure).await },
            )
            .await
    }

    /// All services the key sees.
    pub(super) async fn services(&self) -> Result<Arc<Services>> {
        let organization = self.organization().await?;
        self.cx
            .memo()
            .read(self.key("instanceGetList", organization.id()), move || async move {
                services_now(&organization).await.map(Arc::new)
            })
            .await
    }

    /// The organization with its register.
    pub(super) async fn organization_details(&self) -> Result<Arc<OrganizationDetails>> {
        let organization = self.organization().await?;
        self.cx
            .memo()
            .read(self.key("organizationGet", organization.id()), move || async move {
                organization.details().await.map(Arc::new)
            })
            .await
    }
}
