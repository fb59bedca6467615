//! The client, and the one place where requests are made.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE};
use privlink_core::transport::{BaseUrl, Caller, ClientOptions, Operation, Transport, encode_segment};
use privlink_core::{Clock, Error, ErrorKind, Page, Pages, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::answer::{About, Answer};
use crate::builder::ClientBuilder;
use crate::dialect::VENDOR;
use crate::facts::Facts;
use crate::recent::RecentWrites;
use crate::request::RawRequest;
use crate::{
    Organization, OrganizationDetails, OrganizationId, Service, ServiceId, StaticAddresses, Whoami, operations, wire,
};

/// How long an acknowledged change may take to show before it is sent again.
const LAG: Duration = Duration::from_secs(120);

/// The control plane of ClickHouse Cloud. Cheap to clone; clones share credentials, limiter and
/// what was found out.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Parts,
    found: Mutex<Option<OrganizationId>>,
    recent: RecentWrites,
}

/// What a builder puts together.
pub(crate) struct Parts {
    /// Calls with credentials.
    pub(crate) caller: Caller,
    /// Calls without.
    pub(crate) open: Caller,
    /// The address without `/v1`.
    pub(crate) base: BaseUrl,
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) facts: Facts,
    /// Names credentials and address in keys of shared reads; never the secret.
    pub(crate) identity: String,
}

impl Client {
    /// Builds a client whose requests go through `transport`: the simulator's, or your own.
    ///
    /// ```
    /// use privlink_clickhouse::Client;
    ///
    /// let world = privlink_sim::World::new();
    /// let client = Client::over(world.transport()).clock(world.clock()).api_key("key id", "key secret").build()?;
    /// # let _ = client;
    /// # Ok::<_, privlink_core::Error>(())
    /// ```
    pub fn over(transport: impl Transport + 'static) -> ClientBuilder {
        ClientBuilder::new(ClientOptions::over(transport))
    }

    /// Who the credentials belong to; the cheapest check of them.
    ///
    /// Beta at the vendor, read in autumn 2026.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] when they are not accepted.
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
    /// let who = client.whoami().await?;
    /// assert_eq!(who.organization()?, world.clickhouse().organization_id().into());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn whoami(&self) -> Result<Whoami> {
        self.get::<wire::Whoami>(&operations::WHOAMI, "credentials", "/v1/whoami").await?.required("identity")?.model()
    }

    /// The organizations the credentials see, page by page; an API key sees exactly one.
    ///
    /// An organization that cannot be read is one `Err`, not the end of the list.
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
    /// let all = client.organizations().all().await?;
    /// assert_eq!(all.len(), 1, "a key sees one");
    /// # Ok(())
    /// # }
    /// ```
    pub fn organizations(&self) -> Pages<OrganizationDetails> {
        let client = self.clone();
        Pages::new(move |cursor: Option<String>| {
            let client = client.clone();
            async move {
                let mut path = "/v1/organizations".to_owned();
                if let Some(cursor) = cursor {
                    path.push_str("?cursor=");
                    path.push_str(&encode_segment(&cursor));
                }
                let answer = client
                    .get::<wire::Items<wire::Organization>>(&operations::ORGANIZATIONS, "organizations", &path)
                    .await?
                    .required("list of organizations")?;
                let next = answer.next_cursor();
                Ok(Page::new(answer.items(), next))
            }
        })
    }

    /// A handle on an organization; no request is made.
    #[must_use]
    pub fn organization(&self, id: OrganizationId) -> Organization {
        Organization::new(self.clone(), id)
    }

    /// The organization of the client: the one it was built with, otherwise the one the
    /// credentials belong to, which is asked for once.
    ///
    /// # Errors
    /// When the credentials are not accepted, or belong to no single organization.
    pub async fn own_organization(&self) -> Result<Organization> {
        Ok(self.organization(self.resolve_organization().await?))
    }

    /// A handle on a service; no request is made.
    ///
    /// Its organization is the one the client was built with, otherwise the one the
    /// credentials belong to, which is asked for once when it is first needed.
    #[must_use]
    pub fn service(&self, id: ServiceId) -> Service {
        Service::new(self.clone(), None, id)
    }

    /// The vendor's public addresses, for connections that ClickHouse makes to you. No
    /// credentials are sent.
    ///
    /// # Errors
    /// When the document cannot be fetched, or is no JSON object.
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
    /// use privlink_core::CloudProvider;
    ///
    /// let all = client.static_addresses().await?;
    /// for entry in all.of(CloudProvider::Aws, &"us-east-1".parse()?) {
    ///     println!("let in from {:?}", entry.egress);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn static_addresses(&self) -> Result<StaticAddresses> {
        let operation = &operations::STATIC_ADDRESSES;
        let request = self.build_request(&Method::GET, "/static-ips.json", None)?;
        let response = self.inner.parts.open.call(operation, "static addresses", request).await?;
        StaticAddresses::from_json(response.body())
            .map_err(|error| error.with_vendor(VENDOR).with_operation(operation.name))
    }

    /// A request this library has no method for: any path under `/v1`, with the client's
    /// credentials, limiter, retries and errors.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let key = world.clickhouse().api_key();
    /// # let client = privlink_clickhouse::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(key.id, key.secret)
    /// #     .build()?;
    /// let path = format!("/organizations/{}/activities", world.clickhouse().organization_id());
    /// let answer = client.request(privlink_clickhouse::Method::GET, &path)?.send().await?;
    /// println!("{}", answer.result);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the path does not start with a slash, climbs with `..`,
    /// or holds a query.
    pub fn request(&self, method: Method, path: &str) -> Result<RawRequest> {
        RawRequest::new(self.clone(), method, path)
    }

    /// The dated facts this client goes by.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.inner.parts.facts
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        self.inner.parts.caller.clock()
    }

    pub(crate) fn assemble(parts: Parts) -> Self {
        Self { inner: Arc::new(Inner { parts, found: Mutex::new(None), recent: RecentWrites::new(LAG) }) }
    }

    pub(crate) fn identity(&self) -> &str {
        &self.inner.parts.identity
    }

    pub(crate) fn recent(&self) -> &RecentWrites {
        &self.inner.recent
    }

    /// Whether the caller named the organization, rather than the key.
    pub(crate) fn names_organization(&self) -> bool {
        self.inner.parts.organization.is_some()
    }

    /// The organization if it is known without asking.
    pub(crate) fn known_organization(&self) -> Option<OrganizationId> {
        self.inner.parts.organization.or(*self.inner.found.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The organization, asked for once.
    pub(crate) async fn resolve_organization(&self) -> Result<OrganizationId> {
        if let Some(known) = self.known_organization() {
            return Ok(known);
        }
        let found = self.whoami().await?.organization().map_err(|error| error.with_vendor(VENDOR))?;
        *self.inner.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        Ok(found)
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        resource: &str,
        path: &str,
    ) -> Result<Answer<T>> {
        self.exchange(operation, resource, &Method::GET, path, None).await
    }

    pub(crate) async fn write<T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        resource: &str,
        method: &Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer<T>> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Error::invalid("the request could not be written as JSON").with_source(error))?;
        self.exchange(operation, resource, method, path, Some(body.into())).await
    }

    pub(crate) async fn exchange<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        resource: &str,
        method: &Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Answer<T>> {
        let request = self.build_request(method, path, body)?;
        let caller = &self.inner.parts.caller;
        let response = caller.call(operation, resource, request).await?;
        let about = About::new(caller, operation.name, resource);
        match caller.read_json::<wire::Envelope<T>>(&response) {
            Ok(envelope) => Ok(Answer::new(about, envelope)),
            // A write that was answered with success has happened, whatever else was said.
            Err(error) if *method != Method::GET => Err(about.tell(error.with_kind(ErrorKind::OutcomeUnknown))),
            Err(error) => Err(about.tell(error)),
        }
    }

    fn build_request(&self, method: &Method, path: &str, body: Option<Bytes>) -> Result<http::Request<Bytes>> {
        let uri = self.inner.parts.base.at(path, &[]);
        let mut request = http::Request::builder().method(method).uri(uri).header(ACCEPT, "application/json");
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        Ok(request.body(body.unwrap_or_default())?)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.parts.base.as_str())
            .field("organization", &self.known_organization())
            .finish_non_exhaustive()
    }
}
