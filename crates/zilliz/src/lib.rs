//! Zilliz Cloud private endpoints: a typed client of the control plane, and the database side of a
//! link.
//!
//! The smallest whole program, here against the simulator; with a real account it begins with
//! `Client::from_env()?`:
//!
//! ```
//! use privlink_core::VpcEndpointId;
//! use privlink_zilliz::{Client, EndpointId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let world = privlink_sim::World::new();
//! let client = Client::over(world.transport()).clock(world.clock()).api_key(world.zilliz().api_key()).build()?;
//! let project = client.project(world.zilliz().project_id().parse()?);
//!
//! // Where the VPC endpoint must point.
//! for service in project.endpoint_services().all().await? {
//!     println!("{} {}", service.region, service.endpoint_service);
//! }
//!
//! // Once the endpoint is there: let it in. Some five minutes later each cluster has its private address.
//! let endpoint: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
//! project.register(&"aws-us-east-1".parse()?, &EndpointId::Aws(endpoint)).await?;
//! for cluster in project.clusters_in(&"aws-us-east-1".parse()?).all().await? {
//!     match cluster.private_address()? {
//!         Some(address) => println!("{} {address}", cluster.name),
//!         None => println!("{} is {}", cluster.name, cluster.status),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Concepts
//!
//! - A [`Client`] holds the API key and its request budget; clones share them. [`Project`], [`Cluster`] and
//!   [`ProjectRegion`] are handles: making one sends nothing.
//! - **An endpoint is of a project and a region**, and serves all of their Dedicated clusters, present and future. So
//!   the database side of a link is a [`ProjectRegion`]. Each cluster has a private host and port of its own,
//!   and one record in the network.
//! - **The private host is the vendor's word** ([`ClusterDetails::private_address`]), a URL with the port, and is given
//!   out only once an endpoint is let in. So the first link of a region takes two plans, and a cluster made later gets
//!   its record when the link is planned again.
//! - **Failures come inside HTTP 200**: every answer is an envelope with a code, and is judged by it.
//! - **Lists are changed entry by entry**: endpoints are registered and taken off one by one, and the list of accounts is
//!   only added to, so that nothing somebody else writes in between is lost.
//! - **What the vendor publishes no words for is read with care**: the states of endpoints
//!   ([`EndpointStatus`]) are compared without case, and what is not known is waited for and shown.
//! - [`ProjectRegion`] is a [`DatabaseSide`](privlink_core::side::DatabaseSide) for networks in AWS,
//!   Azure and Google Cloud. Its findings have codes `ZILLIZ-001` and up, explained in
//!   `TROUBLESHOOTING.md`.
//!
//! Making clusters, and everything inside them, is left to the vendor's own tools; [`Client::request`]
//! reaches whatever has no method here.
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

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod client;
mod cluster;
mod dialect;
#[cfg(feature = "reqwest")]
mod env;
pub mod facts;
mod ids;
mod model;
mod operations;
mod project;
mod region;
mod side;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use cluster::Cluster;
pub use http::Method;
pub use ids::{ClusterId, EndpointId, ProjectId, RegionId};
pub use model::{
    Address, Cloud, ClusterDetails, ClusterStatus, DeploymentOption, EndpointStatus, PrivateEndpoint,
    PrivateEndpointService, ProjectDetails, RegionDetails,
};
pub use privlink_core::transport::RawRequest;
pub use project::Project;
pub use region::ProjectRegion;
