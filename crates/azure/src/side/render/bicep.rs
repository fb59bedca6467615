//! As resources of Bicep.
//!
//! Types and properties: Azure's template reference for the API versions in `facts.rs`, read 2026-11. What follows the
//! vendor's admission has a condition: a deployment cannot wait for anybody outside, so that the file is deployed twice.
//! What is there already is referred to, not deployed: a deployment replaces all tags, those of other links too.

use std::collections::BTreeMap;

use privlink_core::render::{Block, Datum, Expr, Resources, word};
use privlink_core::side::{Slot, StepState};
use privlink_core::{AzurePrivateEndpointId, Result};

use super::super::mark;
use super::super::naming::TTL;
use super::super::steps::{LinkZone, MakeEndpoint, MakeZone, WriteRecord, label_of};
use super::{Kind, Rendering, zone};
use crate::facts::{NETWORK_API_VERSION, PRIVATE_DNS_API_VERSION};
use crate::ids::{PrivateDnsZoneId, ResourceGroup};
use crate::model::{CONNECTION_SUFFIX, Tags};

impl Rendering<'_> {
    /// `None` where Bicep has nothing of its own for the step: a file is deployed into one resource group, that of the
    /// endpoint, and an interface can be looked at only once the endpoint is there.
    pub(super) fn bicep(&self, kind: &Kind) -> Result<Option<Resources>> {
        Ok(match kind {
            Kind::AwaitConnected(_) | Kind::Address(_) => None,
            // One that was taken in stays whose it was; its id is known.
            Kind::Endpoint(_) if self.is_adopted() => Some(Resources::default()),
            Kind::Endpoint(kind) => Some(self.endpoint_resource(kind)),
            Kind::Zone(kind) if self.is_here(&kind.zone) => Some(self.zone_resource(kind)),
            Kind::Record(kind) if self.is_here(&kind.zone) => Some(self.record_resource(kind)?),
            Kind::Link(kind) if self.is_here(&kind.zone) => Some(self.link_resource(kind)),
            Kind::Zone(_) | Kind::Record(_) | Kind::Link(_) => None,
        })
    }

    fn is_here(&self, zone: &PrivateDnsZoneId) -> bool {
        ResourceGroup::of(zone.resource()) == self.network.group
    }

    fn is_there(&self) -> bool {
        self.step.state == StepState::AlreadyDone
    }

    /// A word for a thing of this slot.
    fn symbol(&self, what: &str) -> String {
        if self.slot == Slot::main() { what.to_owned() } else { word(&format!("{what}_{}", self.slot)) }
    }

    fn endpoint_resource(&self, kind: &MakeEndpoint) -> Resources {
        let key = self.keys.endpoint(&kind.service);
        let own = match self.known_endpoint().map(AzurePrivateEndpointId::resource) {
            Some(id) => id.name().to_owned(),
            None => mark::endpoint_name(&key, 0),
        };
        let symbol = self.symbol("endpoint");
        let path =
            |parts: &[&str]| Expr::path(std::iter::once(&*symbol).chain(parts.iter().copied()).map(str::to_owned));
        let guid = Expr::call("reference", [path(&["id"]), NETWORK_API_VERSION.into()]);
        let block = if self.is_there() {
            existing(endpoint_type(), symbol.clone()).set("name", own.clone())
        } else {
            let mut tags = mark::tags(&self.cx.mark(key), &self.network.tags);
            tags.extend(self.user_tag().map(|tag| (tag, "true".to_owned())));
            resource(endpoint_type(), symbol.clone())
                .set("name", own.clone())
                .set("location", kind.location.as_str())
                .set("tags", map(&tags))
                .set("properties", self.endpoint_properties(kind, &own))
        };
        let interface = self.symbol("endpoint_interface");
        let address = Expr::path([&*interface, "properties", "ipConfigurations"].map(str::to_owned))
            .element(0, ["properties", "privateIPAddress"]);
        Resources::default()
            .block(block)
            .block(
                existing(network_type("networkInterfaces"), interface)
                    .set("name", format!("{own}{}", mark::INTERFACE_SUFFIX)),
            )
            .gives(Datum::EndpointId, path(&["id"]))
            .gives(Datum::EndpointName, path(&["name"]))
            // The type of an endpoint has no such property, and its answer has.
            .gives(Datum::EndpointGuid, guid.member(["resourceGuid"]))
            .gives(Datum::EndpointAddress, Expr::Admitted(Box::new(address), Box::new("0.0.0.0".into())))
    }

    fn endpoint_properties(&self, kind: &MakeEndpoint, own: &str) -> Expr {
        let connection = object([
            ("name", format!("{own}{CONNECTION_SUFFIX}").into()),
            (
                "properties",
                object([
                    ("privateLinkServiceId", kind.service.as_str().into()),
                    ("requestMessage", kind.message(self.cx).into()),
                ]),
            ),
        ]);
        let mut properties = vec![
            ("subnet", object([("id", kind.subnet.as_str().into())])),
            ("customNetworkInterfaceName", format!("{own}{}", mark::INTERFACE_SUFFIX).into()),
            // The owner of the service approves by hand or by a list: the request is a manual one.
            ("manualPrivateLinkServiceConnections", Expr::List(vec![connection])),
        ];
        if let Some(address) = kind.address {
            let fixed = object([
                ("name", format!("{own}{}", mark::ADDRESS_SUFFIX).into()),
                ("properties", object([("privateIPAddress", address.to_string().into())])),
            ]);
            properties.push(("ipConfigurations", Expr::List(vec![fixed])));
        }
        if !kind.security_groups.is_empty() {
            let groups = kind.security_groups.iter().map(|group| object([("id", group.as_str().into())]));
            properties.push(("applicationSecurityGroups", Expr::List(groups.collect())));
        }
        object(properties)
    }

    fn zone_resource(&self, kind: &MakeZone) -> Resources {
        let (key, symbol) = (mark::zone_key(&self.network.network, &kind.zone), zone_symbol(&kind.zone));
        let named = |block: Block| block.set("name", kind.zone.zone().as_str());
        let block = if self.is_there() {
            named(existing(dns_type(""), symbol.clone()))
        } else {
            let tags = mark::tags(&self.cx.mark(key), &self.network.tags);
            named(resource(dns_type(""), symbol.clone())).set("location", "global").set("tags", map(&tags))
        };
        Resources::default().block(block).gives(zone(&kind.zone), Expr::path([symbol]))
    }

    fn record_resource(&self, kind: &WriteRecord) -> Result<Resources> {
        if self.is_there() {
            return Ok(Resources::default());
        }
        let key = mark::record_key(&self.network.network, &kind.zone, &kind.record);
        let address = object([("ipv4Address", Expr::Datum(self.slot.clone(), Datum::EndpointAddress))]);
        let properties = object([
            ("ttl", i64::try_from(TTL).unwrap_or(i64::MAX).into()),
            ("aRecords", Expr::List(vec![address])),
            ("metadata", map(&mark::tags(&self.cx.mark(key), &Tags::new()))),
        ]);
        let block = resource(dns_type("/A"), word(&format!("record_{}", kind.record)));
        let block = self.in_zone(block, &kind.zone, kind.given, &label_of(&kind.zone, &kind.record)?);
        Ok(Resources::default().block(block.set("properties", properties)))
    }

    fn link_resource(&self, kind: &LinkZone) -> Resources {
        if self.is_there() {
            return Resources::default();
        }
        let key = mark::link_key(&self.network.network, &kind.zone, &kind.network);
        let name = mark::link_name(&key);
        let properties = object([
            ("virtualNetwork", object([("id", kind.network.as_str().into())])),
            ("registrationEnabled", false.into()),
        ]);
        let symbol = word(&format!("link_{}_{}", kind.zone.zone(), kind.network.name()));
        let block = self.in_zone(resource(dns_type("/virtualNetworkLinks"), symbol), &kind.zone, kind.given, &name);
        let tags = mark::tags(&self.cx.mark(key), &self.network.tags);
        let block = block.set("location", "global").set("tags", map(&tags)).set("properties", properties);
        Resources::default().block(block)
    }

    /// A child of a zone: one of ours is in the file.
    fn in_zone(&self, block: Block, id: &PrivateDnsZoneId, given: bool, name: &str) -> Block {
        if given {
            block.set("name", format!("{}/{name}", id.zone()))
        } else {
            block.set("parent", Expr::Datum(self.slot.clone(), zone(id))).set("name", name)
        }
    }
}

fn resource(of: String, symbol: String) -> Block {
    Block::new("resource").label(of).label(symbol)
}

fn existing(of: String, symbol: String) -> Block {
    Block::new("data").label(of).label(symbol)
}

fn endpoint_type() -> String {
    network_type("privateEndpoints")
}

fn network_type(of: &str) -> String {
    format!("Microsoft.Network/{of}@{NETWORK_API_VERSION}")
}

fn dns_type(child: &str) -> String {
    format!("Microsoft.Network/privateDnsZones{child}@{PRIVATE_DNS_API_VERSION}")
}

fn zone_symbol(id: &PrivateDnsZoneId) -> String {
    word(&format!("zone_{}", id.zone()))
}

fn object<'a>(properties: impl IntoIterator<Item = (&'a str, Expr)>) -> Expr {
    Expr::Map(properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn map(tags: &BTreeMap<String, String>) -> Expr {
    Expr::Map(tags.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect())
}
