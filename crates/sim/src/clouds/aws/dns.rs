//! What the resolver of a VPC answers.

use std::net::IpAddr;
use std::time::SystemTime;

use privlink_core::{DnsName, VpcId};

use super::DnsAnswer;
use super::endpoint::{Endpoint, endpoint_domain};
use super::state::{AwsState, Vpc};
use super::zone::{Content, FullName, Record};

/// The longest chain of names followed.
const LONGEST_CHAIN: usize = 8;

/// What one zone says about one name.
enum Found {
    Addresses(Vec<IpAddr>),
    Another(FullName),
    NoSuchName,
    NoData,
}

/// A private zone that a VPC sees.
enum Seen<'a> {
    /// One of Route 53.
    Hosted { name: FullName, content: &'a Content },
    /// One that AWS keeps for the private name of an endpoint.
    Hidden { name: FullName, wildcard: bool, endpoint: &'a Endpoint },
}

impl AwsState {
    /// What the resolver of `vpc` answers for the addresses of `name`.
    ///
    /// Of the private zones that hold the name the narrowest answers, with authority: a name
    /// that it lacks does not exist, whatever public DNS says.
    pub(crate) fn resolve(&self, now: SystemTime, vpc: &VpcId, name: &DnsName) -> DnsAnswer {
        let Some(vpc) = self.vpcs.get(vpc).filter(|vpc| vpc.dns_support) else { return DnsAnswer::Failed };
        let Some(mut current) = FullName::parse(name.as_str()) else { return DnsAnswer::Public };
        for step in 0..LONGEST_CHAIN {
            let zone = self.zone_of(now, vpc, &current);
            match zone.map(|zone| self.look_up(now, &zone, &current)) {
                Some(Found::Addresses(addresses)) => return DnsAnswer::Addresses(addresses),
                Some(Found::Another(target)) => current = target,
                Some(Found::NoSuchName) => return DnsAnswer::NoSuchName,
                Some(Found::NoData) => return DnsAnswer::NoData,
                None => {
                    let text = current.as_str().trim_end_matches('.');
                    return match self.endpoint_addresses(now, text) {
                        Some(addresses) => DnsAnswer::Addresses(addresses),
                        None if self.is_endpoint_domain(text) => DnsAnswer::NoSuchName,
                        None if step == 0 => DnsAnswer::Public,
                        None => text.parse().map_or(DnsAnswer::NoSuchName, DnsAnswer::PublicAlias),
                    };
                }
            }
        }
        DnsAnswer::Failed
    }

    /// The private zone that answers for `name` in `vpc`, with authority.
    pub(crate) fn zone_for(&self, now: SystemTime, vpc: &VpcId, name: &DnsName) -> Option<DnsName> {
        let vpc = self.vpcs.get(vpc).filter(|vpc| vpc.dns_support)?;
        let zone = self.zone_of(now, vpc, &FullName::parse(name.as_str())?)?;
        zone.name().as_str().trim_end_matches('.').parse().ok()
    }

    /// The names of an endpoint with the addresses they lead to: the regional one, and one for each zone.
    pub(super) fn endpoint_names<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> impl Iterator<Item = (String, Vec<IpAddr>)> + 'a {
        let addresses = move |zone: Option<&privlink_core::ZoneId>| {
            let (v4, v6) = match endpoint.dns_record_type.as_str() {
                "ipv6" => (false, true),
                "dualstack" => (true, true),
                _ => (true, false),
            };
            let mut found = Vec::new();
            for interface in self.interfaces.values().filter(|i| i.endpoint.as_ref() == Some(&endpoint.id)) {
                let own = self.subnets.get(&interface.subnet).map(|subnet| &subnet.zone);
                if zone.is_none() || own == zone {
                    found.extend(v4.then_some(interface.address));
                    found.extend(interface.address6.filter(|_| v6));
                }
            }
            found.sort();
            found
        };
        let zonal = endpoint.subnets.iter().filter_map(move |id| {
            let subnet = self.subnets.get(id)?;
            let name = self.zone_name(&endpoint.account, &endpoint.region, &subnet.zone)?;
            Some((endpoint.zonal_name(name), addresses(Some(&subnet.zone))))
        });
        std::iter::once((endpoint.regional_name(), addresses(None))).chain(zonal)
    }

    /// The addresses behind one of AWS's own names of an endpoint. They are in public DNS, for
    /// everybody, though only the endpoint's network can reach them.
    fn endpoint_addresses(&self, now: SystemTime, name: &str) -> Option<Vec<IpAddr>> {
        self.endpoints
            .values()
            .filter(|endpoint| endpoint.was_available(now) && endpoint.state_at(now).has_interfaces())
            .flat_map(|endpoint| self.endpoint_names(endpoint))
            .find(|(own, _)| own == name)
            .map(|(_, addresses)| addresses)
            .filter(|addresses| !addresses.is_empty())
    }

    fn is_endpoint_domain(&self, name: &str) -> bool {
        let regions = self.services.values().map(|service| &service.region);
        regions.into_iter().any(|region| name.ends_with(&format!(".{}", endpoint_domain(region))))
    }

    /// The narrowest private zone that `vpc` sees and that holds `name`.
    fn zone_of(&self, now: SystemTime, vpc: &Vpc, name: &FullName) -> Option<Seen<'_>> {
        if !vpc.dns_hostnames {
            // Private zones need both DNS attributes of the VPC.
            return None;
        }
        let hosted = self.zones.values().filter_map(|zone| {
            let content = zone.published_at(now)?;
            content.vpcs.contains_key(&vpc.id).then(|| Seen::Hosted { name: zone.name.clone(), content })
        });
        let hidden = self
            .endpoints
            .values()
            .filter(|endpoint| endpoint.vpc == vpc.id && endpoint.serves_private_name(now))
            .filter_map(|endpoint| {
                let service = self.services.get(&endpoint.service)?;
                let text = service.private_dns_name.as_ref()?.as_str();
                let base = text.strip_prefix("*.").unwrap_or(text);
                Some(Seen::Hidden { name: FullName::parse(base)?, wildcard: base.len() != text.len(), endpoint })
            });
        hosted.chain(hidden).filter(|zone| name.is_within(zone.name())).max_by_key(|zone| zone.name().as_str().len())
    }

    fn look_up(&self, now: SystemTime, zone: &Seen<'_>, name: &FullName) -> Found {
        match zone {
            Seen::Hidden { name: apex, wildcard, endpoint } => {
                if *wildcard == (name != apex) {
                    self.endpoint_addresses(now, &endpoint.regional_name()).map_or(Found::NoData, Found::Addresses)
                } else if *wildcard {
                    Found::NoData
                } else {
                    Found::NoSuchName
                }
            }
            Seen::Hosted { name: apex, content } => {
                let Some(owner) = owner(content, apex, name) else { return Found::NoSuchName };
                self.at(now, content, &owner)
            }
        }
    }

    /// What the records of one name lead to.
    fn at(&self, now: SystemTime, content: &Content, owner: &FullName) -> Found {
        let record = |kind: &str| content.records.get(&(owner.clone(), kind.to_owned()));
        if let Some(Record::Values { values, .. }) = record("CNAME") {
            let target = values.iter().next().and_then(|value| FullName::parse(value));
            return target.map_or(Found::NoData, Found::Another);
        }
        let mut addresses = Vec::new();
        for kind in ["A", "AAAA"] {
            match record(kind) {
                None => {}
                Some(Record::Values { values, .. }) => {
                    addresses.extend(values.iter().filter_map(|v| v.parse::<IpAddr>().ok()))
                }
                Some(Record::Alias { name, .. }) => addresses.extend(self.behind_alias(now, content, kind, name)),
            }
        }
        if addresses.is_empty() { Found::NoData } else { Found::Addresses(addresses) }
    }

    /// The addresses an alias of type `kind` leads to: through records of its own zone, or of an endpoint.
    fn behind_alias(&self, now: SystemTime, content: &Content, kind: &str, target: &FullName) -> Vec<IpAddr> {
        let mut target = target;
        for _ in 0..LONGEST_CHAIN {
            match content.records.get(&(target.clone(), kind.to_owned())) {
                Some(Record::Values { values, .. }) => return values.iter().filter_map(|v| v.parse().ok()).collect(),
                Some(Record::Alias { name, .. }) => target = name,
                None => {
                    let found = self.endpoint_addresses(now, target.as_str().trim_end_matches('.'));
                    let of_kind = |address: &IpAddr| address.is_ipv4() == (kind == "A");
                    return found.unwrap_or_default().into_iter().filter(of_kind).collect();
                }
            }
        }
        Vec::new()
    }
}

impl Seen<'_> {
    fn name(&self) -> &FullName {
        match self {
            Self::Hosted { name, .. } | Self::Hidden { name, .. } => name,
        }
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
