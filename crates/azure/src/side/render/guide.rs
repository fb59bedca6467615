//! What people have to know to do the steps in the portal, and what the link costs.

use privlink_core::render::{Cost, CostBasis, Guidance};
use privlink_core::side::{Exchange, Step, StepKind};
use privlink_core::{Dated, Result};

use super::super::steps::{
    LeaveEndpoint, MakeEndpoint, MakeZone, ReleaseEndpoint, RemoveEndpoint, RemoveLink, RemoveRecord, RemoveZone,
};
use super::Kind;
use crate::facts::{
    BANDWIDTH_PRICES, DNS_GUIDE, DNS_PRICES, PAGES_READ as READ, PRIVATE_LINK_GUIDE, PRIVATE_LINK_PRICES,
};

/// A way through the portal to an endpoint.
fn endpoint(way: &'static str) -> Guidance {
    Guidance::new().console(Dated::new(way, PRIVATE_LINK_GUIDE, READ))
}

/// The same to a zone.
fn dns(way: &'static str) -> Guidance {
    Guidance::new().console(Dated::new(way, DNS_GUIDE, READ))
}

pub(super) fn guidance(kind: &Kind) -> Guidance {
    match kind {
        Kind::Endpoint(_) => endpoint(
            "Private Link Center, Private endpoints, Create, Connect to an Azure resource by resource ID or alias",
        )
        .back("delete the endpoint; a new one has to be approved again"),
        Kind::Address(_) => endpoint("Private Link Center, Private endpoints, the endpoint, Network interface"),
        Kind::AwaitConnected(_) => endpoint("Private Link Center, Private endpoints, the endpoint, Connection status"),
        Kind::Zone(_) => dns("Private DNS zones, Create").back("delete the zone, once its links and records are gone"),
        Kind::Record(_) => dns("Private DNS zones, the zone, Recordsets, Add")
            .back("delete the record while it still leads to this endpoint"),
        Kind::Link(_) => dns("Private DNS zones, the zone, Virtual Network Links, Add")
            .back("delete the link; the names resolve in public again"),
    }
}

/// Of a step that takes a link down.
pub(super) fn removal(step: &Step) -> Option<Guidance> {
    Some(match &*step.verb {
        RemoveLink::VERB => dns("Private DNS zones, the zone, Virtual Network Links, the link, Delete"),
        RemoveRecord::VERB => dns("Private DNS zones, the zone, Recordsets, the record, Delete"),
        RemoveZone::VERB => dns("Private DNS zones, the zone, Delete private DNS zone"),
        RemoveEndpoint::VERB => endpoint("Private Link Center, Private endpoints, the endpoint, Delete"),
        LeaveEndpoint::VERB | ReleaseEndpoint::VERB => {
            endpoint("Private Link Center, Private endpoints, the endpoint, Tags")
        }
        _ => return None,
    })
}

pub(in crate::side) fn costs(steps: &[&Step], known: &Exchange) -> Result<Vec<Cost>> {
    let bills = |basis, terms, page| Cost::new("Azure", basis, Dated::new(terms, page, READ));
    let mut all = Vec::new();
    for step in steps {
        match &*step.verb {
            MakeEndpoint::VERB => {
                let kind: MakeEndpoint = step.kind()?;
                let hours = bills(CostBasis::EndpointHour, "each hour of the endpoint", PRIVATE_LINK_PRICES);
                all.push(hours.times(1));
                all.push(bills(
                    CostBasis::DataProcessed,
                    "each GB into the endpoint and each GB out of it, in steps",
                    PRIVATE_LINK_PRICES,
                ));
                let slot = step.slot.clone().unwrap_or_default();
                let there = known.services.get(&slot).map(|service| &service.region);
                if let Some(there) = there.filter(|there| **there != kind.location) {
                    let terms = format!("each GB between {} and {there}, besides", kind.location);
                    all.push(Cost::new("Azure", CostBasis::InterRegionData, Dated::new(terms, BANDWIDTH_PRICES, READ)));
                }
            }
            MakeZone::VERB => {
                all.push(bills(CostBasis::ZoneMonth, "each month of the private zone", DNS_PRICES).times(1));
                let terms = "each question that the zone answers, counted by the million";
                all.push(bills(CostBasis::DnsQuery, terms, DNS_PRICES));
            }
            _ => {}
        }
    }
    Ok(all)
}
