//! The builder that every client has: each setter reaches the requests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use privlink_core::transport::{
    CallEvent, Caller, ClientOptions, Deadlines, Limits, RetryPolicy, Sent, Transport, TransportError,
};
use privlink_core::{BoxFuture, Error, ErrorKind, Result};

use crate::support::{Act, Plain, READ, Script, TestClock, request};

/// A client's builder, as a vendor's crate writes it.
struct Builder {
    options: ClientOptions,
}

impl Builder {
    privlink_core::client_setters!(options);

    fn over(transport: impl Transport + 'static) -> Self {
        Self { options: ClientOptions::over(transport) }.clock(TestClock::shared())
    }

    fn build(self) -> Result<Caller> {
        Ok(self.options.caller(Plain)?.build())
    }
}

/// Answers 200 and keeps the limits it was given.
#[derive(Clone, Debug, Default)]
struct Bounds(Arc<Mutex<Vec<Limits>>>);

impl Transport for Bounds {
    fn send(&self, _: Request<Bytes>, limits: Limits) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.0.lock().unwrap().push(limits);
        Box::pin(async { Ok(Response::new(Bytes::new())) })
    }
}

#[tokio::test(start_paused = true)]
async fn deadlines_and_body_limit_bound_each_request() {
    let (defaults, bounds) = (Bounds::default(), Bounds::default());
    Builder::over(defaults.clone()).build().unwrap().call(&READ, "", request()).await.unwrap();
    let deadlines = Deadlines::new(Duration::from_secs(3), Duration::from_secs(7));
    let caller = Builder::over(bounds.clone()).deadlines(deadlines).body_limit(1_000).build().unwrap();
    caller.call(&READ, "", request()).await.unwrap();
    assert_eq!(*defaults.0.lock().unwrap(), [Limits::new(Duration::from_secs(30), 16 << 20)]);
    assert_eq!(*bounds.0.lock().unwrap(), [Limits::new(Duration::from_secs(3), 1_000)]);
}

#[tokio::test(start_paused = true)]
async fn retries_agent_and_observer_reach_the_calls() {
    let script = Script::new([Act::status(503), Act::status(503)]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&told);
    let caller = Builder::over(script.clone())
        .retry(RetryPolicy::new(2, Duration::from_secs(4), Duration::from_secs(4)).jitter(|| 1.0))
        .user_agent(HeaderValue::from_static("tool/1"))
        .observe(move |event: &CallEvent<'_>| ears.lock().unwrap().push(event.attempt))
        .build()
        .unwrap();
    let error = caller.call(&READ, "", request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 2));
    assert_eq!(script.times(), [Duration::ZERO, Duration::from_secs(4)]);
    assert!(script.requests().iter().all(|request| request.headers()["user-agent"] == "tool/1"));
    assert_eq!(*told.lock().unwrap(), [1, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_could_not_be_set_up_shows_when_the_client_is_built_unless_another_is_given() {
    let broken = || {
        let mut builder = Builder::over(Script::new([]));
        builder.options.transport = Err(Error::invalid("no roots"));
        builder
    };
    assert_eq!(broken().build().unwrap_err().to_string(), "no roots");
    let script = Script::new([Act::Lose(Sent::No), Act::status(200)]);
    let caller = broken().transport(script.clone()).build().unwrap();
    caller.call(&READ, "", request()).await.unwrap();
    assert_eq!(script.count(), 2);
}
