use std::fmt;
use std::sync::Arc;

use http::HeaderValue;

use super::{Caller, CallerBuilder, Deadlines, Dialect, Observer, RetryPolicy, Transport};
use crate::{Clock, Result, SystemClock};

/// What every client's builder takes alike: the way out, the clock, and how calls are tried,
/// bounded and watched. A builder holds one, offers its setters with
/// [`client_setters!`](crate::client_setters), and turns it into a [`Caller`] for each API it calls.
///
/// # Examples
/// The whole builder of a small client:
///
/// ```
/// use privlink_core::transport::{BaseUrl, BasicAuth, Caller, ClientOptions, Transport};
/// use privlink_core::{Error, Result, SecretString};
/// # use privlink_core::transport::{Dialect, Failure, Limits, Operation, TransportError};
/// # #[derive(Debug)] struct Example;
/// # impl Dialect for Example {
/// #     fn vendor(&self) -> &'static str { "Example Cloud" }
/// #     fn judge(&self, _: &Operation, _: &http::Response<bytes::Bytes>) -> Option<Failure> { None }
/// # }
/// # #[derive(Debug)] struct Nowhere;
/// # impl Transport for Nowhere {
/// #     fn send(&self, _: http::Request<bytes::Bytes>, _: Limits)
/// #         -> privlink_core::BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> { unreachable!() }
/// # }
///
/// #[derive(Debug)]
/// pub struct Client {
///     caller: Caller,
///     base: BaseUrl,
/// }
///
/// #[must_use]
/// pub struct ClientBuilder {
///     options: ClientOptions,
///     base: String,
///     key: Option<(String, SecretString)>,
/// }
///
/// impl Client {
///     pub fn over(transport: impl Transport + 'static) -> ClientBuilder {
///         let options = ClientOptions::over(transport); // `Client::builder()` has `ClientOptions::real()`
///         ClientBuilder { options, base: "https://api.example.com".into(), key: None }
///     }
/// }
///
/// impl ClientBuilder {
///     privlink_core::client_setters!(options);
///
///     pub fn base_url(mut self, url: impl Into<String>) -> Self {
///         self.base = url.into();
///         self
///     }
///
///     pub fn api_key(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
///         self.key = Some((id.into(), secret.into()));
///         self
///     }
///
///     pub fn build(self) -> Result<Client> {
///         let base: BaseUrl = self.base.parse()?;
///         let (id, secret) = self.key.ok_or_else(|| Error::invalid("no credentials: give `api_key(id, secret)`"))?;
///         let caller = self.options.caller(Example)?.authorize(BasicAuth::new(id, &secret)?).build();
///         Ok(Client { caller, base })
///     }
/// }
///
/// let client = Client::over(Nowhere)
///     .api_key("key-id", "key-secret")
///     .observe(|event| eprintln!("{event}"))
///     .build()?;
/// assert_eq!(client.base.as_str(), "https://api.example.com");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
#[must_use]
#[non_exhaustive]
pub struct ClientOptions {
    /// The way out; an `Err` where the real transport could not be set up and no other was given.
    pub transport: Result<Arc<dyn Transport>>,
    /// Deadlines, waits, signatures and expiry go by it.
    pub clock: Arc<dyn Clock>,
    /// How often and how far apart calls are tried.
    pub retry: RetryPolicy,
    /// How long calls may take.
    pub deadlines: Deadlines,
    /// The most bytes of an answer; `None` is what [`Caller`] has.
    pub body_limit: Option<usize>,
    /// Hears every wait and every attempt.
    pub observer: Option<Arc<dyn Observer>>,
    /// What the client calls itself; `None` is what [`Caller`] has.
    pub user_agent: Option<HeaderValue>,
}

impl ClientOptions {
    /// Defaults over `transport`, on the machine's clock.
    pub fn over(transport: impl Transport + 'static) -> Self {
        Self::from_transport(Ok(Arc::new(transport)))
    }

    /// Defaults over the real transport. What is wrong with the machine's settings shows in
    /// [`ClientOptions::caller`], unless another transport is given before.
    #[cfg(feature = "reqwest")]
    pub fn real() -> Self {
        Self::from_transport(super::ReqwestTransport::new().map(|transport| Arc::new(transport) as _))
    }

    /// A caller of the API that speaks `dialect`, with these options; credentials and budget are
    /// still to be given. One client may have several: they share transport, clock and observer.
    ///
    /// # Errors
    /// What kept the real transport from being set up.
    pub fn caller(&self, dialect: impl Dialect + 'static) -> Result<CallerBuilder> {
        let mut caller = Caller::builder(dialect, self.transport.clone()?, Arc::clone(&self.clock))
            .retry(self.retry.clone())
            .deadlines(self.deadlines);
        if let Some(bytes) = self.body_limit {
            caller = caller.body_limit(bytes);
        }
        if let Some(observer) = &self.observer {
            caller = caller.observe_shared(Arc::clone(observer));
        }
        if let Some(agent) = &self.user_agent {
            caller = caller.user_agent(agent.clone());
        }
        Ok(caller)
    }

    fn from_transport(transport: Result<Arc<dyn Transport>>) -> Self {
        Self {
            transport,
            clock: Arc::new(SystemClock::new()),
            retry: RetryPolicy::default(),
            deadlines: Deadlines::default(),
            body_limit: None,
            observer: None,
            user_agent: None,
        }
    }
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientOptions")
            .field("transport", &self.transport)
            .field("clock", &self.clock)
            .field("retry", &self.retry)
            .field("deadlines", &self.deadlines)
            .field("observed", &self.observer.is_some())
            .finish_non_exhaustive()
    }
}

/// The setters that every client's builder has, over its field of
/// [`ClientOptions`](crate::transport::ClientOptions): `transport`, `clock`, `retry`, `deadlines`,
/// `body_limit`, `observe`, `observe_shared` and `user_agent`.
///
/// Stands in the builder's `impl` block: `privlink_core::client_setters!(options);`.
#[macro_export]
macro_rules! client_setters {
    ($options:ident) => {
        /// Sends through another transport: the simulator's, or your own.
        pub fn transport(mut self, transport: impl $crate::transport::Transport + 'static) -> Self {
            self.$options.transport = Ok(::std::sync::Arc::new(transport));
            self
        }

        /// Goes by another clock than the machine's: signatures, expiry, deadlines and waits.
        pub fn clock(mut self, clock: ::std::sync::Arc<dyn $crate::Clock>) -> Self {
            self.$options.clock = clock;
            self
        }

        /// Sets how often and how far apart calls are tried. Whether a call may be tried again
        /// at all is no matter of policy: each operation declares it.
        pub fn retry(mut self, policy: $crate::transport::RetryPolicy) -> Self {
            self.$options.retry = policy;
            self
        }

        /// Sets how long calls may take.
        pub fn deadlines(mut self, deadlines: $crate::transport::Deadlines) -> Self {
            self.$options.deadlines = deadlines;
            self
        }

        /// Sets the most bytes of an answer; 16 MiB unless set.
        pub fn body_limit(mut self, bytes: usize) -> Self {
            self.$options.body_limit = Some(bytes);
            self
        }

        /// Tells `observer` of every wait and every attempt.
        pub fn observe(self, observer: impl Fn(&$crate::transport::CallEvent<'_>) + Send + Sync + 'static) -> Self {
            self.observe_shared(::std::sync::Arc::new(observer))
        }

        /// Tells `observer`, shared with other clients, of every wait and every attempt.
        pub fn observe_shared(mut self, observer: ::std::sync::Arc<dyn $crate::transport::Observer>) -> Self {
            self.$options.observer = Some(observer);
            self
        }

        /// Sets the user agent; `privlink/<version>` unless set.
        pub fn user_agent(mut self, agent: $crate::transport::HeaderValue) -> Self {
            self.$options.user_agent = Some(agent);
            self
        }
    };
}
