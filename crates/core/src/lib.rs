//! The vocabulary of private connectivity between a cloud network and a managed database, shared
//! by every crate of the `privlink` family: ids that cannot be taken for one another, patches of
//! shared lists, one error, the seam between a database vendor and a cloud, and the layers under
//! every HTTP call.
//!
//! Most programs use the facade `privlink`, or one vendor's crate, and meet these types there.
//! Use this crate by itself to add a vendor or a cloud, or to pass the values on.
//!
//! # A small program
//! A wrong value does not get as far as a request:
//!
//! ```
//! use privlink_core::{EndpointServiceId, Patch, VpcEndpointId};
//!
//! let endpoint: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
//! let service: EndpointServiceId = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0".parse()?;
//! println!("{endpoint} is to reach {service}");
//!
//! // The endpoint's service given for the endpoint: refused, and said what it is.
//! let mixed_up = "vpce-svc-0123456789abcdef0".parse::<VpcEndpointId>().unwrap_err();
//! println!("{mixed_up}");
//!
//! let patch = Patch::new().add(endpoint.clone())?;
//! assert!(patch.against(&[endpoint]).is_empty(), "it is on the list already: nothing to send");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Concepts
//! - **Ids**, such as [`VpcEndpointId`] or [`PrivateLinkServiceAlias`]: a newtype for each thing that can be
//!   taken for another; text becomes one by parsing alone ([`FromStr`](std::str::FromStr), which `TryFrom` and
//!   `Deserialize` go through), and the error names what was found and what was wanted. [`text_id!`] and
//!   [`uuid_id!`] make such a type for a vendor's own ids, [`open_enum!`] one for its words.
//! - **Lists** others use too are changed by a [`Patch`]: own entries only, nothing twice, and
//!   nothing sent where nothing differs.
//! - **Facts** about somebody else's product are [`Dated`]: with source and date, and the caller can
//!   replace them.
//! - **Errors** ([`Error`]): what was attempted, on what, what the other side said, whether trying
//!   again can help ([`Error::retry`]) and what to do ([`Error::help`]). What merely does not work
//!   yet is no error but a [`Finding`], with a stable code.
//! - **The seam** ([`side`]): a vendor and a cloud each say what is there and what is to be done,
//!   as steps that need and give facts; neither knows the other.
//! - **Calls** (`transport`, feature `client`): one door to the network, and on top of it retries by
//!   meaning, a request budget, credentials and deadlines.
//! - **Time** ([`Clock`]): wall clock and waits come from one place, so that tests can hold both.
//!   `Wait` waits for a state of the world, `Pages` reads a list page by page.
//! - **Secrets** are [`SecretString`]s: nothing here prints one, in whatever form.
//!
//! # Forms that are stored
//! What outlives a process, or goes to another machine, is JSON with a field `version`, 1 for all of
//! them today:
//!
//! | form | goes from | to |
//! | --- | --- | --- |
//! | [`Plan`](side::Plan) | who reads both systems | who approves it, and who applies it |
//! | `Run`, of the crate `privlink` | the process that performed a step | the one that performs the next |
//! | [`Expectation`](side::Expectation) | where the keys are | inside the network |
//! | [`Proof`](side::Proof) | inside the network | where the keys are |
//! | [`Receipt`](side::Receipt) | who closed public access | who opens it again |
//! | `Inventory` and `Verdict`, of the crate `privlink`; [`Finding`] | who looked | reports |
//!
//! The first five and `Inventory` are read version first, wherever the field stands: a form of another
//! version is told as such (`LINK-007`), not as a word or a field that nobody knows
//! ([`side::versioned`]). Within a version fields are only added, and those that an older writer left out
//! have a default. No form holds a secret.
//!
//! # Features
//! | feature | adds | on by default |
//! | --- | --- | --- |
//! | `client` | HTTP calls: the transport seam and its layers, waiting, paging, tokens, the real clock | no |
//! | `reqwest` | the real transport on `reqwest` and rustls; includes `client` | no |
//!
//! Without features there is no HTTP and no async runtime in it.
//!
//! # Where next
//! `privlink-clickhouse`, `privlink-cockroach`, `privlink-aiven` and `privlink-zilliz` are the vendors' clients
//! built on it, `privlink-aws`, `privlink-azure` and `privlink-gcp` the clouds'; `privlink-dns` derives names and records, `privlink-probe` proves a link from the inside,
//! `privlink-sim` is a world in memory to try them in. To write a side of a link, read [`side`].
#![cfg_attr(docsrs, feature(doc_cfg))]

use std::future::Future;
use std::pin::Pin;

mod clock;
mod dated;
mod error;
mod finding;
mod ids;
mod listed;
mod model;
#[cfg(feature = "client")]
mod page;
mod patch;
mod printable;
pub mod render;
pub mod side;
#[cfg(feature = "client")]
pub mod transport;
#[cfg(feature = "client")]
mod wait;
mod words;

pub use clock::Clock;
#[cfg(feature = "client")]
pub use clock::SystemClock;
pub use dated::Dated;
pub use error::{ApiError, Error, ErrorKind, Report, Result, Retry};
pub use finding::{Finding, Severity, Text, Turn};
#[doc(hidden)]
pub use ids::make::private as __private;
pub use ids::*;
pub use listed::Listed;
pub use model::PrivateEndpoint;
#[cfg(feature = "client")]
pub use page::{Page, Pages};
pub use patch::{Patch, PatchError};
pub use secrecy::{ExposeSecret, SecretString};
#[cfg(feature = "client")]
pub use wait::{Look, Polled, Wait, WaitBuilder, WaitError};

/// A boxed future that can be sent between threads, as object-safe traits return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
