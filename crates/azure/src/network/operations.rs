//! The operations of `Microsoft.Network`, declared once: the API's own name, and whether each may
//! run twice.

use privlink_core::transport::Operation;

/// A PUT replaces the whole of it: twice has the effect of once.
pub(crate) const PUT_PRIVATE_ENDPOINT: Operation = Operation::idempotent("PrivateEndpoints_CreateOrUpdate");
/// The same of one that is there, with what was read of it: it is old by the second time.
pub(crate) const CHANGE_PRIVATE_ENDPOINT: Operation = Operation::once("PrivateEndpoints_CreateOrUpdate");
pub(crate) const GET_PRIVATE_ENDPOINT: Operation = Operation::read("PrivateEndpoints_Get");
pub(crate) const DELETE_PRIVATE_ENDPOINT: Operation = Operation::idempotent("PrivateEndpoints_Delete");
/// The same of one that was read just before, and may be somebody's by the second time.
pub(crate) const DELETE_JUST_READ: Operation = Operation::once("PrivateEndpoints_Delete");
pub(crate) const LIST_PRIVATE_ENDPOINTS: Operation = Operation::read("PrivateEndpoints_List");
pub(crate) const LIST_PRIVATE_ENDPOINTS_OF_SUBSCRIPTION: Operation =
    Operation::read("PrivateEndpoints_ListBySubscription");
pub(crate) const GET_NETWORK_INTERFACE: Operation = Operation::read("NetworkInterfaces_Get");
pub(crate) const GET_VIRTUAL_NETWORK: Operation = Operation::read("VirtualNetworks_Get");
pub(crate) const GET_SUBNET: Operation = Operation::read("Subnets_Get");
pub(crate) const GET_NETWORK_SECURITY_GROUP: Operation = Operation::read("NetworkSecurityGroups_Get");

/// All of them, for checks against the official documents.
pub(crate) const ALL: [Operation; 9] = [
    PUT_PRIVATE_ENDPOINT,
    GET_PRIVATE_ENDPOINT,
    DELETE_PRIVATE_ENDPOINT,
    LIST_PRIVATE_ENDPOINTS,
    LIST_PRIVATE_ENDPOINTS_OF_SUBSCRIPTION,
    GET_NETWORK_INTERFACE,
    GET_VIRTUAL_NETWORK,
    GET_SUBNET,
    GET_NETWORK_SECURITY_GROUP,
];
