//! What is known about Aiven without asking it: dated, sourced, and each to be overridden.
//!
//! The vendor's answers always win over these: hosts, ports and endpoint services are read, never
//! derived.

use std::time::Duration;

use privlink_core::render::{Cost, CostBasis};
use privlink_core::side::{PortRange, Protocol};
use privlink_core::{CloudProvider, Dated, DnsName, Text};

/// Everything this library takes for granted about Aiven.
///
/// ```
/// use privlink_aiven::facts::Facts;
///
/// let mut facts = Facts::default();
/// assert_eq!(facts.components("pg").unwrap()[0], "pg");
/// facts.most_allowed.value = 32; // a vendor that changed its mind
/// assert!(!facts.most_allowed.source.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// The domain under which the vendor's hosts are.
    pub apex: Dated<DnsName>,
    /// The components that can be reached over privatelink, by the code of the service's type; the main one first.
    pub components: Dated<Vec<(Text, Vec<Text>)>>,
    /// Which services have privatelink in which cloud.
    pub offers: Dated<Vec<Offer>>,
    /// The ports of Kafka's brokers, which come with the one that is told.
    pub broker_ports: Dated<PortRange>,
    /// How many consumers an allow list may name.
    pub most_allowed: Dated<usize>,
    /// How many static addresses a service on Azure needs: so many for each node, and from so many
    /// nodes on, so many more than nodes.
    pub static_ips: Dated<StaticIpFacts>,
    /// The way through the console to a service's components; there is none to its privatelink.
    pub console: Dated<Text>,
    /// How long a privatelink takes in which cloud, as the vendor says.
    pub privatelink_said: Dated<Vec<(CloudProvider, Text)>>,
    /// How long a component that is switched on takes, as the vendor says.
    pub component_said: Dated<Text>,
    /// What the vendor bills for, besides the service.
    pub costs: Vec<Cost>,
    /// How often to ask again.
    pub polling: Polling,
}

/// What is offered in a cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// The cloud.
    pub cloud: CloudProvider,
    /// The types that have it; `None` for all but those excepted.
    pub only: Option<Vec<Text>>,
    /// The types that do not.
    pub except: Vec<Text>,
    /// The types for which Aiven has to be asked first.
    pub on_request: Vec<Text>,
    /// Whether services in a cloud of the customer's own have it.
    pub own_cloud: bool,
    /// Whether it is at an early stage of availability.
    pub early: bool,
}

/// How many static addresses a service needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StaticIpFacts {
    /// For each node.
    pub each: u64,
    /// Up to so many nodes.
    pub up_to: u64,
    /// With more nodes, so many more than there are nodes.
    pub beyond: u64,
}

impl StaticIpFacts {
    /// How many a service of `nodes` nodes needs.
    #[must_use]
    pub fn needed(&self, nodes: u64) -> u64 {
        if nodes <= self.up_to { nodes.saturating_mul(self.each) } else { nodes.saturating_add(self.beyond) }
    }
}

/// How often to ask again, and how long things take.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Polling {
    /// Between two looks.
    pub every: Duration,
    /// How long a privatelink usually takes to be made.
    pub privatelink_takes: Duration,
    /// How long a connection usually takes from one state to the next.
    pub connection_takes: Duration,
    /// How long anything may take before it counts as stuck.
    pub at_most: Duration,
}

impl Facts {
    /// The components of a type of service, the main one first; `None` for a type that is not known.
    #[must_use]
    pub fn components(&self, service_type: &str) -> Option<&[Text]> {
        let known = self.components.iter().find(|(known, _)| known == service_type);
        known.map(|(_, components)| components.as_slice())
    }

    /// What is offered in a cloud.
    #[must_use]
    pub fn offer(&self, cloud: CloudProvider) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.cloud == cloud)
    }

    /// How long a privatelink takes in a cloud, as the vendor says.
    #[must_use]
    pub fn said(&self, cloud: CloudProvider) -> Option<Dated<Text>> {
        let said = self.privatelink_said.iter().find(|(known, _)| *known == cloud).map(|(_, said)| said.clone())?;
        Some(self.privatelink_said.clone().map(|_| said))
    }

    /// How few and how many consumers an allow list may name in a cloud.
    #[must_use]
    pub fn allowed(&self, cloud: CloudProvider) -> (usize, usize) {
        match cloud {
            CloudProvider::Aws => (1, *self.most_allowed),
            CloudProvider::Azure => (0, *self.most_allowed),
            // Google Cloud has no list.
            _ => (0, 0),
        }
    }

    /// What is spoken at a component.
    #[must_use]
    pub fn protocol(&self, component: &str) -> Protocol {
        match component {
            "pg" | "pgbouncer" => Protocol::Postgres,
            "mysql" | "clickhouse_mysql" => Protocol::Mysql,
            "clickhouse" => Protocol::ClickHouseNative,
            "clickhouse_https" => Protocol::ClickHouseHttps,
            "kafka_connect"
            | "kafka_rest"
            | "schema_registry"
            | "opensearch"
            | "opensearch_dashboards"
            | "grafana"
            | "prometheus"
            | "jolokia"
            | "flink"
            | "query_frontend"
            | "receiver_routing" => Protocol::Https,
            _ => Protocol::Tls,
        }
    }
}

impl Offer {
    /// Whether services of a type have privatelink.
    #[must_use]
    pub fn has(&self, service_type: &str) -> bool {
        let named = |list: &[Text]| list.iter().any(|known| known == service_type);
        !named(&self.except) && self.only.as_deref().is_none_or(named)
    }

    /// Whether Aiven has to be asked first.
    #[must_use]
    pub fn is_on_request(&self, service_type: &str) -> bool {
        self.on_request.iter().any(|known| known == service_type)
    }
}

impl Default for Facts {
    fn default() -> Self {
        const SCHEMAS: &str = "Aiven's user_config schemas, go-api-schemas at 38697fd";
        const DOCS: &str =
            "Aiven docs at 073a07f, use-aws-privatelink, use-azure-privatelink and use-google-private-service-connect";
        const API: &str = "Aiven's OpenAPI document of 2023-11-29 and go-client-codegen of 2026-08-20";
        let texts = |words: &[&'static str]| words.iter().map(|word| Text::Borrowed(*word)).collect::<Vec<Text>>();
        let components: [(&'static str, &[&'static str]); 12] = [
            ("pg", &["pg", "pgbouncer", "prometheus"]),
            ("mysql", &["mysql", "mysqlx", "prometheus"]),
            (
                "clickhouse",
                &["clickhouse", "clickhouse_https", "clickhouse_mysql", "clickhouse_arrowflight", "prometheus"],
            ),
            ("kafka", &["kafka", "kafka_connect", "kafka_rest", "schema_registry", "jolokia", "prometheus"]),
            ("kafka_connect", &["kafka_connect", "jolokia", "prometheus"]),
            ("opensearch", &["opensearch", "opensearch_dashboards", "prometheus"]),
            ("valkey", &["valkey", "prometheus"]),
            ("dragonfly", &["dragonfly", "prometheus"]),
            ("grafana", &["grafana"]),
            ("flink", &["flink", "prometheus"]),
            ("thanos", &["query_frontend", "receiver_routing"]),
            ("kafka_mirrormaker", &[]),
        ];
        let on_azure = [
            "kafka",
            "kafka_connect",
            "clickhouse",
            "grafana",
            "influxdb",
            "thanos",
            "mysql",
            "opensearch",
            "pg",
            "valkey",
            "dragonfly",
            "redis",
        ];
        Self {
            apex: Dated::new("aivencloud.com".parse().expect("a name that is well-formed"), DOCS, "2026-08"),
            components: Dated::new(
                components.iter().map(|(name, list)| (Text::Borrowed(*name), texts(list))).collect(),
                SCHEMAS,
                "2026-08",
            ),
            offers: Dated::new(
                vec![
                    Offer {
                        cloud: CloudProvider::Aws,
                        only: None,
                        except: texts(&["flink", "kafka_mirrormaker", "thanos"]),
                        on_request: Vec::new(),
                        own_cloud: true,
                        early: false,
                    },
                    Offer {
                        cloud: CloudProvider::Azure,
                        only: Some(texts(&on_azure)),
                        except: Vec::new(),
                        on_request: Vec::new(),
                        own_cloud: false,
                        early: true,
                    },
                    Offer {
                        cloud: CloudProvider::Gcp,
                        only: None,
                        except: texts(&["kafka_mirrormaker"]),
                        on_request: texts(&["pg"]),
                        own_cloud: false,
                        early: true,
                    },
                ],
                DOCS,
                "2026-08",
            ),
            broker_ports: Dated::new(PortRange::range(10_000, 31_000), DOCS, "2026-08"),
            most_allowed: Dated::new(16, API, "2026-08"),
            static_ips: Dated::new(StaticIpFacts { each: 2, up_to: 6, beyond: 6 }, DOCS, "2026-08"),
            console: Dated::new(
                "the service, Service settings, Cloud and network, More network configurations, privatelink_access"
                    .into(),
                DOCS,
                "2026-08",
            ),
            privatelink_said: Dated::new(
                vec![
                    (CloudProvider::Aws, "a few minutes".into()),
                    (CloudProvider::Azure, "until Azure has made the load balancer".into()),
                    (CloudProvider::Gcp, "a minute or two".into()),
                ],
                DOCS,
                "2026-08",
            ),
            component_said: Dated::new(
                "a couple of minutes on AWS, until the load balancer's targets are healthy".into(),
                DOCS,
                "2026-08",
            ),
            costs: vec![Cost::new(
                "Aiven",
                CostBasis::ServiceHour,
                Dated::new(
                    "each hour of the privatelink, by cloud and region: `price_usd` of `GET /project/PROJECT/privatelink-availability`",
                    API,
                    "2026-08",
                ),
            )],
            // The vendor's Terraform provider polls every 5 s and allows 20 minutes; a third party measured six
            // minutes for making and approving together.
            polling: Polling {
                every: Duration::from_secs(5),
                privatelink_takes: Duration::from_secs(180),
                connection_takes: Duration::from_secs(60),
                at_most: Duration::from_secs(1_200),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_the_schema_is_no_promise_of_support() {
        let facts = Facts::default();
        let aws = facts.offer(CloudProvider::Aws).unwrap();
        assert!(facts.components("flink").is_some() && !aws.has("flink"));
        let azure = facts.offer(CloudProvider::Azure).unwrap();
        assert!(azure.has("kafka") && !azure.has("flink") && !azure.own_cloud && azure.early);
        let google = facts.offer(CloudProvider::Gcp).unwrap();
        assert!(google.has("pg") && google.is_on_request("pg") && !google.is_on_request("kafka"));
    }

    #[test]
    fn static_addresses_are_counted_by_nodes() {
        let facts = Facts::default().static_ips.value;
        assert_eq!([1, 3, 6, 7, 9].map(|nodes| facts.needed(nodes)), [2, 6, 12, 13, 15]);
    }
}
