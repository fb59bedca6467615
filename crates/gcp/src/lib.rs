//! The consumer side of Google Private Service Connect: a typed client of the Compute Engine and
//! Cloud DNS calls a private link takes.
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
mod ids;
mod model;
mod problem;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use compute::{Compute, InsertAddress, InsertForwardingRule};
pub use dns::{CreateManagedZone, Dns};
pub use env::project_from_env;
pub use ids::{AddressName, ManagedZoneName, NetworkName, NetworkPath, SubnetworkName, SubnetworkPath};
pub use model::{
    Address, AddressStatus, Change, ChangeStatus, Firewall, FirewallPorts, ForwardingRule, ManagedZone,
    Network as VpcNetwork, Operation, OperationProblem, OperationStatus, PscConnectionStatus, RecordSet, RecordType,
    Subnetwork,
};
pub use problem::Problem;

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
