//! The privatelink of a service in a cloud: its life, its allow list, its connections.

use std::net::Ipv4Addr;

use http::Method;
use privlink_core::transport::{Operation, encode_segment};
use privlink_core::{CloudProvider, Error, ErrorKind, Region, Result};
use serde_json::{Value, json};

use crate::allow_list::AllowListPatch;
use crate::dialect::{VENDOR, is_unknown_service};
use crate::operations::{self, OfCloud};
use crate::{Connection, ConnectionId, Consumer, PrivatelinkDetails, Service};

/// How many other regions may be named (aiven-docs, draft c14b5d5b, 2026-08).
const MOST_REGIONS: usize = 16;

/// The privatelink of a service in one cloud; made by [`Service::privatelink`].
///
/// Aiven has three sets of calls, one for each cloud, alike but for what the cloud lacks: on AWS
/// nothing is approved, on Google Cloud there is no allow list.
#[derive(Clone, Debug)]
pub struct Privatelink {
    service: Service,
    cloud: CloudProvider,
}

impl Privatelink {
    pub(crate) fn new(service: Service, cloud: CloudProvider) -> Self {
        Self { service, cloud }
    }

    /// What there is; `None` when there is none, or none any more.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such service.
    pub async fn get(&self) -> Result<Option<PrivatelinkDetails>> {
        let operation = &self.calls().get;
        let answer =
            self.service.client().get(operation, &self.service.resource(), &self.service.path(&self.path(""))).await;
        match answer {
            Ok(answer) => self.read(operation, &answer).map(Some),
            // Which words this 404 has is not known, only those of the other one.
            Err(error) if error.kind() == ErrorKind::NotFound && !is_unknown_service(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes it, with the consumers that it lets in: 1 to 16 principals on AWS, up to 16 subscriptions on Azure,
    /// none on Google Cloud. It takes minutes to become active.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when there is one already; [`ErrorKind::InvalidInput`] before any request when the
    /// list is of another cloud or of another length; [`ErrorKind::OutcomeUnknown`] when the answer was lost:
    /// look.
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
    /// use privlink_aiven::{Consumer, PrivatelinkState};
    /// use privlink_core::CloudProvider;
    ///
    /// let service = client.project("example-project".parse()?).service("orders-pg".parse()?);
    /// let role = Consumer::Principal("arn:aws:iam::123456789012:role/deploy".parse()?);
    /// let link = service.privatelink(CloudProvider::Aws).create(&[role]).await?;
    /// assert_eq!(link.state, PrivatelinkState::Creating);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create(&self, allowed: &[Consumer]) -> Result<PrivatelinkDetails> {
        let calls = self.calls();
        if let Some(stranger) = allowed.iter().find(|consumer| consumer.cloud() != self.cloud) {
            return Err(self.refused(format!("`{stranger}` is no consumer in {}", self.cloud)));
        }
        let body = match calls.list {
            Some(name) => {
                let entries: Vec<String> = allowed.iter().map(ToString::to_string).collect();
                self.check_length(entries.len())?;
                json!({ name: entries })
            }
            // Once it was refused without a body.
            None => json!({}),
        };
        let answer = self.service.write(&calls.create, Method::POST, &self.path(""), Some(body)).await?;
        self.read_written(&calls.create, &answer)
    }

    /// Starts a change of whom it lets in; entries of others stay.
    pub fn patch_allow_list(&self) -> AllowListPatch {
        AllowListPatch::new(self.clone())
    }

    /// Lets endpoints in other regions of AWS connect: in those named, and no longer in those that were named before. The
    /// service's own region is always one. At most 16, of the same partition, once Aiven's sales have enabled them
    /// for the project.
    ///
    /// No answer shows the list (aiven-docs and go-client-codegen, 2026-08): it cannot be merged with what others
    /// have named, as [the allow list](Self::patch_allow_list) is, so whoever calls this owns it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] before any request on other clouds and for more than 16;
    /// [`ErrorKind::NotFound`] when there is no privatelink; [`ErrorKind::OutcomeUnknown`] when the answer was lost.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_aiven::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .token(world.aiven().token())
    /// #     .build()?;
    /// # use privlink_core::CloudProvider;
    /// # let service = client.project("example-project".parse()?).service("orders-pg".parse()?);
    /// # let role = privlink_aiven::Consumer::Principal("arn:aws:iam::123456789012:role/deploy".parse()?);
    /// # service.privatelink(CloudProvider::Aws).create(&[role]).await?;
    /// service.privatelink(CloudProvider::Aws).set_supported_regions(&["us-west-2".parse()?]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn set_supported_regions(&self, regions: &[Region]) -> Result<PrivatelinkDetails> {
        let operation = match &self.calls().update {
            Some(operation) if self.cloud == CloudProvider::Aws => operation,
            _ => return Err(self.refused(format!("in {} an endpoint's region is not asked for", self.cloud))),
        };
        if regions.len() > MOST_REGIONS {
            let many = regions.len();
            return Err(self.refused(format!("{many} regions, and at most {MOST_REGIONS} may be named")));
        }
        let body = json!({ "supported_regions": regions });
        let answer = self.service.write(operation, Method::PUT, &self.path(""), Some(body)).await?;
        self.read_written(operation, &answer)
    }

    /// Deletes it, for everybody: all endpoints are cut off, and their connections go with it. It answers as
    /// `deleting` for a while, and is gone when [`get`](Self::get) says so.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none; [`ErrorKind::Conflict`] while something depends on it;
    /// [`ErrorKind::OutcomeUnknown`] when the answer was lost: look.
    pub async fn delete(&self) -> Result<()> {
        self.service.write(&self.calls().delete, Method::DELETE, &self.path(""), None).await.map(drop)
    }

    /// Asks Aiven to look at the cloud again. Azure and Google tell it of nothing: without this a
    /// new endpoint is never listed. What it finds shows in a later list.
    ///
    /// # Errors
    /// As for every call.
    pub async fn refresh(&self) -> Result<()> {
        self.service.write(&self.calls().refresh, Method::POST, &self.path("/refresh"), None).await.map(drop)
    }

    /// The endpoints that are connected, or want to be.
    ///
    /// # Errors
    /// When the list cannot be fetched. A connection that cannot be read is one `Err` in the list.
    pub async fn connections(&self) -> Result<Vec<Result<Connection>>> {
        let operation = &self.calls().connections;
        let resource = self.service.resource();
        let path = self.service.path(&self.path("/connections"));
        let answer = self.service.client().get(operation, &resource, &path).await?;
        let read = |item: &Value| Connection::from_json(self.cloud, item);
        self.service.client().items(operation, &resource, &answer, "connections", read)
    }

    /// Approves a connection. On Google Cloud it takes the endpoint's address, for good: it can be
    /// neither changed nor taken back. On Azure it takes none yet; see [`set_address`](Self::set_address).
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] unless it waits for approval and the privatelink is active;
    /// [`ErrorKind::InvalidInput`] on AWS, where nothing is approved, and where the address is missing or too
    /// much; [`ErrorKind::OutcomeUnknown`] when the answer was lost: look.
    pub async fn approve(&self, connection: &ConnectionId, address: Option<Ipv4Addr>) -> Result<Connection> {
        let Some(operation) = &self.calls().approve else {
            return Err(self.refused("on AWS connections are not approved: whoever is on the list may connect"));
        };
        let body = match (self.cloud, address) {
            (CloudProvider::Gcp, Some(address)) => Some(json!({ "user_ip_address": address.to_string() })),
            (CloudProvider::Gcp, None) => return Err(self.refused("the endpoint's address goes with the approval")),
            (_, Some(_)) => return Err(self.refused("the endpoint's address comes after the approval, by itself")),
            (_, None) => None,
        };
        let path = self.path(&format!("/connections/{}/approve", encode_segment(connection.as_str())));
        let answer = self.service.write(operation, Method::POST, &path, body).await?;
        self.connection(operation, &answer)
    }

    /// Tells the address of an approved endpoint on Azure, for which Aiven then publishes its names.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] before Azure shows it connected; [`ErrorKind::InvalidInput`] on other clouds.
    pub async fn set_address(&self, connection: &ConnectionId, address: Ipv4Addr) -> Result<Connection> {
        let Some(operation) = &self.calls().set_address else {
            return Err(self.refused(format!("addresses of endpoints cannot be changed in {}", self.cloud)));
        };
        let path = self.path(&format!("/connections/{}", encode_segment(connection.as_str())));
        let body = json!({ "user_ip_address": address.to_string() });
        let answer = self.service.write(operation, Method::PUT, &path, Some(body)).await?;
        self.connection(operation, &answer)
    }

    /// Sends a whole list, which replaces the one that is there.
    pub(crate) async fn replace(&self, entries: &[String]) -> Result<PrivatelinkDetails> {
        let calls = self.calls();
        let (Some(operation), Some(name)) = (&calls.update, calls.list) else {
            return Err(self.refused("on Google Cloud there is no list of consumers"));
        };
        self.check_length(entries.len())?;
        let answer = self.service.write(operation, Method::PUT, &self.path(""), Some(json!({ name: entries }))).await?;
        self.read_written(operation, &answer)
    }

    pub(crate) fn cloud(&self) -> CloudProvider {
        self.cloud
    }

    pub(crate) fn refused(&self, text: impl Into<String>) -> Error {
        Error::invalid(text.into()).with_vendor(VENDOR).with_resource(self.service.resource())
    }

    fn calls(&self) -> &'static OfCloud {
        operations::of(self.cloud)
    }

    fn path(&self, rest: &str) -> String {
        format!("/privatelink/{}{rest}", self.calls().word)
    }

    /// What the vendor would refuse; told here by the numbers.
    fn check_length(&self, entries: usize) -> Result<()> {
        let (least, most) = self.service.client().facts().allowed(self.cloud);
        if (least..=most).contains(&entries) {
            return Ok(());
        }
        Err(self.refused(format!("the list would have {entries} entries, and may have {least} to {most}")))
    }

    fn read(&self, operation: &Operation, answer: &Value) -> Result<PrivatelinkDetails> {
        PrivatelinkDetails::from_json(self.cloud, answer).map_err(|error| self.service.about(operation, error))
    }

    /// What was answered with success has happened, whatever else was said.
    fn read_written(&self, operation: &Operation, answer: &Value) -> Result<PrivatelinkDetails> {
        self.read(operation, answer).map_err(|error| error.with_kind(ErrorKind::OutcomeUnknown))
    }

    fn connection(&self, operation: &Operation, answer: &Value) -> Result<Connection> {
        Connection::from_json(self.cloud, answer)
            .map_err(|error| self.service.about(operation, error.with_kind(ErrorKind::OutcomeUnknown)))
    }
}
