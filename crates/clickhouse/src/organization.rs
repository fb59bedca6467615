//! A handle on an organization.

use privlink_core::{CloudProvider, EndpointServiceId, Error, ErrorKind, Region, Result};

use crate::model::{endpoint_service, filled, not_available_yet};
use crate::registrations::Registrations;
use crate::{
    Client, InfrastructureId, OrganizationDetails, OrganizationId, PrivateEndpointConfig, Service, ServiceDetails,
    ServiceId, operations, wire,
};

/// An organization; made by [`Client::organization`]. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Organization {
    client: Client,
    id: OrganizationId,
}

impl Organization {
    pub(crate) fn new(client: Client, id: OrganizationId) -> Self {
        Self { client, id }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> OrganizationId {
        self.id
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What the vendor says of it, the registered private endpoints included.
    ///
    /// Permission: `control-plane:organization:view`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none of this id, [`ErrorKind::PermissionDenied`]
    /// when the key may not see it.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let key = world.clickhouse().api_key();
    /// # let client = privlink_clickhouse::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(key.id, key.secret)
    /// #     .build()?;
    /// # let organization = client.organization(world.clickhouse().organization_id().into());
    /// let details = organization.details().await?;
    /// assert_eq!(details.private_endpoints()?.len(), 0, "nothing is registered yet");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn details(&self) -> Result<OrganizationDetails> {
        self.client
            .get::<wire::Organization>(&operations::ORGANIZATION, &self.resource(), &self.path(""))
            .await?
            .required("organization")?
            .model()
    }

    /// All services the credentials see. The vendor sends them in one answer, without pages.
    ///
    /// # Errors
    /// When the list cannot be fetched. A service that cannot be read is one `Err` in the list.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let key = world.clickhouse().api_key();
    /// # let client = privlink_clickhouse::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(key.id, key.secret)
    /// #     .build()?;
    /// # let organization = client.organization(world.clickhouse().organization_id().into());
    /// for service in organization.services().await? {
    ///     let service = service?;
    ///     println!("{} {} is {}", service.id, service.name, service.state);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn services(&self) -> Result<Vec<Result<ServiceDetails>>> {
        Ok(self
            .client
            .get::<wire::Items<wire::Service>>(&operations::SERVICES, &self.resource(), &self.path("/services"))
            .await?
            .required("list of services")?
            .items())
    }

    /// A handle on a service of this organization; no request is made.
    #[must_use]
    pub fn service(&self, id: ServiceId) -> Service {
        Service::new(self.client.clone(), Some(self.id), id)
    }

    /// Finds the one service of this name in `region` of `provider`. Names are not unique at
    /// the vendor.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, with the services that come near;
    /// [`ErrorKind::Conflict`] when there are several, with their ids.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let key = world.clickhouse().api_key();
    /// # let client = privlink_clickhouse::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(key.id, key.secret)
    /// #     .build()?;
    /// # let organization = client.organization(world.clickhouse().organization_id().into());
    /// use privlink_core::CloudProvider;
    ///
    /// let orders = organization.find_service(CloudProvider::Aws, &"us-east-1".parse()?, "orders").await?;
    /// let error = organization.find_service(CloudProvider::Aws, &"us-east-1".parse()?, "Orders").await.unwrap_err();
    /// assert!(error.to_string().contains(&orders.id().to_string()), "it names what comes near");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn find_service(&self, provider: CloudProvider, region: &Region, name: &str) -> Result<Service> {
        let list = self.services().await?;
        let unreadable = list.iter().filter(|item| item.is_err()).count();
        let all: Vec<ServiceDetails> = list.into_iter().flatten().collect();
        let fits =
            |one: &&ServiceDetails| one.provider.cloud() == Some(provider) && one.region == *region && one.name == name;
        let found: Vec<&ServiceDetails> = all.iter().filter(fits).collect();
        let wanted = format!("service `{}` in {provider} {region}", name.escape_debug());
        let refuse = |kind, message: String| {
            Err(Error::new(kind, message)
                .with_vendor(crate::dialect::VENDOR)
                .with_operation(operations::SERVICES.name)
                .with_resource(wanted.clone()))
        };
        match found.as_slice() {
            [one] => Ok(self.service(one.id)),
            [] => {
                let near = |one: &&ServiceDetails| {
                    one.name.eq_ignore_ascii_case(name)
                        || (one.provider.cloud() == Some(provider) && one.region == *region)
                };
                let near = candidates(all.iter().filter(near));
                let mut told = match near.as_str() {
                    "" => "there is none, and none that comes near".to_owned(),
                    near => format!("there is none; these come near: {near}"),
                };
                if unreadable > 0 {
                    told.push_str(&format!("; {unreadable} services could not be read"));
                }
                refuse(ErrorKind::NotFound, told)
            }
            several => refuse(
                ErrorKind::Conflict,
                format!("there are several; give the id of one: {}", candidates(several.iter().copied())),
            ),
        }
    }

    /// The private endpoints registered with the organization.
    ///
    /// Registration lets no traffic through; see [`Service::private_endpoints`] for what does.
    #[must_use]
    pub fn private_endpoints(&self) -> Registrations {
        Registrations::new(self.clone())
    }

    /// The endpoint service of a region, without its private host name.
    ///
    /// The vendor has deprecated this and refuses it (400) unless the organization has a service
    /// in that region already; kept as a fallback for keys that may see organizations only.
    ///
    /// Permission: `control-plane:organization:view`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when there is no service in the region,
    /// [`ErrorKind::Unavailable`] while the vendor has not filled the answer.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let key = world.clickhouse().api_key();
    /// # let client = privlink_clickhouse::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(key.id, key.secret)
    /// #     .build()?;
    /// # let organization = client.organization(world.clickhouse().organization_id().into());
    /// use privlink_core::CloudProvider;
    ///
    /// #[expect(deprecated)]
    /// let id = organization.private_endpoint_service(CloudProvider::Aws, &"us-east-1".parse()?).await?;
    /// assert_eq!(id.cloud(), CloudProvider::Aws);
    /// # Ok(())
    /// # }
    /// ```
    #[deprecated = "the vendor deprecated it in 2025; use `Service::private_endpoint_config`"]
    pub async fn private_endpoint_service(
        &self,
        provider: CloudProvider,
        region: &Region,
    ) -> Result<EndpointServiceId> {
        let path = self.path(&format!("/privateEndpointConfig?cloud_provider={provider}&region_id={region}"));
        let resource = format!("{provider} {region} of {}", self.resource());
        let answer = self
            .client
            .get::<wire::PrivateEndpointConfig>(&operations::ORGANIZATION_CONFIG, &resource, &path)
            .await?
            .required("private endpoint configuration")?;
        match filled(answer.result.endpoint_service_id.clone()) {
            Some(text) => endpoint_service(&text).map_err(|error| answer.about.tell(error)),
            None => Err(answer.about.tell(not_available_yet())),
        }
    }

    /// Where private endpoints of a BYOC infrastructure must point.
    ///
    /// Permission: `control-plane:organization:view`. Beta at the vendor with a stable contract, autumn 2026.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when private link is off for the infrastructure,
    /// [`ErrorKind::Unavailable`] for a while after it was switched on.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let key = world.clickhouse().api_key();
    /// # let client = privlink_clickhouse::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(key.id, key.secret)
    /// #     .build()?;
    /// # let organization = client.organization(world.clickhouse().organization_id().into());
    /// use privlink_core::{CloudProvider, ErrorKind};
    ///
    /// let infrastructure = world.clickhouse().add_byoc(CloudProvider::Aws, &"us-east-1".parse()?, "123456789012");
    /// let error = organization.infrastructure_private_endpoint_config(infrastructure.into()).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidInput, "private link is off there");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn infrastructure_private_endpoint_config(
        &self,
        infrastructure: InfrastructureId,
    ) -> Result<PrivateEndpointConfig> {
        let path = self.path(&format!("/byocInfrastructure/{infrastructure}/privateEndpointConfig"));
        let answer = self
            .client
            .get::<wire::PrivateEndpointConfig>(
                &operations::BYOC_CONFIG,
                &format!("BYOC infrastructure {infrastructure}"),
                &path,
            )
            .await?
            .required("private endpoint configuration")?;
        let about = answer.about.clone();
        PrivateEndpointConfig::from_wire(answer.result)
            .and_then(|config| config.ok_or_else(not_available_yet))
            .map_err(|error| about.tell(error))
    }

    pub(crate) fn resource(&self) -> String {
        format!("organization {}", self.id)
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/organizations/{}{rest}", self.id)
    }
}

fn candidates<'a>(services: impl Iterator<Item = &'a ServiceDetails>) -> String {
    const MOST: usize = 8;
    let mut texts: Vec<String> = services
        .map(|one| format!("{} `{}` ({} {})", one.id, one.name.escape_debug(), one.provider, one.region))
        .collect();
    if texts.len() > MOST {
        let more = texts.len() - MOST;
        texts.truncate(MOST);
        texts.push(format!("and {more} more"));
    }
    texts.join(", ")
}
