//! The other direction: what a network must let in for the database to reach into it.

use std::fmt;

use ipnet::IpNet;
use privlink_core::side::PortRange;
use privlink_core::{Finding, Severity, Text, Turn};
use serde::{Deserialize, Serialize};

/// What must be let in where the database itself opens connections: to a source that it reads from, a dictionary, a
/// database that it replicates.
///
/// Private endpoints are one-way. They lead to the database and never back, so these connections come from the public
/// addresses of its vendor. Made of what the vendor's client reads, and of the ports that the source listens on.
///
/// ```
/// # #[cfg(feature = "clickhouse")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use privlink::clickhouse;
/// # let world = privlink_sim::World::new();
/// # let key = world.clickhouse().api_key();
/// # let vendor = clickhouse::Client::over(world.transport()).clock(world.clock()).api_key(key.id, key.secret).build()?;
/// # let service = vendor.service(world.clickhouse().service_id().into());
/// use privlink::Inbound;
/// use privlink::core::side::PortRange;
///
/// let inbound = Inbound::new("ClickHouse Cloud", service.egress_addresses().await?, [PortRange::single(5432)]);
/// println!("{inbound}");                    // allow tcp 5432 from 203.0.113.1/32 …
/// let finding = inbound.finding();
/// assert_eq!(finding.code, "REACH-001");
/// # Ok(()) }
/// # #[cfg(not(feature = "clickhouse"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Inbound {
    /// The version of this form; 1.
    pub version: u16,
    /// Who connects: the vendor's name, or the database's.
    pub database: Text,
    /// The rules, sorted; none where the vendor names no addresses.
    pub rules: Vec<InboundRule>,
}

/// One rule: who may connect to which ports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InboundRule {
    /// The protocol above IP.
    pub protocol: IpProtocol,
    /// The ports.
    pub ports: PortRange,
    /// From where.
    pub source: IpNet,
}

/// A protocol above IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum IpProtocol {
    /// TCP, which all that databases open is.
    Tcp,
}

impl Inbound {
    /// A rule for each of the vendor's addresses and each of the ports that the source listens on.
    #[must_use]
    pub fn new(
        database: impl Into<Text>,
        sources: impl IntoIterator<Item = IpNet>,
        ports: impl IntoIterator<Item = PortRange>,
    ) -> Self {
        let ports: Vec<PortRange> = ports.into_iter().collect();
        let of = |source: IpNet| {
            let source = source.trunc();
            ports.iter().map(move |ports| InboundRule { protocol: IpProtocol::Tcp, ports: *ports, source })
        };
        let mut rules: Vec<InboundRule> = sources.into_iter().flat_map(of).collect();
        rules.sort();
        rules.dedup();
        Self { version: 1, database: database.into(), rules }
    }

    /// What there is to say of it: `REACH-001` with the rules, `REACH-002` where the vendor names no addresses.
    #[must_use]
    pub fn finding(&self) -> Finding {
        if self.rules.is_empty() {
            return Finding::new(
                "REACH-002",
                Severity::Warning,
                format!("{} names no addresses that its own connections come from", self.database),
                "ask the vendor's support, and use the vendor's private way out where it has one",
            )
            .turn(Turn::Vendor)
            .evidence("private endpoints are one-way: they lead to the database and never back");
        }
        let finding = Finding::new(
            "REACH-001",
            Severity::Info,
            format!("private endpoints are one-way: what {} opens itself comes from public addresses", self.database),
            "add these inbound rules where the source is, which must have a public address; or use the vendor's private \
             way out",
        );
        self.rules.iter().fold(finding, |finding, rule| finding.evidence(rule.to_string()))
    }
}

impl fmt::Display for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "for {} to reach in:", self.database)?;
        if self.rules.is_empty() {
            f.write_str(" the vendor names no addresses")?;
        }
        self.rules.iter().try_for_each(|rule| write!(f, "\n  {rule}"))
    }
}

impl fmt::Display for InboundRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "allow {} {} from {}", self.protocol, self.ports, self.source)
    }
}

impl fmt::Display for IpProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tcp => "tcp",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sources: &[&str], ports: &[PortRange]) -> Inbound {
        Inbound::new("ClickHouse Cloud", sources.iter().map(|text| text.parse().unwrap()), ports.iter().copied())
    }

    #[test]
    fn each_address_may_reach_each_port_once() {
        let ports = [PortRange::single(5432), PortRange::range(9000, 9010)];
        let inbound = of(&["203.0.113.9/29", "203.0.113.8/29", "198.51.100.7/32"], &ports);
        let told: Vec<String> = inbound.rules.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told.contains(&"allow tcp 5432 from 203.0.113.8/29".to_owned()), "host bits are zero: {told:?}");
        assert!(told.contains(&"allow tcp 9000-9010 from 198.51.100.7/32".to_owned()), "{told:?}");
        let finding = inbound.finding();
        assert_eq!((&*finding.code, finding.evidence.len()), ("REACH-001", 4));
        let stored = serde_json::to_string(&inbound).unwrap();
        assert!(stored.contains(r#""protocol":"tcp""#), "{stored}");
        assert_eq!(serde_json::from_str::<Inbound>(&stored).unwrap(), inbound);
        assert!(inbound.to_string().starts_with("for ClickHouse Cloud to reach in:\n  allow tcp "), "{inbound}");
    }

    #[test]
    fn a_vendor_that_names_no_addresses_is_asked() {
        let finding = of(&[], &[PortRange::single(5432)]).finding();
        assert_eq!((&*finding.code, finding.turn), ("REACH-002", Turn::Vendor));
        assert!(!finding.evidence.is_empty());
    }
}
