//! What both control planes declare, fact by fact.

use std::fmt;

use privlink_core::side::{
    Direction, EndpointFacts, EndpointState, Exchange, Fact, Layer, Plan, RungResult, SideId, Slot, Step, StepState,
};
use privlink_core::{Finding, Severity, Text, Turn};
use serde::{Deserialize, Serialize};

use crate::plan::follows;

/// One fact that a link rests on, as its side declares it.
///
/// Told as what would be wrong: a fact that holds rules that out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Declared {
    /// The code of what would be wrong: `LACK-005`.
    pub code: Text,
    /// What would be wrong: `the database does not serve the endpoint`.
    pub lack: Text,
    /// Whether it is.
    pub state: DeclaredState,
    /// The side that was read.
    pub side: SideId,
    /// Where it was read: the account, the network, the service.
    pub place: Text,
    /// What was seen there.
    pub seen: Text,
}

/// Whether something is declared to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeclaredState {
    /// It is wrong.
    Lacking,
    /// It is right.
    Holding,
    /// It could not be read, or cannot be judged yet.
    Unknown,
}

impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({}", self.code, self.lack, self.side)?;
        if !self.place.is_empty() {
            write!(f, ", {}", self.place)?;
        }
        write!(f, ": {})", self.seen)
    }
}

/// A step of the plan with the fact that it would bring about.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    pub(super) step: &'a Step,
    pub(super) fact: &'a Fact,
}

impl<'a> Claim<'a> {
    /// What the steps of a plan claim, in its order; of a step with several facts the one that
    /// clients notice. A fact private to a side stands for what it is needed for.
    pub(super) fn all(plan: &'a Plan) -> Vec<Self> {
        let noticed = |step: &'a Step| {
            let fact = step.gives.iter().filter(|fact| rank(fact) > 0).max_by_key(|fact| rank(fact))?;
            Some(Self { step, fact })
        };
        let claims: Vec<Self> = plan.steps.iter().filter_map(noticed).collect();
        let needing = |step: &Step| {
            let later = claims.iter().filter(|later| rank(later.fact) > 1);
            later.filter(|later| follows(Direction::Setup, step, later.step)).map(|later| later.fact).min()
        };
        // What nothing is built on serves what its own ground serves: a zone that a further network sees.
        let beside = |step: &Step| {
            let ground = claims.iter().filter(|earlier| follows(Direction::Setup, earlier.step, step));
            ground.filter(|earlier| rank(earlier.fact) == 1).find_map(|earlier| needing(earlier.step))
        };
        let purpose = |claim: &Self| needing(claim.step).or_else(|| beside(claim.step)).unwrap_or(claim.fact);
        let fact = |claim: &Self| if rank(claim.fact) == 1 { purpose(claim) } else { claim.fact };
        claims.iter().map(|claim| Self { step: claim.step, fact: fact(claim) }).collect()
    }

    pub(super) fn state(&self) -> DeclaredState {
        match self.step.state {
            StepState::ToDo => DeclaredState::Lacking,
            StepState::AlreadyDone => DeclaredState::Holding,
            _ => DeclaredState::Unknown,
        }
    }

    pub(super) fn declared(&self) -> Declared {
        let (code, lack) = words(self.fact);
        let Step { side, place, what, state, .. } = self.step;
        let (side, place) = (side.clone(), place.clone());
        Declared {
            code: code.into(),
            lack: lack.into(),
            state: self.state(),
            side,
            place,
            seen: format!("{what}: {state}").into(),
        }
    }

    /// The finding that this fact lacks.
    pub(super) fn finding(&self, plan: &Plan) -> Finding {
        let (code, lack) = words(self.fact);
        let Step { side, place, what, state, .. } = self.step;
        let turn = self.turn(plan);
        let next = match turn {
            Turn::Vendor => format!("wait for the vendor, or ask its support; the step of the plan is: {what}"),
            Turn::Cloud | Turn::Nobody => format!("wait for the cloud; the step of the plan is: {what}"),
            Turn::Approver => format!("ask whoever approves to {what}"),
            _ => format!("apply the link's plan, which is to {what}"),
        };
        let mut finding =
            Finding::new(code, Severity::Blocks, lack, next).turn(turn).evidence(match place.is_empty() {
                true => format!("{side}: {what}: {state}"),
                false => format!("{side}, {place}: {what}: {state}"),
            });
        finding.evidence.extend(self.circumstances(&plan.exchange));
        finding.about(self.fact.clone())
    }

    /// What else is declared of the endpoint.
    fn circumstances(&self, known: &Exchange) -> Vec<Text> {
        let mut seen = Vec::new();
        if matches!(self.fact, Fact::Accepted | Fact::Connected | Fact::Address | Fact::Served) {
            for (slot, endpoint) in known.endpoints.iter().filter(|(slot, _)| self.is_of(slot)) {
                let id = endpoint.ids.primary().map_or_else(|| slot.to_string(), |id| id.to_string());
                seen.push(format!("endpoint {id} is {}", endpoint.state).into());
            }
            for (_, admission) in known.admissions.iter().filter(|(slot, _)| self.is_of(slot)) {
                seen.push(format!("the vendor says of it: {}", admission.raw).into());
            }
        }
        seen
    }

    /// Whether it is about an endpoint that waits for what the vendor's list lacks, so that the list comes first.
    pub(super) fn waits_for_the_list(&self, known: &Exchange) -> bool {
        matches!(self.fact, Fact::Connected | Fact::Address)
            && known.admissions.iter().any(|(slot, admission)| self.is_of(slot) && admission.turn == Turn::You)
    }

    fn is_of(&self, slot: &Slot) -> bool {
        self.step.slot.as_ref().is_none_or(|own| own == slot)
    }

    /// Whose turn it is. Where nothing is left but to wait, whom the vendor or the step says; all else is done by whoever
    /// applies the plan, and so is what such a wait still needs.
    fn turn(&self, plan: &Plan) -> Turn {
        if !only_waits(self.step, &plan.steps) {
            return Turn::You;
        }
        let known = &plan.exchange;
        let admitted = known.admissions.iter().find(|(slot, _)| self.is_of(slot)).map(|(_, admission)| admission.turn);
        let requested = |(slot, endpoint): (&Slot, &EndpointFacts)| {
            self.is_of(slot) && endpoint.state == EndpointState::Requested && *self.fact == Fact::Connected
        };
        match (admitted, self.step.turn) {
            (Some(turn), _) if turn != Turn::Nobody => turn,
            // The cloud waits for whoever owns the endpoint service.
            (_, Turn::Cloud | Turn::Nobody) if known.endpoints.iter().any(requested) => Turn::Vendor,
            (_, Turn::Nobody) => Turn::You,
            (_, turn) => turn,
        }
    }
}

/// Whether a step does nothing but wait, and so does all that has to be done before it.
fn only_waits(step: &Step, all: &[Step]) -> bool {
    let mut reached = vec![step];
    let mut next = 0;
    while let Some(step) = reached.get(next).copied() {
        next += 1;
        if !step.only_waits {
            return false;
        }
        for earlier in all.iter().filter(|earlier| earlier.state == StepState::ToDo) {
            let known = reached.iter().any(|step| step.id == earlier.id);
            if !known && follows(Direction::Setup, earlier, step) {
                reached.push(earlier);
            }
        }
    }
    true
}

/// What the lack of a fact is called.
fn words(fact: &Fact) -> (&'static str, &'static str) {
    match fact {
        Fact::Service => ("LACK-001", "the vendor has no endpoint service for the link yet"),
        Fact::Invited => ("LACK-002", "the vendor does not know whose network this is, and lets it see no service"),
        Fact::Endpoint => ("LACK-003", "the network has no endpoint to the database's service"),
        Fact::Accepted => ("LACK-004", "the vendor has not accepted the endpoint"),
        Fact::Connected | Fact::Address => ("LACK-006", "the endpoint is not connected"),
        Fact::Served => ("LACK-005", "the database does not serve the endpoint"),
        Fact::Names => ("LACK-007", "the vendor does not answer to private names yet"),
        Fact::Opened => ("LACK-008", "the endpoint's rules do not let the clients in"),
        Fact::Resolving => ("LACK-009", "the private name does not lead to the endpoint"),
        _ => ("LACK-010", "something that one side needs is not there"),
    }
}

/// Which fact of a step clients notice first; 0 for those that they never notice.
fn rank(fact: &Fact) -> u8 {
    match fact {
        Fact::Consumer | Fact::Claimed | Fact::Proved => 0,
        Fact::Own(_) => 1,
        Fact::Names => 2,
        Fact::Address => 3,
        _ => 4,
    }
}

/// Whether the lack of `fact` breaks the wire where it broke.
pub(super) fn explains(fact: &Fact, layer: Layer, result: RungResult) -> bool {
    match fact {
        Fact::Resolving => layer <= Layer::Address,
        Fact::Opened => layer == Layer::Tcp && result == RungResult::TimedOut,
        Fact::Served => layer >= Layer::Tcp && result != RungResult::BadCertificate,
        // Before the cloud connects the endpoint nothing gets through; afterwards the vendor resets whom it lets in no more.
        Fact::Accepted => layer <= Layer::Tcp || (layer == Layer::Tls && result == RungResult::Reset),
        Fact::Names => layer <= Layer::Name || layer == Layer::Tcp,
        Fact::Service | Fact::Invited | Fact::Endpoint | Fact::Connected | Fact::Address => layer <= Layer::Tcp,
        _ => false,
    }
}

/// The highest layer that cannot hold while `fact` lacks; `None` when that cannot be told.
pub(super) fn forbids(fact: &Fact) -> Option<Layer> {
    match fact {
        Fact::Resolving => Some(Layer::Address),
        Fact::Service | Fact::Endpoint | Fact::Connected | Fact::Address | Fact::Opened => Some(Layer::Tcp),
        Fact::Served | Fact::Accepted => Some(Layer::Protocol),
        _ => None,
    }
}
