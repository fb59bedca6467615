//! Making things exist, and doing things behind the client's back.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use ipnet::{Ipv4Net, Ipv6Net};
use privlink_core::{
    AwsAccountId, DnsName, HostedZoneId, NetworkInterfaceId, Region, SecurityGroupId, SubnetId, VpcEndpointId,
    VpcEndpointServiceName, VpcId, ZoneId,
};

use super::endpoint::EndpointState;
use super::query::Params;
use super::rule::{Peer, Ports, Rule};
use super::sign::{AccessKey, Caller};
use super::state::{AwsState, EndpointServiceDef, Interface, NameState, Subnet, Vpc};
use super::zone::{FullName, Record, Zone};
use super::{Call, ec2};

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

/// A VPC to be.
#[derive(Clone, Debug)]
pub(crate) struct VpcSeed {
    /// Its id; a fresh one unless given.
    pub(crate) id: Option<VpcId>,
    /// Whose it is.
    pub(crate) account: AwsAccountId,
    /// Where it is.
    pub(crate) region: Region,
    /// Its range.
    pub(crate) cidr: Ipv4Net,
    /// `enableDnsSupport`.
    pub(crate) dns_support: bool,
    /// `enableDnsHostnames`.
    pub(crate) dns_hostnames: bool,
}

/// A subnet to be.
#[derive(Clone, Debug)]
pub(crate) struct SubnetSeed {
    /// Its id; a fresh one unless given.
    pub(crate) id: Option<SubnetId>,
    /// The VPC it is in.
    pub(crate) vpc: VpcId,
    /// Its range.
    pub(crate) cidr: Ipv4Net,
    /// Its IPv6 range.
    pub(crate) cidr6: Option<Ipv6Net>,
    /// The name by which the VPC's account knows its zone.
    pub(crate) zone_name: String,
    /// The zone's id.
    pub(crate) zone: ZoneId,
}

/// A record to be.
#[derive(Clone, Debug)]
pub(crate) enum RecordSeed {
    /// Values of a type.
    Values { kind: String, ttl: u32, values: Vec<String> },
    /// An alias of a type to a name in a zone.
    Alias { kind: String, zone: HostedZoneId, name: DnsName },
}

/// An endpoint, as its vendor and its network see it.
#[derive(Clone, Debug)]
pub(crate) struct EndpointView {
    /// The endpoint.
    pub(crate) id: VpcEndpointId,
    /// The consumer's account.
    pub(crate) account: AwsAccountId,
    /// The consumer's VPC.
    pub(crate) vpc: VpcId,
    /// The service it leads to.
    pub(crate) service: VpcEndpointServiceName,
    /// Where it is in its life.
    pub(crate) state: EndpointState,
    /// The addresses of its interfaces.
    pub(crate) addresses: Vec<IpAddr>,
    /// Its regional name.
    pub(crate) dns_name: String,
}

impl AwsState {
    /// Makes a key known.
    pub(crate) fn add_key(&mut self, key: AccessKey) {
        self.accounts.entry(key.account.clone()).or_default();
        self.keys.insert(key.id.clone(), key);
    }

    /// Makes a key unknown.
    pub(crate) fn remove_key(&mut self, id: &str) {
        self.keys.remove(id);
    }

    /// Lets an account know a zone by a name.
    pub(crate) fn name_zone(&mut self, account: &AwsAccountId, region: &Region, name: &str, zone: ZoneId) {
        let account = self.accounts.entry(account.clone()).or_default();
        account.zones.insert((region.clone(), name.to_owned()), zone);
    }

    /// Makes a VPC, with its default group.
    pub(crate) fn add_vpc(&mut self, seed: VpcSeed) -> VpcId {
        let id = seed.id.unwrap_or_else(|| self.ids.ec2("vpc").parse().expect("hex digits behind the prefix"));
        self.accounts.entry(seed.account.clone()).or_default();
        let vpc = Vpc {
            id: id.clone(),
            account: seed.account.clone(),
            region: seed.region,
            cidr: seed.cidr,
            dns_support: seed.dns_support,
            dns_hostnames: seed.dns_hostnames,
            usage_metrics: false,
        };
        self.vpcs.insert(id.clone(), vpc);
        let group = self.make_group(&id, "default", "default VPC security group");
        let own = Rule {
            id: self.ids.ec2("sgr"),
            egress: false,
            ports: Ports::all(),
            peer: Peer::Group { account: seed.account, id: group.clone() },
            description: None,
        };
        if let Some(group) = self.groups.get_mut(&group) {
            group.rules.insert(own.id.clone(), own);
        }
        id
    }

    /// Sets a VPC's two DNS attributes.
    pub(crate) fn set_dns_attributes(
        &mut self,
        vpc: &VpcId,
        support: bool,
        hostnames: bool,
    ) -> Result<(), NoSuchThing> {
        let vpc = self.vpcs.get_mut(vpc).ok_or_else(|| none(vpc))?;
        (vpc.dns_support, vpc.dns_hostnames) = (support, hostnames);
        Ok(())
    }

    /// Switches an endpoint's private DNS.
    pub(crate) fn set_private_dns(&mut self, now: SystemTime, id: &VpcEndpointId, on: bool) -> Result<(), NoSuchThing> {
        let endpoint = self.endpoints.get_mut(id).ok_or_else(|| none(id))?;
        (endpoint.private_dns, endpoint.private_dns_from) = (on, on.then_some(now));
        Ok(())
    }

    /// Puts a subnet into another zone.
    pub(crate) fn set_zone(&mut self, subnet: &SubnetId, zone: &ZoneId) -> Result<(), NoSuchThing> {
        let subnet = self.subnets.get_mut(subnet).ok_or_else(|| none(subnet))?;
        subnet.zone = zone.clone();
        Ok(())
    }

    /// Makes a subnet.
    pub(crate) fn add_subnet(&mut self, seed: SubnetSeed) -> Result<SubnetId, NoSuchThing> {
        let vpc = self.vpcs.get(&seed.vpc).ok_or_else(|| none(&seed.vpc))?;
        let (account, region) = (vpc.account.clone(), vpc.region.clone());
        self.name_zone(&account, &region, &seed.zone_name, seed.zone.clone());
        let id = seed.id.unwrap_or_else(|| self.ids.ec2("subnet").parse().expect("hex digits behind the prefix"));
        let subnet =
            Subnet { id: id.clone(), vpc: seed.vpc, zone: seed.zone, cidr: seed.cidr.trunc(), cidr6: seed.cidr6 };
        self.subnets.insert(id.clone(), subnet);
        Ok(id)
    }

    /// Makes a security group that lets nothing in.
    pub(crate) fn add_group(&mut self, vpc: &VpcId, name: &str) -> Result<SecurityGroupId, NoSuchThing> {
        if !self.vpcs.contains_key(vpc) {
            return Err(none(vpc));
        }
        Ok(self.make_group(vpc, name, name))
    }

    /// The group of this name in a VPC.
    pub(crate) fn find_group(&self, vpc: &VpcId, name: &str) -> Result<SecurityGroupId, NoSuchThing> {
        let found = self.groups.values().find(|group| group.vpc == *vpc && group.name == name);
        found.map(|group| group.id.clone()).ok_or_else(|| none(format!("group {name} in {vpc}")))
    }

    /// Lets a range in on some TCP ports.
    pub(crate) fn open_ports(
        &mut self,
        group: &SecurityGroupId,
        ports: std::ops::RangeInclusive<u16>,
        from: Ipv4Net,
    ) -> Result<(), NoSuchThing> {
        let rule = Rule {
            id: self.ids.ec2("sgr"),
            egress: false,
            ports: Ports {
                protocol: "tcp".to_owned(),
                from: Some(i32::from(*ports.start())),
                to: Some(i32::from(*ports.end())),
            },
            peer: Peer::V4(from.trunc()),
            description: None,
        };
        let group = self.groups.get_mut(group).ok_or_else(|| none(group))?;
        group.rules.insert(rule.id.clone(), rule);
        Ok(())
    }

    /// Takes all rules of one direction from a group.
    pub(crate) fn close_group(&mut self, group: &SecurityGroupId, egress: bool) -> Result<(), NoSuchThing> {
        let group = self.groups.get_mut(group).ok_or_else(|| none(group))?;
        group.rules.retain(|_, rule| rule.egress != egress);
        Ok(())
    }

    /// Puts a machine into a subnet, from which clients connect.
    pub(crate) fn add_machine(
        &mut self,
        now: SystemTime,
        subnet: &SubnetId,
        groups: Vec<SecurityGroupId>,
    ) -> Result<IpAddr, NoSuchThing> {
        let place = self.subnets.get(subnet).ok_or_else(|| none(subnet))?;
        let address = self.free_address(now, place, None).map_err(|_| none(format!("free address in {subnet}")))?;
        let id: NetworkInterfaceId = self.ids.ec2("eni").parse().expect("hex digits behind the prefix");
        let mac = self.ids.mac();
        let interface =
            Interface { id: id.clone(), subnet: subnet.clone(), address, address6: None, groups, endpoint: None, mac };
        self.interfaces.insert(id, interface);
        Ok(address)
    }

    /// Makes an endpoint service exist, or changes it.
    pub(crate) fn offer_service(&mut self, service: EndpointServiceDef) {
        self.services.insert(service.name.clone(), service);
    }

    /// Changes how far the proof of a service's private name is.
    pub(crate) fn set_private_name_state(
        &mut self,
        service: &VpcEndpointServiceName,
        state: NameState,
    ) -> Result<(), NoSuchThing> {
        self.services.get_mut(service).ok_or_else(|| none(service))?.private_dns_state = state;
        Ok(())
    }

    /// The vendor takes its service away; its endpoints are refused.
    pub(crate) fn withdraw_service(&mut self, now: SystemTime, service: &VpcEndpointServiceName) {
        self.services.remove(service);
        for endpoint in self.endpoints.values_mut().filter(|endpoint| endpoint.service == *service) {
            if endpoint.state_at(now).is_alive() {
                endpoint.schedule(now, &[(Duration::ZERO, EndpointState::Rejected)]);
            }
        }
    }

    /// Every endpoint that is not deleted.
    pub(crate) fn endpoints_at(&self, now: SystemTime) -> Vec<EndpointView> {
        self.endpoints
            .values()
            .filter(|endpoint| endpoint.state_at(now).has_interfaces())
            .map(|endpoint| EndpointView {
                id: endpoint.id.clone(),
                account: endpoint.account.clone(),
                vpc: endpoint.vpc.clone(),
                service: endpoint.service.clone(),
                state: endpoint.state_at(now),
                dns_name: endpoint.regional_name(),
                addresses: self
                    .interfaces_at(now)
                    .filter(|interface| interface.endpoint.as_ref() == Some(&endpoint.id))
                    .map(|interface| interface.address)
                    .collect(),
            })
            .collect()
    }

    /// Somebody in `account` makes an EC2 call, written as its form; the answer's XML.
    pub(crate) fn call_ec2(
        &mut self,
        now: SystemTime,
        account: &AwsAccountId,
        region: &Region,
        form: &str,
    ) -> Result<String, NoSuchThing> {
        let request_id = self.ids.request();
        let caller = Caller::root(account.clone(), region.clone());
        let call = Call { now, caller, request_id: &request_id };
        ec2::answer(self, &call, &Params::decode(form.as_bytes()))
            .map_err(|error| none(format!("way to do this: {}: {}", error.code, error.message)))
    }

    /// The vendor accepts an endpoint that waits for it; nothing happens to one that does not.
    pub(crate) fn accept_endpoint(&mut self, now: SystemTime, id: &VpcEndpointId) -> Result<(), NoSuchThing> {
        let pending = self.behaviour.endpoint_pending;
        let endpoint = self.endpoints.get_mut(id).ok_or_else(|| none(id))?;
        if matches!(endpoint.state_at(now), EndpointState::PendingAcceptance | EndpointState::Rejected) {
            endpoint.schedule(now, &[(Duration::ZERO, EndpointState::Pending), (pending, EndpointState::Available)]);
        }
        Ok(())
    }

    /// The vendor refuses an endpoint, be it waiting or in use.
    pub(crate) fn reject_endpoint(&mut self, now: SystemTime, id: &VpcEndpointId) -> Result<(), NoSuchThing> {
        self.end_endpoint(now, id, EndpointState::Rejected, None)
    }

    /// Nobody accepted an endpoint in time.
    pub(crate) fn expire_endpoint(&mut self, now: SystemTime, id: &VpcEndpointId) -> Result<(), NoSuchThing> {
        self.end_endpoint(now, id, EndpointState::Expired, None)
    }

    /// AWS cannot build an endpoint.
    pub(crate) fn fail_endpoint(
        &mut self,
        now: SystemTime,
        id: &VpcEndpointId,
        code: &str,
        message: &str,
    ) -> Result<(), NoSuchThing> {
        self.end_endpoint(now, id, EndpointState::Failed, Some((code.to_owned(), message.to_owned())))
    }

    /// Somebody deletes an endpoint.
    pub(crate) fn delete_endpoint(&mut self, now: SystemTime, id: &VpcEndpointId) -> Result<(), NoSuchThing> {
        if self.start_deleting(now, id) { Ok(()) } else { Err(none(id)) }
    }

    fn end_endpoint(
        &mut self,
        now: SystemTime,
        id: &VpcEndpointId,
        state: EndpointState,
        error: Option<(String, String)>,
    ) -> Result<(), NoSuchThing> {
        let endpoint = self.endpoints.get_mut(id).ok_or_else(|| none(id))?;
        endpoint.schedule(now, &[(Duration::ZERO, state)]);
        endpoint.last_error = error;
        Ok(())
    }

    /// Somebody tags a thing, or takes a tag from it.
    pub(crate) fn set_tag(&mut self, id: &str, key: &str, value: Option<&str>) {
        let tags = self.tags.entry(id.to_owned()).or_default();
        match value {
            Some(value) => tags.insert(key.to_owned(), value.to_owned()),
            None => tags.remove(key),
        };
    }

    /// Somebody makes a hosted zone, in sync at once; without VPCs a public one.
    pub(crate) fn add_zone(
        &mut self,
        now: SystemTime,
        account: &AwsAccountId,
        name: &DnsName,
        vpcs: &[VpcId],
    ) -> Result<HostedZoneId, NoSuchThing> {
        let name = FullName::parse(name.as_str()).ok_or_else(|| none(name))?;
        let mut seen = BTreeMap::new();
        for vpc in vpcs {
            let region = self.vpcs.get(vpc).ok_or_else(|| none(vpc))?.region.clone();
            seen.insert(vpc.clone(), region);
        }
        let id: HostedZoneId = self.ids.route53('Z').parse().expect("capital letters and digits");
        let mut zone = Zone::new(id.clone(), account.clone(), name, seen, now);
        zone.caller_reference = format!("made-by-hand-{id}");
        zone.publish(now);
        self.zones.insert(id.clone(), zone);
        Ok(id)
    }

    /// Somebody writes a record, in sync at once.
    pub(crate) fn put_record(
        &mut self,
        now: SystemTime,
        zone: &HostedZoneId,
        name: &DnsName,
        record: RecordSeed,
    ) -> Result<(), NoSuchThing> {
        let name = FullName::parse(name.as_str()).ok_or_else(|| none(name))?;
        let (kind, record) = match record {
            RecordSeed::Values { kind, ttl, values } => {
                (kind, Record::Values { ttl, values: values.into_iter().collect() })
            }
            RecordSeed::Alias { kind, zone, name } => {
                let name = FullName::parse(name.as_str()).ok_or_else(|| none(name))?;
                (kind, Record::Alias { zone, name, evaluate: false })
            }
        };
        let zone = self.zones.get_mut(zone).ok_or_else(|| none(zone))?;
        zone.content.records.insert((name, kind), record);
        zone.publish(now);
        Ok(())
    }

    /// Somebody deletes a record, in sync at once.
    pub(crate) fn remove_record(
        &mut self,
        now: SystemTime,
        zone: &HostedZoneId,
        name: &DnsName,
        kind: &str,
    ) -> Result<(), NoSuchThing> {
        let key = (FullName::parse(name.as_str()).ok_or_else(|| none(name))?, kind.to_owned());
        let zone = self.zones.get_mut(zone).ok_or_else(|| none(zone))?;
        zone.content.records.remove(&key).ok_or_else(|| none(name))?;
        zone.publish(now);
        Ok(())
    }

    /// Somebody deletes a zone with everything in it.
    pub(crate) fn delete_zone(&mut self, zone: &HostedZoneId) -> Result<(), NoSuchThing> {
        self.tags.remove(zone.as_str());
        self.zones.remove(zone).map(drop).ok_or_else(|| none(zone))
    }
}
