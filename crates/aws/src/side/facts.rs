//! An endpoint as the other side sees it.

use privlink_core::side::{EndpointDns, EndpointFacts, EndpointIds, EndpointState, Ownership};
use privlink_core::{AwsAccountId, ZoneId};

use crate::model::{NetworkInterface, Subnet, VpcEndpoint, VpcEndpointState};

/// The facts of `endpoint`, with the addresses of its interfaces.
pub(super) fn of(
    endpoint: &VpcEndpoint,
    interfaces: &[NetworkInterface],
    subnets: &[Subnet],
    account: &AwsAccountId,
    ownership: Ownership,
) -> EndpointFacts {
    let account = endpoint.owner.as_ref().unwrap_or(account).clone();
    let ids = EndpointIds::Aws { id: endpoint.id.clone(), account };
    let mut facts = EndpointFacts::new(ids, state(endpoint), ownership);
    let zone_named = |name: &str| -> Option<ZoneId> {
        subnets.iter().find(|subnet| subnet.zone_name.as_deref() == Some(name))?.zone.clone()
    };
    for interface in interfaces.iter().filter(|interface| endpoint.interfaces.contains(&interface.id)) {
        let of_subnet = || subnets.iter().find(|subnet| Some(&subnet.id) == interface.subnet.as_ref())?.zone.clone();
        let zone = interface.zone.clone().or_else(of_subnet);
        facts.addresses.extend(interface.addresses.iter().map(|address| (*address, zone.clone())));
    }
    facts.addresses.sort();
    let alias = |zone: &Option<privlink_core::HostedZoneId>| zone.as_ref().map(|id| id.as_str().to_owned().into());
    if let Some(entry) = endpoint.regional_dns() {
        facts.dns.push(EndpointDns::new(entry.name.clone(), None, alias(&entry.hosted_zone)));
    }
    for (entry, zone) in endpoint.zonal_dns() {
        // A zonal name without its zone would pass for a regional one.
        if let Some(zone) = zone_named(zone) {
            facts.dns.push(EndpointDns::new(entry.name.clone(), Some(zone), alias(&entry.hosted_zone)));
        }
    }
    facts.private_dns = Some(endpoint.private_dns);
    facts
}

/// AWS's state in words common to all clouds.
pub(super) fn state(endpoint: &VpcEndpoint) -> EndpointState {
    match &endpoint.state {
        VpcEndpointState::PendingAcceptance => EndpointState::Requested,
        VpcEndpointState::Pending => EndpointState::Building,
        VpcEndpointState::Available => EndpointState::Ready,
        VpcEndpointState::Deleting | VpcEndpointState::Deleted => EndpointState::Gone,
        VpcEndpointState::Rejected | VpcEndpointState::Failed | VpcEndpointState::Expired => {
            let word = endpoint.state.as_str();
            let text = endpoint.trouble().map_or_else(|| word.to_owned(), |text| format!("{word}: {text}"));
            // Whether a rejected endpoint can be accepted later is not documented: not counted on.
            EndpointState::Dead { text: text.into(), revivable: false }
        }
        other => EndpointState::Unknown { text: other.as_str().to_owned().into() },
    }
}

/// Whether every interface has shown an address and the regional name is there: then the
/// endpoint's addresses count as known.
pub(super) fn complete(endpoint: &VpcEndpoint, facts: &EndpointFacts) -> bool {
    facts.addresses.len() >= endpoint.interfaces.len()
        && !facts.addresses.is_empty()
        && endpoint.regional_dns().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_common_word() {
        let table = [
            ("pendingAcceptance", "requested"),
            ("PendingAcceptance", "requested"),
            ("pending", "building"),
            ("available", "ready"),
            ("deleting", "gone"),
            ("deleted", "gone"),
            ("rejected", "dead"),
            ("failed", "dead"),
            ("expired", "dead"),
            ("partial", "unknown"),
            ("thawing", "unknown"),
        ];
        for (word, wanted) in table {
            let endpoint = VpcEndpoint::new("vpce-0a1b2c3d4e5f67890".parse().unwrap(), "service", word.into());
            let json = serde_json::to_value(state(&endpoint)).unwrap();
            assert_eq!(json["state"], wanted, "{word}");
        }
    }
}
