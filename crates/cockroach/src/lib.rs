//! CockroachDB Cloud private endpoints: a typed client of the control plane, and the database
//! side of a link.
//!
//! The smallest whole program, here against the simulator; with a real account it begins with
//! `Client::from_env()?`:
//!
//! ```
//! use privlink_cockroach::Client;
//! use privlink_core::VpcEndpointId;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let world = privlink_sim::World::new();
//! let client =
//!     Client::over(world.transport()).clock(world.clock()).api_key(world.cockroach().api_key()).build()?;
//! let cluster = client.cluster(world.cockroach().cluster_id().into());
//!
//! // Where the VPC endpoint must point, and the name by which clients then connect.
//! let details = cluster.details().await?;
//! for service in cluster.private_endpoint_services().await? {
//!     let service = service?;
//!     println!("{} {}", service.region, service.endpoint_service_id(details.account.as_deref())?);
//! }
//! let private = details.private_connection_string(&"us-east-1".parse()?, "app", "shop", 26257);
//! println!("{}", private.expect("published with the services"));
//!
//! // Once the endpoint is there: let it in.
//! let endpoint: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
//! let connection = cluster.add_private_endpoint_connection(&endpoint.into()).await?;
//! println!("{}", connection.status);
//! # Ok(())
//! # }
//! ```
//!
//! # Concepts
//!
//! - A [`Client`] holds credentials, the API version and the user's request budget; clones share
//!   them. A [`Cluster`] is a handle: making one sends nothing.
//! - **Plans differ as data** ([`facts::Facts::offers`]). *Advanced* has an endpoint service of its
//!   own in each region, made on request and for ever. *Standard* shares one among all clusters of
//!   a region: one endpoint, and a connection for each cluster. *Basic* has none.
//! - **One link is of one region.** A cluster in several has an endpoint service and a private host
//!   in each; [`Cluster::in_region`] names it.
//! - **The private host is the vendor's word**: `internal_dns` on AWS and Azure, `private_endpoint_dns`
//!   on Google Cloud. The vendor's connection string is the public one;
//!   [`ClusterDetails::private_connection_string`] is the private one, with the routing id where the plan has one.
//! - **What is read is tolerated, what is promised is checked.** Unknown states and fields survive
//!   ([`ClusterState::Unknown`]); a missing one is an error that names it.
//! - A cluster that is busy with another operation is waited for, writes included.
//! - **Lists are changed entry by entry**: connections, the IP allowlist and trusted owners have a call for each entry, so
//!   that nothing somebody else writes in between is lost. The domain names of an egress endpoint alone are
//!   replaced whole ([`Cluster::set_egress_domain_names`]).
//! - [`Cluster`] is a [`DatabaseSide`](privlink_core::side::DatabaseSide) for networks in AWS,
//!   Azure and Google Cloud. Its findings have codes `CRDB-001` and up, explained in
//!   `TROUBLESHOOTING.md`.
//! - Endpoints from the cluster outwards ([`Cluster::create_egress_private_endpoint`]) are typed calls and
//!   waits, and no part of a link.
//!
//! Making and deleting clusters is left to the vendor's own tools; [`Client::request`] reaches whatever
//! has no method here.
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
mod credential;
mod dialect;
mod egress;
#[cfg(feature = "reqwest")]
mod env;
pub mod facts;
mod ids;
mod model;
mod operations;
mod side;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use cluster::Cluster;
pub use http::Method;
pub use ids::{ClusterId, EgressEndpointId, TrustedOwnerId};
pub use model::{
    AllowedRange, ClusterDetails, ClusterState, Connection, ConnectionStatus, ConnectionString, DomainNamesState,
    EgressPrivateEndpoint, EgressState, EgressTarget, EgressTargetType, OwnerType, Plan, PrivateEndpointService,
    Provider, PublicConnectionString, RegionDetails, ServiceStatus, TrustedAccount, TrustedOwner,
};
pub use privlink_core::transport::RawRequest;
