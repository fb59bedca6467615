//! What we promise: typed, and required means required.

mod allowlist;
mod cluster;
mod connection;
mod connection_string;
mod egress;
mod owner;
mod service;
mod words;

pub use allowlist::AllowedRange;
pub use cluster::{ClusterDetails, RegionDetails};
pub use connection::Connection;
pub(crate) use connection::fits;
pub use connection_string::{ConnectionString, PublicConnectionString};
pub use egress::{EgressPrivateEndpoint, EgressTarget};
pub use owner::{TrustedAccount, TrustedOwner};
pub use service::PrivateEndpointService;
pub use words::{
    ClusterState, ConnectionStatus, DomainNamesState, EgressState, EgressTargetType, OwnerType, Plan, Provider,
    ServiceStatus,
};
