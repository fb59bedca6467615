//! Which subnets an endpoint gets: one a zone, only where the service is.

use std::collections::{BTreeMap, BTreeSet};

use privlink_core::{Finding, SubnetId, ZoneId};

use super::findings;
use crate::model::Subnet;

/// The subnets chosen, and what is to be said about them.
#[derive(Debug, Default)]
pub(super) struct Placement {
    pub(super) subnets: Vec<SubnetId>,
    pub(super) findings: Vec<Finding>,
}

/// Chooses among the subnets of the VPC. `wanted` empty means: one in every zone of the service.
/// `zones` is where the service is; `None` is unknown.
pub(super) fn place(wanted: &[SubnetId], of_vpc: &[Subnet], zones: Option<&BTreeSet<ZoneId>>) -> Placement {
    let mut placement = if wanted.is_empty() { automatic(of_vpc, zones) } else { given(wanted, of_vpc, zones) };
    let blocked = placement.findings.iter().any(|finding| finding.severity == privlink_core::Severity::Blocks);
    if let (false, Some(zones)) = (blocked, zones) {
        let covered: BTreeSet<&ZoneId> = of_vpc
            .iter()
            .filter(|subnet| placement.subnets.contains(&subnet.id))
            .filter_map(|subnet| subnet.zone.as_ref())
            .collect();
        let missing: Vec<&ZoneId> = zones.iter().filter(|zone| !covered.contains(zone)).collect();
        if !missing.is_empty() {
            placement.findings.push(findings::zones_not_covered(&missing, covered.len()));
        }
    }
    placement
}

fn given(wanted: &[SubnetId], of_vpc: &[Subnet], zones: Option<&BTreeSet<ZoneId>>) -> Placement {
    let mut placement = Placement::default();
    let mut by_zone: BTreeMap<&ZoneId, Vec<&SubnetId>> = BTreeMap::new();
    let mut outside = Vec::new();
    for id in wanted.iter().collect::<BTreeSet<_>>() {
        let Some(subnet) = of_vpc.iter().find(|subnet| subnet.id == *id) else {
            placement.findings.push(findings::subnet_not_in_vpc(id));
            continue;
        };
        if let Some(zone) = &subnet.zone {
            if zones.is_some_and(|zones| !zones.contains(zone)) {
                outside.push((id, zone));
                continue;
            }
            by_zone.entry(zone).or_default().push(id);
        }
        if subnet.free_addresses == Some(0) {
            placement.findings.push(findings::subnet_full(id));
        }
        placement.subnets.push(id.clone());
    }
    for (zone, ids) in by_zone.iter().filter(|(_, ids)| ids.len() > 1) {
        placement.findings.push(findings::two_subnets_in_a_zone(zone, ids));
    }
    if !outside.is_empty() {
        placement.findings.push(findings::zones_not_offered(&outside, zones, placement.subnets.is_empty()));
    }
    placement
}

fn automatic(of_vpc: &[Subnet], zones: Option<&BTreeSet<ZoneId>>) -> Placement {
    let mut placement = Placement::default();
    let mut best: BTreeMap<&ZoneId, &Subnet> = BTreeMap::new();
    for subnet in of_vpc.iter().filter(|subnet| subnet.free_addresses != Some(0) && !subnet.ipv6_native) {
        let Some(zone) = &subnet.zone else { continue };
        if zones.is_some_and(|zones| !zones.contains(zone)) {
            continue;
        }
        // The roomiest subnet of the zone; of equals the one with the smaller id, for ever.
        let rank = |subnet: &Subnet| (subnet.free_addresses, std::cmp::Reverse(subnet.id.clone()));
        let entry = best.entry(zone).or_insert(subnet);
        if rank(subnet) > rank(entry) {
            *entry = subnet;
        }
    }
    placement.subnets = best.values().map(|subnet| subnet.id.clone()).collect();
    placement.subnets.sort();
    placement.findings.push(if placement.subnets.is_empty() {
        findings::no_subnet_fits(zones)
    } else {
        findings::subnets_chosen(&placement.subnets)
    });
    placement
}

#[cfg(test)]
mod tests {
    use privlink_core::Severity;

    use super::*;

    fn subnet(id: &str, zone: &str, free: u32) -> Subnet {
        Subnet {
            id: id.parse().unwrap(),
            vpc: None,
            zone: zone.parse().ok(),
            zone_name: None,
            free_addresses: Some(free),
            ranges: Vec::new(),
            ipv6_native: false,
        }
    }

    fn ids(ids: &[&str]) -> Vec<SubnetId> {
        ids.iter().map(|id| id.parse().unwrap()).collect()
    }

    fn zones(zones: &[&str]) -> BTreeSet<ZoneId> {
        zones.iter().map(|zone| zone.parse().unwrap()).collect()
    }

    fn codes(placement: &Placement) -> Vec<(&str, Severity)> {
        placement.findings.iter().map(|finding| (&*finding.code, finding.severity)).collect()
    }

    #[test]
    fn subnets_are_judged_before_any_call() {
        let vpc = [
            subnet("subnet-0aa00001", "use1-az1", 10),
            subnet("subnet-0aa00002", "use1-az2", 10),
            subnet("subnet-0aa00003", "use1-az2", 200),
            subnet("subnet-0aa00004", "use1-az4", 10),
            subnet("subnet-0aa00005", "use1-az6", 0),
        ];
        let service = zones(&["use1-az1", "use1-az2", "use1-az6"]);
        let place = |wanted: &[&str]| place(&ids(wanted), &vpc, Some(&service));

        let placement = place(&["subnet-0aa00001", "subnet-0aa00003"]);
        assert_eq!(placement.subnets, ids(&["subnet-0aa00001", "subnet-0aa00003"]));
        assert_eq!(codes(&placement), [("AWS-008", Severity::Info)]);

        let placement = place(&["subnet-0aa00002", "subnet-0aa00003"]);
        assert_eq!(codes(&placement), [("AWS-006", Severity::Blocks)]);

        let placement = place(&["subnet-0aa00001", "subnet-0aa00004"]);
        assert_eq!(placement.subnets, ids(&["subnet-0aa00001"]));
        assert_eq!(codes(&placement), [("AWS-007", Severity::Warning), ("AWS-008", Severity::Warning)]);

        let placement = place(&["subnet-0aa00004"]);
        assert_eq!(codes(&placement), [("AWS-007", Severity::Blocks)]);

        let placement = place(&["subnet-0bb00001"]);
        assert_eq!(codes(&placement), [("AWS-005", Severity::Blocks)]);

        let placement = place(&["subnet-0aa00005"]);
        assert_eq!(codes(&placement), [("AWS-009", Severity::Blocks)]);
    }

    #[test]
    fn without_a_choice_each_zone_of_the_service_gets_its_roomiest_subnet() {
        let vpc = [
            subnet("subnet-0aa00001", "use1-az1", 10),
            subnet("subnet-0aa00002", "use1-az2", 10),
            subnet("subnet-0aa00003", "use1-az2", 200),
            subnet("subnet-0aa00004", "use1-az4", 10),
        ];
        let placement = place(&[], &vpc, Some(&zones(&["use1-az1", "use1-az2"])));
        assert_eq!(placement.subnets, ids(&["subnet-0aa00001", "subnet-0aa00003"]));
        assert_eq!(codes(&placement), [("AWS-010", Severity::Info)]);
        let nowhere = place(&[], &vpc, Some(&zones(&["use1-az5"])));
        assert_eq!(codes(&nowhere), [("AWS-010", Severity::Blocks)]);
        let unknown = place(&[], &vpc, None);
        assert_eq!(unknown.subnets.len(), 3, "unknown zones are not no zones");
    }
}
