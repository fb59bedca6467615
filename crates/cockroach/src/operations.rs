//! Every operation used here, by the vendor's own `operationId`, with whether it may run twice.
//!
//! Source: the vendor's OpenAPI document for API version 2024-09-16, read 2026-11.

use privlink_core::transport::Operation;

pub(crate) const CLUSTERS: Operation = Operation::read("CockroachCloud_ListClusters");
pub(crate) const CLUSTER: Operation = Operation::read("CockroachCloud_GetCluster");
pub(crate) const CONNECTION_STRING: Operation = Operation::read("CockroachCloud_GetConnectionString");
pub(crate) const SERVICES: Operation = Operation::read("CockroachCloud_ListPrivateEndpointServices");
/// Repeats give back what is there (vendor's Terraform provider 1.22).
pub(crate) const MAKE_SERVICES: Operation = Operation::idempotent("CockroachCloud_CreatePrivateEndpointServices");
pub(crate) const CONNECTIONS: Operation = Operation::read("CockroachCloud_ListPrivateEndpointConnections");
/// What a repeat of an id that is connected comes to is not documented, so a lost answer is looked
/// at first.
pub(crate) const ADD_CONNECTION: Operation = Operation::once("CockroachCloud_AddPrivateEndpointConnection");
pub(crate) const DELETE_CONNECTION: Operation = Operation::idempotent("CockroachCloud_DeletePrivateEndpointConnection");
pub(crate) const OWNERS: Operation = Operation::read("CockroachCloud_ListPrivateEndpointTrustedOwners");
pub(crate) const OWNER: Operation = Operation::read("CockroachCloud_GetPrivateEndpointTrustedOwner");
/// Twice, it may make two entries.
pub(crate) const ADD_OWNER: Operation = Operation::once("CockroachCloud_AddPrivateEndpointTrustedOwner");
pub(crate) const REMOVE_OWNER: Operation = Operation::idempotent("CockroachCloud_RemovePrivateEndpointTrustedOwner");
pub(crate) const EGRESS_LIST: Operation = Operation::read("CockroachCloud_ListEgressPrivateEndpoints");
pub(crate) const EGRESS_ONE: Operation = Operation::read("CockroachCloud_GetEgressPrivateEndpoint");
/// Twice, it makes two.
pub(crate) const EGRESS_MAKE: Operation = Operation::once("CockroachCloud_CreateEgressPrivateEndpoint");
/// The whole list is replaced.
pub(crate) const EGRESS_UPDATE: Operation = Operation::idempotent("CockroachCloud_UpdateEgressPrivateEndpoint");
pub(crate) const EGRESS_DELETE: Operation = Operation::idempotent("CockroachCloud_DeleteEgressPrivateEndpoint");
pub(crate) const ALLOWLIST: Operation = Operation::read("CockroachCloud_ListAllowlistEntries");
/// `PUT`: the entry is named by its range, whatever was there.
pub(crate) const PUT_ALLOWED: Operation = Operation::idempotent("CockroachCloud_AddAllowlistEntry2");
pub(crate) const DELETE_ALLOWED: Operation = Operation::idempotent("CockroachCloud_DeleteAllowlistEntry");
