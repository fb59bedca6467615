//! What we promise: typed, and required means required.

mod allowlist;
mod cluster;
mod connection;
mod connection_string;
mod enums;
mod owner;
mod service;

pub use allowlist::AllowedRange;
pub use cluster::{ClusterDetails, RegionDetails};
pub use connection::Connection;
pub(crate) use connection::fits;
pub use connection_string::{ConnectionString, PublicConnectionString};
pub use enums::{ClusterState, ConnectionStatus, OwnerType, Plan, Provider, ServiceStatus};
pub use owner::TrustedOwner;
pub use service::PrivateEndpointService;
