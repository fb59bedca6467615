//! The consumer side of Azure Private Link: a thin typed client of the resource manager's calls a
//! private link takes.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
mod builder;
mod client;
mod cloud;
mod credential;
mod dialect;
mod dns;
mod facts;
mod ids;
mod lro;
mod model;
mod network;
mod problem;
mod throttle;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use cloud::Cloud;
pub use dns::{Expect, PrivateDns};
pub use ids::{
    ApplicationSecurityGroupId, NetworkInterfaceId, NetworkSecurityGroupId, PrivateDnsZoneId, SubnetId,
    VirtualNetworkId, VirtualNetworkLinkId,
};
pub use lro::{LongRunning, OperationError, OperationHandle, Progress};
pub use model::{
    ARecordSet, Connection, ConnectionKind, ConnectionStatus, CreatePrivateEndpoint, LinkState, MissingResourceGuid,
    NetworkInterface, NetworkSecurityGroup, PrivateEndpoint, PrivateZone, ProvisioningState, RecordSet, SecurityRule,
    StaticAddress, Subnet, Tags, VirtualNetwork, VirtualNetworkLink,
};
pub use network::Networking;
pub use problem::Problem;
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
