//! A handle on a service, and what the API does with one.

use http::Method;
use ipnet::IpNet;
use privlink_core::transport::{JsonCall, Operation, encode_segment};
use privlink_core::{CloudProvider, Error, ErrorKind, Result};
use serde_json::{Map, Value, json};

use crate::{
    Client, ConnectionId, Consumer, Privatelink, Project, ProjectName, ServiceDetails, ServiceName, operations,
};

/// A service, which is one database; made by [`Project::service`]. Cheap to clone.
///
/// It is also the database side of a link: see [`DatabaseSide`](privlink_core::side::DatabaseSide).
#[derive(Clone, Debug)]
pub struct Service {
    project: Project,
    name: ServiceName,
    pub(crate) options: Options,
}

/// What a link is to do with the service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The components to be reached; the first of the service's type where none is named.
    pub(crate) components: Vec<String>,
    /// Whom to let in, in place of the caller.
    pub(crate) consumer: Option<Consumer>,
    /// The connection to use and no other.
    pub(crate) connection: Option<ConnectionId>,
    /// The cloud it runs in, as the caller knows it.
    pub(crate) cloud: Option<CloudProvider>,
    /// Whether endpoints in other regions may connect, as the caller knows.
    pub(crate) from_other_regions: bool,
    /// Whether removing the link deletes the privatelink too.
    pub(crate) delete_privatelink: bool,
}

impl Service {
    pub(crate) fn new(project: Project, name: ServiceName) -> Self {
        Self { project, name, options: Options::default() }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &ServiceName {
        &self.name
    }

    /// The project it is in.
    #[must_use]
    pub fn project(&self) -> &ProjectName {
        self.project.name()
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.project.client()
    }

    /// A component that a link is to reach: `pg`, `kafka`, `schema_registry`. Call it for each;
    /// without any it is the main one of the service's type.
    ///
    /// The link switches them on, and switches none off.
    #[must_use]
    pub fn component(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        if !self.options.components.contains(&name) {
            self.options.components.push(name);
        }
        self
    }

    /// Whom a link lets in, in place of the user or role that the network's side runs as, or of its
    /// subscription.
    #[must_use]
    pub fn allow(mut self, consumer: impl Into<Consumer>) -> Self {
        self.options.consumer = Some(consumer.into());
        self
    }

    /// The connection that a link uses: no other is adopted when it is gone.
    #[must_use]
    pub fn pin_connection(mut self, connection: ConnectionId) -> Self {
        self.options.connection = Some(connection);
        self
    }

    /// Says in which cloud it runs. Needed for a customer's own cloud, whose name does not tell;
    /// otherwise it saves planning a round of reads.
    #[must_use]
    pub fn in_cloud(mut self, cloud: CloudProvider) -> Self {
        self.options.cloud = Some(cloud);
        self
    }

    /// Says that on AWS the network's region is among those that were named with
    /// [`set_supported_regions`](Privatelink::set_supported_regions), which nothing tells. Without it, a
    /// network in another region than the service is refused.
    #[must_use]
    pub fn from_other_regions(mut self) -> Self {
        self.options.from_other_regions = true;
        self
    }

    /// Lets the removal of a link delete the privatelink too, unless other endpoints are connected.
    /// It is the service's, not the link's, so it stays otherwise.
    #[must_use]
    pub fn delete_privatelink_on_removal(mut self) -> Self {
        self.options.delete_privatelink = true;
        self
    }

    /// What the vendor says of it, without secrets.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none of this name in the project;
    /// [`ErrorKind::UnexpectedResponse`] when the answer is about another one.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_aiven::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .token(world.aiven().token())
    /// #     .build()?;
    /// let service = client.project("example-project".parse()?).service("orders-pg".parse()?);
    /// let details = service.details().await?;
    /// println!("{} of type {} in {}", details.name, details.service_type, details.cloud_name);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn details(&self) -> Result<ServiceDetails> {
        let operation = &operations::SERVICE;
        let answer = self.client().get(operation, &self.resource(), &self.path("")).await?;
        self.read(operation, &answer)
    }

    /// Where connections come from that the service itself opens: its static addresses, which a project gives to
    /// services. None where it has none: its nodes' addresses change then.
    ///
    /// Privatelink is one-way, so whatever the service reaches for has to let these in.
    ///
    /// # Errors
    /// When the project's list cannot be fetched, or an address in it cannot be read.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_aiven::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .token(world.aiven().token())
    /// #     .build()?;
    /// let service = client.project("example-project".parse()?).service("stock-mysql".parse()?);
    /// assert!(!service.egress_addresses().await?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn egress_addresses(&self) -> Result<Vec<IpNet>> {
        let all = self.project.static_ips().await?.into_iter().collect::<Result<Vec<_>>>()?;
        let own = all.into_iter().filter(|known| known.service.as_deref() == Some(self.name().as_str()));
        let mut egress: Vec<IpNet> = own.filter_map(|known| known.address).map(IpNet::from).collect();
        egress.sort();
        egress.dedup();
        Ok(egress)
    }

    /// Switches components on or off for privatelink; what is not named stays as it is. It takes
    /// effect within minutes; on Azure the privatelink is rebuilt.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the service's type has no such component.
    pub async fn set_privatelink_access(&self, components: &[(&str, bool)]) -> Result<ServiceDetails> {
        let operation = &operations::UPDATE_SERVICE;
        let access: Map<String, Value> =
            components.iter().map(|(name, on)| ((*name).to_owned(), (*on).into())).collect();
        let body = json!({ "user_config": { "privatelink_access": access } });
        let answer = self.write(operation, Method::PUT, "", Some(body)).await?;
        self.read(operation, &answer).map_err(|error| error.with_kind(ErrorKind::OutcomeUnknown))
    }

    /// The privatelink of the service in a cloud, which is the one that it runs in.
    #[must_use]
    pub fn privatelink(&self, cloud: CloudProvider) -> Privatelink {
        Privatelink::new(self.clone(), cloud)
    }

    pub(crate) fn resource(&self) -> String {
        format!("service {} of project {}", self.name, self.project.name())
    }

    /// The handle on its project.
    pub(crate) fn of_project(&self) -> &Project {
        &self.project
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        self.project.path(&format!("/service/{}{rest}", encode_segment(self.name.as_str())))
    }

    pub(crate) async fn write(
        &self,
        operation: &Operation,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value> {
        let (resource, path) = (self.resource(), self.path(path));
        self.client().call(JsonCall { operation, resource: &resource, method, path: &path, query: &[], body }).await
    }

    pub(crate) fn about(&self, operation: &Operation, error: Error) -> Error {
        self.client().about(operation, &self.resource(), error)
    }

    fn read(&self, operation: &Operation, answer: &Value) -> Result<ServiceDetails> {
        let details = ServiceDetails::from_json(answer).map_err(|error| self.about(operation, error))?;
        if details.name != self.name {
            // A cache or proxy in between: acting on it would change the wrong database.
            let text = format!("the answer is about service {}", details.name);
            return Err(self.about(operation, Error::new(ErrorKind::UnexpectedResponse, text)));
        }
        Ok(details)
    }
}
