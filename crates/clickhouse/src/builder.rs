//! How a client is built.

use std::fmt;
use std::sync::Arc;

use privlink_core::transport::{Budget, CallEvent, Caller, CallerBuilder, Deadlines, Observer, RetryPolicy, Transport};
use privlink_core::{Clock, Error, Result, SecretString, SystemClock};
use url::Url;

use crate::OrganizationId;
use crate::client::{Client, Parts};
use crate::credential::Credential;
use crate::dialect::{ClickHouseDialect, VENDOR};
use crate::facts::Facts;

/// The vendor's public address.
const BASE_URL: &str = "https://api.clickhouse.cloud";

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
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when there are no credentials, or the address cannot be
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
        Ok(Client::assemble(Parts { caller, open, base, organization: self.organization, facts: self.facts, identity }))
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
