//! privlink-core

use std::future::Future;
use std::pin::Pin;

mod clock;
mod error;
mod finding;
pub mod ids;
pub mod side;
#[cfg(feature = "client")]
pub mod transport;

pub use clock::Clock;
#[cfg(feature = "client")]
pub use clock::SystemClock;
pub use error::{ApiError, Error, ErrorKind, Report, Result, Retry};
pub use finding::{Finding, Severity, Text, Turn};
pub use ids::*;
pub use secrecy::{ExposeSecret, SecretString};

/// A boxed future that can be sent between threads, as object-safe traits return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
