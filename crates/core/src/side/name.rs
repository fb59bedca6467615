use std::fmt;

use serde::{Deserialize, Serialize};

use super::{RecordShape, Slot};
use crate::{DnsName, Text, ZoneId};

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
    /// Whether another database that uses the endpoint is reached by this very name: what leads to it
    /// then stays as long as the endpoint. Said when a link is taken down.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
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
            record: RecordShape::Apex,
            shared: false,
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
