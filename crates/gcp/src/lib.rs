//! The consumer side of Google Private Service Connect: a typed client of the Compute Engine and
//! Cloud DNS calls a private link takes, and [`Network`], the network side of a link.
//!
//! The smallest whole program, here against the simulator; with a real project it begins with
//! `Client::from_env()?`:
//!
//! ```
//! use privlink_gcp::{Client, NetworkPath, SubnetworkPath};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let world = privlink_sim::World::new();
//! let client = Client::over(world.transport(), world.gcp().project())
//!     .clock(world.clock())
//!     .token(world.gcp().token())
//!     .build()?;
//!
//! // The typed calls:
//! let region = world.gcp().region();
//! for subnetwork in client.compute().subnetworks(&region).all().await? {
//!     println!("{} is {:?}", subnetwork.path, subnetwork.range);
//! }
//! for zone in client.dns().managed_zones().all().await? {
//!     println!("{} answers for {}", zone.name, zone.dns_name);
//! }
//!
//! // The network side of a link, for `privlink::Link` or a workflow of one's own:
//! use privlink_core::side::{Cx, Exchange, Side};
//! let path: NetworkPath = world.gcp().network().parse()?;
//! let subnetwork: SubnetworkPath = world.gcp().subnetwork().parse()?;
//! let network = client.network(path.name()).region(region).subnetwork(subnetwork.name());
//! let cx = Cx::new("orders".parse()?, "", world.clock());
//! let survey = network.survey(&Exchange::new(), &cx).await?;
//! assert!(survey.known.consumer.is_some());
//! # Ok(())
//! # }
//! ```
//!
//! # Concepts
//!
//! - A [`Client`] is one project with one set of credentials; [`Client::compute`] and
//!   [`Client::dns`] are its services, and `of(project)` of each the same in another project. Lists
//!   are [`Pages`](privlink_core::Pages): streams that fetch page by page.
//! - **A write is an [`Operation`]** that goes on after its answer and fails inside HTTP 200:
//!   [`Compute::finished`] waits for its end, [`Operation::failure`] says why it failed. Every
//!   write of Compute Engine carries a request id that is the same for all its attempts.
//! - **The connection's number is exact**: [`ForwardingRule::psc_connection_id`] is read from text
//!   alone. A JSON number may have been rounded on the way, so it is an error, never an id.
//! - **Words stay words.** States and types that are not known are kept as they came, and no read
//!   fails on them.
//! - **One reason, several meanings.** [`Problem::of`] tells them apart;
//!   [`ErrorKind`](privlink_core::ErrorKind) is coarser.
//! - **Regions.** An endpoint lives in the region of the vendor's service attachment; clients in
//!   other regions of the network use it by global access ([`Network::client_regions`]). A plan
//!   that breaks this is blocked with the reason.
//! - **Shared VPC.** The network may be another project's ([`Vpc::host_project`]), and so may the
//!   zones ([`Network::dns_project`]); endpoint and address are the client's own.
//! - A [`Network`] makes an address, an endpoint, a private zone named exactly the host, and a
//!   record, each marked by what it touches; see there for what it never does. An endpoint that the
//!   producer closed is replaced by a step of its own.
//!
//! # Features
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `reqwest` | yes | the real transport: `Client::builder`, `Client::from_env` |
//! | `google-cloud-auth` | no | credentials of `google-cloud-auth`: `application_default`, `ClientBuilder::credentials`; takes Rust 1.91 |
//!
//! Tokens come from the environment, from [`ClientBuilder::token`], or from any
//! [`TokenSource`](privlink_core::transport::TokenSource).
//!
//! # Where next
//!
//! `privlink` joins a [`Network`] with a database into a link. [`TROUBLESHOOTING.md`] explains the
//! findings `GCP-001` and following.
//!
//! [`TROUBLESHOOTING.md`]: https://docs.rs/privlink/latest/privlink/troubleshooting/index.html

#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
mod builder;
mod client;
mod compute;
mod credential;
mod dns;
mod endpoint;
mod env;
mod facts;
#[cfg(feature = "google-cloud-auth")]
mod identity;
mod ids;
mod model;
mod notes;
mod problem;
mod side;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use compute::{Compute, InsertAddress, InsertForwardingRule};
pub use dns::{CreateManagedZone, Dns};
pub use env::project_from_env;
#[cfg(feature = "google-cloud-auth")]
pub use identity::application_default;
pub use ids::{AddressName, ManagedZoneName, NetworkName, NetworkPath, SubnetworkName, SubnetworkPath};
pub use model::{
    Address, AddressStatus, Change, ChangeStatus, Firewall, FirewallPorts, ForwardingRule, ManagedZone,
    Network as VpcNetwork, Operation, OperationProblem, OperationStatus, PscConnectionStatus, RecordSet, RecordType,
    Subnetwork,
};
pub use privlink_core::{ForwardingRuleName, ProjectId, PscConnectionId, Region, ServiceAttachment};
pub use problem::Problem;
pub use side::{Network, Vpc};

/// Every operation this crate calls, as the official documents name it.
///
/// ```
/// assert!(privlink_gcp::operations().any(|operation| operation.name == "compute.forwardingRules.insert"));
/// ```
pub fn operations() -> impl Iterator<Item = privlink_core::transport::Operation> {
    compute::operations::ALL.into_iter().chain(dns::operations::ALL)
}

/// Reads any body as the answer to every operation: for fuzzing the readers, which must not panic.
#[doc(hidden)]
pub fn read_as_every_answer(body: &[u8]) {
    wire::read_as_every_answer(body);
}
