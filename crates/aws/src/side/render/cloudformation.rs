//! As resources of CloudFormation.
//!
//! Types and properties: CloudFormation resource specification, as `cfn-lint` 1.x holds templates to it.
//! A stack takes in nothing that is there: that is left out, and referred to by what is known of it.
//! What follows the vendor's admission has a condition: CloudFormation cannot wait for anybody outside, so that the
//! template is deployed twice.

use privlink_core::render::{Block, Datum, Expr, Resources};
use privlink_core::side::{Naming, StepState};

use super::super::mark;
use super::super::naming;
use super::super::steps::{MakeEndpoint, MakeGroup, MakeZone, OpenPorts, Source, WriteRecord};
use super::{Kind, Rendering, group, zone};
use crate::model::Tag;

impl Rendering<'_> {
    /// `None` where CloudFormation has nothing of its own for the step.
    pub(super) fn template(&self, kind: &Kind) -> Option<Resources> {
        let endpoint_is_there = self.known.endpoints.contains_key(&self.slot);
        Some(match kind {
            Kind::VpcDns | Kind::AwaitConnected(_) | Kind::Associate(_) => return None,
            _ if self.step.state == StepState::AlreadyDone => Resources::default(),
            // Only its own stack could change it.
            Kind::Endpoint(_) | Kind::PrivateDnsOn(_) if endpoint_is_there => return None,
            // A property of the endpoint.
            Kind::PrivateDnsOn(_) => Resources::default(),
            Kind::Group(kind) => self.group_resource(kind),
            Kind::OpenPorts(kind) => self.rule_resources(kind),
            Kind::Endpoint(kind) => self.endpoint_resource(kind),
            Kind::Zone(kind) => self.zone_resource(kind),
            Kind::Record(kind) => self.record_resources(kind),
        })
    }

    fn group_resource(&self, kind: &MakeGroup) -> Resources {
        let key = self.keys.group(&kind.service);
        let mut tags = mark::identity(&key, &self.network.tags);
        tags.extend(mark::label(&self.cx.mark(key.clone()), &tags));
        let name = self.logical("EndpointSecurityGroup");
        let block = Block::resource("AWS::EC2::SecurityGroup", name.clone())
            .set("GroupName", mark::group_name(&key))
            .set("GroupDescription", mark::group_description(&kind.service))
            .set("VpcId", self.network.vpc.as_str())
            .set("Tags", list(&tags));
        Resources::default().block(block).gives(group(), Expr::path([name, "GroupId".to_owned()]))
    }

    fn rule_resources(&self, kind: &OpenPorts) -> Resources {
        let mut all = Resources::default();
        for (n, source) in kind.sources.iter().enumerate() {
            for ports in &kind.ports {
                let (property, value) = match source {
                    Source::Range(range @ ipnet::IpNet::V4(_)) => ("CidrIp", range.trunc().to_string()),
                    Source::Range(range) => ("CidrIpv6", range.trunc().to_string()),
                    Source::Group(id) => ("SourceSecurityGroupId", id.to_string()),
                };
                let name = self.logical(&format!("Port{}To{}From{}", ports.first, ports.last, n + 1));
                all = all.block(
                    Block::resource("AWS::EC2::SecurityGroupIngress", name)
                        .set("GroupId", Expr::Datum(self.slot.clone(), group()))
                        .set("IpProtocol", "tcp")
                        .set("FromPort", i64::from(ports.first))
                        .set("ToPort", i64::from(ports.last))
                        .set(property, value),
                );
            }
        }
        all
    }

    fn endpoint_resource(&self, kind: &MakeEndpoint) -> Resources {
        let key = self.keys.endpoint(kind.service.as_str());
        let mut tags = mark::identity(&key, &self.network.tags);
        tags.extend(self.cx.user(self.known).map(|user| mark::user_tag(&user)));
        tags.extend(mark::label(&self.cx.mark(key), &tags));
        let groups = if kind.groups.is_empty() {
            Expr::List(vec![Expr::Datum(self.slot.clone(), group())])
        } else {
            Expr::texts(kind.groups.iter().map(|group| group.as_str()))
        };
        let offered = self.known.capabilities.as_ref().map(|capabilities| &*capabilities.naming);
        let private_dns = match naming::mode(self.network.naming, offered) {
            Naming::EndpointPrivateDns => Expr::Admitted(Box::new(true.into()), Box::new(false.into())),
            _ => false.into(),
        };
        let name = self.logical("Endpoint");
        let block = Block::resource("AWS::EC2::VPCEndpoint", name.clone())
            .set("VpcEndpointType", "Interface")
            .set("VpcId", self.network.vpc.as_str())
            .set("ServiceName", kind.service.as_str())
            .set_some("ServiceRegion", kind.service_region.as_ref().map(|region| region.as_str()))
            .set_some("IpAddressType", kind.ip_address_type.as_deref())
            .set("SubnetIds", Expr::texts(kind.subnets.iter().map(|subnet| subnet.as_str())))
            .set("SecurityGroupIds", groups)
            .set("PrivateDnsEnabled", private_dns)
            .set("Tags", list(&tags));
        // The first entry is the regional name: `<zone id>:<name>`.
        let entry = |part: i64| {
            let entries = Expr::path([name.clone(), "DnsEntries".to_owned()]);
            let first = Expr::call("Fn::Select", [0.into(), entries]);
            Expr::call("Fn::Select", [part.into(), Expr::call("Fn::Split", [":".into(), first])])
        };
        Resources::default()
            .block(block)
            .gives(Datum::EndpointId, Expr::path([name.clone()]))
            .gives(Datum::EndpointDnsZone, entry(0))
            .gives(Datum::EndpointDnsName, entry(1))
    }

    fn zone_resource(&self, kind: &MakeZone) -> Resources {
        let comment = mark::zone_comment(&self.cx.mark(mark::zone_key(&self.network.vpc, &kind.zone)));
        let name = self.logical(&camel("Zone", kind.zone.as_str()));
        let vpc = Expr::Map(vec![
            ("VPCId".to_owned(), self.network.vpc.as_str().into()),
            ("VPCRegion".to_owned(), self.network.client.region().as_str().into()),
        ]);
        let block = Block::resource("AWS::Route53::HostedZone", name.clone())
            .set("Name", kind.zone.as_str())
            .set("HostedZoneConfig", Expr::Map(vec![("Comment".to_owned(), comment.into())]))
            .set("VPCs", Expr::List(vec![vpc]));
        Resources::default().block(block).gives(zone(&kind.zone), Expr::path([name]))
    }

    fn record_resources(&self, kind: &WriteRecord) -> Resources {
        let mut all = Resources::default();
        let zone = match &kind.zone_id {
            Some(id) => id.as_str().into(),
            None => Expr::Datum(self.slot.clone(), zone(&kind.zone)),
        };
        for record in self.record_types() {
            let name = self.logical(&camel(&format!("Record{record}"), kind.record.as_str()));
            let target = Expr::Map(vec![
                ("DNSName".to_owned(), Expr::Datum(self.slot.clone(), Datum::EndpointDnsName)),
                ("HostedZoneId".to_owned(), Expr::Datum(self.slot.clone(), Datum::EndpointDnsZone)),
                ("EvaluateTargetHealth".to_owned(), false.into()),
            ]);
            all = all.block(
                Block::resource("AWS::Route53::RecordSet", name)
                    .set("HostedZoneId", zone.clone())
                    .set("Name", kind.record.as_str())
                    .set("Type", *record)
                    .set("AliasTarget", target),
            );
        }
        all
    }

    /// A logical id: letters and digits alone.
    fn logical(&self, what: &str) -> String {
        if *self.slot.as_str() == *privlink_core::side::Slot::main().as_str() {
            what.to_owned()
        } else {
            camel(what, self.slot.as_str())
        }
    }
}

/// `prefix` and the words of `name`, each with a capital.
fn camel(prefix: &str, name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    words.map(capital).fold(prefix.to_owned(), |all, word| all + &word)
}

fn list(tags: &[Tag]) -> Expr {
    let one = |tag: &Tag| {
        Expr::Map(vec![("Key".to_owned(), tag.key.clone().into()), ("Value".to_owned(), tag.value.clone().into())])
    };
    Expr::List(tags.iter().map(one).collect())
}
