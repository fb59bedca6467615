//! Route 53's operations, declared once: the API's own name, and whether each may run twice.

use privlink_core::transport::Operation;

/// The version in every path.
pub(crate) const VERSION: &str = "2013-04-01";
/// The namespace of every body.
pub(crate) const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// Idempotent by its caller reference: a second one is `HostedZoneAlreadyExists`.
pub(crate) const CREATE_HOSTED_ZONE: Operation = Operation::idempotent("CreateHostedZone");
pub(crate) const GET_HOSTED_ZONE: Operation = Operation::read("GetHostedZone");
pub(crate) const LIST_HOSTED_ZONES_BY_NAME: Operation = Operation::read("ListHostedZonesByName");
pub(crate) const LIST_HOSTED_ZONES_BY_VPC: Operation = Operation::read("ListHostedZonesByVPC");
pub(crate) const DELETE_HOSTED_ZONE: Operation = Operation::idempotent("DeleteHostedZone");
/// A second association of the same VPC is refused as a conflict.
pub(crate) const ASSOCIATE_VPC: Operation = Operation::once("AssociateVPCWithHostedZone");
pub(crate) const DISASSOCIATE_VPC: Operation = Operation::once("DisassociateVPCFromHostedZone");
/// Creates and deletes: a second one is refused.
pub(crate) const CHANGE_RECORD_SETS: Operation = Operation::once("ChangeResourceRecordSets");
/// Upserts alone.
pub(crate) const UPSERT_RECORD_SETS: Operation = Operation::idempotent("ChangeResourceRecordSets");
pub(crate) const LIST_RECORD_SETS: Operation = Operation::read("ListResourceRecordSets");
pub(crate) const GET_CHANGE: Operation = Operation::read("GetChange");

/// All of them, for checks against the official model.
pub(crate) const ALL: [Operation; 10] = [
    CREATE_HOSTED_ZONE,
    GET_HOSTED_ZONE,
    LIST_HOSTED_ZONES_BY_NAME,
    LIST_HOSTED_ZONES_BY_VPC,
    DELETE_HOSTED_ZONE,
    ASSOCIATE_VPC,
    DISASSOCIATE_VPC,
    CHANGE_RECORD_SETS,
    LIST_RECORD_SETS,
    GET_CHANGE,
];
