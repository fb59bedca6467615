//! What AWS's answers hold, typed. Required means required: an answer that lacks it is an error
//! that names the element; everything AWS may leave out is an `Option` or an empty list.

mod endpoint;
mod group;
mod network;
mod service;
mod words;
mod zone;

pub use endpoint::{DnsEntry, LastError, UnsuccessfulItem, VpcEndpoint};
pub use group::{IpPermission, PermissionSource, SecurityGroup};
pub use network::{CallerIdentity, NetworkInterface, Subnet, Vpc, VpcAttribute};
pub use service::ServiceDetail;
pub use words::{
    ChangeAction, ChangeStatus, DnsRecordIpType, IpAddressType, RecordType, VerificationState, VpcEndpointState,
};
pub(crate) use zone::normal as normal_name;
pub use zone::{
    AliasTarget, Change, ChangeInfo, HostedZone, HostedZoneListed, HostedZoneSummary, RecordSet, RecordValue, ZoneVpc,
};

use serde::{Deserialize, Serialize};

use crate::wire::xml::Element;

/// A tag: up to 128 characters of key and 256 of value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tag {
    /// The key, compared with case.
    pub key: String,
    /// The value.
    pub value: String,
}

impl Tag {
    /// A tag.
    #[must_use]
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }

    /// The tags of an EC2 resource.
    fn set(item: &Element) -> Vec<Self> {
        item.list("tagSet")
            .filter_map(|tag| Some(Self::new(tag.text_of("key")?, tag.text_of("value").unwrap_or_default())))
            .collect()
    }

    /// The value of the tag `key`.
    #[must_use]
    pub fn find<'a>(tags: &'a [Self], key: &str) -> Option<&'a str> {
        tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
    }
}
