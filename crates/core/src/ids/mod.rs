//! Identifiers: one type for each thing that can be taken for another.
//!
//! Every type here is parsed by [`FromStr`](std::str::FromStr), which is the only gate:
//! `TryFrom` and `Deserialize` go through it. `Display`, `AsRef<str>` and `Serialize` give the
//! text back. An error says which rule broke, quotes the text, and names the other kind of id
//! when the text looks like one.

#[macro_use]
pub(crate) mod make;
mod text;

mod aws;
mod azure;
mod dns_name;
mod endpoint;
mod error;
mod gcp;
mod link;
mod looks_like;
mod region;

pub use aws::{
    AwsAccountId, AwsPartition, AwsPrincipal, HostedZoneId, NetworkInterfaceId, SecurityGroupId, SubnetId,
    VpcEndpointId, VpcEndpointServiceId, VpcEndpointServiceName, VpcId,
};
pub use azure::{
    AzurePrivateEndpointId, AzurePrivateLinkServiceId, AzureResourceId, PrivateLinkServiceAlias, ResourceGuid,
    SubscriptionId,
};
pub use dns_name::{DnsName, PrivateDnsHostname};
pub use endpoint::{EndpointServiceId, PrivateEndpointId};
pub use error::IdError;
pub use gcp::{ForwardingRuleName, ProjectId, PscConnectionId, ServiceAttachment};
pub use link::LinkName;
pub use region::{CloudProvider, Region, ZoneId};
