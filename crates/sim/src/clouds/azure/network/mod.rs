//! The network provider: private endpoints, their interfaces, and the networks they are in.

pub(super) mod create;
pub(super) mod endpoint;
pub(super) mod interface;
pub(super) mod vnet;

pub(super) use endpoint::Endpoint;
pub(crate) use endpoint::Status;
