//! A private endpoint: its states over time, and how it is read and deleted.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::SystemTime;

use privlink_core::{AzureResourceId, PrivateLinkServiceAlias};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::error::{Answer, ApiError};
use super::super::state::{AzureState, OnLongRunning};
use super::super::work::{Verb, Work};
use super::super::{Call, Reply};

/// A private endpoint with its one connection.
#[derive(Clone, Debug)]
pub(in super::super) struct Endpoint {
    pub(in super::super) id: AzureResourceId,
    pub(in super::super) location: String,
    pub(in super::super) tags: BTreeMap<String, String>,
    pub(in super::super) subnet: AzureResourceId,
    /// The GUID of the endpoint itself, which no specification has.
    pub(in super::super) guid: Uuid,
    pub(in super::super) etag: Uuid,
    pub(in super::super) connection: Connection,
    /// When the connection got or will get into which status, in the order of time.
    pub(in super::super) timeline: Vec<(SystemTime, Status, String)>,
    pub(in super::super) interface: Interface,
    pub(in super::super) address: IpAddr,
    /// A static address that was asked for, with the name it was asked under.
    pub(in super::super) static_address: Option<String>,
    pub(in super::super) application_groups: Vec<AzureResourceId>,
    pub(in super::super) custom_interface: Option<String>,
    pub(in super::super) work: Work,
    /// How many reads still do not see it.
    pub(in super::super) unseen: u32,
}

/// The connection of an endpoint to a Private Link service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Connection {
    pub(in super::super) name: String,
    pub(in super::super) manual: bool,
    /// The alias or resource id, as it was sent.
    pub(in super::super) service: String,
    pub(in super::super) alias: PrivateLinkServiceAlias,
    pub(in super::super) message: Option<String>,
}

/// The interface of an endpoint.
#[derive(Clone, Debug)]
pub(in super::super) struct Interface {
    pub(in super::super) id: AzureResourceId,
    pub(in super::super) guid: Uuid,
    pub(in super::super) mac: String,
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    Approved,
    Rejected,
    Disconnected,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Disconnected => "Disconnected",
        }
    }
}

impl Endpoint {
    /// Where its connection stands at `now`, with the owner's words.
    pub(in super::super) fn status(&self, now: SystemTime) -> (Status, &str) {
        let passed = self.timeline.iter().rev().find(|(at, ..)| *at <= now);
        passed.or(self.timeline.first()).map_or((Status::Pending, ""), |(_, status, text)| (*status, text))
    }

    /// Whether its connection waits for the owner and nothing is to come by itself.
    pub(in super::super) fn waits(&self) -> bool {
        self.timeline.last().is_some_and(|(_, status, _)| *status == Status::Pending)
    }

    /// Drops what was to come and lets the connection get into `status` at a moment.
    pub(in super::super) fn schedule(&mut self, now: SystemTime, at: SystemTime, status: Status, text: &str) {
        self.timeline.retain(|(passed, ..)| *passed <= now);
        self.timeline.push((at, status, text.to_owned()));
    }

    /// Whether it carries traffic.
    pub(in super::super) fn works(&self, now: SystemTime) -> bool {
        self.work.stands(now) && self.status(now).0 == Status::Approved
    }

    /// How the vendor behind it may know it: by resource id, and in the older form by GUID.
    pub(in super::super) fn identities(&self) -> Vec<String> {
        vec![self.id.to_string(), self.guid.to_string()]
    }
}

pub(in super::super) fn get(state: &mut AzureState, call: &Call<'_>) -> Answer<Reply> {
    let id = call.route.id()?;
    let endpoint = state.endpoints.get_mut(&id).ok_or_else(|| call.route.not_found())?;
    if endpoint.unseen > 0 {
        endpoint.unseen -= 1;
        return Err(call.route.not_found());
    }
    let body = state.render(call, &id);
    Ok(Reply::json(200, body))
}

pub(in super::super) fn list(state: &mut AzureState, call: &Call<'_>) -> Answer<Reply> {
    let subscription = call.route.subscription_id()?;
    let here = |id: &AzureResourceId| {
        id.subscription() == subscription
            && (call.route.group.is_empty() || id.resource_group().eq_ignore_ascii_case(&call.route.group))
    };
    let items = state.endpoints.values().filter(|endpoint| here(&endpoint.id) && endpoint.unseen == 0);
    let items = items.map(|endpoint| render(state, call.now, endpoint)).collect();
    Ok(call.page(state, items))
}

pub(in super::super) fn delete(state: &mut AzureState, call: &Call<'_>) -> Answer<Reply> {
    let id = call.route.id()?;
    let Some(endpoint) = state.endpoints.get(&id) else { return Ok(Reply::empty(204)) };
    let running = endpoint.work.clone();
    if running.runs(call.now) && running.verb != Verb::Delete {
        return Err(busy(&id));
    }
    let work = if running.runs(call.now) { running } else { state.begin(call, &id, Verb::Delete) };
    if let Some(endpoint) = state.endpoints.get_mut(&id) {
        endpoint.work = work.clone();
    }
    if state.behaviour.long_running == OnLongRunning::AtOnce {
        state.prune(call.now);
        return Ok(Reply::empty(200));
    }
    Ok(Reply::empty(202).headers(state.poll_headers(call, &work)))
}

/// Another operation on the same resource has not ended.
pub(in super::super) fn busy(id: &AzureResourceId) -> ApiError {
    ApiError::new(
        409,
        "AnotherOperationInProgress",
        format!(
            "Another operation on this or dependent resource is in progress. Resource: {id}. To retrieve status of \
             the operation use uri from its response."
        ),
    )
}

/// The body of an endpoint.
pub(in super::super) fn render(state: &AzureState, now: SystemTime, endpoint: &Endpoint) -> Value {
    let Endpoint { id, connection, etag, .. } = endpoint;
    let provisioning = endpoint.work.provisioning(now, false);
    let (status, description) = endpoint.status(now);
    let etag = format!("W/\"{etag}\"");
    let kind = if connection.manual { "manualPrivateLinkServiceConnections" } else { "privateLinkServiceConnections" };
    let mut inner = json!({
        "provisioningState": provisioning,
        "privateLinkServiceId": connection.service,
        "groupIds": [],
        "privateLinkServiceConnectionState": {
            "status": status.as_str(), "description": description, "actionsRequired": "None",
        },
    });
    if let Some(message) = &connection.message {
        inner["requestMessage"] = message.as_str().into();
    }
    let shown = json!({
        "name": connection.name,
        "id": format!("{id}/{kind}/{}", connection.name),
        "etag": etag,
        "properties": inner,
        "type": format!("Microsoft.Network/privateEndpoints/{kind}"),
    });
    let (manual, automatic) = if connection.manual { (vec![shown], vec![]) } else { (vec![], vec![shown]) };
    let references = |ids: &[AzureResourceId]| ids.iter().map(|id| json!({ "id": id })).collect::<Vec<Value>>();
    let mut properties = json!({
        "provisioningState": provisioning,
        "resourceGuid": endpoint.guid.to_string(),
        "privateLinkServiceConnections": automatic,
        "manualPrivateLinkServiceConnections": manual,
        "customNetworkInterfaceName": endpoint.custom_interface.as_deref().unwrap_or(""),
        "subnet": { "id": endpoint.subnet },
        "applicationSecurityGroups": references(&endpoint.application_groups),
        "ipConfigurations": endpoint.static_address.iter().map(|name| json!({
            "name": name,
            "id": format!("{id}/ipConfigurations/{name}"),
            "etag": etag,
            "type": "Microsoft.Network/privateEndpoints/ipConfigurations",
            "properties": {
                "provisioningState": provisioning, "groupId": "", "memberName": "",
                "privateIPAddress": endpoint.address.to_string(),
            },
        })).collect::<Vec<Value>>(),
        "ipVersionType": "IPv4",
        "networkInterfaces": [{ "id": endpoint.interface.id }],
        "customDnsConfigs": [],
    });
    if let Some(properties) = properties.as_object_mut().filter(|_| !state.behaviour.resource_guid) {
        properties.remove("resourceGuid");
    }
    let mut body = json!({
        "name": id.name(),
        "id": id,
        "etag": etag,
        "type": "Microsoft.Network/privateEndpoints",
        "location": endpoint.location,
        "properties": properties,
    });
    if !endpoint.tags.is_empty() {
        body["tags"] = json!(endpoint.tags);
    }
    body
}
