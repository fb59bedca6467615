//! How requests travel: the transport seam and the layers on top of it.
//!
//! From the outside in: trace → retry → rate limit → authorize → per-try timeout → [`Transport`],
//! so that every attempt spends budget, is signed anew and has its own timeout. [`Caller`]
//! puts them together; vendors and clouds describe their calls as [`Operation`]s and read
//! answers through a [`Dialect`].

mod authorize;
mod caller;
mod operation;
mod seam;

pub use authorize::{Authorize, Token, TokenSource};
pub use caller::{Caller, CallerBuilder};
pub use operation::{Dialect, Failure, Operation, Repeat};
pub use seam::{Limits, Sent, Transport, TransportError};
