//! privlink-core

use std::future::Future;
use std::pin::Pin;

mod clock;
mod dated;
mod error;
mod finding;
pub mod ids;
mod model;
#[cfg(feature = "client")]
mod page;
mod patch;
pub mod side;
#[cfg(feature = "client")]
pub mod transport;
#[cfg(feature = "client")]
mod wait;

pub use clock::Clock;
#[cfg(feature = "client")]
pub use clock::SystemClock;
pub use dated::Dated;
pub use error::{ApiError, Error, ErrorKind, Report, Result, Retry};
pub use finding::{Finding, Severity, Text, Turn};
#[doc(hidden)]
pub use ids::make::private as __private;
pub use ids::*;
pub use model::PrivateEndpoint;
#[cfg(feature = "client")]
pub use page::{Page, Pages};
pub use patch::{Patch, PatchError};
pub use secrecy::{ExposeSecret, SecretString};
#[cfg(feature = "client")]
pub use wait::{Look, Polled, Wait, WaitBuilder, WaitError};

/// A boxed future that can be sent between threads, as object-safe traits return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
