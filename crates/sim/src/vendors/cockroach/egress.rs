//! Endpoints from a cluster to services of the customer's.

use std::time::{Duration, SystemTime};

use privlink_core::CloudProvider;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Refusal;
use super::model::{Cluster, CockroachPlan};
use super::networking::{known, no_cluster, object, text};
use super::switches::Switches;
use super::{CockroachState, Seen};

/// An endpoint from a cluster to a service of the customer's.
#[derive(Clone, Debug)]
pub(super) struct Egress {
    pub(super) id: Uuid,
    region: String,
    target: String,
    kind: String,
    /// Its id and its address in the cloud, once there.
    connection: String,
    address: String,
    names: Vec<String>,
    /// When it was made, when its names were last changed, and when it was deleted.
    made: SystemTime,
    named: Option<SystemTime>,
    deleted: Option<SystemTime>,
    /// A state that it stays in.
    pub(super) stuck: Option<String>,
}

impl Egress {
    /// Until when the vendor is at work on it, and the cluster is locked.
    fn busy(&self, switches: &Switches) -> SystemTime {
        let last = [Some(self.made), self.named, self.deleted].into_iter().flatten().max();
        last.unwrap_or(self.made) + switches.egress_takes
    }

    fn is_gone(&self, now: SystemTime, switches: &Switches) -> bool {
        self.deleted.is_some_and(|at| at + switches.egress_takes <= now)
    }

    /// Half of the time it is being made; then it has an address, and waits for the far side.
    fn state(&self, now: SystemTime, switches: &Switches) -> &str {
        let age = now.duration_since(self.made).unwrap_or(Duration::ZERO);
        match &self.stuck {
            _ if self.deleted.is_some() => "DELETING",
            Some(stuck) => stuck,
            None if age >= switches.egress_takes => "AVAILABLE",
            None if age >= switches.egress_takes / 2 => "PENDING_ACCEPTANCE",
            None => "PENDING",
        }
    }

    fn render(&self, now: SystemTime, switches: &Switches) -> Value {
        let state = switches.unknown_status.unwrap_or_else(|| self.state(now, switches));
        let addressed = self.state(now, switches) != "PENDING";
        let shown = |text: &str| if addressed { text.to_owned() } else { String::new() };
        let names = match self.named {
            None => "EMPTY",
            Some(at) if now < at + switches.egress_takes => "PENDING",
            Some(_) if self.names.is_empty() => "EMPTY",
            Some(_) => "AVAILABLE",
        };
        json!({
            "id": self.id.to_string(),
            "region": self.region,
            "target_service_identifier": self.target,
            "target_service_type": self.kind,
            "endpoint_connection_id": shown(&self.connection),
            "endpoint_address": shown(&self.address),
            "state": state,
            "domain_names": self.names,
            "domain_names_state": names,
        })
    }
}

/// Whether the vendor is at work on an endpoint of the cluster.
pub(super) fn is_locked(cluster: &Cluster, now: SystemTime, switches: &Switches) -> bool {
    cluster.egress.iter().any(|endpoint| now < endpoint.busy(switches) && !endpoint.is_gone(now, switches))
}

pub(super) fn list(state: &CockroachState, now: SystemTime, id: Uuid) -> Result<Vec<Value>, Refusal> {
    let cluster = enabled(state, id)?;
    let there = cluster.egress.iter().filter(|endpoint| !endpoint.is_gone(now, &state.switches));
    Ok(there.map(|endpoint| endpoint.render(now, &state.switches)).collect())
}

pub(super) fn one(state: &CockroachState, now: SystemTime, id: Uuid, egress: &str) -> Result<Value, Refusal> {
    let cluster = enabled(state, id)?;
    let is = |endpoint: &&Egress| endpoint.id.to_string() == egress && !endpoint.is_gone(now, &state.switches);
    let found = cluster.egress.iter().find(is).ok_or_else(none)?;
    Ok(found.render(now, &state.switches))
}

pub(super) fn make(state: &mut CockroachState, seen: &Seen<'_>, id: Uuid) -> Result<Value, Refusal> {
    let cluster = enabled(state, id)?;
    let body = object(seen.request, &["region", "target_service_identifier", "target_service_type"])?;
    let (region, target) = (text(&body, "region")?.to_owned(), text(&body, "target_service_identifier")?.to_owned());
    let kind = text(&body, "target_service_type")?.to_owned();
    if !["PRIVATE_SERVICE", "MSK_SASL_SCRAM", "MSK_SASL_IAM", "MSK_TLS"].contains(&kind.as_str()) {
        return Err(Refusal::new(400, format!("invalid target_service_type: {kind}")));
    }
    if !cluster.regions.iter().any(|known| known.as_str() == region) {
        return Err(Refusal::new(400, format!("the cluster is not in {region}")));
    }
    let provider = cluster.provider;
    let hex = state.fresh_hex("egress");
    let connection = match provider {
        CloudProvider::Aws => format!("vpce-{}", &hex[..17]),
        CloudProvider::Gcp => "6133183410995353".to_owned(),
        _ => format!("pe-{}", &hex[..12]),
    };
    let address = match provider {
        CloudProvider::Aws => format!("{connection}-{}.vpce.{region}.vpce.amazonaws.com", &hex[..8]),
        _ => "10.8.0.9".to_owned(),
    };
    let endpoint = Egress {
        id: state.fresh_uuid("egress"),
        region,
        target,
        kind,
        connection,
        address,
        names: Vec::new(),
        made: seen.now,
        named: None,
        deleted: None,
        stuck: None,
    };
    let mut shown = endpoint.render(seen.now, &state.switches);
    // As the guide's sample has it, although the document calls them required.
    if let Some(fields) = shown.as_object_mut().filter(|_| state.switches.unknown_fields) {
        fields.remove("state");
        fields.remove("domain_names");
    }
    state.clusters.get_mut(&id).ok_or_else(no_cluster)?.egress.push(endpoint);
    Ok(shown)
}

pub(super) fn update(state: &mut CockroachState, seen: &Seen<'_>, id: Uuid, egress: &str) -> Result<Value, Refusal> {
    one(state, seen.now, id, egress)?;
    let body = object(seen.request, &["domain_names"])?;
    let names = body.get("domain_names").and_then(Value::as_array).ok_or_else(|| Refusal::new(400, "domain_names"))?;
    let names: Option<Vec<String>> = names.iter().map(|name| name.as_str().map(str::to_owned)).collect();
    let names = names.ok_or_else(|| Refusal::new(400, "domain_names must be texts"))?;
    let switches = state.switches.clone();
    let endpoint = find(state, id, egress)?;
    if endpoint.state(seen.now, &switches) != "AVAILABLE" {
        return Err(Refusal::new(400, "the egress private endpoint is not available").code(9));
    }
    endpoint.names = names;
    endpoint.named = Some(seen.now);
    Ok(endpoint.render(seen.now, &switches))
}

pub(super) fn delete(state: &mut CockroachState, now: SystemTime, id: Uuid, egress: &str) -> Result<Value, Refusal> {
    one(state, now, id, egress)?;
    let endpoint = find(state, id, egress)?;
    endpoint.deleted.get_or_insert(now);
    Ok(json!({}))
}

fn find<'a>(state: &'a mut CockroachState, id: Uuid, egress: &str) -> Result<&'a mut Egress, Refusal> {
    let cluster = state.clusters.get_mut(&id).ok_or_else(no_cluster)?;
    cluster.egress.iter_mut().find(|endpoint| endpoint.id.to_string() == egress).ok_or_else(none)
}

fn none() -> Refusal {
    Refusal::new(404, "egress private endpoint not found")
}

/// The cluster, where the vendor has enabled it; on Advanced alone.
fn enabled(state: &CockroachState, id: Uuid) -> Result<&Cluster, Refusal> {
    let cluster = known(state, id)?;
    match state.switches.limited_access && cluster.plan == CockroachPlan::Advanced {
        true => Ok(cluster),
        false => Err(Refusal::new(403, "egress private endpoints are not enabled for the organization")),
    }
}
