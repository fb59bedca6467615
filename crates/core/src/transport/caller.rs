use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use serde::de::DeserializeOwned;
use tracing::Instrument;

use super::retry::{Progress, Trouble, Verdict};
use super::sanitize::{SafeHeaders, SafeUri};
use super::scrub::Scrub;
use super::{
    Authorize, Budget, CallEvent, CallStage, Deadlines, Dialect, Limits, Observer, Operation, Permit, RateLimiter,
    RetryPolicy, Transport, decode_json, guard, server_wait,
};
use crate::{BoxFuture, Clock, Error, ErrorKind, Result};

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

struct Inner {
    transport: Arc<dyn Transport>,
    dialect: Arc<dyn Dialect>,
    authorize: Option<Arc<dyn Authorize>>,
    clock: Arc<dyn Clock>,
    limiter: Option<RateLimiter>,
    retry: RetryPolicy,
    deadlines: Deadlines,
    body: usize,
    observer: Option<Arc<dyn Observer>>,
    agent: HeaderValue,
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
        let span = tracing::debug_span!("call", vendor = inner.dialect.vendor(), operation = operation.name, resource);
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
    fn check(&self, uri: &Uri) -> Result<()> {
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else { return guard::check(uri) };
        let known = self.origin.get().is_some_and(|known| known.0 == *scheme && known.1.as_str() == authority.as_str());
        if !known {
            guard::check(uri)?;
            self.origin.get_or_init(|| (scheme.clone(), authority.clone()));
        }
        Ok(())
    }

    fn secrets(&self) -> Scrub<'_> {
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

/// One call on its way.
struct Call<'a> {
    inner: &'a Inner,
    operation: &'a Operation,
    resource: &'a str,
}

impl Call<'_> {
    /// Layer: retry.
    async fn run(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>> {
        let inner = self.inner;
        inner.check(request.uri()).map_err(|error| self.name(error, 0))?;
        request.headers_mut().entry(USER_AGENT).or_insert_with(|| inner.agent.clone());
        let mut progress = Progress::of(self.operation);
        let mut left = Left { began: inner.clock.monotonic(), queued: Duration::ZERO, total: inner.deadlines.total };
        loop {
            let next = progress.attempts + 1;
            let permit = match self.room(next, &mut left).await {
                Ok(permit) => permit,
                Err(trouble) => return Err(self.name(progress.last(trouble), progress.attempts)),
            };
            progress.attempts = next;
            // Before the first attempt nothing but the queue can have taken time.
            let time = if next == 1 { inner.deadlines.total } else { left.now(inner) };
            let mut trouble = match self.attempt(&request, &progress, permit, time).await {
                Ok(response) => return Ok(response),
                Err(trouble) => trouble,
            };
            if let (ErrorKind::RateLimited, true, Some(limiter)) =
                (trouble.error.kind(), trouble.transient, &inner.limiter)
            {
                // Everybody with these credentials learns it, not this call alone. Told no
                // wait, one whole window is surely enough.
                let wait = *trouble.wait.get_or_insert(limiter.budget().window);
                limiter.pause(wait);
            }
            // An attempt that would have hardly any time is not begun: its answer would be lost.
            let spare = left.now(inner).saturating_sub(inner.deadlines.per_try / 10);
            match progress.judge(trouble, &inner.retry, spare) {
                Verdict::Permanent(error) | Verdict::Exhausted(error) => return Err(self.name(error, next)),
                Verdict::Continue { wait, because } => {
                    self.tell(next, || CallStage::Retrying { wait, because });
                    tracing::debug!(attempt = next, ?wait, %because, "trying again");
                    if !wait.is_zero() {
                        inner.clock.sleep(wait).await;
                    }
                }
            }
        }
    }

    /// Layer: rate limit.
    async fn room(&self, attempt: u32, left: &mut Left) -> Result<Option<Permit>, Trouble> {
        let Some(limiter) = &self.inner.limiter else { return Ok(None) };
        if let Some(permit) = limiter.try_acquire() {
            return Ok(Some(permit));
        }
        let patience = left.now(self.inner);
        let began = self.inner.clock.monotonic();
        let on_wait = |wait| {
            self.tell(attempt, || CallStage::Queued { wait });
            tracing::debug!(attempt, ?wait, "waiting for the request budget");
        };
        let permit = limiter.acquire(patience, on_wait).await.map_err(|paused| {
            let error = Error::new(ErrorKind::RateLimited, "throttled for longer than the deadline leaves");
            let mut trouble = Trouble::before(error);
            trouble.wait = Some(paused.wait);
            trouble
        })?;
        left.queued += self.inner.clock.monotonic().saturating_sub(began);
        Ok(Some(permit))
    }

    /// One attempt, told to trace and observer.
    async fn attempt(
        &self,
        request: &Request<Bytes>,
        progress: &Progress,
        permit: Option<Permit>,
        left: Duration,
    ) -> Result<Response<Bytes>, Trouble> {
        let attempt = progress.attempts;
        tracing::trace!(
            attempt,
            method = %request.method(),
            uri = %SafeUri(request.uri()),
            headers = %SafeHeaders(request.headers()),
            "sending"
        );
        let time = left.min(self.inner.deadlines.per_try);
        // The time is only looked at for somebody who wants to know.
        if self.inner.observer.is_none() && !tracing::enabled!(tracing::Level::DEBUG) {
            return self.bounded(request, !progress.refreshed, permit, time).await;
        }
        let began = self.inner.clock.monotonic();
        let result = self.bounded(request, !progress.refreshed, permit, time).await;
        let took = self.inner.clock.monotonic().saturating_sub(began);
        let status = match &result {
            Ok(response) => Some(response.status().as_u16()),
            Err(trouble) => trouble.error.http_status(),
        };
        let failed = result.as_ref().err().map(|trouble| trouble.error.kind());
        self.tell(attempt, || CallStage::Attempted { took, status, failed });
        match &result {
            Ok(response) => {
                tracing::trace!(attempt, headers = %SafeHeaders(response.headers()), "answered");
                tracing::debug!(attempt, status, ?took, "succeeded");
            }
            Err(trouble) => tracing::debug!(attempt, status, ?took, error = %trouble.error, "failed"),
        }
        result
    }

    /// Layers: authorize, within the per-try timeout, and transport.
    async fn bounded(
        &self,
        request: &Request<Bytes>,
        may_refresh: bool,
        permit: Option<Permit>,
        time: Duration,
    ) -> Result<Response<Bytes>, Trouble> {
        let inner = self.inner;
        let mut timer = Timer::new(inner, time);
        let mut outgoing = request.clone();
        let mut copy = None;
        if let Some(authorize) = &inner.authorize {
            let authorized = match timer.race(authorize.authorize(&mut outgoing, inner.clock.now())).await {
                Some(done) => done,
                None => Err(Error::new(ErrorKind::Timeout, "no credentials in time")),
            };
            if let Err(error) = authorized {
                unused(permit);
                let scrub = Scrub::of(Some(&**authorize), outgoing.headers());
                return Err(Trouble::before(scrub.error(error)));
            }
            copy = (may_refresh && authorize.renews()).then(|| outgoing.clone());
        }
        let scrub = Scrub::of(inner.authorize.as_deref(), outgoing.headers());
        let sent = inner.transport.send(outgoing, Limits::new(timer.left(), inner.body));
        let done = if inner.transport.keeps_time() { Some(sent.await) } else { timer.race(sent).await };
        let response = match done {
            Some(Ok(response)) => response,
            Some(Err(error)) => {
                let trouble = Trouble::transport(scrub.transport(error));
                if trouble.effect == super::retry::Effect::None {
                    unused(permit);
                }
                return Err(trouble);
            }
            None => {
                let error = super::TransportError::new(super::Sent::Maybe, "the attempt's time is over").timed_out();
                return Err(Trouble::transport(error));
            }
        };
        drop(permit);
        let Some(mut failure) = self.judge(&response) else { return Ok(response) };
        if let Some(clean) = scrub.answer(&response) {
            failure = self.judge(&clean).unwrap_or(failure);
        }
        // What was escaped in the answer reads as it is only now.
        failure.error = scrub.error(failure.error);
        let refused = failure.error.kind() == ErrorKind::Unauthenticated || response.status().as_u16() == 401;
        let mut trouble =
            Trouble::answered(failure, response.status(), || server_wait(response.headers(), inner.clock.now()));
        if let (true, Some(copy), Some(authorize)) = (refused, &copy, &inner.authorize) {
            let refreshed = authorize.refused(copy, &response, inner.clock.now());
            trouble.refreshed = timer.race(refreshed).await.unwrap_or(false);
        }
        Err(trouble)
    }

    fn judge(&self, response: &Response<Bytes>) -> Option<super::Failure> {
        self.inner.dialect.judge(self.operation, response).or_else(|| {
            // Credentials never follow, and a dialect must not take the page for an answer.
            response.status().is_redirection().then(|| {
                super::Failure::last(Error::new(
                    ErrorKind::UnexpectedResponse,
                    "the answer is a redirect, which is never followed",
                ))
            })
        })
    }

    fn tell(&self, attempt: u32, stage: impl FnOnce() -> CallStage) {
        if let Some(observer) = &self.inner.observer {
            observer.event(&CallEvent {
                vendor: self.inner.dialect.vendor(),
                operation: self.operation.name,
                resource: self.resource,
                attempt,
                stage: stage(),
            });
        }
    }

    /// Names what was attempted, unless the error names it itself (a token's own call).
    fn name(&self, mut error: Error, attempts: u32) -> Error {
        if error.operation().is_none() {
            error = error.with_operation(self.operation.name);
        }
        if error.vendor().is_none() {
            error = error.with_vendor(self.inner.dialect.vendor());
        }
        if error.resource().is_none() && !self.resource.is_empty() {
            error = error.with_resource(self.resource);
        }
        if attempts > 0 { error.with_attempts(attempts) } else { error }
    }
}

/// What is left of the total deadline, time in our own queue not counted.
struct Left {
    began: Duration,
    queued: Duration,
    total: Duration,
}

impl Left {
    fn now(&self, inner: &Inner) -> Duration {
        let spent = inner.clock.monotonic().saturating_sub(self.began).saturating_sub(self.queued);
        self.total.saturating_sub(spent)
    }
}

/// Layer: per-try timeout. Set only once something has to be waited for.
struct Timer<'a> {
    inner: &'a Inner,
    time: Duration,
    /// When it began, and the sleep that ends it.
    set: Option<(Duration, BoxFuture<'static, ()>)>,
}

impl<'a> Timer<'a> {
    fn new(inner: &'a Inner, time: Duration) -> Self {
        Self { inner, time, set: None }
    }

    /// `work`, unless the time is over first; when both are there, the work counts.
    async fn race<T>(&mut self, mut work: BoxFuture<'_, T>) -> Option<T> {
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Some(done));
            }
            let Self { inner, time, set } = self;
            let (_, sleep) = set.get_or_insert_with(|| (inner.clock.monotonic(), inner.clock.sleep(*time)));
            sleep.as_mut().poll(cx).map(|()| None)
        })
        .await
    }

    fn left(&self) -> Duration {
        match &self.set {
            Some((began, _)) => self.time.saturating_sub(self.inner.clock.monotonic().saturating_sub(*began)),
            None => self.time,
        }
    }
}

fn unused(permit: Option<Permit>) {
    if let Some(permit) = permit {
        permit.unused();
    }
}
