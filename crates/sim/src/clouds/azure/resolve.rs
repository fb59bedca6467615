//! What Azure's resolver answers inside a virtual network.

use std::net::IpAddr;
use std::time::SystemTime;

use privlink_core::{AzureResourceId, DnsName};

use super::DnsAnswer;
use super::state::AzureState;
use super::zone::{Data, RecordSet, Zone};

/// The longest chain of names followed.
const LONGEST_CHAIN: usize = 8;

/// What one zone says about one name.
enum Found {
    Addresses(Vec<IpAddr>),
    Another(String),
    NoSuchName,
    NoData,
}

impl AzureState {
    /// What the resolver of a subnet's network answers for the addresses of `name`.
    ///
    /// Of the linked zones that hold the name the narrowest answers, with authority: a name that
    /// it lacks does not exist, whatever public DNS says, unless the link redirects such names.
    pub(crate) fn resolve(&self, now: SystemTime, subnet: &AzureResourceId, name: &DnsName) -> DnsAnswer {
        let vnet = self.subnets.get(subnet).and_then(|subnet| self.vnets.get(&subnet.vnet));
        let Some(vnet) = vnet else { return DnsAnswer::Failed };
        if !vnet.dns_servers.is_empty() {
            // Machines ask other name servers, which know nothing of the zones.
            return DnsAnswer::Public;
        }
        let mut current = name.as_str().to_owned();
        for step in 0..LONGEST_CHAIN {
            let Some((zone, redirects)) = self.zone_of(now, &vnet.id, &current) else {
                return match step {
                    0 => DnsAnswer::Public,
                    _ => current.parse().map_or(DnsAnswer::NoSuchName, DnsAnswer::PublicAlias),
                };
            };
            match look_up(zone, &current) {
                Found::Addresses(addresses) => return DnsAnswer::Addresses(addresses),
                Found::Another(target) => current = target,
                Found::NoSuchName if redirects => {
                    return current.parse().map_or(DnsAnswer::NoSuchName, DnsAnswer::PublicAlias);
                }
                Found::NoSuchName => return DnsAnswer::NoSuchName,
                Found::NoData => return DnsAnswer::NoData,
            }
        }
        DnsAnswer::Failed
    }

    /// The private zone that answers for `name` in a subnet's network, with authority.
    pub(crate) fn zone_for(&self, now: SystemTime, subnet: &AzureResourceId, name: &DnsName) -> Option<DnsName> {
        let vnet = self.vnets.get(&self.subnets.get(subnet)?.vnet)?;
        let asks_azure = vnet.dns_servers.is_empty();
        let (zone, redirects) = self.zone_of(now, &vnet.id, name.as_str()).filter(|_| asks_azure)?;
        // What is looked for in public DNS is missed there.
        zone.name.parse().ok().filter(|_| !redirects)
    }

    /// The narrowest zone linked to `vnet` that holds `name`, and whether what it lacks is looked
    /// for in public DNS.
    fn zone_of(&self, now: SystemTime, vnet: &AzureResourceId, name: &str) -> Option<(&Zone, bool)> {
        let holds = |zone: &&Zone| name == zone.name || name.ends_with(&format!(".{}", zone.name));
        self.zones
            .values()
            .filter(|zone| zone.work.stands(now))
            .filter(holds)
            .filter_map(|zone| {
                let link = zone.links.values().find(|link| link.vnet == *vnet && link.work.stands(now))?;
                Some((zone, link.policy.as_deref() == Some("NxDomainRedirect")))
            })
            .max_by_key(|(zone, _)| zone.name.len())
    }
}

fn look_up(zone: &Zone, name: &str) -> Found {
    let relative = match name.strip_suffix(&zone.name) {
        Some("") => "@".to_owned(),
        Some(front) => front.trim_end_matches('.').to_owned(),
        None => return Found::NoSuchName,
    };
    if let Some(found) = at(zone, &relative) {
        return found;
    }
    // A name with something below it exists, and no wildcard reaches past it.
    let exists = |name: &str| {
        name == "@" || zone.records.keys().any(|(known, _)| known == name || known.ends_with(&format!(".{name}")))
    };
    if exists(&relative) {
        return Found::NoData;
    }
    let mut rest = relative.as_str();
    while let Some((_, parent)) = rest.split_once('.') {
        if let Some(found) = at(zone, &format!("*.{parent}")) {
            return found;
        }
        if exists(parent) {
            return Found::NoSuchName;
        }
        rest = parent;
    }
    at(zone, "*").unwrap_or(Found::NoSuchName)
}

/// What the record sets of exactly this name say; `None` when there is none.
fn at(zone: &Zone, relative: &str) -> Option<Found> {
    let sets: Vec<&RecordSet> =
        zone.records.iter().filter(|((name, _), _)| name == relative).map(|(_, set)| set).collect();
    if sets.is_empty() {
        return None;
    }
    let mut addresses = Vec::new();
    for set in sets {
        match &set.data {
            Data::A(list) => addresses.extend(list.iter().copied().map(IpAddr::V4)),
            Data::Aaaa(list) => addresses.extend(list.iter().copied().map(IpAddr::V6)),
            Data::Cname(Some(target)) => {
                return Some(Found::Another(target.trim_end_matches('.').to_ascii_lowercase()));
            }
            Data::Cname(None) | Data::Txt(_) | Data::Soa => {}
        }
    }
    Some(if addresses.is_empty() { Found::NoData } else { Found::Addresses(addresses) })
}
