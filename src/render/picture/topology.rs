//! What a picture shows, whatever it is drawn in. No vendor and no cloud is known here: what there is comes out
//! of facts.

use privlink_core::render::Fragment;
use privlink_core::side::{EndpointState, Fact, Layer, Plan, RungResult, Step, StepState};

use crate::render::Rendered;
use crate::{Diagnosis, Link};

/// How many names or ranges are listed before the rest is counted.
const LISTED: usize = 4;

/// Everything that is drawn.
pub(super) struct Topology {
    pub(super) title: String,
    /// What the network is called.
    pub(super) network: String,
    /// What the vendor's side is called.
    pub(super) vendor: String,
    pub(super) clients: Node,
    pub(super) name: Node,
    pub(super) rules: Node,
    pub(super) endpoint: Node,
    pub(super) service: Node,
    pub(super) database: Node,
    pub(super) edges: Vec<Edge>,
}

impl Topology {
    /// The nodes with their short names, those in the network first.
    pub(super) fn nodes(&self) -> [(Place, &Node); 6] {
        [
            (Place::Clients, &self.clients),
            (Place::Name, &self.name),
            (Place::Rules, &self.rules),
            (Place::Endpoint, &self.endpoint),
            (Place::Service, &self.service),
            (Place::Database, &self.database),
        ]
    }
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Clients,
    Name,
    Rules,
    Endpoint,
    Service,
    Database,
}

impl Place {
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Name => "name",
            Self::Rules => "rules",
            Self::Endpoint => "endpoint",
            Self::Service => "service",
            Self::Database => "database",
        }
    }
}

/// A thing.
pub(super) struct Node {
    pub(super) title: String,
    pub(super) lines: Vec<String>,
    pub(super) state: State,
}

/// What leads from one thing to another.
pub(super) struct Edge {
    pub(super) from: Place,
    pub(super) to: Place,
    pub(super) label: &'static str,
    pub(super) state: State,
}

/// How far something has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// It is there.
    There,
    /// A step makes it.
    ToDo,
    /// A person makes it.
    ByHand,
    /// It is what does not work.
    Broken,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::There => "there",
            Self::ToDo => "to do",
            Self::ByHand => "by hand",
            Self::Broken => "broken",
        }
    }

    /// The name of its style.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::There => "there",
            Self::ToDo => "todo",
            Self::ByHand => "byhand",
            Self::Broken => "broken",
        }
    }
}

impl Topology {
    pub(super) fn of(link: &Link, rendered: &[Rendered<'_>], plan: &Plan, diagnosis: Option<&Diagnosis>) -> Self {
        let known = &plan.exchange;
        let lines = |place| lines(rendered, place);
        let broken = diagnosis.and_then(broken_edge);
        // A later plan may make what none knows of yet.
        let is_known = |place| match place {
            Place::Name => !known.names.is_empty(),
            Place::Endpoint => !known.endpoints.is_empty(),
            Place::Service => !known.services.is_empty(),
            Place::Clients | Place::Rules | Place::Database => true,
        };
        let come = |places: &[Place], facts: &[Fact]| match state_of(plan, facts) {
            State::There if !places.iter().copied().all(is_known) => State::ToDo,
            state => state,
        };
        let edge = |from, to, label, facts: &[Fact]| {
            let state = if broken == Some((from, to)) { State::Broken } else { come(&[from, to], facts) };
            Edge { from, to, label, state }
        };
        let edges = vec![
            edge(Place::Clients, Place::Name, "ask for", &[]),
            edge(Place::Name, Place::Endpoint, "leads to", &[Fact::Resolving]),
            edge(Place::Clients, Place::Rules, "connect through", &[]),
            edge(Place::Rules, Place::Endpoint, "let in", &[Fact::Opened]),
            edge(Place::Endpoint, Place::Service, "connected", &[Fact::Accepted, Fact::Connected]),
            edge(Place::Service, Place::Database, "served", &[Fact::Served]),
        ];
        let names = known.names.iter().map(ToString::to_string).chain(lines(Place::Name)).collect();
        let ports =
            plan.steps.iter().filter(|step| step.gives.contains(&Fact::Opened)).map(|step| step.what.to_string());
        let ports: Vec<String> = ports.collect();
        let rules = if ports.is_empty() { vec!["nothing has to be opened".to_owned()] } else { ports };
        let endpoints = known.endpoints.values().flat_map(|endpoint| {
            let id = endpoint.ids.primary().map(|id| id.to_string());
            let addresses = endpoint.addresses.iter().map(|(address, zone)| match zone {
                Some(zone) => format!("{address} in {zone}"),
                None => address.to_string(),
            });
            let state = (endpoint.state != EndpointState::Ready).then(|| endpoint.state.to_string());
            id.into_iter().chain(addresses).chain(state).collect::<Vec<_>>()
        });
        let services = known.services.values().flat_map(|service| {
            let zones = service.zones.as_ref().filter(|zones| !zones.is_empty()).map(|zones| {
                let zones: Vec<String> = zones.iter().map(ToString::to_string).collect();
                format!("zones {}", zones.join(", "))
            });
            [service.id.to_string(), format!("in {}", service.region)].into_iter().chain(zones)
        });
        let database = admissions(plan);
        let node = |place, title: &str, lines: Vec<String>, facts: &[Fact]| {
            let lines = if lines.is_empty() && !is_known(place) { vec!["not known yet".to_owned()] } else { lines };
            Node { title: title.to_owned(), lines: listed(lines), state: come(&[place], facts) }
        };
        Self {
            title: format!("Link {}", plan.link),
            network: link.inner.network.subject().into_owned(),
            vendor: link.inner.database.id().to_string(),
            clients: node(
                Place::Clients,
                "clients",
                known.inside.iter().map(|range| format!("in {range}")).collect(),
                &[],
            ),
            name: node(Place::Name, "private name", names, &[Fact::Resolving]),
            rules: node(Place::Rules, "rules", rules, &[Fact::Opened]),
            endpoint: node(
                Place::Endpoint,
                "private endpoint",
                endpoints.chain(lines(Place::Endpoint)).collect(),
                &[Fact::Endpoint],
            ),
            service: node(Place::Service, "endpoint service", services.collect(), &[Fact::Service]),
            database: node(Place::Database, &link.inner.database.subject(), database, &[Fact::Served]),
            edges,
        }
    }
}

/// What the sides say of what their steps make.
fn lines<'r>(rendered: &'r [Rendered<'_>], place: Place) -> impl Iterator<Item = String> + 'r {
    let of = move |step: &Step| {
        let gives = |fact| step.gives.contains(&fact);
        match place {
            Place::Endpoint => is_endpoints(rendered, step),
            // A zone is there for its record alone.
            Place::Name => !is_endpoints(rendered, step) && !gives(Fact::Opened),
            _ => false,
        }
    };
    rendered.iter().filter(move |(step, _)| of(step)).flat_map(|(_, fragment)| match fragment {
        Some(Fragment::Lines(lines)) => lines.clone(),
        _ => Vec::new(),
    })
}

/// Whether a step makes the endpoint, or on its side something that it is made with or that it changes.
fn is_endpoints(rendered: &[Rendered<'_>], step: &Step) -> bool {
    let makes = |step: &Step| step.gives.contains(&Fact::Endpoint);
    let with =
        |endpoint: &Step| endpoint.side == step.side && step.gives.iter().any(|fact| endpoint.needs.contains(fact));
    let changes = step.gives.iter().all(|fact| matches!(fact, Fact::Own(_)))
        && step.needs.len() == 1
        && step.needs.contains(&Fact::Endpoint);
    makes(step) || changes || rendered.iter().any(|(other, _)| makes(other) && with(other))
}

/// What the vendor says of the endpoints.
fn admissions(plan: &Plan) -> Vec<String> {
    plan.exchange.admissions.values().map(|admission| admission.raw.to_string()).collect()
}

/// The first few, and how many more.
fn listed(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > LISTED {
        let more = lines.len() - LISTED + 1;
        lines.truncate(LISTED - 1);
        lines.push(format!("and {more} more"));
    }
    lines
}

/// How far the steps have come that give any of these facts; what no step gives is there.
fn state_of(plan: &Plan, facts: &[Fact]) -> State {
    let gives = |step: &&Step| step.gives.iter().any(|fact| facts.contains(fact));
    let state = |step: &Step| match step.state {
        StepState::AlreadyDone => State::There,
        StepState::Manual => State::ByHand,
        _ => State::ToDo,
    };
    plan.steps.iter().filter(gives).map(state).max().unwrap_or(State::There)
}

/// What the cause of a diagnosis breaks.
fn broken_edge(diagnosis: &Diagnosis) -> Option<(Place, Place)> {
    if diagnosis.is_proved() {
        return None;
    }
    let by_fact = diagnosis.cause.as_ref().and_then(|cause| cause.about.as_ref()).and_then(|fact| match fact {
        Fact::Names | Fact::Resolving => Some((Place::Name, Place::Endpoint)),
        Fact::Opened => Some((Place::Rules, Place::Endpoint)),
        Fact::Invited
        | Fact::Service
        | Fact::Endpoint
        | Fact::Claimed
        | Fact::Address
        | Fact::Accepted
        | Fact::Connected => Some((Place::Endpoint, Place::Service)),
        Fact::Served => Some((Place::Service, Place::Database)),
        _ => None,
    });
    let rungs = diagnosis.verdict.iter().flat_map(|verdict| &verdict.rungs);
    let layer = rungs.filter(|rung| rung.result != RungResult::Held).map(|rung| rung.layer).min();
    by_fact.or_else(|| {
        layer.and_then(|layer| match layer {
            Layer::Name => Some((Place::Clients, Place::Name)),
            Layer::Address => Some((Place::Name, Place::Endpoint)),
            Layer::Tcp => Some((Place::Rules, Place::Endpoint)),
            Layer::Tls | Layer::Protocol => Some((Place::Service, Place::Database)),
            _ => None,
        })
    })
}
