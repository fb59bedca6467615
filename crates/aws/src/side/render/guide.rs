//! What people have to know to do the steps in the console, and what the link costs.

use privlink_core::Dated;
use privlink_core::render::{Cost, CostBasis, Guidance};
use privlink_core::side::{Step, StepKind};

use super::super::Network;
use super::super::steps::{
    LeaveEndpoint, MakeEndpoint, MakeZone, ReleaseEndpoint, RemoveEndpoint, RemoveGroup, RemoveRecord, RemoveZone,
};
use super::Kind;
use crate::facts::{
    PAGES_READ as READ, PRIVATELINK_GUIDE, PRIVATELINK_PRICES, ROUTE53_GUIDE, ROUTE53_PRICES, TRANSFER_PRICES,
};

/// A way through the console, as the guide of EC2 and VPC has it.
fn vpc(way: &'static str) -> Guidance {
    Guidance::new().console(Dated::new(way, PRIVATELINK_GUIDE, READ))
}

/// The same as Route 53's has it.
fn route53(way: &'static str) -> Guidance {
    Guidance::new().console(Dated::new(way, ROUTE53_GUIDE, READ))
}

pub(super) fn guidance(kind: &Kind) -> Guidance {
    match kind {
        Kind::VpcDns => vpc("VPC, Your VPCs, the VPC, Actions, Edit VPC settings, DNS settings")
            .back("switch the attributes off again there, once nothing in the VPC resolves private names"),
        Kind::Group(_) => {
            vpc("VPC, Security groups, Create security group").back("delete the group, once its endpoint is gone")
        }
        Kind::OpenPorts(_) => vpc("VPC, Security groups, the group, Edit inbound rules").back("delete the rules"),
        Kind::Endpoint(_) => {
            vpc("VPC, Endpoints, Create endpoint, Endpoint services that use NLBs and GWLBs, Verify service")
                .back("delete the endpoint; hours are billed until then, whatever its state")
        }
        Kind::AwaitConnected(_) => vpc("VPC, Endpoints, the endpoint, Status"),
        Kind::Zone(_) => route53("Route 53, Hosted zones, Create hosted zone, Private hosted zone")
            .back("delete the zone, once its records are gone"),
        Kind::Record(_) => route53("Route 53, Hosted zones, the zone, Create record, Alias to VPC endpoint")
            .takes(Dated::new("within a minute, as a rule", ROUTE53_GUIDE, READ))
            .back("delete the record while it still leads to this endpoint"),
        Kind::Associate(_) => route53("Route 53, Hosted zones, the zone, Edit, VPCs to associate")
            .takes(Dated::new("within a minute, as a rule", ROUTE53_GUIDE, READ))
            .back("take the VPC off the zone there"),
        Kind::PrivateDnsOn(_) => vpc("VPC, Endpoints, the endpoint, Actions, Modify private DNS name")
            .takes(Dated::new(
                "less than five minutes, in which the endpoint is pending again",
                "CockroachDB docs, cockroachcloud/aws-privatelink",
                READ,
            ))
            .back("switch it off there; the names resolve in public again"),
    }
}

/// Of a step that takes a link down.
pub(super) fn removal(step: &Step) -> Option<Guidance> {
    Some(match &*step.verb {
        RemoveRecord::VERB => route53("Route 53, Hosted zones, the zone, the record, Delete record").takes(Dated::new(
            "within a minute, as a rule",
            ROUTE53_GUIDE,
            READ,
        )),
        RemoveZone::VERB => route53("Route 53, Hosted zones, the zone, Delete zone"),
        RemoveEndpoint::VERB => vpc("VPC, Endpoints, the endpoint, Actions, Delete VPC endpoints"),
        LeaveEndpoint::VERB | ReleaseEndpoint::VERB => vpc("VPC, Endpoints, the endpoint, Tags, Manage tags"),
        RemoveGroup::VERB => vpc("VPC, Security groups, the group, Actions, Delete security groups"),
        _ => return None,
    })
}

pub(in crate::side) fn costs(network: &Network, steps: &[&Step]) -> privlink_core::Result<Vec<Cost>> {
    let mut all = Vec::new();
    let bills = |basis, terms, page| Cost::new("AWS", basis, Dated::new(terms, page, READ));
    for step in steps {
        match &*step.verb {
            MakeEndpoint::VERB => {
                let kind: MakeEndpoint = step.kind()?;
                let zones = u32::try_from(kind.subnets.len()).unwrap_or(u32::MAX);
                all.push(
                    bills(
                        CostBasis::EndpointHour,
                        "each hour of the endpoint in each zone, whatever its state; a part of an hour counts whole",
                        PRIVATELINK_PRICES,
                    )
                    .times(zones),
                );
                all.push(
                    bills(
                        CostBasis::DataProcessed,
                        "each GB through the endpoint, either way, in steps over all endpoints of the region",
                        PRIVATELINK_PRICES,
                    )
                    .rate(Dated::new(
                        "0.01 USD for the first PB of a month, 0.006 for the next four, 0.004 beyond",
                        PRIVATELINK_PRICES,
                        READ,
                    )),
                );
                let here = network.client.region();
                if let Some(region) = kind.service_region.filter(|region| region != here) {
                    all.push(Cost::new(
                        "AWS",
                        CostBasis::InterRegionData,
                        Dated::new(format!("each GB between {here} and {region}, besides"), TRANSFER_PRICES, READ),
                    ));
                }
            }
            MakeZone::VERB => {
                all.push(bills(CostBasis::ZoneMonth, "each month of the private zone", ROUTE53_PRICES).times(1));
                all.push(bills(
                    CostBasis::DnsQuery,
                    "each question that the zone answers, counted by the million",
                    ROUTE53_PRICES,
                ));
            }
            _ => {}
        }
    }
    Ok(all)
}
