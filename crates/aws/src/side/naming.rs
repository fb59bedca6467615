//! Which zone and which records make a private name resolve. Pure.

use std::collections::BTreeSet;

use privlink_core::side::{EndpointFacts, Naming, PrivateName, RecordShape};
use privlink_core::{DnsName, HostedZoneId, IdError, PrivateDnsHostname, VpcEndpointId, VpcEndpointServiceName};
use privlink_dns::RecordPlan;

use crate::model::{AliasTarget, RecordSet, RecordType, RecordValue, VpcEndpoint, normal_name};

/// The record that makes `name` resolve in this shape, if one is to be written; `target` tells
/// equal endpoints.
///
/// # Errors
/// When the vendor's host is no name that a zone can hold.
pub(super) fn plan(
    name: &PrivateName,
    shape: RecordShape,
    target: &VpcEndpointServiceName,
) -> Result<Option<RecordPlan>, IdError> {
    // What the vendor publishes itself needs no record of ours.
    if matches!(name.record, RecordShape::Vendor | RecordShape::VendorSrv) {
        return Ok(None);
    }
    let host: PrivateDnsHostname = name.host.as_str().parse()?;
    Ok(RecordPlan::of(&host, shape, target.as_str().to_owned()))
}

/// The mode that is used: the caller's, or the first of the vendor's that this cloud can do.
pub(super) fn mode(asked: Option<Naming>, offered: Option<&[Naming]>) -> Naming {
    let doable = |naming: &Naming| !matches!(naming, Naming::PrivateZone(RecordShape::Vendor | RecordShape::VendorSrv));
    asked.or_else(|| offered?.iter().copied().find(doable)).unwrap_or(Naming::PrivateZone(RecordShape::Apex))
}

/// The record sets that lead `name` to the endpoint: an alias A, and an alias AAAA where the
/// endpoint has IPv6. `None` until the cloud has given the endpoint its regional name.
pub(super) fn record_sets(name: &DnsName, endpoint: &EndpointFacts) -> Option<Vec<RecordSet>> {
    let regional = endpoint.dns.iter().find(|dns| dns.zone.is_none() && dns.alias_zone.is_some())?;
    let zone: HostedZoneId = regional.alias_zone.as_deref()?.parse().ok()?;
    let target = AliasTarget::new(zone, &regional.name);
    let has = |six: bool| endpoint.addresses.iter().any(|(address, _)| address.is_ipv6() == six);
    let mut sets = Vec::new();
    if has(false) || !has(true) {
        sets.push(RecordSet::alias(name, RecordType::A, target.clone()));
    }
    if has(true) {
        sets.push(RecordSet::alias(name, RecordType::Aaaa, target));
    }
    Some(sets)
}

/// The lines a person writes into a resolver of their own.
pub(super) fn printed(host: &DnsName, endpoint: &EndpointFacts) -> Vec<String> {
    let mut lines: Vec<String> = endpoint
        .addresses
        .iter()
        .map(|(address, _)| format!("{host}. 60 IN {} {address}", if address.is_ipv6() { "AAAA" } else { "A" }))
        .collect();
    if let Some(regional) = endpoint.dns.iter().find(|dns| dns.zone.is_none()) {
        lines.push(match &regional.alias_zone {
            Some(zone) => format!("or in Route 53: {host} A alias {} in hosted zone {zone}", regional.name),
            None => format!("or: {host}. 60 IN CNAME {}.", regional.name),
        });
    }
    lines
}

/// Whether `host` is `pattern`, or one label below where the pattern is a wildcard.
pub(super) fn covers(pattern: &str, host: &DnsName) -> bool {
    let pattern = normal_name(pattern);
    match pattern.strip_prefix("*.") {
        Some(parent) => host.parent().is_some_and(|name| name.as_str() == parent),
        None => host.as_str() == pattern,
    }
}

/// The zone in which AWS keeps a private DNS name: the name itself, or what is under the star.
pub(super) fn hidden_zone(pattern: &str) -> String {
    let pattern = normal_name(pattern);
    pattern.strip_prefix("*.").unwrap_or(&pattern).to_owned()
}

/// Among the sets of one name, those that answer for addresses: what a record of ours would
/// stand beside or replace.
pub(super) fn answering<'a>(sets: &'a [RecordSet], name: &DnsName) -> Vec<&'a RecordSet> {
    let name = normal_name(name.as_str());
    sets.iter()
        .filter(|set| set.name == name && matches!(set.kind, RecordType::A | RecordType::Aaaa | RecordType::Cname))
        .collect()
}

/// The names that a zone answers with addresses, and what each leads to.
pub(super) fn addresses(sets: &[RecordSet]) -> impl Iterator<Item = (DnsName, String)> {
    sets.iter().filter(|set| matches!(set.kind, RecordType::A | RecordType::Aaaa | RecordType::Cname)).filter_map(
        |set| {
            let target = match &set.value {
                RecordValue::Alias(target) => target.name.clone(),
                RecordValue::Plain { values, .. } => values.join(", "),
            };
            Some((set.name.parse().ok()?, target))
        },
    )
}

/// How what is stored compares with what is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Compared<'a> {
    /// Nothing answers for the name.
    Absent,
    /// Exactly what is wanted.
    Same,
    /// Something else, all of it leading to endpoints of ours: it may be replaced.
    Stale(Vec<&'a RecordSet>),
    /// Something else that is not ours.
    Foreign(&'a RecordSet),
}

/// Compares. `endpoints` are those of the VPC, dead ones included; `gone` are endpoints of the
/// link's own service that certainly exist no more. `inside_ours` says that the zone is one of
/// ours, where an alias to an endpoint that is not there is ours whatever it led to.
pub(super) fn compare<'a>(
    existing: &[&'a RecordSet],
    wanted: &[RecordSet],
    endpoints: &[VpcEndpoint],
    is_ours: impl Fn(&VpcEndpoint) -> bool,
    inside_ours: bool,
    gone: &BTreeSet<VpcEndpointId>,
) -> Compared<'a> {
    if existing.is_empty() {
        return Compared::Absent;
    }
    let foreign = existing.iter().find(|set| {
        if wanted.iter().any(|wanted| wanted.says_the_same(set)) {
            return false;
        }
        match leads_to(set) {
            Some(target) => match endpoints.iter().find(|endpoint| endpoint.id.as_str() == target) {
                Some(endpoint) => !is_ours(endpoint),
                None => !inside_ours && !gone.iter().any(|id| id.as_str() == target),
            },
            None => true,
        }
    });
    if let Some(set) = foreign {
        return Compared::Foreign(set);
    }
    let same = wanted.iter().all(|wanted| existing.iter().any(|set| wanted.says_the_same(set)))
        && existing.len() == wanted.len();
    if same { Compared::Same } else { Compared::Stale(existing.to_vec()) }
}

/// The endpoints of `service` that aliases lead to and that are not among those of the VPC: they
/// may be gone, or elsewhere.
pub(super) fn strays(
    existing: &[&RecordSet],
    service: &VpcEndpointServiceName,
    endpoints: &[VpcEndpoint],
) -> BTreeSet<VpcEndpointId> {
    let (service_id, region) = (service.service_id(), service.region());
    let of_service = |set: &&&RecordSet| {
        let crate::model::RecordValue::Alias(target) = &set.value else { return false };
        // `<endpoint>.<service id>.<region>.vpce.amazonaws.com`
        let name = normal_name(&target.name);
        let labels: Vec<&str> = name.split('.').collect();
        labels.get(1..4) == Some(&[service_id.as_str(), region.as_str(), "vpce"][..])
    };
    let targets = existing.iter().filter(of_service).filter_map(|set| leads_to(set)?.parse::<VpcEndpointId>().ok());
    targets.filter(|id| !endpoints.iter().any(|endpoint| endpoint.id == *id)).collect()
}

/// The id of the endpoint an alias leads to.
pub(super) fn leads_to(set: &RecordSet) -> Option<&str> {
    let crate::model::RecordValue::Alias(target) = &set.value else { return None };
    let label = target.name.split('.').next()?;
    // `vpce-<hex>-<tag>…`
    let end = label.match_indices('-').nth(1).map_or(label.len(), |(place, _)| place);
    let id = &label[..end];
    (!set.routed && id.starts_with("vpce-")).then_some(id)
}

#[cfg(test)]
mod tests {
    use privlink_core::side::{EndpointDns, EndpointIds, EndpointState, Ownership, PortRange, Protocol};

    use super::*;
    use crate::model::VpcEndpointState;

    const HOST: &str = "abc123.us-east-1.vpce.aws.clickhouse.cloud";
    const TAIL: &str = "vpce-svc-0123456789abcdef0.us-east-1.vpce.amazonaws.com";

    fn name() -> PrivateName {
        PrivateName::new(HOST.parse().unwrap(), vec![PortRange::single(8443)], Protocol::Tls)
    }

    fn facts(id: &str, six: bool) -> EndpointFacts {
        let mut facts = EndpointFacts::new(
            EndpointIds::Aws { id: id.parse().unwrap(), account: "123456789012".parse().unwrap() },
            EndpointState::Ready,
            Ownership::Absent,
        );
        let zonal = format!("{id}-x1-us-east-1a.{TAIL}").parse().unwrap();
        let regional = format!("{id}-x1.{TAIL}").parse().unwrap();
        facts.dns = vec![
            EndpointDns::new(zonal, "use1-az1".parse().ok(), Some("Z7HUB22UULQXV".into())),
            EndpointDns::new(regional, None, Some("Z7HUB22UULQXV".into())),
        ];
        facts.addresses.push(("10.0.1.5".parse().unwrap(), None));
        if six {
            facts.addresses.push(("fd00::5".parse().unwrap(), None));
        }
        facts
    }

    #[test]
    fn what_the_vendor_publishes_is_not_written() {
        let service = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0".parse().unwrap();
        let mut name = name();
        assert!(plan(&name, RecordShape::Apex, &service).unwrap().is_some());
        name.record = RecordShape::Vendor;
        assert_eq!(plan(&name, RecordShape::Apex, &service), Ok(None));
        name.record = RecordShape::Apex;
        name.host = "localhost".parse().unwrap();
        assert!(plan(&name, RecordShape::Apex, &service).is_err());
    }

    #[test]
    fn the_alias_names_the_endpoints_zone_and_covers_both_versions() {
        let host: DnsName = HOST.parse().unwrap();
        let sets = record_sets(&host, &facts("vpce-0a1b2c3d4e5f67890", false)).unwrap();
        assert_eq!(
            sets[0].to_string(),
            format!("{HOST} A alias vpce-0a1b2c3d4e5f67890-x1.{TAIL} in zone Z7HUB22UULQXV")
        );
        assert_eq!(sets.len(), 1);
        assert_eq!(record_sets(&host, &facts("vpce-0a1b2c3d4e5f67890", true)).unwrap().len(), 2);
        assert!(covers("*.us-east-1.vpce.aws.clickhouse.cloud", &host));
        assert!(!covers("*.vpce.aws.clickhouse.cloud", &host));
        assert!(covers(HOST, &host));
    }

    #[test]
    fn a_record_is_replaced_only_when_it_leads_to_an_endpoint_of_ours() {
        let host: DnsName = HOST.parse().unwrap();
        let wanted = record_sets(&host, &facts("vpce-0a1b2c3d4e5f67890", false)).unwrap();
        let other = record_sets(&host, &facts("vpce-0bbbbbbbbbbbbbbbb", false)).unwrap();
        let plain = [RecordSet::plain(&host, RecordType::A, 60, vec!["10.0.9.9".into()])];
        let endpoint =
            VpcEndpoint::new("vpce-0bbbbbbbbbbbbbbbb".parse().unwrap(), "service", VpcEndpointState::Available);
        let known = std::slice::from_ref(&endpoint);
        let judge = |sets: &[RecordSet], ours: bool, inside: bool, known: &[VpcEndpoint]| match compare(
            &answering(sets, &host),
            &wanted,
            known,
            |_| ours,
            inside,
            &BTreeSet::new(),
        ) {
            Compared::Absent => "absent",
            Compared::Same => "same",
            Compared::Stale(_) => "stale",
            Compared::Foreign(_) => "foreign",
        };
        assert_eq!(judge(&[], true, true, known), "absent");
        assert_eq!(judge(&wanted, false, false, known), "same");
        assert_eq!(judge(&other, true, true, known), "stale");
        assert_eq!(judge(&other, false, true, known), "foreign");
        assert_eq!(judge(&other, false, true, &[]), "stale", "the endpoint is gone, the zone is ours");
        assert_eq!(judge(&other, false, false, &[]), "foreign");
        assert_eq!(judge(&plain, true, true, known), "foreign");
    }

    #[test]
    fn only_an_alias_into_the_links_own_service_can_be_a_stray() {
        let host: DnsName = HOST.parse().unwrap();
        let sets = record_sets(&host, &facts("vpce-0a1b2c3d4e5f67890", false)).unwrap();
        let service = |text: &str| text.parse::<VpcEndpointServiceName>().unwrap();
        let own = service("com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0");
        let found = strays(&answering(&sets, &host), &own, &[]);
        assert_eq!(found, BTreeSet::from(["vpce-0a1b2c3d4e5f67890".parse().unwrap()]));
        let there = VpcEndpoint::new("vpce-0a1b2c3d4e5f67890".parse().unwrap(), "x", VpcEndpointState::Available);
        assert!(strays(&answering(&sets, &host), &own, &[there]).is_empty());
        for other in ["us-east-1.vpce-svc-0fffffffffffffff0", "eu-west-1.vpce-svc-0123456789abcdef0"] {
            let other = service(&format!("com.amazonaws.vpce.{other}"));
            assert!(strays(&answering(&sets, &host), &other, &[]).is_empty(), "{other}");
        }
    }
}
