//! EC2's operations, declared once: the API's own name, and whether each may run twice.

use privlink_core::transport::Operation;

/// The version of the API that all calls name.
pub(crate) const VERSION: &str = "2016-11-15";

pub(crate) const DESCRIBE_VPCS: Operation = Operation::read("DescribeVpcs");
pub(crate) const DESCRIBE_VPC_ATTRIBUTE: Operation = Operation::read("DescribeVpcAttribute");
pub(crate) const MODIFY_VPC_ATTRIBUTE: Operation = Operation::idempotent("ModifyVpcAttribute");
pub(crate) const DESCRIBE_SUBNETS: Operation = Operation::read("DescribeSubnets");
pub(crate) const DESCRIBE_NETWORK_INTERFACES: Operation = Operation::read("DescribeNetworkInterfaces");
pub(crate) const DESCRIBE_SECURITY_GROUPS: Operation = Operation::read("DescribeSecurityGroups");
/// No client token; a second one of the same name is refused, but whose the first is must be looked at.
pub(crate) const CREATE_SECURITY_GROUP: Operation = Operation::once("CreateSecurityGroup");
/// A rule that is there already is `InvalidPermission.Duplicate`, which counts as success.
pub(crate) const AUTHORIZE_SECURITY_GROUP_INGRESS: Operation = Operation::idempotent("AuthorizeSecurityGroupIngress");
pub(crate) const REVOKE_SECURITY_GROUP_INGRESS: Operation = Operation::idempotent("RevokeSecurityGroupIngress");
pub(crate) const DELETE_SECURITY_GROUP: Operation = Operation::idempotent("DeleteSecurityGroup");
pub(crate) const DESCRIBE_VPC_ENDPOINT_SERVICES: Operation = Operation::read("DescribeVpcEndpointServices");
pub(crate) const DESCRIBE_VPC_ENDPOINTS: Operation = Operation::read("DescribeVpcEndpoints");
/// Idempotent by its client token, which is always sent.
pub(crate) const CREATE_VPC_ENDPOINT: Operation = Operation::idempotent("CreateVpcEndpoint");
pub(crate) const MODIFY_VPC_ENDPOINT: Operation = Operation::idempotent("ModifyVpcEndpoint");
pub(crate) const DELETE_VPC_ENDPOINTS: Operation = Operation::idempotent("DeleteVpcEndpoints");
pub(crate) const CREATE_TAGS: Operation = Operation::idempotent("CreateTags");
pub(crate) const DELETE_TAGS: Operation = Operation::idempotent("DeleteTags");

/// All of them, for checks against the official model.
pub(crate) const ALL: [Operation; 17] = [
    DESCRIBE_VPCS,
    DESCRIBE_VPC_ATTRIBUTE,
    MODIFY_VPC_ATTRIBUTE,
    DESCRIBE_SUBNETS,
    DESCRIBE_NETWORK_INTERFACES,
    DESCRIBE_SECURITY_GROUPS,
    CREATE_SECURITY_GROUP,
    AUTHORIZE_SECURITY_GROUP_INGRESS,
    REVOKE_SECURITY_GROUP_INGRESS,
    DELETE_SECURITY_GROUP,
    DESCRIBE_VPC_ENDPOINT_SERVICES,
    DESCRIBE_VPC_ENDPOINTS,
    CREATE_VPC_ENDPOINT,
    MODIFY_VPC_ENDPOINT,
    DELETE_VPC_ENDPOINTS,
    CREATE_TAGS,
    DELETE_TAGS,
];
