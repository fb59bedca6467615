//! The allow list of a service: the patch, and attaching with a description.

use privlink_core::{CloudProvider, Error, ErrorKind, Patch, PrivateEndpointId, Result};
use serde::Serialize;

use crate::delta::{Delta, DeltaList, Entry, PatchOutcome, converge, delta, lost, worth_a_look};
use crate::{Client, ListedEndpoint, Registration, Service, ServiceDetails, operations, wire};

/// The allow list of a service; made by [`Service::private_endpoints`].
#[derive(Clone, Debug)]
pub struct PrivateEndpoints {
    service: Service,
}

impl PrivateEndpoints {
    pub(crate) fn new(service: Service) -> Self {
        Self { service }
    }

    /// The entries, junk included.
    ///
    /// # Errors
    /// When the service cannot be read.
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
    /// world.clickhouse().attach_text(service.id().uuid(), "arn:aws:junk");
    /// let listed = service.private_endpoints().list().await?;
    /// assert!(listed[0].id().is_err(), "the vendor stores any text");
    /// service.private_endpoints().patch().remove(listed[0].clone()).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(&self) -> Result<Vec<ListedEndpoint>> {
        Ok(self.service.details().await?.private_endpoints()?.cloned().collect())
    }

    /// The entries that are ids, to compare with the wanted ones; junk is left out, so a patch
    /// between the two never touches it.
    ///
    /// # Errors
    /// When the service cannot be read.
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
    /// use privlink_core::{Patch, PrivateEndpointId};
    ///
    /// let wanted: [PrivateEndpointId; 1] = ["vpce-0a1b2c3d4e5f67890".parse()?];
    /// let list = service.private_endpoints();
    /// let patch = Patch::between(&list.ids().await?, &wanted);
    /// list.patch().with(patch).send().await?;
    /// assert_eq!(list.ids().await?, wanted);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ids(&self) -> Result<Vec<PrivateEndpointId>> {
        Ok(self.list().await?.iter().filter_map(|entry| entry.id().ok().cloned()).collect())
    }

    /// The endpoints the organization knows and this service could allow.
    ///
    /// # Errors
    /// When the service cannot be read.
    pub async fn available(&self) -> Result<Vec<ListedEndpoint>> {
        Ok(self.service.details().await?.available_private_endpoints()?.cloned().collect())
    }

    /// Starts a change: what to add, what to remove.
    pub fn patch(&self) -> EndpointsPatch {
        EndpointsPatch { service: self.service.clone(), add: Vec::new(), remove: Vec::new() }
    }

    /// Allows one endpoint by the call that takes a description and needs the least permission
    /// (`control-plane:service:manage-private-endpoints`). There is no such call to take it back: that is
    /// [`PrivateEndpoints::patch`].
    pub fn attach(&self, endpoint: impl Into<PrivateEndpointId>) -> Attach {
        Attach { service: self.service.clone(), endpoint: endpoint.into(), description: None }
    }
}

/// A change of a service's allow list; other entries are never touched.
///
/// Removals take effect before additions, in one request. An id in both is refused,
/// duplicates are dropped. The list is read first and only the difference is sent; when nothing
/// differs, nothing is sent.
#[derive(Clone, Debug)]
#[must_use = "a patch does nothing until it is sent"]
pub struct EndpointsPatch {
    service: Service,
    add: Vec<ListedEndpoint>,
    remove: Vec<ListedEndpoint>,
}

impl EndpointsPatch {
    /// Allows an endpoint. Only a well-formed id can be added.
    #[expect(clippy::should_implement_trait, reason = "the word of the vendor's API, beside `remove`")]
    pub fn add(mut self, endpoint: impl Into<PrivateEndpointId>) -> Self {
        self.add.push(endpoint.into().into());
        self
    }

    /// Disallows an endpoint: an id, or an entry as it was read from the list, junk included.
    pub fn remove(mut self, endpoint: impl Into<ListedEndpoint>) -> Self {
        self.remove.push(endpoint.into());
        self
    }

    /// Takes over a patch as a whole: [`Patch::between`] makes one of two lists.
    pub fn with(mut self, patch: Patch<PrivateEndpointId>) -> Self {
        let (add, remove) = patch.into_parts();
        self.add.extend(add.into_iter().map(Into::into));
        self.remove.extend(remove.into_iter().map(Into::into));
        self
    }

    /// Reads the list and sends what differs.
    ///
    /// A write whose answer was lost, or that was refused because somebody else made the same
    /// change meanwhile, is settled by reading the list again.
    ///
    /// Permissions: `control-plane:service:view` and `control-plane:service:manage`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when an id is in both lists or of another cloud than the
    /// service; nothing is sent then.
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
    /// use privlink_core::VpcEndpointId;
    ///
    /// let endpoint: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
    /// let stale: VpcEndpointId = "vpce-0fedcba9876543210".parse()?;
    /// let patch = || service.private_endpoints().patch().add(endpoint.clone()).remove(stale.clone());
    ///
    /// let outcome = patch().send().await?;
    /// assert_eq!(outcome.added.len(), 1);
    /// assert_eq!(outcome.already_gone.len(), 1, "it was not there, so nothing was sent for it");
    /// assert!(!patch().send().await?.changed(), "a second run changes nothing");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(self) -> Result<PatchOutcome<ListedEndpoint>> {
        let wanted = delta(self.add, self.remove)?;
        if wanted.is_empty() {
            return Ok(PatchOutcome::nothing());
        }
        converge(&AllowList { service: &self.service, wanted: &wanted }, &wanted).await
    }
}

/// The allow list as the patch machinery sees it.
struct AllowList<'a> {
    service: &'a Service,
    wanted: &'a Delta<ListedEndpoint>,
}

impl DeltaList for AllowList<'_> {
    type Item = ListedEndpoint;

    async fn look(&self) -> Result<Vec<ListedEndpoint>> {
        let details = self.service.details().await?;
        check_cloud(&details, self.wanted.additions())?;
        Ok(details.private_endpoints()?.cloned().collect())
    }

    async fn send(&self, delta: &Delta<ListedEndpoint>) -> Result<Option<Vec<ListedEndpoint>>> {
        let details = send_once(self.service, delta).await?;
        Ok(details.and_then(|details| Some(details.private_endpoints().ok()?.cloned().collect())))
    }

    fn acknowledged(&self, delta: &Delta<ListedEndpoint>) -> bool {
        let (client, id) = (self.service.client(), self.service.id().uuid());
        let now = client.clock().now();
        delta.additions().iter().all(|item| client.recent().awaits(id, item.0.as_str(), true, now))
            && delta.removals().iter().all(|item| client.recent().awaits(id, item.0.as_str(), false, now))
    }

    fn client(&self) -> &Client {
        self.service.client()
    }
}

/// Sends the delta once and notes that it was acknowledged.
pub(crate) async fn send_once(service: &Service, delta: &Delta<ListedEndpoint>) -> Result<Option<ServiceDetails>> {
    fn texts(items: &[Entry<ListedEndpoint>]) -> Vec<&str> {
        items.iter().map(|item| item.0.as_str()).collect()
    }
    let patch = wire::ServicePatch {
        private_endpoint_ids: Some(wire::AddRemove { remove: texts(delta.removals()), add: texts(delta.additions()) }),
        ip_access_list: None,
    };
    let details = service.patch(&patch).await?;
    let client = service.client();
    let now = client.clock().now();
    for (items, present) in [(delta.additions(), true), (delta.removals(), false)] {
        for item in items {
            client.recent().note(service.id().uuid(), item.0.as_str(), present, now);
        }
    }
    Ok(details)
}

/// Refuses ids of another cloud than the service's.
fn check_cloud(details: &ServiceDetails, add: &[Entry<ListedEndpoint>]) -> Result<()> {
    for item in add {
        if let (Ok(id), Some(cloud)) = (item.0.id(), details.provider.cloud()) {
            refuse_other_cloud(id, cloud)?;
        }
    }
    Ok(())
}

fn refuse_other_cloud(id: &PrivateEndpointId, cloud: CloudProvider) -> Result<()> {
    if id.cloud() == cloud {
        return Ok(());
    }
    Err(Error::invalid(format!("`{id}` is an endpoint in {}, but the service runs in {cloud}", id.cloud()))
        .with_vendor(crate::dialect::VENDOR))
}

/// Allows one endpoint, with a description for the organization's register; made by
/// [`PrivateEndpoints::attach`].
#[derive(Clone, Debug)]
#[must_use = "nothing is attached until it is sent"]
pub struct Attach {
    service: Service,
    endpoint: PrivateEndpointId,
    description: Option<String>,
}

/// What attaching came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Attached {
    /// Attached now; with the register's entry, where the answer held a readable one.
    Now(Option<Registration>),
    /// It was attached before; the description was not touched.
    Before,
}

impl Attach {
    /// What the endpoint is, for people. The vendor keeps it with the organization. Whether it replaces the one
    /// of an endpoint that is registered already is not documented; the answer's [`Registration`] tells.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Sends it, unless the endpoint is allowed already.
    ///
    /// Permissions: `control-plane:service:manage-private-endpoints`; with `control-plane:service:view` as well, a repeated
    /// call sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the id is of another cloud than the service.
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
    /// use privlink_clickhouse::Attached;
    /// use privlink_core::VpcEndpointId;
    ///
    /// let endpoint: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
    /// let attach = || service.private_endpoints().attach(endpoint.clone()).description("orders, production");
    /// assert!(matches!(attach().send().await?, Attached::Now(Some(_))));
    /// assert_eq!(attach().send().await?, Attached::Before);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(self) -> Result<Attached> {
        match self.is_there().await {
            Ok(true) => return Ok(Attached::Before),
            Ok(false) => {}
            // A key that may attach but not look.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
            Err(error) => return Err(error),
        }
        let text = self.endpoint.to_string();
        let body = wire::Attach { id: &text, description: self.description.as_deref() };
        let path = self.service.path("/privateEndpoint").await?;
        let sent = self
            .service
            .client()
            .write::<wire::Registration>(
                &operations::ATTACH,
                &self.service.resource(),
                &http::Method::POST,
                &path,
                &body,
            )
            .await;
        match sent {
            Ok(answer) => {
                let client = self.service.client();
                client.recent().note(self.service.id().uuid(), &text, true, client.clock().now());
                let (_, entry) = answer.into_parts();
                Ok(Attached::Now(entry.and_then(|wire| Registration::try_from(wire).ok())))
            }
            Err(error) if worth_a_look(&error) => match self.is_there().await {
                Ok(true) if lost(&error) => Ok(Attached::Now(None)),
                Ok(true) => Ok(Attached::Before),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    async fn is_there(&self) -> Result<bool> {
        let details = self.service.details().await?;
        if let Some(cloud) = details.provider.cloud() {
            refuse_other_cloud(&self.endpoint, cloud)?;
        }
        details.allows(&self.endpoint)
    }
}
