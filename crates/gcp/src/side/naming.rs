//! Which zone and which records make a private name resolve. Pure.

use std::net::IpAddr;

use privlink_core::side::{Naming, PrivateName, RecordShape};
use privlink_core::{DnsName, IdError, PrivateDnsHostname, ServiceAttachment};
use privlink_dns::RecordPlan;

use crate::facts::TTL;
use crate::model::{RecordSet, RecordType};

/// The record that makes `name` resolve in this shape, if one is to be written; `target` tells
/// equal endpoints.
///
/// # Errors
/// When the vendor's host is no name that a zone can hold.
pub(super) fn plan(
    name: &PrivateName,
    shape: RecordShape,
    target: &ServiceAttachment,
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
    let doable = |naming: &Naming| {
        !matches!(
            naming,
            Naming::EndpointPrivateDns | Naming::PrivateZone(RecordShape::Vendor | RecordShape::VendorSrv)
        )
    };
    asked.or_else(|| offered?.iter().copied().find(doable)).unwrap_or(Naming::PrivateZone(RecordShape::Apex))
}

/// The records that lead `name` to the endpoint; none until its address is known.
pub(super) fn record_sets(name: &DnsName, addresses: &[IpAddr]) -> Vec<RecordSet> {
    let of = |six: bool, kind: RecordType| {
        let values: Vec<String> =
            addresses.iter().filter(|address| address.is_ipv6() == six).map(ToString::to_string).collect();
        (!values.is_empty()).then(|| RecordSet::new(name, kind, TTL, values))
    };
    of(false, RecordType::A).into_iter().chain(of(true, RecordType::Aaaa)).collect()
}

/// The lines a person writes into a resolver of their own.
pub(super) fn printed(host: &DnsName, addresses: &[IpAddr]) -> Vec<String> {
    let line =
        |address: &IpAddr| format!("{host}. {TTL} IN {} {address}", if address.is_ipv6() { "AAAA" } else { "A" });
    addresses.iter().map(line).collect()
}

/// Among the sets of one name, those that answer for addresses: what a record of ours would
/// stand beside or replace.
pub(super) fn answering<'a>(sets: &'a [RecordSet], name: &DnsName) -> Vec<&'a RecordSet> {
    sets.iter()
        .filter(|set| {
            set.name == name.as_str() && matches!(set.kind, RecordType::A | RecordType::Aaaa | RecordType::Cname)
        })
        .collect()
}

/// The names that a zone answers with addresses, and what each leads to.
pub(super) fn addresses(sets: &[RecordSet]) -> impl Iterator<Item = (DnsName, String)> {
    let answers = |set: &&RecordSet| matches!(set.kind, RecordType::A | RecordType::Aaaa | RecordType::Cname);
    sets.iter().filter(answers).filter_map(|set| Some((set.name.parse().ok()?, set.values.join(", "))))
}

/// How what is stored compares with what is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Compared<'a> {
    /// Nothing answers for the name.
    Absent,
    /// Exactly what is wanted.
    Same,
    /// Something else of ours: it may be replaced.
    Stale(Vec<&'a RecordSet>),
    /// Something else that is not ours.
    Foreign(&'a RecordSet),
}

/// Whose addresses are whose, for judging records, which carry no mark of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    /// Those of endpoints and reservations of ours.
    pub(super) ours: Vec<IpAddr>,
    /// Those of anybody else's endpoints and reservations.
    pub(super) others: Vec<IpAddr>,
}

impl Addresses {
    /// Whether a set was written by us: it holds addresses alone, all of them ours, or, in a zone
    /// of ours, of nobody else.
    pub(super) fn wrote(&self, set: &RecordSet, inside_ours: bool) -> bool {
        let ours = |value: &String| {
            value
                .parse::<IpAddr>()
                .is_ok_and(|address| self.ours.contains(&address) || (inside_ours && !self.others.contains(&address)))
        };
        matches!(set.kind, RecordType::A | RecordType::Aaaa)
            && !set.routed
            && !set.values.is_empty()
            && set.values.iter().all(ours)
    }
}

/// The addresses that a set holds.
pub(super) fn leads_to(set: &RecordSet) -> Vec<IpAddr> {
    let answers = matches!(set.kind, RecordType::A | RecordType::Aaaa) && !set.routed;
    set.values.iter().filter(|_| answers).filter_map(|value| value.parse().ok()).collect()
}

/// Compares. `inside_ours` says that the zone is one of ours.
pub(super) fn compare<'a>(
    existing: &[&'a RecordSet],
    wanted: &[RecordSet],
    addresses: &Addresses,
    inside_ours: bool,
) -> Compared<'a> {
    if existing.is_empty() {
        return Compared::Absent;
    }
    let known =
        |set: &RecordSet| wanted.iter().any(|wanted| wanted.says_the_same(set)) || addresses.wrote(set, inside_ours);
    if let Some(set) = existing.iter().find(|set| !known(set)) {
        return Compared::Foreign(set);
    }
    let same = wanted.iter().all(|wanted| existing.iter().any(|set| wanted.says_the_same(set)))
        && existing.len() == wanted.len();
    if same { Compared::Same } else { Compared::Stale(existing.to_vec()) }
}

/// Whether `host` is `record`, or one label below where the record is a wildcard.
pub(super) fn covers(record: &DnsName, host: &DnsName) -> bool {
    if record.is_wildcard() { host.parent() == record.parent() } else { record == host }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use privlink_core::side::{PortRange, Protocol};

    use super::*;

    const HOST: &str = "abc123.us-central1.p.gcp.clickhouse.cloud";

    fn at(address: &str) -> [IpAddr; 1] {
        [address.parse().unwrap()]
    }

    #[test]
    fn records_hold_the_endpoints_own_address() {
        let host: DnsName = HOST.parse().unwrap();
        assert_eq!(record_sets(&host, &at("10.0.0.7"))[0].to_string(), format!("{HOST} 300 A 10.0.0.7"));
        assert_eq!(record_sets(&host, &at("fd20::7"))[0].kind, RecordType::Aaaa);
        assert_eq!(printed(&host, &at("10.0.0.7")), [format!("{HOST}. 300 IN A 10.0.0.7")]);
        let wildcard = "*.us-central1.p.gcp.clickhouse.cloud".parse().unwrap();
        assert!(covers(&wildcard, &host) && covers(&host, &host) && !covers(&host, &wildcard));
    }

    #[test]
    fn what_google_cannot_do_is_not_chosen() {
        let wildcard = Naming::PrivateZone(RecordShape::Wildcard);
        assert_eq!(mode(None, Some(&[Naming::EndpointPrivateDns, wildcard])), wildcard);
        assert_eq!(mode(None, None), Naming::PrivateZone(RecordShape::Apex));
        assert_eq!(mode(Some(Naming::SelfManaged), Some(&[wildcard])), Naming::SelfManaged);
        let mut name = PrivateName::new(HOST.parse().unwrap(), vec![PortRange::single(8443)], Protocol::Tls);
        let target = "projects/producer/regions/us-central1/serviceAttachments/a".parse().unwrap();
        assert!(plan(&name, RecordShape::Apex, &target).unwrap().is_some());
        name.record = RecordShape::Vendor;
        assert_eq!(plan(&name, RecordShape::Apex, &target), Ok(None));
    }

    #[test]
    fn a_record_is_replaced_only_when_we_wrote_it() {
        let host: DnsName = HOST.parse().unwrap();
        let wanted = record_sets(&host, &at("10.0.0.7"));
        let addresses = Addresses {
            ours: vec!["10.0.0.7".parse().unwrap(), "10.0.0.8".parse().unwrap()],
            others: vec!["10.0.0.9".parse().unwrap()],
        };
        let judge =
            |sets: &[RecordSet], inside: bool| match compare(&answering(sets, &host), &wanted, &addresses, inside) {
                Compared::Absent => "absent",
                Compared::Same => "same",
                Compared::Stale(_) => "stale",
                Compared::Foreign(_) => "foreign",
            };
        let of = |value: &str| [RecordSet::new(&host, RecordType::A, 60, vec![value.to_owned()])];
        assert_eq!(judge(&[], true), "absent");
        assert_eq!(judge(&wanted, false), "same");
        assert_eq!(judge(&of("10.0.0.8"), false), "stale", "an address of ours");
        assert_eq!(judge(&of("10.0.0.3"), true), "stale", "in a zone of ours, of nobody else");
        assert_eq!(judge(&of("10.0.0.3"), false), "foreign");
        assert_eq!(judge(&of("10.0.0.9"), true), "foreign", "somebody else's endpoint");
        let other = [RecordSet::new(&host, RecordType::Cname, 60, vec!["x.example.com.".into()])];
        assert_eq!(judge(&other, true), "foreign");
        let txt = [RecordSet::new(&host, RecordType::Txt, 60, vec!["\"x\"".into()])];
        assert_eq!(judge(&txt, true), "absent");
    }
}
