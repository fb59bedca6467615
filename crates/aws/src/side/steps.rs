//! The steps of this side: their parameters, what they need and give, what they cost.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use ipnet::IpNet;
use privlink_core::side::{Effect, Fact, Grant, PortRange, SideId, Slot, Step, StepKind, TouchKey, Undo};
use privlink_core::{
    AwsAccountId, DnsName, HostedZoneId, Region, SecurityGroupId, SubnetId, Turn, VpcEndpointId,
    VpcEndpointServiceName, VpcId,
};
use serde::{Deserialize, Serialize};

use super::mark::{self, Keys};
use crate::model::{IpPermission, PermissionSource};

/// The name of this side.
pub(super) const SIDE: SideId = SideId::new("aws");

/// What planning reads; named by the steps on the endpoint, one of which every plan has that does
/// anything new. Nearly all reads of EC2 accept no narrower resource than `*`, and which zones will be
/// looked at is not known before.
const LOOK: [&str; 10] = [
    "ec2:DescribeVpcs",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcEndpointServices",
    "route53:ListHostedZonesByVPC",
    "route53:GetHostedZone",
    "route53:ListResourceRecordSets",
];

/// Own facts of this side.
pub(super) fn group_fact() -> Fact {
    Fact::Own("aws.security_group".into())
}

pub(super) fn vpc_dns_fact() -> Fact {
    Fact::Own("aws.vpc_dns".into())
}

/// The fact of one zone, so that a record waits for its own zone alone.
pub(super) fn zone_fact(zone: &DnsName) -> Fact {
    Fact::Own(format!("aws.zone:{zone}").into())
}

fn any_zone_fact() -> Fact {
    Fact::Own("aws.zone".into())
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident = $verb:literal { $($field:ident: $type:ty,)* })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub(super) struct $name { $(pub(super) $field: $type,)* }

        impl StepKind for $name {
            const VERB: &'static str = $verb;
        }
    )+};
}

kinds! {
    /// Switch both DNS attributes of the VPC on.
    EnableVpcDns = "aws.vpc_dns" {}
    /// Make the endpoint's security group.
    MakeGroup = "aws.security_group" { service: VpcEndpointServiceName, }
    /// Let clients reach the ports.
    OpenPorts = "aws.open_ports" { service: VpcEndpointServiceName, ports: Vec<PortRange>, sources: Vec<Source>, }
    /// Make the endpoint.
    MakeEndpoint = "aws.endpoint" {
        service: VpcEndpointServiceName,
        service_region: Option<Region>,
        subnets: Vec<SubnetId>,
        groups: Vec<SecurityGroupId>,
        ip_address_type: Option<String>,
        addresses: Vec<FixedAddress>,
    }
    /// Wait until the endpoint is usable.
    AwaitConnected = "aws.await_connected" { service: VpcEndpointServiceName, }
    /// Make the private zone.
    MakeZone = "aws.zone" { zone: DnsName, }
    /// Write the record.
    WriteRecord = "aws.record" {
        service: VpcEndpointServiceName,
        zone: DnsName,
        zone_id: Option<HostedZoneId>,
        record: DnsName,
    }
    /// Let another VPC see the zone.
    AssociateZone = "aws.associate_zone" {
        zone: DnsName,
        zone_id: Option<HostedZoneId>,
        vpc: VpcId,
        region: Region,
    }
    /// Switch endpoint private DNS on.
    PrivateDnsOn = "aws.private_dns_on" { service: VpcEndpointServiceName, }
    /// Take a record away.
    RemoveRecord = "aws.remove_record" { zone: DnsName, zone_id: HostedZoneId, record: DnsName, }
    /// Take a zone away.
    RemoveZone = "aws.remove_zone" { zone: DnsName, zone_id: HostedZoneId, }
    /// Delete endpoints of ours for a service: those that were told to the vendor's side, or dead.
    RemoveEndpoint = "aws.remove_endpoint" { service: String, endpoints: Vec<VpcEndpointId>, }
    /// Take the tag of this user off an endpoint of ours.
    LeaveEndpoint = "aws.leave_endpoint" { service: String, endpoint: VpcEndpointId, }
    /// Take our marks off an adopted endpoint.
    ReleaseEndpoint = "aws.release_endpoint" { service: String, endpoint: VpcEndpointId, }
    /// Delete the group of ours for a service.
    RemoveGroup = "aws.remove_group" { service: VpcEndpointServiceName, }
}

/// Where clients are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Source {
    Range(IpNet),
    Group(SecurityGroupId),
}

/// A subnet with the address its interface is to have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FixedAddress {
    pub(super) subnet: SubnetId,
    pub(super) ipv4: Option<Ipv4Addr>,
    pub(super) ipv6: Option<Ipv6Addr>,
}

/// The rules that let every source reach every port.
pub(super) fn rules(ports: &[PortRange], sources: &[Source]) -> Vec<IpPermission> {
    let source = |source: &Source| match source {
        Source::Range(range) => PermissionSource::Range(*range),
        Source::Group(group) => PermissionSource::Group(group.clone()),
    };
    ports.iter().flat_map(|ports| sources.iter().map(move |from| IpPermission::tcp(*ports, source(from)))).collect()
}

/// Makes steps of one network: key, place and permissions are the same kind of thing for all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maker<'a> {
    pub(super) partition: &'a str,
    pub(super) region: &'a Region,
    pub(super) keys: &'a Keys<'a>,
}

impl Maker<'_> {
    fn account(&self) -> &AwsAccountId {
        self.keys.account
    }

    fn vpc(&self) -> &VpcId {
        self.keys.vpc
    }

    fn step<K: StepKind>(&self, key: TouchKey, kind: &K, what: impl Into<privlink_core::Text>) -> Step {
        Step::new(SIDE, key, kind, what).place(format!("{} {} {}", self.account(), self.region, self.vpc()))
    }

    fn arn(&self, resource: &str) -> String {
        format!("arn:{}:ec2:{}:{}:{resource}", self.partition, self.region, self.account())
    }

    fn zone_arn(&self, zone: Option<&HostedZoneId>) -> String {
        match zone {
            Some(zone) => format!("arn:{}:route53:::hostedzone/{zone}", self.partition),
            None => format!("arn:{}:route53:::hostedzone/*", self.partition),
        }
    }

    /// What planning reads, on as little as each action takes.
    fn looks(&self) -> [Grant; 10] {
        LOOK.map(|action| match action {
            "ec2:DescribeVpcAttribute" => grant(action, self.arn(&format!("vpc/{}", self.vpc()))),
            "route53:GetHostedZone" | "route53:ListResourceRecordSets" => grant(action, self.zone_arn(None)),
            _ => grant(action, "*"),
        })
    }

    pub(super) fn vpc_dns(&self) -> Step {
        self.step(self.keys.vpc_dns(), &EnableVpcDns {}, "switch the VPC's DNS attributes on")
            .why("private names resolve only when both are on; everything in the VPC notices")
            .gives([vpc_dns_fact()])
            .undo(Undo::KeptShared)
            .grants([grant("ec2:ModifyVpcAttribute", self.arn(&format!("vpc/{}", self.vpc())))])
    }

    pub(super) fn group(&self, slot: &Slot, service: &VpcEndpointServiceName) -> Step {
        let vpc = self.arn(&format!("vpc/{}", self.vpc()));
        let groups = self.arn("security-group/*");
        self.step(
            self.keys.group(service),
            &MakeGroup { service: service.clone() },
            "make the endpoint's security group",
        )
        .why("without one AWS takes the VPC's default group, which lets no client in")
        .slot(slot.clone())
        .gives([group_fact()])
        .grants([
            grant("ec2:CreateSecurityGroup", vpc),
            grant("ec2:CreateSecurityGroup", groups.clone()),
            grant("ec2:CreateTags", groups),
        ])
    }

    pub(super) fn open_ports(
        &self,
        slot: &Slot,
        service: &VpcEndpointServiceName,
        ports: Vec<PortRange>,
        sources: Vec<Source>,
    ) -> Step {
        let mut text: Vec<String> = rules(&ports, &sources).iter().map(ToString::to_string).collect();
        text.sort();
        let listed = ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let what = if ports.is_empty() {
            "let clients reach the database's ports".to_owned()
        } else {
            format!("let clients reach ports {listed}")
        };
        let kind = OpenPorts { service: service.clone(), ports, sources };
        self.step(self.keys.rules(service, &text.join(";")), &kind, what)
            .why("a port that is not opened is a connection that hangs")
            .slot(slot.clone())
            .needs([Fact::Names, group_fact()])
            .gives([Fact::Opened])
            .grants([grant("ec2:AuthorizeSecurityGroupIngress", self.arn("security-group/*"))])
    }

    /// `user` is whose databases will use it.
    pub(super) fn endpoint(&self, slot: &Slot, kind: &MakeEndpoint, user: Option<&str>) -> Step {
        let zones = match kind.subnets.len() {
            1 => "one zone".to_owned(),
            zones => format!("{zones} zones"),
        };
        let mut grants = vec![
            grant("ec2:CreateVpcEndpoint", self.arn(&format!("vpc/{}", self.vpc()))),
            grant("ec2:CreateVpcEndpoint", self.arn("security-group/*")),
            grant("ec2:CreateVpcEndpoint", self.arn("vpc-endpoint/*")),
            grant("ec2:CreateTags", self.arn("vpc-endpoint/*")),
        ];
        grants.extend(
            kind.subnets.iter().map(|subnet| grant("ec2:CreateVpcEndpoint", self.arn(&format!("subnet/{subnet}")))),
        );
        if kind.service_region.is_some() {
            grants.push(grant("vpce:AllowMultiRegion", "*"));
        }
        let step = self
            .step(self.keys.taken(kind.service.as_str(), user), kind, "make the VPC endpoint")
            .why(format!("it is the network's end of the link to {}, in {zones}", kind.service))
            .slot(slot.clone())
            .needs([Fact::Service])
            .gives([Fact::Endpoint])
            .effects([Effect::Costs])
            .takes(Duration::from_secs(5), Duration::from_secs(600))
            .grants(grants)
            .grants(self.looks());
        if kind.groups.is_empty() { step.needs([group_fact()]) } else { step }
    }

    pub(super) fn await_connected(&self, slot: &Slot, service: &VpcEndpointServiceName, by_vendor: bool) -> Step {
        let kind = AwaitConnected { service: service.clone() };
        let step = self
            .step(self.keys.connection(service.as_str()), &kind, "wait until the endpoint is connected")
            .why("nothing may lead to the endpoint before it works")
            .slot(slot.clone())
            .needs([Fact::Endpoint])
            .gives([Fact::Connected, Fact::Address])
            .waits_for(Turn::Cloud)
            .grants([
                grant("ec2:DescribeVpcEndpoints", "*"),
                grant("ec2:DescribeNetworkInterfaces", "*"),
                grant("ec2:CreateTags", self.arn("vpc-endpoint/*")),
            ]);
        if by_vendor {
            // A vendor's own processing comes before AWS starts to build.
            step.needs([Fact::Accepted]).takes(Duration::from_secs(120), Duration::from_secs(3_600))
        } else {
            step.takes(Duration::from_secs(90), Duration::from_secs(900))
        }
    }

    pub(super) fn zone(&self, slot: &Slot, zone: &DnsName, exact: bool) -> Step {
        let why = if exact {
            "a zone named exactly the host answers for it alone and hides no other name"
        } else {
            "the vendor's shared zone is answered inside the VPC"
        };
        let step = self
            .step(
                mark::zone_key(self.vpc(), zone),
                &MakeZone { zone: zone.clone() },
                format!("make the private zone {zone}"),
            )
            .why(why)
            .slot(slot.clone())
            .needs([Fact::Connected, Fact::Served, Fact::Names])
            .gives([any_zone_fact(), zone_fact(zone)])
            .effects([Effect::Costs])
            .grants([
                grant("route53:CreateHostedZone", "*"),
                grant("route53:GetHostedZone", self.zone_arn(None)),
                grant("route53:ListHostedZonesByVPC", "*"),
                grant("route53:ListHostedZonesByName", "*"),
                grant("ec2:DescribeVpcs", "*"),
            ]);
        if exact { step } else { step.effects([Effect::ShadowsNames]) }
    }

    pub(super) fn record(&self, slot: &Slot, kind: &WriteRecord) -> Step {
        let step = self
            .step(
                mark::record_key(self.vpc(), &kind.zone, &kind.record),
                kind,
                format!("write the record {}", kind.record),
            )
            .why("clients in the VPC then reach the database by its own name")
            .slot(slot.clone())
            .needs([Fact::Connected, Fact::Served, Fact::Names])
            .gives([Fact::Resolving])
            .takes(Duration::from_secs(40), Duration::from_secs(600))
            .turn(Turn::Cloud)
            .grants([
                grant("route53:ChangeResourceRecordSets", self.zone_arn(kind.zone_id.as_ref())),
                grant("route53:ListResourceRecordSets", self.zone_arn(kind.zone_id.as_ref())),
                grant("route53:GetChange", format!("arn:{}:route53:::change/*", self.partition)),
            ]);
        if kind.zone_id.is_none() { step.needs([zone_fact(&kind.zone)]) } else { step }
    }

    pub(super) fn associate(&self, slot: &Slot, kind: &AssociateZone) -> Step {
        let step = self
            .step(
                mark::association_key(self.vpc(), &kind.zone, &kind.vpc),
                kind,
                format!("let {} see the zone {}", kind.vpc, kind.zone),
            )
            .why("clients in that VPC are to resolve the name too")
            .slot(slot.clone())
            .needs([Fact::Connected, Fact::Served])
            .gives([Fact::Own(format!("aws.associated:{}:{}", kind.zone, kind.vpc).into())])
            .takes(Duration::from_secs(40), Duration::from_secs(600))
            .turn(Turn::Cloud)
            .grants([
                grant("route53:AssociateVPCWithHostedZone", self.zone_arn(kind.zone_id.as_ref())),
                grant("ec2:DescribeVpcs", "*"),
            ]);
        if kind.zone_id.is_none() { step.needs([zone_fact(&kind.zone)]) } else { step }
    }

    pub(super) fn private_dns_on(&self, slot: &Slot, service: &VpcEndpointServiceName) -> Step {
        let kind = PrivateDnsOn { service: service.clone() };
        self.step(self.keys.private_dns(service), &kind, "switch private DNS on at the endpoint")
            .why("AWS then answers the vendor's names inside the VPC; the endpoint is rebuilt for up to five minutes")
            .slot(slot.clone())
            .needs([Fact::Connected, Fact::Served])
            .drops([Fact::Connected])
            .gives([Fact::Resolving])
            .effects([Effect::ShadowsNames])
            .takes(Duration::from_secs(300), Duration::from_secs(900))
            .turn(Turn::Cloud)
            .grants([
                grant("ec2:ModifyVpcEndpoint", self.arn("vpc-endpoint/*")),
                grant("route53:AssociateVPCWithHostedZone", "*"),
            ])
    }

    /// `shared`: a wildcard, which may serve other links too.
    pub(super) fn remove_record(&self, slot: &Slot, kind: &RemoveRecord, shared: bool) -> Step {
        let step = self
            .step(
                mark::record_key(self.vpc(), &kind.zone, &kind.record),
                kind,
                format!("remove the record {}", kind.record),
            )
            .thing(format!("record {} in zone {}", kind.record, kind.zone))
            .slot(slot.clone())
            .needs([zone_fact(&kind.zone)])
            .undo(Undo::ReAddable)
            .effects([Effect::CutsTraffic])
            .grants([
                grant("route53:ChangeResourceRecordSets", self.zone_arn(Some(&kind.zone_id))),
                grant("route53:GetHostedZone", self.zone_arn(Some(&kind.zone_id))),
                grant("route53:ListResourceRecordSets", self.zone_arn(Some(&kind.zone_id))),
                grant("route53:GetChange", format!("arn:{}:route53:::change/*", self.partition)),
            ])
            .takes(Duration::from_secs(40), Duration::from_secs(600));
        if shared {
            step.why("the endpoint it leads to is gone").gives([Fact::SharedNames])
        } else {
            step.why("nothing may lead to the endpoint when it goes")
                .needs([Fact::Connected, Fact::Served, Fact::Names])
                .gives([Fact::Resolving])
        }
    }

    /// `shared`: not named exactly one host, so that it may serve other links too.
    pub(super) fn remove_zone(&self, slot: &Slot, kind: &RemoveZone, shared: bool) -> Step {
        let step = self
            .step(mark::zone_key(self.vpc(), &kind.zone), kind, format!("remove the private zone {}", kind.zone))
            .thing(format!("private zone {}", kind.zone))
            .why("it is ours, and holds nothing else")
            .slot(slot.clone())
            .gives([any_zone_fact(), zone_fact(&kind.zone)])
            .undo(Undo::ReAddable)
            .grants([
                grant("route53:DeleteHostedZone", self.zone_arn(Some(&kind.zone_id))),
                grant("route53:GetHostedZone", self.zone_arn(Some(&kind.zone_id))),
            ]);
        if shared { step.gives([Fact::SharedNames]) } else { step.needs([Fact::Connected, Fact::Served, Fact::Names]) }
    }

    pub(super) fn remove_endpoint(&self, slot: &Slot, service: &str, ids: &[&VpcEndpointId]) -> Step {
        let listed = ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
        let endpoints = ids.iter().map(|id| (*id).clone()).collect();
        let kind = RemoveEndpoint { service: service.to_owned(), endpoints };
        self.step(self.keys.endpoint(service), &kind, format!("delete the VPC endpoint {listed}"))
            .thing(format!("VPC endpoint {listed}"))
            .why("it is ours; a new one gets another id")
            .slot(slot.clone())
            .needs([Fact::Service, group_fact(), Fact::SharedNames])
            .gives([Fact::Endpoint, Fact::Address, Fact::Connected])
            .undo(Undo::Final)
            .effects([Effect::CutsTraffic])
            .takes(Duration::from_secs(120), Duration::from_secs(900))
            .turn(Turn::Cloud)
            .grants([grant("ec2:DeleteVpcEndpoints", self.arn("vpc-endpoint/*"))])
            .grants(self.looks())
    }

    /// Before the endpoint goes, or although it stays: whoever still uses it has a tag of its own.
    pub(super) fn leave_endpoint(&self, slot: &Slot, service: &str, id: &VpcEndpointId, user: &str) -> Step {
        let kind = LeaveEndpoint { service: service.to_owned(), endpoint: id.clone() };
        self.step(self.keys.user(service, user), &kind, format!("take our user's mark off the VPC endpoint {id}"))
            .thing(format!("our user's mark on VPC endpoint {id}"))
            .why("once nobody's mark is left, the endpoint can go")
            .slot(slot.clone())
            .needs([Fact::Endpoint])
            .gives([Fact::Claimed, Fact::Connected])
            .undo(Undo::ReAddable)
            .grants([grant("ec2:DeleteTags", self.arn(&format!("vpc-endpoint/{id}")))])
            .grants(self.looks())
    }

    /// `tag` is the one of the link's own database. No endpoint goes, so that none is given:
    /// others may go on using it. The records that lead to it are told by its marks, and go first.
    pub(super) fn release_endpoint(&self, slot: &Slot, service: &str, id: &VpcEndpointId, tag: &str) -> Step {
        let kind = ReleaseEndpoint { service: service.to_owned(), endpoint: id.clone() };
        self.step(self.keys.adopted(service, id, tag), &kind, format!("take our marks off the endpoint {id}"))
            .why("it was there before and was taken in; it stays")
            .thing(format!("our marks on the VPC endpoint {id}"))
            .slot(slot.clone())
            .needs([Fact::Service])
            .gives([Fact::Connected, Fact::Address])
            .undo(Undo::ReAddable)
            .grants([grant("ec2:DeleteTags", self.arn(&format!("vpc-endpoint/{id}")))])
            .grants(self.looks())
    }

    pub(super) fn remove_group(&self, slot: &Slot, service: &VpcEndpointServiceName, id: &SecurityGroupId) -> Step {
        let kind = RemoveGroup { service: service.clone() };
        self.step(self.keys.group(service), &kind, format!("delete the security group {id}"))
            .thing(format!("security group {id}"))
            .why("it is ours, and nothing uses it once the endpoint is gone")
            .slot(slot.clone())
            .gives([group_fact(), Fact::Opened])
            .undo(Undo::ReAddable)
            .takes(Duration::from_secs(30), Duration::from_secs(900))
            .turn(Turn::Cloud)
            .grants([
                grant("ec2:DeleteSecurityGroup", self.arn(&format!("security-group/{id}"))),
                grant("ec2:DescribeNetworkInterfaces", "*"),
            ])
    }
}

/// The step of an endpoint that another user's link made: nothing but the mark is missing.
pub(super) fn taking(mut step: Step, id: &VpcEndpointId) -> Step {
    step.what = format!("leave our user's mark on the VPC endpoint {id}").into();
    step.why = "another user's link made it, and its removal leaves what carries other marks".into();
    step.effects.clear();
    step
}

fn grant(action: &'static str, resource: impl Into<privlink_core::Text>) -> Grant {
    Grant::new("AWS IAM", action, resource)
}
