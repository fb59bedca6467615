//! As resources of the provider `aiven/aiven`.

use privlink_core::CloudProvider;
use privlink_core::render::{Block, Datum, Expr, Provider, Resources};
use privlink_core::side::{Effect, Slot, StepState};

use super::super::steps::{Approve, MakePrivatelink, SwitchOn};
use super::{Kind, Rendering, words};

/// Attributes as in the provider's documentation of 4.51: `aiven_*_privatelink`, `aiven_*_privatelink_connection_approval`.
const AIVEN: Provider = Provider::new("aiven", "aiven/aiven", "~> 4.51", "2026-11");

/// Where a component is switched on: not in a resource of its own, so that whoever keeps the service does it.
pub(super) fn component(kind: &SwitchOn) -> Vec<String> {
    vec![format!(
        "Where the service itself is kept in Terraform: in its resource, `privatelink_access {{ {} = true }}` in the block \
         that ends in `_user_config`.",
        kind.component
    )]
}

impl Rendering<'_> {
    /// `None` where the provider has nothing: it does not wait for a connection that needs no approval.
    pub(super) fn resources(&self, kind: &Kind) -> Option<Resources> {
        match kind {
            Kind::Privatelink(kind) => self.link_block(kind),
            Kind::Approve(kind) => Some(self.approval(kind)),
            // The resource of the approval tells the address, and waits.
            Kind::Activate(_) => Some(Resources::of(AIVEN, [])),
            Kind::SwitchOn(_) | Kind::Discover(_) | Kind::Names(_) => None,
        }
    }

    /// The block of a resource of this service.
    fn block(&self, of: &'static str, name: &'static str) -> Block {
        Block::resource(of, name)
            .set("project", self.service.project().as_str())
            .set("service_name", self.service.name().as_str())
    }

    /// The id by which the provider takes a resource of this service in, where it is there already.
    fn there(&self) -> Option<String> {
        let done = self.step.state == StepState::AlreadyDone;
        done.then(|| format!("{}/{}", self.service.project(), self.service.name()))
    }

    fn link_block(&self, kind: &MakePrivatelink) -> Option<Resources> {
        let made = self.step.effects.contains(&Effect::Costs);
        let of = match kind.cloud {
            CloudProvider::Aws => "aiven_aws_privatelink",
            CloudProvider::Azure => "aiven_azure_privatelink",
            _ => {
                return Some(
                    Resources::of(AIVEN, []).block(self.block("aiven_gcp_privatelink", "service")).import(self.there()),
                );
            }
        };
        // The resource writes the whole list. Who else is on that of a privatelink that is there, nothing here
        // knows: they would be put off it.
        if !made && self.there().is_none() {
            return None;
        }
        let list = words(kind.cloud).consumers;
        let block = self
            .block(of, "service")
            .set(list, Expr::texts([kind.consumer.as_ref()?.to_string()]))
            .inside(Block::new("lifecycle").set("ignore_changes", Expr::List(vec![Expr::path([list])])));
        Some(Resources::of(AIVEN, []).block(block).import(self.there()))
    }

    fn approval(&self, kind: &Approve) -> Resources {
        let datum = |datum| Expr::Datum(Slot::main(), datum);
        let block = match kind.cloud {
            CloudProvider::Azure => self
                .block("aiven_azure_privatelink_connection_approval", "endpoint")
                .set("endpoint_ip_address", datum(Datum::EndpointAddress)),
            _ => self
                .block("aiven_gcp_privatelink_connection_approval", "endpoint")
                .set("psc_connection_id", datum(Datum::EndpointId))
                .set("user_ip_address", datum(Datum::EndpointAddress)),
        };
        Resources::of(AIVEN, []).block(block).import(self.there())
    }
}
