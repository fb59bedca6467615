use std::fmt;
use std::sync::Arc;

use privlink_core::transport::{ClientOptions, Transport};
use privlink_core::{Clock, ProjectId};

use crate::builder::ClientBuilder;
use crate::compute::Compute;
use crate::dns::Dns;
use crate::ids::NetworkName;
use crate::notes::Notes;
use crate::side::Vpc;

/// Google Cloud in one project: Compute Engine and Cloud DNS with one set of credentials.
///
/// Cheap to clone; clones share credentials.
///
/// ```
/// use privlink_gcp::Client;
/// # use privlink_core::{BoxFuture, transport::{Limits, Transport, TransportError}};
/// # #[derive(Debug)] struct Nowhere;
/// # impl Transport for Nowhere {
/// #     fn send(&self, _: http::Request<bytes::Bytes>, _: Limits)
/// #         -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> { unreachable!() }
/// # }
/// # let transport = Nowhere;
/// let client = Client::over(transport, "example-project".parse()?).token("ya29.an-access-token").build()?;
/// assert_eq!(client.project().as_str(), "example-project");
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) project: ProjectId,
    pub(crate) compute: Compute,
    pub(crate) dns: Dns,
    pub(crate) clock: Arc<dyn Clock>,
    /// Tells this client's reads from another's in a shared memo; never a secret.
    pub(crate) scope: String,
    pub(crate) notes: Notes,
}

impl Client {
    /// A client of `project` over a transport of the caller's: the simulator, or one of its own.
    pub fn over(transport: impl Transport + 'static, project: ProjectId) -> ClientBuilder {
        ClientBuilder::new(ClientOptions::over(transport), project)
    }

    /// Builds a client of `project` over the real transport; what is wrong with the machine's
    /// settings shows when it is built.
    ///
    /// ```
    /// use privlink_gcp::Client;
    ///
    /// let client = Client::builder("example-project".parse()?).token("ya29.an-access-token").build()?;
    /// # let _ = client;
    /// # Ok::<(), privlink_core::Error>(())
    /// ```
    #[cfg(feature = "reqwest")]
    pub fn builder(project: ProjectId) -> ClientBuilder {
        ClientBuilder::new(ClientOptions::real(), project)
    }

    /// A client over the real transport as the environment describes it.
    ///
    /// | variable | what | |
    /// | --- | --- | --- |
    /// | `GOOGLE_CLOUD_PROJECT`, else `CLOUDSDK_CORE_PROJECT` | the project | required |
    /// | `GOOGLE_OAUTH_ACCESS_TOKEN`, else `CLOUDSDK_AUTH_ACCESS_TOKEN` | an access token | required |
    /// | `CLOUDSDK_AUTH_DISABLE_CREDENTIALS` | `true`: none is sent | instead of a token |
    /// | `GOOGLE_CLOUD_QUOTA_PROJECT`, else `CLOUDSDK_BILLING_QUOTA_PROJECT` | whose quota of requests is used | optional |
    /// | `CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE`, `…_DNS` | other addresses | optional |
    ///
    /// ```no_run
    /// let client = privlink_gcp::Client::from_env()?;
    /// # Ok::<(), privlink_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Unauthenticated`](privlink_core::ErrorKind::Unauthenticated) when there is no token;
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when a variable is wrong or the
    /// project is missing. The error names the variable.
    #[cfg(feature = "reqwest")]
    pub fn from_env() -> privlink_core::Result<Self> {
        Self::builder(crate::env::project_from_env()?).hosts_from_env()?.token_from_env()?.build()
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// The project: the consumer of a link.
    #[must_use]
    pub fn project(&self) -> &ProjectId {
        &self.inner.project
    }

    /// Compute Engine: networks, addresses, forwarding rules.
    #[must_use]
    pub fn compute(&self) -> &Compute {
        &self.inner.compute
    }

    /// Cloud DNS: private zones and their records.
    #[must_use]
    pub fn dns(&self) -> &Dns {
        &self.inner.dns
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// A VPC network of this project as the network side of a link; next comes
    /// [`Vpc::region`].
    pub fn network(&self, name: NetworkName) -> Vpc {
        Vpc::new(self.clone(), &name)
    }

    pub(crate) fn notes(&self) -> &Notes {
        &self.inner.notes
    }

    pub(crate) fn scope(&self) -> &str {
        &self.inner.scope
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("project", &self.inner.project.as_str())
            .field("compute", &self.inner.compute)
            .field("dns", &self.inner.dns)
            .finish_non_exhaustive()
    }
}
