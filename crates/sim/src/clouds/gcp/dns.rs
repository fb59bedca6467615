//! What the resolver of a VPC network answers.

use std::net::IpAddr;
use std::time::SystemTime;

use privlink_core::DnsName;

use super::DnsAnswer;
use super::link::{Global, Regional, SUBNETWORKS};
use super::name::FullName;
use super::state::GcpState;
use super::zone::{Content, Zone};

/// The longest chain of names followed.
const LONGEST_CHAIN: usize = 8;

/// What one zone says about one name.
enum Found {
    Addresses(Vec<IpAddr>),
    Another(FullName),
    NoSuchName,
    NoData,
}

impl GcpState {
    /// What the resolver of a subnetwork's network answers for the addresses of `name`.
    ///
    /// Of the private zones that hold the name the narrowest answers, with authority: a name that
    /// it lacks does not exist, whatever public DNS says.
    pub(crate) fn resolve(&self, now: SystemTime, subnetwork: &str, name: &DnsName) -> DnsAnswer {
        let subnet = Regional::parse(subnetwork, SUBNETWORKS, None).and_then(|key| self.subnets.get(&key));
        let Some(subnet) = subnet else { return DnsAnswer::Failed };
        let Some(mut current) = FullName::of(name.as_str()) else { return DnsAnswer::Public };
        for step in 0..LONGEST_CHAIN {
            let zone = self.zone_of(now, &subnet.network, &current);
            match zone.map(|(zone, content)| self.look_up(now, zone, content, &current)) {
                Some(Found::Addresses(addresses)) => return DnsAnswer::Addresses(addresses),
                Some(Found::Another(target)) => current = target,
                Some(Found::NoSuchName) => return DnsAnswer::NoSuchName,
                Some(Found::NoData) => return DnsAnswer::NoData,
                None if step == 0 => return DnsAnswer::Public,
                None => {
                    let text = current.as_str().trim_end_matches('.');
                    return text.parse().map_or(DnsAnswer::NoSuchName, DnsAnswer::PublicAlias);
                }
            }
        }
        DnsAnswer::Failed
    }

    /// The private zone that answers for `name` in a subnetwork's network, with authority.
    pub(crate) fn zone_for(&self, now: SystemTime, subnetwork: &str, name: &DnsName) -> Option<DnsName> {
        let subnet = Regional::parse(subnetwork, SUBNETWORKS, None).and_then(|key| self.subnets.get(&key))?;
        let (zone, _) = self.zone_of(now, &subnet.network, &FullName::of(name.as_str())?)?;
        zone.apex.as_str().trim_end_matches('.').parse().ok()
    }

    /// The narrowest private zone that a network sees and that holds `name`.
    fn zone_of(&self, now: SystemTime, network: &Global, name: &FullName) -> Option<(&Zone, &Content)> {
        self.zones
            .values()
            .filter(|zone| zone.private && name.is_within(&zone.apex))
            .filter_map(|zone| Some((zone, zone.published_at(now)?)))
            .filter(|(_, content)| content.networks.contains(network))
            .max_by_key(|(zone, _)| zone.apex.as_str().len())
    }

    fn look_up(&self, now: SystemTime, zone: &Zone, content: &Content, name: &FullName) -> Found {
        if zone.namespace.is_some() && *name != zone.apex {
            return match self.registered(now, zone, name) {
                Some(address) => Found::Addresses(vec![address]),
                None => Found::NoSuchName,
            };
        }
        let Some(owner) = owner(content, &zone.apex, name) else { return Found::NoSuchName };
        let data = |kind: &str| content.records.get(&(owner.clone(), kind.to_owned())).map(|record| &record.data);
        if let Some(targets) = data("CNAME") {
            return targets.first().and_then(|target| FullName::parse(target)).map_or(Found::NoData, Found::Another);
        }
        let addresses: Vec<IpAddr> =
            ["A", "AAAA"].into_iter().filter_map(data).flatten().filter_map(|text| text.parse().ok()).collect();
        if addresses.is_empty() { Found::NoData } else { Found::Addresses(addresses) }
    }

    /// The address of the endpoint that Service Directory knows by this name.
    fn registered(&self, now: SystemTime, zone: &Zone, name: &FullName) -> Option<IpAddr> {
        let label = name.as_str().strip_suffix(zone.apex.as_str())?.strip_suffix('.')?;
        let rule = self.rules.values().find(|rule| {
            rule.exists(now)
                && rule.ready <= now
                && rule.key.name == label
                && rule.key.project == zone.project
                && zone.name == format!("{}--{}", rule.namespace, rule.key.region)
        })?;
        Some(rule.ip.into())
    }
}

/// The name whose records answer for `name`: itself, or the wildcard below the closest name that
/// exists (RFC 4592).
fn owner(content: &Content, apex: &FullName, name: &FullName) -> Option<FullName> {
    let has = |wanted: &FullName| content.records.keys().any(|(owner, _)| owner == wanted);
    // A name also exists when there is something below it.
    let exists = |wanted: &FullName| content.records.keys().any(|(owner, _)| owner.is_within(wanted));
    if exists(name) {
        return Some(name.clone());
    }
    let mut encloser = name.parent()?;
    while !exists(&encloser) && encloser != *apex {
        encloser = encloser.parent()?;
    }
    Some(encloser.wildcard()).filter(has)
}
