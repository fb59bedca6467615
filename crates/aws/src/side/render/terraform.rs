//! As resources of the provider `hashicorp/aws`.

use privlink_core::render::{Block, Datum, Expr, Provider, Resources, word};
use privlink_core::side::{Slot, StepState};

use super::super::mark;
use super::super::steps::{AssociateZone, MakeEndpoint, MakeGroup, MakeZone, OpenPorts, Source, WriteRecord};
use super::{Kind, Rendering, group, zone};
use crate::model::Tag;

/// Attributes as in the provider's documentation of 6.x.
const AWS: Provider = Provider::new("aws", "hashicorp/aws", "~> 6.0", "2026-11");

impl Rendering<'_> {
    /// `None` where Terraform has nothing of its own for the step: an endpoint resource ends once the
    /// endpoint is there, connected or not. Nor for ports that the vendor tells later, which are rules of their own each.
    pub(super) fn resources(&self, kind: &Kind) -> Option<Resources> {
        Some(match kind {
            Kind::AwaitConnected(_) | Kind::VpcDns => return None,
            Kind::OpenPorts(kind) if kind.ports.is_empty() => return None,
            Kind::Group(kind) => self.group_block(kind),
            Kind::OpenPorts(kind) => self.rules(kind),
            // One that was taken in stays whose it was; its id is known.
            Kind::Endpoint(_) if self.is_adopted() => self.of(),
            Kind::Endpoint(kind) => self.endpoint_block(kind),
            Kind::Zone(kind) => self.zone_block(kind),
            Kind::Record(kind) => self.records(kind),
            Kind::Associate(kind) => self.association(kind),
            Kind::PrivateDnsOn(_) => {
                let block = Block::resource("aws_vpc_endpoint_private_dns", self.name("endpoint"))
                    .set("vpc_endpoint_id", Expr::Datum(self.slot.clone(), Datum::EndpointId))
                    .set("private_dns_enabled", true);
                self.of().block(block)
            }
        })
    }

    fn of(&self) -> Resources {
        let region = self.network.client.region().as_str();
        Resources::of(AWS, [("region", region.into()), ("allowed_account_ids", Expr::texts([self.account.as_str()]))])
    }

    /// A word for a resource of this slot.
    fn name(&self, what: &str) -> String {
        if self.slot == Slot::main() { what.to_owned() } else { word(&format!("{what}_{}", self.slot)) }
    }

    fn group_block(&self, kind: &MakeGroup) -> Resources {
        let key = self.keys.group(&kind.service);
        let mut tags = mark::identity(&key, &self.network.tags);
        tags.extend(mark::label(&self.cx.mark(key.clone()), &tags));
        let name = self.name("endpoint");
        let block = Block::resource("aws_security_group", name.clone())
            .set("name", mark::group_name(&key))
            .set("description", mark::group_description(&kind.service))
            .set("vpc_id", self.network.vpc.as_str())
            .set("tags", map(&tags));
        self.of().block(block).gives(group(), Expr::path(["aws_security_group".to_owned(), name, "id".to_owned()]))
    }

    fn rules(&self, kind: &OpenPorts) -> Resources {
        let mut all = self.of();
        for ports in &kind.ports {
            for source in &kind.sources {
                let (attribute, value, from) = match source {
                    Source::Range(range @ ipnet::IpNet::V4(_)) => {
                        ("cidr_ipv4", range.trunc().to_string(), range.to_string())
                    }
                    Source::Range(range) => ("cidr_ipv6", range.trunc().to_string(), range.to_string()),
                    Source::Group(id) => ("referenced_security_group_id", id.to_string(), id.to_string()),
                };
                let name = self.name(&word(&format!("port_{ports}_from_{from}")));
                all = all.block(
                    Block::resource("aws_vpc_security_group_ingress_rule", name)
                        .set("security_group_id", Expr::Datum(self.slot.clone(), group()))
                        .set("ip_protocol", "tcp")
                        .set("from_port", i64::from(ports.first))
                        .set("to_port", i64::from(ports.last))
                        .set(attribute, value),
                );
            }
        }
        all
    }

    fn endpoint_block(&self, kind: &MakeEndpoint) -> Resources {
        let key = self.keys.endpoint(kind.service.as_str());
        let mut tags = mark::identity(&key, &self.network.tags);
        tags.extend(self.cx.user(self.known).map(|user| mark::user_tag(&user)));
        tags.extend(mark::label(&self.cx.mark(key), &tags));
        let groups = if kind.groups.is_empty() {
            Expr::List(vec![Expr::Datum(self.slot.clone(), group())])
        } else {
            Expr::texts(kind.groups.iter().map(|group| group.as_str()))
        };
        let name = self.name("endpoint");
        let mut block = Block::resource("aws_vpc_endpoint", name.clone())
            .set("vpc_endpoint_type", "Interface")
            .set("vpc_id", self.network.vpc.as_str())
            .set("service_name", kind.service.as_str())
            .set_some("service_region", kind.service_region.as_ref().map(|region| region.as_str()))
            .set_some("ip_address_type", kind.ip_address_type.as_deref())
            .set("subnet_ids", Expr::texts(kind.subnets.iter().map(|subnet| subnet.as_str())))
            .set("security_group_ids", groups)
            .set("tags", map(&tags));
        for fixed in &kind.addresses {
            block = block.inside(
                Block::new("subnet_configuration")
                    .set("subnet_id", fixed.subnet.as_str())
                    .set_some("ipv4", fixed.ipv4.map(|ip| ip.to_string()))
                    .set_some("ipv6", fixed.ipv6.map(|ip| ip.to_string())),
            );
        }
        // Links share an endpoint, and each leaves its user's mark: none may take off what the others left.
        let block = block.inside(Block::new("lifecycle").set("ignore_changes", Expr::List(vec![Expr::path(["tags"])])));
        let path = |attribute: &str| Expr::path(["aws_vpc_endpoint".to_owned(), name.clone(), attribute.to_owned()]);
        let there = self.known.endpoints.get(&self.slot).filter(|_| self.step.state == StepState::AlreadyDone);
        self.of()
            .block(block)
            .gives(Datum::EndpointId, path("id"))
            .gives(Datum::EndpointDnsName, path("dns_entry").element(0, ["dns_name"]))
            .gives(Datum::EndpointDnsZone, path("dns_entry").element(0, ["hosted_zone_id"]))
            .import(there.and_then(|endpoint| endpoint.ids.primary()).map(|id| id.to_string()))
    }

    fn zone_block(&self, kind: &MakeZone) -> Resources {
        let comment = mark::zone_comment(&self.cx.mark(mark::zone_key(&self.network.vpc, &kind.zone)));
        let name = word(kind.zone.as_str());
        let block = Block::resource("aws_route53_zone", name.clone())
            .set("name", kind.zone.as_str())
            .set("comment", comment)
            .inside(
                Block::new("vpc")
                    .set("vpc_id", self.network.vpc.as_str())
                    .set("vpc_region", self.network.client.region().as_str()),
            );
        let id = Expr::path(["aws_route53_zone".to_owned(), name, "zone_id".to_owned()]);
        self.of().block(block).gives(zone(&kind.zone), id)
    }

    fn zone_id(&self, id: Option<&privlink_core::HostedZoneId>, name: &privlink_core::DnsName) -> Expr {
        match id {
            Some(id) => id.as_str().into(),
            None => Expr::Datum(self.slot.clone(), zone(name)),
        }
    }

    fn records(&self, kind: &WriteRecord) -> Resources {
        let mut all = self.of();
        for record in self.record_types() {
            let name = word(&format!("{}_{record}", kind.record));
            all = all.block(
                Block::resource("aws_route53_record", name)
                    .set("zone_id", self.zone_id(kind.zone_id.as_ref(), &kind.zone))
                    .set("name", kind.record.as_str())
                    .set("type", *record)
                    .inside(
                        Block::new("alias")
                            .set("name", Expr::Datum(self.slot.clone(), Datum::EndpointDnsName))
                            .set("zone_id", Expr::Datum(self.slot.clone(), Datum::EndpointDnsZone))
                            .set("evaluate_target_health", false),
                    ),
            );
        }
        all
    }

    /// The kinds of record that the endpoint's addresses call for.
    pub(super) fn record_types(&self) -> &'static [&'static str] {
        match self.network.ip_address_type.as_ref().map(|kind| kind.as_str()) {
            Some("dualstack") => &["A", "AAAA"],
            Some("ipv6") => &["AAAA"],
            _ => &["A"],
        }
    }

    fn association(&self, kind: &AssociateZone) -> Resources {
        let block = Block::resource("aws_route53_zone_association", word(&format!("{}_{}", kind.zone, kind.vpc)))
            .set("zone_id", self.zone_id(kind.zone_id.as_ref(), &kind.zone))
            .set("vpc_id", kind.vpc.as_str())
            .set("vpc_region", kind.region.as_str());
        self.of().block(block)
    }
}

fn map(tags: &[Tag]) -> Expr {
    Expr::Map(tags.iter().map(|tag| (tag.key.clone(), tag.value.clone().into())).collect())
}
