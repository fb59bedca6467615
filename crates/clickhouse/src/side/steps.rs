//! The steps of this side as data.

use std::time::Duration;

use privlink_core::side::{Effect, Exchange, Fact, Grant, SideId, Slot, Step, StepKind, StepState, TouchKey, Undo};
use privlink_core::{CloudProvider, Error, Finding, PrivateEndpointId, Region, Result};
use serde::{Deserialize, Serialize};

use super::endpoint::entry_key;
use crate::facts::Polling;
use crate::{IpAccessEntry, OrganizationId, Provider, Service, ServiceId};

/// The side's id.
pub(super) const SIDE: SideId = SideId::new("clickhouse");

/// The fact that the organization registers the endpoint; private to this side.
pub(super) fn registered() -> Fact {
    Fact::Own("clickhouse.registration".into())
}

/// Puts the endpoint onto the service's allow list. Which endpoint, is read from the exchange.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Allow {
    pub(super) service: ServiceId,
}

impl StepKind for Allow {
    const VERB: &'static str = "clickhouse.allow";
}

/// Takes entries off the service's allow list.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Withdraw {
    pub(super) service: ServiceId,
    /// Every id the endpoint may be listed by.
    pub(super) endpoints: Vec<PrivateEndpointId>,
}

impl StepKind for Withdraw {
    const VERB: &'static str = "clickhouse.withdraw";
}

/// Takes an endpoint off the organization's register.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Unregister {
    pub(super) organization: OrganizationId,
    pub(super) endpoint: PrivateEndpointId,
    pub(super) provider: Provider,
    pub(super) region: Region,
}

impl StepKind for Unregister {
    const VERB: &'static str = "clickhouse.unregister";
}

/// Empties the IP access list of exactly these entries.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ClosePublic {
    pub(super) service: ServiceId,
    pub(super) sources: Vec<IpAccessEntry>,
}

impl StepKind for ClosePublic {
    const VERB: &'static str = "clickhouse.close_public";
}

/// Puts exactly these entries back onto the IP access list.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OpenPublic {
    pub(super) service: ServiceId,
    pub(super) sources: Vec<IpAccessEntry>,
}

impl StepKind for OpenPublic {
    const VERB: &'static str = "clickhouse.open_public";
}

fn place(service: &Service, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("ClickHouse service `{}` ({})", name.escape_debug(), service.id()),
        None => format!("ClickHouse service {}", service.id()),
    }
}

/// Changing the service's own lists, and the reads around it.
fn grants(service: &Service) -> [Grant; 2] {
    ["control-plane:service:view", "control-plane:service:manage"].map(|action| on_service(service, action))
}

/// Reading where private endpoints point: without it there is nothing to plan with.
fn sight(service: &Service) -> Grant {
    on_service(service, "control-plane:service:view-private-endpoints")
}

fn on_service(service: &Service, action: &'static str) -> Grant {
    Grant::new("ClickHouse Cloud", action, service.id().to_string())
}

/// Seeing the whole organization: only then is it certain that nobody else uses an endpoint.
fn overview(service: &Service) -> Grant {
    let on = service.known_organization().map_or_else(|| "*".to_owned(), |id| id.to_string());
    Grant::new("ClickHouse Cloud", "control-plane:organization:view", on)
}

fn takes(polling: &Polling) -> (Duration, Duration) {
    (polling.change_takes, polling.change_at_most)
}

/// `endpoint` is known once there is one; until then the step is told by the network and the
/// instance, which decide the endpoint: links of other networks to the same service are not
/// taken for the same, and links of other names between the same two are.
pub(super) fn allow(
    service: &Service,
    name: &str,
    endpoint: Option<&PrivateEndpointId>,
    (network, instance): (&str, &str),
    state: StepState,
) -> Step {
    let (key, what) = match endpoint {
        Some(id) => (entry_key(service.id(), id), format!("allow endpoint {id}")),
        None => (
            TouchKey::new("clickhouse.entry", [&*service.id().to_string(), "of", network, instance]),
            "allow the endpoint".to_owned(),
        ),
    };
    let (usual, most) = takes(&service.client().facts().polling);
    Step::new(SIDE, key, &Allow { service: service.id() }, what)
        .slot(Slot::main())
        .place(place(service, Some(name)))
        .why("the service answers only through endpoints on its allow list")
        .needs([Fact::Endpoint])
        .gives([Fact::Served])
        .state(state)
        .undo(Undo::ReAddable)
        .grants(grants(service))
        .grants([sight(service)])
        .takes(usual, most)
}

pub(super) fn withdraw(
    service: &Service,
    name: &str,
    key_id: &PrivateEndpointId,
    endpoints: Vec<PrivateEndpointId>,
    state: StepState,
) -> Step {
    let (usual, most) = takes(&service.client().facts().polling);
    let kind = Withdraw { service: service.id(), endpoints };
    Step::new(SIDE, entry_key(service.id(), key_id), &kind, format!("withdraw endpoint {key_id}"))
        .thing(format!(
            "allow-list entry `{key_id}` of ClickHouse service `{}` ({})",
            name.escape_debug(),
            service.id()
        ))
        .slot(Slot::main())
        .place(place(service, Some(name)))
        .why("the entry names an endpoint of this link")
        .needs([Fact::Endpoint, registered()])
        .gives([Fact::Served])
        .state(state)
        .undo(Undo::ReAddable)
        .effects([Effect::CutsTraffic])
        .grants(grants(service))
        .grants([sight(service), overview(service)])
        .takes(usual, most)
}

pub(super) fn unregister(service: &Service, kind: &Unregister) -> Step {
    let (usual, most) = takes(&service.client().facts().polling);
    let organization = kind.organization.to_string();
    Step::new(
        SIDE,
        registration_key(kind.organization, &kind.endpoint),
        kind,
        format!("unregister endpoint {}", kind.endpoint),
    )
    .slot(Slot::main())
    .place(format!("ClickHouse organization {organization}"))
    .thing(format!("registration of endpoint {}", kind.endpoint))
    .why("withdrawing an endpoint leaves it on the organization's register; it stays there while any service lists it")
    .needs([Fact::Endpoint])
    .gives([registered()])
    .undo(Undo::ReAddable)
    .grants(
        ["control-plane:organization:view", "control-plane:organization:manage"]
            .map(|action| Grant::new("ClickHouse Cloud", action, organization.clone())),
    )
    .takes(usual, most)
}

pub(super) fn close_public(service: &Service, name: &str, sources: Vec<IpAccessEntry>) -> Step {
    let (usual, most) = takes(&service.client().facts().polling);
    let all: Vec<String> = sources.iter().map(ToString::to_string).collect();
    let why = format!("these lose public access: {}", all.join(", "));
    Step::new(
        SIDE,
        public_key(service.id()),
        &ClosePublic { service: service.id(), sources },
        "empty the IP access list, so that only private endpoints are answered",
    )
    .place(place(service, Some(name)))
    .why(why)
    .undo(Undo::ReAddable)
    .effects([Effect::ClosesPublic, Effect::CutsTraffic])
    .grants(grants(service))
    .grants([sight(service)])
    .takes(usual, most)
}

pub(super) fn open_public(service: &Service, sources: Vec<IpAccessEntry>, state: StepState) -> Step {
    let (usual, most) = takes(&service.client().facts().polling);
    let all: Vec<String> = sources.iter().map(ToString::to_string).collect();
    let why = if all.is_empty() {
        "the receipt holds no source".to_owned()
    } else {
        format!("the receipt restores public access of: {}", all.join(", "))
    };
    Step::new(
        SIDE,
        public_key(service.id()),
        &OpenPublic { service: service.id(), sources },
        "restore the IP access list of the receipt",
    )
    .place(place(service, None))
    .why(why)
    .state(state)
    .undo(Undo::Clean)
    .effects([Effect::OpensPublic])
    .grants(grants(service))
    .takes(usual, most)
}

pub(super) fn registration_key(organization: OrganizationId, endpoint: &PrivateEndpointId) -> TouchKey {
    TouchKey::new("clickhouse.registration", [&*organization.to_string(), &endpoint.to_string().to_ascii_lowercase()])
}

fn public_key(service: ServiceId) -> TouchKey {
    TouchKey::new("clickhouse.public", [&*service.to_string()])
}

/// Refuses a withdrawal whose ids are not the ones its key stands for: a plan that was changed
/// by hand must not take somebody else's entry away.
pub(super) fn check_withdraw(step: &Step, kind: &Withdraw) -> Result<()> {
    let named = |id: &PrivateEndpointId| entry_key(kind.service, id) == step.key;
    // Azure lists one endpoint by two ids; every other cloud by one.
    let azure = |id: &PrivateEndpointId| id.cloud() == CloudProvider::Azure;
    let fits = match kind.endpoints.as_slice() {
        [only] => named(only),
        [one, other] => azure(one) && azure(other) && (named(one) || named(other)),
        _ => false,
    };
    if fits { Ok(()) } else { Err(changed(step)) }
}

/// Refuses to unregister what the key does not stand for, or in another organization.
pub(super) fn check_unregister(step: &Step, kind: &Unregister, ours: Option<OrganizationId>) -> Result<()> {
    let fits = registration_key(kind.organization, &kind.endpoint) == step.key
        && ours.is_none_or(|ours| ours == kind.organization);
    if fits { Ok(()) } else { Err(changed(step)) }
}

/// A finding when a reopening would open something else than it says: nobody but the caller knows what
/// the receipt held, so that what was read is all there is to hold it to.
pub(super) fn check_open_public(service: &Service, step: &Step, kind: &OpenPublic) -> Option<Finding> {
    let told = open_public(service, kind.sources.clone(), step.state);
    let same = (&told.id, &told.key, &told.what, &told.why, &told.effects)
        == (&step.id, &step.key, &step.what, &step.why, &step.effects);
    (!same).then(|| step.altered(format!("the step says \"{}\", and would do this: {}", step.why, told.why)))
}

fn changed(step: &Step) -> Error {
    Error::invalid(format!("the parameters of step `{}` do not fit what it says it touches", step.verb))
        .with_resource(step.key.to_string())
        .with_help("plan again; the plan was changed after it was made")
}

/// An exchange that says only what the vendor says of the endpoint.
pub(super) fn known_admission(admission: privlink_core::side::Admission) -> Exchange {
    let mut known = Exchange::new();
    known.admissions.insert(Slot::main(), admission);
    known
}
