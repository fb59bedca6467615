//! How requests travel: the transport seam and the layers on top of it.
//!
//! From the outside in: trace → retry → rate limit → authorize → per-try timeout → [`Transport`],
//! so that every attempt spends budget, is signed anew and has its own timeout. [`Caller`]
//! puts them together; vendors and clouds describe their calls as [`Operation`]s and read
//! answers through a [`Dialect`].

mod authorize;
mod bearer;
mod caller;
mod credentials;
mod decode;
mod guard;
mod hints;
mod limiter;
mod observe;
mod operation;
#[cfg(feature = "reqwest")]
mod real;
mod retry;
mod sanitize;
mod seam;

pub use authorize::{Authorize, Token, TokenSource};
pub use bearer::BearerToken;
pub use caller::{Caller, CallerBuilder};
pub use credentials::{BasicAuth, StaticBearer};
pub use decode::decode_json;
pub use hints::{rate_limit_reset, retry_after, server_wait};
pub use limiter::{Budget, Paused, Permit, RateLimiter};
pub use observe::{CallEvent, CallStage, Observer};
pub use operation::{Dialect, Failure, Operation, Repeat};
#[cfg(feature = "reqwest")]
pub use real::{ReqwestTransport, ReqwestTransportBuilder};
pub use retry::{Deadlines, RetryPolicy};
pub use seam::{Limits, Sent, Transport, TransportError};
