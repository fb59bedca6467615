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
