use std::collections::BTreeMap;

use privlink_core::transport::Object;
use privlink_core::{CloudProvider, DnsName, Error, ErrorKind, Result};
use serde::Serialize;
use serde_json::Value;

use super::{KafkaAuthentication, KafkaAuthority, Route, ServiceState, Usage};
use crate::{ConnectionId, ServiceName};

/// What Aiven says of a service. Users, passwords and URIs are not read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ServiceDetails {
    /// Its name.
    pub name: ServiceName,
    /// The code of its type: `pg`, `kafka`.
    pub service_type: String,
    /// Aiven's name of its cloud: `aws-eu-west-1`.
    pub cloud_name: String,
    /// Its plan.
    pub plan: Option<String>,
    /// How it stands.
    pub state: ServiceState,
    /// The project VPC it is in.
    pub project_vpc_id: Option<String>,
    /// How many nodes it has, where that is told.
    pub nodes: Option<u64>,
    /// Whether it uses static addresses.
    pub static_ips: bool,
    /// Which components are switched on for privatelink; missing is off.
    pub privatelink_access: BTreeMap<String, bool>,
    /// Where its components are reached, by every route.
    pub components: Vec<Component>,
    /// How many components could not be read.
    pub unreadable_components: usize,
}

/// Where a component of a service is reached by one route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Component {
    /// The component: `pg`, `pgbouncer`, `kafka`.
    pub component: String,
    /// The host; clients have to use it, for the certificate is made for it.
    pub host: DnsName,
    /// The port.
    pub port: u16,
    /// The route.
    pub route: Route,
    /// Which copy of the data.
    pub usage: Usage,
    /// How clients of Kafka prove who they are.
    pub kafka_authentication: Option<KafkaAuthentication>,
    /// Who signed the certificate of a Kafka port; the project's authority where nothing is said.
    pub kafka_authority: Option<KafkaAuthority>,
    /// The path of a URL.
    pub path: Option<String>,
    /// Whether it speaks TLS; it does where nothing is said.
    pub ssl: Option<bool>,
    /// The connection it is of; on the privatelink route.
    pub connection: Option<ConnectionId>,
}

impl ServiceDetails {
    /// The cloud it runs in; `None` for one that the name does not tell, such as a customer's own.
    #[must_use]
    pub fn cloud(&self) -> Option<CloudProvider> {
        cloud_of(&self.cloud_name)
    }

    /// Whether it runs in a cloud of the customer's own ("bring your own cloud").
    #[must_use]
    pub fn is_own_cloud(&self) -> bool {
        self.cloud_name.starts_with("custom-")
    }

    /// Whether a component is switched on for privatelink.
    #[must_use]
    pub fn has_access(&self, component: &str) -> bool {
        self.privatelink_access.get(component).copied().unwrap_or(false)
    }

    /// What is reached over privatelink through one connection. Without a connection named, there
    /// must be one only.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when no connection was named and there are several, or Aiven does not say which address
    /// is of which: each leads to another endpoint.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_aiven::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .token(world.aiven().token())
    /// #     .build()?;
    /// # let service = client.project("example-project".parse()?).service("orders-pg".parse()?);
    /// let details = service.details().await?;
    /// for component in details.over_privatelink(None)? {
    ///     println!("{} at {}:{}", component.component, component.host, component.port);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn over_privatelink(&self, connection: Option<&ConnectionId>) -> Result<Vec<&Component>> {
        let all = self.components.iter().filter(|component| component.route == Route::Privatelink);
        let several = |text: String| {
            Error::new(ErrorKind::Conflict, text).with_help("name the connection: each leads to another endpoint")
        };
        let mut ids: Vec<&str> =
            all.clone().filter_map(|one| one.connection.as_ref()).map(ConnectionId::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            // Which connection an address is of is told on request of nobody: one connection has one address of each.
            let found: Vec<&Component> = all.collect();
            let twice = |one: &&Component| found.iter().any(|other| other.is_like(one) && other.host != one.host);
            if let Some(one) = found.iter().find(|one| twice(one)) {
                let text = format!(
                    "service `{}` has several addresses of {}, of no named connection",
                    self.name, one.component
                );
                return Err(several(text));
            }
            return Ok(found);
        }
        match connection {
            None if ids.len() > 1 => {
                Err(several(format!("service `{}` has several connections: {}", self.name, ids.join(", "))))
            }
            None => Ok(all.collect()),
            Some(connection) => Ok(all.filter(|component| component.connection.as_ref() == Some(connection)).collect()),
        }
    }

    /// Where the primary of one component is reached over privatelink: for Kafka by the way clients
    /// prove themselves.
    ///
    /// # Errors
    /// As for [`ServiceDetails::over_privatelink`].
    pub fn component_over_privatelink(
        &self,
        component: &str,
        connection: Option<&ConnectionId>,
        authentication: Option<&KafkaAuthentication>,
    ) -> Result<Option<&Component>> {
        let all = self.over_privatelink(connection)?;
        Ok(all.into_iter().find(|one| {
            one.component == component
                && one.usage == Usage::Primary
                && authentication.is_none_or(|wanted| one.kafka_authentication.as_ref() == Some(wanted))
        }))
    }

    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let answer = Object::read("answer", value)?;
        let service = answer.object("service").ok_or_else(|| answer.lacking("service"))?;
        let settings = service.object("user_config");
        let access = settings.and_then(|settings| settings.object("privatelink_access"));
        let listed = service.list("components").unwrap_or_default();
        let components: Vec<Component> = listed.iter().filter_map(|one| Component::from_json(one).ok()).collect();
        Ok(Self {
            name: service.parsed("service_name")?,
            service_type: service.required("service_type")?.to_owned(),
            cloud_name: service.required("cloud_name")?.to_owned(),
            plan: service.text("plan").map(str::to_owned),
            state: ServiceState::from(service.required("state")?),
            project_vpc_id: service.text("project_vpc_id").map(str::to_owned),
            nodes: service.number("node_count"),
            static_ips: settings.and_then(|settings| settings.flag("static_ips")).unwrap_or(false),
            privatelink_access: access.map(|access| access.flags()).unwrap_or_default(),
            unreadable_components: listed.len() - components.len(),
            components,
        })
    }
}

impl Component {
    /// Whether both are reached in the same way: only through different connections can there be two.
    fn is_like(&self, other: &Self) -> bool {
        (&self.component, &self.usage, &self.kafka_authentication, &self.kafka_authority)
            == (&other.component, &other.usage, &other.kafka_authentication, &other.kafka_authority)
    }

    fn from_json(value: &Value) -> Result<Self> {
        let one = Object::read("service component", value)?;
        let port = one.number("port").and_then(|port| u16::try_from(port).ok()).ok_or_else(|| one.lacking("port"))?;
        Ok(Self {
            component: one.required("component")?.to_owned(),
            host: one.parsed("host")?,
            port,
            route: Route::from(one.required("route")?),
            usage: one.text("usage").map_or(Usage::Primary, Usage::from),
            kafka_authentication: one.text("kafka_authentication_method").map(KafkaAuthentication::from),
            kafka_authority: one.text("kafka_ssl_ca").map(KafkaAuthority::from),
            path: one.text("path").map(str::to_owned),
            ssl: one.flag("ssl"),
            connection: one.optional("privatelink_connection_id")?,
        })
    }
}

/// The cloud that Aiven's name of one begins with.
fn cloud_of(cloud_name: &str) -> Option<CloudProvider> {
    let clouds = [("aws-", CloudProvider::Aws), ("azure-", CloudProvider::Azure), ("google-", CloudProvider::Gcp)];
    clouds.into_iter().find(|(prefix, _)| cloud_name.starts_with(prefix)).map(|(_, cloud)| cloud)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(components: Value) -> ServiceDetails {
        let json = serde_json::json!({"service": {"service_name": "events", "service_type": "kafka",
            "cloud_name": "aws-eu-west-1", "state": "RUNNING", "project_vpc_id": null, "plan": "business-4",
            "user_config": {"privatelink_access": {"kafka": true, "kafka_rest": false}},
            "service_uri": "hunter2", "users": [{"password": "hunter2"}], "components": components}});
        ServiceDetails::from_json(&json).unwrap()
    }

    fn component(of: &str, connection: &str, method: &str, port: u16) -> Value {
        serde_json::json!({"component": of, "host": "privatelink-1-events-acme.aivencloud.com", "port": port,
            "route": "privatelink", "usage": "primary", "kafka_authentication_method": method,
            "privatelink_connection_id": connection})
    }

    #[test]
    fn addresses_of_no_named_connection_are_those_of_the_only_one() {
        let nameless = |host: &str, port: u16| {
            let mut one = component("kafka", "", "certificate", port);
            one["host"] = host.into();
            one
        };
        let pinned: ConnectionId = "plc1".parse().unwrap();
        let one = details(serde_json::json!([
            nameless("privatelink-1-events-acme.aivencloud.com", 1),
            component("schema_registry", "", "certificate", 2),
        ]));
        for connection in [None, Some(&pinned)] {
            assert_eq!(one.over_privatelink(connection).unwrap().len(), 2);
        }
        let two = details(serde_json::json!([
            nameless("privatelink-1-events-acme.aivencloud.com", 1),
            nameless("privatelink-2-events-acme.aivencloud.com", 1),
        ]));
        for connection in [None, Some(&pinned)] {
            assert_eq!(two.over_privatelink(connection).unwrap_err().kind(), ErrorKind::Conflict);
        }
    }

    #[test]
    fn each_connection_and_each_way_to_authenticate_has_its_own_port() {
        let details = details(serde_json::json!([
            component("kafka", "plc1", "certificate", 12_001),
            component("kafka", "plc1", "sasl", 12_002),
            component("kafka", "plc2", "sasl", 12_003),
            {"component": "kafka", "host": "events-acme.aivencloud.com", "port": 1, "route": "dynamic"},
        ]));
        assert!(details.has_access("kafka") && !details.has_access("kafka_rest") && !details.has_access("jolokia"));
        let (one, three) = ("plc1".parse().unwrap(), "plc3".parse().unwrap());
        let found = |connection, way: &str| {
            let way = KafkaAuthentication::from(way);
            details.component_over_privatelink("kafka", connection, Some(&way)).map(|one| one.map(|one| one.port))
        };
        assert_eq!(found(Some(&one), "certificate").unwrap(), Some(12_001));
        assert_eq!(found(Some(&one), "sasl").unwrap(), Some(12_002));
        assert_eq!(found(Some(&three), "sasl").unwrap(), None);
        let error = found(None, "sasl").unwrap_err();
        assert!(error.to_string().contains("plc1, plc2"), "{error}");
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_secrets_are_not_read() {
        let details = details(serde_json::json!([component("kafka", "plc1", "sasl", 1), {"component": "kafka"}, 7]));
        assert_eq!((details.components.len(), details.unreadable_components), (1, 2));
        assert!(!format!("{details:?} {}", serde_json::to_string(&details).unwrap()).contains("hunter2"));
    }

    #[test]
    fn the_cloud_is_what_the_name_begins_with() {
        assert_eq!(cloud_of("azure-germany-north"), Some(CloudProvider::Azure));
        assert_eq!(cloud_of("google-europe-west1"), Some(CloudProvider::Gcp));
        assert_eq!(cloud_of("custom-acme-aws-eu-west-1"), None);
    }
}
