//! The state of the simulated Zilliz Cloud, and what its data plane lets through.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use bytes::Bytes;
use http::header;
use privlink_core::{CloudProvider, EndpointServiceId, Region, SubscriptionId, ZoneId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answer::Refusal;
use super::model::{Cluster, Project, Registration, Service, ZillizDeployment, joined, split};
use super::switches::Switches;
use crate::clouds::Through;
use crate::vendors::clickhouse::Admission;

/// A key, and what it may see.
#[derive(Clone, Debug, Default)]
pub(super) struct Key {
    /// The projects; `None` is all.
    pub(super) projects: Option<BTreeSet<String>>,
}

impl Key {
    pub(super) fn covers(&self, project: &str) -> bool {
        self.projects.as_ref().is_none_or(|projects| projects.contains(project))
    }
}

/// Everything that exists in the simulated Zilliz Cloud.
#[derive(Clone, Debug, Default)]
pub(crate) struct ZillizState {
    pub(crate) switches: Switches,
    pub(super) keys: BTreeMap<String, Key>,
    pub(super) first_key: Option<String>,
    pub(super) projects: BTreeMap<String, Project>,
    pub(super) clusters: BTreeMap<String, Cluster>,
    pub(crate) services: Vec<Service>,
    /// What keys used of their budget's window, by call.
    windows: BTreeMap<(String, &'static str), (SystemTime, u32)>,
    made: u64,
    pub(super) answered: u64,
}

impl ZillizState {
    /// Proves who calls and spends one request of the key's budget for the call.
    pub(super) fn identify(
        &mut self,
        now: SystemTime,
        request: &http::Request<Bytes>,
        call: &'static str,
    ) -> Result<Key, Refusal> {
        let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim).unwrap_or_default();
        let Some(key) = self.keys.get(token).cloned() else {
            return Err(Refusal::new(401, 21_119, "the API key is invalid"));
        };
        let Some((most, length)) = self.switches.rate_limit else { return Ok(key) };
        let window = self.windows.entry((token.to_owned(), call)).or_insert((now, 0));
        if now >= window.0 + length {
            *window = (now, 0);
        }
        if window.1 >= most {
            return Err(Refusal::new(429, 49_001, "too many requests"));
        }
        window.1 += 1;
        Ok(key)
    }

    pub(super) fn projects_in_order(&self) -> Vec<&Project> {
        let mut projects: Vec<&Project> = self.projects.values().collect();
        projects.sort_unstable_by_key(|project| project.number);
        projects
    }

    pub(super) fn clusters_in_order(&self) -> Vec<&Cluster> {
        let mut clusters: Vec<&Cluster> = self.clusters.values().collect();
        clusters.sort_unstable_by_key(|cluster| cluster.number);
        clusters
    }

    pub(super) fn clusters_of<'a>(&'a self, project: &'a str) -> impl Iterator<Item = &'a Cluster> {
        self.clusters.values().filter(move |cluster| cluster.project == project)
    }

    pub(super) fn project(&self, key: &Key, id: &str) -> Result<&Project, Refusal> {
        if !id.starts_with("proj-") {
            return Err(Refusal::new(400, 96_005, format!("invalid projectId: {id}")));
        }
        let denied = || Refusal::new(403, 96_027, "the API key does not cover the project");
        self.projects.get(id).filter(|project| key.covers(&project.id)).ok_or_else(denied)
    }

    pub(super) fn cluster(&self, key: &Key, id: &str) -> Result<&Cluster, Refusal> {
        if !id.starts_with("in") {
            return Err(Refusal::new(400, 96_036, format!("invalid clusterId: {id}")));
        }
        let gone = || Refusal::new(404, 96_018, "the cluster does not exist");
        self.clusters.get(id).filter(|cluster| key.covers(&cluster.project)).ok_or_else(gone)
    }

    pub(super) fn service(&self, region: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.region == region)
    }

    /// Whether an entry waits for its account to be on the list that the region requires.
    fn waits(&self, project: &Project, entry: &Registration) -> bool {
        let required = self.service(&entry.region).is_some_and(|service| service.whitelist_required);
        let known = |account: &String| project.whitelist.contains(&(entry.region.clone(), account.clone()));
        required && entry.account.as_ref().is_some_and(|account| !known(account))
    }

    pub(super) fn is_ready(&self, project: &Project, entry: &Registration) -> bool {
        entry.lists > self.switches.ready_lists && entry.stuck.is_none() && !self.waits(project, entry)
    }

    /// The list of a project is read once more.
    pub(super) fn list(&mut self, project: &str) {
        for entry in self.projects.get_mut(project).into_iter().flat_map(|project| &mut project.registrations) {
            entry.lists = entry.lists.saturating_add(1);
        }
        self.settle_links();
    }

    /// A cluster is looked at once more.
    pub(super) fn look_at(&mut self, id: &str) {
        let looks = self.switches.link_looks;
        if let Some(cluster) = self.clusters.get_mut(id) {
            cluster.switching = cluster.switching.saturating_sub(1);
            if let Some(seen) = cluster.link_looks.as_mut().filter(|_| cluster.status == "RUNNING") {
                *seen += 1;
                cluster.linked |= *seen > looks;
            }
        }
    }

    /// Clusters begin to be linked with the first endpoint of their region, and cease with the last one.
    pub(super) fn settle_links(&mut self) {
        let mut served: BTreeSet<(String, String)> = BTreeSet::new();
        for project in self.projects.values() {
            let ready = project.registrations.iter().filter(|entry| self.is_ready(project, entry));
            served.extend(ready.map(|entry| (project.id.clone(), entry.region.clone())));
        }
        let (clear, at_once) = (self.switches.clear_address, self.switches.link_looks == 0);
        for cluster in self.clusters.values_mut().filter(|one| one.deployment == ZillizDeployment::Dedicated) {
            if served.contains(&(cluster.project.clone(), cluster.region.clone())) {
                cluster.link_looks.get_or_insert(0);
                cluster.linked |= at_once && cluster.status == "RUNNING";
            } else {
                cluster.link_looks = None;
                cluster.linked &= !clear;
            }
        }
    }

    /// Whether an endpoint service is one of this vendor's.
    pub(crate) fn owns(&self, service: &EndpointServiceId) -> bool {
        self.services.iter().any(|known| known.id == *service)
    }

    /// The private port that a name is served on; `None` for another's name.
    fn by_private_host(&self, host: &str) -> Option<&Cluster> {
        self.clusters.values().find(|cluster| cluster.linked && cluster.private_host(&self.switches) == host)
    }

    /// The cluster of a public host that is on.
    pub(crate) fn by_public_host(&self, host: &str) -> Option<&Cluster> {
        self.clusters.values().find(|cluster| cluster.public && cluster.public_host() == host)
    }

    /// Whether a load balancer listens on a port, behind an endpoint or in public.
    pub(crate) fn listens(&self, port: u16, publicly: bool) -> bool {
        let of = |cluster: &Cluster| if publicly { cluster.public_port } else { cluster.private_port };
        self.clusters.values().any(|cluster| of(cluster) == port)
    }

    /// The private ports of the clusters behind an endpoint service.
    #[cfg(feature = "data-path")]
    pub(crate) fn ports(&self, id: &EndpointServiceId) -> Vec<u16> {
        let regions = self.services.iter().filter(|service| service.id == *id).map(|service| &service.region);
        let regions: Vec<&String> = regions.collect();
        let behind = self.clusters.values().filter(|cluster| regions.contains(&&cluster.region));
        behind.map(|cluster| cluster.private_port).collect()
    }

    /// Whether a TLS client that names `sni` on `port` is served, having come `through` an endpoint.
    pub(crate) fn admit(&self, through: &Through, sni: &str, port: u16) -> Admission {
        let Some(cluster) = self.by_private_host(sni) else {
            return Admission::Reset(format!("no cluster answers privately to the name {sni}"));
        };
        let behind = self.service(&cluster.region).is_some_and(|service| service.id == through.service);
        if !behind {
            return Admission::Reset(format!("{sni} is not behind {}", through.service));
        }
        let lets_in = self.projects.get(&cluster.project).is_some_and(|project| {
            project.registrations.iter().any(|entry| {
                entry.region == cluster.region
                    && self.is_ready(project, entry)
                    && through.ids.iter().any(|id| id.eq_ignore_ascii_case(&entry.cloud_id))
            })
        });
        match (lets_in, port == cluster.private_port) {
            (true, true)
                if ["STOPPING", "STOPPED", "FREEZING", "FROZEN", "DELETED"].contains(&cluster.status.as_str()) =>
            {
                Admission::Reset(format!("the cluster is {}", cluster.status))
            }
            (true, true) => Admission::Served,
            (true, false) => Admission::Reset(format!("{sni} is not served on port {port}")),
            (false, _) => Admission::Reset(format!("{} is not registered for {sni}", through.id())),
        }
    }

    /// Whether a TLS client on the internet that names `sni` is served.
    pub(crate) fn admit_publicly(&self, sni: &str, port: u16) -> Admission {
        match self.by_public_host(sni) {
            Some(cluster) if cluster.public_port == port => Admission::Served,
            _ => Admission::Reset(format!("no cluster answers to the name {sni} on port {port}")),
        }
    }

    /// The entries that the vendor lets in by now, with the endpoint services they lead to.
    fn accepted(&self) -> impl Iterator<Item = &Registration> {
        self.projects.values().flat_map(move |project| {
            project.registrations.iter().filter(move |entry| entry.stuck.is_none() && !self.waits(project, entry))
        })
    }

    /// The endpoints that are let in, as their clouds know them.
    pub(crate) fn accepted_ids(&self) -> impl Iterator<Item = &str> {
        self.accepted().map(|entry| entry.cloud_id.as_str())
    }

    /// Whether an endpoint of these identities is let in at a service.
    pub(crate) fn knows(&self, service: &EndpointServiceId, ids: &[String]) -> bool {
        self.owns(service) && self.accepted().any(|entry| ids.iter().any(|id| id.eq_ignore_ascii_case(&entry.cloud_id)))
    }

    /// Since when an endpoint is registered at a service.
    pub(crate) fn listed_from(&self, service: &EndpointServiceId, endpoint: &str) -> Option<SystemTime> {
        let of = self.accepted().filter(|entry| entry.service == *service && entry.cloud_id == endpoint);
        of.map(|entry| entry.since).min()
    }

    /// Whom the vendor lets see each Azure service that is not for all.
    pub(crate) fn visible_on_azure(&self) -> Vec<(EndpointServiceId, BTreeSet<SubscriptionId>)> {
        let limited = self.services.iter().filter(|known| known.cloud == CloudProvider::Azure);
        limited
            .filter(|service| service.whitelist_required)
            .map(|service| {
                let entries = self.projects.values().flat_map(|project| &project.whitelist);
                let here = entries.filter(|(region, _)| *region == service.region);
                (service.id.clone(), here.filter_map(|(_, account)| account.parse().ok()).collect())
            })
            .collect()
    }

    pub(crate) fn snapshot(&self) -> Value {
        let projects: BTreeMap<&str, Value> = self
            .projects
            .values()
            .map(|project| {
                let mut endpoints: Vec<String> = project
                    .registrations
                    .iter()
                    .map(|entry| {
                        let of = entry.gcp_project.as_deref().unwrap_or_default();
                        format!("{} {} {of}", entry.region, entry.endpoint)
                    })
                    .collect();
                endpoints.sort_unstable();
                let whitelist: Vec<String> =
                    project.whitelist.iter().map(|(region, account)| format!("{region} {account}")).collect();
                (project.id.as_str(), json!({ "endpoints": endpoints, "whitelist": whitelist }))
            })
            .collect();
        let clusters: BTreeMap<&str, Value> = self
            .clusters
            .values()
            .map(|cluster| (cluster.id.as_str(), json!({ "name": cluster.name, "public": cluster.public })))
            .collect();
        json!({ "projects": projects, "clusters": clusters })
    }

    /// The endpoint service of a region, made when it is first needed.
    pub(super) fn serve(&mut self, cloud: CloudProvider, region: &Region, zones: Vec<ZoneId>) {
        let name = joined(cloud, region);
        if self.service(&name).is_some() || split(&name).is_none() {
            return;
        }
        let hex = self.fresh_hex("endpoint service");
        let text = match cloud {
            CloudProvider::Aws => format!("com.amazonaws.vpce.{region}.vpce-svc-{}", &hex[..17]),
            CloudProvider::Gcp => {
                format!("projects/vdc-prod-{}/regions/{region}/serviceAttachments/vdc-sa-{}", &hex[..4], &hex[4..12])
            }
            _ => {
                let guid =
                    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32]);
                format!("zilliz-prod-infra-privatelink.{guid}.{region}.azure.privatelinkservice")
            }
        };
        self.services.push(Service {
            region: name,
            cloud,
            id: text.parse().expect("made of a region that was parsed and digits of the right count"),
            zones,
            whitelist_required: cloud == CloudProvider::Azure,
            cross_region: false,
        });
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// Ids are counted, so that equal worlds have equal ids.
    pub(super) fn fresh_hex(&mut self, kind: &str) -> String {
        self.made += 1;
        let digest = Sha256::digest(format!("privlink-sim|zilliz|{kind}|{}", self.made));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
