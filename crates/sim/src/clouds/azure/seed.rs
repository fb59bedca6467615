//! Making things exist, and doing things behind the client's back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::time::SystemTime;

use ipnet::Ipv4Net;
use privlink_core::{AzureResourceId, DnsName, PrivateLinkServiceAlias, Region, SubscriptionId};
use uuid::Uuid;

use super::auth::{App, Principal};
use super::error::ApiError;
use super::network::{Endpoint, Status};
use super::rule::SecurityRule;
use super::state::{ApplicationGroup, AzureState, Group, LinkService, SecurityGroup, Subnet, Vnet};
use super::work::{End, Verb, Work};
use super::zone::{Data, Link, RecordSet, Zone};

/// There is no such thing in this world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoSuchThing(String);

impl fmt::Display for NoSuchThing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no {} in this world", self.0)
    }
}

impl std::error::Error for NoSuchThing {}

fn none(what: impl fmt::Display) -> NoSuchThing {
    NoSuchThing(what.to_string())
}

/// A rule to be, of a network security group.
#[derive(Clone, Debug)]
pub(crate) struct RuleSeed {
    pub(crate) name: String,
    pub(crate) priority: u16,
    pub(crate) inbound: bool,
    pub(crate) allow: bool,
    pub(crate) peer: Option<Ipv4Net>,
    pub(crate) ports: Option<RangeInclusive<u16>>,
    pub(crate) application_group: Option<AzureResourceId>,
}

/// An endpoint, as its vendor and its network see it.
#[derive(Clone, Debug)]
pub(crate) struct EndpointView {
    pub(crate) id: AzureResourceId,
    pub(crate) guid: Uuid,
    pub(crate) service: PrivateLinkServiceAlias,
    pub(crate) status: Status,
    pub(crate) provisioning: &'static str,
    pub(crate) address: IpAddr,
}

impl AzureState {
    /// Sets the tenant, which is asked for tokens, and where operations say that they run.
    pub(crate) fn settle_in(&mut self, tenant: Uuid, location: &Region) {
        self.tenant = tenant;
        self.location = location.to_string();
    }

    pub(crate) fn add_group(&mut self, subscription: &SubscriptionId, name: &str, location: &Region) {
        self.subscriptions.insert(*subscription);
        let group = Group { name: name.to_owned(), location: location.to_string() };
        self.groups.insert((*subscription, name.to_ascii_lowercase()), group);
    }

    fn principal(&mut self, name: &str, allowed: Option<&[&str]>) -> Principal {
        let allowed = allowed.map(|allowed| allowed.iter().map(|&action| action.to_owned()).collect());
        Principal { object_id: self.ids.guid(), name: name.to_owned(), allowed }
    }

    /// A token of a principal of its own.
    pub(crate) fn add_user(&mut self, name: &str, allowed: Option<&[&str]>) -> String {
        let principal = self.principal(name, allowed);
        self.add_token(principal, None)
    }

    /// An application with a secret: its client id and the secret.
    pub(crate) fn add_app(&mut self, name: &str, allowed: Option<&[&str]>) -> (Uuid, String) {
        let principal = self.principal(name, allowed);
        let (client_id, secret) = (self.ids.guid(), self.ids.secret());
        self.apps.push(App { client_id, secret: secret.clone(), principal });
        (client_id, secret)
    }

    /// Sets when a token ends.
    pub(crate) fn expire_token(&mut self, token: &str, at: SystemTime) -> Result<(), NoSuchThing> {
        self.tokens.get_mut(token).ok_or_else(|| none("such token"))?.expires = Some(at);
        Ok(())
    }

    pub(crate) fn remove_token(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    pub(crate) fn add_vnet(&mut self, id: &AzureResourceId, location: &Region, ranges: Vec<Ipv4Net>) {
        let vnet = Vnet {
            id: id.clone(),
            guid: self.ids.guid(),
            location: location.to_string(),
            ranges,
            dns_servers: Vec::new(),
            peers: BTreeSet::new(),
        };
        self.vnets.insert(id.clone(), vnet);
    }

    pub(crate) fn add_subnet(&mut self, id: &AzureResourceId, range: Ipv4Net) -> Result<(), NoSuchThing> {
        let vnet = id.parent().filter(|vnet| self.vnets.contains_key(vnet)).ok_or_else(|| none(id))?;
        let subnet = Subnet {
            id: id.clone(),
            vnet,
            range: range.trunc(),
            security_group: None,
            machine_group: None,
            policies: "Disabled",
            machines: Vec::new(),
            busy_until: None,
        };
        self.subnets.insert(id.clone(), subnet);
        Ok(())
    }

    /// Puts a machine into a subnet, from which clients connect.
    pub(crate) fn add_machine(&mut self, now: SystemTime, subnet: &AzureResourceId) -> Result<Ipv4Addr, NoSuchThing> {
        let place = self.subnet(subnet)?.clone();
        let address = self.free_address(now, &place, None).map_err(|_| none(format!("free address in {subnet}")))?;
        self.subnet_mut(subnet)?.machines.push(address);
        Ok(address)
    }

    /// Lets machines of two networks reach each other.
    pub(crate) fn peer(&mut self, one: &AzureResourceId, other: &AzureResourceId) -> Result<(), NoSuchThing> {
        for (from, to) in [(one, other), (other, one)] {
            let to = self.vnets.get(to).ok_or_else(|| none(to))?.id.clone();
            self.vnets.get_mut(from).ok_or_else(|| none(from))?.peers.insert(to);
        }
        Ok(())
    }

    pub(crate) fn set_dns_servers(
        &mut self,
        vnet: &AzureResourceId,
        servers: Vec<Ipv4Addr>,
    ) -> Result<(), NoSuchThing> {
        self.vnets.get_mut(vnet).ok_or_else(|| none(vnet))?.dns_servers = servers;
        Ok(())
    }

    pub(crate) fn set_policies(&mut self, subnet: &AzureResourceId, policies: &'static str) -> Result<(), NoSuchThing> {
        self.subnet_mut(subnet)?.policies = policies;
        Ok(())
    }

    pub(crate) fn set_busy(&mut self, subnet: &AzureResourceId, until: SystemTime) -> Result<(), NoSuchThing> {
        self.subnet_mut(subnet)?.busy_until = Some(until);
        Ok(())
    }

    /// Makes a network security group without rules and binds a subnet to it.
    pub(crate) fn add_security_group(
        &mut self,
        id: &AzureResourceId,
        location: &Region,
        subnet: &AzureResourceId,
    ) -> Result<(), NoSuchThing> {
        self.subnet_mut(subnet)?.security_group = Some(id.clone());
        self.make_security_group(id, location);
        Ok(())
    }

    /// Makes a network security group without rules and binds the interfaces of a subnet's machines to it.
    pub(crate) fn add_machine_group(
        &mut self,
        id: &AzureResourceId,
        location: &Region,
        subnet: &AzureResourceId,
    ) -> Result<(), NoSuchThing> {
        self.subnet_mut(subnet)?.machine_group = Some(id.clone());
        self.make_security_group(id, location);
        Ok(())
    }

    fn make_security_group(&mut self, id: &AzureResourceId, location: &Region) {
        let group =
            SecurityGroup { id: id.clone(), guid: self.ids.guid(), location: location.to_string(), rules: Vec::new() };
        self.security_groups.insert(id.clone(), group);
    }

    pub(crate) fn add_rule(&mut self, group: &AzureResourceId, rule: RuleSeed) -> Result<(), NoSuchThing> {
        let group = self.security_groups.get_mut(group).ok_or_else(|| none(group))?;
        group.rules.push(SecurityRule {
            name: rule.name,
            priority: rule.priority,
            inbound: rule.inbound,
            allow: rule.allow,
            peer: rule.peer,
            ports: rule.ports.map(|ports| (*ports.start(), *ports.end())),
            application_group: rule.application_group,
        });
        Ok(())
    }

    pub(crate) fn add_application_group(&mut self, id: &AzureResourceId, location: &Region) {
        let group = ApplicationGroup { id: id.clone(), guid: self.ids.guid(), location: location.to_string() };
        self.application_groups.insert(id.clone(), group);
    }

    /// Makes a Private Link service exist.
    pub(crate) fn offer_service(&mut self, alias: PrivateLinkServiceAlias) {
        let text = alias.as_str().to_ascii_lowercase();
        let name = text.split('.').next().unwrap_or_default();
        let id = format!(
            "/subscriptions/{}/resourceGroups/production/providers/Microsoft.Network/privateLinkServices/{name}",
            self.ids.guid()
        );
        let id = id.parse().expect("a GUID, and the first part of an alias that was parsed");
        self.offer_service_as(alias, id);
    }

    /// The same, with a resource id of the vendor's.
    pub(crate) fn offer_service_as(&mut self, alias: PrivateLinkServiceAlias, id: AzureResourceId) {
        let text = alias.as_str().to_ascii_lowercase();
        let number = self.services.values().map(|service| service.number + 1).max().unwrap_or(0);
        self.services.insert(text, LinkService { alias, id, number, visible_to: None });
    }

    /// The resource id of a Private Link service.
    pub(crate) fn service_id(&self, alias: &PrivateLinkServiceAlias) -> Result<AzureResourceId, NoSuchThing> {
        self.service(alias.as_str()).map(|service| service.id.clone()).ok_or_else(|| none(alias))
    }

    /// The aliases of all Private Link services, in the order they were made.
    pub(crate) fn aliases(&self) -> Vec<PrivateLinkServiceAlias> {
        let mut services: Vec<&LinkService> = self.services.values().collect();
        services.sort_unstable_by_key(|service| service.number);
        services.into_iter().map(|service| service.alias.clone()).collect()
    }

    /// The vendor lets only these subscriptions see its service; `None` lets all.
    pub(crate) fn show_service(
        &mut self,
        alias: &PrivateLinkServiceAlias,
        to: Option<BTreeSet<SubscriptionId>>,
    ) -> Result<(), NoSuchThing> {
        let service = self.services.get_mut(&alias.as_str().to_ascii_lowercase()).ok_or_else(|| none(alias))?;
        service.visible_to = to;
        Ok(())
    }

    /// The vendor takes its service away; the connections of its endpoints are gone for good.
    pub(crate) fn withdraw_service(&mut self, now: SystemTime, alias: &PrivateLinkServiceAlias) {
        self.services.remove(&alias.as_str().to_ascii_lowercase());
        for endpoint in self.endpoints.values_mut().filter(|endpoint| endpoint.connection.alias == *alias) {
            endpoint.schedule(now, now, Status::Disconnected, "The private link service was deleted.");
        }
    }

    /// How the next operation ends that is not over at once.
    pub(crate) fn end_next(&mut self, failure: Option<(&str, &str)>) {
        self.ends.push_back(match failure {
            Some((code, message)) => End::Failed(ApiError::bad(code, message)),
            None => End::Canceled,
        });
    }

    /// Every endpoint that is not deleted.
    pub(crate) fn endpoints_at(&self, now: SystemTime) -> Vec<EndpointView> {
        let there = self.endpoints.values().filter(|endpoint| !endpoint.work.is_gone(now));
        there
            .map(|endpoint| EndpointView {
                id: endpoint.id.clone(),
                guid: endpoint.guid,
                service: endpoint.connection.alias.clone(),
                status: endpoint.status(now).0,
                provisioning: endpoint.work.provisioning(now, false),
                address: endpoint.address,
            })
            .collect()
    }

    /// Lets the connections be approved that wait and that `listed` says the vendor lists.
    pub(crate) fn approve(&mut self, now: SystemTime, listed: impl Fn(&PrivateLinkServiceAlias, &[String]) -> bool) {
        let delay = self.behaviour.approval;
        for endpoint in self.endpoints.values_mut() {
            let whole = endpoint.work.end == End::Done && endpoint.work.verb != Verb::Delete;
            if whole && endpoint.waits() && listed(&endpoint.connection.alias, &endpoint.identities()) {
                let at = now.max(endpoint.work.until) + delay;
                endpoint.schedule(now, at, Status::Approved, "Approved");
            }
        }
    }

    /// The owner of the service decides on a connection.
    pub(crate) fn decide(
        &mut self,
        now: SystemTime,
        id: &AzureResourceId,
        status: Status,
        why: &str,
    ) -> Result<(), NoSuchThing> {
        self.endpoint_mut(id)?.schedule(now, now, status, why);
        Ok(())
    }

    /// Somebody deletes an endpoint.
    pub(crate) fn delete_endpoint(&mut self, now: SystemTime, id: &AzureResourceId) -> Result<(), NoSuchThing> {
        let (takes, work) = (self.behaviour.endpoint_delete, self.ids.guid());
        let endpoint = self.endpoint_mut(id)?;
        endpoint.work = Work { id: work, verb: Verb::Delete, until: now + takes, end: End::Done };
        Ok(())
    }

    /// Somebody tags an endpoint, a zone or a link, or with `None` takes a tag from it.
    pub(crate) fn set_tag(&mut self, id: &AzureResourceId, key: &str, value: Option<&str>) -> Result<(), NoSuchThing> {
        let tags = if let Some(endpoint) = self.endpoints.get_mut(id) {
            &mut endpoint.tags
        } else if self.zones.contains_key(id) {
            &mut self.zone_mut(id)?.tags
        } else {
            let link = self.zones.values_mut().find_map(|zone| zone.links.get_mut(id));
            &mut link.ok_or_else(|| none(id))?.tags
        };
        match value {
            Some(value) => tags.insert(key.to_owned(), value.to_owned()),
            None => tags.remove(key),
        };
        Ok(())
    }

    /// Somebody makes a zone that is linked to some networks, at once.
    pub(crate) fn add_zone(
        &mut self,
        now: SystemTime,
        id: &AzureResourceId,
        vnets: &[AzureResourceId],
    ) -> Result<(), NoSuchThing> {
        let mut links = BTreeMap::new();
        for vnet in vnets {
            let vnet = self.vnets.get(vnet).ok_or_else(|| none(vnet))?.id.clone();
            let link: AzureResourceId = format!("{id}/virtualNetworkLinks/{}", vnet.name()).parse().map_err(none)?;
            let (etag, work) = (self.ids.guid(), self.done(now));
            let (tags, policy) = (BTreeMap::new(), None);
            links.insert(
                link.clone(),
                Link { id: link, vnet, registration: false, policy, tags, etag, work, unseen: 0 },
            );
        }
        let zone = Zone {
            id: id.clone(),
            name: id.name().to_ascii_lowercase(),
            tags: BTreeMap::new(),
            etag: self.ids.guid(),
            work: self.done(now),
            links,
            records: BTreeMap::from([(("@".to_owned(), "SOA"), RecordSet::soa(self.ids.guid()))]),
            unseen: 0,
        };
        self.zones.insert(id.clone(), zone);
        Ok(())
    }

    /// Work that is over.
    fn done(&mut self, now: SystemTime) -> Work {
        Work { id: self.ids.guid(), verb: Verb::Create, until: now, end: End::Done }
    }

    /// Somebody writes the addresses of a name into a zone that holds it.
    pub(crate) fn put_address(
        &mut self,
        zone: &AzureResourceId,
        name: &DnsName,
        addresses: &[Ipv4Addr],
    ) -> Result<(), NoSuchThing> {
        let etag = self.ids.guid();
        let zone = self.zone_mut(zone)?;
        let key = (relative(zone, name)?, "A");
        let set = RecordSet { ttl: 300, metadata: BTreeMap::new(), etag, data: Data::A(addresses.to_vec()) };
        zone.records.insert(key, set);
        Ok(())
    }

    /// Somebody deletes the addresses of a name.
    pub(crate) fn remove_address(&mut self, zone: &AzureResourceId, name: &DnsName) -> Result<(), NoSuchThing> {
        let zone = self.zone_mut(zone)?;
        let key = (relative(zone, name)?, "A");
        zone.records.remove(&key).map(drop).ok_or_else(|| none(name))
    }

    /// Somebody deletes a zone with everything in it.
    pub(crate) fn unlink_zone(&mut self, zone: &AzureResourceId, vnet: &AzureResourceId) -> Result<(), NoSuchThing> {
        let zone = self.zones.get_mut(zone).ok_or_else(|| none(zone))?;
        zone.links.retain(|_, link| link.vnet != *vnet);
        Ok(())
    }

    pub(crate) fn delete_zone(&mut self, zone: &AzureResourceId) -> Result<(), NoSuchThing> {
        self.zones.remove(zone).map(drop).ok_or_else(|| none(zone))
    }

    fn subnet(&self, id: &AzureResourceId) -> Result<&Subnet, NoSuchThing> {
        self.subnets.get(id).ok_or_else(|| none(id))
    }

    fn subnet_mut(&mut self, id: &AzureResourceId) -> Result<&mut Subnet, NoSuchThing> {
        self.subnets.get_mut(id).ok_or_else(|| none(id))
    }

    fn endpoint_mut(&mut self, id: &AzureResourceId) -> Result<&mut Endpoint, NoSuchThing> {
        self.endpoints.get_mut(id).ok_or_else(|| none(id))
    }

    fn zone_mut(&mut self, id: &AzureResourceId) -> Result<&mut Zone, NoSuchThing> {
        self.zones.get_mut(id).ok_or_else(|| none(id))
    }
}

/// The name inside the zone: `@` for the zone's own.
fn relative(zone: &Zone, name: &DnsName) -> Result<String, NoSuchThing> {
    match name.as_str().strip_suffix(&zone.name) {
        Some("") => Ok("@".to_owned()),
        Some(front) if front.ends_with('.') => Ok(front.trim_end_matches('.').to_owned()),
        _ => Err(none(format!("name {name} in {}", zone.name))),
    }
}
