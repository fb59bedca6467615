//! What people have to know to do the steps in the console, and what the link costs.

use privlink_core::render::{Cost, CostBasis, Guidance};
use privlink_core::side::{Step, StepKind};
use privlink_core::{Dated, Result};

use super::super::steps::{
    GlobalAccess, LeaveEndpoint, MakeEndpoint, MakeZone, ReleaseEndpoint, RemoveAddress, RemoveEndpoint, RemoveRecord,
    RemoveZone,
};
use super::Kind;
use crate::facts::{DNS_GUIDE, DNS_PRICES, PAGES_READ as READ, PSC_GUIDE, VPC_PRICES};

/// A way through the console to an endpoint.
fn psc(way: &'static str) -> Guidance {
    Guidance::new().console(Dated::new(way, PSC_GUIDE, READ))
}

/// The same to a zone.
fn dns(way: &'static str) -> Guidance {
    Guidance::new().console(Dated::new(way, DNS_GUIDE, READ))
}

pub(super) fn guidance(kind: &Kind) -> Guidance {
    match kind {
        Kind::Address(_) => psc("VPC network, IP addresses, Reserve internal static IP address")
            .back("release the address, once no endpoint uses it"),
        Kind::ClearPlace(_) => psc("Network services, Private Service Connect, Connected endpoints, Delete"),
        Kind::Endpoint(_) => {
            psc("Network services, Private Service Connect, Connected endpoints, Connect endpoint, Published service")
                .back("delete the endpoint; a new one has another connection id")
        }
        Kind::GlobalAccess(_) => {
            psc("Network services, Private Service Connect, Connected endpoints, the endpoint, Edit, Global access")
                .back("switch global access off there")
        }
        Kind::AwaitConnected(_) => {
            psc("Network services, Private Service Connect, Connected endpoints, the endpoint, Status")
        }
        Kind::Zone(_) => {
            dns("Network services, Cloud DNS, Create zone, Private").back("delete the zone, once its records are gone")
        }
        Kind::Record(_) => dns("Network services, Cloud DNS, the zone, Add standard")
            .back("delete the record while it still leads to this endpoint"),
        Kind::ShowZone(_) => dns("Network services, Cloud DNS, the zone, In use by, Add networks")
            .back("take the network off the zone there"),
    }
}

/// Of a step that takes a link down.
pub(super) fn removal(step: &Step) -> Option<Guidance> {
    Some(match &*step.verb {
        RemoveRecord::VERB => dns("Network services, Cloud DNS, the zone, the record, Delete"),
        RemoveZone::VERB => dns("Network services, Cloud DNS, the zone, Delete zone"),
        RemoveEndpoint::VERB => {
            psc("Network services, Private Service Connect, Connected endpoints, the endpoint, Delete")
        }
        // Labels of a forwarding rule are changed by the command line and the API.
        LeaveEndpoint::VERB | ReleaseEndpoint::VERB => Guidance::new(),
        RemoveAddress::VERB => psc("VPC network, IP addresses, the address, Release static address"),
        _ => return None,
    })
}

pub(in crate::side) fn costs(steps: &[&Step]) -> Result<Vec<Cost>> {
    let bills = |basis, terms: &'static str, page| Cost::new("Google Cloud", basis, Dated::new(terms, page, READ));
    let mut all = Vec::new();
    for step in steps {
        let everywhere = match &*step.verb {
            MakeEndpoint::VERB => {
                all.push(bills(CostBasis::EndpointHour, "each hour of the endpoint", VPC_PRICES).times(1));
                all.push(bills(CostBasis::DataProcessed, "each GiB through the endpoint, either way", VPC_PRICES));
                step.kind::<MakeEndpoint>()?.global_access
            }
            GlobalAccess::VERB => true,
            MakeZone::VERB => {
                all.push(bills(CostBasis::ZoneMonth, "each month of the private zone", DNS_PRICES).times(1));
                let terms = "each question that the zone answers, counted by the million";
                all.push(bills(CostBasis::DnsQuery, terms, DNS_PRICES));
                false
            }
            _ => false,
        };
        if everywhere {
            let terms = "each GiB between the endpoint and clients of other regions, besides";
            all.push(bills(CostBasis::InterRegionData, terms, VPC_PRICES));
        }
    }
    Ok(all)
}
