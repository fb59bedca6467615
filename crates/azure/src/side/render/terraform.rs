//! As resources of the provider `hashicorp/azurerm`, and a look by `azure/azapi` at what that one does not show.

use privlink_core::render::{Block, Datum, Expr, Item, Provider, Resources, word};
use privlink_core::side::{Slot, StepState};
use privlink_core::{EndpointServiceId, Result};

use super::super::mark;
use super::super::naming::TTL;
use super::super::steps::{LinkZone, MakeEndpoint, MakeZone, WriteRecord, label_of};
use super::{Kind, Rendering, zone};
use crate::facts::NETWORK_API_VERSION;
use crate::ids::PrivateDnsZoneId;
use crate::model::{CONNECTION_SUFFIX, Tags};

/// Attributes as in the provider's documentation of 4.x.
const AZURERM: Provider = Provider::new("azurerm", "hashicorp/azurerm", "~> 4.0", "2026-11");
/// Attributes as in the provider's documentation of 2.x.
const AZAPI: Provider = Provider::new("azapi", "azure/azapi", "~> 2.0", "2026-11");

impl Rendering<'_> {
    /// `None` where Terraform has nothing of its own for the step: an endpoint resource ends once the endpoint is
    /// there, approved or not, and a zone of another subscription is out of this provider's reach.
    pub(super) fn resources(&self, kind: &Kind) -> Result<Option<Resources>> {
        Ok(match kind {
            Kind::AwaitConnected(_) => None,
            // One that was taken in stays whose it was; its id is known.
            Kind::Endpoint(_) if self.is_adopted() => Some(self.of()),
            Kind::Endpoint(kind) => Some(self.endpoint_blocks(kind)),
            // It is an attribute of the endpoint.
            Kind::Address(_) => Some(self.of()),
            Kind::Zone(kind) => Some(self.zone_block(kind)),
            Kind::Record(kind) if self.reaches(&kind.zone) => Some(self.record_block(kind)?),
            Kind::Link(kind) if self.reaches(&kind.zone) => Some(self.link_block(kind)),
            Kind::Record(_) | Kind::Link(_) => None,
        })
    }

    fn of(&self) -> Resources {
        let mut all = Resources::of(AZURERM, [("subscription_id", self.keys.subscription().to_string().into())]);
        // The provider demands the block, empty as it may be.
        for block in &mut all.configuration {
            block.items.push(Item::Block(Block::new("features")));
        }
        all
    }

    fn reaches(&self, zone: &PrivateDnsZoneId) -> bool {
        zone.resource().subscription() == self.keys.subscription()
    }

    /// A word for a resource of this slot.
    fn name(&self, what: &str) -> String {
        if self.slot == Slot::main() { what.to_owned() } else { word(&format!("{what}_{}", self.slot)) }
    }

    /// The id of what is there already.
    fn import(&self, id: impl FnOnce() -> String) -> Option<String> {
        (self.step.state == StepState::AlreadyDone).then(id)
    }

    /// What is there already may carry the tags of other links, which Terraform would take off.
    fn tagged(&self, block: Block, tags: &Tags) -> Block {
        let tags = tags.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        let block = block.set("tags", Expr::Map(tags));
        match self.step.state {
            StepState::AlreadyDone => {
                block.inside(Block::new("lifecycle").set("ignore_changes", Expr::List(vec![Expr::path(["tags"])])))
            }
            _ => block,
        }
    }

    fn endpoint_blocks(&self, kind: &MakeEndpoint) -> Resources {
        let key = self.keys.endpoint(&kind.service);
        let (group, own) = match self.known_endpoint() {
            Some(id) => (id.resource().resource_group().to_owned(), id.resource().name().to_owned()),
            None => (self.network.group.name().to_owned(), mark::endpoint_name(&key, 0)),
        };
        let mut tags = mark::tags(&self.cx.mark(key), &self.network.tags);
        tags.extend(self.user_tag().map(|tag| (tag, "true".to_owned())));
        let service = match &kind.service {
            EndpointServiceId::AzureAlias(_) => "private_connection_resource_alias",
            _ => "private_connection_resource_id",
        };
        let name = self.name("endpoint");
        let mut block = Block::resource("azurerm_private_endpoint", name.clone())
            .set("name", own.clone())
            .set("location", kind.location.as_str())
            .set("resource_group_name", group)
            .set("subnet_id", kind.subnet.as_str())
            .set("custom_network_interface_name", format!("{own}{}", mark::INTERFACE_SUFFIX))
            .inside(
                Block::new("private_service_connection")
                    .set("name", format!("{own}{CONNECTION_SUFFIX}"))
                    .set("is_manual_connection", true)
                    .set(service, kind.service.as_str())
                    .set("request_message", kind.message(self.cx)),
            );
        if let Some(address) = kind.address {
            block = block.inside(
                Block::new("ip_configuration")
                    .set("name", format!("{own}{}", mark::ADDRESS_SUFFIX))
                    .set("private_ip_address", address.to_string()),
            );
        }
        let path = |attribute: &str| Expr::path(["azurerm_private_endpoint", &name, attribute].map(str::to_owned));
        let mut all = self
            .of()
            .block(self.tagged(block, &tags))
            .gives(Datum::EndpointId, path("id"))
            .gives(Datum::EndpointName, path("name"))
            .gives(Datum::EndpointAddress, path("private_service_connection").element(0, ["private_ip_address"]))
            .import(self.import(|| self.known_endpoint().map(ToString::to_string).unwrap_or_default()));
        for group in &kind.security_groups {
            let association = word(&format!("{name}_{}", group.name()));
            all = all.block(
                Block::resource("azurerm_private_endpoint_application_security_group_association", association)
                    .set("private_endpoint_id", path("id"))
                    .set("application_security_group_id", group.as_str()),
            );
        }
        // Left out where no vendor takes the GUID.
        all.providers.push(AZAPI);
        let look = Block::data("azapi_resource", name.clone())
            .set("type", format!("Microsoft.Network/privateEndpoints@{NETWORK_API_VERSION}"))
            .set("resource_id", path("id"))
            .set("response_export_values", Expr::texts(["properties.resourceGuid"]));
        let guid = ["data", "azapi_resource", &name, "output", "properties", "resourceGuid"].map(str::to_owned);
        all.block(look).gives(Datum::EndpointGuid, Expr::path(guid))
    }

    fn zone_block(&self, kind: &MakeZone) -> Resources {
        let key = mark::zone_key(&self.network.network, &kind.zone);
        let name = word(kind.zone.zone().as_str());
        let block = Block::resource("azurerm_private_dns_zone", name.clone())
            .set("name", kind.zone.zone().as_str())
            .set("resource_group_name", kind.zone.resource().resource_group());
        self.of()
            .block(self.tagged(block, &mark::tags(&self.cx.mark(key), &self.network.tags)))
            .gives(zone(&kind.zone), Expr::path(["azurerm_private_dns_zone".to_owned(), name, "name".to_owned()]))
            .import(self.import(|| kind.zone.to_string()))
    }

    fn record_block(&self, kind: &WriteRecord) -> Result<Resources> {
        let key = mark::record_key(&self.network.network, &kind.zone, &kind.record);
        let label = label_of(&kind.zone, &kind.record)?;
        let block = Block::resource("azurerm_private_dns_a_record", word(kind.record.as_str()))
            .set("name", label.clone())
            .set("zone_name", self.zone_name(&kind.zone, kind.given))
            .set("resource_group_name", kind.zone.resource().resource_group())
            .set("ttl", i64::try_from(TTL).unwrap_or(i64::MAX))
            .set("records", Expr::List(vec![Expr::Datum(self.slot.clone(), Datum::EndpointAddress)]));
        // What the provider calls tags is a record's metadata.
        Ok(self
            .of()
            .block(self.tagged(block, &mark::tags(&self.cx.mark(key), &Tags::new())))
            .import(self.import(|| format!("{}/A/{label}", kind.zone))))
    }

    fn link_block(&self, kind: &LinkZone) -> Resources {
        let key = mark::link_key(&self.network.network, &kind.zone, &kind.network);
        let own = mark::link_name(&key);
        let name = word(&format!("{}_{}", kind.zone.zone(), kind.network.name()));
        let block = Block::resource("azurerm_private_dns_zone_virtual_network_link", name)
            .set("name", own)
            .set("resource_group_name", kind.zone.resource().resource_group())
            .set("private_dns_zone_name", self.zone_name(&kind.zone, kind.given))
            .set("virtual_network_id", kind.network.as_str())
            .set("registration_enabled", false);
        // A link of somebody else's may do as well, so that its id is not known here.
        self.of().block(self.tagged(block, &mark::tags(&self.cx.mark(key), &self.network.tags)))
    }

    fn zone_name(&self, id: &PrivateDnsZoneId, given: bool) -> Expr {
        if given { id.zone().as_str().into() } else { Expr::Datum(self.slot.clone(), zone(id)) }
    }
}
