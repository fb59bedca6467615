use std::fmt;
use std::sync::Arc;

use privlink_core::transport::{Authorize, Budget, CallerBuilder, ClientOptions, RetryPolicy, TokenSource};
use privlink_core::{Error, Result, SecretString, SubscriptionId};
use tokio::sync::Semaphore;

use crate::api::{self, Arm};
use crate::client::{Client, Inner};
use crate::cloud::Cloud;
use crate::credential::Credential;
use crate::dialect::{Azure, VENDOR};
use crate::dns::PrivateDns;
use crate::facts;
use crate::network::Networking;
use crate::notes::Notes;
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
///     .token("eyJ0.an-access-token")
///     .cloud(Cloud::us_government())
///     .network_api_version("2024-05-01")
///     .private_dns_api_version("2020-06-01")
///     .build()?;
/// assert_eq!(client.cloud().resource_manager(), "https://management.usgovcloudapi.net");
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    options: ClientOptions,
    subscription: SubscriptionId,
    credential: Option<Credential>,
    cloud: Cloud,
    trusted: Vec<String>,
    network_version: String,
    dns_version: String,
    concurrency: usize,
    budget: Option<Budget>,
    write_budget: Option<Budget>,
}

impl ClientBuilder {
    privlink_core::client_setters!(options);

    pub(crate) fn new(options: ClientOptions, subscription: SubscriptionId) -> Self {
        Self {
            options,
            subscription,
            credential: None,
            cloud: Cloud::public(),
            trusted: Vec::new(),
            network_version: facts::NETWORK_API_VERSION.to_owned(),
            dns_version: facts::PRIVATE_DNS_API_VERSION.to_owned(),
            concurrency: facts::CONCURRENCY,
            budget: Some(facts::REQUEST_BUDGET),
            write_budget: Some(facts::WRITE_BUDGET),
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

    /// Sets a credential of the official `azure_identity`: service principals, managed identities,
    /// workload identity, command lines. `identity` says whose it is, and is no secret.
    ///
    /// The credential talks to its authority by itself, over `https` alone; see
    /// [`identity_options`](crate::identity_options) for the transport it does so by.
    #[cfg(feature = "azure-identity")]
    pub fn credential(
        self,
        credential: Arc<dyn azure_core::credentials::TokenCredential>,
        identity: impl Into<String>,
    ) -> Self {
        self.token_source(crate::identity::Official(credential), identity)
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

    /// Sets the budget of reads that is kept for these credentials in this subscription, together
    /// with every client in the process that uses the same; `None` keeps none. 25 a second unless set.
    /// When Azure asks to wait all the same, all of them wait.
    pub fn request_budget(mut self, budget: Option<Budget>) -> Self {
        self.budget = budget;
        self
    }

    /// Sets the budget of writes and deletions, which Azure counts apart from reads; `None` keeps
    /// none. 10 a second unless set. Shared as [`ClientBuilder::request_budget`] is.
    pub fn write_budget(mut self, budget: Option<Budget>) -> Self {
        self.write_budget = budget;
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
        let scope = format!(
            "azure|{}|{}|{}|{}",
            Credential::identity(authorize.as_ref(), self.subscription),
            self.cloud.resource_manager(),
            self.network_version,
            self.dns_version
        );
        let budgets = format!("{}/subscriptions/{}", self.cloud.resource_manager(), self.subscription);
        let kept = |caller: CallerBuilder, of: &str, budget: Option<Budget>| match budget {
            Some(budget) if authorize.is_some() => caller.budget(format!("{budgets}{of}"), budget),
            _ => caller,
        };
        let caller = || self.caller(&counters, authorize.as_ref());
        let arm = Arm::new(api::Inner {
            caller: kept(caller()?, "", self.budget).build(),
            writer: kept(caller()?, "/writes", self.write_budget).build(),
            changer: caller()?.retry(RetryPolicy::never()).build(),
            anonymous: self.caller(&counters, None)?.build(),
            base: self.cloud.base().clone(),
            trusted: self.trusted.clone(),
            network_version: self.network_version.clone(),
            dns_version: self.dns_version.clone(),
            gate: Semaphore::new(self.concurrency),
        });
        Ok(Client::from_inner(Inner {
            networking: Networking::new(arm.clone(), self.subscription),
            private_dns: PrivateDns::new(arm.clone()),
            arm,
            subscription: self.subscription,
            cloud: self.cloud,
            counters,
            scope,
            notes: Notes::default(),
        }))
    }

    fn caller(&self, counters: &Arc<Counters>, authorize: Option<&Arc<dyn Authorize>>) -> Result<CallerBuilder> {
        let caller = self.options.caller(Azure { counters: Arc::clone(counters) })?;
        Ok(match authorize {
            Some(authorize) => caller.authorize_shared(Arc::clone(authorize)),
            None => caller,
        })
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
