//! What the API answers about services.

use std::collections::BTreeMap;
use std::time::SystemTime;

use bytes::Bytes;
use privlink_core::CloudProvider;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{Answer, Refusal};
use super::body::{self, Body, Change};
use super::credential::Caller;
use super::model::{Attachment, IpEntry, Lag, Registration, Service, same_id};
use super::organizations::region;
use super::switches::{IdCase, OnAbsent, OnBasicTier, OnDuplicate, OnStopped};
use super::{ClickHouseState, render};

const RELEASE_CHANNELS: [&str; 3] = ["slow", "default", "fast"];

pub(super) fn list(
    state: &mut ClickHouseState,
    organization: Uuid,
    query: &[(String, String)],
) -> Result<Answer, Refusal> {
    let mut filters = Vec::new();
    for (_, filter) in query.iter().filter(|(name, _)| name == "filter") {
        let Some(tag) = filter.strip_prefix("tag:") else {
            return Err(Refusal::bad_request("filter must look like `tag:key` or `tag:key=value`"));
        };
        filters.push(match tag.split_once('=') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (tag.to_owned(), None),
        });
    }
    let fits = |service: &Service| {
        service.organization == organization
            && filters.iter().all(|(key, value)| match (service.tags.get(key), value) {
                (Some(_), None) => true,
                (Some(known), Some(wanted)) => known.as_deref() == Some(wanted),
                (None, _) => false,
            })
    };
    let ids: Vec<Uuid> = state.in_order().filter(|service| fits(service)).map(|service| service.id).collect();
    let shown = ids.iter().filter_map(|id| show(state, *id)).collect::<Vec<_>>();
    Ok(Answer::Result(shown.into()))
}

pub(super) fn get(state: &mut ClickHouseState, id: Uuid) -> Result<Answer, Refusal> {
    show(state, id).map(Answer::Result).ok_or_else(|| Refusal::not_found("service not found"))
}

/// A service as a read shows it; uses up one read of a change that is not visible yet.
fn show(state: &mut ClickHouseState, id: Uuid) -> Option<Value> {
    let lagging = state.services.get(&id)?.lag.is_some();
    let shown = render::service(state, state.services.get(&id)?, lagging);
    if let Some(service) = state.services.get_mut(&id)
        && let Some(lag) = &mut service.lag
    {
        lag.reads_left -= 1;
        if lag.reads_left == 0 {
            service.lag = None;
        }
    }
    Some(shown)
}

pub(super) fn create(
    state: &mut ClickHouseState,
    now: SystemTime,
    caller: &Caller,
    organization: Uuid,
    request: &http::Request<Bytes>,
) -> Result<Answer, Refusal> {
    const SETTINGS: [&str; 16] = [
        "tier",
        "minTotalMemoryGb",
        "maxTotalMemoryGb",
        "autoscalingMode",
        "minReplicaMemoryGb",
        "maxReplicaMemoryGb",
        "numReplicas",
        "minReplicas",
        "maxReplicas",
        "idleScaling",
        "idleTimeoutMinutes",
        "isReadonly",
        "dataWarehouseId",
        "hasTransparentDataEncryption",
        "profile",
        "complianceType",
    ];
    const OTHERS: [&str; 12] = [
        "name",
        "provider",
        "region",
        "ipAccessList",
        "backupId",
        "backupEncryptionConfig",
        "privateEndpointIds",
        "privatePreviewTermsChecked",
        "releaseChannel",
        "byocId",
        "endpoints",
        "tags",
    ];
    let json = body::parse(request)?;
    let known: Vec<&str> = SETTINGS.into_iter().chain(OTHERS).chain(["enableCoreDumps"]).collect();
    let body = Body::root(&json, state.switches.unknown_request_fields)?.only(&known)?;
    let name = service_name(&body)?.ok_or_else(|| body.missing("name"))?;
    let provider = body.one_of("provider", &["aws", "gcp", "azure"])?.ok_or_else(|| body.missing("provider"))?;
    let provider: CloudProvider = provider.parse().map_err(|_| body.missing("provider"))?;
    let region = region(&body)?;
    let ip_access_list = body.ip_entries("ipAccessList")?.ok_or_else(|| body.missing("ipAccessList"))?;
    let endpoint_ids = body.texts("privateEndpointIds")?;
    if !endpoint_ids.is_empty() {
        state.private_endpoints_allowed(organization)?;
    }
    let mysql = mysql(&body)?.unwrap_or(false);
    let release_channel = body.one_of("releaseChannel", &RELEASE_CHANNELS)?.unwrap_or("default").to_owned();
    let core_dumps = body.flag("enableCoreDumps")?.unwrap_or(true);
    let infrastructure = match body.text("byocId")? {
        None => None,
        Some(text) => {
            let id = Uuid::try_parse(text).map_err(|_| body.refuse("byocId", "must be a UUID"))?;
            let known = state.infrastructures.get(&id).filter(|known| known.organization == organization);
            known.map(|_| Some(id)).ok_or_else(|| body.refuse("byocId", "is not a deployment of the organization"))?
        }
    };
    let tags = tags(&body, "tags")?.into_iter().collect();
    let settings: BTreeMap<String, Value> =
        SETTINGS.iter().filter_map(|field| Some(((*field).to_owned(), body.raw(field)?.clone()))).collect();

    let id = state.fresh_uuid("service");
    let label = state.fresh_label();
    let cell = state.cell_for(organization, provider, &region);
    let service = Service {
        id,
        number: state.next_number(),
        organization,
        name,
        provider,
        region,
        label,
        cell,
        infrastructure,
        state: "provisioning".into(),
        then: None,
        since: now,
        created_at: now,
        endpoints: Vec::new(),
        ip_access_list,
        mysql,
        release_channel,
        core_dumps,
        tags,
        lag: None,
        settings,
    };
    state.services.insert(id, service);
    state.move_to(id, now, "provisioning", "running");
    for endpoint in endpoint_ids {
        state.attach(now, id, &endpoint, "");
    }
    state.note(now, "service_create", caller, organization, Some(id));
    let shown = show(state, id).ok_or_else(|| Refusal::not_found("service not found"))?;
    Ok(Answer::Result(json!({ "service": shown, "password": state.fresh_label() })))
}

pub(super) fn update(
    state: &mut ClickHouseState,
    now: SystemTime,
    caller: &Caller,
    id: Uuid,
    request: &http::Request<Bytes>,
) -> Result<Answer, Refusal> {
    let json = body::parse(request)?;
    let body = Body::root(&json, state.switches.unknown_request_fields)?.only(&[
        "name",
        "ipAccessList",
        "privateEndpointIds",
        "releaseChannel",
        "endpoints",
        "transparentDataEncryptionKeyId",
        "tags",
        "enableCoreDumps",
    ])?;
    let name = service_name(&body)?;
    let release_channel = body.one_of("releaseChannel", &RELEASE_CHANNELS)?.map(str::to_owned);
    let core_dumps = body.flag("enableCoreDumps")?;
    body.text("transparentDataEncryptionKeyId")?;
    let mysql = mysql(&body)?;
    let tag_change = body.change("tags", tags)?.unwrap_or_default();
    let ip_change = body.change("ipAccessList", |change, list| Ok(change.ip_entries(list)?.unwrap_or_default()))?;
    let endpoint_change = body.change("privateEndpointIds", Body::texts)?;

    // Judge everything before changing anything: a refused request has no effect.
    let service = state.services.get(&id).ok_or_else(|| Refusal::not_found("service not found"))?;
    let organization = service.organization;
    if state.switches.stopped_service_patch == OnStopped::Conflict409
        && matches!(service.state.as_str(), "stopped" | "idle")
    {
        return Err(Refusal::conflict(format!("the service must run. Current state: '{}'", service.state)));
    }
    let shown_before = Lag {
        reads_left: state.switches.visibility_delay,
        endpoints: service.endpoints.iter().map(|attached| attached.id.clone()).collect(),
        ip_access_list: service.ip_access_list.clone(),
    };
    let mut removed = Vec::new();
    let mut added = Vec::new();
    if let Some(Change { add, remove }) = &endpoint_change {
        if !add.is_empty() {
            state.private_endpoints_allowed(organization)?;
        }
        (removed, added) = judge_endpoints(state, service, remove, add)?;
    }

    let effective = now + state.switches.data_path_delay;
    let Some(service) = state.services.get_mut(&id) else { return Err(Refusal::not_found("service not found")) };
    // Removals first, then additions: one request may hold both.
    service.endpoints.retain(|attached| !removed.contains(&attached.id));
    service.endpoints.extend(added.iter().map(|id| Attachment { id: id.clone(), effective }));
    if let Some(Change { add, remove }) = &ip_change {
        service.ip_access_list.retain(|known| !remove.iter().any(|gone| gone.source == known.source));
        for entry in add {
            match service.ip_access_list.iter_mut().find(|known| known.source == entry.source) {
                Some(known) => known.clone_from(entry),
                None => service.ip_access_list.push(IpEntry::clone(entry)),
            }
        }
    }
    for (key, _) in tag_change.remove {
        service.tags.remove(&key);
    }
    service.tags.extend(tag_change.add);
    service.name = name.unwrap_or_else(|| service.name.clone());
    service.release_channel = release_channel.unwrap_or_else(|| service.release_channel.clone());
    service.core_dumps = core_dumps.unwrap_or(service.core_dumps);
    service.mysql = mysql.unwrap_or(service.mysql);
    if shown_before.reads_left > 0 && (ip_change.is_some() || endpoint_change.is_some()) {
        service.lag = Some(shown_before);
    }
    for endpoint in &added {
        state.register(id, endpoint, "");
    }
    if endpoint_change.is_some() {
        state.note(now, "service_update_private_endpoints", caller, organization, Some(id));
    }
    if ip_change.is_some() {
        state.note(now, "service_update_ip_access_list", caller, organization, Some(id));
    }
    let service = state.services.get(&id).ok_or_else(|| Refusal::not_found("service not found"))?;
    Ok(Answer::Result(render::service(state, service, false)))
}

/// The ids that a change really takes away and adds.
fn judge_endpoints(
    state: &ClickHouseState,
    service: &Service,
    remove: &[String],
    add: &[String],
) -> Result<(Vec<String>, Vec<String>), Refusal> {
    let insensitive = state.insensitive(service.provider);
    let mut left: Vec<String> = service.endpoints.iter().map(|attached| attached.id.clone()).collect();
    let mut removed = Vec::new();
    for gone in remove {
        match left.iter().position(|known| same_id(known, gone, insensitive)) {
            Some(place) => removed.push(left.remove(place)),
            None if state.switches.remove_absent == OnAbsent::Reject400 => {
                return Err(Refusal::bad_request(format!("private endpoint {gone} is not on the service")));
            }
            None => {}
        }
    }
    let mut added = Vec::new();
    for new in add {
        if left.iter().any(|known| same_id(known, new, insensitive)) {
            if state.switches.duplicate_add == OnDuplicate::Reject400 {
                return Err(Refusal::bad_request(format!("private endpoint {new} is already on the service")));
            }
            continue;
        }
        left.push(new.clone());
        added.push(new.clone());
    }
    Ok((removed, added))
}

pub(super) fn delete(
    state: &mut ClickHouseState,
    now: SystemTime,
    caller: &Caller,
    id: Uuid,
) -> Result<Answer, Refusal> {
    let service = state.services.get(&id).ok_or_else(|| Refusal::not_found("service not found"))?;
    // The vendor goes on refusing for a while after reads say `stopped`.
    let settled = service.since + state.switches.delete_refused_after_stop <= now;
    if service.state != "stopped" || !settled {
        let shown = if service.state == "stopped" { "stopping" } else { &service.state };
        return Err(Refusal::conflict(format!("the service must be stopped. Current state: '{shown}'")));
    }
    let organization = service.organization;
    state.move_to(id, now, "terminating", GONE);
    state.note(now, "service_delete", caller, organization, Some(id));
    Ok(Answer::Empty)
}

/// The state after which a service is no longer found.
pub(super) const GONE: &str = "terminated";

pub(super) fn change_state(
    state: &mut ClickHouseState,
    now: SystemTime,
    id: Uuid,
    request: &http::Request<Bytes>,
    allowed: impl FnOnce(&ClickHouseState, bool) -> Result<(), Refusal>,
) -> Result<Answer, Refusal> {
    let json = body::parse(request)?;
    let body = Body::root(&json, state.switches.unknown_request_fields)?.only(&["command"])?;
    let command = body.one_of("command", &["start", "stop", "awake"])?.ok_or_else(|| body.missing("command"))?;
    allowed(state, command == "awake")?;
    let service = state.services.get(&id).ok_or_else(|| Refusal::not_found("service not found"))?;
    let (during, after) = match (command, service.state.as_str()) {
        ("start", "stopped") => ("starting", "running"),
        ("start" | "awake", "idle") => ("awaking", "running"),
        ("stop", "running" | "idle" | "degraded" | "partially_running") => ("stopping", "stopped"),
        ("start" | "awake", "running") | ("stop", "stopped") => ("", ""),
        (_, current) => {
            return Err(Refusal::conflict(format!("cannot {command} the service. Current state: '{current}'")));
        }
    };
    if !during.is_empty() {
        state.move_to(id, now, during, after);
    }
    get(state, id)
}

pub(super) fn endpoint_config(state: &ClickHouseState, id: Uuid) -> Result<Answer, Refusal> {
    let service = state.services.get(&id).ok_or_else(|| Refusal::not_found("service not found"))?;
    if state.is_basic(service.organization) && state.switches.basic_tier == OnBasicTier::EmptyConfig {
        return Ok(Answer::Result(json!({ "endpointServiceId": "", "privateDnsHostname": "" })));
    }
    state.private_endpoints_allowed(service.organization)?;
    let infrastructure = service.infrastructure.and_then(|id| state.infrastructures.get(&id));
    Ok(Answer::Result(json!({
        "endpointServiceId": state.endpoint_service(service),
        "privateDnsHostname": service.private_host(infrastructure),
    })))
}

pub(super) fn endpoint_create(
    state: &mut ClickHouseState,
    now: SystemTime,
    caller: &Caller,
    id: Uuid,
    request: &http::Request<Bytes>,
) -> Result<Answer, Refusal> {
    let json = body::parse(request)?;
    let body = Body::root(&json, state.switches.unknown_request_fields)?.only(&["id", "description"])?;
    let endpoint = body.required_text("id")?;
    let description = body.text("description")?.unwrap_or_default();
    let service = state.services.get(&id).ok_or_else(|| Refusal::not_found("service not found"))?;
    let organization = service.organization;
    state.private_endpoints_allowed(organization)?;
    let (_, added) = judge_endpoints(state, service, &[], &[endpoint.to_owned()])?;
    let (provider, region) = (service.provider, service.region.clone());
    for endpoint in &added {
        state.attach(now, id, endpoint, description);
    }
    state.note(now, "service_update_private_endpoints", caller, organization, Some(id));
    let known = state.organizations.get(&organization).and_then(|organization| {
        organization.registrations.iter().find(|known| known.id == endpoint).map(render::registration)
    });
    Ok(Answer::Result(known.unwrap_or_else(|| {
        render::registration(&Registration {
            id: endpoint.to_owned(),
            description: description.to_owned(),
            provider,
            region,
        })
    })))
}

fn service_name(body: &Body<'_>) -> Result<Option<String>, Refusal> {
    match body.text("name")? {
        Some(name) if (1..=50).contains(&name.chars().count()) => Ok(Some(name.to_owned())),
        Some(_) => Err(body.refuse("name", "must have 1 to 50 characters")),
        None => Ok(None),
    }
}

fn mysql(body: &Body<'_>) -> Result<Option<bool>, Refusal> {
    let mut wanted = None;
    for change in body.objects("endpoints")?.unwrap_or_default() {
        let change = change.only(&["protocol", "enabled"])?;
        change.one_of("protocol", &["mysql"])?.ok_or_else(|| change.missing("protocol"))?;
        wanted = Some(change.flag("enabled")?.ok_or_else(|| change.missing("enabled"))?);
    }
    Ok(wanted)
}

fn tags(body: &Body<'_>, field: &str) -> Result<Vec<(String, Option<String>)>, Refusal> {
    let objects = body.objects(field)?.unwrap_or_default();
    if objects.len() > 50 {
        return Err(body.refuse(field, "must hold at most 50 tags"));
    }
    objects
        .into_iter()
        .map(|tag| {
            let tag = tag.only(&["key", "value"])?;
            Ok((tag.required_text("key")?.to_owned(), tag.text("value")?.map(str::to_owned)))
        })
        .collect()
}

impl ClickHouseState {
    pub(super) fn insensitive(&self, provider: CloudProvider) -> bool {
        provider == CloudProvider::Azure && self.switches.azure_id_case == IdCase::Insensitive
    }

    /// Puts `endpoint` on a service's allow list and registers it, as attaching does.
    pub(crate) fn attach(&mut self, now: SystemTime, id: Uuid, endpoint: &str, description: &str) {
        let effective = now + self.switches.data_path_delay;
        let Some(service) = self.services.get_mut(&id) else { return };
        if !service.attached(endpoint, false) {
            service.endpoints.push(Attachment { id: endpoint.to_owned(), effective });
        }
        self.register(id, endpoint, description);
    }

    /// Registers `endpoint` with the organization of a service, under the service's provider and
    /// region; nothing ever takes it off again but a request to do so.
    pub(super) fn register(&mut self, id: Uuid, endpoint: &str, description: &str) {
        let Some(service) = self.services.get(&id) else { return };
        let (provider, region) = (service.provider, service.region.clone());
        let Some(organization) = self.organizations.get_mut(&service.organization) else { return };
        if !organization.registrations.iter().any(|known| known.id == endpoint) {
            let (id, description) = (endpoint.to_owned(), description.to_owned());
            organization.registrations.push(Registration { id, description, provider, region });
        }
    }
}
