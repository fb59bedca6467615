//! A handle on a service.

use ipnet::IpNet;
use privlink_core::{Error, ErrorKind, PrivateDnsHostname, PrivateEndpointId, Result};

use crate::endpoints::PrivateEndpoints;
use crate::ip_access::IpAccessList;
use crate::model::not_available_yet;
use crate::{
    Client, ListedEndpoint, Organization, OrganizationId, PrivateEndpointConfig, ServiceDetails, ServiceId, operations,
    wire,
};

/// A service, which is one database; made by [`Client::service`]. Cheap to clone.
///
/// It is also the database side of a link: see [`DatabaseSide`](privlink_core::side::DatabaseSide).
#[derive(Clone, Debug)]
pub struct Service {
    client: Client,
    organization: Option<OrganizationId>,
    id: ServiceId,
    also_withdraw: Vec<PrivateEndpointId>,
    trusted_hosts: Vec<PrivateDnsHostname>,
}

impl Service {
    pub(crate) fn new(client: Client, organization: Option<OrganizationId>, id: ServiceId) -> Self {
        Self { client, organization, id, also_withdraw: Vec::new(), trusted_hosts: Vec::new() }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> ServiceId {
        self.id
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Lets the removal of a link withdraw this endpoint too, although nothing proves it ours:
    /// an adopted one, or one that is already deleted.
    #[must_use]
    pub fn also_withdraw(mut self, endpoint: impl Into<PrivateEndpointId>) -> Self {
        self.also_withdraw.push(endpoint.into());
        self
    }

    /// Lets a link use this private host although it is outside the vendor's known names.
    ///
    /// The vendor's answer is always what is used; but a plan is blocked (`CH-012`) where it lies
    /// outside the pattern in [`Facts`](crate::facts::Facts), because the link makes a private
    /// zone for the name, which hides whatever else is called so. Ask the vendor before you vouch
    /// for one. Where all names have a new form, change the pattern instead, with
    /// [`ClientBuilder::facts`](crate::ClientBuilder::facts).
    #[must_use]
    pub fn trust_private_host(mut self, host: PrivateDnsHostname) -> Self {
        self.trusted_hosts.push(host);
        self
    }

    pub(crate) fn trusted_hosts(&self) -> &[PrivateDnsHostname] {
        &self.trusted_hosts
    }

    pub(crate) fn withdrawn_on_request(&self) -> &[PrivateEndpointId] {
        &self.also_withdraw
    }

    /// Whether the caller said whose service it is. Otherwise "not found" may mean that the key
    /// belongs to another organization.
    pub(crate) fn names_organization(&self) -> bool {
        self.organization.is_some() || self.client.names_organization()
    }

    /// Its organization; asked for once if the client does not know it.
    ///
    /// # Errors
    /// When it has to be asked for and cannot be told.
    pub async fn organization(&self) -> Result<Organization> {
        let id = match self.known_organization() {
            Some(id) => id,
            None => self.client.resolve_organization().await?,
        };
        Ok(self.client.organization(id))
    }

    /// What the vendor says of it.
    ///
    /// Permission: `control-plane:service:view`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](privlink_core::ErrorKind::NotFound) when there is none of this id
    /// in the organization; [`ErrorKind::UnexpectedResponse`] when the answer is about another one.
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
    /// # let service = client.service(world.clickhouse().service_id().into());
    /// let details = service.details().await?;
    /// assert!(details.state.can_answer());
    /// assert_eq!(details.private_endpoints()?.count(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn details(&self) -> Result<ServiceDetails> {
        let path = self.path("").await?;
        let details: ServiceDetails = self
            .client
            .get::<wire::Service>(&operations::SERVICE, &self.resource(), &path)
            .await?
            .required("service")?
            .model()?;
        if details.id != self.id {
            // A cache or proxy in between: acting on it would change the wrong database.
            return Err(Error::new(
                ErrorKind::UnexpectedResponse,
                format!("the answer is about service {}", details.id),
            )
            .with_vendor(crate::dialect::VENDOR)
            .with_operation(operations::SERVICE.name)
            .with_resource(self.resource()));
        }
        if let Ok(entries) = details.private_endpoints() {
            self.client.recent().shown(self.id.uuid(), entries.map(ListedEndpoint::as_str));
        }
        Ok(details)
    }

    /// Where connections come from that the service itself opens: to a table function's source, or a dictionary's.
    ///
    /// Private endpoints are one-way, so the source has to let these in. Of all cells of the service's region, since
    /// the vendor does not say which one a service is in.
    ///
    /// # Errors
    /// When the service or the vendor's list cannot be read.
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
    /// # let service = client.service(world.clickhouse().service_id().into());
    /// for range in service.egress_addresses().await? {
    ///     println!("let in from {range}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn egress_addresses(&self) -> Result<Vec<IpNet>> {
        let details = self.details().await?;
        let all = self.client.static_addresses().await?;
        let cloud = details.provider.cloud();
        let entries = cloud.into_iter().flat_map(|cloud| all.of(cloud, &details.region));
        let mut egress: Vec<IpNet> = entries.flat_map(|entry| entry.egress.iter().copied()).collect();
        egress.sort();
        egress.dedup();
        Ok(egress)
    }

    /// Where a private endpoint must point, and the private host name. Does not wake an idle
    /// service.
    ///
    /// Permission: `control-plane:service:view-private-endpoints`.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`](privlink_core::ErrorKind::Unavailable) with the source
    /// [`NotAvailableYet`](crate::NotAvailableYet) while the vendor has not filled the answer.
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
    /// # let service = client.service(world.clickhouse().service_id().into());
    /// let config = service.private_endpoint_config().await?;
    /// assert_eq!(config.private_dns_hostname.zone().as_str(), "us-east-1.vpce.aws.clickhouse.cloud");
    /// println!("point the endpoint at {}", config.endpoint_service_id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn private_endpoint_config(&self) -> Result<PrivateEndpointConfig> {
        self.private_endpoint_config_if_available().await?.ok_or_else(|| {
            not_available_yet()
                .with_vendor(crate::dialect::VENDOR)
                .with_operation(operations::SERVICE_CONFIG.name)
                .with_resource(self.resource())
        })
    }

    /// The same, with `None` while the vendor has not filled the answer.
    ///
    /// # Errors
    /// When it cannot be read.
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
    /// # let service = client.service(world.clickhouse().service_id().into());
    /// match service.private_endpoint_config_if_available().await? {
    ///     Some(config) => println!("point the endpoint at {}", config.endpoint_service_id),
    ///     None => println!("not yet"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn private_endpoint_config_if_available(&self) -> Result<Option<PrivateEndpointConfig>> {
        let path = self.path("/privateEndpointConfig").await?;
        let answer = self
            .client
            .get::<wire::PrivateEndpointConfig>(&operations::SERVICE_CONFIG, &self.resource(), &path)
            .await?
            .required("private endpoint configuration")?;
        let about = answer.about.clone();
        PrivateEndpointConfig::from_wire(answer.result).map_err(|error| about.tell(error))
    }

    /// Its allow list: the endpoints through which it answers.
    #[must_use]
    pub fn private_endpoints(&self) -> PrivateEndpoints {
        PrivateEndpoints::new(self.clone())
    }

    /// Its IP access list: the sources that may use its **public** endpoints.
    #[must_use]
    pub fn ip_access_list(&self) -> IpAccessList {
        IpAccessList::new(self.clone())
    }

    pub(crate) fn known_organization(&self) -> Option<OrganizationId> {
        self.organization.or_else(|| self.client.known_organization())
    }

    pub(crate) fn resource(&self) -> String {
        format!("service {}", self.id)
    }

    pub(crate) async fn path(&self, rest: &str) -> Result<String> {
        let organization = self.organization().await?;
        Ok(organization.path(&format!("/services/{}{rest}", self.id)))
    }

    /// Sends a patch once; the service afterwards, where the answer holds a readable one.
    pub(crate) async fn patch(&self, patch: &wire::ServicePatch<'_>) -> Result<Option<ServiceDetails>> {
        let path = self.path("").await?;
        let answer = self
            .client
            .write::<wire::Service>(&operations::SERVICE_PATCH, &self.resource(), &http::Method::PATCH, &path, patch)
            .await?;
        // The write is acknowledged; an answer that says no more is followed by a look.
        let (_, service) = answer.into_parts();
        Ok(service.and_then(|wire| ServiceDetails::try_from(wire).ok()))
    }
}
