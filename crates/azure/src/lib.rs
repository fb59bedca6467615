//! The consumer side of Azure Private Link: a thin typed client of the resource manager's calls a
//! private link takes, and [`Network`], the network side of a link.
//!
//! The smallest whole program, here against the simulator; with a real subscription it begins with
//! `Client::from_env()?`, or with a credential of the official `azure_identity`:
//!
//! ```
//! use privlink_azure::{Client, VirtualNetworkId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let world = privlink_sim::World::new();
//! let client = Client::over(world.transport(), world.azure().subscription())
//!     .clock(world.clock())
//!     .token(world.azure().token())
//!     .build()?;
//!
//! // The typed calls:
//! let vnet: VirtualNetworkId = world.azure().vnet_id().try_into()?;
//! let network = client.networking().virtual_network(&vnet).await?.expect("it is there");
//! for subnet in &network.subnets {
//!     println!("{} with {:?}", subnet.id.name(), subnet.ranges);
//! }
//!
//! // The network side of a link, for `privlink::Link` or a workflow of one's own:
//! use privlink_core::side::{Cx, Exchange, Side};
//! let side = client.network(vnet).subnet(network.subnets[0].id.clone());
//! let cx = Cx::new("ledger".parse()?, "", world.clock());
//! let survey = side.survey(&Exchange::new(), &cx).await?;
//! assert!(survey.known.consumer.is_some());
//! # Ok(())
//! # }
//! ```
//!
//! # Concepts
//!
//! - A [`Client`] is the resource manager of one [`Cloud`] with one credential;
//!   [`Client::networking`] and [`Client::private_dns`] are its calls. Every resource is named by a
//!   typed id that holds its subscription and group, so that a zone in a hub subscription is no
//!   special case. Lists are [`Pages`](privlink_core::Pages): streams that fetch page by page.
//! - **Long-running operations.** A write answers at once and Azure goes on working:
//!   [`LongRunning`] is awaited for the end, or looked at step by step. The status monitor's own
//!   word counts, not the HTTP code. A wait that ran out of time ends in an [`OperationHandle`] that
//!   takes it up again, in another process if need be. The addresses Azure names for it are opaque;
//!   credentials travel to the configured host alone.
//! - **Two identities.** Vendors list an endpoint by its resource id, or by the older
//!   `properties.resourceGuid`, which no published document has and Azure answers all the same
//!   ([`PrivateEndpoint::resource_guid`]). [`IdentityMigration`] moves a list from one to the other
//!   without a gap. The id of an interface, or of a connection inside the endpoint, is refused.
//! - **Whole resources.** A PUT replaces: [`PrivateEndpoint::as_request`] is what keeps the
//!   endpoint as it is, application security groups and all. Private DNS writes say what must be
//!   there for them to be right ([`Expect`]).
//! - **One code, several meanings.** [`Problem::of`] tells them apart; [`ErrorKind`] is coarser.
//! - A [`Network`] makes an endpoint, a private zone named exactly the host, a record and the link
//!   that makes the zone answer, each marked by what it touches; see there for what it never does.
//!
//! # Credentials
//!
//! Without features: one token ([`ClientBuilder::token`], `AZURE_ACCESS_TOKEN`), or a
//! [`TokenSource`](privlink_core::transport::TokenSource) of one's own. With `azure-identity`:
//! whatever the official crate offers, as `ClientBuilder::credential`; `identity_options` lets it ask
//! its authority over a transport of this family.
//!
//! # Features
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `reqwest` | yes | the real transport: `Client::builder`, `Client::from_env` |
//! | `azure-identity` | no | credentials of `azure_identity`: `ClientBuilder::credential` |
//!
//! # Where next
//!
//! `privlink` joins a [`Network`] with a database into a link. [`TROUBLESHOOTING.md`] explains the
//! findings `AZURE-001` and following.
//!
//! [`ErrorKind`]: privlink_core::ErrorKind
//! [`TROUBLESHOOTING.md`]: https://docs.rs/privlink/latest/privlink/troubleshooting/index.html

#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
mod builder;
mod client;
mod cloud;
mod credential;
mod dialect;
mod dns;
mod env;
mod facts;
#[cfg(feature = "azure-identity")]
mod identity;
mod ids;
mod lro;
mod migration;
mod model;
mod network;
mod notes;
mod problem;
mod side;
mod throttle;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use cloud::Cloud;
pub use dns::{Expect, PrivateDns};
pub use env::subscription_from_env;
#[cfg(feature = "azure-identity")]
pub use identity::identity_options;
pub use ids::{
    ApplicationSecurityGroupId, NetworkInterfaceId, NetworkSecurityGroupId, PrivateDnsZoneId, ResourceGroup, SubnetId,
    VirtualNetworkId, VirtualNetworkLinkId,
};
pub use lro::{LongRunning, OperationError, OperationHandle, Progress};
pub use migration::IdentityMigration;
pub use model::{
    ARecordSet, Connection, ConnectionKind, ConnectionStatus, CreatePrivateEndpoint, LinkState, MissingResourceGuid,
    NetworkInterface, NetworkSecurityGroup, PrivateEndpoint, PrivateZone, ProvisioningState, RecordSet, SecurityRule,
    StaticAddress, Subnet, Tags, VirtualNetwork, VirtualNetworkLink,
};
pub use network::Networking;
pub use privlink_core::{
    AzurePrivateEndpointId, AzurePrivateLinkServiceId, AzureResourceId, PrivateLinkServiceAlias, Region, ResourceGuid,
    SubscriptionId,
};
pub use problem::Problem;
pub use side::Network;
pub use throttle::Remaining;

/// Every operation this crate calls, by its `operationId`. For checks against the official documents.
///
/// ```
/// assert!(privlink_azure::operations().any(|operation| operation.name == "PrivateEndpoints_CreateOrUpdate"));
/// ```
pub fn operations() -> impl Iterator<Item = privlink_core::transport::Operation> {
    network::operations::ALL.into_iter().chain(dns::operations::ALL)
}

/// Reads any body as the answer to every operation: for fuzzing the readers, which must not panic.
#[doc(hidden)]
pub fn read_as_every_answer(body: &[u8]) {
    wire::read_as_every_answer(body);
}
