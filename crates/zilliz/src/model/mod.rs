//! What we promise: typed, and required means required.

mod address;
mod cluster;
mod endpoint;
mod place;
mod words;

pub use address::Address;
pub use cluster::ClusterDetails;
pub use endpoint::{PrivateEndpoint, PrivateEndpointService};
pub use place::{Cloud, ProjectDetails, RegionDetails};
pub use words::{ClusterStatus, DeploymentOption, EndpointStatus};
