//! What exists in the simulated Aiven.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::SystemTime;

use privlink_core::{CloudProvider, EndpointServiceId, PrivateLinkServiceAlias, Region};

use super::switches::Switches;

/// The components of a type of service that can be reached over privatelink (Aiven's `user_config` schemas,
/// go-api-schemas at 38697fd), in the order they are listed.
pub(super) fn components_of(service_type: &str) -> &'static [&'static str] {
    match service_type {
        "pg" => &["pg", "pgbouncer", "prometheus"],
        "mysql" => &["mysql", "mysqlx", "prometheus"],
        "clickhouse" => &["clickhouse", "clickhouse_https", "clickhouse_mysql", "clickhouse_arrowflight", "prometheus"],
        "kafka" => &["kafka", "kafka_connect", "kafka_rest", "schema_registry", "jolokia", "prometheus"],
        "kafka_connect" => &["kafka_connect", "jolokia", "prometheus"],
        "opensearch" => &["opensearch", "opensearch_dashboards", "prometheus"],
        "valkey" => &["valkey", "prometheus"],
        "dragonfly" => &["dragonfly", "prometheus"],
        "grafana" => &["grafana"],
        "flink" => &["flink", "prometheus"],
        "thanos" => &["query_frontend", "receiver_routing"],
        _ => &[],
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(super) number: u16,
    pub(super) project: String,
    pub(super) name: String,
    pub(super) service_type: String,
    pub(super) provider: CloudProvider,
    pub(super) region: Region,
    pub(super) cloud_name: String,
    pub(super) state: String,
    pub(super) vpc: Option<String>,
    pub(super) nodes: u64,
    pub(super) static_ips: bool,
    pub(super) sasl: bool,
    pub(super) replica: bool,
    pub(super) password: String,
    pub(super) created: SystemTime,
    /// What was switched on or off, and since when.
    pub(super) access: BTreeMap<String, (bool, SystemTime)>,
    pub(super) link: Option<Link>,
    /// Endpoints that appeared without any simulated cloud.
    pub(super) apparitions: Vec<Seen>,
}

/// A privatelink.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) allowed: Vec<String>,
    pub(super) regions: Vec<String>,
    pub(super) service: EndpointServiceId,
    /// On Azure the resource id is above, and this is the alias.
    pub(super) alias: Option<PrivateLinkServiceAlias>,
    /// From when on it has its ids.
    pub(super) made: SystemTime,
    /// From when on it is active, again if it was changed.
    pub(super) active: SystemTime,
    pub(super) gone: Option<SystemTime>,
    pub(super) stuck: bool,
    pub(super) connections: Vec<Connection>,
    /// When the findings of a refresh show.
    pub(super) refreshes: Vec<SystemTime>,
    pub(super) counted: usize,
}

/// A connection.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) id: String,
    /// Which of the privatelink's it was, from 1.
    pub(super) number: usize,
    /// The endpoint's identities, the one that Aiven lists first.
    pub(super) ids: Vec<String>,
    pub(super) dns_name: Option<String>,
    pub(super) state: ConnectionState,
    pub(super) since: SystemTime,
    pub(super) approved: Option<SystemTime>,
    pub(super) address: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ConnectionState {
    Pending,
    Approved,
    Connected,
    Active,
}

impl ConnectionState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending-user-approval",
            Self::Approved => "user-approved",
            Self::Connected => "connected",
            Self::Active => "active",
        }
    }
}

/// An endpoint as its cloud shows it to the vendor.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Its identities, the one that the vendor lists first.
    pub(crate) ids: Vec<String>,
    pub(crate) service: EndpointServiceId,
    /// The account or subscription it is in.
    pub(crate) owner: Option<String>,
    /// Whether the cloud shows it connected.
    pub(crate) ready: bool,
    /// Its regional name; on AWS.
    pub(crate) dns_name: Option<String>,
}

/// What leads to a service's hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Published {
    /// The addresses of this endpoint in AWS.
    Endpoint(String),
    /// This address.
    Address(IpAddr),
}

/// One address of a component over privatelink.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) component: &'static str,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) usage: &'static str,
    /// How clients of Kafka authenticate.
    pub(super) method: Option<&'static str>,
    pub(super) connection: String,
}

impl Link {
    pub(super) fn state(&self, now: SystemTime) -> &'static str {
        if self.gone.is_some() {
            "deleting"
        } else if now >= self.active && !self.stuck {
            "active"
        } else {
            "creating"
        }
    }

    /// Whether its ids are known: they stay so while it is rebuilt.
    pub(super) fn is_made(&self, now: SystemTime) -> bool {
        now >= self.made && !self.stuck
    }
}

impl Service {
    pub(super) fn word(&self) -> &'static str {
        match self.provider {
            CloudProvider::Aws => "aws",
            CloudProvider::Azure => "azure",
            _ => "google",
        }
    }

    pub(super) fn is_on(&self, component: &str) -> bool {
        self.access.get(component).is_some_and(|(on, _)| *on)
    }

    /// The host of the usual route.
    pub(super) fn dynamic_host(&self) -> String {
        format!("{}-{}.aivencloud.com", self.name, self.project)
    }

    /// The port of a component; replicas have the primary's.
    pub(super) fn port(&self, component: &str, method: Option<&str>, switches: &Switches) -> u16 {
        let place = components_of(&self.service_type).iter().position(|known| *known == component).unwrap_or(0);
        match (component, method) {
            ("kafka", Some("certificate")) if switches.kafka_port_outside => 9706,
            ("kafka", Some("sasl")) => 12_600 + self.number * 20 + 10,
            _ => 12_600 + self.number * 20 + u16::try_from(place).unwrap_or(0),
        }
    }

    /// Where components are reached over privatelink by now: one address for each connection, usage and way
    /// to authenticate.
    pub(super) fn doors(&self, now: SystemTime, switches: &Switches) -> Vec<Door> {
        let mut doors = Vec::new();
        let Some(link) = self.link.as_ref().filter(|link| link.gone.is_none()) else { return doors };
        for connection in link.connections.iter().filter(|known| known.state == ConnectionState::Active) {
            for component in components_of(&self.service_type) {
                let reached = |(on, since): &&(bool, SystemTime)| *on && *since + switches.access_takes <= now;
                if self.access.get(*component).filter(reached).is_none() {
                    continue;
                }
                let methods: &[Option<&'static str>] = match (*component, self.sasl) {
                    ("kafka", true) => &[Some("certificate"), Some("sasl")],
                    ("kafka", false) => &[Some("certificate")],
                    _ => &[None],
                };
                let usages: &[(&str, &'static str)] =
                    if self.replica { &[("", "primary"), ("replica-", "replica")] } else { &[("", "primary")] };
                for ((prefix, usage), method) in usages.iter().flat_map(|usage| methods.iter().map(move |m| (usage, m)))
                {
                    doors.push(Door {
                        component,
                        host: format!("{prefix}privatelink-{}-{}", connection.number, self.dynamic_host()),
                        port: self.port(component, *method, switches),
                        usage,
                        method: *method,
                        connection: connection.id.clone(),
                    });
                }
            }
        }
        doors
    }
}
