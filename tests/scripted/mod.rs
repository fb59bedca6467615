//! Two sides made of scripted steps, for what the workflow does with any sides at all.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use privlink::Link;
use privlink::core::side::{
    Cx, DatabaseSide, EndpointFacts, Exchange, Fact, Mark, NetworkSide, Outcome, Ownership, Side, SideId, Step,
    StepKind, StepState, Survey, TouchKey,
};
use privlink::core::{BoxFuture, Clock, Error, ErrorKind, PrivateEndpointId, Result};
use serde::{Deserialize, Serialize};

/// Time that follows tokio's, so that a paused test waits for nothing.
#[derive(Debug)]
pub(crate) struct TokioClock(tokio::time::Instant);

impl TokioClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(tokio::time::Instant::now()))
    }
}

impl Clock for TokioClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) + self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[derive(Serialize, Deserialize)]
struct Scripted {
    name: String,
}

impl StepKind for Scripted {
    const VERB: &'static str = "scripted";
}

/// What a scripted step answers, call by call; after the last answer it is done.
pub(crate) type Answer = Box<dyn Fn() -> Result<Outcome> + Send + Sync>;

/// The shared record of both sides.
#[derive(Default)]
pub(crate) struct Script {
    /// When each step was first performed, in seconds since the start.
    pub(crate) started: Mutex<Vec<(u64, String)>>,
    /// How often each step was performed.
    pub(crate) calls: Mutex<HashMap<String, u32>>,
    /// What each performance was handed back.
    pub(crate) handed: Mutex<Vec<(String, Option<serde_json::Value>)>>,
    /// What a step answers before it is done.
    pub(crate) answers: Mutex<HashMap<String, Vec<Answer>>>,
}

/// One side with the steps it contributes; every step takes a second.
#[derive(Clone)]
pub(crate) struct ScriptedSide {
    pub(crate) id: &'static str,
    pub(crate) steps: Vec<Step>,
    pub(crate) users: (Vec<TouchKey>, bool),
    pub(crate) known: Exchange,
    pub(crate) script: Arc<Script>,
}

impl std::fmt::Debug for ScriptedSide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScriptedSide").field("id", &self.id).finish_non_exhaustive()
    }
}

impl ScriptedSide {
    pub(crate) fn new(id: &'static str, script: &Arc<Script>) -> Self {
        Self { id, steps: Vec::new(), users: (Vec::new(), true), known: Exchange::new(), script: script.clone() }
    }

    pub(crate) fn step(mut self, name: &str, needs: &[Fact], gives: &[Fact]) -> Self {
        self.steps.push(step(self.id, name, needs, gives));
        self
    }
}

/// A step called `name`; its key is its name, so equal names are equal steps.
pub(crate) fn step(side: &'static str, name: &str, needs: &[Fact], gives: &[Fact]) -> Step {
    let kind = Scripted { name: name.to_owned() };
    let mut step = Step::new(SideId::new(side), TouchKey::new("scripted", [name]), &kind, name.to_owned())
        .needs(needs.iter().cloned())
        .gives(gives.iter().cloned());
    step.verb = name.to_owned().into();
    step
}

pub(crate) fn own(name: &'static str) -> Fact {
    Fact::Own(name.into())
}

impl Side for ScriptedSide {
    fn id(&self) -> SideId {
        SideId::new(self.id)
    }

    fn survey<'a>(&'a self, _known: &'a Exchange, _cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(async {
            let mut survey = Survey::new();
            survey.steps = self.steps.clone();
            survey.known = self.known.clone();
            let calls = self.script.calls.lock().unwrap();
            for step in &mut survey.steps {
                if calls.contains_key(&*step.what) {
                    step.state = StepState::AlreadyDone;
                }
            }
            Ok(survey)
        })
    }

    fn perform<'a>(&'a self, step: &'a Step, _known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async {
            let name = step.what.to_string();
            self.script.handed.lock().unwrap().push((name.clone(), cx.resume().cloned()));
            let first = !self.script.calls.lock().unwrap().contains_key(&name);
            if first {
                let at = cx.clock().now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() - 1_800_000_000;
                self.script.started.lock().unwrap().push((at, name.clone()));
            }
            *self.script.calls.lock().unwrap().entry(name.clone()).or_default() += 1;
            cx.clock().sleep(Duration::from_secs(1)).await;
            let mut answers = self.script.answers.lock().unwrap();
            match answers.get_mut(&name).filter(|answers| !answers.is_empty()) {
                Some(answers) => answers.remove(0)(),
                None => Ok(Outcome::done(Exchange::new())),
            }
        })
    }

    fn removal<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        self.survey(known, cx)
    }
}

impl DatabaseSide for ScriptedSide {
    fn users<'a>(&'a self, _: &'a EndpointFacts, _: &'a Cx) -> BoxFuture<'a, Result<(Vec<TouchKey>, bool)>> {
        Box::pin(async { Ok(self.users.clone()) })
    }
}

impl NetworkSide for ScriptedSide {
    fn owned<'a>(&'a self, _: &'a Mark, _: &'a Cx) -> BoxFuture<'a, Result<Vec<(TouchKey, Ownership)>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn adopt<'a>(
        &'a self,
        _: &'a PrivateEndpointId,
        _: &'a Exchange,
        _: &'a Cx,
    ) -> BoxFuture<'a, Result<EndpointFacts>> {
        Box::pin(async { Err(Error::new(ErrorKind::NotFound, "nothing to adopt")) })
    }
}

/// A link between two scripted sides, on tokio's time.
pub(crate) fn link(name: &str, database: ScriptedSide, network: ScriptedSide) -> Link {
    Link::builder(name.parse().unwrap(), database, network).clock(TokioClock::new()).build().unwrap()
}

/// The steps in the waves in which they started: `a + b > c`, sorted within a wave.
pub(crate) fn waves(script: &Script) -> String {
    let started = script.started.lock().unwrap();
    let moments: BTreeSet<u64> = started.iter().map(|(at, _)| *at).collect();
    let mut waves = Vec::new();
    for moment in moments {
        let mut wave: Vec<&str> =
            started.iter().filter(|(at, _)| *at == moment).map(|(_, name)| name.as_str()).collect();
        wave.sort_unstable();
        waves.push(wave.join(" + "));
    }
    waves.join(" > ")
}
