use std::fmt;
use std::sync::Arc;

use privlink_core::transport::{ClientOptions, Transport};
use privlink_core::{Clock, SubscriptionId};

use crate::api::Arm;
use crate::builder::ClientBuilder;
use crate::cloud::Cloud;
use crate::dns::PrivateDns;
use crate::ids::VirtualNetworkId;
use crate::network::Networking;
use crate::notes::Notes;
use crate::side::Network;
use crate::throttle::{Counters, Remaining};

/// Azure's resource manager, for one subscription with one credential.
///
/// Resource ids name their own subscription, so that a zone in a hub subscription is reached with
/// the same client, given the rights. Cheap to clone; clones share credentials and the gate that
/// keeps few requests under way at once.
///
/// ```
/// use privlink_azure::Client;
/// # use privlink_core::{BoxFuture, transport::{Limits, Transport, TransportError}};
/// # #[derive(Debug)] struct Nowhere;
/// # impl Transport for Nowhere {
/// #     fn send(&self, _: http::Request<bytes::Bytes>, _: Limits)
/// #         -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> { unreachable!() }
/// # }
/// # let transport = Nowhere;
/// let client = Client::over(transport, "00000000-0000-0000-0000-000000000000".parse()?)
///     .token("eyJ0.an-access-token")
///     .build()?;
/// assert_eq!(client.subscription().to_string(), "00000000-0000-0000-0000-000000000000");
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) arm: Arm,
    pub(crate) networking: Networking,
    pub(crate) private_dns: PrivateDns,
    pub(crate) subscription: SubscriptionId,
    pub(crate) cloud: Cloud,
    pub(crate) counters: Arc<Counters>,
    /// Tells this client's reads from another's in a shared memo; never a secret.
    pub(crate) scope: String,
    pub(crate) notes: Notes,
}

impl Client {
    /// A client over a transport of the caller's: the simulator, or one of its own.
    pub fn over(transport: impl Transport + 'static, subscription: SubscriptionId) -> ClientBuilder {
        ClientBuilder::new(ClientOptions::over(transport), subscription)
    }

    /// Builds a client over the real transport; what is wrong with the machine's settings shows
    /// when it is built.
    #[cfg(feature = "reqwest")]
    pub fn builder(subscription: SubscriptionId) -> ClientBuilder {
        ClientBuilder::new(ClientOptions::real(), subscription)
    }

    /// A client over the real transport with what the environment says: the subscription as
    /// [`subscription_from_env`](crate::subscription_from_env) reads it, one token in
    /// `AZURE_ACCESS_TOKEN`, the cloud as [`ClientBuilder::cloud_from_env`] does.
    ///
    /// ```no_run
    /// let client = privlink_azure::Client::from_env()?;
    /// # Ok::<(), privlink_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Unauthenticated`](privlink_core::ErrorKind::Unauthenticated) when there is no token;
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when a variable is missing or wrong.
    /// The error names it.
    #[cfg(feature = "reqwest")]
    pub fn from_env() -> privlink_core::Result<Self> {
        let read = |name: &str| std::env::var(name).ok();
        Self::builder(crate::env::subscription(read)?).cloud_from_env()?.token(crate::env::token(read)?).build()
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// The subscription that lists are of, and that new things are made in.
    #[must_use]
    pub fn subscription(&self) -> SubscriptionId {
        self.inner.subscription
    }

    /// The cloud.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.inner.cloud
    }

    /// Networks, private endpoints and their interfaces.
    #[must_use]
    pub fn networking(&self) -> &Networking {
        &self.inner.networking
    }

    /// Private DNS zones, their links and records.
    #[must_use]
    pub fn private_dns(&self) -> &PrivateDns {
        &self.inner.private_dns
    }

    /// What is left of the request budgets, as the last answers said.
    #[must_use]
    pub fn remaining(&self) -> Remaining {
        self.inner.counters.now()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        self.inner.arm.clock()
    }

    /// A virtual network as the network side of a link. Its subscription need not be the client's.
    pub fn network(&self, network: VirtualNetworkId) -> Network {
        Network::new(self.clone(), network)
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
            .field("subscription", &self.inner.subscription)
            .field("cloud", &self.inner.cloud.resource_manager())
            .finish_non_exhaustive()
    }
}
