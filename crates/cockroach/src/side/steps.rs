//! The steps of this side as data.

use privlink_core::side::{Effect, Fact, Grant, SideId, Slot, Step, StepKind, StepState, TouchKey, Undo};
use privlink_core::{Error, Finding, PrivateEndpointId, Region, Result, Turn};
use serde::{Deserialize, Serialize};

use super::endpoint::entry_key;
use crate::wire::brief;
use crate::{AllowedRange, Cluster, ClusterId};

/// The side's id.
pub(super) const SIDE: SideId = SideId::new("cockroach");

/// Makes an endpoint service in every region, and waits for one of them.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MakeServices {
    pub(super) cluster: ClusterId,
    pub(super) region: Region,
}

impl StepKind for MakeServices {
    const VERB: &'static str = "cockroach.make_services";
}

/// Puts the endpoint onto the cluster's list. Which endpoint, is read from the exchange.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Connect {
    pub(super) cluster: ClusterId,
}

impl StepKind for Connect {
    const VERB: &'static str = "cockroach.connect";
}

/// Waits until the cluster answers through the endpoint.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AwaitAvailable {
    pub(super) cluster: ClusterId,
}

impl StepKind for AwaitAvailable {
    const VERB: &'static str = "cockroach.await_available";
}

/// Takes an endpoint off the cluster's list.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Withdraw {
    pub(super) cluster: ClusterId,
    pub(super) endpoint: PrivateEndpointId,
}

impl StepKind for Withdraw {
    const VERB: &'static str = "cockroach.withdraw";
}

/// Takes SQL away from exactly these entries of the allowlist.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ClosePublic {
    pub(super) cluster: ClusterId,
    pub(super) entries: Vec<AllowedRange>,
}

impl StepKind for ClosePublic {
    const VERB: &'static str = "cockroach.close_public";
}

/// Puts exactly these entries back onto the allowlist.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OpenPublic {
    pub(super) cluster: ClusterId,
    pub(super) entries: Vec<AllowedRange>,
}

impl StepKind for OpenPublic {
    const VERB: &'static str = "cockroach.open_public";
}

fn place(cluster: &Cluster, name: &str) -> String {
    format!("CockroachDB cluster `{}` ({})", brief(name), cluster.id())
}

/// The vendor has roles and no single permissions: either of two does for all of it.
fn grants(cluster: &Cluster) -> [Grant; 1] {
    [Grant::new("CockroachDB Cloud", "CLUSTER_OPERATOR_WRITER or CLUSTER_ADMIN", cluster.id().to_string())]
}

/// `asked`: the vendor is at it.
pub(super) fn make_services(cluster: &Cluster, name: &str, region: &Region, asked: bool, state: StepState) -> Step {
    let polling = &cluster.client().facts().polling;
    let key = services_key(cluster.id(), region);
    let kind = MakeServices { cluster: cluster.id(), region: region.clone() };
    let step = Step::new(SIDE, key, &kind, format!("make the private endpoint service in {region}"))
        .slot(Slot::main())
        .place(place(cluster, name))
        .why("endpoints point at it; the vendor makes one in every region of the cluster, for ever")
        .gives([Fact::Service, Fact::Names])
        .state(state)
        .undo(Undo::Impossible)
        .turn(Turn::Vendor)
        .grants(grants(cluster))
        .takes(polling.service_takes, polling.service_at_most);
    if asked { step.waits_for(Turn::Vendor) } else { step }
}

/// What a region's endpoint service touches. One request makes those of all regions; links of several
/// regions each ask, which makes nothing twice, and each waits for its own.
pub(super) fn services_key(cluster: ClusterId, region: &Region) -> TouchKey {
    TouchKey::new("cockroach.services", [&*cluster.to_string(), region.as_str()])
}

/// `endpoint` is known once there is one; until then the step is told by the network and the
/// instance, which decide the endpoint.
pub(super) fn connect(
    cluster: &Cluster,
    name: &str,
    endpoint: Option<&PrivateEndpointId>,
    of: (&str, &str),
    state: StepState,
) -> Step {
    let what = match endpoint {
        Some(id) => format!("let endpoint {id} in"),
        None => "let the endpoint in".to_owned(),
    };
    let polling = &cluster.client().facts().polling;
    Step::new(SIDE, key(cluster, endpoint, of), &Connect { cluster: cluster.id() }, what)
        .slot(Slot::main())
        .place(place(cluster, name))
        .why("the vendor accepts only the endpoints that a cluster lists")
        .needs([Fact::Endpoint])
        .gives([Fact::Accepted])
        .state(state)
        .undo(Undo::ReAddable)
        .grants(grants(cluster))
        .takes(polling.connection, polling.connection_at_most)
}

pub(super) fn await_available(
    cluster: &Cluster,
    name: &str,
    endpoint: Option<&PrivateEndpointId>,
    of: (&str, &str),
    state: StepState,
) -> Step {
    let polling = &cluster.client().facts().polling;
    let kind = AwaitAvailable { cluster: cluster.id() };
    Step::new(SIDE, key(cluster, endpoint, of), &kind, "wait until the cluster answers through the endpoint")
        .slot(Slot::main())
        .place(place(cluster, name))
        .why("names may lead to the endpoint only once it is let in")
        .needs([Fact::Endpoint, Fact::Accepted])
        .gives([Fact::Served])
        .state(state)
        .undo(Undo::ReAddable)
        .waits_for(Turn::Vendor)
        .grants(grants(cluster))
        .takes(polling.connection_takes, polling.connection_at_most)
}

pub(super) fn withdraw(cluster: &Cluster, name: &str, endpoint: &PrivateEndpointId) -> Step {
    let polling = &cluster.client().facts().polling;
    let kind = Withdraw { cluster: cluster.id(), endpoint: endpoint.clone() };
    Step::new(SIDE, entry_key(cluster.id(), endpoint), &kind, format!("let endpoint {endpoint} in no more"))
        .thing(format!("connection of endpoint `{endpoint}` to {}", place(cluster, name)))
        .slot(Slot::main())
        .place(place(cluster, name))
        .why("the connection is of an endpoint of this link")
        .needs([Fact::Endpoint])
        .gives([Fact::Accepted, Fact::Served])
        .undo(Undo::ReAddable)
        .effects([Effect::CutsTraffic])
        .grants(grants(cluster))
        .takes(polling.connection_takes, polling.connection_at_most)
}

pub(super) fn close_public(cluster: &Cluster, name: &str, entries: Vec<AllowedRange>) -> Step {
    let polling = &cluster.client().facts().polling;
    let why = format!("these lose public access for SQL clients: {}", listed(&entries));
    let kind = ClosePublic { cluster: cluster.id(), entries };
    let what = "take SQL off the allowlist, so that only private endpoints are answered; the console keeps its ranges";
    Step::new(SIDE, public_key(cluster), &kind, what)
        .place(place(cluster, name))
        .why(why)
        .undo(Undo::ReAddable)
        .effects([Effect::ClosesPublic, Effect::CutsTraffic])
        .grants(grants(cluster))
        .takes(polling.connection, polling.connection_at_most)
}

pub(super) fn open_public(cluster: &Cluster, entries: Vec<AllowedRange>, state: StepState) -> Step {
    let polling = &cluster.client().facts().polling;
    let why = match entries.is_empty() {
        true => "the receipt holds no range".to_owned(),
        false => format!("the receipt restores public access of: {}", listed(&entries)),
    };
    let kind = OpenPublic { cluster: cluster.id(), entries };
    Step::new(SIDE, public_key(cluster), &kind, "restore the allowlist of the receipt")
        .place(format!("CockroachDB cluster {}", cluster.id()))
        .why(why)
        .state(state)
        .undo(Undo::Clean)
        .effects([Effect::OpensPublic])
        .grants(grants(cluster))
        .takes(polling.connection, polling.connection_at_most)
}

fn listed(entries: &[AllowedRange]) -> String {
    let told = |entry: &AllowedRange| match &entry.name {
        Some(name) => format!("{} ({})", entry.range, brief(name)),
        None => entry.range.to_string(),
    };
    entries.iter().map(told).collect::<Vec<_>>().join(", ")
}

fn public_key(cluster: &Cluster) -> TouchKey {
    TouchKey::new("cockroach.public", [&*cluster.id().to_string()])
}

/// A finding when a reopening would open something else than it says: nobody but the caller knows what
/// a receipt held, so the words of the step are what was agreed to.
pub(super) fn check_open_public(cluster: &Cluster, step: &Step, kind: &OpenPublic) -> Option<Finding> {
    let told = open_public(cluster, kind.entries.clone(), step.state);
    let same = (&told.id, &told.key, &told.what, &told.why, &told.effects)
        == (&step.id, &step.key, &step.what, &step.why, &step.effects);
    (!same).then(|| step.altered(format!("the step says \"{}\", and would do this: {}", step.why, told.why)))
}

fn key(cluster: &Cluster, endpoint: Option<&PrivateEndpointId>, (network, instance): (&str, &str)) -> TouchKey {
    match endpoint {
        Some(id) => entry_key(cluster.id(), id),
        None => TouchKey::new("cockroach.connection", [&*cluster.id().to_string(), "of", network, instance]),
    }
}

/// Refuses a withdrawal whose endpoint is not the one its key stands for: a plan that was changed
/// by hand must not take somebody else's connection away.
pub(super) fn check_withdraw(step: &Step, kind: &Withdraw) -> Result<()> {
    if entry_key(kind.cluster, &kind.endpoint) == step.key {
        return Ok(());
    }
    Err(Error::invalid(format!("the parameters of step `{}` do not fit what it says it touches", step.verb))
        .with_resource(step.key.to_string())
        .with_help("plan again; the plan was changed after it was made"))
}
