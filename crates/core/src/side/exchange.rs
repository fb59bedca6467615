use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::time::SystemTime;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{Ownership, rfc3339};
use crate::{
    AwsAccountId, AwsPrincipal, AzurePrivateEndpointId, DnsName, EndpointServiceId, ForwardingRuleName,
    PrivateEndpointId, ProjectId, PscConnectionId, Region, ResourceGuid, SubscriptionId, Text, Turn, VpcEndpointId,
    ZoneId,
};

/// Everything the two sides have told each other so far: an accumulating blackboard.
///
/// Plain data: a plan carries it, an operator can read it, a durable engine can store it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Exchange {
    /// Who the consumer is, as its cloud knows it.
    pub consumer: Option<ConsumerIdentity>,
    /// The vendor's endpoint services; nearly always one.
    pub services: BTreeMap<Slot, EndpointService>,
    /// The consumer's endpoints, by the slot of the service they point at.
    pub endpoints: BTreeMap<Slot, EndpointFacts>,
    /// What the vendor says of each endpoint.
    pub admissions: BTreeMap<Slot, Admission>,
    /// The names clients use privately.
    pub names: Vec<PrivateName>,
    /// The database's public hosts: they are to resolve inside as they do outside, so no private
    /// zone or record may catch them.
    pub public_hosts: BTreeSet<DnsName>,
    /// What the vendor's side can do, as observed.
    pub capabilities: Option<Capabilities>,
    /// Address ranges of the consumer's network.
    pub inside: Vec<IpNet>,
    /// The facts that hold; without a slot for all slots.
    pub holds: BTreeSet<(Option<Slot>, Fact)>,
    /// Things that steps have made, in the side's own words, and when: a cloud may not show a new
    /// thing everywhere at once, and another process must not take it for gone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", with = "rfc3339::map")]
    pub made: BTreeMap<Text, SystemTime>,
}

impl Exchange {
    /// Nothing known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what `newer` says: entries replace those of the same slot or name, facts add up.
    pub fn absorb(&mut self, newer: Self) {
        if newer.consumer.is_some() {
            self.consumer = newer.consumer;
        }
        self.services.extend(newer.services);
        self.endpoints.extend(newer.endpoints);
        self.admissions.extend(newer.admissions);
        for name in newer.names {
            match self.names.iter_mut().find(|known| known.host == name.host && known.component == name.component) {
                Some(known) => *known = name,
                None => self.names.push(name),
            }
        }
        self.public_hosts.extend(newer.public_hosts);
        if newer.capabilities.is_some() {
            self.capabilities = newer.capabilities;
        }
        if !newer.inside.is_empty() {
            self.inside = newer.inside;
        }
        self.holds.extend(newer.holds);
        self.made.extend(newer.made);
    }

    /// Whether `fact` holds for `slot`; `None` asks for all slots.
    #[must_use]
    pub fn holds(&self, slot: Option<&Slot>, fact: &Fact) -> bool {
        let has = |slot: Option<&Slot>| self.holds.contains(&(slot.cloned(), fact.clone()));
        if has(None) {
            return true;
        }
        match slot {
            Some(slot) => has(Some(slot)),
            None => !self.services.is_empty() && self.services.keys().all(|slot| has(Some(slot))),
        }
    }

    /// Notes that `fact` holds.
    pub fn hold(&mut self, slot: Option<Slot>, fact: Fact) {
        self.holds.insert((slot, fact));
    }

    /// Notes that `fact` no longer holds for `slot`, or with `None` for any.
    pub fn forget(&mut self, slot: Option<&Slot>, fact: &Fact) {
        self.holds.retain(|(held_for, held)| {
            held != fact || (slot.is_some() && held_for.is_some() && held_for.as_ref() != slot)
        });
    }

    /// The same, in a chain: for building what a survey or a step returns.
    #[must_use]
    pub fn with(mut self, slot: Option<Slot>, fact: Fact) -> Self {
        self.hold(slot, fact);
        self
    }

    /// Notes, in a chain, that `thing` was made at `at`.
    #[must_use]
    pub fn with_made(mut self, thing: impl Into<Text>, at: SystemTime) -> Self {
        self.made.insert(thing.into(), at);
        self
    }
}

/// A fact about a link; steps state their order in these words alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fact {
    /// The consumer's identity is known.
    Consumer,
    /// The vendor lets this consumer see its service.
    Invited,
    /// The endpoint service is known and usable.
    Service,
    /// The endpoint exists and its ids are known.
    Endpoint,
    /// The endpoint's own addresses are known.
    Address,
    /// The vendor has accepted the endpoint.
    Accepted,
    /// The cloud shows the endpoint connected.
    Connected,
    /// The database answers through the endpoint.
    Served,
    /// Private names and ports are known.
    Names,
    /// The rules let clients reach the endpoint's ports.
    Opened,
    /// The private names lead to the endpoint inside the network.
    Resolving,
    /// A proof from inside has been judged good.
    Proved,
    /// A fact private to one side, such as `aws.security_group`.
    Own(Text),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Consumer => "consumer known",
            Self::Invited => "invited",
            Self::Service => "service known",
            Self::Endpoint => "endpoint exists",
            Self::Address => "addresses known",
            Self::Accepted => "accepted",
            Self::Connected => "connected",
            Self::Served => "served",
            Self::Names => "names known",
            Self::Opened => "opened",
            Self::Resolving => "resolving",
            Self::Proved => "proved",
            Self::Own(own) => own,
        })
    }
}

/// Which of several endpoint services of one database; `main` where there is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(Text);

impl Slot {
    /// The slot of the only service.
    #[must_use]
    pub const fn main() -> Self {
        Self(Text::Borrowed("main"))
    }

    /// A slot of its own name: a zone, a component.
    #[must_use]
    pub fn named(name: impl Into<Text>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Slot {
    fn default() -> Self {
        Self::main()
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
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

/// The vendor's end of a link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndpointService {
    /// Its id, in its cloud's form.
    pub id: EndpointServiceId,
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
}

impl EndpointService {
    /// A service of unknown zones, accepted automatically, reached from its own region, of one
    /// database.
    #[must_use]
    pub fn new(id: EndpointServiceId, region: Region) -> Self {
        Self {
            id,
            region,
            zones: None,
            acceptance: Acceptance::Automatic,
            reach: Reach::SameRegion,
            shared_by: Sharing::OneDatabase,
        }
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

/// What the vendor says of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Admission {
    /// The state in words common to all vendors.
    pub state: EntryState,
    /// Whose turn it is.
    pub turn: Turn,
    /// The vendor's own handle of the entry, where it has one.
    pub handle: Option<Text>,
    /// Whose entry it is.
    pub ownership: Ownership,
    /// The vendor's own word for the state.
    pub raw: Text,
}

impl Admission {
    /// An entry in `state`, said by the vendor as `raw`.
    #[must_use]
    pub fn new(state: EntryState, turn: Turn, ownership: Ownership, raw: impl Into<Text>) -> Self {
        Self { state, turn, handle: None, ownership, raw: raw.into() }
    }
}

/// Where a vendor's entry for an endpoint stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EntryState {
    /// There is none.
    Absent,
    /// The vendor has not looked yet; a refresh is needed.
    Unseen,
    /// It waits.
    Pending,
    /// The endpoint is served.
    Served,
    /// The entry is there but has no effect any more.
    Inert,
    /// The vendor refused.
    Refused {
        /// Whether only a new endpoint helps.
        recreate: bool,
    },
}

/// A name by which clients reach the database privately; prints as the host and its ports by what
/// is spoken there.
///
/// ```
/// use privlink_core::side::{PortRange, PrivateName, Protocol};
///
/// let native = PortRange::single(9440).speaking(Protocol::ClickHouseNative);
/// let ports = vec![PortRange::single(8443), PortRange::single(443), native];
/// let name = PrivateName::new("orders.example.com".parse()?, ports, Protocol::ClickHouseHttps);
/// assert_eq!(name.to_string(), "orders.example.com (https 8443, 443; native 9440)");
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PrivateName {
    /// The host.
    pub host: DnsName,
    /// The ports it serves.
    pub ports: Vec<PortRange>,
    /// What is spoken first on its ports.
    pub protocol: Protocol,
    /// The part of the database it belongs to; `main` where there is one.
    pub component: Text,
    /// The endpoint service it is reached through.
    pub slot: Slot,
    /// The zone it is pinned to; `None` for the regional name.
    pub zone: Option<ZoneId>,
    /// The record that makes it resolve.
    pub record: RecordShape,
}

impl PrivateName {
    /// A name of the main component behind the main service, in a zone of its own.
    #[must_use]
    pub fn new(host: DnsName, ports: Vec<PortRange>, protocol: Protocol) -> Self {
        Self {
            host,
            ports,
            protocol,
            component: "main".into(),
            slot: Slot::main(),
            zone: None,
            record: RecordShape::ApexOfOwnZone,
        }
    }
}

impl fmt::Display for PrivateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.fmt(f)?;
        let mut spoken: Vec<(Protocol, Vec<String>)> = Vec::new();
        for ports in &self.ports {
            let protocol = ports.protocol.unwrap_or(self.protocol);
            match spoken.iter_mut().find(|(known, _)| *known == protocol) {
                Some((_, all)) => all.push(ports.to_string()),
                None => spoken.push((protocol, vec![ports.to_string()])),
            }
        }
        let spoken: Vec<String> =
            spoken.iter().map(|(protocol, ports)| format!("{protocol} {}", ports.join(", "))).collect();
        if spoken.is_empty() { Ok(()) } else { write!(f, " ({})", spoken.join("; ")) }
    }
}

/// A port, or a range of ports, both ends included, with what is spoken there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PortRange {
    /// The first port.
    pub first: u16,
    /// The last port; the same as the first for a single port.
    pub last: u16,
    /// What is spoken there, where it differs from the name's protocol.
    pub protocol: Option<Protocol>,
}

impl PortRange {
    /// How many ports a range may have and still be proved port by port.
    pub const PROVED_WHOLE: u16 = 16;

    /// One port.
    #[must_use]
    pub const fn single(port: u16) -> Self {
        Self { first: port, last: port, protocol: None }
    }

    /// The ports `first..=last`.
    #[must_use]
    pub const fn range(first: u16, last: u16) -> Self {
        Self { first, last, protocol: None }
    }

    /// The same ports, speaking `protocol`.
    #[must_use]
    pub const fn speaking(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Whether there are more than [`PROVED_WHOLE`](Self::PROVED_WHOLE): then they are ports the
    /// vendor hands out later, and nobody promises that any one of them listens now.
    #[must_use]
    pub const fn is_wide(&self) -> bool {
        self.first.abs_diff(self.last) >= Self::PROVED_WHOLE
    }

    /// The ports that a proof has to try: all of them, or the two ends of a wide range.
    pub fn to_prove(self) -> impl Iterator<Item = u16> {
        let (first, last) = (self.first.min(self.last), self.first.max(self.last));
        let step = if self.is_wide() { last - first } else { 1 };
        (first..=last).step_by(usize::from(step))
    }

    /// Whether `port` is one of them.
    #[must_use]
    pub const fn contains(&self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { self.first.fmt(f) } else { write!(f, "{}-{}", self.first, self.last) }
    }
}

/// What is spoken first on a port, as far as it proves reach without credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Protocol {
    /// TLS, then nothing that proves more.
    Tls,
    /// HTTPS; any status counts as reached.
    Https,
    /// ClickHouse over HTTPS: `GET /ping` answers `Ok.`.
    #[serde(rename = "clickhouse_https")]
    ClickHouseHttps,
    /// ClickHouse's native protocol over TLS; without credentials TLS is all it proves.
    #[serde(rename = "clickhouse_native")]
    ClickHouseNative,
    /// PostgreSQL: `SSLRequest`, then TLS.
    Postgres,
    /// MySQL: a greeting, then TLS.
    Mysql,
}

impl Protocol {
    /// Whether something proves more than TLS does.
    #[must_use]
    pub const fn proves_more_than_tls(self) -> bool {
        !matches!(self, Self::Tls | Self::ClickHouseNative)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tls => "tls",
            Self::Https | Self::ClickHouseHttps => "https",
            Self::ClickHouseNative => "native",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        })
    }
}

/// The record that makes a private name resolve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecordShape {
    /// A record at the apex of a zone named exactly the host.
    ApexOfOwnZone,
    /// An exact record in the vendor's shared parent zone.
    ExactInParent,
    /// A wildcard in the vendor's shared parent zone.
    Wildcard,
    /// The vendor publishes the name.
    Vendor,
    /// The vendor publishes SRV records.
    VendorSrv,
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
    pub withdraw: super::Undo,
    /// Whether the databases using an endpoint can be counted.
    pub users: Users,
}

impl Capabilities {
    /// Capabilities with the given naming modes, the best first.
    #[must_use]
    pub fn new(naming: Vec<Naming>, withdraw: super::Undo, users: Users) -> Self {
        Self { naming, admitting_restricts_public: false, private_bypasses_ip_list: None, withdraw, users }
    }
}

/// How private names come to resolve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Naming {
    /// The endpoint answers the vendor's names itself.
    EndpointPrivateDns,
    /// A private zone of the consumer's with a record of this shape.
    OwnZone(RecordShape),
    /// The vendor publishes the names.
    VendorPublished,
    /// Nothing is written; the records are printed.
    PrintOnly,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_survives_json_and_is_left_out_where_nothing_was() {
        let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000);
        let known = Exchange::new().with_made("a zone", at);
        let text = serde_json::to_string(&known).unwrap();
        assert!(text.contains(r#""made":{"a zone":"2027-01-15T08:00:00Z"}"#), "{text}");
        assert_eq!(serde_json::from_str::<Exchange>(&text).unwrap(), known);
        assert!(!serde_json::to_string(&Exchange::new()).unwrap().contains("made"));
    }

    #[test]
    fn protocols_are_written_as_one_would_guess() {
        for (protocol, text) in [
            (Protocol::Tls, "tls"),
            (Protocol::Https, "https"),
            (Protocol::ClickHouseHttps, "clickhouse_https"),
            (Protocol::ClickHouseNative, "clickhouse_native"),
            (Protocol::Postgres, "postgres"),
            (Protocol::Mysql, "mysql"),
        ] {
            let written = serde_json::to_value(protocol).unwrap();
            assert_eq!(written, text);
            assert_eq!(serde_json::from_value::<Protocol>(written).unwrap(), protocol);
        }
    }

    #[test]
    fn public_hosts_add_up_and_may_be_missing_from_older_plans() {
        let with = |host: &str| {
            let mut known = Exchange::new();
            known.public_hosts.insert(host.parse().unwrap());
            known
        };
        let mut known = with("a.example.com");
        known.absorb(with("b.example.com"));
        known.absorb(Exchange::new());
        assert_eq!(
            known.public_hosts.iter().map(DnsName::as_str).collect::<Vec<_>>(),
            ["a.example.com", "b.example.com"]
        );
        let mut older = serde_json::to_value(&known).unwrap();
        older.as_object_mut().unwrap().remove("public_hosts").unwrap();
        assert!(serde_json::from_value::<Exchange>(older).unwrap().public_hosts.is_empty());
    }
}
