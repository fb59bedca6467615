//! Faults by script: which call fails, and how.

mod answer;
mod script;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use privlink_core::Clock;

pub(crate) use answer::{bad_gateway, plain_status, throttled};
pub(crate) use script::{Fault, Script, Stage};

use crate::World;
use script::Rule;

/// The faults of a [`World`], by script: *this* call of *that* operation fails *so*.
///
/// ```
/// # use privlink_sim::World;
/// let world = World::new();
/// // The answer to the second change of a service is lost after the change took effect.
/// let lost = world.faults().on("instanceUpdate").nth(2).reset_after_commit();
/// // Every call of whatever operation at AWS takes three seconds longer.
/// world.faults().on_any().side("aws").always().delay(std::time::Duration::from_secs(3));
/// assert_eq!(lost.hits(), 0);
/// ```
///
/// Operations have the API's own names, as [`World::requests`] lists them: `instanceUpdate`,
/// `CreateVpcEndpoint`, `compute.forwardingRules.insert`. Every rule counts the calls it matches, from when it was added; of
/// several rules that are due at one call the oldest takes it, and delays add up.
///
/// Over real sockets ([`World::serve`]) the same happens as far as a server can bring it about:
/// a refused connection and a reset both close the connection without an answer.
#[derive(Clone, Debug)]
pub struct Faults {
    world: World,
}

impl Faults {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }

    /// A fault at calls of `operation`; the first of them unless said otherwise.
    pub fn on(&self, operation: impl Into<String>) -> FaultBuilder {
        FaultBuilder { world: self.world.clone(), rule: Rule::new(Some(operation.into())) }
    }

    /// A fault at calls of any operation; the first of them unless said otherwise.
    pub fn on_any(&self) -> FaultBuilder {
        FaultBuilder { world: self.world.clone(), rule: Rule::new(None) }
    }

    /// Drops all rules.
    pub fn clear(&self) {
        self.world.lock().script.clear();
    }
}

/// Says which calls a fault is for, then what happens to them.
#[derive(Clone, Debug)]
#[must_use]
pub struct FaultBuilder {
    world: World,
    rule: Rule,
}

impl FaultBuilder {
    /// Only calls at this side: `clickhouse`, `cockroach`, `aiven`, `zilliz`, `aws`, `azure`, `gcp`.
    pub fn side(mut self, side: impl Into<String>) -> Self {
        self.rule.side = Some(side.into());
        self
    }

    /// Only calls that change something.
    pub fn writes(mut self) -> Self {
        self.rule.writes_only = true;
        self
    }

    /// Only the `n`-th matching call, counted from 1.
    pub fn nth(mut self, n: u32) -> Self {
        self.rule.first = n.max(1);
        self
    }

    /// So many matching calls in a row instead of one.
    pub fn times(mut self, times: u32) -> Self {
        self.rule.times = Some(times);
        self
    }

    /// That call and all later ones.
    pub fn always(mut self) -> Self {
        self.rule.times = None;
        self
    }

    /// The connection is refused: the request certainly did not leave, and the world never sees it.
    pub fn refuse_connection(self) -> FaultHandle {
        self.add(Fault::Refuse)
    }

    /// The connection breaks before the request takes effect; the caller cannot tell.
    pub fn reset_before_commit(self) -> FaultHandle {
        self.add(Fault::Reset(Stage::BeforeCommit))
    }

    /// The connection breaks after the request took effect; the caller cannot tell.
    pub fn reset_after_commit(self) -> FaultHandle {
        self.add(Fault::Reset(Stage::AfterCommit))
    }

    /// This answer comes instead, and the request has no effect.
    pub fn answer(self, response: Response<Bytes>) -> FaultHandle {
        self.add(Fault::Answer(response))
    }

    /// An answer with this status, in the side's own form, comes instead; no effect.
    pub fn status(self, status: u16) -> FaultHandle {
        self.add(Fault::Status(status))
    }

    /// The side's own way to say "too often", asking for this wait where the side says how long;
    /// no effect.
    pub fn throttle(self, wait: Duration) -> FaultHandle {
        self.add(Fault::Throttle(wait))
    }

    /// A gateway's HTML page with status 502 comes instead; no effect.
    pub fn bad_gateway(self) -> FaultHandle {
        self.add(Fault::BadGateway)
    }

    /// The request takes effect, but its answer ends after so many bytes of the body.
    pub fn cut_body(self, after: usize) -> FaultHandle {
        self.add(Fault::Cut(after))
    }

    /// No answer ever comes, and the request has no effect; the caller's time limit ends it.
    pub fn hang(self) -> FaultHandle {
        self.add(Fault::Hang(Stage::BeforeCommit))
    }

    /// The request takes effect, but no answer ever comes; the caller's time limit ends it.
    pub fn hang_after_commit(self) -> FaultHandle {
        self.add(Fault::Hang(Stage::AfterCommit))
    }

    /// The call takes so much longer.
    pub fn delay(self, delay: Duration) -> FaultHandle {
        self.add(Fault::Delay(delay))
    }

    /// The call sees the world as it is now, when the rule is added, later changes not included;
    /// what it writes is lost.
    pub fn stale_read(self) -> FaultHandle {
        let now = self.world.sim_clock().now();
        let then = self.world.lock().state.clone();
        self.add(Fault::Stale(Box::new((then, now))))
    }

    /// The call sees the world as it was before the latest write since the rule was added;
    /// what it writes is lost.
    pub fn read_before_last_write(self) -> FaultHandle {
        self.add(Fault::BeforeLastWrite)
    }

    /// The call gets the answer that the first matching call got: an older state after newer ones.
    /// Nothing happens at the first matching call itself.
    pub fn repeat_first_answer(self) -> FaultHandle {
        self.add(Fault::RepeatFirst)
    }

    fn add(mut self, fault: Fault) -> FaultHandle {
        self.rule.fault = fault;
        let id = self.world.lock().script.add(self.rule);
        FaultHandle { world: self.world, id }
    }
}

/// A fault that was added.
#[derive(Clone, Debug)]
pub struct FaultHandle {
    world: World,
    id: u64,
}

impl FaultHandle {
    /// How many calls it has hit.
    #[must_use]
    pub fn hits(&self) -> u32 {
        self.world.lock().script.hits(self.id)
    }

    /// Ends it; later calls are spared.
    pub fn lift(&self) {
        self.world.lock().script.lift(self.id);
    }
}
