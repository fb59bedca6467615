//! Every operation used here, by the vendor's own `operationId`, with whether it may run twice.
//!
//! Source: the vendor's OpenAPI document, autumn 2026.

use privlink_core::transport::Operation;

pub(crate) const WHOAMI: Operation = Operation::read("whoamiGet");
pub(crate) const ORGANIZATIONS: Operation = Operation::read("organizationGetList");
pub(crate) const ORGANIZATION: Operation = Operation::read("organizationGet");
/// A delta: sent twice, the second may be refused (an id that is already there, or gone), so a
/// lost answer is looked at and only what is still missing is sent again.
pub(crate) const ORGANIZATION_PATCH: Operation = Operation::once("organizationUpdate");
pub(crate) const ORGANIZATION_CONFIG: Operation = Operation::read("organizationPrivateEndpointConfigGetList");
pub(crate) const SERVICES: Operation = Operation::read("instanceGetList");
pub(crate) const SERVICE: Operation = Operation::read("instanceGet");
/// A delta, like [`ORGANIZATION_PATCH`].
pub(crate) const SERVICE_PATCH: Operation = Operation::once("instanceUpdate");
pub(crate) const SERVICE_CONFIG: Operation = Operation::read("instancePrivateEndpointConfigGet");
pub(crate) const ATTACH: Operation = Operation::once("instancePrivateEndpointCreate");
pub(crate) const BYOC_CONFIG: Operation = Operation::read("organizationByocInfrastructurePrivateEndpointConfigGet");
/// Outside the OpenAPI document: a plain file.
pub(crate) const STATIC_ADDRESSES: Operation = Operation::read("static-ips.json");
