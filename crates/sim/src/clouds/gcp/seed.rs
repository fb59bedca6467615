//! Making things exist, and doing things behind the client's back.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Method;
use ipnet::Ipv4Net;
use privlink_core::{DnsName, ForwardingRuleName, ProjectId, Region, ServiceAttachment};
use serde_json::Value;

use super::auth::{Caller, Token};
use super::link::{FIREWALLS, Global, NETWORKS, RULES, Regional, SUBNETWORKS};
use super::name::FullName;
use super::operation::Failure;
use super::psc::{Acceptance, PscStatus};
use super::state::{Attachment, Firewall, GcpState, Machine, Network, Project, Subnet};
use super::zone::Record;
use super::{Reply, answer};

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

/// A firewall rule to be.
#[derive(Clone, Debug)]
pub(crate) struct FirewallSeed {
    pub(crate) name: String,
    pub(crate) allow: bool,
    pub(crate) priority: u16,
    pub(crate) ranges: Vec<Ipv4Net>,
    pub(crate) ports: Vec<(u16, u16)>,
    pub(crate) target_tags: BTreeSet<String>,
}

/// An endpoint, as its network and its vendor see it.
#[derive(Clone, Debug)]
pub(crate) struct EndpointView {
    pub(crate) project: ProjectId,
    pub(crate) region: Region,
    pub(crate) name: ForwardingRuleName,
    pub(crate) network: String,
    pub(crate) target: ServiceAttachment,
    pub(crate) address: IpAddr,
    pub(crate) connection: u64,
    /// None while it is being made.
    pub(crate) status: Option<PscStatus>,
}

impl GcpState {
    /// Makes a project exist.
    pub(crate) fn add_project(&mut self, project: &ProjectId) {
        let number = self.ids.project();
        let fresh = || Project { number, host: None, disabled: BTreeSet::new() };
        self.projects.entry(project.clone()).or_insert_with(fresh);
    }

    /// Makes a project use the networks of another.
    pub(crate) fn share(&mut self, host: &ProjectId, service: &ProjectId) -> Result<(), NoSuchThing> {
        if !self.projects.contains_key(host) {
            return Err(none(host));
        }
        self.projects.get_mut(service).ok_or_else(|| none(service))?.host = Some(host.clone());
        Ok(())
    }

    /// Enables an API in a project, or disables it.
    pub(crate) fn enable_api(&mut self, project: &ProjectId, api: &str, on: bool) -> Result<(), NoSuchThing> {
        let project = self.projects.get_mut(project).ok_or_else(|| none(project))?;
        if on {
            project.disabled.remove(api);
        } else {
            project.disabled.insert(api.to_owned());
        }
        Ok(())
    }

    /// Makes a token known.
    pub(crate) fn add_token(&mut self, token: Token) {
        self.tokens.insert(token.value.clone(), token);
    }

    /// Makes a token unknown.
    pub(crate) fn remove_token(&mut self, value: &str) {
        self.tokens.remove(value);
    }

    /// Ends a token at a moment.
    pub(crate) fn expire_token(&mut self, value: &str, at: SystemTime) -> Result<(), NoSuchThing> {
        self.tokens.get_mut(value).ok_or_else(|| none("such token"))?.expires = Some(at);
        Ok(())
    }

    /// Makes a network.
    pub(crate) fn add_network(
        &mut self,
        now: SystemTime,
        project: &ProjectId,
        name: &str,
    ) -> Result<Global, NoSuchThing> {
        if !self.projects.contains_key(project) {
            return Err(none(project));
        }
        let key = Global::new(project, NETWORKS, name);
        let network = Network { key: key.clone(), id: self.ids.number(), made: now };
        self.networks.insert(key.clone(), network);
        Ok(key)
    }

    /// Makes a subnet.
    pub(crate) fn add_subnet(
        &mut self,
        now: SystemTime,
        network: &Global,
        region: &Region,
        name: &str,
        range: Ipv4Net,
    ) -> Result<Regional, NoSuchThing> {
        if !self.networks.contains_key(network) {
            return Err(none(network));
        }
        let key = Regional::new(&network.project, region, SUBNETWORKS, name);
        let id = self.ids.number();
        let subnet = Subnet { key: key.clone(), id, network: network.clone(), range: range.trunc(), made: now };
        self.subnets.insert(key.clone(), subnet);
        Ok(key)
    }

    /// Puts a machine into a subnet, from which clients connect.
    pub(crate) fn add_machine(
        &mut self,
        now: SystemTime,
        subnet: &Regional,
        tags: BTreeSet<String>,
    ) -> Result<IpAddr, NoSuchThing> {
        let place = self.subnets.get(subnet).ok_or_else(|| none(subnet))?;
        let address = self.free_address(now, place).map_err(|_| none(format!("free address in {subnet}")))?;
        self.machines.push(Machine { subnet: subnet.clone(), address, tags, account: None });
        Ok(address.into())
    }

    /// Lets the machines of a subnet run as a service account.
    pub(crate) fn run_as(&mut self, subnet: &Regional, account: &str) -> Result<(), NoSuchThing> {
        if !self.subnets.contains_key(subnet) {
            return Err(none(subnet));
        }
        for machine in self.machines.iter_mut().filter(|machine| machine.subnet == *subnet) {
            machine.account = Some(account.to_owned());
        }
        Ok(())
    }

    /// Makes a firewall rule for what leaves a network, or changes it.
    pub(crate) fn add_firewall(
        &mut self,
        now: SystemTime,
        network: &Global,
        seed: FirewallSeed,
    ) -> Result<(), NoSuchThing> {
        if !self.networks.contains_key(network) {
            return Err(none(network));
        }
        let key = Global::new(&network.project, FIREWALLS, &seed.name);
        let firewall = Firewall {
            key: key.clone(),
            id: self.ids.number(),
            network: network.clone(),
            egress: true,
            allow: seed.allow,
            priority: seed.priority,
            ranges: seed.ranges,
            ports: seed.ports,
            target_tags: seed.target_tags,
            target_accounts: BTreeSet::new(),
            made: now,
        };
        self.firewalls.insert(key, firewall);
        Ok(())
    }

    /// Lets a firewall rule be for some machines alone.
    pub(crate) fn target(
        &mut self,
        network: &Global,
        name: &str,
        tags: BTreeSet<String>,
        accounts: BTreeSet<String>,
    ) -> Result<(), NoSuchThing> {
        let key = Global::new(&network.project, FIREWALLS, name);
        let rule = self.firewalls.get_mut(&key).ok_or_else(|| none(key))?;
        (rule.target_tags, rule.target_accounts) = (tags, accounts);
        Ok(())
    }

    /// Takes a firewall rule away.
    pub(crate) fn remove_firewall(&mut self, network: &Global, name: &str) -> Result<(), NoSuchThing> {
        let key = Global::new(&network.project, FIREWALLS, name);
        self.firewalls.remove(&key).map(drop).ok_or_else(|| none(key))
    }

    /// Makes a service attachment exist. One of the name of an earlier one is another: the earlier
    /// one's connections stay closed.
    pub(crate) fn offer_attachment(
        &mut self,
        name: &ServiceAttachment,
        acceptance: Option<Acceptance>,
        global_access: bool,
    ) {
        let attachment = Attachment {
            name: name.clone(),
            generation: self.ids.number(),
            acceptance,
            global_access,
            refuses: BTreeSet::new(),
            domain: None,
        };
        self.attachments.insert(name.clone(), attachment);
    }

    /// The attachments that exist.
    pub(crate) fn attachment_names(&self) -> Vec<ServiceAttachment> {
        self.attachments.keys().cloned().collect()
    }

    /// The producer changes an attachment.
    pub(crate) fn change_attachment(
        &mut self,
        name: &ServiceAttachment,
        change: impl FnOnce(&mut Attachment),
    ) -> Result<(), NoSuchThing> {
        change(self.attachments.get_mut(name).ok_or_else(|| none(name))?);
        Ok(())
    }

    /// The producer takes an attachment away; its connections are closed for ever.
    pub(crate) fn withdraw_attachment(&mut self, now: SystemTime, name: &ServiceAttachment) -> Result<(), NoSuchThing> {
        let attachment = self.attachments.remove(name).ok_or_else(|| none(name))?;
        for rule in self.rules.values_mut() {
            if rule.target == *name && rule.connection.generation == attachment.generation {
                // One that is still being made is closed once it stands.
                rule.connection.turn(now.max(rule.ready), PscStatus::Closed);
            }
        }
        Ok(())
    }

    /// Every endpoint that is there.
    pub(crate) fn endpoints_at(&self, now: SystemTime) -> Vec<EndpointView> {
        let there = self.rules.values().filter(|rule| rule.exists(now));
        there
            .filter_map(|rule| {
                Some(EndpointView {
                    project: rule.key.project.clone(),
                    region: rule.key.region.clone(),
                    name: rule.key.name.parse().ok()?,
                    network: rule.network.to_string(),
                    target: rule.target.clone(),
                    address: rule.ip.into(),
                    connection: rule.connection.id,
                    status: rule.status_at(now),
                })
            })
            .collect()
    }

    /// The producer gives a connection another status.
    pub(crate) fn set_status(
        &mut self,
        now: SystemTime,
        connection: u64,
        status: PscStatus,
    ) -> Result<(), NoSuchThing> {
        let rule = self.rules.values_mut().find(|rule| rule.connection.id == connection && rule.exists(now));
        let rule = rule.ok_or_else(|| none(format!("connection {connection}")))?;
        rule.connection.turn(now.max(rule.ready), status);
        Ok(())
    }

    /// The vendor lists a connection from `at` on, which accepts it where nothing else does.
    pub(crate) fn listed(&mut self, at: SystemTime, connection: u64) {
        let accept_after = self.behaviour.accept_after;
        if let Some(rule) = self.rules.values_mut().find(|rule| rule.connection.id == connection) {
            rule.connection.turn(at.max(rule.ready) + accept_after, PscStatus::Accepted);
        }
    }

    /// Lets the next operation of a type (`insert`, `delete`, `patch`, `setLabels`, `*`) fail.
    pub(crate) fn fail_next(&mut self, kind: &str, failure: Failure) {
        self.failures.push_back((kind.to_owned(), failure));
    }

    /// Somebody makes a call, whose operation is done at once; gives the answer.
    pub(crate) fn act(
        &mut self,
        now: SystemTime,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Value, NoSuchThing> {
        let usual = self.behaviour;
        self.behaviour.address_operation = Duration::ZERO;
        self.behaviour.rule_operation = Duration::ZERO;
        self.behaviour.accept_after = Duration::ZERO;
        self.behaviour.dns_pending = Duration::ZERO;
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = http::Request::builder().method(method).uri(path).body(bytes);
        let done = match request {
            Ok(request) => {
                self.prune(now);
                match answer(self, now, &request, |_, _, _| Ok(Caller::owner())) {
                    Ok(Reply::Json(answer)) => Ok(answer),
                    Ok(Reply::Empty(_)) => Ok(Value::Null),
                    Err(error) => Err(none(format!("way to do this: {}: {}", error.reason, error.message))),
                }
            }
            Err(error) => Err(none(format!("path {path}: {error}"))),
        };
        self.behaviour = usual;
        done
    }

    /// Somebody deletes an endpoint.
    pub(crate) fn delete_rule(&mut self, now: SystemTime, key: &Regional) -> Result<(), NoSuchThing> {
        debug_assert_eq!(key.collection, RULES);
        self.rules.remove(key).filter(|rule| rule.exists(now)).map(drop).ok_or_else(|| none(key))
    }

    /// Somebody deletes an address, in use or not.
    pub(crate) fn delete_address(&mut self, now: SystemTime, key: &Regional) -> Result<(), NoSuchThing> {
        self.addresses.remove(key).filter(|address| address.exists(now)).map(drop).ok_or_else(|| none(key))
    }

    /// Somebody writes an `A` record, known to the name servers at once.
    pub(crate) fn put_address(
        &mut self,
        now: SystemTime,
        zone: (&ProjectId, &str),
        name: &DnsName,
        addresses: &[Ipv4Addr],
    ) -> Result<(), NoSuchThing> {
        let found = self.zones.get_mut(&(zone.0.clone(), zone.1.to_owned())).ok_or_else(|| none(zone.1))?;
        let name = FullName::of(name.as_str()).ok_or_else(|| none(name))?;
        let data = addresses.iter().map(ToString::to_string).collect();
        found.content.records.insert((name, "A".to_owned()), Record { ttl: 300, data });
        found.publish(now);
        Ok(())
    }

    /// Somebody deletes a record of a type.
    pub(crate) fn remove_record(
        &mut self,
        now: SystemTime,
        zone: (&ProjectId, &str),
        name: &DnsName,
        kind: &str,
    ) -> Result<(), NoSuchThing> {
        let found = self.zones.get_mut(&(zone.0.clone(), zone.1.to_owned())).ok_or_else(|| none(zone.1))?;
        let key = FullName::of(name.as_str()).map(|name| (name, kind.to_owned())).ok_or_else(|| none(name))?;
        found.content.records.remove(&key).ok_or_else(|| none(format!("{name} {kind}")))?;
        found.publish(now);
        Ok(())
    }

    /// Somebody deletes a zone with everything in it.
    pub(crate) fn delete_zone(&mut self, zone: (&ProjectId, &str)) -> Result<(), NoSuchThing> {
        self.zones.remove(&(zone.0.clone(), zone.1.to_owned())).map(drop).ok_or_else(|| none(zone.1))
    }
}
