//! A handle on a project, and what the API says of one.

use privlink_core::transport::{Object, encode_segment};
use privlink_core::{Error, ErrorKind, Result};

use crate::{Availability, Client, ProjectName, ProjectVpc, Service, ServiceName, StaticIp, operations};

/// A project; made by [`Client::project`]. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Project {
    client: Client,
    name: ProjectName,
}

impl Project {
    pub(crate) fn new(client: Client, name: ProjectName) -> Self {
        Self { client, name }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &ProjectName {
        &self.name
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A handle on a service; no request is made.
    #[must_use]
    pub fn service(&self, name: ServiceName) -> Service {
        Service::new(self.clone(), name)
    }

    /// The clouds in which this project can have privatelink, with the price.
    ///
    /// Permission: `project:services:write`.
    ///
    /// # Errors
    /// When the list cannot be fetched. An entry that cannot be read is one `Err` in the list.
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
    /// for offer in client.project("example-project".parse()?).privatelink_availability().await? {
    ///     let offer = offer?;
    ///     println!("{}: {} USD an hour", offer.cloud_name, offer.price_usd);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn privatelink_availability(&self) -> Result<Vec<Result<Availability>>> {
        let operation = &operations::AVAILABILITY;
        let answer = self.client.get(operation, &self.resource(), &self.path("/privatelink-availability")).await?;
        self.client.items(operation, &self.resource(), &answer, "privatelink_availability", Availability::from_json)
    }

    /// The project's VPCs. Privatelink is for services in one of them; its range may overlap with
    /// those of the networks that connect.
    ///
    /// # Errors
    /// When the list cannot be fetched. A VPC that cannot be read is one `Err` in the list.
    pub async fn vpcs(&self) -> Result<Vec<Result<ProjectVpc>>> {
        let operation = &operations::VPCS;
        let answer = self.client.get(operation, &self.resource(), &self.path("/vpcs")).await?;
        self.client.items(operation, &self.resource(), &answer, "vpcs", ProjectVpc::from_json)
    }

    /// The project's static addresses, which services with privatelink on Azure need.
    ///
    /// # Errors
    /// When the list cannot be fetched. One that cannot be read is one `Err` in the list.
    pub async fn static_ips(&self) -> Result<Vec<Result<StaticIp>>> {
        let operation = &operations::STATIC_IPS;
        let answer = self.client.get(operation, &self.resource(), &self.path("/static-ips")).await?;
        self.client.items(operation, &self.resource(), &answer, "static_ips", StaticIp::from_json)
    }

    /// The certificate of the project's own authority, as PEM: it signs for the services of the project, over
    /// privatelink as elsewhere, but for Kafka ports with a [public one](crate::Component::kafka_authority). Clients have to
    /// trust it.
    ///
    /// OAuth scope: `projects:read`.
    ///
    /// # Errors
    /// When it cannot be fetched; [`ErrorKind::UnexpectedResponse`] when the answer holds no PEM certificate.
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
    /// let pem = client.project("example-project".parse()?).ca().await?;
    /// assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ca(&self) -> Result<String> {
        let operation = &operations::CA;
        let answer = self.client.get(operation, &self.resource(), &self.path("/kms/ca")).await?;
        let pem = Object::read("answer", &answer).and_then(|answer| {
            let pem = answer.text("certificate").filter(|pem| pem.contains("-----BEGIN CERTIFICATE-----"));
            pem.map(|pem| format!("{pem}\n")).ok_or_else(|| {
                Error::new(ErrorKind::UnexpectedResponse, "the answer has no PEM certificate as `certificate`")
            })
        });
        pem.map_err(|error| self.client.about(operation, &self.resource(), error))
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/project/{}{rest}", encode_segment(self.name.as_str()))
    }

    fn resource(&self) -> String {
        format!("project {}", self.name)
    }
}
