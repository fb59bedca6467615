//! The client, how it is built, and the one place where requests are made.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE};
use privlink_core::transport::{
    Budget, CallEvent, Caller, CallerBuilder, Deadlines, Observer, Operation, RetryPolicy, Transport, decode_json,
};
use privlink_core::{Clock, Error, ErrorKind, Page, Pages, Result, SecretString, SystemClock};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::credential::Credential;
use crate::dialect::{ClickHouseDialect, VENDOR};
use crate::facts::Facts;
use crate::recent::RecentWrites;
use crate::request::RawRequest;
use crate::{
    Organization, OrganizationDetails, OrganizationId, Service, ServiceId, StaticAddresses, Whoami, operations, wire,
};

/// The vendor's public address.
pub(crate) const BASE_URL: &str = "https://api.clickhouse.cloud";

/// The control plane of ClickHouse Cloud. Cheap to clone; clones share credentials, limiter and
/// what was found out.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    /// Calls with credentials.
    caller: Caller,
    /// Calls without.
    open: Caller,
    base: Url,
    given: Option<OrganizationId>,
    found: Mutex<Option<OrganizationId>>,
    facts: Facts,
    recent: RecentWrites,
    /// Names credentials and address in keys of shared reads; never the secret.
    identity: String,
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
        ClientBuilder::new(Ok(Arc::new(transport)))
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
                    path.extend(url::form_urlencoded::byte_serialize(cursor.as_bytes()));
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
        let response = self.inner.open.call(operation, "static addresses", request).await?;
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
    /// let answer = client.request(http::Method::GET, &path)?.send().await?;
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
        &self.inner.facts
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        self.inner.caller.clock()
    }

    pub(crate) fn identity(&self) -> &str {
        &self.inner.identity
    }

    pub(crate) fn recent(&self) -> &RecentWrites {
        &self.inner.recent
    }

    /// The organization if it is known without asking.
    pub(crate) fn known_organization(&self) -> Option<OrganizationId> {
        self.inner.given.or(*self.inner.found.lock().unwrap_or_else(PoisonError::into_inner))
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
        let response = self.inner.caller.call(operation, resource, request).await?;
        let about = About { operation: operation.name, resource: resource.to_owned(), request_id: None };
        match decode_json::<wire::Envelope<T>>(&response) {
            Ok(envelope) => Ok(Answer {
                about: About { request_id: envelope.request_id, ..about },
                result: envelope.result,
                next_cursor: envelope.next_cursor,
            }),
            // A write that was answered with success has happened, whatever else was said.
            Err(error) if *method != Method::GET => Err(about.tell(error.with_kind(ErrorKind::OutcomeUnknown))),
            Err(error) => Err(about.tell(error)),
        }
    }

    fn build_request(&self, method: &Method, path: &str, body: Option<Bytes>) -> Result<http::Request<Bytes>> {
        let base = self.inner.base.as_str().trim_end_matches('/');
        let mut request =
            http::Request::builder().method(method).uri(format!("{base}{path}")).header(ACCEPT, "application/json");
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        request
            .body(body.unwrap_or_default())
            .map_err(|error| Error::invalid("the request cannot be put together").with_source(error))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.base.as_str())
            .field("organization", &self.known_organization())
            .finish_non_exhaustive()
    }
}

/// What an answer was about, for the errors found in reading it.
#[derive(Clone, Debug)]
pub(crate) struct About {
    operation: &'static str,
    resource: String,
    request_id: Option<String>,
}

impl About {
    pub(crate) fn tell(&self, error: Error) -> Error {
        let error = error.with_vendor(VENDOR).with_operation(self.operation).with_resource(self.resource.clone());
        match &self.request_id {
            Some(id) => error.with_request_id(Some(id.clone())),
            None => error,
        }
    }
}

/// An answer out of its envelope.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    about: About,
    result: Option<T>,
    next_cursor: Option<String>,
}

impl<T> Answer<T> {
    /// The answer with its `result`, or an error that says the `what` is missing.
    pub(crate) fn required(self, what: &'static str) -> Result<Filled<T>> {
        match self.result {
            Some(result) => Ok(Filled { about: self.about, result, next_cursor: self.next_cursor }),
            None => Err(self
                .about
                .tell(Error::new(ErrorKind::UnexpectedResponse, format!("the answer lacks `result`, the {what}")))),
        }
    }

    pub(crate) fn into_parts(self) -> (Option<String>, Option<T>) {
        (self.about.request_id, self.result)
    }
}

/// An answer whose `result` is there.
#[derive(Debug)]
pub(crate) struct Filled<T> {
    pub(crate) about: About,
    pub(crate) result: T,
    next_cursor: Option<String>,
}

impl<T> Filled<T> {
    fn next_cursor(&self) -> Option<String> {
        self.next_cursor.clone()
    }

    /// The result as the public model.
    pub(crate) fn model<M: TryFrom<T, Error = Error>>(self) -> Result<M> {
        let Self { about, result, .. } = self;
        M::try_from(result).map_err(|error| about.tell(error))
    }
}

impl<T> Filled<wire::Items<T>> {
    /// The items as the public model, each on its own.
    pub(crate) fn items<M: TryFrom<T, Error = Error>>(self) -> Vec<Result<M>> {
        let Self { about, result, .. } = self;
        let read = |item: Result<T, serde_json::Error>| {
            item.map_err(|error| Error::new(ErrorKind::UnexpectedResponse, "an item cannot be read").with_source(error))
                .and_then(M::try_from)
                .map_err(|error| about.tell(error))
        };
        result.0.into_iter().map(read).collect()
    }
}

/// Builds a [`Client`].
#[must_use]
pub struct ClientBuilder {
    transport: Result<Arc<dyn Transport>>,
    credential: Option<Credential>,
    base: String,
    clock: Option<Arc<dyn Clock>>,
    organization: Option<OrganizationId>,
    facts: Facts,
    retry: RetryPolicy,
    deadlines: Deadlines,
    observer: Option<Arc<dyn Observer>>,
}

impl ClientBuilder {
    pub(crate) fn new(transport: Result<Arc<dyn Transport>>) -> Self {
        Self {
            transport,
            credential: None,
            base: BASE_URL.to_owned(),
            clock: None,
            organization: None,
            facts: Facts::default(),
            retry: RetryPolicy::default(),
            deadlines: Deadlines::default(),
            observer: None,
        }
    }

    /// Another transport: the simulator's, or your own.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Ok(Arc::new(transport));
        self
    }

    /// An API key: the usual credentials. It belongs to exactly one organization.
    pub fn api_key(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::Key { id: id.into(), secret: secret.into() });
        self
    }

    /// A bearer token of a person instead of a key. The vendor lets such tokens read; writes
    /// need an API key (vendor's command line, autumn 2026).
    pub fn bearer(mut self, token: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::Bearer(token.into()));
        self
    }

    /// Another address than `https://api.clickhouse.cloud`, with or without `/v1`. Plain
    /// `http` is taken for loopback addresses only.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base = url.into();
        self
    }

    /// Another clock than the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The organization, so that it need not be asked for.
    pub fn organization(mut self, id: OrganizationId) -> Self {
        self.organization = Some(id);
        self
    }

    /// Other facts than the dated ones built in.
    pub fn facts(mut self, facts: Facts) -> Self {
        self.facts = facts;
        self
    }

    /// How often and how far apart calls are tried. Whether a call may be tried again at all is
    /// no matter of policy: changes of lists never are, without a look in between.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How long calls may take.
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// Tells `observer` of every wait and every attempt.
    pub fn observe(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// The client. Makes no request.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when there are no credentials, or the address cannot be
    /// used.
    pub fn build(self) -> Result<Client> {
        let credential = self.credential.ok_or_else(|| {
            Error::invalid("no credentials: give `api_key(id, secret)` or `bearer(token)`").with_vendor(VENDOR)
        })?;
        let authorize = credential.authorize().map_err(|error| error.with_vendor(VENDOR))?;
        let base = base_url(&self.base)?;
        let transport = self.transport?;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let identity = format!("{} {}", base.as_str(), authorize.identity());
        let builder = || -> CallerBuilder {
            let dialect = ClickHouseDialect { margin: self.facts.rate.margin, clock: Arc::clone(&clock) };
            let mut builder = Caller::builder(dialect, Arc::clone(&transport), Arc::clone(&clock))
                .retry(self.retry.clone())
                .deadlines(self.deadlines);
            if let Some(observer) = &self.observer {
                let observer = Arc::clone(observer);
                builder = builder.observe(move |event: &CallEvent<'_>| observer.event(event));
            }
            builder
        };
        let budget = Budget::new(self.facts.rate.requests, self.facts.rate.window);
        let caller = builder().authorize_shared(authorize).budget(base.as_str(), budget).build();
        let open = builder().build();
        Ok(Client {
            inner: Arc::new(Inner {
                caller,
                open,
                base,
                given: self.organization,
                found: Mutex::new(None),
                facts: self.facts,
                recent: RecentWrites::new(Duration::from_secs(120)),
                identity,
            }),
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            // Unchecked, the address may hold a password.
            .field("base_url", &base_url(&self.base).map_or_else(|_| "unusable".to_owned(), Into::into))
            .field("credential", &self.credential)
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}

/// The address without `/v1`, checked.
fn base_url(text: &str) -> Result<Url> {
    // The text is not quoted: it could hold user name and password.
    let wrong = |rule: &'static str| Error::invalid(rule).with_vendor(VENDOR);
    let mut url = Url::parse(text.trim())
        .map_err(|error| wrong("the base URL must be like https://api.clickhouse.cloud").with_source(error))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("the base URL must not hold user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("the base URL must not hold a query or a fragment"));
    }
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong("the base URL must name a host")),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err(wrong("plain http is only taken for loopback addresses")),
        _ => return Err(wrong("the base URL must start with https://")),
    }
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/v1").unwrap_or(path).to_owned();
    url.set_path(&path);
    Ok(url)
}
