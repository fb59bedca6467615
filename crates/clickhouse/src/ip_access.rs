//! The IP access list of a service: who may use its public endpoints.

use privlink_core::Result;

use crate::delta::{Delta, DeltaList, Entry, PatchOutcome, converge, delta};
use crate::{Client, IpAccessEntry, Service, wire};

/// The IP access list of a service; made by [`Service::ip_access_list`].
///
/// It binds public traffic only: private endpoints pass by it.
#[derive(Clone, Debug)]
pub struct IpAccessList {
    service: Service,
}

impl IpAccessList {
    pub(crate) fn new(service: Service) -> Self {
        Self { service }
    }

    /// The entries; none means that nobody has public access.
    ///
    /// # Errors
    /// When the service cannot be read.
    pub async fn list(&self) -> Result<Vec<IpAccessEntry>> {
        Ok(self.service.details().await?.ip_access_list()?.to_vec())
    }

    /// Starts a change: what to add, what to remove.
    pub fn patch(&self) -> IpAccessPatch {
        IpAccessPatch { service: self.service.clone(), add: Vec::new(), remove: Vec::new() }
    }
}

/// A change of a service's IP access list; other entries are never touched.
///
/// Entries are the same when their source is; a description alone is no difference. The list is
/// read first and only the difference is sent; when nothing differs, nothing is sent.
#[derive(Clone, Debug)]
#[must_use = "a patch does nothing until it is sent"]
pub struct IpAccessPatch {
    service: Service,
    add: Vec<IpAccessEntry>,
    remove: Vec<IpAccessEntry>,
}

impl IpAccessPatch {
    /// Lets a source in.
    #[expect(clippy::should_implement_trait, reason = "the word of the vendor's API, beside `remove`")]
    pub fn add(mut self, entry: IpAccessEntry) -> Self {
        self.add.push(entry);
        self
    }

    /// Shuts a source out.
    pub fn remove(mut self, entry: IpAccessEntry) -> Self {
        self.remove.push(entry);
        self
    }

    /// Reads the list and sends what differs.
    ///
    /// Permissions: `control-plane:service:view` and `control-plane:service:manage`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](privlink_core::ErrorKind::InvalidInput) when a source is in
    /// both lists; nothing is sent then.
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
    /// use privlink_clickhouse::IpAccessEntry;
    ///
    /// let office: IpAccessEntry = "203.0.113.0/24".parse()?;
    /// let outcome = service.ip_access_list().patch().add(office.described("office")).send().await?;
    /// assert_eq!(outcome.added[0].source(), "203.0.113.0/24");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(self) -> Result<PatchOutcome<IpAccessEntry>> {
        let wanted = delta(self.add, self.remove)?;
        if wanted.is_empty() {
            return Ok(PatchOutcome::nothing());
        }
        converge(&Sources { service: &self.service }, &wanted).await
    }
}

struct Sources<'a> {
    service: &'a Service,
}

impl DeltaList for Sources<'_> {
    type Item = IpAccessEntry;

    async fn look(&self) -> Result<Vec<IpAccessEntry>> {
        Ok(self.service.details().await?.ip_access_list()?.to_vec())
    }

    async fn send(&self, delta: &Delta<IpAccessEntry>) -> Result<Option<Vec<IpAccessEntry>>> {
        let details = send_once(self.service, delta).await?;
        Ok(details.and_then(|details| details.ip_access_list().ok().map(<[_]>::to_vec)))
    }

    fn client(&self) -> &Client {
        self.service.client()
    }
}

/// Sends the delta once.
pub(crate) async fn send_once(
    service: &Service,
    delta: &Delta<IpAccessEntry>,
) -> Result<Option<crate::ServiceDetails>> {
    let wire = |items: &[Entry<IpAccessEntry>]| items.iter().map(|entry| entry.0.to_wire()).collect();
    let patch = wire::ServicePatch {
        private_endpoint_ids: None,
        ip_access_list: Some(wire::AddRemove { remove: wire(delta.removals()), add: wire(delta.additions()) }),
    };
    service.patch(&patch).await
}
