//! What the tests over a scripted Google share.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use privlink_core::transport::{Limits, Sent, Transport, TransportError};
use privlink_core::{BoxFuture, Region};
use privlink_gcp::Client;

type Answering = dyn Fn(&Request<Bytes>, usize) -> Answer + Send + Sync;

/// Answers by a function of the request and how many came before it, and remembers them all.
#[derive(Clone)]
pub(crate) struct Google {
    answer: Arc<Answering>,
    seen: Arc<Mutex<Vec<Request<Bytes>>>>,
}

/// What comes back.
pub(crate) enum Answer {
    /// A status and a body.
    Said(u16, String),
    /// Nothing, though the request was taken.
    Lost,
}

impl From<&str> for Answer {
    fn from(body: &str) -> Self {
        Self::Said(200, body.to_owned())
    }
}

impl Google {
    pub(crate) fn new(answer: impl Fn(&Request<Bytes>, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), seen: Arc::default() }
    }

    /// Answers one after the other, the last one for ever.
    pub(crate) fn script(answers: &'static [(u16, &'static str)]) -> Self {
        Self::new(move |_, before| {
            let (status, body) = answers[before.min(answers.len() - 1)];
            Answer::Said(status, body.to_owned())
        })
    }

    pub(crate) fn seen(&self) -> Vec<Request<Bytes>> {
        self.seen.lock().unwrap().clone()
    }

    /// Method and path with query of all requests.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(|request| format!("{} {}", request.method(), request.uri())).collect()
    }

    pub(crate) fn client(&self) -> Client {
        Client::over(self.clone(), "example-project".parse().unwrap()).token("canary-token").build().unwrap()
    }
}

impl fmt::Debug for Google {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Google")
    }
}

impl Transport for Google {
    fn send(&self, request: Request<Bytes>, _: Limits) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let before = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(request.clone());
            seen.len() - 1
        };
        let answer = match (self.answer)(&request, before) {
            Answer::Said(status, body) => Ok(Response::builder().status(status).body(body.into()).unwrap()),
            Answer::Lost => Err(TransportError::new(Sent::Maybe, "the connection was reset")),
        };
        Box::pin(async move { answer })
    }
}

pub(crate) fn region() -> Region {
    "us-central1".parse().unwrap()
}

/// The value of a query parameter.
pub(crate) fn query(request: &Request<Bytes>, name: &str) -> Option<String> {
    let query = request.uri().query()?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}
