use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::Ipv4Addr;
use std::time::SystemTime;

use ipnet::Ipv4Net;
use privlink_core::{CloudProvider, EndpointServiceId, Region, ZoneId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::answer::Refusal;
use super::credential::{Caller, User};
use super::model::{Activity, Cell, Infrastructure, IpEntry, Key, Organization, Service, same_id};
use super::switches::OnBasicTier;
use super::{CellSpec, Switches, Tier, render, services};
use crate::clouds::Through;

/// Everything that exists in the simulated ClickHouse Cloud.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClickHouseState {
    pub(crate) switches: Switches,
    pub(crate) organizations: BTreeMap<Uuid, Organization>,
    pub(crate) keys: HashMap<String, Key>,
    pub(crate) users: Vec<User>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) services: BTreeMap<Uuid, Service>,
    pub(crate) infrastructures: BTreeMap<Uuid, Infrastructure>,
    pub(super) activities: Vec<Activity>,
    /// Services that change their state by themselves.
    moving: BTreeSet<Uuid>,
    made: u64,
    pub(super) answered: u64,
    writes: u64,
    /// What the world's handle names when it is asked for the only one.
    pub(super) first_organization: Option<Uuid>,
    pub(super) first_key: Option<String>,
}

/// What the data plane says to a TLS client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It serves.
    Served,
    /// It cuts the connection. The text says why.
    Reset(String),
}

impl ClickHouseState {
    /// Makes due state changes happen.
    pub(super) fn settle(&mut self, now: SystemTime) {
        if self.moving.is_empty() {
            return;
        }
        for id in self.moving.clone() {
            let Some(service) = self.services.get_mut(&id) else {
                self.moving.remove(&id);
                continue;
            };
            match &service.then {
                Some((due, after)) if *due <= now => {
                    if after == services::GONE {
                        self.services.remove(&id);
                    } else {
                        service.since = *due;
                        service.state = after.clone();
                        service.then = None;
                    }
                    self.moving.remove(&id);
                }
                Some(_) => {}
                None => {
                    self.moving.remove(&id);
                }
            }
        }
    }

    /// Puts a service into `during` and, after a while, into `after`.
    pub(super) fn move_to(&mut self, id: Uuid, now: SystemTime, during: &str, after: &str) {
        let due = now + self.switches.transition;
        if let Some(service) = self.services.get_mut(&id) {
            service.state = during.to_owned();
            service.since = now;
            service.then = Some((due, after.to_owned()));
            self.moving.insert(id);
        }
        self.settle(now);
    }

    /// Whether the answer of the write that was just made gets lost.
    pub(crate) fn loses_answer(&mut self) -> bool {
        self.writes += 1;
        self.switches.drop_answer_every.is_some_and(|every| self.writes.is_multiple_of(u64::from(every.get())))
    }

    pub(super) fn owned(&self, organization: Uuid, id: Uuid) -> Result<(), Refusal> {
        match self.services.get(&id) {
            Some(service) if service.organization == organization => Ok(()),
            _ => Err(Refusal::not_found("service not found")),
        }
    }

    pub(super) fn is_basic(&self, organization: Uuid) -> bool {
        self.organizations.get(&organization).is_some_and(|organization| organization.tier == Tier::Basic)
    }

    /// Refuses private endpoints to an organization on the Basic tier.
    pub(super) fn private_endpoints_allowed(&self, organization: Uuid) -> Result<(), Refusal> {
        if !self.is_basic(organization) {
            return Ok(());
        }
        let text = "private endpoints need the Scale or the Enterprise tier";
        Err(match self.switches.basic_tier {
            OnBasicTier::Forbidden403 => Refusal::forbidden(text),
            OnBasicTier::BadRequest400 | OnBasicTier::EmptyConfig => Refusal::bad_request(text),
        })
    }

    /// The endpoint service of a service: its cell's, or its own deployment's; empty while a
    /// deployment has none.
    pub(crate) fn endpoint_service(&self, service: &Service) -> String {
        match service.infrastructure.and_then(|id| self.infrastructures.get(&id)) {
            Some(infrastructure) if !infrastructure.private_link => String::new(),
            Some(infrastructure) => infrastructure.service.as_str().to_owned(),
            None => {
                let cell = self.cells.iter().find(|cell| cell.name == service.cell);
                cell.map(|cell| cell.service.as_str().to_owned()).unwrap_or_default()
            }
        }
    }

    /// The cell a new service goes to: where the organization's services of that region are, or
    /// the region's first, or a new one.
    pub(crate) fn cell_for(&mut self, organization: Uuid, provider: CloudProvider, region: &Region) -> String {
        let here = |known: &&Service| {
            known.organization == organization
                && known.provider == provider
                && known.region == *region
                && known.infrastructure.is_none()
        };
        if let Some(neighbour) = self.services.values().find(here) {
            return neighbour.cell.clone();
        }
        if let Some(cell) = self.cells.iter().find(|cell| cell.provider == provider && cell.region == *region) {
            return cell.name.clone();
        }
        let name = format!("{region}-c0");
        let mut spec = CellSpec::new(name.clone(), provider, region.clone());
        if provider == CloudProvider::Aws {
            spec = spec.zones(region_zones(region));
        }
        self.add_cell(spec);
        name
    }

    /// Makes a cell with an endpoint service of its own.
    pub(super) fn add_cell(&mut self, spec: CellSpec) -> EndpointServiceId {
        let CellSpec { name, provider, region, zones, acceptance_required, private_dns, cross_region } = spec;
        let service = self.fresh_endpoint_service(provider, &region);
        let id = service.clone();
        self.cells.push(Cell {
            name,
            provider,
            region,
            service,
            zones,
            acceptance_required,
            private_dns,
            cross_region,
        });
        id
    }

    /// The services, in the order they were made.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Service> {
        let mut services: Vec<&Service> = self.services.values().collect();
        services.sort_unstable_by_key(|service| service.number);
        services.into_iter()
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    pub(crate) fn fresh_endpoint_service(&mut self, provider: CloudProvider, region: &Region) -> EndpointServiceId {
        let text = match provider {
            CloudProvider::Aws => {
                format!("com.amazonaws.vpce.{region}.vpce-svc-{}", &self.fresh_hex("endpoint service")[..17])
            }
            CloudProvider::Gcp => {
                let tail = &self.fresh_hex("endpoint service")[..6];
                format!("projects/clickhouse-{tail}/regions/{region}/serviceAttachments/production-{region}-clickhouse")
            }
            _ => {
                let guid = self.fresh_uuid("endpoint service");
                format!("production-{region}-0-0.{guid}.{region}.azure.privatelinkservice")
            }
        };
        text.parse().expect("made of a region that was parsed and digits of the right count")
    }

    pub(super) fn note(
        &mut self,
        now: SystemTime,
        kind: &'static str,
        caller: &Caller,
        organization: Uuid,
        service: Option<Uuid>,
    ) {
        let id = self.fresh_uuid("activity");
        self.activities.push(Activity { id, at: now, kind, actor: caller.actor(), organization, service });
    }

    /// Whether a TLS client that names `sni` on `port` is served, having come `through` an endpoint.
    pub(crate) fn admit(&self, now: SystemTime, through: &Through, sni: &str, port: u16) -> Admission {
        let Some(service) = self.services.values().find(|service| self.private_host(service) == sni) else {
            return Admission::Reset(format!("no service answers to the name {sni}"));
        };
        if self.endpoint_service(service) != through.service.as_str() {
            return Admission::Reset(format!("{sni} is not behind {}", through.service));
        }
        if !self.lists(service, &through.ids, now) {
            return Admission::Reset(format!("{} is not on the allow list of {sni}", through.id()));
        }
        if port == MYSQL && !service.mysql {
            return Admission::Reset("the MySQL interface is off".to_owned());
        }
        service.answers()
    }

    /// Whether the data path lets an endpoint of these identities through to `service`.
    fn lists(&self, service: &Service, ids: &[String], now: SystemTime) -> bool {
        let insensitive = self.insensitive(service.provider);
        let is_own = |listed: &str| ids.iter().any(|id| same_id(listed, id, insensitive));
        service.endpoints.iter().any(|attached| attached.effective <= now && is_own(&attached.id))
    }

    /// Since when some service behind an endpoint service lists an endpoint, or will.
    pub(crate) fn listed_from(&self, service: &str, endpoint: &str) -> Option<SystemTime> {
        let behind = self.services.values().filter(|known| self.endpoint_service(known) == service);
        let listed = behind.flat_map(|known| &known.endpoints).filter(|attached| attached.id == endpoint);
        listed.map(|attached| attached.effective).min()
    }

    /// Whether any service behind an endpoint service lists an endpoint of these identities.
    pub(crate) fn knows(&self, endpoint_service: &str, ids: &[String]) -> bool {
        self.services.values().any(|service| {
            let insensitive = self.insensitive(service.provider);
            let listed = |id: &String| service.attached(id, insensitive);
            self.endpoint_service(service) == endpoint_service && ids.iter().any(listed)
        })
    }

    /// Whether a TLS client on the internet that names `sni` is served.
    pub(crate) fn admit_publicly(&self, from: Ipv4Addr, sni: &str, port: u16) -> Admission {
        let Some(service) = self.by_public_host(sni) else {
            return Admission::Reset(format!("no service answers to the name {sni}"));
        };
        let lets_in = |entry: &IpEntry| match entry.source.parse::<Ipv4Net>() {
            Ok(range) => range.contains(&from),
            Err(_) => entry.source.parse() == Ok(from),
        };
        if !service.ip_access_list.iter().any(lets_in) {
            return Admission::Reset(format!("{from} is not on the IP access list of {sni}"));
        }
        if port == MYSQL && !service.mysql {
            return Admission::Reset("the MySQL interface is off".to_owned());
        }
        service.answers()
    }

    /// The service of a public host.
    pub(crate) fn by_public_host(&self, host: &str) -> Option<&Service> {
        self.services.values().find(|service| self.public_host(service) == host)
    }

    pub(crate) fn public_host(&self, service: &Service) -> String {
        service.public_host(service.infrastructure.and_then(|id| self.infrastructures.get(&id)))
    }

    pub(crate) fn private_host(&self, service: &Service) -> String {
        service.private_host(service.infrastructure.and_then(|id| self.infrastructures.get(&id)))
    }

    pub(crate) fn snapshot(&self) -> Value {
        let organizations: BTreeMap<String, Value> = self
            .organizations
            .iter()
            .map(|(id, organization)| {
                let mut registrations: Vec<Value> =
                    organization.registrations.iter().map(render::registration).collect();
                registrations.sort_by_key(|known| known["id"].as_str().map(str::to_owned));
                (id.to_string(), json!({ "name": organization.name, "private_endpoints": registrations }))
            })
            .collect();
        let services: BTreeMap<String, Value> = self
            .services
            .iter()
            .map(|(id, service)| {
                let mut endpoints: Vec<&str> = service.endpoints.iter().map(|attached| attached.id.as_str()).collect();
                endpoints.sort_unstable();
                let mut ip_list: Vec<&str> = service.ip_access_list.iter().map(|entry| entry.source.as_str()).collect();
                ip_list.sort_unstable();
                let shown = json!({
                    "name": service.name,
                    "organization": service.organization.to_string(),
                    "state": service.state,
                    "private_endpoint_ids": endpoints,
                    "ip_access_list": ip_list,
                    "mysql": service.mysql,
                    "tags": service.tags,
                });
                (id.to_string(), shown)
            })
            .collect();
        let infrastructures: BTreeMap<String, Value> = self
            .infrastructures
            .iter()
            .map(|(id, infrastructure)| (id.to_string(), json!({ "private_link": infrastructure.private_link })))
            .collect();
        json!({ "organizations": organizations, "services": services, "byoc": infrastructures })
    }

    /// Ten lower-case letters and digits, as the vendor labels services.
    pub(crate) fn fresh_label(&mut self) -> String {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let digest = self.fresh_digest("label");
        let pick = |n: usize| char::from(ALPHABET[usize::from(digest[n]) % if n == 0 { 26 } else { 36 }]);
        (0..10).map(pick).collect()
    }

    pub(crate) fn fresh_uuid(&mut self, kind: &str) -> Uuid {
        let digest = self.fresh_digest(kind);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    pub(crate) fn fresh_hex(&mut self, kind: &str) -> String {
        self.fresh_digest(kind).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Ids are counted, so that equal worlds have equal ids.
    fn fresh_digest(&mut self, kind: &str) -> [u8; 32] {
        self.made += 1;
        Sha256::digest(format!("privlink-sim|{kind}|{}", self.made)).into()
    }
}

pub(crate) const MYSQL: u16 = 3306;

/// The ports every cell's load balancer listens on (vendor guide for AWS, mid 2026).
pub(crate) const LISTENERS: [u16; 4] = [443, 8443, 9440, MYSQL];

/// Three zones of an AWS region.
pub(crate) fn region_zones(region: &Region) -> Vec<ZoneId> {
    (1..=3).map(|n| zone_id(region, n)).collect()
}

/// A zone id of an AWS region: `use1-az1` in `us-east-1`.
fn zone_id(region: &Region, n: u8) -> ZoneId {
    let mut parts = region.as_str().split('-');
    let mut code = parts.next().unwrap_or("xx").to_owned();
    for part in parts {
        code.push_str(match part {
            "northeast" => "ne",
            "southeast" => "se",
            "northwest" => "nw",
            "southwest" => "sw",
            other => &other[..other.len().min(1)],
        });
    }
    format!("{code}-az{n}").parse().expect("made of lower-case letters and digits of a parsed region")
}
