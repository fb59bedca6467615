use std::fmt;
use std::net::IpAddr;

use privlink_core::side::{EndpointDns, EndpointFacts, Exchange};
use privlink_core::{DnsName, ZoneId};
use privlink_dns::RecordPlan;
use serde::{Deserialize, Serialize};

use super::Applied;

/// A DNS record by which a private name leads to the link's endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The zone that the record is for; a wider one that clients see does as well.
    pub zone: DnsName,
    /// The full name of the record.
    pub name: DnsName,
    /// The endpoint's addresses, for an A or AAAA record.
    pub addresses: Vec<IpAddr>,
    /// The endpoint's own name in its cloud, with the hosted zone that an alias in Route 53 names; a CNAME does below the
    /// zone's apex. `None` where the endpoint has no name.
    pub alias: Option<EndpointDns>,
}

impl Applied {
    /// The records by which the [`names`](Self::names) lead to the endpoint.
    ///
    /// With [`Naming::SelfManaged`](crate::Naming::SelfManaged) they are yours to write where the clients' resolver finds
    /// them, and to take away with the link; in the other modes the link, the endpoint or the vendor answers the same.
    /// None while the endpoint has no address, and after a removal.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        records(&self.exchange)
    }
}

fn records(known: &Exchange) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for name in &known.names {
        let Some(endpoint) = known.endpoints.get(&name.slot).filter(|endpoint| !endpoint.addresses.is_empty()) else {
            continue;
        };
        let plan = name.host.as_str().parse().ok().and_then(|host| RecordPlan::of(&host, name.record, ""));
        let Some(RecordPlan { zone, name: full, .. }) = plan else { continue };
        // Two parts of a database may have one name.
        if !records.iter().any(|record| record.name == full && record.zone == zone) {
            let (addresses, alias) = (addresses(endpoint, name.zone.as_ref()), alias(endpoint, name.zone.as_ref()));
            records.push(Record { zone, name: full, addresses, alias });
        }
    }
    records
}

/// The endpoint's addresses, in the zone that a name is pinned to.
fn addresses(endpoint: &EndpointFacts, zone: Option<&ZoneId>) -> Vec<IpAddr> {
    let of_zone = endpoint.addresses.iter().filter(|(_, in_zone)| zone.is_none() || in_zone.as_ref() == zone);
    of_zone.map(|(address, _)| *address).collect()
}

/// The endpoint's name for all zones, or for the one that a name is pinned to.
fn alias(endpoint: &EndpointFacts, zone: Option<&ZoneId>) -> Option<EndpointDns> {
    endpoint.dns.iter().find(|dns| dns.zone.as_ref() == zone).cloned()
}

/// `orders.example.com in zone example.com: 10.0.0.7, 10.0.1.7, or alias vpce-0a1b2c3d4e5f67890.example.com`.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        write!(f, "{} in zone {}: {}", self.name, self.zone, addresses.join(", "))?;
        match &self.alias {
            Some(alias) => write!(f, ", or alias {}", alias.name),
            None => Ok(()),
        }
    }
}
