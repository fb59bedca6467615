//! Aiven privatelink: a typed client of the control plane, and the database side of a link, for AWS
//! PrivateLink, Azure Private Link and Google's Private Service Connect.
//!
//! The smallest whole program, here against the simulator; with a real account it begins with
//! `Client::from_env()?`:
//!
//! ```
//! use privlink_aiven::{Client, Consumer};
//! use privlink_core::CloudProvider;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let world = privlink_sim::World::new();
//! let client = Client::over(world.transport()).clock(world.clock()).token(world.aiven().token()).build()?;
//! let service = client.project("example-project".parse()?).service("orders-pg".parse()?);
//!
//! // Make it, for one role, and say what is to be reached over it.
//! let link = service.privatelink(CloudProvider::Aws);
//! link.create(&[Consumer::Principal("arn:aws:iam::123456789012:role/deploy".parse()?)]).await?;
//! service.set_privatelink_access(&[("pg", true)]).await?;
//!
//! // Minutes later: where the VPC endpoint must point.
//! if let Some(there) = link.get().await? {
//!     println!("{} {:?}", there.state, there.service);
//! }
//! // Once there is an endpoint: where clients connect, through this very connection.
//! for connection in link.connections().await? {
//!     let details = service.details().await?;
//!     for component in details.over_privatelink(connection?.id.as_ref())? {
//!         println!("{} at {}:{}", component.component, component.host, component.port);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Concepts
//!
//! - A [`Client`] holds the token; a [`Project`] and a [`Service`] are handles: making one sends nothing.
//! - **A privatelink is the service's**, one in the cloud it runs in, shared by all endpoints. Deleting it is a
//!   call of its own, and no part of taking a link down unless it is asked for.
//! - **The list of consumers is replaced whole** by the API. [`Privatelink::patch_allow_list`] changes only the entries it
//!   is given: read right before, read after, and a conflict is told, not overwritten. An entry that somebody else
//!   adds between that look and the write is lost, since the API knows no condition: some milliseconds, which
//!   one writer at a time avoids.
//! - **Endpoints are found by refreshing** on Azure and Google Cloud, and approved one by one: on Google Cloud with the
//!   endpoint's address, on Azure with the address in a call of its own once Azure shows it connected. On AWS whoever
//!   is on the list is connected.
//! - **Each connection has an id of Aiven's** ([`ConnectionId`]); hosts and ports differ by connection, component and, for
//!   Kafka, by how clients authenticate. [`ServiceDetails::over_privatelink`] never guesses between two.
//! - **Components are switched on one by one**; what a type of service has is a dated fact.
//! - **Names are published by Aiven** on all clouds: nothing is to be written into private DNS. Resolvers that drop public
//!   names with private addresses have to let `aivencloud.com` pass.
//! - **Secrets are not read**: users, passwords and URIs of a service never leave the answer.
//! - A [`Service`] is a [`DatabaseSide`](privlink_core::side::DatabaseSide) for networks in AWS, Azure and Google Cloud. Its findings have codes `AIVEN-001` and
//!   up, explained in `TROUBLESHOOTING.md`.
//!
//! Making services, project VPCs and static addresses is left to the vendor's own tools; [`Client::request`] reaches whatever
//! has no method here.
//!
//! # Features
//!
//! | feature | default | what |
//! | --- | --- | --- |
//! | `reqwest` | yes | the real transport: `Client::from_env()`, `Client::builder()` |
//!
//! Without it, `Client::over` takes any transport.
//!
//! # Where next
//!
//! `privlink` joins this side with a network into a link; `privlink-aws`, `privlink-azure` and `privlink-gcp` are the
//! networks' sides; `privlink-sim` is the world the examples run in.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod allow_list;
mod builder;
mod client;
mod credential;
mod dialect;
#[cfg(feature = "reqwest")]
mod env;
pub mod facts;
mod ids;
mod model;
mod operations;
mod privatelink;
mod project;
mod service;
mod side;

pub use allow_list::{AllowListOutcome, AllowListPatch};
pub use builder::ClientBuilder;
pub use client::Client;
pub use http::Method;
pub use ids::{ConnectionId, ProjectName, ServiceName};
pub use model::{
    Availability, Component, Connection, ConnectionState, Consumer, KafkaAuthentication, KafkaAuthority,
    PrivatelinkDetails, PrivatelinkState, ProjectVpc, Route, ServiceDetails, ServiceState, StaticIp, Usage,
};
pub use privatelink::Privatelink;
pub use privlink_core::transport::RawRequest;
pub use project::Project;
pub use service::Service;
