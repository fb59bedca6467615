//! A scripted transport, a dialect and a clock on tokio's (paused) time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use privlink_core::transport::{
    Caller, CallerBuilder, Dialect, Failure, Limits, Operation, RetryPolicy, Sent, Transport, TransportError,
};
use privlink_core::{ApiError, BoxFuture, Clock, Error, ErrorKind};
use tokio::time::Instant;

pub(crate) const READ: Operation = Operation::read("thingGet");
pub(crate) const PUT: Operation = Operation::idempotent("thingReplace");
pub(crate) const CREATE: Operation = Operation::once("thingCreate");

/// Tells tokio's time, so that a paused runtime moves the wall clock too.
#[derive(Debug)]
pub(crate) struct TestClock(Instant);

impl TestClock {
    pub(crate) fn shared() -> Arc<dyn Clock> {
        Arc::new(Self(Instant::now()))
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000) + self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Reply(u16, Vec<(&'static str, String)>, &'static str),
    Lose(Sent),
    Hang,
}

impl Act {
    pub(crate) fn status(status: u16) -> Self {
        Self::Reply(status, Vec::new(), "{}")
    }

    pub(crate) fn with(status: u16, header: &'static str, value: impl Into<String>) -> Self {
        Self::Reply(status, vec![(header, value.into())], "{}")
    }
}

/// Does as scripted, then answers 200; keeps what it was asked and when.
#[derive(Clone)]
pub(crate) struct Script(Arc<Inner>);

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Script").finish_non_exhaustive()
    }
}

struct Inner {
    acts: Mutex<VecDeque<Act>>,
    seen: Mutex<Vec<(Duration, Request<Bytes>)>>,
    began: Instant,
    latency: Duration,
}

impl Script {
    pub(crate) fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        Self::slow(Duration::ZERO, acts)
    }

    pub(crate) fn slow(latency: Duration, acts: impl IntoIterator<Item = Act>) -> Self {
        Self(Arc::new(Inner {
            acts: Mutex::new(acts.into_iter().collect()),
            seen: Mutex::default(),
            began: Instant::now(),
            latency,
        }))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.seen.lock().unwrap().len()
    }

    /// When requests came, since the script was made.
    pub(crate) fn times(&self) -> Vec<Duration> {
        self.0.seen.lock().unwrap().iter().map(|(at, _)| *at).collect()
    }

    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.0.seen.lock().unwrap().iter().map(|(_, request)| request.clone()).collect()
    }

    /// A caller over this script whose back-off is always the longest.
    pub(crate) fn caller(&self) -> CallerBuilder {
        Caller::builder(Plain, Arc::new(self.clone()), TestClock::shared()).retry(RetryPolicy::default().jitter(|| 1.0))
    }
}

impl Transport for Script {
    fn send(&self, request: Request<Bytes>, _: Limits) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let act = self.0.acts.lock().unwrap().pop_front().unwrap_or_else(|| Act::status(200));
        self.0.seen.lock().unwrap().push((self.0.began.elapsed(), request));
        Box::pin(async move {
            if !self.0.latency.is_zero() {
                tokio::time::sleep(self.0.latency).await;
            }
            match act {
                Act::Reply(status, headers, body) => {
                    let mut response = Response::builder().status(status);
                    for (name, value) in headers {
                        response = response.header(name, value);
                    }
                    Ok(response.body(Bytes::from_static(body.as_bytes())).unwrap())
                }
                Act::Lose(sent) => Err(TransportError::new(sent, "scripted loss")),
                Act::Hang => std::future::pending().await,
            }
        })
    }
}

/// Reads statuses the usual way.
#[derive(Debug)]
pub(crate) struct Plain;

impl Dialect for Plain {
    fn vendor(&self) -> &'static str {
        "Plain Cloud"
    }

    fn judge(&self, _: &Operation, response: &Response<Bytes>) -> Option<Failure> {
        let error = |kind| {
            Error::new(kind, "the call failed")
                .with_http_status(response.status().as_u16())
                .with_api(ApiError::new(Some("CODE"), "scripted"))
                .with_request_id(Some("req-1".to_owned()))
        };
        Some(match response.status().as_u16() {
            200..=399 => return None,
            401 => Failure::last(error(ErrorKind::Unauthenticated)),
            403 => Failure::last(error(ErrorKind::PermissionDenied)),
            404 => Failure::last(error(ErrorKind::NotFound)),
            409 => Failure::passing(error(ErrorKind::Conflict), None),
            429 => Failure::passing(error(ErrorKind::RateLimited), None),
            500.. => Failure::passing(error(ErrorKind::Unavailable), None),
            _ => Failure::last(error(ErrorKind::InvalidInput)),
        })
    }
}

pub(crate) fn request() -> Request<Bytes> {
    Request::get("https://api.plain.test/v1/things/t-1?limit=2").body(Bytes::new()).unwrap()
}
