//! `addresses`: internal addresses that are reserved.

use std::net::Ipv4Addr;
use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::Call;
use super::body::{Fields, object};
use super::error::{Answer, ApiError};
use super::label::{self, Labels};
use super::link::{ADDRESSES, Regional, SUBNETWORKS, is_name};
use super::list;
use super::operation::{self, Begin, Failure};
use super::state::{GcpState, Subnet, usable};
use super::time::rfc3339;

/// The fields of an address that the API's document has.
const FIELDS: &[&str] = &[
    "address",
    "addressType",
    "creationTimestamp",
    "description",
    "id",
    "ipCollection",
    "ipVersion",
    "ipv6EndpointType",
    "kind",
    "labelFingerprint",
    "labels",
    "name",
    "network",
    "networkAttachment",
    "networkTier",
    "prefixLength",
    "purpose",
    "region",
    "selfLink",
    "serviceClassId",
    "status",
    "subnetwork",
    "users",
];

/// An address.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) key: Regional,
    pub(super) id: u64,
    pub(super) ip: Ipv4Addr,
    /// The subnet it is of; an external one is of none.
    pub(super) subnet: Option<Regional>,
    pub(super) description: String,
    pub(super) purpose: String,
    pub(super) labels: Labels,
    pub(super) made: SystemTime,
    /// When it is reserved.
    pub(super) ready: SystemTime,
    pub(super) gone: Option<SystemTime>,
    /// Until when an operation on it runs.
    pub(super) busy: SystemTime,
}

impl Address {
    pub(super) fn exists(&self, now: SystemTime) -> bool {
        self.gone.is_none_or(|gone| now < gone)
    }
}

impl GcpState {
    /// The rules that use an address.
    fn users(&self, now: SystemTime, address: &Address) -> Vec<&Regional> {
        let uses = self.rules.values().filter(|rule| rule.exists(now) && rule.address.as_ref() == Some(&address.key));
        uses.map(|rule| &rule.key).collect()
    }

    /// The address of a name or a number.
    pub(super) fn address(&self, now: SystemTime, key: &Regional) -> Option<&Address> {
        let found = self.addresses.get(key).or_else(|| {
            let here = |other: &&Address| other.key.project == key.project && other.key.region == key.region;
            self.addresses.values().filter(here).find(|address| address.id.to_string() == key.name)
        });
        found.filter(|address| address.exists(now))
    }
}

pub(super) fn insert(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    if let Some(known) = operation::replay(state, call)? {
        return Ok(known);
    }
    let region = call.region()?;
    let body = object(call.request)?;
    let fields = Fields::of("resource", &body, FIELDS)?;
    let name = fields.required("name")?;
    let key = Regional::new(call.project, &region, ADDRESSES, name);
    if !is_name(name) {
        return Err(ApiError::value(
            "resource.name",
            name,
            "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'",
        ));
    }
    let internal = match fields.text("addressType")? {
        // The API's default.
        None | Some("EXTERNAL") => false,
        Some("INTERNAL") => true,
        Some(other) => return Err(ApiError::value("resource.addressType", other, "Unknown address type.")),
    };
    if fields.text("ipVersion")? == Some("IPV6") {
        return Err(ApiError::value("resource.ipVersion", "IPV6", "The subnetwork has no IPv6 range."));
    }
    let purpose = match fields.text("purpose")? {
        None => "GCE_ENDPOINT",
        Some(purpose @ ("GCE_ENDPOINT" | "SHARED_LOADBALANCER_VIP")) => purpose,
        Some(other) => {
            return Err(ApiError::value("resource.purpose", other, "The purpose does not fit a regional address."));
        }
    };
    let description = fields.text("description")?.unwrap_or_default().to_owned();
    let given = fields.labels("labels")?.unwrap_or_default();
    let labels = label::at_insert(state, "resource.labels", given)?;

    let permission = if internal { "compute.addresses.createInternal" } else { "compute.addresses.create" };
    call.require(permission, &key)?;
    let subnet = match fields.text("subnetwork")? {
        Some(text) if internal => Some(usable_subnet(state, call, "resource.subnetwork", text, &key)?),
        Some(text) => {
            return Err(ApiError::value("resource.subnetwork", text, "An external address has no subnetwork."));
        }
        // The default network's subnet of the region.
        None if internal => {
            let text = format!("projects/{}/regions/{region}/subnetworks/default", call.project);
            Some(usable_subnet(state, call, "resource.subnetwork", &text, &key)?)
        }
        None => None,
    };
    if state.address(call.now, &key).is_some() {
        return Err(ApiError::exists(&key.to_string()));
    }
    let (ip, mut failure) = match &subnet {
        Some(subnet) => pick(state, call, &fields, subnet)?,
        None => (external(state, call.now), None),
    };
    let reserved = state.addresses.values().filter(|a| a.exists(call.now) && a.key.project == *call.project).count();
    if reserved >= state.behaviour.address_quota {
        let full = Failure::quota("INTERNAL_ADDRESSES", state.behaviour.address_quota);
        if !state.behaviour.quota_in_operation {
            return Err(full.refusal());
        }
        failure = Some(full);
    }
    let id = state.ids.number();
    let takes = state.behaviour.address_operation;
    let plan = Begin { kind: "insert", target: &key, target_id: id, takes, failure };
    let (begun, shown) = operation::begin(state, call, plan)?;
    state.remember_fresh(&key);
    let address = Address {
        key: key.clone(),
        id,
        ip,
        subnet,
        description,
        purpose: purpose.to_owned(),
        labels: Labels::new(labels),
        made: call.now,
        ready: begun.ends,
        gone: (!begun.works).then_some(begun.ends),
        busy: begun.ends,
    };
    state.addresses.insert(key, address);
    Ok(shown)
}

/// A subnet that the caller's project has or shares, and that the caller may use.
pub(super) fn usable_subnet(
    state: &GcpState,
    call: &Call<'_>,
    field: &str,
    text: &str,
    target: &Regional,
) -> Answer<Regional> {
    let Some(key) = Regional::parse(text, SUBNETWORKS, Some(call.project)) else {
        return Err(ApiError::value(field, text, "The URL is malformed."));
    };
    if key.region != target.region {
        return Err(ApiError::value(
            field,
            text,
            &format!("The subnetwork must be in the region '{}' of the resource.", target.region),
        ));
    }
    call.caller.require(&key.project, "compute.subnetworks.use", &key.to_string())?;
    if !state.subnets.contains_key(&key) {
        return Err(ApiError::not_found(&key.to_string()));
    }
    if !state.shares(call.project, &key.project) {
        return Err(ApiError::value(field, text, "The project is not a service project of the subnetwork's project."));
    }
    Ok(key)
}

/// The address that is wanted or else a free one, and why the operation cannot have it.
fn pick(
    state: &GcpState,
    call: &Call<'_>,
    fields: &Fields<'_>,
    subnet: &Regional,
) -> Answer<(Ipv4Addr, Option<Failure>)> {
    let Some(subnet) = state.subnets.get(subnet) else { return Err(ApiError::not_found(&subnet.to_string())) };
    let Some(text) = fields.text("address")? else { return Ok((state.free_address(call.now, subnet)?, None)) };
    wanted(state, call.now, "resource.address", text, subnet)
}

/// A literal address of a subnet, and why it cannot be had.
pub(super) fn wanted(
    state: &GcpState,
    now: SystemTime,
    field: &str,
    text: &str,
    subnet: &Subnet,
) -> Answer<(Ipv4Addr, Option<Failure>)> {
    let Ok(ip) = text.parse::<Ipv4Addr>() else {
        return Err(ApiError::value(field, text, "The address is not a valid IPv4 address."));
    };
    if !usable(subnet.range).any(|free| free == ip) {
        let why = format!("Requested internal IP address is outside the network/subnet range {}.", subnet.range);
        return Err(ApiError::value(field, text, &why));
    }
    let failure = state.taken(now, &subnet.network).contains(&ip).then(|| {
        Failure::new(
            "IP_IN_USE_BY_ANOTHER_RESOURCE",
            400,
            format!("IP '{ip}' is already being used by another resource."),
        )
    });
    Ok((ip, failure))
}

/// An external address that is free.
fn external(state: &GcpState, now: SystemTime) -> Ipv4Addr {
    let used = |ip: &Ipv4Addr| state.addresses.values().any(|address| address.exists(now) && address.ip == *ip);
    (1..=254)
        .map(|last| Ipv4Addr::new(203, 0, 113, last))
        .find(|ip| !used(ip))
        .unwrap_or(Ipv4Addr::new(203, 0, 113, 255))
}

pub(super) fn get(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    let key = Regional::new(call.project, &call.region()?, ADDRESSES, call.name(1));
    call.require("compute.addresses.get", &key)?;
    if !state.sees(&key) {
        return Err(ApiError::not_found(&key.to_string()));
    }
    match state.address(call.now, &key) {
        Some(address) => Ok(render(state, call.now, address)),
        None => Err(ApiError::not_found(&key.to_string())),
    }
}

pub(super) fn list(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    let region = call.region()?;
    call.require_in_project("compute.addresses.list")?;
    let items = state
        .addresses
        .values()
        .filter(|a| a.key.project == *call.project && a.key.region == region && a.exists(call.now))
        .map(|address| render(state, call.now, address))
        .collect();
    list::page(call, "compute#addressList", &format!("projects/{}/regions/{region}/addresses", call.project), items)
}

pub(super) fn delete(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    if let Some(known) = operation::replay(state, call)? {
        return Ok(known);
    }
    let key = Regional::new(call.project, &call.region()?, ADDRESSES, call.name(1));
    let internal = state.address(call.now, &key).is_none_or(|address| address.subnet.is_some());
    call.require(if internal { "compute.addresses.deleteInternal" } else { "compute.addresses.delete" }, &key)?;
    let Some(address) = state.address(call.now, &key) else { return Err(ApiError::not_found(&key.to_string())) };
    let (key, id) = (address.key.clone(), address.id);
    if let Some(user) = state.users(call.now, address).first() {
        return Err(ApiError::new(
            400,
            "resourceInUseByAnotherResource",
            format!("The address resource '{key}' is already being used by '{user}'"),
        ));
    }
    if call.now < address.busy {
        return Err(ApiError::not_ready(&key.to_string()));
    }
    let takes = state.behaviour.address_operation;
    let plan = Begin { kind: "delete", target: &key, target_id: id, takes, failure: None };
    let (begun, shown) = operation::begin(state, call, plan)?;
    if let Some(address) = state.addresses.get_mut(&key) {
        address.busy = begun.ends;
        address.gone = begun.works.then_some(begun.ends);
    }
    Ok(shown)
}

pub(super) fn set_labels(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    if let Some(known) = operation::replay(state, call)? {
        return Ok(known);
    }
    let key = Regional::new(call.project, &call.region()?, ADDRESSES, call.name(1));
    call.require("compute.addresses.setLabels", &key)?;
    let Some(address) = state.address(call.now, &key) else { return Err(ApiError::not_found(&key.to_string())) };
    let (key, id, busy) = (address.key.clone(), address.id, address.busy);
    let wanted = label::wanted(call, &address.labels)?;
    if call.now < busy {
        return Err(ApiError::not_ready(&key.to_string()));
    }
    let takes = state.behaviour.address_operation;
    let plan = Begin { kind: "setLabels", target: &key, target_id: id, takes, failure: None };
    let (begun, shown) = operation::begin(state, call, plan)?;
    if let Some(address) = state.addresses.get_mut(&key) {
        address.busy = begun.ends;
        if begun.works {
            address.labels.change(begun.ends, wanted);
        }
    }
    Ok(shown)
}

fn render(state: &GcpState, now: SystemTime, address: &Address) -> Value {
    let users = state.users(now, address);
    let status = match () {
        () if now < address.ready => "RESERVING",
        () if users.is_empty() => "RESERVED",
        () => "IN_USE",
    };
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    put("kind", json!("compute#address"));
    put("id", json!(address.id.to_string()));
    put("creationTimestamp", json!(rfc3339(address.made)));
    put("name", json!(address.key.name));
    put("description", json!(address.description));
    put("address", json!(address.ip.to_string()));
    put("status", json!(status));
    put("region", json!(address.key.region_url()));
    put("selfLink", json!(address.key.url()));
    put("networkTier", json!("PREMIUM"));
    if let Some(subnet) = &address.subnet {
        put("subnetwork", json!(subnet.url()));
        put("purpose", json!(address.purpose));
    }
    put("addressType", json!(if address.subnet.is_some() { "INTERNAL" } else { "EXTERNAL" }));
    if !users.is_empty() {
        put("users", json!(users.iter().map(|user| user.url()).collect::<Vec<_>>()));
    }
    let labels = address.labels.at(now);
    if !labels.is_empty() {
        put("labels", json!(labels));
    }
    put("labelFingerprint", json!(label::fingerprint(labels)));
    Value::Object(out)
}
