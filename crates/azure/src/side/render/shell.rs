//! As scripts for bash and the `az` command line. The names of its commands and options are those of azure-cli
//! 2.91.0, which runs them against a simulator (`ci/foreign handover`).

use privlink_core::Result;
use privlink_core::render::{Datum, Script};
use serde_json::json;

use super::super::mark;
use super::super::naming::TTL;
use super::super::steps::{LinkZone, MakeEndpoint, MakeZone, WriteRecord, label_of};
use super::{Kind, Rendering};
use crate::facts::{NETWORK_API_VERSION, PRIVATE_DNS_API_VERSION};
use crate::ids::PrivateDnsZoneId;
use crate::model::{CONNECTION_SUFFIX, Tags};

/// How many endpoints of one link a script tries: each that was refused keeps its name.
const INCARNATIONS: u32 = 16;

impl Rendering<'_> {
    pub(super) fn script(&self, kind: &Kind) -> Result<Script> {
        Ok(match kind {
            Kind::Endpoint(kind) => self.endpoint(kind)?,
            Kind::Address(_) => start(include_str!("shell/address.sh"))
                .takes("ENDPOINT_ID", &self.slot, Datum::EndpointId)
                .gives(Datum::EndpointAddress, "ENDPOINT_ADDRESS"),
            Kind::AwaitConnected(_) => start(include_str!("shell/await_connected.sh"))
                .takes("ENDPOINT_ID", &self.slot, Datum::EndpointId)
                .text("AT_MOST", self.step.at_most.as_secs().to_string()),
            Kind::Zone(kind) => self.zone(kind),
            Kind::Record(kind) => self.record(kind)?,
            Kind::Link(kind) => self.link(kind),
        })
    }

    fn endpoint(&self, kind: &MakeEndpoint) -> Result<Script> {
        let key = self.keys.endpoint(&kind.service);
        let (group, names) = match self.known_endpoint() {
            Some(id) => (id.resource().resource_group().to_owned(), vec![id.resource().name().to_owned()]),
            None => {
                let names = (0..INCARNATIONS).map(|n| mark::endpoint_name(&key, n)).collect();
                (self.network.group.name().to_owned(), names)
            }
        };
        let mut tags = mark::tags(&self.cx.mark(key.clone()), &self.network.tags);
        tags.extend(self.user_tag().map(|tag| (tag, "true".to_owned())));
        let groups = kind.security_groups.iter().flat_map(|group| ["--asg".to_owned(), format!("id={group}")]);
        Ok(start(include_str!("shell/endpoint.sh"))
            .text("SUBSCRIPTION", self.keys.subscription().to_string())
            .text("ENDPOINT_GROUP", group)
            .list("ENDPOINT_NAMES", names)
            .text("ENDPOINT_ADOPTED", if self.is_adopted() { "yes" } else { "no" })
            .text("ENDPOINT_KEY", key.digest())
            .json("ENDPOINT_TAGS", &json!(tags))
            .list("USER_TAGS", self.user_tag().map(|tag| format!("{tag}=true")))
            .text("LOCATION", kind.location.as_str())
            .text("SUBNET_ID", kind.subnet.as_str())
            .text("SERVICE", kind.service.as_str())
            .text("REQUEST_MESSAGE", kind.message(self.cx))
            .text("CONNECTION_SUFFIX", CONNECTION_SUFFIX)
            .text("INTERFACE_SUFFIX", mark::INTERFACE_SUFFIX)
            .text("ADDRESS_SUFFIX", mark::ADDRESS_SUFFIX)
            .list("FIXED_ADDRESSES", kind.address.map(|address| address.to_string()))
            .list("ENDPOINT_OPTIONS", groups)
            .text("NETWORK_API_VERSION", NETWORK_API_VERSION)
            .gives(Datum::EndpointId, "ENDPOINT_ID")
            .gives(Datum::EndpointName, "ENDPOINT_NAME")
            .gives(Datum::EndpointGuid, "ENDPOINT_GUID"))
    }

    fn zone(&self, kind: &MakeZone) -> Script {
        let key = mark::zone_key(&self.network.network, &kind.zone);
        in_zone(include_str!("shell/zone.sh"), &kind.zone)
            .text("ZONE_KEY", key.digest())
            .json("ZONE_TAGS", &json!(mark::tags(&self.cx.mark(key), &self.network.tags)))
    }

    fn record(&self, kind: &WriteRecord) -> Result<Script> {
        let key = mark::record_key(&self.network.network, &kind.zone, &kind.record);
        Ok(in_zone(include_str!("shell/record.sh"), &kind.zone)
            .text("ZONE_ID", kind.zone.as_str())
            .text("RECORD_LABEL", label_of(&kind.zone, &kind.record)?)
            .text("TTL", TTL.to_string())
            .json("RECORD_METADATA", &json!(mark::tags(&self.cx.mark(key), &Tags::new())))
            .text("DNS_API_VERSION", PRIVATE_DNS_API_VERSION)
            .takes("ENDPOINT_ADDRESS", &self.slot, Datum::EndpointAddress))
    }

    fn link(&self, kind: &LinkZone) -> Script {
        let key = mark::link_key(&self.network.network, &kind.zone, &kind.network);
        in_zone(include_str!("shell/link.sh"), &kind.zone)
            .text("OTHER_NETWORK", kind.network.as_str())
            .text("LINK_NAME", mark::link_name(&key))
            .json("LINK_TAGS", &json!(mark::tags(&self.cx.mark(key), &self.network.tags)))
    }
}

pub(super) fn start(body: &'static str) -> Script {
    Script::new(body).programs(["az", "jq"]).function(include_str!("shell/cloud.sh"))
}

pub(super) fn in_zone(body: &'static str, zone: &PrivateDnsZoneId) -> Script {
    start(body)
        .text("ZONE_SUBSCRIPTION", zone.resource().subscription().to_string())
        .text("ZONE_GROUP", zone.resource().resource_group())
        .text("ZONE", zone.zone().as_str())
}
