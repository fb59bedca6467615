//! How requests travel: the transport seam and the layers on top of it.
//!
//! From the outside in: trace → retry → rate limit → authorize → per-try timeout → [`Transport`],
//! so that every attempt spends budget, is signed anew and has its own timeout. [`Caller`]
//! puts them together; vendors and clouds describe their calls as [`Operation`]s and read
//! answers through a [`Dialect`].
//!
//! | question | answer |
//! | --- | --- |
//! | may it be repeated? | [`Repeat`], declared once for each operation |
//! | did it fail, and does it pass? | [`Dialect::judge`], over the whole response |
//! | may the request have left? | [`Sent`], from the transport |
//! | how often, how far apart? | [`RetryPolicy`]; the server's own wait if that is longer |
//! | how long at most? | [`Deadlines`]; every call ends |
//! | how many at once? | [`Budget`], shared by everyone with the same credentials |
//! | who asks? | [`Authorize`]: [`BasicAuth`], [`StaticBearer`], [`BearerToken`] or a signer |
//! | where to? | [`BaseUrl`], checked when the client is built; [`encode_segment`] for parts of a path |
//! | how is a client built? | over [`ClientOptions`], which every builder has alike |
//! | how is JSON sent and read? | [`JsonCall`]; [`Object`] and [`items`], or [`decode_json`] into types |
//! | what has no method? | [`RawRequest`], by any [`JsonCaller`] |
//!
//! A write whose answer is lost ends as
//! [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) and is not repeated, unless it was
//! declared to have the effect of once however often it runs.
//!
//! # Examples
//! A small API, called over a transport in memory that fails once:
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use privlink_core::transport::{
//!     BasicAuth, Caller, Dialect, Failure, Limits, Operation, Transport, TransportError,
//! };
//! use privlink_core::{BoxFuture, Error, ErrorKind, SystemClock};
//!
//! /// How this API says that a call failed.
//! #[derive(Debug)]
//! struct Example;
//!
//! impl Dialect for Example {
//!     fn vendor(&self) -> &'static str {
//!         "Example Cloud"
//!     }
//!
//!     fn judge(&self, _: &Operation, response: &Response<Bytes>) -> Option<Failure> {
//!         match response.status().as_u16() {
//!             200..=299 => None,
//!             503 => Some(Failure::passing(Error::new(ErrorKind::Unavailable, "it is failing"), None)),
//!             _ => Some(Failure::last(Error::new(ErrorKind::UnexpectedResponse, "it failed"))),
//!         }
//!     }
//! }
//!
//! #[derive(Debug, Default)]
//! struct Memory(AtomicU32);
//!
//! impl Transport for Memory {
//!     fn send(
//!         &self,
//!         request: Request<Bytes>,
//!         _: Limits,
//!     ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
//!         assert!(request.headers().contains_key("authorization"));
//!         let status = if self.0.fetch_add(1, Ordering::Relaxed) == 0 { 503 } else { 200 };
//!         let response = Response::builder().status(status).body(Bytes::from_static(b"[1,2]"));
//!         Box::pin(async move { Ok(response.expect("a status and a body make a response")) })
//!     }
//! }
//!
//! const THINGS: Operation = Operation::read("thingList");
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> privlink_core::Result<()> {
//! let caller = Caller::builder(Example, Arc::new(Memory::default()), Arc::new(SystemClock::new()))
//!     .authorize(BasicAuth::new("key-id", &"key-secret".into())?)
//!     .observe(|event| eprintln!("{event}"))
//!     .build();
//! let request = Request::get("https://api.example.com/things").body(Bytes::new()).expect("a good URL");
//! let things: Vec<u32> = caller.call_json(&THINGS, "", request).await?;
//! assert_eq!(things, [1, 2]);
//! # Ok(())
//! # }
//! ```

mod authorize;
mod base_url;
mod bearer;
mod call;
mod caller;
mod credentials;
mod decode;
mod guard;
mod hints;
mod json;
mod limiter;
mod object;
mod observe;
mod operation;
mod options;
mod raw;
#[cfg(feature = "reqwest")]
mod real;
mod retry;
mod sanitize;
mod scrub;
mod seam;

#[doc(no_inline)]
pub use http::HeaderValue;

pub use authorize::{Authorize, Token, TokenSource};
pub use base_url::{BaseUrl, encode_segment};
pub use bearer::BearerToken;
pub use caller::{Caller, CallerBuilder};
pub use credentials::{BasicAuth, StaticBearer};
pub use decode::decode_json;
pub use hints::{rate_limit_reset, retry_after, server_wait};
pub use json::JsonCall;
pub use limiter::{Budget, Paused, Permit, RateLimiter};
pub use object::{Object, items};
pub use observe::{CallEvent, CallStage, Observer};
pub use operation::{Dialect, Failure, Operation, Repeat};
pub use options::ClientOptions;
pub use raw::{JsonCaller, RawRequest};
#[cfg(feature = "reqwest")]
pub use real::{ReqwestTransport, ReqwestTransportBuilder};
pub use retry::{Deadlines, RetryPolicy};
pub use scrub::hide;
pub use seam::{Limits, Sent, Transport, TransportError};
