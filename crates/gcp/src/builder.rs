use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use privlink_core::transport::{Authorize, BaseUrl, Caller, ClientOptions, Deadlines, RetryPolicy, TokenSource};
use privlink_core::{Error, ProjectId, Result, SecretString};

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
///     .token("ya29.an-access-token")
///     .compute_endpoint("https://compute.example.com/compute/v1/")
///     .build()?;
/// // Plain http leaves this machine for nobody.
/// let open = Client::over(Nowhere, "example-project".parse()?).anonymous().dns_endpoint("http://10.0.0.1/");
/// assert!(open.build().is_err());
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    options: ClientOptions,
    project: ProjectId,
    credential: Option<Credential>,
    scope: String,
    compute: Option<String>,
    dns: Option<String>,
    quota_project: Option<String>,
}

impl ClientBuilder {
    privlink_core::client_setters!(options);

    pub(crate) fn new(options: ClientOptions, project: ProjectId) -> Self {
        Self {
            options,
            project,
            credential: None,
            scope: facts::SCOPE.to_owned(),
            compute: None,
            dns: None,
            quota_project: None,
        }
    }

    /// Sets one access token, which is used until it is refused: an hour as a rule.
    pub fn token(mut self, token: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::Token(token.into()));
        self
    }

    /// Sets where access tokens come from: kept, refreshed ahead of their end and after a refusal.
    /// `identity` says whose they are, and is no secret.
    pub fn token_source(mut self, source: impl TokenSource + 'static, identity: impl Into<String>) -> Self {
        self.credential = Some(Credential::Source(Arc::new(source), identity.into()));
        self
    }

    /// Sets credentials of the official `google-cloud-auth`, such as
    /// [`application_default`](crate::application_default) finds. `identity` says whose they are, and
    /// is no secret. Their scopes were given when they were made.
    ///
    /// They ask their authority by themselves, which takes a process-wide TLS provider; a program
    /// that installed none is told so at the first request.
    #[cfg(feature = "google-cloud-auth")]
    pub fn credentials(
        mut self,
        credentials: google_cloud_auth::credentials::AccessTokenCredentials,
        identity: impl Into<String>,
    ) -> Self {
        self.credential = Some(Credential::Official(credentials, identity.into()));
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
        let authorize = credential.authorize(&self.scope, &self.options.clock)?;
        let identity = authorize.as_ref().map_or_else(|| "nobody".to_owned(), |authorize| authorize.identity());
        let quota_project = self.quota_project.as_deref().map(header).transpose()?;
        let compute = endpoint::base(Service::Compute, self.compute.as_deref())?;
        let dns = endpoint::base(Service::Dns, self.dns.as_deref())?;
        let scope = format!("gcp|{identity}|{}|{compute}|{dns}", self.project);
        let api = |service: Service, base: BaseUrl| {
            // Google's waiting call holds its answer back for two minutes: it has its own time, and
            // is never tried twice.
            let patience = facts::WAIT_BLOCKS + Duration::from_secs(15);
            let mut patient = self.options.clone();
            patient.retry = RetryPolicy::never();
            patient.deadlines = Deadlines::new(patience, patience);
            let caller = caller_of(&self.options, service, authorize.as_ref())?;
            Ok::<_, Error>(Api::new(
                caller,
                caller_of(&patient, service, authorize.as_ref())?,
                base,
                quota_project.clone(),
            ))
        };
        Ok(Client::from_inner(Inner {
            compute: Compute::new(api(Service::Compute, compute)?, self.project.clone()),
            dns: Dns::new(api(Service::Dns, dns)?, self.project.clone()),
            project: self.project.clone(),
            clock: Arc::clone(&self.options.clock),
            scope,
            notes: crate::notes::Notes::default(),
        }))
    }
}

fn caller_of(options: &ClientOptions, service: Service, authorize: Option<&Arc<dyn Authorize>>) -> Result<Caller> {
    let caller = options.caller(service)?;
    Ok(match authorize {
        Some(authorize) => caller.authorize_shared(Arc::clone(authorize)).build(),
        None => caller.build(),
    })
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
