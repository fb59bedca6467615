use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::SystemTime;

use ipnet::Ipv4Net;
use privlink_core::{
    AwsAccountId, Clock, DnsName, HostedZoneId, Region, SecurityGroupId, SubnetId, VpcEndpointId,
    VpcEndpointServiceName, VpcId, ZoneId,
};

use crate::World;
use crate::clouds::aws::{AccessKey, AwsState, Behaviour, NameState, NoSuchThing, RecordSeed, SubnetSeed, VpcSeed};

/// The simulated AWS of a [`World`]: its ids and keys, and hands to change it behind every
/// client's back.
///
/// The seeded world has one account, [`account`](Self::account), with one VPC in `us-east-1`
/// whose two DNS attributes are on. Its three subnets are in three zones; the first two are in
/// zones that the endpoint service of `orders` and `billing` has, the third is not. A machine
/// that carries [`client_group`](Self::client_group) stands in each.
///
/// # Panics
/// Every method that is given an id panics when there is no such thing, and every method that
/// returns one thing of the seeded world panics in a world without: only a test's own mistake
/// can bring that about.
#[derive(Clone, Debug)]
pub struct Aws {
    world: World,
}

/// What is seeded, so that it can be named.
#[derive(Clone, Debug)]
pub(crate) struct AwsSeeded {
    pub(crate) account: AwsAccountId,
    pub(crate) region: Region,
    pub(crate) key: AwsKey,
    pub(crate) vpc: VpcId,
    pub(crate) subnets: Vec<SubnetId>,
    pub(crate) default_group: SecurityGroupId,
    pub(crate) client_group: SecurityGroupId,
}

/// An access key of the simulated AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AwsKey {
    /// The key's id.
    pub id: String,
    /// The key's secret.
    pub secret: String,
    /// The ARN it stands for.
    pub principal: String,
}

/// An endpoint, as its network and its vendor see it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AwsEndpoint {
    /// Its id.
    pub id: VpcEndpointId,
    /// The consumer's account.
    pub account: AwsAccountId,
    /// The consumer's VPC.
    pub vpc: VpcId,
    /// The endpoint service it points at.
    pub service: VpcEndpointServiceName,
    /// Its state as the API writes it.
    pub state: &'static str,
    /// The addresses of its interfaces.
    pub addresses: Vec<IpAddr>,
}

impl Aws {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }

    fn seeded<T>(&self, read: impl FnOnce(&AwsSeeded) -> T) -> T {
        let shared = self.world.lock();
        read(shared.state.aws_seeded.as_ref().expect("the world has a seeded AWS"))
    }

    /// Changes the state; what the test named must exist.
    fn change<T>(&self, change: impl FnOnce(&mut AwsState, SystemTime) -> Result<T, NoSuchThing>) -> T {
        let now = self.world.sim_clock().now();
        match change(&mut self.world.lock().state.aws, now) {
            Ok(out) => out,
            Err(error) => panic!("{error}"),
        }
    }

    // ── what is there

    /// The account: `123456789012`.
    #[must_use]
    pub fn account(&self) -> AwsAccountId {
        self.seeded(|seeded| seeded.account.clone())
    }

    /// The region of everything seeded: `us-east-1`.
    #[must_use]
    pub fn region(&self) -> Region {
        self.seeded(|seeded| seeded.region.clone())
    }

    /// The seeded access key, which may do everything.
    #[must_use]
    pub fn key(&self) -> AwsKey {
        self.seeded(|seeded| seeded.key.clone())
    }

    /// The id of the seeded access key.
    #[must_use]
    pub fn access_key_id(&self) -> String {
        self.key().id
    }

    /// The secret of the seeded access key.
    #[must_use]
    pub fn secret_access_key(&self) -> String {
        self.key().secret
    }

    /// The VPC.
    #[must_use]
    pub fn vpc_id(&self) -> VpcId {
        self.seeded(|seeded| seeded.vpc.clone())
    }

    /// The subnets, one a zone; the endpoint service of `orders` is in the zones of the first two.
    #[must_use]
    pub fn subnet_ids(&self) -> Vec<SubnetId> {
        self.seeded(|seeded| seeded.subnets.clone())
    }

    /// The VPC's default group, which admits only its own members.
    #[must_use]
    pub fn default_group(&self) -> SecurityGroupId {
        self.seeded(|seeded| seeded.default_group.clone())
    }

    /// The group of the machines that are clients; it may go out everywhere.
    #[must_use]
    pub fn client_group(&self) -> SecurityGroupId {
        self.seeded(|seeded| seeded.client_group.clone())
    }

    /// Every endpoint that is not deleted.
    #[must_use]
    pub fn endpoints(&self) -> Vec<AwsEndpoint> {
        let now = self.world.sim_clock().now();
        let views = self.world.lock().state.aws.endpoints_at(now);
        views
            .into_iter()
            .map(|view| AwsEndpoint {
                id: view.id,
                account: view.account,
                vpc: view.vpc,
                service: view.service,
                state: view.state.as_str(),
                addresses: view.addresses,
            })
            .collect()
    }

    // ── how it behaves

    /// Changes how long things take, and how AWS behaves where it is not documented.
    pub fn switch(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.world.lock().state.aws.behaviour);
    }

    /// How AWS behaves now.
    #[must_use]
    pub fn switches(&self) -> Behaviour {
        self.world.lock().state.aws.behaviour
    }

    // ── putting things in

    /// Adds an access key; `allowed` are IAM actions such as `ec2:Describe*`, `None` allows all.
    pub fn add_key(&self, account: &AwsAccountId, name: &str, allowed: Option<&[&str]>) -> AwsKey {
        let (id, secret) = {
            let state = &mut self.world.lock().state.clickhouse;
            (state.fresh_hex("aws key")[..16].to_ascii_uppercase(), state.fresh_hex("aws secret")[..40].to_owned())
        };
        let id = format!("AKIA{id}");
        let principal = format!("arn:aws:iam::{account}:user/{name}");
        self.world.lock().state.aws.add_key(AccessKey {
            id: id.clone(),
            secret: secret.clone(),
            session_token: None,
            account: account.clone(),
            principal: principal.clone(),
            allowed: allowed.map(|allowed| allowed.iter().map(|&action| action.to_owned()).collect()),
        });
        AwsKey { id, secret, principal }
    }

    /// Makes a key unknown.
    pub fn remove_key(&self, id: &str) {
        self.world.lock().state.aws.remove_key(id);
    }

    /// Adds a VPC with its default group; both DNS attributes are on.
    pub fn add_vpc(&self, account: &AwsAccountId, region: &Region, cidr: Ipv4Net) -> VpcId {
        self.change(|state, _| {
            Ok(state.add_vpc(VpcSeed {
                id: None,
                account: account.clone(),
                region: region.clone(),
                cidr,
                dns_support: true,
                dns_hostnames: true,
            }))
        })
    }

    /// Adds a subnet in `zone`, which the account knows as `zone_name`.
    pub fn add_subnet(&self, vpc: &VpcId, cidr: Ipv4Net, zone: &ZoneId, zone_name: &str) -> SubnetId {
        self.change(|state, _| {
            state.add_subnet(SubnetSeed {
                id: None,
                vpc: vpc.clone(),
                cidr,
                cidr6: None,
                zone_name: zone_name.to_owned(),
                zone: zone.clone(),
            })
        })
    }

    /// Adds a security group that lets nothing in.
    pub fn add_group(&self, vpc: &VpcId, name: &str) -> SecurityGroupId {
        self.change(|state, _| state.add_group(vpc, name))
    }

    /// The security group of this name in a VPC.
    #[must_use]
    pub fn find_group(&self, vpc: &VpcId, name: &str) -> SecurityGroupId {
        self.change(|state, _| state.find_group(vpc, name))
    }

    /// Lets a range in on some TCP ports.
    pub fn open_ports(&self, group: &SecurityGroupId, ports: RangeInclusive<u16>, from: Ipv4Net) {
        self.change(|state, _| state.open_ports(group, ports, from));
    }

    /// Takes all inbound rules from a group.
    pub fn close_inbound(&self, group: &SecurityGroupId) {
        self.change(|state, _| state.close_group(group, false));
    }

    /// Takes all outbound rules from a group.
    pub fn close_outbound(&self, group: &SecurityGroupId) {
        self.change(|state, _| state.close_group(group, true));
    }

    /// Puts a machine into a subnet, from which clients connect; gives its address.
    pub fn add_machine(&self, subnet: &SubnetId, groups: impl IntoIterator<Item = SecurityGroupId>) -> IpAddr {
        self.change(|state, now| state.add_machine(now, subnet, groups.into_iter().collect()))
    }

    // ── behind the client's back

    /// Somebody makes an interface endpoint in the seeded VPC, without private DNS and without
    /// tags. AWS refuses two subnets of one zone, and subnets in zones that the service lacks.
    pub fn make_endpoint(
        &self,
        service: &VpcEndpointServiceName,
        subnets: &[SubnetId],
        groups: &[SecurityGroupId],
    ) -> VpcEndpointId {
        let (account, region, vpc) = (self.account(), self.region(), self.vpc_id());
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", "CreateVpcEndpoint").append_pair("Version", "2016-11-15");
        form.append_pair("VpcEndpointType", "Interface").append_pair("PrivateDnsEnabled", "false");
        form.append_pair("VpcId", vpc.as_str()).append_pair("ServiceName", service.as_str());
        if service.region() != region {
            form.append_pair("ServiceRegion", service.region().as_str());
        }
        for (n, subnet) in (1..).zip(subnets) {
            form.append_pair(&format!("SubnetId.{n}"), subnet.as_str());
        }
        for (n, group) in (1..).zip(groups) {
            form.append_pair(&format!("SecurityGroupId.{n}"), group.as_str());
        }
        let form = form.finish();
        self.change(|state, now| {
            let answer = state.call_ec2(now, &account, &region, &form)?;
            let id = answer.split("<vpcEndpointId>").nth(1).and_then(|rest| rest.split('<').next());
            Ok(id.and_then(|id| id.parse().ok()).expect("the answer to a call that worked names the endpoint"))
        })
    }

    /// Sets a VPC's two DNS attributes.
    pub fn set_dns(&self, vpc: &VpcId, support: bool, hostnames: bool) {
        self.change(|state, _| state.set_dns_attributes(vpc, support, hostnames));
    }

    /// Switches an endpoint's private DNS at once, whatever speaks against it.
    pub fn set_private_dns(&self, id: &VpcEndpointId, on: bool) {
        self.change(|state, now| state.set_private_dns(now, id, on));
    }

    /// Puts a subnet into another zone, as if it had been made there.
    pub fn set_zone(&self, subnet: &SubnetId, zone: &ZoneId) {
        self.change(|state, _| state.set_zone(subnet, zone));
    }

    /// The vendor accepts an endpoint that waits for it.
    pub fn accept_endpoint(&self, id: &VpcEndpointId) {
        self.change(|state, now| state.accept_endpoint(now, id));
    }

    /// The vendor refuses an endpoint, be it waiting or in use.
    pub fn reject_endpoint(&self, id: &VpcEndpointId) {
        self.change(|state, now| state.reject_endpoint(now, id));
    }

    /// Nobody accepted an endpoint in time.
    pub fn expire_endpoint(&self, id: &VpcEndpointId) {
        self.change(|state, now| state.expire_endpoint(now, id));
    }

    /// AWS cannot build an endpoint, and says why.
    pub fn fail_endpoint(&self, id: &VpcEndpointId, code: &str, message: &str) {
        self.change(|state, now| state.fail_endpoint(now, id, code, message));
    }

    /// Somebody deletes an endpoint.
    pub fn delete_endpoint(&self, id: &VpcEndpointId) {
        self.change(|state, now| state.delete_endpoint(now, id));
    }

    /// The vendor takes an endpoint service away; its endpoints are refused.
    pub fn withdraw_service(&self, service: &VpcEndpointServiceName) {
        self.change(|state, now| {
            state.withdraw_service(now, service);
            Ok(())
        });
    }

    /// How far the vendor's proof of an endpoint service's private name is: proved, not found, or
    /// with `None` not looked for yet.
    pub fn set_private_name_proved(&self, service: &VpcEndpointServiceName, proved: Option<bool>) {
        let name = match proved {
            None => NameState::PendingVerification,
            Some(true) => NameState::Verified,
            Some(false) => NameState::Failed,
        };
        self.change(|state, _| state.set_private_name_state(service, name));
    }

    /// Somebody tags a thing, or with `None` takes a tag from it.
    pub fn set_tag(&self, id: &str, key: &str, value: Option<&str>) {
        self.change(|state, _| {
            state.set_tag(id, key, value);
            Ok(())
        });
    }

    /// Somebody makes a hosted zone, in sync at once; without VPCs a public one.
    pub fn make_zone(&self, name: &DnsName, vpcs: &[VpcId]) -> HostedZoneId {
        let account = self.account();
        self.change(|state, now| state.add_zone(now, &account, name, vpcs))
    }

    /// Somebody writes an `A` record, in sync at once.
    pub fn put_address(&self, zone: &HostedZoneId, name: &DnsName, addresses: &[IpAddr]) {
        let values = addresses.iter().map(ToString::to_string).collect();
        let record = RecordSeed::Values { kind: "A".to_owned(), ttl: 300, values };
        self.change(|state, now| state.put_record(now, zone, name, record));
    }

    /// Somebody writes an alias `A` record to a name in another zone, in sync at once.
    pub fn put_alias(&self, zone: &HostedZoneId, name: &DnsName, to_zone: &HostedZoneId, to: &DnsName) {
        let record = RecordSeed::Alias { kind: "A".to_owned(), zone: to_zone.clone(), name: to.clone() };
        self.change(|state, now| state.put_record(now, zone, name, record));
    }

    /// Somebody deletes a record of a type, such as `A`.
    pub fn delete_record(&self, zone: &HostedZoneId, name: &DnsName, kind: &str) {
        self.change(|state, now| state.remove_record(now, zone, name, kind));
    }

    /// Somebody deletes a zone with everything in it.
    pub fn delete_zone(&self, zone: &HostedZoneId) {
        self.change(|state, _| state.delete_zone(zone));
    }
}
