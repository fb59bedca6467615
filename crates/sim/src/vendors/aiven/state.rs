//! The state of the simulated Aiven, what it finds in the clouds, and what its data plane lets through.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::SystemTime;

use bytes::Bytes;
use http::header;
use privlink_core::{CloudProvider, EndpointServiceId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answer::Refusal;
use super::model::{Connection, ConnectionState, Link, Published, Seen, Service};
use super::switches::Switches;
use crate::clouds::Through;
use crate::vendors::clickhouse::Admission;

/// Everything that exists in the simulated Aiven.
#[derive(Clone, Debug, Default)]
pub(crate) struct AivenState {
    pub(crate) switches: Switches,
    pub(super) tokens: Vec<String>,
    pub(super) projects: Vec<String>,
    /// By project and name.
    pub(super) services: BTreeMap<(String, String), Service>,
    /// Endpoint services that are no more, and that their cloud has to be told of.
    pub(super) withdrawn: Vec<EndpointServiceId>,
    pub(super) made: u64,
    pub(super) answered: u64,
    /// What signs for the services, where it is not what a world is born with.
    pub(crate) authority: Option<String>,
}

/// The authority of all projects: nobody has its key.
const AUTHORITY: &str = include_str!("authority.pem");

impl AivenState {
    /// The certificate of the projects' own authority, as PEM.
    pub(crate) fn authority(&self) -> &str {
        self.authority.as_deref().unwrap_or(AUTHORITY)
    }

    /// Proves who calls.
    pub(super) fn identify(&self, request: &http::Request<Bytes>) -> Result<(), Refusal> {
        let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            ["aivenv1", "Bearer"].iter().any(|known| scheme.eq_ignore_ascii_case(known)).then(|| token.trim())
        });
        match token.filter(|token| self.tokens.iter().any(|known| known == token)) {
            Some(_) => Ok(()),
            None => Err(Refusal::new(403, "Authentication failed").code("authentication_failed")),
        }
    }

    /// The services, in the order they were made.
    pub(super) fn in_order(&self) -> Vec<&Service> {
        let mut services: Vec<&Service> = self.services.values().collect();
        services.sort_unstable_by_key(|service| service.number);
        services
    }

    /// Lets time pass: privatelinks go, and what is in the clouds shows where it does.
    pub(crate) fn settle(&mut self, now: SystemTime, seen: &[Seen]) {
        let switches = self.switches.clone();
        let mut made = self.made;
        for service in self.services.values_mut() {
            if service.link.as_ref().is_some_and(|link| link.gone.is_some_and(|at| at <= now)) {
                let link = service.link.take();
                self.withdrawn.extend(link.map(|link| link.alias.map_or(link.service, Into::into)));
            }
            let byoc = service.cloud_name.starts_with("custom-");
            let (provider, apparitions) = (service.provider, service.apparitions.clone());
            let Some(link) = service.link.as_mut().filter(|link| link.gone.is_none() && link.is_made(now)) else {
                continue;
            };
            let due = link.refreshes.iter().filter(|at| **at <= now).count();
            link.refreshes.retain(|at| *at > now);
            let here: Vec<&Seen> = seen.iter().chain(&apparitions).filter(|seen| link.leads(&seen.service)).collect();
            let automatic = provider == CloudProvider::Aws && !byoc;
            for _ in 0..due.max(usize::from(automatic)) {
                link.look(now, provider, &here, &switches, &mut made);
            }
            for connection in &mut link.connections {
                connection.grow_up(now, provider, &switches);
            }
        }
        self.made = made;
    }

    /// The privatelinks that consumers can point endpoints at, with whom they let in.
    pub(crate) fn offered(&self, now: SystemTime) -> Vec<Offered> {
        let made = |service: &Service| {
            let link = service.link.as_ref().filter(|link| link.is_made(now))?;
            Some(Offered {
                service: link.service.clone(),
                alias: link.alias.clone(),
                allowed: link.allowed.clone(),
                regions: link.regions.clone(),
            })
        };
        self.in_order().into_iter().filter_map(made).collect()
    }

    /// The endpoint services that are gone since this was asked last.
    pub(crate) fn take_withdrawn(&mut self) -> Vec<EndpointServiceId> {
        std::mem::take(&mut self.withdrawn)
    }

    /// Whether an endpoint service is one of this vendor's.
    pub(crate) fn owns(&self, service: &EndpointServiceId) -> bool {
        self.behind(service).is_some()
    }

    /// The service behind an endpoint service.
    fn behind(&self, id: &EndpointServiceId) -> Option<&Service> {
        self.services.values().find(|service| service.link.as_ref().is_some_and(|link| link.leads(id)))
    }

    /// Whether the subscription of an endpoint in Azure is one that its privatelink lets in.
    pub(crate) fn refuses(&self, id: &EndpointServiceId, subscription: &str) -> bool {
        let link = self.behind(id).and_then(|service| service.link.as_ref());
        link.is_some_and(|link| !link.allowed.iter().any(|entry| entry.eq_ignore_ascii_case(subscription)))
    }

    /// Since when an endpoint of these identities is approved.
    pub(crate) fn approved_from(&self, id: &EndpointServiceId, ids: &[String]) -> Option<SystemTime> {
        let link = self.behind(id)?.link.as_ref()?;
        link.connections.iter().find(|known| known.is(ids))?.approved
    }

    /// What a host over privatelink leads to; `None` when nothing of the name is published.
    pub(crate) fn published(&self, now: SystemTime, host: &str) -> Option<Published> {
        self.services.values().find_map(|service| {
            let door = service.doors(now, &self.switches).into_iter().find(|door| door.host == host)?;
            let link = service.link.as_ref()?;
            let connection = link.connections.iter().find(|known| known.id == door.connection)?;
            match &connection.address {
                Some(address) => address.parse::<IpAddr>().ok().map(Published::Address),
                None => connection.ids.first().cloned().map(Published::Endpoint),
            }
        })
    }

    /// What is spoken at a port behind an endpoint service; `None` where nobody listens.
    pub(crate) fn component_at(&self, now: SystemTime, id: &EndpointServiceId, port: u16) -> Option<&'static str> {
        // The load balancer is the service's own, and has nobody behind it while the service is switched off.
        let service = self.behind(id).filter(|service| service.state != "POWEROFF")?;
        let doors = service.doors(now, &self.switches);
        doors.into_iter().find(|door| door.port == port).map(|door| door.component)
    }

    /// The ports that are given out behind an endpoint service, and the ends of the range that Kafka's later ones are
    /// from (Aiven documentation, "Use AWS PrivateLink with Aiven services", 2026-11), where nobody listens yet.
    #[cfg(feature = "data-path")]
    pub(crate) fn ports(&self, now: SystemTime, id: &EndpointServiceId) -> Vec<u16> {
        let Some(service) = self.behind(id) else { return Vec::new() };
        let mut ports: Vec<u16> = service.doors(now, &self.switches).into_iter().map(|door| door.port).collect();
        if service.service_type == "kafka" {
            ports.extend([10_000, 31_000]);
        }
        ports
    }

    /// Whether a TLS client that names `sni` on `port` is served, having come `through` an endpoint.
    pub(crate) fn admit(&self, now: SystemTime, through: &Through, sni: &str, port: u16) -> Admission {
        let Some(service) = self.behind(&through.service) else {
            return Admission::Reset(format!("nothing is behind {}", through.service));
        };
        let connection = service.link.iter().flat_map(|link| &link.connections).find(|known| known.is(&through.ids));
        let Some(connection) = connection else {
            return Admission::Reset(format!("{} is not connected at {}", through.id(), service.name));
        };
        let doors = service.doors(now, &self.switches);
        let mut own = doors.iter().filter(|door| door.connection == connection.id && door.port == port);
        match own.any(|door| door.host == sni) {
            true => Admission::Served,
            false => Admission::Reset(format!("no certificate for {sni} on port {port} through {}", connection.id)),
        }
    }

    pub(crate) fn snapshot(&self) -> Value {
        let services: BTreeMap<String, Value> = self
            .services
            .values()
            .map(|service| {
                let link = service.link.as_ref().filter(|link| link.gone.is_none()).map(|link| {
                    let mut allowed = link.allowed.clone();
                    allowed.sort_unstable();
                    let mut endpoints: Vec<&str> =
                        link.connections.iter().filter_map(|known| known.ids.first()).map(String::as_str).collect();
                    endpoints.sort_unstable();
                    json!({ "service": link.service, "allowed": allowed, "connections": endpoints })
                });
                let on: Vec<&String> =
                    service.access.iter().filter(|(_, (on, _))| *on).map(|(component, _)| component).collect();
                let shown = json!({ "privatelink": link, "privatelink_access": on });
                (format!("{}/{}", service.project, service.name), shown)
            })
            .collect();
        json!({ "services": services })
    }

    pub(super) fn fresh_hex(&mut self, kind: &str) -> String {
        fresh_hex(&mut self.made, kind)
    }
}

/// Ids are counted, so that equal worlds have equal ids.
fn fresh_hex(made: &mut u64, kind: &str) -> String {
    *made += 1;
    let digest = Sha256::digest(format!("privlink-sim|aiven|{kind}|{made}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A privatelink as its cloud offers it.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    pub(crate) service: EndpointServiceId,
    /// On Azure its alias.
    pub(crate) alias: Option<privlink_core::PrivateLinkServiceAlias>,
    pub(crate) allowed: Vec<String>,
    /// The other regions in AWS whose endpoints may connect.
    pub(crate) regions: Vec<String>,
}

impl Link {
    /// Whether `id` is this one: on Azure by its alias too.
    fn leads(&self, id: &EndpointServiceId) -> bool {
        self.service == *id
            || matches!((&self.alias, id), (Some(alias), EndpointServiceId::AzureAlias(other)) if alias == other)
    }

    /// Looks at the cloud: endpoints that are new are listed, those that are gone are not any more.
    fn look(&mut self, now: SystemTime, provider: CloudProvider, here: &[&Seen], switches: &Switches, made: &mut u64) {
        self.connections.retain(|known| here.iter().any(|seen| known.is(&seen.ids)));
        for seen in here {
            if let Some(known) = self.connections.iter_mut().find(|known| known.is(&seen.ids)) {
                known.catch_up(now, provider, seen.ready, switches);
                continue;
            }
            let listed = match provider {
                CloudProvider::Aws => seen.ready,
                CloudProvider::Azure => seen
                    .owner
                    .as_ref()
                    .is_none_or(|owner| self.allowed.iter().any(|entry| entry.eq_ignore_ascii_case(owner))),
                _ => true,
            };
            if !listed {
                continue;
            }
            self.counted += 1;
            let aws = provider == CloudProvider::Aws;
            self.connections.push(Connection {
                id: format!("plc{}", &fresh_hex(made, "connection")[..11]),
                number: self.counted,
                ids: seen.ids.clone(),
                dns_name: seen.dns_name.clone(),
                state: if aws { ConnectionState::Connected } else { ConnectionState::Pending },
                since: now,
                approved: aws.then_some(now),
                address: None,
            });
        }
    }
}

impl Connection {
    pub(super) fn is(&self, ids: &[String]) -> bool {
        ids.iter().any(|id| self.ids.iter().any(|known| known.eq_ignore_ascii_case(id)))
    }

    /// What a refresh finds out about it.
    fn catch_up(&mut self, now: SystemTime, provider: CloudProvider, ready: bool, switches: &Switches) {
        let before = self.state;
        self.state = match (self.state, provider) {
            (ConnectionState::Approved, CloudProvider::Azure) if ready => ConnectionState::Connected,
            (ConnectionState::Approved, CloudProvider::Gcp) if ready && switches.google_connected => {
                ConnectionState::Connected
            }
            (ConnectionState::Approved, CloudProvider::Gcp) if ready && self.address.is_some() => {
                ConnectionState::Active
            }
            (ConnectionState::Connected, CloudProvider::Azure | CloudProvider::Gcp) if self.address.is_some() => {
                ConnectionState::Active
            }
            (state, _) => state,
        };
        if self.state != before {
            self.since = now;
        }
    }

    /// What time alone brings about.
    fn grow_up(&mut self, now: SystemTime, provider: CloudProvider, switches: &Switches) {
        let due = self.since + switches.aws_connected <= now;
        if provider == CloudProvider::Aws && self.state == ConnectionState::Connected && due {
            self.state = ConnectionState::Active;
        }
    }
}
