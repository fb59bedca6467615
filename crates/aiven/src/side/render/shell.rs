//! As scripts for bash and `avn`, the vendor's command line.

use privlink_core::CloudProvider;
use privlink_core::render::{Datum, Environment, Script};
use privlink_core::side::Slot;

use super::super::steps::{DeletePrivatelink, MakePrivatelink};
use super::{Kind, Rendering, connection, words};

impl Rendering<'_> {
    pub(super) fn script(&self, kind: &Kind) -> Script {
        match kind {
            Kind::Privatelink(kind) => self.privatelink(kind),
            Kind::SwitchOn(kind) => {
                self.start(include_str!("shell/component.sh")).text("COMPONENT", kind.component.as_str())
            }
            Kind::Discover(kind) => self
                .connection(include_str!("shell/discover.sh"), kind.cloud, kind.refresh)
                .gives(connection(), "CONNECTION_ID"),
            Kind::Approve(kind) => {
                let script = self.connection(include_str!("shell/approve.sh"), kind.cloud, true);
                // Elsewhere the address is told later, and need not be known yet.
                match kind.cloud {
                    CloudProvider::Gcp => script.takes("ENDPOINT_ADDRESS", &Slot::main(), Datum::EndpointAddress),
                    _ => script,
                }
            }
            Kind::Activate(kind) => self
                .connection(include_str!("shell/activate.sh"), kind.cloud, true)
                .takes("ENDPOINT_ADDRESS", &Slot::main(), Datum::EndpointAddress)
                .gives(connection(), "CONNECTION_ID"),
            Kind::Names(kind) => self
                .start(include_str!("shell/names.sh"))
                .json("COMPONENTS", &serde_json::json!(kind.components))
                .text("BROKER_PORTS", self.service.client().facts().broker_ports.value.to_string())
                .takes("CONNECTION_ID", &Slot::main(), connection())
                .gives(Datum::Ports, "PORTS"),
        }
    }

    /// What takes a link down.
    pub(super) fn removal(&self, kind: &DeletePrivatelink) -> Script {
        let words = words(kind.cloud);
        let ours: Vec<String> = kind.ours.iter().map(|id| id.to_ascii_lowercase()).collect();
        self.start(include_str!("shell/delete_privatelink.sh"))
            .text("CLOUD", words.cloud)
            .text("ENDPOINT_FIELD", words.endpoint)
            .json("ENDPOINT_IDS", &serde_json::json!(ours))
    }

    fn start(&self, body: &'static str) -> Script {
        Script::new(body)
            .programs(["avn", "jq"])
            .environment(Environment::required("AIVEN_AUTH_TOKEN", "a token for the API of Aiven"))
            .environment(Environment::optional("AIVEN_WEB_URL", "the address of Aiven's API", "https://api.aiven.io"))
            .function(include_str!("shell/avn.sh"))
            .text("PROJECT", self.service.project().as_str())
            .text("SERVICE", self.service.name().as_str())
            .text("AT_MOST", self.step.at_most.as_secs().to_string())
    }

    fn privatelink(&self, kind: &MakePrivatelink) -> Script {
        let words = words(kind.cloud);
        self.start(include_str!("shell/privatelink.sh"))
            .text("CLOUD", words.cloud)
            .text("CONSUMER", kind.consumer.as_ref().map(ToString::to_string).unwrap_or_default())
            .text("CONSUMER_FLAG", words.consumer_flag)
            .text("CONSUMERS_FIELD", words.consumers)
            .text("SERVICE_FIELD", words.service)
    }

    /// A part that works on the connection of the link's endpoint.
    fn connection(&self, body: &'static str, cloud: CloudProvider, refresh: bool) -> Script {
        let words = words(cloud);
        let pinned = self.service.options.connection.as_ref().map(ToString::to_string);
        self.start(body)
            .function(include_str!("shell/connection.sh"))
            .text("CLOUD", words.cloud)
            .text("ENDPOINT_FIELD", words.endpoint)
            .text("REFRESH", if refresh { "yes" } else { "no" })
            .text("PINNED", pinned.unwrap_or_default())
            .takes("ENDPOINT_ID", &Slot::main(), Datum::EndpointId)
    }
}
