//! The consumer side of AWS PrivateLink: a typed client of the EC2, Route 53 and STS calls a
//! private link takes, and [`Network`], the network side of a link.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
mod builder;
mod client;
mod credential;
mod ec2;
mod endpoint;
mod facts;
mod model;
mod notes;
mod page;
mod problem;
mod route53;
mod side;
mod sign;
mod sts;
mod wire;

pub use builder::ClientBuilder;
pub use client::Client;
pub use credential::Credentials;
pub use ec2::{CreateVpcEndpoint, Ec2, Filter, ModifyVpcEndpoint, SubnetAddress};
pub use model::{
    AliasTarget, CallerIdentity, Change, ChangeAction, ChangeInfo, ChangeStatus, DnsEntry, DnsRecordIpType, HostedZone,
    HostedZoneListed, HostedZoneSummary, IpAddressType, IpPermission, LastError, NetworkInterface, PermissionSource,
    RecordSet, RecordType, RecordValue, SecurityGroup, ServiceDetail, Subnet, Tag, UnsuccessfulItem, VerificationState,
    Vpc, VpcAttribute, VpcEndpoint, VpcEndpointState, ZoneVpc,
};
pub use page::Listing;
pub use problem::Problem;
pub use route53::Route53;
pub use side::Network;
pub use sts::Sts;

/// Every operation this crate calls: the service as signatures name it, the version of its API,
/// and the operation. For checks against the official models.
///
/// ```
/// let all: Vec<_> = privlink_aws::operations().collect();
/// assert!(all.iter().any(|(service, version, operation)| {
///     (*service, *version, operation.name) == ("ec2", "2016-11-15", "CreateVpcEndpoint")
/// }));
/// ```
pub fn operations() -> impl Iterator<Item = (&'static str, &'static str, privlink_core::transport::Operation)> {
    let ec2 = ec2::operations::ALL.map(|operation| ("ec2", ec2::operations::VERSION, operation));
    let route53 = route53::operations::ALL.map(|operation| ("route53", route53::operations::VERSION, operation));
    let sts = sts::ALL.map(|operation| ("sts", sts::VERSION, operation));
    ec2.into_iter().chain(route53).chain(sts)
}
