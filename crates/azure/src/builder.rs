use std::fmt;
use std::sync::Arc;

use privlink_core::transport::{
    Authorize, CallEvent, Caller, Deadlines, Observer, RetryPolicy, TokenSource, Transport,
};
use privlink_core::{Clock, Error, Result, SecretString, SubscriptionId, SystemClock};
use tokio::sync::Semaphore;

use crate::api::{self, Arm};
use crate::client::{Client, Inner};
use crate::cloud::Cloud;
use crate::credential::Credential;
use crate::dialect::{Azure, VENDOR};
use crate::dns::PrivateDns;
use crate::facts;
use crate::network::Networking;
use crate::throttle::Counters;

/// Builds a [`Client`]. Only the credentials are required.
///
/// ```
/// use privlink_azure::{Client, Cloud};
/// # use privlink_core::{BoxFuture, transport::{Limits, Transport, TransportError}};
/// # #[derive(Debug)] struct Nowhere;
/// # impl Transport for Nowhere {
/// #     fn send(&self, _: http::Request<bytes::Bytes>, _: Limits)
/// #         -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> { unreachable!() }
/// # }
/// let client = Client::over(Nowhere, "00000000-0000-0000-0000-000000000000".parse()?)
///     .token("eyJ0.an-access-token".into())
///     .cloud(Cloud::us_government())
///     .network_api_version("2024-05-01")
///     .private_dns_api_version("2020-06-01")
///     .build()?;
/// assert_eq!(client.cloud().resource_manager(), "https://management.usgovcloudapi.net");
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    transport: Result<Arc<dyn Transport>>,
    subscription: SubscriptionId,
    credential: Option<Credential>,
    cloud: Cloud,
    trusted: Vec<String>,
    network_version: String,
    dns_version: String,
    concurrency: usize,
    clock: Arc<dyn Clock>,
    retry: RetryPolicy,
    deadlines: Deadlines,
    observer: Option<Arc<dyn Observer>>,
}

impl ClientBuilder {
    pub(crate) fn new(transport: Result<Arc<dyn Transport>>, subscription: SubscriptionId) -> Self {
        Self {
            transport,
            subscription,
            credential: None,
            cloud: Cloud::public(),
            trusted: Vec::new(),
            network_version: facts::NETWORK_API_VERSION.to_owned(),
            dns_version: facts::PRIVATE_DNS_API_VERSION.to_owned(),
            concurrency: facts::CONCURRENCY,
            clock: Arc::new(SystemClock::new()),
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

    /// Sets a credential of the official `azure_identity`: service principals, managed identities,
    /// workload identity, command lines. `identity` says whose it is, and is no secret.
    ///
    /// `azure_identity` talks to its authority on its own, over `https` alone.
    #[cfg(feature = "azure-identity")]
    pub fn credential(
        self,
        credential: Arc<dyn azure_core::credentials::TokenCredential>,
        identity: impl Into<String>,
    ) -> Self {
        self.token_source(crate::credential::identity::Official(credential), identity)
    }

    /// Sends no credentials: for a simulator, or a gateway that brings its own.
    pub fn anonymous(mut self) -> Self {
        self.credential = Some(Credential::Anonymous);
        self
    }

    /// Sets the cloud, or an address of one's own; the public cloud unless set.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// Lets credentials travel to another `https` host too, where Azure names one for a
    /// long-running operation or the next page of a list.
    pub fn trust_host(mut self, host: impl Into<String>) -> Self {
        self.trusted.push(host.into());
        self
    }

    /// Sets the version of the Network API; `2025-05-01` unless set. Sovereign clouds lag:
    /// `2024-05-01` is the cautious choice there.
    pub fn network_api_version(mut self, version: impl Into<String>) -> Self {
        self.network_version = version.into();
        self
    }

    /// Sets the version of the private DNS API; `2024-06-01` unless set. Sovereign clouds lag:
    /// `2020-06-01` is the cautious choice there.
    pub fn private_dns_api_version(mut self, version: impl Into<String>) -> Self {
        self.dns_version = version.into();
        self
    }

    /// Sets how many requests are under way at once; four unless set, and at least one.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// Sets the clock: expiry and waiting ask it.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets how often and how far apart calls are tried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets how long calls may take. A long-running operation has its own time.
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
    /// token cannot stand in a header, or a version is none; otherwise when the real transport
    /// could not be set up.
    pub fn build(self) -> Result<Client> {
        let credential = self.credential.as_ref().ok_or_else(|| {
            Error::invalid(
                "no credentials: give `token(…)`, `token_source(…)` or a `credential(…)`, or say `anonymous()`",
            )
            .with_vendor(VENDOR)
        })?;
        let authorize = credential.authorize(self.cloud.scope())?;
        for version in [&self.network_version, &self.dns_version] {
            check_version(version)?;
        }
        let counters = Arc::new(Counters::default());
        let arm = Arm::new(api::Inner {
            caller: self.caller(&counters, authorize.as_ref())?,
            anonymous: self.caller(&counters, None)?,
            base: self.cloud.base().clone(),
            trusted: self.trusted.clone(),
            network_version: self.network_version.clone(),
            dns_version: self.dns_version.clone(),
            gate: Semaphore::new(self.concurrency),
        });
        Ok(Client::from_inner(Inner {
            networking: Networking::new(arm.clone(), self.subscription),
            private_dns: PrivateDns::new(arm.clone(), self.subscription),
            arm,
            subscription: self.subscription,
            cloud: self.cloud,
            counters,
        }))
    }

    fn caller(&self, counters: &Arc<Counters>, authorize: Option<&Arc<dyn Authorize>>) -> Result<Caller> {
        let dialect = Azure { counters: Arc::clone(counters) };
        let mut caller = Caller::builder(dialect, self.transport.clone()?, Arc::clone(&self.clock))
            .retry(self.retry.clone())
            .deadlines(self.deadlines);
        if let Some(authorize) = authorize {
            caller = caller.authorize_shared(Arc::clone(authorize));
        }
        if let Some(observer) = &self.observer {
            let observer = Arc::clone(observer);
            caller = caller.observe(move |event: &CallEvent<'_>| observer.event(event));
        }
        Ok(caller.build())
    }
}

/// A version stands in every address as it is.
fn check_version(version: &str) -> Result<()> {
    let fits = (10..=30).contains(&version.len())
        && version.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && version.starts_with(|c: char| c.is_ascii_digit());
    match fits {
        true => Ok(()),
        false => {
            Err(Error::invalid("an API version looks like `2025-05-01` or `2025-05-01-preview`").with_vendor(VENDOR))
        }
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("subscription", &self.subscription)
            .field("cloud", &self.cloud.resource_manager())
            .finish_non_exhaustive()
    }
}
