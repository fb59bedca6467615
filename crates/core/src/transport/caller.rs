use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::header::HeaderValue;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use serde::de::DeserializeOwned;
use tracing::Instrument;

use super::call::Call;
use super::scrub::Scrub;
use super::{
    Authorize, Budget, CallEvent, Deadlines, Dialect, Observer, Operation, RateLimiter, RetryPolicy, Transport,
    decode_json, guard,
};
#[cfg(doc)]
use crate::ErrorKind;
use crate::{Clock, Error, Result};

/// The most bytes of an answer unless set: far above any answer of these APIs.
const BODY: usize = 16 << 20;
const AGENT: HeaderValue = HeaderValue::from_static(concat!("privlink/", env!("CARGO_PKG_VERSION")));

/// Calls one API: the transport with all layers on top. Cheap to clone; clones share the
/// limiter and the credentials.
///
/// From the outside in: trace → retry → rate limit → authorize → per-try timeout →
/// [`Transport`]. Every attempt spends budget, is authorized anew and has its own timeout,
/// which covers the fetching of a token too.
#[derive(Clone)]
pub struct Caller {
    inner: Arc<Inner>,
}

/// Builds a [`Caller`].
#[must_use]
pub struct CallerBuilder {
    inner: Inner,
    budget: Option<(String, Budget)>,
}

pub(super) struct Inner {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) dialect: Arc<dyn Dialect>,
    pub(super) authorize: Option<Arc<dyn Authorize>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limiter: Option<RateLimiter>,
    pub(super) retry: RetryPolicy,
    pub(super) deadlines: Deadlines,
    pub(super) body: usize,
    pub(super) observer: Option<Arc<dyn Observer>>,
    pub(super) agent: HeaderValue,
    /// The origin of the first request: found to be one that credentials may travel to.
    origin: OnceLock<(Scheme, Authority)>,
}

impl Caller {
    /// A caller of the API that speaks `dialect`, over `transport`, on `clock`.
    pub fn builder(
        dialect: impl Dialect + 'static,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> CallerBuilder {
        CallerBuilder {
            inner: Inner {
                transport,
                dialect: Arc::new(dialect),
                authorize: None,
                clock,
                limiter: None,
                retry: RetryPolicy::default(),
                deadlines: Deadlines::default(),
                body: BODY,
                observer: None,
                agent: AGENT,
                origin: OnceLock::new(),
            },
            budget: None,
        }
    }

    /// Calls `operation` on `resource` with `request`, whose URI is absolute; `resource` is what
    /// errors name, and may be empty.
    ///
    /// Ends within the deadlines, whatever the other side does. Dropping the future ends it at
    /// once, also in the middle of a write.
    ///
    /// # Errors
    /// When the call failed for good; the error names operation and resource.
    /// [`ErrorKind::OutcomeUnknown`] when a write may have happened: read before anything else.
    /// [`ErrorKind::RateLimited`] with [`Error::retry_after`] when the other side asked for a
    /// longer wait than the deadline leaves. [`ErrorKind::InvalidInput`] for plain http to any
    /// host but this machine.
    pub async fn call(
        &self,
        operation: &Operation,
        resource: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>> {
        let inner = &*self.inner;
        let call = Call { inner, operation, resource };
        // Layer: trace.
        let span = tracing::debug_span!(
            "call",
            vendor = inner.dialect.vendor(),
            operation = operation.name,
            resource = &*call.shown()
        );
        call.run(request).instrument(span).await
    }

    /// Like [`Caller::call`], and reads the answer's body as JSON.
    ///
    /// # Errors
    /// As [`Caller::call`]; [`ErrorKind::UnexpectedResponse`] when the body is not a `T`.
    pub async fn call_json<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        resource: &str,
        request: Request<Bytes>,
    ) -> Result<T> {
        let response = self.call(operation, resource, request).await?;
        self.read_json(&response).map_err(|error| Call { inner: &self.inner, operation, resource }.name(error, 0))
    }

    /// As [`decode_json`]; what the answer echoes of the credentials is not in the error.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when the body is not a `T`.
    pub fn read_json<T: DeserializeOwned>(&self, response: &Response<Bytes>) -> Result<T> {
        decode_json(response).map_err(|error| {
            let scrub = self.inner.secrets();
            scrub.error(match scrub.answer(response) {
                Some(clean) => decode_json::<T>(&clean).err().unwrap_or(error.with_body(b"")),
                None => error,
            })
        })
    }

    /// `error`, found in reading an answer, with nothing of the credentials in any rendering: the
    /// answer may have echoed them where an id was due. Errors of calls are clean already.
    #[must_use]
    pub fn scrub(&self, error: Error) -> Error {
        self.inner.secrets().error(error)
    }

    /// The clock the layers use.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// The limiter, if there is one.
    #[must_use]
    pub fn limiter(&self) -> Option<&RateLimiter> {
        self.inner.limiter.as_ref()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.describe(f.debug_struct("Caller"))
    }
}

impl CallerBuilder {
    /// Sets who authorizes requests; an `Arc` of one is one too, and shares it.
    pub fn authorize(self, authorize: impl Authorize + 'static) -> Self {
        self.authorize_shared(Arc::new(authorize))
    }

    /// Sets who authorizes requests, shared with other callers: one token cache for many.
    pub fn authorize_shared(mut self, authorize: Arc<dyn Authorize>) -> Self {
        self.inner.authorize = Some(authorize);
        self
    }

    /// Keeps within `budget`, counted together with every caller in the process that uses the
    /// same credentials at `scope`, the API's base URL.
    pub fn budget(mut self, scope: impl Into<String>, budget: Budget) -> Self {
        self.budget = Some((scope.into(), budget));
        self
    }

    /// Keeps within the budget of `limiter`; overrules [`CallerBuilder::budget`].
    pub fn limiter(mut self, limiter: RateLimiter) -> Self {
        self.inner.limiter = Some(limiter);
        self
    }

    /// Sets how often and how far apart calls are tried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.inner.retry = policy;
        self
    }

    /// Sets how long calls may take.
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.inner.deadlines = deadlines;
        self
    }

    /// Sets the most bytes of an answer; 16 MiB unless set.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.inner.body = bytes;
        self
    }

    /// Tells `observer` of every wait and every attempt.
    pub fn observe(self, observer: impl Fn(&CallEvent<'_>) + Send + Sync + 'static) -> Self {
        self.observe_shared(Arc::new(observer))
    }

    /// Tells `observer`, shared with other callers, of every wait and every attempt.
    pub fn observe_shared(mut self, observer: Arc<dyn Observer>) -> Self {
        self.inner.observer = Some(observer);
        self
    }

    /// Sets the user agent; `privlink/<version>` unless set.
    pub fn user_agent(mut self, agent: HeaderValue) -> Self {
        self.inner.agent = agent;
        self
    }

    /// The caller.
    #[must_use]
    pub fn build(self) -> Caller {
        let mut inner = self.inner;
        if let (None, Some((scope, budget))) = (&inner.limiter, &self.budget) {
            let identity = inner.authorize.as_ref().map(|authorize| authorize.identity()).unwrap_or_default();
            inner.limiter = Some(RateLimiter::shared(scope, &identity, *budget, &inner.clock));
        }
        Caller { inner: Arc::new(inner) }
    }
}

impl fmt::Debug for CallerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.describe(f.debug_struct("CallerBuilder"))
    }
}

impl Inner {
    /// As [`guard::check`]; nearly every request goes to the origin of the first.
    pub(super) fn check(&self, uri: &Uri) -> Result<()> {
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else { return guard::check(uri) };
        let known = self.origin.get().is_some_and(|known| known.0 == *scheme && known.1.as_str() == authority.as_str());
        if !known {
            guard::check(uri)?;
            self.origin.get_or_init(|| (scheme.clone(), authority.clone()));
        }
        Ok(())
    }

    pub(super) fn secrets(&self) -> Scrub<'_> {
        Scrub::of(self.authorize.as_deref(), &http::HeaderMap::new())
    }

    fn describe(&self, mut f: fmt::DebugStruct<'_, '_>) -> fmt::Result {
        f.field("vendor", &self.dialect.vendor())
            .field("transport", &self.transport)
            .field("authorize", &self.authorize)
            .field("limiter", &self.limiter)
            .field("retry", &self.retry)
            .field("deadlines", &self.deadlines)
            .finish_non_exhaustive()
    }
}
