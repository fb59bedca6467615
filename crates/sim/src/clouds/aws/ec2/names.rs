//! The parameters of each action, by the part before their first dot.
//!
//! Source: botocore's service model of EC2 2016-11-15, read 2026-11-21.

/// The parameters an action knows; `None` for an action that is not offered.
pub(super) fn parameters(action: &str) -> Option<&'static [&'static str]> {
    ACTIONS.iter().find(|(name, _)| *name == action).map(|(_, parameters)| *parameters)
}

/// Every action offered.
pub(super) const ACTIONS: [(&str, &[&str]); 20] = [
    ("DescribeVpcs", &["DryRun", "Filter", "MaxResults", "NextToken", "VpcId"]),
    ("DescribeVpcAttribute", &["Attribute", "DryRun", "VpcId"]),
    ("ModifyVpcAttribute", &["EnableDnsHostnames", "EnableDnsSupport", "EnableNetworkAddressUsageMetrics", "VpcId"]),
    ("DescribeSubnets", &["DryRun", "Filter", "MaxResults", "NextToken", "SubnetId"]),
    ("DescribeAvailabilityZones", &["AllAvailabilityZones", "DryRun", "Filter", "ZoneId", "ZoneName"]),
    ("DescribeVpcEndpointServices", &["DryRun", "Filter", "MaxResults", "NextToken", "ServiceName", "ServiceRegion"]),
    ("CreateSecurityGroup", &["DryRun", "GroupDescription", "GroupName", "TagSpecification", "VpcId"]),
    (
        "AuthorizeSecurityGroupIngress",
        &[
            "CidrIp",
            "DryRun",
            "FromPort",
            "GroupId",
            "GroupName",
            "IpPermissions",
            "IpProtocol",
            "SourceSecurityGroupName",
            "SourceSecurityGroupOwnerId",
            "TagSpecification",
            "ToPort",
        ],
    ),
    (
        "RevokeSecurityGroupIngress",
        &[
            "CidrIp",
            "DryRun",
            "FromPort",
            "GroupId",
            "GroupName",
            "IpPermissions",
            "IpProtocol",
            "SecurityGroupRuleId",
            "SourceSecurityGroupName",
            "SourceSecurityGroupOwnerId",
            "ToPort",
        ],
    ),
    ("DescribeSecurityGroups", &["DryRun", "Filter", "GroupId", "GroupName", "MaxResults", "NextToken"]),
    ("DescribeSecurityGroupRules", &["DryRun", "Filter", "MaxResults", "NextToken", "SecurityGroupRuleId"]),
    ("DeleteSecurityGroup", &["DryRun", "GroupId", "GroupName"]),
    (
        "CreateVpcEndpoint",
        &[
            "ClientToken",
            "DnsOptions",
            "DryRun",
            "IpAddressType",
            "PolicyDocument",
            "PrivateDnsEnabled",
            "ResourceConfigurationArn",
            "RouteTableId",
            "SecurityGroupId",
            "ServiceName",
            "ServiceNetworkArn",
            "ServiceRegion",
            "SubnetConfiguration",
            "SubnetId",
            "TagSpecification",
            "VpcEndpointType",
            "VpcId",
        ],
    ),
    ("DescribeVpcEndpoints", &["DryRun", "Filter", "MaxResults", "NextToken", "VpcEndpointId"]),
    (
        "ModifyVpcEndpoint",
        &[
            "AddRouteTableId",
            "AddSecurityGroupId",
            "AddSubnetId",
            "DnsOptions",
            "DryRun",
            "IpAddressType",
            "PolicyDocument",
            "PrivateDnsEnabled",
            "RemoveRouteTableId",
            "RemoveSecurityGroupId",
            "RemoveSubnetId",
            "ResetPolicy",
            "SubnetConfiguration",
            "VpcEndpointId",
        ],
    ),
    ("DeleteVpcEndpoints", &["DryRun", "VpcEndpointId"]),
    ("CreateTags", &["DryRun", "ResourceId", "Tag"]),
    ("DeleteTags", &["DryRun", "ResourceId", "Tag"]),
    ("DescribeTags", &["DryRun", "Filter", "MaxResults", "NextToken"]),
    (
        "DescribeNetworkInterfaces",
        &["DryRun", "Filter", "IncludeManagedResources", "MaxResults", "NetworkInterfaceId", "NextToken"],
    ),
];
