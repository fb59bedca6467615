//! Which zone and which record make a private name resolve. Pure.

use std::net::{IpAddr, Ipv4Addr};

use privlink_core::side::{EndpointFacts, Naming, PrivateName, RecordShape};
use privlink_core::{DnsName, EndpointServiceId, IdError, PrivateDnsHostname};
use privlink_dns::RecordPlan;

use crate::model::RecordSet;

/// How long answers may be kept, in seconds: what the vendors' guides use on Azure.
pub(super) const TTL: u64 = 300;

/// The record that makes `name` resolve in this shape, if one is to be written; `target` tells
/// equal endpoints.
///
/// # Errors
/// When the vendor's host is no name that a zone can hold.
pub(super) fn plan(
    name: &PrivateName,
    shape: RecordShape,
    target: &EndpointServiceId,
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

/// The name of a record within a zone: `@`, `*` or labels. `None` outside of the zone.
pub(super) fn label(name: &DnsName, zone: &DnsName) -> Option<String> {
    if name == zone {
        return Some("@".to_owned());
    }
    let front = name.as_str().strip_suffix(zone.as_str())?.strip_suffix('.')?;
    (!front.is_empty()).then(|| front.to_owned())
}

/// The full name of a record set of a zone.
pub(super) fn full_name(label: &str, zone: &DnsName) -> Option<DnsName> {
    if label == "@" { Some(zone.clone()) } else { format!("{label}.{zone}").parse().ok() }
}

/// The addresses that the record is to hold.
pub(super) fn addresses(endpoint: &EndpointFacts) -> Vec<Ipv4Addr> {
    addresses_of(endpoint.addresses.iter().map(|(address, _)| *address))
}

/// Those of a list that an A record can hold.
pub(super) fn addresses_of(all: impl IntoIterator<Item = IpAddr>) -> Vec<Ipv4Addr> {
    let four = all.into_iter().filter_map(|address| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    });
    four.collect()
}

/// Whether a set says exactly `wanted`, in whatever order.
pub(super) fn says(set: &RecordSet, wanted: &[Ipv4Addr]) -> bool {
    let sorted = |addresses: &[Ipv4Addr]| {
        let mut addresses = addresses.to_vec();
        addresses.sort();
        addresses
    };
    sorted(&set.addresses) == sorted(wanted)
}

/// The lines a person writes into a resolver of their own.
pub(super) fn printed(host: &DnsName, endpoint: &EndpointFacts) -> Vec<String> {
    let line =
        |address: &IpAddr| format!("{host}. {TTL} IN {} {address}", if address.is_ipv6() { "AAAA" } else { "A" });
    endpoint.addresses.iter().map(|(address, _)| line(address)).collect()
}

/// Whether a record of this name answers for `host`.
pub(super) fn covers(record: &DnsName, host: &DnsName) -> bool {
    match record.parent() {
        Some(parent) if record.is_wildcard() => host.parent().as_ref() == Some(&parent),
        _ => record == host,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_record_is_named_within_its_zone() {
        let name = |text: &str| text.parse::<DnsName>().unwrap();
        let zone = name("westus3.privatelink.azure.clickhouse.cloud");
        for (full, wanted) in [
            ("westus3.privatelink.azure.clickhouse.cloud", Some("@")),
            ("abc.westus3.privatelink.azure.clickhouse.cloud", Some("abc")),
            ("*.westus3.privatelink.azure.clickhouse.cloud", Some("*")),
            ("xwestus3.privatelink.azure.clickhouse.cloud", None),
            ("eastus.privatelink.azure.clickhouse.cloud", None),
        ] {
            let found = label(&name(full), &zone);
            assert_eq!(found.as_deref(), wanted, "{full}");
            if let Some(found) = found {
                assert_eq!(full_name(&found, &zone), Some(name(full)));
            }
        }
    }

    #[test]
    fn modes_that_azure_has_not_are_passed_over_unless_asked_for() {
        let offered = [Naming::EndpointPrivateDns, Naming::PrivateZone(RecordShape::Wildcard)];
        assert_eq!(mode(None, Some(&offered)), Naming::PrivateZone(RecordShape::Wildcard));
        assert_eq!(mode(Some(Naming::EndpointPrivateDns), Some(&offered)), Naming::EndpointPrivateDns);
        assert_eq!(mode(None, None), Naming::PrivateZone(RecordShape::Apex));
    }
}
