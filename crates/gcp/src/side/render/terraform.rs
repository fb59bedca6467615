//! As resources of the provider `hashicorp/google`.

use privlink_core::DnsName;
use privlink_core::render::{Block, Datum, Expr, Provider, Resources, word};
use privlink_core::side::{Slot, StepState};

use super::super::mark;
use super::super::steps::{MakeAddress, MakeEndpoint, MakeZone, WriteRecord};
use super::{Kind, Rendering, address_link, zone};
use crate::facts::TTL;
use crate::ids::ManagedZoneName;

/// Attributes as in the provider's documentation of 7.x.
const GOOGLE: Provider = Provider::new("google", "hashicorp/google", "~> 7.0", "2026-11");

impl Rendering<'_> {
    /// `None` where Terraform has nothing of its own for the step: a forwarding rule ends once it is there,
    /// accepted or not, a zone of somebody else's is not Terraform's to change, and what is closed is made anew
    /// by `recreate_closed_psc`.
    pub(super) fn resources(&self, kind: &Kind) -> Option<Resources> {
        Some(match kind {
            Kind::AwaitConnected(_) => return None,
            Kind::Address(kind) => self.address_block(kind),
            // One that was taken in stays whose it was; its id is known.
            Kind::Endpoint(_) if self.is_adopted() => self.of(),
            Kind::Endpoint(kind) => self.endpoint_block(kind),
            Kind::Zone(kind) => self.zone_block(kind),
            Kind::Record(kind) => self.record_block(kind),
            // They are attributes of the endpoint and of the zone.
            Kind::ClearPlace(_) | Kind::GlobalAccess(_) => self.of(),
            Kind::ShowZone(kind) if kind.given.is_none() => self.of(),
            Kind::ShowZone(_) => return None,
        })
    }

    fn of(&self) -> Resources {
        let (project, region) = (self.keys.project.as_str(), self.network.region.as_str());
        Resources::of(GOOGLE, [("project", project.into()), ("region", region.into())])
    }

    /// A word for a resource of this slot.
    fn name(&self, what: &str) -> String {
        if self.slot == Slot::main() { what.to_owned() } else { word(&format!("{what}_{}", self.slot)) }
    }

    /// The id of what is there already.
    fn import(&self, id: impl FnOnce() -> String) -> Option<String> {
        (self.step.state == StepState::AlreadyDone).then(id)
    }

    /// What is there already may have been made by another link, whose name is in its description: that never
    /// changes, and Terraform would make the thing anew.
    fn born(&self, block: Block, description: String) -> Block {
        let block = block.set("description", description);
        match self.step.state {
            StepState::AlreadyDone => block
                .inside(Block::new("lifecycle").set("ignore_changes", Expr::List(vec![Expr::path(["description"])]))),
            _ => block,
        }
    }

    fn regional(&self, kind: &str, name: &str) -> String {
        format!("projects/{}/regions/{}/{kind}/{name}", self.keys.project, self.network.region)
    }

    fn address_block(&self, kind: &MakeAddress) -> Resources {
        let key = self.keys.address(&kind.service);
        let own = self.keys.address_name(&kind.service);
        let name = self.name("endpoint");
        let block = Block::resource("google_compute_address", name.clone())
            .set("name", own.as_str())
            .set("address_type", "INTERNAL")
            .set_some("subnetwork", kind.subnetwork.as_ref().map(|path| path.as_str()))
            .set_some("address", kind.address.map(|address| address.to_string()));
        let block = self.born(block, mark::description(&self.cx.mark(key), Some(&kind.service)));
        let path = |attribute: &str| Expr::path(["google_compute_address", &name, attribute].map(str::to_owned));
        self.of()
            .block(block)
            .gives(address_link(), path("id"))
            .gives(Datum::EndpointAddress, path("address"))
            .import(self.import(|| self.regional("addresses", own.as_str())))
    }

    fn endpoint_block(&self, kind: &MakeEndpoint) -> Resources {
        let own = self.rule(&kind.service);
        let name = self.name("endpoint");
        let labels: Vec<_> = self.user_labels().into_iter().map(|label| (label, "true".into())).collect();
        let block = Block::resource("google_compute_forwarding_rule", name.clone())
            .set("name", own.as_str())
            // Anything but nothing is a load balancer.
            .set("load_balancing_scheme", "")
            .set("target", kind.service.as_str())
            .set_some("network", kind.subnetwork.is_none().then_some(self.network.network.as_str()))
            .set_some("subnetwork", kind.subnetwork.as_ref().map(|path| path.as_str()))
            .set("ip_address", Expr::Datum(self.slot.clone(), address_link()))
            .set("allow_psc_global_access", kind.global_access)
            .set("no_automate_dns_zone", !kind.automate_dns_zone)
            .set("recreate_closed_psc", true)
            .set_some("labels", (!labels.is_empty()).then_some(Expr::Map(labels)));
        let key = self.keys.endpoint(&kind.service);
        let block = self.born(block, mark::description(&self.cx.mark(key), Some(&kind.service)));
        let path =
            |attribute: &str| Expr::path(["google_compute_forwarding_rule", &name, attribute].map(str::to_owned));
        self.of()
            .block(block)
            .gives(Datum::EndpointId, path("psc_connection_id"))
            .gives(Datum::EndpointName, path("name"))
            .import(self.import(|| self.regional("forwardingRules", own.as_str())))
    }

    fn zone_block(&self, kind: &MakeZone) -> Resources {
        let network = &self.network.network;
        let key = mark::zone_key(network, &kind.zone);
        let own = mark::zone_name(network, &kind.zone);
        let name = word(kind.zone.as_str());
        let seen = self.zone_networks().iter().fold(Block::new("private_visibility_config"), |all, network| {
            all.inside(Block::new("networks").set("network_url", network.link()))
        });
        let block = Block::resource("google_dns_managed_zone", name.clone())
            .set_some("project", self.dns_project())
            .set("name", own.as_str())
            .set("dns_name", format!("{}.", kind.zone))
            .set("visibility", "private")
            .inside(seen);
        let block = self.born(block, mark::description(&self.cx.mark(key), None));
        self.of()
            .block(block)
            .gives(zone(&kind.zone), Expr::path(["google_dns_managed_zone".to_owned(), name, "name".to_owned()]))
            .import(self.import(|| self.in_dns(own.as_str())))
    }

    fn record_block(&self, kind: &WriteRecord) -> Resources {
        let six = self.known.endpoints.get(&self.slot).into_iter().flat_map(|endpoint| &endpoint.addresses);
        let six = six.map(|(address, _)| *address).chain(self.network.address).any(|address| address.is_ipv6());
        let record = if six { "AAAA" } else { "A" };
        let block = Block::resource("google_dns_record_set", word(&format!("{}_{record}", kind.record)))
            .set_some("project", self.dns_project())
            .set("managed_zone", self.managed_zone(kind.given.as_ref(), &kind.zone))
            .set("name", format!("{}.", kind.record))
            .set("type", record)
            .set("ttl", i64::from(TTL))
            .set("rrdatas", Expr::List(vec![Expr::Datum(self.slot.clone(), Datum::EndpointAddress)]));
        let zone = self.zone_name(kind.given.as_ref(), &kind.zone);
        self.of().block(block).import(self.import(|| self.in_dns(&format!("{zone}/rrsets/{}./{record}", kind.record))))
    }

    fn managed_zone(&self, given: Option<&ManagedZoneName>, name: &DnsName) -> Expr {
        match given {
            Some(given) => given.as_str().into(),
            None => Expr::Datum(self.slot.clone(), zone(name)),
        }
    }

    /// The project of the zones, where it is not the endpoint's.
    fn dns_project(&self) -> Option<String> {
        let project = self.network.dns().project().clone();
        (project != *self.keys.project).then(|| project.to_string())
    }

    fn in_dns(&self, rest: &str) -> String {
        format!("projects/{}/managedZones/{rest}", self.network.dns().project())
    }
}
