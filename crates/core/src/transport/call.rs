//! One call of a [`Caller`](super::Caller), through all layers.

use std::borrow::Cow;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{Request, Response};

use super::caller::Inner;
use super::retry::{Effect, Progress, Trouble, Verdict};
use super::sanitize::{SafeHeaders, SafeUri};
use super::scrub::Scrub;
use super::{CallEvent, CallStage, Failure, Limits, Operation, Permit, Sent, TransportError, server_wait};
use crate::{BoxFuture, Error, ErrorKind, Result};

/// One call on its way.
pub(super) struct Call<'a> {
    pub(super) inner: &'a Inner,
    pub(super) operation: &'a Operation,
    pub(super) resource: &'a str,
}

impl Call<'_> {
    /// Layer: retry.
    pub(super) async fn run(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>> {
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
            uri = %self.inner.secrets().text(&SafeUri(request.uri()).to_string()),
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
                if trouble.effect == Effect::None {
                    unused(permit);
                }
                return Err(trouble);
            }
            None => {
                let error = TransportError::new(Sent::Maybe, "the attempt's time is over").timed_out();
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

    fn judge(&self, response: &Response<Bytes>) -> Option<Failure> {
        self.inner.dialect.judge(self.operation, response).or_else(|| {
            // Credentials never follow, and a dialect must not take the page for an answer.
            response.status().is_redirection().then(|| {
                Failure::last(Error::new(
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
                resource: &self.shown(),
                attempt,
                stage: stage(),
            });
        }
    }

    /// The resource as it may be told: an id that an earlier answer gave may quote the credentials.
    pub(super) fn shown(&self) -> Cow<'_, str> {
        self.inner.secrets().text(self.resource)
    }

    /// Names what was attempted, unless the error names it itself (a token's own call).
    pub(super) fn name(&self, mut error: Error, attempts: u32) -> Error {
        if error.operation().is_none() {
            error = error.with_operation(self.operation.name);
        }
        if error.vendor().is_none() {
            error = error.with_vendor(self.inner.dialect.vendor());
        }
        if error.resource().is_none() && !self.resource.is_empty() {
            error = error.with_resource(self.shown().into_owned());
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
