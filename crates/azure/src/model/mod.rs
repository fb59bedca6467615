//! What this crate promises of Azure's resources.

mod connection;
mod endpoint;
mod group;
mod interface;
mod network;
mod readable;
mod words;
mod zone;

use std::collections::BTreeMap;

use privlink_core::Region;

pub use connection::{Connection, ConnectionKind};
pub(crate) use endpoint::CONNECTION_SUFFIX;
pub use endpoint::{CreatePrivateEndpoint, MissingResourceGuid, PrivateEndpoint, StaticAddress};
pub(crate) use group::Shut;
pub use group::{NetworkSecurityGroup, SecurityRule};
pub use interface::NetworkInterface;
pub use network::{Subnet, VirtualNetwork};
pub use words::{ConnectionStatus, LinkState, ProvisioningState};
pub use zone::{ARecordSet, PrivateZone, RecordSet, VirtualNetworkLink};

/// Tags of a resource, or metadata of a record set. Azure compares the names of tags without case.
pub type Tags = BTreeMap<String, String>;

/// The value of the tag `name`.
pub(crate) fn tag<'a>(tags: &'a Tags, name: &str) -> Option<&'a str> {
    tags.get(name)
        .or_else(|| tags.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value))
        .map(String::as_str)
}

/// `East US 2` and `eastus2` are one location.
pub(crate) fn location(text: &str) -> Option<Region> {
    text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase().parse().ok()
}
