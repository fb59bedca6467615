//! The state of the simulated CockroachDB Cloud, and what its data plane lets through.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header;
use privlink_core::{CloudProvider, EndpointServiceId, Region, ZoneId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::answer::Refusal;
use super::model::{Allowed, Cluster, CockroachPlan, Connection, Service};
use super::switches::Switches;
use crate::clouds::Through;
use crate::vendors::clickhouse::Admission;

/// The port of SQL clients.
pub(crate) const SQL: u16 = 26_257;

/// The vendor's project on Google Cloud with the endpoint services that clusters share.
pub(super) const SHARED_PROJECT: &str = "crl-prod-shared";

/// Everything that exists in the simulated CockroachDB Cloud.
#[derive(Clone, Debug, Default)]
pub(crate) struct CockroachState {
    pub(crate) switches: Switches,
    /// Secret keys, with what they used of their budget's window.
    pub(super) keys: BTreeMap<String, Option<(SystemTime, u32)>>,
    pub(super) first_key: Option<String>,
    pub(super) clusters: BTreeMap<Uuid, Cluster>,
    /// The services that Standard clusters share, one a region.
    pub(super) shared: Vec<(CloudProvider, Service)>,
    made: u64,
    pub(super) answered: u64,
}

impl CockroachState {
    /// Proves who calls and spends one request of the user's budget.
    pub(super) fn identify(&mut self, now: SystemTime, request: &http::Request<Bytes>) -> Result<(), Refusal> {
        let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
        let Some(window) = token.and_then(|token| self.keys.get_mut(token)) else {
            return Err(Refusal::new(401, "invalid API key"));
        };
        let Some((most, length)) = self.switches.rate_limit else { return Ok(()) };
        let (started, used) = window.filter(|(started, _)| now < *started + length).unwrap_or((now, 0));
        if used >= most {
            let left = (started + length).duration_since(now).unwrap_or(Duration::ZERO);
            return Err(Refusal::new(429, "rate limit exceeded").wait(left.as_secs() + 1));
        }
        *window = Some((started, used + 1));
        Ok(())
    }

    /// The clusters, in the order they were made.
    pub(super) fn in_order(&self) -> Vec<&Cluster> {
        let mut clusters: Vec<&Cluster> = self.clusters.values().collect();
        clusters.sort_unstable_by_key(|cluster| cluster.number);
        clusters
    }

    /// The services a cluster lists, with their states.
    pub(super) fn services_of<'a>(&'a self, cluster: &'a Cluster) -> Vec<&'a Service> {
        match cluster.plan {
            CockroachPlan::Advanced => cluster.services.iter().collect(),
            _ => {
                let here = |service: &&(CloudProvider, Service)| {
                    service.0 == cluster.provider && cluster.regions.contains(&service.1.region)
                };
                self.shared.iter().filter(here).map(|(_, service)| service).collect()
            }
        }
    }

    /// The services that consumers can point endpoints at, with the private name that their cloud
    /// may answer for.
    pub(crate) fn offered(&self) -> Vec<(Service, Option<String>)> {
        let own = self.clusters.values().flat_map(|cluster| {
            let ready = cluster.services.iter().filter(|service| service.status(cluster.service_reads) == "AVAILABLE");
            ready.map(|service| (service.clone(), cluster.private_host(&service.region)))
        });
        let shared = self.shared.iter().map(|(cloud, service)| {
            (service.clone(), Some(format!("*.j77.{}-{}.cockroachlabs.cloud", cloud.as_str(), service.region)))
        });
        own.chain(shared).collect()
    }

    /// Whether an endpoint service is one of this vendor's.
    pub(crate) fn owns(&self, service: &EndpointServiceId) -> bool {
        let is = |known: &Service| is_service(known, service);
        self.shared.iter().any(|(_, known)| is(known))
            || self.clusters.values().flat_map(|cluster| &cluster.services).any(is)
    }

    /// Whether a TLS client that names `sni` on `port` is served, having come `through` an endpoint.
    /// `beside` are the other endpoints of its network. Several clusters may answer to one name; which of
    /// them is meant is said only behind the handshake.
    pub(crate) fn admit(
        &self,
        now: SystemTime,
        through: &Through,
        beside: &[String],
        sni: &str,
        port: u16,
    ) -> Admission {
        let of_name = self.clusters.values().filter_map(|cluster| Some((cluster, cluster.region_of(sni)?)));
        let of_name: Vec<(&Cluster, &Region)> = of_name.collect();
        if of_name.is_empty() {
            return Admission::Reset(format!("no cluster answers to the name {sni}"));
        }
        let behind = |(cluster, region): &&(&Cluster, &Region)| {
            let mut services = self.services_of(cluster).into_iter();
            services.any(|service| service.region == **region && is_service(service, &through.service))
        };
        let behind: Vec<&Cluster> = of_name.iter().filter(behind).map(|(cluster, _)| *cluster).collect();
        if behind.is_empty() {
            return Admission::Reset(format!("{sni} is not behind {}", through.service));
        }
        let behind: Vec<&Cluster> = behind.into_iter().filter(|cluster| cluster.state != "DELETED").collect();
        let lets_in = |cluster: &&Cluster| {
            let taken_as_one = if cluster.takes_networks() { beside } else { &[] };
            let names = |known: &Connection| {
                let mut ids = through.ids.iter().chain(taken_as_one);
                ids.any(|id| id.eq_ignore_ascii_case(&known.endpoint))
            };
            let effective = |known: &Connection| known.effective(&self.switches).is_some_and(|at| at <= now);
            cluster.connections.iter().any(|known| names(known) && effective(known))
        };
        match behind.into_iter().any(|cluster| lets_in(&cluster)) {
            true if port == SQL => Admission::Served,
            true => Admission::Reset(format!("nothing is served on port {port}")),
            false => Admission::Reset(format!("{} is not let in at {sni}", through.id())),
        }
    }

    /// Whether a TLS client on the internet that names `sni` is served.
    pub(crate) fn admit_publicly(&self, from: Ipv4Addr, sni: &str) -> Admission {
        let of_name: Vec<&Cluster> = self.by_public_host(sni).collect();
        if of_name.is_empty() {
            return Admission::Reset(format!("no cluster answers to the name {sni}"));
        }
        let mut entries = of_name.into_iter().flat_map(|cluster| &cluster.allowlist);
        match entries.any(|entry| entry.sql && entry.range.contains(&from)) {
            true => Admission::Served,
            false => Admission::Reset(format!("{from} is not on the allowlist of {sni}")),
        }
    }

    /// The clusters of a public host.
    pub(crate) fn by_public_host(&self, host: &str) -> impl Iterator<Item = &Cluster> {
        let has = move |cluster: &&Cluster| cluster.regions.iter().any(|region| cluster.public_host(region) == host);
        self.clusters.values().filter(has)
    }

    /// The endpoints that clusters let in by now, as their lists write them.
    pub(crate) fn accepted(&self, now: SystemTime) -> impl Iterator<Item = &str> {
        let all = self.clusters.values().flat_map(|cluster| &cluster.connections);
        all.filter(move |connection| connection.effective(&self.switches).is_some_and(|at| at <= now))
            .map(|connection| connection.endpoint.as_str())
    }

    /// Whether a cluster behind a service lets in an endpoint of these identities by now.
    pub(crate) fn knows(&self, now: SystemTime, service: &EndpointServiceId, ids: &[String]) -> bool {
        self.owns(service) && self.accepted(now).any(|known| ids.iter().any(|id| id.eq_ignore_ascii_case(known)))
    }

    /// Since when a cluster lets in one of `beside`, and with it whatever else is of their network.
    pub(crate) fn let_in_with(&self, service: &EndpointServiceId, beside: &[String]) -> Option<SystemTime> {
        let networks = self.clusters.values().filter(|cluster| cluster.takes_networks());
        let all = networks.flat_map(|cluster| &cluster.connections);
        all.filter(|known| known.service == *service && beside.contains(&known.endpoint))
            .filter_map(|known| known.effective(&self.switches))
            .min()
    }

    /// Since when a cluster behind a service lists an endpoint, or will let it in.
    pub(crate) fn listed_from(&self, service: &EndpointServiceId, endpoint: &str) -> Option<SystemTime> {
        let all = self.clusters.values().flat_map(|cluster| &cluster.connections);
        all.filter(|known| known.service == *service && known.endpoint == endpoint)
            .filter_map(|known| known.effective(&self.switches))
            .min()
    }

    pub(crate) fn snapshot(&self) -> Value {
        let clusters: BTreeMap<String, Value> = self
            .clusters
            .iter()
            .map(|(id, cluster)| {
                // What is rejected lets nobody in, and how long it is listed is the vendor's affair.
                let mut endpoints: Vec<&str> = cluster
                    .connections
                    .iter()
                    .filter(|connection| !connection.rejected)
                    .map(|connection| connection.endpoint.as_str())
                    .collect();
                endpoints.sort_unstable();
                let mut owners: Vec<&str> = cluster.owners.iter().map(|owner| owner.owner.as_str()).collect();
                owners.sort_unstable();
                let mut allowed: Vec<String> = cluster.allowlist.iter().map(Allowed::to_string).collect();
                allowed.sort_unstable();
                let shown = json!({
                    "name": cluster.name,
                    "services": cluster.services.iter().map(|service| service.id.as_str()).collect::<Vec<_>>(),
                    "connections": endpoints,
                    "trusted_owners": owners,
                    "allowlist": allowed,
                });
                (id.to_string(), shown)
            })
            .collect();
        json!({ "clusters": clusters })
    }

    /// The service that Standard clusters of a region share, made when it is first needed.
    pub(super) fn share(&mut self, provider: CloudProvider, region: &Region, zones: &[ZoneId]) {
        let there = |(cloud, service): &(CloudProvider, Service)| *cloud == provider && service.region == *region;
        if !self.shared.iter().any(there) {
            let service = self.fresh_service(provider, region, SHARED_PROJECT, zones, 0);
            self.shared.push((provider, service));
        }
    }

    pub(super) fn fresh_service(
        &mut self,
        provider: CloudProvider,
        region: &Region,
        account: &str,
        zones: &[ZoneId],
        available_after: u32,
    ) -> Service {
        let hex = self.fresh_hex("endpoint service");
        let (text, alias, name) = match provider {
            CloudProvider::Aws => {
                let text = format!("com.amazonaws.vpce.{region}.vpce-svc-{}", &hex[..17]);
                (text.clone(), None, text)
            }
            CloudProvider::Gcp => {
                let name = format!("sa-{}", &hex[..12]);
                (format!("projects/{account}/regions/{region}/serviceAttachments/{name}"), None, name)
            }
            _ => {
                let (guid, name) = (self.fresh_uuid("subscription"), format!("pls-{}", &hex[..32]));
                let group = format!("mc_crl-prod-{}_crl_{region}", &hex[32..36]);
                let text = format!(
                    "/subscriptions/{guid}/resourceGroups/{group}/providers/Microsoft.Network/privateLinkServices/{name}"
                );
                let alias = format!("{name}.{}.{region}.azure.privatelinkservice", self.fresh_uuid("alias"));
                (text, alias.parse().ok(), name)
            }
        };
        Service {
            region: region.clone(),
            id: text.parse().expect("made of a region that was parsed and digits of the right count"),
            alias,
            name,
            zones: if provider == CloudProvider::Aws { zones.to_vec() } else { Vec::new() },
            available_after,
            stuck: None,
        }
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    pub(super) fn fresh_uuid(&mut self, kind: &str) -> Uuid {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.fresh_digest(kind)[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    pub(super) fn fresh_hex(&mut self, kind: &str) -> String {
        self.fresh_digest(kind).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Ids are counted, so that equal worlds have equal ids.
    fn fresh_digest(&mut self, kind: &str) -> [u8; 32] {
        self.made += 1;
        Sha256::digest(format!("privlink-sim|cockroach|{kind}|{}", self.made)).into()
    }
}

/// Whether `id` is this service: on Azure by its alias too.
fn is_service(service: &Service, id: &EndpointServiceId) -> bool {
    service.id == *id
        || matches!((&service.alias, id), (Some(alias), EndpointServiceId::AzureAlias(other)) if alias == other)
}
