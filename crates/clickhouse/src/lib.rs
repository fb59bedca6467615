//! ClickHouse Cloud private endpoints: a typed client of the control plane, and the database
//! side of a link.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod client;
mod credential;
mod delta;
mod dialect;
mod endpoints;
#[cfg(feature = "reqwest")]
mod env;
pub mod facts;
mod ids;
mod ip_access;
mod model;
mod operations;
mod organization;
mod recent;
mod registrations;
mod request;
mod service;
mod side;
mod wire;

pub use client::{Client, ClientBuilder};
pub use delta::PatchOutcome;
pub use endpoints::{Attach, Attached, EndpointsPatch, PrivateEndpoints};
pub use ids::{InfrastructureId, OrganizationId, ServiceId};
pub use ip_access::{IpAccessList, IpAccessPatch};
pub use model::{
    ByocConfig, EndpointProtocol, InfrastructureState, IpAccessEntry, ListedEndpoint, NotAvailableYet,
    OrganizationDetails, PrivateEndpointConfig, Provider, Registration, ServiceDetails, ServiceEndpoint, ServiceState,
    StaticAddressEntry, StaticAddresses, Whoami, WhoamiOrganization,
};
pub use organization::Organization;
pub use registrations::{Registrations, RegistrationsPatch};
pub use request::{RawAnswer, RawRequest};
pub use service::Service;
