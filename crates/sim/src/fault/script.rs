use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;

use crate::state::State;

/// What happens to a call.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Nothing; a rule is made with it and then given its fault.
    Spare,
    Refuse,
    Reset(Stage),
    Answer(Response<Bytes>),
    Status(u16),
    Throttle(Duration),
    BadGateway,
    Cut(usize),
    Hang(Stage),
    Delay(Duration),
    Stale(Box<(State, SystemTime)>),
    BeforeLastWrite,
    RepeatFirst,
}

/// When a call breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    BeforeCommit,
    AfterCommit,
}

/// Which calls a fault is for.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) operation: Option<String>,
    pub(super) side: Option<String>,
    pub(super) writes_only: bool,
    /// The first call hit, counted from 1.
    pub(super) first: u32,
    /// How many calls are hit; `None` is all from the first on.
    pub(super) times: Option<u32>,
    pub(super) fault: Fault,
    matched: u32,
    hits: u32,
    lifted: bool,
    first_answer: Option<Response<Bytes>>,
}

impl Rule {
    pub(super) fn new(operation: Option<String>) -> Self {
        Self {
            operation,
            side: None,
            writes_only: false,
            first: 1,
            times: Some(1),
            fault: Fault::Spare,
            matched: 0,
            hits: 0,
            lifted: false,
            first_answer: None,
        }
    }

    fn matches(&self, side: &str, operation: &str, write: bool) -> bool {
        !self.lifted
            && self.operation.as_deref().is_none_or(|wanted| wanted == operation)
            && self.side.as_deref().is_none_or(|wanted| wanted == side)
            && (write || !self.writes_only)
    }

    /// Whether the call just counted is to be hit.
    fn due(&self) -> bool {
        let last = self.times.map(|times| self.first.saturating_add(times));
        self.matched >= self.first && last.is_none_or(|last| self.matched < last)
    }
}

/// All rules, and what they need to remember.
#[derive(Debug, Default)]
pub(crate) struct Script {
    rules: BTreeMap<u64, Rule>,
    added: u64,
    /// The world before the latest write, kept while a rule asks for it.
    before_last_write: Option<Box<(State, SystemTime)>>,
}

/// What the script says about one call.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) delay: Duration,
    pub(crate) fault: Option<Fault>,
    /// The rules that want to keep the answer, because it is their first.
    keep_for: Vec<u64>,
}

impl Script {
    pub(super) fn add(&mut self, rule: Rule) -> u64 {
        self.added += 1;
        self.rules.insert(self.added, rule);
        self.added
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
        self.before_last_write = None;
    }

    pub(super) fn hits(&self, id: u64) -> u32 {
        self.rules.get(&id).map_or(0, |rule| rule.hits)
    }

    pub(super) fn lift(&mut self, id: u64) {
        if let Some(rule) = self.rules.get_mut(&id) {
            rule.lifted = true;
        }
    }

    /// Counts a call and says what happens to it.
    pub(crate) fn judge(&mut self, side: &str, operation: &str, write: bool) -> Verdict {
        let mut verdict = Verdict::default();
        let before_last_write = &self.before_last_write;
        for (id, rule) in self.rules.iter_mut().filter(|(_, rule)| rule.matches(side, operation, write)) {
            rule.matched = rule.matched.saturating_add(1);
            if matches!(rule.fault, Fault::RepeatFirst) && rule.matched == 1 {
                verdict.keep_for.push(*id);
                continue;
            }
            if !rule.due() {
                continue;
            }
            if let Fault::Delay(delay) = rule.fault {
                rule.hits += 1;
                verdict.delay += delay;
                continue;
            }
            if verdict.fault.is_some() {
                continue;
            }
            verdict.fault = match &rule.fault {
                Fault::RepeatFirst => rule.first_answer.clone().map(Fault::Answer),
                // Before any write there is nothing older to see.
                Fault::BeforeLastWrite => before_last_write.clone().map(Fault::Stale),
                fault => Some(fault.clone()),
            };
            rule.hits += u32::from(verdict.fault.is_some());
        }
        verdict
    }

    /// Keeps the world as it is before a write, if a rule will ask for it.
    pub(crate) fn before_write(&mut self, state: &State, now: SystemTime) {
        let asked = |rule: &Rule| !rule.lifted && matches!(rule.fault, Fault::BeforeLastWrite);
        if self.rules.values().any(asked) {
            self.before_last_write = Some(Box::new((state.clone(), now)));
        }
    }

    /// Keeps an answer for the rules that will repeat it.
    pub(crate) fn answered(&mut self, verdict: &Verdict, response: &Response<Bytes>) {
        for id in &verdict.keep_for {
            if let Some(rule) = self.rules.get_mut(id) {
                rule.first_answer = Some(response.clone());
            }
        }
    }
}
