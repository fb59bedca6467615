//! The operations of private DNS, declared once. What is written on a condition must not run
//! twice: the second one would be refused because of the first.

use privlink_core::transport::Operation;

pub(crate) const PUT_ZONE: Operation = Operation::idempotent("PrivateZones_CreateOrUpdate");
/// The same, when nothing may be there yet.
pub(crate) const CREATE_ZONE: Operation = Operation::once("PrivateZones_CreateOrUpdate");
pub(crate) const GET_ZONE: Operation = Operation::read("PrivateZones_Get");
pub(crate) const DELETE_ZONE: Operation = Operation::idempotent("PrivateZones_Delete");
pub(crate) const LIST_ZONES: Operation = Operation::read("PrivateZones_ListByResourceGroup");
pub(crate) const LIST_ZONES_OF_SUBSCRIPTION: Operation = Operation::read("PrivateZones_List");
pub(crate) const CREATE_LINK: Operation = Operation::once("VirtualNetworkLinks_CreateOrUpdate");
pub(crate) const GET_LINK: Operation = Operation::read("VirtualNetworkLinks_Get");
pub(crate) const DELETE_LINK: Operation = Operation::idempotent("VirtualNetworkLinks_Delete");
pub(crate) const LIST_LINKS: Operation = Operation::read("VirtualNetworkLinks_List");
pub(crate) const WRITE_RECORD_SET: Operation = Operation::once("RecordSets_CreateOrUpdate");
pub(crate) const GET_RECORD_SET: Operation = Operation::read("RecordSets_Get");
pub(crate) const DELETE_RECORD_SET: Operation = Operation::idempotent("RecordSets_Delete");
pub(crate) const LIST_RECORD_SETS: Operation = Operation::read("RecordSets_ListByType");

/// All of them, for checks against the official documents.
pub(crate) const ALL: [Operation; 13] = [
    PUT_ZONE,
    GET_ZONE,
    DELETE_ZONE,
    LIST_ZONES,
    LIST_ZONES_OF_SUBSCRIPTION,
    CREATE_LINK,
    GET_LINK,
    DELETE_LINK,
    LIST_LINKS,
    WRITE_RECORD_SET,
    GET_RECORD_SET,
    DELETE_RECORD_SET,
    LIST_RECORD_SETS,
];
