use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Naming, Undo};
use crate::{EndpointServiceId, Region, ZoneId};

/// The vendor's end of a link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndpointService {
    /// Its id, in its cloud's form.
    pub id: EndpointServiceId,
    /// Other ids of the same service: on Azure a service has an alias and a resource id, and an endpoint that somebody
    /// made by hand may point at either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<EndpointServiceId>,
    /// The region it lives in.
    pub region: Region,
    /// The zones it is in; `None` means unknown, not none.
    pub zones: Option<BTreeSet<ZoneId>>,
    /// Who accepts a new endpoint.
    pub acceptance: Acceptance,
    /// From which regions an endpoint may point at it.
    pub reach: Reach,
    /// Which databases share it.
    pub shared_by: Sharing,
    /// Whether the vendor has to let the consumer's account see it before an endpoint is made: then a
    /// step of the vendor's side gives [`Fact::Invited`](super::Fact::Invited), and the endpoint waits for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_invitation: bool,
}

impl EndpointService {
    /// A service of unknown zones, accepted automatically, reached from its own region, of one
    /// database.
    #[must_use]
    pub fn new(id: EndpointServiceId, region: Region) -> Self {
        Self {
            id,
            also: Vec::new(),
            region,
            zones: None,
            acceptance: Acceptance::Automatic,
            reach: Reach::SameRegion,
            shared_by: Sharing::OneDatabase,
            by_invitation: false,
        }
    }

    /// All its ids, the one that new endpoints point at first.
    pub fn ids(&self) -> impl Iterator<Item = &EndpointServiceId> {
        std::iter::once(&self.id).chain(&self.also)
    }
}

/// Who accepts an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Acceptance {
    /// Nobody: it connects by itself, or once the vendor lists it.
    Automatic,
    /// The vendor, through a step of its side; connected comes after accepted.
    ByVendor,
    /// A person.
    ByHand,
}

/// From where an endpoint may point at a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reach {
    /// From the service's own region.
    SameRegion,
    /// From the service's region; clients in others through global access.
    SameRegionGlobalAccess,
    /// From any region.
    AnyRegion,
}

/// Which databases share an endpoint service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sharing {
    /// It belongs to one database.
    OneDatabase,
    /// The databases of one cluster.
    Cluster,
    /// The databases of a project in one region.
    ProjectRegion,
    /// Databases of one region, possibly several services a region.
    Region,
}

/// What the vendor's side can do, read from it rather than assumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Capabilities {
    /// The naming modes that work, the best first.
    pub naming: Vec<Naming>,
    /// Whether admitting the first endpoint closes public access by itself.
    pub admitting_restricts_public: bool,
    /// Whether private traffic passes by the IP access list; `None` is unknown.
    pub private_bypasses_ip_list: Option<bool>,
    /// What withdrawing an endpoint means.
    pub withdraw: Undo,
    /// Whether the databases using an endpoint can be counted.
    pub users: Users,
}

impl Capabilities {
    /// Capabilities with the given naming modes, the best first.
    #[must_use]
    pub fn new(naming: Vec<Naming>, withdraw: Undo, users: Users) -> Self {
        Self { naming, admitting_restricts_public: false, private_bypasses_ip_list: None, withdraw, users }
    }
}

/// Whether the databases that use an endpoint can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Users {
    /// Yes: an unused endpoint can be told.
    Countable,
    /// No: a shared endpoint is kept.
    Uncountable,
}
