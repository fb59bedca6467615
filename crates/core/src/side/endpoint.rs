use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Ownership;
use crate::{
    AwsAccountId, AwsPrincipal, AzurePrivateEndpointId, DnsName, ForwardingRuleName, PrivateEndpointId, ProjectId,
    PscConnectionId, ResourceGuid, SubscriptionId, Text, VpcEndpointId, ZoneId,
};

/// An endpoint with all its identities and addresses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndpointFacts {
    /// Every identity a vendor may ask for.
    pub ids: EndpointIds,
    /// Where it stands.
    pub state: EndpointState,
    /// Its own addresses with the zone of each.
    pub addresses: Vec<(IpAddr, Option<ZoneId>)>,
    /// The names its cloud gave it.
    pub dns: Vec<EndpointDns>,
    /// Whether the endpoint answers the vendor's names itself; `None` where the cloud has no such thing.
    pub private_dns: Option<bool>,
    /// Whose it is.
    pub ownership: Ownership,
}

impl EndpointFacts {
    /// An endpoint of which only ids, state and owner are known.
    #[must_use]
    pub fn new(ids: EndpointIds, state: EndpointState, ownership: Ownership) -> Self {
        Self { ids, state, addresses: Vec::new(), dns: Vec::new(), private_dns: None, ownership }
    }
}

/// The identities of an endpoint; vendors pick the one they want.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cloud", rename_all = "lowercase")]
#[non_exhaustive]
pub enum EndpointIds {
    /// A VPC endpoint.
    Aws {
        /// Its id.
        id: VpcEndpointId,
        /// The account it lives in.
        account: AwsAccountId,
    },
    /// A private endpoint.
    Azure {
        /// Its resource id.
        id: AzurePrivateEndpointId,
        /// `properties.resourceGuid`.
        guid: Option<ResourceGuid>,
    },
    /// A forwarding rule.
    Gcp {
        /// The consumer's project.
        project: ProjectId,
        /// The rule's name.
        rule: ForwardingRuleName,
        /// The connection id, once there is one.
        psc: Option<PscConnectionId>,
    },
}

impl EndpointIds {
    /// The id most vendors list the endpoint by; `None` while Google has given none.
    #[must_use]
    pub fn primary(&self) -> Option<PrivateEndpointId> {
        match self {
            Self::Aws { id, .. } => Some(PrivateEndpointId::Aws(id.clone())),
            Self::Azure { id, .. } => Some(PrivateEndpointId::AzureResource(id.clone())),
            Self::Gcp { psc, .. } => psc.map(PrivateEndpointId::Gcp),
        }
    }

    /// Every id it is known by, [`EndpointIds::primary`] first: an endpoint that Azure made anew
    /// under the same resource id has another GUID.
    pub fn all(&self) -> impl Iterator<Item = PrivateEndpointId> {
        let second = match self {
            Self::Azure { guid, .. } => guid.map(PrivateEndpointId::AzureGuid),
            _ => None,
        };
        self.primary().into_iter().chain(second)
    }
}

/// Where an endpoint stands, in words common to all clouds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndpointState {
    /// It waits for the vendor.
    Requested,
    /// The cloud is building or changing it.
    Building,
    /// Usable.
    Ready,
    /// It will not become usable.
    Dead {
        /// What the cloud says.
        text: Text,
        /// Whether the vendor can still revive it.
        revivable: bool,
    },
    /// It is going or gone.
    Gone,
    /// A state this library does not know, verbatim.
    Unknown {
        /// The cloud's word for it.
        text: Text,
    },
}

/// In lower-case words; [`Unknown`](Self::Unknown) as the cloud says it.
impl fmt::Display for EndpointState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requested => f.pad("requested"),
            Self::Building => f.pad("building"),
            Self::Ready => f.pad("ready"),
            Self::Dead { text, .. } if text.is_empty() => f.pad("dead"),
            Self::Dead { text, .. } => write!(f, "dead: {text}"),
            Self::Gone => f.pad("gone"),
            Self::Unknown { text } => f.pad(text),
        }
    }
}

/// A name the cloud gave an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndpointDns {
    /// The name.
    pub name: DnsName,
    /// The zone it is pinned to; `None` for the regional name.
    pub zone: Option<ZoneId>,
    /// The hosted zone an alias record must name.
    pub alias_zone: Option<Text>,
}

impl EndpointDns {
    /// A name with the hosted zone an alias must name.
    #[must_use]
    pub fn new(name: DnsName, zone: Option<ZoneId>, alias_zone: Option<Text>) -> Self {
        Self { name, zone, alias_zone }
    }
}

/// Who the consumer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cloud", rename_all = "lowercase")]
#[non_exhaustive]
pub enum ConsumerIdentity {
    /// An AWS account, and the principal that calls.
    Aws {
        /// The account.
        account: AwsAccountId,
        /// The caller, as an allow list would name it.
        principal: Option<AwsPrincipal>,
    },
    /// An Azure subscription.
    Azure {
        /// The tenant, when known.
        tenant: Option<uuid::Uuid>,
        /// The subscription.
        subscription: SubscriptionId,
    },
    /// A Google Cloud project.
    Gcp {
        /// The project.
        project: ProjectId,
    },
}
