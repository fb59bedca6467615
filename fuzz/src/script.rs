//! The other side of a client, from a script; it holds every request to where credentials may go.

use std::collections::VecDeque;
use std::error::Error as _;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use privlink_core::transport::{Limits, Sent, Transport, TransportError};
use privlink_core::{BoxFuture, Clock, Error};
use url::Url;

/// What the clients under test have to keep to themselves.
pub(crate) const TOKEN: &str = "canary-token-4f9a77d1c0ffee";

/// The most answers of a script.
const MOST: usize = 12;

/// A host that credentials may travel to, and what every path there begins with.
pub(crate) type Home = (&'static str, &'static str);

/// Gives the answers in their order and none after the last.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    homes: &'static [Home],
    answers: Arc<Mutex<VecDeque<Option<Response<Bytes>>>>>,
}

impl Script {
    /// Reads answers divided by lines of `---`: a status, lines of headers, an empty line, a body.
    /// A status that is none loses the answer.
    pub(crate) fn read(input: &[u8], homes: &'static [Home]) -> Self {
        let answers = divided(input).map(answer).collect();
        Self { homes, answers: Arc::new(Mutex::new(answers)) }
    }

    /// How many answers are left.
    pub(crate) fn left(&self) -> usize {
        self.answers().len()
    }

    /// The bodies that are left.
    pub(crate) fn bodies(&self) -> Vec<Bytes> {
        self.answers().iter().flatten().map(|answer| answer.body().clone()).collect()
    }

    fn answers(&self) -> MutexGuard<'_, VecDeque<Option<Response<Bytes>>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Credentials go home and nowhere else, below the path that is ours, and never in the clear.
    fn hold(&self, request: &Request<Bytes>) {
        let uri = request.uri();
        let host = uri.host().expect("an absolute address").to_ascii_lowercase();
        let port = uri.port_u16();
        let secure = uri.scheme_str() == Some("https");
        let home = self.homes.iter().find(|(home, _)| *home == host && secure && port.is_none_or(|port| port == 443));
        let carries = request.headers().values().any(|value| holds(value.as_bytes()));
        assert_eq!(carries, home.is_some(), "credentials, and {uri}");
        assert!(secure || ["localhost", "[::1]"].contains(&host.as_str()) || host.starts_with("127."), "{uri}");
        let Some((home, path)) = home else { return };
        // The transport reads the address once more, and in its own way.
        let url: Url = uri.to_string().parse().expect("what goes home is an address");
        assert_eq!((url.scheme(), url.host_str(), url.port_or_known_default()), ("https", Some(*home), Some(443)));
        assert!(url.path().starts_with(path) && uri.path().starts_with(path), "{uri}");
        assert!(url.username().is_empty() && url.password().is_none(), "{uri}");
    }
}

impl Transport for Script {
    fn send(&self, request: Request<Bytes>, _: Limits) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.hold(&request);
        let next = self.answers().pop_front();
        let answer = match next {
            Some(Some(answer)) => Ok(answer),
            Some(None) => Err(TransportError::new(Sent::Maybe, format!("closed after Bearer {TOKEN}"))),
            None => Err(TransportError::new(Sent::No, "the answers have ended")),
        };
        Box::pin(std::future::ready(answer))
    }
}

/// Time that passes by being waited for.
#[derive(Debug, Default)]
pub(crate) struct Hurried(Arc<AtomicU64>);

impl Clock for Hurried {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
            + Duration::from_secs(1_800_000_000)
            + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let passed = Arc::clone(&self.0);
        // Whoever waits for an answer and for its deadline at once has the answer first.
        let mut asked = false;
        Box::pin(std::future::poll_fn(move |context| {
            if !std::mem::replace(&mut asked, true) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let slept = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).min(86_400_000);
            passed.fetch_add(slept.max(1), Ordering::Relaxed);
            Poll::Ready(())
        }))
    }
}

/// Polls until done: nothing here waits for anything outside.
pub(crate) fn run(future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {}
}

/// An error is one printable line, keeps the credentials to itself, and is the same when read again.
pub(crate) fn told(error: &Error) {
    let line = error.to_string();
    assert!(!line.is_empty() && !line.chars().any(char::is_control), "{line:?}");
    let written = serde_json::to_string(error).expect("an error is written");
    let again: Error = serde_json::from_str(&written).expect("and read");
    assert_eq!((again.to_string(), again.kind()), (line.clone(), error.kind()));
    let mut texts = vec![line, format!("{error:?}"), error.report().to_string(), written];
    let mut source = error.source();
    while let Some(cause) = source {
        texts.extend([cause.to_string(), format!("{cause:?}")]);
        source = cause.source();
    }
    for text in texts {
        assert!(!holds(text.as_bytes()), "{text}");
    }
}

/// The error of an answer, which is held to [`told`].
pub(crate) fn checked<T, E>(answer: Result<T, E>) -> Option<T>
where
    Error: From<E>,
{
    answer.map_err(|error| told(&error.into())).ok()
}

fn holds(text: &[u8]) -> bool {
    text.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes())
}

fn divided(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(input);
    std::iter::from_fn(move || {
        let now = rest?;
        let at = now.windows(5).position(|window| window == b"\n---\n");
        rest = at.map(|at| &now[at + 5..]);
        Some(at.map_or(now, |at| &now[..at]))
    })
    .take(MOST)
}

fn answer(part: &[u8]) -> Option<Response<Bytes>> {
    let (head, body) = match part.windows(2).position(|window| window == b"\n\n") {
        Some(at) => (&part[..at], &part[at + 2..]),
        None => (part, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let status: u16 = std::str::from_utf8(lines.next()?).ok()?.trim().parse().ok()?;
    let mut answer = Response::builder().status(status);
    for line in lines {
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = http::HeaderName::from_bytes(&line[..at]);
        let value = http::HeaderValue::from_bytes(line[at + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            answer = answer.header(name, value);
        }
    }
    answer.body(Bytes::copy_from_slice(body)).ok()
}
