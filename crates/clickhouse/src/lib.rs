//! ClickHouse Cloud private endpoints: a typed client of the control plane, and the database
//! side of a link.
//!
//! The smallest whole program, here against the simulator; with a real account it begins with
//! `Client::from_env()?`:
//!
//! ```
//! use privlink_clickhouse::Client;
//! use privlink_core::{CloudProvider, VpcEndpointId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let world = privlink_sim::World::new();
//! let key = world.clickhouse().api_key();
//! let client = Client::over(world.transport()).clock(world.clock()).api_key(key.id, key.secret).build()?;
//!
//! let organization = client.organization(client.whoami().await?.organization()?);
//! let orders = organization.find_service(CloudProvider::Aws, &"us-east-1".parse()?, "orders").await?;
//!
//! // Where the VPC endpoint must point, and the name by which clients then connect.
//! let config = orders.private_endpoint_config().await?;
//! println!("{} {}", config.endpoint_service_id, config.private_dns_hostname);
//!
//! // Once the endpoint is there: let it in. Other entries are never touched.
//! let endpoint: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
//! let outcome = orders.private_endpoints().patch().add(endpoint).send().await?;
//! assert!(outcome.changed() && outcome.visible);
//! # Ok(())
//! # }
//! ```
//!
//! # Concepts
//!
//! - A [`Client`] holds credentials and the key's request budget; clones share them. An
//!   [`Organization`] and a [`Service`] are handles: making one sends nothing.
//! - **Two registers.** A service's *allow list* ([`Service::private_endpoints`]) decides which
//!   endpoints it answers. The organization's *register* ([`Organization::private_endpoints`])
//!   only knows endpoints; attaching fills it, detaching does not empty it.
//! - **Shared lists are changed by deltas.** A patch reads the list, sends what differs, and
//!   settles lost or contested answers by reading again: whether the vendor refuses or ignores a
//!   repeated addition is not documented. The result is a [`PatchOutcome`]. A delta names its own entries alone, so
//!   nothing that somebody else writes between look and write is lost; what can be late by then is only the
//!   report of who added or removed an entry that both want.
//! - **What is read is tolerated, what is promised is checked.** Unknown states and fields survive
//!   ([`ServiceState::Unknown`]); a missing one is an error that names it; a list that was not
//!   sent is unknown, not empty; an entry that cannot be read is one [`ListedEndpoint`] among
//!   the others, and can be removed.
//! - **Facts are dated** ([`facts`]): ports, host patterns, limits. The vendor's answers win.
//! - [`Service`] is a [`DatabaseSide`](privlink_core::side::DatabaseSide) for networks in AWS,
//!   Azure and Google Cloud: it surveys, allows, withdraws, and closes public access. Its
//!   findings have codes `CH-001` and up, explained in [`TROUBLESHOOTING.md`].
//!
//! Making, starting and deleting services is left to the vendor's own tools;
//! [`Client::request`] reaches whatever has no method here.
//!
//! # Features
//!
//! | feature | default | what |
//! | --- | --- | --- |
//! | `reqwest` | yes | the real transport: `Client::from_env()`, `Client::builder()` |
//!
//! Without it, [`Client::over`] takes any transport.
//!
//! # Where next
//!
//! `privlink` joins this side with a network into a link; `privlink-aws`, `privlink-azure`
//! and `privlink-gcp` are the networks' sides; `privlink-sim` is the world the examples run in.
//!
//! [`TROUBLESHOOTING.md`]: https://docs.rs/privlink/latest/privlink/troubleshooting/index.html

#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod builder;
mod client;
mod credential;
mod delta;
mod dialect;
mod endpoints;
#[cfg(feature = "reqwest")]
mod env;
pub mod facts;
mod ids;
mod ip_access;
mod model;
mod operations;
mod organization;
mod recent;
mod registrations;
mod request;
mod service;
mod side;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use delta::PatchOutcome;
pub use endpoints::{Attach, Attached, EndpointsPatch, PrivateEndpoints};
pub use http::Method;
pub use ids::{InfrastructureId, OrganizationId, ServiceId};
pub use ip_access::{IpAccessList, IpAccessPatch};
pub use model::{
    ByocConfig, EndpointProtocol, InfrastructureState, IpAccessEntry, ListedEndpoint, NotAvailableYet,
    OrganizationDetails, PrivateEndpointConfig, Provider, Registration, ServiceDetails, ServiceEndpoint, ServiceState,
    StaticAddressEntry, StaticAddresses, Whoami, WhoamiOrganization,
};
pub use organization::Organization;
pub use registrations::{Registrations, RegistrationsPatch};
pub use request::{RawAnswer, RawRequest};
pub use service::Service;
