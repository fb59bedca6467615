use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use privlink_core::transport::{
    Authorize, CallEvent, Caller, Deadlines, Observer, RetryPolicy, TokenSource, Transport,
};
use privlink_core::{Clock, Error, ProjectId, Result, SecretString, SystemClock};

use crate::api::Api;
use crate::client::{Client, Inner};
use crate::compute::Compute;
use crate::credential::Credential;
use crate::dns::Dns;
use crate::endpoint::{self, Service};
use crate::facts;

/// The name in errors that are about no single service.
pub(crate) const VENDOR: &str = "Google Cloud";

/// Builds a [`Client`]. Only the credentials are required.
///
/// ```
/// use privlink_gcp::Client;
/// # use privlink_core::{BoxFuture, transport::{Limits, Transport, TransportError}};
/// # #[derive(Debug)] struct Nowhere;
/// # impl Transport for Nowhere {
/// #     fn send(&self, _: http::Request<bytes::Bytes>, _: Limits)
/// #         -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> { unreachable!() }
/// # }
/// let client = Client::over(Nowhere, "example-project".parse()?)
///     .token("ya29.an-access-token".into())
///     .compute_endpoint("https://compute.example.com/compute/v1/")
///     .build()?;
/// // Plain http leaves this machine for nobody.
/// let open = Client::over(Nowhere, "example-project".parse()?).anonymous().dns_endpoint("http://10.0.0.1/");
/// assert!(open.build().is_err());
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    transport: Result<Arc<dyn Transport>>,
    project: ProjectId,
    credential: Option<Credential>,
    scope: String,
    clock: Arc<dyn Clock>,
    compute: Option<String>,
    dns: Option<String>,
    quota_project: Option<String>,
    retry: RetryPolicy,
    deadlines: Deadlines,
    observer: Option<Arc<dyn Observer>>,
}

impl ClientBuilder {
    pub(crate) fn new(transport: Result<Arc<dyn Transport>>, project: ProjectId) -> Self {
        Self {
            transport,
            project,
            credential: None,
            scope: facts::SCOPE.to_owned(),
            clock: Arc::new(SystemClock::new()),
            compute: None,
            dns: None,
            quota_project: None,
            retry: RetryPolicy::default(),
            deadlines: Deadlines::default(),
            observer: None,
        }
    }

    /// Sets another transport: the simulator's, or your own.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Ok(Arc::new(transport));
        self
    }

    /// Sets one access token, which is used until it is refused: an hour as a rule.
    pub fn token(mut self, token: SecretString) -> Self {
        self.credential = Some(Credential::Token(token));
        self
    }

    /// Sets where access tokens come from: kept, refreshed ahead of their end and after a refusal.
    /// `identity` says whose they are, and is no secret.
    pub fn token_source(mut self, source: impl TokenSource + 'static, identity: impl Into<String>) -> Self {
        self.credential = Some(Credential::Source(Arc::new(source), identity.into()));
        self
    }

    /// Sends no credentials: for a simulator, or a gateway that brings its own.
    pub fn anonymous(mut self) -> Self {
        self.credential = Some(Credential::Anonymous);
        self
    }

    /// Sets the scope that tokens are asked for; the one for everything unless set. Narrower, for
    /// both services: `https://www.googleapis.com/auth/compute
    /// https://www.googleapis.com/auth/ndev.clouddns.readwrite`.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Sets the clock: expiry and waiting ask it.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the address of Compute Engine, its version included: a test server, a private gateway,
    /// another universe. `https://compute.googleapis.com/compute/v1/` unless set.
    pub fn compute_endpoint(mut self, url: impl Into<String>) -> Self {
        self.compute = Some(url.into());
        self
    }

    /// Sets the address of Cloud DNS, without a version; `https://dns.googleapis.com/` unless set.
    pub fn dns_endpoint(mut self, url: impl Into<String>) -> Self {
        self.dns = Some(url.into());
        self
    }

    /// Sets the project whose quota of requests is used, where it is not the credentials' own.
    pub fn quota_project(mut self, project: impl Into<String>) -> Self {
        self.quota_project = Some(project.into());
        self
    }

    /// Sets how often and how far apart calls are tried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets how long calls may take. Google's waiting call, which holds its answer back for two
    /// minutes, has its own time.
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
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when there are no credentials, a
    /// token cannot stand in a header, or an address is not `https` (or `http` on this machine);
    /// otherwise when the real transport could not be set up.
    pub fn build(self) -> Result<Client> {
        let credential = self.credential.clone().ok_or_else(|| {
            Error::invalid("no credentials: give `token(…)` or `token_source(…)`, or say `anonymous()`")
                .with_vendor(VENDOR)
        })?;
        let authorize = credential.authorize(&self.scope)?;
        let identity = authorize.as_ref().map_or_else(|| "nobody".to_owned(), |authorize| authorize.identity());
        let quota_project = self.quota_project.as_deref().map(header).transpose()?;
        let compute = endpoint::base(Service::Compute, self.compute.as_deref())?;
        let dns = endpoint::base(Service::Dns, self.dns.as_deref())?;
        let transport = self.transport.clone()?;
        let scope = format!("gcp|{identity}|{}|{compute}|{dns}", self.project);
        let api = |service: Service, base| {
            let patience = facts::WAIT_BLOCKS + Duration::from_secs(15);
            let caller = self.caller(service, &transport, authorize.as_ref(), self.retry.clone(), self.deadlines);
            let patient = Deadlines::new(patience, patience);
            let patient = self.caller(service, &transport, authorize.as_ref(), RetryPolicy::never(), patient);
            Api::new(caller, patient, base, quota_project.clone())
        };
        Ok(Client::from_inner(Inner {
            compute: Compute::new(api(Service::Compute, compute), self.project.clone()),
            dns: Dns::new(api(Service::Dns, dns), self.project.clone()),
            project: self.project.clone(),
            clock: Arc::clone(&self.clock),
            scope,
            notes: crate::notes::Notes::default(),
        }))
    }

    fn caller(
        &self,
        service: Service,
        transport: &Arc<dyn Transport>,
        authorize: Option<&Arc<dyn Authorize>>,
        retry: RetryPolicy,
        deadlines: Deadlines,
    ) -> Caller {
        let mut caller =
            Caller::builder(service, Arc::clone(transport), Arc::clone(&self.clock)).retry(retry).deadlines(deadlines);
        if let Some(authorize) = authorize {
            caller = caller.authorize_shared(Arc::clone(authorize));
        }
        if let Some(observer) = &self.observer {
            let observer = Arc::clone(observer);
            caller = caller.observe(move |event: &CallEvent<'_>| observer.event(event));
        }
        caller.build()
    }
}

fn header(project: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(project.trim()).map_err(|error| {
        Error::invalid("the quota project holds characters that cannot stand in a header").with_source(error)
    })
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("project", &self.project.as_str())
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}
