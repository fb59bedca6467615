use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::DnsName;

/// What a resolver said of a name besides its addresses.
///
/// ```
/// use privlink_core::side::NameAnswer;
///
/// let mut answer = NameAnswer::default();
/// answer.zone = Some("us-east-1.vpce.aws.clickhouse.cloud".parse()?);
/// answer.negative_ttl_secs = Some(60);
/// assert!(answer.aliases.is_empty() && !answer.cached);
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct NameAnswer {
    /// The name server that answered; `None` for a hosts file, for answers of the caller, and for
    /// silence.
    pub server: Option<SocketAddr>,
    /// The names that the chain of aliases (CNAME) led through, the asked one left out.
    pub aliases: Vec<DnsName>,
    /// The zone in whose name a negative answer was given: the owner of its SOA record.
    pub zone: Option<DnsName>,
    /// For how many seconds more resolvers may keep the negative answer (RFC 2308 §5).
    pub negative_ttl_secs: Option<u32>,
    /// Whether a negative answer was seen to come out of the resolver's cache: what it says may have
    /// changed since.
    pub cached: bool,
}

/// Why a rung broke, where more is known than its [`RungResult`](super::RungResult) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// No name server answered in time, or none could be asked.
    ResolverSilent,
    /// A name server answered that it failed or refuses (SERVFAIL, REFUSED and their like).
    ResolverError,
    /// This machine has no route to the address; nothing was sent.
    NoRoute,
    /// The name has an IPv6 address, and this machine has a route to IPv4 addresses alone.
    Ipv6NotRouted,
    /// The certificate is signed by an authority that is not trusted here.
    UnknownAuthority,
    /// The certificate is no longer valid, or not yet.
    Expired,
    /// The certificate is of another name.
    WrongName,
    /// The server has no certificate to show for the name.
    NoCertificate,
    /// The name was left out of the handshake, as when an address is dialled.
    NoServerName,
}

/// How often the same was tried on one address, and how often it held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tries {
    /// How often it was tried; of a layer, how often the layer below had held.
    pub made: u32,
    /// How often it held.
    pub held: u32,
}

impl Tries {
    /// So many tries, so many of them held.
    #[must_use]
    pub const fn new(made: u32, held: u32) -> Self {
        Self { made, held }
    }

    /// Whether it held at times, and at times not.
    #[must_use]
    pub const fn is_unsteady(self) -> bool {
        0 < self.held && self.held < self.made
    }
}
