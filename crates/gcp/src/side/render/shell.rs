//! As scripts for bash and the `gcloud` command line.

use privlink_core::ProjectId;
use privlink_core::render::{Datum, Script};

use super::super::mark;
use super::super::steps::{AwaitConnected, ClearPlace, MakeAddress, MakeEndpoint, MakeZone, ShowZone, WriteRecord};
use super::{Kind, Rendering};
use crate::facts::TTL;

impl Rendering<'_> {
    pub(super) fn script(&self, kind: &Kind) -> Script {
        match kind {
            Kind::Address(kind) => self.address(kind),
            Kind::ClearPlace(kind) => self.clear_place(kind),
            Kind::Endpoint(kind) => self.endpoint(kind),
            Kind::GlobalAccess(kind) => self
                .compute(include_str!("shell/global_access.sh"))
                .text("RULE_NAME", self.rule(&kind.service).as_str()),
            Kind::AwaitConnected(kind) => self.await_connected(kind),
            Kind::Zone(kind) => self.zone(kind),
            Kind::Record(kind) => self.record(kind),
            Kind::ShowZone(kind) => self.show_zone(kind),
        }
    }

    fn start(&self, body: &'static str, project: &ProjectId) -> Script {
        Script::new(body)
            .programs(["gcloud"])
            .function(include_str!("shell/cloud.sh"))
            .text("PROJECT", project.as_str())
    }

    pub(super) fn compute(&self, body: &'static str) -> Script {
        self.start(body, self.keys.project).text("REGION", self.network.region.as_str())
    }

    pub(super) fn dns(&self, body: &'static str) -> Script {
        self.start(body, self.network.dns().project())
    }

    fn address(&self, kind: &MakeAddress) -> Script {
        let key = self.keys.address(&kind.service);
        let subnetwork = kind.subnetwork.as_ref().map(|path| path.as_str()).unwrap_or_default();
        let fixed = kind.address.map(|address| ["--addresses".to_owned(), address.to_string()]);
        self.compute(include_str!("shell/address.sh"))
            .text("ADDRESS_NAME", self.keys.address_name(&kind.service).as_str())
            .text("ADDRESS_MARK", mark::beginning(&key))
            .text("ADDRESS_DESCRIPTION", mark::description(&self.cx.mark(key), Some(&kind.service)))
            .text("SUBNETWORK", subnetwork)
            .list("ADDRESS_OPTIONS", fixed.into_iter().flatten())
    }

    fn clear_place(&self, kind: &ClearPlace) -> Script {
        self.compute(include_str!("shell/clear_closed.sh"))
            .text("RULE_NAME", self.keys.rule_name(&kind.service).as_str())
            .text("RULE_MARK", mark::beginning(&self.keys.endpoint(&kind.service)))
            .text("CLOSED_CONNECTION", kind.connection.map(|id| id.to_string()).unwrap_or_default())
    }

    fn endpoint(&self, kind: &MakeEndpoint) -> Script {
        let key = self.keys.endpoint(&kind.service);
        let mut options: Vec<String> = match &kind.subnetwork {
            Some(subnetwork) => vec!["--subnet".into(), subnetwork.to_string()],
            None => vec!["--network".into(), self.network.network.to_string()],
        };
        if kind.global_access {
            options.push("--allow-psc-global-access".into());
        }
        if !kind.automate_dns_zone {
            options.push("--disable-automate-dns-zone".into());
        }
        self.compute(include_str!("shell/endpoint.sh"))
            .text("RULE_NAME", self.rule(&kind.service).as_str())
            .text("RULE_ADOPTED", if self.is_adopted() { "yes" } else { "no" })
            .text("RULE_MARK", mark::beginning(&key))
            .text("RULE_DESCRIPTION", mark::description(&self.cx.mark(key), Some(&kind.service)))
            .text("ADDRESS_NAME", self.keys.address_name(&kind.service).as_str())
            .text("ATTACHMENT", kind.service.as_str())
            .list("RULE_OPTIONS", options)
            .list("USER_LABELS", self.user_labels())
            .gives(Datum::EndpointId, "CONNECTION_ID")
            .gives(Datum::EndpointAddress, "ENDPOINT_ADDRESS")
            .gives(Datum::EndpointName, "RULE_NAME")
    }

    fn await_connected(&self, kind: &AwaitConnected) -> Script {
        self.compute(include_str!("shell/await_connected.sh"))
            .text("RULE_NAME", self.rule(&kind.service).as_str())
            .text("AT_MOST", self.step.at_most.as_secs().to_string())
    }

    fn zone(&self, kind: &MakeZone) -> Script {
        let network = &self.network.network;
        let key = mark::zone_key(network, &kind.zone);
        let links: Vec<String> = self.zone_networks().iter().map(|network| network.link()).collect();
        self.dns(include_str!("shell/zone.sh"))
            .text("NETWORK", network.as_str())
            .text("ZONE", kind.zone.as_str())
            .text("ZONE_NAME", mark::zone_name(network, &kind.zone).as_str())
            .text("ZONE_FILTER", format!("dnsName=\"{}.\" AND visibility=private", kind.zone))
            .text("ZONE_MARK", mark::beginning(&key))
            .text("ZONE_NETWORKS", links.join(","))
            .text("ZONE_DESCRIPTION", mark::description(&self.cx.mark(key), None))
    }

    fn record(&self, kind: &WriteRecord) -> Script {
        self.dns(include_str!("shell/record.sh"))
            .text("ZONE_NAME", self.zone_name(kind.given.as_ref(), &kind.zone).as_str())
            .text("RECORD", kind.record.as_str())
            .text("TTL", TTL.to_string())
            .takes("ENDPOINT_ADDRESS", &self.slot, Datum::EndpointAddress)
    }

    fn show_zone(&self, kind: &ShowZone) -> Script {
        self.dns(include_str!("shell/show_zone.sh"))
            .text("ZONE_NAME", self.zone_name(kind.given.as_ref(), &kind.zone).as_str())
            .text("OTHER_NETWORK", kind.network.as_str())
            .text("OTHER_NETWORK_URL", kind.network.link())
    }
}
