//! What the API does with privatelinks.

use std::net::Ipv4Addr;
use std::time::SystemTime;

use privlink_core::{CloudProvider, EndpointServiceId, PrivateLinkServiceAlias};
use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::model::{Connection, ConnectionState, Link, Service};
use super::{AivenState, render};

/// One request about the privatelink of one service.
pub(super) struct Ask<'a> {
    pub(super) now: SystemTime,
    pub(super) key: (String, String),
    pub(super) body: Option<Map<String, Value>>,
    pub(super) connection: &'a str,
}

const MOST: usize = 16;

impl AivenState {
    fn service_of(&self, ask: &Ask<'_>) -> Result<&Service, Refusal> {
        self.services.get(&ask.key).ok_or_else(|| no_service(&ask.key.1))
    }

    fn link_of(&mut self, ask: &Ask<'_>) -> Result<&mut Link, Refusal> {
        let service = self.services.get_mut(&ask.key).ok_or_else(|| no_service(&ask.key.1))?;
        service.link.as_mut().ok_or_else(|| Refusal::new(404, "Privatelink does not exist"))
    }

    fn shown(&self, ask: &Ask<'_>) -> Result<Value, Refusal> {
        let service = self.service_of(ask)?;
        let link = service.link.as_ref().ok_or_else(|| Refusal::new(404, "Privatelink does not exist"))?;
        Ok(render::privatelink(service, link, ask.now, &self.switches))
    }

    pub(super) fn get_link(&self, ask: &Ask<'_>) -> Result<Value, Refusal> {
        self.shown(ask)
    }

    pub(super) fn make_link(&mut self, ask: &Ask<'_>) -> Result<Value, Refusal> {
        if self.switches.unknown_to_writes > 0 {
            self.switches.unknown_to_writes -= 1;
            return Err(no_service(&ask.key.1));
        }
        let service = self.service_of(ask)?;
        let (provider, region) = (service.provider, service.region.clone());
        if service.link.is_some() {
            return Err(Refusal::new(409, "Privatelink already exists"));
        }
        if service.vpc.is_none() && !service.cloud_name.starts_with("custom-") {
            return Err(Refusal::new(400, "Service must be in a project VPC to use privatelink"));
        }
        let unsupported = ["flink", "kafka_mirrormaker"].contains(&&*service.service_type);
        if unsupported {
            return Err(Refusal::new(400, "Privatelink is not supported for this service type"));
        }
        if provider == CloudProvider::Azure && !service.static_ips {
            return Err(Refusal::new(400, "Service must use static IP addresses to use privatelink"));
        }
        // One that is made while the service moves stays as it is.
        let moving = provider == CloudProvider::Azure && service.state != "RUNNING";
        if provider == CloudProvider::Gcp && ask.body.is_none() && self.switches.google_wants_body {
            return Err(Refusal::new(400, "Invalid JSON in request body"));
        }
        let allowed = match field_of(provider) {
            Some((name, least)) => list(ask.body.as_ref(), name, least)?.ok_or_else(|| invalid(name))?,
            None => Vec::new(),
        };
        let regions = list(ask.body.as_ref(), "supported_regions", 0)?.unwrap_or_default();
        let hex = self.fresh_hex("privatelink");
        let guid = format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32]);
        let mut alias: Option<PrivateLinkServiceAlias> = None;
        let id = match provider {
            CloudProvider::Aws => format!("com.amazonaws.vpce.{region}.vpce-svc-{}", &hex[..17]),
            CloudProvider::Azure => {
                let name = format!("aivenprod-ss{}", &hex[40..52]);
                alias = format!("{name}.{guid}.{region}.azure.privatelinkservice").parse().ok();
                format!(
                    "/subscriptions/{guid}/resourceGroups/aivenprod-{guid}/providers/Microsoft.Network/\
                     privateLinkServices/{name}"
                )
            }
            _ => format!("projects/aiven-example/regions/{region}/serviceAttachments/privatelink-s{}", &hex[..12]),
        };
        let id: EndpointServiceId = id.parse().expect("made of a region that was parsed and digits of the right count");
        let ready = ask.now + self.switches.creating;
        let stuck = self.switches.stuck_creating || moving;
        let link = Link {
            allowed,
            regions,
            service: id,
            alias,
            made: ready,
            active: ready,
            gone: None,
            stuck,
            connections: Vec::new(),
            refreshes: Vec::new(),
            counted: 0,
        };
        if let Some(service) = self.services.get_mut(&ask.key) {
            service.link = Some(link);
        }
        self.shown(ask)
    }

    pub(super) fn update_link(&mut self, ask: &Ask<'_>) -> Result<Value, Refusal> {
        let (provider, updating) = (self.service_of(ask)?.provider, self.switches.updating);
        let Some((name, least)) = field_of(provider) else { return Err(Refusal::new(405, "Method not allowed")) };
        let link = self.link_of(ask)?;
        if link.gone.is_some() {
            return Err(Refusal::new(409, "Privatelink state is deleting"));
        }
        let allowed = list(ask.body.as_ref(), name, least)?;
        if allowed.is_none() && provider == CloudProvider::Azure {
            return Err(invalid(name));
        }
        if let Some(regions) = list(ask.body.as_ref(), "supported_regions", 0)? {
            link.regions = regions;
        }
        // Nothing given is nothing changed.
        if let Some(allowed) = allowed {
            link.allowed = allowed;
        }
        link.active = link.active.max(ask.now + updating);
        self.shown(ask)
    }

    pub(super) fn delete_link(&mut self, ask: &Ask<'_>) -> Result<Value, Refusal> {
        let (deleting, (refused, status)) = (self.switches.deleting, self.switches.deletions_refused);
        let now = ask.now;
        let link = self.link_of(ask)?;
        if refused > 0 {
            self.switches.deletions_refused = (refused - 1, status);
            return Err(Refusal::new(status, "Privatelink is in use"));
        }
        link.gone.get_or_insert(now + deleting);
        self.shown(ask)
    }

    pub(super) fn refresh(&mut self, ask: &Ask<'_>) -> Result<Value, Refusal> {
        let at = ask.now + self.switches.refresh_lag;
        self.link_of(ask)?.refreshes.push(at);
        Ok(json!({ "message": "Refresh initiated" }))
    }

    pub(super) fn connections(&mut self, ask: &Ask<'_>) -> Result<Value, Refusal> {
        let provider = self.service_of(ask)?.provider;
        let mut switches = self.switches.clone();
        let shown: Vec<Value> =
            self.link_of(ask)?.connections.iter().map(|known| render::connection(provider, known, &switches)).collect();
        if switches.lists_empty > 0 {
            switches.lists_empty -= 1;
            self.switches = switches;
            return Ok(json!({ "connections": [] }));
        }
        Ok(json!({ "connections": shown }))
    }

    pub(super) fn approve(&mut self, ask: &Ask<'_>) -> Result<Value, Refusal> {
        let provider = self.service_of(ask)?.provider;
        let address = match provider {
            CloudProvider::Gcp => Some(address(ask.body.as_ref())?),
            _ => None,
        };
        let now = ask.now;
        let connection = self.connection_of(ask)?;
        if connection.state != ConnectionState::Pending {
            return Err(wrong_state(connection));
        }
        connection.state = ConnectionState::Approved;
        connection.since = now;
        connection.approved = Some(now);
        connection.address = address;
        let connection = connection.clone();
        Ok(render::connection(provider, &connection, &self.switches))
    }

    pub(super) fn tell_address(&mut self, ask: &Ask<'_>) -> Result<Value, Refusal> {
        let (provider, slowly) = (self.service_of(ask)?.provider, self.switches.azure_connected);
        let address = address(ask.body.as_ref())?;
        let now = ask.now;
        let connection = self.connection_of(ask)?;
        if connection.state < ConnectionState::Connected {
            return Err(wrong_state(connection));
        }
        connection.address = Some(address);
        if !slowly && connection.state != ConnectionState::Active {
            connection.state = ConnectionState::Active;
            connection.since = now;
        }
        let connection = connection.clone();
        Ok(render::connection(provider, &connection, &self.switches))
    }

    /// The connection that is asked about, of a privatelink that can be worked on.
    fn connection_of(&mut self, ask: &Ask<'_>) -> Result<&mut Connection, Refusal> {
        let link = self.link_of(ask)?;
        let state = link.state(ask.now);
        if state != "active" {
            return Err(Refusal::new(409, format!("Privatelink state is {state}")));
        }
        let found = link.connections.iter_mut().find(|known| known.id == ask.connection);
        found.ok_or_else(|| Refusal::new(404, "Privatelink connection does not exist"))
    }
}

fn wrong_state(connection: &Connection) -> Refusal {
    Refusal::new(409, format!("Privatelink connection state is {}", connection.state.as_str()))
}

pub(super) fn no_service(name: &str) -> Refusal {
    Refusal::new(404, format!("Service {name} does not exist"))
}

/// The list that names consumers, and how few it may name.
fn field_of(provider: CloudProvider) -> Option<(&'static str, usize)> {
    match provider {
        CloudProvider::Aws => Some(("principals", 1)),
        CloudProvider::Azure => Some(("user_subscription_ids", 0)),
        _ => None,
    }
}

/// A list of texts of the right length; `None` where none, or null, was given.
fn list(body: Option<&Map<String, Value>>, name: &'static str, least: usize) -> Result<Option<Vec<String>>, Refusal> {
    let Some(value) = body.and_then(|body| body.get(name)).filter(|value| !value.is_null()) else { return Ok(None) };
    let texts: Option<Vec<String>> =
        value.as_array().and_then(|all| all.iter().map(|entry| entry.as_str().map(str::to_owned)).collect());
    let texts = texts.filter(|texts| (least..=MOST).contains(&texts.len()));
    texts.map(Some).ok_or_else(|| invalid(name))
}

fn address(body: Option<&Map<String, Value>>) -> Result<String, Refusal> {
    let text = body.and_then(|body| body.get("user_ip_address")).and_then(Value::as_str);
    let address: Option<Ipv4Addr> = text.and_then(|text| text.parse().ok());
    address.map(|address| address.to_string()).ok_or_else(|| Refusal::new(400, "invalid IP"))
}

fn invalid(name: &str) -> Refusal {
    Refusal::new(400, format!("Invalid '{name}' in request body"))
}
